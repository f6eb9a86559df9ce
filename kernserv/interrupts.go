package kernserv

import (
	"fmt"
	"sync"
	"time"

	"puggle/mach/sched"
	"puggle/machine"
)

// Interrupt priority levels (Writing Loadable Kernel Servers, 5-37). A source of
// level n is served while the processor's level is below n; level 7 always.
const (
	IPLSoftInt0 = 1 // software clock interrupts, us_timeout functions
	IPLSoftInt1 = 2 // the network's software interrupts
	IPLDevice   = 3 // disk, SCSI, printer, Ethernet, sound, video, keyboard and mouse
	IPLDSP      = 4
	IPLBus      = 5 // serial lines and the NeXTbus
	IPLClock    = 6 // the system timer, completion of DMA; IPLSCHED
	IPLNMI      = 7 // NMI and power fail

	maxLevel = 7
)

// I_BUS is what install_polled_intr takes for the NeXTbus (<next/cpu.h>). No other
// device's interrupts can be polled.
const I_BUS = 7

// maxPolled bounds the handlers of one level.
const maxPolled = 64

// Interrupts is the one CPU's interrupt level, and what waits for it to drop. The
// CPU is one for all servers, as on a NeXT: code at a level keeps interrupts up to
// it from starting on any thread, but does not stop handlers that have begun
// elsewhere until they are done.
//
// Handlers run one at a time on a thread of their own, at their level.
type Interrupts struct {
	// Run is an upcall by an interrupt handler of a server; it is told the level.
	Run func(th *sched.Thread, fn machine.Addr, args ...uint64) (uint64, error)
	// Stray is told of an interrupt that no handler took.
	Stray func(level int)

	mu      sync.Mutex
	cond    *sync.Cond
	masks   map[*sched.Thread]int // levels that threads have raised
	level   int                   // of the handler that runs, 0 for none
	current *sched.Thread         // the thread that the handler runs on
	pending [maxLevel + 1][]source
	polled  []machine.Addr // I_BUS handlers, in the order of installing
	thread  *sched.Thread
	closed  bool
	started bool
	served  uint64 // handlers that are done
}

// source is one interrupt that waits.
type source struct {
	active func() bool            // whether it still wants service; nil for always
	serve  func(th *sched.Thread) // what is done
}

func (x *Interrupts) init() {
	if x.cond == nil {
		x.cond = sync.NewCond(&x.mu)
		x.masks = map[*sched.Thread]int{}
		if x.thread == nil {
			x.thread = sched.NewThread("interrupt")
		}
	}
}

// ipl is the CPU's level: the highest that anybody has raised. x.mu is held.
func (x *Interrupts) ipl() int {
	n := x.level
	for _, l := range x.masks {
		n = max(n, l)
	}
	return n
}

// Level is curipl for whoever: the level of the CPU.
func (x *Interrupts) Level() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.ipl()
}

// Curipl is curipl for the code that runs on th: the level of its own handler, or
// what it has raised.
func (x *Interrupts) Curipl(th *sched.Thread) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.own(th)
}

func (x *Interrupts) own(th *sched.Thread) int {
	n, raised := x.masks[th]
	if !raised && th == x.current {
		n = x.level
	}
	return n
}

// Spl is spl0 to spl7 on th: it sets the level and gives the value for Splx. What
// waits below the old level and above the new is served, soon.
func (x *Interrupts) Spl(th *sched.Thread, level int) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.init()
	old := x.own(th)
	level = min(max(level, 0), maxLevel)
	if level == 0 && th != x.current {
		delete(x.masks, th)
	} else {
		x.masks[th] = level
	}
	x.cond.Broadcast()
	return old
}

// Splx is splx: only a value that the matching Spl gave is right. Others are an
// error, which changes nothing.
func (x *Interrupts) Splx(th *sched.Thread, old int) error {
	if old < 0 || old > maxLevel {
		return fmt.Errorf("splx(%d): not a value that spl gave", old)
	}
	x.Spl(th, old)
	return nil
}

// Forget takes back what a thread has raised: when it ends, or when code that
// raised it has returned.
func (x *Interrupts) Forget(th *sched.Thread) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, ok := x.masks[th]; ok {
		delete(x.masks, th)
		x.cond.Broadcast()
	}
}

