//go:build darwin

package main

import (
	"fmt"
	"os"
	"strings"
)

// arg is an argument's C type, as the kernel's table names it, and its name.
type arg struct{ kind, name string }

// row is one kernel call.
type row struct {
	class, num int
	there      bool // it has a handler
	name       string
	args       []arg
}

func (r *row) code() uintptr { return uintptr(r.class<<24 | r.num) }

// load reads the kernel's own table: "class number there name: kind name, kind name".
func load(file, only string) (rows []*row, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		head, args, _ := strings.Cut(strings.TrimSpace(line), ":")
		r := &row{}
		there := 0
		if _, err := fmt.Sscan(head, &r.class, &r.num, &there, &r.name); err != nil {
			return nil, fmt.Errorf("%q: %v", line, err)
		}
		r.there = there == 1
		for a := range strings.SplitSeq(args, ",") {
			if kind, name, ok := strings.Cut(strings.TrimSpace(a), " "); ok {
				r.args = append(r.args, arg{kind, name})
			}
		}
		if strings.Contains(r.name, only) {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no calls", file)
	}
	return rows, nil
}
