package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// thaw makes [lo, hi), part of the hull, writable again where it has been entered before, read
// only: after a fork, when the child has gone. The host then keeps what it knows
// of the pages. The block of the fault is entered, in case it never was.
func (h *hold) thaw(lo, hi uint64, prot Prot) bool {
	e, o := h.e, h.o
	if o.pager != nil || o.shadow != nil || e.needsCopy || prot&abi.VM_PROT_WRITE == 0 || hi-lo <= copyPages {
		return false
	}
	a, b := e.addr(lo), e.addr(hi)
	ops := [2]machine.PmapOp{{Kind: machine.PmapProtect, Prot: e.allow(prot), Va: a, Len: uint64(b - a)}}
	from := max(lo, h.page&^(copyPages-1))
	to := min(hi, h.page&^(copyPages-1)+copyPages)
	at := e.addr(h.page)
	if len(e.translate(ops[:1], from, to, prot, 1)) != 2 || ops[1].Va > at || ops[1].Va+Addr(ops[1].Len) <= at {
		return false
	}
	return h.m.apply(ops[0], ops[1]) == nil
}

// thawOthers does for the map's other entries what thaw has done for one, with one
// call to the Pmap: they were frozen together, by a fork, and the child that
// shared them is gone for all of them at once.
func (m *Map) thawOthers() {
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	var cold []*Entry
	var fams families
	for _, e := range m.entries {
		if e.cold && e.object != nil && e.lo < e.hi && e.prot&abi.VM_PROT_WRITE != 0 {
			cold = append(cold, e)
			fams = append(fams, e.object.fam)
		}
	}
	fams.lock()
	defer fams.unlock()
	var ops []machine.PmapOp
	for _, e := range cold {
		o := e.object
		if s := o.shadow; s != nil && s.refs == 1 && s.pager == nil {
			o.collapse(&r)
		}
		if o.pager != nil || o.shadow != nil || o.shared || e.needsCopy && !o.thawable(e) {
			continue
		}
		e.needsCopy, e.cold = false, false
		ops = append(ops, machine.PmapOp{Kind: machine.PmapProtect, Prot: e.allow(e.prot), Va: e.lo, Len: uint64(e.hi - e.lo)})
	}
	m.apply(ops...)
}

// thawable says whether nobody but e, and entries of its map beside it, is left
// of those for whom o was frozen. The family is locked.
func (o *Object) thawable(e *Entry) bool {
	return o.pager == nil && o.refs == len(o.mappings) && len(o.shadows) == 0 && o.alone(e)
}
