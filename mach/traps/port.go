package traps

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// insertRight: the right comes from the caller's space, whatever the target.
func insertRight(s *ipc.Space, c *Call) kret {
	t := abi.MsgType(c.u32(3))
	if !t.IsPort() {
		return abi.KERN_INVALID_VALUE
	}
	if !c.name(2).Valid() {
		return abi.KERN_INVALID_CAPABILITY
	}
	p, kr := c.space.ExtractRight(c.name(2), t)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if kr = s.InsertRight(c.name(1), p, t.Received()); kr != abi.KERN_SUCCESS {
		ipc.Release(p, t.Received())
	}
	return kr
}

func construct(s *ipc.Space, c *Call) kret {
	var b [abi.PortOptionsSize]byte
	if kr := c.in(c.addr(1), b[:]); kr != abi.KERN_SUCCESS {
		return kr
	}
	n, kr := s.Construct(ipc.PortOptions{Flags: le.Uint32(b[:]), Qlimit: le.Uint32(b[4:])}, c.Arg[2])
	return c.give(s, c.addr(3), n, kr)
}

func getAttributes(s *ipc.Space, c *Call) kret {
	var b [4]byte
	if kr := c.in(c.addr(4), b[:]); kr != abi.KERN_SUCCESS {
		return kr
	}
	w, kr := s.GetAttributes(c.name(1), c.i32(2), min(le.Uint32(b[:]), 17))
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	var l []byte
	for _, v := range w {
		l = le.AppendUint32(l, v)
	}
	if kr = c.out(c.addr(3), l); kr != abi.KERN_SUCCESS {
		return kr
	}
	return c.out32(c.addr(4), uint32(len(w)))
}

func requestNotification(s *ipc.Space, c *Call) kret {
	var so *ipc.Port
	if n := c.name(4); n != abi.MACH_PORT_NULL {
		t := abi.MsgType(c.u32(5))
		if t.Received() != abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
			return abi.KERN_INVALID_VALUE
		}
		p, kr := c.space.ExtractRight(n, t)
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		so = p
	}
	old, kr := s.RequestNotification(c.name(1), c.i32(2), c.u32(3), so)
	if kr != abi.KERN_SUCCESS {
		ipc.ReleaseSendOnce(so)
		return kr
	}
	n := c.space.CopyOut(old, abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	return c.out32(c.addr(6), uint32(n))
}

// specialReplyPort keeps one for each thread, made again when the guest has
// destroyed it.
func specialReplyPort(_ *Traps, c *Call) uint64 {
	th := c.Thread
	if n := th.SpecialReply; n != abi.MACH_PORT_NULL {
		if v, kr := c.space.Type(n); kr == abi.KERN_SUCCESS && v&abi.MACH_PORT_TYPE_RECEIVE != 0 {
			return uint64(n)
		}
	}
	th.SpecialReply = c.space.SpecialReplyPort()
	return uint64(th.SpecialReply)
}

// forPID is task_for_pid and task_name_for_pid; the first argument is the
// caller's own task and is looked at no further.
func (t *Traps) forPID(c *Call, port func(*task.Task) *ipc.Port) kret {
	if t.TaskForPID == nil {
		return abi.KERN_NOT_SUPPORTED
	}
	tk, kr := t.TaskForPID(c.Thread, c.i32(1))
	n := abi.MACH_PORT_NULL
	if kr == abi.KERN_SUCCESS {
		if p := port(tk); ipc.IsValid(p) {
			n = c.space.CopyOut(p.MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND)
		} else {
			kr = abi.KERN_FAILURE
		}
	}
	if e := c.out32(c.addr(2), uint32(n)); e != abi.KERN_SUCCESS {
		if n.Valid() {
			c.space.Deallocate(n)
		}
		return e
	}
	return kr
}

func pidForTask(t *Traps, c *Call) kret {
	if t.PIDForTask == nil {
		return abi.KERN_NOT_SUPPORTED
	}
	pid, kr := int32(-1), abi.KERN_FAILURE
	if p, e := c.space.Lookup(c.name(0), abi.MACH_PORT_TYPE_SEND); e == abi.KERN_SUCCESS {
		if tk, ok := kobject(p, abi.IKOT_TASK_CONTROL, abi.IKOT_TASK_READ, abi.IKOT_TASK_INSPECT, abi.IKOT_TASK_NAME).(*task.Task); ok {
			if v, ok := t.PIDForTask(tk); ok {
				pid, kr = v, abi.KERN_SUCCESS
			}
		}
	}
	if e := c.out32(c.addr(1), uint32(pid)); e != abi.KERN_SUCCESS {
		return e
	}
	return kr
}

// kobject is the object behind p if it is of one of the types.
func kobject(p *ipc.Port, types ...uint32) any {
	o, kt := p.Kobject()
	for _, t := range types {
		if t == kt {
			return o
		}
	}
	return nil
}
