package sched

import (
	"sync"
	"time"
)

type runState uint8

const (
	stateRunning  runState = iota
	stateAsserted          // on a wait queue, Block still to come
	stateBlocked           // on a wait queue, parked
	stateWoken             // off the queue, result is set, Block has not seen it
)

// Thread is what can run and wait: the scheduler's part of a Mach thread, for
// guest threads and kernel threads alike. Make it with Init; it must not move.
type Thread struct {
	// Pending says whether an interruptible wait has to end. It is called
	// with the thread's lock held and must not take locks that are held
	// around Interrupt, AssertWait or wakeups; atomics are best. Set it before
	// the thread first runs. Nil means never.
	Pending func() bool
	// Preempt asks the thread to call GiveWay soon. Nil: it can't be asked.
	Preempt func()
	// Asleep says whether the thread's guest seems to sleep without the kernel's
	// doing; Contend asks it not to from now on. Both are called with the
	// processor set's lock held. Nil: it never does.
	Asleep  func() bool
	Contend func()
	// Owner is what the thread is part of: a *task.Thread. Set it before the
	// thread first runs.
	Owner any
	// Name is for people: "hello/1", "pageout".
	Name string

	mu     sync.Mutex
	state  runState
	how    Interruptibility
	result WaitResult
	until  Deadline
	waitq  *WaitQueue
	wnext  *Thread
	wprev  *Thread
	parked chan struct{} // capacity 1

	cpu seat // processor.go
}

// Init makes t ready. The set may be nil for a thread that needs no processor
// (a kernel thread that mostly waits). With a set, Leave is due at its end.
func (t *Thread) Init(name string, set *ProcessorSet) {
	t.Name = name
	t.parked = make(chan struct{}, 1)
	if set != nil {
		t.cpu.set.Store(set)
		set.mu.Lock()
		set.members++
		set.mu.Unlock()
	}
}

// NewThread makes a kernel thread without a processor.
func NewThread(name string) *Thread {
	t := new(Thread)
	t.Init(name, nil)
	return t
}

// wake is called with t.mu held, after t was taken off its queue; it unlocks.
func (t *Thread) wake(result WaitResult) {
	was := t.state
	t.waitq, t.result, t.state = nil, result, stateWoken
	t.mu.Unlock()
	if was == stateBlocked {
		t.parked <- struct{}{}
	}
}

// Block waits for the event that AssertWait named and says how the wait
// ended. It gives up the thread's processor meanwhile.
func (t *Thread) Block() WaitResult {
	t.mu.Lock()
	switch t.state {
	case stateRunning:
		t.mu.Unlock()
		panic("sched: Block without AssertWait")
	case stateWoken:
		r := t.result
		t.state = stateRunning
		t.mu.Unlock()
		return r
	}
	t.state = stateBlocked
	until := t.until
	t.mu.Unlock()

	t.yieldSeat(true)
	if until == Forever {
		<-t.parked
	} else {
		t.parkUntil(until)
	}
	t.takeSeat(false)

	t.mu.Lock()
	r := t.result
	t.state = stateRunning
	t.mu.Unlock()
	return r
}

// parkUntil waits for wake, which comes at until at the latest.
func (t *Thread) parkUntil(until Deadline) {
	d := time.Duration(until - Now())
	var rang <-chan struct{}
	var timer <-chan time.Time
	if 0 < d && d < coarse {
		if a := shortWaits.add(until); a != nil {
			defer shortWaits.remove(a)
			rang = a.rang
		}
	}
	if rang == nil {
		tm := time.NewTimer(d)
		defer tm.Stop()
		timer = tm.C
	}
	select {
	case <-t.parked:
		return
	case <-timer:
	case <-rang:
	}
	t.clear(TimedOut, false) // if somebody else was first, theirs is the wakeup
	<-t.parked
}

// ClearWait ends t's wait with result, whether or not it is interruptible, and
// reports whether t was waiting.
func (t *Thread) ClearWait(result WaitResult) bool { return t.clear(result, false) }

// Interrupt ends t's wait with Interrupted if it is interruptible. The reason
// must be visible to Pending before Interrupt is called.
func (t *Thread) Interrupt() bool { return t.clear(Interrupted, true) }

func (t *Thread) clear(result WaitResult, onlyInterruptible bool) bool {
	for {
		t.mu.Lock()
		q := t.waitq
		if q == nil || (onlyInterruptible && t.how != Interruptible) {
			t.mu.Unlock()
			return false
		}
		t.mu.Unlock()
		q.mu.Lock()
		t.mu.Lock()
		if t.waitq == q && !(onlyInterruptible && t.how != Interruptible) {
			q.remove(t)
			q.mu.Unlock()
			t.wake(result)
			return true
		}
		t.mu.Unlock()
		q.mu.Unlock()
	}
}

// IsWaiting says whether t is asleep or about to be.
func (t *Thread) IsWaiting() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waitq != nil
}
