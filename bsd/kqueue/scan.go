package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Immediate is a deadline that has passed: look, don't wait.
const Immediate sched.Deadline = 1

// MaxBatch is how many events one Scan returns at most; a caller's buffer need
// not be larger, whatever number the guest gives.
const MaxBatch = 1024

// Kevent is kevent(2): it applies changes, and, if they reported nothing, waits
// for events until the deadline (sched.Forever, Immediate, or a moment). n
// events are in events. 0 events and no error is a timeout, or an empty buffer.
//
// Errors: EINTR (a signal; the changes hold), EBADF (the kqueue was closed), and
// those of Change when there is no room to report them.
func (kq *Kqueue) Kevent(ctx *sys.Context, tbl FdLookup, changes, events []abi.Kevent, deadline sched.Deadline) (n int, err abi.Errno) {
	n, err = kq.Change(ctx, tbl, changes, events)
	if err != 0 || n > 0 {
		return n, err
	}
	return kq.Scan(ctx, events, deadline)
}

// CheckFlags says whether flags of kevent64 or kevent_qos can be honoured:
// ENOTSUP for work queues and work loops, EINVAL for unknown bits.
func CheckFlags(flags uint32) abi.Errno {
	switch {
	case flags&(abi.KEVENT_FLAG_WORKQ|abi.KEVENT_FLAG_WORKLOOP) != 0:
		return abi.ENOTSUP
	case flags&^(abi.KEVENT_FLAG_IMMEDIATE|abi.KEVENT_FLAG_ERROR_EVENTS) != 0:
		return abi.EINVAL
	}
	return 0
}

// SetEventSize records which layout is used (KeventSize, Kevent64Size,
// KeventQosSize): fstat shows it.
func (kq *Kqueue) SetEventSize(n int32) {
	kq.ops.Lock()
	kq.kev = n
	kq.ops.Unlock()
}

// Scan waits for events; see Kevent.
func (kq *Kqueue) Scan(ctx *sys.Context, events []abi.Kevent, deadline sched.Deadline) (int, abi.Errno) {
	if len(events) > MaxBatch {
		events = events[:MaxBatch]
	}
	if len(events) == 0 {
		return 0, 0
	}
	for {
		kq.mu.Lock()
		for kq.queue.n == 0 {
			if kq.drained {
				kq.mu.Unlock()
				return 0, abi.EBADF
			}
			if deadline == Immediate {
				kq.mu.Unlock()
				return 0, 0
			}
			switch sched.Sleep(ctx.Thread, &kq.wq, &kq.mu, sched.Interruptible, deadline) {
			case sched.TimedOut:
				if kq.queue.n == 0 {
					kq.mu.Unlock()
					return 0, 0
				}
				deadline = Immediate
			case sched.Interrupted:
				kq.mu.Unlock()
				return 0, abi.EINTR
			}
		}
		kq.mu.Unlock()
		if n := kq.process(events); n > 0 {
			return n, 0
		}
		if deadline != sched.Forever && deadline != Immediate && deadline <= sched.Now() {
			deadline = Immediate
		}
		if deadline == Immediate && kq.queued() == 0 {
			return 0, 0
		}
	}
}

// process looks once at each knote that is on the queue now and takes the
// events that are really there.
func (kq *Kqueue) process(events []abi.Kevent) int {
	kq.ops.Lock()
	defer kq.ops.Unlock()
	kq.mu.Lock()
	n := 0
	for left := kq.queue.n; left > 0 && kq.queue.n > 0 && n < len(events); left-- {
		kn := kq.queue.head
		kn.deactivate()
		// From here on a change makes it active again.
		kn.status &^= active
		st := kn.status
		ev := &events[n]
		*ev = kn.kev
		ev.Flags, ev.Fflags, ev.Data = kn.flags, 0, 0
		kq.mu.Unlock()

		if st&(deferDelete|vanished) != 0 {
			if st&deferDelete != 0 {
				ev.Flags |= abi.EV_DELETE | abi.EV_ONESHOT
			} else {
				ev.Flags |= abi.EV_VANISHED | abi.EV_ONESHOT
			}
			kq.drop(kn)
			n++
			kq.mu.Lock()
			continue
		}
		ready := kn.filt.process(kn, ev)
		if ready && ev.Flags&abi.EV_ONESHOT != 0 {
			kq.drop(kn)
		}
		kq.mu.Lock()
		if !ready {
			continue
		}
		n++
		switch {
		case ev.Flags&abi.EV_ONESHOT != 0:
		case kn.flags&abi.EV_DISPATCH != 0:
			kn.deactivate()
			kn.status |= disabled
		case kn.flags&abi.EV_CLEAR == 0:
			kn.activate() // a level: look again next time
		}
	}
	kq.mu.Unlock()
	return n
}
