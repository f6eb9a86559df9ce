package ipc

import (
	"encoding/binary"

	"puggle/abi"
)

// withReceive calls fn with the port whose receive right is n, locked.
// KERN_INVALID_NAME, KERN_INVALID_RIGHT, and what fn returns.
func (s *Space) withReceive(n abi.PortName, fn func(p *Port) abi.KernReturn) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_INVALID_RIGHT
	}
	e, kr := s.enter(n)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	defer s.mu.Unlock()
	if e.typ&abi.MACH_PORT_TYPE_RECEIVE == 0 {
		return abi.KERN_INVALID_RIGHT
	}
	e.port.mu.Lock()
	defer e.port.mu.Unlock()
	return fn(e.port)
}

func (p *Port) status() (st abi.PortStatus) {
	flag := func(b bool) uint32 {
		if b {
			return 1
		}
		return 0
	}
	st = abi.PortStatus{
		Pset: uint32(len(p.links)), Seqno: p.seqno, Mscount: p.mscount,
		Qlimit: p.qlimit, Msgcount: p.msgcount, Sorights: p.sorights,
		Srights: flag(p.srights > 0), PdRequest: flag(p.pdrequest != nil), NsRequest: flag(p.nsrequest != nil),
	}
	for _, f := range [...]struct {
		bit  portFlags
		flag uint32
	}{
		{portTempOwner, abi.MACH_PORT_STATUS_FLAG_TEMPOWNER},
		{portGuarded, abi.MACH_PORT_STATUS_FLAG_GUARDED},
		{portStrictGuard, abi.MACH_PORT_STATUS_FLAG_STRICT_GUARD},
		{portImpDonation, abi.MACH_PORT_STATUS_FLAG_IMP_DONATION},
		{portImmovableReceive, abi.MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE},
	} {
		if p.flags&f.bit != 0 {
			st.Flags |= f.flag
		}
	}
	return st
}

// Status is MACH_PORT_RECEIVE_STATUS. KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) Status(n abi.PortName) (st abi.PortStatus, kr abi.KernReturn) {
	kr = s.withReceive(n, func(p *Port) abi.KernReturn {
		st = p.status()
		return abi.KERN_SUCCESS
	})
	return st, kr
}

// GetAttributes is mach_port_get_attributes; count is how many words the caller
// has room for. KERN_FAILURE (too little room), KERN_INVALID_ARGUMENT (flavor),
// and those of Status.
func (s *Space) GetAttributes(n abi.PortName, flavor int32, count uint32) (info []uint32, kr abi.KernReturn) {
	need := map[int32]uint32{abi.MACH_PORT_LIMITS_INFO: 1, abi.MACH_PORT_RECEIVE_STATUS: 10,
		abi.MACH_PORT_DNREQUESTS_SIZE: 1, abi.MACH_PORT_INFO_EXT: 17}[flavor]
	switch {
	case flavor == abi.MACH_PORT_SERVICE_THROTTLED:
		return nil, s.withReceive(n, func(*Port) abi.KernReturn { return abi.KERN_INVALID_CAPABILITY })
	case need == 0:
		return nil, abi.KERN_INVALID_ARGUMENT
	case count < need:
		return nil, abi.KERN_FAILURE
	}
	kr = s.withReceive(n, func(p *Port) abi.KernReturn {
		switch flavor {
		case abi.MACH_PORT_LIMITS_INFO:
			info = []uint32{p.qlimit}
		case abi.MACH_PORT_DNREQUESTS_SIZE:
			info = []uint32{uint32(len(p.requests))}
		default:
			st := p.status()
			info = append(st.Words(), make([]uint32, need-10)...)
		}
		return abi.KERN_SUCCESS
	})
	return info, kr
}

// SetAttributes is mach_port_set_attributes. KERN_INVALID_VALUE (queue limit),
// KERN_FAILURE (too few words), KERN_INVALID_ARGUMENT (flavor, or a flag that
// is set already), KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) SetAttributes(n abi.PortName, flavor int32, info []uint32) abi.KernReturn {
	var moved *Port
	kr := s.setAttributes(n, flavor, info, &moved)
	if moved != nil {
		var c chores
		moved.spnotify(&c)
		c.run()
	}
	return kr
}

