/* Threads. */
#ifndef _KERN_THREAD_H_
#define _KERN_THREAD_H_
#include <kern/funnel.h>
#include <kern/sched_prim.h>
#include <mach/thread_policy.h>
__BEGIN_DECLS
thread_t current_thread(void);
task_t current_task(void);
thread_t kernel_thread(task_t task, void (*start)(void));
kern_return_t kernel_thread_start(thread_continue_t continuation, void *parameter, thread_t *new_thread);
kern_return_t thread_terminate(thread_act_t thread);
thread_act_t getact_thread(thread_t thread);
kern_return_t thread_policy_set(thread_act_t thread, thread_policy_flavor_t flavor, thread_policy_t policy_info, mach_msg_type_number_t count);
kern_return_t thread_policy_get(thread_act_t thread, thread_policy_flavor_t flavor, thread_policy_t policy_info,
	mach_msg_type_number_t *count, boolean_t *get_default);
void thread_deallocate(thread_t thread);
uint64_t thread_tid(thread_t thread);
extern task_t kernel_task;
__END_DECLS
#endif
