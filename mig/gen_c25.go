package mig

import (
	"fmt"
	"strings"
)

// Mach 2.5's messages (puggle mig -2.5), as NeXT's servers speak them: a header of 24
// bytes, then one item for each argument, in their order: a type word, or the long form
// of 12 bytes when the number or the size needs it, and the data or, for what is out of
// line, a pointer. A variable array's count is its item's number. A reply begins with the
// return code as an item, and has nothing else when that is not KERN_SUCCESS.

// numbers25 are the names of types on the wire (<sys/message.h>).
var numbers25 = map[string]int{
	"BOOLEAN": 0, "INTEGER_16": 1, "INTEGER_32": 2, "CHAR": 8, "BYTE": 9, "INTEGER_8": 9, "UNSTRUCTURED": 9,
	"REAL": 10, "REAL_32": 10, "REAL_64": 10, "INTEGER_64": 11, "PORT_NAME": 15,
}

const (
	portAll25 = 5  // MSG_TYPE_PORT_ALL: a receive right
	port25    = 6  // MSG_TYPE_PORT
	string25  = 12 // MSG_TYPE_STRING
	long25    = 12 // bytes of a long type; a short one has 4
	header25  = 24
)

// wire25 is an argument's item: the type's name and size (bits), and how many there are
// at the most.
func wire25(a *Arg) (name, size, number int) {
	t := a.Type.leaf()
	if a.CountOf != nil {
		fail(a.Pos, "%s: each array of Mach 2.5 has a count of its own", a.Name)
	}
	number = a.Type.length()
	switch {
	case t.Kind == CString:
		return string25, 8, t.Count
	case t.Kind == PortKind && t.Sent == poly:
		fail(a.Pos, "%s: a message of Mach 2.5 says MSG_TYPE_PORT or MSG_TYPE_PORT_ALL", a.Name)
	case t.Kind == PortKind && t.Sent == 16:
		return portAll25, 32, number
	case t.Kind == PortKind:
		return port25, 32, number
	}
	name, ok := numbers25[t.Wire]
	if !ok || t.Bits > 64 {
		fail(a.Pos, "%s: Mach 2.5 has no type for this", a.Name)
	}
	return name, t.Bits, number
}

// size25 is the room an argument's item takes at the most.
func size25(a *Arg) int {
	if a.Type.Kind == OOL {
		return long25 + 8
	}
	return long25 + round4(a.Type.Size())
}

const c25Helpers = `
/* Items: a type word, a long one if it must be, and data in line. */
static inline char *mig25_type(char *p, unsigned name, unsigned size, unsigned number, int in, int dealloc)
{
	msg_type_long_t l = { .msg_type_header = { .msg_type_inline = in, .msg_type_deallocate = dealloc } };
	if (number > 4095 || size > 255) {
		l.msg_type_header.msg_type_longform = 1;
		l.msg_type_long_name = name;
		l.msg_type_long_size = size;
		l.msg_type_long_number = number;
		__builtin_memcpy(p, &l, sizeof l);
		return p + sizeof l;
	}
	l.msg_type_header.msg_type_name = name;
	l.msg_type_header.msg_type_size = size;
	l.msg_type_header.msg_type_number = number;
	__builtin_memcpy(p, &l.msg_type_header, 4);
	return p + 4;
}
static inline char *mig25_put(char *p, unsigned name, unsigned size, unsigned number, const void *data)
{
	unsigned n = size / 8 * number;
	p = mig25_type(p, name, size, number, 1, 0);
	__builtin_memcpy(p, data, n);
	while (n & 3)
		p[n++] = 0;
	return p + n;
}
static inline char *mig25_put_string(char *p, const char *s, unsigned room, int varies)
{
	unsigned n = 0;
	while (n + 1 < room && s[n])
		n++;
	unsigned number = varies ? n + 1 : room, all = (number + 3) & ~3u;
	p = mig25_type(p, 12, 8, number, 1, 0);
	__builtin_memcpy(p, s, n);
	__builtin_memset(p + n, 0, all - n);
	return p + all;
}
static inline char *mig25_put_out(char *p, unsigned name, unsigned size, unsigned number, const void *data, int dealloc)
{
	p = mig25_type(p, name, size, number, 0, dealloc);
	__builtin_memcpy(p, &data, sizeof data);
	return p + sizeof data;
}
/* The next item's data, if the item is of this type; at most number of it (exactly, with
 * exact), and how many there are. 0 if it isn't so. */
static inline char *mig25_get(char **q, char *end, unsigned name, unsigned size, unsigned number, int exact, int in, unsigned *count)
{
	msg_type_long_t l = { 0 };
	char *p = *q;
	if (end - p < 4)
		return 0;
	__builtin_memcpy(&l, p, 4);
	unsigned n = l.msg_type_header.msg_type_name, s = l.msg_type_header.msg_type_size, c = l.msg_type_header.msg_type_number;
	p += 4;
	if (l.msg_type_header.msg_type_longform) {
		if (end - p < 8)
			return 0;
		__builtin_memcpy(&l, p - 4, sizeof l);
		n = l.msg_type_long_name, s = l.msg_type_long_size, c = l.msg_type_long_number;
		p += 8;
	}
	if (n != name || s != size || l.msg_type_header.msg_type_inline != in || c > number || (exact && c != number))
		return 0;
	unsigned bytes = in ? (size / 8 * c + 3) & ~3u : 8;
	if ((unsigned long)(end - p) < bytes)
		return 0;
	*count = c;
	*q = p + bytes;
	return p;
}
`

