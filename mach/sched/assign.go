package sched

// Assign moves t to a processor set: when it next competes, which it is asked to
// do soon. ErrNoProcessor if the set has none.
func (t *Thread) Assign(to *ProcessorSet) error {
	if t.cpu.set.Load() == nil {
		return nil
	}
	to.mu.Lock()
	if to.max == 0 {
		to.mu.Unlock()
		return ErrNoProcessor
	}
	to.members++ // from now, so that the last processor stays
	to.mu.Unlock()
	if was := t.cpu.want.Swap(to); was != nil {
		was.leave()
	}
	s := t.lockSet()
	waits := t.cpu.queued
	s.mu.Unlock()
	if t.Preempt != nil && !waits {
		t.Preempt()
	}
	return nil
}

// Assigned is the set that t is in, or will be in.
func (t *Thread) Assigned() *ProcessorSet {
	if to := t.cpu.want.Load(); to != nil {
		return to
	}
	return t.cpu.set.Load()
}

// move is made by t itself, without a seat.
func (t *Thread) move(to *ProcessorSet) {
	s := t.lockSet()
	t.cpu.set.Store(to)
	s.mu.Unlock()
	s.leave()
}

func (s *ProcessorSet) leave() {
	s.mu.Lock()
	s.members--
	to := s.heir
	last := s.members == 0 && to != nil && s.max > 0
	s.mu.Unlock()
	if last {
		MoveProcessor(s, to)
	}
}

// Drain moves one processor to another set, at once or, if it is the last one
// and threads are still there, when they have gone: s must get no new ones.
func (s *ProcessorSet) Drain(to *ProcessorSet) {
	s.mu.Lock()
	s.heir = to
	s.mu.Unlock()
	MoveProcessor(s, to)
}

// Leave ends t's membership, when it has ended.
func (t *Thread) Leave() {
	if to := t.cpu.want.Swap(nil); to != nil {
		to.leave()
	}
	if s := t.cpu.set.Load(); s != nil {
		s.leave()
	}
}

// MoveProcessor takes one processor from a set to another. ErrNoProcessor if it
// was the last one and threads need it.
func MoveProcessor(from, to *ProcessorSet) error {
	from.mu.Lock()
	if from.max == 0 || from.max == 1 && from.members > 0 {
		from.mu.Unlock()
		return ErrNoProcessor
	}
	from.max--
	from.free--
	var victim *Thread
	if from.free < 0 { // somebody has to go: the worst of them
		low := MaxPri + 1
		now := Now()
		for r := from.running; r != nil; r = r.cpu.next {
			p := r.cpu.pri.running(now, r.cpu.since)
			if e := p.effective(now); e < low && r.Preempt != nil {
				victim, low = r, e
			}
		}
	}
	from.mu.Unlock()
	if victim != nil {
		victim.Preempt()
	}

	to.mu.Lock()
	to.max++
	var next *Thread
	if to.free >= 0 {
		next = to.queue.pop()
	}
	if next != nil {
		to.seat(next, Now())
	} else {
		to.free++
	}
	to.mu.Unlock()
	if next != nil {
		next.cpu.granted <- struct{}{}
	}
	return nil
}
