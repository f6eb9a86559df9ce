package kern

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Session is a session: process groups with at most one controlling terminal.
// Its fields are guarded by System.mu.
type Session struct {
	SID    int32
	leader *Proc // nil when it has exited
	count  int   // groups
	login  string
	tty    ControllingTTY
}

// ControllingTTY is what a session needs of its terminal.
type ControllingTTY interface {
	// Hangup is called without locks when the session leader exits.
	Hangup()
}

// Pgrp is a process group. Its fields are guarded by System.mu.
type Pgrp struct {
	ID      int32
	session *Session
	members []*Proc
}

// leavePgrp takes p out of its group, and removes the group with its last
// member. Sys.mu held.
func (s *System) leavePgrp(p *Proc) {
	g := p.pgrp
	if g == nil {
		return
	}
	g.members = remove(g.members, p)
	if len(g.members) == 0 {
		delete(s.pgrps, g.ID)
		g.session.count--
	}
	p.pgrp = nil
}

// enterPgrp moves p to group id of sess, making the group if need be.
func (s *System) enterPgrp(p *Proc, id int32, sess *Session) {
	g := s.pgrps[id]
	if g != nil && g == p.pgrp {
		return
	}
	if g == nil {
		g = &Pgrp{ID: id, session: sess}
		sess.count++
	}
	s.leavePgrp(p)
	s.pgrps[id] = g
	g.members = append(g.members, p)
	p.pgrp = g
}

// Setsid makes p the leader of a new session and group. EPERM if it leads a
// group, or another process is in the group of its number.
func (p *Proc) Setsid() (int32, abi.Errno) {
	s := p.Sys
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pgrps[p.PID] != nil {
		return 0, abi.EPERM
	}
	s.enterPgrp(p, p.PID, &Session{SID: p.PID, leader: p, login: p.pgrp.session.login})
	return p.PID, 0
}

// Setpgid is setpgid(2): ESRCH for a process that is neither the caller nor
// its child, EACCES for a child that has called exec, EPERM across sessions
// and for session leaders, EINVAL for a negative group.
func (p *Proc) Setpgid(pid, pgid int32) abi.Errno {
	s := p.Sys
	s.mu.Lock()
	defer s.mu.Unlock()
	if pgid < 0 {
		return abi.EINVAL
	}
	t := p
	if pid != 0 && pid != p.PID {
		t = s.procs[pid]
		if t == nil || t.state == Zombie || t.parent != p {
			return abi.ESRCH
		}
		if t.pgrp.session != p.pgrp.session {
			return abi.EPERM
		}
		if t.execed {
			return abi.EACCES
		}
	}
	if t.pgrp.session.leader == t {
		return abi.EPERM
	}
	if pgid == 0 {
		pgid = t.PID
	}
	if pgid != t.PID {
		g := s.pgrps[pgid]
		if g == nil || g.session != p.pgrp.session {
			return abi.EPERM
		}
	}
	before := t.pgrp
	s.enterPgrp(t, pgid, t.pgrp.session)
	s.orphanCheck(before)
	return 0
}

// Getpgid gives a process's group; pid 0 is the caller. ESRCH.
func (p *Proc) Getpgid(pid int32) (int32, abi.Errno) {
	t := p.find0(pid)
	if t == nil {
		return 0, abi.ESRCH
	}
	return t.PgrpID(), 0
}

// Getsid gives a process's session; pid 0 is the caller. ESRCH.
func (p *Proc) Getsid(pid int32) (int32, abi.Errno) {
	t := p.find0(pid)
	if t == nil {
		return 0, abi.ESRCH
	}
	return t.SessionID(), 0
}

func (p *Proc) find0(pid int32) *Proc {
	if pid == 0 {
		return p
	}
	return p.Sys.Find(pid)
}

// PgrpID is the number of the process's group.
func (p *Proc) PgrpID() int32 {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	if p.pgrp == nil {
		return 0
	}
	return p.pgrp.ID
}

// SessionID is the number of its session.
func (p *Proc) SessionID() int32 {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	if p.pgrp == nil {
		return 0
	}
	return p.pgrp.session.SID
}

// IsSessionLeader says whether p leads its session.
func (p *Proc) IsSessionLeader() bool {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	return p.pgrp != nil && p.pgrp.session.leader == p
}

// PgrpInSession says whether a group exists and in which session (0: none).
func (s *System) PgrpInSession(pgid int32) int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.pgrps[pgid]; g != nil {
		return g.session.SID
	}
	return 0
}

// TTY gives the session's controlling terminal, nil if none.
func (p *Proc) TTY() ControllingTTY {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	if p.pgrp == nil {
		return nil
	}
	return p.pgrp.session.tty
}

// SetTTY makes t the controlling terminal of p's session: EPERM unless p is
// the leader and has none yet. A nil t gives it up.
func (p *Proc) SetTTY(t ControllingTTY) abi.Errno {
	p.Sys.mu.Lock()
	defer p.Sys.mu.Unlock()
	sess := p.pgrp.session
	if t != nil && (sess.leader != p || (sess.tty != nil && sess.tty != t)) {
		return abi.EPERM
	}
	sess.tty = t
	return 0
}

// PgrpIsOrphaned says whether no member has a parent in the session outside
// the group: a terminal may not stop such a group.
func (s *System) PgrpIsOrphaned(pgid int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.pgrps[pgid]
	return g == nil || g.orphaned()
}

func (g *Pgrp) orphaned() bool {
	for _, m := range g.members {
		if m.state == Zombie || m.parent == nil || m.parent.pgrp == nil {
			continue
		}
		if m.parent.pgrp != g && m.parent.pgrp.session == g.session {
			return false
		}
	}
	return true
}

// orphanCheck sends SIGHUP and SIGCONT to a group that has become orphaned and
// has stopped members. Sys.mu held; the signals go from a goroutine of their
// own because sending takes Sys.mu.
func (s *System) orphanCheck(g *Pgrp) {
	if g == nil || len(g.members) == 0 || !g.orphaned() {
		return
	}
	stopped := false
	for _, m := range g.members {
		stopped = stopped || m.state == Stopped
	}
	if !stopped {
		return
	}
	l := append([]*Proc(nil), g.members...)
	go func() {
		for _, m := range l {
			m.Signal(abi.SIGHUP)
			m.Signal(abi.SIGCONT)
		}
	}()
}

// SignalPgrp sends sig to every member of a group, by the kernel itself (a
// terminal): no permission is asked. False if there is no such group.
func (s *System) SignalPgrp(pgid int32, sig abi.Signal) bool {
	s.mu.Lock()
	g := s.pgrps[pgid]
	if g == nil {
		s.mu.Unlock()
		return false
	}
	l := append([]*Proc(nil), g.members...)
	s.mu.Unlock()
	for _, m := range l {
		m.Signal(sig)
	}
	return true
}

// ctxOf is a context for the kernel's own work on behalf of p.
func ctxOf(p *Proc, ut *Uthread) *sys.Context {
	c := &sys.Context{Cred: p.Cred(), PID: p.PID, Proc: p, Umask: p.Umask()}
	if ut != nil {
		c.Thread = &ut.Thread.Thread
	}
	return c
}
