package vm

import (
	"puggle/abi"
)

// MapSpec says what Enter maps: the arguments of mach_vm_map.
type MapSpec struct {
	Addr    Addr   // Anywhere: where the search begins (0: the lowest address)
	Size    uint64 // bytes, rounded up to pages
	Mask    uint64 // alignment: bits that must be zero in the address
	Flags   Flags
	Object  *Object // nil: anonymous, zero-filled
	Offset  uint64  // of the object's first byte to map; a multiple of the page size
	Copy    bool    // private: writes are not seen by others
	Cur     Prot
	Max     Prot
	Inherit Inherit

	sub       *Map // a submap instead of an object
	needsCopy bool // the object is frozen already
	steal     bool // take over the caller's reference
}

// Allocate is vm_allocate: zero-filled memory, with default protection and all
// as the maximum. KERN_INVALID_ADDRESS when a fixed range is outside the map,
// KERN_NO_SPACE when it, or every range, is taken, KERN_INVALID_ARGUMENT for
// unknown flags. Size 0 succeeds at address 0.
func (m *Map) Allocate(addr Addr, size uint64, flags Flags) (Addr, abi.KernReturn) {
	if flags&^allocateFlags != 0 {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	if size == 0 {
		return 0, abi.KERN_SUCCESS
	}
	return m.Enter(&MapSpec{Addr: addr, Size: size, Flags: flags,
		Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL, Inherit: abi.VM_INHERIT_DEFAULT})
}

// Enter is vm_map_enter. It takes its own reference on the object. Results as
// for Allocate, and KERN_PROTECTION_FAILURE when Cur exceeds Max,
// KERN_INVALID_ARGUMENT for a bad offset, inheritance or size 0. Superpages are
// refused with KERN_NOT_SUPPORTED.
func (m *Map) Enter(spec *MapSpec) (Addr, abi.KernReturn) {
	addr, kr, wired := m.enterNew(spec)
	if wired {
		// What can't be faulted in is memory all the same, that is not wired.
		m.faultWired(addr, addr+Addr(roundPage(spec.Size)), spec.Cur)
	}
	return addr, kr
}

// maxWireNew is how much of a map, in bytes, WireNew wires; vm_wire and mlock may wire more.
const maxWireNew = 64 << 20

// enterNew is Enter but for faulting in what is wired already.
func (m *Map) enterNew(spec *MapSpec) (addr Addr, kr abi.KernReturn, wired bool) {
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	wire := m.wiresNew(spec)
	if wire && !m.roomToWire(spec.Addr.Trunc(), roundPage(spec.Size), spec.Flags) {
		return 0, abi.KERN_RESOURCE_SHORTAGE, false
	}
	if addr, kr = m.enter(spec, &r); wire && kr == abi.KERN_SUCCESS {
		wired = m.wireLocked(addr, addr+Addr(roundPage(spec.Size)), 1) == abi.KERN_SUCCESS
	}
	return addr, kr, wired
}

// wiresNew says whether what is about to be entered is to be wired. The map is locked.
func (m *Map) wiresNew(spec *MapSpec) bool {
	if spec.Cur == 0 || !m.wireNew.Load() {
		return false
	}
	size := roundPage(spec.Size)
	return size <= maxWireNew && m.wiredSize() <= maxWireNew-size
}

// WireNew is task_wire: whether what is mapped from now on is wired as by Wire,
// as long as not more than 64 MB of the map are. What is more than LimitWired allows
// is refused with KERN_RESOURCE_SHORTAGE, and nothing is mapped or removed; what there is no memory
// for yet is mapped, and not wired.
func (m *Map) WireNew(on bool) { m.wireNew.Store(on) }

// enter is Enter with the map locked.
func (m *Map) enter(spec *MapSpec, r *reaper) (Addr, abi.KernReturn) {
	size := roundPage(spec.Size)
	switch {
	case spec.Size == 0 || spec.Flags&^knownFlags != 0 || spec.Offset&pageMask != 0 ||
		spec.Inherit > abi.VM_INHERIT_NONE || (spec.Cur|spec.Max)&^abi.VM_PROT_ALL != 0 ||
		spec.Mask&(spec.Mask+1) != 0:
		return 0, abi.KERN_INVALID_ARGUMENT
	case size < spec.Size || size > uint64(m.hi-m.lo):
		return 0, abi.KERN_NO_SPACE
	case spec.Offset > maxSize-size:
		return 0, abi.KERN_INVALID_ARGUMENT
	case spec.Flags&abi.VM_FLAGS_SUPERPAGE_MASK != 0:
		return 0, abi.KERN_NOT_SUPPORTED
	case spec.Cur&^spec.Max != 0:
		return 0, abi.KERN_PROTECTION_FAILURE
	case m.noExec && spec.Cur&abi.VM_PROT_EXECUTE != 0:
		return 0, abi.KERN_PROTECTION_FAILURE
	case m.dead || len(m.entries) >= maxEntries:
		return 0, abi.KERN_NO_SPACE
	}
	addr := spec.Addr.Trunc()
	if !m.roomFor(addr, size, spec.Flags) {
		return 0, abi.KERN_NO_SPACE
	}
	if spec.Flags&Anywhere != 0 {
		mask := spec.Mask | pageMask
		a, ok := m.space(max(addr, m.lo), size, mask)
		if !ok {
			return 0, abi.KERN_NO_SPACE
		}
		addr = a
	} else {
		if uint64(addr)&spec.Mask != 0 {
			return 0, abi.KERN_NO_SPACE
		}
		end := addr + Addr(size)
		if addr < m.lo || end > m.hi || end < addr {
			return 0, abi.KERN_INVALID_ADDRESS
		}
		if i := m.find(addr); i < len(m.entries) && m.entries[i].start < end {
			if spec.Flags&Overwrite == 0 {
				return 0, abi.KERN_NO_SPACE
			}
			if kr := m.remove(addr, end, r); kr != abi.KERN_SUCCESS {
				return 0, kr
			}
		}
	}
	if spec.Flags&abi.VM_FLAGS_PURGABLE != 0 {
		if spec.Object != nil || spec.sub != nil {
			return 0, abi.KERN_INVALID_ARGUMENT
		}
		p := *spec
		p.Object, p.Offset, p.steal, p.Copy = newObject(size, newFamily(), m.mem), 0, true, false
		p.Object.purgable = 1 + abi.VM_PURGABLE_NONVOLATILE
		spec = &p
	}
	if kr := m.add(addr, size, spec); kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	if m.enterSoon(spec, size) {
		m.enterRanges(0, 0, r)
	}
	return addr, abi.KERN_SUCCESS
}

// add makes the entry for a range that is known to be free.
func (m *Map) add(addr Addr, size uint64, spec *MapSpec) abi.KernReturn {
	end := addr + Addr(size)
	if spec.Cur != 0 && spec.sub == nil {
		lo := addr
		if spec.Flags&abi.VM_FLAGS_ALIAS_MASK == Tag(abi.VM_MEMORY_STACK) && size > pageSize {
			lo += 1 << pageShift // the guard, or what is touched last
		}
		m.noteFresh(lo, end, spec.freshKind())
	}
	fresh := Entry{m: m, start: addr, end: end, offset: spec.Offset, sub: spec.sub,
		needsCopy: spec.needsCopy, prot: spec.Cur, max: spec.Max, inherit: spec.Inherit,
		tag:       uint8(spec.Flags >> abi.VM_FLAGS_ALIAS_SHIFT),
		permanent: spec.Flags&Permanent != 0}
	i := m.find(addr)
	if spec.Object == nil && spec.sub == nil && m.coalesce(i, &fresh) {
		m.size += size
		m.raiseHint(addr, end)
		return abi.KERN_SUCCESS
	}
	e := new(Entry)
	*e = fresh
	switch o := spec.Object; {
	case o != nil:
		o.fam.mu.Lock()
		if !o.bind(m.mem) {
			o.fam.mu.Unlock()
			return abi.KERN_INVALID_ARGUMENT
		}
		if spec.Copy && !e.needsCopy {
			if o.pager == nil && !o.frozen(spec.Offset, size) {
				d, err := o.duplicate(spec.Offset, size)
				o.fam.mu.Unlock()
				if err != nil {
					return abi.KERN_RESOURCE_SHORTAGE
				}
				e.offset = 0
				o = d
				o.fam.mu.Lock()
			} else {
				e.needsCopy = true
				o.refs++
			}
		} else if !spec.steal {
			o.refs++
			if !e.needsCopy {
				o.shared = o.shared || o.pager == nil
			}
		}
		if o.pager == nil && o.shadow == nil {
			o.size = max(o.size, e.offset+size)
		}
		e.link(o)
		o.fam.mu.Unlock()
	case e.sub != nil:
		e.sub.addParent(e)
	default:
		e.offset = 0
	}
	m.insertAt(i, e)
	m.size += size
	m.raiseHint(addr, end)
	return abi.KERN_SUCCESS
}

// frozen says whether nobody can write to [off, off+size) of o through a map.
// Who holds o and means to Write to it mustn't map it as a copy before.
func (o *Object) frozen(off, size uint64) bool {
	for _, e := range o.mappings {
		if !e.needsCopy && e.offset < off+size && off < e.offset+e.size() {
			return false
		}
	}
	return !o.shared
}

// raiseHint keeps the hint exact enough after [addr, end) was filled.
func (m *Map) raiseHint(addr, end Addr) {
	if addr <= m.hint && m.hint < end {
		m.hint = end
	}
}

// coalesce makes the entry before index i longer instead of adding e behind it,
// when both are ordinary anonymous memory of the same kind.
func (m *Map) coalesce(i int, e *Entry) bool {
	if i == 0 {
		return false
	}
	p := m.entries[i-1]
	if p.end != e.start || p.sub != nil || p.needsCopy || p.prot != e.prot || p.max != e.max ||
		p.inherit != e.inherit || p.behavior != 0 || p.tag != e.tag || p.wired != 0 ||
		p.permanent || e.permanent {
		return false
	}
	if p.object == nil {
		p.end = e.end
		return true
	}
	o := p.object
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.pager != nil || o.shadow != nil || o.shared || o.purgable != 0 || o.refs != 1 || len(o.shadows) != 0 ||
		p.offset+p.size() != o.size || o.size+e.size() > maxSize {
		return false
	}
	o.size += e.size()
	o.grown = true
	p.end = e.end
	return true
}
