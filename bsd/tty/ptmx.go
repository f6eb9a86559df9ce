package tty

import (
	"fmt"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// maxPtys is how many ptys there are at the most: PTMX_MAX_DEFAULT and one.
const maxPtys = 512

// groupTTY is the group "tty".
const groupTTY = 4

// Ptys makes pseudo terminals: it is what stands behind /dev/ptmx.
type Ptys struct {
	jobs Jobs
	// Major numbers of masters and terminals.
	ptmxMajor, ptsMajor int32
	// Changed, if not nil, is told when /dev/<name> comes, changes its owner
	// or mode, or goes (mode 0); no lock is held.
	Changed func(name string, dev int32, uid, gid uint32, mode uint16)

	mu   sync.Mutex
	list []*Master
}

// NewPtys makes the supply. The majors are for device numbers only.
func NewPtys(jobs Jobs, ptmxMajor, ptsMajor int32) *Ptys {
	return &Ptys{jobs: jobs, ptmxMajor: ptmxMajor, ptsMajor: ptsMajor}
}

func (p *Ptys) masterDev(n int) int32 { return p.ptmxMajor<<24 | int32(n) }

// OpenMaster opens /dev/ptmx: a new pty. ENXIO when there are too many.
func (p *Ptys) OpenMaster(ctx *sys.Context) (*Master, abi.Errno) {
	p.mu.Lock()
	n := 0
	for n < len(p.list) && p.list[n] != nil {
		n++
	}
	if n == maxPtys {
		p.mu.Unlock()
		return nil, abi.ENXIO
	}
	m := &Master{ptys: p, n: n}
	m.tty = newTty(p.jobs, fmt.Sprintf("ttys%03d", n), p.ptsMajor<<24|int32(n))
	m.tty.line = m
	if n == len(p.list) {
		p.list = append(p.list, nil)
	}
	p.list[n] = m
	p.mu.Unlock()
	p.change(m, 0, groupTTY, 0o620)
	return m, 0
}

// Open opens the terminal of pty n, /dev/ttysNNN. ENXIO when there is no such
// pty, EAGAIN before TIOCPTYUNLK; and the errors of Tty.Open.
func (p *Ptys) Open(ctx *sys.Context, n int, flags int) (*File, abi.Errno) {
	p.mu.Lock()
	var m *Master
	if n >= 0 && n < len(p.list) {
		m = p.list[n]
	}
	p.mu.Unlock()
	if m == nil {
		return nil, abi.ENXIO
	}
	m.tty.mu.Lock()
	unlocked := m.unlocked
	m.tty.mu.Unlock()
	if !unlocked {
		return nil, abi.EAGAIN
	}
	return m.tty.Open(ctx, flags)
}

// Tty is the terminal, for who made the pty.
func (m *Master) Tty() *Tty { return m.tty }

// Number is the NNN of /dev/ttysNNN.
func (m *Master) Number() int { return m.n }

// grant is grantpt: the terminal gets the caller's user, group tty, mode 0620.
func (p *Ptys) grant(ctx *sys.Context, m *Master) abi.Errno {
	p.change(m, ctx.Cred.RUID, groupTTY, 0o620)
	return 0
}

func (p *Ptys) change(m *Master, uid, gid uint32, mode uint16) {
	if p.Changed != nil {
		p.Changed(m.tty.name, m.tty.dev, uid, gid, mode)
	}
}

func (p *Ptys) remove(m *Master) {
	p.mu.Lock()
	p.list[m.n] = nil
	p.mu.Unlock()
	p.change(m, 0, 0, 0)
}
