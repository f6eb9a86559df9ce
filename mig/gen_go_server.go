package mig

import (
	"fmt"
	"strings"
)

// server prints the subsystem's struct of functions and its table.
func (g *goGen) server() {
	name := g.typeName() + "Server"
	g.p("// %s are the functions of subsystem %s; nil ones answer MIG_BAD_ID.", name, g.s.Name)
	g.p("type %s struct {", name)
	for _, r := range g.s.Routines {
		g.p("%s %s", camel(r.Name), g.signature(r))
	}
	g.p("}\n")
	g.p("// Subsystem is the subsystem's name.\nfunc (s *%s) Subsystem() string { return %q }\n", name, g.s.Name)
	g.p("// Routines is the subsystem's table: ids %d to %d.", g.s.Base, g.s.Base+g.s.End-1)
	g.p("func (s *%s) Routines() []%sRoutine {\nreturn []%sRoutine{", name, g.q, g.q)
	for _, r := range g.s.Routines {
		g.p("{ID: %d, Name: %q, OneWay: %v, Served: s.%s != nil, Serve: s.serve%s},", r.ID(g.s), r.Name, r.Simple, camel(r.Name), camel(r.Name))
	}
	g.p("}\n}\n")
	for _, r := range g.s.Routines {
		g.serve(name, r)
	}
}

// signature is the type of a server's function.
func (g *goGen) signature(r *Routine) string {
	in := []string{"c *" + g.q + "Call"}
	var out []string
	for _, a := range r.Args {
		n := local(a)
		switch a.Dir {
		case RequestPort:
			in = append(in, n+" "+g.requestType(a))
		case ReplyPort, SReplyPort:
			in = append(in, n+" "+g.q+"Poly")
		case ServerSecToken:
			in = append(in, n+" ipc.SecurityToken")
		case ServerAuditToken:
			in = append(in, n+" ipc.AuditToken")
		case MsgSeqno, ServerContext:
			fail(a.Pos, "%s has no Go form", a.Name)
		case In, InOut:
			in = append(in, n+" "+g.serverIn(a))
		}
		if a.Dir == Out && a.Flags.CountInOut {
			in = append(in, n+"Room int")
		}
		switch a.Dir {
		case Out:
			out = append(out, n+" "+g.serverOut(a))
		case InOut:
			out = append(out, n+"Out "+g.serverOut(a))
		}
	}
	return fmt.Sprintf("func(%s) (%s)", strings.Join(in, ", "), strings.Join(append(out, "kr abi.KernReturn"), ", "))
}

func (g *goGen) requestType(a *Arg) string {
	if a.Type.GoType != "" && a.Type.InTran.Func != "" {
		return a.Type.GoType
	}
	return "*ipc.Port"
}

// serve prints the function that takes a request apart and puts the reply
// together.
func (g *goGen) serve(server string, r *Routine) {
	g.tmp = 0
	low := strings.ToLower(server[:1]) + server[1:] + camel(r.Name)
	want := g.specs(low+"Want", r.Request)
	g.p("func (s *%s) serve%s(c *%sCall) abi.KernReturn {", server, camel(r.Name), g.q)
	g.p("if s.%s == nil {\nreturn %sMIG_BAD_ID\n}", camel(r.Name), g.q)
	lo, hi := r.Request.bounds()
	g.p("if kr := c.Open(%d, %d, %s); kr != abi.KERN_SUCCESS {\nreturn kr\n}", lo, hi, want)
	g.readFields(r.Request, "c", "return "+g.q+"MIG_BAD_ARGUMENTS")
	if r.Request.NDR {
		g.p("if kr := c.Close(); kr != abi.KERN_SUCCESS {\nreturn kr\n}")
	}
	g.checkDescs(r)
	args := []string{"c"}
	var outs []string
	for _, a := range r.Args {
		n := local(a)
		switch a.Dir {
		case RequestPort:
			args = append(args, g.converted(a.Type, "c.Port"))
		case ReplyPort, SReplyPort:
			g.p("%sPort, %sType := c.Request.ReplyPort()", n, n)
			args = append(args, fmt.Sprintf("%sPoly{Port: %sPort, Type: %sType}", g.q, n, n))
		case ServerSecToken:
			g.p("%s, _ := c.Request.Sender()", n)
			args = append(args, n)
		case ServerAuditToken:
			g.p("_, %s := c.Request.Sender()", n)
			args = append(args, n)
		case In, InOut:
			args = append(args, g.inArg(r.Request, a))
		}
		if a.Dir == Out && a.Flags.CountInOut {
			args = append(args, n+"Room")
		}
		if a.Returns() {
			outs = append(outs, n+"Out")
		}
	}
	g.p("%s := s.%s(%s)", strings.Join(append(outs, "kr"), ", "), camel(r.Name), strings.Join(args, ", "))
	if r.Simple {
		g.p("return kr\n}\n")
		return
	}
	g.p("if kr != abi.KERN_SUCCESS {\nreturn kr\n}")
	g.reply(r)
	g.p("return abi.KERN_SUCCESS\n}\n")
}

