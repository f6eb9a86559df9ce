package kern

import (
	"time"

	"puggle/abi"
	"puggle/dyld"
	"puggle/mach/sched"
	"puggle/machine"
)

// vforkWait is where a vfork's parent waits for its child to exec or exit.
type vforkWait struct {
	q    sched.WaitQueue
	done bool // guarded by Sys.mu
}

// newChild makes a process that inherits from p all that fork and spawn both
// pass on: identity, group, limits, directories. Its descriptors, signals and
// memory are the caller's to give. EAGAIN.
func (p *Proc) newChild() (*Proc, abi.Errno) {
	s := p.Sys
	c := &Proc{Sys: s, Start: time.Now(), UniqueID: s.unique.Add(1)}
	c.SetCred(p.Cred())
	c.umask.Store(p.Umask())
	c.inheritLimits(p)
	c.nice.Store(p.Nice())
	if im := p.Image(); im != nil {
		// The child may load libraries of its own.
		copied := *im
		if d, ok := im.Loaded.(*dyld.Process); ok {
			copied.Loaded = d.Clone()
		}
		c.image.Store(&copied)
	}
	if err := s.enter(p, c); err != 0 {
		return nil, err
	}
	s.stats.Forks.Add(1)
	return c, 0
}

// abandon takes back a child that never ran.
func (p *Proc) abandon() {
	s := p.Sys
	s.mu.Lock()
	s.forget(p)
	s.mu.Unlock()
	if p.Task != nil {
		for _, th := range p.Task.Threads() {
			th.Discard()
		}
		p.Task.Space().Destroy()
		if m := p.Map(); m != nil {
			m.Destroy()
		}
	}
	if p.NS != nil {
		p.NS.Release()
	}
	if p.Fd != nil {
		p.Fd.CloseAll(ctxOf(p, nil))
	}
}

// Fork is fork(2), and vfork(2) with vfork set: the child has a copy of the
// caller's memory and one thread, which returns from the same call with rdx 1.
// EAGAIN when a limit is reached, ENOMEM.
func (ut *Uthread) Fork(vfork bool) (int32, abi.Errno) {
	p := ut.Proc
	s := p.Sys
	c, err := p.newChild()
	if err != 0 {
		return 0, err
	}
	t, e := s.Tasks.New(c.Comm())
	if e != nil {
		c.abandon()
		return 0, abi.ENOMEM
	}
	c.Task, t.BSD = t, c
	m, kr := p.Map().ForkAlone(t.Space(), func() bool { return p.Task.NumThreads() == 1 })
	if kr != 0 {
		c.abandon()
		return 0, abi.ENOMEM
	}
	t.SetMap(m)
	th, e := t.NewThread()
	if e != nil {
		c.abandon()
		return 0, abi.ENOMEM
	}
	c.Fd = p.Fd.Fork()
	c.NS = p.NS.Fork()
	p.mu.Lock()
	c.acts, c.ignore, c.catch = p.acts, p.ignore, p.catch
	c.pth = p.pth
	p.mu.Unlock()

	cut := c.newUthread(th, ut.sigmask)
	cut.sigstk, cut.onstack, cut.token = ut.sigstk, ut.onstack, ut.token
	cut.Name = ut.Name

	ctx := ut.Thread.Context()
	r := *ctx.Regs()
	r.Rax, r.Rdx = uint64(c.PID), 1
	r.Rflags &^= machine.FlagCarry
	th.Context().SetXstate(ctx.Xstate(nil))
	cut.setRegs(&r)

	p.forkShm(c)
	if h := s.Hooks.Forked; h != nil {
		h(p, c)
	}
	var vw *vforkWait
	s.mu.Lock()
	if vfork {
		vw = &vforkWait{}
		c.vforked = vw
	}
	c.state = Running
	s.mu.Unlock()
	pid := c.PID
	c.armCPULimit()
	c.launch(cut)
	p.Knotes.Notify(abi.NOTE_FORK | uint32(pid)&abi.NOTE_PDATAMASK)
	if vw != nil {
		ut.waitVfork(vw)
	}
	return pid, 0
}

// launch starts a new process's first thread; what was sent to it meanwhile is
// seen first.
func (p *Proc) launch(ut *Uthread) {
	p.mu.Lock()
	if p.siglist&^ut.sigmask != 0 {
		ut.Thread.PostAST(astBSD)
	}
	p.mu.Unlock()
	ut.Thread.Start()
}

// waitVfork sleeps until the child has called exec or exit. Only the end of
// the parent itself ends it early.
func (ut *Uthread) waitVfork(w *vforkWait) {
	mu := &ut.Proc.Sys.mu
	mu.Lock()
	for !w.done && !ut.Thread.Terminating() {
		// Signals wait until the child has gone its way, as on Darwin; but a
		// thread that has to end must not wait for a child that may never.
		if sched.Sleep(&ut.Thread.Thread, &w.q, mu, sched.Interruptible, sched.Forever) == sched.Interrupted &&
			!ut.Thread.Terminating() && !w.done {
			sched.Sleep(&ut.Thread.Thread, &w.q, mu, sched.Uninterruptible, sched.After(10*time.Millisecond))
		}
	}
	mu.Unlock()
}

// wakeVforkParent ends the parent's wait.
func (p *Proc) wakeVforkParent() {
	s := p.Sys
	s.mu.Lock()
	w := p.vforked
	p.vforked = nil
	if w != nil {
		w.done = true
	}
	s.mu.Unlock()
	if w != nil {
		w.q.WakeupAll(sched.Awakened)
	}
}
