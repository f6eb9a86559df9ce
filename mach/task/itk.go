package task

import (
	"encoding/binary"
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
)

// Special ports of a task (<mach/task_special_ports.h>).
const (
	TASK_KERNEL_PORT    = 1
	TASK_HOST_PORT      = 2
	TASK_NAME_PORT      = 3
	TASK_BOOTSTRAP_PORT = 4
	TASK_INSPECT_PORT   = 5
	TASK_READ_PORT      = 6
	TASK_SEATBELT_PORT  = 7
	TASK_ACCESS_PORT    = 9
	TASK_DEBUG_PORT     = 10
	taskPortMax         = 11

	// TASK_PORT_REGISTER_MAX is how many ports mach_ports_register keeps.
	TASK_PORT_REGISTER_MAX = 3
)

// Servers answer the messages to kernel objects, by kind. A nil one leaves the
// object without routines: its messages are answered with MIG_BAD_ID.
type Servers struct {
	Task, Thread, Host, HostPriv ipc.KernelServer
}

// ndr is NDR_record for a little-endian machine with ASCII and IEEE floats.
var ndr = [8]byte{4: 1}

const migBadID = -303

// BadID is the server of an object without routines: the mig_reply_error_t with
// MIG_BAD_ID.
func BadID(_ *ipc.Port, k *ipc.Kmsg) *ipc.Kmsg {
	body := binary.LittleEndian.AppendUint32(ndr[:], uint32(0xffffffff&(1<<32+migBadID)))
	return k.NewReply(nil, body)
}

// server gives the one that *f is when a message comes.
func server(f *ipc.KernelServer) ipc.KernelServer {
	return func(p *ipc.Port, k *ipc.Kmsg) *ipc.Kmsg {
		if *f == nil {
			return BadID(p, k)
		}
		return (*f)(p, k)
	}
}

// itk is the task's side of IPC (the itk_ fields of XNU's struct task).
type itk struct {
	mu         sync.Mutex
	self       *ipc.Port // kernel object ports; the task holds them alive
	name       *ipc.Port
	special    [taskPortMax]*ipc.Port // send rights that the task holds
	registered [TASK_PORT_REGISTER_MAX]*ipc.Port
}

// InitIPC gives a new task its port space and ports. parent, which may be nil,
// hands down its bootstrap and other special ports and its registered ones.
// KERN_RESOURCE_SHORTAGE when there are no ports left.
func (t *Task) InitIPC(parent *Task) abi.KernReturn {
	s := t.sys
	self, kr := ipc.AllocKernel(t, abi.IKOT_TASK_CONTROL, server(&s.Servers.Task))
	if kr != 0 {
		return kr
	}
	name, kr := ipc.AllocKernel(t, abi.IKOT_TASK_NAME, BadID)
	if kr != 0 {
		self.DestroyKernel()
		return kr
	}
	sp := ipc.NewSpace()
	sp.Task = t
	t.IPC = sp
	t.itk.mu.Lock()
	t.itk.self, t.itk.name = self, name
	t.itk.mu.Unlock()
	if parent == nil {
		return 0
	}
	parent.itk.mu.Lock()
	defer parent.itk.mu.Unlock()
	t.itk.mu.Lock()
	defer t.itk.mu.Unlock()
	for i, p := range parent.itk.special {
		t.itk.special[i] = ipc.CopySend(p)
	}
	for i, p := range parent.itk.registered {
		t.itk.registered[i] = ipc.CopySend(p)
	}
	return 0
}

// EndIPC destroys the task's ports and space. It is called once, when the task
// has no threads.
func (t *Task) EndIPC() {
	t.itk.mu.Lock()
	self, name := t.itk.self, t.itk.name
	special, registered := t.itk.special, t.itk.registered
	t.itk.self, t.itk.name = nil, nil
	clear(t.itk.special[:])
	clear(t.itk.registered[:])
	t.itk.mu.Unlock()
	if self == nil {
		return
	}
	for _, p := range append(special[:], registered[:]...) {
		ipc.ReleaseSend(p)
	}
	t.PortSpace().Terminate()
	self.DestroyKernel()
	name.DestroyKernel()
}

// PortSpace is the task's ipc space, nil before InitIPC.
func (t *Task) PortSpace() *ipc.Space {
	s, _ := t.IPC.(*ipc.Space)
	return s
}

