package ipc

import "puggle/abi"

// copyout is ipc_object_copyout: the naked right p of received type t goes into
// s, and its name comes back. Send and receive rights of one port share a name,
// each send-once right has its own. It consumes the right only if it succeeds.
// Null and Dead give the names of the same meaning; a port that has died gives
// MACH_PORT_DEAD, and the right is consumed. s.mu is held; releasing what is
// superfluous is left to c. Errors: KERN_RESOURCE_SHORTAGE.
func (s *Space) copyout(p *Port, t abi.MsgType, c *chores) (abi.PortName, abi.KernReturn) {
	if p == nil {
		return abi.MACH_PORT_NULL, abi.KERN_SUCCESS
	}
	if p == Dead {
		return abi.MACH_PORT_DEAD, abi.KERN_SUCCESS
	}
	var e *Entry
	n, known := abi.PortName(0), false
	if t != abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
		if n, known = s.reverse[p]; known {
			e = s.table.lookup(n)
		}
	}
	if !known {
		if e, n = s.table.alloc(); e == nil {
			return 0, abi.KERN_RESOURCE_SHORTAGE
		}
	}
	if t == abi.MACH_MSG_TYPE_PORT_RECEIVE {
		p.depart(nil)
	}
	p.mu.Lock()
	if !p.active { // the counts of a dead port are of no consequence
		p.mu.Unlock()
		if !known {
			s.table.dealloc(n, e)
		}
		return abi.MACH_PORT_DEAD, abi.KERN_SUCCESS
	}
	switch t {
	case abi.MACH_MSG_TYPE_PORT_SEND_ONCE:
		e.typ, e.urefs, e.port = abi.MACH_PORT_TYPE_SEND_ONCE, 1, p
	case abi.MACH_MSG_TYPE_PORT_SEND:
		s.addSend(e, n, p, c)
	case abi.MACH_MSG_TYPE_PORT_RECEIVE:
		p.receiver, p.name = s, n
		e.port = p
		e.typ = e.typ&^abi.MACH_PORT_TYPE_LABELH | abi.MACH_PORT_TYPE_RECEIVE
		s.reverse[p] = n
	}
	p.mu.Unlock()
	return n, abi.KERN_SUCCESS
}

// addSend consumes a naked send right into e. Entry and port count one right
// together, however many references the entry has. s.mu and p.mu are held.
func (s *Space) addSend(e *Entry, n abi.PortName, p *Port, c *chores) {
	if e.typ&abi.MACH_PORT_TYPE_SEND != 0 {
		p.dropSend(c)
		if e.urefs < abi.MACH_PORT_UREFS_MAX {
			e.urefs++
		}
		return
	}
	e.typ |= abi.MACH_PORT_TYPE_SEND
	e.urefs, e.port = 1, p
	s.reverse[p] = n
}

// copyoutName is copyout under a name of the caller's choice:
// ipc_object_copyout_name. Errors: KERN_NAME_EXISTS (the name has other
// rights), KERN_RIGHT_EXISTS (the right has another name), KERN_INVALID_CAPABILITY
// (the port has died), and those of allocName.
func (s *Space) copyoutName(p *Port, t abi.MsgType, n abi.PortName, c *chores) abi.KernReturn {
	if kr := s.table.checkName(n); kr != abi.KERN_SUCCESS {
		return kr
	}
	if old, known := s.reverse[p]; known && t != abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
		if old != n {
			return abi.KERN_RIGHT_EXISTS
		}
		_, kr := s.copyout(p, t, c)
		return kr
	}
	e, kr := s.table.allocName(n)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		s.table.dealloc(n, e)
		return abi.KERN_INVALID_CAPABILITY
	}
	switch t {
	case abi.MACH_MSG_TYPE_PORT_SEND_ONCE:
		e.typ, e.urefs, e.port = abi.MACH_PORT_TYPE_SEND_ONCE, 1, p
	case abi.MACH_MSG_TYPE_PORT_SEND:
		s.addSend(e, n, p, c)
	case abi.MACH_MSG_TYPE_PORT_RECEIVE:
		p.receiver, p.name = s, n
		e.port, e.typ = p, abi.MACH_PORT_TYPE_RECEIVE
		s.reverse[p] = n
	}
	return abi.KERN_SUCCESS
}

// consumeDest uses up the right by which a message came to p, and gives the
// name that the receiver s sees as msgh_local_port: p's own name if s has its
// receive right (ipc_object_copyout_dest).
func (p *Port) consumeDest(t abi.MsgType, s *Space, c *chores) abi.PortName {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.active {
		return abi.MACH_PORT_DEAD
	}
	n := abi.MACH_PORT_NULL
	if p.receiver == s {
		n = p.name
	}
	switch t {
	case abi.MACH_MSG_TYPE_PORT_SEND:
		p.dropSend(c)
	case abi.MACH_MSG_TYPE_PORT_SEND_ONCE:
		if n != abi.MACH_PORT_NULL {
			p.sorights--
		} else {
			// The receive right has moved on with the message behind it:
			// its new owner is told.
			c.sendOnce(p)
		}
	}
	return n
}
