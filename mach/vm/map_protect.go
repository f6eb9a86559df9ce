package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// Protect is vm_protect: it sets the protection of [addr, addr+size), or with
// setMax the maximum (lowering the current one if need be).
// KERN_PROTECTION_FAILURE when prot exceeds the maximum, KERN_INVALID_ADDRESS
// when part of the range is not mapped; nothing has changed then.
// KERN_NO_SPACE when VM_PROT_COPY meets permanent entries, which lose all access.
// VM_PROT_COPY in prot makes the range private first and lifts the maximum.
func (m *Map) Protect(addr Addr, size uint64, prot Prot, setMax bool) abi.KernReturn {
	lo, hi := addr.Trunc(), (addr + Addr(size)).Round()
	if hi < lo || addr+Addr(size) < addr {
		return abi.KERN_INVALID_ARGUMENT
	}
	private := prot&abi.VM_PROT_COPY != 0
	prot &^= abi.VM_PROT_COPY
	if prot&^abi.VM_PROT_ALL != 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	if lo == hi {
		return abi.KERN_SUCCESS
	}
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.covered(lo, hi) {
		return abi.KERN_INVALID_ADDRESS
	}
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		e := m.entries[i]
		if prot&^e.max != 0 && !private {
			return abi.KERN_PROTECTION_FAILURE
		}
		if m.noExec && !setMax && prot&abi.VM_PROT_EXECUTE != 0 && e.prot&abi.VM_PROT_EXECUTE == 0 {
			return abi.KERN_PROTECTION_FAILURE
		}
		if private && e.sub != nil {
			return abi.KERN_PROTECTION_FAILURE
		}
	}
	// A private copy would have to take the place of what is permanent.
	if private && m.neuterPermanent(lo, hi) {
		return abi.KERN_NO_SPACE
	}
	i, j := m.clip(lo, hi)
	var ops []machine.PmapOp
	var one [4]machine.PmapOp
	ops = one[:0]
	for _, e := range m.entries[i:j] {
		if private {
			if kr := m.makePrivate(e, &r); kr != abi.KERN_SUCCESS {
				return kr
			}
			e.max |= prot
		}
		ops = e.protect(ops, prot, setMax)
	}
	if err := m.apply(ops...); err != nil {
		for _, e := range m.entries[i:j] {
			e.forgetRights()
		}
		return abi.KERN_RESOURCE_SHORTAGE
	}
	m.merge(i, j)
	return abi.KERN_SUCCESS
}

// ExecLockdown is vm_map_exec_lockdown: from now on nothing that was not executable
// becomes so; KERN_PROTECTION_FAILURE then. Children of fork inherit it, exec ends it.
func (m *Map) ExecLockdown() {
	m.mu.Lock()
	m.noExec = true
	m.mu.Unlock()
}

// neuterPermanent takes access to what is permanent in [lo, hi), and says whether
// there was such.
func (m *Map) neuterPermanent(lo, hi Addr) (any bool) {
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		if e := m.entries[i]; e.permanent {
			end := min(hi, e.end)
			m.neuter(max(lo, e.start), end)
			any = true
			i = m.find(end) - 1
		}
	}
	return any
}

// makePrivate lets writes through e be seen by nobody else.
func (m *Map) makePrivate(e *Entry, r *reaper) abi.KernReturn {
	o := e.object
	if o == nil || e.needsCopy {
		return abi.KERN_SUCCESS
	}
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.pager != nil {
		if a, b, ok := e.cut(e.start, e.end); ok {
			m.apply(machine.PmapOp{Kind: machine.PmapProtect, Va: a, Len: uint64(b - a), Prot: e.allow(e.prot &^ abi.VM_PROT_WRITE)})
		}
		e.needsCopy = true
	} else if o.shared {
		if m.unshare(e, r) != nil {
			return abi.KERN_RESOURCE_SHORTAGE
		}
	}
	return abi.KERN_SUCCESS
}

// protect sets e's protection and appends what the pmap must be told. Where
// some pages may be written and others not, writing is left to faults.
func (e *Entry) protect(ops []machine.PmapOp, prot Prot, setMax bool) []machine.PmapOp {
	if o := e.object; o != nil {
		o.fam.mu.Lock()
		defer o.fam.mu.Unlock()
	}
	if e.sub != nil {
		e.sub.parentMu.Lock()
		defer e.sub.parentMu.Unlock()
	}
	old := e.prot
	if setMax {
		e.max = prot
		e.prot &= prot
	} else {
		e.prot = prot
	}
	if e.prot == old || e.lo == e.hi {
		return ops
	}
	if e.sub != nil {
		// Its entries have protections of their own: begin again.
		return append(ops, machine.PmapOp{Kind: machine.PmapRemove, Va: e.lo, Len: uint64(e.hi - e.lo)})
	}
	if e.rights&^e.prot == 0 && e.mayRaise() {
		// Nothing is to be taken away.
		e.raised = e.rights != e.prot
		return ops
	}
	p := e.enterable()
	if p == old {
		return ops
	}
	e.rights, e.raised = e.prot, false
	return append(ops, machine.PmapOp{Kind: machine.PmapProtect, Prot: p, Va: e.lo, Len: uint64(e.hi - e.lo)})
}

