package ipc

import (
	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// MsgArgs are the arguments of mach_msg_overwrite_trap.
type MsgArgs struct {
	Addr    machine.Addr // message to send, and where to receive if RcvAddr is 0
	Option  abi.MsgOption
	Send    uint32 // bytes to send
	Rcv     uint32 // bytes to receive into
	RcvName abi.PortName
	Timeout uint32 // milliseconds; with MACH_SEND_TIMEOUT, MACH_RCV_TIMEOUT
	RcvAddr machine.Addr

	// For mach_msg2_trap. Header replaces the first 24 bytes of the message.
	header  *[abi.MsgHeaderSize]byte
	dsc     uint32
	auxAddr machine.Addr
	vectors bool // MACH64_MSG_VECTOR
	auxSend uint32
	auxRcvA machine.Addr
	auxRcv  uint32
}

// userOptions are those that a guest may give; the others have kernel meanings
// under the same bits and are dropped.
const userOptions = abi.MACH_SEND_MSG | abi.MACH_RCV_MSG | abi.MACH_RCV_LARGE | abi.MACH_RCV_LARGE_IDENTITY |
	abi.MACH_SEND_TIMEOUT | abi.MACH_SEND_OVERRIDE | abi.MACH_SEND_NOTIFY | abi.MACH_RCV_TIMEOUT |
	abi.MACH_MSG_STRICT_REPLY | abi.MACH_RCV_VOUCHER | abi.MACH_RCV_GUARDED_DESC | abi.MACH_RCV_SYNC_WAIT |
	abi.MACH_SEND_TRAILER | abi.MACH_SEND_NOIMPORTANCE | abi.MACH_SEND_SYNC_OVERRIDE |
	abi.MACH_SEND_PROPAGATE_QOS | abi.MACH_RCV_TRAILER_MASK

// Msg is mach_msg_overwrite_trap: it sends a message, receives one, or both. s
// is the caller's space and th its thread, which may sleep. The receive happens
// only if the send succeeded. Interrupted calls return MACH_SEND_INTERRUPTED or
// MACH_RCV_INTERRUPTED; libSystem restarts them. Returns every MACH_SEND_* and
// MACH_RCV_* code of <mach/message.h> but those of vouchers and filters.
func (s *Space) Msg(th *sched.Thread, mem UserMem, ool OOL, a *MsgArgs) abi.KernReturn {
	opt := a.Option & userOptions
	if opt&abi.MACH_SEND_MSG != 0 {
		k, kr := getKmsg(mem, opt, a)
		if kr != abi.MACH_MSG_SUCCESS {
			return kr
		}
		how := callUntouched
		if opt&abi.MACH_RCV_MSG != 0 {
			if kr, how = s.callKernel(th, mem, opt, a, k); how == callDone {
				return kr
			}
		}
		if how == callUntouched {
			if kr = s.msgSend(th, mem, ool, opt, a, k); kr != abi.MACH_MSG_SUCCESS {
				return kr
			}
		}
	}
	if opt&abi.MACH_RCV_MSG != 0 {
		return s.msgReceive(th, mem, ool, opt, a)
	}
	return abi.MACH_MSG_SUCCESS
}

// getKmsg copies the message in. A small one does not count yet: most are served and
// forgotten before anybody else could see them.
func getKmsg(mem UserMem, opt abi.MsgOption, a *MsgArgs) (*Kmsg, abi.KernReturn) {
	switch {
	case opt&abi.MACH_SEND_TRAILER != 0:
		return nil, abi.MACH_SEND_INVALID_TRAILER
	case a.Send < abi.MsgHeaderSize || a.Send&3 != 0:
		return nil, abi.MACH_SEND_MSG_TOO_SMALL
	case a.Send > MaxBody:
		return nil, abi.MACH_SEND_TOO_LARGE
	}
	k := uncountedKmsg(int(a.Send))
	if k == nil {
		if k = allocKmsg(int(a.Send)); k == nil {
			return nil, abi.MACH_SEND_NO_BUFFER
		}
	}
	if kr := k.get(mem, a); kr != abi.MACH_MSG_SUCCESS {
		k.free()
		return nil, kr
	}
	return k, abi.MACH_MSG_SUCCESS
}

// msgSend sends k, which it consumes.
func (s *Space) msgSend(th *sched.Thread, mem UserMem, ool OOL, opt abi.MsgOption, a *MsgArgs, k *Kmsg) abi.KernReturn {
	if !k.count() {
		k.free()
		return abi.MACH_SEND_NO_BUFFER
	}
	c := choresPool.Get().(*chores)
	defer c.finish()
	x := sender{s: s, mem: mem, ool: ool, opt: opt, c: c}
	if get32(k.body, 0)&abi.MACH_MSGH_BITS_COMPLEX != 0 {
		if len(k.body) < abi.MsgHeaderSize+abi.MsgBodySize {
			k.free()
			return abi.MACH_SEND_MSG_TOO_SMALL
		}
		n := get32(k.body, abi.MsgHeaderSize)
		if a.header != nil {
			n = a.dsc
		}
		if kr := x.measure(k, n); kr != abi.MACH_MSG_SUCCESS {
			k.free()
			return kr
		}
	} else if a.dsc != 0 {
		k.free()
		return abi.MACH_SEND_TOO_LARGE
	}
	if kr := x.copyinHeader(k); kr != abi.MACH_MSG_SUCCESS {
		k.free()
		return kr
	}
	if kr := x.copyinBody(k); kr != abi.MACH_MSG_SUCCESS {
		k.discardDest(c)
		c.kmsg(k)
		return kr
	}
	k.sign(s)
	o := sendOpts{}
	if opt&abi.MACH_SEND_TIMEOUT != 0 {
		o.timed, o.poll = true, a.Timeout == 0
		o.deadline = millis(a.Timeout)
	}
	mr := k.send(th, o, c)
	if mr != abi.MACH_MSG_SUCCESS {
		// The caller gets it back where it was, to send it again.
		y := receiverCtx{s: s, mem: mem, ool: ool, addr: a.Addr, c: c}
		mr |= y.copyoutPseudo(k)
		if mem.CopyOut(a.Addr, k.body) != abi.KERN_SUCCESS {
			mr |= abi.MACH_MSG_VM_SPACE
		}
		k.free()
	}
	return mr
}

// discardDest gives up the destination of a message whose body was refused; the
// holder of the receive right of a send-once destination is told.
func (k *Kmsg) discardDest(c *chores) {
	release(k.remote, k.remoteType(), c)
	k.remote = nil
}

// claimer is a UserMem that can be told that what it copies in will be written soon.
type claimer interface {
	CopyInClaim(dst []byte, a machine.Addr) abi.KernReturn
}

// copyIn is CopyIn of the message. If the answer will lie upon it the kernel's processor
// gets its cache lines for good at once, and not again for the answer.
func (a *MsgArgs) copyIn(mem UserMem, b []byte) abi.KernReturn {
	if a.Option&abi.MACH_RCV_MSG != 0 && (a.RcvAddr == 0 || a.RcvAddr == a.Addr) {
		if m, ok := mem.(claimer); ok {
			return m.CopyInClaim(b, a.Addr)
		}
	}
	return mem.CopyIn(b, a.Addr)
}

// get copies the message in, once.
func (k *Kmsg) get(mem UserMem, a *MsgArgs) abi.KernReturn {
	if a.header == nil {
		if a.copyIn(mem, k.body) != abi.KERN_SUCCESS {
			return abi.MACH_SEND_INVALID_DATA
		}
	} else {
		copy(k.body, a.header[:])
		if rest := k.body[abi.MsgHeaderSize:]; len(rest) > 0 &&
			mem.CopyIn(rest, a.Addr+abi.MsgHeaderSize) != abi.KERN_SUCCESS {
			return abi.MACH_SEND_INVALID_DATA
		}
	}
	if a.auxSend == 0 {
		return abi.MACH_MSG_SUCCESS
	}
	k.aux = make([]byte, a.auxSend)
	if mem.CopyIn(k.aux, a.auxAddr) != abi.KERN_SUCCESS {
		return abi.MACH_SEND_INVALID_DATA
	}
	return abi.MACH_MSG_SUCCESS
}

// copyinReceiver is ipc_mqueue_copyin: the port or the set that n lets s
// receive from. MACH_RCV_INVALID_NAME.
func (s *Space) copyinReceiver(n abi.PortName) (*Port, *PortSet, abi.KernReturn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.table.lookup(n)
	if e == nil {
		return nil, nil, abi.MACH_RCV_INVALID_NAME
	}
	if e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0 {
		return e.port, nil, abi.MACH_MSG_SUCCESS
	}
	if e.typ == abi.MACH_PORT_TYPE_PORT_SET {
		return nil, e.pset, abi.MACH_MSG_SUCCESS
	}
	return nil, nil, abi.MACH_RCV_INVALID_NAME
}

func (s *Space) msgReceive(th *sched.Thread, mem UserMem, ool OOL, opt abi.MsgOption, a *MsgArgs) abi.KernReturn {
	p, ps, kr := s.copyinReceiver(a.RcvName)
	if kr != abi.MACH_MSG_SUCCESS {
		return kr
	}
	o := sendOpts{}
	if opt&abi.MACH_RCV_TIMEOUT != 0 {
		o.timed, o.poll = true, a.Timeout == 0
		o.deadline = millis(a.Timeout)
	}
	r := newReceiver(th, opt&abi.MACH_RCV_LARGE != 0, int(a.Rcv), opt.TrailerSize())
	defer r.free()
	if a.vectors {
		r.aux = int(a.auxRcv)
	}
	if ps != nil {
		ps.receive(r, o)
	} else {
		p.receive(s, r, o)
	}
	addr := a.RcvAddr
	if addr == 0 {
		addr = a.Addr
	}
	if r.kmsg == nil {
		if r.kr == abi.MACH_RCV_TOO_LARGE {
			kr = r.tooLarge(mem, addr, opt, int(a.Rcv))
			if a.auxRcv > 0 {
				var w [4]byte
				put32(w[:], 0, r.asize)
				if mem.CopyOut(a.auxRcvA, w[:]) != abi.KERN_SUCCESS {
					kr = abi.MACH_RCV_INVALID_DATA
				}
			}
			return kr
		}
		return r.kr
	}

	c := choresPool.Get().(*chores)
	defer c.finish()
	r.port.spnotify(c)
	k := r.kmsg
	x := receiverCtx{s: s, mem: mem, ool: ool, addr: addr, c: c}
	kr = r.kr
	if kr == abi.MACH_MSG_SUCCESS && k.old && !k.translateFrom25(int(a.Rcv)-r.trail) {
		kr = abi.MACH_RCV_TOO_LARGE
	}
	if kr == abi.MACH_MSG_SUCCESS {
		kr = k.copyoutHeader(s, opt, c)
	}
	if kr != abi.MACH_MSG_SUCCESS {
		x.copyoutDest(k)
		k.aux = k.aux[:min(len(k.aux), abi.MsgAuxHeaderSize)] // its data went with the body
	} else if bits := x.copyoutBody(k, false); bits != 0 {
		kr = abi.MACH_RCV_BODY_ERROR | bits
	}
	out := k.trailer(opt.TrailerSize(), r.seqno, r.ctx)
	if len(out) > int(a.Rcv) { // only what is left of a message that was too large
		out = out[:a.Rcv]
	}
	if len(out) > 0 && mem.CopyOut(addr, out) != abi.KERN_SUCCESS {
		kr = abi.MACH_RCV_INVALID_DATA
	} else if a.auxRcv > 0 {
		kr = k.putAux(mem, a, kr)
	}
	k.free()
	return kr
}

// tooLarge tells the size that a message needs (without its trailer), and with
// MACH_RCV_LARGE_IDENTITY which port it is for. The message stays queued.
func (r *receiver) tooLarge(mem UserMem, addr machine.Addr, opt abi.MsgOption, room int) abi.KernReturn {
	var w [4]byte
	if opt&abi.MACH_RCV_LARGE_IDENTITY != 0 && room >= 16 {
		put32(w[:], 0, uint32(r.name))
		if mem.CopyOut(addr+12, w[:]) != abi.KERN_SUCCESS {
			return abi.MACH_RCV_INVALID_DATA
		}
	}
	if room >= 8 {
		put32(w[:], 0, r.msize)
		if mem.CopyOut(addr+4, w[:]) != abi.KERN_SUCCESS {
			return abi.MACH_RCV_INVALID_DATA
		}
	}
	return abi.MACH_RCV_TOO_LARGE
}
