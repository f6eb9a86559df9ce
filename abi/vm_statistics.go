package abi

// VM_FLAGS_* of vm_allocate, vm_map and vm_remap (<mach/vm_statistics.h>). The
// top eight bits carry a VM_MEMORY_* tag.
const (
	VM_FLAGS_FIXED               = 0x0000
	VM_FLAGS_ANYWHERE            = 0x0001
	VM_FLAGS_PURGABLE            = 0x0002
	VM_FLAGS_4GB_CHUNK           = 0x0004
	VM_FLAGS_RANDOM_ADDR         = 0x0008
	VM_FLAGS_NO_CACHE            = 0x0010
	VM_FLAGS_RESILIENT_CODESIGN  = 0x0020
	VM_FLAGS_RESILIENT_MEDIA     = 0x0040
	VM_FLAGS_PERMANENT           = 0x0080
	VM_FLAGS_OVERWRITE           = 0x4000
	VM_FLAGS_SUPERPAGE_MASK      = 0x70000
	VM_FLAGS_RETURN_DATA_ADDR    = 0x100000
	VM_FLAGS_RETURN_4K_DATA_ADDR = 0x800000
	VM_FLAGS_ALIAS_MASK          = 0xff000000
	VM_FLAGS_ALIAS_SHIFT         = 24
)

// VM_MEMORY_* tags (<mach/vm_statistics.h>): who asked for the memory.
const (
	VM_MEMORY_MALLOC       = 1
	VM_MEMORY_MALLOC_SMALL = 2
	VM_MEMORY_MALLOC_LARGE = 3
	VM_MEMORY_MALLOC_HUGE  = 4
	VM_MEMORY_SBRK         = 5
	VM_MEMORY_MALLOC_TINY  = 7
	VM_MEMORY_MACH_MSG     = 20
	VM_MEMORY_IOKIT        = 21
	VM_MEMORY_STACK        = 30
	VM_MEMORY_GUARD        = 31
	VM_MEMORY_SHARED_PMAP  = 32
	VM_MEMORY_DYLIB        = 33
	VM_MEMORY_DYLD         = 60
	VM_MEMORY_DYLD_MALLOC  = 61
)
