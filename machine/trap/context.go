package trap

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"

	"puggle/machine"
)

// Context is a machine.Context: a slot and the host thread that waits at it.
type Context struct {
	s    *Space
	p    machine.Phys // the slot
	slot *slot
	base uint64 // the slot's address in the shell

	regs     machine.Regs
	whole    bool   // regs has all: after a fast trap it begins with the arguments
	carry    bool   // a call's result: the carry flag
	answered bool   // there was a result
	quick    bool   // kindSignal, and the result goes by the slot
	ran      uint32 // the state that it was let go with
	kind     uint32 // how it trapped: which of the slot's forms is in force
	frame    machine.Phys
	resume   uint32
	setgs    bool // the guest's GS base is to be loaded; so until it has left the stub
	step     bool // the trap flag was set when the guest called the stub
	xset     bool // XBUF holds what SetXstate gave, not yet resumed
	tid      int  // the host thread's number, as it reported for work
	running  atomic.Bool
	kicked   atomic.Bool
	runs     atomic.Uint64 // how often Run has been entered
	watched  atomic.Bool   // a kick is being followed up
	fresh    bool          // waiting for the host thread to report for work
	vain     uint32        // how often in a row spinning for the guest was in vain
	stubVain uint32        // and the stub's spinning for the kernel
	lost     uint32        // how often waitABit is not to give way
	bell     bell
	handed   bool         // its thread is to be woken by another guest's
	rung     bool         // it was woken after the kernel task had worked for it
	skip     atomic.Int32 // how often it is not to be asked to ring
	serves   *Context     // the guest's thread that it works for
	server   *Context     // which worked for it since it trapped
	gone     bool         // the slot's memory is; under Machine.handing
	place    placing
	index    int // in parking.list, under its lock
	wake     chan struct{}

	destroyed, freed bool // under s.mu
}

var _ machine.Context = (*Context)(nil)

// kernelSpin and stubSpin are how many PAUSE instructions (about 40 ns each on
// recent processors) either side spins for the other before it sleeps.
const (
	kernelSpin = 400
	spinChunk  = 40
	// wakeSpin is kernelSpin for a thread that the kernel task has worked for, and that slept
	// meanwhile: an interrupt wakes it, and to sleep before it comes would have the next
	// call find everybody asleep, and so on.
	wakeSpin = 1200
	// kernelYields is how often it gives way instead of spinChunk pauses.
	kernelYields = 2
	lostWaits    = 1000
	stubSpin     = 400
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
		nc := &Context{wake: make(chan struct{}, 1), s: s, bell: c.bell, place: c.place, p: c.p, slot: c.slot, base: c.base, tid: c.tid, fresh: true,
			handed: c.handed} // what somebody else was to wake may sleep still: await sees to it
		c.freed = true // nc has the slot now
		s.m.handing.Lock()
		c.gone = true
		s.m.handing.Unlock()
		s.replace(c, nc)
		s.m.contexts.Add(1)
		nc.report()
		return nc, nil
	}
	c, err := s.newSlot()
	if err != nil {
		return nil, err
	}
	if n, errno, err := s.begin([]*Context{c}); err != nil {
		c.destroyed = true
		return nil, err
	} else if n < 1 {
		c.destroyed = true
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
	c.regs, c.whole = machine.Regs{}, true
	c.setgs = true
	c.slot.local = 0
	c.initXbuf()
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
	c.runs.Add(1)
	c.s.m.entered(c)
	c.await()
	c.running.Store(false)
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
	// Plain stores: the exchange on state publishes them. What is as it was is not
	// stored, for the other side has the line then.
	c.ran = stateRun
	if c.carry {
		c.ran = stateCarry
	}
	if c.kind == kindSignal && !c.quick || c.setgs || c.resume != resumeRet {
		c.ran = stateFull
		s.resume, s.setGS = c.resume, 0
		if c.setgs {
			s.gsbase, s.setGS = c.regs.GSBase, 1
		}
	}
	spin := uint32(stubSpin)
	if c.destroyed || c.stubVain >= vainTimes && c.stubVain%vainRetry != 0 {
		spin = 0
	}
	if s.spin != spin {
		s.spin = spin
	}
	if atomic.LoadUint64(&s.handoff) != 0 { // asked for too late
		atomic.StoreUint64(&s.handoff, 0)
	}
	atomic.SwapUint32(&s.state, c.ran) // a full barrier
	c.rung = false
	if atomic.LoadUint32(&s.stubSleeps) == 0 {
		c.stubVain = 0
		c.s.m.makeRoom(c)
	} else {
		c.stubVain++
		c.handed = c.wakeStub()
		c.rung = c.server != nil
	}
	c.server = nil
}

