package kern

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// WaitResult is what wait4 and waitid found.
type WaitResult struct {
	PID    int32 // 0: nothing yet, with WNOHANG
	Status uint32
	// ExitCode is all of what the process gave to exit, of which Status has eight bits.
	ExitCode int32
	UID      uint32
	Rusage   abi.Rusage
	Code     int32 // CLD_*, for waitid

	back bool // a tracer's: the zombie goes back to its parent
}

// WaitTraced is an option of Wait besides those of waitid: the stops of traced
// children, which wait4 reports always.
const WaitTraced = 1 << 30

// Wait is wait4 and waitid: a child that idtype and id name (P_ALL, P_PID,
// P_PGID), for the events in options. ECHILD if there is no such child, EINTR.
func (ut *Uthread) Wait(idtype int, id int32, options int) (WaitResult, abi.Errno) {
	p := ut.Proc
	s := p.Sys
	s.mu.Lock()
	for {
		found := false
		for _, c := range p.children {
			switch {
			case idtype == abi.P_PID && c.PID != id,
				idtype == abi.P_PGID && (c.pgrp == nil || c.pgrp.ID != id),
				c.reaping, c.state == Idle:
				continue
			}
			found = true
			if r, ok := s.waitChild(p, c, options); ok {
				reaped := c.reaping
				s.mu.Unlock()
				switch {
				case reaped:
					c.Knotes.Notify(abi.NOTE_REAP)
				case r.back:
					s.giveBack(c)
				}
				return r, 0
			}
		}
		if !found {
			s.mu.Unlock()
			return WaitResult{}, abi.ECHILD
		}
		if options&abi.WNOHANG != 0 {
			s.mu.Unlock()
			return WaitResult{}, 0
		}
		if sched.Sleep(&ut.Thread.Thread, &p.waitq, &s.mu, sched.Interruptible, sched.Forever) != sched.Awakened {
			s.mu.Unlock()
			return WaitResult{}, abi.EINTR
		}
	}
}

// waitChild reports an event of c if there is one that options ask for.
func (s *System) waitChild(p, c *Proc, options int) (WaitResult, bool) {
	r := WaitResult{PID: c.PID, UID: c.Cred().RUID}
	keep := options&abi.WNOWAIT != 0
	switch {
	case c.state == Zombie && options&abi.WEXITED != 0:
		r.Status, r.Rusage, r.ExitCode = c.xstat, c.ru, c.xcode
		r.Code, _ = exitSiginfo(c.xstat)
		if q := c.original(); q != nil && q != p && !keep {
			c.trace.oppid = 0
			c.traced.Store(false)
			c.reparent(q)
			r.back = true
		} else if !keep {
			c.reaping = true
			p.ruKids.Add(&c.ru)
			s.forget(c)
		}
	case c.state == Stopped && !c.waited && (options&(abi.WUNTRACED|abi.WSTOPPED) != 0 || options&WaitTraced != 0 && c.traced.Load()):
		r.Status, r.Code = c.xstat, abi.CLD_STOPPED
		if c.traced.Load() {
			r.Code = abi.CLD_TRAPPED
		}
		if !keep {
			c.waited = true
		}
	case c.state == Running && c.contd && options&abi.WCONTINUED != 0:
		r.Status, r.Code = abi.WStop(abi.SIGCONT), abi.CLD_CONTINUED
		if !keep {
			c.contd = false
		}
	default:
		return WaitResult{}, false
	}
	return r, true
}
