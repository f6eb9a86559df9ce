package ipc

import (
	"bytes"
	"encoding/binary"
	"testing"

	"puggle/abi"
	"puggle/mach/sched"
)

func TestComplexMessage(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	defer a.Terminate()
	defer b.Terminate()
	p := b.newPort(t)
	s := give(t, b, p, a, makeSend)
	x, y := a.newPort(t), a.newPort(t)
	src, _ := a.mem.AllocateOOL([]byte("snapshot"))
	arr, _ := a.mem.AllocateOOL(append(append(name4(x), name4(abi.MACH_PORT_DEAD)...), name4(0)...))
	want(t, "guard", a.GuardPort(y, 99, MPG_STRICT), 0)
	gd := oolDesc(99, uint32(y), 4, byte(moveRecv), 0, false)
	gd[8] = abi.MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE
	want(t, "send", a.send(msg{bits: hbits(copySend, 0), remote: s, descs: [][]byte{
		oolDesc(src, 8, 1, 0, abi.MACH_MSG_VIRTUAL_COPY, true),
		oolDesc(arr, 3, 2, byte(makeOnce), 0, true), gd, portDesc(x, makeSend), oolDesc(0, 0, 3, 0, 0, false),
	}, data: []byte("inline!!")}, 0, 0), 0)
	if len(a.mem.regions) != 0 {
		t.Error("the deallocated source is still there")
	}
	m, kr := b.poll(p)
	want(t, "receive", kr, 0)
	if get32(m, 0)&abi.MACH_MSGH_BITS_COMPLEX == 0 || get32(m, 24) != 5 || get32(m, 4) != 24+4+16*4+12+8 {
		t.Fatalf("% x", m[:28])
	}
	if got := b.mem.find(rcvAddr(m[28:]), 8); !bytes.Equal(got, []byte("snapshot")) {
		t.Errorf("memory %q", got)
	}
	names := b.mem.find(rcvAddr(m[44:]), 12)
	if ty, _ := b.Type(abi.PortName(get32(names, 0))); ty != abi.MACH_PORT_TYPE_SEND_ONCE || get32(names, 4) != ^uint32(0) || get32(names, 8) != 0 {
		t.Errorf("array % x", names)
	}
	if get32(m, 56) != 3 || m[54] != byte(moveOnce) {
		t.Errorf("array descriptor % x", m[44:60])
	}
	g := abi.PortName(get32(m, 72))
	if ctx := binary.LittleEndian.Uint64(m[60:]); ctx != uint64(rcvAt) {
		t.Errorf("new guard %#x", ctx)
	}
	want(t, "guarded", b.ModRefs(g, abi.MACH_PORT_RIGHT_RECEIVE, -1), abi.KERN_INVALID_RIGHT)
	_, kr = b.ExtractRight(g, moveRecv)
	want(t, "immovable", kr, abi.KERN_INVALID_CAPABILITY)
	want(t, "destruct", b.Destruct(g, 0, uint64(rcvAt)), 0)
	if string(m[104:112]) != "inline!!" {
		t.Errorf("data %q", m[104:112])
	}
}

func TestTrailer(t *testing.T) {
	a := newTask()
	defer a.Terminate()
	a.SetIdentity(SecurityToken{501, 20}, AuditToken{1, 2, 3, 4, 5, 6, 7, 8})
	p, _ := a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0xabcdef)
	a.SetSeqno(p, 41)
	for elements, size := range map[uint32]uint32{0: 8, 1: 12, 2: 20, 3: 52, 4: 60, 7: 68} {
		want(t, "send", a.send(msg{bits: hbits(copySend, 0), remote: p}, 0, 0), 0)
		if elements == 7 {
			seq, sz, _, tr, kr := a.Peek(p, abi.MACH_RCV_TRAILER_AUDIT<<24, 68)
			st, _ := a.Status(p)
			if kr != 0 || seq != st.Seqno || sz != 32 || get32(tr, 12) != 501 {
				t.Errorf("peek %d %d %x %d", seq, sz, tr, kr)
			}
		}
		m, kr := a.recv(p, abi.MsgOption(elements)<<24|abi.MACH_RCV_TIMEOUT, 0, 24+size)
		want(t, "receive", kr, 0)
		if get32(m, 24) != 0 || get32(m, 28) != size {
			t.Errorf("trailer %d: type %d size %d", elements, get32(m, 24), get32(m, 28))
		}
		for _, f := range []struct{ off, want uint32 }{{36, 501}, {40, 20}, {44, 1}, {72, 8}, {76, 0xabcdef}, {80, 0}} {
			if f.off < 24+size && get32(m, int(f.off)) != f.want {
				t.Errorf("trailer %d at %d: %d", elements, f.off, get32(m, int(f.off)))
			}
		}
	}
	if st, _ := a.Status(p); st.Seqno != 47 || st.Mscount != 1 {
		t.Errorf("%+v", st)
	}
}

