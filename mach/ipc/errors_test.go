package ipc

import (
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

const (
	copySend = abi.MACH_MSG_TYPE_COPY_SEND
	moveSend = abi.MACH_MSG_TYPE_MOVE_SEND
	makeSend = abi.MACH_MSG_TYPE_MAKE_SEND
	makeOnce = abi.MACH_MSG_TYPE_MAKE_SEND_ONCE
	moveOnce = abi.MACH_MSG_TYPE_MOVE_SEND_ONCE
	moveRecv = abi.MACH_MSG_TYPE_MOVE_RECEIVE
)

func oolDesc(a machine.Addr, size uint32, typ, disp, copyOpt byte, dealloc bool) []byte {
	d := make([]byte, 16)
	put32(d, 0, uint32(a))
	put32(d, 4, uint32(a>>32))
	if dealloc {
		d[8] = 1
	}
	d[9], d[10], d[11] = copyOpt, disp, typ
	put32(d, 12, size)
	return d
}

// TestSendErrors: every refusal of a send leaves the sender's rights as they
// were, except where XNU says that a refused body loses what it took.
func TestSendErrors(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p := a.newPort(t)
	give(t, a, p, a, makeSend)
	dead, _ := a.Allocate(abi.MACH_PORT_RIGHT_DEAD_NAME)
	set, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	special := a.SpecialReplyPort()
	const bogus = abi.PortName(0x7703)
	cs := hbits(copySend, 0)
	for _, c := range []struct {
		what string
		m    msg
		want abi.KernReturn
	}{
		{"no destination", msg{bits: cs}, abi.MACH_SEND_INVALID_DEST},
		{"dead destination", msg{bits: cs, remote: abi.MACH_PORT_DEAD}, abi.MACH_SEND_INVALID_DEST},
		{"unknown destination", msg{bits: cs, remote: bogus}, abi.MACH_SEND_INVALID_DEST},
		{"dead name", msg{bits: cs, remote: dead}, abi.MACH_SEND_INVALID_DEST},
		{"set", msg{bits: cs, remote: set}, abi.MACH_SEND_INVALID_DEST},
		{"no send-once right", msg{bits: hbits(moveOnce, 0), remote: p}, abi.MACH_SEND_INVALID_DEST},
		{"receive as destination", msg{bits: hbits(moveRecv, 0), remote: p}, abi.MACH_SEND_INVALID_HEADER},
		{"no disposition", msg{remote: p}, abi.MACH_SEND_INVALID_HEADER},
		{"bits", msg{bits: cs | 0x40000000, remote: p}, abi.MACH_SEND_INVALID_HEADER},
		{"reply without type", msg{bits: cs, remote: p, local: p}, abi.MACH_SEND_INVALID_HEADER},
		{"receive as reply", msg{bits: hbits(copySend, moveRecv), remote: p, local: p}, abi.MACH_SEND_INVALID_HEADER},
		{"unknown reply", msg{bits: hbits(copySend, makeOnce), remote: p, local: bogus}, abi.MACH_SEND_INVALID_REPLY},
		{"reply not held", msg{bits: hbits(copySend, moveOnce), remote: p, local: special}, abi.MACH_SEND_INVALID_REPLY},
		{"both move the last", msg{bits: hbits(moveSend, moveSend), remote: p, local: p}, abi.MACH_SEND_INVALID_DEST},
		{"voucher", msg{bits: cs | 21<<16, remote: p}, abi.MACH_SEND_INVALID_VOUCHER},
		{"descriptor type", msg{bits: cs, remote: p, descs: [][]byte{{11: 5}}}, abi.MACH_SEND_INVALID_TYPE},
		{"cut descriptor", msg{bits: cs, remote: p, descs: [][]byte{{11: 1}}}, abi.MACH_SEND_MSG_TOO_SMALL},
		{"copy option", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(base, 4, 1, 0, 2, false)}}, abi.MACH_SEND_INVALID_TYPE},
		{"memory", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(0x40, 4, 1, 0, 0, false)}}, abi.MACH_SEND_INVALID_MEMORY},
		{"port array memory", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(0x40, 4, 2, byte(copySend), 0, false)}}, abi.MACH_SEND_INVALID_MEMORY},
		{"port array type", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(base, 4, 2, 3, 0, false)}}, abi.MACH_SEND_INVALID_TYPE},
		{"port array size", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(base, 1<<30, 2, byte(copySend), 0, false)}}, abi.MACH_SEND_TOO_LARGE},
		{"unknown right", msg{bits: cs, remote: p, descs: [][]byte{portDesc(bogus, copySend)}}, abi.MACH_SEND_INVALID_RIGHT},
		{"not that right", msg{bits: cs, remote: p, descs: [][]byte{portDesc(set, copySend)}}, abi.MACH_SEND_INVALID_RIGHT},
		{"immovable", msg{bits: cs, remote: p, descs: [][]byte{portDesc(special, moveRecv)}}, abi.MACH_SEND_INVALID_RIGHT},
		{"guarded flags", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(0, uint32(p), 4, byte(moveRecv), 0, false)}}, abi.MACH_SEND_INVALID_TYPE},
		{"wrong guard", msg{bits: cs, remote: p, descs: [][]byte{oolDesc(9, uint32(p), 4, byte(moveRecv), 0, true)}}, abi.MACH_SEND_INVALID_RIGHT},
	} {
		want(t, c.what, a.send(c.m, 0, 0), c.want)
		if st, kr := a.Status(p); kr != 0 || st.Msgcount != 0 || st.Sorights != 0 {
			t.Fatalf("%s: afterwards %+v %#x", c.what, st, kr)
		}
		if n, _ := a.GetRefs(p, abi.MACH_PORT_RIGHT_SEND); n != 1 {
			t.Fatalf("%s: %d references", c.what, n)
		}
	}
	raw := func(opt abi.MsgOption, addr machine.Addr, size uint32) abi.KernReturn {
		return a.Msg(a.th, a.mem, a.mem, &MsgArgs{Addr: addr, Option: abi.MACH_SEND_MSG | opt, Send: size})
	}
	want(t, "short", raw(0, base, 20), abi.MACH_SEND_MSG_TOO_SMALL)
	want(t, "odd", raw(0, base, 26), abi.MACH_SEND_MSG_TOO_SMALL)
	want(t, "huge", raw(0, base, 0xfffffffc), abi.MACH_SEND_TOO_LARGE)
	want(t, "address", raw(0, 0x10, 24), abi.MACH_SEND_INVALID_DATA)
	want(t, "trailer", raw(abi.MACH_SEND_TRAILER, base, 24), abi.MACH_SEND_INVALID_TRAILER)
	save := MaxKmsgBytes
	MaxKmsgBytes = 0
	want(t, "buffer", raw(0, base, 24), abi.MACH_SEND_NO_BUFFER)
	MaxKmsgBytes = save
}

