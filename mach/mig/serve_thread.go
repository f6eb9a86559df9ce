package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/task"
)

func onThread(f func(th *task.Thread) kret) func(*Call, *task.Thread) kret {
	return func(_ *Call, th *task.Thread) kret {
		if th == nil {
			return abi.KERN_INVALID_ARGUMENT
		}
		return f(th)
	}
}

// schedThread is the scheduler's part of the thread that calls.
func schedThread(c *Call) *sched.Thread { return c.Request.Thread() }

func threadGetState(c *Call, th *task.Thread, flavor int32, room int) ([]uint32, kret) {
	if th == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	return th.State(schedThread(c), flavor, room)
}

func threadSetState(c *Call, th *task.Thread, flavor int32, w []uint32) kret {
	if th == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return th.SetState(schedThread(c), flavor, w)
}

func (k *Kernel) threadAct() *ThreadActServer {
	return &ThreadActServer{
		ThreadTerminate: onThread(func(th *task.Thread) kret { th.Terminate(); return abi.KERN_SUCCESS }),
		ActGetState:     threadGetState,
		ActSetState:     threadSetState,
		ThreadGetState:  threadGetState,
		ThreadSetState:  threadSetState,
		ThreadSuspend:   onThread(func(th *task.Thread) kret { th.Suspend(); return abi.KERN_SUCCESS }),
		ThreadResume: onThread(func(th *task.Thread) kret {
			if !th.Resume() {
				return abi.KERN_FAILURE
			}
			return abi.KERN_SUCCESS
		}),
		// An abort ends an interruptible wait, and what waits returns as if
		// interrupted; a thread that does not wait goes on.
		ThreadAbort:       onThread(func(th *task.Thread) kret { th.Interrupt(); return abi.KERN_SUCCESS }),
		ThreadAbortSafely: onThread(func(th *task.Thread) kret { th.Interrupt(); return abi.KERN_SUCCESS }),
		ThreadDepressAbort: onThread(func(*task.Thread) kret {
			return abi.KERN_NOT_DEPRESSED // thread_switch yields, and depresses nobody
		}),
		ThreadGetSpecialPort: func(_ *Call, th *task.Thread, which int32) (*ipc.Port, kret) {
			if th == nil || which < abi.THREAD_KERNEL_PORT || which > abi.THREAD_READ_PORT {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return convertThreadToPort(th), abi.KERN_SUCCESS
		},
		ThreadSetSpecialPort: func(_ *Call, th *task.Thread, which int32, _ Right) kret {
			if th == nil || which != abi.THREAD_KERNEL_PORT {
				return abi.KERN_INVALID_ARGUMENT
			}
			return abi.KERN_NO_ACCESS
		},
		ThreadInfo: k.threadInfo,
		ThreadSetExceptionPorts: func(_ *Call, th *task.Thread, mask abi.ExceptionMask, p Right, b abi.ExceptionBehavior, f int32) kret {
			if th == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return th.Exceptions.Set(mask, task.ExceptionAction{Port: p.Port(), Behavior: b, Flavor: f})
		},
		ThreadGetExceptionPorts: func(_ *Call, th *task.Thread, mask abi.ExceptionMask) (m []abi.ExceptionMask, h []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if th == nil {
				return m, h, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(th.Exceptions.Get(mask))
		},
		ThreadSwapExceptionPorts: func(_ *Call, th *task.Thread, mask abi.ExceptionMask, p Right, nb abi.ExceptionBehavior, nf int32) (m []abi.ExceptionMask, h []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if th == nil {
				return m, h, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(th.Exceptions.Swap(mask, task.ExceptionAction{Port: p.Port(), Behavior: nb, Flavor: nf}))
		},
		ThreadPolicySet: threadPolicySet,
		ThreadPolicyGet: threadPolicyGet,
		ThreadGetAssignment: func(_ *Call, th *task.Thread) (*host.ProcessorSet, kret) {
			if th == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return k.Host.Set, abi.KERN_SUCCESS
		},
	}
}

// Flavours of thread_policy_set (<mach/thread_policy.h>).
const (
	THREAD_EXTENDED_POLICY        = 1
	THREAD_TIME_CONSTRAINT_POLICY = 2
	THREAD_PRECEDENCE_POLICY      = 3
)

const basePriority = 31 // BASEPRI_DEFAULT

// threadPolicySet: time-sharing or not, and importance. Time constraints have
// no mechanism in mach/sched: KERN_NOT_SUPPORTED.
func threadPolicySet(_ *Call, th *task.Thread, flavor uint32, w []int32) kret {
	if th == nil || len(w) < 1 {
		return abi.KERN_INVALID_ARGUMENT
	}
	base, _, policy := th.Priority()
	switch flavor {
	case THREAD_EXTENDED_POLICY:
		policy = sched.TimeShare
		if w[0] == 0 {
			policy = sched.Fixed
		}
	case THREAD_PRECEDENCE_POLICY:
		base = min(max(basePriority+int(w[0]), 0), 63)
	case THREAD_TIME_CONSTRAINT_POLICY:
		return abi.KERN_NOT_SUPPORTED
	default:
		return abi.KERN_INVALID_ARGUMENT
	}
	th.SetPriority(base, policy)
	return abi.KERN_SUCCESS
}

func threadPolicyGet(_ *Call, th *task.Thread, flavor uint32, room int, def bool) ([]int32, bool, kret) {
	if th == nil {
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	if room < 1 {
		return nil, false, abi.KERN_INVALID_ARGUMENT
	}
	base, _, policy := th.Priority()
	switch flavor {
	case THREAD_EXTENDED_POLICY:
		if def || policy == sched.TimeShare {
			return []int32{1}, def, abi.KERN_SUCCESS
		}
		return []int32{0}, false, abi.KERN_SUCCESS
	case THREAD_PRECEDENCE_POLICY:
		if def {
			return []int32{0}, true, abi.KERN_SUCCESS
		}
		return []int32{int32(base - basePriority)}, false, abi.KERN_SUCCESS
	case THREAD_TIME_CONSTRAINT_POLICY:
		return nil, false, abi.KERN_NOT_SUPPORTED
	}
	return nil, false, abi.KERN_INVALID_ARGUMENT
}
