package sched

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// sim runs a processor set on a clock of its own, in steps of a fifth of a
// millisecond; it makes the moves that threads make in takeSeat, GiveWay and
// Block.
type sim struct {
	s    *ProcessorSet
	now  Deadline
	all  []*simThread
	tick Deadline
}

const step = Deadline(200 * time.Microsecond)

// simThread computes for work, sleeps until period has passed since it woke, and
// so on; with work 0 it never sleeps.
type simThread struct {
	Thread
	work, period time.Duration
	left         Deadline
	woke         Deadline
	asleep       bool
	asked        bool
	got          Deadline // processor time
	late         int      // times that it was not ready within its constraint
	turns        []Deadline
}

func newSim(n int) *sim { return &sim{s: NewProcessorSet(n), now: 1e9} }

func (m *sim) add(p Params, work, period time.Duration) *simThread {
	t := &simThread{work: work, period: period, asleep: true, woke: m.now}
	t.Init("sim", m.s)
	if err := t.SetParams(p); err != nil {
		panic(err)
	}
	t.cpu.pri.ready, t.cpu.pri.aged = 0, 0 // SetParams used the real clock
	t.Preempt = func() { t.asked = true }
	t.Owner = t
	m.all = append(m.all, t)
	return t
}

func (m *sim) victim(v *Thread) {
	if v != nil {
		v.Preempt()
	}
}

func (m *sim) admit(t *simThread, first bool) {
	seated, v := m.s.admit(&t.Thread, m.now, first)
	m.victim(v)
	if seated {
		t.turns = append(t.turns, m.now)
	}
}

func (m *sim) release(t *simThread, blocks bool) {
	if next := m.s.release(&t.Thread, m.now, blocks); next != nil {
		n := next.Owner.(*simThread)
		n.turns = append(n.turns, m.now)
	}
}

func (m *sim) run(d time.Duration) {
	for end := m.now + Deadline(d); m.now < end; m.now += step {
		for _, t := range m.all {
			if t.asleep && m.now >= t.woke {
				t.asleep, t.left = false, Deadline(t.work)
				m.admit(t, false)
			}
		}
		if m.now-m.tick >= Deadline(Quantum) {
			m.tick = m.now
			var room [16]*Thread
			for _, v := range m.s.expired(m.now, room[:0]) {
				v.Preempt()
			}
		}
		for again := true; again; {
			again = false
			for _, t := range m.all {
				if t.asked && t.cpu.held.Load() {
					t.asked = false
					if stay, first := m.s.stays(&t.Thread, m.now); !stay {
						m.release(t, false)
						m.admit(t, first)
						again = true
					}
				}
				t.asked = t.asked && t.cpu.held.Load()
			}
		}
		var run []*simThread
		for _, t := range m.all {
			if t.cpu.held.Load() {
				run = append(run, t)
			}
		}
		if len(run) > m.s.max {
			panic("more threads run than there are processors")
		}
		for _, t := range run {
			t.got += step
			if t.work == 0 {
				continue
			}
			if t.left -= step; t.left <= 0 {
				done := m.now + step
				if t.cpu.pri.params.Policy == RealTime && done-t.woke > Deadline(t.cpu.pri.params.Contract.Constraint) {
					t.late++
				}
				t.woke = max(t.woke+Deadline(t.period), done)
				t.asleep = true
				m.release(t, true)
			}
		}
	}
}

func (m *sim) current(t *simThread) int {
	p := t.cpu.pri
	if t.cpu.held.Load() {
		p = p.running(m.now, t.cpu.since)
	}
	return p.effective(m.now)
}

func contract(period, computation, constraint time.Duration) Params {
	return Params{Policy: RealTime, Contract: Contract{Period: period, Computation: computation, Constraint: constraint, Preemptible: true}}
}

// A thread that computes sinks, one that mostly sleeps stays and gets a
// processor at once when it wakes; and the first is not starved.
func TestTimeSharing(t *testing.T) {
	m := newSim(1)
	hog := m.add(Params{}, 0, 0)
	sleeper := m.add(Params{}, time.Millisecond, 50*time.Millisecond)
	m.run(3 * time.Second)
	if c := m.current(hog); c >= BasePriDefault-5 || c < MinPriUser {
		t.Errorf("a thread that never stops stands at %d", c)
	}
	if c := m.current(sleeper); c < BasePriDefault-1 {
		t.Errorf("a thread that mostly sleeps stands at %d", c)
	}
	if sleeper.got < Deadline(50*time.Millisecond) {
		t.Errorf("the sleeper had %v of 60 ms", time.Duration(sleeper.got))
	}
	if hog.got < Deadline(2800*time.Millisecond) {
		t.Errorf("the hog had %v of 3 s", time.Duration(hog.got))
	}
	low := m.current(hog)
	hog.work = 1 // it stops soon, and is forgiven
	hog.left, hog.period = 1, time.Hour
	m.run(20 * time.Second)
	if c := m.current(hog); c <= low || c != BasePriDefault {
		t.Errorf("after 20 s of rest it stands at %d", c)
	}
}

