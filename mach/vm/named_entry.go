package vm

import (
	"puggle/abi"
)

// NamedEntry is a vm_named_entry: a handle on memory that can be mapped into any
// map. It shares what it names, unless made as a copy. Its maker holds it, and
// gives it up with Release.
type NamedEntry struct {
	Prot   Prot   // the most that its mappings get
	size   uint64 // bytes, whole pages
	data   uint64 // of the first byte asked for, in its page
	parts  []namedPart
	sub    *Map
	copy   bool // every mapping is a private copy of the memory as it was
	share  bool // made with VM_SHARE
	inPage bool // USE_DATA_ADDR: offsets count from the first byte asked for
}

// namedPart is a run of pages with one object.
type namedPart struct {
	object *Object // one reference
	offset uint64
	size   uint64
	frozen bool
}

// Size is the entry's size in bytes, a multiple of the page size.
func (n *NamedEntry) Size() uint64 { return n.size }

// Asked is the size that mach_make_memory_entry returns: whole pages, or up to the last
// byte asked for when it was told to use the data's address.
func (n *NamedEntry) Asked(size uint64) uint64 {
	if n.inPage {
		return min(n.data+size, n.size)
	}
	return n.size
}

// DataOffset is where in the first page the memory asked for begins.
func (n *NamedEntry) DataOffset() uint64 { return n.data }

// IsCopy says whether the entry names a copy, or a share of several objects: XNU makes no
// entries of such.
func (n *NamedEntry) IsCopy() bool { return n.copy || n.share }

// IsSubmap says whether the entry names a submap.
func (n *NamedEntry) IsSubmap() bool { return n.sub != nil }

// NewNamedEntry names size bytes of o from off on. It takes its own reference.
func NewNamedEntry(o *Object, off, size uint64, prot Prot) *NamedEntry {
	o.fam.mu.Lock()
	o.refs++
	o.shared = o.shared || o.pager == nil
	o.fam.mu.Unlock()
	return &NamedEntry{Prot: prot, size: roundPage(size),
		parts: []namedPart{{object: o, offset: off, size: roundPage(size)}}}
}

