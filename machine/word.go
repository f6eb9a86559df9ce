package machine

import "unsafe"

// Word32 is the 32-bit word at the beginning of b, for atomic operations
// (sync/atomic) on memory that guests use too. b has at least four bytes and
// begins at a multiple of four.
func Word32(b []byte) *uint32 {
	if len(b) < 4 || uintptr(unsafe.Pointer(&b[0]))&3 != 0 {
		panic("machine: Word32 of a short or misaligned slice")
	}
	return (*uint32)(unsafe.Pointer(&b[0]))
}

// Word64 is the 64-bit word at the beginning of b, likewise.
func Word64(b []byte) *uint64 {
	if len(b) < 8 || uintptr(unsafe.Pointer(&b[0]))&7 != 0 {
		panic("machine: Word64 of a short or misaligned slice")
	}
	return (*uint64)(unsafe.Pointer(&b[0]))
}
