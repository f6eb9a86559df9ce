package kernel

import (
	"slices"
	"strings"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/syscalls"
	"puggle/bsd/sysctl"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/sync"
	"puggle/mach/task"
	"puggle/mach/traps"
)

// machPorts puts the traps about ports into the table of calls.
type machPorts [len(traps.Table)]syscalls.Handler

// newMachPorts makes the handlers, once: they are asked for at each trap.
func newMachPorts(t *traps.Traps) *machPorts {
	m := new(machPorts)
	for num := range m {
		if traps.Table[num] != nil {
			m[num] = func(c *syscalls.Call) abi.Errno {
				c.Ret[0], _ = t.Do(num, c.Th, &c.Arg)
				return 0
			}
		}
	}
	return m
}

// Trap gives the handler of one trap.
func (m *machPorts) Trap(num int) syscalls.Handler {
	if uint(num) >= uint(len(m)) {
		return nil
	}
	return m[num]
}

// wireMach makes the servers of the kernel's objects and the traps about ports,
// and gives every process a port space. It comes before the first task.
func (s *System) wireMach() {
	registry := s.newIOServer()
	s.Mach = mig.NewKernel(s.Tasks, host.Config{
		Processors: s.Machine.Processors(), MemSize: s.Machine.Memory().Limit(), BootInfo: s.cfg.BootArgs,
		KernelVersion: "Darwin Kernel Version 22.6.0: Puggle; " + sysctl.Configuration + "_X86_64",
		Ticks:         cpuTicks,
		Load:          func() [3]uint32 { return loads(1000) },
		Memory:        s.memoryStatistics,
		Counts:        func() (tasks, threads int) { return len(s.Procs.Procs()), int(s.Tasks.NumThreads()) },
		IOMain:        registry.Main,
	}, registry.Subsystem())
	registry.Start(s.Tasks.PortServer)
	s.Mach.ExternalPagers = slices.Contains(strings.Fields(s.cfg.BootArgs), "emmi=1")
	s.Mach.Hooks = mig.Hooks{
		TerminateTask: func(t *task.Task) abi.KernReturn {
			p, _ := t.BSD.(*kern.Proc)
			if p == nil {
				return abi.KERN_NOT_SUPPORTED
			}
			p.Signal(abi.SIGKILL)
			return 0
		},
		Tokens: func(t *task.Task) (ipc.SecurityToken, ipc.AuditToken) {
			p, _ := t.BSD.(*kern.Proc)
			if p == nil {
				return ipc.SecurityToken{}, ipc.AuditToken{}
			}
			return tokens(p)
		},
		AllTasks: func() (l []*task.Task) {
			for _, p := range s.Procs.Procs() {
				if p.Task != nil {
					l = append(l, p.Task)
				}
			}
			return l
		},
		NewThread: func(t *task.Task) (*task.Thread, abi.KernReturn) {
			p, _ := t.BSD.(*kern.Proc)
			if p == nil {
				return nil, abi.KERN_NOT_SUPPORTED
			}
			ut, e := p.NewMachThread()
			if e != 0 {
				return nil, abi.KERN_RESOURCE_SHORTAGE
			}
			return ut.Thread, abi.KERN_SUCCESS
		},
		Zones:      s.Zones,
		LockGroups: s.lockGroups,
		DyldInfo:   allImageInfos,
		MayControl: func(by *task.Thread, t *task.Task) bool {
			p, _ := t.BSD.(*kern.Proc)
			ut, _ := by.BSD.(*kern.Uthread)
			return p != nil && ut != nil && visible(ut.Context(), p)
		},
		ThreadName: func(th *task.Thread) string {
			if ut, _ := th.BSD.(*kern.Uthread); ut != nil {
				return ut.Name
			}
			return ""
		},
	}
	s.traps = &traps.Traps{
		Kernel: s.Mach,
		TaskForPID: func(by *task.Thread, pid int32) (*task.Task, abi.KernReturn) {
			p := s.Procs.Find(pid)
			ut, _ := by.BSD.(*kern.Uthread)
			if p == nil || p.Task == nil || ut == nil || !visible(ut.Context(), p) {
				return nil, abi.KERN_FAILURE
			}
			return p.Task, 0
		},
		PIDForTask: func(t *task.Task) (int32, bool) {
			p, _ := t.BSD.(*kern.Proc)
			if p == nil {
				return 0, false
			}
			return p.PID, true
		},
	}
	s.wireProcesses()
}

func (s *System) wireProcesses() {
	h := &s.Procs.Hooks
	h.Forked = func(parent, child *kern.Proc) {
		sp := ipc.NewSpace()
		sp.Task = child.Task
		sp.Guard = child.Task.Violated
		child.Task.IPC = sp
		if parent != nil && parent.Task != nil {
			child.Task.InheritPorts(parent.Task)
			child.Task.InheritPolicy(parent.Task)
		} else {
			s.firstPorts(child)
		}
		setIdentity(child)
	}
	h.Execed = setIdentity
	h.Credential = setIdentity
	h.Exited = func(p *kern.Proc) {
		if sp := space(p); sp != nil {
			sp.Terminate()
			p.Task.EndPorts()
			s.Mach.TaskEnded(p.Task)
		}
	}
	h.ThreadPort = func(ut *kern.Uthread) uint32 { return uint32(s.traps.ThreadSelf(ut.Thread)) }
	h.ReleasePort = func(p *kern.Proc, name uint32) {
		if sp := space(p); sp != nil {
			sp.Deallocate(abi.PortName(name))
		}
	}
	h.SemaphoreSignal = func(p *kern.Proc, name uint32) {
		sp := space(p)
		if sp == nil {
			return
		}
		port, kr := sp.Lookup(abi.PortName(name), abi.MACH_PORT_TYPE_SEND)
		if kr != 0 {
			return
		}
		if sem, kind := port.Kobject(); kind == abi.IKOT_SEMAPHORE {
			sem.(*sync.Semaphore).Signal()
		}
	}
	h.Exception = s.Mach.Exception
}

// setIdentity tells the space who its messages come from.
func setIdentity(p *kern.Proc) {
	if sp := space(p); sp != nil {
		sp.SetIdentity(tokens(p))
	}
}

// tokens are the identity of a process: the audit token is <bsm/audit.h>'s.
func tokens(p *kern.Proc) (ipc.SecurityToken, ipc.AuditToken) {
	c := p.Cred()
	return ipc.SecurityToken{c.UID, c.GID},
		ipc.AuditToken{c.RUID, c.UID, c.GID, c.RUID, c.RGID, uint32(p.PID), 0, uint32(p.UniqueID)}
}

func space(p *kern.Proc) *ipc.Space {
	if p.Task == nil {
		return nil
	}
	sp, _ := p.Task.IPC.(*ipc.Space)
	return sp
}

// visible is proc_cansee for task_for_pid: root, or the same user.
func visible(ctx *sys.Context, p *kern.Proc) bool {
	return ctx.Cred.IsSuser() || ctx.Cred.RUID == p.Cred().RUID
}

// portsOf are the services of bsd/syscalls that name tasks and threads by port.
func (s *System) isTaskSelf(p *kern.Proc, name uint32) bool {
	return s.traps.IsSelf(p.Task, abi.PortName(name))
}

func (s *System) threadByPort(p *kern.Proc, name uint32) *kern.Uthread {
	th := s.traps.ThreadByName(p.Task, abi.PortName(name))
	if th == nil {
		return nil
	}
	ut, _ := th.BSD.(*kern.Uthread)
	return ut
}