// Threads sink inside their band only.
func TestBandsHold(t *testing.T) {
	for _, base := range []int{MinPriKernel + 1, MinPriReserved + 1, 3} {
		var p priority
		p.set, p.task, p.limit = true, uint8(base), MaxPri
		now := Deadline(1e9)
		for range 600 {
			now += Deadline(100 * time.Millisecond)
			p.charge(now, Deadline(100*time.Millisecond))
		}
		if got, want := p.effective(now), bandFloor(base); got != want {
			t.Errorf("base %d sank to %d, the band begins at %d", base, got, want)
		}
	}
	var p priority
	p.params.Importance = 1000
	if p.basePri() != MaxPriUser {
		t.Errorf("a user thread of boundless importance has %d", p.basePri())
	}
	p.params.Importance = -1000
	if b := p.basePri(); b != 1 {
		t.Errorf("the least important thread has %d", b)
	}
}

// Two equal fixed threads alternate, a quantum each; with an infinite quantum the
// first runs until it blocks.
func TestRoundRobin(t *testing.T) {
	m := newSim(1)
	a, b := m.add(Params{Policy: Fixed}, 0, 0), m.add(Params{Policy: Fixed}, 0, 0)
	m.run(time.Second)
	if len(a.turns) < 40 || len(a.turns)-len(b.turns) > 1 || len(b.turns) > len(a.turns) {
		t.Errorf("in 100 quanta %d and %d turns", len(a.turns), len(b.turns))
	}
	for i := 1; i < len(a.turns) && i < len(b.turns); i++ {
		if !(a.turns[i-1] < b.turns[i-1] && b.turns[i-1] < a.turns[i]) {
			t.Fatalf("turn %d is out of order", i)
		}
	}
	if d := a.got - b.got; d < -2*Deadline(Quantum) || d > 2*Deadline(Quantum) {
		t.Errorf("%v and %v", time.Duration(a.got), time.Duration(b.got))
	}

	m = newSim(1)
	a = m.add(Params{Policy: Fixed, Quantum: Infinite}, 300*time.Millisecond, 10*time.Second)
	b = m.add(Params{Policy: Fixed, Quantum: Infinite}, 0, 0)
	m.run(299 * time.Millisecond)
	if b.got != 0 {
		t.Errorf("the second ran for %v before the first blocked", time.Duration(b.got))
	}
	m.run(10 * time.Millisecond)
	if b.got == 0 {
		t.Error("the second did not run after the first blocked")
	}
	c := m.add(Params{Policy: Fixed, Importance: 1}, time.Millisecond, time.Hour)
	m.run(5 * time.Millisecond)
	if c.got != Deadline(time.Millisecond) {
		t.Error("a better thread did not interrupt an infinite quantum")
	}
}

// Real-time threads keep their contracts whatever the others do.
func TestContractKept(t *testing.T) {
	m := newSim(2)
	for i := range 6 {
		m.add(Params{}, 0, 0)
		m.add(Params{Policy: Fixed, Importance: 32 - i}, 0, 0)
	}
	a := m.add(contract(10*time.Millisecond, 3*time.Millisecond, 5*time.Millisecond), 3*time.Millisecond, 10*time.Millisecond)
	b := m.add(contract(20*time.Millisecond, 4*time.Millisecond, 10*time.Millisecond), 4*time.Millisecond, 20*time.Millisecond)
	c := m.add(contract(5*time.Millisecond, time.Millisecond, 2*time.Millisecond), time.Millisecond, 5*time.Millisecond)
	m.run(2 * time.Second)
	for i, x := range []*simThread{a, b, c} {
		want := Deadline(2*time.Second) / Deadline(x.period) * Deadline(x.work)
		if x.late > 0 || x.got < want-Deadline(x.work) {
			t.Errorf("thread %d: %d times late, had %v of %v", i, x.late, time.Duration(x.got), time.Duration(want))
		}
		if x.cpu.pri.demotions != 0 {
			t.Errorf("thread %d was demoted", i)
		}
	}
}

// The earliest deadline goes first on one processor.
func TestEarliestDeadline(t *testing.T) {
	m := newSim(1)
	far := m.add(contract(40*time.Millisecond, 10*time.Millisecond, 30*time.Millisecond), 10*time.Millisecond, 40*time.Millisecond)
	near := m.add(contract(10*time.Millisecond, 2*time.Millisecond, 4*time.Millisecond), 2*time.Millisecond, 10*time.Millisecond)
	m.run(2 * time.Second)
	if far.late > 0 || near.late > 0 {
		t.Errorf("late: %d and %d times", far.late, near.late)
	}
}

