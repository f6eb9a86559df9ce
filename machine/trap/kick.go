package trap

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A guest that has written over its slots may be deaf: its host thread waits
// for a word that nobody will set, or takes every kick for one that the kernel
// knows of. Such a shell is ended after wedgedTicks of wedgedTick: it is beyond use.
// Ticks are counted, not time, so that a process that was stopped for an hour
// finds its shells as it left them.
const (
	wedgedTick  = time.Second
	wedgedTicks = 10
)

// Kick makes Run return.
func (c *Context) Kick() {
	c.kicked.Store(true)
	if !c.running.Load() {
		return
	}
	c.poke()
	if c.watched.Swap(true) {
		return
	}
	runs := c.runs.Load()
	c.s.deadline(func() progress {
		deaf := func() bool { return c.running.Load() && c.kicked.Load() }
		if !deaf() {
			c.watched.Store(false)
			if !deaf() || c.watched.Swap(true) {
				return over
			}
		}
		if now := c.runs.Load(); now != runs {
			runs = now
			return moved
		}
		c.poke()
		return none
	})
}

// poke interrupts the host thread.
func (c *Context) poke() {
	atomic.StoreUint32(&c.slot.kick, 1)
	unix.Tgkill(c.s.pid, c.tid, kickSignal)
}

// progress is what a deadline hears of what it watches.
type progress int

const (
	none  progress = iota
	moved          // the time begins anew
	over           // there is nothing to watch any more
)

// watch is a deadline that may be called off.
type watch struct {
	off   atomic.Bool
	timer *time.Timer
}

// Stop calls it off.
func (w *watch) Stop() {
	w.off.Store(true)
	w.timer.Stop()
}

// deadline ends the shell once ask has said none at wedgedTicks ticks in a row,
// unless Stop is called first.
func (s *Space) deadline(ask func() progress) *watch {
	w := &watch{}
	ticks := 0
	ready := make(chan struct{})
	w.timer = time.AfterFunc(wedgedTick, func() {
		<-ready
		if w.off.Load() || s.dead.Load() || s.destroying.Load() {
			return
		}
		switch ask() {
		case over:
			return
		case moved:
			ticks = 0
		}
		if ticks++; ticks > wedgedTicks {
			s.Destroy()
			return
		}
		w.timer.Reset(wedgedTick)
	})
	close(ready)
	return w
}
