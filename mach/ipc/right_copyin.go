package ipc

import "puggle/abi"

// copyinFlags says what a right's use allows.
type copyinFlags uint8

const (
	deadOK      copyinFlags = 1 << iota // a dead name gives Dead
	replyOnce                           // a reply port may make its send-once right
	immovableOK                         // used as destination: nothing moves away
	deadOnceOK                          // a dead port's send-once right is used up like a live one
)

// copyin is ipc_right_copyin: entry e of n gives a right by disposition t, and
// the caller owns the naked right of type t.Received(). With MOVE_* the entry
// loses it, and if that was its last right, the name. s.mu is held; nothing has
// changed when it fails. Errors: KERN_INVALID_RIGHT; KERN_INVALID_CAPABILITY
// (the right must not move; the guard exception is the caller's to raise).
func (s *Space) copyin(n abi.PortName, e *Entry, t abi.MsgType, fl copyinFlags, c *chores) (*Port, abi.KernReturn) {
	switch t {
	case abi.MACH_MSG_TYPE_MAKE_SEND, abi.MACH_MSG_TYPE_MAKE_SEND_ONCE:
		if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
			return nil, abi.KERN_INVALID_RIGHT
		}
		if t == abi.MACH_MSG_TYPE_MAKE_SEND_ONCE {
			return e.port.MakeSendOnce(), abi.KERN_SUCCESS
		}
		if e.port.isReply() {
			return nil, abi.KERN_INVALID_CAPABILITY
		}
		return e.port.MakeSend(), abi.KERN_SUCCESS
	case abi.MACH_MSG_TYPE_MOVE_RECEIVE:
		return s.copyinReceive(n, e, c)
	case abi.MACH_MSG_TYPE_COPY_SEND, abi.MACH_MSG_TYPE_MOVE_SEND, abi.MACH_MSG_TYPE_MOVE_SEND_ONCE:
	default:
		return nil, abi.KERN_INVALID_RIGHT
	}
	if e.typ&abi.MACH_PORT_TYPE_SEND_RIGHTS != 0 {
		// A send-once right to a dead port may be the destination of a
		// message: it is lost without a word.
		if !(fl&deadOnceOK != 0 && e.typ == abi.MACH_PORT_TYPE_SEND_ONCE && t == abi.MACH_MSG_TYPE_MOVE_SEND_ONCE) {
			s.check(n, e)
		}
	}
	if e.typ&abi.MACH_PORT_TYPE_DEAD_NAME != 0 {
		if fl&deadOK == 0 {
			return nil, abi.KERN_INVALID_RIGHT
		}
		if t != abi.MACH_MSG_TYPE_COPY_SEND {
			s.dropDead(n, e, 1)
		}
		return Dead, abi.KERN_SUCCESS
	}
	p := e.port
	if t == abi.MACH_MSG_TYPE_MOVE_SEND_ONCE {
		if e.typ != abi.MACH_PORT_TYPE_SEND_ONCE {
			return nil, abi.KERN_INVALID_RIGHT
		}
		s.forget(n, e, c)
		return p, abi.KERN_SUCCESS
	}
	if e.typ&abi.MACH_PORT_TYPE_SEND == 0 {
		return nil, abi.KERN_INVALID_RIGHT
	}
	if t == abi.MACH_MSG_TYPE_MOVE_SEND && e.urefs == 1 {
		// The entry's right itself becomes the naked one.
		if e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0 {
			e.typ, e.urefs = abi.MACH_PORT_TYPE_RECEIVE, 0
		} else {
			delete(s.reverse, p)
			s.forget(n, e, c)
		}
		return p, abi.KERN_SUCCESS
	}
	if q := CopySend(p); q == Dead { // died since check
		return s.copyin(n, e, t, fl, c)
	}
	if t == abi.MACH_MSG_TYPE_MOVE_SEND && e.urefs < abi.MACH_PORT_UREFS_MAX {
		e.urefs--
	}
	return p, abi.KERN_SUCCESS
}

// copyinReceive moves the receive right out. The port is in limbo afterwards
// and keeps its messages.
func (s *Space) copyinReceive(n abi.PortName, e *Entry, c *chores) (*Port, abi.KernReturn) {
	if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
		return nil, abi.KERN_INVALID_RIGHT
	}
	p := e.port
	p.mu.Lock()
	if p.flags&(portImmovableReceive|portReply|portSpecial) != 0 || p.kotype != abi.IKOT_NONE {
		p.mu.Unlock()
		return nil, abi.KERN_INVALID_CAPABILITY
	}
	p.leave()
	if e.typ&abi.MACH_PORT_TYPE_SEND != 0 {
		e.typ = abi.MACH_PORT_TYPE_SEND | abi.MACH_PORT_TYPE_LABELH
		p.mu.Unlock()
		return p, abi.KERN_SUCCESS
	}
	p.mu.Unlock()
	delete(s.reverse, p)
	s.forget(n, e, c)
	return p, abi.KERN_SUCCESS
}

// forget frees an entry with port rights whose right went elsewhere; a pending
// request gets a port-deleted notification.
func (s *Space) forget(n abi.PortName, e *Entry, c *chores) {
	if e.noted {
		e.port.mu.Lock()
		so := e.port.cancelRequest(requestKey{s, n})
		e.port.mu.Unlock()
		c.portDeleted(so, n)
	}
	s.table.dealloc(n, e)
}

// dropDead takes references from a dead name, and frees it with the last.
func (s *Space) dropDead(n abi.PortName, e *Entry, refs uint32) {
	switch {
	case e.urefs <= refs:
		s.table.dealloc(n, e)
	case e.urefs < abi.MACH_PORT_UREFS_MAX:
		e.urefs -= refs
	}
}

func (p *Port) isReply() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.flags&(portReply) != 0
}

// canCopyin says whether copyin with t would succeed, changing nothing but
// dead rights into dead names: ipc_right_copyin_check_reply.
func (s *Space) canCopyin(n abi.PortName, e *Entry, t abi.MsgType) bool {
	switch t {
	case abi.MACH_MSG_TYPE_MAKE_SEND:
		return e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0 && !e.port.isReply()
	case abi.MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0
	case abi.MACH_MSG_TYPE_COPY_SEND, abi.MACH_MSG_TYPE_MOVE_SEND, abi.MACH_MSG_TYPE_MOVE_SEND_ONCE:
		if e.typ&abi.MACH_PORT_TYPE_SEND_RIGHTS != 0 {
			s.check(n, e)
		}
		switch {
		case e.typ&abi.MACH_PORT_TYPE_DEAD_NAME != 0:
			return true
		case t == abi.MACH_MSG_TYPE_MOVE_SEND_ONCE:
			return e.typ&abi.MACH_PORT_TYPE_SEND_ONCE != 0
		}
		return e.typ&abi.MACH_PORT_TYPE_SEND != 0
	}
	return false
}
