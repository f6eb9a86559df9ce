/* host_info, host_statistics and what they give. */
#ifndef _MACH_HOST_INFO_H_
#define _MACH_HOST_INFO_H_
#include <mach/message.h>
#include <mach/machine.h>
#include <mach/vm_statistics.h>
typedef integer_t *host_info_t, *host_info64_t;
typedef integer_t host_flavor_t;
#define HOST_INFO_MAX 1024
typedef integer_t host_info_data_t[HOST_INFO_MAX];
#define KERNEL_VERSION_MAX 512
typedef char kernel_version_t[KERNEL_VERSION_MAX];
#define KERNEL_BOOT_INFO_MAX 4096
typedef char kernel_boot_info_t[KERNEL_BOOT_INFO_MAX];
#define _HOST_INFO_COUNT(t) ((mach_msg_type_number_t)(sizeof(t) / sizeof(integer_t)))
#define HOST_BASIC_INFO 1
#pragma pack(push, 4)
typedef struct host_basic_info {
	integer_t max_cpus, avail_cpus;
	natural_t memory_size;
	cpu_type_t cpu_type;
	cpu_subtype_t cpu_subtype;
	cpu_threadtype_t cpu_threadtype;
	integer_t physical_cpu, physical_cpu_max, logical_cpu, logical_cpu_max;
	uint64_t max_mem;
} host_basic_info_data_t, *host_basic_info_t;
#pragma pack(pop)
#define HOST_BASIC_INFO_COUNT _HOST_INFO_COUNT(host_basic_info_data_t)
#define HOST_SCHED_INFO 3
typedef struct host_sched_info { integer_t min_timeout, min_quantum; } host_sched_info_data_t, *host_sched_info_t;
#define HOST_SCHED_INFO_COUNT _HOST_INFO_COUNT(host_sched_info_data_t)
#define HOST_RESOURCE_SIZES 4
#define HOST_PRIORITY_INFO 5
typedef struct host_priority_info {
	integer_t kernel_priority, system_priority, server_priority, user_priority, depress_priority, idle_priority;
	integer_t minimum_priority, maximum_priority;
} host_priority_info_data_t, *host_priority_info_t;
#define HOST_PRIORITY_INFO_COUNT _HOST_INFO_COUNT(host_priority_info_data_t)
#define HOST_SEMAPHORE_TRAPS 7
#define HOST_MACH_MSG_TRAP 8
#define HOST_VM_PURGABLE 9
#define HOST_CAN_HAS_DEBUGGER 11
typedef struct host_can_has_debugger_info { boolean_t can_has_debugger; } host_can_has_debugger_info_data_t, *host_can_has_debugger_info_t;
#define HOST_CAN_HAS_DEBUGGER_COUNT _HOST_INFO_COUNT(host_can_has_debugger_info_data_t)
#define HOST_PREFERRED_USER_ARCH 12
typedef struct host_preferred_user_arch { cpu_type_t cpu_type; cpu_subtype_t cpu_subtype; } host_preferred_user_arch_data_t, *host_preferred_user_arch_t;
#define HOST_PREFERRED_USER_ARCH_COUNT _HOST_INFO_COUNT(host_preferred_user_arch_data_t)
/* host_statistics */
#define HOST_LOAD_INFO 1
typedef struct host_load_info { integer_t avenrun[3], mach_factor[3]; } host_load_info_data_t, *host_load_info_t;
#define HOST_LOAD_INFO_COUNT _HOST_INFO_COUNT(host_load_info_data_t)
#define HOST_VM_INFO 2
#define HOST_VM_INFO_COUNT _HOST_INFO_COUNT(vm_statistics_data_t)
#define HOST_CPU_LOAD_INFO 3
typedef struct host_cpu_load_info { natural_t cpu_ticks[CPU_STATE_MAX]; } host_cpu_load_info_data_t, *host_cpu_load_info_t;
#define HOST_CPU_LOAD_INFO_COUNT _HOST_INFO_COUNT(host_cpu_load_info_data_t)
#define HOST_VM_INFO64 4
#define HOST_VM_INFO64_COUNT _HOST_INFO_COUNT(vm_statistics64_data_t)
#define HOST_EXTMOD_INFO64 5
#endif
