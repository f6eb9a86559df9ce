package mig

import (
	"fmt"
	"slices"
)

// CUser makes the user's stubs.
func (s *Subsystem) CUser(o COptions) ([]byte, error) {
	g := &cGen{s: s, o: o}
	g.start("<mach/mach.h>", "<mach/ndr.h>", "<mach/mig.h>", "<mach/mig_errors.h>")
	if slices.ContainsFunc(s.Routines, func(r *Routine) bool { return r.SpecialReply }) {
		g.p("#include <mach/mach_sync_ipc.h>")
	}
	g.imports("import uimport ")
	if s.RCSID != "" {
		g.p("static const char user_rcsid[] __attribute__((used)) = %q;", s.RCSID)
	}
	g.WriteString(cHelpers)
	for i, r := range s.Routines {
		switch {
		case i == 0:
			g.errorProc(r.ErrorProc)
		case r.ErrorProc != s.Routines[i-1].ErrorProc:
			g.p("#undef MIG_RETURN")
			g.errorProc(r.ErrorProc)
		}
		g.userRoutine(r)
	}
	return g.Bytes(), nil
}

// errorProc defines how the stubs that follow return.
func (g *cGen) errorProc(name string) {
	if name == "" {
		g.p("#define MIG_RETURN(r) return (r)")
	} else {
		g.p("#define MIG_RETURN(r) do { kern_return_t e_ = (r); if (e_) %s(e_); return e_; } while (0)", name)
	}
}

func (g *cGen) userRoutine(r *Routine) {
	g.p("\n/* %d */\n%s\n{", r.ID(g.s), g.userProto(r))
	room := r.Request.Max
	if r.Response != nil {
		room = max(room, round4(r.Response.Max)+68) // and a trailer
	}
	// What goes to the kernel and back lies in as few cache lines as it can.
	g.p("\tunion { mach_msg_header_t head; mig_reply_error_t error; char bytes[%d]; } m __attribute__((aligned(64)));", room)
	g.p("\tmach_msg_header_t *h = &m.head;\n\tchar *p = m.bytes + sizeof *h;\n\tmach_msg_return_t r;")
	for _, a := range r.Args {
		if a.Sends() && a.Type.Kind == VarArray && a.CountOf == nil {
			g.p("\tif (%s > %d)\n\t\tMIG_RETURN(MIG_ARRAY_TOO_LARGE);", g.count(a, false), a.Type.Count)
		}
	}
	g.putDescs(r.Request, false)
	if r.Request.NDR {
		g.p("\tp = mig_put(p, &NDR_record, sizeof NDR_record);")
	}
	for _, f := range r.Request.Fields {
		g.putField(f, false)
	}
	g.userSend(r)
	if r.Simple {
		g.p("\tMIG_RETURN(r);\n}")
		return
	}
	g.userReply(r)
}

// putField writes a field in line; on the server's side out arguments are
// locals, on the user's side pointers.
func (g *cGen) putField(f Field, server bool) {
	if f.Kind == RetCode {
		g.p("\tp = mig_put32(p, KERN_SUCCESS);")
		return
	}
	a, t := f.Arg, f.Arg.Type
	switch f.Kind {
	case Count:
		if t.Kind != CString {
			g.p("\tp = mig_put32(p, %s);", g.count(a, server))
		}
	case Data:
		ref := "&" + a.Name
		if t.byReference() || !server && a.Returns() {
			ref = a.Name
		}
		switch {
		case t.Kind == CString && t.Var:
			g.p("\tp = mig_put_var_string(p, %s, %d);", ref, t.Count)
		case t.Kind == CString:
			g.p("\tp = mig_put_string(p, %s, %d);", ref, t.Count)
		case t.Kind == VarArray:
			g.p("\tp = mig_put(p, %s, %s * %d);", ref, g.count(a, server), t.Elem.Size())
		default:
			g.p("\tp = mig_put(p, %s, %d);", ref, t.Size())
		}
	}
}

