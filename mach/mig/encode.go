package mig

import (
	"puggle/mach/ipc"
)

// Encoder writes the elements of an array out of line.
type Encoder []byte

func (e *Encoder) Raw8(v uint8)    { *e = append(*e, v) }
func (e *Encoder) Raw16(v uint16)  { *e = le.AppendUint16(*e, v) }
func (e *Encoder) Raw32(v uint32)  { *e = le.AppendUint32(*e, v) }
func (e *Encoder) Raw64(v uint64)  { *e = le.AppendUint64(*e, v) }
func (e *Encoder) PutRaw(b []byte) { *e = append(*e, b...) }

// Raw8 and its like write an element in line, without padding.
func (b *Buffer) Raw8(v uint8)   { b.out = append(b.out, v) }
func (b *Buffer) Raw16(v uint16) { b.out = le.AppendUint16(b.out, v) }
func (b *Buffer) Raw32(v uint32) { b.out = le.AppendUint32(b.out, v) }
func (b *Buffer) Raw64(v uint64) { b.out = le.AppendUint64(b.out, v) }

// Boolean is a boolean_t.
func Boolean(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// SizeOf is a copy's size, 0 for none.
func SizeOf(c ipc.Copy) int {
	if c == nil {
		return 0
	}
	return int(c.Size())
}
