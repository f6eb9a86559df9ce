package trap

import (
	"unsafe"

	"puggle/machine"
)

// slot is the page-aligned record that a guest thread's stub and the kernel
// share. Its memory is guest-writable: nothing in it is believed, only read
// once. Offsets are stub.S's; what each line is for is said there.
type slot struct {
	state      uint32
	stubSleeps uint32
	_          [14]uint32

	// Line 1, the kernel's.
	resume     uint32
	kick       uint32
	kcpu       uint32
	spin       uint32
	setGS      uint32
	kernSleeps uint32
	ret        [3]uint64 // rax rdx rflags
	localOK    uint32
	_          [3]uint32

	// The stub's.
	kind, cpu                       uint32
	rax, rdi, rsi, rdx, r10, r8, r9 uint64
	rip, rsp, rbx, rbp              uint64
	r12, r13, r14, r15              uint64
	rcx, r11, rflags, gsbase        uint64
	signo, tid                      uint32
	frame, info                     uint64
	local                           uint32
}

// load copies what a fast trap stored.
func (s *slot) load(r *machine.Regs) {
	r.Rax, r.Rdi, r.Rsi, r.Rdx = s.rax, s.rdi, s.rsi, s.rdx
	r.R10, r.R8, r.R9 = s.r10, s.r8, s.r9
	r.Rip, r.Rsp, r.Rbx, r.Rbp = s.rip, s.rsp, s.rbx, s.rbp
	r.R12, r.R13, r.R14, r.R15 = s.r12, s.r13, s.r14, s.r15
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
	stateRun     = 0
	stateTrapped = 1

	kindFast   = 1
	kindSignal = 2
	kindHeld   = 3
	kindStart  = 4

	resumeRet   = 0
	resumeFull  = 1
	resumeFullX = 2
	resumeAgain = 3
)

func init() {
	var s slot
	if unsafe.Offsetof(s.resume) != 0x40 || unsafe.Offsetof(s.ret) != 0x58 || unsafe.Offsetof(s.kind) != 0x80 ||
		unsafe.Offsetof(s.rip) != 0xc0 || unsafe.Offsetof(s.rcx) != 0x100 || unsafe.Offsetof(s.info) != 0x130 || unsafe.Offsetof(s.localOK) != 0x70 || unsafe.Offsetof(s.local) != 0x138 {
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

// word64 is a 64-bit word of physical memory, for atomics.
func (m *memory) word64(p machine.Phys) *uint64 {
	return (*uint64)(unsafe.Pointer(&m.base[p]))
}