// includes25 begins a file: kernel servers have NeXT's headers, programs ours.
func (g *cGen) includes25(imports string) {
	g.start()
	g.p("#ifdef KERNEL\n#include <sys/message.h>\n#else\n#include <mach/mach25.h>\n#include <mach/mig_errors.h>")
	var rest []string
	for _, i := range g.s.Imports {
		if !strings.Contains(imports, i.Kind+" ") {
			continue
		}
		if strings.HasPrefix(i.File, "<mach/") { // Mach 3's, which NeXT's have in one
			g.p("#include %s", i.File)
		} else {
			rest = append(rest, i.File)
		}
	}
	g.p("#endif")
	for _, f := range rest {
		g.p("#include %s", f)
	}
}

// put25 writes an argument's item at p. On the server's side results are locals, on the
// user's pointers.
func (g *cGen) put25(a *Arg, server bool) {
	name, size, number := wire25(a)
	t := a.Type
	x := a.Name
	deref := !server && a.Returns() && !t.byReference()
	n := fmt.Sprint(number)
	if a.HasCount() {
		n = g.count(a, server)
		if each := t.Elem.length(); each > 1 {
			n += fmt.Sprintf(" * %d", each)
		}
	}
	switch {
	case t.Kind == OOL:
		if deref {
			x = "*" + x
		}
		dealloc := "0"
		if a.Flags.Dealloc {
			dealloc = "1"
		}
		if a.Flags.DeallocArg {
			dealloc = a.Name + "Dealloc"
		}
		g.p("\tp = mig25_put_out(p, %d, %d, %s, (void *)(%s), %s);", name, size, n, x, dealloc)
	case t.Kind == CString:
		v := 0
		if t.Var {
			v = 1
		}
		g.p("\tp = mig25_put_string(p, %s, %d, %d);", x, t.Count, v)
	default:
		if !deref && !t.byReference() {
			x = "&" + x
		}
		g.p("\tp = mig25_put(p, %d, %d, %s, %s);", name, size, n, x)
	}
}

// get25 looks at the item at q: v is its data, xN how many there are.
func (g *cGen) get25(a *Arg, bad string) {
	name, size, number := wire25(a)
	t := a.Type
	exact, in := 1, 1
	if t.Kind == VarArray || t.Kind == CString && t.Var {
		exact = 0
	}
	if t.Kind == OOL {
		in = 0
		if t.Var {
			exact, number = 0, 1<<31/max(size/8, 1)
		}
	}
	g.p("\tunsigned %sN __attribute__((unused));\n\tchar *%sV = mig25_get(&q, end, %d, %d, %du, %d, %d, &%sN);", a.Name, a.Name, name, size, number, exact, in, a.Name)
	g.p("\tif (!%sV)\n\t\t%s;", a.Name, bad)
	if a.HasCount() {
		if each := t.Elem.length(); each > 1 {
			g.p("\tif (%sN %% %d)\n\t\t%s;\n\t%sN /= %d;", a.Name, each, bad, a.Name, each)
		}
	}
}

// copyString25 takes a string out of an item; it ends where its room does.
func (g *cGen) copyString25(a *Arg, to string) {
	g.p("\t{ unsigned i = 0; for (; i + 1 < %d && i < %sN && %sV[i]; i++) %s[i] = %sV[i]; %s[i] = 0; }", a.Type.Count, a.Name, a.Name, to, a.Name, to)
}

// room25 is how large a message with these arguments is at the most.
func room25(r *Routine, carries func(*Arg) bool, reply bool) int {
	n := header25
	if reply {
		n += 8
	}
	for _, a := range r.Args {
		if carries(a) {
			n += size25(a)
		}
	}
	return n
}

