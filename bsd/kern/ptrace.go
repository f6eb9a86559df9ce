package kern

import (
	"puggle/abi"
)

// Requests of ptrace(2) (<sys/ptrace.h>).
const (
	PT_TRACE_ME    = 0
	PT_CONTINUE    = 7
	PT_KILL        = 8
	PT_STEP        = 9
	PT_ATTACH      = 10
	PT_DETACH      = 11
	PT_SIGEXC      = 12
	PT_THUPDATE    = 13
	PT_ATTACHEXC   = 14
	PT_DENY_ATTACH = 31
)

// trace is what ptrace has made of a process. A traced process stops for every
// signal but SIGKILL that one of its threads is about to take, its parent hears
// of it by wait4 without WUNTRACED, and decides with PT_CONTINUE which signal it
// gets. While it is attached to, the tracer is its parent.
//
// All fields but noattach are guarded by Sys.mu. Memory and registers are
// reached by Mach calls alone, as on Darwin.
type trace struct {
	sigexc   bool // signals go to the exception ports instead
	held     bool // stopped by an exception: the task is not suspended
	oppid    int32
	stopper  *Uthread // the thread that took the signal, while stopped
	stepping *Uthread // has its trap flag set
}

// Traced says whether somebody traces p (P_LTRACED).
func (p *Proc) Traced() bool { return p.traced.Load() }

// Ptrace is ptrace(2). thread finds the thread behind a port's name, for
// PT_THUPDATE. EPERM for process 1, for one that is not traced, and for another
// user's; ESRCH; EBUSY when it is traced by somebody else, refuses to be traced,
// or is not stopped; ENOTSUP for a start address; EINVAL.
func (ut *Uthread) Ptrace(req, pid int32, addr uint64, data int32, thread func(name uint32) *Uthread) abi.Errno {
	p := ut.Proc
	s := p.Sys
	switch req {
	case PT_DENY_ATTACH:
		if p.traced.Load() {
			ut.Exit(int(abi.ENOTSUP))
			return 0
		}
		p.noattach.Store(true)
		return 0
	case PT_TRACE_ME:
		s.mu.Lock()
		p.traced.Store(true)
		s.mu.Unlock()
		return 0
	case PT_SIGEXC:
		s.mu.Lock()
		defer s.mu.Unlock()
		if !p.traced.Load() {
			return abi.EINVAL
		}
		p.trace.sigexc = true
		return 0
	}
	if pid < 2 {
		return abi.EPERM
	}
	t := s.Find(pid)
	if t == nil {
		return abi.ESRCH
	}
	if req == PT_ATTACH || req == PT_ATTACHEXC {
		return ut.attach(t, req == PT_ATTACHEXC)
	}
	s.mu.Lock()
	e := t.tracedBy(p)
	s.mu.Unlock()
	if e != 0 {
		return e
	}
	switch req {
	case PT_DETACH:
		t.detach()
		return 0
	case PT_KILL:
		t.Signal(abi.SIGKILL)
		return 0
	case PT_CONTINUE, PT_STEP:
		switch {
		case addr != 1:
			return abi.ENOTSUP // (caddr_t)1 is "where it was"
		case uint32(data) >= abi.NSIG:
			return abi.EINVAL
		}
		if e := t.step(ut, req == PT_STEP); e != 0 {
			return e
		}
		t.resumeTraced(abi.Signal(data))
		return 0
	case PT_THUPDATE:
		if uint32(data) >= abi.NSIG {
			return abi.EINVAL
		}
		x := thread(uint32(addr))
		if x == nil {
			return abi.ESRCH
		}
		t.threadUpdate(x, abi.Signal(data))
		return 0
	}
	return abi.EINVAL
}

// tracedBy says whether by may give t orders now. Sys.mu held.
func (t *Proc) tracedBy(by *Proc) abi.Errno {
	switch {
	case !t.traced.Load():
		return abi.EPERM
	case t.parent != by, t.state != Stopped:
		return abi.EBUSY
	}
	return 0
}