// InstallPolled is install_polled_intr: 0, or -1 if the level can't be polled.
func (x *Interrupts) InstallPolled(which int, fn machine.Addr) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	if which != I_BUS || len(x.polled) >= maxPolled {
		return -1
	}
	x.polled = append(x.polled, fn)
	return 0
}

// UninstallPolled is uninstall_polled_intr: 0, or -1 if the level can't be polled
// or the handler isn't there.
func (x *Interrupts) UninstallPolled(which int, fn machine.Addr) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, f := range x.polled {
		if which == I_BUS && f == fn {
			x.polled = append(x.polled[:i:i], x.polled[i+1:]...)
			return 0
		}
	}
	return -1
}

// polledIn lists handlers in a range, and removes them if so told.
func (x *Interrupts) polledIn(a machine.Addr, size uint64, remove bool) (in []machine.Addr) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []machine.Addr
	for _, f := range x.polled {
		if uint64(f-a) < size {
			in = append(in, f)
		} else {
			out = append(out, f)
		}
	}
	if remove {
		x.polled = out
	}
	return in
}

// Bus raises a NeXTbus interrupt: at level 5 the polled handlers are asked in turn
// until one returns TRUE. active says, when the time has come, whether the board
// still asks, and served is called when the handlers have been; nil for nothing. It
// doesn't block.
func (x *Interrupts) Bus(active func() bool, served func()) {
	x.Raise(IPLBus, active, func(th *sched.Thread) {
		x.poll(th)
		if served != nil {
			served()
		}
	})
}

func (x *Interrupts) poll(th *sched.Thread) {
	x.mu.Lock()
	list := append([]machine.Addr(nil), x.polled...)
	x.mu.Unlock()
	for _, fn := range list {
		v, err := x.Run(th, fn)
		if err == nil && uint32(v) != 0 {
			return
		}
	}
	if x.Stray != nil {
		x.Stray(IPLBus)
	}
}

// Raise makes an interrupt of a level pending; serve runs on the interrupt thread
// when the CPU's level is below. It doesn't block. An interrupt whose like
// (the same active function given, more than maxPolled waiting) finds no room is lost.
func (x *Interrupts) Raise(level int, active func() bool, serve func(th *sched.Thread)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.init()
	if x.closed || len(x.pending[level]) >= maxPolled {
		return
	}
	x.pending[level] = append(x.pending[level], source{active, serve})
	if !x.started {
		x.started = true
		go x.run()
	}
	x.cond.Broadcast()
}

// run is the interrupt thread.
func (x *Interrupts) run() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for {
		s, level := x.next()
		if s == nil {
			if x.closed {
				return
			}
			x.cond.Wait()
			continue
		}
		x.level, x.current = level, x.thread
		x.mu.Unlock()
		if s.active == nil || s.active() {
			x.thread.Attach()
			s.serve(x.thread)
			x.thread.Detach()
		}
		x.mu.Lock()
		x.level, x.current = 0, nil
		x.served++
		delete(x.masks, x.thread)
		x.cond.Broadcast()
	}
}

// next takes the highest interrupt that may be served now.
func (x *Interrupts) next() (*source, int) {
	ipl := x.ipl()
	for l := maxLevel; l > 0 && !x.closed; l-- {
		if len(x.pending[l]) > 0 && (l > ipl || l == IPLNMI) {
			s := x.pending[l][0]
			x.pending[l] = x.pending[l][1:]
			return &s, l
		}
	}
	return nil, 0
}

// Drain waits until the handler that runs now, if one does, is done; false if none
// did, or it takes longer than limit. What is still pending has not begun.
func (x *Interrupts) Drain(limit time.Duration) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.level == 0 {
		return false
	}
	x.init()
	served, late := x.served, false
	timer := time.AfterFunc(limit, func() {
		x.mu.Lock()
		late = true
		x.mu.Unlock()
		x.cond.Broadcast()
	})
	defer timer.Stop()
	for x.served == served && !late && !x.closed {
		x.cond.Wait()
	}
	return x.served != served
}

// Close ends the interrupt thread; what waits is dropped.
func (x *Interrupts) Close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.init()
	x.closed = true
	x.cond.Broadcast()
}
