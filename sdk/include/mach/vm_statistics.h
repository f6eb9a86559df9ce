/* Flags of vm_allocate and vm_map. */
#ifndef _MACH_VM_STATISTICS_H_
#define _MACH_VM_STATISTICS_H_
#define VM_FLAGS_FIXED 0
#define VM_FLAGS_ANYWHERE 1
#define VM_FLAGS_PURGABLE 2
#define VM_FLAGS_OVERWRITE 0x4000
#define VM_MAKE_TAG(t) ((t) << 24)
#define VM_MEMORY_MALLOC 1
#define VM_MEMORY_STACK 30
#define VM_MEMORY_APPLICATION_SPECIFIC_1 240
#endif
