package kpi

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"puggle/debug"
	"puggle/machine"
)

// Debugger stops kernel code, for who examines it: it is a debug.Target.
//
// Each thread passes a gate before it enters kernel code (KernelTask.run), and waits there
// while the kernel is stopped. Registers belong to the thread except while it waits at the
// gate, or is in a call of the kernel: activation.mu guards them then.
//
// Its mutex comes before those of activations, and is not held while a thread waits.
type Debugger struct {
	k *KernelTask

	stopping atomic.Bool                // the gate is closed
	only     atomic.Pointer[activation] // but for this one

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, at each change
	stop     *debug.Stop   // nil while the kernel runs, or a thread steps
	own      bool          // it was the debugger that stopped it
	pending  []pendingStop // what happened to other threads until they were stopped
	over     []uint64      // threads that are to leave the breakpoint they stand on
	breaks   map[Addr]byte // and what was there
	attached bool
	step     *stepping
}

// pendingStop is a stop that is told of when the one before has been dealt with.
type pendingStop struct {
	stop debug.Stop
	at   Addr // the breakpoint's
}

// stepping is one instruction in progress.
type stepping struct {
	act    *activation
	lifted Addr // the breakpoint that was there, 0 for none
	goOn   bool // let all go then
}

// flagTrap is the processor's trap flag.
const flagTrap = 0x100

var _ debug.Target = (*Debugger)(nil)

// Debugger is the kernel task's.
func (k *KernelTask) Debugger() *Debugger { return &k.dbg }

func (d *Debugger) init(k *KernelTask) {
	d.k, d.changed, d.breaks = k, make(chan struct{}), map[Addr]byte{}
}

// tell wakes those who wait for a change. mu is held.
func (d *Debugger) tell() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// park holds a thread at the gate, without a processor; false if the kernel has ended.
func (d *Debugger) park(act *activation) bool {
	th, alive := act.thread.th, true
	th.Detach()
	defer th.Attach()
	d.mu.Lock()
	defer d.mu.Unlock()
	act.parked = true
	for alive && d.stopping.Load() && d.only.Load() != act {
		w := d.changed
		d.mu.Unlock()
		select {
		case <-w:
		case <-d.k.stop:
			alive = false
		}
		d.mu.Lock()
	}
	act.parked = false
	return alive
}

// report stops the kernel because of what a thread did, and holds that thread.
func (d *Debugger) report(act *activation, s debug.Stop, at Addr) {
	s.Thread = act.thread.id
	d.mu.Lock()
	if d.stopping.Load() && d.step == nil {
		d.pending = append(d.pending, pendingStop{s, at})
	} else {
		d.endStep(false)
		d.close(s, false)
	}
	d.mu.Unlock()
	d.park(act)
}

// close closes the gate. mu is held.
func (d *Debugger) close(s debug.Stop, own bool) {
	d.stop, d.own = &s, own
	d.only.Store(nil)
	if !d.stopping.Swap(true) && d.k.cfg.Halt != nil {
		d.k.cfg.Halt(true)
	}
	d.kick()
	d.tell()
}

// open lets all go. mu is held.
func (d *Debugger) open() {
	d.stop = nil
	d.only.Store(nil)
	if d.stopping.Swap(false) && d.k.cfg.Halt != nil {
		d.k.cfg.Halt(false)
	}
	d.tell()
}

// kick gets everybody out of kernel code.
func (d *Debugger) kick() {
	d.k.mu.Lock()
	defer d.k.mu.Unlock()
	for a := range d.k.active {
		if a.epoch.Load()&epochRuns != 0 {
			a.cpu.Kick()
		}
	}
}

// settle waits until nobody is in kernel code any more: all are at the gate, or in a call of
// the kernel.
func (d *Debugger) settle() {
	for end := time.Now().Add(settleLimit); time.Now().Before(end); time.Sleep(settlePause) {
		busy := false
		d.mu.Lock()
		d.k.mu.Lock()
		for a := range d.k.active {
			e := a.epoch.Load()
			if e&epochRuns != 0 {
				a.cpu.Kick()
			}
			if e&epochInside == 0 && !a.parked && a.runs() != nil {
				busy = true
			}
		}
		d.k.mu.Unlock()
		d.mu.Unlock()
		if !busy {
			return
		}
	}
}

// endStep puts back what a step took out. mu is held.
func (d *Debugger) endStep(over bool) (goOn bool) {
	s := d.step
	if s == nil {
		return false
	}
	d.step = nil
	d.only.Store(nil)
	if s.lifted != 0 {
		if _, ok := d.breaks[s.lifted]; ok {
			d.k.poke(s.lifted, []byte{0xcc})
		}
	}
	return over && s.goOn
}

