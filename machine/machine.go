package machine

import (
	"errors"

	"puggle/abi"
)

// PageSize is the size of a physical page and of a guest page, in bytes.
const (
	PageShift = 12
	PageSize  = 1 << PageShift
	PageMask  = PageSize - 1
)

// Addr is an address in a guest's address space. It is never a Go pointer.
type Addr uint64

// Trunc rounds a down to a page boundary.
func (a Addr) Trunc() Addr { return a &^ PageMask }

// Round rounds a up to a page boundary; it wraps to 0 at the very top.
func (a Addr) Round() Addr { return (a + PageMask) &^ PageMask }

// Where things are in every x86-64 guest address space.
const (
	// MinAddr is the lowest address that can be mapped (the host's
	// vm.mmap_min_addr); Darwin's __PAGEZERO lies below it anyway.
	MinAddr Addr = 0x10000
	// SharedRegionBase to UserEnd is Darwin's shared region. Guests never get
	// addresses there; machine keeps its per-thread slots in its last part.
	SharedRegionBase Addr = 0x7fff_0000_0000
	// SlotBase is where machine's own pages begin; nothing may be entered in
	// [SlotBase, 2^47).
	SlotBase Addr = 0x7fff_c000_0000
	// UserEnd ends the space a guest may use. Darwin's commpage is there: one
	// page, read only, the same for all guests.
	UserEnd      Addr = 0x7fff_ffe0_0000
	CommPage     Addr = UserEnd
	CommPageSize      = PageSize
	// TrapEntry is the address a guest calls instead of executing a syscall
	// instruction. Registers as for syscall (rax number; rdi rsi rdx r10 r8 r9
	// arguments); on return rax, rdx and the carry flag are the result and rcx
	// and r11 are destroyed, as are, by the C calling convention, the vector
	// registers if a signal handler ran. Arguments seven and up are at
	// 8(%rsp) and up at the moment before the call, as Darwin has them.
	TrapEntry Addr = 0x7fff_ffe0_8000
	// WaitEntry and WakeEntry are for words that only threads of one task wait
	// on; they are called like functions of C and sleep and wake without the
	// kernel, which hears of it only when it wants the thread.
	//
	//	long wait(uint32_t *word, uint32_t value, struct timespec *at_most)
	//	long wake(uint32_t *word, uint32_t at_most)
	//
	// wait gives 0, or minus a host's errno: 11 the word is another, 110 the
	// time is over, 4 interrupted, 14 the word's page has to be touched first,
	// 38 not now: ask the kernel. wake gives how many it woke, or a negative
	// number if that is not known.
	WaitEntry = TrapEntry + 16
	WakeEntry = TrapEntry + 32
)

// Phys is a physical address: an offset into Memory.
type Phys uint64

// NoPhys is no physical address.
const NoPhys = ^Phys(0)

// ErrNoMemory means physical memory, or address space for it, has run out.
var ErrNoMemory = errors.New("machine: out of physical memory")

// ErrDead means that the Space's host process is gone (killed from outside or
// by the host's out-of-memory killer). Whatever runs in it can't go on.
var ErrDead = errors.New("machine: address space has died")

// Memory is physical memory. Its addresses are plentiful and sparse (far more
// than the host has): an extent costs nothing until its pages are touched, and
// untouched pages read as zero. All methods may be called concurrently.
type Memory interface {
	// Alloc reserves n bytes (a multiple of PageSize, n > 0) of contiguous,
	// zero-filled physical memory. It fails with ErrNoMemory only.
	Alloc(n uint64) (Phys, error)
	// Free returns an extent, or any page-aligned part of one. Its pages go
	// back to the host. No Space may still map it, and no slice from Bytes
	// may still be used.
	Free(p Phys, n uint64)
	// Discard makes the pages zero and gives them back to the host, but
	// keeps the extent; Spaces that map it see zeros.
	Discard(p Phys, n uint64)
	// Bytes is the kernel's window on physical memory: no copy. A guest may
	// be writing to it at the same time. len and cap are n.
	Bytes(p Phys, n uint64) []byte
	// Resident is how many bytes of physical memory are in use on the host.
	Resident() uint64
	// Limit is hw.memsize: how many bytes may be resident.
	Limit() uint64
}

// PmapOp is one change to a Space's translations. Va, Len and Pa are multiples
// of PageSize.
type PmapOp struct {
	Kind PmapKind
	Prot abi.Prot // Enter, Protect
	Va   Addr
	Len  uint64
	Pa   Phys // Enter
	// Soon says of what is entered that its pages have memory already and will be written to:
	// they may be made accessible now, all at once, and not each by the host when it is touched.
	Soon bool
}

// PmapKind says what a PmapOp does.
type PmapKind uint8

const (
	PmapEnter   PmapKind = iota // map [Va,Va+Len) to [Pa,Pa+Len), replacing what was there
	PmapRemove                  // unmap [Va,Va+Len); holes are fine
	PmapProtect                 // change protection of what is mapped in [Va,Va+Len); holes are fine
)

// Space is a hardware address space. Its methods may be called concurrently;
// Apply calls are serialised.
type Space interface {
	// Apply performs ops in order and returns when all have taken effect for
	// every thread of the Space. One call with many ops costs little more than
	// one with one. Errors: ErrDead; ErrNoMemory when the host refuses
	// (too many mappings); ops before the refused one have taken effect.
	Apply(ops []PmapOp) error
	// NewContext makes a thread's context. Its registers are zero.
	NewContext() (Context, error)
	// SetSystem says that the Space is the kernel task's: its threads run while
	// threads of others wait for them, on the CPUs of those.
	SetSystem()
	// Destroy ends the Space and everything in it. Contexts that are in Run
	// return TrapDead. It may be called twice.
	Destroy()
	// Done is closed when the Space has been destroyed or has died.
	Done() <-chan struct{}
	// HostPID is the host's number for the process behind it, 0 if none: for
	// diagnostics only.
	HostPID() int
}

// A Server is a Context that can be told for whom it works. Contexts of a system Space
// may be Servers.
type Server interface {
	// Serve says that until the next Serve the goroutine that enters this Context is the
	// one that enters guest, which waits for it meanwhile: so it may run where
	// guest does. nil is nobody.
	Serve(guest Context)
}

// Machine makes Spaces.
type Machine interface {
	Memory() Memory
	// NewSpace makes an empty Space, from a pool when it can.
	NewSpace() (Space, error)
	// CommPage is the kernel's window on the page that all guests see at
	// CommPage, read only.
	CommPage() []byte
	// Processors is the number of host CPUs that guests may run on.
	Processors() int
	// Close destroys every Space and gives memory back.
	Close() error
}
