//go:build darwin

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func init() {
	register(map[string]tool{
		"head": head, "tail": tail, "wc": wc, "sort": sortLines, "uniq": uniq, "cut": cut,
		"tr": tr, "seq": seq, "rev": rev, "printf": printf, "cmp": cmpFiles,
	})
}

// lines calls f with each line without its newline, until it gives false.
func lines(r io.Reader, f func(string) bool) error {
	b := bufio.NewReaderSize(r, 64<<10)
	for {
		l, err := b.ReadString('\n')
		if l != "" && !f(strings.TrimSuffix(l, "\n")) {
			return nil
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// oldCount turns "-5" into "-n", "5".
func oldCount(args []string) []string {
	if len(args) > 1 && len(args[1]) > 1 && args[1][0] == '-' && args[1][1] >= '0' && args[1][1] <= '9' {
		return append([]string{args[0], "-n", args[1][1:]}, args[2:]...)
	}
	return args
}

func head(args []string) int {
	o, ok := getopt(oldCount(args), "n:c:q", "[-n lines | -c bytes] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "head"}
	count, flag := int64(10), byte('n')
	if o.has('c') {
		flag = 'c'
	}
	if o.has(flag) {
		n, err := strconv.ParseInt(o.value[flag], 10, 64)
		if err != nil || n < 0 {
			return c.fail("illegal count -- %s", o.value[flag])
		}
		count = n
	}
	first := true
	c.inputs(o.args, func(name string, in *os.File) error {
		if len(o.args) > 1 && !o.has('q') {
			if !first {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "==> %s <==\n", name)
		}
		first = false
		if flag == 'c' {
			_, err := io.CopyN(out, in, count)
			if err == io.EOF {
				err = nil
			}
			return err
		}
		left := count
		r := bufio.NewReader(in)
		for ; left > 0; left-- {
			l, err := r.ReadBytes('\n')
			out.Write(l)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return c.status
}

func tail(args []string) int {
	o, ok := getopt(oldCount(args), "n:c:fFq", "[-fFq] [-n lines | -c bytes] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "tail"}
	count, flag := "10", byte('n')
	if o.has('c') {
		flag = 'c'
	}
	if o.has(flag) {
		count = o.value[flag]
	}
	fromStart := strings.HasPrefix(count, "+")
	n, err := strconv.Atoi(strings.TrimLeft(count, "+-"))
	if err != nil {
		return c.fail("illegal offset -- %s", count)
	}
	first := true
	c.inputs(o.args, func(name string, in *os.File) error {
		if len(o.args) > 1 && !o.has('q') {
			if !first {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "==> %s <==\n", name)
		}
		first = false
		data, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		out.Write(data[tailAt(data, n, flag == 'n', fromStart):])
		if o.has('f') || o.has('F') {
			out.Flush()
			return follow(in)
		}
		return nil
	})
	return c.status
}

func tailAt(data []byte, n int, byLines, fromStart bool) int {
	switch {
	case !byLines && fromStart:
		return min(max(n-1, 0), len(data))
	case !byLines:
		return max(len(data)-n, 0)
	case fromStart:
		at := 0
		for ; n > 1; n-- {
			i := bytes.IndexByte(data[at:], '\n')
			if i < 0 {
				return len(data)
			}
			at += i + 1
		}
		return at
	}
	at := len(data)
	if n == 0 {
		return at
	}
	if at > 0 && data[at-1] == '\n' {
		at--
	}
	for ; n > 0; n-- {
		i := bytes.LastIndexByte(data[:at], '\n')
		if i < 0 {
			return 0
		}
		at = i
	}
	return at + 1
}

// follow copies what is added to a file, for ever.
func follow(in *os.File) error {
	for {
		if err := copyFd(1, int(in.Fd())); err != nil {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
}
