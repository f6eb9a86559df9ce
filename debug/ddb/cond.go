package ddb

import (
	"fmt"
	"sort"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// maxConds bounds the conditions of a console.
const maxConds = 64

// condition is what must hold at a breakpoint: two expressions with a relation between them, or one
// that is not zero.
type condition struct {
	text        string
	left, right string
	holds       func(a, b uint64) bool
}

// relations are tried in this order: the longer ones first.
var relations = []struct {
	op    string
	holds func(a, b uint64) bool
}{
	{"==", func(a, b uint64) bool { return a == b }},
	{"!=", func(a, b uint64) bool { return a != b }},
	{"<=", func(a, b uint64) bool { return a <= b }},
	{">=", func(a, b uint64) bool { return a >= b }},
	{"<", func(a, b uint64) bool { return a < b }},
	{">", func(a, b uint64) bool { return a > b }},
}

// parseCondition reads EXPR [RELATION EXPR]. Numbers are compared without a sign.
func parseCondition(s string) condition {
	for _, r := range relations {
		if l, right, ok := strings.Cut(s, r.op); ok {
			return condition{text: s, left: l, right: right, holds: r.holds}
		}
	}
	return condition{text: s, left: s, right: "0", holds: func(a, _ uint64) bool { return a != 0 }}
}

func (c *Console) value(s string) (uint64, error) {
	p := &scanner{c: c, s: s}
	v, err := p.expr()
	if err == nil && p.more() {
		err = fmt.Errorf("%.20q: what is that?", p.s)
	}
	return v, err
}

func (c *Console) evaluate(k condition) (bool, error) {
	a, err := c.value(k.left)
	if err != nil {
		return false, err
	}
	b, err := c.value(k.right)
	return err == nil && k.holds(a, b), err
}

// cond is cond #N|ADDR [CONDITION]: the breakpoint stops the kernel only when that holds; without one,
// always. cond alone lists them. Names and registers are looked up at the breakpoint, which stops the kernel if
// there are none such.
func cond(c *Console, _, rest string) error {
	if rest == "" {
		var at []machine.Addr
		for a := range c.conds {
			at = append(at, a)
		}
		sort.Slice(at, func(i, j int) bool { return at[i] < at[j] })
		for _, a := range at {
			c.printf("%#x %s: %s\n", uint64(a), c.T.Symbolize(a), c.conds[a].text)
		}
		return nil
	}
	w := word(rest)
	a, err := c.breakAt(w)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(rest[len(w):])
	if text == "" {
		delete(c.conds, a)
		return nil
	}
	k := parseCondition(text)
	if strings.TrimSpace(k.left) == "" || strings.TrimSpace(k.right) == "" {
		return fmt.Errorf("an expression is missing")
	}
	if _, replaced := c.conds[a]; !replaced && len(c.conds) >= maxConds {
		return fmt.Errorf("too many conditions")
	}
	c.conds[a] = k
	return nil
}

// breakAt is the breakpoint #N, or at an address.
func (c *Console) breakAt(s string) (machine.Addr, error) {
	all := c.T.Breaks()
	if n, ok := strings.CutPrefix(s, "#"); ok {
		v, err := c.number(n)
		if err != nil || v == 0 || v > uint64(len(all)) {
			return 0, fmt.Errorf("there is no breakpoint %s", clip(s))
		}
		return all[v-1], nil
	}
	a, err := c.one(s)
	if err != nil {
		return 0, err
	}
	for _, b := range all {
		if a == b {
			return a, nil
		}
	}
	return 0, fmt.Errorf("there is no breakpoint at %#x", uint64(a))
}

// passes says whether the kernel has stopped at a breakpoint whose condition does not hold. One that
// can't be evaluated any more stops it.
func (c *Console) passes() bool {
	st := c.T.Stopped()
	if st == nil || st.Reason != debug.Breakpoint {
		return false
	}
	r, err := c.T.Regs(c.current())
	if err != nil {
		return false
	}
	k, ok := c.conds[machine.Addr(r.Rip)]
	if !ok {
		return false
	}
	holds, err := c.evaluate(k)
	if err != nil {
		c.printf("%s: %v\n", k.text, err)
	}
	return err == nil && !holds
}

// physical is what a Target may have, too: memory by its physical address, and how many bytes there
// were.
type physical interface {
	ReadPhysical(b []byte, addr uint64) int
}

// dumpReal is dr: memory by physical addresses, which are not those of the other commands. Without
// one it goes on.
func dumpReal(c *Console, _, rest string) error {
	t, ok := c.T.(physical)
	if !ok {
		return fmt.Errorf("physical addresses are not shown here")
	}
	a := c.real
	if rest != "" {
		at, err := c.one(rest)
		if err != nil {
			return err
		}
		a = uint64(at)
	}
	for range 8 {
		b := make([]byte, 16)
		n := t.ReadPhysical(b, a)
		if n == 0 {
			return fmt.Errorf("%#x: there is no memory", a)
		}
		c.printLine(a, b[:n])
		a += 16
		c.real = a
	}
	return nil
}
