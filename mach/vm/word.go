package vm

import (
	"sync/atomic"

	"puggle/abi"
	"puggle/machine"
)

// Word is an aligned word of guest memory that is held in place: see
// AtomicWord.
type Word struct {
	h hold
	b []byte
}

// Uint32 and Uint64 are the word, for use with sync/atomic until Release.
func (w *Word) Uint32() *uint32 { return machine.Word32(w.b) }
func (w *Word) Uint64() *uint64 { return machine.Word64(w.b) }

// Release ends the hold. Nothing that sleeps, and no other call of this package,
// may come before it.
func (w *Word) Release() { w.h.release() }

// AtomicWord holds the word of size 4 or 8 bytes at addr for access.
// KERN_INVALID_ARGUMENT when it is misaligned; else Fault's errors.
func (m *Map) AtomicWord(w *Word, addr Addr, size uint64, access Prot) abi.KernReturn {
	if size != 4 && size != 8 || uint64(addr)&(size-1) != 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	var kr abi.KernReturn
	w.b, kr = m.window(&w.h, addr, size, access, false)
	return kr
}

// LoadUint32 reads an aligned word atomically.
func (m *Map) LoadUint32(addr Addr) (uint32, abi.KernReturn) {
	var w Word
	if kr := m.AtomicWord(&w, addr, 4, abi.VM_PROT_READ); kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	v := atomic.LoadUint32(w.Uint32())
	w.Release()
	return v, abi.KERN_SUCCESS
}

// LoadUint64 reads an aligned double word atomically.
func (m *Map) LoadUint64(addr Addr) (uint64, abi.KernReturn) {
	var w Word
	if kr := m.AtomicWord(&w, addr, 8, abi.VM_PROT_READ); kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	v := atomic.LoadUint64(w.Uint64())
	w.Release()
	return v, abi.KERN_SUCCESS
}

// StoreUint32 writes an aligned word atomically.
func (m *Map) StoreUint32(addr Addr, v uint32) abi.KernReturn {
	var w Word
	if kr := m.AtomicWord(&w, addr, 4, abi.VM_PROT_DEFAULT); kr != abi.KERN_SUCCESS {
		return kr
	}
	atomic.StoreUint32(w.Uint32(), v)
	w.Release()
	return abi.KERN_SUCCESS
}

// CompareAndSwapUint32 replaces old by new atomically and says whether it did.
func (m *Map) CompareAndSwapUint32(addr Addr, old, new uint32) (bool, abi.KernReturn) {
	var w Word
	if kr := m.AtomicWord(&w, addr, 4, abi.VM_PROT_DEFAULT); kr != abi.KERN_SUCCESS {
		return false, kr
	}
	ok := atomic.CompareAndSwapUint32(w.Uint32(), old, new)
	w.Release()
	return ok, abi.KERN_SUCCESS
}

// PhysAddr identifies the memory at addr across maps: two addresses with the
// same object and offset are the same memory. The object is a key only: no
// reference comes with it. Private memory that is copied later changes its
// identity, so only shared words should be named so. Errors are Fault's.
func (m *Map) PhysAddr(addr Addr, access Prot) (*Object, uint64, abi.KernReturn) {
	var h hold
	if kr := m.hold(&h, addr, access, false, false); kr != abi.KERN_SUCCESS {
		return nil, 0, kr
	}
	o, off := h.o, h.page<<pageShift+uint64(h.addr)&pageMask
	h.release()
	return o, off, abi.KERN_SUCCESS
}
