package ipc

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// Msg2Args are the eight words of mach_msg2_trap, in order.
type Msg2Args struct {
	Data                machine.Addr
	Options             uint64
	BitsAndSendSize     uint64 // low half first in each of the pairs
	RemoteAndLocal      uint64
	VoucherAndID        uint64
	DescCountAndRcvName uint64
	RcvSizeAndPriority  uint64
	Timeout             uint64
}

// Msg2 is mach_msg2_trap: Msg with the header in registers, and with
// MACH64_MSG_VECTOR a message and its auxiliary data apart. A send must say
// what kind of port it expects (one of the MACH64_SEND_*_CALL bits):
// MACH_SEND_INVALID_OPTIONS otherwise.
func (s *Space) Msg2(th *sched.Thread, mem UserMem, ool OOL, m *Msg2Args) abi.KernReturn {
	opt := abi.MsgOption(m.Options)
	a := &MsgArgs{
		Addr:    m.Data,
		Option:  opt & 0xffffffff,
		Send:    uint32(m.BitsAndSendSize >> 32),
		Rcv:     uint32(m.RcvSizeAndPriority),
		RcvName: abi.PortName(m.DescCountAndRcvName >> 32),
		Timeout: uint32(m.Timeout),
		dsc:     uint32(m.DescCountAndRcvName),
	}
	if opt&abi.MACH_SEND_MSG != 0 && opt&abi.MACH64_MSG_OPTION_CFIMASK == 0 {
		return abi.MACH_SEND_INVALID_OPTIONS
	}
	var h [abi.MsgHeaderSize]byte
	put32(h[:], 0, uint32(m.BitsAndSendSize))
	put32(h[:], 8, uint32(m.RemoteAndLocal))
	put32(h[:], 12, uint32(m.RemoteAndLocal>>32))
	put32(h[:], 16, uint32(m.VoucherAndID))
	put32(h[:], 20, uint32(m.VoucherAndID>>32))
	if opt&abi.MACH64_MSG_VECTOR != 0 {
		if kr := a.vector(mem, opt); kr != abi.MACH_MSG_SUCCESS {
			return kr
		}
	}
	put32(h[:], 4, a.Send)
	a.header = &h
	return s.Msg(th, mem, ool, a)
}

// vector reads the one or two mach_msg_vector_t at a.Addr; Send and Rcv are
// their numbers.
func (a *MsgArgs) vector(mem UserMem, opt abi.MsgOption) abi.KernReturn {
	var n uint32
	if opt&abi.MACH_SEND_MSG != 0 {
		n = a.Send
		if n < 1 {
			return abi.MACH_SEND_MSG_TOO_SMALL
		}
		if n > 2 {
			return abi.MACH_SEND_TOO_LARGE
		}
	}
	rn := uint32(0)
	if opt&abi.MACH_RCV_MSG != 0 {
		rn = a.Rcv
		if rn < 1 || rn > 2 {
			return abi.MACH_RCV_INVALID_ARGUMENTS
		}
	}
	a.vectors = true
	var v [2 * abi.MsgVectorSize]byte
	b := v[:max(n, rn)*abi.MsgVectorSize]
	if mem.CopyIn(b, a.Addr) != abi.KERN_SUCCESS {
		if n > 0 {
			return abi.MACH_SEND_INVALID_DATA
		}
		return abi.MACH_RCV_INVALID_DATA
	}
	addr := func(off int) machine.Addr { return machine.Addr(binary.LittleEndian.Uint64(v[off:])) }
	a.Addr, a.RcvAddr = addr(0), addr(8)
	a.Send, a.Rcv = get32(v[:], 16), get32(v[:], 20)
	if n == 0 {
		a.Send = 0
	}
	if n == 2 {
		if a.auxSend = get32(v[:], 40); a.auxSend != 0 && a.auxSend < abi.MsgAuxHeaderSize {
			return abi.MACH_SEND_AUX_TOO_SMALL
		} else if a.auxSend > auxMax {
			return abi.MACH_SEND_AUX_TOO_LARGE
		}
		a.auxAddr = addr(24)
	}
	if rn == 2 {
		a.auxRcv = get32(v[:], 44)
		if a.auxRcvA = addr(32); a.auxRcvA == 0 {
			a.auxRcvA = addr(24)
		}
		if a.auxRcv != 0 && a.auxRcv < abi.MsgAuxHeaderSize {
			return abi.MACH_RCV_INVALID_ARGUMENTS
		}
	}
	return abi.MACH_MSG_SUCCESS
}

// auxMax is IPC_KMSG_MAX_AUX_DATA_SPACE.
const auxMax = 1024

// putAux gives the receiver the auxiliary data, or a header that says there is
// none. The header's size is ours, not the sender's.
func (k *Kmsg) putAux(mem UserMem, a *MsgArgs, kr abi.KernReturn) abi.KernReturn {
	var h [abi.MsgAuxHeaderSize]byte
	out := h[:]
	if len(k.aux) <= int(a.auxRcv) && len(k.aux) > 0 {
		out = k.aux
	}
	put32(out, 0, uint32(len(out)))
	put32(out, 4, 0)
	if len(k.aux) == 0 {
		put32(out, 0, 0)
	}
	if mem.CopyOut(a.auxRcvA, out) != abi.KERN_SUCCESS {
		return abi.MACH_RCV_INVALID_DATA
	}
	return kr
}
