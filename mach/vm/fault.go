package vm

import (
	"puggle/abi"
	"puggle/machine"
)

const (
	copyPages    = 4   // copied at once by a write fault
	dirtyPages   = 16  // of a file, made writable and dirty by one
	maxCopyPages = 256 // for sequential writers
	readPages    = 256 // entered at once around a read fault
	maxReadPages = 1024
	againPages   = 64 // entered at once where the hull says that all was
	maxOps       = 48 // in one fault
)

// hold is a page that is there and may be used: while it is held, its map is
// locked for reading and its object's family is locked.
type hold struct {
	m    *Map   // the map that was asked
	sub  *Map   // the submap the page was found in, or nil
	via  *Entry // m's entry for that submap
	e    *Entry
	o    *Object // e's object
	page uint64  // of o
	addr Addr    // in e's map
	r    reaper

	copyLo, copyHi uint64 // the pages just copied for a fault
	thaws          bool   // nothing has been entered: the entry is to be thawed
	entered        bool   // enter must not ask for that
}

func (h *hold) release() {
	h.o.fam.mu.Unlock()
	h.unlockMaps()
	if h.r.list != nil {
		h.r.reap()
	}
}

func (h *hold) unlockMaps() {
	if h.sub != nil {
		h.sub.mu.RUnlock()
	}
	h.m.mu.RUnlock()
}

// allows says whether access is within prot. What may be written or executed
// may be read, as on the processor.
func allows(prot, access Prot) bool {
	if prot != 0 {
		prot |= abi.VM_PROT_READ
	}
	return access&^prot == 0
}

// Fault makes addr accessible and enters the translation, with as many around
// it as make sense. KERN_INVALID_ADDRESS: nothing is mapped there;
// KERN_PROTECTION_FAILURE; KERN_MEMORY_ERROR: the pager can't supply the page
// (SIGBUS); KERN_RESOURCE_SHORTAGE: no memory.
func (m *Map) Fault(addr Addr, access Prot) abi.KernReturn {
	if m.hasFresh.Load() && m.enterFresh(addr, access) {
		m.events.faults.Add(1)
		return abi.KERN_SUCCESS
	}
	var h hold
	if p, ok := m.mem.(*DefaultPager); ok {
		p.throttle()
	}
	for {
		if kr := m.hold(&h, addr, access, false, true); kr != abi.KERN_SUCCESS {
			return kr
		}
		kr := h.enter(access)
		if h.copyLo < h.copyHi && h.sub == nil {
			m.noteHot(h.e.addr(h.e.block(h.page)))
		}
		h.release()
		if h.thaws && !m.thaw(addr) {
			h.entered = true // what was seen is so no longer
			continue
		}
		m.events.faults.Add(1)
		return kr
	}
}

// hold finds the page at addr, bringing it in and copying it as access needs.
// force ignores a missing write permission; fault says that the caller enters
// the page itself.
func (m *Map) hold(h *hold, addr Addr, access Prot, force, fault bool) abi.KernReturn {
	write := access&abi.VM_PROT_WRITE != 0
	for {
		*h = hold{m: m, addr: addr, r: h.r, entered: h.entered}
		m.mu.RLock()
		h.e = m.entry(addr)
		prot := Prot(abi.VM_PROT_ALL)
		if h.e != nil && h.e.sub != nil {
			h.via, h.sub = h.e, h.e.sub
			prot = h.via.prot
			h.addr = Addr(h.via.offset + uint64(addr-h.via.start))
			h.sub.mu.RLock()
			h.e = h.sub.entry(h.addr)
		}
		e := h.e
		if e == nil || e.sub != nil {
			h.unlockMaps()
			return abi.KERN_INVALID_ADDRESS
		}
		prot &= e.prot
		if !allows(prot, access) && !force {
			h.unlockMaps()
			return abi.KERN_PROTECTION_FAILURE
		}
		private := force && write && prot&abi.VM_PROT_WRITE == 0
		if e.object == nil || write && e.needsCopy || private && e.privatised() {
			h.unlockMaps()
			if kr := e.m.prepare(h.addr, write, private); kr != abi.KERN_SUCCESS {
				return kr
			}
			continue
		}
		h.o = e.object
		h.page = e.page(h.addr)
		h.o.fam.mu.Lock()
		x := h.o.find(h.page, &h.r)
		switch x.is {
		case absent, inBusy:
			x.owner.refs++
			lo, hi := e.cluster(x, h.page)
			h.unlockMaps()
			var err error
			if x.is == inBusy {
				if !x.owner.waitIdle(x.page, 1) {
					err = errHeld
				}
				x.owner.fam.mu.Unlock()
			} else {
				h.o.fam.mu.Unlock()
				err = x.owner.pageIn(x.page, lo, hi)
				m.events.pageins.Add(1)
			}
			x.owner.Unref()
			switch {
			case err == machine.ErrNoMemory:
				return abi.KERN_RESOURCE_SHORTAGE
			case err != nil:
				return abi.KERN_MEMORY_ERROR
			}
			continue
		case zeroed:
			if !write {
				h.o.valid.set(h.page, 1)
			}
		}
		if write {
			if kr := h.own(x, fault); kr != abi.KERN_SUCCESS {
				h.release()
				return kr
			}
		}
		return abi.KERN_SUCCESS
	}
}

