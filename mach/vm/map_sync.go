package vm

import (
	"puggle/abi"
)

// Msync is vm_msync: it writes back what is dirty in the files mapped in the
// range, and with VM_SYNC_INVALIDATE forgets their pages. ASYNCHRONOUS waits
// too. KERN_INVALID_ADDRESS when part of the range isn't mapped and
// VM_SYNC_CONTIGUOUS is given, KERN_INVALID_ARGUMENT for SYNCHRONOUS and
// ASYNCHRONOUS together, KERN_MEMORY_ERROR when a pager fails.
func (m *Map) Msync(addr Addr, size uint64, flags int) abi.KernReturn {
	const both = abi.VM_SYNC_ASYNCHRONOUS | abi.VM_SYNC_SYNCHRONOUS
	if flags&both == both {
		return abi.KERN_INVALID_ARGUMENT
	}
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS || lo == hi {
		return kr
	}
	type part struct {
		o         *Object
		off, size uint64
	}
	var parts []part
	m.mu.RLock()
	if flags&abi.VM_SYNC_CONTIGUOUS != 0 && !m.covered(lo, hi) {
		m.mu.RUnlock()
		return abi.KERN_INVALID_ADDRESS
	}
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		e := m.entries[i]
		if o := e.object; o != nil && !e.needsCopy && o.pager != nil {
			a, b := max(lo, e.start), min(hi, e.end)
			parts = append(parts, part{o.Ref(), e.page(a) << pageShift, uint64(b - a)})
		}
	}
	m.mu.RUnlock()
	for _, p := range parts {
		if k := p.o.sync(p.off, p.size, flags); k != abi.KERN_SUCCESS {
			kr = k
		}
		p.o.Unref()
	}
	return kr
}

// Behavior is vm_behavior_set. DEFAULT, RANDOM, SEQUENTIAL and RSEQNTL are kept
// and shape page-ins; WILLNEED brings files in; FREE, REUSABLE and ZERO make
// anonymous memory zero and give it back (FREE and REUSABLE only where nobody
// shares it, since they may); DONTNEED, PAGEOUT, REUSE and CAN_REUSE are accepted without
// effect. KERN_INVALID_ADDRESS for holes, KERN_INVALID_ARGUMENT for others.
func (m *Map) Behavior(addr Addr, size uint64, b Behavior) abi.KernReturn {
	lo, hi, kr := m.check(addr, size)
	if kr != abi.KERN_SUCCESS || lo == hi {
		return kr
	}
	switch b {
	case abi.VM_BEHAVIOR_DEFAULT, abi.VM_BEHAVIOR_RANDOM, abi.VM_BEHAVIOR_SEQUENTIAL, abi.VM_BEHAVIOR_RSEQNTL:
		m.mu.Lock()
		defer m.mu.Unlock()
		if !m.covered(lo, hi) {
			return abi.KERN_INVALID_ADDRESS
		}
		i, j := m.clip(lo, hi)
		for _, e := range m.entries[i:j] {
			e.behavior = b
		}
		m.merge(i, j)
		return abi.KERN_SUCCESS
	case abi.VM_BEHAVIOR_WILLNEED:
		return m.willNeed(lo, hi)
	case abi.VM_BEHAVIOR_FREE, abi.VM_BEHAVIOR_REUSABLE:
		return m.discard(lo, hi)
	case abi.VM_BEHAVIOR_ZERO:
		return m.zero(lo, hi)
	case abi.VM_BEHAVIOR_DONTNEED, abi.VM_BEHAVIOR_REUSE, abi.VM_BEHAVIOR_CAN_REUSE, abi.VM_BEHAVIOR_PAGEOUT:
		m.mu.RLock()
		defer m.mu.RUnlock()
		if !m.covered(lo, hi) {
			return abi.KERN_INVALID_ADDRESS
		}
		return abi.KERN_SUCCESS
	}
	return abi.KERN_INVALID_ARGUMENT
}

// willNeed pages the first 16 MB of the range in; errors are left to faults.
func (m *Map) willNeed(lo, hi Addr) abi.KernReturn {
	m.mu.RLock()
	if !m.covered(lo, hi) {
		m.mu.RUnlock()
		return abi.KERN_INVALID_ADDRESS
	}
	m.mu.RUnlock()
	const most = 16 << 20
	for a, end := lo, min(hi, lo+most); a < end; a += Addr(pageIns * pageSize) {
		m.mu.RLock()
		e := m.entry(a)
		file := e != nil && e.object != nil && e.object.root().pager != nil
		m.mu.RUnlock()
		if !file {
			continue
		}
		var h hold
		if m.hold(&h, a, abi.VM_PROT_READ, false, false) == abi.KERN_SUCCESS {
			h.release()
		}
	}
	return abi.KERN_SUCCESS
}

func (o *Object) root() *Object {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	for o.shadow != nil {
		o = o.shadow
	}
	return o
}

// discard gives memory back where it belongs to this map alone; elsewhere the
// contents stay, as the caller must expect.
func (m *Map) discard(lo, hi Addr) abi.KernReturn {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.covered(lo, hi) {
		return abi.KERN_INVALID_ADDRESS
	}
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		e := m.entries[i]
		o := e.object
		if o == nil || e.needsCopy || e.prot&abi.VM_PROT_WRITE == 0 {
			continue
		}
		o.fam.mu.Lock()
		if o.pager == nil && o.shadow == nil && !o.shared && o.pins == 0 && o.alone(e) {
			o.zero(e.page(max(lo, e.start)), uint64(min(hi, e.end)-max(lo, e.start))>>pageShift)
		}
		o.fam.mu.Unlock()
	}
	return abi.KERN_SUCCESS
}

// zero makes pages that have a place zero and gives them back to the host;
// translations stay.
func (o *Object) zero(page, n uint64) {
	for end := page + n; page < end; {
		phys, k, ok := o.placed(page, end-page)
		if ok {
			o.mem.Discard(phys, k<<pageShift)
		}
		page += k
	}
}

func (m *Map) zero(lo, hi Addr) abi.KernReturn {
	for a := lo; a < hi; {
		var h hold
		b, kr := m.window(&h, a, min(uint64(hi-a), pieceBytes), abi.VM_PROT_WRITE, false)
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		n := len(b)
		if o := h.o; o.pager == nil && o.shadow == nil {
			o.zero(h.page, uint64(n)>>pageShift)
		} else {
			clear(b)
		}
		h.release()
		a += Addr(n)
	}
	return abi.KERN_SUCCESS
}
