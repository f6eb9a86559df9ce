package sched

// Thread migration (003 ch. 6: "executing the server using the client's
// resources"): a thread that serves a client's call uses the client's processor
// time, and competes at least as well as the client did when it called.

// ServeFor makes t, which must be the running thread, use client's resources; nil
// ends that.
func (t *Thread) ServeFor(client *Thread) {
	loan := 0
	if client != nil {
		s := client.lockSet()
		loan = client.cpu.pri.effective(Now())
		s.mu.Unlock()
	}
	s := t.lockSet()
	defer s.mu.Unlock()
	now := Now()
	if t.cpu.held.Load() {
		t.charge(now)
		t.cpu.since = now
	}
	t.cpu.pri.payer, t.cpu.pri.loan = client, uint8(min(loan, MaxPri))
}

// Serving is whom t serves, nil for nobody.
func (t *Thread) Serving() *Thread {
	s := t.lockSet()
	defer s.mu.Unlock()
	return t.cpu.pri.payer
}

// charge accounts for t's stretch on a processor, which ends now, to t or to whom
// it serves. The set's lock is held.
func (t *Thread) charge(now Deadline) {
	ran := now - t.cpu.since
	if p := t.cpu.pri.payer; p != nil {
		p.cpu.paid.Add(int64(ran))
		p.cpu.unpaid.Add(int64(ran)) // its own set's lock is not ours
	}
	t.cpu.pri.charge(now, ran)
	if t.cpu.unpaid.Load() != 0 {
		t.cpu.pri.usage += Deadline(t.cpu.unpaid.Swap(0))
	}
}
