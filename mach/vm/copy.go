package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// smallCopy is up to how many bytes a Copy is bytes in the kernel instead of
// frozen objects: below it, copying is cheaper than freezing.
const smallCopy = 4 * 4096

// Copy is a vm_map_copy: memory on its way from one map to another. It belongs
// to whoever holds it; PlaceCopy, OverwriteCopy and Discard consume it.
type Copy struct {
	size   uint64 // bytes
	offset uint64 // of the first byte in its page
	data   []byte // a small copy
	parts  []copyPart
}

// copyPart is a run of pages: a frozen object (one reference), or zeros.
type copyPart struct {
	object *Object
	offset uint64
	size   uint64
	thawed bool // a duplicate: belongs to the copy alone
}

// Size is the number of bytes copied.
func (c *Copy) Size() uint64 { return c.size }

// NewCopy makes a copy of data, which it keeps (vm_map_copy of kernel memory).
func NewCopy(data []byte) *Copy { return &Copy{size: uint64(len(data)), data: data} }

// MakeCopy is vm_map_copyin: a copy of [addr, addr+size), lazily as far as
// possible. With destroySrc the source is unmapped. KERN_INVALID_ADDRESS for
// holes, KERN_PROTECTION_FAILURE for what may not be read.
func (m *Map) MakeCopy(addr Addr, size uint64, destroySrc bool) (*Copy, abi.KernReturn) {
	if size == 0 {
		return &Copy{}, abi.KERN_SUCCESS
	}
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	c := &Copy{size: size, offset: uint64(addr) & pageMask}
	if size <= smallCopy {
		c.data = make([]byte, size)
		kr = m.CopyIn(c.data, addr)
	} else {
		kr = m.freeze(c, lo, hi)
	}
	if kr == abi.KERN_SUCCESS && destroySrc {
		kr = m.Deallocate(lo, uint64(hi-lo))
	}
	if kr != abi.KERN_SUCCESS {
		c.Discard()
		return nil, kr
	}
	return c, abi.KERN_SUCCESS
}

// MakePhysicalCopy is a copy whose bytes have been copied when it returns
// (MACH_MSG_PHYSICAL_COPY): it shares no page with the source, and a later fault, in
// either, copies nothing. The source must be readable: KERN_INVALID_ADDRESS,
// KERN_PROTECTION_FAILURE, KERN_MEMORY_ERROR; KERN_RESOURCE_SHORTAGE without memory;
// KERN_ABORTED when aborted, which may be nil, says so meanwhile.
func (m *Map) MakePhysicalCopy(addr Addr, size uint64, aborted func() bool) (*Copy, abi.KernReturn) {
	if size <= smallCopy {
		return m.MakeCopy(addr, size, false)
	}
	if _, _, kr := m.check(addr, size); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	o := newObject(size, newFamily(), m.mem)
	buf := make([]byte, 256<<10)
	for done := uint64(0); done < size; {
		if aborted != nil && aborted() {
			o.Unref()
			return nil, abi.KERN_ABORTED
		}
		b := buf[:min(uint64(len(buf)), size-done)]
		if kr := m.CopyIn(b, addr+Addr(done)); kr != abi.KERN_SUCCESS {
			o.Unref()
			return nil, kr
		}
		if n, err := o.Write(done, b); err != nil || n != len(b) {
			o.Unref()
			return nil, abi.KERN_RESOURCE_SHORTAGE
		}
		done += uint64(len(b))
	}
	return &Copy{size: size, parts: []copyPart{{object: o, size: roundPage(size), thawed: true}}}, abi.KERN_SUCCESS
}

// freeze fills c with [lo, hi).
func (m *Map) freeze(c *Copy, lo, hi Addr) abi.KernReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.covered(lo, hi) {
		return abi.KERN_INVALID_ADDRESS
	}
	first := m.find(lo)
	for i := first; i < len(m.entries) && m.entries[i].start < hi; i++ {
		if e := m.entries[i]; !allows(e.prot, abi.VM_PROT_READ) {
			return abi.KERN_PROTECTION_FAILURE
		} else if e.sub != nil {
			return abi.KERN_NOT_SUPPORTED
		}
	}
	// Only the range is to be frozen, so that the rest stays writable.
	i, j := m.clip(lo, hi)
	var protect []machine.PmapOp
	kr := abi.KERN_SUCCESS
	for _, e := range m.entries[i:j] {
		p := copyPart{size: e.size()}
		if e.object != nil {
			n := &Entry{m: m, start: e.start, end: e.end, offset: e.offset, needsCopy: e.needsCopy}
			var err error
			if protect, err = e.copyTo(n, protect); err != nil {
				kr = abi.KERN_RESOURCE_SHORTAGE
				break
			}
			o := n.object
			o.fam.mu.Lock()
			p.offset, p.thawed = n.offset, !n.needsCopy
			p.object = n.unlink()
			o.fam.mu.Unlock()
		}
		c.parts = append(c.parts, p)
	}
	if err := m.apply(protect...); err != nil {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	m.merge(i, j)
	return kr
}

// Discard is vm_map_copy_discard. It may be called on nil and twice.
func (c *Copy) Discard() {
	if c == nil {
		return
	}
	for _, p := range c.parts {
		if p.object != nil {
			p.object.Unref()
		}
	}
	*c = Copy{}
}

