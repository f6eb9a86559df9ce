package sched

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ProcessorSet is a processor_set: processors and the threads that compete for
// them. Each thread that runs, in its guest or in the kernel, holds a seat;
// there are as many seats as processors. A thread that becomes runnable takes
// a free seat or waits in the run queue; while somebody waits, a tick asks
// threads whose quantum is over, or whose priority has become lower, to give
// theirs up.
type ProcessorSet struct {
	mu      sync.Mutex
	free    int // seats; below zero, that many are given up too late
	max     int
	members int // threads that are assigned
	queue   runQueue
	running *Thread      // list of those that hold a seat
	lent    *Thread      // list of those whose seat was taken while they slept by themselves
	waiting atomic.Int32 // queue.n, for those who only look
	ticking bool
	ticks   uint32
	heir    *ProcessorSet // who gets the last processor of a set that has ended
}

// NewProcessorSet makes a set of n processors.
func NewProcessorSet(n int) *ProcessorSet { return &ProcessorSet{free: n, max: n} }

// noSet is only a lock, for threads that need no processor.
var noSet ProcessorSet

// ErrNoProcessor means that threads would be left without any processor.
var ErrNoProcessor = errors.New("sched: no processor left for the set's threads")

// Count is the number of processors.
func (s *ProcessorSet) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.max
}

// Members is how many threads are assigned to s.
func (s *ProcessorSet) Members() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members
}

// Contended says whether threads wait for a processor.
func (s *ProcessorSet) Contended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.n > 0
}

// Busy is how many processors have a thread.
func (s *ProcessorSet) Busy() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(s.max-s.free, s.max)
}

// seat is a thread's claim on a processor; the set's lock guards all but set
// itself. set changes only under the lock of the old one, by the thread itself
// while it holds no seat.
//
// held is written under the lock, by the thread itself or, while its guest sleeps
// without the kernel (Thread.Asleep), by whoever takes the seat for another. Then
// it is lent: the thread gets a seat again when the kernel next sees it.
type seat struct {
	set        atomic.Pointer[ProcessorSet]
	want       atomic.Pointer[ProcessorSet] // to move to
	held       atomic.Bool
	lent       bool
	queued     bool
	at         uint8    // the list of the run queue
	since      Deadline // when the seat was taken
	granted    chan struct{}
	next, prev *Thread // running list, or run queue
	pri        priority
	paid       atomic.Int64 // nanoseconds that others used on its behalf
	unpaid     atomic.Int64 // of those, what its priority does not know yet
}

// lockSet locks the set that t is in.
func (t *Thread) lockSet() *ProcessorSet {
	for {
		s := t.cpu.set.Load()
		if s == nil {
			noSet.mu.Lock()
			return &noSet
		}
		s.mu.Lock()
		if t.cpu.set.Load() == s {
			return s
		}
		s.mu.Unlock()
	}
}

// Attach gives the running thread a processor; call it once when it starts.
func (t *Thread) Attach() { t.takeSeat(false) }

// Detach gives the processor up for good, or around a host call that may take
// long; Attach gets one again.
func (t *Thread) Detach() { t.yieldSeat(false) }

// Yield is YieldFor a quantum (swtch_pri).
func (t *Thread) Yield() { t.YieldFor(Quantum) }

// YieldFor lets another thread have the processor if one waits for it, of
// whatever priority: t is depressed until it runs again, for d at the most
// (thread_switch).
func (t *Thread) YieldFor(d time.Duration) {
	s := t.cpu.set.Load()
	if s == nil {
		return
	}
	s.mu.Lock()
	contended, before := s.queue.n > 0 || s.free < 0, t.cpu.pri.depress
	if contended {
		t.cpu.pri.depress = max(t.cpu.pri.depress, Now()+Deadline(d))
	}
	s.mu.Unlock()
	if contended {
		t.yieldSeat(false)
		t.takeSeat(false)
		t.Depress(before)
	}
}

// GiveWay is what a thread does that was asked by Preempt: a better thread, or
// an equal one if the quantum is over, gets the processor. Within its quantum t
// stays first of its priority.
func (t *Thread) GiveWay() {
	s := t.cpu.set.Load()
	if s == nil || !t.cpu.held.Load() {
		return
	}
	s.mu.Lock()
	stay, first := s.stays(t, Now())
	s.mu.Unlock()
	if stay && t.cpu.want.Load() == nil {
		return
	}
	t.yieldSeat(false)
	t.takeSeat(first)
}

