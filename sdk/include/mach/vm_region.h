/* vm_region's flavours and what they give. */
#ifndef _MACH_VM_REGION_H_
#define _MACH_VM_REGION_H_
#include <mach/message.h>
#include <mach/vm_prot.h>
#include <mach/vm_inherit.h>
#include <mach/vm_behavior.h>
#include <mach/vm_types.h>
typedef int vm_region_flavor_t, vm_page_info_flavor_t;
typedef int *vm_region_info_t, *vm_region_info_64_t, *vm_region_recurse_info_t, *vm_region_recurse_info_64_t, *vm_page_info_t;
typedef uint32_t vm32_object_id_t;
#define VM_REGION_INFO_MAX 1024
typedef int vm_region_info_data_t[VM_REGION_INFO_MAX];
#define _VM_REGION_COUNT(t) ((mach_msg_type_number_t)(sizeof(t) / sizeof(int)))
#pragma pack(push, 4)
#define VM_REGION_BASIC_INFO_64 9
typedef struct vm_region_basic_info_64 {
	vm_prot_t protection, max_protection;
	vm_inherit_t inheritance;
	boolean_t shared, reserved;
	memory_object_offset_t offset;
	vm_behavior_t behavior;
	unsigned short user_wired_count;
} vm_region_basic_info_data_64_t, *vm_region_basic_info_64_t;
#define VM_REGION_BASIC_INFO_COUNT_64 _VM_REGION_COUNT(vm_region_basic_info_data_64_t)
#define VM_REGION_BASIC_INFO 10
typedef struct vm_region_basic_info {
	vm_prot_t protection, max_protection;
	vm_inherit_t inheritance;
	boolean_t shared, reserved;
	uint32_t offset;
	vm_behavior_t behavior;
	unsigned short user_wired_count;
} vm_region_basic_info_data_t, *vm_region_basic_info_t;
#define VM_REGION_BASIC_INFO_COUNT _VM_REGION_COUNT(vm_region_basic_info_data_t)
#define SM_COW 1
#define SM_PRIVATE 2
#define SM_EMPTY 3
#define SM_SHARED 4
#define SM_TRUESHARED 5
#define SM_PRIVATE_ALIASED 6
#define SM_SHARED_ALIASED 7
#define SM_LARGE_PAGE 8
#define VM_REGION_EXTENDED_INFO 13
typedef struct vm_region_extended_info {
	vm_prot_t protection;
	unsigned user_tag, pages_resident, pages_shared_now_private, pages_swapped_out, pages_dirtied, ref_count;
	unsigned short shadow_depth;
	unsigned char external_pager, share_mode;
	unsigned pages_reusable;
} vm_region_extended_info_data_t, *vm_region_extended_info_t;
#define VM_REGION_EXTENDED_INFO_COUNT _VM_REGION_COUNT(vm_region_extended_info_data_t)
#define VM_REGION_TOP_INFO 12
typedef struct vm_region_top_info {
	unsigned obj_id, ref_count, private_pages_resident, shared_pages_resident;
	unsigned char share_mode;
} vm_region_top_info_data_t, *vm_region_top_info_t;
#define VM_REGION_TOP_INFO_COUNT _VM_REGION_COUNT(vm_region_top_info_data_t)
typedef struct vm_region_submap_info {
	vm_prot_t protection, max_protection;
	vm_inherit_t inheritance;
	uint32_t offset;
	unsigned user_tag, pages_resident, pages_shared_now_private, pages_swapped_out, pages_dirtied, ref_count;
	unsigned short shadow_depth;
	unsigned char external_pager, share_mode;
	boolean_t is_submap;
	vm_behavior_t behavior;
	vm32_object_id_t object_id;
	unsigned short user_wired_count;
} vm_region_submap_info_data_t, *vm_region_submap_info_t;
#define VM_REGION_SUBMAP_INFO_COUNT _VM_REGION_COUNT(vm_region_submap_info_data_t)
typedef struct vm_region_submap_info_64 {
	vm_prot_t protection, max_protection;
	vm_inherit_t inheritance;
	memory_object_offset_t offset;
	unsigned user_tag, pages_resident, pages_shared_now_private, pages_swapped_out, pages_dirtied, ref_count;
	unsigned short shadow_depth;
	unsigned char external_pager, share_mode;
	boolean_t is_submap;
	vm_behavior_t behavior;
	vm32_object_id_t object_id;
	unsigned short user_wired_count;
	unsigned pages_reusable;
	vm_object_id_t object_id_full;
} vm_region_submap_info_data_64_t, *vm_region_submap_info_64_t;
#define VM_REGION_SUBMAP_INFO_COUNT_64 _VM_REGION_COUNT(vm_region_submap_info_data_64_t)
#define VM_REGION_SUBMAP_INFO_V2_COUNT_64 VM_REGION_SUBMAP_INFO_COUNT_64
#define VM_REGION_SUBMAP_INFO_V1_COUNT_64 (VM_REGION_SUBMAP_INFO_COUNT_64 - 2)
#define VM_REGION_SUBMAP_INFO_V0_COUNT_64 (VM_REGION_SUBMAP_INFO_COUNT_64 - 3)
typedef struct vm_region_submap_short_info_64 {
	vm_prot_t protection, max_protection;
	vm_inherit_t inheritance;
	memory_object_offset_t offset;
	unsigned user_tag, ref_count;
	unsigned short shadow_depth;
	unsigned char external_pager, share_mode;
	boolean_t is_submap;
	vm_behavior_t behavior;
	vm32_object_id_t object_id;
	unsigned short user_wired_count;
} vm_region_submap_short_info_data_64_t, *vm_region_submap_short_info_64_t;
#define VM_REGION_SUBMAP_SHORT_INFO_COUNT_64 _VM_REGION_COUNT(vm_region_submap_short_info_data_64_t)
#define VM_MAP_ENTRY_MAX 256
typedef struct mach_vm_read_entry { mach_vm_address_t address; mach_vm_size_t size; } mach_vm_read_entry_t[VM_MAP_ENTRY_MAX];
typedef struct vm_read_entry { vm_address_t address; vm_size_t size; } vm_read_entry_t[VM_MAP_ENTRY_MAX];
#pragma pack(pop)
#define VM_PAGE_INFO_BASIC 1
typedef struct vm_page_info_basic {
	int disposition, ref_count;
	vm_object_id_t object_id;
	memory_object_offset_t offset;
	int depth, __pad;
} vm_page_info_basic_data_t, *vm_page_info_basic_t;
#define VM_PAGE_INFO_BASIC_COUNT _VM_REGION_COUNT(vm_page_info_basic_data_t)
#endif