// readFields reads what is in line, declaring a variable for each argument, and
// for counts xCount or xRoom.
func (g *goGen) readFields(m *Message, b, bad string) {
	for i := 0; i < len(m.Fields); i++ {
		f := m.Fields[i]
		if f.Arg == nil {
			continue
		}
		n := local(f.Arg)
		t := f.Arg.Type
		switch f.Kind {
		case Count:
			if t.Kind == CString { // String methods read it themselves
				continue
			}
			most := t.Count
			if t.Kind == OOL {
				most = 1<<31 - 1
			}
			if f.Arg.Dir == Out && b == "c" {
				// More room than an array can have is no fault.
				g.p("%sRoom := int(min(c.Uint32(), %d))", n, most)
				continue
			}
			g.p("%sCount := %s.Count(%d)", n, b, most)
			if f.Arg.Dir == InOut && t.Kind == OOL {
				g.p("_ = %sCount", n)
			}
		case Data:
			count := n + "Count"
			if f.Arg.CountOf != nil {
				count = local(f.Arg.CountOf) + "Count"
			}
			g.read(b, n, f, count, bad)
		}
	}
}

// checkDescs holds memory and arrays of rights to their counts.
func (g *goGen) checkDescs(r *Routine) {
	i := 0
	for _, f := range r.Request.Descs {
		t, n := f.Arg.Type, local(f.Arg)
		count := n + "Count"
		if f.Arg.CountOf != nil {
			count = local(f.Arg.CountOf) + "Count"
		}
		switch {
		case f.Kind == DescOOL && t.Var:
			g.p("if c.Memory(%d).Size() != %d*%s {\nreturn %sMIG_TYPE_ERROR\n}", i, t.Elem.Size(), count, g.q)
		case f.Kind == DescOOL:
			g.p("if c.Memory(%d).Size() != %d {\nreturn %sMIG_TYPE_ERROR\n}", i, t.Count*t.Elem.Size(), g.q)
		case f.Kind == DescPorts && t.Var:
			g.p("if len(c.Rights(%d).Ports()) != %s {\nreturn %sMIG_TYPE_ERROR\n}", i, count, g.q)
		case f.Kind == DescPorts:
			g.p("if len(c.Rights(%d).Ports()) != %d {\nreturn %sMIG_TYPE_ERROR\n}", i, t.length(), g.q)
		}
		i += f.N
	}
}

// converted applies the type's translation to a port.
func (g *goGen) converted(t *Type, port string) string {
	if t.GoType != "" && t.InTran.Func != "" {
		return goFunc(t.InTran.Func) + "(" + port + ")"
	}
	return port
}

// goFunc is the Go name of a translation function.
func goFunc(s string) string {
	n := camel(s)
	return strings.ToLower(n[:1]) + n[1:]
}

