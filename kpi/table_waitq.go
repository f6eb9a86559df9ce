package kpi

import (
	"sync"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

func init() {
	register("kern/wait_queue.h", "2002", "mach unsupported", []Row{
		{Name: "wait_queue_init", Proto: "void wait_queue_init(wait_queue_t wq, int policy)", None: true, Note: "the object is opaque: wait_queue_alloc"},
		{Name: "wait_queue_alloc", Proto: "wait_queue_t wait_queue_alloc(int policy)", Handler: waitQueueAlloc},
		{Name: "wait_queue_free", Proto: "void wait_queue_free(wait_queue_t wq)", Handler: ofWaitQueue(waitQueueFree)},
		{Name: "wait_queue_lock", Proto: "void wait_queue_lock(wait_queue_t wq)", Handler: ofWaitQueue((*Call).wqLock)},
		{Name: "wait_queue_lock_try", Proto: "boolean_t wait_queue_lock_try(wait_queue_t wq)", Handler: ofWaitQueue(func(c *Call, q *waitQueue) uint64 { return boolean(q.try(c.T)) })},
		{Name: "wait_queue_unlock", Proto: "void wait_queue_unlock(wait_queue_t wq)", Handler: heldWaitQueue(func(c *Call, q *waitQueue) uint64 { q.unlock(); return 0 })},
		{Name: "wait_queue_member", Proto: "boolean_t wait_queue_member(wait_queue_t wq, wait_queue_sub_t wq_sub)", Handler: lockedWaitQueue(wqMember)},
		{Name: "wait_queue_member_locked", Proto: "boolean_t wait_queue_member_locked(wait_queue_t wq, wait_queue_sub_t wq_sub)", Handler: heldWaitQueue(wqMember)},
		{Name: "wait_queue_link", Proto: "kern_return_t wait_queue_link(wait_queue_t wq, wait_queue_sub_t wq_sub)", Handler: lockedWaitQueue(wqLink), Note: "one level of subordinates"},
		{Name: "wait_queue_unlink", Proto: "kern_return_t wait_queue_unlink(wait_queue_t wq, wait_queue_sub_t wq_sub)", Handler: lockedWaitQueue(wqUnlink)},
		{Name: "wait_queue_unlink_one", Proto: "kern_return_t wait_queue_unlink_one(wait_queue_t wq, wait_queue_sub_t *wq_subp)", Handler: lockedWaitQueue(wqUnlinkOne)},
		{Name: "wait_queue_assert_wait", Proto: "void wait_queue_assert_wait(wait_queue_t wq, event_t event, int interruptible)", Handler: lockedWaitQueue(wqAssert)},
		{Name: "wait_queue_assert_wait_locked", Proto: "void wait_queue_assert_wait_locked(wait_queue_t wq, event_t event, int interruptible, boolean_t unlock)", Handler: heldThen(3, wqAssert)},
		{Name: "wait_queue_wakeup_all", Proto: "kern_return_t wait_queue_wakeup_all(wait_queue_t wq, event_t event, int result)", Handler: lockedWaitQueue(wqWakeAll)},
		{Name: "wait_queue_wakeup_one", Proto: "kern_return_t wait_queue_wakeup_one(wait_queue_t wq, event_t event, int result)", Handler: lockedWaitQueue(wqWakeOne)},
		{Name: "wait_queue_wakeup_one_locked", Proto: "kern_return_t wait_queue_wakeup_one_locked(wait_queue_t wq, event_t event, int result, boolean_t unlock)", Handler: heldThen(3, wqWakeOne)},
		{Name: "wait_queue_wakeup_identity_locked", Proto: "thread_t wait_queue_wakeup_identity_locked(wait_queue_t wq, event_t event, int result, boolean_t unlock)", Handler: heldThen(3, wqWakeIdentity), Note: "threads have no lock"},
		{Name: "wait_queue_wakeup_thread", Proto: "kern_return_t wait_queue_wakeup_thread(wait_queue_t wq, event_t event, thread_t thread, int result)", Handler: lockedWaitQueue(wqWakeThread)},
		{Name: "wait_queue_wakeup_thread_locked", Proto: "kern_return_t wait_queue_wakeup_thread_locked(wait_queue_t wq, event_t event, thread_t thread, int result, boolean_t unlock)", Handler: heldThen(4, wqWakeThread)},
		{Name: "wait_queue_peek_locked", Proto: "kern_return_t wait_queue_peek_locked(wait_queue_t wq, event_t event, thread_t *tp, wait_queue_t *wqp)", Handler: heldWaitQueue(wqPeek)},
		{Name: "wait_queue_pull_thread_locked", Proto: "void wait_queue_pull_thread_locked(wait_queue_t wq, thread_t thread, boolean_t unlock)", Handler: heldThen(2, wqPull)},
		{Name: "wait_queue_remove", Proto: "kern_return_t wait_queue_remove(thread_t thread)", Handler: wqRemove},
	})
}

// Policies (<mach/sync_policy.h>). The later document has two readings of PREPOST: a
// wait queue counts wakeups that find nobody, and a semaphore doesn't.
const (
	syncFIFO          = 0
	syncFixedPriority = 1
	syncPrepost       = 4
)

// waitQueue is a wait_queue_t of code's: who waits on it for what. Waits are ended
// through the threads; a thread that was woken otherwise takes itself off.
type waitQueue struct {
	a      Addr
	policy uint32

	mu      sync.Mutex // a leaf, but for sched's
	owner   *kthread   // who has locked it
	waiters []wqWaiter // in order of arrival
	posts   int        // PREPOST
	subs    []*waitQueue
}

type wqWaiter struct {
	t     *kthread
	event uint64
}

// maxWaitQueues bounds the queues that code makes, and the subordinates of one.
const maxWaitQueues, maxSubordinates = 16384, 64

func waitQueueAlloc(c *Call) uint64 {
	k := c.K
	if p := c.U32(0); p&^(syncFixedPriority|syncPrepost) != 0 {
		return 0
	}
	if k.waitQueues.Add(1) > maxWaitQueues {
		k.waitQueues.Add(-1)
		return 0
	}
	q := &waitQueue{policy: c.U32(0)}
	q.a = k.handle.put(q)
	if q.a == 0 {
		k.waitQueues.Add(-1)
	}
	return uint64(q.a)
}

func waitQueueFree(c *Call, q *waitQueue) uint64 {
	q.mu.Lock()
	busy := len(q.waiters) > 0 || q.owner != nil
	q.mu.Unlock()
	if busy {
		return c.Panic("wait_queue_free: the queue is locked or has waiters")
	}
	c.K.handle.drop(q.a)
	c.K.waitQueues.Add(-1)
	return 0
}

// waitQueueAt is argument i as a queue; nil, and a panic, if it is none.
func (c *Call) waitQueueAt(i int) *waitQueue {
	q, _ := c.K.handle.get(c.Addr(i)).(*waitQueue)
	if q == nil {
		c.Panic("wait_queue: " + hex(c.Addr(i)) + " is no wait queue")
	}
	return q
}

func ofWaitQueue(f func(*Call, *waitQueue) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		if q := c.waitQueueAt(0); q != nil {
			return f(c, q)
		}
		return 0
	}
}

