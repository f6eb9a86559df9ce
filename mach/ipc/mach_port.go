package ipc

import "puggle/abi"

// The mach_port_* calls (<mach/mach_port.defs>) as methods on the space they
// act on. All of them return KERN_INVALID_TASK when it is terminated.

// newReceive makes a port with its receive right in s, under a free name, or
// under want if that is not 0; prepare changes it before anyone sees it.
func (s *Space) newReceive(want abi.PortName, prepare func(p *Port, e *Entry)) (abi.PortName, *Port, abi.KernReturn) {
	p, kr := newPort()
	if kr != abi.KERN_SUCCESS {
		return 0, nil, kr
	}
	if kr = s.lock(abi.KERN_INVALID_TASK); kr != abi.KERN_SUCCESS {
		livePorts.Add(-1)
		return 0, nil, kr
	}
	defer s.mu.Unlock()
	e, n := (*Entry)(nil), want
	if want != 0 {
		e, kr = s.table.allocName(want)
	} else if e, n = s.table.alloc(); e == nil {
		kr = abi.KERN_NO_SPACE
	}
	if kr != abi.KERN_SUCCESS {
		livePorts.Add(-1)
		return 0, nil, kr
	}
	e.typ, e.port = abi.MACH_PORT_TYPE_RECEIVE, p
	p.receiver, p.name = s, n
	s.reverse[p] = n
	if prepare != nil {
		prepare(p, e)
	}
	return n, p, abi.KERN_SUCCESS
}

// Allocate is mach_port_allocate: a new receive right, port set, or dead name.
// KERN_INVALID_VALUE (another right), KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
func (s *Space) Allocate(right abi.PortRight) (abi.PortName, abi.KernReturn) {
	return s.allocate(right, 0)
}

// AllocateName is mach_port_allocate_name. KERN_NAME_EXISTS, KERN_INVALID_VALUE
// and those of Allocate.
func (s *Space) AllocateName(right abi.PortRight, n abi.PortName) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_INVALID_VALUE
	}
	_, kr := s.allocate(right, n)
	return kr
}

func (s *Space) allocate(right abi.PortRight, want abi.PortName) (abi.PortName, abi.KernReturn) {
	switch right {
	case abi.MACH_PORT_RIGHT_RECEIVE:
		n, _, kr := s.newReceive(want, nil)
		return n, kr
	case abi.MACH_PORT_RIGHT_PORT_SET, abi.MACH_PORT_RIGHT_DEAD_NAME:
	default:
		return 0, abi.KERN_INVALID_VALUE
	}
	if kr := s.lock(abi.KERN_INVALID_TASK); kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	defer s.mu.Unlock()
	e, n := (*Entry)(nil), want
	if want != 0 {
		var kr abi.KernReturn
		if e, kr = s.table.allocName(want); kr != abi.KERN_SUCCESS {
			return 0, kr
		}
	} else if e, n = s.table.alloc(); e == nil {
		return 0, abi.KERN_NO_SPACE
	}
	if right == abi.MACH_PORT_RIGHT_DEAD_NAME {
		e.typ, e.urefs = abi.MACH_PORT_TYPE_DEAD_NAME, 1
	} else {
		e.typ, e.pset = abi.MACH_PORT_TYPE_PORT_SET, newPortSet(s)
		e.pset.name = n
	}
	return n, abi.KERN_SUCCESS
}

// Options of Construct (mach_port_options_t).
type PortOptions struct {
	Flags  uint32 // MPO_*
	Qlimit uint32 // with MPO_QLIMIT
}

