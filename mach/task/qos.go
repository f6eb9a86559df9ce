package task

import (
	"sync"

	"puggle/mach/sched"
)

// QoS is a thread's quality of service (THREAD_QOS_POLICY and its kin in XNU's
// <mach/thread_policy.h>). The tier, or the background, decides the base priority; the
// tiers of latency and throughput are kept and told, since the host sets its own timers
// and processors.
type QoS struct {
	Tier       int32 // 0: unspecified, 1 to 6: maintenance to user interactive
	Importance int32 // 0 to -15, within the tier
	Latency    int32 // 0 to 6
	Throughput int32 // 0 to 6
	Background bool  // as if the whole were throttled, until it is taken back
}

// tierPriority is the base priority of a tier (osfmk/kern/thread_policy.c).
var tierPriority = [...]int{0, 4, 4, 20, sched.BasePriDefault, 37, 46}

// Tiers is how many tiers there are, the unspecified one included.
const Tiers = int32(len(tierPriority))

// threadQoS guards a thread's; own is the importance that the thread has without one.
type threadQoS struct {
	mu  sync.Mutex
	q   QoS
	own int
}

// QoS is the thread's quality of service.
func (th *Thread) QoS() QoS {
	th.qos.mu.Lock()
	defer th.qos.mu.Unlock()
	return th.qos.q
}

// SetQoS changes it by f; the thread's priority follows at once. It is kept as an importance
// above the task's base of now, so a later change of that moves it, too.
func (th *Thread) SetQoS(f func(q *QoS)) {
	x := &th.qos
	x.mu.Lock()
	defer x.mu.Unlock()
	p := th.Params()
	if !x.q.Background && x.q.Tier == 0 {
		x.own = p.Importance
	}
	f(&x.q)
	base := th.Task.Priority()
	switch {
	case x.q.Background:
		p.Importance = basePriThrottle - base
	case x.q.Tier != 0:
		p.Importance = max(tierPriority[x.q.Tier]+int(x.q.Importance), 1) - base
	default:
		p.Importance = x.own
	}
	th.SetParams(p)
}

// DropTier takes the tier away, as each other policy that is set does; the background
// stays.
func (th *Thread) DropTier() {
	if q := th.QoS(); q.Tier != 0 {
		th.SetQoS(func(q *QoS) { q.Tier, q.Importance = 0, 0 })
	}
}

// TaskQoS are a task's tiers of latency and throughput, 0 to 6, and what
// TASK_SUPPRESSION_POLICY has set: kept and told.
type TaskQoS struct {
	Base, Override [2]int32
	Suppression    [16]int32
}

// QoS and SetQoS are what a task was told of its quality of service.
func (t *Task) QoS() TaskQoS {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.policy.qos
}

func (t *Task) SetQoS(f func(q *TaskQoS)) {
	t.mu.Lock()
	f(&t.policy.qos)
	t.mu.Unlock()
}