// exception deals with a breakpoint or a step; false if it is none of ours.
func (d *Debugger) exception(act *activation, vector uint8) bool {
	switch vector {
	case 1:
		if !act.stepped {
			return false
		}
		act.stepped = false
		r := *act.cpu.Regs()
		r.Rflags &^= flagTrap
		act.setRegs(&r)
		d.mu.Lock()
		mine := d.step != nil && d.step.act == act
		if mine && d.endStep(true) {
			d.goOn()
			mine = false
		}
		if mine {
			d.close(debug.Stop{Reason: debug.Stepped, Text: "step", Thread: act.thread.id}, false)
		}
		d.mu.Unlock()
		return true
	case 3:
		r := *act.cpu.Regs()
		at := Addr(r.Rip - 1)
		d.mu.Lock()
		_, ours := d.breaks[at]
		attached := d.attached
		d.mu.Unlock()
		var b [1]byte
		if !ours && d.k.Read(b[:], at) && b[0] != 0xcc {
			ours = true // it was taken out a moment ago: once more
			r.Rip--
			act.setRegs(&r)
			return true
		}
		if ours {
			r.Rip--
			act.setRegs(&r)
		} else if !attached {
			return false
		}
		if act.stepped {
			act.stepped = false
			r.Rflags &^= flagTrap
			act.setRegs(&r)
		}
		d.report(act, debug.Stop{Reason: debug.Breakpoint, Text: "breakpoint at " + d.k.Symbolize(Addr(r.Rip))}, at)
		return true
	}
	return false
}

// enter is PE_enter_debugger and Debugger; false if no debugger can come.
func (d *Debugger) enter(act *activation, text string) bool {
	if !d.k.cfg.Debuggable && !d.busy() {
		return false
	}
	d.k.print("Debugger: " + text + "\n")
	d.report(act, debug.Stop{Reason: debug.Entered, Text: text}, 0)
	return true
}

func (d *Debugger) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.attached
}

// panicked keeps a thread that panicked, if somebody will look at it.
func (d *Debugger) panicked(act *activation, p *Panic) {
	if d.k.cfg.StopOnPanic || d.busy() {
		d.report(act, debug.Stop{Reason: debug.Panicked, Text: p.Error()}, 0)
	}
}

// Attach is debug.Target's.
func (d *Debugger) Attach() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.attached {
		return debug.ErrBusy
	}
	d.attached = true
	return nil
}

// Detach is debug.Target's.
func (d *Debugger) Detach(keep bool) {
	d.mu.Lock()
	if !d.attached {
		d.mu.Unlock()
		return
	}
	if d.stop == nil {
		d.close(debug.Stop{Reason: debug.Halted, Text: "a debugger goes"}, true)
	}
	d.mu.Unlock()
	d.settle()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.endStep(false)
	for a, was := range d.breaks {
		d.k.poke(a, []byte{was})
		delete(d.breaks, a)
	}
	d.attached = false
	d.dropPending()
	if keep && !d.own {
		return
	}
	if len(d.pending) > 0 && keep {
		d.next()
		return
	}
	d.pending, d.over = nil, nil
	d.open()
}

// Halt is debug.Target's.
func (d *Debugger) Halt(text string) {
	d.mu.Lock()
	if d.stop == nil {
		d.endStep(false)
		d.close(debug.Stop{Reason: debug.Halted, Text: text}, d.attached)
	}
	d.mu.Unlock()
	d.settle()
}

// Stopped is debug.Target's.
func (d *Debugger) Stopped() *debug.Stop {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stop
}

// Wait is debug.Target's.
func (d *Debugger) Wait(cancel <-chan struct{}) *debug.Stop {
	for {
		d.mu.Lock()
		s, w := d.stop, d.changed
		d.mu.Unlock()
		if s != nil {
			d.settle()
			return s
		}
		select {
		case <-w:
		case <-cancel:
			return nil
		case <-d.k.stop:
			return nil
		}
	}
}

// Running waits until the kernel runs; false if cancel was closed before.
func (d *Debugger) Running(cancel <-chan struct{}) bool {
	for {
		d.mu.Lock()
		stopped, w := d.stopping.Load(), d.changed
		d.mu.Unlock()
		if !stopped {
			return true
		}
		select {
		case <-w:
		case <-cancel:
			return false
		case <-d.k.stop:
			return true
		}
	}
}

// dropPending forgets hits of breakpoints that are no more. mu is held.
func (d *Debugger) dropPending() {
	l := d.pending[:0]
	for _, p := range d.pending {
		if _, ok := d.breaks[p.at]; ok || p.at == 0 {
			l = append(l, p)
		}
	}
	d.pending = l
}