// Construct is mach_port_construct: a receive right with a context, guarded or
// not, with a queue limit and a send right as the options say.
// KERN_INVALID_VALUE (queue limit), KERN_INVALID_ARGUMENT (options that exclude
// each other), KERN_NOT_SUPPORTED (service and connection ports, work intervals).
func (s *Space) Construct(o PortOptions, context uint64) (abi.PortName, abi.KernReturn) {
	reply := o.Flags & (abi.MPO_REPLY_PORT | abi.MPO_ENFORCE_REPLY_PORT | abi.MPO_PROVISIONAL_REPLY_PORT)
	switch {
	case reply&(reply-1) != 0:
		return 0, abi.KERN_INVALID_ARGUMENT
	case o.Flags&(abi.MPO_SERVICE_PORT|abi.MPO_CONNECTION_PORT|abi.MPO_TG_BLOCK_TRACKING) != 0:
		return 0, abi.KERN_NOT_SUPPORTED
	case o.Flags&abi.MPO_QLIMIT != 0 && o.Qlimit > abi.MACH_PORT_QLIMIT_MAX:
		return 0, abi.KERN_INVALID_VALUE
	}
	n, _, kr := s.newReceive(0, func(p *Port, e *Entry) {
		p.context = context
		if o.Flags&abi.MPO_CONTEXT_AS_GUARD != 0 {
			p.flags |= portGuarded
			if o.Flags&abi.MPO_STRICT != 0 {
				p.flags |= portStrictGuard
			}
			if o.Flags&abi.MPO_IMMOVABLE_RECEIVE != 0 {
				p.flags |= portImmovableReceive
			}
		}
		if o.Flags&abi.MPO_QLIMIT != 0 {
			p.qlimit = o.Qlimit
		}
		if o.Flags&abi.MPO_TEMPOWNER != 0 {
			p.flags |= portTempOwner
		}
		if o.Flags&(abi.MPO_IMPORTANCE_RECEIVER|abi.MPO_DENAP_RECEIVER|abi.MPO_TEMPOWNER) != 0 {
			p.flags |= portImpDonation
		}
		if o.Flags&abi.MPO_REPLY_PORT != 0 {
			p.flags |= portReply
		}
		if o.Flags&abi.MPO_INSERT_SEND_RIGHT != 0 {
			p.mscount, p.srights = 1, 1
			e.typ |= abi.MACH_PORT_TYPE_SEND
			e.urefs = 1
		}
	})
	return n, kr
}

// ReplyPort is mach_reply_port: a fresh receive right, MACH_PORT_NULL if none
// can be had. (XNU gives it reply port semantics only in hardened programs.)
func (s *Space) ReplyPort() abi.PortName {
	n, _, kr := s.newReceive(0, nil)
	if kr != abi.KERN_SUCCESS {
		return abi.MACH_PORT_NULL
	}
	return n
}

// SpecialReplyPort is thread_get_special_reply_port's port: its receive right
// can't move. The caller keeps one for each thread, and the name's owner
// destroys it as any receive right. MACH_PORT_NULL if none can be had.
func (s *Space) SpecialReplyPort() abi.PortName {
	n, _, kr := s.newReceive(0, func(p *Port, e *Entry) { p.flags |= portSpecial })
	if kr != abi.KERN_SUCCESS {
		return abi.MACH_PORT_NULL
	}
	return n
}

// Names is mach_port_names: every name and what it stands for.
func (s *Space) Names() ([]abi.PortName, []abi.PortType, abi.KernReturn) {
	if kr := s.lock(abi.KERN_INVALID_TASK); kr != abi.KERN_SUCCESS {
		return nil, nil, kr
	}
	defer s.mu.Unlock()
	names := make([]abi.PortName, 0, s.table.count)
	types := make([]abi.PortType, 0, s.table.count)
	s.table.each(func(n abi.PortName, e *Entry) {
		names = append(names, n)
		types = append(types, s.typeOf(n, e))
	})
	return names, types, abi.KERN_SUCCESS
}

// typeOf is ipc_right_info. s.mu is held.
func (s *Space) typeOf(n abi.PortName, e *Entry) abi.PortType {
	if e.typ&abi.MACH_PORT_TYPE_SEND_RIGHTS != 0 {
		s.check(n, e)
	}
	t := e.typ &^ abi.MACH_PORT_TYPE_LABELH
	if e.noted && e.port != nil {
		e.port.mu.Lock()
		if r, ok := e.port.requests[requestKey{s, n}]; ok && r.so != nil {
			t |= abi.MACH_PORT_TYPE_DNREQUEST
			if r.spreq {
				t |= abi.MACH_PORT_TYPE_SPREQUEST
			}
			if r.spreq && !r.armed {
				t |= abi.MACH_PORT_TYPE_SPREQUEST_DELAYED
			}
		}
		e.port.mu.Unlock()
	}
	return t
}

