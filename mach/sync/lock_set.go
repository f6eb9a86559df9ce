package sync

import (
	gosync "sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// MaxUlocks is how many locks a lock set may have.
const MaxUlocks = 64

// LockSet is a lock_set: sync locks that are named by number. A lock belongs to
// a thread; a holder that dies leaves it unstable, and the next to take it is
// told so and may declare it stable again.
type LockSet struct {
	mu    gosync.Mutex
	locks []ulock
	dead  bool
}

type ulock struct {
	holder   *sched.Thread
	unstable bool
	blocked  sched.WaitQueue
	// A hand-off in progress: giver waits for an accept, taker for a hand-off.
	giver, taker *sched.Thread
	handoff      sched.WaitQueue
	sets         watchers
}

// NewLockSet is lock_set_create. KERN_INVALID_ARGUMENT: n not in 1 to
// MaxUlocks, or an unknown policy.
func NewLockSet(n, policy int32) (*LockSet, abi.KernReturn) {
	if n <= 0 || n > MaxUlocks || policy != SYNC_POLICY_FIFO && policy != SYNC_POLICY_FIXED_PRIORITY {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	s := &LockSet{locks: make([]ulock, n)}
	if policy == SYNC_POLICY_FIXED_PRIORITY {
		for i := range s.locks {
			s.locks[i].blocked.ByPriority()
		}
	}
	return s, abi.KERN_SUCCESS
}

// Destroy ends the set; waiters get KERN_LOCK_SET_DESTROYED, later callers
// KERN_TERMINATED.
func (s *LockSet) Destroy() {
	s.mu.Lock()
	s.dead = true
	for i := range s.locks {
		s.hold(&s.locks[i], nil)
		s.locks[i].blocked.WakeupAll(sched.Restart)
		s.locks[i].handoff.WakeupAll(sched.Restart)
	}
	s.mu.Unlock()
}

// enter locks the set and finds lock id. KERN_TERMINATED, KERN_INVALID_ARGUMENT.
func (s *LockSet) enter(id int32) (*ulock, abi.KernReturn) {
	if id < 0 || int(id) >= len(s.locks) {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	s.mu.Lock()
	if s.dead {
		s.mu.Unlock()
		return nil, abi.KERN_TERMINATED
	}
	return &s.locks[id], abi.KERN_SUCCESS
}

// held is what a new holder gets.
func (u *ulock) held() abi.KernReturn {
	if u.unstable {
		return abi.KERN_LOCK_UNSTABLE
	}
	return abi.KERN_SUCCESS
}

// Acquire is lock_acquire. KERN_LOCK_UNSTABLE (the lock is th's, but its last
// holder died), KERN_LOCK_OWNED_SELF, KERN_LOCK_SET_DESTROYED, KERN_ABORTED,
// KERN_TERMINATED, KERN_INVALID_ARGUMENT.
func (s *LockSet) Acquire(th *sched.Thread, id int32) abi.KernReturn {
	u, kr := s.enter(id)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	switch u.holder {
	case nil:
		s.hold(u, th)
		return u.held()
	case th:
		return abi.KERN_LOCK_OWNED_SELF
	}
	for {
		switch sched.Sleep(th, &u.blocked, &s.mu, sched.Interruptible, sched.Forever) {
		case sched.Awakened:
			if u.holder == nil && !s.dead {
				s.hold(u, th)
				return u.held()
			}
			if s.dead {
				return abi.KERN_LOCK_SET_DESTROYED
			}
		case sched.Interrupted:
			return abi.KERN_ABORTED
		default:
			return abi.KERN_LOCK_SET_DESTROYED
		}
	}
}

// Try is lock_try: KERN_LOCK_OWNED instead of waiting.
func (s *LockSet) Try(th *sched.Thread, id int32) abi.KernReturn {
	u, kr := s.enter(id)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	switch u.holder {
	case nil:
		s.hold(u, th)
		return u.held()
	case th:
		return abi.KERN_LOCK_OWNED_SELF
	}
	return abi.KERN_LOCK_OWNED
}

// Release is lock_release. KERN_INVALID_RIGHT: th does not hold it.
func (s *LockSet) Release(th *sched.Thread, id int32) abi.KernReturn { return s.release(th, id, nil) }

func (s *LockSet) release(th *sched.Thread, id int32, m *Member) abi.KernReturn {
	u, kr := s.enter(id)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	if u.holder != th {
		return abi.KERN_INVALID_RIGHT
	}
	s.hold(u, nil)
	u.blocked.WakeupOne(sched.Awakened)
	u.released(m)
	return abi.KERN_SUCCESS
}

// MakeStable is lock_make_stable. KERN_INVALID_RIGHT.
func (s *LockSet) MakeStable(th *sched.Thread, id int32) abi.KernReturn {
	u, kr := s.enter(id)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	if u.holder != th {
		return abi.KERN_INVALID_RIGHT
	}
	u.unstable = false
	return abi.KERN_SUCCESS
}

// Abandon makes every lock that th holds unstable and free: its holder has died.
func (s *LockSet) Abandon(th *sched.Thread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.locks {
		if u := &s.locks[i]; u.holder == th {
			s.hold(u, nil)
			u.unstable = true
			u.blocked.WakeupOne(sched.Awakened)
			u.released(nil)
		}
	}
}

// Handoff is lock_handoff: the lock goes straight to whoever accepts it; the
// caller waits for that. KERN_INVALID_RIGHT (not the holder),
// KERN_ALREADY_WAITING (another hand-off), KERN_ABORTED (the lock stays th's),
// KERN_LOCK_SET_DESTROYED.
func (s *LockSet) Handoff(th *sched.Thread, id int32) abi.KernReturn {
	u, kr := s.enter(id)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	if u.holder != th {
		return abi.KERN_INVALID_RIGHT
	}
	if u.giver != nil {
		return abi.KERN_ALREADY_WAITING
	}
	if t := u.taker; t != nil {
		u.taker = nil
		s.hold(u, t)
		u.handoff.WakeupThread(t, sched.Awakened)
		return abi.KERN_SUCCESS
	}
	u.giver = th
	return s.awaitPartner(th, u, func() bool { return u.giver != th }, func() { u.giver = nil })
}

// HandoffAccept is lock_handoff_accept: it waits for a hand-off and gets the
// lock. KERN_LOCK_UNSTABLE, KERN_ALREADY_WAITING (another taker),
// KERN_LOCK_OWNED_SELF, KERN_ABORTED, KERN_LOCK_SET_DESTROYED.
func (s *LockSet) HandoffAccept(th *sched.Thread, id int32) abi.KernReturn {
	u, kr := s.enter(id)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	if u.holder == th {
		return abi.KERN_LOCK_OWNED_SELF
	}
	if u.taker != nil {
		return abi.KERN_ALREADY_WAITING
	}
	if g := u.giver; g != nil {
		u.giver = nil
		s.hold(u, th)
		u.handoff.WakeupThread(g, sched.Awakened)
		return u.held()
	}
	u.taker = th
	kr = s.awaitPartner(th, u, func() bool { return u.taker != th }, func() { u.taker = nil })
	if kr == abi.KERN_SUCCESS {
		return u.held()
	}
	return kr
}

// awaitPartner sleeps until done; s.mu is held. A partner who comes while the
// sleep is being interrupted wins.
func (s *LockSet) awaitPartner(th *sched.Thread, u *ulock, done func() bool, cancel func()) abi.KernReturn {
	r := sched.Sleep(th, &u.handoff, &s.mu, sched.Interruptible, sched.Forever)
	if done() {
		return abi.KERN_SUCCESS
	}
	cancel()
	if r == sched.Interrupted {
		return abi.KERN_ABORTED
	}
	return abi.KERN_LOCK_SET_DESTROYED
}
