package kern

import (
	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// ast is the BSD part of an AST: it acts on every signal that is due, on the
// thread's own goroutine. It ends with the bit cleared, the thread told to
// end, or the task suspended.
func (s *System) ast(th *task.Thread) {
	ut := Current(th)
	p := ut.Proc
	intr := ut.interrupted
	ut.interrupted.set = false
	handled := false
	for {
		p.mu.Lock()
		due := (ut.siglist | p.siglist) &^ ut.sigmask
		if due == 0 || p.exiting {
			th.ClearAST(astBSD)
			if !handled && !intr.set && ut.saveMask {
				ut.sigmask, ut.saveMask = ut.oldmask, false
			}
			p.mu.Unlock()
			break
		}
		sig := due.first()
		if due&mask(abi.SIGKILL) != 0 {
			sig = abi.SIGKILL
		}
		traced := p.traced.Load()
		if r := ut.released(due); r != 0 && sig != abi.SIGKILL {
			sig = r
		} else if traced && sig != abi.SIGKILL {
			p.mu.Unlock()
			if ut.traceStop(sig) {
				ut.interrupted = intr
				return
			}
			p.mu.Lock()
			if !due.Has(sig) || (ut.siglist|p.siglist)&mask(sig) == 0 {
				p.mu.Unlock()
				continue
			}
		}
		info := ut.take(sig)
		a := p.acts[sig]
		if p.catch.Has(sig) {
			if a.Flags&abi.SA_RESETHAND != 0 {
				p.acts[sig] = Sigaction{}
				p.settle(sig)
			}
			old := ut.sigmask
			if ut.saveMask {
				old, ut.saveMask = ut.oldmask, false
			}
			ut.sigmask |= a.Mask &^ cantMask
			if a.Flags&abi.SA_NODEFER == 0 {
				ut.sigmask |= mask(sig)
			}
			p.mu.Unlock()
			if intr.set {
				if intr.restart && a.Flags&abi.SA_RESTART != 0 {
					ut.backUp(intr)
				}
				intr.set = false
			}
			handled = true
			ut.handled++
			ut.sendsig(sig, a, old, info)
			continue
		}
		ignored := p.ignore.Has(sig)
		p.mu.Unlock()
		switch pr := sigprops[sig]; {
		case ignored:
		case pr&propStop != 0:
			if traced || pr&propTTY != 0 && s.PgrpIsOrphaned(p.PgrpID()) {
				continue
			}
			p.stop(sig)
			if intr.set {
				ut.backUp(intr)
				intr.set = false
			}
			// The task is suspended: the thread waits for its resumption
			// before it comes here again for what is left.
			return
		case pr&propKill != 0:
			p.exit1(th, abi.WSignal(sig)|p.coredump(ut, sig))
			return
		}
	}
	if intr.set && !ut.cancelDue() {
		ut.backUp(intr)
	}
}

// take removes sig from the lists, the thread's own first. p.mu held.
func (ut *Uthread) take(sig abi.Signal) abi.Siginfo {
	m := mask(sig)
	if ut.siglist&m != 0 {
		ut.siglist &^= m
		return ut.siginfo[sig]
	}
	ut.Proc.siglist &^= m
	return ut.Proc.siginfo[sig]
}

// stop puts the process into the stopped state for sig.
func (p *Proc) stop(sig abi.Signal) {
	s := p.Sys
	s.mu.Lock()
	if p.state != Running {
		s.mu.Unlock()
		return
	}
	p.state, p.waited, p.contd = Stopped, false, false
	p.xstat = abi.WStop(sig)
	p.Task.Suspend()
	parent := p.parent
	s.mu.Unlock()
	parent.childChanged(p, abi.CLD_STOPPED, int32(sig))
	parent.waitq.WakeupAll(sched.Awakened)
}

// cont makes a stopped process run again, for SIGCONT or SIGKILL.
func (p *Proc) cont(sig abi.Signal) {
	s := p.Sys
	s.mu.Lock()
	if p.state != Stopped {
		s.mu.Unlock()
		return
	}
	p.state, p.waited = Running, false
	p.contd = sig == abi.SIGCONT
	parent, held := p.parent, p.trace.held
	p.trace.stopper, p.trace.held = nil, false
	s.mu.Unlock()
	if !held {
		p.Task.Resume()
	}
	if sig == abi.SIGCONT {
		parent.childChanged(p, abi.CLD_CONTINUED, int32(abi.SIGCONT))
		parent.waitq.WakeupAll(sched.Awakened)
	}
}

// childChanged sends SIGCHLD to p about its child.
func (p *Proc) childChanged(child *Proc, code, status int32) {
	if p == nil || p.Task == nil {
		return
	}
	if code == abi.CLD_STOPPED || code == abi.CLD_CONTINUED {
		if p.Action(abi.SIGCHLD).Flags&abi.SA_NOCLDSTOP != 0 {
			return
		}
	}
	p.SignalInfo(abi.SIGCHLD, abi.Siginfo{
		Code: code, PID: child.PID, UID: child.Cred().RUID, Status: status,
	})
}

// Sigwait is sigwait(2): it takes the first pending signal of set, and sleeps
// for one. EINTR when another signal comes (the call is then made again unless
// a handler ran), EINVAL for an empty set.
func (ut *Uthread) Sigwait(set Sigset) (abi.Signal, abi.Errno) {
	p := ut.Proc
	set &^= cantMask
	if set == 0 {
		return 0, abi.EINVAL
	}
	var q sched.WaitQueue
	p.mu.Lock()
	defer p.mu.Unlock()
	ut.sigwait, ut.waiting = set, true
	defer func() { ut.sigwait, ut.waiting = 0, false }()
	for {
		if due := (ut.siglist | p.siglist) & set; due != 0 {
			sig := due.first()
			ut.take(sig)
			if (ut.siglist|p.siglist)&^ut.sigmask == 0 {
				ut.Thread.ClearAST(astBSD)
			}
			return sig, 0
		}
		if r := sched.Sleep(&ut.Thread.Thread, &q, &p.mu, sched.Interruptible, sched.Forever); r == sched.Interrupted {
			if (ut.siglist|p.siglist)&set == 0 {
				return 0, abi.EINTR
			}
		}
	}
}

// pause sleeps until a signal is due.
func (ut *Uthread) pause() {
	var q sched.WaitQueue
	q.AssertWait(&ut.Thread.Thread, sched.Interruptible, sched.Forever)
	ut.Thread.Block()
}
