package syscalls

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// target checks a task port argument: only the caller's own task can be named
// by these traps. The name is the ipc room's; without it 0 and the pid do.
func (c *Call) target(i int) bool {
	if f := c.K.IsTaskSelf; f != nil {
		return f(c.P, c.Uint(i))
	}
	return true
}

func trapVMAllocate(c *Call) abi.Errno {
	if !c.target(0) {
		return c.KR(machSendInvalidDest)
	}
	at, e := c.U64(c.Addr(1))
	if e != 0 {
		return c.KR(abi.KERN_INVALID_ADDRESS)
	}
	a, kr := c.Map().Allocate(machine.Addr(at), c.Arg[2], vm.Flags(c.Uint(3)))
	if kr == 0 && c.PutU64(c.Addr(1), uint64(a)) != 0 {
		c.Map().Deallocate(a, c.Arg[2])
		kr = abi.KERN_INVALID_ADDRESS
	}
	return c.KR(kr)
}

// regVMAllocate is trapVMAllocate with the address in registers, there and back: the
// guest's memory, two cache lines that change CPUs, is left alone.
func regVMAllocate(c *Call) abi.Errno {
	if !c.target(0) {
		return c.KR(machSendInvalidDest)
	}
	a, kr := c.Map().Allocate(c.Addr(1), c.Arg[2], vm.Flags(c.Uint(3)))
	c.Ret[1] = uint64(a)
	return c.KR(kr)
}

// machSendInvalidDest is MACH_SEND_INVALID_DEST: the target is no task here.
const machSendInvalidDest abi.KernReturn = 0x10000003

func trapVMDeallocate(c *Call) abi.Errno {
	if !c.target(0) {
		return c.KR(machSendInvalidDest)
	}
	return c.KR(c.Th.Unmap(c.Map(), c.Addr(1), c.Arg[2]))
}

func trapVMProtect(c *Call) abi.Errno {
	if !c.target(0) {
		return c.KR(machSendInvalidDest)
	}
	return c.KR(c.Map().Protect(c.Addr(1), c.Arg[2], abi.Prot(c.Uint(4)), c.Uint(3) != 0))
}

func trapVMMap(c *Call) abi.Errno {
	if !c.target(0) {
		return c.KR(machSendInvalidDest)
	}
	at, e := c.U64(c.Addr(1))
	if e != 0 {
		return c.KR(abi.KERN_INVALID_ADDRESS)
	}
	spec := vm.MapSpec{Addr: machine.Addr(at), Size: c.Arg[2], Mask: c.Arg[3], Flags: vm.Flags(c.Uint(4)),
		Cur: abi.Prot(c.Uint(5)), Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_COPY}
	if spec.Flags&^vm.MapFlags != 0 {
		return c.KR(abi.KERN_INVALID_ARGUMENT)
	}
	a, kr := c.Map().Enter(&spec)
	if kr == 0 && c.PutU64(c.Addr(1), uint64(a)) != 0 {
		c.Map().Deallocate(a, c.Arg[2])
		kr = abi.KERN_INVALID_ADDRESS
	}
	return c.KR(kr)
}

func trapVMPurgable(c *Call) abi.Errno { return c.KR(abi.KERN_NOT_SUPPORTED) }

// The timebase is 1/1: mach_absolute_time counts nanoseconds.
func trapTimebase(c *Call) abi.Errno {
	var b [8]byte
	le.PutUint32(b[0:], 1)
	le.PutUint32(b[4:], 1)
	if c.CopyOut(c.Addr(0), b[:]) != 0 {
		return c.KR(abi.KERN_INVALID_ADDRESS)
	}
	return 0
}

func trapWaitUntil(c *Call) abi.Errno {
	d := sched.Deadline(min(c.Arg[0], 1<<63-1))
	if d <= sched.Now() {
		return 0
	}
	if c.sleep(d) == sched.Interrupted {
		c.aborted = true
		return c.KR(abi.KERN_ABORTED)
	}
	return 0
}

// clock_sleep: the clock's name is not looked at; both clocks run alike but for
// where they begin.
func trapClockSleep(c *Call) abi.Errno {
	const absolute, relative = 0, 1
	sec, nsec := int64(c.I32(2)), int64(c.I32(3))
	if nsec < 0 || nsec >= 1e9 || c.Int(1) != absolute && c.Int(1) != relative {
		return c.KR(abi.KERN_INVALID_VALUE)
	}
	ns := sec*1e9 + nsec
	if c.Int(1) == absolute {
		ns -= int64(sched.Now())
	}
	if ns <= 0 {
		return 0
	}
	r := c.sleep(deadlineNs(ns))
	if c.Addr(4) != 0 {
		now := int64(sched.Now())
		var b [8]byte
		le.PutUint32(b[0:], uint32(now/1e9))
		le.PutUint32(b[4:], uint32(now%1e9))
		if c.CopyOut(c.Addr(4), b[:]) != 0 {
			return c.KR(abi.KERN_INVALID_ADDRESS)
		}
	}
	if r == sched.Interrupted {
		c.aborted = true
		return c.KR(abi.KERN_ABORTED)
	}
	return 0
}

// swtch says whether other threads want the processor.
func trapSwtch(c *Call) abi.Errno {
	c.Th.Yield()
	c.Ret[0] = 1
	return 0
}

// thread_switch: no option, depress, or wait for a time in milliseconds.
func trapThreadSwitch(c *Call) abi.Errno {
	const none, depress, wait, osLock, osDispatch = 0, 1, 2, 4, 5
	switch c.Int(1) {
	case none:
		c.Th.Yield()
	case depress, osLock, osDispatch:
		c.Th.YieldFor(time.Duration(c.Uint(2)) * time.Millisecond)
	case wait:
		if ms := c.Uint(2); ms == 0 {
			c.Th.Yield()
		} else if c.sleep(deadlineNs(int64(ms)*1e6)) == sched.Interrupted {
			c.aborted = true
		}
	default:
		return c.KR(abi.KERN_INVALID_ARGUMENT)
	}
	return 0
}

// trapThreadSelf gives the caller's thread port; without the ipc room a thread's
// number stands for it, as it does in pthread_kill and bsdthread_create.
func trapThreadSelf(c *Call) abi.Errno {
	c.Ret[0] = c.Th.ID
	return portTrap(27, c.Th.ID)(c)
}

// portTrap is a trap that needs the ipc room; without it the result is fail.
func portTrap(num int, fail uint64) Handler {
	return func(c *Call) abi.Errno {
		if c.K.MachPorts != nil {
			if h := c.K.MachPorts.Trap(num); h != nil {
				return h(c)
			}
		}
		c.Ret[0] = fail
		return 0
	}
}

// sysTaskForPID is task_inspect_for_pid and task_read_for_pid: their errors are Mach's.
func sysTaskForPID(num int) Handler {
	f := portTrap(num, kernNotSupported)
	return func(c *Call) abi.Errno {
		if e := f(c); e != 0 {
			return e
		}
		kr := c.Ret[0]
		c.Ret[0] = 0
		return abi.Errno(kr)
	}
}

const kernNotSupported = uint64(abi.KERN_NOT_SUPPORTED)
