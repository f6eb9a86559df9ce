package server

import (
	"sync"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/task"
	"puggle/mach/vm"
)

type kret = abi.KernReturn

// Config is what the server needs of the machine.
type Config struct {
	// Registry makes the registry when the first program asks.
	Registry func() *iokit.Registry
	// Client says who a task is.
	Client func(t *task.Task) *iokit.Client
}

// MaxObjects is the most iterators, notifications and connections of all programs.
const MaxObjects = 1 << 14

// Server serves the ports of the registry.
type Server struct {
	cfg   Config
	serve ipc.KernelServer
	once  sync.Once
	reg   *iokit.Registry

	mu    sync.Mutex
	ports map[any]*ipc.Port
	count int // of objects that end with their port
	main  *ipc.Port
}

// New makes a server. Its Subsystem belongs to the kernel's table, and Start comes before the first task.
func New(c Config) *Server { return &Server{cfg: c, ports: map[any]*ipc.Port{}} }

// Start says who serves the ports.
func (s *Server) Start(serve ipc.KernelServer) { s.serve = serve }

// Main gives a right to the main port, which lives as long as the machine; nil without memory.
func (s *Server) Main() *ipc.Port {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.main == nil {
		s.main, _ = ipc.AllocKernel(s, abi.IKOT_MASTER_DEVICE, s.serve)
	}
	if s.main == nil {
		return nil
	}
	return s.main.MakeSend()
}

// registry is the machine's, if the port is the main one.
func (s *Server) registry(p *ipc.Port) *iokit.Registry {
	if _, kind := p.Kobject(); kind != abi.IKOT_MASTER_DEVICE {
		return nil
	}
	s.once.Do(func() { s.reg = s.cfg.Registry() })
	return s.reg
}

// ender is an object that ends with its port.
type ender interface{ end() }

// port gives a right to the port of an object, making it the first time; nil when there are too many.
func (s *Server) port(object any, kotype uint32) *ipc.Port {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.ports[object]; p != nil {
		return p.MakeSend()
	}
	over, ends := object.(ender)
	if ends && s.count >= MaxObjects {
		return nil
	}
	p, kr := ipc.AllocKernel(object, kotype, s.serve)
	if kr != abi.KERN_SUCCESS {
		return nil
	}
	if ends {
		s.count++
	}
	s.ports[object] = p
	send := p.MakeSend()
	p.OnNoSenders(func(p *ipc.Port) {
		s.mu.Lock()
		if p.HasSenders() || s.ports[object] != p {
			s.mu.Unlock()
			return
		}
		s.forget(object)
		s.mu.Unlock()
		p.DestroyKernel()
		if ends {
			over.end()
		}
	})
	return send
}

// forget is under s.mu.
func (s *Server) forget(object any) {
	delete(s.ports, object)
	if _, ends := object.(ender); ends {
		s.count--
	}
}

// give is a new object's port, or kIOReturnNoResources, and then the object ends.
func (s *Server) give(object ender, kotype uint32) (*ipc.Port, kret) {
	if p := s.port(object, kotype); p != nil {
		return p, abi.KERN_SUCCESS
	}
	object.end()
	return nil, iokit.IOReturnNoResources
}

// drop kills the port of an object that is over.
func (s *Server) drop(object any) {
	s.mu.Lock()
	p := s.ports[object]
	if p != nil {
		s.forget(object)
	}
	s.mu.Unlock()
	if p != nil {
		p.DestroyKernel()
	}
}

// entryPort is nil for no entry.
func (s *Server) entryPort(e *iokit.Entry) *ipc.Port {
	if e == nil {
		return nil
	}
	return s.port(e, abi.IKOT_IOKIT_OBJECT)
}

// existing is an entry's port, or kIOReturnNoResources.
func (s *Server) existing(e *iokit.Entry) (*ipc.Port, kret) {
	if p := s.entryPort(e); p != nil {
		return p, abi.KERN_SUCCESS
	}
	return nil, iokit.IOReturnNoResources
}

// object is what is behind a port of the registry's.
func object[T any](p *ipc.Port, kotype uint32) (t T, ok bool) {
	o, kind := p.Kobject()
	if kind != kotype {
		return t, false
	}
	t, ok = o.(T)
	return t, ok
}

func entry(p *ipc.Port) *iokit.Entry {
	e, _ := object[*iokit.Entry](p, abi.IKOT_IOKIT_OBJECT)
	return e
}

// service is an entry that is an IOService.
func service(p *ipc.Port) *iokit.Entry {
	if e := entry(p); e != nil && e.ConformsTo("IOService") {
		return e
	}
	return nil
}

func caller(c *mig.Call) *task.Task {
	if th := c.Request.Thread(); th != nil {
		if t, ok := th.Owner.(*task.Thread); ok {
			return t.Task
		}
	}
	return nil
}

func callerMap(c *mig.Call) *vm.Map { return mapOf(caller(c)) }

func mapOf(t *task.Task) *vm.Map {
	if t == nil {
		return nil
	}
	m, _ := t.Map().(*vm.Map)
	return m
}

func (s *Server) client(c *mig.Call) *iokit.Client {
	if t := caller(c); t != nil && s.cfg.Client != nil {
		return s.cfg.Client(t)
	}
	return &iokit.Client{}
}

// privileged is who may change the machine.
func (s *Server) privileged(c *mig.Call) bool { return s.client(c).Root }

// convertPortToTask is named in mach_types.defs.
func convertPortToTask(p *ipc.Port) *task.Task {
	t, _ := object[*task.Task](p, abi.IKOT_TASK_CONTROL)
	return t
}
