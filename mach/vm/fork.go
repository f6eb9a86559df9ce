package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// forkOps bounds how many translations a child gets before it runs.
const forkOps = 512

// Fork is vm_map_fork: a map for a child, by the entries' inheritance. The
// parent's memory is frozen with one call to its Pmap. What the parent had
// entered is entered for the child too, read only, so that it starts without
// faults; see ForkLazy. KERN_RESOURCE_SHORTAGE when memory runs out.
func (m *Map) Fork(child Pmap) (*Map, abi.KernReturn) { return m.fork(child, true, nil) }

// ForkAlone is Fork by a thread that may be the only one of its task. alone is called
// with the map locked and says whether that is so: then nobody writes meanwhile, and what
// the parent is to have copies of needs no call to the Pmap of its own. Threads that begin
// after alone has been asked must call Settle before they enter the guest.
func (m *Map) ForkAlone(child Pmap, alone func() bool) (*Map, abi.KernReturn) {
	return m.fork(child, true, alone)
}

// ForkLazy is Fork for a child that will soon exec: nothing is entered for it.
func (m *Map) ForkLazy(child Pmap) (*Map, abi.KernReturn) { return m.fork(child, false, nil) }

// Settle waits until a fork of m that is in progress has done with its translations.
func (m *Map) Settle() {
	m.mu.RLock() // a fork holds it for writing
	m.mu.RUnlock()
}

func (m *Map) fork(child Pmap, enter bool, alone func() bool) (*Map, abi.KernReturn) {
	c := NewMap(m.mem, child, m.lo, m.hi)
	var r reaper
	m.mu.Lock()
	c.noExec, c.limits = m.noExec, m.limits
	c.unwired.Store(m.unwired.Load())
	kr := m.forkInto(c, enter, alone, &r)
	m.mu.Unlock()
	r.reap()
	if kr != abi.KERN_SUCCESS {
		c.Destroy()
		return nil, kr
	}
	return c, abi.KERN_SUCCESS
}

func (m *Map) forkInto(c *Map, enter bool, alone func() bool, r *reaper) abi.KernReturn {
	var protect []machine.PmapOp
	kr := abi.KERN_SUCCESS
	c.entries = make([]*Entry, 0, len(m.entries))
	var parents []*Entry
	for _, e := range m.entries {
		if e.inherit == abi.VM_INHERIT_NONE {
			continue
		}
		n := &Entry{m: c, start: e.start, end: e.end, offset: e.offset, sub: e.sub,
			needsCopy: e.needsCopy, prot: e.prot, max: e.max, inherit: e.inherit,
			behavior: e.behavior, tag: e.tag, permanent: e.permanent}
		switch {
		case e.sub != nil:
			e.sub.addParent(n)
		case e.inherit == abi.VM_INHERIT_SHARE:
			if m.share(e, r) != nil {
				kr = abi.KERN_RESOURCE_SHORTAGE
			} else {
				n.offset, n.needsCopy = e.offset, false
				n.adopt(e.object)
			}
		case e.object != nil:
			var err error
			if protect, err = e.copyTo(n, protect); err != nil {
				kr = abi.KERN_RESOURCE_SHORTAGE
			}
		}
		if kr != abi.KERN_SUCCESS {
			break
		}
		c.entries = append(c.entries, n)
		parents = append(parents, e)
		c.size += n.size()
	}
	c.hint = c.lo
	if !enter || kr != abi.KERN_SUCCESS {
		if m.apply(protect...) != nil {
			kr = abi.KERN_RESOURCE_SHORTAGE
		}
		return kr
	}
	if alone == nil || !alone() {
		// Nothing is copied before this: other threads write until then.
		if m.apply(protect...) != nil {
			return abi.KERN_RESOURCE_SHORTAGE
		}
		protect = protect[:0]
	}
	self, child := m.forkHot(c)
	if m.enterHot(protect, m.copyHot(self, r)) != nil && len(protect) > 0 {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	c.copyHot(child, r)
	c.inheritTranslations(parents)
	return kr
}

// adopt makes n map o with a reference of its own.
func (n *Entry) adopt(o *Object) {
	o.fam.mu.Lock()
	o.refs++
	n.link(o)
	o.fam.mu.Unlock()
}

// share readies e's object for being mapped a second time, for good. The map is
// locked for writing.
func (m *Map) share(e *Entry, r *reaper) error {
	if err := m.own(e, true, r); err != nil {
		return err
	}
	o := e.object
	o.fam.mu.Lock()
	o.shared = o.shared || o.pager == nil
	o.fam.mu.Unlock()
	return nil
}

// copyTo makes n, an entry not yet linked, a copy of e: the object is frozen
// for both, or duplicated when it is meant to be shared. What the pmap of e's
// map must be told is appended to protect.
func (e *Entry) copyTo(n *Entry, protect []machine.PmapOp) ([]machine.PmapOp, error) {
	o := e.object
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if !e.needsCopy && o.pager == nil && o.shared {
		d, err := o.duplicate(n.offset, n.size())
		if err != nil {
			return protect, err
		}
		n.offset, n.needsCopy = 0, false
		n.link(d)
		return protect, nil
	}
	if !e.needsCopy && o.pager == nil {
		e.needsCopy, e.cold = true, true
		e.m.copies.Add(1)
		if e.lo < e.hi && e.rights&abi.VM_PROT_WRITE != 0 {
			protect = append(protect, machine.PmapOp{Kind: machine.PmapProtect, Va: e.lo,
				Len: uint64(e.hi - e.lo), Prot: e.allow(e.prot &^ abi.VM_PROT_WRITE)})
		}
	}
	n.needsCopy = true
	o.refs++
	n.link(o)
	return protect, nil
}

// inheritTranslations enters for the child, with one call, what the parents'
// entries had entered, as far as it is there. It may fail: faults will do the
// rest.
func (c *Map) inheritTranslations(parents []*Entry) {
	var fams families
	for i, e := range parents {
		if o := c.entries[i].object; o != nil && e.lo < e.hi {
			fams = append(fams, o.fam)
		}
	}
	fams.lock()
	defer fams.unlock()
	var ops []machine.PmapOp
	for i, e := range parents {
		n := c.entries[i]
		if e.lo == e.hi || n.object == nil {
			continue
		}
		before := len(ops)
		ops = n.translate(ops, n.page(e.lo), n.page(e.hi), n.prot, forkOps/8)
		if k := len(ops); k > before {
			n.grow(ops[before].Va, ops[k-1].Va+Addr(ops[k-1].Len))
		}
		if len(ops) > forkOps {
			break
		}
	}
	c.apply(ops...)
}
