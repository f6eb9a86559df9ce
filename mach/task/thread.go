package task

import (
	"errors"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// AST bits: what a thread must see to before it enters its guest.
const (
	ASTTerminate uint32 = 1 << iota // end
	ASTSuspend                      // task or thread suspend count is not zero
	ASTBSD                          // a signal may be pending
	ASTPreempt                      // give the processor to somebody else
	ASTState                        // somebody has changed the registers
	ASTGuard                        // it has broken a guard
)

// ErrDying means that the task takes no more threads.
var ErrDying = errors.New("task: task is terminating")

// Thread is a Mach thread that runs guest code.
type Thread struct {
	sched.Thread
	ID   uint64
	Task *Task
	// BSD is the *kern.Uthread; set before Start.
	BSD any

	// Trap is what the thread last left its guest for: its own goroutine's.
	Trap machine.Trap

	ast     atomic.Uint32
	cmu     sync.Mutex // guards ctx against Kick during exec
	ctx     machine.Context
	shown   atomic.Pointer[machine.Context] // ctx, for the scheduler
	stopped sched.WaitQueue
	suspend atomic.Int32
	ports   ports
	state   threadState // guarded by cmu

	// Affinity is the tag of THREAD_AFFINITY_POLICY; it is kept, and steers
	// nothing: processors share what they cache as the host decides.
	Affinity atomic.Int32

	qos threadQoS

	// Exceptions are the thread's exception ports.
	Exceptions ExceptionPorts

	// Transaction is what the thread has to complete (the mach_ipc family): its own
	// goroutine's. If the thread ends first, it ends with KERN_TERMINATED.
	Transaction interface {
		End(th *sched.Thread, reply []byte, kr abi.KernReturn) abi.KernReturn
	}

	// SpecialReply is the name of the thread's special reply port: its own
	// goroutine's.
	SpecialReply abi.PortName

	broken violation // with ASTGuard: its own goroutine's

	// Calls counts kernel calls, Faults resolved faults, since the start.
	Calls, Faults atomic.Uint64
}

// NewThread makes a thread with zero registers. It does not run before Start.
func (t *Task) NewThread() (*Thread, error) {
	sp := t.Space()
	ctx, err := sp.NewContext()
	if err != nil {
		return nil, err
	}
	th := &Thread{ID: t.sys.nextThread.Add(1), Task: t, ctx: ctx}
	th.Init(t.Name+"/"+strconv.FormatUint(th.ID, 10), t.Assigned())
	th.Owner = th
	th.Pending = func() bool { return th.ast.Load()&(ASTTerminate|ASTBSD) != 0 }
	th.Preempt = func() { th.SetAST(ASTPreempt) }
	th.shown.Store(&ctx)
	th.Asleep = func() bool { return (*th.shown.Load()).Parked() }
	th.Contend = func() { (*th.shown.Load()).Local(false) }
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dying {
		ctx.Destroy()
		th.Leave()
		return nil, ErrDying
	}
	t.threads[th.ID] = th
	th.SetTaskPriority(t.policy.priority(), sched.MaxPriUser)
	if t.suspend > 0 {
		th.ast.Or(ASTSuspend)
	}
	t.sys.running.Add(1)
	return th, nil
}

// Discard ends a thread that was never started.
func (th *Thread) Discard() { th.exit(false) }

// Start lets the thread run, with the registers set by Context().SetRegs.
func (th *Thread) Start() { go th.run() }

// Context is the thread's processor state, for its own goroutine only (or
// before Start, or while the thread is stopped).
func (th *Thread) Context() machine.Context { return th.ctx }

func (th *Thread) setContext(c machine.Context) machine.Context {
	th.cmu.Lock()
	old := th.ctx
	th.ctx = c
	th.shown.Store(&c)
	th.cmu.Unlock()
	return old
}

// SetAST sets bits and sees that the thread notices: it leaves the guest, and
// ASTTerminate and ASTBSD end an interruptible wait.
func (th *Thread) SetAST(bits uint32) {
	th.ast.Or(bits)
	if bits&(ASTTerminate|ASTBSD) != 0 {
		th.Interrupt()
	}
	th.cmu.Lock()
	th.ctx.Kick()
	th.cmu.Unlock()
}

// PostAST sets bits from the thread itself, which is in the kernel: it looks
// at them before it enters the guest, so no kick is needed.
func (th *Thread) PostAST(bits uint32) { th.ast.Or(bits) }

// ClearAST takes bits back, by the thread itself when it has seen to them.
func (th *Thread) ClearAST(bits uint32) { th.ast.And(^bits) }

// AST gives the bits that are set.
func (th *Thread) AST() uint32 { return th.ast.Load() }

// Terminating says whether the thread has to end.
func (th *Thread) Terminating() bool { return th.ast.Load()&ASTTerminate != 0 }

// Ending says whether the thread has to end or its task is killed (Release): long work in
// the kernel on its behalf is left then. A signal that is not SIGKILL leaves it going.
func (th *Thread) Ending() bool { return th.Terminating() || th.Task.released.Load() }

// Terminate makes the thread end before it enters the guest again.
func (th *Thread) Terminate() {
	th.SetAST(ASTTerminate)
	th.stopped.WakeupAll(sched.Awakened)
}

// Suspend is thread_suspend; Resume undoes one and is false if there was none.
func (th *Thread) Suspend() {
	th.suspend.Add(1)
	th.SetAST(ASTSuspend)
}

// Resume undoes one Suspend.
func (th *Thread) Resume() bool {
	for {
		n := th.suspend.Load()
		if n == 0 {
			return false
		}
		if th.suspend.CompareAndSwap(n, n-1) {
			th.stopped.WakeupAll(sched.Awakened)
			return true
		}
	}
}

// SuspendCount is the thread's own suspend count.
func (th *Thread) SuspendCount() int { return int(th.suspend.Load()) }

func (th *Thread) held() bool {
	return !th.Task.released.Load() && (th.suspend.Load() > 0 || th.Task.SuspendCount() > 0)
}

// run is the thread's life.
func (th *Thread) run() {
	th.Attach()
	hooks := &th.Task.sys.Hooks
	if hooks.Panic != nil {
		defer func() {
			if v := recover(); v != nil {
				hooks.Panic(th, v, debug.Stack())
			}
		}()
	}
	if m := th.Task.Map(); m != nil {
		m.Settle() // a fork may be at work that has not counted this thread
	}
	for {
		if a := th.ast.Load(); a != 0 {
			if a&ASTTerminate != 0 {
				break
			}
			th.handleAST(a, hooks)
			continue
		}
		th.ctx.Local(!th.Crowded())
		trap := th.ctx.Run()
		th.Trap = trap
		if !th.Seated() {
			th.Attach() // it was another's while this one slept by itself
		}
		switch trap.Kind {
		case machine.TrapSyscall:
			th.Calls.Add(1)
			hooks.Syscall(th)
		case machine.TrapFault:
			th.Faults.Add(1)
			if kr := th.Task.Map().Fault(trap.Addr, access(trap)); kr != 0 {
				hooks.Exception(th, trap, kr)
			}
		case machine.TrapKick:
		case machine.TrapException, machine.TrapBad, machine.TrapDead:
			hooks.Exception(th, trap, 0)
			if trap.Kind == machine.TrapDead {
				th.ast.Or(ASTTerminate)
			}
		}
	}
	th.exit(true)
}

func (th *Thread) handleAST(a uint32, hooks *Hooks) {
	switch {
	case a&ASTSuspend != 0:
		th.ClearAST(ASTSuspend)
		if !th.held() {
			return
		}
		th.park()
		defer th.unpark()
		for th.held() && !th.Terminating() {
			th.stopped.AssertWait(&th.Thread, sched.Uninterruptible, sched.Forever)
			if !th.held() || th.Terminating() {
				th.ClearWait(sched.Awakened)
			}
			th.Block()
		}
	case a&ASTState != 0:
		th.ClearAST(ASTState)
		th.install()
	case a&ASTGuard != 0:
		th.ClearAST(ASTGuard)
		th.guardAST(hooks)
	case a&ASTBSD != 0:
		hooks.AST(th)
	case a&ASTPreempt != 0:
		th.ClearAST(ASTPreempt)
		th.GiveWay()
	}
}

func (th *Thread) exit(started bool) {
	if t := th.Transaction; t != nil {
		th.Transaction = nil
		t.End(&th.Thread, nil, abi.KERN_TERMINATED)
	}
	th.cmu.Lock()
	th.ctx.Destroy()
	th.state.exited, th.state.parked = true, false
	th.cmu.Unlock()
	th.Detach()
	th.Leave()
	th.ports.end()
	th.Exceptions.clear()
	last := th.Task.remove(th)
	th.Task.sys.calls.Add(th.Calls.Load())
	th.Task.sys.faults.Add(th.Faults.Load())
	th.Task.sys.running.Add(-1)
	if started && th.Task.sys.Hooks.ThreadExit != nil {
		th.Task.sys.Hooks.ThreadExit(th, last)
	}
}

func access(t machine.Trap) Prot {
	switch {
	case t.Write:
		return 2 | 1
	case t.Exec:
		return 4 | 1
	}
	return 1
}
