package mig

import "strings"

// primitive types on the wire, by the names of <mach/message.h> and NeXT's.
var primitives = map[string]int{
	"MACH_MSG_TYPE_UNSTRUCTURED": 8, "MACH_MSG_TYPE_BOOLEAN": 32, "MACH_MSG_TYPE_BIT": 1,
	"MACH_MSG_TYPE_INTEGER_8": 8, "MACH_MSG_TYPE_INTEGER_16": 16, "MACH_MSG_TYPE_INTEGER_32": 32,
	"MACH_MSG_TYPE_INTEGER_64": 64, "MACH_MSG_TYPE_CHAR": 8, "MACH_MSG_TYPE_BYTE": 8,
	"MACH_MSG_TYPE_REAL_32": 32, "MACH_MSG_TYPE_REAL_64": 64, "MACH_MSG_TYPE_REAL": 32,
	"MACH_MSG_TYPE_PORT_NAME": 32, "MACH_MSG_TYPE_INTEGER_128": 128,
	"MSG_TYPE_BOOLEAN": 32, "MSG_TYPE_INTEGER_8": 8, "MSG_TYPE_INTEGER_16": 16, "MSG_TYPE_INTEGER_32": 32,
	"MSG_TYPE_CHAR": 8, "MSG_TYPE_BYTE": 8, "MSG_TYPE_REAL": 32, "MSG_TYPE_UNSTRUCTURED": 8,
}

// rights are the dispositions: as sent, as received.
var rights = map[string][2]Disp{
	"MACH_MSG_TYPE_MOVE_RECEIVE":   {16, 16},
	"MACH_MSG_TYPE_MOVE_SEND":      {17, 17},
	"MACH_MSG_TYPE_MOVE_SEND_ONCE": {18, 18},
	"MACH_MSG_TYPE_COPY_SEND":      {19, 17},
	"MACH_MSG_TYPE_MAKE_SEND":      {20, 17},
	"MACH_MSG_TYPE_MAKE_SEND_ONCE": {21, 18},
	// As received: who sends one says which by an argument.
	"MACH_MSG_TYPE_PORT_RECEIVE":   {poly, 16},
	"MACH_MSG_TYPE_PORT_SEND":      {poly, 17},
	"MACH_MSG_TYPE_PORT_SEND_ONCE": {poly, 18},
	"MACH_MSG_TYPE_POLYMORPHIC":    {poly, poly},
	"polymorphic":                  {poly, poly},
	"MSG_TYPE_PORT":                {19, 17},
	"MSG_TYPE_PORT_ALL":            {16, 16},
}

func (p *parser) typeDecl(token) {
	t := p.namedType(p.name("the type's name"))
	if p.types[t.Name] == nil {
		if len(p.types) >= maxTypes {
			fail(t.Pos, "too many types")
		}
		p.sub.Types = append(p.sub.Types, t)
	}
	p.types[t.Name] = t
}

// namedType parses `= spec` after a name. An argument's is not declared: it is
// that argument's alone.
func (p *parser) namedType(name token) *Type {
	p.expect("=")
	t := p.transSpec()
	if t.Name != "" {
		// Another name for the same: translations are inherited, C names not.
		c := *t
		c.Base, c.CType, c.UserType, c.ServerType = t, "", "", ""
		t = &c
	}
	t.Name, t.Pos = name.text, name.pos
	return t
}

// transSpec is a type and what is said of its translation.
func (p *parser) transSpec() *Type {
	t := p.spec()
	own := false
	mine := func() *Type {
		if !own && t.Name != "" {
			c := *t
			c.Base, c.Name = t, ""
			c.CType, c.UserType, c.ServerType = "", "", ""
			t = &c
		}
		own = true
		return t
	}
	for {
		w := p.peek()
		if w.kind != tIdent {
			return t
		}
		switch strings.ToLower(w.text) {
		case "intran":
			p.i++
			p.expect(":")
			m := mine()
			m.InTran = Trans{Type: p.name("a type").text, Func: p.name("a function").text}
			m.ServerType = m.InTran.Type
			p.parenType()
		case "outtran":
			p.i++
			p.expect(":")
			m := mine()
			m.OutTran.Type = p.name("a type").text
			m.OutTran.Func = p.name("a function").text
			m.ServerType = p.parenType()
		case "destructor":
			p.i++
			p.expect(":")
			mine().Destructor = p.name("a function").text
			p.parenType()
		case "ctype":
			p.i++
			p.expect(":")
			mine().CType = p.name("a type").text
		case "cusertype":
			p.i++
			p.expect(":")
			mine().UserType = p.name("a type").text
		case "cservertype":
			p.i++
			p.expect(":")
			mine().ServerType = p.name("a type").text
		case "gotype":
			p.i++
			p.expect(":")
			mine().GoType = p.text("a Go type")
		default:
			return t
		}
	}
}