// MakeMemoryEntry is mach_make_memory_entry_64. flags are MAP_MEM_*:
// NAMED_CREATE names new zero-filled memory (with PURGABLE: that can be purged) and
// ignores addr; VM_COPY names a
// copy; VM_SHARE names all of the range, whatever it consists of (a named
// region); without them the range is cut at the end of the entry at addr, whose
// memory is named. KERN_INVALID_ADDRESS for holes, KERN_PROTECTION_FAILURE when
// prot exceeds what the range allows at the most, KERN_NOT_SUPPORTED for
// caching modes and ranges within a submap.
func (m *Map) MakeMemoryEntry(addr Addr, size uint64, prot Prot, flags int) (*NamedEntry, abi.KernReturn) {
	const known = abi.MAP_MEM_NAMED_CREATE | abi.MAP_MEM_NAMED_REUSE | abi.MAP_MEM_USE_DATA_ADDR |
		abi.MAP_MEM_VM_COPY | abi.MAP_MEM_VM_SHARE | abi.MAP_MEM_PURGABLE
	switch {
	case flags&abi.MAP_MEM_ONLY != 0:
		return nil, abi.KERN_NOT_SUPPORTED
	case flags&^known != 0 || prot&^(abi.VM_PROT_ALL|abi.VM_PROT_IS_MASK) != 0,
		flags&abi.MAP_MEM_PURGABLE != 0 && flags&abi.MAP_MEM_NAMED_CREATE == 0:
		return nil, abi.KERN_INVALID_ARGUMENT
	case flags&abi.MAP_MEM_NAMED_CREATE != 0:
		if size == 0 || size > maxSize {
			return nil, abi.KERN_INVALID_ARGUMENT
		}
		prot &^= abi.VM_PROT_IS_MASK
		o := NewObject(size)
		o.mem = m.mem
		if flags&abi.MAP_MEM_PURGABLE != 0 {
			o.purgable = 1 + abi.VM_PURGABLE_NONVOLATILE
		}
		n := NewNamedEntry(o, 0, size, prot)
		o.Unref()
		return n, abi.KERN_SUCCESS
	}
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS || lo == hi {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if prot&abi.VM_PROT_IS_MASK != 0 {
		cur, _, kr := m.common(lo, lo+Addr(pageSize))
		if kr != abi.KERN_SUCCESS {
			return nil, kr
		}
		if prot &= cur; prot == abi.VM_PROT_NONE {
			return nil, abi.KERN_PROTECTION_FAILURE
		}
	}
	n := &NamedEntry{Prot: prot, data: uint64(addr) & pageMask,
		share: flags&abi.MAP_MEM_VM_SHARE != 0, inPage: flags&abi.MAP_MEM_USE_DATA_ADDR != 0}
	if flags&abi.MAP_MEM_VM_COPY != 0 {
		return m.nameCopy(n, lo, hi)
	}
	var r reaper
	m.mu.Lock()
	kr = m.nameRange(n, lo, hi, flags&abi.MAP_MEM_VM_SHARE != 0, &r)
	m.mu.Unlock()
	r.reap()
	if kr != abi.KERN_SUCCESS {
		n.Release()
		return nil, kr
	}
	return n, abi.KERN_SUCCESS
}

func (m *Map) nameRange(n *NamedEntry, lo, hi Addr, all bool, r *reaper) abi.KernReturn {
	for a := lo; a < hi; {
		e := m.entry(a)
		switch {
		case e == nil:
			return abi.KERN_INVALID_ADDRESS
		case e.sub != nil:
			return abi.KERN_NOT_SUPPORTED
		case n.Prot&^e.max != 0:
			return abi.KERN_PROTECTION_FAILURE
		}
		if m.share(e, r) != nil {
			return abi.KERN_RESOURCE_SHORTAGE
		}
		end := min(e.end, hi)
		size := uint64(end - a)
		n.parts = append(n.parts, namedPart{object: e.object.Ref(), offset: e.page(a) << pageShift, size: size})
		n.size += size
		a = end
		if !all {
			break
		}
	}
	return abi.KERN_SUCCESS
}

func (m *Map) nameCopy(n *NamedEntry, lo, hi Addr) (*NamedEntry, abi.KernReturn) {
	var c Copy
	if kr := m.freeze(&c, lo, hi); kr != abi.KERN_SUCCESS {
		c.Discard()
		return nil, kr
	}
	for _, p := range c.parts {
		if p.object == nil {
			p.object = NewObject(p.size)
			p.object.mem = m.mem
		}
		n.parts = append(n.parts, namedPart{p.object, p.offset, p.size, true})
		n.size += p.size
	}
	n.copy = true
	return n, abi.KERN_SUCCESS
}

// Release gives the handle up. Mappings made of it stay.
func (n *NamedEntry) Release() {
	for _, p := range n.parts {
		p.object.Unref()
	}
	n.parts = nil
	if n.sub != nil {
		n.sub.Release()
		n.sub = nil
	}
}

// MakeFromParent is mach_make_memory_entry_64 with a parent: part of what it names, from
// offset on. KERN_INVALID_ARGUMENT beyond it, or when it is a copy;
// KERN_PROTECTION_FAILURE when prot is more than it has.
func (n *NamedEntry) MakeFromParent(offset, size uint64, prot Prot, flags int) (*NamedEntry, abi.KernReturn) {
	inPage := flags&abi.MAP_MEM_USE_DATA_ADDR != 0
	if inPage {
		offset += n.data
	}
	if prot&abi.VM_PROT_IS_MASK != 0 {
		prot &= n.Prot
	}
	lo, hi := offset&^pageMask, roundPage(offset+size)
	switch {
	case n.copy || n.share || flags&^abi.MAP_MEM_USE_DATA_ADDR != 0 || prot&^abi.VM_PROT_ALL != 0,
		offset+size < offset || hi < lo || hi > n.size || size == 0:
		return nil, abi.KERN_INVALID_ARGUMENT
	case prot&^n.Prot != 0:
		return nil, abi.KERN_PROTECTION_FAILURE
	case n.sub != nil:
		return nil, abi.KERN_NOT_SUPPORTED
	}
	c := &NamedEntry{Prot: prot, size: hi - lo, data: offset & pageMask, inPage: inPage}
	for _, p := range n.parts {
		if lo >= p.size {
			lo, hi = lo-p.size, hi-p.size
			continue
		}
		if hi <= lo {
			break
		}
		k := min(p.size-lo, hi-lo)
		c.parts = append(c.parts, namedPart{object: p.object.Ref(), offset: p.offset + lo, size: k, frozen: p.frozen})
		if hi -= lo + k; hi == 0 {
			break
		}
		lo = 0
	}
	return c, abi.KERN_SUCCESS
}

// Names says whether the entry names just the memory that m has at addr.
func (n *NamedEntry) Names(m *Map, addr Addr, size uint64) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	e := m.entry(addr.Trunc())
	if e == nil || e.object == nil || e.needsCopy || len(n.parts) != 1 || n.copy || n.share {
		return false
	}
	p := n.parts[0]
	return p.object == e.object && p.offset == e.page(addr.Trunc())<<pageShift && p.size == roundPage(size) &&
		e.end-addr.Trunc() >= Addr(p.size)
}

