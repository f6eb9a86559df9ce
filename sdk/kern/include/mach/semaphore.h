/* Semaphores. */
#ifndef _MACH_SEMAPHORE_H_
#define _MACH_SEMAPHORE_H_
#include <mach/mach_types.h>
#include <mach/sync_policy.h>
__BEGIN_DECLS
kern_return_t semaphore_create(task_t task, semaphore_t *semaphore, int policy, int value);
kern_return_t semaphore_destroy(task_t task, semaphore_t semaphore);
kern_return_t semaphore_signal(semaphore_t semaphore);
kern_return_t semaphore_signal_all(semaphore_t semaphore);
kern_return_t semaphore_signal_thread(semaphore_t semaphore, thread_act_t thread);
kern_return_t semaphore_wait(semaphore_t semaphore);
kern_return_t semaphore_timedwait(semaphore_t semaphore, mach_timespec_t wait_time);
kern_return_t port_name_to_semaphore(mach_port_name_t name, semaphore_t *semaphore);
void semaphore_dereference(semaphore_t semaphore);
__END_DECLS
#endif
