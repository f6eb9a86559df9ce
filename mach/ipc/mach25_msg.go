package ipc

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// Mach 2.5's messages: a header, then items, each a type word (or a long form
// of 12 bytes) followed by its data or by a pointer to it. They travel as Kmsgs
// with one Desc for each item that holds ports or memory; Desc.off is where its
// data is in the body. A receiver of the other generation gets a translation
// (translate25.go).

// item is one decoded type descriptor.
type item struct {
	name, size, number uint32
	inline, dealloc    bool
	off, end           int // of its data, or of the pointer
}

// nextItem decodes the item at off. False: the message is cut short.
func nextItem(b []byte, off int) (it item, ok bool) {
	if off+4 > len(b) {
		return it, false
	}
	w := get32(b, off)
	it = item{name: w & 0xff, size: w >> 8 & 0xff, number: w >> 16 & 0xfff,
		inline: w>>28&1 != 0, dealloc: w>>30&1 != 0, off: off + 4}
	if w>>29&1 != 0 {
		if off+12 > len(b) {
			return it, false
		}
		it.name = uint32(binary.LittleEndian.Uint16(b[off+4:]))
		it.size = uint32(binary.LittleEndian.Uint16(b[off+6:]))
		it.number = get32(b, off+8)
		it.off = off + 12
	}
	n := uint64(8)
	if it.inline {
		n = it.bytes()
	}
	if n > uint64(len(b)-it.off) {
		return it, false
	}
	it.end = min(it.off+int(n+3)&^3, len(b))
	return it, true
}

func (it item) bytes() uint64 { return (uint64(it.size)*uint64(it.number) + 7) / 8 }

// isPort says whether the item's data are port names.
func (it item) isPort() bool {
	return it.name >= abi.MSG_TYPE_PORT_OWNERSHIP && it.name <= abi.MSG_TYPE_PORT && it.size == 32
}

// disp25 is the disposition that means in Mach 3 what naming e in a message
// meant in Mach 2.5. s.mu is held.
func disp25(e *Entry, typ uint32) abi.MsgType {
	switch {
	case typ != abi.MSG_TYPE_PORT:
		return abi.MACH_MSG_TYPE_MOVE_RECEIVE
	case e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0:
		return abi.MACH_MSG_TYPE_MAKE_SEND
	case e.typ&abi.MACH_PORT_TYPE_SEND_ONCE != 0:
		return abi.MACH_MSG_TYPE_MOVE_SEND_ONCE
	}
	return abi.MACH_MSG_TYPE_COPY_SEND
}

// take25 gets one right for k. s.mu is held.
func (x *sender) take25(k *Kmsg, n abi.PortName, typ uint32) (*Port, abi.MsgType, abi.KernReturn) {
	if !n.Valid() {
		p, kr := x.take(k, n, 0)
		return p, abi.MACH_MSG_TYPE_PORT_SEND, kr
	}
	e := x.s.table.lookup(n)
	if e == nil {
		return nil, 0, abi.KERN_INVALID_NAME
	}
	t := disp25(e, typ)
	p, kr := x.take(k, n, t)
	return p, t.Received(), kr
}

