package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// Deallocate is vm_deallocate: it unmaps [addr, addr+size), rounded out to
// pages. Holes are fine. Permanent entries stay, and can't be accessed any more. A range that goes
// beyond the map is left as it is, with KERN_SUCCESS (vm_map_delete in vm_map.c).
// KERN_INVALID_ARGUMENT on overflow.
func (m *Map) Deallocate(addr Addr, size uint64) abi.KernReturn {
	if size == 0 {
		return abi.KERN_SUCCESS
	}
	lo, hi := addr.Trunc(), (addr + Addr(size)).Round()
	if addr+Addr(size) < addr || hi <= lo {
		return abi.KERN_INVALID_ARGUMENT
	}
	if lo < m.lo || hi > m.hi {
		return abi.KERN_SUCCESS
	}
	var r reaper
	m.mu.Lock()
	kr := m.remove(lo, hi, &r)
	m.mu.Unlock()
	r.reap()
	if kr == abi.KERN_NO_SPACE {
		kr = abi.KERN_SUCCESS
	}
	return kr
}

// Gap is where in [addr, addr+size), rounded out to pages, nothing is mapped: the first
// such address, or Max when the range goes beyond. None for a range that Deallocate refuses.
func (m *Map) Gap(addr Addr, size uint64) (Addr, bool) {
	lo, hi := addr.Trunc(), (addr + Addr(size)).Round()
	if size == 0 || addr+Addr(size) < addr || hi <= lo {
		return 0, false
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if hi > m.hi {
		return m.hi, true
	}
	for i := m.find(lo); lo < hi; i++ {
		if i == len(m.entries) || m.entries[i].start > lo {
			return lo, true
		}
		lo = m.entries[i].end
	}
	return 0, false
}

// Destroy removes everything. The map stays usable for nothing but being empty.
// The Pmap should be destroyed first: then nothing has to be unmapped.
func (m *Map) Destroy() {
	var r reaper
	m.mu.Lock()
	m.dead = true
	for _, e := range m.entries {
		e.permanent = false
	}
	m.remove(m.lo, m.hi, &r)
	m.mu.Unlock()
	r.reap()
}

// remove unmaps [lo, hi) with the map locked for writing. KERN_NO_SPACE when there are
// permanent entries: they keep their places, without access for ever.
func (m *Map) remove(lo, hi Addr, r *reaper) abi.KernReturn {
	left, at := abi.KERN_SUCCESS, lo
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		if !m.entries[i].permanent {
			continue
		}
		a, b := max(lo, m.entries[i].start), min(hi, m.entries[i].end)
		if kr := m.neuter(a, b); kr != abi.KERN_SUCCESS {
			return kr
		}
		if kr := m.removeRun(at, a, r); kr != abi.KERN_SUCCESS {
			return kr
		}
		left, at = abi.KERN_NO_SPACE, b
		i = m.find(b) - 1
	}
	if kr := m.removeRun(at, hi, r); kr != abi.KERN_SUCCESS {
		return kr
	}
	return left
}

// neuter takes all access to [lo, hi) of one entry away. The map is locked.
func (m *Map) neuter(lo, hi Addr) abi.KernReturn {
	i, j := m.clip(lo, hi)
	var ops []machine.PmapOp
	for _, e := range m.entries[i:j] {
		ops = e.protect(ops, abi.VM_PROT_NONE, true)
	}
	if m.apply(ops...) != nil {
		for _, e := range m.entries[i:j] {
			e.forgetRights()
		}
		return abi.KERN_RESOURCE_SHORTAGE
	}
	return abi.KERN_SUCCESS
}

