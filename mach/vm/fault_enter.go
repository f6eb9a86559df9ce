package vm

import (
	"sync"

	"puggle/abi"
	"puggle/machine"
)

// enter enters translations for h's page and for what is around it, as far as
// that is there already. The window is wide where it costs nothing; but what
// is entered a second time has to be found again by the host, page by page, so a
// write fault enters what it changed and no more.
func (h *hold) enter(access Prot) abi.KernReturn {
	e, o, page := h.e, h.o, h.page
	first, last := e.pages()
	window := uint64(readPages)
	switch {
	case o.pager == nil && o.shadow == nil:
		window = pieceBytes >> pageShift
	case o.pager != nil:
		window = maxReadPages
		if access&abi.VM_PROT_WRITE != 0 {
			window = dirtyPages
			h.dirtyAround(first, last)
		}
	}
	lo := max(page&^(window-1), first)
	hi := min(page&^(window-1)+window, last)
	if p := o.defaultPager(); p != nil {
		if !h.bring() {
			return abi.KERN_MEMORY_ERROR
		}
		if p.scan.tight.Load() {
			lo, hi = max(page&^(againPages-1), first), min(page&^(againPages-1)+againPages, last)
		}
	}
	if h.copyLo < h.copyHi {
		lo, hi = h.copyLo, h.copyHi
	}
	prot := e.prot
	if h.via != nil {
		// Only what the parent's entry shows.
		prot &= h.via.prot
		vlo, vhi := Addr(h.via.offset), Addr(h.via.offset+h.via.size())
		if e.start < vlo {
			lo = max(lo, e.page(vlo))
		}
		if e.end > vhi {
			hi = min(hi, e.page(vhi))
		}
	}
	if h.via == nil && h.copyLo == h.copyHi && e.lo < e.hi {
		if e.raised && e.lo <= h.addr && h.addr < e.hi && h.raise(access) {
			return abi.KERN_SUCCESS
		}
		// What has been entered before stays untouched as far as possible.
		switch {
		case h.addr >= e.hi:
			lo = max(lo, e.page(e.hi))
		case h.addr < e.lo:
			hi = min(hi, e.page(e.lo))
		default:
			// The hull may have holes that were never entered or have been
			// discarded: a fault in one is no reason to touch the rest.
			if access&abi.VM_PROT_WRITE != 0 && e.cold && !h.entered && h.via == nil && e.thawed() {
				h.thaws = true
				return abi.KERN_SUCCESS
			}
			lo = max(lo, page&^(againPages-1))
			hi = min(hi, page&^(againPages-1)+againPages)
		}
	}
	buf := opBuffers.Get().(*[maxOps]machine.PmapOp)
	defer opBuffers.Put(buf)
	ops := e.translate(buf[:0], page, hi, prot, maxOps-8)
	if len(ops) > 0 && lo < page {
		before := e.translate(buf[len(ops):len(ops)], lo, page, prot, maxOps-len(ops))
		if n := len(before); n > 0 && n < maxOps-len(ops) && joins(&before[n-1], &ops[0]) {
			ops[0].Va, ops[0].Pa = before[n-1].Va, before[n-1].Pa
			ops[0].Len += before[n-1].Len
			before = before[:n-1]
		}
		ops = ops[:len(ops)+len(before)]
	}
	if len(ops) >= maxOps-8 && h.copyLo < h.copyHi {
		// Too fragmented to be sure that all copies are entered: what isn't
		// must not show the old pages.
		o.disconnect(h.copyLo<<pageShift, h.copyHi<<pageShift)
	}
	if len(ops) == 0 {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	for i := range ops {
		e.grow(ops[i].Va, ops[i].Va+Addr(ops[i].Len))
	}
	target := h.m
	if h.via != nil {
		h.sub.parentMu.Lock()
		defer h.sub.parentMu.Unlock()
		for i := range ops {
			ops[i].Va = ops[i].Va - Addr(h.via.offset) + h.via.start
			h.via.allow(h.via.prot)
			h.via.grow(ops[i].Va, ops[i].Va+Addr(ops[i].Len))
		}
	}
	if err := target.apply(ops...); err != nil {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	return abi.KERN_SUCCESS
}

// bring makes h's page and some behind it present and active; false if the paging
// file can't be read.
func (h *hold) bring() bool {
	x := h.o.lookup(h.page, copyPages)
	phys, n, err := x.owner.place(x.page, x.n)
	return err != nil || x.is != present || x.owner.bring(phys, n) == nil
}

var opBuffers = sync.Pool{New: func() any { return new([maxOps]machine.PmapOp) }}

// soonPages bounds what is made accessible in advance as one run of pages.
const soonPages = 64

func joins(a, b *machine.PmapOp) bool {
	return a.Va+Addr(a.Len) == b.Va && a.Pa+machine.Phys(a.Len) == b.Pa && a.Prot == b.Prot && a.Soon == b.Soon
}

// dirtyAround marks the resident pages about h's page dirty, so that a
// sequential writer doesn't fault on each.
func (h *hold) dirtyAround(first, last uint64) {
	lo := max(h.page&^(dirtyPages-1), first)
	hi := min(lo+dirtyPages, last)
	for p := lo; p < hi; {
		in, n := h.o.valid.run(p, hi-p)
		if in {
			h.o.dirty.set(p, n)
		}
		p += n
	}
}

// translate appends the translations for the object pages [page, end) of e that
// are there, at most most of them. The family is locked.
func (e *Entry) translate(ops []machine.PmapOp, page, end uint64, prot Prot, most int) []machine.PmapOp {
	if prot == 0 {
		return ops
	}
	o := e.object
	e.allow(prot)
	count := 0
	for page < end {
		x := o.lookup(page, end-page)
		if x.is != present {
			page += x.n
			continue
		}
		phys, n, err := x.owner.place(x.page, x.n)
		if err != nil {
			return ops
		}
		if dp := o.defaultPager(); dp != nil {
			var here bool
			if here, n = dp.enterable(phys, n); !here {
				page += n
				continue
			}
		}
		p := prot
		switch {
		case e.needsCopy || x.owner != o:
			p &^= abi.VM_PROT_WRITE
		case o.pager != nil && !o.silent:
			dirty, k := o.dirty.run(x.page, n)
			if n = k; !dirty {
				p &^= abi.VM_PROT_WRITE
			}
		}
		if p == 0 {
			p = abi.VM_PROT_READ
		}
		op := machine.PmapOp{Kind: machine.PmapEnter, Prot: p, Va: e.addr(page), Len: n << pageShift, Pa: phys}
		// What an object with a shadow has was copied into it to be written to.
		op.Soon = o.shadow != nil && p&abi.VM_PROT_WRITE != 0 && n <= soonPages
		if k := len(ops); count > 0 && joins(&ops[k-1], &op) {
			ops[k-1].Len += op.Len
		} else if count == most {
			return ops
		} else {
			ops = append(ops, op)
			count++
		}
		page += n
	}
	return ops
}
