package vm

import (
	"sort"

	"puggle/machine"
)

// pieceBytes is how much of an object gets its place at once. Small enough
// that reservations of many gigabytes cost nothing, large enough for one host
// mapping to cover most heaps.
const pieceBytes = 64 << 20

// segment says that pages [page, page+n) of an object lie at phys.
type segment struct {
	page, n uint64
	phys    machine.Phys
}

func (s *segment) end() uint64 { return s.page + s.n }

// seg is the index of the first segment that ends after page.
func (o *Object) seg(page uint64) int {
	if len(o.segs) == 1 {
		if page < o.segs[0].end() {
			return 0
		}
		return 1
	}
	return sort.Search(len(o.segs), func(i int) bool { return o.segs[i].end() > page })
}

// placed says where page is, if it has a place, and for how many pages, at
// most limit, that holds contiguously; without a place, how far the gap goes.
func (o *Object) placed(page, limit uint64) (machine.Phys, uint64, bool) {
	i := o.seg(page)
	if i == len(o.segs) {
		return 0, limit, false
	}
	s := &o.segs[i]
	if s.page > page {
		return 0, min(limit, s.page-page), false
	}
	d := page - s.page
	return s.phys + machine.Phys(d<<pageShift), min(limit, s.n-d), true
}

// place is placed, and reserves a place if there is none.
func (o *Object) place(page, limit uint64) (machine.Phys, uint64, error) {
	if phys, n, ok := o.placed(page, limit); ok {
		return phys, n, nil
	}
	const piece = pieceBytes >> pageShift
	lo := page &^ (piece - 1)
	hi := lo + piece
	if end := o.size >> pageShift; end > page {
		hi = min(hi, end)
	} else {
		hi = page + 1
	}
	if o.grown {
		// It may grow again: twice as far keeps the places contiguous.
		hi = max(hi, min(lo+piece, page+page&(piece-1)))
	}
	i := o.seg(page)
	if i > 0 {
		lo = max(lo, o.segs[i-1].end())
	}
	if i < len(o.segs) {
		hi = min(hi, o.segs[i].page)
	}
	phys, err := o.mem.Alloc((hi - lo) << pageShift)
	if err != nil {
		return 0, 0, err
	}
	o.insert(segment{lo, hi - lo, phys})
	return phys + machine.Phys((page-lo)<<pageShift), min(limit, hi-page), nil
}

// insert adds s, which overlaps nothing, and joins it to its neighbours.
func (o *Object) insert(s segment) {
	if len(o.segs) == 0 {
		if p := o.defaultPager(); p != nil {
			p.register(o)
		}
	}
	i := o.seg(s.page)
	if i > 0 {
		p := &o.segs[i-1]
		if p.end() == s.page && p.phys+machine.Phys(p.n<<pageShift) == s.phys {
			p.n += s.n
			return
		}
	}
	o.segs = append(o.segs, segment{})
	copy(o.segs[i+1:], o.segs[i:])
	o.segs[i] = s
}

// carve takes the places of [page, page+n) away from the object and gives them
// to f.
func (o *Object) carve(page, n uint64, f func(s segment)) {
	end := page + n
	for i := o.seg(page); i < len(o.segs) && o.segs[i].page < end; {
		s := o.segs[i]
		lo, hi := max(s.page, page), min(s.end(), end)
		at := s.phys + machine.Phys((lo-s.page)<<pageShift)
		switch {
		case lo == s.page && hi == s.end():
			o.segs = append(o.segs[:i], o.segs[i+1:]...)
		case lo == s.page:
			o.segs[i] = segment{hi, s.end() - hi, s.phys + machine.Phys((hi-s.page)<<pageShift)}
			i++
		case hi == s.end():
			o.segs[i].n = lo - s.page
			i++
		default:
			o.segs[i].n = lo - s.page
			o.segs = append(o.segs, segment{})
			copy(o.segs[i+2:], o.segs[i+1:])
			o.segs[i+1] = segment{hi, s.end() - hi, s.phys + machine.Phys((hi-s.page)<<pageShift)}
			i += 2
		}
		f(segment{lo, hi - lo, at})
	}
}

// free gives the places of [page, page+n) back and forgets the pages. No
// translation to them may be left.
func (o *Object) free(page, n uint64) {
	o.carve(page, n, func(s segment) { o.release(s.phys, s.n) })
	o.valid.clear(page, n)
	o.dirty.clear(page, n)
}

// release frees n pages at phys, or keeps them in limbo while pinned.
func (o *Object) release(phys machine.Phys, n uint64) {
	if o.device {
		return
	}
	if o.pins > 0 {
		o.limbo = append(o.limbo, extent{phys, n << pageShift})
		return
	}
	o.mem.Free(phys, n<<pageShift)
}

// untoucher is memory that can be freed for less where it was never touched.
type untoucher interface {
	FreeUntouched(p machine.Phys, n uint64)
}

// releaseUntouched is release for places of pages that o, which has a shadow and no
// pager, does not have: they are where pages would have been copied to.
func (o *Object) releaseUntouched(phys machine.Phys, n uint64) {
	if m, ok := o.mem.(untoucher); ok && o.pins == 0 && o.pager == nil && !o.device && !o.touched {
		m.FreeUntouched(phys, n<<pageShift)
		return
	}
	o.release(phys, n)
}

// freeAll frees everything the object has.
func (o *Object) freeAll() {
	for _, s := range o.segs {
		o.release(s.phys, s.n)
	}
	o.segs = nil
	o.valid, o.dirty = pageSet{}, pageSet{}
	if p := o.defaultPager(); p != nil {
		p.unregister(o)
	}
}

// unpin ends a Pin's hold.
func (o *Object) unpin() {
	o.pins--
	if o.pins == 0 {
		for _, x := range o.limbo {
			o.mem.Free(x.phys, x.n)
		}
		o.limbo = nil
	}
}
