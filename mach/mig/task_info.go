package mig

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// Flavours of task_info (<mach/task_info.h>).
const (
	TASK_ABSOLUTETIME_INFO = 1
	TASK_EVENTS_INFO       = 2
	TASK_THREAD_TIMES_INFO = 3
	TASK_BASIC_INFO_32     = 4
	TASK_BASIC_INFO_64     = 5
	TASK_BASIC2_INFO_32    = 6
	TASK_SECURITY_TOKEN    = 13
	TASK_AUDIT_TOKEN       = 15
	TASK_DYLD_INFO         = 17
	MACH_TASK_BASIC_INFO   = 20
	TASK_VM_INFO           = 22
	TASK_FLAGS_INFO        = 28
	policyTimeshare        = 1
	taskFlagLP64           = 1
)

func wide(w []uint32, v ...uint64) []uint32 {
	for _, x := range v {
		w = append(w, uint32(x), uint32(x>>32))
	}
	return w
}

// timeValue is a time_value_t: seconds and microseconds.
func timeValue(w []uint32, d time.Duration) []uint32 {
	return append(w, uint32(d/time.Second), uint32(d%time.Second/time.Microsecond))
}

// taskTime is the time that the task's threads have used. The machine does not
// tell user from system time: all of it is user time.
func taskTime(t *task.Task) (d time.Duration) {
	for _, th := range t.Threads() {
		d += th.CPUTime()
	}
	return d
}

func sizes(t *task.Task) (virtual, resident uint64) {
	if m, ok := t.Map().(*vm.Map); ok && m != nil {
		return m.VirtualSize(), m.ResidentSize()
	}
	return 0, 0
}

// taskFlavors: the least room, and the answer.
var taskFlavors = map[int32]struct {
	least int
	words func(k *Kernel, t *task.Task) ([]uint32, kret)
}{
	TASK_BASIC_INFO_64: {10, func(_ *Kernel, t *task.Task) ([]uint32, kret) {
		v, r := sizes(t)
		w := wide([]uint32{uint32(t.SuspendCount())}, v, r)
		return append(timeValue(timeValue(w, taskTime(t)), 0), policyTimeshare), 0
	}},
	TASK_BASIC_INFO_32:  {8, basic32},
	TASK_BASIC2_INFO_32: {8, basic32},
	MACH_TASK_BASIC_INFO: {12, func(_ *Kernel, t *task.Task) ([]uint32, kret) {
		v, r := sizes(t)
		w := timeValue(timeValue(wide(nil, v, r, r), taskTime(t)), 0)
		return append(w, policyTimeshare, uint32(t.SuspendCount())), 0
	}},
	TASK_THREAD_TIMES_INFO: {4, func(_ *Kernel, t *task.Task) ([]uint32, kret) {
		return timeValue(timeValue(nil, taskTime(t)), 0), 0
	}},
	TASK_ABSOLUTETIME_INFO: {8, func(_ *Kernel, t *task.Task) ([]uint32, kret) {
		d := uint64(taskTime(t))
		return wide(nil, d, 0, d, 0), 0
	}},
	TASK_EVENTS_INFO: {8, func(_ *Kernel, t *task.Task) ([]uint32, kret) {
		m, ok := t.Map().(*vm.Map)
		if !ok || m == nil {
			return nil, abi.KERN_FAILURE
		}
		e := m.Events()
		var calls uint64
		for _, th := range t.Threads() {
			calls += th.Calls.Load()
		}
		// faults, pageins, cow faults, messages sent and received, Mach and
		// BSD calls (together), context switches
		return []uint32{uint32(e.Faults), uint32(e.Pageins), uint32(e.CowFaults), 0, 0, 0, uint32(calls), 0}, 0
	}},
	TASK_SECURITY_TOKEN: {2, func(k *Kernel, t *task.Task) ([]uint32, kret) {
		if k.Hooks.Tokens == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		s, _ := k.Hooks.Tokens(t)
		return s[:], 0
	}},
	TASK_AUDIT_TOKEN: {8, func(k *Kernel, t *task.Task) ([]uint32, kret) {
		if k.Hooks.Tokens == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		_, a := k.Hooks.Tokens(t)
		return a[:], 0
	}},
	TASK_DYLD_INFO: {5, func(k *Kernel, t *task.Task) ([]uint32, kret) {
		if k.Hooks.DyldInfo == nil {
			return nil, abi.KERN_NOT_SUPPORTED
		}
		a, n, kr := k.Hooks.DyldInfo(t)
		if kr != abi.KERN_SUCCESS {
			return nil, kr
		}
		return append(wide(nil, a, n), 1), 0 // TASK_DYLD_ALL_IMAGE_INFO_64
	}},
	TASK_VM_INFO:    {vmInfoRevisions[0], taskVMInfo},
	TASK_FLAGS_INFO: {1, func(*Kernel, *task.Task) ([]uint32, kret) { return []uint32{taskFlagLP64}, 0 }},
}

// vmInfoRevisions are the lengths that task_vm_info has had; a caller gets the longest
// that it has room for.
var vmInfoRevisions = [...]int{36, 38, 42, 84, 86, 87, 89, 93}

