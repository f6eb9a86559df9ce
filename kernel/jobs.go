package kernel

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
)

// jobs tells the terminals about processes.
type jobs struct{ s *System }

func (j jobs) proc(ctx *sys.Context) *kern.Proc {
	p, _ := ctx.Proc.(*kern.Proc)
	return p
}

func (j jobs) Caller(ctx *sys.Context) tty.Place {
	p := j.proc(ctx)
	if p == nil {
		return tty.Place{}
	}
	return tty.Place{PGID: p.PgrpID(), SID: p.SessionID(), Leader: p.IsSessionLeader()}
}

func (j jobs) Refuses(ctx *sys.Context, sig abi.Signal) bool {
	p := j.proc(ctx)
	if p == nil {
		return true
	}
	return p.Refuses(ctx, sig)
}

func (j jobs) PgrpInSession(pgid int32) int32 { return j.s.Procs.PgrpInSession(pgid) }

func (j jobs) PgrpIsOrphaned(pgid int32) bool { return j.s.Procs.PgrpIsOrphaned(pgid) }

func (j jobs) SignalPgrp(pgid int32, sig abi.Signal) { j.s.Procs.SignalPgrp(pgid, sig) }

func (j jobs) SignalLeader(sid int32, sig abi.Signal) {
	if p := j.s.Procs.Find(sid); p != nil && p.IsSessionLeader() {
		p.Signal(sig)
	}
}

func (j jobs) TTY(ctx *sys.Context) *tty.Tty {
	if p := j.proc(ctx); p != nil {
		t, _ := p.TTY().(*tty.Tty)
		return t
	}
	return nil
}

func (j jobs) SetTTY(ctx *sys.Context, t *tty.Tty) abi.Errno {
	p := j.proc(ctx)
	if p == nil {
		return abi.EPERM
	}
	if t == nil {
		return p.SetTTY(nil)
	}
	return p.SetTTY(t)
}

// opened is told of each open: nothing is left to do, terminals see to
// themselves.
func (s *System) opened(*sys.Context, *kern.Proc, *sys.OpenFile, int) {}
