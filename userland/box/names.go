//go:build darwin

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func mktemp(args []string) int {
	o, ok := getopt(args, "dqt:up:", "[-d] [-p tmpdir] [-q] [-t prefix] [-u] [template ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "mktemp"}
	dir := os.Getenv("TMPDIR")
	if o.has('p') && dir == "" {
		dir = o.value['p']
	}
	if dir == "" {
		dir = "/tmp"
	}
	templates := o.args
	if o.has('t') {
		templates = append(templates, filepath.Join(dir, o.value['t'])+".XXXXXXXXXX")
	} else if len(templates) == 0 {
		templates = []string{filepath.Join(dir, "tmp.XXXXXXXXXX")}
	}
	for _, t := range templates {
		base := strings.TrimRight(t, "X")
		name, err := temporary(base, len(t)-len(base), o.has('d'))
		if err == nil && o.has('u') {
			err = os.Remove(name)
		}
		if err != nil {
			if c.status = 1; !o.has('q') {
				c.warn("mkstemp failed on "+t, err)
			}
			continue
		}
		fmt.Fprintln(out, name)
	}
	return c.status
}

func temporary(base string, n int, dir bool) (string, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	r, err := os.Open("/dev/urandom")
	if err != nil {
		return "", err
	}
	defer r.Close()
	for range 100 {
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		for i := range b {
			b[i] = letters[int(b[i])%len(letters)]
		}
		name := base + string(b)
		if dir {
			err = syscall.Mkdir(name, 0o700)
		} else {
			var fd int
			if fd, err = syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT|syscall.O_EXCL, 0o600); err == nil {
				syscall.Close(fd)
			}
		}
		if err != syscall.EEXIST || n == 0 {
			return name, err
		}
	}
	return "", syscall.EEXIST
}

func readlink(args []string) int {
	o, ok := getopt(args, "fn", "[-fn] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "readlink"}
	for i, f := range o.args {
		var s string
		var err error
		if o.has('f') {
			if s, err = filepath.EvalSymlinks(f); err == nil {
				s, err = filepath.Abs(s)
			}
		} else {
			s, err = os.Readlink(f)
		}
		if err != nil {
			c.status = 1
			continue
		}
		out.WriteString(s)
		if !o.has('n') || i < len(o.args)-1 {
			out.WriteByte('\n')
		}
	}
	return c.status
}

func realpath(args []string) int {
	o, ok := getopt(args, "q", "[-q] [path ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "realpath"}
	if len(o.args) == 0 {
		o.args = []string{"."}
	}
	for _, f := range o.args {
		s, err := filepath.EvalSymlinks(f)
		if err == nil {
			s, err = filepath.Abs(s)
		}
		if err == nil {
			fmt.Fprintln(out, s)
		} else if c.status = 1; !o.has('q') {
			c.warn(f, err)
		}
	}
	return c.status
}

func basename(args []string) int {
	o, ok := getopt(args, "as:", "string [suffix] | [-a] [-s suffix] string ...")
	if !ok || len(o.args) == 0 {
		return usage("basename", "string [suffix] | [-a] [-s suffix] string ...")
	}
	names, suffix := o.args, o.value['s']
	if !o.has('a') && !o.has('s') {
		if names = o.args[:1]; len(o.args) > 1 {
			suffix = o.args[1]
		}
	}
	for _, n := range names {
		b := ""
		if n != "" {
			b = filepath.Base(n)
		}
		if b != suffix {
			b = strings.TrimSuffix(b, suffix)
		}
		fmt.Fprintln(out, b)
	}
	return 0
}

func dirname(args []string) int {
	if len(args) < 2 {
		return usage("dirname", "string [...]")
	}
	for _, n := range args[1:] {
		t := strings.TrimRight(n, "/")
		if t == "" && n != "" {
			fmt.Fprintln(out, "/")
			continue
		}
		i := strings.LastIndexByte(t, '/')
		switch d := strings.TrimRight(t[:max(i, 0)], "/"); {
		case i < 0:
			fmt.Fprintln(out, ".")
		case d == "":
			fmt.Fprintln(out, "/")
		default:
			fmt.Fprintln(out, d)
		}
	}
	return 0
}
