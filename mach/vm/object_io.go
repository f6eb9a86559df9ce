package vm

import "puggle/abi"

// The calls of this file are the unified buffer cache: pages of a file used
// without a map, and the file's changes of size. off and lengths are bytes.

// Read copies what the object has at off to dst, with the pager's help, and
// returns how many bytes that was: fewer than len(dst) at the pager's end.
// The error is the pager's, machine.ErrNoMemory, that no memory is bound, or
// that a page list holds a page for more than 10 s.
func (o *Object) Read(off uint64, dst []byte) (int, error) {
	return o.each(off, uint64(len(dst)), false, func(done int, b []byte) { copy(dst[done:], b) })
}

// Write copies src to the object at off and marks it dirty. A file must have
// been extended to its new size before (the pager's Size counts): it returns
// fewer bytes than len(src) at the end. Pages written wholly are not read first.
func (o *Object) Write(off uint64, src []byte) (int, error) {
	return o.each(off, uint64(len(src)), true, func(done int, b []byte) { copy(b, src[done:]) })
}

// Init writes src to an object without a pager that is new: nobody else knows it. Its
// memory is not touched for that where it can be stored to.
func (o *Object) Init(src []byte) error {
	o.fam.mu.Lock()
	if !o.bind(nil) {
		o.fam.mu.Unlock()
		return errUnbound
	}
	m, ok := o.mem.(storer)
	if !ok || o.pager != nil || len(o.segs) != 0 {
		o.fam.mu.Unlock()
		_, err := o.Write(0, src)
		return err
	}
	defer o.fam.mu.Unlock()
	for page := uint64(0); len(src) > 0; {
		phys, n, err := o.place(page, (uint64(len(src))+pageMask)>>pageShift)
		if err != nil {
			return err
		}
		k := min(uint64(len(src)), n<<pageShift)
		if err := m.Store(phys, src[:k]); err != nil {
			return err
		}
		o.valid.set(page, n)
		page, src = page+n, src[k:]
	}
	return nil
}

// each calls f for the pages of [off, off+n) with the family locked.
func (o *Object) each(off, n uint64, write bool, f func(done int, b []byte)) (int, error) {
	size := uint64(maxSize)
	if o.pager != nil {
		size = o.pager.Size()
	}
	if off >= size {
		return 0, nil
	}
	n = min(n, size-off)
	done := uint64(0)
	for done < n {
		at := off + done
		page := at >> pageShift
		k := min(n-done, pageSize-at&pageMask)
		if err := o.one(page, size, write, k == pageSize, func(b []byte) {
			in := at & pageMask
			f(int(done), b[in:in+k])
		}); err != nil {
			return int(done), err
		}
		done += k
	}
	return int(done), nil
}

func (o *Object) one(page, size uint64, write, whole bool, f func(b []byte)) error {
	for {
		o.fam.mu.Lock()
		if !o.bind(nil) {
			o.fam.mu.Unlock()
			return errUnbound
		}
		if write || o.pager != nil {
			o.size = max(o.size, (page+1)<<pageShift)
		}
		x := o.lookup(page, 1)
		if x.is == absent && x.owner == o && write && whole {
			// Nothing of it will be left: no need to read it.
			o.valid.set(page, 1)
			x.is = present
		}
		switch {
		case x.is == inBusy:
			ok := x.owner.waitIdle(x.page, 1)
			o.fam.mu.Unlock()
			if !ok {
				return errHeld
			}
			continue
		case x.is == absent:
			x.owner.refs++
			o.fam.mu.Unlock()
			last := roundPage(size) >> pageShift
			err := x.owner.pageIn(x.page, x.page, min(x.page+pageIns, x.page+last-page))
			x.owner.Unref()
			if err != nil {
				return err
			}
			continue
		case x.owner != o && write || x.is == zeroed:
			if _, err := o.push(page, 1); err != nil {
				o.fam.mu.Unlock()
				return err
			}
			o.disconnect(page<<pageShift, (page+1)<<pageShift)
			x = o.lookup(page, 1)
		}
		phys, _, err := x.owner.place(x.page, 1)
		if err == nil {
			err = x.owner.bring(phys, 1)
		}
		if err == nil {
			f(o.mem.Bytes(phys, pageSize))
			if write && o.pager != nil {
				o.dirty.set(page, 1)
			}
		}
		o.fam.mu.Unlock()
		return err
	}
}

