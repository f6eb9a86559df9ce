package task

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// A thread's registers belong to its own goroutine. Another thread reads them
// while their owner is parked (suspended, or waiting for an exception's
// handler): then a copy lies here. What it writes lies here, too, until the
// owner next enters its guest.
type threadState struct {
	parked bool
	regs   machine.Regs
	xstate []byte
	trap   machine.Trap
	dirty  bool // regs or xstate are to be installed
	exited bool
}

// settle is how long a thread may take to leave its guest.
const settle = 2 * time.Second

// park publishes the registers; the thread's own.
func (th *Thread) park() {
	th.cmu.Lock()
	if !th.state.dirty {
		th.state.regs = *th.ctx.Regs()
		th.state.xstate = th.ctx.Xstate(th.state.xstate[:0])
	}
	th.state.trap = th.Trap
	th.state.parked = true
	th.cmu.Unlock()
}

func (th *Thread) unpark() {
	th.cmu.Lock()
	th.state.parked = false
	th.cmu.Unlock()
	th.install()
}

// install makes what others wrote the state for the next entry.
func (th *Thread) install() {
	th.cmu.Lock()
	if th.state.dirty && !th.state.parked {
		r := th.state.regs
		th.ctx.SetRegs(&r)
		if len(th.state.xstate) > 0 {
			th.ctx.SetXstate(th.state.xstate)
		}
		th.state.dirty = false
	}
	th.cmu.Unlock()
}

// Parked runs fn, in which the thread waits for somebody who may look at its
// registers and change them; changes are in effect afterwards.
func (th *Thread) Parked(fn func()) {
	th.park()
	fn()
	th.unpark()
}

// access calls fn with the thread's state while it can't change. by is the
// thread that asks, nil for a kernel thread. KERN_FAILURE when the thread does
// not come to rest; KERN_TERMINATED.
func (th *Thread) access(by *sched.Thread, fn func(s *threadState)) KernReturn {
	if by == &th.Thread {
		// Its own registers, as they were when it called.
		th.park()
		th.cmu.Lock()
		th.state.parked = false
		fn(&th.state)
		th.cmu.Unlock()
		if th.state.dirty {
			th.PostAST(ASTState)
		}
		return abi.KERN_SUCCESS
	}
	th.Suspend()
	defer th.Resume()
	for end := time.Now().Add(settle); ; {
		th.cmu.Lock()
		if th.state.exited {
			th.cmu.Unlock()
			return abi.KERN_TERMINATED
		}
		if !th.state.parked && !th.state.dirty && th.IsWaiting() {
			// Asleep in a kernel call: it goes on holding its call's
			// registers, and will park before it returns to the guest.
			th.state.regs = *th.ctx.Regs()
			th.state.xstate = th.ctx.Xstate(th.state.xstate[:0])
			fn(&th.state)
			dirty := th.state.dirty
			th.cmu.Unlock()
			if dirty {
				th.PostAST(ASTState)
			}
			return abi.KERN_SUCCESS
		}
		if th.state.parked || th.state.dirty {
			fn(&th.state)
			th.cmu.Unlock()
			return abi.KERN_SUCCESS
		}
		th.cmu.Unlock()
		if time.Now().After(end) {
			return abi.KERN_FAILURE
		}
		time.Sleep(50 * time.Microsecond)
	}
}

// trapFlag is the processor's flag that ends each instruction with an exception.
const trapFlag = 0x100

// SetTrapFlag is thread_setsinglestep: with on, the thread raises EXC_BREAKPOINT
// after its next instruction. by and the errors are those of State.
func (th *Thread) SetTrapFlag(by *sched.Thread, on bool) KernReturn {
	return th.access(by, func(s *threadState) {
		s.regs.Rflags &^= trapFlag
		if on {
			s.regs.Rflags |= trapFlag
		}
		s.dirty = true
	})
}
