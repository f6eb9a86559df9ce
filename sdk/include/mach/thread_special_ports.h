/* A thread's special ports. */
#ifndef _MACH_THREAD_SPECIAL_PORTS_H_
#define _MACH_THREAD_SPECIAL_PORTS_H_
#define THREAD_KERNEL_PORT 1
#define THREAD_INSPECT_PORT 2
#define THREAD_READ_PORT 3
#define thread_get_kernel_port(t, p) thread_get_special_port((t), THREAD_KERNEL_PORT, (p))
#define thread_set_kernel_port(t, p) thread_set_special_port((t), THREAD_KERNEL_PORT, (p))
#endif
