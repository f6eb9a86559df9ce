package ipc

import (
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

func TestKernelSide(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	a.SetIdentity(SecurityToken{7}, AuditToken{8})
	p, _ := a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT | abi.MPO_QLIMIT, Qlimit: 1}, 0)
	right, _ := a.ExtractRight(p, makeSend)
	th := sched.NewThread("k")
	note := func() *Kmsg { return NewMessage(CopySend(right), moveSend, 1, nil, []byte{1}) }
	want(t, "first", SendFromKernelLimited(th, note(), sched.After(0)), 0)
	want(t, "limited", SendFromKernelLimited(th, note(), sched.After(time.Millisecond)), abi.MACH_SEND_TIMED_OUT)
	want(t, "always", SendFromKernel(note()), 0)
	want(t, "nowhere", SendFromKernel(NewMessage(nil, moveSend, 1, nil, nil)), abi.MACH_SEND_INVALID_DEST)
	if i, kr := a.GetAttributes(p, abi.MACH_PORT_RECEIVE_STATUS, 10); kr != 0 || i[4] != 2 || i[3] != 1 || i[2] != 2 {
		t.Errorf("%v %v", i, kr)
	}
	if i, kr := a.GetAttributes(p, abi.MACH_PORT_LIMITS_INFO, 1); kr != 0 || i[0] != 1 {
		t.Errorf("%v %v", i, kr)
	}
	_, kr := a.GetAttributes(p, abi.MACH_PORT_RECEIVE_STATUS, 9)
	want(t, "room", kr, abi.KERN_FAILURE)
	_, kr = a.GetAttributes(p, 99, 9)
	want(t, "flavor", kr, abi.KERN_INVALID_ARGUMENT)
	want(t, "limit", a.SetAttributes(p, abi.MACH_PORT_LIMITS_INFO, []uint32{1025}), abi.KERN_INVALID_VALUE)

	died := false
	var sender AuditToken
	k, _ := AllocKernel(1, abi.IKOT_SEMAPHORE, func(_ *Port, q *Kmsg) *Kmsg {
		_, sender = q.Sender()
		r, ty := q.TakeReply()
		Release(r, ty)
		return nil
	})
	k.OnDeath(func() { died = true })
	n := a.CopyOut(k.MakeSend(), moveSend)
	if ty, kr := a.Kobject(n); kr != 0 || ty != abi.IKOT_SEMAPHORE {
		t.Errorf("kobject %d %v", ty, kr)
	}
	if q, kr := a.Lookup(n, abi.MACH_PORT_TYPE_SEND); kr != 0 || q != k {
		t.Errorf("lookup %v", kr)
	}
	_, kr = a.Lookup(n, abi.MACH_PORT_TYPE_RECEIVE)
	want(t, "lookup", kr, abi.KERN_INVALID_RIGHT)
	r := a.ReplyPort()
	want(t, "call", a.send(msg{bits: hbits(copySend, makeOnce), remote: n, local: r}, 0, 0), 0)
	a.expect(t, r, abi.MACH_NOTIFY_SEND_ONCE)
	if sender != (AuditToken{8}) {
		t.Errorf("sender %v", sender)
	}
	k.DestroyKernel()
	k.DestroyKernel()
	if ty, _ := a.Type(n); !died || ty != abi.MACH_PORT_TYPE_DEAD_NAME {
		t.Errorf("died %v, type %#x", died, ty)
	}
	ReleaseSend(right)
}

func TestRPC25(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	s, _ := a.PortAllocate()
	r, _ := a.PortAllocate()
	srv := a.thread()
	done := make(chan abi.KernReturn)
	go func() {
		b := msg25(true, s, 0, 0)
		put32(b, 4, 64)
		srv.mem.CopyOut(rcvAt, b)
		if kr := srv.MsgReceive(srv.th, srv.mem, srv.mem, rcvAt, 0, 0); kr != 0 {
			done <- kr
			return
		}
		got := make([]byte, 28)
		srv.mem.CopyIn(got, rcvAt)
		done <- srv.send25(msg25(true, 0, abi.PortName(get32(got, 16)), 99, got[24:]), 0)
	}()
	a.mem.CopyOut(base, msg25(true, r, s, 1, []byte("ping")))
	want(t, "msg_rpc", a.MsgRPC(a.th, a.mem, a.mem, base, 0, 64, 0, 0), 0)
	want(t, "server", <-done, 0)
	if get32(a.mem.b[:], 20) != 99 || string(a.mem.b[24:28]) != "ping" {
		t.Errorf("% x", a.mem.b[:28])
	}
}
