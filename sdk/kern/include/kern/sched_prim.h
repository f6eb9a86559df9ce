/* Waiting for events. */
#ifndef _KERN_SCHED_PRIM_H_
#define _KERN_SCHED_PRIM_H_
#include <mach/mach_types.h>
typedef void (*thread_continue_t)(void *, wait_result_t);
#define THREAD_CONTINUE_NULL ((thread_continue_t)0)
__BEGIN_DECLS
wait_result_t assert_wait(event_t event, wait_interrupt_t interruptible);
wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline);
wait_result_t assert_wait_timeout(event_t event, wait_interrupt_t interruptible, uint32_t interval, uint32_t scale);
wait_result_t thread_block(thread_continue_t continuation);
void thread_set_timer(uint32_t interval, uint32_t scale);
void thread_set_timer_deadline(uint64_t deadline);
void thread_cancel_timer(void);
kern_return_t thread_wakeup_prim(event_t event, boolean_t one_thread, wait_result_t result);
kern_return_t clear_wait(thread_t thread, wait_result_t result);
__END_DECLS
#define thread_wakeup(x) thread_wakeup_prim((x), FALSE, THREAD_AWAKENED)
#define thread_wakeup_with_result(x, z) thread_wakeup_prim((x), FALSE, (z))
#define thread_wakeup_one(x) thread_wakeup_prim((x), TRUE, THREAD_AWAKENED)
#endif
