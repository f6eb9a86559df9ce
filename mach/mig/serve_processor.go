package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

func onProcessor(f func(p *host.Processor) kret) func(*Call, *host.Processor) kret {
	return func(_ *Call, p *host.Processor) kret {
		if p == nil {
			return abi.KERN_INVALID_ARGUMENT
		}
		return f(p)
	}
}

func (k *Kernel) processor() *ProcessorServer {
	return &ProcessorServer{
		ProcessorStart: onProcessor(func(p *host.Processor) kret {
			if p.Assigned() != nil {
				return abi.KERN_FAILURE // it runs
			}
			return p.Assign(k.Host.Set)
		}),
		ProcessorExit: onProcessor(func(p *host.Processor) kret { return p.Assign(nil) }),
		ProcessorInfo: func(_ *Call, p *host.Processor, flavor int32, room int) (*host.Host, []uint32, kret) {
			if p == nil {
				return nil, nil, abi.KERN_INVALID_ARGUMENT
			}
			w, kr := p.Info(flavor, room)
			return p.Host, w, kr
		},
		// There is no command that a processor would know.
		ProcessorControl: func(*Call, *host.Processor, []uint32) kret { return abi.KERN_FAILURE },
		// A processor that is busy leaves the old set when its thread gives way;
		// nobody waits for that.
		ProcessorAssign: func(_ *Call, p *host.Processor, s *host.ProcessorSet, _ bool) kret {
			if p == nil || s == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return p.Assign(s)
		},
		ProcessorGetAssignment: func(_ *Call, p *host.Processor) (*host.ProcessorSet, kret) {
			if p == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			s := p.Assigned()
			if s == nil {
				return nil, abi.KERN_FAILURE
			}
			return s, abi.KERN_SUCCESS
		},
	}
}

// setTasks is the tasks that are assigned to a set.
func (k *Kernel) setTasks(s *host.ProcessorSet) (l []*task.Task, kr kret) {
	if s == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if k.Hooks.AllTasks == nil {
		return nil, abi.KERN_NOT_SUPPORTED
	}
	for _, t := range k.Hooks.AllTasks() {
		if t.Assigned() == s.Sched {
			l = append(l, t)
		}
	}
	return l, abi.KERN_SUCCESS
}

// evict moves all that is in a set to the default one.
func (k *Kernel) evict(s *host.ProcessorSet) {
	for _, t := range k.Hooks.AllTasks() {
		if t.Assigned() == s.Sched {
			t.Assign(k.Host.Set.Sched, false)
		}
		for _, th := range t.Threads() {
			if th.Assigned() == s.Sched {
				th.Assign(k.Host.Set.Sched)
			}
		}
	}
}

func (k *Kernel) processorSet() *ProcessorSetServer {
	// What Mach 3 had and XNU refuses, is refused: the limits of a set.
	refused := abi.KERN_FAILURE
	return &ProcessorSetServer{
		ProcessorSetStatistics: func(_ *Call, s *host.ProcessorSet, flavor int32, room int) ([]uint32, kret) {
			if s == nil {
				return nil, abi.KERN_INVALID_PROCESSOR_SET
			}
			return s.Statistics(flavor, room)
		},
		ProcessorSetInfo: func(_ *Call, s *host.ProcessorSet, flavor int32, room int) (*host.Host, []uint32, kret) {
			if s == nil {
				return nil, nil, abi.KERN_INVALID_ARGUMENT
			}
			w, kr := s.Info(flavor, room)
			return s.Host, w, kr
		},
		ProcessorSetDestroy: func(_ *Call, s *host.ProcessorSet) kret {
			if s == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			if k.Hooks.AllTasks == nil {
				return abi.KERN_NOT_SUPPORTED
			}
			return k.Host.DestroySet(s, func() { k.evict(s) })
		},
		ProcessorSetMaxPriority:   func(*Call, *host.ProcessorSet, int32, bool) kret { return refused },
		ProcessorSetPolicyEnable:  func(*Call, *host.ProcessorSet, int32) kret { return refused },
		ProcessorSetPolicyDisable: func(*Call, *host.ProcessorSet, int32, bool) kret { return refused },
		ProcessorSetPolicyControl: func(*Call, *host.ProcessorSet, int32, []uint32, bool) kret { return refused },
		ProcessorSetTasks:         func(_ *Call, s *host.ProcessorSet) ([]*task.Task, kret) { return k.setTasks(s) },
		ProcessorSetTasksWithFlavor: func(_ *Call, s *host.ProcessorSet, flavor int32) ([]*task.Task, kret) {
			// Control, read and inspect ports are the same here, as everywhere.
			switch {
			case flavor < 0 || flavor > taskFlavorName:
				return nil, abi.KERN_INVALID_ARGUMENT
			case flavor == taskFlavorName:
				return nil, abi.KERN_NOT_SUPPORTED
			}
			return k.setTasks(s)
		},
		ProcessorSetThreads: func(_ *Call, s *host.ProcessorSet) (l []*ipc.Port, kr kret) {
			if s == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			if k.Hooks.AllTasks == nil {
				return nil, abi.KERN_NOT_SUPPORTED
			}
			for _, t := range k.Hooks.AllTasks() {
				for _, th := range t.Threads() {
					if th.Assigned() == s.Sched {
						l = append(l, convertThreadToPort(th))
					}
				}
			}
			return l, kr
		},
	}
}
