package sched

import (
	"errors"
	"time"
)

// Policy is how a thread competes.
type Policy uint8

const (
	TimeShare Policy = iota // THREAD_STANDARD_POLICY: the priority follows recent use
	Fixed                   // the priority stays
	RealTime                // THREAD_TIME_CONSTRAINT_POLICY
)

// Contract is what a real-time thread declares (003 ch. 8, "thread policy
// flavors"): of each Period it needs Computation, all of it within Constraint
// after it became ready. A thread that is not Preemptible wants its computation
// in one piece. Times are in nanoseconds.
type Contract struct {
	Period, Computation, Constraint time.Duration
	Preemptible                     bool
}

// Bounds of a contract (XNU: min_rt_quantum, max_rt_quantum), and what
// thread_policy_get gives for a thread that has none.
const (
	MinComputation     = 50 * time.Microsecond
	MaxComputation     = 50 * time.Millisecond
	DefaultComputation = Quantum / 2
	DefaultConstraint  = Quantum
)

// A contract is broken by a thread that computes for overruns times its
// Computation, and no less than leastUnsafe, without ever blocking: it then
// competes by time sharing for twice as long, and gets another chance.
const (
	overruns    = 10
	leastUnsafe = 10 * Quantum
)

// ErrContract means that a contract can't be kept: the computation is out of
// bounds, or longer than the constraint.
var ErrContract = errors.New("sched: impossible time constraint")

func (c Contract) check() error {
	if c.Computation < MinComputation || c.Computation > MaxComputation || c.Constraint < c.Computation || c.Period < 0 {
		return ErrContract
	}
	return nil
}

func (c Contract) unsafe() Deadline { return Deadline(max(overruns*c.Computation, leastUnsafe)) }

// Params is what has been set for a thread.
type Params struct {
	Policy Policy
	// Importance is relative to the priority of the task.
	Importance int
	// Quantum of a fixed thread; 0 is the standard one, Infinite lets it run
	// until it blocks or somebody better comes.
	Quantum  time.Duration
	Contract Contract // of a real-time thread
}

// Infinite is the quantum of SCHED_FIFO.
const Infinite time.Duration = -1

// Check says what SetParams would refuse: ErrContract.
func (p *Params) Check() error {
	if p.Policy == RealTime {
		return p.Contract.check()
	}
	return nil
}

// SetParams changes how t competes, from the next time that it does.
// ErrContract.
func (t *Thread) SetParams(p Params) error {
	if err := p.Check(); err != nil {
		return err
	}
	s := t.lockSet()
	was := t.cpu.pri.params.Policy
	t.cpu.pri.params = p
	if p.Policy == RealTime && was != RealTime {
		t.cpu.pri.begin(Now())
	}
	s.mu.Unlock()
	if t.Preempt != nil {
		t.Preempt() // it may have to give way now
	}
	return nil
}

// Params gives what SetParams set.
func (t *Thread) Params() Params {
	s := t.lockSet()
	defer s.mu.Unlock()
	return t.cpu.pri.params
}

// SetTaskPriority sets what the importance is relative to (0 to MaxPri) and the
// limit of the result: MaxPriUser for a user's thread, the top of a band for
// others. A task sets it for all its threads.
func (t *Thread) SetTaskPriority(base, limit int) {
	s := t.lockSet()
	t.cpu.pri.set = true
	t.cpu.pri.task = uint8(min(max(base, 0), MaxPri))
	t.cpu.pri.limit = uint8(min(max(limit, 0), MaxPri))
	s.mu.Unlock()
}

// Status is how a thread stands at the moment.
type Status struct {
	Base, Current int
	// Policy is what it competes by: a real-time thread that broke its contract
	// is Demoted and shares time.
	Policy    Policy
	Demoted   bool
	Demotions int
	Depressed bool
	Usage     time.Duration // recent processor time, decayed
}

// Status gives t's standing.
func (t *Thread) Status() Status {
	s := t.lockSet()
	defer s.mu.Unlock()
	now, p := Now(), t.cpu.pri
	if t.cpu.held.Load() {
		p.charge(now, now-t.cpu.since)
	}
	cur := p.effective(now)
	st := Status{Base: p.basePri(), Current: cur, Policy: p.params.Policy, Demoted: p.demoted, Demotions: int(p.demotions),
		Depressed: p.depressed(now), Usage: time.Duration(p.usage)}
	if p.demoted {
		st.Policy = TimeShare
	}
	return st
}

// Depress gives t the lowest priority until a moment, as thread_switch asks.
func (t *Thread) Depress(until Deadline) {
	s := t.lockSet()
	t.cpu.pri.depress = until
	s.mu.Unlock()
}

// DepressAbort is thread_depress_abort; false if t was not depressed.
func (t *Thread) DepressAbort() bool {
	s := t.lockSet()
	defer s.mu.Unlock()
	was := t.cpu.pri.depressed(Now())
	t.cpu.pri.depress = 0
	if t.cpu.queued {
		s.queue.remove(t)
		s.queue.push(t, t.cpu.pri.effective(Now()), false)
	}
	return was
}