// lockedWaitQueue locks around f.
func lockedWaitQueue(f func(*Call, *waitQueue) uint64) func(*Call) uint64 {
	return ofWaitQueue(func(c *Call, q *waitQueue) uint64 {
		if c.wqLock(q); c.failed != nil {
			return 0
		}
		defer q.unlock()
		return f(c, q)
	})
}

// heldWaitQueue wants the caller to have locked it.
func heldWaitQueue(f func(*Call, *waitQueue) uint64) func(*Call) uint64 {
	return ofWaitQueue(func(c *Call, q *waitQueue) uint64 {
		q.mu.Lock()
		held := q.owner == c.T
		q.mu.Unlock()
		if !held {
			return c.Panic("wait_queue: the queue's lock is not held")
		}
		return f(c, q)
	})
}

// heldThen is heldWaitQueue for the calls whose argument i says whether to unlock.
func heldThen(i int, f func(*Call, *waitQueue) uint64) func(*Call) uint64 {
	return heldWaitQueue(func(c *Call, q *waitQueue) uint64 {
		v := f(c, q)
		if c.U32(i) != 0 {
			q.unlock()
		}
		return v
	})
}

func (q *waitQueue) try(t *kthread) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.owner != nil {
		return false
	}
	q.owner = t
	return true
}

