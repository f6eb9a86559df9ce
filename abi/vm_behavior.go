package abi

// VMInherit is a vm_inherit_t (<mach/vm_inherit.h>): what a child gets at fork.
type VMInherit uint32

const (
	VM_INHERIT_SHARE       VMInherit = 0
	VM_INHERIT_COPY        VMInherit = 1
	VM_INHERIT_NONE        VMInherit = 2
	VM_INHERIT_DONATE_COPY VMInherit = 3 // not valid from user mode
	VM_INHERIT_DEFAULT               = VM_INHERIT_COPY
)

// VMBehavior is a vm_behavior_t (<mach/vm_behavior.h>).
type VMBehavior int32

const (
	VM_BEHAVIOR_DEFAULT          VMBehavior = 0
	VM_BEHAVIOR_RANDOM           VMBehavior = 1
	VM_BEHAVIOR_SEQUENTIAL       VMBehavior = 2
	VM_BEHAVIOR_RSEQNTL          VMBehavior = 3
	VM_BEHAVIOR_WILLNEED         VMBehavior = 4
	VM_BEHAVIOR_DONTNEED         VMBehavior = 5
	VM_BEHAVIOR_FREE             VMBehavior = 6
	VM_BEHAVIOR_ZERO_WIRED_PAGES VMBehavior = 7
	VM_BEHAVIOR_REUSABLE         VMBehavior = 8
	VM_BEHAVIOR_REUSE            VMBehavior = 9
	VM_BEHAVIOR_CAN_REUSE        VMBehavior = 10
	VM_BEHAVIOR_PAGEOUT          VMBehavior = 11
	VM_BEHAVIOR_ZERO             VMBehavior = 12
)

// VM_SYNC_* flags of vm_msync (<mach/vm_sync.h>).
const (
	VM_SYNC_ASYNCHRONOUS  = 0x01
	VM_SYNC_SYNCHRONOUS   = 0x02
	VM_SYNC_INVALIDATE    = 0x04
	VM_SYNC_KILLPAGES     = 0x08
	VM_SYNC_DEACTIVATE    = 0x10
	VM_SYNC_CONTIGUOUS    = 0x20
	VM_SYNC_REUSABLEPAGES = 0x40
)

// VM_PROT_COPY in vm_protect and vm_map asks for a private copy that may be
// written even where the maximum protection does not allow it
// (<mach/vm_prot.h>).
const VM_PROT_COPY Prot = 0x10

// Attributes and values of vm_machine_attribute (<mach/vm_attributes.h>).
const (
	MATTR_CACHE            = 1
	MATTR_MIGRATE          = 2
	MATTR_REPLICATE        = 4
	MATTR_VAL_OFF          = 0
	MATTR_VAL_ON           = 1
	MATTR_VAL_GET          = 2
	MATTR_VAL_CACHE_FLUSH  = 6
	MATTR_VAL_DCACHE_FLUSH = 7
	MATTR_VAL_ICACHE_FLUSH = 8
	MATTR_VAL_CACHE_SYNC   = 9
	MATTR_VAL_GET_INFO     = 10
)

// Share modes of vm_region (<mach/vm_region.h>).
const (
	SM_COW             = 1
	SM_PRIVATE         = 2
	SM_EMPTY           = 3
	SM_SHARED          = 4
	SM_TRUESHARED      = 5
	SM_PRIVATE_ALIASED = 6
	SM_SHARED_ALIASED  = 7
	SM_LARGE_PAGE      = 8
)

// MAP_MEM_* flags of mach_make_memory_entry (<mach/memory_object_types.h>).
const (
	MAP_MEM_NOOP          = 0 // cache modes: as it is,
	MAP_MEM_COPYBACK      = 1
	MAP_MEM_IO            = 2 // inhibited, guarded
	MAP_MEM_WTHRU         = 3
	MAP_MEM_WCOMB         = 4
	MAP_MEM_ONLY          = 0x010000
	MAP_MEM_NAMED_CREATE  = 0x020000
	MAP_MEM_PURGABLE      = 0x040000
	MAP_MEM_NAMED_REUSE   = 0x080000
	MAP_MEM_USE_DATA_ADDR = 0x100000
	MAP_MEM_VM_COPY       = 0x200000
	MAP_MEM_VM_SHARE      = 0x400000
)
