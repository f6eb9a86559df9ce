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
#endif
