package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// thawed says whether e may be made writable again as a whole: it was frozen by a fork, and
// the child has gone. The family is locked.
func (e *Entry) thawed() bool {
	o := e.object
	return o.pager == nil && o.shadow == nil && !o.shared && !e.needsCopy && e.prot&abi.VM_PROT_WRITE != 0 &&
		e.lo < e.hi && uint64(e.hi-e.lo) > copyPages<<pageShift
}

// thaw makes all entries writable again where they have been entered before, read only,
// with one call to the Pmap: they were frozen together, by a fork, and the child that
// shared them is gone for all of them at once. The host then keeps what it knows of the
// pages. addr is where that was noticed; its block is entered, in case it never was, and
// the result is whether addr may be written now.
func (m *Map) thaw(addr Addr) (done bool) {
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
	ops := make([]machine.PmapOp, 0, len(cold)+1)
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
		if e.lo <= addr && addr < e.hi {
			lo := max(e.page(e.lo), e.page(addr)&^(copyPages-1))
			hi := min(e.page(e.hi), e.page(addr)&^(copyPages-1)+copyPages)
			n := len(ops)
			ops = e.translate(ops, lo, hi, e.prot, copyPages)
			for _, op := range ops[n:] {
				done = done || op.Va <= addr && addr < op.Va+Addr(op.Len) && op.Prot&abi.VM_PROT_WRITE != 0
			}
		}
	}
	return m.apply(ops...) == nil && done
}

// thawable says whether nobody but e, and entries of its map beside it, is left
// of those for whom o was frozen. The family is locked.
func (o *Object) thawable(e *Entry) bool {
	return o.pager == nil && o.refs == len(o.mappings) && len(o.shadows) == 0 && o.alone(e)
}
