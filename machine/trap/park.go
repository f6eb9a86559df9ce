package trap

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// doorbellFD is the eventfd in every shell.
const doorbellFD = 4

// parking has the contexts whose Run sleeps until the guest traps. A guest that
// traps rings the doorbell, one for all, and a goroutine looks who it was: so a
// guest that computes or sleeps for long costs the kernel no host thread, and
// the Go scheduler runs whoever is woken without a detour. A guest can ring
// as it likes, and then makes the kernel look, as with any call.
type parking struct {
	mu   sync.Mutex
	list []*Context
}

// park returns when the guest has trapped or the space has died; early at times.
func (c *Context) park() {
	p := &c.s.m.parking
	p.mu.Lock()
	c.index = len(p.list)
	p.list = append(p.list, c)
	p.mu.Unlock()
	// A barrier: either the guest sees this, or we see that it has trapped. Swap, and
	// not Store, is one with the race detector, too.
	atomic.SwapUint32(&c.slot.kernSleeps, 1)
	if c.trapped() && p.take(c) {
		atomic.StoreUint32(&c.slot.kernSleeps, 0)
		return
	}
	<-c.wake
	atomic.StoreUint32(&c.slot.kernSleeps, 0)
}

func (c *Context) trapped() bool {
	return atomic.LoadUint32(&c.slot.state) == stateTrapped || c.s.dead.Load()
}

// take removes c; false if it is not there any more: its wake has come or comes.
func (p *parking) take(c *Context) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.index >= len(p.list) || p.list[c.index] != c {
		return false
	}
	p.remove(c.index)
	return true
}

func (p *parking) remove(i int) {
	last := len(p.list) - 1
	p.list[i] = p.list[last]
	p.list[i].index = i
	p.list[last] = nil
	p.list = p.list[:last]
}

// answer wakes those who wait no longer for a reason.
func (p *parking) answer() {
	p.mu.Lock()
	for i := 0; i < len(p.list); {
		c := p.list[i]
		if !c.trapped() {
			i++
			continue
		}
		p.remove(i)
		c.wake <- struct{}{} // there is room: one for each time that it parks
	}
	p.mu.Unlock()
}

// answerDoor begins to listen, once the first shell has its copy of the doorbell:
// to hand it over would make it a blocking one.
func (m *Machine) answerDoor() error {
	if err := unix.SetNonblock(m.bell, true); err != nil {
		return fmt.Errorf("doorbell: %w", err)
	}
	m.door = os.NewFile(uintptr(m.bell), "doorbell")
	go func() {
		var n [8]byte
		for {
			if _, err := m.door.Read(n[:]); err != nil {
				return
			}
			m.parking.answer()
		}
	}()
	return nil
}

// closeDoor ends the listening; whoever is parked must have been woken.
func (m *Machine) closeDoor() {
	if m.door != nil {
		m.door.Close()
	} else {
		unix.Close(m.bell)
	}
}
