package ipc

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/machine"
)

// copyoutHeader is ipc_kmsg_copyout_header: it uses up the destination right
// and gives the receiver the reply right. On failure, for want of names
// (MACH_RCV_HEADER_ERROR|MACH_MSG_IPC_SPACE), nothing has changed.
func (k *Kmsg) copyoutHeader(s *Space, opt abi.MsgOption, c *chores) abi.KernReturn {
	reply, voucher := abi.MACH_PORT_NULL, abi.MACH_PORT_NULL
	switch {
	case k.local == Dead:
		reply = abi.MACH_PORT_DEAD
	case k.local != nil:
		if kr := s.lock(abi.MACH_RCV_HEADER_ERROR | abi.MACH_MSG_IPC_SPACE); kr != abi.KERN_SUCCESS {
			return kr
		}
		n, kr := s.copyout(k.local, k.localType(), c)
		s.mu.Unlock()
		if kr != abi.KERN_SUCCESS {
			return abi.MACH_RCV_HEADER_ERROR | abi.MACH_MSG_IPC_SPACE
		}
		reply = n
	}
	bits := uint32(k.localType()) | uint32(k.remoteType())<<8 | k.bits&abi.MACH_MSGH_BITS_COMPLEX
	if k.voucher != nil && opt&abi.MACH_RCV_VOUCHER != 0 {
		// A voucher that finds no room is no reason to lose the message.
		if s.lock(abi.MACH_RCV_HEADER_ERROR) == abi.KERN_SUCCESS {
			n, kr := s.copyout(k.voucher, abi.MACH_MSG_TYPE_PORT_SEND, c)
			s.mu.Unlock()
			if kr == abi.KERN_SUCCESS {
				voucher, k.voucher = n, nil
				bits |= uint32(abi.MACH_MSG_TYPE_MOVE_SEND) << 16
			}
		}
	}
	k.dropVoucher(c)
	dest := k.remote.consumeDest(k.remoteType(), s, c)
	k.putHeader(bits, reply, dest, voucher)
	k.remote, k.local = nil, nil
	return abi.MACH_MSG_SUCCESS
}

func (k *Kmsg) putHeader(bits uint32, remote, local, voucher abi.PortName) {
	put32(k.body, 0, bits)
	put32(k.body, 4, uint32(len(k.body)))
	put32(k.body, 8, uint32(remote))
	put32(k.body, 12, uint32(local))
	put32(k.body, 16, uint32(voucher))
	put32(k.body, 20, uint32(k.id))
}

// receiverCtx is what receiving for a guest needs.
type receiverCtx struct {
	s    *Space
	mem  UserMem
	ool  OOL
	addr machine.Addr // where the message goes: the new guard of guarded ports
	c    *chores
}

// copyoutBody is ipc_kmsg_copyout_descriptors: k's rights and memory become the
// receiver's. What does not fit is destroyed, and the message arrives all the
// same, with MACH_RCV_BODY_ERROR's bits: MACH_MSG_IPC_SPACE, MACH_MSG_VM_SPACE.
func (x *receiverCtx) copyoutBody(k *Kmsg, pseudo bool) abi.KernReturn {
	if !k.IsComplex() {
		return 0
	}
	var mr abi.KernReturn
	put32(k.body, abi.MsgHeaderSize, uint32(len(k.desc)))
	rest := k.body[abi.MsgHeaderSize+abi.MsgBodySize:]
	for i := range k.desc {
		d := &k.desc[i]
		u := rest[:d.userSize()]
		rest = rest[len(u):]
		clear(u)
		switch d.Type {
		case abi.MACH_MSG_PORT_DESCRIPTOR:
			mr |= x.right(d, u[0:], u)
		case abi.MACH_MSG_GUARDED_PORT_DESCRIPTOR:
			p := d.Port
			mr |= x.right(d, u[12:], u)
			x.reguard(d, p, pseudo)
			binary.LittleEndian.PutUint64(u, d.Context)
			binary.LittleEndian.PutUint16(u[8:], d.Flags)
		case abi.MACH_MSG_OOL_PORTS_DESCRIPTOR:
			mr |= x.ports(d, u)
		default:
			mr |= x.memory(d, u)
		}
		u[11] = d.Type
		d.Port, d.Ports, d.Mem = nil, nil, nil
	}
	return mr
}

// name gives p's right to the space and its name; a right that finds no room
// is destroyed and leaves MACH_PORT_NULL.
func (x *receiverCtx) name(p *Port, t abi.MsgType) (abi.PortName, abi.KernReturn) {
	if x.s.active {
		if n, kr := x.s.copyout(p, t, x.c); kr == abi.KERN_SUCCESS {
			return n, 0
		}
	}
	release(p, t, x.c)
	return abi.MACH_PORT_NULL, abi.MACH_MSG_IPC_SPACE
}

// right puts d's one port into the descriptor u, its name at at.
func (x *receiverCtx) right(d *Desc, at, u []byte) abi.KernReturn {
	u[10] = byte(d.Disp)
	if !IsValid(d.Port) {
		put32(at, 0, uint32(nameOf(d.Port)))
		return 0
	}
	x.s.mu.Lock()
	n, kr := x.name(d.Port, d.Disp)
	x.s.mu.Unlock()
	put32(at, 0, uint32(n))
	return kr
}

// nameOf is the name of Null or Dead.
func nameOf(p *Port) abi.PortName {
	if p == Dead {
		return abi.MACH_PORT_DEAD
	}
	return abi.MACH_PORT_NULL
}

