package ipc

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/machine"
)

// maxMsgPorts bounds the rights of one message; more is MACH_SEND_TOO_LARGE.
const maxMsgPorts = 16383

// What a descriptor and a right in an array cost the kernel while they wait in
// a queue (bytes, roughly): they count towards MaxKmsgBytes.
const (
	descCost  = 128
	rightCost = 16
)

// sender is what sending for a guest needs.
type sender struct {
	s    *Space
	mem  UserMem
	ool  OOL
	opt  abi.MsgOption
	udsc []byte // the descriptors as the guest wrote them, inside the kmsg's body
	c    *chores
}

// copyinHeader is ipc_kmsg_copyin_header: it takes the destination and reply
// rights from the names in k's header. Nothing has changed when it fails.
// Errors: MACH_SEND_INVALID_HEADER, _DEST, _REPLY, _VOUCHER.
func (x *sender) copyinHeader(k *Kmsg) abi.KernReturn {
	s, c := x.s, x.c
	bits := get32(k.body, 0)
	if bits&^abi.MACH_MSGH_BITS_USER != 0 {
		return abi.MACH_SEND_INVALID_HEADER
	}
	destType, replyType := abi.MsgType(bits&0x1f), abi.MsgType(bits>>8&0x1f)
	dest, reply := abi.PortName(get32(k.body, 8)), abi.PortName(get32(k.body, 12))
	switch {
	case replyType == abi.MACH_MSG_TYPE_NONE && reply != abi.MACH_PORT_NULL,
		replyType != abi.MACH_MSG_TYPE_NONE && !replyType.IsSend():
		return abi.MACH_SEND_INVALID_HEADER
	}
	voucherType, voucher := abi.MsgType(bits&abi.MACH_MSGH_BITS_VOUCHER_MASK>>16), abi.MACH_PORT_NULL
	if voucherType != abi.MACH_MSG_TYPE_NONE {
		if voucherType != abi.MACH_MSG_TYPE_MOVE_SEND && voucherType != abi.MACH_MSG_TYPE_COPY_SEND {
			return abi.MACH_SEND_INVALID_VOUCHER
		}
		voucher = abi.PortName(get32(k.body, 16))
	}
	if !destType.IsSend() {
		return abi.MACH_SEND_INVALID_HEADER
	}
	if !dest.Valid() {
		return abi.MACH_SEND_INVALID_DEST
	}
	if dest == reply && (destType == abi.MACH_MSG_TYPE_MOVE_SEND_ONCE || replyType == abi.MACH_MSG_TYPE_MOVE_SEND_ONCE) {
		return abi.MACH_SEND_INVALID_DEST
	}
	if x.opt&abi.MACH_MSG_STRICT_REPLY != 0 &&
		(!reply.Valid() || replyType != abi.MACH_MSG_TYPE_MAKE_SEND_ONCE && replyType != abi.MACH_MSG_TYPE_MOVE_SEND_ONCE) {
		s.guard(reply, abi.KGUARD_EXC_STRICT_REPLY, abi.MPG_FLAGS_STRICT_REPLY_INVALID_REPLY_DISP|uint64(replyType))
		return abi.MACH_SEND_INVALID_REPLY
	}

	if kr := s.lock(abi.MACH_SEND_INVALID_DEST); kr != abi.KERN_SUCCESS {
		return kr
	}
	de := s.table.lookup(dest)
	if de == nil || de.typ&abi.MACH_PORT_TYPE_PORT_RIGHTS == 0 {
		s.mu.Unlock()
		return abi.MACH_SEND_INVALID_DEST
	}
	var re *Entry
	if reply.Valid() {
		re = s.table.lookup(reply)
		// A dead name is a fine reply port if it dies now, but not if it
		// was dead before: XNU looks for port rights.
		if re == nil || re.typ&abi.MACH_PORT_TYPE_PORT_RIGHTS == 0 || !s.canCopyin(reply, re, replyType) {
			s.mu.Unlock()
			return abi.MACH_SEND_INVALID_REPLY
		}
	}
	bothMove := de == re && destType == abi.MACH_MSG_TYPE_MOVE_SEND && replyType == abi.MACH_MSG_TYPE_MOVE_SEND
	if bothMove && de.urefs < 2 {
		s.mu.Unlock()
		return abi.MACH_SEND_INVALID_DEST
	}
	var ve *Entry
	if voucher != abi.MACH_PORT_NULL {
		if ve = s.table.lookup(voucher); ve == nil || !s.isVoucher(voucher, ve) {
			s.mu.Unlock()
			return abi.MACH_SEND_INVALID_VOUCHER
		}
		// References that are moved must be there, all of them.
		need := uint32(0)
		for _, m := range []struct {
			e *Entry
			t abi.MsgType
		}{{de, destType}, {re, replyType}, {ve, voucherType}} {
			if m.e == ve && m.t == abi.MACH_MSG_TYPE_MOVE_SEND {
				need++
			}
		}
		if need > ve.urefs {
			s.mu.Unlock()
			return abi.MACH_SEND_INVALID_DEST
		}
		if voucherType == abi.MACH_MSG_TYPE_COPY_SEND { // before the others may take the name away
			k.voucher, _ = s.copyin(voucher, ve, voucherType, 0, c)
			ve = nil
		}
	}
	var rp *Port
	if reply == abi.MACH_PORT_DEAD {
		rp = Dead
	}
	replyFirst := de == re && re != nil && replyType == abi.MACH_MSG_TYPE_COPY_SEND
	if replyFirst {
		rp, _ = s.copyin(reply, re, replyType, replyOnce|deadOK, c)
	}
	noted := de.noted
	dp, kr := s.copyin(dest, de, destType, immovableOK|deadOnceOK, c)
	if kr != abi.KERN_SUCCESS {
		s.mu.Unlock()
		if replyFirst {
			release(rp, replyType.Received(), c)
		}
		k.dropVoucher(c)
		return abi.MACH_SEND_INVALID_DEST
	}
	if re != nil && !replyFirst {
		rp, kr = s.copyin(reply, re, replyType, replyOnce|deadOK, c)
		if kr != abi.KERN_SUCCESS {
			s.mu.Unlock()
			panic("ipc: reply right vanished under the space's lock")
		}
	}
	if ve != nil {
		k.voucher, _ = s.copyin(voucher, ve, voucherType, 0, c)
	}
	if k.voucher == Dead {
		k.voucher = nil
	}
	s.mu.Unlock()

	if x.opt&abi.MACH_SEND_NOTIFY != 0 && noted && destType.Received() == abi.MACH_MSG_TYPE_PORT_SEND {
		dp.mu.Lock()
		if dp.active && dp.receiver != KernelSpace && dp.full() {
			dp.arm(requestKey{s, dest})
		}
		dp.mu.Unlock()
	}
	k.bits = bits & abi.MACH_MSGH_BITS_COMPLEX
	k.setRemote(dp, destType.Received())
	k.setLocal(rp, replyType.Received())
	k.id = int32(get32(k.body, 20))
	return abi.MACH_MSG_SUCCESS
}

