package vm

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"puggle/machine"
)

// DefaultPager is physical memory that is larger than what the host gives: what
// has not been used for long lies in a paging file. It stands between objects and
// machine.Memory, and knows pages by their physical address: a page that is out
// keeps its place in its object, so that objects, shadow chains and copies need
// not know about it.
//
// A page is out, inactive (in memory, without any translation, a candidate), or
// neither. A page becomes inactive, goes out, and comes back only under the lock
// of the family of its object. No translation to a page that is out or inactive
// exists: enter brings it in first, translate leaves others away.
//
// Never out: pages of objects that are pinned (a transfer in progress, a UPL),
// of wired entries, of maps that can't wait (kernel code), and memory that is in
// no object. A pager's clean pages are dropped instead, they can be had again.
//
// DefaultPager.mu comes after a family's lock. The paging file is read and
// written without it.
type DefaultPager struct {
	machine.Memory
	memory residency
	store  *backingStore

	mu      sync.Mutex
	chunks  map[uint64]*pageChunk // by physical page / 64
	marked  atomic.Int64          // len(chunks)
	objects map[*Object]struct{}  // that have places

	scan scanner // pageout.go

	outPages, inactivePages          atomic.Int64
	pageins, pageouts, reactivations atomic.Uint64
	purges                           atomic.Uint64
}

// residency is what machine.Memory also must tell for paging: the first run of
// pages within [p, p+n) that take up memory of the host.
type residency interface {
	NextResident(p machine.Phys, n uint64) (at machine.Phys, size uint64, ok bool)
}

// pageChunk is the state of 64 pages, a bit for each.
type pageChunk struct {
	out, inactive uint64
	slot          *[64]slot // of those that are out
}

// NewDefaultPager puts paging files in dir under mem; most bounds their sizes
// together, in bytes. It is nil, and there is no paging, if mem can't tell what is
// resident.
func NewDefaultPager(mem machine.Memory, dir string, most uint64) *DefaultPager {
	r, ok := mem.(residency)
	if !ok || most < pageSize {
		return nil
	}
	return &DefaultPager{Memory: mem, memory: r, store: newBackingStore(dir, most),
		chunks: map[uint64]*pageChunk{}, objects: map[*Object]struct{}{}}
}

// defaultPager is the one under o's memory, or nil.
func (o *Object) defaultPager() *DefaultPager {
	p, _ := o.mem.(*DefaultPager)
	return p
}

// mask is the bits of [page, page+n) in page's chunk, and how many pages that is.
func mask(page, n uint64) (m uint64, k uint64) {
	at := page & 63
	k = min(n, 64-at)
	return ^uint64(0) >> (64 - k) << at, k
}

// chunk gives the state of page's chunk, making it if make; p.mu is held.
func (p *DefaultPager) chunk(page uint64, create bool) *pageChunk {
	c := p.chunks[page>>6]
	if c == nil && create {
		c = new(pageChunk)
		p.chunks[page>>6] = c
		p.marked.Add(1)
	}
	return c
}

func (p *DefaultPager) tidy(page uint64, c *pageChunk) {
	if c.out|c.inactive == 0 {
		delete(p.chunks, page>>6)
		p.marked.Add(-1)
	}
}

// reactivate takes pages off the list of candidates; p.mu is held.
func (p *DefaultPager) reactivate(c *pageChunk, m uint64) (n int) {
	n = bits.OnesCount64(c.inactive & m)
	c.inactive &^= m
	p.inactivePages.Add(-int64(n))
	return n
}

