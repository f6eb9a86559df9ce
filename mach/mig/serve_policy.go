package mig

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// Flavours of thread_policy_set (<mach/thread_policy.h>). EXTENDED without its
// one word is THREAD_STANDARD_POLICY. Those of XNU's quality of service are in
// serve_qos.go; others are KERN_INVALID_ARGUMENT.
const (
	THREAD_EXTENDED_POLICY        = sched.ExtendedPolicy
	THREAD_TIME_CONSTRAINT_POLICY = sched.TimeConstraintPolicy
	THREAD_PRECEDENCE_POLICY      = sched.PrecedencePolicy
	THREAD_AFFINITY_POLICY        = 4

	TASK_CATEGORY_POLICY = 1

	// Policies of the older calls (<mach/policy.h>).
	POLICY_TIMESHARE = 1
	POLICY_RR        = 2
	POLICY_FIFO      = 4
)

// threadPolicySet: KERN_INVALID_ARGUMENT for too few words, an unknown flavour or
// an impossible contract. A policy other than quality of service ends the thread's tier.
func threadPolicySet(c *Call, th *task.Thread, flavor uint32, w []int32) kret {
	if th == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	if flavor == THREAD_AFFINITY_POLICY && len(w) >= 1 {
		th.Affinity.Store(w[0])
		return abi.KERN_SUCCESS
	}
	if q, ok := threadQoSFlavors[flavor]; ok {
		return setThreadQoS(c, th, flavor, q, w)
	}
	f, ok := sched.Flavors[flavor]
	switch {
	case flavor == THREAD_EXTENDED_POLICY && len(w) == 0:
		w = f.Default
	case !ok || len(w) < f.Count:
		return abi.KERN_INVALID_ARGUMENT
	}
	// A policy that is refused changes nothing: it is tried before the tier goes, with which
	// the thread's own importance comes back.
	p := th.Params()
	f.Set(&p, w)
	if p.Check() != nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	th.DropTier()
	p = th.Params()
	f.Set(&p, w)
	if th.SetParams(p) != nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return abi.KERN_SUCCESS
}

// threadPolicyGet: with no room at all it succeeds and gives nothing; with too
// little, KERN_INVALID_ARGUMENT. The flag that comes back says that these are the
// defaults: because they were asked for, or because the thread has no setting of
// this flavour.
func threadPolicyGet(_ *Call, th *task.Thread, flavor uint32, room int, def bool) ([]int32, bool, kret) {
	if th == nil {
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	if q, ok := threadQoSFlavors[flavor]; ok {
		return getThreadQoS(th, q, room, def)
	}
	f, ok := sched.Flavors[flavor]
	if flavor == THREAD_AFFINITY_POLICY {
		tag := th.Affinity.Load()
		f, ok = sched.Flavor{Count: 1, Get: func(sched.Params) ([]int32, bool) { return []int32{tag}, false }, Default: []int32{0}}, true
	}
	switch {
	case !ok || room > 0 && room < f.Count:
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	w := f.Default
	if !def {
		if w, def = f.Get(th.Params()); def {
			w = f.Default
		}
	}
	return w[:min(room, len(w))], def, abi.KERN_SUCCESS
}

// oldParams reads the base of the older calls: a priority, and for round robin a
// quantum in milliseconds (0: the standard one). KERN_INVALID_POLICY,
// KERN_INVALID_ARGUMENT.
func oldParams(p sched.Params, policy int32, base []int32, taskPri int) (sched.Params, kret) {
	if policy != POLICY_TIMESHARE && policy != POLICY_RR && policy != POLICY_FIFO {
		return p, abi.KERN_INVALID_POLICY
	}
	if len(base) < 1 || policy == POLICY_RR && len(base) < 2 {
		return p, abi.KERN_INVALID_ARGUMENT
	}
	n := sched.Params{Importance: min(max(int(base[0]), 0), sched.MaxPriUser) - taskPri}
	switch policy {
	case POLICY_RR:
		n.Policy, n.Quantum = sched.Fixed, time.Duration(max(base[1], 0))*time.Millisecond
	case POLICY_FIFO:
		n.Policy, n.Quantum = sched.Fixed, sched.Infinite
	}
	return n, abi.KERN_SUCCESS
}

// threadPolicy is what pthread_setschedparam uses: it reaches priorities 0 to 63
// and no others.
func threadPolicy(th *task.Thread, policy int32, base []int32) kret {
	if th == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	p, kr := oldParams(th.Params(), policy, base, th.Task.Priority())
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if th.SetParams(p) != nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return abi.KERN_SUCCESS
}

// taskPolicy sets the policy of all threads that the task has now.
func taskPolicy(t *task.Task, policy int32, base []int32, change bool) kret {
	if t == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	if _, kr := oldParams(sched.Params{}, policy, base, 0); kr != abi.KERN_SUCCESS {
		return kr
	}
	t.SetPriority(int(base[0]))
	if change {
		for _, th := range t.Threads() {
			if kr := threadPolicy(th, policy, base); kr != abi.KERN_SUCCESS {
				return kr
			}
		}
	}
	return abi.KERN_SUCCESS
}

func taskPolicySet(_ *Call, t *task.Task, flavor uint32, w []int32) kret {
	switch {
	case t == nil:
		return abi.KERN_INVALID_ARGUMENT
	case flavor == TASK_CATEGORY_POLICY && len(w) >= 1:
		return t.SetRole(task.Role(w[0]))
	case flavor != TASK_CATEGORY_POLICY:
		return setTaskQoS(t, flavor, w)
	}
	return abi.KERN_INVALID_ARGUMENT
}

func taskPolicyGet(_ *Call, t *task.Task, flavor uint32, room int, def bool) ([]int32, bool, kret) {
	switch {
	case t == nil:
		return nil, false, abi.KERN_INVALID_ARGUMENT
	case flavor == TASK_CATEGORY_POLICY:
		r := t.Role()
		if def {
			r = task.RoleUnspecified
		}
		return []int32{int32(r)}[:min(room, 1)], def, abi.KERN_SUCCESS
	}
	return getTaskQoS(t, flavor, room, def)
}

// schedInfo is thread_info's three flavours about scheduling.
// KERN_INVALID_POLICY when the thread has another policy.
func schedInfo(th *task.Thread, flavor int32) ([]uint32, kret) {
	policy := machPolicy(th)
	want := map[int32]uint32{THREAD_SCHED_TIMESHARE_INFO: POLICY_TIMESHARE, THREAD_SCHED_RR_INFO: POLICY_RR, THREAD_SCHED_FIFO_INFO: POLICY_FIFO}
	if policy != want[flavor] {
		return nil, abi.KERN_INVALID_POLICY
	}
	st, p := th.Status(), th.Params()
	depressed := uint32(0)
	if st.Depressed {
		depressed = 1
	}
	top := uint32(sched.MaxPriUser)
	if st.Policy == sched.RealTime {
		top = sched.MaxPri
	}
	third := uint32(st.Current)
	switch {
	case flavor == THREAD_SCHED_TIMESHARE_INFO:
	case p.Policy == sched.RealTime:
		third = uint32(p.Contract.Computation / time.Millisecond)
	case p.Quantum > 0:
		third = uint32(p.Quantum / time.Millisecond)
	default:
		third = uint32(sched.Quantum / time.Millisecond)
	}
	w := []uint32{top, uint32(st.Base), third, depressed, 0}
	if flavor == THREAD_SCHED_FIFO_INFO {
		w = []uint32{top, uint32(st.Base), depressed, 0}
	}
	return w, abi.KERN_SUCCESS
}
