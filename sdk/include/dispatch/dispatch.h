/* Queues of work, what waits for it, and sources of events. */
#ifndef __DISPATCH_PUBLIC__
#define __DISPATCH_PUBLIC__
#include <sys/cdefs.h>
#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <mach/mach_types.h>
#include <sys/qos.h>
#ifdef __BLOCKS__
#include <Block.h>
typedef void (^dispatch_block_t)(void);
#endif
typedef struct dispatch_object_s *_dispatch_object_t;
typedef struct dispatch_queue_s *dispatch_queue_t, *dispatch_queue_global_t, *dispatch_queue_serial_t, *dispatch_queue_concurrent_t, *dispatch_queue_main_t, *dispatch_workloop_t;
typedef struct dispatch_queue_attr_s *dispatch_queue_attr_t;
typedef struct dispatch_group_s *dispatch_group_t;
typedef struct dispatch_semaphore_s *dispatch_semaphore_t;
typedef struct dispatch_source_s *dispatch_source_t;
typedef const struct dispatch_source_type_s *dispatch_source_type_t;
#ifdef __cplusplus
typedef void *dispatch_object_t;
#else
typedef union {
	_dispatch_object_t _do;
	dispatch_queue_t _dq;
	dispatch_group_t _dg;
	dispatch_semaphore_t _dsema;
	dispatch_source_t _ds;
} dispatch_object_t __attribute__((__transparent_union__));
#endif
typedef void (*dispatch_function_t)(void *);
typedef long dispatch_once_t;
typedef uint64_t dispatch_time_t;
typedef qos_class_t dispatch_qos_class_t;
struct timespec;

#define DISPATCH_TIME_NOW 0ull
#define DISPATCH_TIME_FOREVER (~0ull)
#define DISPATCH_WALLTIME_NOW (~1ull)
#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define USEC_PER_SEC 1000000ull
#define NSEC_PER_USEC 1000ull
#define DISPATCH_QUEUE_PRIORITY_HIGH 2
#define DISPATCH_QUEUE_PRIORITY_DEFAULT 0
#define DISPATCH_QUEUE_PRIORITY_LOW (-2)
#define DISPATCH_QUEUE_PRIORITY_BACKGROUND INT16_MIN
#define DISPATCH_QUEUE_SERIAL NULL
#define DISPATCH_QUEUE_CONCURRENT (&_dispatch_queue_attr_concurrent)
#define DISPATCH_QUEUE_SERIAL_INACTIVE dispatch_queue_attr_make_initially_inactive(DISPATCH_QUEUE_SERIAL)
#define DISPATCH_TARGET_QUEUE_DEFAULT NULL
#define DISPATCH_APPLY_AUTO NULL
#define DISPATCH_CURRENT_QUEUE_LABEL NULL
#define DISPATCH_SOURCE_TYPE_DATA_ADD (&_dispatch_source_type_data_add)
#define DISPATCH_SOURCE_TYPE_DATA_OR (&_dispatch_source_type_data_or)
#define DISPATCH_SOURCE_TYPE_DATA_REPLACE (&_dispatch_source_type_data_replace)
#define DISPATCH_SOURCE_TYPE_MACH_RECV (&_dispatch_source_type_mach_recv)
#define DISPATCH_SOURCE_TYPE_PROC (&_dispatch_source_type_proc)
#define DISPATCH_SOURCE_TYPE_READ (&_dispatch_source_type_read)
#define DISPATCH_SOURCE_TYPE_SIGNAL (&_dispatch_source_type_signal)
#define DISPATCH_SOURCE_TYPE_TIMER (&_dispatch_source_type_timer)
#define DISPATCH_SOURCE_TYPE_VNODE (&_dispatch_source_type_vnode)
#define DISPATCH_SOURCE_TYPE_WRITE (&_dispatch_source_type_write)
#define DISPATCH_TIMER_STRICT 1
#define DISPATCH_PROC_EXIT 0x80000000u
#define DISPATCH_PROC_FORK 0x40000000u
#define DISPATCH_PROC_EXEC 0x20000000u
#define DISPATCH_PROC_SIGNAL 0x08000000u
#define DISPATCH_VNODE_DELETE 0x1
#define DISPATCH_VNODE_WRITE 0x2
#define DISPATCH_VNODE_EXTEND 0x4
#define DISPATCH_VNODE_ATTRIB 0x8
#define DISPATCH_VNODE_LINK 0x10
#define DISPATCH_VNODE_RENAME 0x20
#define DISPATCH_VNODE_REVOKE 0x40

__BEGIN_DECLS
extern struct dispatch_queue_s _dispatch_main_q;
extern struct dispatch_queue_attr_s _dispatch_queue_attr_concurrent;
extern const struct dispatch_source_type_s _dispatch_source_type_data_add, _dispatch_source_type_data_or, _dispatch_source_type_data_replace,
    _dispatch_source_type_mach_recv, _dispatch_source_type_proc, _dispatch_source_type_read, _dispatch_source_type_signal,
    _dispatch_source_type_timer, _dispatch_source_type_vnode, _dispatch_source_type_write;
