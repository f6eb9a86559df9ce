/* Flavours of thread_policy_set that kernel code has. */
#ifndef _MACH_THREAD_POLICY_H_
#define _MACH_THREAD_POLICY_H_
#include <mach/mach_types.h>
typedef natural_t thread_policy_flavor_t;
typedef integer_t *thread_policy_t;
#define THREAD_STANDARD_POLICY 1
#define THREAD_STANDARD_POLICY_COUNT 0
#define THREAD_EXTENDED_POLICY 1
typedef struct thread_extended_policy {
	boolean_t timeshare;
} thread_extended_policy_data_t, *thread_extended_policy_t;
#define THREAD_EXTENDED_POLICY_COUNT 1
#define THREAD_TIME_CONSTRAINT_POLICY 2
typedef struct thread_time_constraint_policy {
	uint32_t period, computation, constraint; /* absolute time */
	boolean_t preemptible;
} thread_time_constraint_policy_data_t, *thread_time_constraint_policy_t;
#define THREAD_TIME_CONSTRAINT_POLICY_COUNT 4
#define THREAD_PRECEDENCE_POLICY 3
typedef struct thread_precedence_policy {
	integer_t importance;
} thread_precedence_policy_data_t, *thread_precedence_policy_t;
#define THREAD_PRECEDENCE_POLICY_COUNT 1
#endif
