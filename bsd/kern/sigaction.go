package kern

import "puggle/abi"

// Sigaction is what a process does about a signal: struct __sigaction.
type Sigaction struct {
	Handler uint64 // SIG_DFL, SIG_IGN or an address
	Tramp   uint64 // libSystem's trampoline
	Mask    Sigset // blocked meanwhile
	Flags   uint32 // SA_*
}

// initSignals sets every action to the default.
func (p *Proc) initSignals() {
	for s := abi.Signal(1); s < abi.NSIG; s++ {
		p.acts[s] = Sigaction{}
		p.settle(s)
	}
}

// settle brings ignore and catch in step with acts[s]. p.mu held.
func (p *Proc) settle(s abi.Signal) {
	m := mask(s)
	p.ignore &^= m
	p.catch &^= m
	switch h := p.acts[s].Handler; {
	case h == abi.SIG_IGN, h == abi.SIG_DFL && sigprops[s]&propIgnore != 0:
		if s != abi.SIGCONT {
			p.ignore |= m
		}
	case h != abi.SIG_DFL:
		p.catch |= m
	}
}

// Action gives the action for s, 1 <= s < NSIG.
func (p *Proc) Action(s abi.Signal) Sigaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.acts[s]
}

// SetAction is sigaction(2): EINVAL for a bad number, or for SIGKILL and
// SIGSTOP unless the default is asked for.
func (p *Proc) SetAction(s abi.Signal, a Sigaction) abi.Errno {
	if s <= 0 || s >= abi.NSIG {
		return abi.EINVAL
	}
	if mask(s)&cantMask != 0 && a.Handler != abi.SIG_DFL {
		return abi.EINVAL
	}
	a.Mask &^= cantMask
	p.mu.Lock()
	p.acts[s] = a
	p.settle(s)
	if p.ignore.Has(s) {
		p.siglist &^= mask(s)
		for _, ut := range p.threads {
			ut.siglist &^= mask(s)
		}
	}
	p.mu.Unlock()
	return 0
}

// execSignals is what exec does: handlers go back to the default, ignored
// signals stay ignored, and the altstack is gone.
func (p *Proc) execSignals(ut *Uthread) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := abi.Signal(1); s < abi.NSIG; s++ {
		if p.catch.Has(s) {
			p.acts[s] = Sigaction{}
		} else {
			p.acts[s] = Sigaction{Handler: p.acts[s].Handler}
		}
		p.settle(s)
	}
	for s := abi.Signal(1); s < abi.NSIG; s++ {
		if p.ignore.Has(s) {
			p.siglist &^= mask(s)
			ut.siglist &^= mask(s)
		}
	}
	ut.sigstk, ut.onstack, ut.saveMask = abi.StackT{}, false, false
}

// SetMask is sigprocmask for one thread: how is SIG_BLOCK, SIG_UNBLOCK or
// SIG_SETMASK (else EINVAL). It gives the old mask.
func (ut *Uthread) SetMask(how int, set Sigset) (Sigset, abi.Errno) {
	p := ut.Proc
	p.mu.Lock()
	defer p.mu.Unlock()
	old := ut.sigmask
	set &^= cantMask
	switch how {
	case abi.SIG_BLOCK:
		ut.sigmask |= set
	case abi.SIG_UNBLOCK:
		ut.sigmask &^= set
	case abi.SIG_SETMASK:
		ut.sigmask = set
	default:
		return old, abi.EINVAL
	}
	if (p.siglist|ut.siglist)&^ut.sigmask != 0 {
		ut.Thread.PostAST(astBSD)
	}
	return old, 0
}

// GetMask is the mask alone.
func (ut *Uthread) GetMask() Sigset { return ut.sigmask }

// Pending is sigpending: what is sent and blocked.
func (ut *Uthread) Pending() Sigset {
	p := ut.Proc
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.siglist | ut.siglist
}

// Sigsuspend puts set in force until a handler has run, and sleeps for it: it
// ends with EINTR only.
func (ut *Uthread) Sigsuspend(set Sigset) abi.Errno {
	p := ut.Proc
	p.mu.Lock()
	if !ut.saveMask {
		ut.oldmask, ut.saveMask = ut.sigmask, true
	}
	ut.sigmask = set &^ cantMask
	due := (p.siglist|ut.siglist)&^ut.sigmask != 0
	p.mu.Unlock()
	if due {
		ut.Thread.PostAST(astBSD)
	}
	ut.pause()
	return abi.EINTR
}

// TempMask puts set in force for one call (pselect); the AST or RestoreMask
// puts the old one back.
func (ut *Uthread) TempMask(set Sigset) {
	p := ut.Proc
	p.mu.Lock()
	if !ut.saveMask {
		ut.oldmask, ut.saveMask = ut.sigmask, true
	}
	ut.sigmask = set &^ cantMask
	due := (p.siglist|ut.siglist)&^ut.sigmask != 0
	p.mu.Unlock()
	if due {
		ut.Thread.PostAST(astBSD)
	}
}

// RestoreMask ends a TempMask that no signal has ended.
func (ut *Uthread) RestoreMask() {
	p := ut.Proc
	p.mu.Lock()
	if ut.saveMask {
		ut.sigmask, ut.saveMask = ut.oldmask, false
	}
	p.mu.Unlock()
}

// Altstack is sigaltstack. EPERM while running on it, EINVAL for unknown
// flags, ENOMEM when it is too small.
func (ut *Uthread) Altstack(n *abi.StackT) (abi.StackT, abi.Errno) {
	old := ut.sigstk
	switch {
	case old.Size == 0:
		old = abi.StackT{Flags: abi.SS_DISABLE}
	case ut.onstack:
		old.Flags = abi.SS_ONSTACK
	}
	if n == nil {
		return old, 0
	}
	if n.Flags&^abi.SS_DISABLE != 0 {
		return old, abi.EINVAL
	}
	if ut.onstack {
		return old, abi.EPERM
	}
	if n.Flags&abi.SS_DISABLE != 0 {
		ut.sigstk = abi.StackT{}
		return old, 0
	}
	if n.Size < abi.MINSIGSTKSZ {
		return old, abi.ENOMEM
	}
	ut.sigstk = abi.StackT{SP: n.SP, Size: n.Size}
	return old, 0
}
