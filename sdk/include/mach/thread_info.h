/* thread_info's flavours and what they give. */
#ifndef _MACH_THREAD_INFO_H_
#define _MACH_THREAD_INFO_H_
#include <mach/message.h>
#include <mach/policy.h>
#include <mach/time_value.h>
typedef natural_t thread_flavor_t;
typedef integer_t *thread_info_t;
#define THREAD_INFO_MAX 32
typedef integer_t thread_info_data_t[THREAD_INFO_MAX];
#define THREAD_BASIC_INFO 3
typedef struct thread_basic_info {
	time_value_t user_time, system_time;
	integer_t cpu_usage;
	policy_t policy;
	integer_t run_state, flags, suspend_count, sleep_time;
} thread_basic_info_data_t, *thread_basic_info_t;
#define THREAD_BASIC_INFO_COUNT ((mach_msg_type_number_t)(sizeof(thread_basic_info_data_t) / sizeof(natural_t)))
#define THREAD_IDENTIFIER_INFO 4
typedef struct thread_identifier_info {
	uint64_t thread_id, thread_handle, dispatch_qaddr;
} thread_identifier_info_data_t, *thread_identifier_info_t;
#define THREAD_IDENTIFIER_INFO_COUNT ((mach_msg_type_number_t)(sizeof(thread_identifier_info_data_t) / sizeof(natural_t)))
#define THREAD_EXTENDED_INFO 5
#define MAXTHREADNAMESIZE 64
typedef struct thread_extended_info {
	uint64_t pth_user_time, pth_system_time;
	int32_t pth_cpu_usage, pth_policy, pth_run_state, pth_flags, pth_sleep_time, pth_curpri, pth_priority, pth_maxpriority;
	char pth_name[MAXTHREADNAMESIZE];
} thread_extended_info_data_t, *thread_extended_info_t;
#define THREAD_EXTENDED_INFO_COUNT ((mach_msg_type_number_t)(sizeof(thread_extended_info_data_t) / sizeof(natural_t)))
#define TH_USAGE_SCALE 1000
#define TH_STATE_RUNNING 1
#define TH_STATE_STOPPED 2
#define TH_STATE_WAITING 3
#define TH_STATE_UNINTERRUPTIBLE 4
#define TH_STATE_HALTED 5
#define TH_FLAGS_SWAPPED 1
#define TH_FLAGS_IDLE 2
#endif
