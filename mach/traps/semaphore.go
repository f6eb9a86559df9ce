package traps

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/sync"
)

// semaphore finds the semaphore behind argument i.
func (c *Call) semaphore(i int) (*sync.Semaphore, kret) {
	p, kr := c.space.Lookup(c.name(i), abi.MACH_PORT_TYPE_SEND)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	s, ok := kobject(p, abi.IKOT_SEMAPHORE).(*sync.Semaphore)
	if !ok {
		if !p.Active() {
			return nil, abi.KERN_TERMINATED
		}
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	return s, abi.KERN_SUCCESS
}

// until is the deadline in arguments i and i+1; a time of zero polls.
func (c *Call) until(i int) (sched.Deadline, kret) {
	sec, nsec := c.u32(i), c.i32(i+1)
	if nsec < 0 || nsec >= 1e9 {
		return 0, abi.KERN_INVALID_VALUE
	}
	return sched.After(time.Duration(sec)*time.Second + time.Duration(nsec)), abi.KERN_SUCCESS
}

func semaphoreSignal(_ *Traps, c *Call) kret {
	s, kr := c.semaphore(0)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return s.Signal()
}

func semaphoreSignalAll(_ *Traps, c *Call) kret {
	s, kr := c.semaphore(0)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return s.SignalAll()
}

// semaphoreSignalThread: MACH_PORT_NULL is any thread.
func semaphoreSignalThread(t *Traps, c *Call) kret {
	s, kr := c.semaphore(0)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if c.name(1) == abi.MACH_PORT_NULL {
		return s.Signal()
	}
	th := t.ThreadByName(c.Thread.Task, c.name(1))
	if th == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return s.SignalThread(&th.Thread)
}

func semaphoreWait(_ *Traps, c *Call) kret {
	s, kr := c.semaphore(0)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return s.Wait(&c.Thread.Thread, sched.Forever)
}

func semaphoreTimedWait(_ *Traps, c *Call) kret {
	s, kr := c.semaphore(0)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	d, kr := c.until(1)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return s.Wait(&c.Thread.Thread, d)
}

// waitSignal: without a second semaphore it only waits.
func (c *Call) waitSignal(d sched.Deadline) kret {
	s, kr := c.semaphore(0)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if c.name(1) == abi.MACH_PORT_NULL {
		return s.Wait(&c.Thread.Thread, d)
	}
	other, kr := c.semaphore(1)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return s.WaitSignal(other, &c.Thread.Thread, d)
}

func semaphoreWaitSignal(_ *Traps, c *Call) kret { return c.waitSignal(sched.Forever) }

func semaphoreTimedWaitSignal(_ *Traps, c *Call) kret {
	d, kr := c.until(2)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return c.waitSignal(d)
}
