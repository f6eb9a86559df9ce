package kernel

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/syscalls"
	"puggle/mach/ipc"
)

// The _kernelrpc_mach_port traps: mach_port routines on the caller's own task.
// A target that is any other name gives MACH_SEND_INVALID_DEST, so that
// libSystem goes by message instead.

const machSendInvalidDest abi.KernReturn = 0x10000003

// onSelf runs f on the caller's space if the first argument names its own task.
func onSelf(c *syscalls.Call, f func(sp *ipc.Space) abi.KernReturn) abi.Errno {
	if !isTaskSelf(c.P, c.Uint(0)) {
		return c.KR(machSendInvalidDest)
	}
	return c.KR(f(space(c.P)))
}

// putName stores a new name in the guest, or takes it back with undo.
func putName(c *syscalls.Call, arg int, n abi.PortName, undo func()) abi.KernReturn {
	if c.PutU32(c.Addr(arg), uint32(n)) != 0 {
		undo()
		return abi.KERN_INVALID_ADDRESS
	}
	return 0
}

func name(c *syscalls.Call, i int) abi.PortName { return abi.PortName(c.Uint(i)) }

func trapPortAllocate(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		n, kr := sp.Allocate(abi.PortRight(c.Uint(1)))
		if kr != 0 {
			return kr
		}
		return putName(c, 2, n, func() { sp.Destroy(n) })
	})
}

func trapPortDeallocate(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn { return sp.Deallocate(name(c, 1)) })
}

func trapPortModRefs(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		return sp.ModRefs(name(c, 1), abi.PortRight(c.Uint(2)), c.I32(3))
	})
}

func trapPortMoveMember(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn { return sp.MoveMember(name(c, 1), name(c, 2)) })
}

func trapPortInsertMember(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn { return sp.InsertMember(name(c, 1), name(c, 2)) })
}

func trapPortExtractMember(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn { return sp.ExtractMember(name(c, 1), name(c, 2)) })
}

// trapPortInsertRight: the right is taken from the caller's space by the given
// disposition, and put under the name; if that fails it is released.
func trapPortInsertRight(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		t := abi.MsgType(c.Uint(3))
		p, kr := sp.ExtractRight(name(c, 2), t)
		if kr != 0 {
			return kr
		}
		kr = sp.InsertRight(name(c, 1), p, t.Received())
		if kr != 0 {
			ipc.Release(p, t.Received())
		}
		return kr
	})
}

// trapPortConstruct reads mach_port_options_t: flags, limits, then 16 bytes.
func trapPortConstruct(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		var b [24]byte
		if c.CopyIn(b[:], c.Addr(1)) != 0 {
			return abi.KERN_INVALID_ADDRESS
		}
		le := binary.LittleEndian
		n, kr := sp.Construct(ipc.PortOptions{Flags: le.Uint32(b[0:]), Qlimit: le.Uint32(b[4:])}, c.Arg[2])
		if kr != 0 {
			return kr
		}
		return putName(c, 3, n, func() { sp.Destruct(n, 0, c.Arg[2]) })
	})
}

func trapPortDestruct(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn { return sp.Destruct(name(c, 1), c.I32(2), c.Arg[3]) })
}

func trapPortGuard(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		var flags uint64
		if c.Uint(3) != 0 {
			flags = ipc.MPG_STRICT
		}
		return sp.GuardPort(name(c, 1), c.Arg[2], flags)
	})
}

func trapPortUnguard(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn { return sp.UnguardPort(name(c, 1), c.Arg[2]) })
}

func trapPortType(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		t, kr := sp.Type(name(c, 1))
		if kr == 0 && c.PutU32(c.Addr(2), uint32(t)) != 0 {
			return abi.KERN_INVALID_ADDRESS
		}
		return kr
	})
}

func trapPortGetAttributes(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		count, e := c.U32(c.Addr(4))
		if e != 0 {
			return abi.KERN_INVALID_ADDRESS
		}
		info, kr := sp.GetAttributes(name(c, 1), c.I32(2), min(count, 64))
		if kr != 0 {
			return kr
		}
		b := make([]byte, 0, 4*len(info))
		for _, v := range info {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		if c.CopyOut(c.Addr(3), b) != 0 || c.PutU32(c.Addr(4), uint32(len(info))) != 0 {
			return abi.KERN_INVALID_ADDRESS
		}
		return 0
	})
}

// trapPortRequestNotification: the notify right must make a send-once right.
func trapPortRequestNotification(c *syscalls.Call) abi.Errno {
	return onSelf(c, func(sp *ipc.Space) abi.KernReturn {
		t := abi.MsgType(c.Uint(5))
		var so *ipc.Port
		if name(c, 4) != 0 {
			if t.Received() != abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
				return abi.KERN_INVALID_VALUE
			}
			var kr abi.KernReturn
			if so, kr = sp.ExtractRight(name(c, 4), t); kr != 0 {
				return kr
			}
		}
		prev, kr := sp.RequestNotification(name(c, 1), c.I32(2), c.Uint(3), so)
		if kr != 0 {
			ipc.ReleaseSendOnce(so)
			return kr
		}
		n := sp.CopyOut(prev, abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
		if c.PutU32(c.Addr(6), uint32(n)) != 0 {
			return abi.KERN_INVALID_ADDRESS
		}
		return 0
	})
}