// attach makes ut's process the tracer and the parent of t, which stops by a
// SIGSTOP.
func (ut *Uthread) attach(t *Proc, exc bool) abi.Errno {
	p := ut.Proc
	s := p.Sys
	if t == p || t.Task == nil {
		return abi.EINVAL
	}
	if cr, tc := p.Cred(), t.Cred(); cr.RUID != tc.RUID && !cr.IsSuser() {
		return abi.EPERM
	}
	if ask := s.CanTrace.Load(); ask != nil {
		if e := (*ask)(ut, t); e != 0 {
			return e
		}
	}
	s.mu.Lock()
	switch {
	case t.traced.Load():
		s.mu.Unlock()
		return abi.EBUSY
	case p.traced.Load() && p.descends(t):
		s.mu.Unlock()
		return abi.EPERM
	case t.noattach.Load():
		s.mu.Unlock()
		p.Signal(abi.SIGSEGV)
		return abi.EBUSY
	case t.parent == nil || t.state == Zombie || t.state == Idle:
		s.mu.Unlock()
		return abi.ESRCH
	}
	t.traced.Store(true)
	t.trace = trace{sigexc: exc}
	if t.parent != p {
		t.trace.oppid = t.parent.PID
		t.reparent(p)
	}
	stopped := t.state == Stopped
	if stopped {
		t.state = Running
	}
	t.xstat = 0
	s.mu.Unlock()
	t.Signal(abi.SIGSTOP)
	if stopped {
		t.Task.Resume()
	}
	return 0
}

// descends says whether p is a descendant of t. Sys.mu held.
func (p *Proc) descends(t *Proc) bool {
	for q := p; q != nil; q = q.parent {
		if q == t {
			return true
		}
	}
	return false
}

// reparent moves p to another parent. Sys.mu held.
func (p *Proc) reparent(to *Proc) {
	if p.parent != nil {
		p.parent.children = remove(p.parent.children, p)
	}
	p.parent = to
	to.children = append(to.children, p)
}

// original is who gets p back when its tracer is done with it: the parent that
// attaching took it from, or process 1 when that is gone; nil when the tracer is
// the parent. Sys.mu held.
func (p *Proc) original() *Proc {
	id := p.trace.oppid
	if id == 0 {
		return nil
	}
	if q := p.Sys.procs[id]; q != nil && q.state != Zombie {
		return q
	}
	return p.Sys.init
}

// detach is PT_DETACH of a stopped process.
func (t *Proc) detach() {
	s := t.Sys
	s.mu.Lock()
	if q := t.original(); q != nil {
		t.reparent(q)
	}
	t.trace.oppid, t.trace.sigexc = 0, false
	t.traced.Store(false)
	s.mu.Unlock()
	t.resumeTraced(0)
}

// step sets or clears the trap flag of the thread that has stopped. EINVAL
// without threads, ENOTSUP when its registers can't be reached.
func (t *Proc) step(by *Uthread, on bool) abi.Errno {
	s := t.Sys
	s.mu.Lock()
	ut, was := t.trace.stopper, t.trace.stepping
	s.mu.Unlock()
	if !on && was == nil {
		return 0
	}
	if !on {
		ut = was
	}
	if ut == nil {
		l := t.Threads()
		if len(l) == 0 {
			return abi.EINVAL
		}
		ut = l[0]
	}
	kr := ut.Thread.SetTrapFlag(&by.Thread.Thread, on)
	if kr != abi.KERN_SUCCESS && kr != abi.KERN_TERMINATED {
		return abi.ENOTSUP
	}
	s.mu.Lock()
	t.trace.stepping = nil
	if on {
		t.trace.stepping = ut
	}
	s.mu.Unlock()
	return 0
}

// resumeTraced lets a stopped process go on; the thread that stopped takes sig
// without another stop. With 0 it takes none.
func (t *Proc) resumeTraced(sig abi.Signal) {
	s := t.Sys
	s.mu.Lock()
	if t.state != Stopped {
		s.mu.Unlock()
		return
	}
	ut, held := t.trace.stopper, t.trace.held
	t.trace.stopper, t.trace.held = nil, false
	t.state, t.waited, t.contd = Running, false, false
	t.mu.Lock()
	if ut != nil {
		ut.release = sig
		if sig != 0 && !ut.gone {
			ut.siglist |= mask(sig)
			ut.siginfo[sig] = abi.Siginfo{Signo: int32(sig)}
		}
	}
	t.mu.Unlock()
	s.mu.Unlock()
	if sig != 0 {
		if ut != nil {
			ut.Thread.SetAST(astBSD)
		} else {
			t.Signal(sig)
		}
	}
	if !held {
		t.Task.Resume()
	}
}

