//go:build darwin

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// out is standard output, written when full and at the end.
var out = bufio.NewWriterSize(os.Stdout, 32<<10)

// status is what a tool exits with; warn sets it.
type cmd struct {
	name   string
	status int
}

// warn prints "name: what: why" as err(3) does, and remembers the failure.
func (c *cmd) warn(what string, err error) {
	out.Flush()
	c.status = 1
	if what != "" {
		what += ": "
	}
	fmt.Fprintf(os.Stderr, "%s: %s%s\n", c.name, what, reason(err))
}

// fail is warn without an error of the system.
func (c *cmd) fail(format string, a ...any) int {
	out.Flush()
	c.status = 1
	fmt.Fprintf(os.Stderr, c.name+": "+format+"\n", a...)
	return 1
}

// reason is the text of the errno in err, in the C library's spelling.
func reason(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		s := no.Error()
		r, n := utf8.DecodeRuneInString(s)
		return string(unicode.ToUpper(r)) + s[n:]
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "No such file or directory"
	}
	return err.Error()
}

// options are what getopt found.
type options struct {
	set   [128]bool
	value [128]string
	order []byte // as given
	args  []string
}

func (o *options) has(c byte) bool { return o.set[c] }

// getopt reads options as getopt(3) does: up to the first operand, letters joined,
// a colon in spec for a value. On an unknown one it prints usage, and ok is false.
func getopt(args []string, spec, usage string) (o options, ok bool) {
	name := args[0]
	args = args[1:]
	bad := func(format string, c byte) (options, bool) {
		fmt.Fprintf(os.Stderr, "%s: "+format+" -- %c\nusage: %s %s\n", name, c, name, usage)
		return o, false
	}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		a := args[0][1:]
		args = args[1:]
		if a == "-" {
			break
		}
		for a != "" {
			c := a[0]
			a = a[1:]
			i := strings.IndexByte(spec, c)
			if i < 0 || c == ':' || c >= 128 {
				return bad("illegal option", c)
			}
			o.set[c] = true
			o.order = append(o.order, c)
			if i+1 < len(spec) && spec[i+1] == ':' {
				if a == "" {
					if len(args) == 0 {
						return bad("option requires an argument", c)
					}
					a, args = args[0], args[1:]
				}
				o.value[c], a = a, ""
			}
		}
	}
	o.args = args
	return o, true
}

func usage(name, text string) int {
	fmt.Fprintf(os.Stderr, "usage: %s %s\n", name, text)
	return 1
}

// inputs calls f for each file named, "-" and no name being standard input.
func (c *cmd) inputs(names []string, f func(name string, in *os.File) error) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, n := range names {
		in := os.Stdin
		if n != "-" {
			var err error
			if in, err = os.Open(n); err != nil {
				c.warn(n, err)
				continue
			}
		}
		if err := f(n, in); err != nil {
			c.warn(n, err)
		}
		if in != os.Stdin {
			in.Close()
		}
	}
}
