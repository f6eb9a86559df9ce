package abi

// Controls, states and masks of vm_purgable_control (<mach/vm_purgable.h>).
const (
	VM_PURGABLE_SET_STATE = 0
	VM_PURGABLE_GET_STATE = 1
	VM_PURGABLE_PURGE_ALL = 2

	VM_PURGABLE_NONVOLATILE = 0
	VM_PURGABLE_VOLATILE    = 1
	VM_PURGABLE_EMPTY       = 2
	VM_PURGABLE_DENY        = 3
	VM_PURGABLE_STATE_MASK  = 3
)