// simple25: whether the message moves neither rights nor memory.
func simple25(r *Routine, carries func(*Arg) bool) int {
	for _, a := range r.Args {
		if carries(a) && (a.Type.Kind == OOL || a.Type.holdsPorts()) {
			return 0
		}
	}
	return 1
}

// CUser25 makes the user's stubs.
func (s *Subsystem) CUser25(o COptions) ([]byte, error) {
	return s.print25(o, func(g *cGen) {
		g.includes25("import uimport ")
		g.WriteString(c25Helpers)
		for _, r := range s.Routines {
			g.user25(r)
		}
	})
}

// print25 gives what f prints, or the error at a place that it fails with.
func (s *Subsystem) print25(o COptions, f func(g *cGen)) (b []byte, err error) {
	defer func() {
		if e := recover(); e != nil {
			x, ok := e.(*Error)
			if !ok {
				panic(e)
			}
			b, err = nil, x
		}
	}()
	g := &cGen{s: s, o: o, count25: true}
	f(g)
	return g.Bytes(), nil
}

func (g *cGen) user25(r *Routine) {
	g.p("\n/* %d */\n%s\n{", r.ID(g.s), g.userProto(r))
	g.p("\tunion { msg_header_t head; long long align; char bytes[%d]; } m;", max(room25(r, (*Arg).Sends, false), room25(r, (*Arg).Returns, true)))
	g.p("\tchar *p = m.bytes + sizeof m.head;\n\tmsg_return_t r;")
	for _, a := range r.Args {
		if a.Sends() && a.Type.Kind == VarArray {
			g.p("\tif (%s > %d)\n\t\treturn MIG_ARRAY_TOO_LARGE;", g.count(a, false), a.Type.Count)
		}
	}
	for _, a := range r.Args {
		if a.Sends() {
			g.put25(a, false)
		}
	}
	reply := "thread_reply()"
	if r.Simple {
		reply = "PORT_NULL"
	}
	if a := r.Reply; a != nil && a.Dir != SReplyPort {
		reply = a.Name
	}
	g.p("\tm.head = (msg_header_t){ .msg_simple = %d, .msg_size = (msg_size_t)(p - m.bytes), .msg_type = MSG_TYPE_NORMAL, .msg_local_port = %s, .msg_remote_port = %s, .msg_id = %d };",
		simple25(r, (*Arg).Sends), reply, r.Port.Name, r.ID(g.s))
	option, wait := "MSG_OPTION_NONE", "0"
	extra := r.MsgOption
	w := r.WaitTime
	for _, a := range r.Args {
		switch a.Dir {
		case WaitTime:
			w = a.Name
		case MsgOption:
			extra = a.Name
		}
	}
	if extra != "" {
		option = extra
	}
	if w != "" {
		wait = w
		option += map[bool]string{true: " | SEND_TIMEOUT", false: " | RCV_TIMEOUT"}[r.Simple]
	}
	if r.Simple {
		g.p("\tr = msg_send(&m.head, %s, %s);\n\treturn r;\n}", option, wait)
		return
	}
	g.p("\tr = msg_rpc(&m.head, %s, sizeof m, 0, %s);", option, wait)
	// A reply that comes late must not be taken for the next one's.
	g.p("\tif (r != RCV_SUCCESS) {\n\t\tif (m.head.msg_local_port == thread_reply() && (r == RCV_TIMED_OUT || r == RCV_INVALID_PORT))\n\t\t\tmig_dealloc_reply_port(m.head.msg_local_port);\n\t\treturn r;\n\t}")
	g.p("\tif (m.head.msg_id != %d)\n\t\treturn MIG_REPLY_MISMATCH;", r.ID(g.s)+100)
	g.p("\tchar *q = m.bytes + sizeof m.head, *end = m.bytes + m.head.msg_size;\n\tunsigned one;")
	g.p("\tchar *code = mig25_get(&q, end, 2, 32, 1, 1, 1, &one);\n\tif (!code)\n\t\treturn MIG_TYPE_ERROR;\n\t__builtin_memcpy(&r, code, 4);\n\tif (r != KERN_SUCCESS)\n\t\treturn r;")
	for _, a := range r.Args {
		if a.Returns() {
			g.get25(a, "return MIG_TYPE_ERROR")
		}
	}
	g.p("\tif (q != end)\n\t\treturn MIG_TYPE_ERROR;")
	for _, a := range r.Args {
		if a.Returns() {
			g.result25(a)
		}
	}
	g.p("\treturn KERN_SUCCESS;\n}")
}

