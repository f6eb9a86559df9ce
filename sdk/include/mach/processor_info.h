/* processor_info, processor_set_info and what they give. */
#ifndef _MACH_PROCESSOR_INFO_H_
#define _MACH_PROCESSOR_INFO_H_
#include <mach/message.h>
#include <mach/machine.h>
typedef integer_t *processor_info_t, *processor_info_array_t, *processor_set_info_t;
typedef int processor_flavor_t, processor_set_flavor_t;
#define PROCESSOR_INFO_MAX 1024
typedef integer_t processor_info_data_t[PROCESSOR_INFO_MAX];
#define PROCESSOR_BASIC_INFO 1
typedef struct processor_basic_info {
	cpu_type_t cpu_type;
	cpu_subtype_t cpu_subtype;
	boolean_t running;
	int slot_num;
	union { boolean_t is_master, is_main; };
} processor_basic_info_data_t, *processor_basic_info_t;
#define PROCESSOR_BASIC_INFO_COUNT ((mach_msg_type_number_t)(sizeof(processor_basic_info_data_t) / sizeof(natural_t)))
#define PROCESSOR_CPU_LOAD_INFO 2
typedef struct processor_cpu_load_info { unsigned cpu_ticks[CPU_STATE_MAX]; } processor_cpu_load_info_data_t, *processor_cpu_load_info_t;
#define PROCESSOR_CPU_LOAD_INFO_COUNT ((mach_msg_type_number_t)(sizeof(processor_cpu_load_info_data_t) / sizeof(natural_t)))
#define LOAD_SCALE 1000
#define PROCESSOR_SET_LOAD_INFO 4
typedef struct processor_set_load_info {
	int task_count, thread_count;
	integer_t load_average, mach_factor;
} processor_set_load_info_data_t, *processor_set_load_info_t;
#define PROCESSOR_SET_LOAD_INFO_COUNT ((mach_msg_type_number_t)(sizeof(processor_set_load_info_data_t) / sizeof(natural_t)))
#define PROCESSOR_SET_BASIC_INFO 5
typedef struct processor_set_basic_info { int processor_count, default_policy; } processor_set_basic_info_data_t, *processor_set_basic_info_t;
#define PROCESSOR_SET_BASIC_INFO_COUNT ((mach_msg_type_number_t)(sizeof(processor_set_basic_info_data_t) / sizeof(natural_t)))
#endif