func (q *waitQueue) unlock() {
	q.mu.Lock()
	q.owner = nil
	q.mu.Unlock()
}

// wqLock spins, as the lock is a spin lock. Its holder may have died: that is a hang.
func (c *Call) wqLock(q *waitQueue) uint64 {
	q.mu.Lock()
	own := q.owner == c.T
	q.mu.Unlock()
	if own {
		return c.Panic("wait_queue_lock: locked again by its owner")
	}
	for start := time.Now(); !q.try(c.T); spinWait(c) {
		if time.Since(start) > c.K.cfg.HangLimit {
			return c.Panic("wait_queue_lock: the lock is not let go")
		}
	}
	return 0
}

func wqMember(c *Call, q *waitQueue) uint64 {
	sub := c.waitQueueAt(1)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.subs {
		if s == sub {
			return 1
		}
	}
	return 0
}

func wqLink(c *Call, q *waitQueue) uint64 {
	sub := c.waitQueueAt(1)
	if sub == nil {
		return 0
	}
	if sub == q || wqMember(c, q) != 0 {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.subs) >= maxSubordinates {
		return kr(abi.KERN_RESOURCE_SHORTAGE)
	}
	q.subs = append(q.subs, sub)
	return kr(abi.KERN_SUCCESS)
}

func wqUnlink(c *Call, q *waitQueue) uint64 {
	sub := c.waitQueueAt(1)
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, s := range q.subs {
		if s == sub {
			q.subs = append(q.subs[:i], q.subs[i+1:]...)
			return kr(abi.KERN_SUCCESS)
		}
	}
	return kr(abi.KERN_INVALID_ARGUMENT)
}

func wqUnlinkOne(c *Call, q *waitQueue) uint64 {
	q.mu.Lock()
	var sub Addr
	if len(q.subs) > 0 {
		sub = q.subs[0].a
		q.subs = q.subs[1:]
	}
	q.mu.Unlock()
	if c.Put64(c.Addr(1), uint64(sub)); sub == 0 {
		return kr(abi.KERN_FAILURE)
	}
	return kr(abi.KERN_SUCCESS)
}

func wqAssert(c *Call, q *waitQueue) uint64 {
	// The wait is for an event of the thread's own: it is ended through the thread.
	if !c.assert(uint64(c.T.block)+2, interruptible(c.U32(2)), sched.Forever) {
		return 0
	}
	q.mu.Lock()
	pass := q.posts > 0
	if pass {
		q.posts--
	} else {
		q.waiters = append(q.waiters, wqWaiter{c.T, c.Arg(1)})
		c.T.waitq = q
	}
	q.mu.Unlock()
	if pass {
		c.T.th.ClearWait(sched.Awakened)
	}
	return 0
}

// forget takes a thread off, when its wait is over.
func (q *waitQueue) forget(t *kthread) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.take(t)
}

func (q *waitQueue) take(t *kthread) bool {
	for i, w := range q.waiters {
		if w.t == t {
			q.waiters = append(q.waiters[:i], q.waiters[i+1:]...)
			return true
		}
	}
	return false
}