// result25 hands out what came back, when all of it is well.
func (g *cGen) result25(a *Arg) {
	t := a.Type
	if a.HasCount() {
		if a.Flags.CountInOut && t.Kind == VarArray {
			g.p("\tif (%sN > *%sCnt) {\n\t\t*%sCnt = %sN;\n\t\treturn MIG_ARRAY_TOO_LARGE;\n\t}", a.Name, a.Name, a.Name, a.Name)
		}
		g.p("\t*%sCnt = %sN;", a.Name, a.Name)
	}
	switch {
	case t.Kind == OOL:
		g.p("\t__builtin_memcpy(%s, %sV, sizeof(void *));", a.Name, a.Name)
	case t.Kind == CString:
		g.copyString25(a, a.Name)
	case t.Kind == VarArray:
		g.p("\t__builtin_memcpy(%s, %sV, %sN * %d);", a.Name, a.Name, a.Name, t.Elem.Size())
	default:
		g.p("\t__builtin_memcpy(%s, %sV, %d);", a.Name, a.Name, t.Size())
	}
}

// CHeader25 makes the header for users, or for servers.
func (s *Subsystem) CHeader25(o COptions, server bool) ([]byte, error) {
	return s.print25(o, func(g *cGen) {
		guard := "_" + s.Name + "_" + map[bool]string{true: "server", false: "user"}[server] + "_"
		g.includes25(map[bool]string{true: "import simport dimport ", false: "import uimport dimport "}[server])
		g.p("#ifndef %s\n#define %s", guard, guard)
		for _, r := range s.Routines {
			p := g.userProto(r)
			if server {
				p = g.serverProto(r)
			}
			g.p("extern %s;", p)
		}
		if server {
			g.p("extern boolean_t %s(msg_header_t *InHeadP, msg_header_t *OutHeadP);", s.demux())
		}
		g.p("#endif")
	})
}

// CServer25 makes the server's side, which has NAME_server alone to the outside. A
// handler (kern_serv's HMAP) is made of it by giving NAME_server a reply to fill in.
func (s *Subsystem) CServer25(o COptions) ([]byte, error) {
	return s.print25(o, func(g *cGen) {
		g.includes25("import simport ")
		g.WriteString(c25Helpers)
		g.p("typedef struct { msg_header_t Head; msg_type_t RetCodeType; kern_return_t RetCode; } mig25_reply_t;")
		largest := header25 + 8
		for _, r := range s.Routines {
			g.server25(r)
			largest = max(largest, room25(r, (*Arg).Returns, true))
		}
		g.p("\n/* OutHeadP has room for %d bytes. */", largest)
		g.p("boolean_t %s(msg_header_t *InHeadP, msg_header_t *OutHeadP);\nboolean_t %s(msg_header_t *InHeadP, msg_header_t *OutHeadP)\n{", s.demux(), s.demux())
		g.p("\tmig25_reply_t *reply = (mig25_reply_t *)OutHeadP;\n\tstatic void (*const routines[])(msg_header_t *, msg_header_t *) = {")
		for _, r := range s.Routines {
			g.p("\t\t[%d] = _X%s,", r.Number, r.Name)
		}
		g.p("\t};\n\tint n = InHeadP->msg_id - %d;", s.Base)
		g.p("\t*OutHeadP = (msg_header_t){ .msg_simple = 1, .msg_size = sizeof *reply, .msg_type = InHeadP->msg_type, .msg_remote_port = InHeadP->msg_remote_port, .msg_id = InHeadP->msg_id + 100 };")
		g.p("\treply->RetCodeType = (msg_type_t){ .msg_type_name = 2, .msg_type_size = 32, .msg_type_number = 1, .msg_type_inline = 1 };")
		g.p("\tif (n < 0 || n >= (int)(sizeof routines / sizeof *routines) || !routines[n]) {\n\t\treply->RetCode = MIG_BAD_ID;\n\t\treturn 0;\n\t}")
		g.p("\troutines[n](InHeadP, OutHeadP);\n\treturn 1;\n}")
	})
}

