package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sync"
	"puggle/mach/task"
)

// caller is the guest thread that sends a request, nil for the kernel.
func caller(c *Call) *task.Thread {
	th := c.Request.Thread()
	if th == nil {
		return nil
	}
	t, _ := th.Owner.(*task.Thread)
	return t
}

func (k *Kernel) task() *TaskServer {
	return &TaskServer{
		TaskTerminate: func(_ *Call, t *task.Task) kret {
			if t == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			if k.Hooks.TerminateTask == nil {
				return abi.KERN_NOT_SUPPORTED
			}
			return k.Hooks.TerminateTask(t)
		},
		TaskThreads: taskThreads,
		MachPortsRegister3: func(_ *Call, t *task.Task, a, b, c Right) kret {
			if t == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			t.RegisterPorts([3]*ipc.Port{a.Take(), b.Take(), c.Take()})
			return abi.KERN_SUCCESS
		},
		MachPortsLookup3: func(_ *Call, t *task.Task) (a, b, c *ipc.Port, kr kret) {
			if t == nil {
				return nil, nil, nil, abi.KERN_INVALID_ARGUMENT
			}
			l := t.RegisteredPorts()
			return l[0], l[1], l[2], abi.KERN_SUCCESS
		},
		TaskInfo:    k.taskInfo,
		TaskSuspend: onTask(func(t *task.Task) kret { t.Suspend(); return abi.KERN_SUCCESS }),
		TaskResume: onTask(func(t *task.Task) kret {
			if !t.Resume() {
				return abi.KERN_FAILURE
			}
			return abi.KERN_SUCCESS
		}),
		TaskSuspend2:       k.taskSuspend2,
		TaskResume2:        k.taskResume2,
		TaskGetSpecialPort: k.taskGetSpecialPort,
		TaskSetSpecialPort: k.taskSetSpecialPort,
		ThreadCreate: func(_ *Call, t *task.Task) (*task.Thread, kret) {
			th, kr := k.newThread(t)
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			th.Suspend() // thread_resume lets it run
			th.Start()
			return th, kr
		},
		ThreadCreateRunning: func(_ *Call, t *task.Task, flavor int32, state []uint32) (*task.Thread, kret) {
			if n := task.StateCount(flavor); n == 0 || len(state) < n {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			th, kr := k.newThread(t)
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			th.Suspend()
			th.Start()
			if kr := th.SetState(nil, flavor, state); kr != abi.KERN_SUCCESS {
				th.Terminate()
				return nil, kr
			}
			th.Resume()
			return th, kr
		},
		TaskSetInfo:  func(*Call, *task.Task, int32, []uint32) kret { return abi.KERN_INVALID_ARGUMENT }, // there are no such flavours
		TaskGetState: taskGetState, TaskSetState: taskSetState,
		TaskPurgableInfo:          taskPurgableInfo,
		TaskGetExceptionPortsInfo: taskExceptionInfo,
		TaskMapCorpseInfo: func(*Call, *task.Task, *task.Task) (addr, uint32, kret) {
			return 0, 0, abi.KERN_INVALID_ARGUMENT // no task is a corpse
		},
		TaskMapCorpseInfo64: func(*Call, *task.Task, *task.Task) (addr, uint64, kret) {
			return 0, 0, abi.KERN_INVALID_ARGUMENT
		},
		// What dyld tells is for the kernel's trace, which is not there.
		TaskRegisterDyldImageInfos:   dyldImages,
		TaskUnregisterDyldImageInfos: dyldImages,
		TaskRegisterDyldSharedCacheImageInfo: func(c *Call, t *task.Task, _ [40]byte, _, _ bool) kret {
			if th := caller(c); t == nil || th == nil || th.Task != t {
				return abi.KERN_INVALID_TASK
			}
			return abi.KERN_SUCCESS
		},
		TaskGetExcGuardBehavior: func(_ *Call, t *task.Task) (uint32, kret) {
			if t == nil {
				return 0, abi.KERN_INVALID_TASK
			}
			return t.ExcGuard(), abi.KERN_SUCCESS
		},
		TaskSetExcGuardBehavior: func(_ *Call, t *task.Task, b uint32) kret {
			if t == nil {
				return abi.KERN_INVALID_TASK
			}
			return t.SetExcGuard(b)
		},
		// Tasks have no vouchers, only threads.
		TaskGetMachVoucher: func(_ *Call, t *task.Task, _ uint32) (*ipc.Port, kret) {
			if t == nil {
				return nil, abi.KERN_INVALID_TASK
			}
			return nil, abi.KERN_SUCCESS
		},
		TaskCreateIdentityToken:      k.taskCreateIdentityToken,
		TaskIdentityTokenGetTaskPort: k.taskIdentityTokenGetTaskPort,
		TaskSetExceptionPorts: func(_ *Call, t *task.Task, mask abi.ExceptionMask, p Right, b abi.ExceptionBehavior, f int32) kret {
			if t == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return t.Exceptions.Set(mask, task.ExceptionAction{Port: p.Port(), Behavior: b, Flavor: f})
		},
		TaskGetExceptionPorts: func(_ *Call, t *task.Task, mask abi.ExceptionMask) (m []abi.ExceptionMask, h []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if t == nil {
				return m, h, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(t.Exceptions.Get(mask))
		},
		TaskSwapExceptionPorts: func(_ *Call, t *task.Task, mask abi.ExceptionMask, p Right, nb abi.ExceptionBehavior, nf int32) (m []abi.ExceptionMask, h []*ipc.Port, b []abi.ExceptionBehavior, f []int32, kr kret) {
			if t == nil {
				return m, h, b, f, abi.KERN_INVALID_ARGUMENT
			}
			return groups(t.Exceptions.Swap(mask, task.ExceptionAction{Port: p.Port(), Behavior: nb, Flavor: nf}))
		},
		SemaphoreCreate: func(_ *Call, t *task.Task, policy, value int32) (*ipc.Port, kret) {
			if t == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			s, kr := sync.NewSemaphore(policy, value)
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			return k.offer(t, s, abi.IKOT_SEMAPHORE)
		},
		SemaphoreDestroy: func(_ *Call, t *task.Task, s *sync.Semaphore) kret {
			if t == nil || s == nil || !k.disown(t, s) {
				return abi.KERN_INVALID_ARGUMENT
			}
			k.destroy(s)
			return abi.KERN_SUCCESS
		},
		LockSetCreate: func(_ *Call, t *task.Task, n, policy int32) (*ipc.Port, kret) {
			if t == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			s, kr := sync.NewLockSet(n, policy)
			if kr != abi.KERN_SUCCESS {
				return nil, kr
			}
			return k.offer(t, s, abi.IKOT_LOCK_SET)
		},
		LockSetDestroy: func(_ *Call, t *task.Task, s *sync.LockSet) kret {
			if t == nil || s == nil || !k.disown(t, s) {
				return abi.KERN_INVALID_ARGUMENT
			}
			k.destroy(s)
			return abi.KERN_SUCCESS
		},
		TaskPolicySet: taskPolicySet,
		TaskPolicyGet: taskPolicyGet,
		TaskPolicy: func(_ *Call, t *task.Task, policy int32, base []int32, _, change bool) kret {
			return taskPolicy(t, policy, base, change)
		},
		TaskSetPolicy: func(_ *Call, t *task.Task, s *host.ProcessorSet, policy int32, base, _ []int32, change bool) kret {
			if s == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return taskPolicy(t, policy, base, change)
		},
		TaskAssign: func(_ *Call, t *task.Task, s *host.ProcessorSet, threads bool) kret {
			if t == nil || s == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return t.Assign(s.Sched, threads)
		},
		TaskAssignDefault: func(_ *Call, t *task.Task, threads bool) kret {
			if t == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return t.Assign(k.Host.Set.Sched, threads)
		},
		TaskGetAssignment: func(_ *Call, t *task.Task) (*host.ProcessorSet, kret) {
			if t == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return k.Host.SetOf(t.Assigned()), abi.KERN_SUCCESS
		},
		MachTaskIsSelf: func(c *Call, t *task.Task) (bool, kret) {
			th := caller(c)
			return th != nil && th.Task == t, abi.KERN_SUCCESS
		},
	}
}

func onTask(f func(t *task.Task) kret) func(*Call, *task.Task) kret {
	return func(_ *Call, t *task.Task) kret {
		if t == nil {
			return abi.KERN_INVALID_ARGUMENT
		}
		return f(t)
	}
}

func (k *Kernel) newThread(t *task.Task) (*task.Thread, kret) {
	switch {
	case t == nil:
		return nil, abi.KERN_INVALID_ARGUMENT
	case k.Hooks.NewThread == nil:
		return nil, abi.KERN_NOT_SUPPORTED
	}
	return k.Hooks.NewThread(t)
}

// Offer makes object, which is t's, known by a port, and gives a send right. It is
// destroyed (its method Destroy) with the task, or when nobody has a right to it.
// KERN_RESOURCE_SHORTAGE: then it is not.
func (k *Kernel) Offer(t *task.Task, object any, kotype uint32) (*ipc.Port, kret) {
	return k.offer(t, object, kotype)
}

// maxOwned bounds the semaphores and lock sets of one task.
const maxOwned = 64 << 10

// offer gives a fresh semaphore or lock set a port and an owner.
func (k *Kernel) offer(t *task.Task, object any, kotype uint32) (*ipc.Port, kret) {
	k.mu.Lock()
	full := len(k.owned[t]) >= maxOwned
	k.mu.Unlock()
	if full {
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	k.own(t, object)
	p := k.objectPort(object, kotype, func() {
		if k.disown(t, object) {
			k.destroy(object)
		}
	})
	if p == nil {
		k.disown(t, object)
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	return p, abi.KERN_SUCCESS
}

// groups spreads what is known of exception ports into the calls' arrays.
func groups(l []task.ExceptionGroup, kr kret) (m []abi.ExceptionMask, h []*ipc.Port, b []abi.ExceptionBehavior, f []int32, _ kret) {
	for _, g := range l {
		m, h = append(m, g.Mask), append(h, g.Port)
		b, f = append(b, g.Behavior), append(f, g.Flavor)
	}
	return m, h, b, f, kr
}

func (k *Kernel) taskGetSpecialPort(c *Call, t *task.Task, which int32) (*ipc.Port, kret) {
	if t == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if !mayGet(c.Port, which) {
		return nil, abi.KERN_INVALID_CAPABILITY
	}
	switch which {
	case abi.TASK_KERNEL_PORT:
		return convertTaskToPort(t), abi.KERN_SUCCESS
	case abi.TASK_READ_PORT:
		return sendTo(t.ReadPort()), abi.KERN_SUCCESS
	case abi.TASK_INSPECT_PORT:
		return sendTo(t.InspectPort()), abi.KERN_SUCCESS
	case abi.TASK_NAME_PORT:
		return convertTaskNameToPort(t), abi.KERN_SUCCESS
	case abi.TASK_HOST_PORT:
		if p := t.SpecialPort(abi.TASK_HOST_PORT); p != nil {
			return p, abi.KERN_SUCCESS
		}
		return convertHostToPort(k.Host), abi.KERN_SUCCESS
	case abi.TASK_BOOTSTRAP_PORT, abi.TASK_ACCESS_PORT:
		return t.SpecialPort(int(which)), abi.KERN_SUCCESS
	}
	return nil, abi.KERN_INVALID_ARGUMENT
}

func (k *Kernel) taskSetSpecialPort(_ *Call, t *task.Task, which int32, p Right) kret {
	if t == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	switch which {
	case abi.TASK_HOST_PORT, abi.TASK_BOOTSTRAP_PORT, abi.TASK_ACCESS_PORT:
		return t.SetSpecialPort(int(which), p.Take())
	case abi.TASK_KERNEL_PORT, abi.TASK_NAME_PORT, abi.TASK_READ_PORT, abi.TASK_INSPECT_PORT:
		return abi.KERN_NO_ACCESS // they are what they are
	}
	return abi.KERN_INVALID_ARGUMENT
}

// taskSuspend2 suspends until the token is given back or dies.
func (k *Kernel) taskSuspend2(_ *Call, t *task.Task) (*ipc.Port, kret) {
	if t == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	p, kr := ipc.AllocKernel(t, abi.IKOT_TASK_RESUME, k.serveToken)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	t.Suspend()
	k.mu.Lock()
	k.susp[p] = t
	k.mu.Unlock()
	return p.MakeSendOnce(), abi.KERN_SUCCESS
}

// serveToken gets either task_resume2 or, when the token is dropped, the
// send-once notification: both resume.
func (k *Kernel) serveToken(p *ipc.Port, request *ipc.Kmsg) *ipc.Kmsg {
	if request.ID() == abi.MACH_NOTIFY_SEND_ONCE {
		k.endToken(p)
		return nil
	}
	reply := k.table.Serve(p, request)
	k.endToken(p) // the right is used up, whatever was asked
	return reply
}

func (k *Kernel) endToken(p *ipc.Port) bool {
	k.mu.Lock()
	t := k.susp[p]
	delete(k.susp, p)
	k.mu.Unlock()
	if t == nil {
		return false
	}
	t.Resume()
	p.DestroyKernel()
	return true
}

func (k *Kernel) taskResume2(_ *Call, p *ipc.Port) kret {
	if !k.endToken(p) {
		return abi.KERN_INVALID_ARGUMENT
	}
	return abi.KERN_SUCCESS
}