// SelfPort gives a send right to the task's control port, ipc.Dead when the task has
// ended.
func (t *Task) SelfPort() *ipc.Port {
	t.itk.mu.Lock()
	defer t.itk.mu.Unlock()
	if t.itk.self == nil {
		return ipc.Dead
	}
	return t.itk.self.MakeSend()
}

// SpecialPort gives a send right to one of the task's special ports, ipc.Null if
// it has none. KERN_INVALID_ARGUMENT for a number that there is not.
func (t *Task) SpecialPort(which int) (*ipc.Port, abi.KernReturn) {
	if which <= 0 || which >= taskPortMax {
		return ipc.Null, abi.KERN_INVALID_ARGUMENT
	}
	t.itk.mu.Lock()
	defer t.itk.mu.Unlock()
	switch which {
	case TASK_KERNEL_PORT, TASK_NAME_PORT:
		if t.itk.self == nil {
			return ipc.Null, abi.KERN_FAILURE
		}
		if which == TASK_NAME_PORT {
			return t.itk.name.MakeSend(), 0
		}
		return t.itk.self.MakeSend(), 0
	case TASK_HOST_PORT:
		if t.itk.special[which] == nil {
			return t.sys.HostPort().MakeSend(), 0
		}
	}
	return ipc.CopySend(t.itk.special[which]), 0
}

// SetSpecialPort replaces a special port; the send right p is consumed if it
// succeeds. KERN_INVALID_ARGUMENT, KERN_NO_ACCESS for the task's own.
func (t *Task) SetSpecialPort(which int, p *ipc.Port) abi.KernReturn {
	if which <= 0 || which >= taskPortMax {
		return abi.KERN_INVALID_ARGUMENT
	}
	if which == TASK_KERNEL_PORT || which == TASK_NAME_PORT {
		return abi.KERN_NO_ACCESS
	}
	t.itk.mu.Lock()
	if t.itk.self == nil {
		t.itk.mu.Unlock()
		return abi.KERN_FAILURE
	}
	old := t.itk.special[which]
	t.itk.special[which] = p
	t.itk.mu.Unlock()
	ipc.ReleaseSend(old)
	return 0
}

// RegisteredPorts gives send rights to the registered ports.
func (t *Task) RegisteredPorts() (l [TASK_PORT_REGISTER_MAX]*ipc.Port) {
	t.itk.mu.Lock()
	defer t.itk.mu.Unlock()
	for i, p := range t.itk.registered {
		l[i] = ipc.CopySend(p)
	}
	return l
}

// RegisterPorts replaces the registered ports; the send rights are consumed.
func (t *Task) RegisterPorts(l [TASK_PORT_REGISTER_MAX]*ipc.Port) {
	t.itk.mu.Lock()
	old := t.itk.registered
	t.itk.registered = l
	t.itk.mu.Unlock()
	for _, p := range old {
		ipc.ReleaseSend(p)
	}
}

// HostPort is the machine's host port, made at its first use.
func (s *System) HostPort() *ipc.Port {
	s.hostOnce.Do(func() {
		s.host, _ = ipc.AllocKernel(s, abi.IKOT_HOST, server(&s.Servers.Host))
		s.hostPriv, _ = ipc.AllocKernel(s, abi.IKOT_HOST_PRIV, server(&s.Servers.HostPriv))
	})
	return s.host
}

// HostPrivPort is the privileged host port.
func (s *System) HostPrivPort() *ipc.Port {
	s.HostPort()
	return s.hostPriv
}

// thread's port.
type itkThread struct {
	mu   sync.Mutex
	self *ipc.Port
	dead bool
}

// SelfPort gives a send right to the thread's control port, ipc.Dead when it has
// ended. The port is made at its first use.
func (th *Thread) SelfPort() *ipc.Port {
	th.itk.mu.Lock()
	defer th.itk.mu.Unlock()
	if th.itk.dead {
		return ipc.Dead
	}
	if th.itk.self == nil {
		p, kr := ipc.AllocKernel(th, abi.IKOT_THREAD_CONTROL, server(&th.Task.sys.Servers.Thread))
		if kr != 0 {
			return ipc.Null
		}
		th.itk.self = p
	}
	return th.itk.self.MakeSend()
}

func (th *Thread) endIPC() {
	th.itk.mu.Lock()
	p := th.itk.self
	th.itk.self, th.itk.dead = nil, true
	th.itk.mu.Unlock()
	if p != nil {
		p.DestroyKernel()
	}
}
