package vm

import (
	"puggle/machine"
)

func (m *Map) addParent(e *Entry) {
	m.parentMu.Lock()
	if m.parents == nil {
		m.parents = make(map[*Entry]struct{})
	}
	m.parents[e] = struct{}{}
	m.parentMu.Unlock()
}

// dropParent forgets e, one of a submap's parent entries; the submap goes with
// the last one unless somebody else holds it.
func (m *Map) dropParent(e *Entry, r *reaper) {
	m.parentMu.Lock()
	delete(m.parents, e)
	last := len(m.parents) == 0 && m.refs == 0
	m.parentMu.Unlock()
	if last {
		m.mu.Lock()
		m.dead = true
		m.remove(m.lo, m.hi, r)
		m.mu.Unlock()
	}
}

// applyToParents makes a submap's changes in every map that shows it. Only
// removals and protections come this way: what is entered is entered for the
// map that asked.
func (m *Map) applyToParents(ops []machine.PmapOp) error {
	m.parentMu.Lock()
	defer m.parentMu.Unlock()
	for e := range m.parents {
		lo, hi := Addr(e.offset), Addr(e.offset+e.size())
		var there []machine.PmapOp
		for _, op := range ops {
			a, b := max(op.Va, lo), min(op.Va+Addr(op.Len), hi)
			if a >= b {
				continue
			}
			op.Va, op.Len = a-lo+e.start, uint64(b-a)
			if op.Kind == machine.PmapProtect {
				op.Prot &= e.prot
			}
			there = append(there, op)
		}
		if err := e.m.apply(there...); err != nil {
			return err
		}
	}
	return nil
}
