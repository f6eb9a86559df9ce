package vm

import (
	"errors"
	"sync"

	"puggle/machine"
)

// Pager supplies an object's pages (a memory object). It is called without any
// lock of this package held, by several goroutines at once, never twice at the
// same time for the same page.
type Pager interface {
	// PageIn fills buf with what is at offset, a multiple of the page size. buf
	// never goes beyond Size, so its length may be odd at the end.
	PageIn(offset uint64, buf []byte) error
	// PageOut stores buf. It, too, never goes beyond Size.
	PageOut(offset uint64, buf []byte) error
	// Size is the present size in bytes; pages wholly beyond it can't be had.
	Size() uint64
	// Terminate is called once, when the object is gone.
	Terminate()
}

var (
	errBeyondEnd = errors.New("vm: page is beyond the end of its pager")
	errHeld      = errors.New("vm: page is held by a page list")
	errUnbound   = errors.New("vm: object has no physical memory")
)

// pageIn brings page of o in, with as many absent pages of [lo, hi) around it
// as lie contiguously. No lock is held; the caller holds a reference.
func (o *Object) pageIn(page, lo, hi uint64) error {
	size := o.pager.Size()
	if page<<pageShift >= size {
		return errBeyondEnd
	}
	f := o.fam
	f.mu.Lock()
	if o.busy.has(page) || o.valid.has(page) {
		f.mu.Unlock()
		return nil
	}
	hi = max(min(hi, roundPage(size)>>pageShift), page+1)
	lo = min(lo, page)
	a := page
	for a > lo && !o.valid.has(a-1) && !o.busy.has(a-1) {
		a--
	}
	_, n := o.valid.run(page, hi-page)
	_, n = o.busy.run(page, n)
	end := page + n
	phys, n, err := o.place(a, end-a)
	if err == nil && a+n <= page {
		a = page
		phys, n, err = o.place(a, end-a)
	}
	if err != nil {
		f.mu.Unlock()
		return err
	}
	o.busy.set(a, n)
	o.pins++
	f.mu.Unlock()

	buf := o.mem.Bytes(phys, n<<pageShift)
	in := segment{a, n, phys}
	err = o.fill(a, phys, buf, size)
	if err != nil && n > 1 {
		// A bad page somewhere must not cost the one that was asked for.
		d := (page - a) << pageShift
		in = segment{page, 1, 0}
		err = o.fill(page, phys+machine.Phys(d), buf[d:d+pageSize], size)
	}

	f.mu.Lock()
	o.busy.clear(a, n)
	if err == nil {
		o.valid.set(in.page, in.n)
	}
	o.unpin()
	f.idle.Broadcast()
	f.mu.Unlock()
	return err
}

// Prefetch brings in what is missing of [off, off+size) of a pager's object, piece
// by piece, and returns when that is done or has failed: faults would see the
// error. Faults meanwhile wait for the piece that they need and no more.
func (o *Object) Prefetch(off, size uint64) {
	if o.pager == nil {
		return
	}
	o.fam.mu.Lock()
	bound := o.bind(nil)
	o.fam.mu.Unlock()
	end := min(off+size, roundPage(o.pager.Size())) >> pageShift
	for p := off >> pageShift; bound && p < end; p += pageIns {
		if o.pageIn(p, p, min(p+pageIns, end)) != nil {
			return
		}
	}
}

// storer is memory that can be written without being touched, which costs less for
// pages that are new.
type storer interface {
	Store(p machine.Phys, b []byte) error
}

// storeLeast is from how many bytes on that is worth the copy.
const storeLeast = 4 * pageSize

// staging are buffers of a cluster's size.
var staging = sync.Pool{New: func() any { return new([pageIns * pageSize]byte) }}

// fill reads one run of pages to phys, where buf is; what is beyond size is zero.
func (o *Object) fill(page uint64, phys machine.Phys, buf []byte, size uint64) error {
	all := uint64(len(buf))
	n := min(all, size-page<<pageShift)
	m, ok := o.mem.(storer)
	if !ok || all < storeLeast || all > pageIns*pageSize {
		clear(buf[n:])
		return o.pager.PageIn(page<<pageShift, buf[:n])
	}
	b := staging.Get().(*[pageIns * pageSize]byte)
	clear(b[n:all])
	if err := o.pager.PageIn(page<<pageShift, b[:n]); err != nil {
		return err // b with it: who knows what a failed pager still does
	}
	err := m.Store(phys, b[:all])
	staging.Put(b)
	return err
}

// writeBack pages out what is dirty in [off, off+size). Pages are protected
// against writing first, so that a write during the transfer makes them dirty
// again. It returns the pager's first error; the pages concerned stay dirty.
func (o *Object) writeBack(off, size uint64) error {
	if o.pager == nil {
		return nil
	}
	end := o.pager.Size()
	page, last := off>>pageShift, roundPage(min(off+size, maxSize))>>pageShift
	f := o.fam
	f.mu.Lock()
	defer f.mu.Unlock()
	last = min(last, max(o.size, roundPage(end))>>pageShift)
	if o.dirty.n == 0 || page >= last {
		return nil
	}
	o.writeProtect(page<<pageShift, last<<pageShift)
	var first error
	const most = 256 // pages in one transfer
	for page < last {
		dirty, n := o.dirty.run(page, last-page)
		if !dirty {
			page += n
			continue
		}
		if !o.waitIdle(page, min(n, most)) {
			return errHeld
		}
		dirty, n = o.dirty.run(page, min(last-page, most))
		if !dirty {
			continue
		}
		phys, n, err := o.place(page, n)
		if err != nil {
			return err
		}
		o.dirty.clear(page, n)
		if page<<pageShift >= end {
			page += n // written beyond the end: nowhere to go
			continue
		}
		o.busy.set(page, n)
		o.pins++
		buf := o.mem.Bytes(phys, min(n<<pageShift, end-page<<pageShift))
		f.mu.Unlock()
		err = o.pager.PageOut(page<<pageShift, buf)
		f.mu.Lock()
		o.busy.clear(page, n)
		if err != nil {
			o.dirty.set(page, n)
			if first == nil {
				first = err
			}
		}
		o.unpin()
		f.idle.Broadcast()
		page += n
	}
	return first
}