func TestMsg2(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p, _ := a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
	w := func(lo, hi uint32) uint64 { return uint64(hi)<<32 | uint64(lo) }
	args := Msg2Args{
		Data:                base,
		Options:             uint64(abi.MACH_SEND_MSG | abi.MACH_RCV_MSG),
		BitsAndSendSize:     w(hbits(copySend, 0), 28),
		RemoteAndLocal:      w(uint32(p), 0),
		VoucherAndID:        w(0, 77),
		DescCountAndRcvName: w(0, uint32(p)),
		RcvSizeAndPriority:  w(64, 0),
	}
	put32(a.mem.b[:], 0, 0xffffffff) // memory's header is not looked at
	put32(a.mem.b[:], 24, 1234)
	call := func(x Msg2Args) abi.KernReturn { return a.Msg2(a.th, a.mem, a.mem, &x) }
	want(t, "without a kind", call(args), abi.MACH_SEND_INVALID_OPTIONS)
	args.Options |= uint64(abi.MACH64_SEND_MQ_CALL)
	want(t, "call", call(args), 0)
	if get32(a.mem.b[:], 20) != 77 || get32(a.mem.b[:], 24) != 1234 || get32(a.mem.b[:], 4) != 28 {
		t.Errorf("% x", a.mem.b[:28])
	}
	bad := args
	bad.DescCountAndRcvName = w(1, uint32(p))
	want(t, "descriptors in a simple message", call(bad), abi.MACH_SEND_TOO_LARGE)

	// A vector: message at 0x200, received at 0x300, auxiliary data beside.
	v := args
	v.Data, v.Options = base+0x100, args.Options|uint64(abi.MACH64_MSG_VECTOR)
	v.BitsAndSendSize, v.RcvSizeAndPriority = w(hbits(copySend, 0), 2), w(2, 0)
	le := binary.LittleEndian
	vec := a.mem.b[0x100:]
	le.PutUint64(vec, uint64(base)+0x200)
	le.PutUint64(vec[8:], uint64(base)+0x300)
	put32(vec, 16, 24)
	put32(vec, 20, 64)
	le.PutUint64(vec[24:], uint64(base)+0x400)
	le.PutUint64(vec[32:], uint64(base)+0x500)
	put32(vec, 40, 16)
	put32(vec, 44, 32)
	put32(a.mem.b[:], 0x400, 16)
	copy(a.mem.b[0x408:], "auxdata!")
	want(t, "vector", call(v), 0)
	if get32(a.mem.b[:], 0x300+20) != 77 || get32(a.mem.b[:], 0x500) != 16 || string(a.mem.b[0x508:0x510]) != "auxdata!" {
		t.Errorf("% x, aux % x", a.mem.b[0x300:0x318], a.mem.b[0x500:0x510])
	}
	// Of a message that is lost nothing is left but the headers, which say so.
	for _, c := range []struct{ msg, aux uint32 }{{31, 32}, {64, 15}} {
		put32(vec, 20, c.msg)
		put32(vec, 44, c.aux)
		clear(a.mem.b[0x500:0x520])
		want(t, "too large", call(v), abi.MACH_RCV_TOO_LARGE)
		if n := get32(a.mem.b[:], 0x500); n != 8 || get32(a.mem.b[:], 0x508) != 0 {
			t.Errorf("aux % x of a lost message", a.mem.b[0x500:0x510])
		}
		// With MACH_RCV_LARGE it stays, and what it needs is told.
		large := v
		large.Options |= uint64(abi.MACH_RCV_LARGE)
		want(t, "large", call(large), abi.MACH_RCV_TOO_LARGE)
		if n := get32(a.mem.b[:], 0x500); n != 16 || get32(a.mem.b[:], 0x508) != 0 || get32(a.mem.b[:], 0x304) != 24 {
			t.Errorf("%d bytes of aux and %d are told", n, get32(a.mem.b[:], 0x304))
		}
		put32(vec, 20, 64)
		put32(vec, 44, 32)
		get := v
		get.Options &^= uint64(abi.MACH_SEND_MSG | abi.MACH64_SEND_MQ_CALL)
		want(t, "again", call(get), 0)
	}
	put32(vec, 40, 4)
	want(t, "aux too small", call(v), abi.MACH_SEND_AUX_TOO_SMALL)
	put32(vec, 40, 1<<20)
	want(t, "aux too large", call(v), abi.MACH_SEND_AUX_TOO_LARGE)
}

