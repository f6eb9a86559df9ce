package bootstrap

import (
	"fmt"
	"slices"
	"strings"

	"puggle/abi"
	"puggle/mach/ipc"
)

// Configure declares what a bootstrap.conf says, NeXT's mach_init's:
//
//	services NAME ...;                                    anyone may check in
//	[restartable] server "COMMAND" [services NAME ...] [on_demand];
//	init "COMMAND";                                       ignored: the machine has its own
//
// Names and commands may be in quotes; # begins a comment. Servers run as the
// super-user, at once unless on_demand (which is ours) is said.
func (c *Context) Configure(file, text string) error {
	l, err := words(file, text)
	if err != nil {
		return err
	}
	for i := 0; i < len(l); {
		j := i
		for j < len(l) && l[j].text != ";" {
			j++
		}
		if j == len(l) {
			return fmt.Errorf("%s:%d: statement does not end with ;", file, l[i].line)
		}
		if err := c.statement(file, l[i:j]); err != nil {
			return err
		}
		i = j + 1
	}
	return nil
}

// builtin says whether the kernel has a service.
func (c *Context) builtin(name string, server bool) bool {
	return c.b.BuiltinService != nil && c.b.BuiltinService(name, server)
}

type confWord struct {
	text   string
	quoted bool
	line   int
}

func words(file, text string) ([]confWord, error) {
	var l []confWord
	for n, line := range strings.Split(text, "\n") {
		for {
			line = strings.TrimLeft(line, " \t\r")
			if line == "" || line[0] == '#' {
				break
			}
			switch {
			case line[0] == ';':
				l, line = append(l, confWord{";", false, n + 1}), line[1:]
			case line[0] == '"':
				end := strings.IndexByte(line[1:], '"')
				if end < 0 {
					return nil, fmt.Errorf("%s:%d: string does not end", file, n+1)
				}
				l, line = append(l, confWord{line[1 : end+1], true, n + 1}), line[end+2:]
			default:
				end := strings.IndexAny(line, " \t\r;\"#")
				if end < 0 {
					end = len(line)
				}
				l, line = append(l, confWord{line[:end], false, n + 1}), line[end:]
			}
		}
	}
	return l, nil
}

func (c *Context) statement(file string, l []confWord) error {
	if len(l) == 0 {
		return nil
	}
	bad := func(f string, args ...any) error {
		return fmt.Errorf("%s:%d: %s", file, l[0].line, fmt.Sprintf(f, args...))
	}
	restart := l[0].text == "restartable"
	if restart {
		l = l[1:]
	}
	if len(l) == 0 {
		return fmt.Errorf("%s: restartable what?", file)
	}
	switch what := l[0].text; {
	case what == "init" && !restart:
		return nil
	case what == "services" && !restart:
		if len(l) < 2 {
			return bad("services needs names")
		}
		for _, w := range l[1:] {
			if c.builtin(w.text, false) {
				continue
			}
			if _, kr := c.declare(w.text, nil); kr != abi.KERN_SUCCESS {
				return bad("can't declare service %s (%d)", w.text, kr)
			}
		}
		return nil
	case what == "server":
		if len(l) < 2 || !l[1].quoted || l[1].text == "" {
			return bad("server needs a command in quotes")
		}
		var names []string
		onDemand, in := false, false
		for _, w := range l[2:] {
			switch {
			case !w.quoted && w.text == "services":
				in = true
			case !w.quoted && w.text == "on_demand":
				onDemand = true
			case in:
				names = append(names, w.text)
			default:
				return bad("%q is not expected", w.text)
			}
		}
		if in && len(names) == 0 {
			return bad("services needs names")
		}
		names = slices.DeleteFunc(names, func(n string) bool { return c.builtin(n, true) })
		if f := c.b.BuiltinServer; f != nil && f(l[1].text) {
			return nil
		}
		p, kr := c.DeclareServer(l[1].text, 0, onDemand, restart, names...)
		if kr != abi.KERN_SUCCESS {
			return bad("can't declare server %s (%d)", l[1].text, kr)
		}
		ipc.ReleaseSend(p)
		return nil
	}
	return bad("%q is not known", l[0].text)
}
