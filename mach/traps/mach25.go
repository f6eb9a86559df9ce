package traps

import (
	"puggle/abi"
	"puggle/mach/ipc"
)

// Mach 2.5's calls, for NeXT-style programs. Their numbers are ours, as those of the
// mach_ipc family: in Mach 2.5 they were what other traps are today.

// msg25 is msg_send or msg_receive: header, option, timeout.
func msg25(f func(s *ipc.Space, m memory, c *Call) kret) Func {
	return kr(func(_ *Traps, c *Call) kret { return guarded(c, c.space, f(c.space, memory{c.m, c.Thread}, c)) })
}

// port25 is a call on a task's port space: KERN_INVALID_ARGUMENT when the first
// argument names no task.
func port25(f func(s *ipc.Space, c *Call) kret) Func {
	return kr(func(t *Traps, c *Call) kret {
		s := t.target(c)
		if s == nil {
			return abi.KERN_INVALID_ARGUMENT
		}
		return guarded(c, s, f(s, c))
	})
}

// guarded is the end of a call on s: a guard that it broke is told of.
func guarded(c *Call, s *ipc.Space, r kret) kret {
	if r != abi.KERN_SUCCESS {
		c.Thread.CheckGuards(s)
	}
	return r
}

func msgSend25(s *ipc.Space, m memory, c *Call) kret {
	return s.MsgSend(&c.Thread.Thread, m, m, c.addr(0), c.u32(1), c.u32(2))
}

func msgReceive25(s *ipc.Space, m memory, c *Call) kret {
	return s.MsgReceive(&c.Thread.Thread, m, m, c.addr(0), c.u32(1), c.u32(2))
}

func portAllocate25(s *ipc.Space, c *Call) kret {
	n, kr := s.PortAllocate()
	return c.give(s, c.addr(1), n, kr)
}

func portSetAllocate25(s *ipc.Space, c *Call) kret {
	n, kr := s.PortSetAllocate()
	return c.give(s, c.addr(1), n, kr)
}

// portStatus25 writes the set, the messages in the queue, the backlog, and whether the
// task is the receiver.
func portStatus25(s *ipc.Space, c *Call) kret {
	st, kr := s.PortStatus(c.name(1))
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	var b [16]byte
	le.PutUint32(b[0:], uint32(st.Set))
	le.PutUint32(b[4:], uint32(st.Messages))
	le.PutUint32(b[8:], uint32(st.Backlog))
	if st.Receiver {
		b[12] = 1
	}
	return c.out(c.addr(2), b[:])
}