// reguard puts the sender's wish into effect: with IMMOVABLE_RECEIVE the port
// arrives guarded by the address of the receiver's buffer, and can't be moved
// on; a message that comes back to its sender leaves it movable.
func (x *receiverCtx) reguard(d *Desc, p *Port, pseudo bool) {
	if d.Flags&abi.MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE == 0 || !IsValid(p) {
		d.Context = 0
		return
	}
	d.Context = uint64(x.addr)
	d.Flags &^= abi.MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND
	p.mu.Lock()
	if p.receiver == x.s {
		p.flags |= portGuarded
		p.context = d.Context
		if !pseudo {
			p.flags |= portImmovableReceive
		}
	}
	p.mu.Unlock()
}

// ports is ipc_kmsg_copyout_ool_ports_descriptor.
func (x *receiverCtx) ports(d *Desc, u []byte) (mr abi.KernReturn) {
	u[8], u[9], u[10] = 1, abi.MACH_MSG_VIRTUAL_COPY, byte(d.Disp)
	if len(d.Ports) == 0 {
		return 0
	}
	names := make([]byte, 4*len(d.Ports))
	// Room for the array first: names nobody learns of would be lost.
	a, kr := x.ool.AllocateOOL(names)
	if kr != abi.KERN_SUCCESS {
		for _, p := range d.Ports {
			release(p, d.Disp, x.c)
		}
		return abi.MACH_MSG_VM_SPACE
	}
	x.s.mu.Lock()
	for i, p := range d.Ports {
		n := nameOf(p)
		if IsValid(p) {
			n, kr = x.name(p, d.Disp)
			mr |= kr
		}
		put32(names, 4*i, uint32(n))
	}
	x.s.mu.Unlock()
	if x.mem.CopyOut(a, names) != abi.KERN_SUCCESS {
		mr |= abi.MACH_MSG_VM_SPACE
	}
	binary.LittleEndian.PutUint64(u, uint64(a))
	put32(u, 12, uint32(len(d.Ports)))
	return mr
}

// memory is ipc_kmsg_copyout_ool_descriptor.
func (x *receiverCtx) memory(d *Desc, u []byte) abi.KernReturn {
	// The flag tells mach_msg_destroy whose the memory is; the sender's was for
	// the kernel alone.
	u[8], u[9] = 0, d.Copy
	if d.Copy == abi.MACH_MSG_VIRTUAL_COPY {
		u[8] = 1
	}
	if d.Mem == nil {
		return 0
	}
	a, kr := x.ool.CopyOutOOL(d.Mem)
	if kr != abi.KERN_SUCCESS {
		d.Mem.Discard()
		put32(u, 12, 0)
		return abi.MACH_MSG_VM_SPACE
	}
	binary.LittleEndian.PutUint64(u, uint64(a))
	put32(u, 12, d.Size)
	return 0
}

// copyoutPseudo gives a message that was not sent back to its sender:
// ipc_kmsg_copyout_pseudo. Rights come back under their names where those still
// exist, else under new ones, and dispositions become those of moving. It
// returns the bits of what failed.
func (x *receiverCtx) copyoutPseudo(k *Kmsg) (mr abi.KernReturn) {
	x.s.mu.Lock()
	dest, kr := x.name(k.remote, k.remoteType())
	mr |= kr
	reply := nameOf(k.local)
	if IsValid(k.local) {
		reply, kr = x.name(k.local, k.localType())
		mr |= kr
	}
	bits, voucher := k.bits, abi.MACH_PORT_NULL
	if k.voucher != nil {
		voucher, kr = x.name(k.voucher, abi.MACH_MSG_TYPE_PORT_SEND)
		mr |= kr
		bits |= uint32(abi.MACH_MSG_TYPE_MOVE_SEND) << 16
	}
	x.s.mu.Unlock()
	k.putHeader(bits, dest, reply, voucher)
	k.remote, k.local, k.voucher = nil, nil, nil
	return mr | x.copyoutBody(k, true)
}

// copyoutDest leaves only the header of a message that can't be received:
// ipc_kmsg_copyout_dest_to_user. Everything else is destroyed.
func (x *receiverCtx) copyoutDest(k *Kmsg) {
	dest := k.remote.consumeDest(k.remoteType(), x.s, x.c)
	reply := nameOf(k.local)
	if IsValid(k.local) {
		release(k.local, k.localType(), x.c)
	}
	k.dropVoucher(x.c)
	for i := range k.desc {
		k.desc[i].release(x.c)
	}
	k.desc = k.desc[:0]
	k.body = k.body[:abi.MsgHeaderSize]
	k.putHeader(uint32(k.localType())|uint32(k.remoteType())<<8|k.bits&abi.MACH_MSGH_BITS_COMPLEX, reply, dest, abi.MACH_PORT_NULL)
	k.remote, k.local = nil, nil
}

// trailer appends a trailer of n bytes to k's body.
func (k *Kmsg) trailer(n int, seqno uint32, ctx uint64) []byte {
	if n == minTrailer { // its type, 0, and size
		return append(k.body, 0, 0, 0, 0, minTrailer, 0, 0, 0)
	}
	t := k.trailerBytes(seqno, ctx)
	put32(t[:], 4, uint32(n))
	return append(k.body, t[:n]...)
}

// minTrailer is MACH_MSG_TRAILER_MINIMUM_SIZE.
const minTrailer = 8

// trailerBytes is the largest trailer, format 0 (MACH_MSG_TRAILER_FORMAT_0).
func (k *Kmsg) trailerBytes(seqno uint32, ctx uint64) (t [abi.MaxTrailerSize]byte) {
	put32(t[:], 8, seqno)
	put32(t[:], 12, k.sec[0])
	put32(t[:], 16, k.sec[1])
	for i, v := range k.audit {
		put32(t[:], 20+4*i, v)
	}
	binary.LittleEndian.PutUint64(t[52:], ctx)
	return t
}
