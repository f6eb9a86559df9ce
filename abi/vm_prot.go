package abi

// Prot is a vm_prot_t (<mach/vm_prot.h>); PROT_* of mmap has the same bits.
type Prot uint32

const (
	VM_PROT_NONE    Prot = 0
	VM_PROT_READ    Prot = 1
	VM_PROT_WRITE   Prot = 2
	VM_PROT_EXECUTE Prot = 4
	VM_PROT_DEFAULT Prot = 3
	VM_PROT_ALL     Prot = 7
	VM_PROT_IS_MASK Prot = 0x40 // of a memory entry: as much of the others as there is
)
