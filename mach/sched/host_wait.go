package sched

// HostWait tells of a thread that begins or ends to wait for something outside the
// scheduler, keeping its seat: who waits need not know which thread it runs on. For as
// long there is one seat more; what is given back too early, those pay who give theirs
// up next. It may be called with any lock held but a thread's or a set's.
func (s *ProcessorSet) HostWait(waits bool) {
	var next *Thread
	s.mu.Lock()
	if !waits {
		s.free--
	} else if s.free >= 0 {
		if next = s.queue.pop(); next != nil {
			s.seat(next, Now())
		} else {
			s.free++
		}
	} else {
		s.free++
	}
	s.mu.Unlock()
	if next != nil {
		next.cpu.granted <- struct{}{}
	}
}
