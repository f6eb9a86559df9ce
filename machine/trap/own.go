package trap

import (
	"github.com/google/btree"

	"puggle/machine"
)

// The machine's own pages, in which it and its shells tell each other what to do, lie
// among the guests' in physical memory. They are noted, so that a guest who may write
// physical memory (/dev/mem) does not write these.

// allocOwn is Alloc for pages of the machine's own.
func (m *memory) allocOwn(n uint64) (machine.Phys, error) {
	p, err := m.Alloc(n)
	if err == nil {
		m.mu.Lock()
		m.own.ReplaceOrInsert(extent{p, n})
		m.mu.Unlock()
	}
	return p, err
}

// disown forgets what of the machine's own lies in e, which is free now. m.mu is held.
func (m *memory) disown(e extent) {
	var gone []extent
	m.own.AscendGreaterOrEqual(extent{p: e.p}, func(x extent) bool {
		if x.p >= e.p+machine.Phys(e.n) {
			return false
		}
		gone = append(gone, x)
		return true
	})
	for _, x := range gone {
		m.own.Delete(x)
	}
}

// within says whether a page lies in one of the extents.
func within(t *btree.BTreeG[extent], page machine.Phys) (in bool) {
	t.DescendLessOrEqual(extent{p: page}, func(e extent) bool {
		in = page < e.p+machine.Phys(e.n)
		return false
	})
	return in
}

// WriteGuest writes to physical memory, within one page, that a guest has touched; false
// for any other: free, never touched, the machine's own. The page is what it was found to be until the
// bytes are there.
func (m *memory) WriteGuest(p machine.Phys, b []byte) bool {
	n := machine.Phys(len(b))
	page := p &^ machine.PageMask
	if p < paFree || p+n < p || uint64(p+n) > m.size || n == 0 || (p+n-1)&^machine.PageMask != page {
		return false
	}
	f := &m.pending
	f.flushing.Lock()
	defer f.flushing.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.list {
		if page >= e.p && page < e.p+machine.Phys(e.n) {
			return false
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if page >= m.next || within(m.own, page) || within(m.byAddr, page) {
		return false
	}
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return false
	}
	if at, _, ok := m.NextResident(page, machine.PageSize); !ok || at != page {
		return false
	}
	copy(m.Bytes(p, uint64(n)), b)
	return true
}
