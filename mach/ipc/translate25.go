package ipc

import (
	"encoding/binary"

	"puggle/abi"
)

// A message of one generation to a receiver of the other. Simple messages keep
// their data as it is; only the headers differ, and those are written at
// copyout. Both functions report whether the result fits into room bytes; the
// message is unchanged if not.

// type25 appends a long-form type descriptor.
func type25(b []byte, name, size uint16, number uint32, inline bool) []byte {
	w := uint32(1) << 29
	if inline {
		w |= 1 << 28
	}
	b = binary.LittleEndian.AppendUint32(b, w)
	b = binary.LittleEndian.AppendUint16(b, name)
	b = binary.LittleEndian.AppendUint16(b, size)
	return binary.LittleEndian.AppendUint32(b, number)
}

// translateTo25 gives k the Mach 2.5 form: an item for each descriptor, then
// the inline data as one item of bytes.
func (k *Kmsg) translateTo25(room int) bool {
	if !k.IsComplex() {
		k.old = true
		return true
	}
	b := make([]byte, abi.MSG25HeaderSize, len(k.body)+16*len(k.desc)+16)
	offs := make([]int, len(k.desc))
	for i := range k.desc {
		d := &k.desc[i]
		name := uint16(abi.MSG_TYPE_PORT)
		if d.Disp == abi.MACH_MSG_TYPE_PORT_RECEIVE {
			name = abi.MSG_TYPE_PORT_ALL
		}
		room := 8
		switch d.Type {
		case abi.MACH_MSG_PORT_DESCRIPTOR, abi.MACH_MSG_GUARDED_PORT_DESCRIPTOR:
			b, room = type25(b, name, 32, 1, true), 4
		case abi.MACH_MSG_OOL_PORTS_DESCRIPTOR:
			b = type25(b, name, 32, uint32(len(d.Ports)), false)
		default:
			b = type25(b, abi.MSG_TYPE_BYTE, 8, d.Size, false)
		}
		offs[i] = len(b)
		b = append(b, make([]byte, room)...)
	}
	if data := k.Body()[k.DataOffset():]; len(data) > 0 {
		b = append(type25(b, abi.MSG_TYPE_BYTE, 8, uint32(len(data)), true), data...)
	}
	if len(b) > room {
		return false
	}
	for i, off := range offs {
		k.desc[i].off = off
	}
	k.body, k.old = b, true
	return true
}

// translateFrom25 gives an old message the Mach 3 form: descriptors first, then
// the old items as inline data, their names and pointers zero.
func (k *Kmsg) translateFrom25(room int) bool {
	k.old = false
	if !k.IsComplex() {
		return true
	}
	n := abi.MsgHeaderSize + abi.MsgBodySize
	for i := range k.desc {
		n += k.desc[i].userSize()
	}
	items := k.body[abi.MSG25HeaderSize:]
	if n+len(items) > room {
		return false
	}
	for i := range k.desc {
		d := &k.desc[i]
		w := 8
		if d.Type == abi.MACH_MSG_PORT_DESCRIPTOR {
			w = 4
		}
		clear(k.body[d.off : d.off+w])
	}
	b := make([]byte, n+len(items), n+len(items)+abi.MaxTrailerSize)
	copy(b[n:], items)
	k.body = b
	return true
}
