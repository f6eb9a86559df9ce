package task

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
)

// ports are the ports of one task or thread: its own, and those it was given.
type ports struct {
	mu     sync.Mutex
	self   *ipc.Port // its control port: the kernel has the receive right
	name   *ipc.Port
	read   *ipc.Port
	look   *ipc.Port // the inspect port
	dead   bool
	given  [16]*ipc.Port // special ports by TASK_*_PORT, naked send rights
	listed [abi.TASK_PORT_REGISTER_MAX]*ipc.Port
}

// port makes *p when it is first asked for.
func (x *ports) port(p **ipc.Port, object any, kotype uint32, server ipc.KernelServer) *ipc.Port {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dead {
		return ipc.Dead
	}
	if *p == nil {
		n, kr := ipc.AllocKernel(object, kotype, server)
		if kr != abi.KERN_SUCCESS {
			return nil
		}
		*p = n
	}
	return *p
}

// end kills the ports and releases what was given.
func (x *ports) end() {
	x.mu.Lock()
	x.dead = true
	l := append(append([]*ipc.Port(nil), x.given[:]...), x.listed[:]...)
	own := []*ipc.Port{x.self, x.name, x.read, x.look}
	x.self, x.name, x.read, x.look = nil, nil, nil, nil
	clear(x.given[:])
	clear(x.listed[:])
	x.mu.Unlock()
	for _, p := range own {
		if p != nil {
			p.DestroyKernel()
		}
	}
	for _, p := range l {
		ipc.ReleaseSend(p)
	}
}

func (x *ports) get(which int) *ipc.Port {
	x.mu.Lock()
	defer x.mu.Unlock()
	return ipc.CopySend(x.given[which])
}

// set consumes p.
func (x *ports) set(which int, p *ipc.Port) {
	x.mu.Lock()
	old := x.given[which]
	if x.dead {
		old = p
	} else {
		x.given[which] = p
	}
	x.mu.Unlock()
	ipc.ReleaseSend(old)
}

// SelfPort is the task's control port, on loan: make a send right of it. Dead
// when the task has ended, nil when there is no room.
func (t *Task) SelfPort() *ipc.Port {
	return t.ports.port(&t.ports.self, t, abi.IKOT_TASK_CONTROL, t.sys.PortServer)
}

// NamePort is the task's name port, on loan: it allows task_info and no more.
func (t *Task) NamePort() *ipc.Port {
	return t.ports.port(&t.ports.name, t, abi.IKOT_TASK_NAME, t.sys.PortServer)
}

// ReadPort and InspectPort are the task's ports for who may only look, on loan: at
// everything, or at what task_info and its like tell.
func (t *Task) ReadPort() *ipc.Port {
	return t.ports.port(&t.ports.read, t, abi.IKOT_TASK_READ, t.sys.PortServer)
}
func (t *Task) InspectPort() *ipc.Port {
	return t.ports.port(&t.ports.look, t, abi.IKOT_TASK_INSPECT, t.sys.PortServer)
}

// ReadPort and InspectPort are as those of a task.
func (th *Thread) ReadPort() *ipc.Port {
	return th.ports.port(&th.ports.read, th, abi.IKOT_THREAD_READ, th.Task.sys.PortServer)
}
func (th *Thread) InspectPort() *ipc.Port {
	return th.ports.port(&th.ports.look, th, abi.IKOT_THREAD_INSPECT, th.Task.sys.PortServer)
}

// SelfPort is the thread's control port, on loan.
func (th *Thread) SelfPort() *ipc.Port {
	return th.ports.port(&th.ports.self, th, abi.IKOT_THREAD_CONTROL, th.Task.sys.PortServer)
}

// SpecialPort gives a right to one of TASK_BOOTSTRAP_PORT and the other ports
// that are stored; the caller owns it. Nil if there is none.
func (t *Task) SpecialPort(which int) *ipc.Port {
	if which <= 0 || which >= len(t.ports.given) {
		return nil
	}
	return t.ports.get(which)
}

// SetSpecialPort stores a naked send right, which it consumes.
// KERN_INVALID_ARGUMENT.
func (t *Task) SetSpecialPort(which int, p *ipc.Port) KernReturn {
	if which <= 0 || which >= len(t.ports.given) {
		ipc.ReleaseSend(p)
		return abi.KERN_INVALID_ARGUMENT
	}
	t.ports.set(which, p)
	return abi.KERN_SUCCESS
}

// threadVoucher is where a thread keeps its voucher, with the special ports.
const threadVoucher = 0

// Voucher gives a right to the thread's voucher, nil if it has none; the caller owns it.
func (th *Thread) Voucher() *ipc.Port { return th.ports.get(threadVoucher) }

// SetVoucher stores a naked send right, which it consumes.
func (th *Thread) SetVoucher(p *ipc.Port) { th.ports.set(threadVoucher, p) }

// RegisteredPorts gives rights to the ports of mach_ports_register.
func (t *Task) RegisteredPorts() (l [abi.TASK_PORT_REGISTER_MAX]*ipc.Port) {
	t.ports.mu.Lock()
	defer t.ports.mu.Unlock()
	for i, p := range t.ports.listed {
		l[i] = ipc.CopySend(p)
	}
	return l
}

// RegisterPorts consumes the rights.
func (t *Task) RegisterPorts(l [abi.TASK_PORT_REGISTER_MAX]*ipc.Port) {
	t.ports.mu.Lock()
	old := t.ports.listed
	if t.ports.dead {
		old = l
	} else {
		t.ports.listed = l
	}
	t.ports.mu.Unlock()
	for _, p := range old {
		ipc.ReleaseSend(p)
	}
}

// InheritPorts gives a new task what a child has of its parent: special,
// registered and exception ports, and what it wants to hear of broken guards.
func (t *Task) InheritPorts(parent *Task) {
	for i := range t.ports.given {
		if p := parent.ports.get(i); p != nil {
			t.ports.set(i, p)
		}
	}
	t.RegisterPorts(parent.RegisteredPorts())
	t.Exceptions.Inherit(&parent.Exceptions)
	t.excGuard.Store(parent.excGuard.Load())
}

// EndPorts kills the task's ports and gives up its rights to others. Whoever
// ends a task calls it; it may be called twice.
func (t *Task) EndPorts() {
	t.ports.end()
	t.Exceptions.clear()
}
