package iokit

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

// busyTime is how long an entry has been busy.
type busyTime struct {
	since time.Time
	total time.Duration
}

// AdjustBusy changes the busy count of the entry; from and to 0 its providers' change by one.
func (e *Entry) AdjustBusy(delta int) {
	e.r.mu.Lock()
	e.r.addBusy(e, delta)
	e.r.mu.Unlock()
}

// addBusy never lets a count go below 0. Under Registry.mu.
func (r *Registry) addBusy(e *Entry, delta int) {
	was := e.busy
	now := max(int64(was)+int64(delta), 0)
	e.busy = uint32(min(now, 1<<31))
	step := 0
	switch {
	case was == 0 && e.busy > 0:
		step = 1
		e.busied.since = time.Now()
	case was > 0 && e.busy == 0:
		step = -1
		e.busied.total += time.Since(e.busied.since)
		r.quiet.WakeupAll(sched.Awakened)
	}
	if step != 0 {
		for _, p := range e.next(ServicePlane, true) {
			r.addBusy(p, step)
		}
	}
}

// Busy is the busy count and for how long the entry has been busy all together.
func (e *Entry) Busy() (count uint32, total time.Duration) {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	total = e.busied.total
	if e.busy > 0 {
		total += time.Since(e.busied.since)
	}
	return e.busy, total
}

// WaitQuiet waits until the entry is not busy: IOReturnTimeout when it still is at the deadline,
// KERN_ABORTED when the thread is interrupted.
func (e *Entry) WaitQuiet(th *sched.Thread, until sched.Deadline) abi.KernReturn {
	r := e.r
	for {
		r.mu.RLock()
		if e.busy == 0 {
			r.mu.RUnlock()
			return abi.KERN_SUCCESS
		}
		r.quiet.AssertWait(th, sched.Interruptible, until)
		r.mu.RUnlock()
		switch th.Block() {
		case sched.TimedOut:
			return IOReturnTimeout
		case sched.Interrupted:
			return abi.KERN_ABORTED
		}
	}
}