// inArg is the expression for an argument that came in.
func (g *goGen) inArg(m *Message, a *Arg) string {
	i := 0
	for _, f := range m.Descs {
		if f.Arg != a {
			i += f.N
			continue
		}
		t := a.Type
		switch {
		case f.Kind == DescOOL:
			return fmt.Sprintf("c.Memory(%d)", i)
		case f.Kind == DescPorts:
			return fmt.Sprintf("c.Rights(%d)", i)
		case t.Kind == PortKind && t.GoType != "" && t.InTran.Func != "":
			return g.converted(t, fmt.Sprintf("c.Right(%d).Port()", i))
		case t.Kind == PortKind:
			return fmt.Sprintf("c.Right(%d)", i)
		}
		n := local(a)
		g.p("var %s []%sRight", n, g.q)
		count := fmt.Sprint(f.N)
		if t.Kind == VarArray {
			count = n + "Count"
			if a.CountOf != nil {
				count = local(a.CountOf) + "Count"
			}
		}
		g.p("for i := range %s {\n%s = append(%s, c.Right(%d+i))\n}", count, n, n, i)
		return n
	}
	return local(a)
}

// reply writes the results.
func (g *goGen) reply(r *Routine) {
	m := r.Response
	for _, a := range r.Args {
		if !a.Returns() || !a.HasCount() {
			continue
		}
		n := local(a) + "Out"
		switch {
		case a.CountOf != nil && !isBytes(a.Type):
			g.p("if len(%s) != len(%sOut) {\nreturn %sMIG_ARRAY_TOO_LARGE\n}", n, local(a.CountOf), g.q)
		case a.Type.Kind == VarArray:
			g.p("if len(%s) > %d {\nreturn %sMIG_ARRAY_TOO_LARGE\n}", n, a.Type.Count, g.q)
		}
	}
	for _, f := range m.Descs {
		g.addDesc("c", local(f.Arg)+"Out", f, true)
	}
	if !m.NDR {
		return
	}
	if m.Complex() {
		g.p("c.PutNDR()")
	} else {
		g.p("c.Reply()")
	}
	g.writeFields(m, "c", "Out", true)
}

// addDesc writes one argument's descriptors.
func (g *goGen) addDesc(b, x string, f Field, server bool) {
	t := f.Arg.Type
	e := t.leaf()
	conv := server && e.Kind == PortKind && e.GoType != "" && e.OutTran.Func != "" && e.Received != poly
	disp := "abi.MACH_MSG_TYPE_" + dispName[e.Received]
	switch {
	case f.Kind == DescOOL && isBytes(t):
		g.p("%sLen := %sSizeOf(%s)", x, g.q, x)
		g.p("%s.AddCopy(%s)", b, x)
	case f.Kind == DescOOL:
		g.writeMemory(b, x, t)
	case f.Kind == DescPorts:
		if conv {
			l := g.temp("ports")
			g.p("%s := make([]*ipc.Port, len(%s))\nfor i := range %s {\n%s[i] = %s(%s[i])\n}", l, x, x, l, goFunc(e.OutTran.Func), x)
			g.p("%s.AddPorts(%s, %s)", b, l, disp)
			return
		}
		g.p("%s.AddPorts(%s, %s)", b, x, disp)
	case t.Kind == PortKind && e.Received == poly:
		g.p("%s.AddPort(%s.Port, %s.Type)", b, x, x)
	case t.Kind == PortKind && conv:
		g.p("%s.AddPort(%s(%s), %s)", b, goFunc(e.OutTran.Func), x, disp)
	case t.Kind == PortKind:
		g.p("%s.AddPort(%s, %s)", b, x, disp)
	default:
		p := "p"
		if conv {
			p = goFunc(e.OutTran.Func) + "(p)"
		}
		g.p("for _, p := range %s {\n%s.AddPort(%s, %s)\n}", x, b, p, disp)
		g.p("for i := len(%s); i < %d; i++ {\n%s.AddPort(nil, %s)\n}", x, f.N, b, disp)
	}
}

// writeFields writes what is in line.
func (g *goGen) writeFields(m *Message, b, suffix string, server bool) {
	for _, f := range m.Fields {
		if f.Arg == nil {
			continue
		}
		x, t := local(f.Arg)+suffix, f.Arg.Type
		switch f.Kind {
		case Count:
			switch {
			case t.Kind == CString:
			case !server && f.Arg.Dir == Out:
				g.p("%s.PutUint32(uint32(%sRoom))", b, local(f.Arg))
			case isBytes(t):
				g.p("%s.PutUint32(uint32(%sLen / %d))", b, x, t.Elem.Size())
			default:
				g.p("%s.PutUint32(uint32(len(%s)))", b, x)
			}
		case Data:
			g.write(b, x, f)
		}
	}
}
