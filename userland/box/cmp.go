//go:build darwin

package main

import (
	"bufio"
	"fmt"
	"os"
)

func cmpFiles(args []string) int {
	o, ok := getopt(args, "ls", "[-ls] file1 file2")
	if !ok || len(o.args) < 2 {
		usage("cmp", "[-ls] file1 file2")
		return 2
	}
	c := &cmd{name: "cmp"}
	var r [2]*bufio.Reader
	for i, n := range o.args[:2] {
		f := os.Stdin
		if n != "-" {
			var err error
			if f, err = os.Open(n); err != nil {
				c.warn(n, err)
				return 2
			}
		}
		r[i] = bufio.NewReaderSize(f, 64<<10)
	}
	line, status := 1, 0
	for at := 1; ; at++ {
		a, e1 := r[0].ReadByte()
		b, e2 := r[1].ReadByte()
		switch {
		case e1 != nil && e2 != nil:
			return status
		case e1 != nil || e2 != nil:
			short := o.args[0]
			if e2 != nil {
				short = o.args[1]
			}
			if !o.has('s') {
				c.fail("EOF on %s", short)
			}
			return 1
		case a != b && o.has('l'):
			fmt.Fprintf(out, "%6d %3o %3o\n", at, a, b)
			status = 1
		case a != b:
			if !o.has('s') {
				fmt.Fprintf(out, "%s %s differ: char %d, line %d\n", o.args[0], o.args[1], at, line)
			}
			return 1
		}
		if a == '\n' {
			line++
		}
	}
}
