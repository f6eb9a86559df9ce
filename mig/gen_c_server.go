package mig

import "fmt"

// CServer makes the server's side: the demultiplexer, its tables, and a
// function for each routine.
func (s *Subsystem) CServer(o COptions) ([]byte, error) {
	g := &cGen{s: s, o: o}
	g.start("<mach/mach.h>", "<mach/ndr.h>", "<mach/mig.h>", "<mach/mig_errors.h>")
	g.imports("import simport ")
	if s.RCSID != "" {
		g.p("static const char server_rcsid[] __attribute__((used)) = %q;", s.RCSID)
	}
	g.WriteString(cHelpers)
	g.p("#define MIG_FAIL(c) do { ((mig_reply_error_t *)OutHeadP)->RetCode = (c); ((mig_reply_error_t *)OutHeadP)->NDR = NDR_record; return; } while (0)")
	largest := 40
	for _, r := range s.Routines {
		g.serverRoutine(r)
		if r.Response != nil {
			largest = max(largest, r.Response.Max)
		}
	}
	g.tables(largest)
	return g.Bytes(), nil
}

func (g *cGen) serverRoutine(r *Routine) {
	m := r.Request
	g.p("\n/* %d */\nextern %s;", r.ID(g.s), g.serverProto(r))
	g.p("static void _X%s(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)\n{", r.Name)
	neg := "!"
	if !m.Complex() {
		neg = "!!"
	}
	g.p("\tif (%s(InHeadP->msgh_bits & MACH_MSGH_BITS_COMPLEX) || InHeadP->msgh_size < %d || InHeadP->msgh_size > %d)\n\t\tMIG_FAIL(MIG_BAD_ARGUMENTS);", neg, m.Min, m.Max)
	g.p("\tchar *q __attribute__((unused)) = (char *)(InHeadP + 1), *end __attribute__((unused)) = (char *)InHeadP + InHeadP->msgh_size;")
	g.serverDescs(m)
	if m.NDR {
		g.p("\tq += sizeof(NDR_record_t);")
	}
	for _, f := range m.Fields {
		g.serverField(f)
	}
	if m.Min != m.Max {
		g.p("\tif (q != end)\n\t\tMIG_FAIL(MIG_BAD_ARGUMENTS);")
	}
	for _, f := range m.Descs {
		a, t := f.Arg, f.Arg.Type
		n := first(nameOf(a.CountOf), a.Name) + "Cnt"
		switch {
		case f.Kind == DescOOL && t.Var:
			g.p("\tif (%sDesc->size != %s * %d)\n\t\tMIG_FAIL(MIG_TYPE_ERROR);", a.Name, n, t.Elem.Size())
		case f.Kind == DescOOL:
			g.p("\tif (%sDesc->size != %d)\n\t\tMIG_FAIL(MIG_TYPE_ERROR);", a.Name, t.Count*t.Elem.Size())
		case f.Kind == DescPorts && t.Var:
			g.p("\tif (%sDesc->count != %s)\n\t\tMIG_FAIL(MIG_TYPE_ERROR);", a.Name, n)
		}
	}
	g.serverLocals(r)
	args := ""
	for _, a := range r.Args {
		for _, x := range g.serverArgs(a) {
			if args != "" {
				args += ", "
			}
			args += x
		}
	}
	g.p("\tkern_return_t kr = %s%s(%s);", r.ServerPrefix, r.Name, args)
	for _, a := range r.Args {
		if a.Dir == In && a.Type.Lent {
			n, each, d := "size", 1, a.Name+"Desc"
			if a.Type.holdsPorts() {
				n, each = "count", 4
			}
			g.p("\tmig_deallocate((vm_address_t)%s->address, %s->%s * %d);", d, d, n, each)
			g.p("\t%s->address = 0, %s->%s = 0; /* it is not destroyed again */", d, d, n)
		}
		if (a.Dir == In || a.Dir == RequestPort) && a.Type.Destructor != "" && a.Type.Kind == PortKind {
			g.p("\t%s(%s);", a.Type.Destructor, g.serverValue(a))
		}
	}
	if r.Simple {
		g.p("\t((mig_reply_error_t *)OutHeadP)->RetCode = kr == KERN_SUCCESS ? MIG_NO_REPLY : kr;\n}")
		return
	}
	g.p("\tif (kr != KERN_SUCCESS)\n\t\tMIG_FAIL(kr);")
	out := r.Response
	g.p("\tchar *p = (char *)(OutHeadP + 1);")
	g.putDescs(out, true)
	if out.NDR {
		g.p("\tp = mig_put(p, &NDR_record, sizeof NDR_record);")
	}
	for _, f := range out.Fields {
		g.putField(f, true)
	}
	if out.Complex() {
		g.p("\tOutHeadP->msgh_bits |= MACH_MSGH_BITS_COMPLEX;")
	}
	g.p("\tOutHeadP->msgh_size = (mach_msg_size_t)(p - (char *)OutHeadP);\n}")
}

