package ddb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// Config is what a Console needs.
type Config struct {
	Target debug.Target
	// Reboot ends the machine; nil: it can't.
	Reboot func()
	// Guest is a console inside another debugger: it may not let the kernel go on.
	Guest bool
	// Cancel, when closed, ends a wait for the kernel to stop; may be nil.
	Cancel <-chan struct{}
}

// Console is a prompt's state: the thread that is looked at, the last address and
// format, variables and macros. One goroutine at a time may use it.
type Console struct {
	Config
	T debug.Target

	thread  uint64 // 0: the one that stopped
	dot     machine.Addr
	next    machine.Addr // where xf goes on
	real    uint64       // where dr goes on, a physical address
	format  byte
	width   int
	vars    map[string]uint64
	macros  map[string]string
	watches []watchpoint
	conds   map[machine.Addr]condition // of breakpoints; one of a breakpoint that others removed is without effect, and goes when that is set again

	out   strings.Builder
	work  int // commands left in this line
	depth int // of macros
}

// Bounds of a line's work.
const (
	maxOut      = 256 << 10
	maxCommands = 1000
	maxMacros   = 64
	maxCount    = 4096
	maxVars     = 64
)

// ErrLeave says that the prompt is over: the command gdb or reboot.
var ErrLeave = errors.New("leave")

// New makes a console. The target must be attached to.
func New(cfg Config) *Console {
	return &Console{Config: cfg, T: cfg.Target, format: 'x', width: 4, vars: map[string]uint64{"radix": 16}, macros: map[string]string{}, conds: map[machine.Addr]condition{}}
}

// Do runs a line: commands with ';' between them. It gives what they print; errors are in
// it. err is nil or ErrLeave.
func (c *Console) Do(line string) (out string, err error) {
	c.out.Reset()
	c.work, c.depth = maxCommands, 0
	if err = c.line(line); err != nil && err != ErrLeave {
		c.printf("%v\n", err)
		err = nil
	}
	return c.out.String(), err
}

func (c *Console) printf(format string, a ...any) {
	if c.out.Len() < maxOut {
		fmt.Fprintf(&c.out, format, a...)
	}
}

func (c *Console) line(line string) error {
	if w := word(strings.TrimSpace(line)); w == "macro" {
		return c.command(line) // its commands are the macro's
	}
	for _, s := range strings.Split(line, ";") {
		if err := c.command(s); err != nil {
			return err
		}
	}
	return nil
}

// command runs one.
func (c *Console) command(s string) error {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	if c.work--; c.work < 0 || c.out.Len() >= maxOut {
		return errors.New("that is too much for one line")
	}
	head := word(s)
	rest := strings.TrimSpace(s[len(head):])
	name, sw, _ := strings.Cut(head, "/")
	if m, ok := c.macros[name]; ok {
		if c.depth++; c.depth > 16 {
			return errors.New("macros are nested too deep")
		}
		defer func() { c.depth-- }()
		return c.line(m)
	}
	k := find(name)
	if k == nil {
		return fmt.Errorf("%s: no such command (help lists them)", clip(name))
	}
	if k.absent != "" {
		return fmt.Errorf("%s: %s", name, k.absent)
	}
	if i := strings.IndexFunc(sw, func(r rune) bool { return !strings.ContainsRune(k.switches, r) }); i >= 0 {
		return fmt.Errorf("%s: no switch /%c", name, sw[i])
	}
	if k.stopped && c.T.Stopped() == nil {
		return debug.ErrRunning
	}
	if k.resumes && c.Guest {
		return fmt.Errorf("%s: let the other debugger do that", name)
	}
	return k.do(c, sw, rest)
}

// Where says how the kernel stopped.
func (c *Console) Where() string {
	st := c.T.Stopped()
	if st == nil {
		return "the kernel is running\n"
	}
	s := "stopped: " + st.Text
	if r, err := c.T.Regs(c.current()); err == nil {
		s += fmt.Sprintf("\n%#x %s", r.Rip, c.T.Symbolize(machine.Addr(r.Rip)))
	}
	return s + "\n"
}

// current is the thread that is looked at; 0 if there is none.
func (c *Console) current() uint64 {
	l := c.T.Threads()
	st := c.T.Stopped()
	for _, want := range []func(debug.Thread) bool{
		func(t debug.Thread) bool { return t.ID == c.thread },
		func(t debug.Thread) bool { return st != nil && t.ID == st.Thread },
		func(t debug.Thread) bool { return !t.Inside },
		func(debug.Thread) bool { return true },
	} {
		for _, t := range l {
			if want(t) {
				return t.ID
			}
		}
	}
	return 0
}

// registers are the names of $rax and so on.
func registers(r *machine.Regs) map[string]*uint64 {
	return map[string]*uint64{"rax": &r.Rax, "rbx": &r.Rbx, "rcx": &r.Rcx, "rdx": &r.Rdx, "rdi": &r.Rdi, "rsi": &r.Rsi,
		"rbp": &r.Rbp, "rsp": &r.Rsp, "r8": &r.R8, "r9": &r.R9, "r10": &r.R10, "r11": &r.R11, "r12": &r.R12, "r13": &r.R13,
		"r14": &r.R14, "r15": &r.R15, "rip": &r.Rip, "flags": &r.Rflags}
}

// variable is $name: a register of the thread, or a variable.
func (c *Console) variable(name string) (uint64, error) {
	var r machine.Regs
	if registers(&r)[name] != nil {
		regs, err := c.T.Regs(c.current())
		if err != nil {
			return 0, err
		}
		return *registers(&regs)[name], nil
	}
	if v, ok := c.vars[name]; ok {
		return v, nil
	}
	return 0, fmt.Errorf("$%s: no such variable", clip(name))
}

// setVariable changes one.
func (c *Console) setVariable(name string, v uint64) error {
	var r machine.Regs
	if registers(&r)[name] != nil {
		id := c.current()
		regs, err := c.T.Regs(id)
		if err != nil {
			return err
		}
		*registers(&regs)[name] = v
		return c.T.SetRegs(id, regs)
	}
	if name == "radix" && (v < 2 || v > 36) {
		return errors.New("a radix is 2 to 36")
	}
	if _, ok := c.vars[name]; !ok && (name == "" || len(c.vars) >= maxVars) {
		return errors.New("no room for another variable")
	}
	c.vars[name] = v
	return nil
}

// word reads a number of width bytes.
func (c *Console) word(a machine.Addr, width int) (uint64, error) {
	var b [8]byte
	if c.T.Read(b[:width], a) < width {
		return 0, fmt.Errorf("%#x: %w", uint64(a), debug.ErrAddress)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// args reads all expressions of s; a ",COUNT" ends them. count is 1 if there is none.
func (c *Console) args(s string) (l []uint64, count int, err error) {
	p := &scanner{c: c, s: s}
	for p.more() && p.s[0] != ',' {
		v, err := p.expr()
		if err != nil {
			return nil, 0, err
		}
		if len(l) == 64 {
			return nil, 0, errors.New("too many arguments")
		}
		l = append(l, v)
	}
	count = 1
	if p.take(',') {
		v, err := p.expr()
		if err != nil {
			return nil, 0, err
		}
		if count = int(min(v, maxCount)); p.more() {
			return nil, 0, fmt.Errorf("%.20q: what is that?", p.s)
		}
	}
	return l, count, nil
}

// sorted are a map's keys.
func sorted[V any](m map[string]V) []string {
	var l []string
	for k := range m {
		l = append(l, k)
	}
	sort.Strings(l)
	return l
}