// wakeStub rings c's bell, or has it rung, which is true then: by the guest thread
// that called the kernel on this CPU, if it spins.
func (c *Context) wakeStub() bool {
	m, system := c.s.m, c.s.system.Load()
	if by := m.caller(c); by != nil && by.spins() {
		if system {
			c.place.beside(c.tid, by)
		}
		if m.handOff(by, c.bell) {
			return true
		}
	}
	if system {
		c.place.anywhere(m, c.tid, false)
	}
	m.ring(c.bell)
	return false
}

// await waits until the thread has trapped or the space has died. It spins
// first, or lets the thread run where both are on one CPU, unless the last few times that was in vain: then the
// thread computes for long, or there is no CPU for it.
func (c *Context) await() {
	s := c.slot
	if c.vain < vainTimes || c.vain%vainRetry == 0 {
		spin := kernelSpin
		if c.rung {
			spin = wakeSpin
		}
		for range spin / spinChunk {
			if c.waitABit() && c.trapped() {
				c.vain = 0
				return
			}
			runtime.Gosched() // what this kernel call has made ready
		}
	}
	c.vain++
	if c.handed && atomic.LoadUint32(&s.stubSleeps) != 0 {
		c.s.m.ring(c.bell)
	}
	for !c.trapped() {
		c.park()
	}
}

// waitABit spins for the guest, or lets it run if it was on this CPU, and says whether its
// state has changed. Whoever gives way to one that computes loses a time slice: then it is
// not tried for lostWaits times.
func (c *Context) waitABit() bool {
	s := c.slot
	if atomic.LoadUint32(&s.cpu) != cpuNumber() {
		return spinWhile(&s.state, c.ran, spinChunk)
	}
	if c.lost > 0 {
		c.lost--
		return false
	}
	came, lost := yieldWhile(&s.state, c.ran, kernelYields)
	if lost {
		c.lost = lostWaits * kernelSpin / spinChunk
	}
	return came
}

// spaceDied is called when no host thread is left: whoever waits must not.
func (c *Context) spaceDied() {
	atomic.StoreUint32(&c.slot.state, stateTrapped)
	c.s.m.parking.answer()
}

// Regs gives the registers of the last trap.
func (c *Context) Regs() *machine.Regs {
	if !c.whole {
		c.whole = true
		if c.kind != kindSignal {
			c.slot.loadRest(&c.regs)
			return &c.regs
		}
		c.loadFrame(c.frameBytes())
		if c.answered {
			c.flagCarry()
		}
	}
	return &c.regs
}

// Args gives those that an ordinary call passes.
func (c *Context) Args() *machine.Regs { return &c.regs }

// userFlags are the flag bits that a guest may set: arithmetic, direction,
// trap, identification and alignment.
const userFlags = 0x240dd5

// flagTrap has the processor raise a debug exception after each instruction.
const flagTrap = 0x100

// SetRegs installs all registers.
func (c *Context) SetRegs(r *machine.Regs) {
	if r == &c.regs {
		c.Regs()
	} else { // what the guest had is not even loaded
		c.regs, c.whole = *r, true
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
	c.quick = false
	f, le := c.frameBytes(), binary.LittleEndian
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
	c.carry, c.answered = carry, true
	c.flagCarry()
	if c.kind != kindSignal || c.quick {
		if c.resume == resumeRet {
			c.slot.rax, c.slot.rdx = rax, rdx
		} else {
			c.slot.store(c.Regs())
		}
		return
	}
	f, le := c.frameBytes(), binary.LittleEndian
	le.PutUint64(f[ucRAX:], r.Rax)
	le.PutUint64(f[ucRDX:], r.Rdx)
	le.PutUint64(f[ucFlags:], r.Rflags&userFlags|0x202)
}

// flagCarry sets the carry flag as the call's result has it.
func (c *Context) flagCarry() {
	c.regs.Rflags &^= machine.FlagCarry
	if c.carry {
		c.regs.Rflags |= machine.FlagCarry
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
		binary.LittleEndian.PutUint64(c.frameBytes()[ucRIP:], textBase+labelAgain)
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
		s.m.handing.Lock()
		c.gone = true
		s.m.handing.Unlock()
		s.m.mem.Free(c.p, slotSize)
		s.m.bells.release(c.bell)
	}
}
