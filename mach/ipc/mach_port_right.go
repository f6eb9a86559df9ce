package ipc

import "puggle/abi"

// Deallocate is mach_port_deallocate: one reference less to a send right,
// send-once right or dead name. KERN_INVALID_NAME; KERN_INVALID_RIGHT (a pure
// receive right or a port set).
func (s *Space) Deallocate(n abi.PortName) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_SUCCESS
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		s.guard(n, abi.KGUARD_EXC_INVALID_NAME, 0)
		return kr
	}
	var c chores
	defer c.run()
	defer s.mu.Unlock()
	if e.typ&abi.MACH_PORT_TYPE_SEND_RIGHTS != 0 {
		s.check(n, e)
	}
	switch {
	case e.typ&abi.MACH_PORT_TYPE_DEAD_NAME != 0:
		s.dropDead(n, e, 1)
	case e.typ&abi.MACH_PORT_TYPE_SEND != 0:
		s.addUrefs(n, e, -1, &c)
	case e.typ == abi.MACH_PORT_TYPE_SEND_ONCE:
		c.sendOnce(e.port)
		s.forget(n, e, &c)
	case e.typ == abi.MACH_PORT_TYPE_PORT_SET:
		ps := e.pset
		s.table.dealloc(n, e)
		ps.destroy()
	default:
		return abi.KERN_INVALID_RIGHT
	}
	return abi.KERN_SUCCESS
}

// addUrefs changes the references of a send right by delta, which does not take
// them below 0. They stick at the maximum; at 0 the right goes. s.mu is held.
func (s *Space) addUrefs(n abi.PortName, e *Entry, delta int32, c *chores) {
	u := int64(e.urefs)
	if u == abi.MACH_PORT_UREFS_MAX {
		if delta != -abi.MACH_PORT_UREFS_MAX {
			return
		}
	}
	if u = min(u+int64(delta), abi.MACH_PORT_UREFS_MAX); u > 0 {
		e.urefs = uint32(u)
		return
	}
	p := e.port
	if e.typ&abi.MACH_PORT_TYPE_SEND != 0 {
		p.mu.Lock()
		p.dropSend(c)
		p.mu.Unlock()
		if e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0 {
			e.typ, e.urefs = abi.MACH_PORT_TYPE_RECEIVE, 0
			return
		}
		delete(s.reverse, p)
		s.forget(n, e, c)
		return
	}
	s.table.dealloc(n, e) // a dead name
}