// first is who is to be woken first for an event, on the queue or a subordinate.
func (q *waitQueue) first(event uint64) (t *kthread, on *waitQueue) {
	q.mu.Lock()
	subs := append([]*waitQueue{q}, q.subs...)
	q.mu.Unlock()
	for _, s := range subs {
		s.mu.Lock()
		best := -1
		for _, w := range s.waiters {
			if w.event != event {
				continue
			}
			pri := w.t.th.Status().Current
			if t == nil || q.policy&syncFixedPriority != 0 && pri > best {
				t, best = w.t, pri
			}
			if q.policy&syncFixedPriority == 0 {
				break
			}
		}
		s.mu.Unlock()
		if t != nil {
			return t, s
		}
	}
	return nil, nil
}

// wake wakes the first; nil if nobody waits, which PREPOST counts.
func (q *waitQueue) wake(event uint64, result sched.WaitResult) *kthread {
	for {
		t, on := q.first(event)
		if t == nil {
			return nil
		}
		on.forget(t)
		if t.th.ClearWait(result) {
			return t
		}
	}
}

// maxPosts bounds what PREPOST counts.
const maxPosts = 1 << 30

func (q *waitQueue) post() uint64 {
	if q.policy&syncPrepost == 0 {
		return kr(abi.KERN_NOT_WAITING)
	}
	q.mu.Lock()
	q.posts = min(q.posts+1, maxPosts)
	q.mu.Unlock()
	return kr(abi.KERN_SUCCESS)
}

func wqWakeOne(c *Call, q *waitQueue) uint64 {
	if q.wake(c.Arg(1), sched.WaitResult(c.I32(2))) == nil {
		return q.post()
	}
	return kr(abi.KERN_SUCCESS)
}

func wqWakeAll(c *Call, q *waitQueue) uint64 {
	n := 0
	for q.wake(c.Arg(1), sched.WaitResult(c.I32(2))) != nil {
		n++
	}
	if n == 0 {
		return q.post()
	}
	return kr(abi.KERN_SUCCESS)
}

func wqWakeIdentity(c *Call, q *waitQueue) uint64 {
	if t := q.wake(c.Arg(1), sched.WaitResult(c.I32(2))); t != nil {
		return uint64(t.block)
	}
	return 0
}

func wqWakeThread(c *Call, q *waitQueue) uint64 {
	q.mu.Lock()
	subs := append([]*waitQueue{q}, q.subs...)
	q.mu.Unlock()
	for _, s := range subs {
		s.mu.Lock()
		var found *kthread
		for _, w := range s.waiters {
			if w.event == c.Arg(1) && w.t.block == c.Addr(2) {
				found = w.t
				s.take(found)
				break
			}
		}
		s.mu.Unlock()
		if found != nil && found.th.ClearWait(sched.WaitResult(c.I32(3))) {
			return kr(abi.KERN_SUCCESS)
		}
	}
	return kr(abi.KERN_NOT_WAITING)
}

// wqPeek leaves the queue where the thread was found locked, and only that.
func wqPeek(c *Call, q *waitQueue) uint64 {
	t, on := q.first(c.Arg(1))
	if t == nil {
		return kr(abi.KERN_NOT_WAITING)
	}
	if on != q {
		if c.wqLock(on); c.failed != nil {
			return 0
		}
		q.unlock()
	}
	if c.Put64(c.Addr(2), uint64(t.block)) {
		c.Put64(c.Addr(3), uint64(on.a))
	}
	return kr(abi.KERN_SUCCESS)
}

func wqPull(c *Call, q *waitQueue) uint64 {
	if t := c.K.threadAt(c.Addr(1)); t != nil {
		q.forget(t)
	}
	return 0
}

func wqRemove(c *Call) uint64 {
	t := c.K.threadAt(c.Addr(0))
	if t == nil {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	if !t.th.ClearWait(sched.Awakened) {
		return kr(abi.KERN_NOT_WAITING)
	}
	return kr(abi.KERN_SUCCESS)
}
