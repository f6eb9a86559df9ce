package abi

import "encoding/binary"

// Kevent is an event or a change as kernel code holds it: everything that any
// of the three guest layouts (<sys/event.h>, <sys/event_private.h>) has.
type Kevent struct {
	Ident  uint64
	Filter int16
	Flags  uint16 // EV_*
	Qos    int32
	Udata  uint64
	Fflags uint32 // NOTE_*
	Xflags uint32
	Data   int64
	Ext    [4]uint64
}

// Sizes of struct kevent, struct kevent64_s and struct kevent_qos_s.
const (
	KeventSize    = 32
	Kevent64Size  = 48
	KeventQosSize = 72
)

// Unmarshal reads a struct kevent from the guest's 32 bytes.
func (k *Kevent) Unmarshal(b *[KeventSize]byte) {
	le := binary.LittleEndian
	*k = Kevent{
		Ident:  le.Uint64(b[0:]),
		Filter: int16(le.Uint16(b[8:])),
		Flags:  le.Uint16(b[10:]),
		Fflags: le.Uint32(b[12:]),
		Data:   int64(le.Uint64(b[16:])),
		Udata:  le.Uint64(b[24:]),
	}
}

// Marshal writes a struct kevent.
func (k *Kevent) Marshal(b *[KeventSize]byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], k.Ident)
	le.PutUint16(b[8:], uint16(k.Filter))
	le.PutUint16(b[10:], k.Flags)
	le.PutUint32(b[12:], k.Fflags)
	le.PutUint64(b[16:], uint64(k.Data))
	le.PutUint64(b[24:], k.Udata)
}

// Unmarshal64 reads a struct kevent64_s: a struct kevent and two words.
func (k *Kevent) Unmarshal64(b *[Kevent64Size]byte) {
	k.Unmarshal((*[KeventSize]byte)(b[:]))
	k.Ext[0] = binary.LittleEndian.Uint64(b[32:])
	k.Ext[1] = binary.LittleEndian.Uint64(b[40:])
}

// Marshal64 writes a struct kevent64_s.
func (k *Kevent) Marshal64(b *[Kevent64Size]byte) {
	k.Marshal((*[KeventSize]byte)(b[:]))
	binary.LittleEndian.PutUint64(b[32:], k.Ext[0])
	binary.LittleEndian.PutUint64(b[40:], k.Ext[1])
}

// UnmarshalQos reads a struct kevent_qos_s, whose fields are in another order.
func (k *Kevent) UnmarshalQos(b *[KeventQosSize]byte) {
	le := binary.LittleEndian
	*k = Kevent{
		Ident:  le.Uint64(b[0:]),
		Filter: int16(le.Uint16(b[8:])),
		Flags:  le.Uint16(b[10:]),
		Qos:    int32(le.Uint32(b[12:])),
		Udata:  le.Uint64(b[16:]),
		Fflags: le.Uint32(b[24:]),
		Xflags: le.Uint32(b[28:]),
		Data:   int64(le.Uint64(b[32:])),
	}
	for i := range k.Ext {
		k.Ext[i] = le.Uint64(b[40+8*i:])
	}
}

// MarshalQos writes a struct kevent_qos_s.
func (k *Kevent) MarshalQos(b *[KeventQosSize]byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], k.Ident)
	le.PutUint16(b[8:], uint16(k.Filter))
	le.PutUint16(b[10:], k.Flags)
	le.PutUint32(b[12:], uint32(k.Qos))
	le.PutUint64(b[16:], k.Udata)
	le.PutUint32(b[24:], k.Fflags)
	le.PutUint32(b[28:], k.Xflags)
	le.PutUint64(b[32:], uint64(k.Data))
	for i := range k.Ext {
		le.PutUint64(b[40+8*i:], k.Ext[i])
	}
}

