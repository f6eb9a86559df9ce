package vm

import (
	"sync"

	"puggle/abi"
	"puggle/machine"
)

// UPL is a universal page list: pages of one object, held for a pager or for
// I/O until they are committed or aborted, whole or by ranges. Held pages are
// busy: another request for them waits, for 10 s at most, or passes them over with
// UPL_NOBLOCK.
// Ranges are bytes from the list's beginning.
type UPL struct {
	mu     sync.Mutex
	object *Object // one reference, until the list is freed
	offset uint64  // in the object
	pages  []UPLPage
	left   int // pages not yet committed or aborted
	freed  bool
}

// UPLPage is a upl_page_info: one page of the list.
type UPLPage struct {
	// Phys is where the page is; NoPhys when it isn't part of the list, or has
	// been committed or aborted.
	Phys  machine.Phys
	Valid bool // it has contents; otherwise they must be filled in, or aborted
	Dirty bool
}

// UPLRequest is vm_object_upl_request: a list for [off, off+size) of o, whole
// pages, at most 64 MB. With UPL_COPYOUT_FROM it has the resident pages
// (UPL_RET_ONLY_DIRTY: the dirty ones), protected against writing; without, the
// absent ones too, not valid (UPL_RET_ONLY_ABSENT: only those). KERN_INVALID_ARGUMENT
// for a bad range, KERN_NOT_SUPPORTED for UPL_PRECIOUS,
// KERN_RESOURCE_SHORTAGE, KERN_OPERATION_TIMED_OUT when another list holds a page for too
// long.
func (o *Object) UPLRequest(off, size uint64, flags int) (*UPL, abi.KernReturn) {
	switch {
	case off&pageMask != 0 || size&pageMask != 0 || size == 0 || size > abi.MAX_UPL_SIZE_BYTES || off > maxSize-size:
		return nil, abi.KERN_INVALID_ARGUMENT
	case flags&abi.UPL_PRECIOUS != 0:
		return nil, abi.KERN_NOT_SUPPORTED
	}
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if !o.bind(nil) {
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	u := &UPL{object: o, offset: off, pages: make([]UPLPage, size>>pageShift)}
	first := off >> pageShift
	if flags&abi.UPL_NOBLOCK == 0 && !o.waitIdle(first, uint64(len(u.pages))) {
		return nil, abi.KERN_OPERATION_TIMED_OUT
	}
	if flags&abi.UPL_COPYOUT_FROM != 0 {
		o.writeProtect(off, off+size)
	}
	for i := range u.pages {
		p := first + uint64(i)
		valid, _ := o.own(p, 1)
		dirty := o.dirty.has(p)
		u.pages[i].Phys = machine.NoPhys
		switch {
		case o.busy.has(p),
			!valid && flags&abi.UPL_COPYOUT_FROM != 0,
			valid && flags&abi.UPL_RET_ONLY_ABSENT != 0,
			!dirty && flags&abi.UPL_RET_ONLY_DIRTY != 0:
			continue
		}
		phys, _, err := o.place(p, 1)
		if err == nil {
			err = o.bring(phys, 1)
		}
		if err != nil {
			u.release(0, i)
			return nil, abi.KERN_RESOURCE_SHORTAGE
		}
		u.pages[i] = UPLPage{phys, valid, dirty}
		o.touched = o.touched || !valid
		o.busy.set(p, 1)
		o.inUPL.set(p, 1)
		u.left++
	}
	o.refs++
	o.pins++
	return u, abi.KERN_SUCCESS
}

// release lets go of pages [i, j) that are still held. The family is locked.
func (u *UPL) release(i, j int) {
	for k := i; k < j; k++ {
		if u.pages[k].Phys != machine.NoPhys {
			u.object.busy.clear(u.offset>>pageShift+uint64(k), 1)
			u.object.inUPL.clear(u.offset>>pageShift+uint64(k), 1)
			u.pages[k].Phys = machine.NoPhys
			u.left--
		}
	}
	u.object.fam.idle.Broadcast()
}

// has says whether page k, which the list holds, is still the object's: it may have been
// taken back. The family is locked.
func (u *UPL) has(k int) bool {
	phys, _, ok := u.object.placed(u.offset>>pageShift+uint64(k), 1)
	return ok && phys == u.pages[k].Phys
}

// takeBack has lists lose the pages of [page, page+n), whose memory stays while the lists
// are: it is about to be forgotten. The family is locked.
func (o *Object) takeBack(page, n uint64) {
	for p := page; p < page+n; {
		held, k := o.inUPL.run(p, page+n-p)
		if held {
			o.disconnect(p<<pageShift, (p+k)<<pageShift)
			o.free(p, k)
			o.busy.clear(p, k)
			o.inUPL.clear(p, k)
		}
		p += k
	}
	o.fam.idle.Broadcast()
}

// GetUPL is vm_map_get_upl: a list for the memory at addr, which must begin a
// page. Only the first object is covered: the size that was is returned, and the
// caller asks again for the rest. Errors are Fault's and UPLRequest's.
func (m *Map) GetUPL(addr Addr, size uint64, flags int) (*UPL, uint64, abi.KernReturn) {
	if uint64(addr)&pageMask != 0 {
		return nil, 0, abi.KERN_INVALID_ARGUMENT
	}
	access := abi.VM_PROT_READ | abi.VM_PROT_WRITE
	if flags&abi.UPL_COPYOUT_FROM != 0 {
		access = abi.VM_PROT_READ
	}
	size = min(roundPage(size), abi.MAX_UPL_SIZE_BYTES)
	var o *Object
	var off, done uint64
	for done < size {
		var h hold
		kr := m.hold(&h, addr+Addr(done), access, false, false)
		if kr != abi.KERN_SUCCESS {
			if o != nil {
				break
			}
			return nil, 0, kr
		}
		// A page seen through a shadow belongs to another object.
		x := h.o.lookup(h.page, 1)
		if o == nil {
			o, off = x.owner, x.page<<pageShift
			o.refs++
		} else if x.owner != o || x.page<<pageShift != off+done {
			h.release()
			break
		}
		h.release()
		done += pageSize
	}
	defer o.Unref()
	u, kr := o.UPLRequest(off, done, flags)
	return u, done, kr
}

// Pages are the list's pages, to look at.
func (u *UPL) Pages() []UPLPage {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]UPLPage(nil), u.pages...)
}

