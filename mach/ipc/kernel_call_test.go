package ipc

import (
	"bytes"
	"fmt"
	"testing"

	"puggle/abi"
)

// TestKernelCall makes calls of a kernel object both ways, the short one and, with the
// reply port in a set, the long one. Whatever the server and the caller do, the result,
// the caller's memory and what is left must be the same.
func TestKernelCall(t *testing.T) {
	echo := func(_ *Port, q *Kmsg) *Kmsg { return q.NewReply(nil, q.Body()) }
	calls := map[string]struct {
		server  KernelServer
		opt     abi.MsgOption
		rcv     uint32
		data    int
		rcvAt   uint64 // beyond the memory, if not 0
		before  func(c *task, reply abi.PortName)
		nothing bool // no reply comes
	}{
		"echo":      {server: echo, rcv: 256},
		"no data":   {server: func(_ *Port, q *Kmsg) *Kmsg { return q.NewReply(nil, nil) }, rcv: 256},
		"trailer":   {server: echo, rcv: 256, opt: 7 << 24},
		"exact":     {server: echo, rcv: 24 + 8 + 8, data: 8},
		"too small": {server: echo, rcv: 24 + 8 + 4, data: 8},
		"large":     {server: echo, rcv: 24 + 8 + 4, data: 8, opt: abi.MACH_RCV_LARGE},
		"long":      {server: echo, rcv: 8192, data: 4096},
		"no memory": {server: echo, rcv: 256, rcvAt: 1 << 40},
		"kept":      {server: func(_ *Port, q *Kmsg) *Kmsg { p, _ := q.TakeReply(); ReleaseSendOnce(p); return nil }, rcv: 256},
		"left":      {server: func(_ *Port, q *Kmsg) *Kmsg { return nil }, rcv: 256},
		"never":     {server: func(_ *Port, q *Kmsg) *Kmsg { kept, _ = q.TakeReply(); return nil }, rcv: 256, nothing: true},
		"port": {server: func(p *Port, q *Kmsg) *Kmsg {
			return q.NewReply([]Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: p.MakeSend()}}, nil)
		}, rcv: 256},
		"earlier one": {server: echo, rcv: 256, data: 8, before: func(c *task, reply abi.PortName) { c.send(msg{bits: hbits(makeOnce, 0), remote: reply, id: 77}, 0, 0) }},
		"dies":        {server: func(p *Port, q *Kmsg) *Kmsg { p.DestroyKernel(); return q.NewReply(nil, nil) }, rcv: 256},
	}
	for name, x := range calls {
		t.Run(name, func(t *testing.T) {
			var told [2]string
			for way := range told {
				ports, messages := Counts()
				c := newTask()
				k, _ := AllocKernel(nil, abi.IKOT_HOST, x.server)
				to, reply := c.CopyOut(k.MakeSend(), moveSend), c.ReplyPort()
				if way == 1 {
					set, _ := c.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
					if kr := c.InsertMember(reply, set); kr != 0 {
						t.Fatal(kr)
					}
				}
				if x.before != nil {
					x.before(c, reply)
				}
				var all string
				for i := range 3 { // the second and third use what the first has left
					clear(c.mem.b[:])
					b := msg{bits: hbits(copySend, makeOnce), remote: to, local: reply, id: int32(i), data: bytes.Repeat([]byte{byte(i + 1)}, x.data)}.bytes()
					c.mem.CopyOut(base, b)
					a := &MsgArgs{Addr: base, Option: abi.MACH_SEND_MSG | abi.MACH_RCV_MSG | abi.MACH_RCV_TIMEOUT | x.opt, Send: uint32(len(b)), Rcv: x.rcv, RcvName: reply, RcvAddr: 0}
					if x.rcvAt != 0 {
						a.RcvAddr = base + 1<<40
					}
					kr := c.Msg(c.th, c.mem, c.mem, a)
					if i == 0 && x.nothing != (kr == abi.MACH_RCV_TIMED_OUT) {
						t.Errorf("%v", kr)
					}
					s, _ := c.GetAttributes(reply, abi.MACH_PORT_RECEIVE_STATUS, 17)
					s[0] = 0 // the set
					all += fmt.Sprintf("%v %x %v %d\n", kr, c.mem.b[:8192], s, c.Count()-way)
					ReleaseSendOnce(kept)
					kept = nil
				}
				told[way] = all
				c.Terminate()
				k.DestroyKernel()
				if p, m := Counts(); p != ports || m != messages {
					t.Errorf("way %d: %d ports and %d messages, then %d and %d", way, ports, messages, p, m)
				}
			}
			if told[0] != told[1] {
				t.Errorf("the short way and the long way differ:\n%s\n%s", told[0], told[1])
			}
		})
	}
}

// kept is a reply right that a server has not answered.
var kept *Port

// TestKernelCallShort shows that the usual call does go the short way: its message
// does not count while it is served.
func TestKernelCallShort(t *testing.T) {
	c := newTask()
	defer c.Terminate()
	_, before := Counts()
	seen := int64(-1)
	k, _ := AllocKernel(nil, abi.IKOT_HOST, func(_ *Port, q *Kmsg) *Kmsg {
		_, seen = Counts()
		return q.NewReply(nil, nil)
	})
	defer k.DestroyKernel()
	to, reply := c.CopyOut(k.MakeSend(), moveSend), c.ReplyPort()
	c.mem.CopyOut(base, msg{bits: hbits(copySend, makeOnce), remote: to, local: reply}.bytes())
	kr := c.Msg(c.th, c.mem, c.mem, &MsgArgs{Addr: base, Option: abi.MACH_SEND_MSG | abi.MACH_RCV_MSG, Send: 24, Rcv: 256, RcvName: reply})
	if kr != 0 || seen != before {
		t.Errorf("%v; %d messages, and %d in the server", kr, before, seen)
	}
}
