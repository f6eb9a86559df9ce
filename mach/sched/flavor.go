package sched

import "time"

// Numbers of flavours.
const (
	ExtendedPolicy       = 1 // THREAD_STANDARD_POLICY without its one word
	TimeConstraintPolicy = 2
	PrecedencePolicy     = 3
)

// Flavor is one flavour of thread_policy_set (<mach/thread_policy.h>): how many words it has,
// and how it is set, got and what it is by default. Set gets no fewer words than Count.
type Flavor struct {
	Count int
	Set   func(p *Params, w []int32)
	// Get says, too, that the thread has no setting of this flavour.
	Get     func(p Params) (w []int32, standard bool)
	Default []int32
}

// Flavors are those that are about the scheduler alone.
var Flavors = map[uint32]Flavor{
	ExtendedPolicy: {1, func(p *Params, w []int32) {
		*p = Params{Importance: p.Importance}
		if w[0] == 0 {
			p.Policy = Fixed
		}
	}, func(p Params) ([]int32, bool) {
		if p.Policy == TimeShare {
			return []int32{1}, false
		}
		return []int32{0}, false
	}, []int32{1}},

	// period, computation, constraint (absolute time: nanoseconds), preemptible
	TimeConstraintPolicy: {4, func(p *Params, w []int32) {
		ns := func(i int) time.Duration { return time.Duration(uint32(w[i])) }
		*p = Params{Policy: RealTime, Importance: p.Importance,
			Contract: Contract{Period: ns(0), Computation: ns(1), Constraint: ns(2), Preemptible: w[3] != 0}}
	}, func(p Params) ([]int32, bool) {
		if p.Policy != RealTime {
			return nil, true
		}
		c, preemptible := p.Contract, int32(0)
		if c.Preemptible {
			preemptible = 1
		}
		return []int32{int32(uint32(c.Period)), int32(uint32(c.Computation)), int32(uint32(c.Constraint)), preemptible}, false
	}, []int32{0, int32(DefaultComputation), int32(DefaultConstraint), 1}},

	PrecedencePolicy: {1, func(p *Params, w []int32) {
		p.Importance = int(w[0])
	}, func(p Params) ([]int32, bool) { return []int32{int32(p.Importance)}, false }, []int32{0}},
}