// serverDescs checks descriptors as the user's side does, with other errors.
func (g *cGen) serverDescs(m *Message) {
	if !m.Complex() {
		return
	}
	g.p("\tif (*(const unsigned *)q != %d)\n\t\tMIG_FAIL(MIG_BAD_ARGUMENTS);\n\tq += 4;", m.NumDescs())
	for _, f := range m.Descs {
		t := f.Arg.Type.leaf()
		kind := map[FieldKind]string{DescPort: "port", DescOOL: "ool", DescPorts: "ool_ports"}[f.Kind]
		upper := map[FieldKind]string{DescPort: "PORT", DescOOL: "OOL", DescPorts: "OOL_PORTS"}[f.Kind]
		n := f.Arg.Name + "Desc"
		g.p("\tmach_msg_%s_descriptor_t *%s = (void *)q;\n\tq += %d * sizeof *%s;", kind, n, f.N, n)
		disp := ""
		if f.Kind != DescOOL && t.Received != poly {
			disp = fmt.Sprintf(" || %s[i].disposition != %d", n, int(t.Received))
		}
		g.p("\tfor (unsigned i = 0; i < %d; i++)\n\t\tif (%s[i].type != MACH_MSG_%s_DESCRIPTOR%s)\n\t\t\tMIG_FAIL(MIG_TYPE_ERROR);", f.N, n, upper, disp)
	}
}

// serverField reads what is in line into locals, or points at it.
func (g *cGen) serverField(f Field) {
	a, t := f.Arg, f.Arg.Type
	left := func(n string) { g.p("\tif (MIG_ROUND(%s) > MIG_LEFT(q, end))\n\t\tMIG_FAIL(MIG_BAD_ARGUMENTS);", n) }
	switch f.Kind {
	case Offset:
		g.p("\tq += 4;")
	case Count:
		g.p("\tmach_msg_type_number_t %sCnt;\n\tq = (char *)mig_get(q, &%sCnt, 4);", a.Name, a.Name)
		switch {
		case a.Dir == Out: // more room than there can be is no fault
			g.p("\tif (%sCnt > %d)\n\t\t%sCnt = %d;", a.Name, t.Count, a.Name, t.Count)
		case t.Kind == VarArray || t.Kind == CString:
			g.p("\tif (%sCnt > %d)\n\t\tMIG_FAIL(MIG_BAD_ARGUMENTS);", a.Name, t.Count)
		}
	case Data:
		switch {
		case t.Kind == CString && t.Var:
			g.p("\tchar %s[%d];", a.Name, t.Count)
			left(a.Name + "Cnt")
			g.p("\tmig_get_string(%s, q, %sCnt, %d);\n\tq += MIG_ROUND(%sCnt);", a.Name, a.Name, t.Count, a.Name)
		case t.Kind == CString:
			left(fmt.Sprint(t.Count))
			g.p("\tchar %s[%d];\n\tmig_get_string(%s, q, %d, %d);\n\tq += %d;", a.Name, t.Count, a.Name, t.Count, t.Count, round4(t.Count))
		case t.Kind == VarArray:
			n := first(nameOf(a.CountOf), a.Name) + "Cnt"
			left(fmt.Sprintf("%s * %d", n, t.Elem.Size()))
			if a.Dir == InOut {
				g.p("\tunion { char b[%d]; long long align; } %sBuf;", t.Size(), a.Name)
				g.p("\tvoid *%s = %sBuf.b;\n\tq = (char *)mig_get(q, %s, %s * %d);", a.Name, a.Name, a.Name, n, t.Elem.Size())
			} else {
				g.p("\tvoid *%s = q;\n\tq += MIG_ROUND(%s * %d);", a.Name, n, t.Elem.Size())
			}
		case t.byReference():
			left(fmt.Sprint(t.Size()))
			g.p("\tvoid *%s = q;\n\tq += %d;", a.Name, round4(t.Size()))
		default:
			left(fmt.Sprint(t.Size()))
			g.p("\t%s %s;\n\tq = (char *)mig_get(q, &%s, %d);", t.cServer(), a.Name, a.Name, t.Size())
		}
	}
}