// stays says whether t, which was asked to give way, still has to; first, whether
// it is within its quantum.
func (s *ProcessorSet) stays(t *Thread, now Deadline) (stay, first bool) {
	p := t.cpu.pri.running(now, t.cpu.since)
	first = !p.spent()
	mine, top := p.effective(now), s.queue.top()
	return s.free >= 0 && (top < mine || top == mine && first && !s.sooner(&p)), first
}

// sooner says whether a waiting real-time thread has an earlier deadline than p.
func (s *ProcessorSet) sooner(p *priority) bool {
	h := s.queue.head[BasePriRTQueue]
	return p.realTime() && p.params.Contract.Preemptible && h != nil && h.cpu.pri.realTime() && h.cpu.pri.due() < p.due()
}

func (t *Thread) yieldSeat(blocks bool) {
	s := t.cpu.set.Load()
	if s == nil {
		return
	}
	now := Now()
	s.mu.Lock()
	var next *Thread
	if t.cpu.held.Load() {
		next = s.release(t, now, blocks)
	} else if t.cpu.lent {
		s.retrieve(t)
	}
	s.mu.Unlock()
	if next != nil {
		next.cpu.granted <- struct{}{}
	}
}

// release takes t's seat and says who has it now; s.mu is held.
func (s *ProcessorSet) release(t *Thread, now Deadline, blocks bool) (next *Thread) {
	s.unlist(t)
	t.charge(now)
	if blocks {
		t.cpu.pri.blocked()
	}
	if t.cpu.pri.spent() {
		t.cpu.pri.slice = 0
	}
	if s.free >= 0 {
		next = s.queue.pop()
	}
	if next == nil {
		s.free++
		return nil
	}
	s.seat(next, now)
	return next
}

func (t *Thread) takeSeat(first bool) {
	if t.cpu.set.Load() == nil || t.cpu.held.Load() {
		return
	}
	if t.cpu.want.Load() != nil {
		s := t.lockSet()
		if t.cpu.lent {
			s.retrieve(t)
		}
		s.mu.Unlock()
		t.move(t.cpu.want.Swap(nil))
	}
	s := t.cpu.set.Load()
	now := Now()
	s.mu.Lock()
	if t.cpu.lent {
		s.retrieve(t)
	}
	seated, victim := s.admit(t, now, first)
	if !seated && !s.ticking {
		s.ticking = true
		time.AfterFunc(Quantum, s.tick)
	}
	s.mu.Unlock()
	if seated {
		return
	}
	if victim != nil {
		victim.Preempt()
	}
	<-t.cpu.granted
}

// admit seats t or puts it into the run queue; then it may name a thread to be
// asked to give way. s.mu is held.
func (s *ProcessorSet) admit(t *Thread, now Deadline, first bool) (seated bool, victim *Thread) {
	t.cpu.pri.begin(now)
	if s.free > 0 {
		s.free--
		s.seat(t, now)
		return true, nil
	}
	if p := s.sleeper(); p != nil {
		s.lend(p, now)
		s.seat(t, now)
		return true, nil
	}
	if t.cpu.granted == nil {
		t.cpu.granted = make(chan struct{}, 1)
	}
	s.queue.push(t, t.cpu.pri.effective(now), first)
	s.waiting.Store(int32(s.queue.n))
	for r := s.running; r != nil; r = r.cpu.next {
		if r.Contend != nil {
			r.Contend()
		}
	}
	return false, s.worse(t, now)
}

// seat puts t on the running list; s.mu is held.
func (s *ProcessorSet) seat(t *Thread, now Deadline) {
	t.cpu.since = now
	t.cpu.held.Store(true)
	s.waiting.Store(int32(s.queue.n))
	t.cpu.prev, t.cpu.next = nil, s.running
	if s.running != nil {
		s.running.cpu.prev = t
	}
	s.running = t
}

func (s *ProcessorSet) unlist(t *Thread) {
	t.unlink(&s.running)
	t.cpu.held.Store(false)
}