// isVoucher says whether e has a send right to a voucher that lives. s.mu is held.
func (s *Space) isVoucher(n abi.PortName, e *Entry) bool {
	if e.typ&abi.MACH_PORT_TYPE_SEND == 0 || s.check(n, e) {
		return false
	}
	e.port.mu.Lock()
	defer e.port.mu.Unlock()
	return e.port.kotype == abi.IKOT_VOUCHER
}

// measure checks the types and sizes of k's descriptors before any right
// moves, and sets x.udsc. Errors: MACH_SEND_MSG_TOO_SMALL, _INVALID_TYPE,
// _TOO_LARGE, _NO_BUFFER.
func (x *sender) measure(k *Kmsg, count uint32) abi.KernReturn {
	const start = abi.MsgHeaderSize + abi.MsgBodySize
	room := len(k.body) - start
	if room < 0 || uint64(count) > uint64(room)/abi.MsgPortDescSize {
		return abi.MACH_SEND_MSG_TOO_SMALL
	}
	pos, ports := 0, uint64(0)
	for range count {
		if pos+abi.MsgPortDescSize > room {
			return abi.MACH_SEND_MSG_TOO_SMALL
		}
		d := k.body[start+pos:]
		t := d[11]
		if t > abi.MACH_MSG_GUARDED_PORT_DESCRIPTOR {
			return abi.MACH_SEND_INVALID_TYPE
		}
		if pos += descSize(t); pos > room {
			return abi.MACH_SEND_MSG_TOO_SMALL
		}
		switch t {
		case abi.MACH_MSG_PORT_DESCRIPTOR:
			ports++
		case abi.MACH_MSG_OOL_DESCRIPTOR, abi.MACH_MSG_OOL_VOLATILE_DESCRIPTOR:
			if d[9] > abi.MACH_MSG_VIRTUAL_COPY {
				return abi.MACH_SEND_INVALID_TYPE
			}
		case abi.MACH_MSG_OOL_PORTS_DESCRIPTOR:
			ports += uint64(get32(d, 12))
		case abi.MACH_MSG_GUARDED_PORT_DESCRIPTOR:
			ports++
			flags := binary.LittleEndian.Uint16(d[8:])
			ctx := binary.LittleEndian.Uint64(d)
			if abi.MsgType(d[10]) != abi.MACH_MSG_TYPE_MOVE_RECEIVE ||
				flags == 0 || flags&^abi.MACH_MSG_GUARD_FLAGS_MASK != 0 ||
				flags&abi.MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND != 0 && ctx != 0 {
				return abi.MACH_SEND_INVALID_TYPE
			}
		}
		if ports > maxMsgPorts {
			return abi.MACH_SEND_TOO_LARGE
		}
	}
	if !k.charge(int64(count)*descCost + int64(ports)*rightCost) {
		return abi.MACH_SEND_NO_BUFFER
	}
	x.udsc = k.body[start : start+pos]
	return abi.MACH_MSG_SUCCESS
}