// Size is the list's size in bytes.
func (u *UPL) Size() uint64 { return uint64(len(u.pages)) << pageShift }

// Data is the contents of one page, nil if it isn't held.
func (u *UPL) Data(page int) []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	if page < 0 || page >= len(u.pages) || u.pages[page].Phys == machine.NoPhys {
		return nil
	}
	return u.object.mem.Bytes(u.pages[page].Phys, pageSize)
}

// CommitRange is upl_commit_range: the pages of the range are valid, and dirty
// or clean as flags say. It reports whether nothing is held any more; then
// UPL_COMMIT_FREE_ON_EMPTY has freed the list. KERN_INVALID_ARGUMENT for a bad
// range, KERN_FAILURE for a list that was freed.
func (u *UPL) CommitRange(off, size uint64, flags int) (empty bool, kr abi.KernReturn) {
	return u.end(off, size, flags&abi.UPL_COMMIT_FREE_ON_EMPTY != 0, func(o *Object, p uint64, page *UPLPage) {
		if o.pager == nil && o.shadow == nil {
			return // has all its pages, and nobody cares whether they are dirty
		}
		o.valid.set(p, 1)
		if o.pager == nil {
			return
		}
		if flags&abi.UPL_COMMIT_SET_DIRTY != 0 {
			o.dirty.set(p, 1)
		} else if flags&abi.UPL_COMMIT_CLEAR_DIRTY != 0 && o.dirty.has(p) {
			o.writeProtect(p<<pageShift, (p+1)<<pageShift)
			o.dirty.clear(p, 1)
		}
	})
}

// AbortRange is upl_abort_range: pages that were not valid are absent again,
// whatever was put into them; the others stay as they are, or are dropped with
// UPL_ABORT_DUMP_PAGES. Results are CommitRange's.
func (u *UPL) AbortRange(off, size uint64, flags int) (empty bool, kr abi.KernReturn) {
	return u.end(off, size, flags&abi.UPL_ABORT_FREE_ON_EMPTY != 0, func(o *Object, p uint64, page *UPLPage) {
		switch {
		case !page.Valid:
			o.mem.Discard(page.Phys, pageSize)
		case flags&abi.UPL_ABORT_DUMP_PAGES != 0 && o.pager != nil:
			o.disconnect(p<<pageShift, (p+1)<<pageShift)
			o.free(p, 1)
		}
	})
}

// Commit is ubc_upl_commit and Abort ubc_upl_abort: all of the list, which is
// freed.
func (u *UPL) Commit(flags int) abi.KernReturn {
	_, kr := u.CommitRange(0, u.Size(), flags|abi.UPL_COMMIT_FREE_ON_EMPTY)
	return kr
}

func (u *UPL) Abort(flags int) abi.KernReturn {
	_, kr := u.AbortRange(0, u.Size(), flags|abi.UPL_ABORT_FREE_ON_EMPTY)
	return kr
}

func (u *UPL) end(off, size uint64, free bool, f func(o *Object, p uint64, page *UPLPage)) (bool, abi.KernReturn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.freed {
		return false, abi.KERN_FAILURE
	}
	if off&pageMask != 0 || off > u.Size() || size > u.Size()-off {
		return false, abi.KERN_INVALID_ARGUMENT
	}
	o := u.object
	i, j := int(off>>pageShift), int(roundPage(off+size)>>pageShift)
	o.fam.mu.Lock()
	for k := i; k < j; k++ {
		page := &u.pages[k]
		switch {
		case page.Phys == machine.NoPhys:
		case !u.has(k): // taken back, and perhaps on its way in again
			page.Phys = machine.NoPhys
			u.left--
		default:
			f(o, u.offset>>pageShift+uint64(k), page)
		}
	}
	u.release(i, j)
	empty := u.left == 0
	if u.freed = empty && free; u.freed {
		o.unpin()
	}
	o.fam.mu.Unlock()
	if u.freed {
		o.Unref()
	}
	return empty, abi.KERN_SUCCESS
}

// Free is upl_deallocate: what is still held is aborted.
func (u *UPL) Free() {
	if _, kr := u.AbortRange(0, u.Size(), abi.UPL_ABORT_FREE_ON_EMPTY); kr != abi.KERN_SUCCESS {
		return // freed before
	}
}