// Type is mach_port_type. KERN_INVALID_NAME; MACH_PORT_DEAD is a dead name.
func (s *Space) Type(n abi.PortName) (abi.PortType, abi.KernReturn) {
	if n == abi.MACH_PORT_DEAD {
		return abi.MACH_PORT_TYPE_DEAD_NAME, abi.KERN_SUCCESS
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	defer s.mu.Unlock()
	return s.typeOf(n, e), abi.KERN_SUCCESS
}

// GetRefs is mach_port_get_refs: 0 if the name does not have the right.
// KERN_INVALID_VALUE, KERN_INVALID_NAME.
func (s *Space) GetRefs(n abi.PortName, right abi.PortRight) (uint32, abi.KernReturn) {
	if right >= abi.MACH_PORT_RIGHT_NUMBER {
		return 0, abi.KERN_INVALID_VALUE
	}
	if !n.Valid() {
		if right == abi.MACH_PORT_RIGHT_SEND || right == abi.MACH_PORT_RIGHT_SEND_ONCE {
			return 1, abi.KERN_SUCCESS
		}
		return 0, abi.KERN_INVALID_NAME
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	defer s.mu.Unlock()
	if s.typeOf(n, e)&(1<<(16+right)) == 0 {
		return 0, abi.KERN_SUCCESS
	}
	if right == abi.MACH_PORT_RIGHT_SEND || right == abi.MACH_PORT_RIGHT_DEAD_NAME {
		return e.urefs, abi.KERN_SUCCESS
	}
	return 1, abi.KERN_SUCCESS
}

// Kobject is mach_port_kobject: the type of the kernel object behind a send or
// receive right. KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) Kobject(n abi.PortName) (uint32, abi.KernReturn) {
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	p := e.port
	ok := e.typ&abi.MACH_PORT_TYPE_SEND_RECEIVE != 0
	s.mu.Unlock()
	if !ok {
		return 0, abi.KERN_INVALID_RIGHT
	}
	_, t := p.Kobject()
	return t, abi.KERN_SUCCESS
}

// Lookup gives the port under n if it has any of the given rights, without
// taking one (for the translation of names in traps: the task's space keeps it
// alive only as long as nobody deallocates it; kernel objects check again).
func (s *Space) Lookup(n abi.PortName, rights abi.PortType) (*Port, abi.KernReturn) {
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	defer s.mu.Unlock()
	if e.typ&rights == 0 || e.port == nil {
		return nil, abi.KERN_INVALID_RIGHT
	}
	return e.port, abi.KERN_SUCCESS
}

// LookupWatch finds what n receives from, for EVFILT_MACHPORT.
// MACH_RCV_INVALID_NAME.
func (s *Space) LookupWatch(n abi.PortName) (Watchable, abi.KernReturn) {
	p, ps, kr := s.copyinReceiver(n)
	if kr != abi.MACH_MSG_SUCCESS {
		return nil, kr
	}
	if ps != nil {
		return ps, kr
	}
	return p, kr
}

// NameOf gives the name under which s has send or receive rights of p, and
// MACH_PORT_NULL if it has none.
func (s *Space) NameOf(p *Port) abi.PortName {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reverse[p]
}

// CopyOut gives s the naked right p of received type t and returns its name: how
// traps hand out ports (ipc_port_copyout_send). It consumes the right in every
// case; without room for a name the result is MACH_PORT_NULL.
func (s *Space) CopyOut(p *Port, t abi.MsgType) abi.PortName {
	var c chores
	defer c.run()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active {
		if n, kr := s.copyout(p, t, &c); kr == abi.KERN_SUCCESS {
			return n
		}
	}
	release(p, t, &c)
	return abi.MACH_PORT_NULL
}
