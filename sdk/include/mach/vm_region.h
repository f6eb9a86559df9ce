/* vm_region. */
#ifndef _MACH_VM_REGION_H_
#define _MACH_VM_REGION_H_
#include <mach/message.h>
#include <mach/vm_prot.h>
#include <mach/vm_inherit.h>
typedef int vm_region_flavor_t;
typedef int *vm_region_info_t;
#define VM_REGION_BASIC_INFO_64 9
#pragma pack(push, 4)
typedef struct {
	vm_prot_t protection, max_protection;
	vm_inherit_t inheritance;
	unsigned shared, reserved;
	memory_object_offset_t offset;
	int behavior;
	unsigned short user_wired_count;
} vm_region_basic_info_data_64_t, *vm_region_basic_info_64_t;
#pragma pack(pop)
#define VM_REGION_BASIC_INFO_COUNT_64 ((mach_msg_type_number_t)(sizeof(vm_region_basic_info_data_64_t) / sizeof(int)))
#endif
