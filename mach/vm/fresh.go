package vm

import (
	"slices"

	"puggle/abi"
	"puggle/machine"
)

// maxFresh bounds how many ranges a map remembers as fresh, freshOps how many
// translations one of them gets.
const (
	maxFresh = 32
	freshOps = 4
)

// freshRange is memory that was mapped and has not been entered yet. It is a
// range of addresses and no entry: what is there when it is entered is looked up
// then.
type freshRange struct {
	lo, hi Addr
	kind   freshKind
}

// freshKind is how it was mapped. A program that names the address fills a reservation,
// often several parts in a row before it touches any, as Go's runtime does for its heap;
// what is mapped anywhere is mostly wanted at once.
type freshKind uint8

const (
	freshAnywhere freshKind = iota
	freshFixed
	freshKinds
)

func (s *MapSpec) freshKind() freshKind {
	if s.Flags&Anywhere != 0 {
		return freshAnywhere
	}
	return freshFixed
}

// noteFresh remembers [lo, hi), just mapped, to be entered with the next fault
// anywhere in the map: programs map several ranges in a row and use them all, and
// one call to the Pmap costs little more for many than for one. The map is locked
// for writing.
func (m *Map) noteFresh(lo, hi Addr, kind freshKind) {
	if m.pmap == nil {
		return
	}
	if n := len(m.fresh); n > 0 && m.fresh[n-1].hi == lo && m.fresh[n-1].kind == kind {
		m.fresh[n-1].hi = hi
		return
	}
	if len(m.fresh) == maxFresh {
		m.fresh = append(m.fresh[:0], m.fresh[1:]...)
	}
	m.fresh = append(m.fresh, freshRange{lo, hi, kind})
	m.hasFresh.Store(true)
}

// forgetFresh is noteFresh's contrary, for what is removed.
func (m *Map) forgetFresh(lo, hi Addr) {
	if len(m.fresh) == 0 {
		return
	}
	m.fresh = slices.DeleteFunc(m.fresh, func(f freshRange) bool { return lo <= f.lo && f.hi <= hi })
	m.hasFresh.Store(len(m.fresh) > 0)
}

// What is mapped and then touched before anything else is mapped costs a fault of
// its own. Once that has happened enterAlone times in a row with one kind, private
// memory of that kind of up to soonSize is entered when it is mapped; every
// enterProbe'th time it is left to a fault, which may find that programs have changed
// their ways.
const (
	enterAlone = 2
	enterProbe = 16
	soonSize   = pieceBytes // one translation, whatever the size
)

// TouchesSoon says that the program touches memory of no certain address as soon as it has
// it, as Go's runtime does: so it need not be learnt. Faults may tell otherwise later. It is
// for a new map.
func (m *Map) TouchesSoon() { m.alone[freshAnywhere] = enterAlone }

// enterSoon says whether memory just mapped is to be entered at once. The map is
// locked for writing.
func (m *Map) enterSoon(spec *MapSpec, size uint64) bool {
	alone := &m.alone[spec.freshKind()]
	if *alone < enterAlone || m.pmap == nil || spec.Object != nil || spec.sub != nil || size > soonSize ||
		spec.Cur&abi.VM_PROT_WRITE == 0 {
		return false
	}
	if *alone++; *alone >= enterAlone+enterProbe {
		*alone = enterAlone - 1
		return false
	}
	return true
}

// EnterFresh enters translations for all that was mapped since the last fault, as
// far as it is there, with one call to the Pmap: for a program or a thread that is
// about to begin. It may do nothing: faults do the rest.
func (m *Map) EnterFresh() { m.enterFresh(0, 0) }

// freshPart is a part of an entry that is to be entered.
type freshPart struct {
	e      *Entry
	lo, hi Addr
}

// enterFresh is EnterFresh that says whether it has made addr accessible.
func (m *Map) enterFresh(addr Addr, access Prot) bool {
	var r reaper
	defer r.reap()
	m.mu.Lock()
	defer m.mu.Unlock()
	if addr != 0 {
		for _, r := range m.fresh {
			if alone := &m.alone[r.kind]; len(m.fresh) > 1 {
				*alone = 0
			} else if *alone < enterAlone {
				*alone++
			}
		}
	}
	return m.enterRanges(addr, access, &r)
}

// enterRanges is enterFresh with the map locked for writing.
func (m *Map) enterRanges(addr Addr, access Prot, r *reaper) bool {
	parts, fams := m.freshParts(r)
	if len(parts) == 0 {
		return false
	}
	fams.lock()
	defer fams.unlock()
	ops := make([]machine.PmapOp, 0, len(parts)+freshOps)
	for _, p := range parts {
		before := len(ops)
		ops = p.e.translate(ops, p.e.page(p.lo), p.e.page(p.hi), p.e.prot, freshOps)
		for _, op := range ops[before:] {
			p.e.grow(op.Va, op.Va+Addr(op.Len))
		}
	}
	if m.apply(ops...) != nil {
		return false
	}
	for i := range ops {
		if op := &ops[i]; op.Va <= addr && addr < op.Va+Addr(op.Len) {
			return access != 0 && allows(op.Prot, access)
		}
	}
	return false
}

// freshParts empties the list of fresh ranges and gives what is to be entered of
// them, with the families to be locked for it. What has been entered meanwhile is
// left out: entering it again would cost the host its page tables.
func (m *Map) freshParts(r *reaper) (parts []freshPart, fams families) {
	for _, f := range m.fresh {
		for i := m.find(f.lo); i < len(m.entries) && m.entries[i].start < f.hi; i++ {
			e := m.entries[i]
			if e.sub != nil || e.prot == 0 || len(parts) >= 2*maxFresh || e.object == nil && m.own(e, false, r) != nil {
				continue
			}
			p := freshPart{e, max(f.lo, e.start), min(f.hi, e.end)}
			if e.lo < e.hi {
				// A part beyond the hull: before it, or behind.
				if p.lo < e.lo {
					p.hi = min(p.hi, e.lo)
				} else {
					p.lo = max(p.lo, e.hi)
				}
				if p.lo >= p.hi {
					continue
				}
			}
			parts = append(parts, p)
			fams = append(fams, e.object.fam)
		}
	}
	m.fresh = m.fresh[:0]
	m.hasFresh.Store(false)
	return parts, fams
}

// Own makes private copies of the pages of [addr, addr+size) now, which will be
// written in any case: a fault for each block of them costs more than the copying.
// It may do less: faults do the rest.
func (m *Map) Own(addr Addr, size uint64) {
	var h hold
	for a := addr.Trunc(); a < addr+Addr(size); a += copyPages << pageShift {
		if _, kr := m.window(&h, a, 1, abi.VM_PROT_READ|abi.VM_PROT_WRITE, false); kr != 0 {
			return
		}
		h.release()
	}
}