// serverLocals declares what results go into.
func (g *cGen) serverLocals(r *Routine) {
	for _, a := range r.Args {
		t := a.Type
		if a.Dir == InOut && t.Kind == PortKind {
			g.p("\t%s %s = %s;", t.cServer(), a.Name, g.serverValue(a))
			continue
		}
		if a.Dir != Out {
			continue
		}
		if a.HasCount() && a.CountOf == nil && !a.Flags.CountInOut {
			g.p("\tmach_msg_type_number_t %sCnt = %d;", a.Name, t.Count)
		}
		if a.Flags.DeallocArg {
			g.p("\tboolean_t %sDealloc = FALSE;", a.Name)
		}
		if t.leaf().Kind == PortKind && t.leaf().Sent == poly {
			g.p("\tmach_msg_type_name_t %sPoly = 0;", a.Name)
		}
		switch {
		case t.byReference() && t.holdsPorts():
			g.p("\tmach_port_t %s[%d] = { 0 };", a.Name, t.length())
		case t.Kind == CString:
			g.p("\tchar %s[%d] = { 0 };", a.Name, t.Count)
		case t.byReference():
			g.p("\tunion { char b[%d]; long long align; } %sBuf;\n\tvoid *%s = %sBuf.b;", max(t.Size(), 1), a.Name, a.Name, a.Name)
		default:
			g.p("\t%s %s;\n\t__builtin_memset(&%s, 0, sizeof %s);", t.cServer(), a.Name, a.Name, a.Name)
		}
	}
}

// serverValue is the expression for a port that came in, translated.
func (g *cGen) serverValue(a *Arg) string {
	x := a.Name + "Desc->name"
	if a.Dir == RequestPort {
		x = "InHeadP->msgh_local_port"
	}
	if a.Type.InTran.Func != "" {
		return a.Type.InTran.Func + "(" + x + ")"
	}
	return x
}

