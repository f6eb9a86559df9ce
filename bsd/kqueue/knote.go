package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// knote is one registration.
//
// key, filt, file, fd, flags and udata are under ops; what follows status is
// under mu.
type knote struct {
	sys.Knote
	kq    *Kqueue
	key   key
	filt  *filterOps
	flags uint16
	kev   abi.Kevent // as registered; what a filter doesn't change is returned

	obj   sys.Filter    // descriptors and ports: the object's side
	file  *sys.OpenFile // descriptors: which file that was; told apart only, no reference
	fds   *Knotes       // descriptors: where it is listed
	klist *sys.Klist    // processes and signals
	timer timer         // timers
	// wantVanish: EV_VANISHED was asked for.
	wantVanish bool

	status    status
	fflags    uint32 // events that have happened: PROC, VNODE; stored flags: USER
	data      int64  // exit status, deliveries
	next      *knote
	prev      *knote
	triggered bool // USER
}

type status uint8

const (
	active      status = 1 << iota // something happened since it was last looked at
	onQueue                        // active and not disabled
	disabled                       // EV_DISABLE, or EV_DISPATCH after delivery
	dropped                        // no longer in the kqueue
	vanished                       // EV_VANISHED asked for, and the descriptor is gone
	deferDelete                    // EV_DELETE came while disabled, EV_DISPATCH2
)

// queue is the list of knotes to look at, oldest first.
type queue struct {
	head, tail *knote
	n          int
}

func (q *queue) push(kn *knote) {
	kn.next, kn.prev = nil, q.tail
	if q.tail != nil {
		q.tail.next = kn
	} else {
		q.head = kn
	}
	q.tail = kn
	q.n++
}

func (q *queue) remove(kn *knote) {
	if kn.prev != nil {
		kn.prev.next = kn.next
	} else {
		q.head = kn.next
	}
	if kn.next != nil {
		kn.next.prev = kn.prev
	} else {
		q.tail = kn.prev
	}
	kn.next, kn.prev = nil, nil
	q.n--
}

// happened is sys.Knote.Activate: an object's lock may be held.
func (kn *knote) happened(hint uint32) {
	kq := kn.kq
	kq.mu.Lock()
	if kn.status&dropped != 0 || kn.filt.hint != nil && !kn.filt.hint(kn, hint) {
		kq.mu.Unlock()
		return
	}
	queued := kn.activate()
	kq.mu.Unlock()
	if queued {
		kq.announce()
	}
}

// activate marks kn active and puts it on the queue unless it is disabled or
// there. It reports whether the queue grew: then announce has to follow, with
// mu released. mu is held.
func (kn *knote) activate() bool {
	kn.status |= active
	if kn.status&(onQueue|disabled|dropped) != 0 {
		return false
	}
	kn.status |= onQueue
	kn.kq.queue.push(kn)
	return true
}

// deactivate takes kn off the queue. mu is held.
func (kn *knote) deactivate() {
	if kn.status&onQueue != 0 {
		kn.kq.queue.remove(kn)
		kn.status &^= onQueue
	}
}

// poke is activate for callers without mu.
func (kn *knote) poke() {
	kn.kq.mu.Lock()
	queued := kn.activate()
	kn.kq.mu.Unlock()
	if queued {
		kn.kq.announce()
	}
}

// announce wakes who waits in Kevent and tells the kqueues around this one.
func (kq *Kqueue) announce() {
	kq.wq.WakeupAll(sched.Awakened)
	kq.klist.Notify(0)
}

// drop ends a registration. ops is held, mu is not.
func (kq *Kqueue) drop(kn *knote) {
	kq.mu.Lock()
	if kn.status&dropped != 0 {
		kq.mu.Unlock()
		return
	}
	kn.deactivate()
	gone := kn.status&vanished != 0
	kn.status |= dropped
	kq.mu.Unlock()
	delete(kq.knotes, kn.key)
	allKnotes.Add(-1)
	if !gone {
		kn.filt.detach(kn)
	}
	if kn.fds != nil {
		kn.fds.remove(kn)
	}
}
