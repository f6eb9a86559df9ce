package mig

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/vm"
)

var le = binary.LittleEndian

// Buffer writes one message and reads another: a server's reply and request, or
// a client's request and reply. Generated code is its user.
type Buffer struct {
	out   []byte
	outd  []ipc.Desc
	in    *ipc.Kmsg
	body  []byte // of in, behind descriptors
	pos   int
	bad   bool
	small [512]byte
}

func (b *Buffer) start(in *ipc.Kmsg) {
	b.out, b.outd = b.small[:0], b.outd[:0]
	b.read(in)
}

func (b *Buffer) read(in *ipc.Kmsg) {
	b.in, b.body, b.pos, b.bad = in, nil, 0, false
}

// DescSpec is what a descriptor of a message must be: its type, and for rights
// how they arrive; 0 allows each kind.
type DescSpec struct {
	Type uint8
	Disp abi.MsgType
}

// Open begins to read a message whose data, NDR record included, has min to max
// bytes, and whose descriptors are as want says. MIG_BAD_ARGUMENTS,
// MIG_TYPE_ERROR.
func (b *Buffer) Open(min, max int, want []DescSpec) abi.KernReturn {
	k := b.in
	d := k.Descs()
	if k.IsComplex() != (len(want) > 0) || len(d) != len(want) {
		return MIG_BAD_ARGUMENTS
	}
	for i := range want {
		t := d[i].Type
		if t == abi.MACH_MSG_OOL_VOLATILE_DESCRIPTOR {
			t = abi.MACH_MSG_OOL_DESCRIPTOR
		}
		if t != want[i].Type || want[i].Disp != 0 && want[i].Disp != d[i].Disp {
			return MIG_TYPE_ERROR
		}
	}
	b.body = k.Body()[k.DataOffset():]
	if len(b.body) < min || len(b.body) > max {
		return MIG_BAD_ARGUMENTS
	}
	if max > 0 {
		b.pos = len(abi.NDRRecord)
	}
	return abi.KERN_SUCCESS
}

// Close says whether the message was exactly as long as what was read.
func (b *Buffer) Close() abi.KernReturn {
	if b.bad || b.pos != len(b.body) {
		return MIG_BAD_ARGUMENTS
	}
	return abi.KERN_SUCCESS
}

// Bytes reads n bytes and what rounds them up to 4. They are the message's own:
// copy what is kept.
func (b *Buffer) Bytes(n int) []byte {
	if n < 0 || n > len(b.body)-b.pos {
		b.bad = true
		return nil
	}
	l := b.body[b.pos : b.pos+n : b.pos+n]
	if b.pos += (n + 3) &^ 3; b.pos > len(b.body) {
		b.bad = true
	}
	return l
}

// Count reads the count of an array of at most max elements.
func (b *Buffer) Count(max int) int {
	n := b.Uint32()
	if n > uint32(max) {
		b.bad = true
		return 0
	}
	return int(n)
}

// Uint32 and its like read a scalar; zero from a message that is too short.
func (b *Buffer) Uint32() uint32 {
	if l := b.Bytes(4); l != nil {
		return le.Uint32(l)
	}
	return 0
}

func (b *Buffer) Uint64() uint64 {
	if l := b.Bytes(8); l != nil {
		return le.Uint64(l)
	}
	return 0
}

func (b *Buffer) Uint16() uint16 {
	if l := b.Bytes(2); l != nil {
		return le.Uint16(l)
	}
	return 0
}

func (b *Buffer) Uint8() uint8 {
	if l := b.Bytes(1); l != nil {
		return l[0]
	}
	return 0
}

// String reads a c_string: up to its zero in a field of n bytes.
func (b *Buffer) String(n int) string { return cstring(b.Bytes(n)) }

// VarString reads a c_string[*:max].
func (b *Buffer) VarString(max int) string {
	b.Uint32() // the offset, which is always 0
	return cstring(b.Bytes(b.Count(max)))
}

func cstring(l []byte) string {
	for i, c := range l {
		if c == 0 {
			return string(l[:i])
		}
	}
	return string(l)
}

// PutNDR begins the data of a message.
func (b *Buffer) PutNDR() { b.out = append(b.out, abi.NDRRecord[:]...) }

func (b *Buffer) PutUint32(v uint32) { b.out = le.AppendUint32(b.out, v) }
func (b *Buffer) PutUint64(v uint64) { b.out = le.AppendUint64(b.out, v) }
func (b *Buffer) PutUint16(v uint16) { b.out = append(le.AppendUint16(b.out, v), 0, 0) }
func (b *Buffer) PutUint8(v uint8)   { b.out = append(b.out, v, 0, 0, 0) }

// PutRaw writes bytes without padding; Pad follows the last.
func (b *Buffer) PutRaw(l []byte) { b.out = append(b.out, l...) }

// Pad rounds up to 4 bytes.
func (b *Buffer) Pad() {
	for len(b.out)&3 != 0 {
		b.out = append(b.out, 0)
	}
}

// PutString writes a c_string[n].
func (b *Buffer) PutString(s string, n int) {
	if len(s) >= n {
		s = s[:n-1]
	}
	b.out = append(b.out, s...)
	b.out = append(b.out, make([]byte, n-len(s))...)
	b.Pad()
}

// PutVarString writes a c_string[*:max].
func (b *Buffer) PutVarString(s string, max int) {
	if len(s) >= max {
		s = s[:max-1]
	}
	b.PutUint32(0)
	b.PutUint32(uint32(len(s) + 1))
	b.out = append(append(b.out, s...), 0)
	b.Pad()
}

// AddPort adds a right of type t, which the message consumes.
func (b *Buffer) AddPort(p *ipc.Port, t abi.MsgType) {
	b.outd = append(b.outd, ipc.Desc{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: t, Port: p})
}

// AddPorts adds an array of rights out of line, which the message consumes.
func (b *Buffer) AddPorts(l []*ipc.Port, t abi.MsgType) {
	b.outd = append(b.outd, ipc.Desc{Type: abi.MACH_MSG_OOL_PORTS_DESCRIPTOR, Disp: t, Ports: l,
		Copy: abi.MACH_MSG_VIRTUAL_COPY, Dealloc: true, Size: uint32(len(l))})
}

// AddCopy adds memory out of line, which the message consumes; nil for none.
func (b *Buffer) AddCopy(c ipc.Copy) {
	d := ipc.Desc{Type: abi.MACH_MSG_OOL_DESCRIPTOR, Copy: abi.MACH_MSG_VIRTUAL_COPY}
	if c != nil && c.Size() > 0 {
		d.Mem, d.Size = c, uint32(c.Size())
	} else if c != nil {
		c.Discard()
	}
	b.outd = append(b.outd, d)
}

// AddBytes adds bytes out of line, which it keeps.
func (b *Buffer) AddBytes(l []byte) {
	if len(l) == 0 {
		b.AddCopy(nil)
		return
	}
	b.AddCopy(vm.NewCopy(l))
}

// Discard destroys what has been written.
func (b *Buffer) Discard() {
	for i := range b.outd {
		d := &b.outd[i]
		ipc.Release(d.Port, d.Disp)
		for _, p := range d.Ports {
			ipc.Release(p, d.Disp)
		}
		if d.Mem != nil {
			d.Mem.Discard()
		}
	}
	b.out, b.outd = b.out[:0], b.outd[:0]
}
