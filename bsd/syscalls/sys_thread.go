package syscalls

import (
	"runtime"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/mach/sched"
)

func sysBsdthreadRegister(c *Call) abi.Errno {
	r, e := c.P.BsdthreadRegister(c.Arg[0], c.Arg[1], c.Arg[3], c.Arg[4], c.Uint(6))
	c.Ret[0] = uint64(r)
	return e
}

func sysBsdthreadCreate(c *Call) abi.Errno {
	_, e := c.U.BsdthreadCreate(c.Arg[0], c.Arg[1], c.Arg[2], c.Arg[3], c.Uint(4))
	c.Ret[0] = c.Arg[3]
	return e
}

func sysBsdthreadTerminate(c *Call) abi.Errno {
	c.U.BsdthreadTerminate(c.Arg[0], c.Arg[1], c.Uint(2), c.Arg[3])
	return justReturn
}

func sysThreadSelfid(c *Call) abi.Errno { c.Ret[0] = c.Th.ID; return 0 }

// ulockDone turns an error into a negative result when ULF_NO_ERRNO asks for
// that.
func (c *Call) ulockDone(n int32, e abi.Errno) abi.Errno {
	c.Ret[0] = uint64(n)
	if e == abi.EINTR {
		// The wait may be made again, so it is no result yet.
		c.aborted = true
	}
	if e != 0 && c.Uint(0)&kern.ULF_NO_ERRNO != 0 {
		c.Ret[0] = uint64(-int64(e))
		return 0
	}
	return e
}

// ulockCancels: a flag makes the wait a cancellation point.
func (c *Call) ulockCancels() {
	if c.Uint(0)&kern.ULF_WAIT_CANCEL_POINT != 0 {
		c.U.CancelPoint()
	}
}

func sysUlockWait(c *Call) abi.Errno {
	c.ulockCancels()
	d := sched.Forever
	if us := c.Uint(3); us != 0 {
		d = deadlineNs(int64(us) * 1000)
	}
	return c.ulockDone(c.U.UlockWait(c.Uint(0), c.Arg[1], c.Arg[2], d))
}

func sysUlockWait2(c *Call) abi.Errno {
	c.ulockCancels()
	d := sched.Forever
	if ns := c.Arg[3]; ns != 0 {
		if c.Uint(0)&kern.ULF_DEADLINE != 0 {
			d = sched.Deadline(min(ns, 1<<63-1))
		} else {
			d = deadlineNs(int64(min(ns, 1<<62)))
		}
	}
	return c.ulockDone(c.U.UlockWait(c.Uint(0), c.Arg[1], c.Arg[2], d))
}

func sysUlockWake(c *Call) abi.Errno {
	return c.ulockDone(0, c.U.UlockWake(c.Uint(0), c.Arg[1], c.Arg[2]))
}

func sysPthreadMarkcancel(c *Call) abi.Errno {
	ut := c.threadByPort(c.Uint(0))
	if ut == nil {
		return abi.ESRCH
	}
	ut.MarkCancel()
	return 0
}

func sysPthreadCanceled(c *Call) abi.Errno { return c.U.Canceled(c.I32(0)) }

// sysSemwaitSignal is what nanosleep and usleep are made of: without a
// semaphore it is a sleep.
func sysSemwaitSignal(c *Call) abi.Errno {
	if c.Int(0) != 0 || c.Int(1) != 0 {
		return abi.ENOTSUP
	}
	d := sched.Forever
	if c.Int(2) != 0 {
		sec, nsec := c.Long(4), int64(c.I32(5))
		if sec < 0 || nsec < 0 || nsec >= 1e9 {
			return abi.EINVAL
		}
		ns := int64(1<<62 - 1)
		if sec < 1<<32 {
			ns = sec*1e9 + nsec
		}
		if c.Int(3) == 0 {
			ns -= realtimeNs()
		}
		switch {
		case ns <= briefSleep:
			c.pause(ns)
			return abi.ETIMEDOUT
		case ns < 1e6:
			ns += timerSlack
		}
		d = deadlineNs(ns)
	}
	switch c.sleep(d) {
	case sched.Interrupted:
		return abi.EINTR
	}
	return abi.ETIMEDOUT
}

// A sleep of up to briefSleep is shorter than going to sleep and waking up: who
// asks for it (a spin lock's last resort) wants others to run. One of less than a
// millisecond ends up to timerSlack late, as for the host's own programs; that
// spares processors the many short sleeps of Go's runtime. Both in nanoseconds.
const (
	briefSleep = 5_000
	timerSlack = 50_000
)

// pause lets others have the processor, and ns pass.
func (c *Call) pause(ns int64) {
	end := sched.Now() + sched.Deadline(ns)
	c.Th.Yield()
	runtime.Gosched()
	for sched.Now() < end {
	}
}

// sleep waits for a deadline, or for an interruption.
func (c *Call) sleep(d sched.Deadline) sched.WaitResult {
	var q sched.WaitQueue
	q.AssertWait(c.Thread(), sched.Interruptible, d)
	return c.Th.Block()
}

func sysThreadSelfusage(c *Call) abi.Errno {
	// The host accounts whole address spaces; a thread's share isn't known.
	c.Ret[0] = uint64(c.P.CPUTime())
	return 0
}

func refuse(e abi.Errno) Handler { return func(*Call) abi.Errno { return e } }

var (
	sysENOTSUP = refuse(abi.ENOTSUP)
	sysEPERM   = refuse(abi.EPERM)
	sysEINVAL  = refuse(abi.EINVAL)
	sysENOSYS  = refuse(abi.ENOSYS)
	sysENODEV  = refuse(abi.ENODEV)
)
