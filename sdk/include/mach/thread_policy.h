/* thread_policy_set's flavours. */
#ifndef _MACH_THREAD_POLICY_H_
#define _MACH_THREAD_POLICY_H_
#include <mach/message.h>
typedef natural_t thread_policy_flavor_t;
typedef integer_t *thread_policy_t;
#define _THREAD_POLICY_COUNT(t) ((mach_msg_type_number_t)(sizeof(t) / sizeof(integer_t)))
#define THREAD_STANDARD_POLICY 1
typedef struct thread_standard_policy { natural_t no_data; } thread_standard_policy_data_t, *thread_standard_policy_t;
#define THREAD_STANDARD_POLICY_COUNT 0
#define THREAD_EXTENDED_POLICY 1
typedef struct thread_extended_policy { boolean_t timeshare; } thread_extended_policy_data_t, *thread_extended_policy_t;
#define THREAD_EXTENDED_POLICY_COUNT _THREAD_POLICY_COUNT(thread_extended_policy_data_t)
#define THREAD_TIME_CONSTRAINT_POLICY 2
typedef struct thread_time_constraint_policy {
	uint32_t period, computation, constraint;
	boolean_t preemptible;
} thread_time_constraint_policy_data_t, *thread_time_constraint_policy_t;
#define THREAD_TIME_CONSTRAINT_POLICY_COUNT _THREAD_POLICY_COUNT(thread_time_constraint_policy_data_t)
#define THREAD_PRECEDENCE_POLICY 3
typedef struct thread_precedence_policy { integer_t importance; } thread_precedence_policy_data_t, *thread_precedence_policy_t;
#define THREAD_PRECEDENCE_POLICY_COUNT _THREAD_POLICY_COUNT(thread_precedence_policy_data_t)
#define THREAD_AFFINITY_POLICY 4
#define THREAD_AFFINITY_TAG_NULL 0
typedef struct thread_affinity_policy { integer_t affinity_tag; } thread_affinity_policy_data_t, *thread_affinity_policy_t;
#define THREAD_AFFINITY_POLICY_COUNT _THREAD_POLICY_COUNT(thread_affinity_policy_data_t)
#define THREAD_BACKGROUND_POLICY 5
#define THREAD_BACKGROUND_POLICY_DARWIN_BG 0x1000
typedef struct thread_background_policy { integer_t priority; } thread_background_policy_data_t, *thread_background_policy_t;
#define THREAD_BACKGROUND_POLICY_COUNT _THREAD_POLICY_COUNT(thread_background_policy_data_t)
#define THREAD_QOS_POLICY 9
typedef struct thread_qos_policy { integer_t qos_tier, tier_importance; } thread_qos_policy_data_t, *thread_qos_policy_t;
#define THREAD_QOS_POLICY_COUNT _THREAD_POLICY_COUNT(thread_qos_policy_data_t)
#endif
