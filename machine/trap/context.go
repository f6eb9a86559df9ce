package trap

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// Context is a machine.Context: a slot and the host thread that waits at it.
type Context struct {
	s    *Space
	p    machine.Phys // the slot
	slot *slot
	base uint64 // the slot's address in the shell

	regs     machine.Regs
	kind     uint32 // how it trapped: which of the slot's forms is in force
	frame    machine.Phys
	resume   uint32
	setgs    bool // the guest's GS base is to be loaded; so until it has left the stub
	step     bool // the trap flag was set when the guest called the stub
	xset     bool // XBUF holds what SetXstate gave, not yet resumed
	tid      int  // the host thread's number, as it reported for work
	running  atomic.Bool
	kicked   atomic.Bool
	runs     atomic.Uint64 // how often Run has come back
	watched  atomic.Bool   // a kick is being followed up
	fresh    bool          // waiting for the host thread to report for work
	vain     uint32        // how often in a row spinning for the guest was in vain
	stubVain uint32        // and the stub's spinning for the kernel
	place    int           // in parking.list, under its lock
	wake     chan struct{}

	destroyed, freed bool // under s.mu
}

var _ machine.Context = (*Context)(nil)

// kernelSpin and stubSpin are how many PAUSE instructions (about 40 ns each on
// recent processors) either side spins for the other before it sleeps.
const (
	kernelSpin = 400
	spinChunk  = 40
	stubSpin   = 400
)

// Once spinning was in vain vainTimes in a row, only each vainRetry-th wait tries it.
const (
	vainTimes = 4
	vainRetry = 8
)

// NewContext gives a thread, reusing one whose context was destroyed.
func (s *Space) NewContext() (machine.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead.Load() {
		return nil, machine.ErrDead
	}
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle = s.idle[:n-1]
		nc := &Context{wake: make(chan struct{}, 1), s: s, p: c.p, slot: c.slot, base: c.base, tid: c.tid, fresh: true}
		c.freed = true // nc has the slot now
		s.replace(c, nc)
		s.m.contexts.Add(1)
		nc.report()
		return nc, nil
	}
	if s.nslots >= slotsMax {
		return nil, machine.ErrNoMemory
	}
	p, err := s.m.mem.Alloc(slotSize)
	if err != nil {
		return nil, err
	}
	c := &Context{wake: make(chan struct{}, 1), s: s, p: p, slot: s.m.mem.slotAt(p), base: uint64(machine.SlotBase) + uint64(s.nslots)*slotSize, fresh: true}
	s.nslots++
	// stack_t lies behind the orders, in CTL, which the guest can't write.
	const stackT = ackOffset - 64
	ctl := s.m.mem.Bytes(s.ctl, ackOffset)
	le := binary.LittleEndian
	le.PutUint64(ctl[stackT:], c.base+altStack)
	le.PutUint64(ctl[stackT+8:], 0)
	le.PutUint64(ctl[stackT+16:], slotSize-altStack)
	n, errno, _, err := s.submit([]order{
		{unix.SYS_MMAP, c.base, slotSize, unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_FIXED, 3, uint64(p)},
		{^uint64(0), c.base, ctlBase + stackT}, // -1: newthread
	})
	if err != nil {
		return nil, err
	}
	s.amu.Lock()
	s.all = append(s.all, c)
	s.amu.Unlock()
	if n < 2 {
		return nil, fmt.Errorf("machine: the host refused a thread: %w", errno)
	}
	c.report()
	if s.dead.Load() {
		return nil, machine.ErrDead
	}
	s.m.contexts.Add(1)
	return c, nil
}

func (s *Space) replace(old, c *Context) {
	s.amu.Lock()
	defer s.amu.Unlock()
	for i := range s.all {
		if s.all[i] == old {
			s.all[i] = c
		}
	}
}

