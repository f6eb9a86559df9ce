package kern

import (
	"encoding/binary"
	"sync"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

// acct is where process accounting goes. Each record is written at once, at the end of the file:
// those of processes that exit together don't mix. Nothing is locked then, as the file system may be
// an extension's.
type acct struct {
	mu sync.Mutex
	of *sys.OpenFile // nil: there is no accounting
}

// Flags of a record (<sys/acct.h>).
const (
	acctFork   = 0x01 // has not called exec
	acctSuser  = 0x02 // was the super-user's at its end
	acctCore   = 0x08 // wrote a core file
	acctSignal = 0x10 // killed by a signal

	acctSize = 40
	acctHz   = 64 // units of its times, a second
)

// Acct is acct(2): from now on a record is added to the file for each process that exits. A nil
// path ends it. EPERM unless the caller is root; EACCES for what is no regular file.
func (s *System) Acct(ctx *sys.Context, ns *vfs.Namespace, path *string) abi.Errno {
	if !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	var of *sys.OpenFile
	if path != nil {
		var e abi.Errno
		if of, e = vfs.Open(ctx, ns, nil, *path, abi.O_WRONLY|abi.O_NOFOLLOW, 0); e != 0 {
			return e
		}
		if v := vfs.VnodeOf(of); v == nil || v.Type != vfs.VREG {
			of.Unref(ctx)
			return abi.EACCES
		}
	}
	s.acct.mu.Lock()
	old := s.acct.of
	s.acct.of = of
	s.accounting.Store(of != nil)
	s.acct.mu.Unlock()
	if old != nil {
		return old.Unref(ctx)
	}
	return 0
}

// endAcct lets go of the file, at the machine's end.
func (s *System) endAcct() {
	s.acct.mu.Lock()
	of := s.acct.of
	s.acct.of = nil
	s.accounting.Store(false)
	s.acct.mu.Unlock()
	if of != nil {
		of.Unref(&sys.Context{Thread: sched.NewThread("acct"), Cred: &sys.Cred{}})
	}
}

// account writes a process's record: struct acct.
func (s *System) account(ctx *sys.Context, p *Proc) {
	if !s.accounting.Load() {
		return
	}
	ru, cr := p.Rusage(), p.Cred()
	tty, _ := p.Terminal()
	s.mu.Lock()
	status, flags := p.xstat, byte(0)
	if !p.execed {
		flags |= acctFork
	}
	s.mu.Unlock()
	if cr.IsSuser() {
		flags |= acctSuser
	}
	if status&0x7f != 0 {
		flags |= acctSignal
	}
	if status&0x7f != 0 && status&abi.WCOREFLAG != 0 {
		flags |= acctCore
	}
	le, b := binary.LittleEndian, make([]byte, acctSize)
	copy(b[:10], p.Comm())
	le.PutUint16(b[10:], compT(ru.Utime))
	le.PutUint16(b[12:], compT(ru.Stime))
	le.PutUint16(b[14:], compT(time.Since(p.Start)))
	le.PutUint32(b[16:], uint32(p.Start.Unix()))
	le.PutUint32(b[20:], cr.RUID)
	le.PutUint32(b[24:], cr.RGID)
	le.PutUint16(b[30:], compT(time.Duration(ru.Inblock+ru.Oublock)*time.Second))
	le.PutUint32(b[32:], uint32(tty))
	b[36] = flags
	s.acct.mu.Lock()
	of := s.acct.of
	if of != nil {
		of.Ref()
	}
	s.acct.mu.Unlock()
	if of != nil {
		defer of.Unref(ctx)
		of.Ops.Write(&sys.Context{Thread: ctx.Thread, Cred: cr, PID: ctx.PID, Proc: ctx.Proc}, sys.NewUio(b), abi.FWRITE|abi.O_APPEND)
	}
}

// compT is a comp_t: 1/64 seconds as a fraction of 13 bits and an exponent of 3, to base 8.
func compT(d time.Duration) uint16 {
	const bits, most = 13, 1<<13 - 1
	n := uint64(max(d, 0)) / uint64(time.Second/acctHz)
	exp, round := uint16(0), false
	for n > most {
		round = n&4 != 0
		n >>= 3
		exp++
	}
	if round {
		if n++; n > most {
			n >>= 3
			exp++
		}
	}
	if exp > 7 {
		return 0xffff
	}
	return exp<<bits | uint16(n)
}
