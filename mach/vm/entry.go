package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// Prot, Inherit and Behavior are abi's.
type (
	Prot     = abi.Prot
	Inherit  = abi.VMInherit
	Behavior = abi.VMBehavior
)

const pageIns = 64 // pages in an ordinary cluster

// Entry is a vm_map_entry: a range of a map and what is there.
type Entry struct {
	m          *Map
	start, end Addr
	offset     uint64  // of start, in the object or the submap
	object     *Object // nil: anonymous and untouched, or a submap
	sub        *Map
	needsCopy  bool // the object is frozen for this entry
	prot, max  Prot
	inherit    Inherit
	behavior   Behavior
	tag        uint8
	wired      uint16 // vm_wire and mlock, nested
	permanent  bool   // VM_FLAGS_PERMANENT: may not be removed or changed

	index  int  // in object.mappings
	lo, hi Addr // hull of the translations entered; lo == hi: none
	rights Prot // no translation in the hull allows more
	raised bool // prot has become more than rights, and no fault has asked for it yet
	cold   bool // a copy has made them read only, and none has been thawed since

	nextWrite, nextRead uint64 // object pages that a sequential user would touch next
	writeWin, readWin   uint64 // and how many pages to do then
}

func (e *Entry) size() uint64 { return uint64(e.end - e.start) }

// page is the object page at a.
func (e *Entry) page(a Addr) uint64 { return (e.offset + uint64(a-e.start)) >> pageShift }

// addr is the address of an object page that e maps.
func (e *Entry) addr(page uint64) Addr { return e.start + Addr(page<<pageShift-e.offset) }

// pages is the range of object pages that e maps.
func (e *Entry) pages() (lo, hi uint64) {
	return e.offset >> pageShift, (e.offset + e.size()) >> pageShift
}

// link makes e map o; the family is locked, e's reference is the caller's.
func (e *Entry) link(o *Object) {
	e.object, e.index = o, len(o.mappings)
	o.mappings = append(o.mappings, e)
}

// unlink takes e off its object's list; the reference stays the caller's.
func (e *Entry) unlink() *Object {
	o := e.object
	last := len(o.mappings) - 1
	o.mappings[e.index] = o.mappings[last]
	o.mappings[e.index].index = e.index
	o.mappings[last] = nil
	o.mappings = o.mappings[:last]
	e.object = nil
	return o
}

// allow notes that translations in the hull may get p, and returns it.
func (e *Entry) allow(p Prot) Prot {
	e.rights |= p
	return p
}

// grow makes the hull include [lo, hi).
func (e *Entry) grow(lo, hi Addr) {
	if e.lo == e.hi {
		e.lo, e.hi = lo, hi
		return
	}
	e.lo, e.hi = min(e.lo, lo), max(e.hi, hi)
}

// cut gives the part of the hull within [lo, hi).
func (e *Entry) cut(lo, hi Addr) (Addr, Addr, bool) {
	lo, hi = max(e.lo, lo), min(e.hi, hi)
	return lo, hi, lo < hi
}

// split divides e at a and returns the new upper part, which the caller puts
// behind e in the map. The map is locked for writing.
func (e *Entry) split(a Addr) *Entry {
	n := new(Entry)
	o := e.object
	if o != nil {
		o.fam.mu.Lock()
		defer o.fam.mu.Unlock()
	}
	if e.sub != nil {
		e.sub.parentMu.Lock()
		defer e.sub.parentMu.Unlock()
	}
	*n = *e
	n.start, n.offset = a, e.offset+uint64(a-e.start)
	e.end = a
	n.lo, n.hi = max(n.lo, a), max(n.hi, a)
	e.lo, e.hi = min(e.lo, a), min(e.hi, a)
	if o != nil {
		o.refs++
		n.link(o)
	}
	if e.sub != nil {
		e.sub.parents[n] = struct{}{}
	}
	return n
}

// disconnect removes all translations to [lo, hi) bytes of o that were entered
// through o or through an object that shadows it. The family is locked.
func (o *Object) disconnect(lo, hi uint64) {
	o.eachMapping(lo, hi, func(e *Entry, a, b Addr) {
		e.m.apply(machine.PmapOp{Kind: machine.PmapRemove, Va: a, Len: uint64(b - a)})
	})
}

// writeProtect takes write permission from all translations to [lo, hi) bytes
// of o, so that the next write is seen. The family is locked.
func (o *Object) writeProtect(lo, hi uint64) {
	o.eachMapping(lo, hi, func(e *Entry, a, b Addr) {
		if e.rights&abi.VM_PROT_WRITE != 0 {
			e.m.apply(machine.PmapOp{Kind: machine.PmapProtect, Va: a, Len: uint64(b - a),
				Prot: e.allow(e.prot &^ abi.VM_PROT_WRITE)})
		}
	})
}

func (o *Object) eachMapping(lo, hi uint64, f func(e *Entry, a, b Addr)) {
	for _, e := range o.mappings {
		s, t := max(lo, e.offset), min(hi, e.offset+e.size())
		if s >= t {
			continue
		}
		if a, b, ok := e.cut(e.start+Addr(s-e.offset), e.start+Addr(t-e.offset)); ok {
			f(e, a, b)
		}
	}
	for _, t := range o.shadows {
		if hi > t.shadowOff {
			from := max(lo, t.shadowOff) - t.shadowOff
			if to := min(hi-t.shadowOff, t.size); from < to {
				t.eachMapping(from, to, f)
			}
		}
	}
}
