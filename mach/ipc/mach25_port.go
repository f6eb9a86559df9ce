package ipc

import "puggle/abi"

// Mach 2.5's port calls, by which NeXT's kernel servers and programs of that
// time live. A port's holder has receive and send rights under one name, a set
// takes a port out of the set that it was in, and port_deallocate gives up all
// rights under a name. Bad names are KERN_INVALID_ARGUMENT.

// arg25 turns Mach 3's complaints about names into Mach 2.5's one.
func arg25(kr abi.KernReturn) abi.KernReturn {
	switch kr {
	case abi.KERN_INVALID_NAME, abi.KERN_INVALID_RIGHT, abi.KERN_INVALID_VALUE, abi.KERN_INVALID_TASK:
		return abi.KERN_INVALID_ARGUMENT
	case abi.KERN_NO_SPACE:
		return abi.KERN_RESOURCE_SHORTAGE
	}
	return kr
}

// PortAllocate is port_allocate. KERN_RESOURCE_SHORTAGE.
func (s *Space) PortAllocate() (abi.PortName, abi.KernReturn) {
	n, kr := s.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
	return n, arg25(kr)
}

// PortDeallocate is port_deallocate; the port dies if the receive right was here.
func (s *Space) PortDeallocate(n abi.PortName) abi.KernReturn {
	if t, kr := s.Type(n); kr != abi.KERN_SUCCESS || t&abi.MACH_PORT_TYPE_PORT_SET != 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	return arg25(s.Destroy(n))
}

// PortSetAllocate is port_set_allocate. KERN_RESOURCE_SHORTAGE.
func (s *Space) PortSetAllocate() (abi.PortName, abi.KernReturn) {
	n, kr := s.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	return n, arg25(kr)
}

// PortSetDeallocate is port_set_deallocate; the members stay.
func (s *Space) PortSetDeallocate(set abi.PortName) abi.KernReturn {
	return arg25(s.ModRefs(set, abi.MACH_PORT_RIGHT_PORT_SET, -1))
}

// PortSetAdd is port_set_add. KERN_NOT_RECEIVER: no receive right of the port.
func (s *Space) PortSetAdd(set, port abi.PortName) abi.KernReturn {
	if t, kr := s.Type(port); kr == abi.KERN_SUCCESS && t&abi.MACH_PORT_TYPE_PORT_RIGHTS != 0 && t&abi.MACH_PORT_TYPE_RECEIVE == 0 {
		return abi.KERN_NOT_RECEIVER
	}
	return arg25(s.MoveMember(port, set))
}

// PortSetRemove is port_set_remove. KERN_NOT_IN_SET.
func (s *Space) PortSetRemove(port abi.PortName) abi.KernReturn {
	return arg25(s.MoveMember(port, abi.MACH_PORT_NULL))
}

// PortSetStatus is port_set_status.
func (s *Space) PortSetStatus(set abi.PortName) ([]abi.PortName, abi.KernReturn) {
	names, kr := s.GetSetStatus(set)
	return names, arg25(kr)
}

// PortSetBacklog is port_set_backlog, 1 to PORT_BACKLOG_MAX.
func (s *Space) PortSetBacklog(n abi.PortName, backlog int32) abi.KernReturn {
	if backlog <= 0 || backlog > abi.PORT_BACKLOG_MAX {
		return abi.KERN_INVALID_ARGUMENT
	}
	return arg25(s.SetAttributes(n, abi.MACH_PORT_LIMITS_INFO, []uint32{uint32(backlog)}))
}

// PortStatus25 is what port_status tells.
type PortStatus25 struct {
	Set      abi.PortName // a set that the port is in, or MACH_PORT_NULL
	Messages int32        // -1 for one who is not the receiver, as is Backlog
	Backlog  int32
	Receiver bool
}

// PortStatus is port_status.
func (s *Space) PortStatus(n abi.PortName) (st PortStatus25, kr abi.KernReturn) {
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return st, abi.KERN_INVALID_ARGUMENT
	}
	defer s.mu.Unlock()
	if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
		if e.typ&abi.MACH_PORT_TYPE_PORT_RIGHTS == 0 {
			return st, abi.KERN_INVALID_ARGUMENT
		}
		return PortStatus25{Messages: -1, Backlog: -1}, abi.KERN_SUCCESS
	}
	p := e.port
	p.mu.Lock()
	defer p.mu.Unlock()
	st = PortStatus25{Messages: int32(p.msgcount), Backlog: int32(p.qlimit), Receiver: true}
	if len(p.links) > 0 {
		st.Set = p.links[0].set.name
	}
	return st, abi.KERN_SUCCESS
}