func (g *cGen) userSend(r *Routine) {
	disp := fmt.Sprint(int(r.Port.Type.Sent))
	if r.Port.Type.Sent == poly {
		disp = "MACH_MSG_TYPE_COPY_SEND"
	}
	reply, replyDisp := "mig_get_reply_port()", "MACH_MSG_TYPE_MAKE_SEND_ONCE"
	named := r.Reply != nil && r.Reply.Dir != SReplyPort
	special := r.SpecialReply && !r.Simple && !named
	switch {
	case r.Simple:
		reply, replyDisp = "MACH_PORT_NULL", "0"
	case special:
		reply = "mig_get_special_reply_port()"
	}
	if a := r.Reply; named {
		reply, replyDisp = a.Name, fmt.Sprint(int(a.Type.Sent))
		if a.Type.Sent == poly {
			replyDisp = a.Name + "Poly"
		}
	}
	cplx := ""
	if r.Request.Complex() {
		cplx = " | MACH_MSGH_BITS_COMPLEX"
	}
	g.p("\th->msgh_bits = MACH_MSGH_BITS(%s, %s)%s;", disp, replyDisp, cplx)
	g.p("\th->msgh_size = (mach_msg_size_t)(p - m.bytes);")
	g.p("\th->msgh_remote_port = %s;\n\th->msgh_local_port = %s;", r.Port.Name, reply)
	g.p("\th->msgh_voucher_port = MACH_PORT_NULL;\n\th->msgh_id = %d;", r.ID(g.s))
	opt := "MACH_SEND_MSG"
	if !r.Simple {
		opt += " | MACH_RCV_MSG"
	}
	if special {
		opt += " | MACH_SEND_SYNC_OVERRIDE | MACH_SEND_SYNC_USE_THRPRI | MACH_RCV_SYNC_WAIT"
	}
	timeout := "MACH_MSG_TIMEOUT_NONE"
	add := func(o, t string) { opt, timeout = opt+" | "+o, t }
	wait, send, extra := r.WaitTime, r.SendTime, r.MsgOption
	for _, a := range r.Args {
		switch a.Dir {
		case WaitTime:
			wait = a.Name
		case SendTime:
			send = a.Name
		case MsgOption:
			extra = a.Name
		case UserSecToken:
			opt += " | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_SENDER)"
		case UserAuditToken:
			opt += " | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT)"
		}
	}
	if wait != "" && !r.Simple {
		add("MACH_RCV_TIMEOUT", wait)
	}
	if send != "" {
		add("MACH_SEND_TIMEOUT", send)
	}
	if wait != "" && r.Simple {
		add("MACH_SEND_TIMEOUT", wait)
	}
	if extra != "" {
		opt += " | " + extra
	}
	if r.Simple {
		g.p("\tr = mach_msg(h, %s, h->msgh_size, 0, MACH_PORT_NULL, %s, MACH_PORT_NULL);", opt, timeout)
		g.consume(r, "\t", true)
		return
	}
	g.p("\tmach_port_t reply_port = h->msgh_local_port;")
	g.p("\tr = mach_msg(h, %s, h->msgh_size, sizeof m, reply_port, %s, MACH_PORT_NULL);", opt, timeout)
	if named {
		g.p("\tif (r != MACH_MSG_SUCCESS) {")
		g.consume(r, "\t\t", send != "")
		g.p("\t\tMIG_RETURN(r);\n\t}")
		return
	}
	g.p("\tif (r != MACH_MSG_SUCCESS) {")
	g.consume(r, "\t\t", send != "")
	if special {
		g.p("\t\tif (r != MACH_SEND_INVALID_DATA && r != MACH_SEND_INVALID_DEST && r != MACH_SEND_INVALID_HEADER)")
		g.p("\t\t\tmig_dealloc_special_reply_port(reply_port);\n\t\tMIG_RETURN(r);\n\t}")
		return
	}
	// A reply that comes late must not be taken for the next one's.
	g.p("\t\tif ((r & ~0x3fff) == 0x10004000 || r == MACH_SEND_INVALID_REPLY)")
	g.p("\t\t\tmig_dealloc_reply_port(reply_port);\n\t\telse\n\t\t\tmig_put_reply_port(reply_port);\n\t\tMIG_RETURN(r);\n\t}")
	g.p("\tmig_put_reply_port(reply_port);")
}

