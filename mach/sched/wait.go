package sched

import (
	"sync"
	"sync/atomic"
	"time"
)

// WaitResult is a wait_result_t (<kern/kern_types.h>).
type WaitResult int32

const (
	Awakened    WaitResult = 0  // THREAD_AWAKENED
	TimedOut    WaitResult = 1  // THREAD_TIMED_OUT
	Interrupted WaitResult = 2  // THREAD_INTERRUPTED
	Restart     WaitResult = 3  // THREAD_RESTART: what was waited for is gone, begin again
	Waiting     WaitResult = -1 // THREAD_WAITING: AssertWait succeeded
)

// Interruptible is wait_interrupt_t: what may end a wait early.
type Interruptibility uint8

const (
	Uninterruptible Interruptibility = iota // THREAD_UNINT
	Interruptible                           // THREAD_INTERRUPTIBLE (and ABORTSAFE)
)

// Deadline is a moment in nanoseconds of mach_absolute_time, see Now.
type Deadline int64

// Forever is the deadline that never comes.
const Forever Deadline = 0

var epoch = time.Now()

// Now is the kernel's monotonic clock, mach_absolute_time: nanoseconds with a
// timebase of 1/1. It is never 0.
func Now() Deadline { return Deadline(time.Since(epoch)) + bootOffset }

// bootOffset keeps Now on the host's monotonic clock, so that a guest's clock
// (which extrapolates the same one) agrees with the kernel's.
var bootOffset = hostMonotonic() - Deadline(time.Since(epoch))

// After is the deadline d from now; d <= 0 is a deadline that has passed.
func After(d time.Duration) Deadline {
	if d < 0 {
		d = 0
	}
	return Now() + Deadline(d)
}

// WaitQueue is a wait_queue_t: threads that wait for one event, in order of
// arrival. The zero value is ready. It must not be copied once used.
type WaitQueue struct {
	mu         sync.Mutex
	head, tail *Thread
	n          atomic.Int32
	byPriority bool
}

// ByPriority makes q wake the thread of the highest base priority first
// (SYNC_POLICY_FIXED_PRIORITY), and among equals the one that waits longest. Call it
// before q is used.
func (q *WaitQueue) ByPriority() { q.byPriority = true }

// first is who is woken next; q.mu is held.
func (q *WaitQueue) first() *Thread {
	if !q.byPriority {
		return q.head
	}
	var best *Thread
	high := -1
	for t := q.head; t != nil; t = t.wnext {
		s := t.lockSet()
		if p := t.cpu.pri.basePri(); p > high {
			best, high = t, p
		}
		s.mu.Unlock()
	}
	return best
}

func (q *WaitQueue) push(t *Thread) {
	t.wnext, t.wprev = nil, q.tail
	if q.tail != nil {
		q.tail.wnext = t
	} else {
		q.head = t
	}
	q.tail = t
	q.n.Add(1)
}

func (q *WaitQueue) remove(t *Thread) {
	if t.wprev != nil {
		t.wprev.wnext = t.wnext
	} else {
		q.head = t.wnext
	}
	if t.wnext != nil {
		t.wnext.wprev = t.wprev
	} else {
		q.tail = t.wprev
	}
	t.wnext, t.wprev = nil, nil
	q.n.Add(-1)
}

// Empty says whether nobody waits. It is exact only under the caller's lock.
func (q *WaitQueue) Empty() bool { return q.n.Load() == 0 }

// Len is how many threads wait.
func (q *WaitQueue) Len() int { return int(q.n.Load()) }

// AssertWait puts t, which must be the caller's own thread and not be waiting,
// on the queue, and returns Waiting; the caller must then Block. If an
// interruption is due already, it returns Interrupted and Block will, too.
func (q *WaitQueue) AssertWait(t *Thread, how Interruptibility, until Deadline) WaitResult {
	q.mu.Lock()
	t.mu.Lock()
	if t.state != stateRunning {
		panic("sched: AssertWait by a thread that waits already")
	}
	t.how, t.until = how, until
	if how == Interruptible && t.Pending != nil && t.Pending() {
		t.state, t.result = stateWoken, Interrupted
		t.mu.Unlock()
		q.mu.Unlock()
		return Interrupted
	}
	t.state, t.waitq = stateAsserted, q
	q.push(t)
	t.mu.Unlock()
	q.mu.Unlock()
	return Waiting
}

// WakeupOne wakes the first thread (the one that waits longest, if not ByPriority)
// with result and reports whether
// there was one.
func (q *WaitQueue) WakeupOne(result WaitResult) bool {
	if q.n.Load() == 0 {
		return false
	}
	q.mu.Lock()
	t := q.first()
	if t == nil {
		q.mu.Unlock()
		return false
	}
	q.remove(t)
	t.mu.Lock()
	q.mu.Unlock()
	t.wake(result)
	return true
}

// WakeupAll wakes every waiting thread with result and returns how many.
func (q *WaitQueue) WakeupAll(result WaitResult) int {
	n := 0
	for q.WakeupOne(result) {
		n++
	}
	return n
}

// WakeupThread wakes t if it waits here.
func (q *WaitQueue) WakeupThread(t *Thread, result WaitResult) bool {
	q.mu.Lock()
	t.mu.Lock()
	if t.waitq != q {
		t.mu.Unlock()
		q.mu.Unlock()
		return false
	}
	q.remove(t)
	q.mu.Unlock()
	t.wake(result)
	return true
}

// Sleep waits on q with mu held by the caller: it asserts, unlocks, blocks and
// locks again. It is the body of the usual loop around a condition.
func Sleep(t *Thread, q *WaitQueue, mu sync.Locker, how Interruptibility, until Deadline) WaitResult {
	q.AssertWait(t, how, until)
	mu.Unlock()
	r := t.Block()
	mu.Lock()
	return r
}