func (s *Space) setAttributes(n abi.PortName, flavor int32, info []uint32, moved **Port) abi.KernReturn {
	switch flavor {
	case abi.MACH_PORT_LIMITS_INFO:
		if len(info) < 1 {
			return abi.KERN_FAILURE
		}
		if info[0] > abi.MACH_PORT_QLIMIT_MAX {
			return abi.KERN_INVALID_VALUE
		}
		return s.withReceive(n, func(p *Port) abi.KernReturn {
			p.setQlimit(info[0])
			*moved = p
			return abi.KERN_SUCCESS
		})
	case abi.MACH_PORT_TEMPOWNER, abi.MACH_PORT_IMPORTANCE_RECEIVER, abi.MACH_PORT_DENAP_RECEIVER:
		return s.withReceive(n, func(p *Port) abi.KernReturn {
			if p.flags&portSpecial != 0 || flavor == abi.MACH_PORT_TEMPOWNER && p.flags&portTempOwner != 0 {
				return abi.KERN_INVALID_ARGUMENT
			}
			p.flags |= portImpDonation
			if flavor == abi.MACH_PORT_TEMPOWNER {
				p.flags |= portTempOwner
			}
			return abi.KERN_SUCCESS
		})
	}
	return abi.KERN_INVALID_ARGUMENT
}

// AssertAttributes is mach_port_assert_attributes with MACH_PORT_GUARD_INFO:
// whether n is strictly guarded by the value in info. KERN_INVALID_ARGUMENT and
// a guard exception if not.
func (s *Space) AssertAttributes(n abi.PortName, flavor int32, info []uint32) abi.KernReturn {
	if flavor != abi.MACH_PORT_GUARD_INFO {
		return abi.KERN_INVALID_ARGUMENT
	}
	if len(info) < 2 {
		return abi.KERN_FAILURE
	}
	want := uint64(info[0]) | uint64(info[1])<<32
	var ctx uint64
	kr := s.withReceive(n, func(p *Port) abi.KernReturn {
		if ctx = p.context; p.flags&portStrictGuard == 0 || ctx != want {
			return abi.KERN_INVALID_ARGUMENT
		}
		return abi.KERN_SUCCESS
	})
	if kr == abi.KERN_INVALID_ARGUMENT {
		s.guard(n, abi.KGUARD_EXC_INCORRECT_GUARD, ctx)
	}
	return kr
}

// SetSeqno and SetMscount are mach_port_set_seqno and mach_port_set_mscount.
// KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) SetSeqno(n abi.PortName, v uint32) abi.KernReturn {
	return s.withReceive(n, func(p *Port) abi.KernReturn { p.seqno = v; return abi.KERN_SUCCESS })
}

func (s *Space) SetMscount(n abi.PortName, v uint32) abi.KernReturn {
	return s.withReceive(n, func(p *Port) abi.KernReturn { p.mscount = v; return abi.KERN_SUCCESS })
}

// GetContext is mach_port_get_context; a strict guard's value is not told.
func (s *Space) GetContext(n abi.PortName) (ctx uint64, kr abi.KernReturn) {
	kr = s.withReceive(n, func(p *Port) abi.KernReturn {
		if p.flags&portStrictGuard == 0 {
			ctx = p.context
		}
		return abi.KERN_SUCCESS
	})
	return ctx, kr
}

// SetContext is mach_port_set_context. KERN_INVALID_ARGUMENT (strict guard).
func (s *Space) SetContext(n abi.PortName, ctx uint64) abi.KernReturn {
	var old uint64
	kr := s.withReceive(n, func(p *Port) abi.KernReturn {
		if old = p.context; p.flags&portStrictGuard != 0 {
			return abi.KERN_INVALID_ARGUMENT
		}
		p.context = ctx
		return abi.KERN_SUCCESS
	})
	if kr == abi.KERN_INVALID_ARGUMENT {
		s.guard(n, abi.KGUARD_EXC_SET_CONTEXT, old)
	}
	return kr
}

// Guard flags of GuardWithFlags (MPG_*).
const (
	MPG_STRICT            = 0x01
	MPG_IMMOVABLE_RECEIVE = 0x02
)

