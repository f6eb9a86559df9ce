/* task_policy_set's flavours. */
#ifndef _MACH_TASK_POLICY_H_
#define _MACH_TASK_POLICY_H_
#include <mach/message.h>
typedef natural_t task_policy_flavor_t;
typedef integer_t *task_policy_t;
#define TASK_CATEGORY_POLICY 1
typedef enum task_role {
	TASK_RENICED = -1, TASK_UNSPECIFIED, TASK_FOREGROUND_APPLICATION, TASK_BACKGROUND_APPLICATION,
	TASK_CONTROL_APPLICATION, TASK_GRAPHICS_SERVER, TASK_THROTTLE_APPLICATION, TASK_NONUI_APPLICATION,
	TASK_DEFAULT_APPLICATION, TASK_DARWINBG_APPLICATION,
} task_role_t;
typedef struct task_category_policy { task_role_t role; } task_category_policy_data_t, *task_category_policy_t;
#define TASK_CATEGORY_POLICY_COUNT ((mach_msg_type_number_t)(sizeof(task_category_policy_data_t) / sizeof(integer_t)))
#define TASK_SUPPRESSION_POLICY 3
#define TASK_POLICY_STATE 4
#define TASK_BASE_QOS_POLICY 8
#define TASK_OVERRIDE_QOS_POLICY 9
#define TASK_BASE_LATENCY_QOS_POLICY 10
#define TASK_BASE_THROUGHPUT_QOS_POLICY 11
enum {
	LATENCY_QOS_TIER_UNSPECIFIED, LATENCY_QOS_TIER_0 = 0xff0001, LATENCY_QOS_TIER_1, LATENCY_QOS_TIER_2,
	LATENCY_QOS_TIER_3, LATENCY_QOS_TIER_4, LATENCY_QOS_TIER_5,
};
typedef integer_t task_latency_qos_t;
enum {
	THROUGHPUT_QOS_TIER_UNSPECIFIED, THROUGHPUT_QOS_TIER_0 = 0xfe0001, THROUGHPUT_QOS_TIER_1, THROUGHPUT_QOS_TIER_2,
	THROUGHPUT_QOS_TIER_3, THROUGHPUT_QOS_TIER_4, THROUGHPUT_QOS_TIER_5,
};
typedef integer_t task_throughput_qos_t;
#define LATENCY_QOS_LAUNCH_DEFAULT_TIER LATENCY_QOS_TIER_3
#define THROUGHPUT_QOS_LAUNCH_DEFAULT_TIER THROUGHPUT_QOS_TIER_3
struct task_qos_policy {
	task_latency_qos_t task_latency_qos_tier;
	task_throughput_qos_t task_throughput_qos_tier;
};
typedef struct task_qos_policy *task_qos_policy_t;
#define TASK_QOS_POLICY_COUNT ((mach_msg_type_number_t)(sizeof(struct task_qos_policy) / sizeof(integer_t)))
#endif