// ModRefs is mach_port_mod_refs. KERN_INVALID_NAME; KERN_INVALID_RIGHT (the
// name lacks the right, or its receive right is guarded); KERN_INVALID_VALUE
// (below 0 references, or not -1 where only that makes sense).
func (s *Space) ModRefs(n abi.PortName, right abi.PortRight, delta int32) abi.KernReturn {
	if right >= abi.MACH_PORT_RIGHT_NUMBER {
		return abi.KERN_INVALID_VALUE
	}
	if !n.Valid() {
		if right == abi.MACH_PORT_RIGHT_SEND || right == abi.MACH_PORT_RIGHT_SEND_ONCE {
			return abi.KERN_SUCCESS
		}
		return abi.KERN_INVALID_NAME
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	var c chores
	defer c.run()
	defer s.mu.Unlock()
	if e.typ&abi.MACH_PORT_TYPE_SEND_RIGHTS != 0 {
		s.check(n, e)
	}
	if right == abi.MACH_PORT_RIGHT_LABELH || e.typ&(1<<(16+right)) == 0 {
		return abi.KERN_INVALID_RIGHT
	}
	switch right {
	case abi.MACH_PORT_RIGHT_SEND, abi.MACH_PORT_RIGHT_DEAD_NAME:
		if delta > abi.MACH_PORT_UREFS_MAX || delta < -abi.MACH_PORT_UREFS_MAX ||
			e.urefs != abi.MACH_PORT_UREFS_MAX && int64(e.urefs)+int64(delta) < 0 {
			return abi.KERN_INVALID_VALUE
		}
		s.addUrefs(n, e, delta, &c)
		return abi.KERN_SUCCESS
	}
	if delta == 0 {
		return abi.KERN_SUCCESS
	}
	if delta != -1 {
		return abi.KERN_INVALID_VALUE
	}
	switch right {
	case abi.MACH_PORT_RIGHT_SEND_ONCE:
		c.sendOnce(e.port)
		s.forget(n, e, &c)
	case abi.MACH_PORT_RIGHT_PORT_SET:
		ps := e.pset
		s.table.dealloc(n, e)
		ps.destroy()
	case abi.MACH_PORT_RIGHT_RECEIVE:
		if ctx, guarded := e.port.guarded(); guarded {
			c.guard(s, n, abi.KGUARD_EXC_MOD_REFS, ctx)
			return abi.KERN_INVALID_RIGHT
		}
		s.dropReceive(n, e, &c)
	}
	return abi.KERN_SUCCESS
}

// dropReceive releases the receive right of an entry. A send right under the
// same name becomes a dead name, unless the port goes to its port-destroyed
// notification and lives. s.mu is held.
func (s *Space) dropReceive(n abi.PortName, e *Entry, c *chores) {
	p := e.port
	c.destroyPort(p)
	if e.typ&abi.MACH_PORT_TYPE_SEND == 0 {
		delete(s.reverse, p)
		s.forget(n, e, c)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pdrequest != nil {
		e.typ = abi.MACH_PORT_TYPE_SEND | abi.MACH_PORT_TYPE_LABELH
		return
	}
	s.bury(n, e)
}

func (p *Port) guarded() (uint64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.context, p.flags&portGuarded != 0
}

// Destroy is mach_port_destroy: all rights under n. KERN_INVALID_NAME;
// KERN_INVALID_RIGHT (guarded).
func (s *Space) Destroy(n abi.PortName) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_SUCCESS
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	var c chores
	defer c.run()
	defer s.mu.Unlock()
	p := e.port
	switch t := e.typ &^ abi.MACH_PORT_TYPE_LABELH; {
	case t == abi.MACH_PORT_TYPE_DEAD_NAME:
		s.table.dealloc(n, e)
	case t == abi.MACH_PORT_TYPE_PORT_SET:
		ps := e.pset
		s.table.dealloc(n, e)
		ps.destroy()
	case t == abi.MACH_PORT_TYPE_SEND_ONCE:
		c.sendOnce(p)
		s.forget(n, e, &c)
	default:
		if t&abi.MACH_PORT_TYPE_RECEIVE != 0 {
			if ctx, guarded := p.guarded(); guarded {
				c.guard(s, n, abi.KGUARD_EXC_DESTROY, ctx)
				return abi.KERN_INVALID_RIGHT
			}
		}
		delete(s.reverse, p)
		s.forget(n, e, &c)
		if t&abi.MACH_PORT_TYPE_SEND != 0 {
			p.mu.Lock()
			p.dropSend(&c)
			p.mu.Unlock()
		}
		if t&abi.MACH_PORT_TYPE_RECEIVE != 0 {
			c.destroyPort(p)
		}
	}
	return abi.KERN_SUCCESS
}

// Destruct is mach_port_destruct: srdelta send references and the receive
// right at once. KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_VALUE;
// KERN_INVALID_ARGUMENT (guarded by something else).
func (s *Space) Destruct(n abi.PortName, srdelta int32, guard uint64) abi.KernReturn {
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	var c chores
	defer c.run()
	defer s.mu.Unlock()
	if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 || srdelta != 0 && e.typ&abi.MACH_PORT_TYPE_SEND == 0 {
		return abi.KERN_INVALID_RIGHT
	}
	if srdelta > 0 || srdelta < -abi.MACH_PORT_UREFS_MAX || int64(e.urefs)+int64(srdelta) < 0 {
		return abi.KERN_INVALID_VALUE
	}
	if ctx, guarded := e.port.guarded(); guarded && ctx != guard {
		c.guard(s, n, abi.KGUARD_EXC_DESTROY, ctx)
		return abi.KERN_INVALID_ARGUMENT
	}
	if srdelta != 0 {
		s.addUrefs(n, e, srdelta, &c)
	}
	s.dropReceive(n, e, &c)
	return abi.KERN_SUCCESS
}

// InsertRight is mach_port_insert_right: the naked right p of received type t
// under name n. It consumes p only if it succeeds. KERN_INVALID_VALUE (name or
// type), KERN_INVALID_CAPABILITY (no port, or dead), KERN_NAME_EXISTS,
// KERN_RIGHT_EXISTS, KERN_NO_SPACE.
func (s *Space) InsertRight(n abi.PortName, p *Port, t abi.MsgType) abi.KernReturn {
	if !n.Valid() || t.Received() != t || t == abi.MACH_MSG_TYPE_NONE {
		return abi.KERN_INVALID_VALUE
	}
	if !IsValid(p) {
		return abi.KERN_INVALID_CAPABILITY
	}
	var c chores
	defer c.run()
	if kr := s.lock(abi.KERN_INVALID_TASK); kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	return s.copyoutName(p, t, n, &c)
}

// ExtractRight is mach_port_extract_right: the caller owns the naked right of
// type t.Received(). KERN_INVALID_VALUE, KERN_INVALID_NAME, KERN_INVALID_RIGHT,
// KERN_INVALID_CAPABILITY.
func (s *Space) ExtractRight(n abi.PortName, t abi.MsgType) (*Port, abi.KernReturn) {
	if !t.IsPort() {
		return nil, abi.KERN_INVALID_VALUE
	}
	if !n.Valid() {
		return nil, abi.KERN_INVALID_RIGHT
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	var c chores
	defer c.run()
	defer s.mu.Unlock()
	return s.copyin(n, e, t, 0, &c)
}

// RequestNotification is mach_port_request_notification. so is a naked
// send-once right, or Null to cancel; it is consumed if the call succeeds. The
// caller owns previous. KERN_INVALID_VALUE (id or sync), KERN_INVALID_NAME,
// KERN_INVALID_RIGHT, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY (so is
// dead), KERN_FAILURE (a second port-destroyed request).
func (s *Space) RequestNotification(n abi.PortName, id int32, sync uint32, so *Port) (previous *Port, kr abi.KernReturn) {
	if so == Dead {
		return nil, abi.KERN_INVALID_CAPABILITY
	}
	var c chores
	defer c.run()
	switch id {
	case abi.MACH_NOTIFY_PORT_DESTROYED, abi.MACH_NOTIFY_NO_SENDERS:
		if id == abi.MACH_NOTIFY_PORT_DESTROYED && sync != 0 {
			return nil, abi.KERN_INVALID_VALUE
		}
		if !n.Valid() {
			return nil, abi.KERN_INVALID_RIGHT
		}
		e, kr := s.enter(n)
		if kr != abi.KERN_SUCCESS {
			return nil, kr
		}
		defer s.mu.Unlock()
		if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
			return nil, abi.KERN_INVALID_RIGHT
		}
		p := e.port
		p.mu.Lock()
		defer p.mu.Unlock()
		if id == abi.MACH_NOTIFY_PORT_DESTROYED {
			if p.flags&(portReply|portSpecial) != 0 {
				return nil, abi.KERN_INVALID_RIGHT
			}
			if p.pdrequest != nil {
				return nil, abi.KERN_FAILURE
			}
			p.pdrequest = so
			return nil, abi.KERN_SUCCESS
		}
		if p.flags&portReply != 0 {
			return nil, abi.KERN_INVALID_RIGHT
		}
		previous, p.nsrequest = p.nsrequest, so
		if so != nil && p.srights == 0 && sync <= p.mscount {
			p.nsrequest = nil
			c.noSenders(so, p.mscount)
		}
		return previous, abi.KERN_SUCCESS
	case abi.MACH_NOTIFY_DEAD_NAME, abi.MACH_NOTIFY_SEND_POSSIBLE:
		if !n.Valid() {
			return nil, abi.KERN_INVALID_ARGUMENT
		}
		return s.requestName(n, so, id == abi.MACH_NOTIFY_SEND_POSSIBLE, sync != 0, &c)
	}
	return nil, abi.KERN_INVALID_VALUE
}

// requestName is ipc_right_request_alloc. A dead name is told at once, if
// possible is set, and gains the reference that goes with the notification.
func (s *Space) requestName(n abi.PortName, so *Port, possible, now bool, c *chores) (*Port, abi.KernReturn) {
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	defer s.mu.Unlock()
	if so == nil && !e.noted {
		return nil, abi.KERN_SUCCESS
	}
	if e.typ&abi.MACH_PORT_TYPE_SEND_RIGHTS != 0 {
		s.check(n, e)
	}
	if e.typ&abi.MACH_PORT_TYPE_PORT_RIGHTS != 0 {
		key := requestKey{s, n}
		p := e.port
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.active { // died after check: as in the next look
			s.bury(n, e)
		} else {
			if so != nil && possible && now &&
				(e.typ == abi.MACH_PORT_TYPE_SEND_ONCE || p.receiver == KernelSpace || !p.full()) {
				c.sendPossible(so, n)
				so = nil
			}
			e.noted = so != nil
			return p.setRequest(key, request{so: so, spreq: possible, armed: possible && now}), abi.KERN_SUCCESS
		}
	}
	if e.typ&abi.MACH_PORT_TYPE_DEAD_NAME != 0 && possible && so != nil {
		if e.urefs < abi.MACH_PORT_UREFS_MAX {
			e.urefs++
		}
		c.deadName(so, n)
		return nil, abi.KERN_SUCCESS
	}
	if e.typ&abi.MACH_PORT_TYPE_PORT_OR_DEAD != 0 {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	return nil, abi.KERN_INVALID_RIGHT
}