// copyinBody is ipc_kmsg_copyin_body: it takes the rights and the memory that
// the descriptors name. When it fails, what was taken so far is k's, and the
// caller destroys k: a failed body loses the rights, as in XNU.
// Errors: MACH_SEND_INVALID_RIGHT, _INVALID_MEMORY, _INVALID_TYPE, MACH_MSG_VM_KERNEL
// when there is no memory for a copy.
func (x *sender) copyinBody(k *Kmsg) abi.KernReturn {
	u := x.udsc
	for len(u) > 0 {
		t := u[11]
		k.desc = append(k.desc, Desc{Type: t})
		d := &k.desc[len(k.desc)-1]
		kr := abi.MACH_MSG_SUCCESS
		switch t {
		case abi.MACH_MSG_PORT_DESCRIPTOR:
			kr = x.copyinPort(k, d, abi.PortName(get32(u, 0)), abi.MsgType(u[10]))
		case abi.MACH_MSG_GUARDED_PORT_DESCRIPTOR:
			d.Flags = binary.LittleEndian.Uint16(u[8:])
			d.Context = binary.LittleEndian.Uint64(u)
			kr = x.copyinGuarded(k, d, abi.PortName(get32(u, 12)))
		case abi.MACH_MSG_OOL_PORTS_DESCRIPTOR:
			d.Dealloc, d.Copy = u[8] != 0, u[9]
			kr = x.copyinPorts(k, d, machine.Addr(binary.LittleEndian.Uint64(u)), get32(u, 12), abi.MsgType(u[10]))
		default:
			d.Dealloc, d.Copy, d.Size = u[8] != 0, u[9], get32(u, 12)
			if d.Size > 0 {
				d.Mem, kr = x.ool.CopyInOOL(machine.Addr(binary.LittleEndian.Uint64(u)), uint64(d.Size), d.Dealloc, d.Copy == abi.MACH_MSG_PHYSICAL_COPY)
				switch kr {
				case abi.KERN_SUCCESS:
				case abi.KERN_RESOURCE_SHORTAGE:
					d.Mem, kr = nil, abi.MACH_MSG_VM_KERNEL
				default:
					d.Mem, kr = nil, abi.MACH_SEND_INVALID_MEMORY
				}
			}
		}
		if kr != abi.MACH_MSG_SUCCESS {
			return kr
		}
		u = u[descSize(t):]
	}
	return abi.MACH_MSG_SUCCESS
}

