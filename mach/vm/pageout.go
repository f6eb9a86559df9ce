package vm

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/machine"
)

// scanner is the page-out daemon's: which pages have not been used for long. A
// processor's reference bits can't be seen from here, so pages are looked at in
// Mach's way: a hand goes round all objects and makes pages inactive, which takes
// their translations away; who uses one faults, and it is active again. Those that
// are still inactive when their turn comes go out, in order of time. A third of
// what is in memory is inactive while memory is short.
type scanner struct {
	mu    sync.Mutex // one scan at a time
	ring  []*Object
	at    int    // in ring
	page  uint64 // in ring[at]
	queue []candidate
	tight atomic.Bool // faults wait
	eased chan struct{}
	easeM sync.Mutex
}

// candidate is up to 64 pages of one chunk that were made inactive together.
type candidate struct {
	o       *Object
	page, n uint64 // of o
}

// deactivateRun is how many pages lose their translations with one call.
const deactivateRun = 1024

// Scan makes room: it sends out what has been inactive for longest until need
// bytes were freed, and returns how many were. It is less only if nothing can go
// out: the paging files are full (the error says so), or what is left is pinned,
// wired or in use.
func (p *DefaultPager) Scan(need uint64) (freed uint64, err error) {
	s := &p.scan
	s.mu.Lock()
	defer s.mu.Unlock()
	dry := 0
	for freed < need && dry < 3 {
		p.deactivate()
		if len(s.queue) == 0 {
			dry++
			continue
		}
		n := len(s.queue)
		before := freed
		for ; n > 0 && freed < need; n-- {
			c := s.queue[0]
			s.queue = s.queue[1:]
			k, e := p.pageOut(c)
			freed += k
			if e != nil {
				err = e
				s.queue = append(s.queue, c)
				if freed == before {
					return freed, err
				}
			}
		}
		if freed == before {
			dry++
		} else {
			dry = 0
		}
	}
	if cap(s.queue) > 4*len(s.queue)+1024 {
		s.queue = append([]candidate(nil), s.queue...)
	}
	return freed, err
}

// deactivate moves the hand on until a third of what is resident is inactive, or
// it has gone round.
func (p *DefaultPager) deactivate() {
	s := &p.scan
	target := int64(p.Memory.Resident()>>pageShift)/3 + 1
	for rounds := 0; p.inactivePages.Load() < target; {
		if s.at >= len(s.ring) {
			if rounds++; rounds > 2 {
				return
			}
			p.newRing()
			if len(s.ring) == 0 {
				return
			}
		}
		o := s.ring[s.at]
		next, more := p.deactivateSome(o, s.page)
		if s.page = next; !more {
			s.ring[s.at] = nil
			s.at++
			s.page = 0
		}
	}
}

func (p *DefaultPager) newRing() {
	s := &p.scan
	s.ring, s.at, s.page = s.ring[:0], 0, 0
	p.mu.Lock()
	for o := range p.objects {
		s.ring = append(s.ring, o)
	}
	p.mu.Unlock()
}

// pageable says whether pages of o may go at all; the family is locked.
func (o *Object) pageable() bool { return o.pins == 0 && !o.silent && len(o.segs) > 0 }

// deactivateSome makes up to deactivateRun resident pages of o from page on
// inactive, and says where it stopped and whether there is more.
func (p *DefaultPager) deactivateSome(o *Object, page uint64) (next uint64, more bool) {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if !o.pageable() {
		return 0, false
	}
	i := o.seg(page)
	if i == len(o.segs) {
		return 0, false
	}
	g := o.segs[i]
	page = max(page, g.page)
	phys := g.phys + physOf(page-g.page)
	at, size, ok := p.memory.NextResident(phys, min(g.end()-page, 16*deactivateRun)<<pageShift)
	if !ok {
		next = page + min(g.end()-page, 16*deactivateRun)
		return next, next < g.end() || i+1 < len(o.segs)
	}
	page += uint64(at-phys) >> pageShift
	n := min(size>>pageShift, deactivateRun)
	if !o.held(page<<pageShift, (page+n)<<pageShift) {
		o.disconnect(page<<pageShift, (page+n)<<pageShift)
		p.mark(o, page, n, at)
	} else if n > 64 {
		n = 64 // some of it is held: look closer
		if !o.held(page<<pageShift, (page+n)<<pageShift) {
			o.disconnect(page<<pageShift, (page+n)<<pageShift)
			p.mark(o, page, n, at)
		}
	}
	return page + n, page+n < g.end() || i+1 < len(o.segs)
}

// mark makes pages without translations candidates.
func (p *DefaultPager) mark(o *Object, page, n uint64, at machine.Phys) {
	first := uint64(at) >> pageShift
	p.mu.Lock()
	defer p.mu.Unlock()
	for n > 0 {
		m, k := mask(first, n)
		c := p.chunk(first, true)
		fresh := m &^ (c.inactive | c.out)
		c.inactive |= fresh
		p.inactivePages.Add(int64(bits.OnesCount64(fresh)))
		if fresh != 0 {
			p.scan.queue = append(p.scan.queue, candidate{o, page, k})
		}
		p.tidy(first, c)
		page, first, n = page+k, first+k, n-k
	}
}

