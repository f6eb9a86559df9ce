package kern

import (
	"encoding/binary"
)

// KinfoSize is sizeof(struct kinfo_proc) for 64-bit processes: an extern_proc of
// 296 bytes (<sys/proc.h>), then an eproc (<sys/sysctl.h>).
const KinfoSize = 648

const eprocAt = 296

// Flags of p_flag and e_flag that tools look at.
const (
	pControlT = 0x2    // P_CONTROLT: has a terminal
	pLP64     = 0x4    // P_LP64
	pPPWait   = 0x10   // P_PPWAIT: its parent waits for vfork
	pTraced   = 0x800  // P_TRACED: a debugger's
	pWExit    = 0x2000 // P_WEXIT: on its way out
	pExec     = 0x4000 // P_EXEC: has called exec

	eprocCTTY    = 1 // EPROC_CTTY
	eprocSLeader = 2 // EPROC_SLEADER
)

// Terminal gives a process's controlling terminal as tools name it: the device
// and its foreground group; -1 and 0 when there is none.
func (p *Proc) Terminal() (dev, pgid int32) {
	t, ok := p.TTY().(interface {
		Dev() int32
		Place() (sid, pgid int32)
	})
	if !ok {
		return -1, 0
	}
	_, pgid = t.Place()
	return t.Dev(), pgid
}

// Kinfo is what kern.proc tells of p. Kernel addresses are 0, and so are the
// fields that a Mach kernel has no numbers for; XNU leaves the same ones.
func (p *Proc) Kinfo() []byte {
	le, b := binary.LittleEndian, make([]byte, KinfoSize)
	e := b[eprocAt:]
	dev, tpgid := p.Terminal()
	cr := p.Cred()
	s := p.Sys

	s.mu.Lock()
	flags, stat, xstat := uint32(0), p.state, p.xstat
	if p.Task != nil {
		flags |= pLP64
	}
	if p.traced.Load() {
		flags |= pTraced
	}
	if p.vforked != nil {
		flags |= pPPWait
	}
	if p.execed {
		flags |= pExec
	}
	oppid, ppid, pgid, eflag := p.trace.oppid, int32(0), int32(0), uint32(0)
	if p.parent != nil {
		ppid = p.parent.PID
	}
	login := ""
	if g := p.pgrp; g != nil {
		pgid, login = g.ID, g.session.login
		if g.session.tty != nil {
			eflag |= eprocCTTY
		}
		if g.session.leader == p {
			eflag |= eprocSLeader
		}
	}
	s.mu.Unlock()
	p.mu.Lock()
	if p.exiting {
		flags |= pWExit
	}
	ignore, catch := p.ignore, p.catch
	p.mu.Unlock()
	if dev != -1 {
		flags |= pControlT
	}

	le.PutUint64(b[0:], uint64(p.Start.Unix()))
	le.PutUint32(b[8:], uint32(p.Start.Nanosecond()/1000))
	le.PutUint32(b[32:], flags)
	b[36] = byte(stat)
	le.PutUint32(b[40:], uint32(p.PID))
	le.PutUint32(b[44:], uint32(oppid))
	le.PutUint32(b[232:], uint32(ignore))
	le.PutUint32(b[236:], uint32(catch))
	b[240] = 31 // p_priority: the default of a user's thread
	b[242] = byte(p.Nice())
	copy(b[243:243+MAXCOMLEN], p.Comm())
	le.PutUint16(b[280:], uint16(xstat))

	le.PutUint32(e[96:], cr.RUID)
	le.PutUint32(e[100:], cr.SVUID)
	le.PutUint32(e[104:], cr.RGID)
	le.PutUint32(e[108:], cr.SVGID)
	le.PutUint32(e[120:], 1) // cr_ref
	le.PutUint32(e[124:], cr.UID)
	le.PutUint16(e[128:], uint16(len(cr.Groups)))
	for i, g := range cr.Groups {
		le.PutUint32(e[132+4*i:], g)
	}
	le.PutUint32(e[264:], uint32(ppid))
	le.PutUint32(e[268:], uint32(pgid))
	le.PutUint32(e[276:], uint32(dev))
	le.PutUint32(e[280:], uint32(tpgid))
	le.PutUint32(e[316:], eflag)
	copy(e[320:320+11], login)
	return b
}

func padWord(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }
