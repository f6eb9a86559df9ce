package sched

import "time"

// Quantum is the standard time slice (10 ms; 003 ch. 11, XNU
// DEFAULT_PREEMPTION_RATE 100).
const Quantum = 10 * time.Millisecond

// The bands (003, table 8-1 "Thread priority bands"; XNU osfmk/kern/sched.h). A
// priority changes inside its band only.
const (
	MaxPri          = 127
	BasePriRTQueue  = 97 // real time
	MinPriKernel    = 80
	BasePriKernel   = 81
	MaxPriKernel    = 95
	MaxPriReserved  = 79
	MinPriReserved  = 64
	MaxPriUser      = 63
	BasePriDefault  = 31
	BasePriControl  = 48
	BasePriForegrnd = 47
	MinPriUser      = 0
)

// bandFloor is the lowest priority of the band that base is in. Priority 0 is
// for the depressed.
func bandFloor(base int) int {
	switch {
	case base >= BasePriRTQueue:
		return BasePriRTQueue
	case base >= MinPriKernel:
		return MinPriKernel
	case base >= MinPriReserved:
		return MinPriReserved
	}
	return min(base, 1)
}

// priority is a thread's place: a base set by policy, and for time sharing a
// penalty for recent use of processors, which decays by 5/8 each second. The
// lock of the thread's processor set guards it. Its methods take the time, so
// that a model can run them.
type priority struct {
	set         bool // task and limit were set; else they are the defaults
	task, limit uint8
	params      Params

	usage Deadline // recent processor time, decayed
	aged  Deadline // when usage was last decayed
	total Deadline // processor time since the start
	slice Deadline // of the present quantum, used

	depress Deadline // depressed until

	// While it serves a client (ServeFor): whose time it uses, and what that one
	// competes with.
	payer *Thread
	loan  uint8

	// Of a real-time thread.
	ready     Deadline // when it last became runnable
	burst     Deadline // processor time since it last blocked
	demoted   bool
	penance   Deadline // end of the demotion
	demotions uint32
}

func (p *priority) taskPri() (base, limit int) {
	if !p.set {
		return BasePriDefault, MaxPriUser
	}
	return int(p.task), int(p.limit)
}

func (p *priority) basePri() int {
	if p.params.Policy == RealTime && !p.demoted {
		return BasePriRTQueue
	}
	base, limit := p.taskPri()
	return min(max(base+p.params.Importance, bandFloor(base)), limit)
}

func (p *priority) age(now Deadline) {
	const second = Deadline(time.Second)
	if p.aged == 0 || now-p.aged > 30*second {
		if p.aged != 0 {
			p.usage = 0
		}
		p.aged = now
	}
	for now-p.aged >= second {
		p.usage = p.usage * 5 / 8
		p.aged += second
	}
	if p.demoted && now >= p.penance {
		p.demoted, p.burst = false, 0
	}
}

// charge accounts for a stretch on a processor that ends now, and finds those
// that break their contract.
func (p *priority) charge(now, ran Deadline) {
	p.age(now)
	if p.payer == nil {
		p.usage += ran
		p.total += ran
	}
	p.slice += ran
	p.burst += ran
	if p.params.Policy == RealTime && !p.demoted && p.burst > p.params.Contract.unsafe() {
		p.demoted = true
		p.demotions++
		p.penance = now + 2*p.params.Contract.unsafe()
	}
}

// blocked notes that the thread waits; begin, that it is ready again.
func (p *priority) blocked() { p.burst, p.slice, p.ready = 0, 0, 0 }

func (p *priority) begin(now Deadline) {
	if p.ready == 0 || p.params.Policy != RealTime {
		p.ready = now
	}
}

// due is when a real-time thread wants to have finished.
func (p *priority) due() Deadline { return p.ready + Deadline(p.params.Contract.Constraint) }

// penaltyUnit is how much recent processor time costs a step of priority: a
// thread that never stops settles at about 16 steps below its base.
const penaltyUnit = Deadline(160 * time.Millisecond)

func (p *priority) depressed(now Deadline) bool { return now < p.depress }

func (p *priority) effective(now Deadline) int {
	p.age(now)
	if p.depressed(now) {
		return MinPriUser
	}
	base := p.basePri()
	if p.payer != nil {
		base = max(base, int(p.loan))
	}
	if p.params.Policy == Fixed || p.realTime() {
		return base
	}
	return max(base-int(p.usage/penaltyUnit), bandFloor(base))
}

func (p *priority) realTime() bool { return p.params.Policy == RealTime && !p.demoted }

// quantum is the thread's slice; 0 never ends.
func (p *priority) quantum() Deadline {
	switch {
	case p.realTime():
		return Deadline(p.params.Contract.Computation)
	case p.params.Policy == Fixed && p.params.Quantum == Infinite:
		return 0
	case p.params.Policy == Fixed && p.params.Quantum > 0:
		return Deadline(p.params.Quantum)
	}
	return Deadline(Quantum)
}

// spent says whether the present quantum is over; a tick that is a little early
// counts.
func (p *priority) spent() bool {
	q := p.quantum()
	return q != 0 && p.slice >= q-min(q/10, Deadline(time.Millisecond))
}

// running is p for a thread that has had its seat since.
func (p priority) running(now, since Deadline) priority {
	p.charge(now, now-since)
	return p
}

// CPUTime is the processor time that t has had, with the present stretch.
func (t *Thread) CPUTime() time.Duration {
	s := t.lockSet()
	defer s.mu.Unlock()
	d := t.cpu.pri.total + Deadline(t.cpu.paid.Load())
	if t.cpu.held.Load() && t.cpu.pri.payer == nil {
		d += Now() - t.cpu.since
	}
	return time.Duration(d)
}