// take gets one right for k; receive rights are checked for circles.
func (x *sender) take(k *Kmsg, n abi.PortName, t abi.MsgType) (*Port, abi.KernReturn) {
	if n == abi.MACH_PORT_NULL {
		return nil, abi.KERN_SUCCESS
	}
	if n == abi.MACH_PORT_DEAD {
		return Dead, abi.KERN_SUCCESS
	}
	e := x.s.table.lookup(n)
	if e == nil {
		return nil, abi.KERN_INVALID_NAME
	}
	p, kr := x.s.copyin(n, e, t, deadOK, x.c)
	if kr == abi.KERN_SUCCESS && t == abi.MACH_MSG_TYPE_MOVE_RECEIVE && p.arrive(k.remote) {
		k.circular = true
	}
	return p, kr
}

func (x *sender) copyinPort(k *Kmsg, d *Desc, n abi.PortName, t abi.MsgType) abi.KernReturn {
	d.Disp = t.Received()
	if kr := x.s.lock(abi.MACH_SEND_INVALID_RIGHT); kr != abi.KERN_SUCCESS {
		return kr
	}
	p, kr := x.take(k, n, t)
	x.s.mu.Unlock()
	if kr != abi.KERN_SUCCESS {
		x.blame(n, kr)
		return abi.MACH_SEND_INVALID_RIGHT
	}
	d.Port = p
	return abi.MACH_MSG_SUCCESS
}

// blame raises the guard exception of a right that must not move.
func (x *sender) blame(n abi.PortName, kr abi.KernReturn) {
	if kr == abi.KERN_INVALID_CAPABILITY {
		x.s.guard(n, abi.KGUARD_EXC_IMMOVABLE, 0)
	}
}

func (x *sender) copyinGuarded(k *Kmsg, d *Desc, n abi.PortName) abi.KernReturn {
	d.Disp = abi.MACH_MSG_TYPE_PORT_RECEIVE
	if kr := x.s.lock(abi.MACH_SEND_INVALID_RIGHT); kr != abi.KERN_SUCCESS {
		return kr
	}
	if e := x.s.table.lookup(n); e != nil && e.typ&abi.MACH_PORT_TYPE_RECEIVE != 0 {
		e.port.mu.Lock()
		guarded, ctx := e.port.flags&portGuarded != 0, e.port.context
		e.port.mu.Unlock()
		want := d.Flags&abi.MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND == 0
		if guarded != want || guarded && ctx != d.Context {
			x.s.mu.Unlock()
			x.s.guard(n, abi.KGUARD_EXC_INCORRECT_GUARD, ctx)
			return abi.MACH_SEND_INVALID_RIGHT
		}
	}
	p, kr := x.take(k, n, abi.MACH_MSG_TYPE_MOVE_RECEIVE)
	x.s.mu.Unlock()
	if kr != abi.KERN_SUCCESS {
		x.blame(n, kr)
		return abi.MACH_SEND_INVALID_RIGHT
	}
	d.Port = p
	return abi.MACH_MSG_SUCCESS
}

func (x *sender) copyinPorts(k *Kmsg, d *Desc, a machine.Addr, count uint32, t abi.MsgType) abi.KernReturn {
	if !t.IsPort() {
		return abi.MACH_SEND_INVALID_TYPE
	}
	d.Disp = t.Received()
	if count == 0 {
		return abi.MACH_MSG_SUCCESS
	}
	names := make([]byte, 4*count)
	if x.mem.CopyIn(names, a) != abi.KERN_SUCCESS {
		return abi.MACH_SEND_INVALID_MEMORY
	}
	if d.Dealloc && x.ool.DeallocateOOL(a, uint64(len(names))) != abi.KERN_SUCCESS {
		return abi.MACH_SEND_INVALID_MEMORY
	}
	d.Ports = make([]*Port, 0, count)
	if kr := x.s.lock(abi.MACH_SEND_INVALID_RIGHT); kr != abi.KERN_SUCCESS {
		return kr
	}
	for i := range int(count) {
		n := abi.PortName(get32(names, 4*i))
		p, kr := x.take(k, n, t)
		if kr != abi.KERN_SUCCESS {
			x.s.mu.Unlock()
			x.blame(n, kr)
			return abi.MACH_SEND_INVALID_RIGHT
		}
		d.Ports = append(d.Ports, p)
	}
	x.s.mu.Unlock()
	return abi.MACH_MSG_SUCCESS
}