// serverArgs are the arguments that a server's function is called with.
func (g *cGen) serverArgs(a *Arg) []string {
	t := a.Type
	var l []string
	add := func(f string, args ...any) { l = append(l, fmt.Sprintf(f, args...)) }
	trailer := func(kind, field string) {
		add("((%s *)((char *)InHeadP + MIG_ROUND(InHeadP->msgh_size)))->%s", kind, field)
	}
	switch a.Dir {
	case RequestPort:
		return []string{g.serverValue(a)}
	case ReplyPort, SReplyPort:
		add("InHeadP->msgh_remote_port")
		if t.Sent == poly || t.Received == poly {
			add("MACH_MSGH_BITS_REMOTE(InHeadP->msgh_bits)")
		}
		return l
	case MsgSeqno:
		trailer("mach_msg_seqno_trailer_t", "msgh_seqno")
		return l
	case ServerSecToken:
		trailer("mach_msg_security_trailer_t", "msgh_sender")
		return l
	case ServerAuditToken:
		trailer("mach_msg_audit_trailer_t", "msgh_audit")
		return l
	case ServerContext:
		trailer("mach_msg_context_trailer_t", "msgh_context")
		return l
	case In, Out, InOut:
	default:
		return nil
	}
	switch {
	case a.Returns() && !t.byReference():
		add("&%s", a.Name)
	case t.Kind == PortKind:
		add("%s", g.serverValue(a))
	case t.holdsPorts() && t.Kind != OOL && a.Dir == In:
		fail(a.Pos, "%s: arrays of ports in line can't be received in C", a.Name)
	case t.Kind == OOL:
		add("(%s)(uintptr_t)%sDesc->address", t.cServer(), a.Name)
	default:
		add("%s", a.Name)
	}
	if t.leaf().Kind == PortKind && t.Kind != Array && t.Kind != VarArray {
		if a.Sends() && t.leaf().Received == poly {
			add("%sDesc->disposition", a.Name)
		}
		if a.Dir == Out && t.leaf().Sent == poly {
			add("&%sPoly", a.Name)
		}
	}
	if a.HasCount() && a.CountOf == nil {
		if a.Returns() {
			add("&%sCnt", a.Name)
		} else {
			add("%sCnt", a.Name)
		}
	}
	if a.Flags.DeallocArg && t.Kind == OOL {
		if a.Returns() {
			add("&%sDealloc", a.Name)
		} else {
			add("%sDesc->deallocate", a.Name)
		}
	}
	return l
}

// tables prints the subsystem and its demultiplexer.
func (g *cGen) tables(largest int) {
	s := g.s
	d := s.demux()
	g.p("\nboolean_t %s(mach_msg_header_t *, mach_msg_header_t *);\nmig_routine_t %s_routine(mach_msg_header_t *);", d, d)
	g.p("\nconst struct %s%s_subsystem {\n\tmig_server_routine_t server;\n\tmach_msg_id_t start, end;\n\tmach_msg_size_t maxsize;\n\tvm_address_t reserved;\n\tstruct routine_descriptor routine[%d];\n} %s%s_subsystem = {",
		s.ServerPrefix, s.Name, max(s.End, 1), s.ServerPrefix, s.Name)
	g.p("\t%s_routine, %d, %d, %d, 0, {", d, s.Base, s.Base+s.End, largest)
	for _, r := range s.Routines {
		size := 36
		if r.Response != nil {
			size = r.Response.Max
		}
		g.p("\t\t[%d] = { 0, _X%s, 0, 0, 0, %d },", r.Number, r.Name, size)
	}
	g.p("\t}\n};\n")
	g.p("mig_routine_t %s_routine(mach_msg_header_t *InHeadP)\n{\n\tint n = InHeadP->msgh_id - %d;", d, s.Base)
	g.p("\tif (n < 0 || n >= %d)\n\t\treturn 0;\n\treturn %s%s_subsystem.routine[n].stub_routine;\n}\n", s.End, s.ServerPrefix, s.Name)
	g.p(`boolean_t %s(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP)
{
	OutHeadP->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(InHeadP->msgh_bits), 0);
	OutHeadP->msgh_remote_port = InHeadP->msgh_remote_port;
	OutHeadP->msgh_size = sizeof(mig_reply_error_t);
	OutHeadP->msgh_local_port = MACH_PORT_NULL;
	OutHeadP->msgh_voucher_port = MACH_PORT_NULL;
	OutHeadP->msgh_id = InHeadP->msgh_id + 100;
	mig_routine_t f = %s_routine(InHeadP);
	if (!f) {
		((mig_reply_error_t *)OutHeadP)->NDR = NDR_record;
		((mig_reply_error_t *)OutHeadP)->RetCode = MIG_BAD_ID;
		return FALSE;
	}
	f(InHeadP, OutHeadP);
	return TRUE;
}`, d, d)
}
