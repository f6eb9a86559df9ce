/* A task's special ports. */
#ifndef _MACH_TASK_SPECIAL_PORTS_H_
#define _MACH_TASK_SPECIAL_PORTS_H_
typedef int task_special_port_t;
#define TASK_KERNEL_PORT 1
#define TASK_HOST_PORT 2
#define TASK_NAME_PORT 3
#define TASK_BOOTSTRAP_PORT 4
#define TASK_INSPECT_PORT 5
#define TASK_READ_PORT 6
#define TASK_ACCESS_PORT 9
#define TASK_PORT_REGISTER_MAX 3
#define task_get_kernel_port(t, p) task_get_special_port((t), TASK_KERNEL_PORT, (p))
#define task_get_host_port(t, p) task_get_special_port((t), TASK_HOST_PORT, (p))
#define task_set_host_port(t, p) task_set_special_port((t), TASK_HOST_PORT, (p))
#define task_get_bootstrap_port(t, p) task_get_special_port((t), TASK_BOOTSTRAP_PORT, (p))
#define task_set_bootstrap_port(t, p) task_set_special_port((t), TASK_BOOTSTRAP_PORT, (p))
#endif