// removeRun is remove where nothing is permanent.
func (m *Map) removeRun(lo, hi Addr, r *reaper) abi.KernReturn {
	if lo >= hi {
		return abi.KERN_SUCCESS
	}
	if m.trim(lo, hi) {
		return abi.KERN_SUCCESS
	}
	i, j := m.clip(lo, hi)
	if i == j {
		return abi.KERN_SUCCESS
	}
	m.forgetFresh(lo, hi)
	// One removal covers all hulls; what lies between them is unmapped too.
	var a, b Addr
	for _, e := range m.entries[i:j] {
		if e.lo < e.hi {
			if a == b {
				a = e.lo
			}
			b = e.hi
		}
	}
	if a < b {
		if err := m.apply(machine.PmapOp{Kind: machine.PmapRemove, Va: a, Len: uint64(b - a)}); err != nil {
			return abi.KERN_RESOURCE_SHORTAGE
		}
	}
	for _, e := range m.entries[i:j] {
		m.size -= e.size()
		e.drop(r)
	}
	hole := m.lo
	if i > 0 {
		hole = m.entries[i-1].end
	}
	m.freed(hole)
	k := copy(m.entries[i:], m.entries[j:])
	clear(m.entries[i+k:])
	m.entries = m.entries[:i+k]
	return abi.KERN_SUCCESS
}

// trim is removeRun where [lo, hi) is no more than the end of one entry of ordinary
// memory, without translations: what was coalesced with it, and comes off again
// without an entry of its own. It does nothing and says false otherwise.
func (m *Map) trim(lo, hi Addr) bool {
	i := m.find(lo)
	if i == len(m.entries) || i+1 < len(m.entries) && m.entries[i+1].start < hi {
		return false
	}
	e := m.entries[i]
	if e.start >= lo || e.end > hi || e.sub != nil || e.needsCopy || e.wired != 0 {
		return false
	}
	if o := e.object; o != nil {
		o.fam.mu.Lock()
		defer o.fam.mu.Unlock()
		if o.refs != 1 || o.pager != nil || o.shadow != nil || o.shared || len(o.shadows) != 0 || o.purgable != 0 {
			return false
		}
	}
	if e.lo < e.hi && e.hi > lo {
		return false
	}
	if o := e.object; o != nil {
		from, to := e.page(lo), e.page(e.end)
		o.free(from, to-from)
		if o.size == to<<pageShift {
			o.size = from << pageShift
		}
	}
	m.forgetFresh(lo, hi)
	m.size -= uint64(e.end - lo)
	e.end = lo
	e.lo, e.hi = min(e.lo, lo), min(e.hi, lo)
	m.freed(lo)
	return true
}

// drop ends e: its translations are gone already.
func (e *Entry) drop(r *reaper) {
	if e.sub != nil {
		e.sub.dropParent(e, r)
		return
	}
	o := e.object
	if o == nil {
		return
	}
	o.fam.mu.Lock()
	e.unlink()
	if o.refs > 1 {
		o.discardPart(e)
	}
	o.unref(r)
	o.fam.mu.Unlock()
}

// discardPart frees the pages that only e, just unlinked, could reach, when the
// rest of o is still mapped by the same map.
func (o *Object) discardPart(e *Entry) {
	if o.pager != nil || o.shared || len(o.shadows) != 0 || o.refs != len(o.mappings)+1 || !o.alone(e) {
		return
	}
	lo, hi := e.pages()
	o.free(lo, hi-lo)
	if o.size == hi<<pageShift && o.shadow == nil {
		// Where the object ends now decides whether it can be extended again.
		end := uint64(0)
		for _, x := range o.mappings {
			end = max(end, x.offset+x.size())
		}
		if end <= lo<<pageShift {
			o.free(end>>pageShift, lo-end>>pageShift)
			o.size = end
		}
	}
}

// alone says whether every other mapping of o is e's map's own and apart from
// e's range.
func (o *Object) alone(e *Entry) bool {
	if len(o.mappings) > 64 {
		return false
	}
	for _, x := range o.mappings {
		if x != e && (x.m != e.m || x.offset < e.offset+e.size() && e.offset < x.offset+x.size()) {
			return false
		}
	}
	return true
}
