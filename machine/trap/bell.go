package trap

import (
	"sync"
	"sync/atomic"

	"puggle/machine"
)

// bell is a word at which one host thread of a shell sleeps, a guest thread or a
// control thread. It changes each time that it is rung. All bells are in pages that
// every shell has, read-only: so any shell's thread can wake any other's. A guest
// can ring bells as it likes, and listen at them; so those who sleep look again
// what they sleep for, and a ring wakes all.
//
// To wake a thread on another CPU costs an interrupt, which on a virtual machine
// is ten times what a switch on the same CPU costs. When a kernel call needs
// another host thread (the control thread for a mapping, a thread of the kernel
// task for an upcall), the guest thread that called has a CPU and does nothing
// but spin there for the answer. So the kernel asks it to ring the bell and to give
// way (handOff): it yields the CPU again and again, for a while, until its own answer
// has come; then that thread is asked to give way (makeRoom). What a guest
// says of it is not believed: who waits for long for a thread that another was to
// wake rings its bell himself.
type bell int

const (
	bellSize = 64 // a cache line each
	noBell   = bell(-1)
)

// addr is where shells see it.
func (b bell) addr() uint64 { return bellsBase + uint64(b)*bellSize }

// bells gives them out.
type bells struct {
	mu   sync.Mutex
	free []bell
	next bell
}

func (p *bells) alloc() bell {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		b := p.free[n-1]
		p.free = p.free[:n-1]
		return b
	}
	if p.next >= bellsSize/bellSize {
		return noBell
	}
	p.next++
	return p.next - 1
}

func (p *bells) release(b bell) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, b)
}

func (m *Machine) bellWord(b bell) *uint32 {
	return m.mem.word(paBells + machine.Phys(b)*bellSize)
}

// ring wakes who sleeps at b.
func (m *Machine) ring(b bell) {
	w := m.bellWord(b)
	atomic.AddUint32(w, 1)
	futexWake(w)
}

// caller is who may be asked to ring a bell for c, nil if nobody: for whom c works,
// and if that is not known who was entered last from this CPU.
func (m *Machine) caller(c *Context) *Context {
	var by *Context
	if c != nil {
		by = c.serves
	}
	if by == nil {
		by = m.callers[cpuNumber()%uint32(len(m.callers))].c.Load()
	}
	if by == nil || by == c {
		return nil
	}
	if by.skip.Load() > 0 {
		by.skip.Add(-1)
		return nil
	}
	return by
}

// Serve says that c, of the kernel task, works for a guest's thread until the next Serve:
// the goroutine that enters c is the one that enters that thread, on whatever CPU it is.
func (c *Context) Serve(guest machine.Context) {
	c.serves, _ = guest.(*Context)
	if c.serves != nil {
		c.serves.server = c
	}
}

// A spinning thread has handSpin pauses to notice what is asked of it. After one that
// did not, as on a busy host, handSkip tries are left out.
const (
	handSpin = 40
	handSkip = 8
)

// handOff asks c's thread to ring b and to give way, and says whether it does.
func (m *Machine) handOff(c *Context, b bell) bool {
	if b == c.bell || !m.handing.TryLock() {
		return false
	}
	defer m.handing.Unlock()
	s := c.slot
	if c.gone || !c.spins() || atomic.LoadUint64(&s.handoff) != 0 {
		return false
	}
	atomic.AddUint32(m.bellWord(b), 1)
	atomic.StoreUint64(&s.handoff, b.addr())
	if spinWhile(low32(&s.handoff), uint32(b.addr()), handSpin) || atomic.SwapUint64(&s.handoff, 0) != b.addr() {
		return true
	}
	c.skip.Store(handSkip)
	return false
}

// makeRoom has c's thread, which does not sleep, run on the CPU that it shares with
// the one that spins there: who serves it or whom it serves, or else this CPU's last call.
func (m *Machine) makeRoom(c *Context) {
	by := c.serves
	if by == nil {
		by = c.server
	}
	if by == nil {
		by = m.callers[cpuNumber()%uint32(len(m.callers))].c.Load()
	}
	if by == c || by == nil || !by.spins() {
		return
	}
	if c.s.system.Load() {
		c.place.beside(c.tid, by)
	} else if atomic.LoadUint32(&by.slot.cpu) != atomic.LoadUint32(&c.slot.cpu) {
		return
	}
	m.giveWay(by)
}

// giveWay asks c's thread to let others run on its CPU.
func (m *Machine) giveWay(c *Context) {
	if m.handing.TryLock() {
		if !c.gone && atomic.LoadUint64(&c.slot.handoff) == 0 {
			atomic.StoreUint64(&c.slot.handoff, 1)
		}
		m.handing.Unlock()
	}
}

// callerOf is the context that was entered last from a CPU of the kernel's.
type callerOf struct {
	c atomic.Pointer[Context]
	_ [56]byte
}

// entered notes on which CPU c's kernel thread is. It comes after the release, when
// there is time.
func (m *Machine) entered(c *Context) {
	cpu := cpuNumber()
	if atomic.LoadUint32(&c.slot.kcpu) != cpu {
		atomic.StoreUint32(&c.slot.kcpu, cpu)
	}
	if at := &m.callers[cpu%uint32(len(m.callers))]; at.c.Load() != c {
		at.c.Store(c)
	}
}

// spins says whether c's thread spins for the kernel, as far as one sees.
func (c *Context) spins() bool {
	return !c.running.Load() && atomic.LoadUint32(&c.slot.stubSleeps) == 0 && atomic.LoadUint32(&c.slot.cpu) != cpuNumber()
}
