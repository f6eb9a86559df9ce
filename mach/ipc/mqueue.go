package ipc

import (
	"sync"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

// mqueue is a port's ipc_mqueue; Port.mu guards it.
//
// Invariant: while a thread waits in receivers, the queue has no message that
// it could take. msgcount counts queued messages and the slots that were given
// to senders who have not run yet, so it may exceed the list's length.
type mqueue struct {
	head, tail *Kmsg
	msgcount   uint32
	qlimit     uint32
	seqno      uint32
	receivers  receiverList
	senders    sched.WaitQueue
	links      []*psetLink
}

// receiver is a thread in, or on its way through, message receive.
type receiver struct {
	wq         sched.WaitQueue
	th         *sched.Thread
	list       *receiverList
	next, prev *receiver

	large bool // MACH_RCV_LARGE: leave what does not fit
	max   int  // largest message with its trailer that fits; <0 without limit
	trail int
	aux   int // most auxiliary data that fit; <0: they are left out

	// The outcome, written by whoever takes it off its list.
	kr    abi.KernReturn
	kmsg  *Kmsg
	port  *Port
	name  abi.PortName // of port, for MACH_RCV_LARGE_IDENTITY
	seqno uint32
	msize uint32 // with MACH_RCV_TOO_LARGE: the message's size
	asize uint32 // and its auxiliary data's
	ctx   uint64
}

var receiverPool = sync.Pool{New: func() any { return new(receiver) }}

func newReceiver(th *sched.Thread, large bool, max, trail int) *receiver {
	r := receiverPool.Get().(*receiver)
	r.th, r.large, r.max, r.trail, r.aux = th, large, max, trail, -1
	return r
}

// free gives r back; it must be on no list.
func (r *receiver) free() {
	r.th, r.kmsg, r.port = nil, nil, nil
	r.kr, r.name, r.seqno, r.msize, r.asize, r.ctx = 0, 0, 0, 0, 0, 0
	receiverPool.Put(r)
}

type receiverList struct{ head, tail *receiver }

func (l *receiverList) push(r *receiver) {
	r.list, r.next, r.prev = l, nil, l.tail
	if l.tail != nil {
		l.tail.next = r
	} else {
		l.head = r
	}
	l.tail = r
}

func (l *receiverList) remove(r *receiver) {
	if r.prev != nil {
		r.prev.next = r.next
	} else {
		l.head = r.next
	}
	if r.next != nil {
		r.next.prev = r.prev
	} else {
		l.tail = r.prev
	}
	r.list, r.next, r.prev = nil, nil, nil
}

// fail takes every receiver off and wakes it with kr.
func (l *receiverList) fail(kr abi.KernReturn) {
	for r := l.head; r != nil; r = l.head {
		l.remove(r)
		r.kr = kr
		r.wq.WakeupThread(r.th, sched.Awakened)
	}
}

// fits says whether k with its trailer fits, and its auxiliary data where they are wanted.
func (r *receiver) fits(k *Kmsg) bool {
	return (r.max < 0 || len(k.body)+r.trail <= r.max) && (r.aux < 0 || len(k.aux) <= r.aux)
}

// settle gives r the message k of port p, or the news that it is too large;
// it reports whether r took k. p.mu is held.
func (p *Port) settle(r *receiver, k *Kmsg) bool {
	r.port, r.name, r.seqno, r.ctx = p, p.name, p.seqno, p.context
	if !r.fits(k) {
		r.kr = abi.MACH_RCV_TOO_LARGE
		r.msize, r.asize = uint32(len(k.body)), uint32(len(k.aux))
		if r.large {
			return false
		}
	} else {
		r.kr = abi.MACH_MSG_SUCCESS
	}
	r.kmsg = k
	p.seqno++
	p.releaseSlot()
	return true
}

// hand offers k to the threads that wait on l, in order. The lock of l's
// object is held, and p.mu.
func (p *Port) hand(l *receiverList, k *Kmsg) bool {
	for r := l.head; r != nil; r = l.head {
		l.remove(r)
		took := p.settle(r, k)
		// Woken under the lock: whoever finds r off its list knows that
		// the wakeup is over, and may reuse r.
		r.wq.WakeupThread(r.th, sched.Awakened)
		if took {
			return true
		}
	}
	return false
}

// releaseSlot ends a message's claim on the queue limit, or passes it on to the
// sender that has waited longest. p.mu is held.
func (p *Port) releaseSlot() {
	if p.msgcount <= p.qlimit && p.senders.WakeupOne(sched.Awakened) {
		return // the slot is the sender's now
	}
	p.msgcount--
}

// setQlimit is ipc_mqueue_set_qlimit_locked. p.mu is held.
func (p *Port) setQlimit(n uint32) {
	p.qlimit = n
	for p.msgcount < n && p.senders.WakeupOne(sched.Awakened) {
		p.msgcount++
	}
}

func (p *Port) full() bool { return p.msgcount >= p.qlimit }

// post gives k, which has a slot, to a waiting receiver or puts it on the
// queue. p.mu is held and p is active.
func (p *Port) post(k *Kmsg) {
	if p.hand(&p.receivers, k) {
		return
	}
	for _, l := range p.links {
		l.set.mu.Lock()
		if p.hand(&l.set.receivers, k) {
			l.set.mu.Unlock()
			return
		}
		l.set.prepost(l)
		l.set.mu.Unlock()
	}
	k.next = nil
	if p.tail != nil {
		p.tail.next = k
	} else {
		p.head = k
	}
	p.tail = k
	p.watchers.notify()
}

// take settles r with the first message, if there is one. p.mu is held.
func (p *Port) take(r *receiver) bool {
	k := p.head
	if k == nil {
		return false
	}
	if p.settle(r, k) {
		p.head = k.next
		if p.head == nil {
			p.tail = nil
		}
		k.next = nil
	}
	return true
}

// takeAll empties the queue for destroy. p.mu is held and p is not active.
func (p *Port) takeAll() *Kmsg {
	k := p.head
	p.head, p.tail, p.msgcount = nil, nil, 0
	return k
}

// millis turns a mach_msg_timeout_t (milliseconds) into a deadline.
func millis(ms uint32) sched.Deadline {
	return sched.After(time.Duration(ms) * time.Millisecond)
}

// sendOpts is how a message is sent.
type sendOpts struct {
	always   bool // ignore the queue limit
	timed    bool
	deadline sched.Deadline
	poll     bool // timed, with a timeout of 0
}

// enqueue is ipc_mqueue_send: it waits for room in p's queue and posts k. It
// consumes k when it returns success (also when p has died: the message goes
// nowhere, and the sender is not told), and leaves it to the caller with
// MACH_SEND_TIMED_OUT and MACH_SEND_INTERRUPTED. Send-once rights never wait.
// p.mu is held; enqueue unlocks it.
func (p *Port) enqueue(th *sched.Thread, k *Kmsg, o sendOpts, c *chores) abi.KernReturn {
	if p.active && p.full() && !o.always && k.remoteType() != abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
		if o.poll || th == nil {
			p.mu.Unlock()
			return abi.MACH_SEND_TIMED_OUT
		}
		until := sched.Forever
		if o.timed {
			until = o.deadline
		}
		p.senders.AssertWait(th, sched.Interruptible, until)
		p.mu.Unlock()
		switch th.Block() {
		case sched.TimedOut:
			return abi.MACH_SEND_TIMED_OUT
		case sched.Interrupted:
			return abi.MACH_SEND_INTERRUPTED
		}
		p.mu.Lock() // awakened: with a slot, unless p has died
	} else {
		p.msgcount++
	}
	if !p.active {
		p.mu.Unlock()
		c.kmsg(k)
		return abi.MACH_MSG_SUCCESS
	}
	p.post(k)
	p.mu.Unlock()
	return abi.MACH_MSG_SUCCESS
}