// enterable says whether [phys, phys+n) may be entered, and for how many pages of
// it the answer is the same.
func (p *DefaultPager) enterable(phys machine.Phys, n uint64) (bool, uint64) {
	if p.marked.Load() == 0 {
		return true, n
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	page := uint64(phys) >> pageShift
	state := func(page uint64) (held uint64) {
		if c := p.chunks[page>>6]; c != nil {
			held = c.out | c.inactive
		}
		return held
	}
	first := state(page)>>(page&63)&1 == 0
	done := uint64(0)
	for done < n {
		at := page + done
		_, k := mask(at, n-done)
		w := state(at)
		if !first {
			w = ^w
		}
		if w >>= at & 63; w != 0 {
			if z := uint64(bits.TrailingZeros64(w)); z < k {
				return first, done + z
			}
		}
		done += k
	}
	return first, n
}

// bring makes [phys, phys+n) present and active. The family of the object is
// locked. The error is the host's, about the paging file.
func (p *DefaultPager) bring(phys machine.Phys, n uint64) error {
	if p.marked.Load() == 0 {
		return nil
	}
	page := uint64(phys) >> pageShift
	for n > 0 {
		m, k := mask(page, n)
		p.mu.Lock()
		c := p.chunk(page, false)
		if c == nil {
			p.mu.Unlock()
			page, n = page+k, n-k
			continue
		}
		if r := p.reactivate(c, m); r > 0 {
			p.reactivations.Add(uint64(r))
		}
		out := c.out & m
		var slots [64]slot
		if out != 0 {
			slots = *c.slot
			p.store.busy++
		}
		p.tidy(page, c)
		p.mu.Unlock()
		if out != 0 {
			if err := p.read(page&^63, out, &slots); err != nil {
				p.mu.Lock()
				p.store.busy--
				p.mu.Unlock()
				return err
			}
			p.mu.Lock()
			p.store.busy--
			p.forget(page, out)
			p.mu.Unlock()
			p.pageins.Add(uint64(bits.OnesCount64(out)))
		}
		page, n = page+k, n-k
	}
	return nil
}

// read fills the pages of a chunk that are named by bits.
func (p *DefaultPager) read(first, out uint64, slots *[64]slot) error {
	for out != 0 {
		i := bits.TrailingZeros64(out)
		n := 1
		for i+n < 64 && out>>(i+n)&1 != 0 && slots[i+n] == slots[i]+slot(n) {
			n++
		}
		b := p.Memory.Bytes(machine.Phys((first+uint64(i))<<pageShift), uint64(n)<<pageShift)
		if err := p.store.readAt(p.fileOf(slots[i]), slots[i], b); err != nil {
			return err
		}
		out &^= ^uint64(0) >> (64 - n) << i
	}
	return nil
}

// forget drops what the paging file has of pages of one chunk; p.mu is held.
func (p *DefaultPager) forget(page, m uint64) {
	c := p.chunk(page, false)
	if c == nil {
		return
	}
	p.reactivate(c, m)
	for w := c.out & m; w != 0; w &= w - 1 {
		p.store.free(c.slot[bits.TrailingZeros64(w)])
		p.outPages.Add(-1)
	}
	c.out &^= m
	p.tidy(page, c)
}

// drop is forget for a range.
func (p *DefaultPager) drop(phys machine.Phys, n uint64) {
	if p.marked.Load() == 0 {
		return
	}
	page := uint64(phys) >> pageShift
	n >>= pageShift
	if n > 64*uint64(p.marked.Load())+128 {
		p.dropMany(page, n)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for n > 0 {
		m, k := mask(page, n)
		p.forget(page, m)
		page, n = page+k, n-k
	}
}

// dropMany is drop for a range that is much larger than what is marked.
func (p *DefaultPager) dropMany(page, n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at := range p.chunks {
		lo, hi := max(at<<6, page), min((at+1)<<6, page+n)
		if lo < hi {
			m, _ := mask(lo, hi-lo)
			p.forget(lo, m)
		}
	}
}

// out writes the pages of one chunk that are inactive, resident and named by m to
// the paging file and gives their memory back. The family is locked, no
// translation is left. It returns how many pages that were.
func (p *DefaultPager) out(page, m uint64) (int, error) {
	first := page &^ 63
	p.mu.Lock()
	c := p.chunk(page, false)
	if c == nil {
		p.mu.Unlock()
		return 0, nil
	}
	m &= c.inactive &^ c.out
	p.mu.Unlock()
	done := 0
	for m != 0 {
		i := bits.TrailingZeros64(m)
		n := bits.TrailingZeros64(^(m >> i))
		run := ^uint64(0) >> (64 - n) << i
		at, size, ok := p.memory.NextResident(machine.Phys((first+uint64(i))<<pageShift), uint64(n)<<pageShift)
		if !ok {
			m &^= run
			p.mu.Lock()
			p.reactivate(c, run)
			p.tidy(page, c)
			p.mu.Unlock()
			continue
		}
		i = int(uint64(at)>>pageShift - first)
		n = int(size >> pageShift)
		p.mu.Lock()
		s, k, err := p.store.alloc(n)
		f := p.store.file(s)
		if err == nil {
			p.store.busy++
		}
		p.mu.Unlock()
		if err != nil {
			return done, err
		}
		run = ^uint64(0) >> (64 - k) << i
		b := p.Memory.Bytes(at, uint64(k)<<pageShift)
		err = p.store.writeAt(f, s, b)
		p.mu.Lock()
		p.store.busy--
		if err != nil {
			for j := range k {
				p.store.free(s + slot(j))
			}
			p.mu.Unlock()
			return done, err
		}
		if c.slot == nil {
			c.slot = new([64]slot)
		}
		for j := range k {
			c.slot[i+j] = s + slot(j)
		}
		p.reactivate(c, run)
		c.out |= run
		p.outPages.Add(int64(k))
		p.mu.Unlock()
		p.Memory.Discard(at, uint64(k)<<pageShift)
		p.pageouts.Add(uint64(k))
		done += k
		m &^= run | (uint64(1)<<i - 1)
	}
	return done, nil
}

// Bytes is machine.Memory's. What is out should have been brought in before, where
// an error can be told.
func (p *DefaultPager) Bytes(phys machine.Phys, n uint64) []byte {
	if err := p.bring(phys, (n+pageMask)>>pageShift); err != nil {
		panic("vm: the paging file can't be read: " + err.Error())
	}
	return p.Memory.Bytes(phys, n)
}

// Free and Discard forget what the paging file has.
func (p *DefaultPager) Free(phys machine.Phys, n uint64) {
	p.drop(phys, n)
	p.Memory.Free(phys, n)
}

func (p *DefaultPager) Discard(phys machine.Phys, n uint64) {
	p.drop(phys, n)
	p.Memory.Discard(phys, n)
}

// register and unregister keep the list of objects that have places.
func (p *DefaultPager) register(o *Object) {
	p.mu.Lock()
	p.objects[o] = struct{}{}
	p.mu.Unlock()
}

func (p *DefaultPager) unregister(o *Object) {
	p.mu.Lock()
	delete(p.objects, o)
	p.mu.Unlock()
}

// bring makes n pages at phys, which are o's, usable.
func (o *Object) bring(phys machine.Phys, n uint64) error {
	if p := o.defaultPager(); p != nil {
		return p.bring(phys, n)
	}
	return nil
}

// PagingInfo is how the default pager stands: pages, and events since it began.
type PagingInfo struct {
	Inactive, Out                            uint64 // pages
	Pageins, Pageouts, Reactivations, Purges uint64
	Files                                    int
	Total, Used                              uint64 // bytes of the paging files
}

// Info gives the state.
func (p *DefaultPager) Info() PagingInfo {
	p.mu.Lock()
	files, total, used := p.store.usage()
	p.mu.Unlock()
	return PagingInfo{Inactive: uint64(p.inactivePages.Load()), Out: uint64(p.outPages.Load()), Pageins: p.pageins.Load(),
		Pageouts: p.pageouts.Load(), Reactivations: p.reactivations.Load(), Purges: p.purges.Load(),
		Files: files, Total: total << pageShift, Used: used << pageShift}
}

// NextResident is what the memory below tells: what is out is not resident.
func (p *DefaultPager) NextResident(phys machine.Phys, n uint64) (at machine.Phys, size uint64, ok bool) {
	return p.memory.NextResident(phys, n)
}
