package ddb

import (
	"fmt"
	"slices"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// command is a row of the table.
type command struct {
	names    string // with spaces between them
	usage    string
	switches string // that it takes
	help     string
	absent   string // why it isn't there
	stopped  bool   // the kernel must have stopped
	resumes  bool   // it lets the kernel go on
	do       func(c *Console, sw, rest string) error
}

const formats = "AIabcdhilmoqrsuxz"

// commands are the document's, in its order, and a few more at the end.
var commands []command

func init() {
	commands = []command{
		{names: "break b", usage: "ADDR", switches: "u", help: "set a breakpoint", stopped: true, do: setBreak},
		{names: "continue c", help: "go on until the next stop", switches: "c", stopped: true, resumes: true, do: goOn},
		{names: "call", usage: "FUNCTION [ARGUMENT...]", help: "run a function on this thread", stopped: true, resumes: true, do: call},
		{names: "cond", usage: "[#N|ADDR [EXPR [==|!=|<|>|<=|>= EXPR]]]", help: "stop at a breakpoint only if that holds", stopped: true, do: cond},
		{names: "cpu", absent: "the host has the processors; see show threads, and thread"},
		{names: "delete d", usage: "ADDR|#N", help: "remove a breakpoint", stopped: true, do: clearBreak},
		{names: "dk", help: "show the extensions, and where they are", do: kmods},
		{names: "dl dv", usage: "[ADDR]", help: "dump memory", do: dump},
		{names: "dm", usage: "[ADDR]", help: "say what is at an address", do: where},
		{names: "dmacro", usage: "NAME", help: "remove a macro", do: dropMacro},
		{names: "dp", absent: "the host has the page tables"},
		{names: "dr", usage: "[ADDR]", help: "dump memory at a physical address", do: dumpReal},
		{names: "ds", help: "show the registers of all threads", stopped: true, do: allRegisters},
		{names: "dwatch", usage: "[ADDR]", help: "remove a watchpoint", do: unwatch},
		{names: "dx", help: "show the registers", stopped: true, do: showRegisters},
		{names: "examine print x p", usage: "[ADDR...][,COUNT]", switches: formats, help: "show memory in a format", do: examine},
		{names: "gdb", help: "leave the kernel to another debugger", do: toGDB},
		{names: "lt", absent: "it belongs to PowerPC"},
		{names: "macro", usage: "NAME COMMAND[;COMMAND...]", help: "make a macro", do: makeMacro},
		{names: "match", help: "go on until the matching return", switches: "p", stopped: true, resumes: true, do: match},
		{names: "reboot", help: "end the machine at once", do: reboot},
		{names: "search", usage: "ADDR VALUE [MASK][,COUNT]", switches: "bhlq", help: "search memory", do: search},
		{names: "set", usage: "$NAME = EXPR", help: "set a variable or a register", do: set},
		{names: "show", usage: "[all|registers|threads|breaks|extensions|macros|flags|NAME|$NAME]", help: "show something of the kernel's", do: show},
		{names: "step s", usage: "[,COUNT]", help: "execute an instruction", switches: "p", stopped: true, resumes: true, do: step},
		{names: "trace t", switches: "u", usage: "[THREAD]", help: "show who called whom", stopped: true, do: trace},
		{names: "until", help: "go on until the next call or return", switches: "p", stopped: true, resumes: true, do: until},
		{names: "watch", usage: "[ADDR[,SIZE]]", help: "stop when memory changes: continue steps this thread then", stopped: true, do: watch},
		{names: "write w", usage: "ADDR VALUE...", switches: "bhlq", help: "write memory", stopped: true, do: write},
		{names: "xf", help: "show what follows", do: func(c *Console, _, _ string) error { return c.show(c.next, 1) }},
		{names: "xb", help: "show what is before", do: func(c *Console, _, _ string) error { return c.show(c.dot-machine.Addr(c.width), 1) }},
		{names: "thread", usage: "THREAD", help: "look at another thread", stopped: true, do: selectThread},
		{names: "showallkmods", help: "dk, by the name of gdb's macro", do: kmods},
		{names: "msg", usage: "[N]", help: "show the message buffer's last lines", do: messages},
		{names: "help ?", help: "show this", do: help},
	}
}

func find(name string) *command {
	for i := range commands {
		for _, n := range strings.Fields(commands[i].names) {
			if n == name {
				return &commands[i]
			}
		}
	}
	return nil
}

func help(c *Console, _, _ string) error {
	for i := range commands {
		k := &commands[i]
		name, text := strings.ReplaceAll(k.names, " ", ", "), k.help
		if k.switches != "" {
			name += " [/" + k.switches + "]"
		}
		if k.usage != "" {
			name += " " + k.usage
		}
		if k.absent != "" {
			text = "not here: " + k.absent
		}
		c.printf("%-44s %s\n", name, text)
	}
	return nil
}

// one is the single address of a command; the last one if there is none.
func (c *Console) one(rest string) (machine.Addr, error) {
	l, _, err := c.args(rest)
	if err == nil && len(l) > 1 {
		err = fmt.Errorf("one address is enough")
	}
	if err != nil {
		return 0, err
	}
	if len(l) == 0 {
		return c.dot, nil
	}
	return machine.Addr(l[0]), nil
}

func setBreak(c *Console, sw, rest string) error {
	if sw != "" {
		return fmt.Errorf("break/u: nothing is known of user space")
	}
	if rest == "" {
		for i, a := range c.T.Breaks() {
			c.printf("%d: %#x %s\n", i+1, uint64(a), c.T.Symbolize(a))
		}
		return nil
	}
	a, err := c.one(rest)
	if err != nil {
		return err
	}
	if !slices.Contains(c.T.Breaks(), a) {
		delete(c.conds, a) // of an earlier one
	}
	return c.T.SetBreak(a)
}

func clearBreak(c *Console, _, rest string) error {
	if rest == "" {
		for _, a := range c.T.Breaks() {
			c.T.ClearBreak(a)
		}
		clear(c.conds)
		return nil
	}
	a, err := c.breakAt(rest)
	if err != nil {
		return err
	}
	delete(c.conds, a)
	return c.T.ClearBreak(a)
}

func kmods(c *Console, _, _ string) error {
	c.printf("Index Refs Address            Size       Name (Version)\n")
	for _, e := range c.T.Extensions() {
		c.printf("%5d %4d %#-18x %#-10x %s (%s)\n", e.Index, e.Refs, uint64(e.Base), e.Size, e.ID, e.Version)
	}
	return nil
}

func where(c *Console, _, rest string) error {
	a, err := c.one(rest)
	if err != nil {
		return err
	}
	c.dot = a
	var b [1]byte
	state := "not mapped"
	if c.T.Read(b[:], a) == 1 {
		state = "mapped"
	}
	c.printf("%#x: %s, %s\n", uint64(a), state, c.T.Symbolize(a))
	return nil
}

func toGDB(c *Console, _, _ string) error {
	c.printf("puggle gdb attaches\n")
	return ErrLeave
}

func reboot(c *Console, _, _ string) error {
	if c.Reboot == nil {
		return fmt.Errorf("the machine can't be ended from here")
	}
	c.Reboot()
	return ErrLeave
}

func makeMacro(c *Console, _, rest string) error {
	name := word(rest)
	body := strings.TrimSpace(rest[len(name):])
	if name == "" || body == "" || find(name) != nil {
		return fmt.Errorf("macro NAME COMMAND[;COMMAND...], and the name is no command's")
	}
	if len(c.macros) >= maxMacros || len(body) > 1024 {
		return fmt.Errorf("no room for another macro")
	}
	c.macros[name] = body
	return nil
}

func dropMacro(c *Console, _, rest string) error {
	if _, ok := c.macros[rest]; !ok {
		return fmt.Errorf("%s: no such macro", clip(rest))
	}
	delete(c.macros, rest)
	return nil
}

func set(c *Console, _, rest string) error {
	name, ok := strings.CutPrefix(rest, "$")
	if !ok {
		return fmt.Errorf("set $NAME = EXPR")
	}
	p := &scanner{c: c, s: name}
	name = p.name()
	p.take('=')
	v, err := p.expr()
	if err != nil {
		return err
	}
	return c.setVariable(name, v)
}

// shows are what show shows.
var shows = map[string]func(c *Console, sw, rest string) error{
	"watches": func(c *Console, _, _ string) error { return watch(c, "", "") }, "registers": showRegisters, "threads": threads, "breaks": setBreak, "extensions": kmods,
	"macros": func(c *Console, _, _ string) error {
		for _, n := range sorted(c.macros) {
			c.printf("%s: %s\n", n, c.macros[n])
		}
		return nil
	},
	"macro": func(c *Console, _, rest string) error {
		m, ok := c.macros[rest]
		if !ok {
			return fmt.Errorf("%s: no such macro", clip(rest))
		}
		c.printf("%s: %s\n", rest, m)
		return nil
	},
	"flags": func(c *Console, _, _ string) error { c.printf("debug=%#x\n", c.T.Flags()); return nil },
}

func show(c *Console, _, rest string) error {
	what := word(rest)
	arg := strings.TrimSpace(rest[len(what):])
	switch {
	case what == "":
		c.printf("show all %s $NAME\n", strings.Join(sorted(shows), " "))
		return nil
	case what == "all":
		for _, n := range []string{"threads", "registers", "breaks", "extensions", "macros", "flags"} {
			c.printf("%s:\n", n)
			if err := shows[n](c, "", ""); err != nil {
				c.printf("%v\n", err)
			}
		}
		return nil
	case what[0] == '$':
		v, err := c.variable(what[1:])
		if err == nil {
			c.printf("%s = %#x\n", clip(what), v)
		}
		return err
	}
	if f := shows[what]; f != nil {
		return f(c, "", arg)
	}
	return fmt.Errorf("show %s: there is nothing of that name", clip(what))
}

func threads(c *Console, _, _ string) error {
	now := c.current()
	for _, t := range c.T.Threads() {
		mark, note := ' ', ""
		if t.ID == now {
			mark = '*'
		}
		if t.Inside {
			note = ", in a call of the kernel"
		}
		c.printf("%c %x: %s%s\n", mark, t.ID, t.Name, note)
	}
	return nil
}

func selectThread(c *Console, _, rest string) error {
	id, err := c.one(rest)
	if err != nil {
		return err
	}
	for _, t := range c.T.Threads() {
		if t.ID == uint64(id) {
			c.thread = t.ID
			return nil
		}
	}
	return debug.ErrThread
}

func printRegisters(c *Console, id uint64) error {
	r, err := c.T.Regs(id)
	if err != nil {
		return err
	}
	m := registers(&r)
	for i, n := range []string{"rax", "rbx", "rcx", "rdx", "rdi", "rsi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip", "flags"} {
		sep := "  "
		if i%4 == 3 {
			sep = "\n"
		}
		c.printf("%-5s 0x%016x%s", n, *m[n], sep)
	}
	c.printf("\n%#x %s\n", r.Rip, c.T.Symbolize(machine.Addr(r.Rip)))
	return nil
}

func showRegisters(c *Console, _, _ string) error { return printRegisters(c, c.current()) }

func allRegisters(c *Console, _, _ string) error {
	for _, t := range c.T.Threads() {
		c.printf("thread %x: %s\n", t.ID, t.Name)
		if err := printRegisters(c, t.ID); err != nil {
			c.printf("%v\n", err)
		}
	}
	return nil
}

func trace(c *Console, sw, rest string) error {
	if sw != "" {
		return fmt.Errorf("trace/u: nothing is known of user space")
	}
	id := c.current()
	if rest != "" {
		v, err := c.one(rest)
		if err != nil {
			return err
		}
		id = uint64(v)
	}
	l := c.T.Backtrace(id)
	if len(l) == 0 {
		return debug.ErrThread
	}
	for _, a := range l {
		c.printf("%#x %s\n", uint64(a), c.T.Symbolize(a))
	}
	return nil
}

func messages(c *Console, _, rest string) error {
	n := maxCount
	if rest != "" {
		v, err := c.number(rest)
		if err != nil {
			return err
		}
		n = int(min(v, maxCount))
	}
	c.printf("%s", LastLines(c.T.Messages(), n))
	return nil
}

// LastLines is the end of a text.
func LastLines(s string, n int) string {
	l := strings.SplitAfter(s, "\n")
	if l[len(l)-1] == "" {
		l = l[:len(l)-1]
	}
	return strings.Join(l[max(0, len(l)-n):], "")
}