#define dispatch_get_main_queue() (&_dispatch_main_q)

void dispatch_retain(dispatch_object_t);
void dispatch_release(dispatch_object_t);
void *dispatch_get_context(dispatch_object_t);
void dispatch_set_context(dispatch_object_t, void *);
void dispatch_set_finalizer_f(dispatch_object_t, dispatch_function_t);
void dispatch_suspend(dispatch_object_t);
void dispatch_resume(dispatch_object_t);
void dispatch_activate(dispatch_object_t);
void dispatch_set_target_queue(dispatch_object_t, dispatch_queue_t);

dispatch_time_t dispatch_time(dispatch_time_t, int64_t);
dispatch_time_t dispatch_walltime(const struct timespec *, int64_t);

dispatch_queue_t dispatch_queue_create(const char *, dispatch_queue_attr_t);
dispatch_queue_t dispatch_queue_create_with_target(const char *, dispatch_queue_attr_t, dispatch_queue_t);
dispatch_queue_attr_t dispatch_queue_attr_make_with_qos_class(dispatch_queue_attr_t, dispatch_qos_class_t, int);
dispatch_queue_attr_t dispatch_queue_attr_make_initially_inactive(dispatch_queue_attr_t);
dispatch_queue_t dispatch_get_global_queue(intptr_t, uintptr_t);
dispatch_queue_t dispatch_get_current_queue(void);
const char *dispatch_queue_get_label(dispatch_queue_t);
void dispatch_queue_set_specific(dispatch_queue_t, const void *, void *, dispatch_function_t);
void *dispatch_queue_get_specific(dispatch_queue_t, const void *);
void *dispatch_get_specific(const void *);
void dispatch_assert_queue(dispatch_queue_t);
void dispatch_assert_queue_not(dispatch_queue_t);
void dispatch_main(void) __dead2;

void dispatch_async_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_sync_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_async_and_wait_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_barrier_async_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_barrier_sync_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_after_f(dispatch_time_t, dispatch_queue_t, void *, dispatch_function_t);
void dispatch_apply_f(size_t, dispatch_queue_t, void *, void (*)(void *, size_t));
void dispatch_once_f(dispatch_once_t *, void *, dispatch_function_t);

dispatch_semaphore_t dispatch_semaphore_create(intptr_t);
intptr_t dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
intptr_t dispatch_semaphore_signal(dispatch_semaphore_t);

dispatch_group_t dispatch_group_create(void);
void dispatch_group_enter(dispatch_group_t);
void dispatch_group_leave(dispatch_group_t);
intptr_t dispatch_group_wait(dispatch_group_t, dispatch_time_t);
void dispatch_group_async_f(dispatch_group_t, dispatch_queue_t, void *, dispatch_function_t);
void dispatch_group_notify_f(dispatch_group_t, dispatch_queue_t, void *, dispatch_function_t);

dispatch_source_t dispatch_source_create(dispatch_source_type_t, uintptr_t, uintptr_t, dispatch_queue_t);
void dispatch_source_set_event_handler_f(dispatch_source_t, dispatch_function_t);
void dispatch_source_set_cancel_handler_f(dispatch_source_t, dispatch_function_t);
void dispatch_source_set_registration_handler_f(dispatch_source_t, dispatch_function_t);
void dispatch_source_cancel(dispatch_source_t);
intptr_t dispatch_source_testcancel(dispatch_source_t);
uintptr_t dispatch_source_get_handle(dispatch_source_t);
uintptr_t dispatch_source_get_mask(dispatch_source_t);
uintptr_t dispatch_source_get_data(dispatch_source_t);
void dispatch_source_merge_data(dispatch_source_t, uintptr_t);
void dispatch_source_set_timer(dispatch_source_t, dispatch_time_t, uint64_t, uint64_t);

#ifdef __BLOCKS__
void dispatch_async(dispatch_queue_t, dispatch_block_t);
void dispatch_sync(dispatch_queue_t, __attribute__((__noescape__)) dispatch_block_t);
void dispatch_async_and_wait(dispatch_queue_t, __attribute__((__noescape__)) dispatch_block_t);
void dispatch_barrier_async(dispatch_queue_t, dispatch_block_t);
void dispatch_barrier_sync(dispatch_queue_t, __attribute__((__noescape__)) dispatch_block_t);
void dispatch_after(dispatch_time_t, dispatch_queue_t, dispatch_block_t);
void dispatch_apply(size_t, dispatch_queue_t, __attribute__((__noescape__)) void (^)(size_t));
void dispatch_once(dispatch_once_t *, __attribute__((__noescape__)) dispatch_block_t);
void dispatch_group_async(dispatch_group_t, dispatch_queue_t, dispatch_block_t);
void dispatch_group_notify(dispatch_group_t, dispatch_queue_t, dispatch_block_t);
void dispatch_source_set_event_handler(dispatch_source_t, dispatch_block_t);
void dispatch_source_set_cancel_handler(dispatch_source_t, dispatch_block_t);
void dispatch_source_set_registration_handler(dispatch_source_t, dispatch_block_t);
#endif
__END_DECLS
#endif
