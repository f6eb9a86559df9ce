package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// What Protect takes away is gone when it returns. What it adds is left to the next
// fault, as in XNU, whose pmap_protect only lowers: many programs that make memory
// writable and read only again have not touched it meanwhile, and then neither costs
// a call to the Pmap. Those that do touch it pay for a fault besides; so when that
// happens, the map's next raiseProbe protections are raised at once, and then one is
// left to a fault again.
const raiseProbe = 16

// mayRaise says whether what e allows more than its translations do is to be left to
// a fault. Its map is locked for writing.
func (e *Entry) mayRaise() bool {
	if e.rights == e.prot {
		return true
	}
	if e.m.pmap == nil {
		return false
	}
	if n := e.m.raiseNow.Load(); n > 0 {
		e.m.raiseNow.Store(n - 1)
		return false
	}
	return true
}

// enterable is what all translations of e's may get at once: where some pages may be
// written and others not, writing is left to faults. The family is locked.
func (e *Entry) enterable() Prot {
	p := e.prot
	if o := e.object; o == nil || e.needsCopy || o.pager != nil || o.shadow != nil {
		p &^= abi.VM_PROT_WRITE
		if p == 0 && e.prot != 0 {
			p = abi.VM_PROT_READ
		}
	}
	return p
}

// forgetRights is for when nobody knows what translations are left.
func (e *Entry) forgetRights() {
	if o := e.object; o != nil {
		o.fam.mu.Lock()
		defer o.fam.mu.Unlock()
	}
	e.allow(abi.VM_PROT_ALL)
}

// raise gives the hull, which h's page is in, what its entry allows by now; false if
// that is not enough for access. The block of the fault is entered, in case it never was.
func (h *hold) raise(access Prot) bool {
	e := h.e
	p := e.enterable()
	if !allows(p, access) {
		return false
	}
	first, last := e.page(e.lo), e.page(e.hi)
	from := max(first, h.page&^(copyPages-1))
	to := min(last, h.page&^(copyPages-1)+copyPages)
	ops := [2]machine.PmapOp{{Kind: machine.PmapProtect, Prot: e.allow(p), Va: e.lo, Len: uint64(e.hi - e.lo)}}
	if len(e.translate(ops[:1], from, to, e.prot, 1)) != 2 || ops[1].Va > h.addr || ops[1].Va+Addr(ops[1].Len) <= h.addr {
		return false
	}
	e.raised = false
	h.m.raiseNow.Store(raiseProbe)
	return h.m.apply(ops[0], ops[1]) == nil
}