// threadUpdate is PT_THUPDATE: it says before the exception is answered with
// what signal ut goes on.
func (t *Proc) threadUpdate(ut *Uthread, sig abi.Signal) {
	s := t.Sys
	s.mu.Lock()
	t.mu.Lock()
	if sig != 0 && !ut.gone {
		ut.siglist |= mask(sig)
		ut.siginfo[sig] = abi.Siginfo{Signo: int32(sig)}
	}
	if t.trace.stopper != nil {
		t.trace.stopper.release = sig
	}
	t.state = Running
	t.mu.Unlock()
	s.mu.Unlock()
}

// traceStop stops p because its thread ut is about to take sig, unless p is not
// to be stopped now. True: ut looks again at what is due when it runs next.
func (ut *Uthread) traceStop(sig abi.Signal) bool {
	p := ut.Proc
	s := p.Sys
	s.mu.Lock()
	if p.vforked != nil {
		s.mu.Unlock()
		return false // its parent waits for it and could not continue it
	}
	if p.state != Running {
		// Another thread was first: the task is suspended.
		s.mu.Unlock()
		return true
	}
	p.mu.Lock()
	if due := (ut.siglist | p.siglist) &^ ut.sigmask; p.exiting || !due.Has(sig) || !p.traced.Load() {
		p.mu.Unlock()
		s.mu.Unlock()
		return true
	}
	ut.take(sig)
	exc := p.trace.sigexc
	if exc {
		ut.release = sig // unless PT_THUPDATE says otherwise
	}
	p.mu.Unlock()
	p.state, p.waited, p.contd = Stopped, false, false
	p.xstat = abi.WStop(sig)
	p.trace.stopper, p.trace.held = ut, exc
	if !exc {
		p.Task.Suspend()
	}
	parent := p.parent
	s.mu.Unlock()
	if exc {
		ut.signalException(sig)
		return true
	}
	parent.childChanged(p, abi.CLD_TRAPPED, int32(sig))
	parent.waitq.WakeupAll(0)
	return true
}

// signalException tells the exception ports of a signal; when they have answered,
// or there is nobody, the thread takes what PT_THUPDATE has left for it.
func (ut *Uthread) signalException(sig abi.Signal) {
	p := ut.Proc
	s := p.Sys
	if h := s.Hooks.Exception; h != nil {
		h(ut.Thread, abi.EXC_SOFTWARE, abi.EXC_SOFT_SIGNAL, uint64(sig))
	}
	s.mu.Lock()
	if p.state == Stopped && p.trace.stopper == ut {
		p.state = Running
	}
	if p.trace.stopper == ut {
		p.trace.stopper, p.trace.held = nil, false
	}
	p.mu.Lock()
	if r := ut.release; r != 0 {
		ut.siglist |= mask(r)
		ut.siginfo[r] = abi.Siginfo{Signo: int32(r)}
	}
	p.mu.Unlock()
	s.mu.Unlock()
}

// released gives the signal that ut's tracer has let through, 0 if none is due.
// p.mu held.
func (ut *Uthread) released(due Sigset) abi.Signal {
	sig := ut.release
	ut.release = 0
	if sig != 0 && due.Has(sig) {
		return sig
	}
	return 0
}

// endTracing is the end of a tracer: what it traced goes back to where it came
// from, and is killed. It returns what is to be killed, and the zombies whose
// parents are to be told. Sys.mu held.
func (s *System) endTracing(p *Proc) (kill, tell []*Proc) {
	for _, c := range append([]*Proc(nil), p.children...) {
		if !c.traced.Load() {
			continue
		}
		if q := c.original(); q != nil && q != p {
			c.reparent(q)
		}
		c.trace.oppid, c.trace.sigexc = 0, false
		c.traced.Store(false)
		if c.state == Zombie {
			tell = append(tell, c)
		} else {
			kill = append(kill, c)
		}
	}
	return kill, tell
}

// giveBack tells the parent of a zombie, which a tracer has seen or left.
func (s *System) giveBack(c *Proc) {
	s.mu.Lock()
	parent, status := c.parent, c.xstat
	s.mu.Unlock()
	if parent == nil || parent.Task == nil {
		s.reapIfOrphan(c)
		return
	}
	code, val := exitSiginfo(status)
	parent.childChanged(c, code, val)
	parent.waitq.WakeupAll(0)
}
