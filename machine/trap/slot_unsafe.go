package trap

import (
	"unsafe"

	"puggle/machine"
)

// slot is the page-aligned record that a guest thread's stub and the kernel
// share. Its memory is guest-writable: nothing in it is believed, only read
// once. Offsets are stub.S's; what each line is for is said there.
type slot struct {
	// Line 0 changes hands.
	state, stubSleeps       uint32
	kind, _                 uint32
	rax, rdi, rsi, rdx, r10 uint64
	handoff                 uint64

	// Line 1, the kernel's.
	resume     uint32
	kick       uint32
	kcpu       uint32
	spin       uint32
	setGS      uint32
	kernSleeps uint32
	localOK    uint32
	_          uint32
	bell       uint64
	_          [3]uint64

	// The stub's.
	r8, r9, rip, rsp, rbx, rbp uint64
	r12, r13, r14, r15         uint64
	rcx, r11, rflags, gsbase   uint64
	signo, tid                 uint32
	frame, info                uint64
	local, cpu, lost           uint32
}

// loadArgs copies what most calls need of what a fast trap stored: the number and
// four arguments.
func (s *slot) loadArgs(r *machine.Regs) {
	r.Rax, r.Rdi, r.Rsi, r.Rdx, r.R10 = s.rax, s.rdi, s.rsi, s.rdx, s.r10
}

// loadRest copies the others.
func (s *slot) loadRest(r *machine.Regs) {
	r.R8, r.R9, r.Rip, r.Rsp, r.Rbx, r.Rbp = s.r8, s.r9, s.rip, s.rsp, s.rbx, s.rbp
	r.R12, r.R13, r.R14, r.R15 = s.r12, s.r13, s.r14, s.r15
	r.Rcx, r.R11 = r.Rip, 0x202
}

// store sets all registers for a full resume.
func (s *slot) store(r *machine.Regs) {
	s.rax, s.rdi, s.rsi, s.rdx = r.Rax, r.Rdi, r.Rsi, r.Rdx
	s.r10, s.r8, s.r9 = r.R10, r.R8, r.R9
	s.rip, s.rsp, s.rbx, s.rbp = r.Rip, r.Rsp, r.Rbx, r.Rbp
	s.r12, s.r13, s.r14, s.r15 = r.R12, r.R13, r.R14, r.R15
	s.rcx, s.r11, s.rflags, s.gsbase = r.Rcx, r.R11, r.Rflags, r.GSBase
}

const (
	stateRun     = 0 // and stateCarry
	stateTrapped = 1
	stateCarry   = 2
	stateFull    = 3

	kindFast   = 1
	kindHeld   = 2
	kindStart  = 3
	kindSignal = 4
	kindSys    = 5

	resumeRet   = 0
	resumeFull  = 1
	resumeFullX = 2
	resumeAgain = 3
)

func init() {
	var s slot
	if unsafe.Offsetof(s.r10) != 0x30 || unsafe.Offsetof(s.resume) != 0x40 || unsafe.Offsetof(s.localOK) != 0x58 ||
		unsafe.Offsetof(s.bell) != 0x60 || unsafe.Offsetof(s.r8) != 0x80 || unsafe.Offsetof(s.rcx) != 0xd0 ||
		unsafe.Offsetof(s.info) != 0x100 || unsafe.Offsetof(s.lost) != 0x110 {
		panic("trap: slot layout")
	}
}

// slotAt is the kernel's view of the slot at p.
func (m *memory) slotAt(p machine.Phys) *slot {
	return (*slot)(unsafe.Pointer(&m.base[p]))
}

// word is a 32-bit word of physical memory, for atomics and futexes.
func (m *memory) word(p machine.Phys) *uint32 {
	return (*uint32)(unsafe.Pointer(&m.base[p]))
}

// word32 is the first four bytes of b, which must be aligned, for atomics.
func word32(b []byte) *uint32 { return (*uint32)(unsafe.Pointer(&b[0])) }

// low32 is the low half of a 64-bit word.
func low32(w *uint64) *uint32 { return (*uint32)(unsafe.Pointer(w)) }

// word64 is a 64-bit word of physical memory, for atomics.
func (m *memory) word64(p machine.Phys) *uint64 {
	return (*uint64)(unsafe.Pointer(&m.base[p]))
}
