package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// Contents is the first run of pages within [lo, hi) that may be something else than zero: in
// memory, paged out, or with a pager. Untouched memory, holes and devices' memory are passed
// over, without being looked at page by page. The pages may change after it.
func (m *Map) Contents(lo, hi Addr) (at, end Addr, ok bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		e := m.entries[i]
		from, to := max(lo, e.start), min(hi, e.end)
		if s := e.sub; s != nil {
			in := func(a Addr) Addr { return Addr(e.offset) + (a - e.start) }
			if at, end, ok = s.Contents(in(from), in(to)); ok {
				return e.start + at - Addr(e.offset), e.start + end - Addr(e.offset), true
			}
			continue
		}
		if e.object == nil {
			continue
		}
		e.object.fam.mu.Lock()
		page, n, ok := e.object.contents(e.page(from), uint64(to-from)>>pageShift)
		e.object.fam.mu.Unlock()
		if ok {
			at = e.addr(page)
			return at, at + Addr(n<<pageShift), true
		}
	}
	return 0, 0, false
}

// contents is Contents for n pages of o, whose family is locked.
func (o *Object) contents(page, n uint64) (at, pages uint64, ok bool) {
	if _, device := o.pager.(*devicePager); device {
		return 0, 0, false
	}
	for end := page + n; page < end; {
		x := o.lookup(page, end-page)
		switch x.is {
		case absent, inBusy:
			return page, x.n, true
		case present:
			phys, k, placed := x.owner.placed(x.page, x.n)
			if placed {
				if skip, size, ok := x.owner.stored(phys, k); ok {
					return page + skip, size, true
				}
			}
			x.n = k
		}
		page += x.n
	}
	return 0, 0, false
}

// stored finds the first of n pages at phys that takes up memory of the host or room in a paging
// file, and how many that do follow it.
func (o *Object) stored(phys machine.Phys, n uint64) (skip, size uint64, ok bool) {
	r, can := o.mem.(residency)
	if !can {
		return 0, n, true
	}
	for begin, end := phys, phys+machine.Phys(n<<pageShift); phys < end; {
		k := uint64(end-phys) >> pageShift
		if p := o.defaultPager(); p != nil {
			in, run := p.enterable(phys, k)
			if !in {
				return uint64(phys-begin) >> pageShift, run, true
			}
			k = run
		}
		if at, bytes, ok := r.NextResident(phys, k<<pageShift); ok {
			return uint64(at-begin) >> pageShift, bytes >> pageShift, true
		}
		phys += machine.Phys(k << pageShift)
	}
	return 0, 0, false
}

// CopyInForce is CopyIn for debuggers: it also reads what the guest may not.
func (m *Map) CopyInForce(dst []byte, addr Addr) abi.KernReturn { return m.copyIn(dst, addr, true) }
