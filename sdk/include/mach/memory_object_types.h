/* Named entries: what is added to the protection. */
#ifndef _MACH_MEMORY_OBJECT_TYPES_H_
#define _MACH_MEMORY_OBJECT_TYPES_H_
#include <mach/vm_types.h>
typedef natural_t memory_object_cluster_size_t;
typedef mach_port_t memory_object_control_t, memory_object_name_t, memory_object_default_t;
#define MEMORY_OBJECT_NULL ((memory_object_t)0)
#define MAP_MEM_NOOP 0
#define MAP_MEM_ONLY 0x010000
#define MAP_MEM_NAMED_CREATE 0x020000
#define MAP_MEM_PURGABLE 0x040000
#define MAP_MEM_NAMED_REUSE 0x080000
#define MAP_MEM_USE_DATA_ADDR 0x100000
#define MAP_MEM_VM_COPY 0x200000
#define MAP_MEM_VM_SHARE 0x400000
#endif
