package trap

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"puggle/machine"
)

// To give pages back to the host takes a host call for each extent, 5 to 10 µs, with an
// interrupt of every CPU that the kernel runs on: a process that ends frees some forty, and
// whoever waits for it would wait for them. So what is freed is gathered for flushAfter,
// or until there are flushAt extents, and neighbours go together. Nobody is told that
// there is less memory in use before that is so: Resident flushes first.
const (
	flushAfter = 10 * time.Millisecond
	flushAt    = 128
)

// pending is what has been freed and is not yet the host's. mu comes last of all locks;
// flushing is held while what was gathered is given back, so that whoever flushes
// finds all of it free, what another was about to give back, too.
type pending struct {
	flushing sync.Mutex
	mu       sync.Mutex
	list     []extent
}

// Free gives an extent back.
func (m *memory) Free(p machine.Phys, n uint64) {
	f := &m.pending
	f.mu.Lock()
	f.list = append(f.list, extent{p, n})
	k := len(f.list)
	f.mu.Unlock()
	switch k {
	case 1:
		time.AfterFunc(flushAfter, m.flush)
	case flushAt:
		m.flush()
	}
}

// flush gives back what was freed until now.
func (m *memory) flush() {
	f := &m.pending
	f.flushing.Lock()
	defer f.flushing.Unlock()
	f.mu.Lock()
	l := f.list
	f.list = nil
	f.mu.Unlock()
	slices.SortFunc(l, func(a, b extent) int { return cmp.Compare(a.p, b.p) })
	for len(l) > 0 {
		e, k := l[0], 1
		for k < len(l) && l[k].p == e.p+machine.Phys(e.n) {
			e.n += l[k].n
			k++
		}
		l = l[k:]
		m.Discard(e.p, e.n)
		m.FreeUntouched(e.p, e.n)
	}
}

// FreeUntouched is Free for pages that nobody has touched since Alloc: the host has
// nothing to be given back.
func (m *memory) FreeUntouched(p machine.Phys, n uint64) {
	e := extent{p, n}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disown(e)
	// Coalesce with the free neighbours.
	var prev, next extent
	m.byAddr.DescendLessOrEqual(e, func(x extent) bool { prev = x; return false })
	m.byAddr.AscendGreaterOrEqual(e, func(x extent) bool { next = x; return false })
	if prev.n != 0 && prev.p+machine.Phys(prev.n) == e.p {
		m.byAddr.Delete(prev)
		m.bySize.Delete(prev)
		e = extent{prev.p, prev.n + e.n}
	}
	if next.n != 0 && e.p+machine.Phys(e.n) == next.p {
		m.byAddr.Delete(next)
		m.bySize.Delete(next)
		e.n += next.n
	}
	if e.p+machine.Phys(e.n) == m.next {
		m.next = e.p
		return
	}
	m.byAddr.ReplaceOrInsert(e)
	m.bySize.ReplaceOrInsert(e)
}