// Actions and flags of a kevent.
const (
	EV_ADD            uint16 = 0x0001
	EV_DELETE         uint16 = 0x0002
	EV_ENABLE         uint16 = 0x0004
	EV_DISABLE        uint16 = 0x0008
	EV_ONESHOT        uint16 = 0x0010
	EV_CLEAR          uint16 = 0x0020
	EV_RECEIPT        uint16 = 0x0040
	EV_DISPATCH       uint16 = 0x0080
	EV_UDATA_SPECIFIC uint16 = 0x0100
	EV_DISPATCH2      uint16 = EV_DISPATCH | EV_UDATA_SPECIFIC
	EV_VANISHED       uint16 = 0x0200
	EV_POLL           uint16 = 0x1000 // in: poll(2) semantics (kernel only)
	EV_OOBAND         uint16 = 0x2000
	EV_ERROR          uint16 = 0x4000
	EV_EOF            uint16 = 0x8000
	EV_SYSFLAGS       uint16 = 0xf000
)

// Flags of the kevent64 and kevent_qos calls.
const (
	KEVENT_FLAG_IMMEDIATE    = 0x001
	KEVENT_FLAG_ERROR_EVENTS = 0x002
	KEVENT_FLAG_STACK_DATA   = 0x008
	KEVENT_FLAG_WORKQ        = 0x020
	KEVENT_FLAG_WORKLOOP     = 0x400
)

// EVFILT_USER.
const (
	NOTE_TRIGGER    uint32 = 0x01000000
	NOTE_FFNOP      uint32 = 0x00000000
	NOTE_FFAND      uint32 = 0x40000000
	NOTE_FFOR       uint32 = 0x80000000
	NOTE_FFCOPY     uint32 = 0xc0000000
	NOTE_FFCTRLMASK uint32 = 0xc0000000
	NOTE_FFLAGSMASK uint32 = 0x00ffffff
)

// EVFILT_READ, EVFILT_WRITE and EVFILT_EXCEPT.
const (
	NOTE_LOWAT uint32 = 0x1
	NOTE_OOB   uint32 = 0x2
)

// EVFILT_VNODE.
const (
	NOTE_DELETE  uint32 = 0x01
	NOTE_WRITE   uint32 = 0x02
	NOTE_EXTEND  uint32 = 0x04
	NOTE_ATTRIB  uint32 = 0x08
	NOTE_LINK    uint32 = 0x10
	NOTE_RENAME  uint32 = 0x20
	NOTE_REVOKE  uint32 = 0x40
	NOTE_NONE    uint32 = 0x80
	NOTE_FUNLOCK uint32 = 0x100
)

// EVFILT_PROC and EVFILT_SIGNAL, which share the process's list: a hint is one
// of the high bits, with the signal, wait status or child's pid in PDATAMASK.
const (
	NOTE_EXIT        uint32 = 0x80000000
	NOTE_FORK        uint32 = 0x40000000
	NOTE_EXEC        uint32 = 0x20000000
	NOTE_REAP        uint32 = 0x10000000
	NOTE_SIGNAL      uint32 = 0x08000000
	NOTE_EXITSTATUS  uint32 = 0x04000000
	NOTE_EXIT_DETAIL uint32 = 0x02000000
	NOTE_PDATAMASK   uint32 = 0x000fffff
	NOTE_PCTRLMASK   uint32 = 0xfff00000
	NOTE_TRACK       uint32 = 0x1
	NOTE_TRACKERR    uint32 = 0x2
	NOTE_CHILD       uint32 = 0x4
)

// EVFILT_TIMER.
const (
	NOTE_SECONDS              uint32 = 0x001
	NOTE_USECONDS             uint32 = 0x002
	NOTE_NSECONDS             uint32 = 0x004
	NOTE_ABSOLUTE             uint32 = 0x008
	NOTE_LEEWAY               uint32 = 0x010
	NOTE_CRITICAL             uint32 = 0x020
	NOTE_BACKGROUND           uint32 = 0x040
	NOTE_MACH_CONTINUOUS_TIME uint32 = 0x080
	NOTE_MACHTIME             uint32 = 0x100
)
