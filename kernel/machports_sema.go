package kernel

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/syscalls"
	"puggle/mach/sched"
	"puggle/mach/sync"
)

// The semaphore traps (<mach/semaphore.h>): names are send rights to
// semaphores.

func semaphoreNamed(p *kern.Proc, name uint32) *sync.Semaphore {
	obj, kind := kobject(p, name)
	s, _ := obj.(*sync.Semaphore)
	if kind != abi.IKOT_SEMAPHORE {
		return nil
	}
	return s
}

func sema(c *syscalls.Call, arg int) (*sync.Semaphore, abi.KernReturn) {
	if s := semaphoreNamed(c.P, c.Uint(arg)); s != nil {
		return s, 0
	}
	return nil, abi.KERN_INVALID_ARGUMENT
}

func trapSemSignal(c *syscalls.Call) abi.Errno {
	s, kr := sema(c, 0)
	if kr == 0 {
		kr = s.Signal()
	}
	return c.KR(kr)
}

func trapSemSignalAll(c *syscalls.Call) abi.Errno {
	s, kr := sema(c, 0)
	if kr == 0 {
		kr = s.SignalAll()
	}
	return c.KR(kr)
}

func trapSemSignalThread(c *syscalls.Call) abi.Errno {
	s, kr := sema(c, 0)
	if kr != 0 {
		return c.KR(kr)
	}
	if c.Uint(1) == 0 {
		return c.KR(s.SignalThread(nil))
	}
	ut := threadByPort(c.P, c.Uint(1))
	if ut == nil {
		return c.KR(abi.KERN_INVALID_ARGUMENT)
	}
	return c.KR(s.SignalThread(&ut.Thread.Thread))
}

// semWait waits on the semaphore of argument 0; signal, if not negative, is the
// argument that names the one to be signalled meanwhile.
func semWait(c *syscalls.Call, signal int, until sched.Deadline) abi.Errno {
	s, kr := sema(c, 0)
	if kr != 0 {
		return c.KR(kr)
	}
	if signal < 0 || c.Uint(signal) == 0 {
		return c.KR(s.Wait(c.Thread(), until))
	}
	o, kr := sema(c, signal)
	if kr != 0 {
		return c.KR(kr)
	}
	return c.KR(s.WaitSignal(o, c.Thread(), until))
}

func trapSemWait(c *syscalls.Call) abi.Errno {
	signal := -1
	if c.Row().Num == 37 {
		signal = 1
	}
	return semWait(c, signal, sched.Forever)
}

func trapSemTimedwait(c *syscalls.Call) abi.Errno { return timedwait(c, -1, 1) }

func trapSemTimedwaitSignal(c *syscalls.Call) abi.Errno { return timedwait(c, 1, 2) }

// timedwait has its mach_timespec in the arguments at and at+1.
func timedwait(c *syscalls.Call, signal, at int) abi.Errno {
	sec, nsec := c.Uint(at), c.I32(at+1)
	if nsec < 0 || nsec >= 1e9 {
		return c.KR(abi.KERN_INVALID_VALUE)
	}
	return semWait(c, signal, sched.Now()+sched.Deadline(int64(sec)*1e9+int64(nsec)))
}
