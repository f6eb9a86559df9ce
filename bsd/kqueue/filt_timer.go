package kqueue

import (
	"math"
	"math/bits"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// timer is a TIMER knote's own: when it is due, and how long a period is.
type timer struct {
	t        *time.Timer
	gen      uint64         // under Kqueue.mu: which arming may fire
	fired    bool           // under Kqueue.mu
	deadline sched.Deadline // under Kqueue.ops, as is interval
	interval int64          // ns; 0 does not repeat
}

// timerFilter is TIMER. A period that nobody collects does not fire again: the
// count is worked out when the event is taken, so no period is too short.
var timerFilter = filterOps{
	attach: func(_ *sys.Context, kn *knote) (bool, abi.Errno) {
		if err := kn.timer.set(kn.Sfflags, kn.Sdata); err != 0 {
			return false, err
		}
		kn.flags |= abi.EV_CLEAR
		if kn.Sfflags&abi.NOTE_ABSOLUTE != 0 {
			kn.flags |= abi.EV_ONESHOT
		}
		return kn.arm(), 0
	},
	detach: func(kn *knote) { kn.disarm(false) },
	touch: func(_ *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno) {
		if (kn.Sfflags^kev.Fflags)&abi.NOTE_ABSOLUTE != 0 {
			return false, abi.EINVAL
		}
		if err := kn.timer.set(kev.Fflags, kev.Data); err != 0 {
			return false, err
		}
		kn.Sfflags, kn.Sdata = kev.Fflags, kev.Data
		return kn.arm(), 0
	},
	process: func(kn *knote, ev *abi.Kevent) bool {
		t := &kn.timer
		kn.kq.mu.Lock()
		fired := t.fired
		t.fired = false
		kn.kq.mu.Unlock()
		if !fired {
			return false
		}
		ev.Data = 1
		if t.interval == 0 {
			return true
		}
		start := int64(t.deadline) - t.interval
		ev.Data = max((int64(sched.Now())-start)/t.interval, 1)
		if kn.flags&abi.EV_ONESHOT == 0 {
			t.deadline += sched.Deadline(ev.Data * t.interval)
			kn.arm()
		}
		return true
	},
}

// set works out deadline and interval. ERANGE: the time does not fit; EINVAL:
// two units.
func (t *timer) set(fflags uint32, data int64) abi.Errno {
	var unit uint64
	switch fflags & (abi.NOTE_SECONDS | abi.NOTE_USECONDS | abi.NOTE_NSECONDS | abi.NOTE_MACHTIME) {
	case 0:
		unit = 1e6
	case abi.NOTE_SECONDS:
		unit = 1e9
	case abi.NOTE_USECONDS:
		unit = 1e3
	case abi.NOTE_NSECONDS, abi.NOTE_MACHTIME: // the timebase is 1/1
		unit = 1
	default:
		return abi.EINVAL
	}
	now := int64(sched.Now())
	absolute := fflags&abi.NOTE_ABSOLUTE != 0
	if data < 0 && !absolute {
		t.deadline, t.interval = sched.Deadline(now), 0 // at once, once
		return 0
	}
	hi, ns := bits.Mul64(uint64(data), unit)
	if hi != 0 {
		return abi.ERANGE
	}
	if absolute {
		from := uint64(time.Now().UnixNano())
		if fflags&abi.NOTE_MACHTIME != 0 {
			from = uint64(now)
		}
		ns = max(ns, from) - from
	}
	// What lies beyond the end of the clock never comes.
	delay := int64(min(ns, uint64(math.MaxInt64-now)))
	t.deadline, t.interval = sched.Deadline(now+delay), 0
	if !absolute {
		t.interval = delay
	}
	return 0
}

// arm starts the timer, or says that it is due already. An older arming can't
// fire any more.
func (kn *knote) arm() bool {
	delay := time.Duration(kn.timer.deadline - sched.Now())
	gen := kn.disarm(delay <= 0)
	if delay <= 0 {
		return true
	}
	kn.timer.t = time.AfterFunc(delay, func() { kn.expire(gen) })
	return false
}

func (kn *knote) disarm(fired bool) (gen uint64) {
	if kn.timer.t != nil {
		kn.timer.t.Stop()
		kn.timer.t = nil
	}
	kn.kq.mu.Lock()
	kn.timer.gen++
	kn.timer.fired = fired
	gen = kn.timer.gen
	kn.kq.mu.Unlock()
	return gen
}

func (kn *knote) expire(gen uint64) {
	kq := kn.kq
	kq.mu.Lock()
	queued := false
	if kn.timer.gen == gen && kn.status&dropped == 0 {
		kn.timer.fired = true
		queued = kn.activate()
	}
	kq.mu.Unlock()
	if queued {
		kq.announce()
	}
}
