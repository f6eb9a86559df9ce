package libkern

import (
	"fmt"
	"strings"
)

// LinkError is an object that can't be linked, in one line.
type LinkError struct{ Msg string }

func (e *LinkError) Error() string { return "link: " + e.Msg }

func bad(format string, args ...any) error { return &LinkError{fmt.Sprintf(format, args...)} }

// CollisionError is a name with two definitions. First and Second are the
// numbers of the objects, from 0.
type CollisionError struct {
	Name          string
	First, Second int
}

func (e *CollisionError) Error() string {
	return fmt.Sprintf("link: duplicate symbol %s in objects %d and %d", clip(e.Name), e.First+1, e.Second+1)
}

// UndefinedError lists the symbols that nothing defines, sorted.
type UndefinedError struct{ Names []string }

func (e *UndefinedError) Error() string {
	const show = 10
	names := e.Names
	more := ""
	if len(names) > show {
		more = fmt.Sprintf(" and %d more", len(names)-show)
		names = names[:show]
	}
	clipped := make([]string, len(names))
	for i, n := range names {
		clipped[i] = clip(n)
	}
	return "link: undefined symbols: " + strings.Join(clipped, " ") + more
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
