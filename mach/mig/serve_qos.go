package mig

import (
	"puggle/abi"
	"puggle/mach/task"
)

// Flavours of quality of service (<mach/thread_policy.h>, <mach/task_policy.h>).
const (
	THREAD_BACKGROUND_POLICY     = 5
	THREAD_LATENCY_QOS_POLICY    = 7
	THREAD_THROUGHPUT_QOS_POLICY = 8
	THREAD_QOS_POLICY            = 9

	threadDarwinBG        = 0x1000
	threadMinTierPriority = -15

	TASK_SUPPRESSION_POLICY         = 3
	TASK_BASE_QOS_POLICY            = 8
	TASK_OVERRIDE_QOS_POLICY        = 9
	TASK_BASE_LATENCY_QOS_POLICY    = 10
	TASK_BASE_THROUGHPUT_QOS_POLICY = 11

	suppressionCount = 16
)

// Tiers travel with a mark of their kind above a number from 1 to 6; 0 is unspecified.
const (
	latencyMark    = 0xff << 16
	throughputMark = 0xfe << 16
)

// tier takes the number out of w; false if it is none of the kind.
func tier(w int32, mark int32) (int32, bool) {
	n := w &^ mark
	return n, w == 0 || w&mark == mark && n >= 1 && n <= 6
}

func packTier(n int32, mark int32) int32 {
	if n == 0 {
		return 0
	}
	return n | mark
}

// threadQoS is one flavour of quality of service: how many words it has, and how they are
// set (false: KERN_INVALID_ARGUMENT) and got.
type threadQoS struct {
	count int
	set   func(w []int32) (change func(q *task.QoS), ok bool)
	get   func(q task.QoS) []int32 // nil: it can only be set
}

var threadQoSFlavors = map[uint32]threadQoS{
	THREAD_BACKGROUND_POLICY: {1, func(w []int32) (func(q *task.QoS), bool) {
		return func(q *task.QoS) { q.Background = w[0] == threadDarwinBG }, w[0] == 0 || w[0] == threadDarwinBG
	}, nil},
	THREAD_LATENCY_QOS_POLICY: {1, func(w []int32) (func(q *task.QoS), bool) {
		n, ok := tier(w[0], latencyMark)
		return func(q *task.QoS) { q.Latency = n }, ok
	}, func(q task.QoS) []int32 { return []int32{packTier(q.Latency, latencyMark)} }},
	THREAD_THROUGHPUT_QOS_POLICY: {1, func(w []int32) (func(q *task.QoS), bool) {
		n, ok := tier(w[0], throughputMark)
		return func(q *task.QoS) { q.Throughput = n }, ok
	}, func(q task.QoS) []int32 { return []int32{packTier(q.Throughput, throughputMark)} }},
	THREAD_QOS_POLICY: {2, func(w []int32) (func(q *task.QoS), bool) {
		ok := w[0] >= 0 && w[0] < task.Tiers && w[1] <= 0 && w[1] >= threadMinTierPriority && (w[0] != 0 || w[1] == 0)
		return func(q *task.QoS) { q.Tier, q.Importance = w[0], w[1] }, ok
	}, func(q task.QoS) []int32 { return []int32{q.Tier, q.Importance} }},
}

// sentBy says whether one of t's threads sent the request.
func sentBy(c *Call, t *task.Task) bool {
	by := c.Request.Thread()
	for _, th := range t.Threads() {
		if &th.Thread == by {
			return true
		}
	}
	return false
}

// setThreadQoS: KERN_INVALID_ARGUMENT for too few words or tiers that there are not;
// KERN_PROTECTION_FAILURE for the background of another task's thread.
func setThreadQoS(c *Call, th *task.Thread, flavor uint32, f threadQoS, w []int32) kret {
	if len(w) < f.count {
		return abi.KERN_INVALID_ARGUMENT
	}
	if flavor == THREAD_BACKGROUND_POLICY && !sentBy(c, th.Task) {
		return abi.KERN_PROTECTION_FAILURE
	}
	change, ok := f.set(w)
	if !ok {
		return abi.KERN_INVALID_ARGUMENT
	}
	th.SetQoS(change)
	return abi.KERN_SUCCESS
}

func getThreadQoS(th *task.Thread, f threadQoS, room int, def bool) ([]int32, bool, kret) {
	if f.get == nil || room < f.count {
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	var q task.QoS
	if !def {
		q = th.QoS()
	}
	return f.get(q), def, abi.KERN_SUCCESS
}

// setTaskQoS: KERN_INVALID_ARGUMENT for too few words or tiers that there are not.
func setTaskQoS(t *task.Task, flavor uint32, w []int32) kret {
	l, u := 0, 1
	switch {
	case flavor == TASK_SUPPRESSION_POLICY && len(w) >= suppressionCount:
		l, u = 2, 6 // timer_throttle, throughput_qos
	case flavor < TASK_BASE_QOS_POLICY || flavor > TASK_BASE_THROUGHPUT_QOS_POLICY || len(w) < 2:
		return abi.KERN_INVALID_ARGUMENT
	}
	latency, ok := tier(w[l], latencyMark)
	throughput, ok2 := tier(w[u], throughputMark)
	if !ok || !ok2 {
		return abi.KERN_INVALID_ARGUMENT
	}
	t.SetQoS(func(q *task.TaskQoS) {
		switch flavor {
		case TASK_SUPPRESSION_POLICY:
			copy(q.Suppression[:], w)
		case TASK_BASE_QOS_POLICY:
			q.Base = [2]int32{latency, throughput}
		case TASK_OVERRIDE_QOS_POLICY:
			q.Override = [2]int32{latency, throughput}
		case TASK_BASE_LATENCY_QOS_POLICY:
			q.Base[0] = latency
		case TASK_BASE_THROUGHPUT_QOS_POLICY:
			q.Base[1] = throughput
		}
	})
	return abi.KERN_SUCCESS
}

// getTaskQoS tells of the flavours that can be asked for. KERN_INVALID_ARGUMENT.
func getTaskQoS(t *task.Task, flavor uint32, room int, def bool) ([]int32, bool, kret) {
	var q task.TaskQoS
	if !def {
		q = t.QoS()
	}
	w := q.Suppression[:]
	switch flavor {
	case TASK_SUPPRESSION_POLICY:
	case TASK_BASE_QOS_POLICY:
		w = []int32{packTier(q.Base[0], latencyMark), packTier(q.Base[1], throughputMark)}
	case TASK_OVERRIDE_QOS_POLICY:
		w = []int32{packTier(q.Override[0], latencyMark), packTier(q.Override[1], throughputMark)}
	default:
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	if room < len(w) {
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	return w, def, abi.KERN_SUCCESS
}
