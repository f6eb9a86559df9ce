package kern

import (
	"slices"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// Exit ends the calling thread's process with exit code code.
func (ut *Uthread) Exit(code int) {
	s := ut.Proc.Sys
	s.mu.Lock()
	ut.Proc.xcode = int32(code)
	s.mu.Unlock()
	ut.Proc.exit1(ut.Thread, abi.WExit(code))
}

// ExitSignal ends it as if by sig.
func (ut *Uthread) ExitSignal(sig abi.Signal) { ut.Proc.exit1(ut.Thread, abi.WSignal(sig)) }

// exit1 ends the process: the other threads first, then what the process
// holds; the zombie is made by the last thread's own end (threadExit). It
// returns at once when another thread is at it, or replaces the image: the
// caller goes out by its terminate bit either way.
func (p *Proc) exit1(th *task.Thread, status uint32) {
	ut := Current(th)
	if !p.singleThread(ut) {
		th.PostAST(task.ASTTerminate)
		return
	}
	p.mu.Lock()
	p.exiting = true
	p.stopTimers()
	p.mu.Unlock()
	p.setXstat(status)
	// A stopped process that is killed must let its threads come to their end.
	p.Task.TerminateOthers(th, true)
	th.ClearAST(astBSD | task.ASTTerminate)
	p.releaseHoldings(ctxOf(p, ut))
	th.PostAST(task.ASTTerminate)
}

// singleThread makes ut the one thread that may end the others; false means
// that somebody else is.
func (p *Proc) singleThread(ut *Uthread) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.single != nil && p.single != ut {
		return false
	}
	p.single = ut
	return true
}

func (p *Proc) setXstat(status uint32) {
	p.Sys.mu.Lock()
	p.xstat = status
	p.Sys.mu.Unlock()
}

// releaseHoldings writes the record for accounting, closes files and hangs up a session leader's terminal; the
// memory goes with the last thread.
func (p *Proc) releaseHoldings(ctx *sys.Context) {
	s := p.Sys
	s.account(ctx, p)
	s.mu.Lock()
	var tty ControllingTTY
	if sess := p.pgrp.session; sess.leader == p {
		tty, sess.tty, sess.leader = sess.tty, nil, nil
	}
	s.mu.Unlock()
	if tty != nil {
		tty.Hangup()
	}
	p.aioExit(ctx)
	p.Fd.CloseAll(ctx)
	if p.NS != nil {
		p.NS.Release()
	}
	if h := s.Hooks.Exited; h != nil {
		h(p)
	}
	p.wakeVforkParent()
}

// threadExit is the end of a guest thread, on its own goroutine.
func (s *System) threadExit(th *task.Thread, last bool) {
	ut := Current(th)
	p := ut.Proc
	p.mu.Lock()
	if i := slices.Index(p.threads, ut); i >= 0 {
		p.threads = slices.Delete(p.threads, i, i+1)
	}
	ut.gone = true
	exiting := p.exiting
	p.exiting = exiting || last
	// What was sent to the process and this thread would have taken goes to another.
	due := p.siglist
	var next []*Uthread
	for due != 0 {
		sig := due.first()
		due &^= mask(sig)
		if t := p.target(sig, nil); t != nil {
			next = append(next, t)
		}
	}
	if last {
		p.stopTimers()
	}
	p.mu.Unlock()
	for _, t := range next {
		t.Thread.SetAST(astBSD)
	}
	if h := s.Hooks.ThreadExited; h != nil {
		h(ut)
	}
	if !last {
		return
	}
	if !exiting {
		// Every thread has ended by itself: that is exit(0).
		p.releaseHoldings(&sys.Context{Thread: sched.NewThread("exit"), Cred: p.Cred(), PID: p.PID, Proc: p})
	}
	p.becomeZombie()
}

// becomeZombie is the last of exit: children go to process 1, the parent is
// told, the memory is given back.
func (p *Proc) becomeZombie() {
	s := p.Sys
	ru := p.Rusage()
	p.endShm()
	p.endSem()
	sp, m := p.Task.Space(), p.Map()

	s.mu.Lock()
	s.stats.Exits.Add(1)
	kill, tell := s.endTracing(p)
	p.ru = ru
	p.ru.Add(&p.ruKids)
	var orphans []*Proc
	for _, c := range p.children {
		c.parent = s.init
		s.init.children = append(s.init.children, c)
		orphans = append(orphans, c)
	}
	p.children = nil
	for _, c := range orphans {
		if c.state == Stopped {
			s.orphanCheck(c.pgrp)
		}
	}
	g := p.pgrp
	status := p.xstat
	s.ending.begin() // before anybody can reap it, and perhaps end the machine
	p.state = Zombie
	s.orphanCheck(g)
	parent := p.parent
	s.mu.Unlock()

	p.Knotes.Notify(abi.NOTE_EXIT | status&abi.NOTE_PDATAMASK)

	// Nobody can see the memory any more; giving it back need not keep the
	// parent waiting.
	go func() {
		defer s.ending.end()
		sp.Destroy()
		if m != nil {
			m.Destroy()
		}
	}()

	for _, c := range kill {
		c.Signal(abi.SIGKILL)
	}
	for _, c := range tell {
		s.giveBack(c)
	}
	for _, c := range orphans {
		s.reapIfOrphan(c)
	}
	code, val := exitSiginfo(status)
	if code == abi.CLD_EXITED {
		val = p.xcode // all of it: only the wait status has eight bits
	}
	if parent.Task == nil {
		s.reapIfOrphan(p)
		return
	}
	nowait := false
	if a := parent.Action(abi.SIGCHLD); a.Flags&abi.SA_NOCLDWAIT != 0 || a.Handler == abi.SIG_IGN {
		nowait = true
		s.mu.Lock()
		if p.parent == parent {
			parent.children = remove(parent.children, p)
			p.parent = s.init
			s.init.children = append(s.init.children, p)
		}
		s.mu.Unlock()
	}
	if !nowait { // who doesn't want to wait is not told either
		parent.childChanged(p, code, val)
	}
	parent.waitq.WakeupAll(sched.Awakened)
	if nowait {
		s.reapIfOrphan(p)
	}
}

// exitSiginfo says what SIGCHLD's handler is told of a wait status.
func exitSiginfo(status uint32) (code, val int32) {
	if sig := status & 0x7f; sig != 0 {
		if status&abi.WCOREFLAG != 0 {
			return abi.CLD_DUMPED, int32(sig)
		}
		return abi.CLD_KILLED, int32(sig)
	}
	return abi.CLD_EXITED, int32(status >> 8 & 0xff)
}

// reapIfOrphan buries a zombie whose parent is process 1.
func (s *System) reapIfOrphan(p *Proc) {
	s.mu.Lock()
	if p.state != Zombie || p.parent != s.init || p.reaping {
		s.mu.Unlock()
		return
	}
	p.reaping = true
	pid, status := p.PID, p.xstat
	s.init.ruKids.Add(&p.ru)
	s.forget(p)
	s.mu.Unlock()
	p.Knotes.Notify(abi.NOTE_REAP)
	if h := s.Hooks.Reaped; h != nil {
		h(pid, status)
	}
}
