package vm

import (
	"bytes"

	"puggle/abi"
	"puggle/machine"
)

// window is the memory from addr on, at most n bytes, as far as it is
// contiguous; it may be used until h is released. It makes pages valid for
// access, but enters no translations.
func (m *Map) window(h *hold, addr Addr, n uint64, access Prot, force bool) ([]byte, abi.KernReturn) {
	if kr := m.hold(h, addr, access, force, false); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	b, _, _, kr := h.bytes(n, access)
	if kr != abi.KERN_SUCCESS {
		h.release()
	}
	return b, kr
}

// bytes gives up to n bytes of physical memory from h's address on, with the
// object and the page they belong to.
func (h *hold) bytes(n uint64, access Prot) ([]byte, *Object, uint64, abi.KernReturn) {
	in := uint64(h.addr) & pageMask
	end := h.e.end
	if h.via != nil {
		end = min(end, Addr(h.via.offset+h.via.size()))
	}
	n = min(n, uint64(end-h.addr))
	x := h.o.lookup(h.page, (in+n+pageMask)>>pageShift)
	phys, k, err := x.owner.place(x.page, x.n)
	k = min(k, (in+n+pageMask)>>pageShift)
	if err != nil || x.is != present {
		return nil, nil, 0, abi.KERN_RESOURCE_SHORTAGE
	}
	if access&abi.VM_PROT_WRITE != 0 && x.owner.pager != nil {
		x.owner.dirty.set(x.page, k)
	}
	n = min(n, k<<pageShift-in)
	if x.owner.bring(phys, k) != nil {
		return nil, nil, 0, abi.KERN_MEMORY_ERROR
	}
	b := h.o.mem.Bytes(phys, k<<pageShift)
	return b[in : in+n : in+n], x.owner, x.page, abi.KERN_SUCCESS
}

// chunk bounds what is copied while a lock is held, in bytes.
const chunk = 256 << 10

// CopyIn reads len(dst) bytes at addr. KERN_INVALID_ADDRESS,
// KERN_PROTECTION_FAILURE, KERN_MEMORY_ERROR and KERN_RESOURCE_SHORTAGE as for
// Fault; part of dst may have been filled then. (The BSD half makes EFAULT of
// all of them.) The guest's protection is respected.
func (m *Map) CopyIn(dst []byte, addr Addr) abi.KernReturn { return m.copyIn(dst, addr, false) }

func (m *Map) copyIn(dst []byte, addr Addr, force bool) abi.KernReturn {
	if addr+Addr(len(dst)) < addr {
		return abi.KERN_INVALID_ADDRESS
	}
	var h hold
	for len(dst) > 0 {
		b, kr := m.window(&h, addr, min(uint64(len(dst)), chunk), abi.VM_PROT_READ, force)
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		n := copy(dst, b)
		h.release()
		dst, addr = dst[n:], addr+Addr(n)
	}
	return abi.KERN_SUCCESS
}

// CopyInClaim is CopyIn of little that will soon be written, too: a message that the
// reply will lie upon.
func (m *Map) CopyInClaim(dst []byte, addr Addr) abi.KernReturn {
	if addr+Addr(len(dst)) < addr {
		return abi.KERN_INVALID_ADDRESS
	}
	var h hold
	if len(dst) == 0 || m.hold(&h, addr, abi.VM_PROT_READ, false, false) != abi.KERN_SUCCESS {
		return m.CopyIn(dst, addr)
	}
	b, _, _, kr := h.bytes(uint64(len(dst)), abi.VM_PROT_READ)
	if kr != abi.KERN_SUCCESS || len(b) < len(dst) {
		h.release()
		return m.CopyIn(dst, addr)
	}
	machine.Claim(b)
	copy(dst, b)
	h.release()
	return abi.KERN_SUCCESS
}

// CopyOut writes src at addr, in the same way.
func (m *Map) CopyOut(addr Addr, src []byte) abi.KernReturn { return m.copyOut(addr, src, false) }

// CopyOutForce is CopyOut for debuggers and loaders: it also writes where the
// guest may not, and what is shared or belongs to a file is copied first, so
// that only this map sees the change.
func (m *Map) CopyOutForce(addr Addr, src []byte) abi.KernReturn { return m.copyOut(addr, src, true) }

func (m *Map) copyOut(addr Addr, src []byte, force bool) abi.KernReturn {
	if addr+Addr(len(src)) < addr {
		return abi.KERN_INVALID_ADDRESS
	}
	var h hold
	for len(src) > 0 {
		b, kr := m.window(&h, addr, min(uint64(len(src)), chunk), abi.VM_PROT_WRITE, force)
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		n := copy(b, src)
		h.release()
		src, addr = src[n:], addr+Addr(n)
	}
	return abi.KERN_SUCCESS
}

// lineSize is that of the processor's caches.
const lineSize = 64

// CopyInString reads a string that a zero byte ends, which is not part of the
// result. KERN_NO_SPACE when there is none within most bytes (ENAMETOOLONG).
func (m *Map) CopyInString(addr Addr, most int) (string, abi.KernReturn) {
	var h hold
	var buf [256]byte // most strings are shorter, and it costs no allocation
	s := buf[:0]
	for most > 0 {
		// Not beyond the page: what follows may be unmapped.
		n := min(pageSize-uint64(addr)&pageMask, uint64(most), uint64(len(buf)))
		b, kr := m.window(&h, addr, n, abi.VM_PROT_READ, false)
		if kr != abi.KERN_SUCCESS {
			return "", kr
		}
		// Line by line: what lies behind the string is the guest's to write next, and
		// a line that both use has to come back from the other CPU each time. Copied
		// before it is searched: the guest may write meanwhile.
		from, end := len(s), -1
		for b := b; end < 0 && len(b) > 0; {
			k := min(lineSize-int(addr+Addr(len(s)-from))&(lineSize-1), len(b))
			s = append(s, b[:k]...)
			if i := bytes.IndexByte(s[len(s)-k:], 0); i >= 0 {
				end = len(s) - k + i
			}
			b = b[k:]
		}
		h.release()
		if end >= 0 {
			return string(s[:end]), abi.KERN_SUCCESS
		}
		most -= len(s) - from
		addr += Addr(len(s) - from)
	}
	return "", abi.KERN_NO_SPACE
}
