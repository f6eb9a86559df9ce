package vm

import (
	"puggle/abi"
	"puggle/machine"
)

// NewSubmap makes a map of size bytes from address 0 on that is to be mapped
// into others (vm_region_object_create): all of them see what is entered into
// it and removed from it. The caller holds it until Release.
func NewSubmap(mem machine.Memory, size uint64) *Map {
	m := NewMap(mem, nil, 0, Addr(min(roundPage(size), uint64(machine.SlotBase))))
	m.refs = 1
	return m
}

// Retain takes another hold on a submap.
func (m *Map) Retain() *Map {
	m.parentMu.Lock()
	m.refs++
	m.parentMu.Unlock()
	return m
}

// Release gives a hold on a submap up. It is destroyed when nobody holds it and
// no map shows it.
func (m *Map) Release() {
	m.parentMu.Lock()
	m.refs--
	last := m.refs == 0 && len(m.parents) == 0
	m.parentMu.Unlock()
	if last {
		m.Destroy()
	}
}

// EnterSubmap maps spec.Size bytes of sub from spec.Offset on. Submaps don't
// nest: KERN_INVALID_ARGUMENT. Contents are shared by all who map it (use_pmap);
// inheritance other than none shares it with children. Else as Enter.
func (m *Map) EnterSubmap(sub *Map, spec MapSpec) (Addr, abi.KernReturn) {
	if m.pmap == nil || sub.pmap != nil || spec.Offset > uint64(sub.hi) ||
		roundPage(spec.Size) > uint64(sub.hi)-spec.Offset {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	spec.sub, spec.Object, spec.Copy = sub, nil, false
	return m.Enter(&spec)
}

// NewNamedSubmap makes a handle on a submap; it takes its own hold.
func NewNamedSubmap(sub *Map, prot Prot) *NamedEntry {
	return &NamedEntry{Prot: prot, size: uint64(sub.hi), sub: sub.Retain()}
}
