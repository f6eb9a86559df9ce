package vm

import "puggle/machine"

func physOf(pages uint64) machine.Phys { return machine.Phys(pages << pageShift) }

// take copies the pages that x found to [page, page+x.n) of o, which then has
// them. Translations to the old pages are the caller's to correct.
func (o *Object) take(page uint64, x run) error {
	for done := uint64(0); done < x.n; {
		dst, n, err := o.place(page+done, x.n-done)
		if err != nil {
			return err
		}
		src, n, err := x.owner.place(x.page+done, n)
		if err != nil {
			return err
		}
		if err := x.owner.bring(src, n); err != nil {
			return err
		}
		if err := o.storeNew(dst, o.mem.Bytes(src, n<<pageShift)); err != nil {
			return err
		}
		o.valid.set(page+done, n)
		done += n
	}
	return nil
}

// storeNew writes b to pages that nobody has touched yet, without touching them where
// that is possible: a fault for each costs more than the copying.
func (o *Object) storeNew(p machine.Phys, b []byte) error {
	if m, ok := o.mem.(storer); ok {
		return m.Store(p, b)
	}
	copy(o.mem.Bytes(p, uint64(len(b))), b)
	return nil
}

// push makes o have [page, page+n) as far as that is possible without a pager:
// copies of what its shadows have, zero pages elsewhere. It reports whether
// anything changed.
func (o *Object) push(page, n uint64) (bool, error) {
	changed := false
	for end := page + n; page < end; {
		x := o.lookup(page, end-page)
		switch {
		case x.is == present && x.owner != o:
			if err := o.take(page, x); err != nil {
				return changed, err
			}
			changed = true
		case x.is == zeroed:
			o.valid.set(page, x.n)
			changed = true
		}
		page += x.n
	}
	return changed, nil
}

// duplicate makes a new object with a copy of [off, off+size) of o, page by
// page, for memory that can't be copied lazily. Pages that only a pager has
// stay behind a shadow of that pager's object.
func (o *Object) duplicate(off, size uint64) (*Object, error) {
	o.refs++
	d := o.newShadow(off, size)
	var r reaper
	fail := func(err error) (*Object, error) {
		d.unref(&r)
		return nil, err
	}
	root := o
	base := off
	for root.shadow != nil {
		base += root.shadowOff
		root = root.shadow
	}
	if root.pager == nil && (size > d.mem.Limit()) {
		return fail(machine.ErrNoMemory)
	}
	for p, end := uint64(0), d.size>>pageShift; p < end; {
		x := d.lookup(p, end-p)
		switch {
		case x.is == present && x.owner.pager == nil:
			// Places never reserved are zero: nothing to copy.
			_, n, ok := x.owner.placed(x.page, x.n)
			x.n = n
			if ok {
				if err := d.take(p, x); err != nil {
					return fail(err)
				}
			} else {
				d.valid.set(p, n)
			}
		case x.is == zeroed:
			d.valid.set(p, x.n)
		}
		p += x.n
	}
	if root.pager == nil {
		d.setShadow(nil, 0)
		d.valid = pageSet{}
		o.unref(&r)
	} else if root != o {
		d.setShadow(root, base)
		root.refs++
		o.unref(&r)
	}
	return d, nil
}