// report waits until the host thread has come to its slot and sets what a new
// thread has: zero registers, initial extended state.
func (c *Context) report() {
	if !c.fresh {
		return
	}
	c.fresh = false
	patience := 5 * wedgedTicks // a new thread has had no CPU yet
	watch := c.s.deadline(func() progress {
		if patience--; patience > 0 {
			return moved
		}
		return none
	})
	c.await()
	watch.Stop()
	if c.tid == 0 {
		c.tid = int(atomic.LoadUint32(&c.slot.tid))
	}
	c.kind, c.resume = kindStart, resumeFullX
	c.regs = machine.Regs{}
	c.setgs = true
	c.slot.local = 0
	c.initXbuf()
}

func (c *Context) xbuf() []byte { return c.s.m.mem.Bytes(c.p+xstateBuf, xstateSize) }

func (c *Context) initXbuf() {
	b := c.xbuf()
	clear(b[:576])
	binary.LittleEndian.PutUint16(b[0:], 0x37f)
	binary.LittleEndian.PutUint32(b[24:], 0x1f80)
}

// Run enters the guest.
func (c *Context) Run() machine.Trap {
	if c.s.dead.Load() {
		return machine.Trap{Kind: machine.TrapDead}
	}
	c.running.Swap(true) // a barrier, as in Kick
	if c.kicked.Load() {
		c.running.Store(false)
		c.kicked.Store(false)
		atomic.StoreUint32(&c.slot.kick, 0)
		return machine.Trap{Kind: machine.TrapKick}
	}
	c.release()
	c.await()
	c.running.Store(false)
	c.runs.Add(1)
	if c.kicked.Load() {
		c.kicked.Store(false)
		atomic.StoreUint32(&c.slot.kick, 0)
	}
	if c.s.dead.Load() {
		return machine.Trap{Kind: machine.TrapDead}
	}
	return c.decode()
}

// release lets the guest thread go.
func (c *Context) release() {
	s := c.slot
	// Plain stores: the exchange on state publishes them.
	s.resume = c.resume
	s.setGS = 0
	if c.setgs {
		s.gsbase = c.regs.GSBase
		s.setGS = 1
	}
	s.kcpu = cpuNumber()
	s.spin = stubSpin
	if c.destroyed || c.stubVain >= vainTimes && c.stubVain%vainRetry != 0 {
		s.spin = 0
	}
	atomic.SwapUint32(&s.state, stateRun) // a full barrier
	if atomic.LoadUint32(&s.stubSleeps) == 0 {
		c.stubVain = 0
		return
	}
	c.stubVain++
	futexWake(&s.state)
}

// await waits until the thread has trapped or the space has died. It spins
// first, unless the last few times that was in vain: then the thread computes for
// long, or there is no CPU for it.
func (c *Context) await() {
	s := c.slot
	if c.vain < vainTimes || c.vain%vainRetry == 0 {
		for range kernelSpin / spinChunk {
			if spinWhile(&s.state, stateRun, spinChunk) {
				c.vain = 0
				return
			}
			runtime.Gosched() // what this kernel call has made ready
		}
	}
	c.vain++
	for !c.trapped() {
		c.park()
	}
}

