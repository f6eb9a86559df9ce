package dyld

import (
	"errors"
	"fmt"
)

// ImageError is an image that can't be loaded, in one line.
type ImageError struct{ Msg string }

func (e *ImageError) Error() string { return "dyld: " + e.Msg }

func badImage(format string, args ...any) error {
	return &ImageError{fmt.Sprintf(format, args...)}
}

// inImage puts the image's name before an error about it.
func inImage(path string, err error) error {
	if err == nil {
		return nil
	}
	var e *ImageError
	if errors.As(err, &e) {
		return &ImageError{path + ": " + e.Msg}
	}
	return fmt.Errorf("dyld: %s: %w", path, err)
}

// SymbolError is a symbol that nothing defines. Darwin ends such a program
// with SIGABRT and this line.
type SymbolError struct {
	Name string // as in the file, with its underscore
	From string // path of the image that refers to it
	In   string // where it was looked for

	oneLevel bool // the image knows no libraries of symbols, and names one of the system's
}

func (e *SymbolError) Error() string {
	return fmt.Sprintf("dyld: Symbol not found: %s, referenced from: %s, expected in: %s", clip(e.Name), e.From, e.In)
}

// LibraryError is a library that isn't there.
type LibraryError struct {
	Name  string // as the image asks for it
	From  string
	Tried []string
}

func (e *LibraryError) Error() string {
	return fmt.Sprintf("dyld: Library not loaded: %s, referenced from: %s, tried: %q", clip(e.Name), e.From, e.Tried)
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