func (g *cGen) server25(r *Routine) {
	g.p("\n/* %d */\nextern %s;", r.ID(g.s), g.serverProto(r))
	g.p("static void _X%s(msg_header_t *InHeadP, msg_header_t *OutHeadP)\n{", r.Name)
	g.p("\tkern_return_t *code = &((mig25_reply_t *)OutHeadP)->RetCode;")
	g.p("\tchar *q __attribute__((unused)) = (char *)(InHeadP + 1), *end = (char *)InHeadP + InHeadP->msg_size;")
	bad := "{ *code = MIG_BAD_ARGUMENTS; return; }"
	for _, a := range r.Args {
		if a.Sends() {
			g.get25(a, "{ *code = MIG_TYPE_ERROR; return; }")
		}
	}
	g.p("\tif (q != end)\n\t\t%s", bad)
	g.p("\tif (InHeadP->msg_simple != %d)\n\t\t%s", simple25(r, (*Arg).Sends), bad)
	var args []string
	for _, a := range r.Args {
		args = append(args, g.local25(a)...)
	}
	call := fmt.Sprintf("%s%s(%s)", r.ServerPrefix, r.Name, strings.Join(args, ", "))
	if r.Simple {
		g.p("\t*code = %s;\n\tif (*code == KERN_SUCCESS)\n\t\t*code = MIG_NO_REPLY;\n}", call)
		return
	}
	g.p("\t*code = %s;\n\tif (*code != KERN_SUCCESS)\n\t\treturn;", call)
	g.p("\tchar *p = (char *)(code + 1);")
	for _, a := range r.Args {
		if a.Returns() {
			g.put25(a, true)
		}
	}
	g.p("\tOutHeadP->msg_simple = %d;\n\tOutHeadP->msg_size = (msg_size_t)(p - (char *)OutHeadP);\n}", simple25(r, (*Arg).Returns))
}

// local25 declares what an argument is in the server's stub, and gives the expressions
// that its function is called with.
func (g *cGen) local25(a *Arg) []string {
	t := a.Type
	switch a.Dir {
	case RequestPort:
		return []string{g.tran25(a, "InHeadP->msg_local_port")}
	case ReplyPort, SReplyPort:
		return []string{g.tran25(a, "InHeadP->msg_remote_port")}
	case In, Out, InOut:
	default:
		return nil
	}
	var l []string
	add := func(f string, x ...any) { l = append(l, fmt.Sprintf(f, x...)) }
	switch {
	case t.Kind == CString:
		g.p("\tchar %s[%d] = { 0 };", a.Name, t.Count)
		if a.Sends() {
			g.copyString25(a, a.Name)
		}
		add("%s", a.Name)
	case t.byReference() && !a.Returns():
		g.p("\tvoid *%s = %sV;", a.Name, a.Name)
		add("%s", a.Name)
	case t.byReference():
		g.p("\tunion { char b[%d]; long long align; } %sBuf;\n\tvoid *%s = %sBuf.b;", t.Size(), a.Name, a.Name, a.Name)
		if a.Sends() {
			n := fmt.Sprint(t.Size())
			if t.Kind == VarArray {
				n = fmt.Sprintf("%sN * %d", a.Name, t.Elem.Size())
			}
			g.p("\t__builtin_memcpy(%s, %sV, %s);", a.Name, a.Name, n)
		} else {
			g.p("\t__builtin_memset(%s, 0, sizeof %sBuf);", a.Name, a.Name)
		}
		add("%s", a.Name)
	default:
		size := "sizeof(void *)"
		if t.Kind != OOL {
			size = fmt.Sprint(t.Size())
		}
		raw := a.Name
		if t.Kind == PortKind && a.Sends() && t.InTran.Func != "" {
			raw += "Raw"
			g.p("\tport_t %s;", raw)
		} else {
			g.p("\t%s %s;", t.cServer(), raw)
		}
		if a.Sends() {
			g.p("\t__builtin_memcpy(&%s, %sV, %s);", raw, a.Name, size)
		} else {
			g.p("\t__builtin_memset(&%s, 0, sizeof %s);", raw, raw)
		}
		if raw != a.Name {
			g.p("\t%s %s = %s;", t.cServer(), a.Name, g.tran25(a, raw))
		}
		if a.Returns() {
			add("&%s", a.Name)
		} else {
			add("%s", a.Name)
		}
	}
	if a.HasCount() {
		n := fmt.Sprint(t.Count)
		if a.Sends() {
			n = a.Name + "N"
		}
		g.p("\tunsigned int %sCnt = %s;", a.Name, n)
		if a.Returns() {
			add("&%sCnt", a.Name)
		} else {
			add("%sCnt", a.Name)
		}
	}
	if a.Flags.DeallocArg && t.Kind == OOL {
		g.p("\tboolean_t %sDealloc = 0;", a.Name)
		add(map[bool]string{true: "&%sDealloc", false: "%sDealloc"}[a.Returns()], a.Name)
	}
	return l
}

func (g *cGen) tran25(a *Arg, x string) string {
	if f := a.Type.InTran.Func; f != "" {
		return f + "(" + x + ")"
	}
	return x
}
