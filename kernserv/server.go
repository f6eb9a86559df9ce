package kernserv

import (
	"fmt"
	"path"
	"sync"

	"puggle/abi"
	"puggle/libkern"
	"puggle/mach/ipc"
	"puggle/machine"
)

// State is a server's (<kernserv/kern_loader_types.h>). What nobody has allocated
// has none.
type State uint8

// Allocating, Loading and Unloading end by themselves.
const (
	Zombie State = iota
	Allocating
	Allocated
	Loading
	Loaded
	Unloading
	Deallocated
)

var stateNames = [...]string{"Zombie", "Allocating", "Allocated", "Loading", "Loaded", "Unloading", "Deallocated"}

func (s State) String() string { return stateNames[s] }

// Server is a kernel server that kern_loader knows.
type Server struct {
	Name string
	Path string // of the relocatable

	loader *Loader
	rel    *Relocatable
	image  *libkern.Image
	base   machine.Addr
	size   uint64
	log    serverLog

	op sync.Mutex // one load, unload or deallocation at a time

	mu    sync.Mutex
	state State
	ports []*serverPort // of the load commands, in their order
	run   *running      // from Loading to the end of Unloading
}

// serverPort is a port that load commands name. Its receive right is in the
// loader's space until the server is loaded, then in the server's.
type serverPort struct {
	name       string // as in the script
	advertised bool
	send       *ipc.Port // a naked send right, to know it by
	local      abi.PortName
}

// PortInfo is a port of a server as kern_loader_server_info tells it.
type PortInfo struct {
	Name       string
	Advertised bool
}

// Info is what kern_loader_server_info tells.
type Info struct {
	Name        string
	State       State
	Address     machine.Addr
	Size        uint64
	Relocatable string
	Loadable    string // "" if none is written
	Ports       []PortInfo
	LogLevel    int32
}

func (s *Server) info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := Info{Name: s.Name, State: s.state, Address: s.base, Size: s.size, Relocatable: s.Path, Loadable: s.loadable()}
	for _, p := range s.ports {
		i.Ports = append(i.Ports, PortInfo{p.name, p.advertised})
	}
	s.log.mu.Lock()
	i.LogLevel = s.log.level
	s.log.mu.Unlock()
	return i
}

func (s *Server) setState(st State) {
	s.mu.Lock()
	s.state = st
	s.mu.Unlock()
}

// State is the server's state now.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// loadable is the path of the loadable file.
func (s *Server) loadable() string {
	if s.rel.Loadable == "" || path.IsAbs(s.rel.Loadable) {
		return s.rel.Loadable
	}
	return path.Join(path.Dir(s.Path), s.rel.Loadable)
}

// allocate gives the server its room in the kernel's map and links it there. The
// error is an *Error.
func (s *Server) allocate() error {
	k := s.loader.cfg.Kernel
	plan, err := libkern.NewPlan([][]byte{s.rel.Object})
	if err != nil {
		return fail(KERN_LOADER_BAD_RELOCATABLE, s.Name, err)
	}
	s.size = plan.Size()
	if s.base, err = k.Allocate(s.size); err != nil {
		return fail(KERN_LOADER_MEM_ALLOC_PROBLEM, s.Name, err)
	}
	s.image, err = plan.Link(uint64(s.base), k.Resolve)
	if err == nil {
		err = s.checkNames()
	}
	if err != nil {
		k.Deallocate(s.base, s.size)
		return fail(KERN_LOADER_SERVER_WONT_LINK, s.Name, err)
	}
	if to := s.loadable(); to != "" {
		if err := s.loader.cfg.Files.WriteFile(to, s.image.SymbolFile()); err != nil {
			// It is for a debugger only.
			s.loader.logf(LOG_WARNING, "%s: can't write %s: %v", s.Name, to, err)
		}
	}
	return nil
}

// checkNames sees that what the scripts name is there; kl_ld did, but files change.
func (s *Server) checkNames() error {
	in, ok := s.image.Lookup("_" + s.rel.Instance)
	if !ok || s.image.Bytes(in.Addr, 8) == nil {
		return fmt.Errorf("there is no instance variable %s", s.rel.Instance)
	}
	return s.rel.functions(func(c Command, _ bool) error {
		if f, ok := s.image.Lookup("_" + c.Function); !ok || !s.isCode(f.Addr) {
			return fmt.Errorf("there is no function %s", c.Function)
		}
		return nil
	})
}

func (s *Server) isCode(a uint64) bool {
	for i := range s.image.Segments {
		if g := &s.image.Segments[i]; a-g.Addr < g.Size {
			return g.Prot&abi.VM_PROT_EXECUTE != 0
		}
	}
	return false
}

// symbol is an address of the server, 0 for what is not there.
func (s *Server) symbol(name string) machine.Addr {
	y, _ := s.image.Lookup("_" + name)
	return machine.Addr(y.Addr)
}

// has says whether an address is in the server's text or data.
func (s *Server) has(a machine.Addr) bool { return uint64(a-s.base) < s.size }

// where names an address of the server: "slot_init+0x10".
func (s *Server) where(a machine.Addr) string {
	y, ok := s.image.Nearest(uint64(a))
	if !ok {
		return fmt.Sprintf("%#x", a)
	}
	name := y.Name
	if len(name) > 1 && name[0] == '_' {
		name = name[1:]
	}
	if off := uint64(a) - y.Addr; off != 0 {
		return fmt.Sprintf("%s+%#x", name, off)
	}
	return name
}