// GuardPort is mach_port_guard_with_flags (and mach_port_guard, whose strict
// argument is MPG_STRICT). KERN_INVALID_ARGUMENT (it has a context already),
// KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) GuardPort(n abi.PortName, guard, flags uint64) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_INVALID_NAME
	}
	var old uint64
	kr := s.withReceive(n, func(p *Port) abi.KernReturn {
		if old = p.context; old != 0 {
			return abi.KERN_INVALID_ARGUMENT
		}
		p.context = guard
		p.flags = p.flags&^portStrictGuard | portGuarded
		if flags&MPG_STRICT != 0 {
			p.flags |= portStrictGuard
		}
		if flags&MPG_IMMOVABLE_RECEIVE != 0 {
			p.flags |= portImmovableReceive
		}
		return abi.KERN_SUCCESS
	})
	if kr == abi.KERN_INVALID_ARGUMENT {
		s.guard(n, abi.KGUARD_EXC_INVALID_ARGUMENT, old)
	}
	return kr
}

// UnguardPort is mach_port_unguard. KERN_INVALID_ARGUMENT (not guarded, or by
// another value), KERN_INVALID_NAME, KERN_INVALID_RIGHT.
func (s *Space) UnguardPort(n abi.PortName, guard uint64) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_INVALID_NAME
	}
	var code uint32
	var old uint64
	kr := s.withReceive(n, func(p *Port) abi.KernReturn {
		old = p.context
		switch {
		case p.flags&portGuarded == 0:
			code, old = abi.KGUARD_EXC_UNGUARDED, 0
		case old != guard:
			code = abi.KGUARD_EXC_INCORRECT_GUARD
		default:
			p.context = 0
			p.flags &^= portGuarded | portStrictGuard
			return abi.KERN_SUCCESS
		}
		return abi.KERN_INVALID_ARGUMENT
	})
	if code != 0 {
		s.guard(n, code, old)
	}
	return kr
}

// SwapGuard is mach_port_swap_guard. Errors of UnguardPort; KERN_INVALID_ARGUMENT
// also for a strict guard.
func (s *Space) SwapGuard(n abi.PortName, old, guard uint64) abi.KernReturn {
	if !n.Valid() {
		return abi.KERN_INVALID_NAME
	}
	var code uint32
	var ctx uint64
	kr := s.withReceive(n, func(p *Port) abi.KernReturn {
		ctx = p.context
		switch {
		case p.flags&portGuarded == 0:
			code, ctx = abi.KGUARD_EXC_UNGUARDED, 0
		case p.flags&portStrictGuard != 0:
			code = abi.KGUARD_EXC_SET_CONTEXT
		case ctx != old:
			code = abi.KGUARD_EXC_INCORRECT_GUARD
		default:
			p.context = guard
			return abi.KERN_SUCCESS
		}
		return abi.KERN_INVALID_ARGUMENT
	})
	if code != 0 {
		s.guard(n, code, ctx)
	}
	return kr
}

// kernelHeader is by how much the kernel's mach_msg_header_t is longer than a task's:
// the size that a peek tells has it.
const kernelHeader = 8

// Peek is mach_port_peek: size, id, sequence number and trailer of the first
// message. KERN_FAILURE (there is none); KERN_INVALID_VALUE: a trailer of more than
// room bytes, or one with more than an audit token in it.
func (s *Space) Peek(n abi.PortName, trailerType uint32, room int) (seqno, size uint32, id int32, trailer []byte, kr abi.KernReturn) {
	want := abi.MsgOption(trailerType).TrailerSize()
	if trailerType>>24&15 > abi.MACH_RCV_TRAILER_AUDIT || want > room {
		return 0, 0, 0, nil, abi.KERN_INVALID_VALUE
	}
	kr = s.withReceive(n, func(p *Port) abi.KernReturn {
		k := p.head
		if k == nil {
			return abi.KERN_FAILURE
		}
		seqno, size, id = p.seqno, uint32(len(k.body))+kernelHeader, k.id
		t := k.trailerBytes(p.seqno, p.context)
		trailer = append(trailer, t[:want]...)
		binary.LittleEndian.PutUint32(trailer[4:], abi.MaxTrailerSize)
		return abi.KERN_SUCCESS
	})
	return seqno, size, id, trailer, kr
}
