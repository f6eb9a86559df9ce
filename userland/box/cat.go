//go:build darwin

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

func init() {
	register(map[string]tool{
		"true": func([]string) int { return 0 }, "false": func([]string) int { return 1 },
		"cat": cat, "echo": echo, "sleep": sleep, "pwd": pwd, "yes": yes, "tee": tee,
	})
}

// cat copies with plain reads and writes on blocking descriptors, so that it waits
// in the kernel, and a signal meets it there.
func cat(args []string) int {
	o, ok := getopt(args, "benstuv", "[-benstuv] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "cat"}
	fancy := o.has('b') || o.has('e') || o.has('n') || o.has('s') || o.has('t') || o.has('v')
	number := 0
	names := o.args
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, n := range names {
		fd := 0
		if n != "-" {
			var err error
			if fd, err = syscall.Open(n, syscall.O_RDONLY|syscall.O_CLOEXEC, 0); err != nil {
				c.warn(n, err)
				continue
			}
		}
		var err error
		if fancy {
			err = catLines(fdReader(fd), &o, &number)
		} else {
			err = copyFd(1, fd)
		}
		if err != nil {
			c.warn(n, err)
		}
		if fd != 0 {
			syscall.Close(fd)
		}
	}
	return c.status
}

type fdReader int

func (fd fdReader) Read(b []byte) (int, error) {
	n, err := readFd(int(fd), b)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

func readFd(fd int, b []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, b)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

func writeFd(fd int, b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(fd, b)
		if err != nil && err != syscall.EINTR {
			return err
		}
		b = b[max(n, 0):]
	}
	return nil
}

func copyFd(to, from int) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := readFd(from, buf)
		if err != nil || n == 0 {
			return err
		}
		if err := writeFd(to, buf[:n]); err != nil {
			return err
		}
	}
}

func catLines(in io.Reader, o *options, number *int) error {
	r := bufio.NewReader(in)
	blank := false
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			body := strings.TrimSuffix(line, "\n")
			if body == "" && blank && o.has('s') {
				continue
			}
			blank = body == ""
			if (o.has('n') || o.has('b')) && !(o.has('b') && blank) {
				*number++
				fmt.Fprintf(out, "%6d\t", *number)
			}
			for i := 0; i < len(body); i++ {
				b := body[i]
				if !o.has('v') && !o.has('e') && !o.has('t') || b == '\t' && !o.has('t') {
					out.WriteByte(b)
					continue
				}
				if b >= 128 {
					out.WriteString("M-")
					b -= 128
				}
				switch {
				case b == 127:
					out.WriteString("^?")
				case b < 32:
					out.WriteByte('^')
					out.WriteByte(b + 64)
				default:
					out.WriteByte(b)
				}
			}
			if len(body) < len(line) {
				if o.has('e') {
					out.WriteByte('$')
				}
				out.WriteByte('\n')
			}
		}
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
	}
}

// echo knows -n, and \c at the end as /bin/echo does.
func echo(args []string) int {
	args = args[1:]
	nl := true
	if len(args) > 0 && args[0] == "-n" {
		nl, args = false, args[1:]
	}
	s := strings.Join(args, " ")
	if strings.HasSuffix(s, `\c`) {
		s, nl = s[:len(s)-2], false
	}
	if nl {
		s += "\n"
	}
	if err := writeFd(1, []byte(s)); err != nil {
		(&cmd{name: "echo"}).warn("stdout", err)
		return 1
	}
	return 0
}

// sleep sums its arguments: a number with an optional unit s, m, h or d.
func sleep(args []string) int {
	if len(args) < 2 {
		return usage("sleep", "number[unit] ...")
	}
	var sum float64
	for _, a := range args[1:] {
		unit, num := 1.0, a
		if n := len(a) - 1; n > 0 && strings.IndexByte("smhd", a[n]) >= 0 {
			unit, num = map[byte]float64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400}[a[n]], a[:n]
		}
		var f float64
		if n, err := fmt.Sscanf(num+"\n", "%g\n", &f); n != 1 || err != nil {
			fmt.Fprintf(os.Stderr, "sleep: invalid time interval: %s\n", a)
			return usage("sleep", "number[unit] ...")
		}
		sum += f * unit
	}
	if sum > 0 {
		time.Sleep(time.Duration(min(sum*1e9, 1<<62)))
	}
	return 0
}

func pwd(args []string) int {
	o, ok := getopt(args, "LP", "[-L | -P]")
	if !ok {
		return 1
	}
	dir, err := os.Getwd() // believes PWD if it is true
	if err == nil && o.has('P') {
		dir, err = syscall.Getwd()
	}
	if err != nil {
		return (&cmd{name: "pwd"}).fail(".: %s", reason(err))
	}
	fmt.Fprintln(out, dir)
	return 0
}

func yes(args []string) int {
	line := "y"
	if len(args) > 1 {
		line = args[1]
	}
	buf := []byte(strings.Repeat(line+"\n", 8192/(len(line)+1)+1))
	for {
		if err := writeFd(1, buf); err != nil {
			(&cmd{name: "yes"}).warn("stdout", err)
			return 1
		}
	}
}

func tee(args []string) int {
	o, ok := getopt(args, "ai", "[-ai] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "tee"}
	if o.has('i') {
		ignoreSignal(syscall.SIGINT)
	}
	mode := syscall.O_WRONLY | syscall.O_CREAT | syscall.O_TRUNC
	if o.has('a') {
		mode = syscall.O_WRONLY | syscall.O_CREAT | syscall.O_APPEND
	}
	names, fds := []string{"stdout"}, []int{1}
	for _, n := range o.args {
		fd, err := syscall.Open(n, mode, 0o666)
		if err != nil {
			c.warn(n, err)
			continue
		}
		names, fds = append(names, n), append(fds, fd)
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := readFd(0, buf)
		if err != nil {
			c.warn("stdin", err)
		}
		if n <= 0 {
			return c.status
		}
		for i, fd := range fds {
			if fd < 0 {
				continue
			}
			if err := writeFd(fd, buf[:n]); err != nil {
				c.warn(names[i], err)
				fds[i] = -1
			}
		}
	}
}
