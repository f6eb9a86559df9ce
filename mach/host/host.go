package host

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/task"
)

// Memory is what host_statistics tells of memory, in pages and events.
type Memory struct {
	Free, Active, Inactive, Wired, Speculative, Purgeable uint64
	External, Internal, Compressor                        uint64
	Swapins, Swapouts                                     uint64
	ZeroFill, Reactivations, Pageins, Pageouts            uint64
	Faults, CowFaults, Lookups, Hits, Purges              uint64
}

// Config is what the host can't know by itself.
type Config struct {
	Processors    int
	MemSize       uint64 // bytes
	KernelVersion string // "Darwin Kernel Version ..."
	BootInfo      string // boot arguments
	// Memory and Ticks are asked for statistics; nil: KERN_NOT_SUPPORTED.
	// Ticks are hundredths of a second of user, system, idle and nice time
	// of one processor.
	Memory func() Memory
	Ticks  func(cpu int) [4]uint32
	// Load is the load averages times 1000 (LOAD_SCALE), and how many tasks
	// and threads there are.
	Load   func() [3]uint32
	Counts func() (tasks, threads int)
	// IOMain gives a right to the I/O Registry's main port; nil: there is none.
	IOMain func() *ipc.Port
}

// Host is the host.
type Host struct {
	Config
	Tasks      *task.System
	Processors []*Processor
	Set        *ProcessorSet // the default one
	Clocks     [2]*Clock
	// Exceptions are heard after the thread's and the task's.
	Exceptions task.ExceptionPorts

	mu         sync.Mutex
	self, priv *ipc.Port
	special    [abi.HOST_MAX_SPECIAL_PORT + 1]*ipc.Port
	sets       []*ProcessorSet
	offline    *sched.ProcessorSet // of processors that were told to exit
}

// Clock is one of the two.
type Clock struct {
	Host *Host
	ID   int32 // SYSTEM_CLOCK, CALENDAR_CLOCK
	port kernelPort
	ctrl kernelPort
}

const (
	SYSTEM_CLOCK   = 0
	CALENDAR_CLOCK = 1
)

// kernelPort is a port that lives as long as the machine.
type kernelPort struct {
	once sync.Once
	p    *ipc.Port
}

func (k *kernelPort) get(object any, kotype uint32, h *Host) *ipc.Port {
	k.once.Do(func() {
		k.p, _ = ipc.AllocKernel(object, kotype, h.Tasks.PortServer)
	})
	return k.p
}

// New makes the host. tasks.PortServer is set by then.
func New(tasks *task.System, c Config) *Host {
	h := &Host{Config: c, Tasks: tasks}
	for i := range c.Processors {
		h.Processors = append(h.Processors, &Processor{Host: h, Slot: i})
	}
	h.makeSets()
	for i := range h.Clocks {
		h.Clocks[i] = &Clock{Host: h, ID: int32(i)}
	}
	return h
}

func (h *Host) port(p **ipc.Port, kotype uint32) *ipc.Port {
	h.mu.Lock()
	defer h.mu.Unlock()
	if *p == nil {
		*p, _ = ipc.AllocKernel(h, kotype, h.Tasks.PortServer)
	}
	return *p
}

// SelfPort and PrivPort are the host's ports, on loan.
func (h *Host) SelfPort() *ipc.Port { return h.port(&h.self, abi.IKOT_HOST) }
func (h *Host) PrivPort() *ipc.Port { return h.port(&h.priv, abi.IKOT_HOST_PRIV) }

// Port is the processor's port, and so on, on loan.
func (p *Processor) Port() *ipc.Port { return p.port.get(p, abi.IKOT_PROCESSOR, p.Host) }
func (s *ProcessorSet) Port() *ipc.Port {
	return s.port.get(s, abi.IKOT_PSET, s.Host)
}
func (s *ProcessorSet) NamePort() *ipc.Port {
	return s.name.get(s, abi.IKOT_PSET_NAME, s.Host)
}
func (c *Clock) Port() *ipc.Port { return c.port.get(c, abi.IKOT_CLOCK, c.Host) }
func (c *Clock) CtrlPort() *ipc.Port {
	return c.ctrl.get(c, abi.IKOT_CLOCK_CTRL, c.Host)
}

// SpecialPort gives a right to a host special port; the caller owns it.
// KERN_INVALID_ARGUMENT.
func (h *Host) SpecialPort(which int32) (*ipc.Port, abi.KernReturn) {
	switch which {
	case abi.HOST_PORT:
		return h.SelfPort().MakeSend(), abi.KERN_SUCCESS
	case abi.HOST_PRIV_PORT:
		return h.PrivPort().MakeSend(), abi.KERN_SUCCESS
	case abi.HOST_IO_MAIN_PORT:
		if h.IOMain != nil {
			return h.IOMain(), abi.KERN_SUCCESS
		}
	}
	if which <= 0 || which > abi.HOST_MAX_SPECIAL_PORT {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return ipc.CopySend(h.special[which]), abi.KERN_SUCCESS
}

// SetSpecialPort stores a naked send right, which it consumes; those of the
// kernel itself can't be replaced. KERN_INVALID_ARGUMENT.
func (h *Host) SetSpecialPort(which int32, p *ipc.Port) abi.KernReturn {
	if which <= abi.HOST_IO_MAIN_PORT || which > abi.HOST_MAX_SPECIAL_PORT {
		ipc.ReleaseSend(p)
		return abi.KERN_INVALID_ARGUMENT
	}
	h.mu.Lock()
	old := h.special[which]
	h.special[which] = p
	h.mu.Unlock()
	ipc.ReleaseSend(old)
	return abi.KERN_SUCCESS
}