// PlaceCopy is vm_map_copyout: it puts c at a free range and returns the address
// of its first byte. The copy is consumed, unless it fails (KERN_NO_SPACE,
// KERN_RESOURCE_SHORTAGE): then it is the caller's still. A copy of size 0
// succeeds at address 0.
func (m *Map) PlaceCopy(c *Copy) (Addr, abi.KernReturn) {
	if c.size == 0 {
		return 0, abi.KERN_SUCCESS
	}
	size := roundPage(c.offset + c.size)
	spec := MapSpec{Size: size, Flags: Anywhere | Tag(abi.VM_MEMORY_MACH_MSG), Cur: abi.VM_PROT_DEFAULT,
		Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_DEFAULT}
	if c.parts == nil {
		a, kr := m.Enter(&spec)
		if kr != abi.KERN_SUCCESS {
			return 0, kr
		}
		a += Addr(c.offset)
		if kr := m.CopyOut(a, c.data); kr != abi.KERN_SUCCESS {
			m.Deallocate(a, c.size)
			return 0, kr
		}
		c.Discard()
		return a, abi.KERN_SUCCESS
	}
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead || len(m.entries)+len(c.parts) > maxEntries {
		return 0, abi.KERN_NO_SPACE
	}
	start, ok := m.space(m.lo, size, pageMask)
	if !ok {
		return 0, abi.KERN_NO_SPACE
	}
	a := start
	for k := range c.parts {
		p := &c.parts[k]
		s := spec
		s.Object, s.Offset, s.needsCopy, s.steal = p.object, p.offset, p.object != nil && !p.thawed, true
		if kr := m.add(a, p.size, &s); kr != abi.KERN_SUCCESS {
			// Keep what was not placed; what was is unmapped with its range.
			for i := range k {
				c.parts[i].object.retain()
			}
			m.remove(start, a, &r)
			return 0, kr
		}
		a += Addr(p.size)
	}
	at := start + Addr(c.offset)
	*c = Copy{}
	return at, abi.KERN_SUCCESS
}

func (o *Object) retain() {
	if o != nil {
		o.Ref()
	}
}

// OverwriteCopy is vm_map_copy_overwrite: it writes c over what is mapped at
// addr, which must be writable throughout: KERN_INVALID_ADDRESS,
// KERN_PROTECTION_FAILURE otherwise, and nothing is written. The copy is
// consumed when it succeeds. A range may be terabytes: aborted, which may be nil, is
// asked now and then whether to leave it at a part, KERN_ABORTED.
func (m *Map) OverwriteCopy(addr Addr, c *Copy, aborted func() bool) abi.KernReturn {
	lo, hi, kr := m.check(addr, c.size)
	if kr != abi.KERN_SUCCESS || c.size == 0 {
		return kr
	}
	if kr := m.writable(lo, hi); kr != abi.KERN_SUCCESS {
		return kr
	}
	if c.parts == nil {
		if kr = m.CopyOut(addr, c.data); kr == abi.KERN_SUCCESS {
			c.Discard()
		}
		return kr
	}
	buf := make([]byte, 64<<10)
	for done := uint64(0); done < c.size; {
		if aborted != nil && aborted() {
			return abi.KERN_ABORTED
		}
		b := buf[:min(uint64(len(buf)), c.size-done)]
		if kr := c.ReadAt(b, done); kr != abi.KERN_SUCCESS {
			return kr
		}
		if kr := m.CopyOut(addr+Addr(done), b); kr != abi.KERN_SUCCESS {
			return kr
		}
		done += uint64(len(b))
	}
	c.Discard()
	return abi.KERN_SUCCESS
}

// writable says whether all of [lo, hi) may be written.
func (m *Map) writable(lo, hi Addr) abi.KernReturn {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.covered(lo, hi) {
		return abi.KERN_INVALID_ADDRESS
	}
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		if m.entries[i].prot&abi.VM_PROT_WRITE == 0 {
			return abi.KERN_PROTECTION_FAILURE
		}
	}
	return abi.KERN_SUCCESS
}

// ReadAt reads len(b) bytes at off of the copy, for the kernel's own use.
// KERN_INVALID_ARGUMENT beyond its end, KERN_MEMORY_ERROR when a pager fails.
func (c *Copy) ReadAt(b []byte, off uint64) abi.KernReturn {
	if off > c.size || uint64(len(b)) > c.size-off {
		return abi.KERN_INVALID_ARGUMENT
	}
	if c.parts == nil {
		copy(b, c.data[off:])
		return abi.KERN_SUCCESS
	}
	at := c.offset + off
	for _, p := range c.parts {
		if at >= p.size {
			at -= p.size
			continue
		}
		n := min(uint64(len(b)), p.size-at)
		if p.object == nil {
			clear(b[:n])
		} else if k, err := p.object.Read(p.offset+at, b[:n]); err != nil || uint64(k) != n {
			return abi.KERN_MEMORY_ERROR
		}
		b, at = b[n:], 0
		if len(b) == 0 {
			break
		}
	}
	return abi.KERN_SUCCESS
}
