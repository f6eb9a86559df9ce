/* task_info's flavours and what they give. */
#ifndef _MACH_TASK_INFO_H_
#define _MACH_TASK_INFO_H_
#include <mach/message.h>
#include <mach/policy.h>
#include <mach/time_value.h>
typedef natural_t task_flavor_t;
typedef integer_t *task_info_t;
#define TASK_INFO_MAX 1024
typedef integer_t task_info_data_t[TASK_INFO_MAX];
#define _TASK_INFO_COUNT(t) ((mach_msg_type_number_t)(sizeof(t) / sizeof(natural_t)))
#pragma pack(push, 4)
#define TASK_ABSOLUTETIME_INFO 1
typedef struct task_absolutetime_info {
	uint64_t total_user, total_system, threads_user, threads_system;
} task_absolutetime_info_data_t, *task_absolutetime_info_t;
#define TASK_ABSOLUTETIME_INFO_COUNT _TASK_INFO_COUNT(task_absolutetime_info_data_t)
#define TASK_EVENTS_INFO 2
typedef struct task_events_info {
	integer_t faults, pageins, cow_faults, messages_sent, messages_received, syscalls_mach, syscalls_unix, csw;
} task_events_info_data_t, *task_events_info_t;
#define TASK_EVENTS_INFO_COUNT _TASK_INFO_COUNT(task_events_info_data_t)
#define TASK_THREAD_TIMES_INFO 3
typedef struct task_thread_times_info { time_value_t user_time, system_time; } task_thread_times_info_data_t, *task_thread_times_info_t;
#define TASK_THREAD_TIMES_INFO_COUNT _TASK_INFO_COUNT(task_thread_times_info_data_t)
#define TASK_BASIC_INFO_32 4
#define TASK_BASIC2_INFO_32 6
typedef struct task_basic_info_32 {
	integer_t suspend_count;
	natural_t virtual_size, resident_size;
	time_value_t user_time, system_time;
	policy_t policy;
} task_basic_info_32_data_t, *task_basic_info_32_t;
#define TASK_BASIC_INFO_32_COUNT _TASK_INFO_COUNT(task_basic_info_32_data_t)
#define TASK_BASIC_INFO_64 5
#define TASK_BASIC_INFO TASK_BASIC_INFO_64
typedef struct task_basic_info {
	integer_t suspend_count;
	vm_size_t virtual_size, resident_size;
	time_value_t user_time, system_time;
	policy_t policy;
} task_basic_info_data_t, *task_basic_info_t;
typedef struct task_basic_info_64 {
	integer_t suspend_count;
	mach_vm_size_t virtual_size, resident_size;
	time_value_t user_time, system_time;
	policy_t policy;
} task_basic_info_64_data_t, *task_basic_info_64_t;
#define TASK_BASIC_INFO_COUNT _TASK_INFO_COUNT(task_basic_info_data_t)
#define TASK_BASIC_INFO_64_COUNT _TASK_INFO_COUNT(task_basic_info_64_data_t)
#define TASK_SECURITY_TOKEN 13
#define TASK_SECURITY_TOKEN_COUNT _TASK_INFO_COUNT(security_token_t)
#define TASK_AUDIT_TOKEN 15
#define TASK_AUDIT_TOKEN_COUNT _TASK_INFO_COUNT(audit_token_t)
#define TASK_DYLD_INFO 17
typedef struct task_dyld_info {
	mach_vm_address_t all_image_info_addr;
	mach_vm_size_t all_image_info_size;
	integer_t all_image_info_format;
} task_dyld_info_data_t, *task_dyld_info_t;
#define TASK_DYLD_INFO_COUNT _TASK_INFO_COUNT(task_dyld_info_data_t)
#define TASK_DYLD_ALL_IMAGE_INFO_32 0
#define TASK_DYLD_ALL_IMAGE_INFO_64 1
#define MACH_TASK_BASIC_INFO 20
typedef struct mach_task_basic_info {
	mach_vm_size_t virtual_size, resident_size, resident_size_max;
	time_value_t user_time, system_time;
	policy_t policy;
	integer_t suspend_count;
} mach_task_basic_info_data_t, *mach_task_basic_info_t;
#define MACH_TASK_BASIC_INFO_COUNT _TASK_INFO_COUNT(mach_task_basic_info_data_t)
#define TASK_VM_INFO 22
#define TASK_VM_INFO_PURGEABLE 23
typedef struct task_vm_info {
	mach_vm_size_t virtual_size;
	integer_t region_count, page_size;
	mach_vm_size_t resident_size, resident_size_peak, device, device_peak, internal, internal_peak, external, external_peak;
	mach_vm_size_t reusable, reusable_peak, purgeable_volatile_pmap, purgeable_volatile_resident, purgeable_volatile_virtual;
	mach_vm_size_t compressed, compressed_peak, compressed_lifetime;
	mach_vm_size_t phys_footprint;
	mach_vm_address_t min_address, max_address;
	int64_t ledger_phys_footprint_peak, ledger[20];
	uint64_t limit_bytes_remaining;
	integer_t decompressions;
	int64_t ledger_swapins;
	int64_t ledger_tag_neural_nofootprint_total, ledger_tag_neural_nofootprint_peak;
} task_vm_info_data_t, *task_vm_info_t;
#define TASK_VM_INFO_COUNT _TASK_INFO_COUNT(task_vm_info_data_t)
/* The structure has grown; a caller gets the longest that it has room for. */
#define TASK_VM_INFO_REV7_COUNT TASK_VM_INFO_COUNT
#define TASK_VM_INFO_REV6_COUNT (TASK_VM_INFO_REV7_COUNT - 4)
#define TASK_VM_INFO_REV5_COUNT (TASK_VM_INFO_REV6_COUNT - 2)
#define TASK_VM_INFO_REV4_COUNT (TASK_VM_INFO_REV5_COUNT - 1)
#define TASK_VM_INFO_REV3_COUNT (TASK_VM_INFO_REV4_COUNT - 2)
#define TASK_VM_INFO_REV2_COUNT (TASK_VM_INFO_REV3_COUNT - 42)
#define TASK_VM_INFO_REV1_COUNT (TASK_VM_INFO_REV2_COUNT - 4)
#define TASK_VM_INFO_REV0_COUNT (TASK_VM_INFO_REV1_COUNT - 2)
#define TASK_FLAGS_INFO 28
typedef struct task_flags_info { uint32_t flags; } task_flags_info_data_t, *task_flags_info_t;
#define TASK_FLAGS_INFO_COUNT _TASK_INFO_COUNT(task_flags_info_data_t)
#define TF_LP64 1
#define TF_64B_DATA 2
/* task_set_exc_guard_behavior */
#define TASK_EXC_GUARD_NONE 0
#define TASK_EXC_GUARD_VM_DELIVER 0x01
#define TASK_EXC_GUARD_VM_ONCE 0x02
#define TASK_EXC_GUARD_VM_CORPSE 0x04
#define TASK_EXC_GUARD_VM_FATAL 0x08
#define TASK_EXC_GUARD_VM_ALL 0x0f
#define TASK_EXC_GUARD_MP_DELIVER 0x10
#define TASK_EXC_GUARD_MP_ONCE 0x20
#define TASK_EXC_GUARD_MP_CORPSE 0x40
#define TASK_EXC_GUARD_MP_FATAL 0x80
#define TASK_EXC_GUARD_MP_ALL 0xf0
#define TASK_EXC_GUARD_ALL 0xff
#pragma pack(pop)
#endif