func TestGuards(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	var code uint32
	a.Guard = func(_ abi.PortName, c uint32, _ uint64) { code = c }
	p := a.newPort(t)
	step := func(what string, got, wantKr abi.KernReturn, wantCode uint32) {
		t.Helper()
		want(t, what, got, wantKr)
		if code != wantCode {
			t.Errorf("%s: guard exception %d, want %d", what, code, wantCode)
		}
		code = 0
	}
	step("unguarded", a.UnguardPort(p, 7), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_UNGUARDED)
	step("guard", a.GuardPort(p, 7, MPG_STRICT), 0, 0)
	step("twice", a.GuardPort(p, 8, 0), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_INVALID_ARGUMENT)
	step("context", a.SetContext(p, 1), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_SET_CONTEXT)
	step("destroy", a.Destroy(p), abi.KERN_INVALID_RIGHT, abi.KGUARD_EXC_DESTROY)
	step("destruct", a.Destruct(p, 0, 8), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_DESTROY)
	step("swap a strict one", a.SwapGuard(p, 7, 9), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_SET_CONTEXT)
	step("assert", a.AssertAttributes(p, abi.MACH_PORT_GUARD_INFO, []uint32{7, 0}), 0, 0)
	step("assert wrong", a.AssertAttributes(p, abi.MACH_PORT_GUARD_INFO, []uint32{9, 0}), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_INCORRECT_GUARD)
	if ctx, _ := a.GetContext(p); ctx != 0 {
		t.Errorf("a strict guard was told: %d", ctx)
	}
	step("wrong", a.UnguardPort(p, 9), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_INCORRECT_GUARD)
	step("unguard", a.UnguardPort(p, 7), 0, 0)
	step("guard again", a.GuardPort(p, 7, 0), 0, 0)
	step("swap wrong", a.SwapGuard(p, 8, 9), abi.KERN_INVALID_ARGUMENT, abi.KGUARD_EXC_INCORRECT_GUARD)
	step("swap", a.SwapGuard(p, 7, 9), 0, 0)
	step("unguard", a.UnguardPort(p, 9), 0, 0)
	step("destroy", a.Destroy(p), 0, 0)
}