func TestReceiveErrors(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p := a.newPort(t)
	send := give(t, a, p, a, makeSend)
	_, kr := a.poll(0x7703)
	want(t, "name", kr, abi.MACH_RCV_INVALID_NAME)
	dead, _ := a.Allocate(abi.MACH_PORT_RIGHT_DEAD_NAME)
	_, kr = a.poll(dead)
	want(t, "dead name", kr, abi.MACH_RCV_INVALID_NAME)

	m := msg{bits: hbits(copySend, makeOnce), remote: send, local: p, id: 3, data: make([]byte, 40)}
	want(t, "send", a.send(m, 0, 0), 0)
	b, kr := a.recv(p, abi.MACH_RCV_LARGE|abi.MACH_RCV_LARGE_IDENTITY|abi.MACH_RCV_TIMEOUT, 0, 64)
	want(t, "large", kr, abi.MACH_RCV_TOO_LARGE)
	if get32(b, 4) != 64 || get32(b, 12) != uint32(p) {
		t.Errorf("size %d port %#x", get32(b, 4), get32(b, 12))
	}
	_, kr = a.recv(p, abi.MACH_RCV_TIMEOUT, 0, 64)
	want(t, "too large", kr, abi.MACH_RCV_TOO_LARGE)
	b, kr = a.poll(p) // the reply right was destroyed with the message
	want(t, "send-once", kr, 0)
	if get32(b, 20) != abi.MACH_NOTIFY_SEND_ONCE {
		t.Errorf("id %d", get32(b, 20))
	}
	want(t, "send", a.send(m, 0, 0), 0)
	kr = a.Msg(a.th, a.mem, a.mem, &MsgArgs{Addr: 0x20, Option: abi.MACH_RCV_MSG, Rcv: 200, RcvName: p})
	want(t, "address", kr, abi.MACH_RCV_INVALID_DATA)

	th := a.thread()
	result := make(chan abi.KernReturn)
	wait := func(opt abi.MsgOption, ms uint32, from abi.PortName) {
		go func() { _, kr := th.recv(from, opt, ms, 100); result <- kr }()
		for !th.th.IsWaiting() {
			time.Sleep(100 * time.Microsecond)
		}
	}
	wait(0, 0, p)
	th.th.Interrupt()
	want(t, "interrupt", <-result, abi.MACH_RCV_INTERRUPTED)
	wait(abi.MACH_RCV_TIMEOUT, 20, p)
	want(t, "timeout", <-result, abi.MACH_RCV_TIMED_OUT)
	set, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	wait(0, 0, set)
	a.Destroy(set)
	want(t, "set died", <-result, abi.MACH_RCV_PORT_DIED)
	wait(0, 0, p)
	rp, kr := a.ExtractRight(p, moveRecv)
	want(t, "extract", kr, 0)
	want(t, "moved", <-result, abi.MACH_RCV_PORT_CHANGED)
	n := a.CopyOut(rp, moveRecv)
	wait(0, 0, n)
	want(t, "destroy", a.ModRefs(n, abi.MACH_PORT_RIGHT_RECEIVE, -1), 0)
	want(t, "died", <-result, abi.MACH_RCV_PORT_DIED)
}

