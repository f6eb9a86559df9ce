package abi

import "encoding/binary"

// Sizes and offsets of the signal frame's parts on x86-64: struct ucontext64
// (<sys/ucontext.h>) and struct mcontext64 (<i386/_mcontext.h>).
const (
	Ucontext64Size = 56
	Mcontext64Size = 16 + 168 + 524

	MctxES = 0   // struct x86_exception_state64
	MctxSS = 16  // struct x86_thread_state64
	MctxFS = 184 // struct x86_float_state64
	// MctxFX is where the FXSAVE image lies in the float state: behind
	// fpu_reserved.
	MctxFX     = MctxFS + 8
	FXSaveSize = 512
)

// Values of infostyle, by which libSystem's trampoline knows what it was given
// (<i386/unix_signal.c>).
const (
	UC_TRAD            = 1
	UC_FLAVOR          = 30
	UC_SET_ALT_STACK   = 0x40000000
	UC_RESET_ALT_STACK = 0x80000000
)

// StackT is stack_t.
type StackT struct {
	SP    uint64
	Size  uint64
	Flags int32
}

// StackTSize is the size of a 64-bit stack_t.
const StackTSize = 24

// Marshal writes the guest's layout.
func (s *StackT) Marshal(b []byte) {
	le := binary.LittleEndian
	le.PutUint64(b[0:], s.SP)
	le.PutUint64(b[8:], s.Size)
	le.PutUint32(b[16:], uint32(s.Flags))
	le.PutUint32(b[20:], 0)
}

// Unmarshal reads the guest's layout.
func (s *StackT) Unmarshal(b []byte) {
	le := binary.LittleEndian
	s.SP = le.Uint64(b[0:])
	s.Size = le.Uint64(b[8:])
	s.Flags = int32(le.Uint32(b[16:]))
}

// Ucontext is struct ucontext64.
type Ucontext struct {
	Onstack  int32
	Sigmask  uint32
	Stack    StackT
	Link     uint64
	Mcsize   uint64
	Mcontext uint64
}

// Marshal writes the guest's layout.
func (u *Ucontext) Marshal(b *[Ucontext64Size]byte) {
	le := binary.LittleEndian
	le.PutUint32(b[0:], uint32(u.Onstack))
	le.PutUint32(b[4:], u.Sigmask)
	u.Stack.Marshal(b[8:])
	le.PutUint64(b[32:], u.Link)
	le.PutUint64(b[40:], u.Mcsize)
	le.PutUint64(b[48:], u.Mcontext)
}

// Unmarshal reads the guest's layout.
func (u *Ucontext) Unmarshal(b *[Ucontext64Size]byte) {
	le := binary.LittleEndian
	u.Onstack = int32(le.Uint32(b[0:]))
	u.Sigmask = le.Uint32(b[4:])
	u.Stack.Unmarshal(b[8:])
	u.Link = le.Uint64(b[32:])
	u.Mcsize = le.Uint64(b[40:])
	u.Mcontext = le.Uint64(b[48:])
}
