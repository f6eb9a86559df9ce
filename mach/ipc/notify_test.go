package ipc

import (
	"testing"

	"puggle/abi"
)

// expect receives one message from n and checks its id; word is the last word
// of a notification's body.
func (t *task) expect(tt *testing.T, n abi.PortName, id int32) (m []byte, word uint32) {
	tt.Helper()
	m, kr := t.poll(n)
	want(tt, "receive", kr, 0)
	if int32(get32(m, 20)) != id {
		tt.Fatalf("id %d, want %d", get32(m, 20), id)
	}
	return m, get32(m, 32)
}

func (t *task) request(tt *testing.T, n abi.PortName, id int32, sync uint32, to abi.PortName) abi.KernReturn {
	tt.Helper()
	so, kr := t.ExtractRight(to, makeOnce)
	want(tt, "make send-once", kr, 0)
	prev, kr := t.RequestNotification(n, id, sync, so)
	if kr != 0 {
		Release(so, moveOnce)
		t.expect(tt, to, abi.MACH_NOTIFY_SEND_ONCE)
	}
	if prev != nil {
		Release(prev, moveOnce)
	}
	return kr
}

func TestNotifications(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	defer a.Terminate()
	defer b.Terminate()
	n := a.newPort(t)

	// No senders: when the last goes; at once if there are none.
	p := a.newPort(t)
	s := give(t, a, p, b, makeSend)
	want(t, "request", a.request(t, p, abi.MACH_NOTIFY_NO_SENDERS, 0, n), 0)
	want(t, "deallocate", b.Deallocate(s), 0)
	if _, ms := a.expect(t, n, abi.MACH_NOTIFY_NO_SENDERS); ms != 1 {
		t.Errorf("make-send count %d", ms)
	}
	want(t, "request", a.request(t, p, abi.MACH_NOTIFY_NO_SENDERS, 1, n), 0)
	a.expect(t, n, abi.MACH_NOTIFY_NO_SENDERS)
	want(t, "sync later", a.request(t, p, abi.MACH_NOTIFY_NO_SENDERS, 2, n), 0)
	_, kr := a.poll(n)
	want(t, "not yet", kr, abi.MACH_RCV_TIMED_OUT)

	// Dead name: the notification holds a reference.
	q := b.newPort(t)
	s = give(t, b, q, a, makeSend)
	want(t, "request", a.request(t, s, abi.MACH_NOTIFY_DEAD_NAME, 0, n), 0)
	if ty, _ := a.Type(s); ty != abi.MACH_PORT_TYPE_SEND|abi.MACH_PORT_TYPE_DNREQUEST {
		t.Errorf("type %#x", ty)
	}
	want(t, "destroy", b.ModRefs(q, abi.MACH_PORT_RIGHT_RECEIVE, -1), 0)
	if _, w := a.expect(t, n, abi.MACH_NOTIFY_DEAD_NAME); w != uint32(s) {
		t.Errorf("name %#x", w)
	}
	if r, _ := a.GetRefs(s, abi.MACH_PORT_RIGHT_DEAD_NAME); r != 2 {
		t.Errorf("%d references", r)
	}
	want(t, "at once", a.request(t, s, abi.MACH_NOTIFY_SEND_POSSIBLE, 1, n), 0)
	a.expect(t, n, abi.MACH_NOTIFY_DEAD_NAME)
	if r, _ := a.GetRefs(s, abi.MACH_PORT_RIGHT_DEAD_NAME); r != 3 {
		t.Errorf("%d references", r)
	}
	want(t, "dead name request", a.request(t, s, abi.MACH_NOTIFY_DEAD_NAME, 0, n), abi.KERN_INVALID_ARGUMENT)

	// Port deleted: the entry goes while the request is pending.
	q = b.newPort(t)
	s = give(t, b, q, a, makeSend)
	want(t, "request", a.request(t, s, abi.MACH_NOTIFY_DEAD_NAME, 0, n), 0)
	want(t, "deallocate", a.Deallocate(s), 0)
	a.expect(t, n, abi.MACH_NOTIFY_PORT_DELETED)

	// Send possible: delayed until a send with MACH_SEND_NOTIFY failed.
	s = give(t, b, q, a, makeSend)
	want(t, "request", a.request(t, s, abi.MACH_NOTIFY_SEND_POSSIBLE, 0, n), 0)
	for range 5 {
		want(t, "send", a.send(msg{bits: hbits(copySend, 0), remote: s}, abi.MACH_SEND_NOTIFY, 0), 0)
	}
	want(t, "full", a.send(msg{bits: hbits(copySend, 0), remote: s}, abi.MACH_SEND_NOTIFY|abi.MACH_SEND_TIMEOUT, 0), abi.MACH_SEND_TIMED_OUT)
	if ty, _ := a.Type(s); ty&abi.MACH_PORT_TYPE_SPREQUEST == 0 {
		t.Errorf("type %#x", ty)
	}
	b.poll(q)
	if _, w := a.expect(t, n, abi.MACH_NOTIFY_SEND_POSSIBLE); w != uint32(s) {
		t.Errorf("name %#x", w)
	}
	want(t, "at once", a.request(t, s, abi.MACH_NOTIFY_SEND_POSSIBLE, 1, n), 0)
	a.expect(t, n, abi.MACH_NOTIFY_SEND_POSSIBLE)

	// Port destroyed: the receive right comes back, send rights stay good.
	q = a.newPort(t)
	s = give(t, a, q, b, makeSend)
	want(t, "request", a.request(t, q, abi.MACH_NOTIFY_PORT_DESTROYED, 0, n), 0)
	want(t, "second", a.request(t, q, abi.MACH_NOTIFY_PORT_DESTROYED, 0, n), abi.KERN_FAILURE)
	want(t, "destroy", a.Destroy(q), 0)
	want(t, "send", b.send(msg{bits: hbits(copySend, 0), remote: s, id: 9}, 0, 0), 0)
	m, _ := a.expect(t, n, abi.MACH_NOTIFY_PORT_DESTROYED)
	q = abi.PortName(get32(m, 28))
	a.expect(t, q, 9)

	want(t, "id", a.request(t, p, 0123, 0, n), abi.KERN_INVALID_VALUE)
	want(t, "name", a.request(t, 0x7703, abi.MACH_NOTIFY_NO_SENDERS, 0, n), abi.KERN_INVALID_NAME)
}

