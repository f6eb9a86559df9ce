package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// RegionInfo is what vm_region tells of one entry, in all its flavours.
type RegionInfo struct {
	Start         Addr
	Size          uint64
	Prot, Max     Prot
	Inherit       Inherit
	Behavior      Behavior
	Offset        uint64 // in Object, or in the submap
	Tag           uint8
	Wired         int
	IsSubmap      bool
	Depth         int // of submaps entered
	Object        *Object
	ObjectID      uint64
	Shared        bool
	ShareMode     int // SM_*
	RefCount      int
	ShadowDepth   int
	ExternalPager bool   // the chain ends in a pager
	Pager         Pager  // that pager, for a file's name
	PagerOffset   uint64 // of Start, in that pager
	Resident      uint64 // pages
	Dirty         uint64 // pages
}

// Region is vm_region: the entry at addr, or the next one above it.
// KERN_INVALID_ADDRESS when there is none. No reference comes with Object or
// Pager.
func (m *Map) Region(addr Addr) (RegionInfo, abi.KernReturn) {
	return m.RegionRecurse(addr, 0)
}

// RegionRecurse is vm_region_recurse: as Region, entering at most depth submaps.
func (m *Map) RegionRecurse(addr Addr, depth int) (RegionInfo, abi.KernReturn) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for i := m.find(addr); i < len(m.entries); i++ {
		e := m.entries[i]
		if e.sub == nil || depth == 0 {
			return e.info(), abi.KERN_SUCCESS
		}
		// The submap, as far as this entry shows it.
		at := max(addr, e.start)
		in, kr := e.sub.RegionRecurse(Addr(e.offset+uint64(at-e.start)), depth-1)
		if kr != abi.KERN_SUCCESS || uint64(in.Start) >= e.offset+e.size() {
			continue
		}
		in.Depth++
		lo, hi := max(uint64(in.Start), e.offset), min(uint64(in.Start)+in.Size, e.offset+e.size())
		in.Offset += lo - uint64(in.Start)
		in.Start, in.Size = e.start+Addr(lo-e.offset), hi-lo
		in.Prot &= e.prot
		in.Max &= e.max
		return in, abi.KERN_SUCCESS
	}
	return RegionInfo{}, abi.KERN_INVALID_ADDRESS
}

// Regions calls f for every entry in ascending order until it returns false. f
// is called without a lock, so the map may change between two calls.
func (m *Map) Regions(f func(RegionInfo) bool) {
	for at := m.lo; ; {
		r, kr := m.Region(at)
		if kr != abi.KERN_SUCCESS || !f(r) {
			return
		}
		at = r.Start + Addr(r.Size)
	}
}

func (e *Entry) info() RegionInfo {
	r := RegionInfo{Start: e.start, Size: e.size(), Prot: e.prot, Max: e.max, Inherit: e.inherit,
		Behavior: e.behavior, Offset: e.offset, Tag: e.tag, Wired: int(e.wired), ShareMode: abi.SM_EMPTY}
	if s := e.sub; s != nil {
		s.parentMu.Lock()
		r.IsSubmap, r.RefCount, r.ShareMode, r.Shared = true, len(s.parents)+s.refs, abi.SM_TRUESHARED, true
		s.parentMu.Unlock()
		return r
	}
	o := e.object
	if o == nil {
		return r
	}
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	r.Object, r.ObjectID, r.RefCount, r.ShadowDepth = o, o.id, o.refs, o.depth()
	r.Shared = o.shared || o.pager != nil && !e.needsCopy
	switch {
	case r.Shared && o.refs > 1:
		r.ShareMode = abi.SM_SHARED
	case e.needsCopy || o.shadow != nil:
		r.ShareMode = abi.SM_COW
	default:
		r.ShareMode = abi.SM_PRIVATE
	}
	page, end := e.pages()
	r.Resident = o.resident(page, end-page)
	r.Dirty = o.dirty.count(page, end-page)
	d, off := o, e.offset
	for d.shadow != nil {
		off += d.shadowOff
		d = d.shadow
	}
	r.Pager, r.PagerOffset, r.ExternalPager = d.pager, off, d.pager != nil
	return r
}

// resident is how many of the pages are in memory, wherever in the chain.
func (o *Object) resident(page, n uint64) uint64 {
	total := uint64(0)
	for end := page + n; page < end; {
		x := o.lookup(page, end-page)
		if x.is == present {
			phys, k, ok := x.owner.placed(x.page, x.n)
			if ok {
				total += inMemory(x.owner.mem, phys, k)
			}
			x.n = k
		}
		page += x.n
	}
	return total
}

// inMemory counts those of n pages at phys that the host has memory for: neither
// untouched nor paged out.
func inMemory(mem machine.Memory, phys machine.Phys, n uint64) (pages uint64) {
	r, ok := mem.(residency)
	if !ok {
		return n
	}
	for end := phys + machine.Phys(n<<pageShift); phys < end; {
		at, size, ok := r.NextResident(phys, uint64(end-phys))
		if !ok {
			break
		}
		pages += size >> pageShift
		phys = at + machine.Phys(size)
	}
	return pages
}

// ResidentSize is how many bytes of the map's memory are resident.
func (m *Map) ResidentSize() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := uint64(0)
	for _, e := range m.entries {
		o := e.object
		if o == nil {
			continue
		}
		o.fam.mu.Lock()
		if lo, hi, ok := e.cut(e.start, e.end); ok {
			n += o.resident(e.page(lo), uint64(hi-lo)>>pageShift)
		}
		o.fam.mu.Unlock()
	}
	return n << pageShift
}