// EnterNamed is vm_map of a named entry: spec.Offset and spec.Size choose part
// of it (size 0: the rest). Several objects come to lie behind each other as
// they were. What was made as a copy or with VM_SHARE is mapped whole, in any case.
// With VM_FLAGS_RETURN_DATA_ADDR the offset may be within a page, and so is what
// comes back. KERN_INVALID_ARGUMENT beyond the entry, KERN_INVALID_RIGHT
// when more is asked for than it allows; then as Enter.
func (m *Map) EnterNamed(n *NamedEntry, spec MapSpec) (Addr, abi.KernReturn) {
	const dataAddr = Flags(abi.VM_FLAGS_RETURN_DATA_ADDR)
	off := spec.Offset
	if spec.Flags&dataAddr != 0 && n.inPage {
		off += n.data
	}
	if spec.Size == 0 && off < n.size {
		spec.Size = n.size - off
	}
	whole := n.copy || n.share
	switch end := off + spec.Size; {
	case spec.Size == 0 || end < off || off < spec.Offset || end > n.size || off >= n.size,
		spec.Offset&pageMask != 0 && spec.Flags&dataAddr == 0 && !whole:
		return 0, abi.KERN_INVALID_ARGUMENT
	case (spec.Cur|spec.Max)&^n.Prot != 0:
		return 0, abi.KERN_INVALID_RIGHT
	}
	in := Addr(0)
	if spec.Flags&dataAddr != 0 {
		in = Addr(off & pageMask)
	}
	spec.Offset = off &^ pageMask
	spec.Size = off + spec.Size - spec.Offset
	if whole {
		spec.Offset, spec.Size = 0, n.size
	}
	size := roundPage(spec.Size)
	a, kr := m.enterNamed(n, spec, size)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	return a + in, kr
}

func (m *Map) enterNamed(n *NamedEntry, spec MapSpec, size uint64) (Addr, abi.KernReturn) {
	if n.sub != nil {
		spec.sub, spec.Object = n.sub, nil
		return m.Enter(&spec)
	}
	// The whole range is claimed first, then replaced part by part.
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	claim := spec
	claim.Object, claim.Offset, claim.Copy = nil, 0, false
	claim.Flags |= Permanent // keeps it apart from its neighbours
	start, kr := m.enter(&claim, &r)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	m.entry(start).permanent = false
	m.remove(start, start+Addr(size), &r)
	a, skip, left := start, spec.Offset, size
	for _, p := range n.parts {
		if skip >= p.size {
			skip -= p.size
			continue
		}
		if left == 0 {
			break
		}
		k := min(p.size-skip, left)
		s := spec
		s.Object, s.Offset = p.object, p.offset+skip
		s.needsCopy = p.frozen
		if kr := m.add(a, k, &s); kr != abi.KERN_SUCCESS {
			m.remove(start, a, &r)
			return 0, kr
		}
		a, left, skip = a+Addr(k), left-k, 0
	}
	return start, abi.KERN_SUCCESS
}
