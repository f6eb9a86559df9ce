package kpi

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/vm"
)

// waitBuckets is the number of hash chains of events, a power of two.
const waitBuckets = 128

// bucket holds the threads that wait for events of one hash.
type bucket struct {
	mu     sync.Mutex
	queues map[uint64]*eventQueue
}

// eventQueue is the threads that wait for one event.
type eventQueue struct {
	wq      sched.WaitQueue
	waiters []*kthread // in order
}

func (k *KernelTask) bucket(event uint64) *bucket {
	h := event * 0x9e3779b97f4a7c15
	return &k.buckets[h>>57&(waitBuckets-1)]
}

// assertWait puts t on event's queue. The caller checked that t doesn't wait.
func (k *KernelTask) assertWait(t *kthread, event uint64, how sched.Interruptibility, until sched.Deadline) {
	b := k.bucket(event)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.assert(t, event, how, until)
}

func (b *bucket) assert(t *kthread, event uint64, how sched.Interruptibility, until sched.Deadline) {
	q := b.queues[event]
	if q == nil {
		if b.queues == nil {
			b.queues = map[uint64]*eventQueue{}
		}
		q = new(eventQueue)
		b.queues[event] = q
	}
	q.waiters = append(q.waiters, t)
	t.bucket, t.event, t.asserted, t.how, t.until = b, event, true, how, until
	t.timed.Store(false) // until thread_set_timer
	q.wq.AssertWait(t.th, how, until)
}

// block is thread_block: it waits for what assertWait said.
// A funnel is let go meanwhile.
func (t *kthread) block_() sched.WaitResult {
	f := t.funnel
	if f != nil {
		t.dropFunnel(t.k)
	}
	r := t.wait()
	if f != nil {
		f.take(t.k, t)
		t.funnel, t.result = f, r
	}
	return r
}

func (t *kthread) wait() sched.WaitResult {
	r := t.th.Block()
	if t.timed.Swap(false) && r == sched.TimedOut && t.terminate.Load() {
		t.overdue = true
	}
	t.bucket.forget(t)
	if t.waitq != nil {
		t.waitq.forget(t)
		t.waitq = nil
	}
	t.asserted, t.result = false, r
	return r
}

// forget takes t off its queue; a thread that was woken may have been taken off
// already.
func (b *bucket) forget(t *kthread) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queues[t.event]
	if q == nil {
		return
	}
	for i, w := range q.waiters {
		if w == t {
			q.waiters = append(q.waiters[:i], q.waiters[i+1:]...)
			break
		}
	}
	if len(q.waiters) == 0 {
		delete(b.queues, t.event)
	}
}

// wakeup wakes those who wait for event; it returns how many.
func (k *KernelTask) wakeup(event uint64, one bool, result sched.WaitResult) int {
	b := k.bucket(event)
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queues[event]
	if q == nil {
		return 0
	}
	if one {
		if q.wq.WakeupOne(result) {
			return 1
		}
		return 0
	}
	return q.wq.WakeupAll(result)
}

// lockStats counts contention of all locks.
type lockStats struct{ misses, waits, waited atomic.Int64 }

// lockWait sleeps while the word at a has value v: what locks of the runtime wait
// with.
func lockWait(c *Call) uint64 {
	a, v, misses := c.Addr(0), c.Arg(1), c.Addr(2)
	k, t := c.K, c.T
	if t.asserted {
		return c.Panic("a lock is waited for between assert_wait and thread_block")
	}
	start := sched.Now()
	b := k.bucket(uint64(a))
	b.mu.Lock()
	now, kr := k.Map.LoadUint64(a)
	if kr != 0 || now != v {
		b.mu.Unlock()
		if kr != 0 {
			return c.Panic("a lock at " + hex(a) + " can't be read")
		}
		return 0
	}
	b.assert(t, uint64(a), sched.Uninterruptible, sched.Forever)
	b.mu.Unlock()
	t.block_()
	took := sched.Now() - start
	k.lockst.misses.Add(1)
	k.lockst.waited.Add(int64(took))
	if misses != 0 {
		k.countMiss(misses, uint64(took))
	}
	return 0
}

func lockWake(c *Call) uint64 {
	c.K.wakeup(c.Arg(0), c.U32(1) == 0, sched.Awakened)
	return 0
}

// spinWait lets others run while code spins for a lock.
func spinWait(c *Call) uint64 {
	c.Thread().Yield()
	th := c.Thread()
	th.Detach()
	time.Sleep(time.Duration(5+rand.IntN(20)) * time.Microsecond)
	th.Attach()
	return 0
}

// countMiss adds to a lock group's counters of one kind, which are in guest memory.
func (k *KernelTask) countMiss(misses Addr, ns uint64) {
	add := func(at Addr, n uint64) {
		var w vm.Word
		if k.Map.AtomicWord(&w, at, 8, abi.VM_PROT_READ|abi.VM_PROT_WRITE) == 0 {
			atomic.AddUint64(w.Uint64(), n)
			w.Release()
		}
	}
	add(misses, 1)
	add(misses+grpWaited-grpMissed, ns)
}

// deadline turns a relative time into one; 0 or less is for ever.
func deadline(ns int64) sched.Deadline {
	if ns <= 0 {
		return sched.Forever
	}
	d := sched.Now() + sched.Deadline(ns)
	if d < 0 {
		return sched.Forever
	}
	return d
}

// Wait results for code (<kern/kern_types.h>).
func waitResult(r sched.WaitResult) uint64 { return uint64(uint32(int32(r))) }
