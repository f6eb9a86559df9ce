package mig

import (
	gosync "sync"

	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// Kernel serves the ports of the kernel's objects. Make it with NewKernel before
// the first task, and fill in Hooks.
type Kernel struct {
	Tasks *task.System
	Host  *host.Host
	Hooks Hooks
	// ExternalPagers allows memory objects whose pager is a task; see emmi.go.
	ExternalPagers bool

	table     *Table
	mu        gosync.Mutex
	ports     map[any]*ipc.Port        // of objects that don't hold theirs
	owner     map[any]*task.Task       // of semaphores and lock sets
	owned     map[*task.Task][]any     // the same, the other way
	susp      map[*ipc.Port]*task.Task // suspension tokens
	externals map[*ipc.Port]*externalPager
	calendar  []*ipc.Port // who asked of the calendar: send-once rights
	vouchers  map[string]*voucher

	voucherBytes int
}

// Hooks are what needs the room above. A nil hook makes its routine answer
// KERN_NOT_SUPPORTED.
type Hooks struct {
	// TerminateTask ends a task and, if it has one, its process.
	TerminateTask func(t *task.Task) abi.KernReturn
	// NewThread makes a thread that can run in the task; it is not started.
	NewThread func(t *task.Task) (*task.Thread, abi.KernReturn)
	// Tokens are the identity of a task's process.
	Tokens func(t *task.Task) (ipc.SecurityToken, ipc.AuditToken)
	// AllTasks lists every task; without it processor_set_tasks fails.
	AllTasks func() []*task.Task
	// DyldInfo tells where the all_image_infos of a task are; 0 if it has none.
	DyldInfo func(t *task.Task) (addr, size uint64, kr abi.KernReturn)
	// MayControl says whether a thread may have the control port of a task that it
	// has by another way; without it only of its own.
	MayControl func(by *task.Thread, t *task.Task) bool
	// ThreadName and ThreadHandle tell the name of a thread, and the address
	// of its pthread structure.
	ThreadName   func(th *task.Thread) string
	ThreadHandle func(th *task.Thread) uint64
	// Zones tell what the kernel's memory is used for.
	Zones func() []Zone
	// LockGroups tell what the locks of kernel code have counted.
	LockGroups func() []LockGroup
	// Reboot ends the machine.
	Reboot func(options int32) abi.KernReturn
}

// NewKernel makes the kernel's servers and sets tasks.PortServer. kernel
// extension servers may add subsystems of their own.
func NewKernel(tasks *task.System, c host.Config, more ...Subsystem) *Kernel {
	k := &Kernel{Tasks: tasks, ports: map[any]*ipc.Port{}, owner: map[any]*task.Task{},
		owned: map[*task.Task][]any{}, susp: map[*ipc.Port]*task.Task{}, vouchers: map[string]*voucher{}}
	k.table = NewTable(append([]Subsystem{
		k.machPort(), k.task(), k.threadAct(), k.machVM(), k.vmMap(), k.machHost(), k.hostPriv(),
		k.clock(), &ClockPrivServer{}, k.semaphore(), k.lockSet(), k.processor(), k.processorSet(), k.memoryEntry(), k.memoryControl(),
		k.machVoucher(),
	}, more...)...)
	k.table.refuse()
	k.table.failed = func(c *Call) {
		if s := convertPortToSpace(c.Port); s != nil {
			if th := caller(c); th != nil {
				th.CheckGuards(s)
			}
		}
	}
	tasks.PortServer = k.table.Serve
	k.Host = host.New(tasks, c)
	return k
}

// Table is all that the kernel serves: for tools, and for tracing.
func (k *Kernel) Table() *Table { return k.table }

// objectPort gives the port of an object, making it the first time. gone is
// called when nobody has a right to it any more: then the port is dead.
func (k *Kernel) objectPort(object any, kotype uint32, gone func()) *ipc.Port {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p := k.ports[object]; p != nil {
		return p.MakeSend()
	}
	p, kr := ipc.AllocKernel(object, kotype, k.table.Serve)
	if kr != abi.KERN_SUCCESS {
		return nil
	}
	k.ports[object] = p
	s := p.MakeSend()
	p.OnNoSenders(func(p *ipc.Port) {
		k.mu.Lock()
		if p.HasSenders() || k.ports[object] != p {
			k.mu.Unlock()
			return
		}
		delete(k.ports, object)
		k.mu.Unlock()
		p.DestroyKernel()
		if gone != nil {
			gone()
		}
	})
	return s
}

// dropObject kills an object's port.
func (k *Kernel) dropObject(object any) {
	k.mu.Lock()
	p := k.ports[object]
	delete(k.ports, object)
	k.mu.Unlock()
	if p != nil {
		p.DestroyKernel()
	}
}

// own notes that an object lives at the most as long as a task.
func (k *Kernel) own(t *task.Task, object any) {
	k.mu.Lock()
	k.owner[object] = t
	k.owned[t] = append(k.owned[t], object)
	k.mu.Unlock()
}

// disown undoes own; false if the object is not t's.
func (k *Kernel) disown(t *task.Task, object any) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.owner[object] != t {
		return false
	}
	delete(k.owner, object)
	l := k.owned[t]
	for i, x := range l {
		if x == object {
			k.owned[t] = append(l[:i:i], l[i+1:]...)
			break
		}
	}
	if len(k.owned[t]) == 0 {
		delete(k.owned, t)
	}
	return true
}

// destroy ends a semaphore, a lock set or the like that is nobody's any more.
func (k *Kernel) destroy(object any) {
	k.dropObject(object)
	if o, ok := object.(interface{ Destroy() }); ok {
		o.Destroy()
	}
}

// TaskEnded is called when a task has ended: its ports die, its semaphores and
// lock sets are destroyed, its rights are given up. It may be called twice.
func (k *Kernel) TaskEnded(t *task.Task) {
	t.EndPorts()
	t.EndPolicy()
	k.mu.Lock()
	l := append([]any(nil), k.owned[t]...)
	k.mu.Unlock()
	for _, o := range l {
		if k.disown(t, o) {
			k.destroy(o)
		}
	}
	if s, ok := t.IPC.(*ipc.Space); ok {
		s.Terminate()
	}
}
