package sched

import (
	"sync"
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
	free    int
	max     int
	queue   runQueue
	running *Thread // list of those that hold a seat
	ticking bool
}

// NewProcessorSet makes a set of n processors, n > 0.
func NewProcessorSet(n int) *ProcessorSet { return &ProcessorSet{free: n, max: n} }

// Count is the number of processors.
func (s *ProcessorSet) Count() int { return s.max }

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
	return s.max - s.free
}

// seat is a thread's claim on a processor; set's lock guards it.
type seat struct {
	set        *ProcessorSet
	held       bool
	since      Deadline // when the seat was taken
	granted    chan struct{}
	next, prev *Thread // running list, or run queue
	pri        priority
}

// Attach gives the running thread a processor; call it once when it starts.
func (t *Thread) Attach() { t.takeSeat() }

// Detach gives the processor up for good, or around a host call that may take
// long; Attach gets one again.
func (t *Thread) Detach() { t.yieldSeat() }

// Yield lets another thread of the same or a better priority have the
// processor if one waits for it.
func (t *Thread) Yield() {
	s := t.cpu.set
	if s == nil {
		return
	}
	s.mu.Lock()
	contended := s.queue.n > 0
	s.mu.Unlock()
	if contended {
		t.yieldSeat()
		t.takeSeat()
	}
}

func (t *Thread) yieldSeat() {
	s := t.cpu.set
	if s == nil || !t.cpu.held {
		return
	}
	now := Now()
	s.mu.Lock()
	s.unlist(t)
	t.cpu.pri.charge(now, now-t.cpu.since)
	next := s.queue.pop()
	if next == nil {
		s.free++
		s.mu.Unlock()
		return
	}
	s.seat(next, now)
	s.mu.Unlock()
	next.cpu.granted <- struct{}{}
}

func (t *Thread) takeSeat() {
	s := t.cpu.set
	if s == nil || t.cpu.held {
		return
	}
	now := Now()
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.seat(t, now)
		s.mu.Unlock()
		return
	}
	if t.cpu.granted == nil {
		t.cpu.granted = make(chan struct{}, 1)
	}
	s.queue.push(t, t.cpu.pri.effective(now))
	victim := s.worse(t, now)
	if !s.ticking {
		s.ticking = true
		time.AfterFunc(Quantum, s.tick)
	}
	s.mu.Unlock()
	if victim != nil {
		victim.Preempt()
	}
	<-t.cpu.granted
}

// seat puts t on the running list; s.mu is held.
func (s *ProcessorSet) seat(t *Thread, now Deadline) {
	t.cpu.since, t.cpu.held = now, true
	t.cpu.prev, t.cpu.next = nil, s.running
	if s.running != nil {
		s.running.cpu.prev = t
	}
	s.running = t
}

func (s *ProcessorSet) unlist(t *Thread) {
	if t.cpu.prev != nil {
		t.cpu.prev.cpu.next = t.cpu.next
	} else {
		s.running = t.cpu.next
	}
	if t.cpu.next != nil {
		t.cpu.next.cpu.prev = t.cpu.prev
	}
	t.cpu.next, t.cpu.prev, t.cpu.held = nil, nil, false
}

// worse finds a running thread of a lower priority than t, the lowest one.
func (s *ProcessorSet) worse(t *Thread, now Deadline) *Thread {
	best, low := (*Thread)(nil), t.cpu.pri.effective(now)
	for r := s.running; r != nil; r = r.cpu.next {
		if p := r.cpu.pri.running(now, r.cpu.since); p < low && r.Preempt != nil {
			best, low = r, p
		}
	}
	return best
}

// tick asks threads to give way while others wait: those whose quantum is
// over and that are no better than the first in the queue.
func (s *ProcessorSet) tick() {
	now := Now()
	var victims [16]*Thread
	n := 0
	s.mu.Lock()
	if s.queue.n == 0 {
		s.ticking = false
		s.mu.Unlock()
		return
	}
	top := s.queue.top()
	for r := s.running; r != nil && n < len(victims) && n < s.queue.n; r = r.cpu.next {
		over := now-r.cpu.since >= Deadline(Quantum)-Deadline(time.Millisecond)
		if over && r.cpu.pri.running(now, r.cpu.since) <= top && r.Preempt != nil {
			victims[n] = r
			n++
		}
	}
	time.AfterFunc(Quantum, s.tick)
	s.mu.Unlock()
	for _, v := range victims[:n] {
		v.Preempt()
	}
}