// next tells of the next pending stop. mu is held.
func (d *Debugger) next() {
	s := d.pending[0].stop
	d.pending = d.pending[1:]
	d.stop, d.own = &s, false
	d.tell()
}

// Resume is debug.Target's.
func (d *Debugger) Resume(r debug.Resume) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stop == nil {
		return debug.ErrRunning
	}
	if r.Step {
		act := d.k.activationOf(r.Thread)
		if act == nil {
			return debug.ErrThread
		}
		if !act.parked {
			return debug.ErrInside
		}
		d.begin(act, false)
		d.stop = nil
		if r.Alone || d.step.lifted != 0 || len(d.over) > 0 {
			d.only.Store(act)
			d.tell()
		} else {
			d.open()
		}
		return nil
	}
	d.over = append(d.over, d.stop.Thread)
	d.dropPending()
	if len(d.pending) > 0 {
		d.next()
		return nil
	}
	d.stop = nil
	d.goOn()
	return nil
}

// goOn lets all go, once those that stand on a breakpoint that was told of are one
// instruction further. mu is held.
func (d *Debugger) goOn() {
	for len(d.over) > 0 {
		id := d.over[0]
		d.over = d.over[1:]
		if act := d.k.activationOf(id); act != nil && act.parked {
			if _, on := d.breaks[Addr(act.regs().Rip)]; on {
				d.begin(act, true)
				d.only.Store(act)
				d.tell()
				return
			}
		}
	}
	d.open()
}

// begin begins a step. mu is held; act is parked.
func (d *Debugger) begin(act *activation, goOn bool) {
	r := act.regs()
	d.step = &stepping{act: act, goOn: goOn}
	if was, on := d.breaks[Addr(r.Rip)]; on {
		d.step.lifted = Addr(r.Rip)
		d.k.poke(Addr(r.Rip), []byte{was})
	}
	r.Rflags |= flagTrap
	act.stepped = true
	act.setRegs(&r)
}

// regs and setRegs are for others than the thread itself: see Debugger.
func (a *activation) regs() machine.Regs {
	a.mu.Lock()
	defer a.mu.Unlock()
	return *a.cpu.Regs()
}

func (a *activation) setRegs(r *machine.Regs) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cpu.SetRegs(r)
}

// activationOf is what a thread has borrowed to run code, nil for nothing.
func (k *KernelTask) activationOf(id uint64) *activation {
	k.mu.Lock()
	defer k.mu.Unlock()
	for a := range k.active {
		if t := a.runs(); t != nil && t.id == id {
			return a
		}
	}
	return nil
}

// runs is the thread that code runs on, nil while it is not in use.
func (a *activation) runs() *kthread {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.frames) == 0 {
		return nil
	}
	return a.thread
}

// Threads is debug.Target's.
func (d *Debugger) Threads() []debug.Thread {
	var acts []*activation
	d.k.mu.Lock()
	for a := range d.k.active {
		acts = append(acts, a)
	}
	d.k.mu.Unlock()
	var l []debug.Thread
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range acts {
		if t := a.runs(); t != nil {
			l = append(l, debug.Thread{ID: t.id, Name: t.title(), Inside: !a.parked})
		}
	}
	sort.Slice(l, func(i, j int) bool { return l[i].ID < l[j].ID })
	return l
}

// title says who a thread is.
func (t *kthread) title() string {
	if p := t.proc(); p != nil {
		return fmt.Sprintf("%s, process %d (%s)", t.th.Name, p.PID, p.Comm())
	}
	return t.th.Name
}

// held is the activation of a thread that isn't in kernel code, and so can be looked at.
func (d *Debugger) held(id uint64) (*activation, error) {
	a := d.k.activationOf(id)
	switch {
	case a == nil:
		return nil, debug.ErrThread
	case !d.stopping.Load() || a.epoch.Load()&epochRuns != 0:
		return nil, debug.ErrRunning
	}
	return a, nil
}

// Regs is debug.Target's.
func (d *Debugger) Regs(id uint64) (machine.Regs, error) {
	a, err := d.held(id)
	if err != nil {
		return machine.Regs{}, err
	}
	return a.regs(), nil
}

// SetRegs is debug.Target's.
func (d *Debugger) SetRegs(id uint64, r machine.Regs) error {
	a, err := d.held(id)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !a.parked {
		return debug.ErrInside
	}
	r.GSBase = a.regs().GSBase // the thread block, which the kernel relies on
	a.setRegs(&r)
	return nil
}

// Backtrace is debug.Target's.
func (d *Debugger) Backtrace(id uint64) []Addr {
	a, err := d.held(id)
	if err != nil {
		return nil
	}
	r := a.regs()
	return d.k.backtrace(a, &r)
}
