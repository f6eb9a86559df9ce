package sched

import "sync"

// ProcessorSet is a processor_set: processors and the threads that compete for
// them. Each thread that runs holds a seat; there are as many as processors.
type ProcessorSet struct {
	mu    sync.Mutex
	free  int
	ready []*Thread // runnable, waiting for a seat; best priority first
	max   int
}

// NewProcessorSet makes a set of n processors, n > 0.
func NewProcessorSet(n int) *ProcessorSet { return &ProcessorSet{free: n, max: n} }

// Contended says whether threads wait for a processor.
func (s *ProcessorSet) Contended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ready) > 0
}

// seat is a thread's claim on a processor.
type seat struct {
	set     *ProcessorSet
	held    bool
	granted chan struct{}
}

// Attach gives the running thread a processor; call it once when it starts.
func (t *Thread) Attach() { t.takeSeat() }

// Detach gives the processor up for good, or around a host call that may take
// long; Attach gets one again.
func (t *Thread) Detach() { t.yieldSeat() }

// Yield lets another thread have the processor if one waits for it.
func (t *Thread) Yield() {
	if t.cpu.set != nil && t.cpu.set.Contended() {
		t.yieldSeat()
		t.takeSeat()
	}
}

func (t *Thread) yieldSeat() {
	s := t.cpu.set
	if s == nil || !t.cpu.held {
		return
	}
	t.cpu.held = false
	s.mu.Lock()
	if len(s.ready) == 0 {
		s.free++
		s.mu.Unlock()
		return
	}
	next := s.ready[0]
	s.ready = s.ready[1:]
	s.mu.Unlock()
	next.cpu.granted <- struct{}{}
}

func (t *Thread) takeSeat() {
	s := t.cpu.set
	if s == nil || t.cpu.held {
		return
	}
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		t.cpu.held = true
		return
	}
	if t.cpu.granted == nil {
		t.cpu.granted = make(chan struct{}, 1)
	}
	s.ready = append(s.ready, t)
	s.mu.Unlock()
	<-t.cpu.granted
	t.cpu.held = true
}
