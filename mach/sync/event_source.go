package sync

import (
	gosync "sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// Semaphores and lock sets in event sets.

// take counts down. A post-all gives one event to a set that a thread waits in.
func (s *Semaphore) take(_ *sched.Thread, m *Member) (Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return Event{}, false
	}
	if !m.taken() {
		if s.count == 0 {
			return Event{}, false
		}
		s.count--
	}
	return Event{Kind: EventSemaphore}, true
}

// watch refuses semaphores that save no posts: KERN_INVALID_ARGUMENT.
func (s *Semaphore) watch(m *Member) abi.KernReturn {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.dead:
		return abi.KERN_TERMINATED
	case s.prepost:
		return abi.KERN_INVALID_ARGUMENT
	}
	s.sets.add(m)
	return abi.KERN_SUCCESS
}

func (s *Semaphore) unwatch(m *Member) {
	s.mu.Lock()
	s.sets.remove(m)
	s.mu.Unlock()
}

// lockHeld is the transaction of a lock: it is held until the end.
type lockHeld struct {
	s *LockSet
	m *Member
}

// End releases the lock; if the thread ends instead (KERN_TERMINATED), it and all
// that the thread holds becomes unstable.
func (t lockHeld) End(th *sched.Thread, _ []byte, kr abi.KernReturn) abi.KernReturn {
	if kr == abi.KERN_TERMINATED {
		t.s.Abandon(th)
		return abi.KERN_SUCCESS
	}
	return t.s.release(th, t.m.Index, t.m)
}

// take gets the lock if somebody has released it since the last time.
func (s *LockSet) take(th *sched.Thread, m *Member) (Event, bool) {
	if m.granted.Load() == 0 {
		return Event{}, false
	}
	kr := s.Try(th, m.Index)
	if kr != abi.KERN_SUCCESS && kr != abi.KERN_LOCK_UNSTABLE {
		return Event{}, false // there will be another release
	}
	m.granted.Store(0)
	return Event{Kind: EventLock, Transaction: lockHeld{s, m}, Unstable: kr == abi.KERN_LOCK_UNSTABLE}, true
}

func (s *LockSet) watch(m *Member) abi.KernReturn {
	u, kr := s.enter(m.Index)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	u.sets.add(m)
	s.mu.Unlock()
	return abi.KERN_SUCCESS
}

func (s *LockSet) unwatch(m *Member) {
	s.mu.Lock()
	s.locks[m.Index].sets.remove(m)
	s.mu.Unlock()
}

// released tells the sets, except for m, whose own transaction it was; s.mu is
// held.
func (u *ulock) released(m *Member) {
	for _, x := range u.sets {
		if x != m {
			x.granted.Store(1)
			x.Poke()
		}
	}
}

// Queue is a message queue in an event set. The event says that there is a message;
// who gets it receives it.
type Queue struct {
	// Ready says whether there is a message. AddPoke has poke called when one may
	// have come, until the function that it returns is called.
	Ready   func() bool
	AddPoke func(poke func()) (remove func())

	mu     gosync.Mutex
	remove map[*Member]func()
}

func (q *Queue) take(*sched.Thread, *Member) (Event, bool) {
	return Event{Kind: EventMessage}, q.Ready()
}

func (q *Queue) watch(m *Member) abi.KernReturn {
	remove := q.AddPoke(m.Poke)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.remove == nil {
		q.remove = map[*Member]func(){}
	}
	q.remove[m] = remove
	return abi.KERN_SUCCESS
}

func (q *Queue) unwatch(m *Member) {
	q.mu.Lock()
	remove := q.remove[m]
	delete(q.remove, m)
	q.mu.Unlock()
	if remove != nil {
		remove()
	}
}
