package sched

import (
	"math/bits"
	"time"
)

// Quantum is the standard time slice (10 ms; 003 ch. 11, XNU
// DEFAULT_PREEMPTION_RATE 100).
const Quantum = 10 * time.Millisecond

// The bands (003, table "Thread priority bands"; XNU osfmk/kern/sched.h).
const (
	MaxPri         = 127
	BasePriRTQueue = 97 // real time
	MinPriKernel   = 80
	MaxPriReserved = 79
	MinPriReserved = 64
	MaxPriUser     = 63
	BasePriDefault = 31
	MinPriUser     = 0
)

// Policy is how a thread competes.
type Policy uint8

const (
	TimeShare Policy = iota // THREAD_EXTENDED_POLICY timeshare, the default
	Fixed                   // priority never decays
	RealTime                // THREAD_TIME_CONSTRAINT_POLICY
)

// priority is a thread's place: a base set by policy, and for time sharing a
// penalty for recent use of processors, which decays by 5/8 each second.
type priority struct {
	set    bool // base was set; else it is the default
	base   uint8
	policy Policy
	usage  Deadline // recent processor time, decayed
	aged   Deadline // when usage was last decayed
	total  Deadline // processor time since the start
}

func (p *priority) basePri() int {
	if !p.set {
		return BasePriDefault
	}
	return int(p.base)
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
}

func (p *priority) charge(now, ran Deadline) {
	p.age(now)
	p.usage += ran
	p.total += ran
}

// penaltyUnit is how much recent processor time costs a step of priority: a
// thread that never stops settles at about 16 steps below its base.
const penaltyUnit = Deadline(160 * time.Millisecond)

func (p *priority) effective(now Deadline) int {
	if p.policy != TimeShare {
		return p.basePri()
	}
	p.age(now)
	return max(p.basePri()-int(p.usage/penaltyUnit), min(p.basePri(), 1))
}

// running is effective for a thread that has had its seat since.
func (p *priority) running(now, since Deadline) int {
	q := *p
	q.charge(now, now-since)
	return q.effective(now)
}

// SetPriority sets t's base priority (0 to MaxPri) and policy; it counts from
// the next time that t competes.
func (t *Thread) SetPriority(base int, policy Policy) {
	lock := t.cpu.set
	if lock != nil {
		lock.mu.Lock()
		defer lock.mu.Unlock()
	}
	t.cpu.pri.set, t.cpu.pri.base, t.cpu.pri.policy = true, uint8(min(max(base, 0), MaxPri)), policy
}

// Priority gives the base priority, what it is at the moment, and the policy.
func (t *Thread) Priority() (base, current int, policy Policy) {
	if s := t.cpu.set; s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	return t.cpu.pri.basePri(), t.cpu.pri.effective(Now()), t.cpu.pri.policy
}

// CPUTime is the processor time that t has had, with the present stretch.
func (t *Thread) CPUTime() time.Duration {
	s := t.cpu.set
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := t.cpu.pri.total
	if t.cpu.held {
		d += Now() - t.cpu.since
	}
	return time.Duration(d)
}

// runQueue is a run_queue: one list for each priority, and a bitmap of those
// that are not empty.
type runQueue struct {
	n    int
	bits [2]uint64
	head [128]*Thread
	tail [128]*Thread
}

func (q *runQueue) push(t *Thread, pri int) {
	t.cpu.next, t.cpu.prev = nil, q.tail[pri]
	if q.tail[pri] != nil {
		q.tail[pri].cpu.next = t
	} else {
		q.head[pri] = t
		q.bits[pri>>6] |= 1 << (pri & 63)
	}
	q.tail[pri] = t
	q.n++
}

// top is the best priority in the queue, -1 if it is empty.
func (q *runQueue) top() int {
	if q.bits[1] != 0 {
		return 127 - bits.LeadingZeros64(q.bits[1])
	}
	return 63 - bits.LeadingZeros64(q.bits[0])
}

func (q *runQueue) pop() *Thread {
	pri := q.top()
	if pri < 0 {
		return nil
	}
	t := q.head[pri]
	q.head[pri] = t.cpu.next
	if q.head[pri] == nil {
		q.tail[pri] = nil
		q.bits[pri>>6] &^= 1 << (pri & 63)
	} else {
		q.head[pri].cpu.prev = nil
	}
	t.cpu.next, t.cpu.prev = nil, nil
	q.n--
	return t
}
