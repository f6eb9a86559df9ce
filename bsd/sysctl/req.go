package sysctl

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Req is struct sysctl_req: one call. The caller sets the exported fields; New
// is kernel memory, read once from the guest.
type Req struct {
	Ctx *sys.Context
	// HasOld says that there is a buffer of OldLen bytes; without it only the
	// length is wanted.
	HasOld bool
	OldLen uint64
	// HasNew says that a value is to be set: New.
	HasNew bool
	New    []byte

	out    []byte
	size   uint64
	newIdx int
}

// Out is SYSCTL_OUT: it adds b to the old value. It always succeeds; a buffer
// that turns out to be too short fails the call when the handler is done.
func (r *Req) Out(b []byte) abi.Errno {
	r.size += uint64(len(b))
	if r.HasOld && r.size <= r.OldLen {
		r.out = append(r.out, b...)
	}
	return 0
}

// Rewind goes back to where the next Out writes (oldidx), for a handler that replaces
// what it has given. Going forward does nothing.
func (r *Req) Rewind(at uint64) {
	if at < r.size {
		r.size = at
		r.out = r.out[:min(at, uint64(len(r.out)))]
	}
}

// In is SYSCTL_IN: it takes len(b) bytes of the new value. EINVAL when there
// are fewer.
func (r *Req) In(b []byte) abi.Errno {
	if len(r.New)-r.newIdx < len(b) {
		return abi.EINVAL
	}
	r.newIdx += copy(b, r.New[r.newIdx:])
	return 0
}

// Result is what goes back to the guest: the bytes for the buffer, and the
// length to store. With ENOMEM there are no bytes, and the length is the one
// needed.
func (r *Req) Result() (old []byte, length uint64) {
	if r.size > r.OldLen {
		return nil, r.size
	}
	return r.out, r.size
}

// short says that the buffer was too short.
func (r *Req) short() bool { return r.HasOld && r.size > r.OldLen }

// reset begins a request anew.
func (r *Req) reset() { r.out, r.size, r.newIdx = r.out[:0], 0, 0 }

// OutInt gives a CTLTYPE_INT.
func (r *Req) OutInt(v int32) abi.Errno {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(v))
	return r.Out(b[:])
}

// OutQuad gives a CTLTYPE_QUAD; a guest that has room for an int gets an int if
// the value fits, else ERANGE.
func (r *Req) OutQuad(v int64) abi.Errno {
	if r.HasOld && r.OldLen == 4 {
		if int64(int32(v)) != v {
			return abi.ERANGE
		}
		return r.OutInt(int32(v))
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(v))
	return r.Out(b[:])
}

// OutString gives a CTLTYPE_STRING with its NUL.
func (r *Req) OutString(s string) abi.Errno {
	return r.Out(append(append(make([]byte, 0, len(s)+1), s...), 0))
}

// InNumber takes a number of 4 or 8 bytes; EINVAL for another length.
func (r *Req) InNumber() (int64, abi.Errno) {
	switch len(r.New) {
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(r.New))), 0
	case 8:
		return int64(binary.LittleEndian.Uint64(r.New)), 0
	}
	return 0, abi.EINVAL
}

// InString takes a string of at most max bytes, without its NUL; EINVAL when it
// is longer.
func (r *Req) InString(max int) (string, abi.Errno) {
	if len(r.New) > max {
		return "", abi.EINVAL
	}
	for i, c := range r.New {
		if c == 0 {
			return string(r.New[:i]), 0
		}
	}
	return string(r.New), 0
}
