package tty

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Place is where a process stands.
type Place struct {
	PGID, SID int32
	Leader    bool // of its session
}

// Jobs is what the room of processes supplies. No method is called with a
// terminal's lock held.
type Jobs interface {
	// Caller says where the calling process stands.
	Caller(ctx *sys.Context) Place
	// Refuses says whether the caller ignores or blocks sig.
	Refuses(ctx *sys.Context, sig abi.Signal) bool
	// PgrpInSession gives the session of a group, 0 if there is no such group.
	PgrpInSession(pgid int32) int32
	// PgrpIsOrphaned says whether a stop signal would leave the group stopped
	// for good.
	PgrpIsOrphaned(pgid int32) bool
	// SignalPgrp sends sig to the group, SignalLeader to a session's leader; by
	// the kernel, so no permission is asked.
	SignalPgrp(pgid int32, sig abi.Signal)
	SignalLeader(sid int32, sig abi.Signal)
	// TTY gives the caller's session's terminal, nil if none.
	TTY(ctx *sys.Context) *Tty
	// SetTTY makes t the terminal of the caller's session, nil gives it up.
	// EPERM unless the caller is the leader and has no other.
	SetTTY(ctx *sys.Context, t *Tty) abi.Errno
}

// background says whether the caller is in the terminal's session but not in
// its foreground group.
func (t *Tty) background(ctx *sys.Context) (Place, bool) {
	at := t.jobs.Caller(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	return at, t.sid != 0 && at.SID == t.sid && at.PGID != t.pgid
}

// mayRead waits, so to speak, for the foreground: in the background the caller's
// group gets SIGTTIN, and the call ends with EINTR to act on it.
func (t *Tty) mayRead(ctx *sys.Context) abi.Errno {
	at, bg := t.background(ctx)
	if !bg {
		return 0
	}
	if t.jobs.Refuses(ctx, abi.SIGTTIN) || t.jobs.PgrpIsOrphaned(at.PGID) {
		return abi.EIO
	}
	t.jobs.SignalPgrp(at.PGID, abi.SIGTTIN)
	return abi.EINTR
}

// mayWrite is the same for output with TOSTOP, and for changes: there a caller
// that refuses SIGTTOU may go on.
func (t *Tty) mayWrite(ctx *sys.Context) abi.Errno {
	at, bg := t.background(ctx)
	if !bg || t.jobs.Refuses(ctx, abi.SIGTTOU) {
		return 0
	}
	if t.jobs.PgrpIsOrphaned(at.PGID) {
		return abi.EIO
	}
	t.jobs.SignalPgrp(at.PGID, abi.SIGTTOU)
	return abi.EINTR
}

// Acquire is TIOCSCTTY: t becomes the terminal of the caller's session, and the
// caller's group is its foreground. EPERM unless the caller leads a session that
// has none, and t is no other session's. The kernel calls it for the first process
// on the console.
func (t *Tty) Acquire(ctx *sys.Context) abi.Errno {
	at := t.jobs.Caller(ctx)
	if !at.Leader {
		return abi.EPERM
	}
	t.mu.Lock()
	sid := t.sid
	if sid == 0 {
		t.sid, t.pgid = at.SID, at.PGID
	}
	t.mu.Unlock()
	switch sid {
	case at.SID:
		return 0
	case 0:
	default:
		return abi.EPERM
	}
	if err := t.jobs.SetTTY(ctx, t); err != 0 {
		t.mu.Lock()
		t.sid, t.pgid = 0, 0
		t.mu.Unlock()
		return err
	}
	return 0
}

// Hangup is what happens to a session's terminal when the leader exits: the
// foreground group gets SIGHUP and SIGCONT, and every file that is open on the
// terminal is revoked. The room of processes calls it without locks.
func (t *Tty) Hangup() {
	t.mu.Lock()
	t.signal(abi.SIGHUP)
	t.signal(abi.SIGCONT)
	t.pgid, t.sid = 0, 0
	t.generation++
	t.wakeAll()
	t.unlock()
}

// setPgrp is TIOCSPGRP.
func (t *Tty) setPgrp(ctx *sys.Context, pgid int32) abi.Errno {
	at := t.jobs.Caller(ctx)
	sid := t.jobs.PgrpInSession(pgid)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.sid == 0 || t.sid != at.SID:
		return abi.ENOTTY
	case sid == 0:
		return abi.EINVAL
	case sid != at.SID:
		return abi.EPERM
	}
	t.pgid = pgid
	t.canRead.WakeupAll(sched.Awakened) // readers may be in the background now
	return 0
}
