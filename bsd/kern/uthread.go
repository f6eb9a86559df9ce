package kern

import (
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/task"
)

// Uthread is the BSD side of a thread. Fields without a note belong to the
// thread itself.
type Uthread struct {
	Thread *task.Thread
	Proc   *Proc
	// Scratch is for bsd/syscalls: the call in progress.
	Scratch any
	// Name is pthread_setname_np's.
	Name string

	ctx sys.Context

	// Guarded by Proc.mu; read by the thread itself without it.
	sigmask Sigset
	siglist Sigset // sent to this thread
	siginfo [abi.NSIG]abi.Siginfo
	sigwait Sigset     // waited for by sigwait
	waiting bool       // in sigwait
	release abi.Signal // let through by the tracer: taken without another stop
	gone    bool       // off Proc.threads

	oldmask     Sigset // to be restored after sigsuspend
	saveMask    bool
	sigstk      abi.StackT // altstack; Size 0 means none
	onstack     bool
	token       uint64 // xored into what sigreturn must present
	interrupted pendingInterrupt
	handled     uint64        // how many handlers were called
	cancel      atomic.Uint32 // cancelMarked and so on
	cancelPoint bool          // the call in progress is one
	// SpecialReply is the name of thread_get_special_reply_port, 0 until asked for.
	SpecialReply uint32
}

// pendingInterrupt remembers a call that a signal ended, until it is known
// whether the call is made again.
type pendingInterrupt struct {
	set     bool
	restart bool // the call restarts after a handler with SA_RESTART
	fast    bool
	code    uint64 // rax at entry
}

// Current is the uthread of a thread.
func Current(th *task.Thread) *Uthread { return th.BSD.(*Uthread) }

// newUthread makes the BSD side of th and puts it on p's list. The mask is
// the creator's.
func (p *Proc) newUthread(th *task.Thread, mask Sigset) *Uthread {
	ut := &Uthread{Thread: th, Proc: p, sigmask: mask}
	th.BSD = ut
	p.mu.Lock()
	p.threads = append(p.threads, ut)
	p.mu.Unlock()
	return ut
}

// Context is the vfs_context of the call in progress, good until the next.
func (ut *Uthread) Context() *sys.Context {
	p := ut.Proc
	ut.ctx = sys.Context{
		Thread: &ut.Thread.Thread,
		Cred:   p.Cred(),
		PID:    p.PID,
		Proc:   p,
		Umask:  p.Umask(),
	}
	if l := p.limit(abi.RLIMIT_FSIZE).Cur; l < abi.RLIM_INFINITY {
		ut.ctx.FsizeLimit = int64(l)
	}
	return &ut.ctx
}

// Mask is the thread's signal mask.
func (ut *Uthread) Mask() Sigset { return ut.sigmask }

// BeginCall forgets an interruption that the last call left.
func (ut *Uthread) BeginCall() { ut.interrupted.set, ut.cancelPoint = false, false }

// Handled counts the handlers that were called on the thread: a call that finds it changed since it was
// interrupted is another one. For the thread itself.
func (ut *Uthread) Handled() uint64 { return ut.handled }

// Interrupted notes that the call with number code ended with EINTR because of
// an AST: the AST decides whether it is made again. The EINTR has been stored
// as the call's result.
func (ut *Uthread) Interrupted(code uint64, fast, restart bool) {
	ut.interrupted = pendingInterrupt{set: true, restart: restart, fast: fast, code: code}
}
