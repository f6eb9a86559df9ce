package trap

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A guest that has written over its slots may be deaf: its host thread waits
// for a word that nobody will set, or takes every kick for one that the kernel
// knows of. Such a shell is ended after wedgedTicks of wedgedTick: it is beyond use.
// Ticks are counted, not time, so that a process that was stopped for an hour
// finds its shells as it left them; and only those in which the thread could have
// reacted, because on a busy host it may get no CPU for long.
const (
	wedgedTick  = time.Second
	wedgedTicks = 10
)

// Kick makes Run return.
func (c *Context) Kick() {
	c.kicked.Swap(true)
	if !c.running.Load() {
		return
	}
	c.poke()
	if c.watched.Swap(true) {
		return
	}
	runs := c.runs.Load()
	var had cpuUse
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
		now := c.s.cpuUse(c.tid)
		idle := now.waits(had)
		if had = now; idle {
			return moved
		}
		return none
	})
}

// cpuUse is what the host says of a thread: its state, a letter, and the CPU time
// it has had, in the host's ticks of 10 ms.
type cpuUse struct {
	state byte
	ticks uint64
}

func (s *Space) cpuUse(tid int) (u cpuUse) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/stat", s.pid, tid))
	if err != nil {
		return u
	}
	// The second field, the name, is in brackets and may have any character.
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 13 {
		return u
	}
	user, _ := strconv.ParseUint(string(f[11]), 10, 64)
	system, _ := strconv.ParseUint(string(f[12]), 10, 64)
	return cpuUse{f[0][0], user + system}
}

// threads says what the shell's threads do, for the report of one that is ended: of each
// context its state, the slot's, and what the host's thread is doing.
func (s *Space) threads() string {
	s.amu.Lock()
	defer s.amu.Unlock()
	var b strings.Builder
	for _, c := range s.all {
		if !c.running.Load() || !c.kicked.Load() || b.Len() > 1000 {
			continue
		}
		call, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/syscall", s.pid, c.tid))
		fmt.Fprintf(&b, "; thread %d: %c, state %d, sleeps %d %d, kick %d, in %s", c.tid, s.cpuUse(c.tid).state, atomic.LoadUint32(&c.slot.state),
			atomic.LoadUint32(&c.slot.stubSleeps), atomic.LoadUint32(&c.slot.kernSleeps), atomic.LoadUint32(&c.slot.kick), bytes.TrimSpace(call))
	}
	return b.String()
}

// waits says whether the thread has had no CPU since before, though it wants one,
// or was not let: stopped, frozen, or in an uninterruptible wait of the host's.
func (u cpuUse) waits(before cpuUse) bool {
	switch u.state {
	case 'R':
		return u.ticks == before.ticks
	case 'D', 'T', 't':
		return true
	}
	return false
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
			fmt.Fprintf(os.Stderr, "puggle: a guest does not react and is ended (host process %d%s)\n", s.pid, s.threads())
			s.Destroy()
			return
		}
		w.timer.Reset(wedgedTick)
	})
	close(ready)
	return w
}
