//go:build darwin

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

var signalNames = strings.Fields(`EXIT HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG
	STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2`)

// signalByName reads a name, with or without SIG, or a number.
func signalByName(s string) (syscall.Signal, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return syscall.Signal(n), n >= 0 && n < len(signalNames)
	}
	for n, name := range signalNames {
		if strings.EqualFold(strings.TrimPrefix(strings.ToUpper(s), "SIG"), name) {
			return syscall.Signal(n), true
		}
	}
	return 0, false
}

func kill(args []string) int {
	c := &cmd{name: "kill"}
	rest := args[1:]
	sig := syscall.SIGTERM
	if len(rest) > 0 && rest[0] == "-l" {
		if len(rest) > 1 {
			n, _ := strconv.Atoi(rest[1])
			if n &= 127; n < 1 || n >= len(signalNames) {
				return c.fail("%s: invalid signal specification", rest[1])
			}
			fmt.Fprintln(out, signalNames[n])
			return 0
		}
		fmt.Fprintln(out, strings.Join(signalNames[1:], " "))
		return 0
	}
	if len(rest) > 1 && len(rest[0]) > 1 && rest[0][0] == '-' && rest[0] != "--" {
		name := rest[0][1:]
		rest = rest[1:]
		if name == "s" || name == "n" {
			name, rest = rest[0], rest[1:]
		}
		var ok bool
		if sig, ok = signalByName(name); !ok {
			return c.fail("unknown signal: %s", name)
		}
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return usage("kill", "[-s signal_name] pid ...")
	}
	for _, p := range rest {
		pid, err := strconv.Atoi(p)
		if err != nil {
			c.fail("illegal process id: %s", p)
			continue
		}
		if err := syscall.Kill(pid, sig); err != nil {
			c.warn(p, err)
		}
	}
	return c.status
}

// pgrep is pkill, too.
func pgrep(args []string) int {
	name := filepath.Base(args[0])
	sig := syscall.SIGTERM
	if name == "pkill" && len(args) > 1 && len(args[1]) > 1 {
		if s, ok := signalByName(args[1][1:]); ok && args[1][0] == '-' {
			sig = s
			args = append(args[:1:1], args[2:]...)
		}
	}
	o, ok := getopt(args, "aflnoxP:u:", "[-aflnox] [-P ppid] pattern")
	if !ok {
		return 2
	}
	c := &cmd{name: name}
	pattern := ""
	if len(o.args) > 0 {
		pattern = o.args[0]
	} else if !o.has('P') {
		usage(name, "[-aflnox] [-P ppid] pattern")
		return 2
	}
	if o.has('x') {
		pattern = "^(?:" + pattern + ")$"
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		c.fail("%v", err)
		return 2
	}
	all, err := processes()
	if err != nil {
		c.warn("kern.proc", err)
		return 3
	}
	var found []*process
	for _, p := range all {
		if p.pid() == os.Getpid() || o.has('P') && columns["ppid"].value(p) != o.value['P'] {
			continue
		}
		p.load()
		text := p.name()
		if o.has('f') {
			text = strings.Join(p.args, " ")
		}
		if re.MatchString(text) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return 1
	}
	if o.has('n') {
		found = found[len(found)-1:]
	}
	for _, p := range found {
		switch {
		case name == "pkill":
			if err := syscall.Kill(p.pid(), sig); err != nil {
				c.warn(strconv.Itoa(p.pid()), err)
			}
		case o.has('l'):
			fmt.Fprintln(out, p.pid(), cmpOr(strings.Join(p.args, " "), p.name()))
		default:
			fmt.Fprintln(out, p.pid())
		}
	}
	return c.status
}

func killall(args []string) int {
	c := &cmd{name: "killall"}
	sig := syscall.SIGTERM
	rest := args[1:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		var ok bool
		if sig, ok = signalByName(rest[0][1:]); !ok {
			return c.fail("unknown signal %s", rest[0][1:])
		}
		rest = rest[1:]
	}
	all, err := processes()
	if err != nil {
		c.warn("kern.proc", err)
		return 1
	}
	for _, n := range rest {
		found := false
		for _, p := range all {
			if p.name() == n && p.pid() != os.Getpid() {
				found = true
				if err := syscall.Kill(p.pid(), sig); err != nil {
					c.warn(n, err)
				}
			}
		}
		if !found {
			fmt.Fprintln(os.Stderr, "No matching processes belonging to you were found")
			c.status = 1
		}
	}
	return c.status
}
