package trap

import (
	"encoding/binary"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// Offsets in the host's ucontext and siginfo on x86-64.
const (
	ucRegs    = 40
	ucR8      = 40
	ucRDI     = 104
	ucRSI     = 112
	ucRBP     = 120
	ucRBX     = 128
	ucRDX     = 136
	ucRAX     = 144
	ucRCX     = 152
	ucRSP     = 160
	ucRIP     = 168
	ucFlags   = 176
	ucErr     = 192
	ucTrapno  = 200
	ucCR2     = 216
	ucFP      = 224
	ucSize    = 304
	siCode    = 8
	siArch    = 28
	sigSlack  = 128
	swMagic   = 464 // in the FXSAVE image: sw_reserved
	swXsize   = 480
	fxMagic   = 0x46505853
	legacyFX  = 512
	xhdrSize  = 64
	maxXstate = 4096
)

// decode reads what the stub published, once, and checks it.
func (c *Context) decode() machine.Trap {
	s := c.slot
	kind := atomic.LoadUint32(&s.kind)
	switch kind {
	case kindFast:
		s.loadArgs(&c.regs)
		c.whole, c.carry = false, false
		c.kind, c.resume, c.xset, c.setgs = kindFast, resumeRet, false, false
		c.regs.Rflags = 0x202
		if c.step {
			// It is stepped through: the flag must be back behind the call.
			c.step, c.resume, c.regs.Rflags = false, resumeFull, 0x202|flagTrap
		}
		return machine.Trap{Kind: machine.TrapSyscall, Fast: true}
	case kindSys:
		// c.regs has what the line had; the frame has the rest, and the result goes
		// the way of a fast call's unless more than that is changed.
		s.loadArgs(&c.regs)
		c.whole, c.carry, c.answered = false, false, false
		c.kind, c.resume, c.xset, c.setgs = kindSignal, resumeRet, false, false
		c.frame, c.quick = 0, true
		return machine.Trap{Kind: machine.TrapSyscall}
	case kindHeld:
		// It never left: c.regs are still the truth, and go in again. The flag
		// goes here for good: a Kick that was late for the last Run may have
		// set it after that one had cleared it, and nobody else would.
		atomic.StoreUint32(&s.kick, 0)
		return machine.Trap{Kind: machine.TrapKick}
	case kindSignal:
		return c.decodeSignal()
	}
	return machine.Trap{Kind: machine.TrapBad}
}

func (c *Context) decodeSignal() machine.Trap {
	bad := machine.Trap{Kind: machine.TrapBad}
	s, mem, le := c.slot, c.s.m.mem, binary.LittleEndian
	frame, info := s.frame, s.info
	lo, hi := c.base+altStack, c.base+slotSize-sigSlack
	if frame < lo || frame > hi-ucSize || info < lo || info > hi || frame&7 != 0 || info&7 != 0 {
		return bad
	}
	c.kind, c.resume, c.xset, c.setgs = kindSignal, resumeRet, false, false
	c.whole, c.quick = true, false
	c.frame = c.p + machine.Phys(frame-c.base)
	f := mem.Bytes(c.frame, ucSize)
	r := &c.regs
	r.R10, r.Rdi, r.Rsi = le.Uint64(f[ucR8+16:]), le.Uint64(f[ucRDI:]), le.Uint64(f[ucRSI:])
	r.Rax, r.Rdx = le.Uint64(f[ucRAX:]), le.Uint64(f[ucRDX:])
	c.loadFrame(f)
	trapno, errcode := le.Uint64(f[ucTrapno:]), uint32(le.Uint64(f[ucErr:]))
	cr2 := le.Uint64(f[ucCR2:])
	si := mem.Bytes(c.p+machine.Phys(info-c.base), 32)
	code := int32(le.Uint32(si[siCode:]))

	switch sig := unix.Signal(s.signo); sig {
	case unix.SIGSYS: // not of the kind that is kindSys
		return bad
	case kickSignal:
		return machine.Trap{Kind: machine.TrapKick}
	case unix.SIGSEGV, unix.SIGBUS, unix.SIGILL, unix.SIGTRAP, unix.SIGFPE:
		if code <= 0 { // sent by somebody on the host: not the guest's doing
			return machine.Trap{Kind: machine.TrapKick}
		}
		if trapno == 14 {
			return machine.Trap{
				Kind: machine.TrapFault, Addr: machine.Addr(cr2), Vector: 14, Code: errcode,
				Present: errcode&1 != 0, Write: errcode&2 != 0, Exec: errcode&16 != 0,
			}
		}
		if trapno == 1 && r.Rip-textBase < textSize {
			// A single step into the stub: its call is one instruction to the guest.
			c.step = true
			r.Rflags &^= flagTrap
			le.PutUint64(f[ucFlags:], r.Rflags)
			if r.Rip-uint64(machine.WaitEntry) < uint64(machine.WakeEntry-machine.WaitEntry)+16 {
				// These would come back without us.
				le.PutUint64(f[ucRIP:], textBase+labelInterrupted)
			}
			return machine.Trap{Kind: machine.TrapKick}
		}
		return machine.Trap{Kind: machine.TrapException, Vector: uint8(trapno), Code: errcode, Addr: machine.Addr(r.Rip)}
	}
	return bad
}

// loadFrame reads what a signal frame has and kindSys does not give.
func (c *Context) loadFrame(f []byte) {
	r, le := &c.regs, binary.LittleEndian
	r.R8, r.R9, r.R11 = le.Uint64(f[ucR8:]), le.Uint64(f[ucR8+8:]), le.Uint64(f[ucR8+24:])
	r.R12, r.R13, r.R14, r.R15 = le.Uint64(f[ucR8+32:]), le.Uint64(f[ucR8+40:]), le.Uint64(f[ucR8+48:]), le.Uint64(f[ucR8+56:])
	r.Rbp, r.Rbx, r.Rcx, r.Rsp = le.Uint64(f[ucRBP:]), le.Uint64(f[ucRBX:]), le.Uint64(f[ucRCX:]), le.Uint64(f[ucRSP:])
	r.Rip, r.Rflags = le.Uint64(f[ucRIP:]), le.Uint64(f[ucFlags:])
	r.Cs, r.Fs, r.Gs = 0x2b, 0, 0
	r.GSBase = c.slot.gsbase
}

// frameBytes is the host's ucontext of the last trap, which was a signal. Where the
// guest says that it is elsewhere than on the stack for signals, it is some of that
// stack: nonsense, of its own making.
func (c *Context) frameBytes() []byte {
	if c.frame == 0 {
		frame := atomic.LoadUint64(&c.slot.frame)
		if lo, hi := c.base+altStack, c.base+slotSize-sigSlack; frame < lo || frame > hi-ucSize || frame&7 != 0 {
			frame = lo
		}
		c.frame = c.p + machine.Phys(frame-c.base)
	}
	return c.s.m.mem.Bytes(c.frame, ucSize)
}