// unlink takes t off the running list or the lent one; the set's lock is held.
func (t *Thread) unlink(list **Thread) {
	if t.cpu.prev != nil {
		t.cpu.prev.cpu.next = t.cpu.next
	} else {
		*list = t.cpu.next
	}
	if t.cpu.next != nil {
		t.cpu.next.cpu.prev = t.cpu.prev
	}
	t.cpu.next, t.cpu.prev = nil, nil
}

// Seated says whether the running thread t has its processor. If not, it was
// lent: Attach gets another.
func (t *Thread) Seated() bool { return t.cpu.held.Load() || t.cpu.set.Load() == nil }

// Crowded says whether threads wait for a processor of t's set.
func (t *Thread) Crowded() bool {
	s := t.cpu.set.Load()
	return s != nil && s.waiting.Load() > 0
}

// sleeper finds a thread that holds a seat and sleeps by itself; s.mu is held.
func (s *ProcessorSet) sleeper() *Thread {
	for r := s.running; r != nil; r = r.cpu.next {
		if r.Asleep != nil && r.Asleep() {
			return r
		}
	}
	return nil
}

// lend takes the seat of a thread that sleeps by itself; s.mu is held.
func (s *ProcessorSet) lend(t *Thread, now Deadline) {
	s.unlist(t)
	t.charge(now)
	t.cpu.pri.blocked()
	t.cpu.since, t.cpu.lent = now, true
	if t.cpu.next = s.lent; s.lent != nil {
		s.lent.cpu.prev = t
	}
	s.lent = t
}

// retrieve takes t off the list of those whose seat is lent; s.mu is held.
func (s *ProcessorSet) retrieve(t *Thread) {
	t.unlink(&s.lent)
	t.cpu.lent = false
}

// worse finds a running thread that has to give way to t: the one of the lowest
// priority below t's; among real-time threads, of the latest deadline.
func (s *ProcessorSet) worse(t *Thread, now Deadline) (worst *Thread) {
	low, latest := t.cpu.pri.effective(now), t.cpu.pri.due()
	for r := s.running; r != nil; r = r.cpu.next {
		if r.Preempt == nil {
			continue
		}
		p := r.cpu.pri.running(now, r.cpu.since)
		switch pri := p.effective(now); {
		case pri < low:
			worst, low = r, pri
		case pri == low && p.realTime() && p.params.Contract.Preemptible && t.cpu.pri.realTime() && p.due() > latest:
			worst, latest = r, p.due()
		}
	}
	return worst
}

// tick asks threads to give way while others wait.
func (s *ProcessorSet) tick() {
	var room [16]*Thread
	var seats [16]*Thread
	now := Now()
	s.mu.Lock()
	seated := seats[:0]
	for p := s.sleeper(); p != nil && s.queue.n > 0 && s.free >= 0 && len(seated) < cap(seated); p = s.sleeper() {
		s.lend(p, now)
		next := s.queue.pop()
		s.seat(next, now)
		seated = append(seated, next)
	}
	victims := s.awake(now, s.expired(now, room[:0]))
	s.ticking = s.queue.n > 0
	if s.ticking {
		time.AfterFunc(Quantum, s.tick)
	}
	s.mu.Unlock()
	for _, t := range seated {
		t.cpu.granted <- struct{}{}
	}
	for _, v := range victims {
		v.Preempt()
	}
}

// awake adds to list, up to its room, threads whose seat is lent and that don't
// sleep any more, or have for longer than anybody may. s.mu is held.
func (s *ProcessorSet) awake(now Deadline, list []*Thread) []*Thread {
	for r := s.lent; r != nil && len(list) < cap(list); r = r.cpu.next {
		if r.Preempt != nil && (!r.Asleep() || now-r.cpu.since > Deadline(2*Quantum)) {
			list = append(list, r)
		}
	}
	return list
}

// expired lists, up to its room, those that are worse than the first in the
// queue, or no better and their quantum is over. s.mu is held.
func (s *ProcessorSet) expired(now Deadline, list []*Thread) []*Thread {
	if s.ticks++; s.ticks%8 == 0 {
		s.queue.refresh(now)
	}
	top := s.queue.top()
	for r := s.running; r != nil && len(list) < cap(list) && len(list) < s.queue.n; r = r.cpu.next {
		if r.Preempt == nil {
			continue
		}
		p := r.cpu.pri.running(now, r.cpu.since)
		if pri := p.effective(now); pri < top || pri == top && p.spent() {
			list = append(list, r)
		}
	}
	return list
}