func TestNames(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	defer a.Terminate()
	defer b.Terminate()
	want(t, "by name", a.AllocateName(abi.MACH_PORT_RIGHT_RECEIVE, 0x1234503), 0)
	want(t, "again", a.AllocateName(abi.MACH_PORT_RIGHT_PORT_SET, 0x1234507), abi.KERN_FAILURE)
	want(t, "the same", a.AllocateName(abi.MACH_PORT_RIGHT_PORT_SET, 0x1234503), abi.KERN_NAME_EXISTS)
	want(t, "no generation", a.AllocateName(abi.MACH_PORT_RIGHT_PORT_SET, 0x2234502), abi.KERN_INVALID_VALUE)
	want(t, "reserved", a.AllocateName(abi.MACH_PORT_RIGHT_PORT_SET, 123), abi.KERN_FAILURE)
	want(t, "far", a.AllocateName(abi.MACH_PORT_RIGHT_RECEIVE, 0xfffffe03), abi.KERN_NO_SPACE)
	want(t, "dead", a.AllocateName(abi.MACH_PORT_RIGHT_RECEIVE, abi.MACH_PORT_DEAD), abi.KERN_INVALID_VALUE)
	_, kr := a.Allocate(abi.MACH_PORT_RIGHT_SEND)
	want(t, "send", kr, abi.KERN_INVALID_VALUE)
	p := a.newPort(t)
	q, _ := a.ExtractRight(p, makeSend)
	want(t, "insert under another", a.InsertRight(0x8803, q, moveSend), abi.KERN_RIGHT_EXISTS)
	want(t, "insert", a.InsertRight(p, q, moveSend), 0)
	q, _ = a.ExtractRight(p, makeSend)
	want(t, "insert into another", b.InsertRight(0x8803, q, moveSend), 0)
	if n := b.NameOf(q); n != 0x8803 {
		t.Errorf("name %#x", n)
	}
	want(t, "nothing", b.InsertRight(0x8903, Dead, moveSend), abi.KERN_INVALID_CAPABILITY)
	// References stick at the top.
	want(t, "many", b.ModRefs(0x8803, abi.MACH_PORT_RIGHT_SEND, 0xffff), 0)
	want(t, "one less", b.Deallocate(0x8803), 0)
	if n, _ := b.GetRefs(0x8803, abi.MACH_PORT_RIGHT_SEND); n != 0xffff {
		t.Errorf("%d", n)
	}
	want(t, "all", b.ModRefs(0x8803, abi.MACH_PORT_RIGHT_SEND, -0xffff), 0)
	_, kr = b.Type(0x8803)
	want(t, "gone", kr, abi.KERN_INVALID_NAME)
	names, types, _ := a.Names()
	if len(names) != 2 || len(types) != 2 {
		t.Errorf("%v %v", names, types)
	}
	// A name that is used again has another generation.
	n1 := b.newPort(t)
	b.Destroy(n1)
	n2 := b.newPort(t)
	if n1 == n2 || n1>>8 != n2>>8 {
		t.Errorf("%#x, then %#x", n1, n2)
	}
	a.Terminate()
	_, kr = a.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	want(t, "terminated", kr, abi.KERN_INVALID_TASK)
}

func TestKernelReceive(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	k, _ := AllocKernel(nil, 0, nil)
	defer k.DestroyKernel()
	s := a.CopyOut(k.MakeSend(), moveSend)
	r := a.newPort(t)
	x := a.newPort(t)
	want(t, "send", a.send(msg{bits: hbits(moveSend, makeOnce), remote: s, local: r, id: 4, descs: [][]byte{portDesc(x, moveRecv)}, data: []byte("data")}, 0, 0), 0)
	q, kr := k.ReceiveInKernel(sched.NewThread("k"), sched.Forever)
	want(t, "receive", kr, 0)
	if q.ID() != 4 || string(q.Body()[q.DataOffset():]) != "data" || k.HasSenders() {
		t.Errorf("%d %q", q.ID(), q.Body())
	}
	d := &q.Descs()[0]
	p := d.Port
	d.Port = nil // it goes back in the reply
	want(t, "reply", SendFromKernel(q.NewReply([]Desc{{Disp: moveRecv, Port: p}}, nil)), 0)
	q.Destroy()
	m, _ := a.expect(t, r, 104)
	if ty, _ := a.Type(abi.PortName(get32(m, 28))); ty != abi.MACH_PORT_TYPE_RECEIVE {
		t.Errorf("type %#x", ty)
	}
}

func TestWatch(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p, _ := a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
	set, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	a.InsertMember(p, set)
	for _, n := range []abi.PortName{p, set} {
		o, kr := a.LookupWatch(n)
		want(t, "watch", kr, 0)
		count := 0
		w := &Watch{Notify: func() { count++ }}
		o.AddWatch(w)
		if ready, _, _, _ := o.Peek(); ready {
			t.Error("ready before a message")
		}
		a.send(msg{bits: hbits(copySend, 0), remote: p}, 0, 0)
		if ready, size, q, _ := o.Peek(); count == 0 || !ready || size != 24 || a.NameOf(q) != p {
			t.Errorf("%d notices, ready %v, size %d", count, ready, size)
		}
		a.poll(p)
		o.RemoveWatch(w)
	}
}
