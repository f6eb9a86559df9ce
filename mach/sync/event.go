package sync

import (
	gosync "sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/sched"
)

// EventSet is the set of IPC objects from which mach_ipc_dispatch takes events
// (003 ch. 6, "IPC Transactions and Event Dispatching"): message queues,
// semaphores, notifications, locks and RPC objects. Next takes one event of one of
// them, in turn.
//
// EventSet.mu is a leaf but for the wait queue: sources poke the set with their own
// lock held, and Next asks sources without the set's.
type EventSet struct {
	mu      gosync.Mutex
	wq      sched.WaitQueue
	members []*Member
	turn    int
	gen     uint64 // of pokes
	dead    bool
	idle    atomic.Int32 // threads in Next
}

// MaxMembers bounds a set.
const MaxMembers = 10000

// Source is an object that can be in a set.
type Source interface {
	// take takes an event for th, without waiting; m is who asks.
	take(th *sched.Thread, m *Member) (Event, bool)
	// watch has m.Poke called after each change that may have made an event,
	// until unwatch. KERN_TERMINATED, KERN_INVALID_ARGUMENT.
	watch(m *Member) abi.KernReturn
	unwatch(m *Member)
}

// Member is a source in a set.
type Member struct {
	set    *EventSet
	source Source
	// Index is the number of the lock in its lock set. Cookie is whoever
	// registered's own.
	Index  int32
	Cookie uint64
	Object any // what it was registered as

	granted atomic.Int32 // events given directly: post-all, a lock's release
}

// EventKind is what an event is of.
type EventKind uint32

const (
	EventMessage EventKind = iota + 1
	EventSemaphore
	EventNotification
	EventLock
	EventRPC
)

// Event is something that happened to a member.
type Event struct {
	Kind   EventKind
	Member *Member
	State  []byte   // of a notification
	Call   *RPCCall // of an RPC object
	// Transaction lasts until End; nil if there is none.
	Transaction Transaction
	Unstable    bool // the lock's last holder died
}

// Transaction is what an event holds while its callout runs: a lock, or a client
// that waits. A thread has one at a time.
type Transaction interface {
	// End completes it, on the thread that has it. The reply is for an RPC's
	// client: KERN_INVALID_ARGUMENT if it has not the length of its format; the
	// client gets KERN_FAILURE then. kr is what the client gets.
	End(th *sched.Thread, reply []byte, kr abi.KernReturn) abi.KernReturn
}

// Insert registers a source. KERN_TERMINATED, KERN_RESOURCE_SHORTAGE,
// KERN_NAME_EXISTS (it is there already), and watch's.
func (s *EventSet) Insert(src Source, index int32, cookie uint64, object any) abi.KernReturn {
	m := &Member{set: s, source: src, Index: index, Cookie: cookie, Object: object}
	s.mu.Lock()
	kr := abi.KERN_SUCCESS
	switch {
	case s.dead:
		kr = abi.KERN_TERMINATED
	case len(s.members) >= MaxMembers:
		kr = abi.KERN_RESOURCE_SHORTAGE
	case s.find(object, index) >= 0:
		kr = abi.KERN_NAME_EXISTS
	default:
		s.members = append(s.members, m)
	}
	s.mu.Unlock()
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if kr = src.watch(m); kr != abi.KERN_SUCCESS {
		s.drop(m)
		return kr
	}
	m.Poke() // there may be something already
	return abi.KERN_SUCCESS
}

func (s *EventSet) find(object any, index int32) int {
	for i, m := range s.members {
		if m.Object == object && m.Index == index {
			return i
		}
	}
	return -1
}

func (s *EventSet) drop(m *Member) {
	s.mu.Lock()
	for i, x := range s.members {
		if x == m {
			s.members = append(s.members[:i:i], s.members[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
}

// Remove takes a source out. KERN_NOT_IN_SET.
func (s *EventSet) Remove(object any, index int32) abi.KernReturn {
	s.mu.Lock()
	i := s.find(object, index)
	if i < 0 {
		s.mu.Unlock()
		return abi.KERN_NOT_IN_SET
	}
	m := s.members[i]
	s.mu.Unlock()
	m.source.unwatch(m)
	s.drop(m)
	return abi.KERN_SUCCESS
}

// Destroy ends the set: those in Next get KERN_TERMINATED.
func (s *EventSet) Destroy() {
	s.mu.Lock()
	s.dead = true
	l := s.members
	s.members = nil
	s.wq.WakeupAll(sched.Restart)
	s.mu.Unlock()
	for _, m := range l {
		m.source.unwatch(m)
	}
}

// Poke says that there may be an event. It may be called with a source's lock held.
func (m *Member) Poke() {
	s := m.set
	s.mu.Lock()
	s.gen++
	s.wq.WakeupAll(sched.Awakened)
	s.mu.Unlock()
}

// grant gives an event that nobody keeps if it is not taken: to a thread that waits
// in the set.
func (m *Member) grant() {
	if m.set.idle.Load() > 0 {
		m.granted.Add(1)
		m.Poke()
	}
}

// taken uses up a grant.
func (m *Member) taken() bool {
	for {
		n := m.granted.Load()
		if n <= 0 {
			return false
		}
		if m.granted.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// Next waits for an event, at the most until the deadline. Members take turns.
// KERN_OPERATION_TIMED_OUT, KERN_ABORTED, KERN_TERMINATED.
func (s *EventSet) Next(th *sched.Thread, until sched.Deadline) (Event, abi.KernReturn) {
	s.idle.Add(1)
	defer s.idle.Add(-1)
	for {
		s.mu.Lock()
		if s.dead {
			s.mu.Unlock()
			return Event{}, abi.KERN_TERMINATED
		}
		gen, n := s.gen, len(s.members)
		l := make([]*Member, 0, n)
		if n > 0 {
			at := s.turn % n
			l = append(append(l, s.members[at:]...), s.members[:at]...)
		}
		s.mu.Unlock()
		for i, m := range l {
			if ev, ok := m.source.take(th, m); ok {
				ev.Member = m
				s.mu.Lock()
				s.turn = (s.turn%n + i + 1) % n
				s.mu.Unlock()
				return ev, abi.KERN_SUCCESS
			}
		}
		s.mu.Lock()
		if s.gen != gen || s.dead {
			s.mu.Unlock()
			continue
		}
		if until != sched.Forever && until <= sched.Now() {
			s.mu.Unlock()
			return Event{}, abi.KERN_OPERATION_TIMED_OUT
		}
		r := sched.Sleep(th, &s.wq, &s.mu, sched.Interruptible, until)
		s.mu.Unlock()
		if r == sched.Interrupted {
			return Event{}, abi.KERN_ABORTED
		}
	}
}

// watchers are the members that are told of an object's changes; the object's lock
// guards them.
type watchers []*Member

func (w *watchers) add(m *Member) { *w = append(*w, m) }

func (w *watchers) remove(m *Member) {
	for i, x := range *w {
		if x == m {
			*w = append((*w)[:i:i], (*w)[i+1:]...)
			return
		}
	}
}

func (w watchers) poke() {
	for _, m := range w {
		m.Poke()
	}
}
