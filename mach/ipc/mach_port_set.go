package ipc

import "puggle/abi"

// memberAndSet looks up a receive right and a port set and locks the space.
// KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) memberAndSet(member, set abi.PortName) (*Port, *PortSet, abi.KernReturn) {
	if !member.Valid() || !set.Valid() {
		return nil, nil, abi.KERN_INVALID_RIGHT
	}
	e, kr := s.enter(member)
	if kr != abi.KERN_SUCCESS {
		return nil, nil, kr
	}
	se := s.table.lookup(set)
	switch {
	case se == nil:
		kr = abi.KERN_INVALID_NAME
	case e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 || se.typ != abi.MACH_PORT_TYPE_PORT_SET:
		kr = abi.KERN_INVALID_RIGHT
	default:
		return e.port, se.pset, abi.KERN_SUCCESS
	}
	s.mu.Unlock()
	return nil, nil, kr
}

// InsertMember is mach_port_insert_member. KERN_INVALID_NAME,
// KERN_INVALID_RIGHT, KERN_ALREADY_IN_SET.
func (s *Space) InsertMember(member, set abi.PortName) abi.KernReturn {
	p, ps, kr := s.memberAndSet(member, set)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	return ps.add(p)
}

// ExtractMember is mach_port_extract_member. KERN_INVALID_NAME,
// KERN_INVALID_RIGHT, KERN_NOT_IN_SET.
func (s *Space) ExtractMember(member, set abi.PortName) abi.KernReturn {
	p, ps, kr := s.memberAndSet(member, set)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	return ps.drop(p)
}

// MoveMember is mach_port_move_member: out of every set, and into one unless it
// is MACH_PORT_NULL. KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_NOT_IN_SET.
func (s *Space) MoveMember(member, after abi.PortName) abi.KernReturn {
	if after == abi.MACH_PORT_NULL {
		if !member.Valid() {
			return abi.KERN_INVALID_RIGHT
		}
		e, kr := s.enter(member)
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		defer s.mu.Unlock()
		if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
			return abi.KERN_INVALID_RIGHT
		}
		e.port.mu.Lock()
		defer e.port.mu.Unlock()
		if e.port.leaveSets() == 0 {
			return abi.KERN_NOT_IN_SET
		}
		return abi.KERN_SUCCESS
	}
	p, ps, kr := s.memberAndSet(member, after)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaveSets()
	return ps.add(p)
}

// GetSetStatus is mach_port_get_set_status: the names of the members.
// KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) GetSetStatus(set abi.PortName) ([]abi.PortName, abi.KernReturn) {
	if !set.Valid() {
		return nil, abi.KERN_INVALID_RIGHT
	}
	e, kr := s.enter(set)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	defer s.mu.Unlock()
	if e.typ != abi.MACH_PORT_TYPE_PORT_SET {
		return nil, abi.KERN_INVALID_RIGHT
	}
	e.pset.mu.Lock()
	defer e.pset.mu.Unlock()
	names := make([]abi.PortName, 0, len(e.pset.members))
	for p := range e.pset.members {
		// A member in this space is in s.reverse; its own name field is
		// under its own lock, which comes before the set's.
		if n := s.reverse[p]; n != 0 {
			names = append(names, n)
		}
	}
	return names, abi.KERN_SUCCESS
}
