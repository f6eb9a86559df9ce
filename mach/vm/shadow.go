package vm

// maxDepth is how long a shadow chain may grow before it is flattened.
const maxDepth = 16

// presence says what a lookup along a shadow chain found.
type presence uint8

const (
	present presence = iota // owner has the page
	zeroed                  // nobody has it: it is zero, and the top object may take it
	absent                  // owner's pager must be asked
	inBusy                  // owner's pager is being asked
)

// run is the answer of a lookup: n pages from page of owner on are alike.
type run struct {
	owner *Object
	page  uint64
	n     uint64
	is    presence
}

// own says whether o itself has page, and for how many pages, at most limit,
// that is so.
func (o *Object) own(page, limit uint64) (bool, uint64) {
	if o.pager == nil && o.shadow == nil {
		return true, limit
	}
	return o.valid.run(page, limit)
}

// lookup finds who has page of o, looking along the shadow chain, and for how
// many pages, at most limit, the answer is the same.
func (o *Object) lookup(page, limit uint64) run {
	for d := o; ; {
		has, n := d.own(page, limit)
		limit = min(limit, n)
		if has {
			return run{d, page, limit, present}
		}
		if d.pager != nil {
			busy, n := d.busy.run(page, limit)
			if busy {
				return run{d, page, n, inBusy}
			}
			return run{d, page, n, absent}
		}
		page += d.shadowOff >> pageShift
		d = d.shadow
		if d.pager == nil {
			end := d.size >> pageShift
			if page >= end {
				return run{d, page, limit, zeroed}
			}
			limit = min(limit, end-page)
		}
	}
}

// newShadow makes an object of size bytes that shadows o from off on. The
// caller's reference on o becomes the shadow's.
func (o *Object) newShadow(off, size uint64) *Object {
	s := newObject(size, o.fam, o.mem)
	s.setShadow(o, off)
	return s
}

// collapse shortens the chain behind o wherever an object has nobody else left
// who refers to it, and goes round objects which o hides completely.
func (o *Object) collapse(r *reaper) {
	for d := o; d.shadow != nil; {
		b := d.shadow
		switch {
		case b.pager == nil && b.refs == 1 && b.pins == 0 && len(b.mappings) == 0:
			d.absorb(b)
		case b.pager == nil && b.shadow != nil && d.hides(b):
			next, off := b.shadow, d.shadowOff+b.shadowOff
			next.refs++
			d.setShadow(next, off)
			b.unref(r)
		default:
			d = b
		}
	}
}

// hides says whether o has every page that b, its shadow, could show through.
func (o *Object) hides(b *Object) bool {
	end := o.size >> pageShift
	base := o.shadowOff >> pageShift
	if base+end > b.size>>pageShift {
		return false
	}
	for p := uint64(0); p < end; {
		has, n := b.valid.run(base+p, end-p)
		if has {
			mine, k := o.valid.run(p, n)
			if !mine {
				return false
			}
			n = k
		}
		p += n
	}
	return true
}

// absorb takes over what b, o's shadow with no other reference, has and o
// lacks. The pages don't move, so translations to them stay good; b is gone
// afterwards.
func (o *Object) absorb(b *Object) {
	base, end := o.shadowOff>>pageShift, o.size>>pageShift
	root := b.shadow == nil
	var in []segment
	for _, s := range b.segs {
		for p := s.page; p < s.end(); {
			left := s.end() - p
			phys := s.phys + physOf(p-s.page)
			if p < base {
				n := min(left, base-p)
				o.mem.Free(phys, n<<pageShift)
				p += n
				continue
			}
			if p-base >= end {
				o.mem.Free(phys, left<<pageShift)
				break
			}
			n := min(left, base+end-p)
			theirs, k := b.own(p, n)
			mine, k := o.valid.run(p-base, k)
			if theirs && !mine {
				in = append(in, segment{p - base, k, phys})
			} else {
				o.mem.Free(phys, k<<pageShift)
			}
			p += k
		}
	}
	b.segs = nil
	b.freeAll()
	for _, s := range in {
		o.carve(s.page, s.n, func(x segment) { o.releaseUntouched(x.phys, x.n) })
		o.insert(s)
		if !root {
			o.valid.set(s.page, s.n)
		}
	}
	next, off := b.shadow, o.shadowOff+b.shadowOff
	if bend := b.size >> pageShift; !root && base+end > bend {
		// Beyond b it was zero, whatever b's shadow has there.
		from := max(bend, base) - base
		o.valid.set(from, end-from)
	}
	b.setShadow(nil, 0)
	o.setShadow(next, off) // b's reference on next is o's now
	if next == nil {
		o.shadowOff = 0
		o.valid = pageSet{}
	}
	b.refs = 0
}

// flatten copies into o what the objects between it and the root of its chain
// have, and lets it shadow the root directly. Its chain is then one long.
func (o *Object) flatten(r *reaper) error {
	root, off := o.shadow, o.shadowOff
	if root == nil || root.shadow == nil {
		return nil
	}
	for root.shadow != nil {
		off += root.shadowOff
		root = root.shadow
	}
	for p, end := uint64(0), o.size>>pageShift; p < end; {
		x := o.lookup(p, end-p)
		if x.is == present && x.owner != o && x.owner != root {
			if err := o.take(p, x); err != nil {
				return err
			}
		} else if x.is == zeroed {
			// A hole at an intermediate object's end must stay zero even if
			// the root goes further.
			o.valid.set(p, x.n)
		}
		p += x.n
	}
	o.disconnect(0, o.size)
	old := o.shadow
	root.refs++
	o.setShadow(root, off)
	old.unref(r)
	return nil
}