// await finishes a receive that found nothing: r is on a list guarded by mu,
// which is held; await unlocks it. r.kr and the rest hold the outcome.
func (r *receiver) await(mu *sync.Mutex, timed bool, deadline sched.Deadline) {
	if !timed {
		deadline = sched.Forever
	}
	r.wq.AssertWait(r.th, sched.Interruptible, deadline)
	mu.Unlock()
	res := r.th.Block()
	if res == sched.Awakened {
		return
	}
	mu.Lock()
	if r.list == nil { // settled meanwhile: a message must not be lost
		mu.Unlock()
		return
	}
	r.list.remove(r)
	mu.Unlock()
	r.kr = abi.MACH_RCV_INTERRUPTED
	if res == sched.TimedOut {
		r.kr = abi.MACH_RCV_TIMED_OUT
	}
}

// receive waits for a message of p, whose receive right must be in s, and
// settles r.
func (p *Port) receive(s *Space, r *receiver, o sendOpts) {
	p.mu.Lock()
	switch {
	case !p.active:
		r.kr = abi.MACH_RCV_PORT_DIED
	case p.receiver != s:
		r.kr = abi.MACH_RCV_PORT_CHANGED
	case p.take(r):
	case o.poll:
		r.kr = abi.MACH_RCV_TIMED_OUT
	default:
		p.receivers.push(r)
		r.await(&p.mu, o.timed, o.deadline)
		return
	}
	p.mu.Unlock()
}