// find is lookup of one page, after shortening the chain if that is possible.
func (o *Object) find(page uint64, r *reaper) run {
	if s := o.shadow; s != nil && s.refs == 1 && s.pager == nil {
		o.collapse(r)
	}
	return o.lookup(page, 1)
}

// privatised says whether a forced write through e must not reach others.
func (e *Entry) privatised() bool {
	o := e.object
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	return o.pager != nil || o.shared
}

// prepare gives the entry at addr an object, and, for writing, one that isn't
// frozen. If the entry has changed meanwhile nothing is done.
func (m *Map) prepare(addr Addr, write, private bool) abi.KernReturn {
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entry(addr)
	if e == nil || e.sub != nil {
		return abi.KERN_SUCCESS
	}
	if private && e.object != nil && e.privatised() {
		o := e.object
		o.fam.mu.Lock()
		if o.pager != nil {
			e.needsCopy = true
		} else if err := m.unshare(e, &r); err != nil {
			o.fam.mu.Unlock()
			return abi.KERN_RESOURCE_SHORTAGE
		}
		o.fam.mu.Unlock()
	}
	if err := m.own(e, write, &r); err != nil {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	return abi.KERN_SUCCESS
}

// own gives e an object, and, for writing, thaws or shadows a frozen one. The
// map is locked for writing.
func (m *Map) own(e *Entry, write bool, r *reaper) error {
	if e.object == nil {
		o := newObject(e.size(), newFamily(), m.mem)
		e.offset, e.needsCopy = 0, false
		o.fam.mu.Lock()
		e.link(o)
		o.fam.mu.Unlock()
		return nil
	}
	if !write || !e.needsCopy {
		return nil
	}
	o := e.object
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.thawable(e) {
		e.needsCopy = false
		return nil
	}
	e.unlink()
	s := o.newShadow(e.offset, e.size())
	e.offset, e.needsCopy = 0, false
	e.nextWrite, e.nextRead = 0, 0
	e.link(s)
	s.collapse(r)
	if s.depth() > maxDepth {
		return s.flatten(r)
	}
	return nil
}

// unshare gives e a copy of its own of shared memory. The map is locked for
// writing and the family is locked.
func (m *Map) unshare(e *Entry, r *reaper) error {
	o := e.object
	d, err := o.duplicate(e.offset, e.size())
	if err != nil {
		return err
	}
	if a, b, ok := e.cut(e.start, e.end); ok {
		m.apply(machine.PmapOp{Kind: machine.PmapRemove, Va: a, Len: uint64(b - a)})
	}
	e.unlink()
	e.offset = 0
	e.link(d)
	o.unref(r)
	return nil
}

// own makes h's object have the page itself, for writing: with a window of
// neighbours, larger for those who write sequentially.
func (h *hold) own(x run, fault bool) abi.KernReturn {
	o, e := h.o, h.e
	first, last := e.pages()
	if x.is == present && x.owner == o {
		if o.pager != nil {
			o.dirty.set(h.page, 1)
		}
		return abi.KERN_SUCCESS
	}
	lo, n := h.page, uint64(copyPages)
	if h.page == e.nextWrite && e.writeWin > 0 {
		n = min(e.writeWin*2, maxCopyPages)
	} else {
		lo = max(h.page&^(copyPages-1), first)
	}
	hi := min(lo+n, last)
	if lo == h.page&^(copyPages-1) {
		hi = min(h.page&^(copyPages-1)+n, last)
	}
	e.writeWin, e.nextWrite = n, hi
	changed, err := o.push(lo, hi-lo)
	if changed {
		if !fault || h.sub != nil || len(o.mappings) > 1 || err != nil {
			o.disconnect(lo<<pageShift, hi<<pageShift)
		}
		h.copyLo, h.copyHi = lo, hi
		h.m.events.cows.Add(1)
	}
	if err != nil {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	return abi.KERN_SUCCESS
}

// cluster says which pages of the pager's object x.owner to bring in when the
// fault was at page of e's object.
func (e *Entry) cluster(x run, page uint64) (lo, hi uint64) {
	switch e.behavior {
	case abi.VM_BEHAVIOR_RANDOM:
		lo, hi = page, page+1
	case abi.VM_BEHAVIOR_RSEQNTL:
		lo, hi = page-min(page, pageIns-1), page+1
	case abi.VM_BEHAVIOR_SEQUENTIAL:
		lo, hi = page, page+maxReadPages/4
	default:
		lo = page &^ (pageIns - 1)
		hi = lo + pageIns
		if page == e.nextRead && e.readWin > 0 {
			e.readWin = min(e.readWin*2, maxReadPages)
			lo, hi = page, page+e.readWin
		} else {
			e.readWin = pageIns
		}
	}
	first, last := e.pages()
	lo, hi = max(lo, first), min(hi, last)
	e.nextRead = hi
	d := x.page - page // wraps: the owner's number for the same page
	return lo + d, hi + d
}