func (p *parser) parenType() string {
	p.expect("(")
	t := p.name("a type")
	p.expect(")")
	return t.text
}

// spec is a type proper. It returns a declared type itself, or a new one with
// no name.
func (p *parser) spec() *Type {
	if p.nest++; p.nest > maxNest {
		fail(p.peek().pos, "type is nested too deeply")
	}
	defer func() { p.nest-- }()
	t := p.peek()
	switch {
	case p.accept("^"):
		return p.outOfLine(t, p.spec())
	case t.is("("):
		return p.parenSpec()
	case t.kind == tNumber:
		return p.basic()
	case t.kind != tIdent:
		fail(t.pos, "expected a type, not %v", t)
	}
	switch strings.ToLower(t.text) {
	case "array":
		p.i++
		return p.arraySpec(t)
	case "struct":
		p.i++
		p.expect("[")
		n := p.expr("a count")
		if p.accept(",") { // an alignment, which 4 bytes always are
			p.expr("an alignment")
		}
		p.expect("]")
		p.of()
		a := p.fixed(t, n, p.spec())
		a.Struct = true
		return a
	case "c_string":
		p.i++
		p.expect("[")
		v := p.accept("*")
		if v {
			p.expect(":")
		}
		n := p.expr("a size")
		p.expect("]")
		return p.sized(&Type{Pos: t.pos, Kind: CString, Count: n, Var: v})
	case "pointerto", "valueof", "pointertoifnot":
		fail(t.pos, "%s needs C's layout of a type, which .defs files don't have", t.text)
	}
	if known := p.types[t.text]; known != nil {
		p.i++
		return known
	}
	return p.basic()
}

func (p *parser) of() {
	if !p.word("of") {
		fail(p.peek().pos, "expected 'of', not %v", p.peek())
	}
}

func (p *parser) arraySpec(at token) *Type {
	p.expect("[")
	switch {
	case p.accept("]"):
		p.of()
		return p.outOfLineVar(at, p.spec())
	case p.accept("*"):
		if p.accept("]") {
			p.of()
			return p.outOfLineVar(at, p.spec())
		}
		p.expect(":")
		n := p.expr("a count")
		p.expect("]")
		p.of()
		e := p.element(at, p.spec())
		return p.sized(&Type{Pos: at.pos, Kind: VarArray, Elem: e, Count: n})
	}
	n := p.expr("a count")
	p.expect("]")
	p.of()
	return p.fixed(at, n, p.spec())
}

func (p *parser) fixed(at token, n int, e *Type) *Type {
	return p.sized(&Type{Pos: at.pos, Kind: Array, Elem: p.element(at, e), Count: n})
}

// element checks that e can be in an array.
func (p *parser) element(at token, e *Type) *Type {
	switch {
	case e.Kind == CString && !e.Var:
		// Strings in a row are arrays of bytes: nothing ends them early.
		return &Type{Pos: e.Pos, Name: e.Name, Kind: Array, Count: e.Count, Elem: &Type{Pos: e.Pos, Name: "char", Kind: Scalar, Bits: 8, Wire: "CHAR"}}
	case e.Kind == VarArray, e.Kind == OOL, e.Kind == CString:
		fail(at.pos, "elements of an array must be of fixed size and in line")
	case e.Kind == Scalar && e.Bits%8 != 0:
		fail(at.pos, "elements of an array must be whole bytes")
	}
	return e
}

func (p *parser) sized(t *Type) *Type {
	if t.Count < 1 || t.Elem != nil && t.Elem.Size() > 0 && t.Count > maxInline/t.Elem.Size() || t.Size() > maxInline {
		fail(t.Pos, "size must be between 1 and %d bytes", maxInline)
	}
	return t
}

// outOfLine makes ^ t.
func (p *parser) outOfLine(at token, t *Type) *Type {
	switch t.Kind {
	case OOL:
		c := *t // ^ array [] of, where array [] is out of line already
		c.Name, c.Pos = "", at.pos
		return &c
	case VarArray:
		return &Type{Pos: at.pos, Kind: OOL, Elem: t.Elem, Var: true}
	case CString:
		fail(at.pos, "a c_string can't be out of line")
	}
	return &Type{Pos: at.pos, Kind: OOL, Elem: t, Count: 1}
}