// MsgSend is msg_send of the message at a. SEND_INVALID_MEMORY,
// SEND_INVALID_PORT, SEND_TIMED_OUT, SEND_INTERRUPTED, SEND_MSG_TOO_LARGE,
// SEND_MSG_TOO_SMALL, SEND_KERNEL_REFUSED (kernel objects speak Mach 3 only).
// Rights named in a message that is not sent stay with the sender, except
// receive rights when a later part of the body is bad.
func (s *Space) MsgSend(th *sched.Thread, mem UserMem, ool OOL, a machine.Addr, option, timeout uint32) abi.KernReturn {
	var h [abi.MSG25HeaderSize]byte
	if mem.CopyIn(h[:], a) != abi.KERN_SUCCESS {
		return abi.SEND_INVALID_MEMORY
	}
	size := get32(h[:], 4)
	if size < abi.MSG25HeaderSize {
		return abi.SEND_MSG_TOO_SMALL
	}
	if size > MaxBody-3 { // before it is rounded: that may wrap
		return abi.SEND_MSG_TOO_LARGE
	}
	size = (size + 3) &^ 3
	k := allocKmsg(int(size))
	if k == nil {
		return abi.SEND_MSG_TOO_LARGE
	}
	copy(k.body, h[:]) // the header is not read again
	if rest := k.body[abi.MSG25HeaderSize:]; len(rest) > 0 && mem.CopyIn(rest, a+abi.MSG25HeaderSize) != abi.KERN_SUCCESS {
		k.free()
		return abi.SEND_INVALID_MEMORY
	}
	c := choresPool.Get().(*chores)
	defer c.finish()
	x := sender{s: s, mem: mem, ool: ool, c: c}
	k.old = true
	kr := x.copyin25(k)
	if kr != abi.SEND_SUCCESS {
		c.kmsg(k)
		return kr
	}
	if t := s.tokens.Load(); t != nil {
		k.sec, k.audit = t.sec, t.audit
	}
	k.remote.mu.Lock()
	refused := k.remote.kserver != nil
	k.remote.mu.Unlock()
	if refused {
		k.recall(x, c)
		return abi.SEND_KERNEL_REFUSED
	}
	o := sendOpts{}
	if option&abi.SEND_TIMEOUT != 0 {
		o = sendOpts{timed: true, poll: timeout == 0, deadline: millis(timeout)}
	}
	switch k.send(th, o, c) {
	case abi.MACH_SEND_TIMED_OUT:
		k.recall(x, c)
		return abi.SEND_TIMED_OUT
	case abi.MACH_SEND_INTERRUPTED:
		k.recall(x, c)
		return abi.SEND_INTERRUPTED
	}
	return abi.SEND_SUCCESS
}

// recall ends a message that was not sent: moved rights go back to the sender
// under the names that are free, the rest were copies.
func (k *Kmsg) recall(x sender, c *chores) {
	back := receiverCtx{s: x.s, c: c}
	x.s.mu.Lock()
	for i := range k.desc {
		d := &k.desc[i]
		if d.Disp != abi.MACH_MSG_TYPE_PORT_RECEIVE {
			continue
		}
		d.eachReceive(func(p *Port) { back.name(p, d.Disp) })
		d.Port, d.Ports = nil, nil
	}
	if k.remoteType() == abi.MACH_MSG_TYPE_PORT_SEND_ONCE {
		back.name(k.remote, k.remoteType())
		k.remote = nil
	}
	x.s.mu.Unlock()
	c.kmsg(k)
}

// copyin25 takes the rights and memory of k; what it took is k's on failure.
func (x *sender) copyin25(k *Kmsg) abi.KernReturn {
	b, s := k.body, x.s
	simple := b[3] != 0
	local, remote := abi.PortName(get32(b, 12)), abi.PortName(get32(b, 16))
	k.id = int32(get32(b, 20))
	put32(b, 16, 0) // the voucher, to a Mach 3 receiver
	if kr := s.lock(abi.SEND_INVALID_PORT); kr != abi.KERN_SUCCESS {
		return kr
	}
	p, t, kr := x.take25(k, remote, abi.MSG_TYPE_PORT)
	if kr != abi.KERN_SUCCESS || !IsValid(p) {
		s.mu.Unlock()
		return abi.SEND_INVALID_PORT
	}
	k.setRemote(p, t)
	p, t, kr = x.take25(k, local, abi.MSG_TYPE_PORT)
	s.mu.Unlock()
	if kr != abi.KERN_SUCCESS {
		return abi.SEND_INVALID_PORT
	}
	if p != nil {
		k.setLocal(p, t)
	}
	if simple {
		return abi.SEND_SUCCESS
	}
	k.bits |= abi.MACH_MSGH_BITS_COMPLEX
	rights := uint64(0)
	for off := abi.MSG25HeaderSize; off < len(b); {
		it, ok := nextItem(b, off)
		if !ok {
			return abi.SEND_MSG_TOO_SMALL
		}
		off = it.end
		if it.isPort() {
			if rights += uint64(it.number); rights > maxMsgPorts {
				return abi.SEND_MSG_TOO_LARGE
			}
			if !k.charge(int64(it.number) * descCost) {
				return abi.SEND_MSG_TOO_LARGE
			}
			if kr := x.ports25(k, it); kr != abi.SEND_SUCCESS {
				return kr
			}
		} else if !it.inline {
			if it.bytes() > 1<<32-1 || !k.charge(descCost) {
				return abi.SEND_MSG_TOO_LARGE
			}
			d := Desc{Type: abi.MACH_MSG_OOL_DESCRIPTOR, Copy: abi.MACH_MSG_VIRTUAL_COPY, Size: uint32(it.bytes()), off: it.off}
			if d.Size > 0 {
				if d.Mem, kr = x.ool.CopyInOOL(machine.Addr(binary.LittleEndian.Uint64(b[it.off:])), uint64(d.Size), it.dealloc, false); kr != abi.KERN_SUCCESS {
					return abi.SEND_INVALID_MEMORY
				}
			}
			k.desc = append(k.desc, d)
		}
	}
	return abi.SEND_SUCCESS
}

