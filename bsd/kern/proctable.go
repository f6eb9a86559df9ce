package kern

import (
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
)

// makeInit makes process 1: the kernel's own, without a task, in its own
// session, always ready to reap.
func (s *System) makeInit(cred *sys.Cred) {
	p := &Proc{Sys: s, PID: 1, Start: time.Now(), state: Running, UniqueID: s.unique.Add(1)}
	p.SetCred(cred)
	p.umask.Store(0o022)
	p.initLimits()
	p.initSignals()
	p.Fd = NewFileDesc()
	s.init = p
	s.last = 1
	s.procs[1] = p
	sess := &Session{SID: 1, leader: p, count: 1}
	pg := &Pgrp{ID: 1, session: sess, members: []*Proc{p}}
	p.pgrp = pg
	s.pgrps[1] = pg
}

// allocPID gives a number that no process, group or session uses. Sys.mu held.
func (s *System) allocPID() int32 {
	for i := int32(0); i < PIDMax; i++ {
		s.last++
		if s.last > PIDMax {
			s.last = 100
		}
		if s.procs[s.last] != nil || s.pgrps[s.last] != nil || s.sessionInUse(s.last) {
			continue
		}
		return s.last
	}
	return -1
}

func (s *System) sessionInUse(id int32) bool {
	for _, g := range s.pgrps {
		if g.session.SID == id {
			return true
		}
	}
	return false
}

// countUID is how many processes run as uid. Sys.mu held.
func (s *System) countUID(uid uint32) int {
	n := 0
	for _, p := range s.procs {
		if p.Task != nil && p.Cred().RUID == uid {
			n++
		}
	}
	return n
}

// enter puts a new process into the table as a child of parent, in its group:
// the child is Idle until made Running. EAGAIN when a limit is reached.
func (s *System) enter(parent, p *Proc) abi.Errno {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, room := p.Cred().RUID, int(s.Maxima.proc())
	if uid != 0 {
		room-- // the last one is root's
	}
	if s.down || s.nproc >= room || s.Tasks.NumThreads() >= MaxThreads {
		return abi.EAGAIN
	}
	// As fork1: root has the machine's limit alone. kern.maxprocperuid counts in setrlimit.
	if uid != 0 && parent.Task != nil {
		most := parent.limit(abi.RLIMIT_NPROC).Cur
		if uint64(s.nproc) >= most && uint64(s.countUID(uid)) >= most {
			return abi.EAGAIN
		}
	}
	pid := s.allocPID()
	if pid < 0 {
		return abi.EAGAIN
	}
	p.PID, p.state, p.parent = pid, Idle, parent
	p.pgrp = parent.pgrp
	p.pgrp.members = append(p.pgrp.members, p)
	parent.children = append(parent.children, p)
	s.procs[pid] = p
	s.nproc++
	return 0
}

// forget takes p, a zombie or one that never ran, out of the table. Sys.mu held.
func (s *System) forget(p *Proc) {
	s.leavePgrp(p)
	if q := p.parent; q != nil {
		q.children = remove(q.children, p)
	}
	p.parent = nil
	delete(s.procs, p.PID)
	s.nproc--
}

func remove[T comparable](l []T, x T) []T {
	for i, y := range l {
		if y == x {
			return append(l[:i:i], l[i+1:]...)
		}
	}
	return l
}