func (p *parser) outOfLineVar(at token, e *Type) *Type {
	return &Type{Pos: at.pos, Kind: OOL, Elem: p.element(at, e), Var: true}
}

// parenSpec is ( IPC type , size [, options] ), or an expression as a number.
func (p *parser) parenSpec() *Type {
	at := p.expect("(")
	t := p.basic()
	if p.accept(",") {
		n := p.expr("a size in bits")
		if t.Kind == Scalar {
			t.Bits = n
			p.bits(at, n)
		}
	}
	t.Flags = p.flags(t.Flags)
	p.expect(")")
	return t
}

func (p *parser) bits(at token, n int) {
	if n < 8 || n%8 != 0 || n > 128 {
		fail(at.pos, "a scalar has 8, 16, 32, 64 or 128 bits, not %d", n)
	}
}

// basic is a primitive, or two with | between: as sent, as received.
func (p *parser) basic() *Type {
	at := p.peek()
	t := p.prim()
	if !p.accept("|") {
		return t
	}
	u := p.prim()
	if t.Kind != u.Kind {
		fail(at.pos, "the two ends disagree on what this is")
	}
	if t.Kind == Scalar {
		if t.Bits != u.Bits {
			fail(at.pos, "the two ends disagree on the size")
		}
		return t
	}
	t.Received = u.Received
	return t
}

func (p *parser) prim() *Type {
	t := p.next()
	if t.kind == tNumber {
		return p.primByNumber(t)
	}
	if n, ok := primitives[t.text]; ok {
		wire := strings.TrimPrefix(strings.TrimPrefix(t.text, "MACH_"), "MSG_TYPE_")
		return &Type{Pos: t.pos, Kind: Scalar, Bits: n, Bool: wire == "BOOLEAN", Wire: wire}
	}
	if d, ok := rights[t.text]; ok {
		return &Type{Pos: t.pos, Kind: PortKind, Sent: d[0], Received: d[1]}
	}
	fail(t.pos, "%v is not a known type", t)
	return nil
}

// primByNumber takes msgt_name's numbers.
func (p *parser) primByNumber(t token) *Type {
	for _, name := range []string{"MACH_MSG_TYPE_MOVE_RECEIVE", "MACH_MSG_TYPE_MOVE_SEND", "MACH_MSG_TYPE_MOVE_SEND_ONCE",
		"MACH_MSG_TYPE_COPY_SEND", "MACH_MSG_TYPE_MAKE_SEND", "MACH_MSG_TYPE_MAKE_SEND_ONCE"} {
		if d := rights[name]; number(t) == int64(d[0]) {
			return &Type{Pos: t.pos, Kind: PortKind, Sent: d[0], Received: d[1]}
		}
	}
	names := map[int64]string{0: "BOOLEAN", 1: "INTEGER_16", 2: "INTEGER_32", 8: "CHAR", 9: "BYTE", 10: "REAL_32", 11: "INTEGER_64"}
	wire, ok := names[number(t)]
	if !ok {
		fail(t.pos, "%s is not the number of a type", t.text)
	}
	return &Type{Pos: t.pos, Kind: Scalar, Bits: primitives["MACH_MSG_TYPE_"+wire], Wire: wire}
}

// expr is a constant: numbers with + - * / and parentheses.
func (p *parser) expr(what string) int {
	at := p.peek().pos
	v := p.sum(0)
	if v < 0 || v > maxInline {
		fail(at, "%s must be between 0 and %d", what, maxInline)
	}
	return int(v)
}

func (p *parser) sum(nest int) int64 {
	v := p.product(nest)
	for {
		t := p.peek()
		switch {
		case p.accept("+"):
			v = arith(t.pos, "+", v, p.product(nest))
		case p.accept("-"):
			v = arith(t.pos, "-", v, p.product(nest))
		default:
			return v
		}
	}
}

func (p *parser) product(nest int) int64 {
	v := p.atom(nest)
	for {
		t := p.peek()
		switch {
		case p.accept("*"):
			v = arith(t.pos, "*", v, p.atom(nest))
		case p.accept("/"):
			v = arith(t.pos, "/", v, p.atom(nest))
		default:
			return v
		}
	}
}

func (p *parser) atom(nest int) int64 {
	t := p.next()
	if nest > maxNest {
		fail(t.pos, "expression is nested too deeply")
	}
	switch {
	case t.kind == tNumber:
		return number(t)
	case t.is("("):
		v := p.sum(nest + 1)
		p.expect(")")
		return v
	}
	fail(t.pos, "expected a number, not %v", t)
	return 0
}
