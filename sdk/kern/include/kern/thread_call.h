/* Functions to be called later, on a thread of the kernel. */
#ifndef _KERN_THREAD_CALL_H_
#define _KERN_THREAD_CALL_H_
#include <mach/mach_types.h>
typedef struct thread_call *thread_call_t;
typedef void *thread_call_param_t;
typedef void (*thread_call_func_t)(thread_call_param_t param0, thread_call_param_t param1);
__BEGIN_DECLS
thread_call_t thread_call_allocate(thread_call_func_t func, thread_call_param_t param0);
boolean_t thread_call_free(thread_call_t call);
boolean_t thread_call_enter(thread_call_t call);
boolean_t thread_call_enter1(thread_call_t call, thread_call_param_t param1);
boolean_t thread_call_enter_delayed(thread_call_t call, uint64_t deadline);
boolean_t thread_call_enter1_delayed(thread_call_t call, thread_call_param_t param1, uint64_t deadline);
boolean_t thread_call_cancel(thread_call_t call);
boolean_t thread_call_cancel_wait(thread_call_t call);
boolean_t thread_call_isactive(thread_call_t call);
__END_DECLS
#endif