// merge joins untouched neighbours around [i, j) that have become alike, and
// neighbours that map adjoining parts of one object.
func (m *Map) merge(i, j int) {
	i = max(i, 1)
	for k := min(j, len(m.entries)-1); k >= i; k-- {
		p, e := m.entries[k-1], m.entries[k]
		if p.end != e.start || p.sub != nil || e.sub != nil || p.object != e.object ||
			p.prot != e.prot || p.max != e.max || p.inherit != e.inherit || p.behavior != e.behavior ||
			p.tag != e.tag || p.wired != e.wired || p.permanent != e.permanent || p.needsCopy != e.needsCopy {
			continue
		}
		if o := p.object; o != nil {
			if p.offset+p.size() != e.offset {
				continue
			}
			o.fam.mu.Lock()
			e.unlink()
			o.refs--
			p.end = e.end
			if e.lo < e.hi {
				p.allow(e.rights)
				p.raised = p.raised || e.raised
				p.grow(e.lo, e.hi)
			}
			o.fam.mu.Unlock()
		} else {
			p.end = e.end
		}
		m.entries = append(m.entries[:k], m.entries[k+1:]...)
	}
}

// Inherit is vm_inherit. KERN_INVALID_ARGUMENT for an unknown value,
// KERN_INVALID_ADDRESS outside the map; holes are skipped.
func (m *Map) Inherit(addr Addr, size uint64, inherit Inherit) abi.KernReturn {
	if inherit > abi.VM_INHERIT_NONE {
		return abi.KERN_INVALID_ARGUMENT
	}
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS || lo == hi {
		return kr
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i, j := m.clip(lo, hi)
	for _, e := range m.entries[i:j] {
		e.inherit = inherit
	}
	m.merge(i, j)
	return abi.KERN_SUCCESS
}

// Wire is vm_wire with prot not VM_PROT_NONE, and mlock: it faults the range in
// and counts: what is wired is never paged out. Errors are Fault's, and
// KERN_RESOURCE_SHORTAGE beyond LimitWired; what had been wired is unwired again then.
func (m *Map) Wire(addr Addr, size uint64, prot Prot) abi.KernReturn {
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS || lo == hi {
		return kr
	}
	if kr := m.wire(lo, hi, 1); kr != abi.KERN_SUCCESS {
		return kr
	}
	return m.faultWired(lo, hi, prot)
}

// faultWired faults in what has just been wired, and unwires it when that fails.
func (m *Map) faultWired(lo, hi Addr, prot Prot) abi.KernReturn {
	for a := lo; a < hi; {
		p, kr := m.Pin(a, min(uint64(hi-a), 1<<20), prot)
		if kr != abi.KERN_SUCCESS {
			m.wire(lo, hi, -1)
			return kr
		}
		for _, b := range p.Slices() {
			a += Addr(len(b))
		}
		p.Release()
	}
	return abi.KERN_SUCCESS
}

// Unwire undoes one Wire. KERN_INVALID_ARGUMENT when part of the range isn't
// wired.
func (m *Map) Unwire(addr Addr, size uint64) abi.KernReturn {
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS || lo == hi {
		return kr
	}
	return m.wire(lo, hi, -1)
}

func (m *Map) wire(lo, hi Addr, by int) abi.KernReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wireLocked(lo, hi, by)
}

func (m *Map) wireLocked(lo, hi Addr, by int) abi.KernReturn {
	if !m.covered(lo, hi) {
		return abi.KERN_INVALID_ADDRESS
	}
	i, j := m.clip(lo, hi)
	if most := m.wireLimit(); by > 0 && most != ^uint64(0) {
		n := m.wiredSize()
		for _, e := range m.entries[i:j] {
			if e.wired == 0 {
				n += e.size()
			}
		}
		if n > most {
			m.merge(i, j)
			return abi.KERN_RESOURCE_SHORTAGE
		}
	}
	for _, e := range m.entries[i:j] {
		if n := int(e.wired) + by; n < 0 {
			return abi.KERN_INVALID_ARGUMENT
		} else if n > 0xffff {
			return abi.KERN_FAILURE
		}
	}
	for _, e := range m.entries[i:j] {
		if e.object != nil {
			e.object.fam.mu.Lock()
		}
		e.wired = uint16(int(e.wired) + by)
		if e.object != nil {
			e.object.fam.mu.Unlock()
		}
	}
	m.merge(i, j)
	return abi.KERN_SUCCESS
}

// LimitWired is vm_map_set_user_wire_limit: no more than n bytes of the map can be wired
// from now on. What is wired already stays so.
func (m *Map) LimitWired(n uint64) { m.unwired.Store(^n) }

func (m *Map) wireLimit() uint64 { return ^m.unwired.Load() }

// WiredSize is how many bytes are wired.
func (m *Map) WiredSize() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.wiredSize()
}

func (m *Map) wiredSize() uint64 {
	n := uint64(0)
	for _, e := range m.entries {
		if e.wired > 0 {
			n += e.size()
		}
	}
	return n
}

// MachineAttribute is vm_machine_attribute. Caches are coherent, so flushing
// and synchronising them succeeds; everything else is KERN_NOT_SUPPORTED.
func (m *Map) MachineAttribute(addr Addr, size uint64, attribute, value int32) abi.KernReturn {
	if _, _, kr := m.check(addr, size); kr != abi.KERN_SUCCESS {
		return kr
	}
	if attribute == abi.MATTR_CACHE && value >= abi.MATTR_VAL_CACHE_FLUSH && value <= abi.MATTR_VAL_CACHE_SYNC {
		return abi.KERN_SUCCESS
	}
	return abi.KERN_NOT_SUPPORTED
}