// Flush pages out what is dirty in [off, off+size) and waits for it. The error
// is the pager's first.
func (o *Object) Flush(off, size uint64) error { return o.writeBack(off, size) }

// Dirty is how many bytes are waiting to be paged out.
func (o *Object) Dirty() uint64 {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	return o.dirty.n << pageShift
}

// Resident is how many bytes the object itself has in memory. For anonymous
// memory it is what has a place: an upper bound.
func (o *Object) Resident() uint64 {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.pager != nil || o.shadow != nil {
		return o.valid.n << pageShift
	}
	n := uint64(0)
	for _, s := range o.segs {
		n += s.n
	}
	return n << pageShift
}

// Reclaim gives the memory of a pager's clean pages back and returns how many
// bytes that was. They are fetched again when next used.
func (o *Object) Reclaim() uint64 {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.pager == nil || o.device {
		return 0
	}
	before := o.valid.n
	for p, end := uint64(0), o.size>>pageShift; p < end && o.valid.n > 0; {
		valid, n := o.valid.run(p, end-p)
		if valid {
			var dirty, busy bool
			dirty, n = o.dirty.run(p, n)
			busy, n = o.busy.run(p, n)
			if !dirty && !busy {
				o.disconnect(p<<pageShift, (p+n)<<pageShift)
				o.free(p, n)
			}
		}
		p += n
	}
	return (before - o.valid.n) << pageShift
}

// Invalidate forgets the pages wholly within [off, off+size), dirty or not:
// they are fetched again when next used. Anonymous memory becomes zero. A page list that
// holds some of them for more than 10 s loses them.
func (o *Object) Invalidate(off, size uint64) {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	lo, hi := roundPage(off)>>pageShift, min(off+size, maxSize)>>pageShift
	if off+size < off {
		hi = maxSize >> pageShift
	}
	hi = min(hi, o.size>>pageShift)
	if o.shadow != nil || lo >= hi || o.mem == nil || o.device {
		return
	}
	for !o.waitIdle(lo, hi-lo) {
		o.takeBack(lo, hi-lo)
	}
	o.disconnect(lo<<pageShift, hi<<pageShift)
	o.free(lo, hi-lo)
}

// Resize tells the object that its pager's Size has changed. What is beyond the
// new size is forgotten, and the rest of the last page is zero.
func (o *Object) Resize(size uint64) {
	o.Invalidate(size, maxSize)
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	o.size = max(roundPage(min(size, maxSize)), o.mappedEnd())
	if in, page := size&pageMask, size>>pageShift; in != 0 && o.pager != nil {
		for !o.waitIdle(page, 1) {
			o.takeBack(page, 1)
		}
		if o.valid.has(page) {
			if phys, _, ok := o.placed(page, 1); ok {
				clear(o.mem.Bytes(phys, pageSize)[in:])
			}
		}
	}
}

// mappedEnd is where the last mapping of o ends.
func (o *Object) mappedEnd() uint64 {
	end := uint64(0)
	for _, e := range o.mappings {
		end = max(end, e.offset+e.size())
	}
	return end
}

// sync is Msync's part for one entry: [off, off+size) of its object.
func (o *Object) sync(off, size uint64, flags int) abi.KernReturn {
	if flags&abi.VM_SYNC_KILLPAGES == 0 {
		if err := o.writeBack(off, size); err != nil {
			return abi.KERN_MEMORY_ERROR
		}
	}
	if flags&(abi.VM_SYNC_INVALIDATE|abi.VM_SYNC_KILLPAGES) != 0 {
		o.Invalidate(off, size)
	}
	return abi.KERN_SUCCESS
}
