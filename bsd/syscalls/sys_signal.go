package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
)

func sysKill(c *Call) abi.Errno { return c.U.Kill(c.I32(0), abi.Signal(c.I32(1))) }

// sigaction's argument is a struct __sigaction (24 bytes: handler, trampoline,
// mask, flags), its result a struct sigaction (16: handler, mask, flags).
func sysSigaction(c *Call) abi.Errno {
	sig := abi.Signal(c.I32(0))
	if sig <= 0 || sig >= abi.NSIG {
		return abi.EINVAL
	}
	old := c.P.Action(sig)
	if c.Addr(1) != 0 {
		var b [24]byte
		if e := c.CopyIn(b[:], c.Addr(1)); e != 0 {
			return e
		}
		a := kern.Sigaction{Handler: le.Uint64(b[0:]), Tramp: le.Uint64(b[8:]),
			Mask: kern.Sigset(le.Uint32(b[16:])), Flags: le.Uint32(b[20:])}
		if e := c.P.SetAction(sig, a); e != 0 {
			return e
		}
	}
	if c.Addr(2) != 0 {
		var b [16]byte
		le.PutUint64(b[0:], old.Handler)
		le.PutUint32(b[8:], uint32(old.Mask))
		le.PutUint32(b[12:], old.Flags)
		return c.CopyOut(c.Addr(2), b[:])
	}
	return 0
}

func sysSigprocmask(c *Call) abi.Errno {
	old := c.U.Mask()
	if c.Addr(1) != 0 {
		set, e := c.U32(c.Addr(1))
		if e != 0 {
			return e
		}
		if old, e = c.U.SetMask(c.Int(0), kern.Sigset(set)); e != 0 {
			return e
		}
	}
	return c.PutU32(c.Addr(2), uint32(old))
}

func sysSigpending(c *Call) abi.Errno { return c.PutU32(c.Addr(0), uint32(c.U.Pending())) }

func sysSigsuspend(c *Call) abi.Errno { return c.U.Sigsuspend(kern.Sigset(c.Uint(0))) }

func sysSigaltstack(c *Call) abi.Errno {
	var n *abi.StackT
	var b [abi.StackTSize]byte
	if c.Addr(0) != 0 {
		if e := c.CopyIn(b[:], c.Addr(0)); e != 0 {
			return e
		}
		n = new(abi.StackT)
		n.Unmarshal(b[:])
	}
	old, e := c.U.Altstack(n)
	if e != 0 || c.Addr(1) == 0 {
		return e
	}
	old.Marshal(b[:])
	return c.CopyOut(c.Addr(1), b[:])
}

func sysSigreturn(c *Call) abi.Errno {
	style := uint32(c.I32(1))
	if e := c.U.Sigreturn(c.Arg[0], style, c.Arg[2]); e != 0 {
		return e
	}
	if style == abi.UC_SET_ALT_STACK || style == abi.UC_RESET_ALT_STACK {
		return 0
	}
	return justReturn
}

// A thread's port names it: the ipc room's name when there is one, else its
// number.
func (c *Call) threadByPort(name uint32) *kern.Uthread {
	if f := c.K.ThreadByPort; f != nil {
		return f(c.P, name)
	}
	return c.P.FindThread(uint64(name))
}

func sysPthreadKill(c *Call) abi.Errno {
	sig := abi.Signal(c.I32(1))
	ut := c.threadByPort(c.Uint(0))
	if ut == nil {
		return abi.ESRCH
	}
	if sig < 0 || sig >= abi.NSIG {
		return abi.EINVAL
	}
	if sig != 0 {
		ut.Signal(sig, abi.Siginfo{PID: c.P.PID, UID: c.P.Cred().RUID, Status: int32(sig)})
	}
	return 0
}

func sysSigwait(c *Call) abi.Errno {
	set, e := c.U32(c.Addr(0))
	if e != 0 {
		return e
	}
	sig, e := c.U.Sigwait(kern.Sigset(set))
	if e != 0 {
		return e
	}
	return c.PutU32(c.Addr(1), uint32(sig))
}