// consume gives up what is in a message that was not sent. timed says that sending may time out.
func (g *cGen) consume(r *Routine, indent string, timed bool) {
	cond := "r == MACH_SEND_TIMED_OUT"
	switch {
	case r.Consume == ConsumeAny:
		cond += " || r == MACH_SEND_INVALID_DEST"
	case !timed:
		return
	}
	g.p("%sif (%s)\n%s\tmach_msg_destroy(h);", indent, cond, indent)
}

// userReply checks the reply and takes the results out.
func (g *cGen) userReply(r *Routine) {
	m := r.Response
	g.p("\tif (h->msgh_id != %d) {", r.ID(g.s)+100)
	g.p("\t\tr = h->msgh_id == 0107 /* send-once notification */ ? MIG_SERVER_DIED : MIG_REPLY_MISMATCH;\n\t\tgoto bad;\n\t}")
	g.p("\tif (!(h->msgh_bits & MACH_MSGH_BITS_COMPLEX) && h->msgh_size == sizeof(mig_reply_error_t) && m.error.RetCode != KERN_SUCCESS)")
	g.p("\t\tMIG_RETURN(m.error.RetCode);\n\tr = MIG_TYPE_ERROR;")
	neg := "!"
	if !m.Complex() {
		neg = "!!"
	}
	g.p("\tif (%s(h->msgh_bits & MACH_MSGH_BITS_COMPLEX) || h->msgh_size < %d || h->msgh_size > %d || h->msgh_remote_port != MACH_PORT_NULL)\n\t\tgoto bad;", neg, m.Min, m.Max)
	g.p("\tconst char *q __attribute__((unused)) = m.bytes + sizeof *h;\n\tconst char *end __attribute__((unused)) = m.bytes + h->msgh_size;")
	g.getDescs(r, m, "goto bad")
	if m.NDR {
		g.p("\tq += sizeof(NDR_record_t);")
	}
	for _, f := range m.Fields {
		g.userField(r, f)
	}
	if m.Min != m.Max {
		g.p("\tif (q != end)\n\t\tgoto bad;")
	}
	g.userDescs(r)
	for _, a := range r.Args {
		switch a.Dir {
		case UserSecToken:
			g.p("\t*%s = ((mach_msg_security_trailer_t *)(m.bytes + ((h->msgh_size + 3) & ~3u)))->msgh_sender;", a.Name)
		case UserAuditToken:
			g.p("\t*%s = ((mach_msg_audit_trailer_t *)(m.bytes + ((h->msgh_size + 3) & ~3u)))->msgh_audit;", a.Name)
		}
	}
	g.p("\treturn KERN_SUCCESS;\nbad:\n\tmach_msg_destroy(h);\n\tMIG_RETURN(r);\n}")
}

// getDescs checks the descriptors at q and names them: xDesc.
func (g *cGen) getDescs(r *Routine, m *Message, bad string) {
	if !m.Complex() {
		return
	}
	g.p("\tif (*(const unsigned *)q != %d)\n\t\t%s;\n\tq += 4;", m.NumDescs(), bad)
	for _, f := range m.Descs {
		t := f.Arg.Type.leaf()
		kind := map[FieldKind]string{DescPort: "port", DescOOL: "ool", DescPorts: "ool_ports"}[f.Kind]
		upper := map[FieldKind]string{DescPort: "PORT", DescOOL: "OOL", DescPorts: "OOL_PORTS"}[f.Kind]
		n := f.Arg.Name + "Desc"
		g.p("\tconst mach_msg_%s_descriptor_t *%s = (const void *)q;\n\tq += %d * sizeof *%s;", kind, n, f.N, n)
		disp := ""
		if f.Kind != DescOOL && t.Received != poly {
			disp = fmt.Sprintf(" || %s[i].disposition != %d", n, int(t.Received))
		}
		g.p("\tfor (unsigned i = 0; i < %d; i++)\n\t\tif (%s[i].type != MACH_MSG_%s_DESCRIPTOR%s)\n\t\t\t%s;", f.N, n, upper, disp, bad)
	}
}

