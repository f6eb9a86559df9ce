//go:build darwin

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

func xargs(args []string) int {
	o, ok := getopt(args, "0I:n:P:rtx", "[-0rt] [-I replstr] [-n number] [-P maxprocs] [utility [argument ...]]")
	if !ok {
		return 1
	}
	c := &cmd{name: "xargs"}
	command := o.args
	if len(command) == 0 {
		command = []string{"echo"}
	}
	var items []string
	data, err := readAllFd(0)
	if err != nil {
		c.warn("", err)
		return 1
	}
	switch {
	case o.has('0'):
		items = strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
		if len(data) == 0 {
			items = nil
		}
	case o.has('I'):
		for _, l := range strings.Split(string(data), "\n") {
			if l = strings.TrimLeft(l, " \t"); l != "" {
				items = append(items, l)
			}
		}
	default:
		if items, ok = xargsWords(string(data)); !ok {
			return c.fail("unterminated quote")
		}
	}
	most := 5000
	if o.has('n') {
		if most, err = strconv.Atoi(o.value['n']); err != nil || most < 1 {
			return c.fail("illegal argument count")
		}
	}
	procs := 1
	if o.has('P') {
		if procs, err = strconv.Atoi(o.value['P']); err != nil || procs < 0 {
			return c.fail("illegal process count")
		}
		if procs == 0 {
			procs = 1000
		}
	}
	slots, status := make(chan struct{}, procs), make(chan int, len(items)+1)
	started := 0
	run := func(argv []string) bool {
		slots <- struct{}{}
		if o.has('t') {
			fmt.Fprintln(os.Stderr, strings.Join(argv, " "))
		}
		p := exec.Command(argv[0], argv[1:]...)
		p.Stdout, p.Stderr = os.Stdout, os.Stderr
		if err := p.Start(); err != nil {
			c.warn(argv[0], err)
			c.status = 127
			return false
		}
		started++
		go func() {
			p.Wait()
			<-slots
			status <- exitCode(p.ProcessState)
		}()
		return true
	}
	if o.has('I') {
		for _, it := range items {
			argv := append([]string(nil), command...)
			for i := range argv {
				argv[i] = strings.ReplaceAll(argv[i], o.value['I'], it)
			}
			if !run(argv) {
				break
			}
		}
	} else {
		for len(items) > 0 {
			n, size := 0, 0
			for n < len(items) && n < most && size < 200<<10 {
				size += len(items[n]) + 9
				n++
			}
			if !run(append(append([]string(nil), command...), items[:n]...)) {
				break
			}
			items = items[n:]
		}
	}
	for range started {
		switch s := <-status; {
		case s == 255:
			c.status = 124
		case s > 128:
			c.status = 125
		case s != 0 && c.status == 0:
			c.status = 1
		}
	}
	return c.status
}

func readAllFd(fd int) ([]byte, error) {
	var all []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := readFd(fd, buf)
		if err != nil || n <= 0 {
			return all, err
		}
		all = append(all, buf[:n]...)
	}
}

// xargsWords splits at blanks, but for quotes and backslashes.
func xargsWords(s string) (l []string, ok bool) {
	var b strings.Builder
	in, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '\'' || c == '"':
			quote, in = c, true
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
			in = true
		case c == ' ' || c == '\t' || c == '\n':
			if in {
				l = append(l, b.String())
				b.Reset()
			}
			in = false
		default:
			b.WriteByte(c)
			in = true
		}
	}
	if in {
		l = append(l, b.String())
	}
	return l, quote == 0
}
