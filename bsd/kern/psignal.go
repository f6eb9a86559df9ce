package kern

import (
	"puggle/abi"
	"puggle/mach/task"
)

const (
	astBSD       = task.ASTBSD
	astTerminate = task.ASTTerminate
)

// Signal is psignal: the kernel sends sig to p.
func (p *Proc) Signal(sig abi.Signal) {
	p.psignal(nil, nil, sig, abi.Siginfo{Signo: int32(sig)})
}

// SignalInfo is Signal with what the handler is told.
func (p *Proc) SignalInfo(sig abi.Signal, info abi.Siginfo) {
	info.Signo = int32(sig)
	p.psignal(nil, nil, sig, info)
}

// Signal sends sig to one thread (pthread_kill).
func (ut *Uthread) Signal(sig abi.Signal, info abi.Siginfo) {
	info.Signo = int32(sig)
	ut.Proc.psignal(ut, nil, sig, info)
}

// psignal sends sig to p, or to its thread to if that is not nil. by is the thread that
// sends it, nil if that is none of p's.
func (p *Proc) psignal(to, by *Uthread, sig abi.Signal, info abi.Siginfo) {
	if sig <= 0 || sig >= abi.NSIG || p.Task == nil {
		return
	}
	p.Knotes.Notify(abi.NOTE_SIGNAL | uint32(sig))
	m := mask(sig)
	// A traced process goes on when its tracer says so, and at its end.
	traced := p.traced.Load()
	if m&contMask != 0 && !traced || sig == abi.SIGKILL {
		p.cont(sig)
	}
	if sig == abi.SIGKILL {
		p.Task.Release()
	}

	p.mu.Lock()
	if p.exiting {
		p.mu.Unlock()
		return
	}
	p.Sys.stats.Signals.Add(1)
	p.nsignals.Add(1)
	if m&stopMask != 0 {
		p.dropPending(contMask)
	}
	if m&contMask != 0 {
		p.dropPending(stopMask)
	}
	if p.ignore.Has(sig) && !p.sigwaited(m) && !traced {
		p.mu.Unlock()
		return
	}
	// A SIGCONT without a handler has done its work above; a held one stays to be seen.
	held := to != nil && to.sigmask.Has(sig) || to == nil && p.target(sig, by) == nil
	if m&contMask != 0 && p.acts[sig].Handler == abi.SIG_DFL && !held && !traced {
		p.mu.Unlock()
		return
	}
	if to != nil {
		if to.gone {
			p.mu.Unlock()
			return
		}
		to.siglist |= m
		to.siginfo[sig] = info
		deliver := !to.sigmask.Has(sig)
		if to.waiting && to.sigwait.Has(sig) {
			deliver = true
		}
		p.mu.Unlock()
		if deliver {
			to.Thread.SetAST(astBSD)
		}
		return
	}
	p.siglist |= m
	p.siginfo[sig] = info
	ut := p.target(sig, by)
	p.mu.Unlock()
	if ut != nil {
		ut.Thread.SetAST(astBSD)
	}
}

func (p *Proc) dropPending(m Sigset) {
	p.siglist &^= m
	for _, ut := range p.threads {
		ut.siglist &^= m
	}
}

func (p *Proc) sigwaited(m Sigset) bool {
	for _, ut := range p.threads {
		if ut.waiting && ut.sigwait&m != 0 {
			return true
		}
	}
	return false
}

// target chooses the thread that takes a signal to the process: one that
// waits for it, else by if that is a thread of p, else the first that does not block it;
// nil if all do. XNU takes any; a process that signals itself has its answer here
// before kill returns, however busy the machine. p.mu held.
func (p *Proc) target(sig abi.Signal, by *Uthread) *Uthread {
	for _, ut := range p.threads {
		if ut.waiting && ut.sigwait.Has(sig) {
			return ut
		}
	}
	if by != nil && by.Proc == p && !by.gone && !by.sigmask.Has(sig) && !by.Thread.Terminating() {
		return by
	}
	var asleep *Uthread
	for _, ut := range p.threads {
		if ut.sigmask.Has(sig) || ut.Thread.Terminating() {
			continue
		}
		if !ut.Thread.IsWaiting() {
			return ut
		}
		if asleep == nil {
			asleep = ut
		}
	}
	return asleep
}

// cansignal says whether a sender may signal p: root, the same real or
// effective user, or SIGCONT within the session.
func (p *Proc) cansignal(by *Proc, sig abi.Signal) bool {
	if by == p {
		return true
	}
	c, t := by.Cred(), p.Cred()
	if c.IsSuser() || c.RUID == t.RUID || c.RUID == t.SVUID || c.UID == t.RUID || c.UID == t.SVUID {
		return true
	}
	return sig == abi.SIGCONT && by.SessionID() == p.SessionID()
}

// Kill is kill(2) by the thread: see Proc.Kill.
func (ut *Uthread) Kill(pid int32, sig abi.Signal) abi.Errno { return ut.Proc.kill(ut, pid, sig) }

// Kill is kill(2) by p: pid > 0 a process, 0 the caller's group, -1 all but
// the caller and process 1, other negative numbers a group. sig 0 only asks.
// EINVAL, ESRCH, EPERM.
func (p *Proc) Kill(pid int32, sig abi.Signal) abi.Errno { return p.kill(nil, pid, sig) }

func (p *Proc) kill(by *Uthread, pid int32, sig abi.Signal) abi.Errno {
	if sig < 0 || sig >= abi.NSIG {
		return abi.EINVAL
	}
	s := p.Sys
	info := abi.Siginfo{PID: p.PID, UID: p.Cred().RUID, Status: int32(sig)}
	if pid > 0 {
		t := s.FindAny(pid)
		if t == nil {
			return abi.ESRCH
		}
		if !t.cansignal(p, sig) {
			return abi.EPERM
		}
		if sig != 0 {
			info.Signo = int32(sig)
			t.psignal(nil, by, sig, info)
		}
		return 0
	}
	s.mu.Lock()
	var l []*Proc
	if pid == -1 {
		for _, t := range s.procs {
			if t != p && t.Task != nil {
				l = append(l, t)
			}
		}
	} else {
		g := p.pgrp
		if pid != 0 {
			g = s.pgrps[-pid]
		}
		if g != nil {
			l = append(l, g.members...)
		}
	}
	s.mu.Unlock()
	found, allowed := false, false
	for _, t := range l {
		if t.Task == nil || t.State() == Zombie {
			continue
		}
		found = true
		if !t.cansignal(p, sig) {
			continue
		}
		allowed = true
		if sig != 0 {
			info.Signo = int32(sig)
			t.psignal(nil, by, sig, info)
		}
	}
	switch {
	case !found:
		return abi.ESRCH
	case !allowed:
		return abi.EPERM
	}
	return 0
}
