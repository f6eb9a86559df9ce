package mig

import "fmt"

// Reading and writing of data in generated Go. b is the buffer's name in the
// code being made.

func (g *goGen) temp(s string) string {
	g.tmp++
	return fmt.Sprintf("%s%d", s, g.tmp)
}

// fromBits converts an expression of the wire's type to the argument's.
func (g *goGen) fromBits(t *Type, x string) string {
	to := g.data(t)
	if plain(t) == "bool" {
		x += " != 0"
		if to == "bool" {
			return x
		}
		return to + "(" + x + ")"
	}
	if to == fmt.Sprintf("uint%d", t.Bits) {
		return x
	}
	return to + "(" + x + ")"
}

func (g *goGen) toBits(t *Type, x string) string {
	from := g.data(t)
	if plain(t) == "bool" {
		if from != "bool" {
			x = "bool(" + x + ")"
		}
		return g.q + "Boolean(" + x + ")"
	}
	w := fmt.Sprintf("uint%d", t.Bits)
	if from == w {
		return x
	}
	return w + "(" + x + ")"
}

// readScalar gives the expression that reads t in line.
func (g *goGen) readScalar(b string, t *Type) string {
	if t.Bits > 64 {
		fail(t.Pos, "%s: %d bits have no Go form", t.Name, t.Bits)
	}
	return g.fromBits(t, fmt.Sprintf("%s.Uint%d()", b, t.Bits))
}

// decode fills the variable x of type t from the bytes l, at the offset off (an
// expression).
func (g *goGen) decode(x string, t *Type, l, off string) {
	switch {
	case t.Kind == Scalar && t.Bits == 8:
		g.p("%s = %s", x, g.fromBits(t, fmt.Sprintf("%s[%s]", l, off)))
	case t.Kind == Scalar && t.Bits > 64:
		g.p("copy(%s[:], %s[%s:])", x, l, off)
	case t.Kind == Scalar:
		g.p("%s = %s", x, g.fromBits(t, fmt.Sprintf("binary.LittleEndian.Uint%d(%s[%s:])", t.Bits, l, off)))
	case t.Kind == PortKind:
		fail(t.Pos, "rights can't be here")
	default:
		i := g.temp("i")
		if t.Elem.Kind == Scalar && t.Elem.Bits == 8 && g.data(t.Elem) == "byte" {
			g.p("copy(%s[:], %s[%s:])", x, l, off)
			return
		}
		g.p("for %s := range %s {", i, x)
		g.decode(x+"["+i+"]", t.Elem, l, fmt.Sprintf("%s+%d*%s", off, t.Elem.Size(), i))
		g.p("}")
	}
}

// encode writes x without padding.
func (g *goGen) encode(b, x string, t *Type) {
	switch {
	case t.Kind == Scalar && t.Bits > 64:
		g.p("%s.PutRaw(%s[:])", b, x)
	case t.Kind == Scalar:
		g.p("%s.Raw%d(%s)", b, t.Bits, g.toBits(t, x))
	default:
		if t.Elem.Kind == Scalar && t.Elem.Bits == 8 && g.data(t.Elem) == "byte" {
			g.p("%s.PutRaw(%s[:])", b, x)
			return
		}
		i := g.temp("i")
		g.p("for %s := range %s {", i, x)
		g.encode(b, x+"["+i+"]", t.Elem)
		g.p("}")
	}
}

// read declares x and reads a Data field into it. bad is what to do when the
// message is too short.
func (g *goGen) read(b, x string, f Field, count, bad string) {
	t := f.Arg.Type
	switch {
	case t.Kind == Scalar && t.Bits <= 64:
		g.p("%s := %s", x, g.readScalar(b, t))
	case t.Kind == CString && t.Var:
		g.p("%s := %s.VarString(%d)", x, b, t.Count)
	case t.Kind == CString:
		g.p("%s := %s.String(%d)", x, b, t.Count)
	default:
		l := g.temp("l")
		if t.Kind == VarArray {
			g.p("%s := %s.Bytes(%d * %s)", l, b, t.Elem.Size(), count)
			g.p("if len(%s) != %d*%s {\n%s\n}", l, t.Elem.Size(), count, bad)
			g.p("%s := make(%s, %s)", x, g.data(t), count)
		} else {
			g.p("%s := %s.Bytes(%d)", l, b, t.Size())
			g.p("if len(%s) != %d {\n%s\n}", l, t.Size(), bad)
			g.p("var %s %s", x, g.data(t))
		}
		g.decode(x, t, l, "0")
	}
}

// write writes a Data field.
func (g *goGen) write(b, x string, f Field) {
	t := f.Arg.Type
	switch {
	case t.Kind == Scalar && t.Bits <= 64:
		g.p("%s.PutUint%d(%s)", b, t.Bits, g.toBits(t, x))
	case t.Kind == CString && t.Var:
		g.p("%s.PutVarString(%s, %d)", b, x, t.Count)
	case t.Kind == CString:
		g.p("%s.PutString(%s, %d)", b, x, t.Count)
	default:
		g.encode(b, x, t)
		if t.Size()%4 != 0 || t.Kind == VarArray && t.Elem.Size()%4 != 0 {
			g.p("%s.Pad()", b)
		}
	}
}

// writeMemory adds a DescOOL that is not bytes: elements are encoded.
func (g *goGen) writeMemory(b, x string, t *Type) {
	m := g.temp("mem")
	g.p("var %s %sEncoder", m, g.q)
	if t.Var {
		i := g.temp("i")
		g.p("for %s := range %s {", i, x)
		g.encode(m, x+"["+i+"]", t.Elem)
		g.p("}")
	} else {
		g.encode(m, x+"[0]", t.Elem)
	}
	g.p("%s.AddBytes(%s)", b, m)
}
