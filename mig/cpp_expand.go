package mig

import (
	"strconv"
	"strings"
)

// expand replaces macros in l.
func (p *cpp) expand(l []token, depth int) []token {
	var out []token
	for i := 0; i < len(l); i++ {
		t := l[i]
		p.spend(t.pos, 1)
		m := p.macros[t.text]
		if t.kind != tIdent || m == nil || t.depth > 0 && t.depth <= depth {
			out = append(out, t)
			continue
		}
		if depth >= maxExpand {
			fail(t.pos, "macro %s expands without end", t.text)
		}
		body := m.body
		if m.function {
			args, n := p.arguments(l[i+1:])
			if n == 0 { // a name without arguments stays itself
				out = append(out, t)
				continue
			}
			if len(args) != len(m.params) && !(len(m.params) == 0 && len(args) == 1 && len(args[0]) == 0) {
				fail(t.pos, "macro %s takes %d arguments, not %d", t.text, len(m.params), len(args))
			}
			for k := range args {
				args[k] = p.expand(args[k], depth+1)
			}
			body = p.substitute(m, args)
			i += n
		}
		p.spend(t.pos, len(body))
		fresh := paste(body)
		for k := range fresh {
			fresh[k].pos = t.pos // errors point at the use
			fresh[k].bol = false
			if fresh[k].kind == tIdent && fresh[k].text == t.text {
				fresh[k].depth = maxExpand + 1 // not again
			}
		}
		delete(p.macros, t.text)
		out = append(out, p.expand(fresh, depth+1)...)
		p.macros[t.text] = m
	}
	return out
}

// arguments reads "( a, b )" and says how many tokens that took, 0 for none.
func (p *cpp) arguments(l []token) (args [][]token, n int) {
	if len(l) == 0 || !l[0].is("(") {
		return nil, 0
	}
	depth := 0
	arg := []token{}
	for i, t := range l {
		switch {
		case t.is("("):
			if depth++; depth == 1 {
				continue
			}
		case t.is(")"):
			if depth--; depth == 0 {
				return append(args, arg), i + 1
			}
		case t.is(",") && depth == 1:
			if args = append(args, arg); len(args) > maxParams {
				fail(t.pos, "too many arguments")
			}
			arg = nil
			continue
		}
		arg = append(arg, t)
	}
	fail(l[0].pos, "arguments of a macro do not end")
	return nil, 0
}

func (p *cpp) substitute(m *macro, args [][]token) []token {
	var out []token
	for _, t := range m.body {
		k := -1
		if t.kind == tIdent {
			for i, name := range m.params {
				if name == t.text {
					k = i
				}
			}
		}
		if k < 0 {
			out = append(out, t)
			continue
		}
		p.spend(t.pos, len(args[k]))
		out = append(out, args[k]...)
	}
	return out
}

// paste does ##.
func paste(l []token) []token {
	var out []token
	for i := 0; i < len(l); i++ {
		if l[i].is("##") && len(out) > 0 && i+1 < len(l) {
			last := &out[len(out)-1]
			last.text += l[i+1].text
			if len(last.text) > 4096 {
				fail(last.pos, "name is too long")
			}
			i++
			continue
		}
		out = append(out, l[i])
	}
	return out
}

// eval computes an #if expression.
func (p *cpp) eval(at Pos, l []token) int64 {
	// defined must be seen before macros are expanded.
	var in []token
	for i := 0; i < len(l); i++ {
		if l[i].kind == tIdent && l[i].text == "defined" {
			j := i + 1
			paren := j < len(l) && l[j].is("(")
			if paren {
				j++
			}
			if j >= len(l) || l[j].kind != tIdent || paren && (j+1 >= len(l) || !l[j+1].is(")")) {
				fail(l[i].pos, "defined needs a name")
			}
			v := "0"
			if p.macros[l[j].text] != nil {
				v = "1"
			}
			in = append(in, token{kind: tNumber, text: v, pos: l[i].pos})
			if i = j; paren {
				i++
			}
			continue
		}
		in = append(in, l[i])
	}
	x := &exprParser{l: p.expand(in, 0), at: at}
	if len(x.l) == 0 {
		fail(at, "#if needs an expression")
	}
	v := x.binary(0, 0)
	if len(x.l) > 0 {
		fail(x.l[0].pos, "%v is not expected in an expression", x.l[0])
	}
	return v
}

type exprParser struct {
	l    []token
	at   Pos
	dead int // depth of operands that do not count
}

// levels of binary operators, the loosest first.
var levels = [][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

func (x *exprParser) binary(level, nest int) int64 {
	if level == len(levels) {
		return x.unary(nest)
	}
	v := x.binary(level+1, nest)
next:
	for len(x.l) > 0 && x.l[0].kind == tPunct {
		for _, op := range levels[level] {
			if x.l[0].text == op {
				pos := x.l[0].pos
				x.l = x.l[1:]
				// What does not count may divide by zero.
				dead := op == "||" && v != 0 || op == "&&" && v == 0
				if dead {
					x.dead++
				}
				w := x.binary(level+1, nest)
				if dead {
					x.dead--
				}
				if x.dead > 0 && w == 0 && (op == "/" || op == "%") {
					w = 1
				}
				v = arith(pos, op, v, w)
				continue next
			}
		}
		break
	}
	return v
}

func arith(pos Pos, op string, a, b int64) int64 {
	truth := func(t bool) int64 {
		if t {
			return 1
		}
		return 0
	}
	switch op {
	case "||":
		return truth(a != 0 || b != 0)
	case "&&":
		return truth(a != 0 && b != 0)
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&":
		return a & b
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "<<":
		return a << (uint64(b) & 63)
	case ">>":
		return a >> (uint64(b) & 63)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	if b == 0 {
		fail(pos, "division by zero")
	}
	if b == -1 {
		b = 1
		a = -a
	}
	if op == "/" {
		return a / b
	}
	return a % b
}

func (x *exprParser) unary(nest int) int64 {
	if nest > maxNest {
		fail(x.at, "expression is nested too deeply")
	}
	if len(x.l) == 0 {
		fail(x.at, "expression ends too early")
	}
	t := x.l[0]
	x.l = x.l[1:]
	switch {
	case t.kind == tNumber:
		return number(t)
	case t.kind == tIdent:
		return 0
	case t.is("!"):
		if x.unary(nest+1) == 0 {
			return 1
		}
		return 0
	case t.is("-"):
		return -x.unary(nest + 1)
	case t.is("+"):
		return x.unary(nest + 1)
	case t.is("~"):
		return ^x.unary(nest + 1)
	case t.is("("):
		v := x.binary(0, nest+1)
		if len(x.l) == 0 || !x.l[0].is(")") {
			fail(t.pos, "parenthesis does not close")
		}
		x.l = x.l[1:]
		return v
	}
	fail(t.pos, "%v is not expected in an expression", t)
	return 0
}

// number is the value of a number, C's suffixes allowed.
func number(t token) int64 {
	s := strings.TrimRight(t.text, "uUlL")
	v, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		fail(t.pos, "%s is not a number", t.text)
	}
	return v
}