// ports25 takes the rights of an inline or out-of-line array of ports.
func (x *sender) ports25(k *Kmsg, it item) abi.KernReturn {
	names := k.body[it.off:it.end]
	typ := uint8(abi.MACH_MSG_PORT_DESCRIPTOR)
	if !it.inline {
		typ = abi.MACH_MSG_OOL_PORTS_DESCRIPTOR
		a := machine.Addr(binary.LittleEndian.Uint64(names))
		names = make([]byte, 4*it.number)
		if len(names) > 0 && x.mem.CopyIn(names, a) != abi.KERN_SUCCESS ||
			len(names) > 0 && it.dealloc && x.ool.DeallocateOOL(a, uint64(len(names))) != abi.KERN_SUCCESS {
			return abi.SEND_INVALID_MEMORY
		}
	}
	if kr := x.s.lock(abi.SEND_INVALID_PORT); kr != abi.KERN_SUCCESS {
		return kr
	}
	defer x.s.mu.Unlock()
	whole := Desc{Type: typ, Disp: abi.MACH_MSG_TYPE_PORT_SEND, off: it.off}
	for i := range int(it.number) {
		p, t, kr := x.take25(k, abi.PortName(get32(names, 4*i)), it.name)
		if kr == abi.KERN_SUCCESS && !it.inline && len(whole.Ports) > 0 && t != whole.Disp {
			// One disposition for an array: a send-once right among send
			// rights has no place in it.
			release(p, t, x.c)
			kr = abi.KERN_INVALID_RIGHT
		}
		if kr != abi.KERN_SUCCESS {
			k.desc = append(k.desc, whole)
			return abi.SEND_INVALID_PORT
		}
		if it.inline {
			k.desc = append(k.desc, Desc{Type: typ, Disp: t, Port: p, off: it.off + 4*i})
		} else {
			whole.Disp = t
			whole.Ports = append(whole.Ports, p)
		}
	}
	if !it.inline {
		k.desc = append(k.desc, whole)
	}
	return abi.SEND_SUCCESS
}

// MsgReceive is msg_receive into the buffer at a, whose header says the port
// (msg_local_port) and the room (msg_size). RCV_INVALID_MEMORY,
// RCV_INVALID_PORT, RCV_TIMED_OUT, RCV_TOO_LARGE (with RCV_LARGE the message
// stays queued and msg_size says what it needs), RCV_NOT_ENOUGH_MEMORY (some
// out-of-line data or rights found no room), RCV_INTERRUPTED, RCV_PORT_CHANGE.
func (s *Space) MsgReceive(th *sched.Thread, mem UserMem, ool OOL, a machine.Addr, option, timeout uint32) abi.KernReturn {
	var h [abi.MSG25HeaderSize]byte
	if mem.CopyIn(h[:], a) != abi.KERN_SUCCESS {
		return abi.RCV_INVALID_MEMORY
	}
	room := int(min(get32(h[:], 4), MaxBody))
	p, ps, kr := s.copyinReceiver(abi.PortName(get32(h[:], 12)))
	if kr != abi.MACH_MSG_SUCCESS {
		return abi.RCV_INVALID_PORT
	}
	o := sendOpts{}
	if option&abi.RCV_TIMEOUT != 0 {
		o = sendOpts{timed: true, poll: timeout == 0, deadline: millis(timeout)}
	}
	r := newReceiver(th, option&abi.RCV_LARGE != 0, room, 0)
	defer r.free()
	if ps != nil {
		ps.receive(r, o)
	} else {
		p.receive(s, r, o)
	}
	if r.kmsg == nil {
		if r.kr == abi.MACH_RCV_TOO_LARGE {
			put32(h[:], 4, r.msize)
			if mem.CopyOut(a, h[:]) != abi.KERN_SUCCESS {
				return abi.RCV_INVALID_MEMORY
			}
		}
		return rcv25(r.kr)
	}
	c := choresPool.Get().(*chores)
	defer c.finish()
	r.port.spnotify(c)
	k := r.kmsg
	x := receiverCtx{s: s, mem: mem, ool: ool, addr: a, c: c}
	kr = rcv25(r.kr)
	if kr == abi.RCV_SUCCESS && !k.old && !k.translateTo25(room) {
		kr = abi.RCV_TOO_LARGE
	}
	if kr != abi.RCV_SUCCESS {
		k.remote.consumeDest(k.remoteType(), s, c)
		k.remote = nil
		c.kmsg(k)
		return kr
	}
	if x.copyout25(k) != 0 {
		kr = abi.RCV_NOT_ENOUGH_MEMORY
	}
	if mem.CopyOut(a, k.body) != abi.KERN_SUCCESS {
		kr = abi.RCV_INVALID_MEMORY
	}
	k.free()
	return kr
}