// TestCircular: a port whose receive right is queued at itself, directly or by
// way of another, would never be freed; such messages vanish with all they hold.
func TestCircular(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p, q := a.newPort(t), a.newPort(t)
	sp, sq := give(t, a, p, a, makeSend), give(t, a, q, a, makeSend)
	want(t, "p to q", a.send(msg{bits: hbits(copySend, 0), remote: sq, descs: [][]byte{portDesc(p, moveRecv)}}, 0, 0), 0)
	want(t, "q to p", a.send(msg{bits: hbits(copySend, 0), remote: sp, descs: [][]byte{portDesc(q, moveRecv)}}, 0, 0), 0)
	for _, n := range []abi.PortName{sp, sq} {
		if ty, _ := a.Type(n); ty != abi.MACH_PORT_TYPE_DEAD_NAME {
			t.Errorf("%#x is %#x", n, ty)
		}
	}
}

// TestDeepNest: destroying a chain of ports, each in the queue of the next,
// uses no stack.
func TestDeepNest(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	inner := a.newPort(t)
	for range 5000 {
		outer := a.newPort(t)
		want(t, "nest", a.send(msg{bits: hbits(makeSend, 0), remote: outer, descs: [][]byte{portDesc(inner, moveRecv)}}, 0, 0), 0)
		inner = outer
	}
	want(t, "destroy", a.Destroy(inner), 0)
	if n := a.Count(); n != 0 {
		t.Errorf("%d names left", n)
	}
}

func TestKernelObject(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	gone := 0
	k, kr := AllocKernel("object", abi.IKOT_HOST, func(p *Port, q *Kmsg) *Kmsg {
		obj, _ := p.Kobject()
		if obj != "object" || q.ID() == 1 {
			return nil
		}
		return q.NewReply([]Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: moveSend, Port: p.MakeSend()}}, []byte("done"))
	})
	want(t, "kernel port", kr, 0)
	k.OnNoSenders(func(*Port) { gone++ })
	s := a.CopyOut(k.MakeSend(), moveSend)
	r := a.newPort(t)
	want(t, "call", a.send(msg{bits: hbits(copySend, makeOnce), remote: s, local: r, id: 200}, 0, 0), 0)
	m, _ := a.expect(t, r, 300)
	if got := abi.PortName(get32(m, 28)); got != s || string(m[40:44]) != "done" {
		t.Errorf("reply % x", m[:48])
	}
	want(t, "no reply", a.send(msg{bits: hbits(copySend, makeOnce), remote: s, local: r, id: 1}, 0, 0), 0)
	a.expect(t, r, abi.MACH_NOTIFY_SEND_ONCE)
	want(t, "to itself", a.send(msg{bits: hbits(copySend, copySend), remote: s, local: s, id: 5}, 0, 0), 0)
	if n, _ := a.GetRefs(s, abi.MACH_PORT_RIGHT_SEND); n != 2 || gone != 0 {
		t.Errorf("%d references, %d notices", n, gone)
	}
	want(t, "release", a.ModRefs(s, abi.MACH_PORT_RIGHT_SEND, -2), 0)
	if gone != 1 {
		t.Errorf("%d notices", gone)
	}
	k.DestroyKernel()
}

// TestNotificationFlood: what a guest makes the kernel send to it is bounded.
func TestNotificationFlood(t *testing.T) {
	leakCheck(t)
	save := MaxKmsgBytes
	MaxKmsgBytes = kmsgBytes.Load() + 10000
	defer func() { MaxKmsgBytes = save }()
	a := newTask()
	p := a.newPort(t)
	for range 1000 {
		want(t, "deallocate", a.Deallocate(give(t, a, p, a, makeOnce)), 0)
	}
	st, _ := a.Status(p)
	if st.Msgcount < 10 || st.Msgcount > 100 || st.Sorights != st.Msgcount {
		t.Errorf("%+v", st)
	}
	MaxKmsgBytes = save
	a.Terminate()
}
