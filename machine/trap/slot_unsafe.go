package trap

import (
	"unsafe"

	"puggle/machine"
)

// slot is the page-aligned record that a guest thread's stub and the kernel
// share. Its memory is guest-writable: nothing in it is believed, only read
// once. Field offsets are stub.S's.
type slot struct {
	state      uint32
	stubSleeps uint32
	kernSleeps uint32
	cpu        uint32
	kind       uint32
	resume     uint32
	kick       uint32
	kcpu       uint32
	spin       uint32
	signo      uint32
	frame      uint64
	info       uint64
	setGS      uint32
	_          uint32
	tid        uint32
	_          [15]uint32
	regs       machine.Regs // at 0x80
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
	if unsafe.Offsetof(slot{}.regs) != 0x80 || unsafe.Offsetof(slot{}.setGS) != 0x38 ||
		unsafe.Offsetof(slot{}.tid) != 0x40 || unsafe.Sizeof(machine.Regs{}) != 22*8 {
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