func rcv25(kr abi.KernReturn) abi.KernReturn {
	switch kr {
	case abi.MACH_MSG_SUCCESS:
		return abi.RCV_SUCCESS
	case abi.MACH_RCV_TIMED_OUT:
		return abi.RCV_TIMED_OUT
	case abi.MACH_RCV_TOO_LARGE:
		return abi.RCV_TOO_LARGE
	case abi.MACH_RCV_INTERRUPTED:
		return abi.RCV_INTERRUPTED
	case abi.MACH_RCV_PORT_CHANGED:
		return abi.RCV_PORT_CHANGE
	}
	return abi.RCV_INVALID_PORT
}

// copyout25 gives the receiver k's rights and memory and fills in the body.
func (x *receiverCtx) copyout25(k *Kmsg) (mr abi.KernReturn) {
	reply := nameOf(k.local)
	if IsValid(k.local) {
		x.s.mu.Lock()
		reply, mr = x.name(k.local, k.localType())
		x.s.mu.Unlock()
	}
	dest := k.remote.consumeDest(k.remoteType(), x.s, x.c)
	k.remote, k.local = nil, nil
	k.dropVoucher(x.c)
	put32(k.body, 0, 1<<24)
	if k.IsComplex() {
		put32(k.body, 0, 0)
	}
	put32(k.body, 4, uint32(len(k.body)))
	put32(k.body, 8, 0) // MSG_TYPE_NORMAL
	put32(k.body, 12, uint32(dest))
	put32(k.body, 16, uint32(reply))
	put32(k.body, 20, uint32(k.id))
	var u [abi.MsgOOLDescSize]byte
	for i := range k.desc {
		d := &k.desc[i]
		clear(u[:])
		switch d.Type {
		case abi.MACH_MSG_PORT_DESCRIPTOR, abi.MACH_MSG_GUARDED_PORT_DESCRIPTOR:
			mr |= x.right(d, u[:], u[:])
			copy(k.body[d.off:], u[:4])
		case abi.MACH_MSG_OOL_PORTS_DESCRIPTOR:
			mr |= x.ports(d, u[:])
			copy(k.body[d.off:], u[:8])
		default:
			mr |= x.memory(d, u[:])
			copy(k.body[d.off:], u[:8])
		}
		d.Port, d.Ports, d.Mem = nil, nil, nil
	}
	return mr
}

// MsgRPC is msg_rpc: send, then receive on the reply port the request named.
func (s *Space) MsgRPC(th *sched.Thread, mem UserMem, ool OOL, a machine.Addr, option, rcvSize, sendTimeout, rcvTimeout uint32) abi.KernReturn {
	if kr := s.MsgSend(th, mem, ool, a, option, sendTimeout); kr != abi.SEND_SUCCESS {
		return kr
	}
	var w [4]byte
	put32(w[:], 0, rcvSize)
	if mem.CopyOut(a+4, w[:]) != abi.KERN_SUCCESS {
		return abi.RCV_INVALID_MEMORY
	}
	return s.MsgReceive(th, mem, ool, a, option, rcvTimeout)
}