func TestReceiveNoRoom(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p := a.newPort(t)
	a.mem.DeallocateOOL(0, 0)
	d := [][]byte{oolDesc(base, 100, 1, 0, 1, false), oolDesc(base+0x100, 1, 2, byte(makeOnce), 0, false)}
	put32(a.mem.b[:], 0x100, uint32(p))
	a.mem.CopyOut(base+0x4000, msg{bits: hbits(makeSend, 0), remote: p, descs: d}.bytes())
	want(t, "send", a.Msg(a.th, a.mem, a.mem, &MsgArgs{Addr: base + 0x4000, Option: abi.MACH_SEND_MSG, Send: 60}), 0)
	a.mem.noRoom = true
	b, kr := a.poll(p)
	want(t, "receive", kr, abi.MACH_RCV_BODY_ERROR|abi.MACH_MSG_VM_SPACE)
	if get32(b, 40) != 0 || get32(b, 56) != 0 {
		t.Errorf("sizes %d %d", get32(b, 40), get32(b, 56))
	}
	b, kr = a.poll(p)
	want(t, "send-once", kr, 0)
	if get32(b, 20) != abi.MACH_NOTIFY_SEND_ONCE {
		t.Errorf("id %d", get32(b, 20))
	}
}

// TestQueueLimit: back-pressure, time-out with the message given back,
// interruption, slots handed on, and send-once rights that ignore limits.
func TestQueueLimit(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	defer a.Terminate()
	defer b.Terminate()
	p := b.newPort(t)
	s := give(t, b, p, a, makeSend)
	r := a.newPort(t)
	m := msg{bits: hbits(copySend, makeOnce), remote: s, local: r}
	for range abi.MACH_PORT_QLIMIT_DEFAULT {
		want(t, "send", a.send(m, 0, 0), 0)
	}
	want(t, "full", a.send(m, abi.MACH_SEND_TIMEOUT, 0), abi.MACH_SEND_TIMED_OUT)
	back := make([]byte, 24)
	a.mem.CopyIn(back, base)
	if get32(back, 0) != hbits(moveSend, moveOnce) || get32(back, 8) != uint32(s) {
		t.Fatalf("given back % x", back)
	}
	so := abi.PortName(get32(back, 12))
	if ty, _ := a.Type(so); ty != abi.MACH_PORT_TYPE_SEND_ONCE {
		t.Fatalf("reply right came back as %#x", ty)
	}
	if n, _ := a.GetRefs(s, abi.MACH_PORT_RIGHT_SEND); n != 2 {
		t.Fatalf("%d references: the copied right comes back moved", n)
	}
	want(t, "to the reply right", a.send(msg{bits: hbits(moveOnce, 0), remote: so}, 0, 0), 0)
	want(t, "later", a.send(m, abi.MACH_SEND_TIMEOUT, 10), abi.MACH_SEND_TIMED_OUT)

	th := a.thread()
	done := make(chan abi.KernReturn)
	blocked := func() {
		go func() { done <- th.send(msg{bits: hbits(copySend, 0), remote: s, id: 77}, 0, 0) }()
		for !th.th.IsWaiting() {
			time.Sleep(100 * time.Microsecond)
		}
	}
	blocked()
	th.th.Interrupt()
	want(t, "interrupt", <-done, abi.MACH_SEND_INTERRUPTED)
	blocked()
	want(t, "limit", b.SetAttributes(p, abi.MACH_PORT_LIMITS_INFO, []uint32{6}), 0)
	want(t, "raised", <-done, 0)
	blocked()
	_, kr := b.poll(p)
	want(t, "receive", kr, 0)
	want(t, "slot", <-done, 0)
	if st, _ := b.Status(p); st.Msgcount != 6 || st.Seqno != 1 {
		t.Errorf("%+v", st)
	}
	o := give(t, b, p, a, makeOnce)
	want(t, "send-once", a.send(msg{bits: hbits(moveOnce, 0), remote: o}, abi.MACH_SEND_TIMEOUT, 0), 0)
	blocked()
	b.Destroy(p)
	want(t, "died", <-done, 0)
}

func TestTimeoutIsNotForever(t *testing.T) {
	p, _ := AllocKernel(nil, 0, nil)
	defer p.DestroyKernel()
	_, kr := p.ReceiveInKernel(sched.NewThread("k"), sched.After(time.Millisecond))
	want(t, "receive", kr, abi.MACH_RCV_TIMED_OUT)
}
