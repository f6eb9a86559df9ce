package mig

import (
	"fmt"
	"strings"
)

// client prints the function that calls a routine.
func (g *goGen) client(r *Routine) {
	g.tmp = 0
	name := camel(r.UserPrefix + r.Name)
	in := []string{"cl *" + g.q + "Client"}
	var out []string
	for _, a := range r.Args {
		n := local(a)
		switch a.Dir {
		case RequestPort:
			in = append(in, n+" *ipc.Port")
		case ReplyPort, UReplyPort:
			in = append(in, n+" "+g.q+"Poly")
		case In, InOut:
			in = append(in, n+" "+g.clientIn(a))
		}
		if a.Dir == Out && a.Flags.CountInOut {
			in = append(in, n+"Room int")
		}
		if a.Returns() {
			out = append(out, n+"Out "+g.clientOut(a))
		}
	}
	want := "nil"
	if r.Response != nil {
		want = g.specs("client"+name+"Want", r.Response)
	}
	g.p("// %s calls %s, id %d.", name, r.Name, r.ID(g.s))
	g.p("func %s(%s) (%s) {", name, strings.Join(in, ", "), strings.Join(append(out, "kr abi.KernReturn"), ", "))
	g.p("m := cl.New(%d)", r.ID(g.s))
	for _, f := range r.Request.Descs {
		g.addDesc("m", local(f.Arg), f, false)
	}
	// The rights are the message's by now, which gives them up if it is not sent.
	for _, a := range r.Args {
		if a.Sends() && a.Type.Kind == VarArray {
			g.p("if len(%s) > %d {\nm.Discard()\nkr = %sMIG_ARRAY_TOO_LARGE\nreturn\n}", local(a), a.Type.Count, g.q)
		}
	}
	if r.Request.NDR {
		g.p("m.PutNDR()")
		g.writeFields(r.Request, "m", "", false)
	}
	if r.Reply != nil && r.Reply.Dir != SReplyPort {
		g.p("m.SetReply(%s)", local(r.Reply))
	}
	dest := fmt.Sprintf("%s, %s", local(r.Port), g.requestDisp(r.Port.Type))
	if r.Simple {
		g.p("return m.Send(%s)\n}\n", dest)
		return
	}
	g.p("defer m.Free()")
	g.p("if kr = m.Call(%s); kr != abi.KERN_SUCCESS {\nreturn\n}", dest)
	lo, hi := r.Response.bounds()
	g.p("if kr = m.OpenReply(%d, %d, %s); kr != abi.KERN_SUCCESS {\nreturn\n}", lo, hi, want)
	bad := "kr = " + g.q + "MIG_TYPE_ERROR\nreturn"
	// Values are read into variables of their own: results are set only
	// when all is well.
	g.p("{")
	g.readFields(r.Response, "m", bad)
	if r.Response.NDR {
		g.p("if kr = m.CloseReply(); kr != abi.KERN_SUCCESS {\nreturn\n}")
	}
	g.results(r, bad)
	g.p("}\nreturn\n}\n")
}

func (g *goGen) requestDisp(t *Type) string {
	d := t.Sent
	if d == poly {
		d = 19
	}
	return "abi.MACH_MSG_TYPE_" + dispName[d]
}

// results takes the reply's values.
func (g *goGen) results(r *Routine, bad string) {
	i := 0
	for _, f := range r.Response.Descs {
		t, n := f.Arg.Type, local(f.Arg)
		count := n + "Count"
		if f.Arg.CountOf != nil {
			count = local(f.Arg.CountOf) + "Count"
		}
		switch {
		case f.Kind == DescOOL && isBytes(t):
			g.p("if m.Memory(%d).Size() != %d*%s {\n%s\n}", i, t.Elem.Size(), count, bad)
		case f.Kind == DescOOL && t.Var:
			g.p("if m.Memory(%d).Size() != %d*%s {\n%s\n}", i, t.Elem.Size(), count, bad)
		case f.Kind == DescOOL:
			g.p("if m.Memory(%d).Size() != %d {\n%s\n}", i, t.Count*t.Elem.Size(), bad)
		case f.Kind == DescPorts && t.Var:
			g.p("if len(m.Rights(%d).Ports()) != %s {\n%s\n}", i, count, bad)
		}
		i += f.N
	}
	i = 0
	for _, f := range r.Response.Descs {
		t, n := f.Arg.Type, local(f.Arg)
		x := n + "Out"
		switch {
		case f.Kind == DescOOL && isBytes(t):
			g.p("%s = m.Memory(%d).Take()", x, i)
		case f.Kind == DescOOL:
			l := g.temp("l")
			g.p("%s, e := m.Memory(%d).Bytes(1 << 30)\nif e != abi.KERN_SUCCESS {\nkr = e\nreturn\n}", l, i)
			n := "1"
			if t.Var {
				n = local(f.Arg) + "Count"
				if f.Arg.CountOf != nil {
					n = local(f.Arg.CountOf) + "Count"
				}
			}
			g.p("%s = make(%s, %s)", x, g.data(t), n)
			j := g.temp("i")
			g.p("for %s := range %s {", j, x)
			g.decode(x+"["+j+"]", t.Elem, l, fmt.Sprintf("%d*%s", t.Elem.Size(), j))
			g.p("}")
		case f.Kind == DescPorts:
			g.p("%s = m.Rights(%d).Take()", x, i)
		case t.Kind == PortKind && t.Received == poly:
			g.p("%s.Type = m.Right(%d).Type()\n%s.Port = m.Right(%d).Take()", x, i, x, i)
		case t.Kind == PortKind:
			g.p("%s = m.TakeRight(%d)", x, i)
		default:
			count := fmt.Sprint(f.N)
			if t.Kind == VarArray {
				count = local(f.Arg) + "Count"
				if f.Arg.CountOf != nil {
					count = local(f.Arg.CountOf) + "Count"
				}
			}
			g.p("for i := range %s {\n%s = append(%s, m.TakeRight(%d+i))\n}", count, x, x, i)
		}
		i += f.N
	}
	for _, f := range r.Response.Fields {
		if f.Kind == Data {
			g.p("%sOut = %s", local(f.Arg), local(f.Arg))
		}
	}
}