// taskVMInfo is task_vm_info. Peaks are not kept: they are what is now. Memory that only
// this task has counts as its footprint; ledgers, limits and what is purgable do not count.
func taskVMInfo(_ *Kernel, t *task.Task) ([]uint32, kret) {
	m, ok := t.Map().(*vm.Map)
	if !ok || m == nil {
		return nil, abi.KERN_FAILURE
	}
	v, r := sizes(t)
	regions, external := uint32(0), uint64(0)
	m.Regions(func(r vm.RegionInfo) bool {
		regions++
		if r.ExternalPager && r.ShareMode != abi.SM_PRIVATE {
			external += r.Resident * machine.PageSize
		}
		return true
	})
	external = min(external, r)
	internal := r - external
	w := append(wide(nil, v), regions, machine.PageSize)
	w = wide(w, r, r, 0, 0, internal, internal, external, external, 0, 0, 0, 0, 0, 0, 0, 0) // REV0
	w = wide(w, internal)                                                                   // phys_footprint
	lo, hi := m.Bounds()
	w = wide(w, uint64(lo), uint64(hi))
	w = wide(w, internal)                  // its peak
	w = append(w, make([]uint32, 2*20)...) // ledgers
	w = wide(w, 0)                         // no limit
	w = append(w, uint32(m.Events().Pageins))
	return wide(w, 0, 0, 0), abi.KERN_SUCCESS
}

func basic32(_ *Kernel, t *task.Task) ([]uint32, kret) {
	v, r := sizes(t)
	w := []uint32{uint32(t.SuspendCount()), uint32(min(v, 1<<32-1)), uint32(min(r, 1<<32-1))}
	return append(timeValue(timeValue(w, taskTime(t)), 0), policyTimeshare), 0
}

// taskInfo: KERN_INVALID_ARGUMENT for a flavour that there is not, or too little
// room.
func (k *Kernel) taskInfo(_ *Call, t *task.Task, flavor int32, room int) ([]uint32, kret) {
	f, ok := taskFlavors[flavor]
	if t == nil || !ok || room < f.least {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	w, kr := f.words(k, t)
	if flavor == TASK_VM_INFO {
		for _, n := range vmInfoRevisions {
			if n <= room && kr == abi.KERN_SUCCESS {
				f.least = n
			}
		}
		room = f.least
	}
	return w[:min(len(w), room)], kr
}

// Flavours of thread_info (<mach/thread_info.h>).
const (
	THREAD_BASIC_INFO      = 3
	THREAD_IDENTIFIER_INFO = 4
	THREAD_EXTENDED_INFO   = 5

	THREAD_SCHED_TIMESHARE_INFO = 10
	THREAD_SCHED_RR_INFO        = 11
	THREAD_SCHED_FIFO_INFO      = 12

	thStateRunning = 1
	thStateStopped = 2
	thStateWaiting = 3
	thUsageScale   = 1000
)

func runState(th *task.Thread) uint32 {
	switch {
	case th.SuspendCount() > 0 || th.Task.SuspendCount() > 0:
		return thStateStopped
	case th.IsWaiting():
		return thStateWaiting
	}
	return thStateRunning
}

// machPolicy is POLICY_TIMESHARE, _RR or _FIFO.
func machPolicy(th *task.Thread) uint32 {
	switch p := th.Params(); {
	case p.Policy == sched.Fixed && p.Quantum == sched.Infinite:
		return POLICY_FIFO
	case p.Policy == sched.Fixed, th.Status().Policy == sched.RealTime:
		return POLICY_RR
	}
	return POLICY_TIMESHARE
}

func (k *Kernel) threadInfo(_ *Call, th *task.Thread, flavor int32, room int) ([]uint32, kret) {
	if th == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	var w []uint32
	switch flavor {
	case THREAD_BASIC_INFO:
		w = timeValue(timeValue(nil, th.CPUTime()), 0)
		w = append(w, 0, machPolicy(th), runState(th), 0, uint32(th.SuspendCount()), 0)
	case THREAD_IDENTIFIER_INFO:
		h := uint64(0)
		if k.Hooks.ThreadHandle != nil {
			h = k.Hooks.ThreadHandle(th)
		}
		w = wide(nil, th.ID, h, 0)
	case THREAD_EXTENDED_INFO:
		st := th.Status()
		w = wide(nil, uint64(th.CPUTime()), 0)
		w = append(w, 0, machPolicy(th), runState(th), 0, 0, uint32(st.Current), uint32(st.Base), sched.MaxPriUser)
		var name [64]byte
		if k.Hooks.ThreadName != nil {
			copy(name[:63], k.Hooks.ThreadName(th))
		}
		for i := 0; i < 64; i += 4 {
			w = append(w, le.Uint32(name[i:]))
		}
	case THREAD_SCHED_TIMESHARE_INFO, THREAD_SCHED_RR_INFO, THREAD_SCHED_FIFO_INFO:
		var kr kret
		if w, kr = schedInfo(th, flavor); kr != abi.KERN_SUCCESS {
			return nil, kr
		}
	default:
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if room < len(w) {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	return w, abi.KERN_SUCCESS
}