// spaceDied is called when no host thread is left: whoever waits must not.
func (c *Context) spaceDied() {
	atomic.StoreUint32(&c.slot.state, stateTrapped)
	c.s.m.parking.answer()
}

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
		s.load(&c.regs)
		c.kind, c.resume, c.xset, c.setgs = kindFast, resumeRet, false, false
		c.regs.Rflags = 0x202
		if c.step {
			// It is stepped through: the flag must be back behind the call.
			c.step, c.resume, c.regs.Rflags = false, resumeFull, 0x202|flagTrap
		}
		c.regs.Rcx, c.regs.R11 = c.regs.Rip, 0x202
		return machine.Trap{Kind: machine.TrapSyscall, Fast: true}
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
	c.frame = c.p + machine.Phys(frame-c.base)
	f := mem.Bytes(c.frame, ucSize)
	r := &c.regs
	r.R8, r.R9, r.R10, r.R11 = le.Uint64(f[ucR8:]), le.Uint64(f[ucR8+8:]), le.Uint64(f[ucR8+16:]), le.Uint64(f[ucR8+24:])
	r.R12, r.R13, r.R14, r.R15 = le.Uint64(f[ucR8+32:]), le.Uint64(f[ucR8+40:]), le.Uint64(f[ucR8+48:]), le.Uint64(f[ucR8+56:])
	r.Rdi, r.Rsi, r.Rbp, r.Rbx = le.Uint64(f[ucRDI:]), le.Uint64(f[ucRSI:]), le.Uint64(f[ucRBP:]), le.Uint64(f[ucRBX:])
	r.Rdx, r.Rax, r.Rcx, r.Rsp = le.Uint64(f[ucRDX:]), le.Uint64(f[ucRAX:]), le.Uint64(f[ucRCX:]), le.Uint64(f[ucRSP:])
	r.Rip, r.Rflags = le.Uint64(f[ucRIP:]), le.Uint64(f[ucFlags:])
	r.Cs, r.Fs, r.Gs = 0x2b, 0, 0
	r.GSBase = s.gsbase
	trapno, errcode := le.Uint64(f[ucTrapno:]), uint32(le.Uint64(f[ucErr:]))
	cr2 := le.Uint64(f[ucCR2:])
	si := mem.Bytes(c.p+machine.Phys(info-c.base), 32)
	code := int32(le.Uint32(si[siCode:]))

	switch sig := unix.Signal(s.signo); sig {
	case unix.SIGSYS:
		if code != 1 || le.Uint32(si[siArch:]) != archX8664 { // SYS_SECCOMP
			return bad
		}
		return machine.Trap{Kind: machine.TrapSyscall}
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

// Regs gives the registers of the last trap.
func (c *Context) Regs() *machine.Regs { return &c.regs }

// userFlags are the flag bits that a guest may set: arithmetic, direction,
// trap, identification and alignment.
const userFlags = 0x240dd5

// flagTrap has the processor raise a debug exception after each instruction.
const flagTrap = 0x100

// SetRegs installs all registers.
func (c *Context) SetRegs(r *machine.Regs) {
	if r != &c.regs {
		c.regs = *r
	}
	c.regs.Rflags = c.regs.Rflags&userFlags | 0x202
	c.setgs = true
	if c.kind != kindSignal {
		if c.resume == resumeRet {
			c.resume = resumeFull
		}
		c.slot.store(&c.regs)
		return
	}
	f, le := c.s.m.mem.Bytes(c.frame, ucSize), binary.LittleEndian
	g := &c.regs
	for i, v := range [...]uint64{g.R8, g.R9, g.R10, g.R11, g.R12, g.R13, g.R14, g.R15,
		g.Rdi, g.Rsi, g.Rbp, g.Rbx, g.Rdx, g.Rax, g.Rcx, g.Rsp, g.Rip, g.Rflags} {
		le.PutUint64(f[ucRegs+8*i:], v)
	}
}

// Return sets a system call's result.
func (c *Context) Return(rax, rdx uint64, carry bool) {
	r := &c.regs
	r.Rax, r.Rdx = rax, rdx
	r.Rflags &^= machine.FlagCarry
	if carry {
		r.Rflags |= machine.FlagCarry
	}
	if c.kind != kindSignal {
		if c.resume == resumeRet {
			c.slot.ret = [3]uint64{r.Rax, r.Rdx, r.Rflags}
		} else {
			c.slot.store(r)
		}
		return
	}
	f, le := c.s.m.mem.Bytes(c.frame, ucSize), binary.LittleEndian
	le.PutUint64(f[ucRAX:], r.Rax)
	le.PutUint64(f[ucRDX:], r.Rdx)
	le.PutUint64(f[ucFlags:], r.Rflags&userFlags|0x202)
}

// fpstate is the XSAVE image of a signal frame, nil if the frame is damaged.
func (c *Context) fpstate() []byte {
	f := c.s.m.mem.Bytes(c.frame, ucSize)
	fp := binary.LittleEndian.Uint64(f[ucFP:])
	lo, hi := c.base+altStack, c.base+slotSize
	if fp < lo || fp > hi-legacyFX || fp&63 != 0 {
		return nil
	}
	b := c.s.m.mem.Bytes(c.p+machine.Phys(fp-c.base), hi-fp)
	if binary.LittleEndian.Uint32(b[swMagic:]) != fxMagic {
		return b[:legacyFX]
	}
	n := uint64(binary.LittleEndian.Uint32(b[swXsize:]))
	if n < legacyFX+xhdrSize || n > maxXstate || n > hi-fp {
		return nil
	}
	return b[:n]
}

// Xstate appends the extended state.
func (c *Context) Xstate(b []byte) []byte {
	if c.kind == kindSignal {
		return append(b, c.fpstate()...)
	}
	if !c.xset && c.kind != kindStart {
		c.initXbuf()
		return append(b, c.xbuf()[:legacyFX+xhdrSize]...)
	}
	return append(b, c.xbuf()[:maxXstate]...)
}

// SetXstate installs an extended state, made harmless.
func (c *Context) SetXstate(img []byte) {
	var dst []byte
	if c.kind == kindSignal {
		dst = c.fpstate()
		if len(dst) < legacyFX+xhdrSize {
			return
		}
	} else {
		dst = c.xbuf()[:maxXstate]
	}
	if len(img) < legacyFX {
		return
	}
	var hdr [xhdrSize]byte
	bv := uint64(3)
	if len(img) >= legacyFX+xhdrSize {
		bv = binary.LittleEndian.Uint64(img[legacyFX:]) & c.s.m.xmask
	}
	if len(img) < 832 { // no room for AVX
		bv &= 3
	}
	binary.LittleEndian.PutUint64(hdr[:], bv)
	copy(dst[:swMagic], img)
	if len(img) > legacyFX+xhdrSize {
		copy(dst[legacyFX+xhdrSize:], img[legacyFX+xhdrSize:])
	}
	copy(dst[legacyFX:], hdr[:])
	mx := binary.LittleEndian.Uint32(img[24:]) & 0xffff
	binary.LittleEndian.PutUint32(dst[24:], mx)
	if c.kind != kindSignal {
		c.resume, c.xset = resumeFullX, true
		c.slot.store(&c.regs)
	}
}

// localMax is with how many guest threads in the machine they may still sleep by
// themselves (waitword in the stub): each that does is looked at for every other
// that rings the doorbell.
const localMax = 256

// Local says whether the thread may sleep by itself.
func (c *Context) Local(ok bool) {
	v := uint32(0)
	if ok && c.s.m.contexts.Load() <= localMax {
		v = 1
	}
	if atomic.LoadUint32(&c.slot.localOK) != v {
		atomic.StoreUint32(&c.slot.localOK, v)
	}
}

// Parked says whether the thread is in the stub's waitword.
func (c *Context) Parked() bool {
	return c.running.Load() && atomic.LoadUint32(&c.slot.local) != 0
}

// Destroy sends the host thread back to wait for another context.
func (c *Context) Destroy() {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.destroyed {
		return
	}
	c.destroyed = true
	s.m.contexts.Add(-1)
	if s.dead.Load() || s.destroying.Load() {
		s.reclaim(c)
		return
	}
	if c.kind == kindSignal {
		binary.LittleEndian.PutUint64(s.m.mem.Bytes(c.frame, ucSize)[ucRIP:], textBase+labelAgain)
		c.setgs = false
	} else {
		c.resume = resumeAgain
	}
	c.release()
	s.idle = append(s.idle, c)
}

// reclaim frees the slot of a destroyed context once the shell is dead: not
// before, for its host thread may still write to it; and not before Destroy, for
// the owner may. s.mu is held.
func (s *Space) reclaim(c *Context) {
	if s.gone && c.destroyed && !c.freed {
		c.freed = true
		s.m.mem.Free(c.p, slotSize)
	}
}
