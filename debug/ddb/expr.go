package ddb

import (
	"fmt"
	"strconv"
	"strings"

	"puggle/machine"
)

// maxDepth bounds nested parentheses.
const maxDepth = 32

// scanner reads expressions: numbers, names, $registers, + - * and parentheses; *x is
// the eight bytes at x.
type scanner struct {
	c     *Console
	s     string
	depth int
}

func (p *scanner) space() { p.s = strings.TrimLeft(p.s, " \t") }

// more says whether another expression follows.
func (p *scanner) more() bool { p.space(); return p.s != "" }

func (p *scanner) take(c byte) bool {
	p.space()
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

// expr reads one expression. What follows a space is another one, except an operator.
func (p *scanner) expr() (uint64, error) {
	v, err := p.product()
	for err == nil {
		t := strings.TrimLeft(p.s, " \t")
		if t == "" || t[0] != '+' && t[0] != '-' {
			break
		}
		op := t[0]
		p.s = t[1:]
		var w uint64
		if w, err = p.product(); op == '+' {
			v += w
		} else {
			v -= w
		}
	}
	return v, err
}

func (p *scanner) product() (uint64, error) {
	v, err := p.term()
	for err == nil && strings.HasPrefix(p.s, "*") {
		p.s = p.s[1:]
		var w uint64
		w, err = p.term()
		v *= w
	}
	return v, err
}

func (p *scanner) term() (uint64, error) {
	p.space()
	if p.depth++; p.depth > maxDepth {
		return 0, fmt.Errorf("the expression is nested too deep")
	}
	defer func() { p.depth-- }()
	switch {
	case p.s == "":
		return 0, fmt.Errorf("an expression is missing")
	case p.take('('):
		v, err := p.expr()
		if err == nil && !p.take(')') {
			err = fmt.Errorf("a parenthesis is missing")
		}
		return v, err
	case p.take('-'):
		v, err := p.term()
		return -v, err
	case p.take('*'):
		a, err := p.term()
		if err != nil {
			return 0, err
		}
		return p.c.word(machine.Addr(a), 8)
	case p.take('$'):
		return p.c.variable(p.name())
	}
	w := p.name()
	if w == "" {
		return 0, fmt.Errorf("%.20q is no expression", p.s)
	}
	if w[0] >= '0' && w[0] <= '9' {
		return p.c.number(w)
	}
	if w == "." {
		return uint64(p.c.dot), nil
	}
	if a, ok := p.c.T.Symbol(w); ok {
		return uint64(a), nil
	}
	if v, err := p.c.number(w); err == nil { // a hexadecimal number may begin with a letter
		return v, nil
	}
	return 0, fmt.Errorf("%s: no such symbol", clip(w))
}

// name reads a symbol or a number. Names of extensions have dots and hyphens; a hyphen
// belongs to the name if a back-quote follows in the same word.
func (p *scanner) name() string {
	n, quote := 0, strings.IndexByte(word(p.s), '`')
	for n < len(p.s) {
		c := p.s[n]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '`' || c == '-' && n < quote) {
			break
		}
		n++
	}
	w := p.s[:n]
	p.s = p.s[n:]
	return w
}

// word is s up to the next space.
func word(s string) string {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}

// number reads a number in the radix in force; 0x, 0t and 0o say another.
func (c *Console) number(w string) (uint64, error) {
	base := int(c.vars["radix"])
	for _, p := range []struct {
		s    string
		base int
	}{{"0x", 16}, {"0t", 10}, {"0o", 8}} {
		if rest, ok := strings.CutPrefix(w, p.s); ok {
			w, base = rest, p.base
			break
		}
	}
	v, err := strconv.ParseUint(w, base, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: no number", clip(w))
	}
	return v, nil
}

// clip shortens what somebody typed, for a message.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
