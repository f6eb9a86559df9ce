package mig

// FieldKind says what a part of a message is.
type FieldKind uint8

const (
	DescPort  FieldKind = iota // one port descriptor, or N of them
	DescOOL                    // out-of-line data
	DescPorts                  // out-of-line rights
	RetCode
	Count  // of a variable array
	Offset // of a variable string: zero
	Data
)

// Field is one part of a message.
type Field struct {
	Kind FieldKind
	Arg  *Arg
	N    int // DescPort: how many
	Size int // Data: bytes at the most, not rounded
	Var  bool
}

// Message is the layout of a request or a reply.
type Message struct {
	Descs  []Field
	Fields []Field // in line, in order
	NDR    bool
	Min    int // bytes, header included
	Max    int
}

// Complex says whether the message has descriptors.
func (m *Message) Complex() bool { return len(m.Descs) > 0 }

// NumDescs is the number of descriptors.
func (m *Message) NumDescs() int {
	n := 0
	for _, f := range m.Descs {
		n += f.N
	}
	return n
}

const (
	headerSize = 24
	bodySize   = 4
	ndrSize    = 8
)

func round4(n int) int { return (n + 3) &^ 3 }

// Size is the type's size in line, in bytes, at the most.
func (t *Type) Size() int {
	switch t.Kind {
	case Scalar:
		return t.Bits / 8
	case PortKind:
		return 4
	case Array, VarArray:
		return t.Count * t.Elem.Size()
	case CString:
		return t.Count
	}
	return 8
}

// leaf is the element at the bottom of nested arrays.
func (t *Type) leaf() *Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}

// holdsPorts says whether the type is rights or an array of them.
func (t *Type) holdsPorts() bool { return t.leaf().Kind == PortKind }

// length is how many leaves there are at the most.
func (t *Type) length() int {
	if t.Elem == nil {
		return 1
	}
	return t.Count * t.Elem.length()
}

func (r *Routine) layout() {
	r.Request = layout(r, (*Arg).Sends, false)
	if !r.Simple {
		r.Response = layout(r, (*Arg).Returns, true)
	}
}

func layout(r *Routine, carries func(*Arg) bool, reply bool) *Message {
	m := &Message{}
	var data []Field
	for _, a := range r.Args {
		if !carries(a) {
			// The room that the caller has for what comes back.
			if !reply && a.Flags.CountInOut && a.Returns() && a.CountOf == nil {
				data = append(data, Field{Kind: Count, Arg: a, Size: 4})
			}
			continue
		}
		t := a.Type
		if a.HasCount() && a.CountOf == nil {
			data = append(data, Field{Kind: Count, Arg: a, Size: 4})
		}
		switch {
		case t.Kind == OOL && t.holdsPorts():
			m.Descs = append(m.Descs, Field{Kind: DescPorts, Arg: a, N: 1})
		case t.Kind == OOL:
			m.Descs = append(m.Descs, Field{Kind: DescOOL, Arg: a, N: 1})
		case t.holdsPorts():
			m.Descs = append(m.Descs, Field{Kind: DescPort, Arg: a, N: t.length()})
		case t.Kind == CString && t.Var:
			data = append(data, Field{Kind: Offset, Arg: a, Size: 4}, Field{Kind: Count, Arg: a, Size: 4},
				Field{Kind: Data, Arg: a, Size: t.Size(), Var: true})
		default:
			data = append(data, Field{Kind: Data, Arg: a, Size: t.Size(), Var: t.Kind == VarArray})
		}
	}
	if reply && !m.Complex() {
		data = append([]Field{{Kind: RetCode, Size: 4}}, data...)
	}
	m.Fields, m.NDR = data, len(data) > 0
	m.Min = headerSize
	if m.Complex() {
		m.Min += bodySize
	}
	for _, d := range m.Descs {
		size := 16
		if d.Kind == DescPort {
			size = 12
		}
		m.Min += size * d.N
	}
	if m.NDR {
		m.Min += ndrSize
	}
	m.Max = m.Min
	for _, f := range data {
		m.Max += round4(f.Size)
		if !f.Var {
			m.Min += round4(f.Size)
		}
	}
	if m.Max > maxMessage || m.NumDescs() > maxDescriptor {
		fail(r.Pos, "messages of %s are too large", r.Name)
	}
	return m
}