// A thread that computes on and on has lied: it is demoted, the others run, and
// later it gets another chance.
func TestContractBroken(t *testing.T) {
	m := newSim(1)
	other := m.add(Params{}, 0, 0)
	liar := m.add(contract(10*time.Millisecond, 2*time.Millisecond, 5*time.Millisecond), 0, 0)
	m.run(90 * time.Millisecond)
	if liar.cpu.pri.running(m.now, liar.cpu.since).demoted || other.got > Deadline(5*time.Millisecond) {
		t.Errorf("too soon: the other had %v", time.Duration(other.got))
	}
	m.run(60 * time.Millisecond)
	p := liar.cpu.pri
	if liar.cpu.held.Load() {
		p = p.running(m.now, liar.cpu.since)
	}
	if !p.demoted || p.demotions != 1 || m.current(liar) > MaxPriUser {
		t.Errorf("not demoted: %+v at %d", p, m.current(liar))
	}
	was := other.got
	m.run(140 * time.Millisecond)
	if other.got-was < Deadline(50*time.Millisecond) {
		t.Errorf("the other had only %v", time.Duration(other.got-was))
	}
	m.run(5 * time.Second)
	if n := liar.cpu.pri.demotions; n < 2 {
		t.Errorf("demoted %d times: no second chance", n)
	}
	if other.got < Deadline(time.Second) {
		t.Errorf("the other had %v of 5 s", time.Duration(other.got))
	}
}

func TestContractChecked(t *testing.T) {
	th := NewThread("t")
	for _, c := range []Contract{
		{},
		{Computation: MinComputation - 1, Constraint: time.Second},
		{Computation: MaxComputation + 1, Constraint: time.Second},
		{Computation: 2 * time.Millisecond, Constraint: time.Millisecond},
		{Period: -1, Computation: time.Millisecond, Constraint: time.Millisecond},
	} {
		if err := th.SetParams(Params{Policy: RealTime, Contract: c}); !errors.Is(err, ErrContract) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Random mixtures: the queue and the running list stay whole, and after a tick
// nobody waits who is better than somebody that runs.
func TestSchedulerModel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for range 30 {
		m := newSim(1 + r.IntN(4))
		for range 1 + r.IntN(12) {
			var p Params
			switch r.IntN(4) {
			case 0:
				p = Params{Policy: Fixed, Importance: r.IntN(60) - 30, Quantum: time.Duration(r.IntN(3)-1) * 7 * time.Millisecond}
				if p.Quantum < 0 {
					p.Quantum = Infinite
				}
			case 1:
				comp := MinComputation + time.Duration(r.IntN(3e6))
				p = contract(20*time.Millisecond, comp, comp+time.Duration(r.IntN(1e7)))
			default:
				p = Params{Importance: r.IntN(40) - 20}
			}
			m.add(p, time.Duration(r.IntN(5))*3*time.Millisecond, time.Duration(1+r.IntN(40))*time.Millisecond)
		}
		for range 40 {
			m.run(time.Duration(1+r.IntN(30)) * time.Millisecond)
			held, queued := 0, 0
			for _, t := range m.all {
				if t.cpu.held.Load() {
					held++
				}
				if t.cpu.queued {
					queued++
				}
			}
			if held+m.s.free != m.s.max || queued != m.s.queue.n || queued > 0 && m.s.free > 0 {
				t.Fatalf("%d run, %d wait, %d of %d are free, %d in the queue", held, queued, m.s.free, m.s.max, m.s.queue.n)
			}
		}
		m.tick = 0
		m.run(time.Duration(step)) // one tick, and what it asks for
		for _, w := range m.all {
			for _, x := range m.all {
				if w.cpu.queued && x.cpu.held.Load() && x.cpu.since < m.now-step && int(w.cpu.at) > m.current(x)+1 {
					t.Fatalf("%d waits and %d runs", w.cpu.at, m.current(x))
				}
			}
		}
	}
}

// A processor that moves to another set takes a thread there; the last one stays
// where threads need it.
func TestProcessorMoves(t *testing.T) {
	a, b := NewProcessorSet(2), NewProcessorSet(0)
	var th Thread
	th.Init("t", a)
	th.Attach()
	if err := th.Assign(b); err != ErrNoProcessor {
		t.Fatalf("assigned to a set without processors: %v", err)
	}
	if err := MoveProcessor(a, b); err != nil {
		t.Fatal(err)
	}
	if a.Count() != 1 || b.Count() != 1 || a.free != 0 || b.free != 1 {
		t.Fatalf("counts %d %d, free %d %d", a.Count(), b.Count(), a.free, b.free)
	}
	if err := MoveProcessor(a, b); err != ErrNoProcessor {
		t.Errorf("the last processor went away: %v", err)
	}
	if err := th.Assign(b); err != nil {
		t.Fatal(err)
	}
	th.GiveWay()
	if th.Assigned() != b || th.cpu.set.Load() != b || a.free != 1 || b.free != 0 {
		t.Errorf("not moved: free %d %d", a.free, b.free)
	}
	if a.Members() != 0 || b.Members() != 1 {
		t.Errorf("members %d %d", a.Members(), b.Members())
	}
	th.Detach()
	th.Leave()
	if err := MoveProcessor(b, a); err != nil || a.free != 2 || b.free != 0 {
		t.Errorf("%v, free %d %d", err, a.free, b.free)
	}
}
