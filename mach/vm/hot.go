package vm

import (
	"slices"
	"sync"

	"puggle/abi"
	"puggle/machine"
)

const (
	maxHot   = 24 // blocks that are remembered
	hotForks = 32 // forks after which they are learned anew
)

// hotBlocks are the blocks of copyPages pages that were copied by write faults
// after a fork: a stack's end, a library's variables. The next fork copies them at
// once, for that costs less than a fault each. They are addresses and no more;
// what is there is looked up when they are used. Its lock comes after all others.
type hotBlocks struct {
	mu    sync.Mutex
	at    []Addr
	forks int
}

// note remembers the block that begins at a.
func (b *hotBlocks) note(a Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.at) < maxHot && !slices.Contains(b.at, a) {
		b.at = append(b.at, a)
	}
}

// use gives the blocks to a fork.
func (b *hotBlocks) use() []Addr {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := slices.Clone(b.at)
	if b.forks++; b.forks%hotForks == 0 {
		b.at = b.at[:0]
	}
	return l
}

// hot is what a map knows of hot blocks. nil pointers: it has not forked, and is
// no fork's child.
type hot struct {
	self     *hotBlocks // of its own after a fork
	children *hotBlocks // of those it has forked
	asChild  *hotBlocks // its parent's children
}

// block is the first of e's pages that a write fault at page copies with it. Blocks are
// aligned in the object and not in the map: the same number would be another block, or
// one of another entry.
func (e *Entry) block(page uint64) uint64 {
	first, _ := e.pages()
	return max(page&^(copyPages-1), first)
}

// noteHot is told that a write fault has copied the block that begins at a.
func (m *Map) noteHot(a Addr) {
	if b := m.hot.asChild; b != nil {
		b.note(a)
	}
	if b := m.hot.self; b != nil {
		b.note(a)
	}
}

// forkHot readies both lists of m, which is about to fork c, and gives what is in
// them. Both maps are the caller's alone.
func (m *Map) forkHot(c *Map) (self, child []Addr) {
	if m.hot.self == nil {
		m.hot.self, m.hot.children = new(hotBlocks), new(hotBlocks)
	}
	c.hot.asChild = m.hot.children
	return m.hot.self.use(), m.hot.children.use()
}

// copyHot gives m's entries the blocks at those addresses, in objects of their own,
// and says which parts of which entries that are. Translations are the caller's;
// none to what is copied may allow writing, or nobody writes meanwhile. The map is locked for writing, or not
// known to anybody yet.
func (m *Map) copyHot(at []Addr, r *reaper) (parts []freshPart) {
	for _, a := range at {
		e := m.entry(a)
		if e == nil || e.sub != nil || e.object == nil || !e.needsCopy || e.object.pager != nil ||
			e.prot&abi.VM_PROT_WRITE == 0 {
			// The first block of an entry makes it an object of its own, and
			// needsCopy is over: the others follow.
			if e == nil || !slices.ContainsFunc(parts, func(p freshPart) bool { return p.e == e }) {
				continue
			}
		}
		if m.own(e, true, r) != nil {
			return parts
		}
		_, last := e.pages()
		lo := e.block(e.page(a))
		hi := min(lo&^(copyPages-1)+copyPages, last)
		o := e.object
		o.fam.mu.Lock()
		_, err := o.push(lo, hi-lo)
		o.fam.mu.Unlock()
		parts = append(parts, freshPart{e, e.addr(lo), e.addr(hi)})
		if err != nil {
			return parts
		}
	}
	return parts
}

// enterHot enters translations for parts, which faults do otherwise, after ops. The map is
// locked for writing.
func (m *Map) enterHot(ops []machine.PmapOp, parts []freshPart) error {
	var fams families
	for _, p := range parts {
		fams = append(fams, p.e.object.fam)
	}
	fams.lock()
	defer fams.unlock()
	for _, p := range parts {
		if lo, hi, ok := p.e.cut(p.lo, p.hi); ok { // what was never entered is left to faults
			ops = p.e.translate(ops, p.e.page(lo), p.e.page(hi), p.e.prot, freshOps)
		}
	}
	err := m.apply(ops...)
	if err != nil {
		// What the old translations show is out of date.
		for _, p := range parts {
			m.apply(machine.PmapOp{Kind: machine.PmapRemove, Va: p.lo, Len: uint64(p.hi - p.lo)})
		}
	}
	return err
}