// held says whether something that must not wait for a page maps [lo, hi) bytes
// of o: a wired entry, or kernel code.
func (o *Object) held(lo, hi uint64) bool {
	held := false
	for _, e := range o.mappings {
		if max(lo, e.offset) < min(hi, e.offset+e.size()) && (e.wired > 0 || e.m.resident) {
			return true
		}
	}
	for _, t := range o.shadows {
		if hi > t.shadowOff {
			from := max(lo, t.shadowOff) - t.shadowOff
			if to := min(hi-t.shadowOff, t.size); from < to {
				held = held || t.held(from, to)
			}
		}
	}
	return held
}

// pageOut sends a candidate out if it is still inactive, and returns how many
// bytes that freed.
func (p *DefaultPager) pageOut(c candidate) (freed uint64, err error) {
	o := c.o
	o.fam.mu.Lock()
	phys, n, ok := o.placed(c.page, c.n)
	if !ok || !o.pageable() || o.held(c.page<<pageShift, (c.page+n)<<pageShift) {
		if ok {
			p.keep(phys, n)
		}
		o.fam.mu.Unlock()
		return 0, nil
	}
	switch {
	case o.pager != nil:
		freed = p.dropClean(o, c.page, n, phys)
		dirty := o.dirty.count(c.page, n) > 0 && o.refs > 0
		if dirty {
			o.refs++
		}
		o.fam.mu.Unlock()
		if dirty { // it is clean, and can be dropped, the next time round
			o.writeBack(c.page<<pageShift, n<<pageShift)
			o.Unref()
		}
		return freed, nil
	case o.purgable == abi.VM_PURGABLE_VOLATILE+1 && o.shadow == nil:
		freed = p.purge(o)
	default:
		m, _ := mask(uint64(phys)>>pageShift, n)
		var k int
		k, err = p.out(uint64(phys)>>pageShift, m)
		freed = uint64(k) << pageShift
	}
	o.fam.mu.Unlock()
	return freed, err
}

// keep takes pages off the candidates again.
func (p *DefaultPager) keep(phys machine.Phys, n uint64) {
	m, _ := mask(uint64(phys)>>pageShift, n)
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.chunk(uint64(phys)>>pageShift, false); c != nil {
		p.reactivate(c, m)
		p.tidy(uint64(phys)>>pageShift, c)
	}
}

// dropClean forgets pages that a pager can supply again, as far as they are still
// inactive. The family is locked.
func (p *DefaultPager) dropClean(o *Object, page, n uint64, phys machine.Phys) (freed uint64) {
	first := uint64(phys) >> pageShift
	for i := uint64(0); i < n; i++ {
		if in, _ := p.enterable(machine.Phys((first+i)<<pageShift), 1); in || !o.valid.has(page+i) ||
			o.dirty.has(page+i) || o.busy.has(page+i) {
			continue
		}
		o.free(page+i, 1)
		freed += pageSize
	}
	p.keep(phys, n)
	return freed
}

// purge empties volatile memory. The family is locked.
func (p *DefaultPager) purge(o *Object) (freed uint64) {
	o.disconnect(0, o.size)
	for _, g := range o.segs {
		for at, end := g.phys, g.phys+physOf(g.n); at < end; {
			from, size, ok := p.memory.NextResident(at, uint64(end-at))
			if !ok {
				break
			}
			freed += size
			at = from + machine.Phys(size)
		}
	}
	o.zero(0, o.size>>pageShift)
	o.purgable = abi.VM_PURGABLE_EMPTY + 1
	p.purges.Add(freed >> pageShift)
	return freed
}

// SetTight says whether memory is short: then faults enter little at once and wait
// for a while, so that the page-out daemon keeps up with them.
func (p *DefaultPager) SetTight(tight bool) {
	s := &p.scan
	s.easeM.Lock()
	defer s.easeM.Unlock()
	if was := s.tight.Swap(tight); was == tight {
		return
	}
	if tight {
		s.eased = make(chan struct{})
	} else {
		close(s.eased)
	}
}

// throttle holds a fault up while memory is short, for 100 ms at the most.
func (p *DefaultPager) throttle() {
	s := &p.scan
	if !s.tight.Load() {
		return
	}
	s.easeM.Lock()
	ch := s.eased
	tight := s.tight.Load()
	s.easeM.Unlock()
	if !tight {
		return
	}
	t := time.NewTimer(100 * time.Millisecond)
	defer t.Stop()
	select {
	case <-ch:
	case <-t.C:
	}
}

// Tidy is the dynamic pager's part: it deletes a paging file when there is more
// room than needed. Call it now and then.
func (p *DefaultPager) Tidy() error {
	_, err := p.shrink()
	return err
}

// SetResident keeps all that m maps in memory, for a map whose threads can't wait
// for a page. Call it before m has entries.
func (m *Map) SetResident() { m.resident = true }
