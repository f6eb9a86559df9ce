//go:build darwin

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
)

func seq(args []string) int {
	rest, sep, width := args[1:], "\n", false
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && strings.IndexByte("sw", rest[0][1]) >= 0 {
		if rest[0] == "-w" {
			width, rest = true, rest[1:]
			continue
		}
		if sep = rest[0][2:]; sep == "" && len(rest) > 1 {
			sep, rest = rest[1], rest[1:]
		}
		rest = rest[1:]
	}
	v, digits := []float64{}, 0
	for _, a := range rest {
		f, err := strconv.ParseFloat(a, 64)
		if err != nil {
			return (&cmd{name: "seq"}).fail("invalid floating point argument: %s", a)
		}
		if _, frac, ok := strings.Cut(a, "."); ok {
			digits = max(digits, len(frac))
		}
		v = append(v, f)
	}
	first, step, last := 1.0, 1.0, 0.0
	switch len(v) {
	case 1:
		last = v[0]
	case 2:
		first, last = v[0], v[1]
	case 3:
		first, step, last = v[0], v[1], v[2]
	default:
		return usage("seq", "[-w] [-s string] [first [incr]] last")
	}
	if first > last && len(v) < 3 {
		step = -1
	}
	if step == 0 {
		return (&cmd{name: "seq"}).fail("zero increment")
	}
	w := 0
	if width {
		w = max(len(strconv.FormatFloat(first, 'f', digits, 64)), len(strconv.FormatFloat(last, 'f', digits, 64)))
	}
	for i := 0; ; i++ {
		x := first + float64(i)*step
		if step > 0 && x > last+1e-9 || step < 0 && x < last-1e-9 {
			break
		}
		fmt.Fprintf(out, "%0*.*f%s", w, digits, x, sep)
	}
	if sep != "\n" {
		fmt.Fprintln(out)
	}
	return 0
}

func rev(args []string) int {
	c := &cmd{name: "rev"}
	c.inputs(args[1:], func(_ string, in *os.File) error {
		return lines(in, func(l string) bool {
			r := []rune(l)
			for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
				r[i], r[j] = r[j], r[i]
			}
			fmt.Fprintln(out, string(r))
			return true
		})
	})
	return c.status
}

func printf(args []string) int {
	if len(args) > 1 && args[1] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return usage("printf", "format [arguments ...]")
	}
	format, rest := args[1], args[2:]
	for {
		s, n, err := expand.Format(nil, format, rest)
		if err != nil {
			return (&cmd{name: "printf"}).fail("%v", err)
		}
		out.WriteString(s)
		rest = rest[min(n, len(rest)):]
		if n == 0 || len(rest) == 0 {
			return 0
		}
	}
}
