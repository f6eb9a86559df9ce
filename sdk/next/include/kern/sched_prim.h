/* Sleeping. An event is any address. */
#ifndef _KERN_SCHED_PRIM_H
#define _KERN_SCHED_PRIM_H
#include <mach_types.h>
#include <kern/lock.h>

#define THREAD_AWAKENED 0
#define THREAD_TIMED_OUT 1
#define THREAD_INTERRUPTED 2
#define THREAD_RESTART 3
#define THREAD_SHOULD_TERMINATE 4

extern void assert_wait(vm_address_t event, boolean_t interruptible);
extern void thread_block(void);
extern void thread_set_timeout(int ticks);
extern void thread_sleep(vm_address_t event, simple_lock_t lock, boolean_t interruptible);
extern int thread_wait_result(void);
extern void thread_wakeup(vm_address_t event);
extern void clear_wait(thread_t thread, int result, boolean_t interrupt_only);
extern thread_t current_thread(void);

#endif
