package abi

import "encoding/binary"

// Siginfo is siginfo_t (<sys/signal.h>) as kernel code holds it.
type Siginfo struct {
	Signo, Errno, Code int32
	PID                int32
	UID                uint32
	Status             int32
	Addr, Value        uint64
	Band               int64
	Pad0               uint64 // the interrupted stack pointer, as XNU leaves it there
}

// SiginfoSize is the size of a 64-bit siginfo_t.
const SiginfoSize = 104

// Marshal writes the guest's layout.
func (s *Siginfo) Marshal(b *[SiginfoSize]byte) {
	le := binary.LittleEndian
	clear(b[:])
	le.PutUint32(b[0:], uint32(s.Signo))
	le.PutUint32(b[4:], uint32(s.Errno))
	le.PutUint32(b[8:], uint32(s.Code))
	le.PutUint32(b[12:], uint32(s.PID))
	le.PutUint32(b[16:], s.UID)
	le.PutUint32(b[20:], uint32(s.Status))
	le.PutUint64(b[24:], s.Addr)
	le.PutUint64(b[32:], s.Value)
	le.PutUint64(b[40:], uint64(s.Band))
	le.PutUint64(b[48:], s.Pad0)
}

// Values of si_code (<sys/signal.h>).
const (
	SI_USER = 0x10001

	ILL_NOOP    = 0
	ILL_ILLOPC  = 1
	FPE_NOOP    = 0
	FPE_FLTDIV  = 1
	FPE_FLTOVF  = 2
	FPE_FLTUND  = 3
	FPE_FLTRES  = 4
	FPE_FLTINV  = 5
	FPE_FLTSUB  = 6
	FPE_INTDIV  = 7
	FPE_INTOVF  = 8
	SEGV_NOOP   = 0
	SEGV_MAPERR = 1
	SEGV_ACCERR = 2
	BUS_ADRALN  = 1
	BUS_ADRERR  = 2
	TRAP_BRKPT  = 1
	TRAP_TRACE  = 2

	CLD_NOOP      = 0
	CLD_EXITED    = 1
	CLD_KILLED    = 2
	CLD_DUMPED    = 3
	CLD_TRAPPED   = 4
	CLD_STOPPED   = 5
	CLD_CONTINUED = 6
)

// Flags of struct sigaction, and handlers that are no functions.
const (
	SIG_DFL = 0
	SIG_IGN = 1

	SA_ONSTACK   = 0x0001
	SA_RESTART   = 0x0002
	SA_RESETHAND = 0x0004
	SA_NOCLDSTOP = 0x0008
	SA_NODEFER   = 0x0010
	SA_NOCLDWAIT = 0x0020
	SA_SIGINFO   = 0x0040
	SA_USERTRAMP = 0x0100
	SA_64REGSET  = 0x0200

	SIG_BLOCK   = 1
	SIG_UNBLOCK = 2
	SIG_SETMASK = 3

	SS_ONSTACK  = 0x1
	SS_DISABLE  = 0x4
	MINSIGSTKSZ = 32768
)
