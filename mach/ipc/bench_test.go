package ipc

import (
	"fmt"
	"runtime"
	"testing"

	"puggle/abi"
)

// benchRPC is 32 bytes there and back between two threads of two tasks.
func BenchmarkRPC(b *testing.B) {
	c, s := newTask(), newTask()
	p, _ := s.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	pp, _ := s.ExtractRight(p, makeSend)
	sn := c.CopyOut(pp, moveSend)
	r := c.ReplyPort()
	go func() {
		a := &MsgArgs{Addr: base, Option: abi.MACH_RCV_MSG, Rcv: 256, RcvName: p}
		for {
			if s.Msg(s.th, s.mem, s.mem, a) != 0 {
				return
			}
			h := s.mem.b[:24]
			put32(h, 0, hbits(moveOnce, 0))
			put32(h, 12, 0)
			a.Option, a.Send = abi.MACH_SEND_MSG|abi.MACH_RCV_MSG, 32
		}
	}()
	req := msg{bits: hbits(copySend, makeOnce), remote: sn, local: r, data: make([]byte, 8)}.bytes()
	b.ReportAllocs()
	for b.Loop() {
		copy(c.mem.b[:], req)
		if kr := c.Msg(c.th, c.mem, c.mem, &MsgArgs{Addr: base, Option: abi.MACH_SEND_MSG | abi.MACH_RCV_MSG, Send: 32, Rcv: 256, RcvName: r}); kr != 0 {
			b.Fatal(kr)
		}
	}
	c.Terminate()
	s.Terminate()
}

func BenchmarkKernelCall(b *testing.B) {
	c := newTask()
	k, _ := AllocKernel(nil, abi.IKOT_HOST, func(p *Port, q *Kmsg) *Kmsg { return q.NewReply(nil, q.Body()) })
	sn := c.CopyOut(k.MakeSend(), moveSend)
	r := c.ReplyPort()
	req := msg{bits: hbits(copySend, makeOnce), remote: sn, local: r, data: make([]byte, 8)}.bytes()
	b.ReportAllocs()
	for b.Loop() {
		copy(c.mem.b[:], req)
		if kr := c.Msg(c.th, c.mem, c.mem, &MsgArgs{Addr: base, Option: abi.MACH_SEND_MSG | abi.MACH_RCV_MSG, Send: 32, Rcv: 256, RcvName: r}); kr != 0 {
			b.Fatal(kr)
		}
	}
}

// BenchmarkManyPorts: a send and a receive through a set, with n ports in the
// space and in the set.
func BenchmarkManyPorts(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := newTask()
			defer a.Terminate()
			set, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
			names := make([]abi.PortName, n)
			for i := range names {
				names[i], _ = a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
				a.InsertMember(names[i], set)
			}
			m := msg{bits: hbits(copySend, 0)}
			i := 0
			runtime.GC() // of what the set-up left
			b.ResetTimer()
			for range b.N {
				i = (i + 7919) % n
				m.remote = names[i]
				a.send(m, 0, 0)
				kr := a.Msg(a.th, a.mem, a.mem, &MsgArgs{Addr: rcvAt, Option: abi.MACH_RCV_MSG, Rcv: 64, RcvName: set})
				if kr != 0 {
					b.Fatal(kr)
				}
			}
		})
	}
}
