//go:build darwin

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ranges parses "1,3-5,7-".
func ranges(list string) (in func(int) bool, ok bool) {
	var r [][2]int
	for _, part := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
		a, b, dash := strings.Cut(part, "-")
		lo, hi := 1, 1<<31
		var err error
		if a != "" {
			if lo, err = strconv.Atoi(a); err != nil || lo < 1 {
				return nil, false
			}
		}
		if !dash {
			hi = lo
		} else if b != "" {
			if hi, err = strconv.Atoi(b); err != nil || hi < lo {
				return nil, false
			}
		}
		r = append(r, [2]int{lo, hi})
	}
	return func(n int) bool {
		for _, x := range r {
			if n >= x[0] && n <= x[1] {
				return true
			}
		}
		return false
	}, len(r) > 0
}

func cut(args []string) int {
	o, ok := getopt(args, "b:c:d:f:sn", "-b list | -c list | -f list [-s] [-d delim] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "cut"}
	in, ok := ranges(o.value['b'] + o.value['c'] + o.value['f'])
	if !ok {
		return c.fail("[-bcf] list: illegal list value")
	}
	delim := "\t"
	if o.has('d') {
		delim = o.value['d']
	}
	c.inputs(o.args, func(_ string, f *os.File) error {
		return lines(f, func(l string) bool {
			var parts []string
			sep := ""
			switch {
			case o.has('f'):
				if !strings.Contains(l, delim) {
					if !o.has('s') {
						fmt.Fprintln(out, l)
					}
					return true
				}
				parts, sep = strings.Split(l, delim), delim
			case o.has('c'):
				parts = strings.Split(l, "")
			default:
				for i := range len(l) {
					parts = append(parts, l[i:i+1])
				}
			}
			var keep []string
			for i, p := range parts {
				if in(i + 1) {
					keep = append(keep, p)
				}
			}
			fmt.Fprintln(out, strings.Join(keep, sep))
			return true
		})
	})
	return c.status
}
