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
		ThreadDepressAbort: onThread(func(th *task.Thread) kret {
			if !th.DepressAbort() {
				return abi.KERN_NOT_DEPRESSED
			}
			return abi.KERN_SUCCESS
		}),
		ThreadGetSpecialPort: threadGetSpecialPort,
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
			l, kr := th.Exceptions.Get(mask)
			if kr == abi.KERN_SUCCESS && !th.Exceptions.Touched() {
				l = nil // null ports: nothing to release
			}
			return groups(l, kr)
		},
		ThreadSwapExceptionPorts: func(_ *Call, th *task.Thread, mask abi.ExceptionMask, p Right, nb abi.ExceptionBehavior, nf int32) (m []abi.ExceptionMask, h []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if th == nil {
				return m, h, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(th.Exceptions.Swap(mask, task.ExceptionAction{Port: p.Port(), Behavior: nb, Flavor: nf}))
		},
		ThreadGetExceptionPortsInfo: threadExceptionInfo,
		ThreadGetMachVoucher:        threadGetVoucher,
		ThreadSetMachVoucher:        threadSetVoucher,
		ThreadConvertThreadState:    threadConvertState,
		ThreadPolicySet:             threadPolicySet,
		ThreadPolicyGet:             threadPolicyGet,
		ThreadPolicy: func(_ *Call, th *task.Thread, policy int32, base []int32, _ bool) kret {
			return threadPolicy(th, policy, base)
		},
		ThreadSetPolicy: func(_ *Call, th *task.Thread, s *host.ProcessorSet, policy int32, base, _ []int32) kret {
			if s == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return threadPolicy(th, policy, base)
		},
		ThreadAssign: func(_ *Call, th *task.Thread, s *host.ProcessorSet) kret {
			if th == nil || s == nil || th.Assign(s.Sched) != nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return abi.KERN_SUCCESS
		},
		ThreadAssignDefault: onThread(func(th *task.Thread) kret {
			th.Assign(k.Host.Set.Sched)
			return abi.KERN_SUCCESS
		}),
		ThreadGetAssignment: func(_ *Call, th *task.Thread) (*host.ProcessorSet, kret) {
			if th == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return k.Host.SetOf(th.Assigned()), abi.KERN_SUCCESS
		},
	}
}
