package vm

import "puggle/abi"

// purgable is an object's part in vm_purgable_control: state+1, 0 for objects
// that aren't purgable.
type purgable uint8

// PurgableControl is vm_purgable_control for the entry at addr, which must have
// been allocated with VM_FLAGS_PURGABLE (KERN_INVALID_ARGUMENT otherwise). It
// returns the old state. Volatile memory keeps its contents until it is set
// empty, or the default pager needs room. PURGE_ALL is for that pager to decide,
// and only checks its arguments.
func (m *Map) PurgableControl(addr Addr, control, state int32) (int32, abi.KernReturn) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if control == abi.VM_PURGABLE_PURGE_ALL {
		return 0, abi.KERN_SUCCESS
	}
	e := m.entry(addr)
	if e == nil {
		return 0, abi.KERN_INVALID_ADDRESS
	}
	o := e.object
	if o == nil || e.needsCopy {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	return o.purgableControl(control, state, e.prot&abi.VM_PROT_WRITE != 0)
}

// PurgableControl is mach_memory_entry_purgable_control: n must name all of one
// purgable object (KERN_INVALID_ARGUMENT otherwise).
func (n *NamedEntry) PurgableControl(control, state int32) (int32, abi.KernReturn) {
	if n.copy || n.sub != nil || len(n.parts) != 1 || state&^abi.VM_PURGABLE_ALL_MASKS != 0 {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	p := n.parts[0]
	p.object.fam.mu.Lock()
	whole := p.offset == 0 && p.size == p.object.size
	p.object.fam.mu.Unlock()
	if !whole {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	return p.object.purgableControl(control, state, true)
}

// purgableControl is vm_object_purgable_control. A change needs the right to write:
// KERN_PROTECTION_FAILURE.
func (o *Object) purgableControl(control, state int32, writable bool) (int32, abi.KernReturn) {
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.purgable == 0 || o.shadow != nil {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	old := int32(o.purgable - 1)
	switch control {
	case abi.VM_PURGABLE_GET_STATE:
		return old, abi.KERN_SUCCESS
	case abi.VM_PURGABLE_SET_STATE:
	default:
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	if !writable {
		return 0, abi.KERN_PROTECTION_FAILURE
	}
	switch s := state & abi.VM_PURGABLE_STATE_MASK; s {
	case abi.VM_PURGABLE_DENY:
		return 0, abi.KERN_INVALID_ARGUMENT
	case abi.VM_PURGABLE_VOLATILE:
		o.purgeMode = uint16(state)
		if old != abi.VM_PURGABLE_EMPTY { // what is empty stays so until reused
			o.purgable = purgable(s + 1)
		}
	case abi.VM_PURGABLE_EMPTY:
		o.zero(0, o.size>>pageShift)
		o.purgable = purgable(s + 1)
	default:
		o.purgable = purgable(s + 1)
	}
	return old, abi.KERN_SUCCESS
}

// Purgeable counts objects and their resident bytes.
type Purgeable struct{ Count, Resident uint64 }

// PurgeableStats is vm_purgeable_stats of what a map has: volatile objects by order
// and group, as vm_purgeable_info has them: FIFO 0 to 7, obsolete, LIFO 0 to 7.
func (m *Map) PurgeableStats() (l [17]Purgeable) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	seen := map[*Object]bool{}
	for _, e := range m.entries {
		o := e.object
		if o == nil || seen[o] {
			continue
		}
		o.fam.mu.Lock()
		if s := o.purgable; s == abi.VM_PURGABLE_VOLATILE+1 || s == abi.VM_PURGABLE_EMPTY+1 {
			seen[o] = true
			at := int(o.purgeMode & abi.VM_VOLATILE_GROUP_MASK >> abi.VM_VOLATILE_GROUP_SHIFT)
			switch {
			case o.purgeMode&abi.VM_PURGABLE_ORDERING_OBSOLETE != 0:
				at = 8
			case o.purgeMode&abi.VM_PURGABLE_BEHAVIOR_LIFO != 0:
				at += 9
			}
			l[at].Count++
			l[at].Resident += o.resident(0, o.size>>pageShift) << pageShift
		}
		o.fam.mu.Unlock()
	}
	return l
}
