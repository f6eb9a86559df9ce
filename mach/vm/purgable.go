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
	if o == nil {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	o.fam.mu.Lock()
	defer o.fam.mu.Unlock()
	if o.purgable == 0 || o.shadow != nil || e.needsCopy {
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
	if e.prot&abi.VM_PROT_WRITE == 0 {
		return 0, abi.KERN_PROTECTION_FAILURE
	}
	switch s := state & abi.VM_PURGABLE_STATE_MASK; s {
	case abi.VM_PURGABLE_DENY:
		return 0, abi.KERN_INVALID_ARGUMENT
	case abi.VM_PURGABLE_VOLATILE:
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