func (g *cGen) userField(r *Routine, f Field) {
	if f.Kind == RetCode {
		g.p("\tq += 4;")
		return
	}
	a, t := f.Arg, f.Arg.Type
	switch f.Kind {
	case Offset:
		g.p("\tq += 4;")
	case Count:
		g.p("\tunsigned %sN;\n\tq = mig_get(q, &%sN, 4);", a.Name, a.Name)
		if t.Kind == VarArray || t.Kind == CString {
			g.p("\tif (%sN > %d)\n\t\tgoto bad;", a.Name, t.Count)
		}
		if t.Kind == VarArray && !t.holdsPorts() {
			g.p("\tif (MIG_ROUND(%sN * %d) > MIG_LEFT(q, end))\n\t\tgoto bad;", a.Name, t.Elem.Size())
		}
		if a.Flags.CountInOut {
			g.p("\tif (%sN > *%sCnt) {\n\t\t*%sCnt = %sN;\n\t\tr = MIG_ARRAY_TOO_LARGE;\n\t\tgoto bad;\n\t}", a.Name, a.Name, a.Name, a.Name)
		}
		if t.Kind != CString {
			g.p("\t*%sCnt = %sN;", a.Name, a.Name)
		}
	case Data:
		switch {
		case t.Kind == CString && t.Var:
			g.p("\tif (MIG_ROUND(%sN) > MIG_LEFT(q, end))\n\t\tgoto bad;", a.Name)
			g.p("\tmig_get_string(%s, q, %sN, %d);\n\tq += MIG_ROUND(%sN);", a.Name, a.Name, t.Count, a.Name)
		case t.Kind == CString:
			g.p("\tmig_get_string(%s, q, %d, %d);\n\tq += %d;", a.Name, t.Count, t.Count, round4(t.Count))
		case t.Kind == VarArray:
			n := first(nameOf(a.CountOf), a.Name)
			g.p("\tif (MIG_ROUND(%sN * %d) > MIG_LEFT(q, end))\n\t\tgoto bad;", n, t.Elem.Size())
			g.p("\tq = mig_get(q, %s, %sN * %d);", a.Name, n, t.Elem.Size())
		default:
			g.p("\tif (MIG_LEFT(q, end) < %d)\n\t\tgoto bad;\n\tq = mig_get(q, %s, %d);", round4(t.Size()), a.Name, t.Size())
		}
	}
}

func nameOf(a *Arg) string {
	if a == nil {
		return ""
	}
	return a.Name
}

// userDescs hands out what the descriptors hold, when all else is well.
func (g *cGen) userDescs(r *Routine) {
	for _, f := range r.Response.Descs {
		a, t := f.Arg, f.Arg.Type
		n := first(nameOf(a.CountOf), a.Name) + "N"
		d := a.Name + "Desc"
		switch {
		case f.Kind == DescOOL && t.Var:
			g.p("\tif (%s->size != %s * %d)\n\t\tgoto bad;", d, n, t.Elem.Size())
		case f.Kind == DescOOL:
			g.p("\tif (%s->size != %d)\n\t\tgoto bad;", d, t.Count*t.Elem.Size())
		case f.Kind == DescPorts && t.Var:
			g.p("\tif (%s->count != %s)\n\t\tgoto bad;", d, n)
		}
	}
	for _, f := range r.Response.Descs {
		a, t := f.Arg, f.Arg.Type
		d := a.Name + "Desc"
		switch {
		case f.Kind != DescPort:
			g.p("\t*%s = (__typeof__(*%s))(uintptr_t)%s->address;", a.Name, a.Name, d)
		case t.Kind == PortKind:
			g.p("\t*%s = %s->name;", a.Name, d)
			if t.Received == poly && a.Dir == Out {
				g.p("\t*%sPoly = %s->disposition;", a.Name, d)
			}
		default:
			n := fmt.Sprint(f.N)
			if t.Kind == VarArray {
				n = first(nameOf(a.CountOf), a.Name) + "N"
			}
			g.p("\tfor (unsigned i = 0; i < %s; i++)\n\t\t%s[i] = %s[i].name;", n, a.Name, d)
		}
	}
}
