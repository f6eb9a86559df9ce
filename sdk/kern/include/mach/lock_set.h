/* Lock sets: locks that kernel code shares with programs. */
#ifndef _MACH_LOCK_SET_H_
#define _MACH_LOCK_SET_H_
#include <mach/mach_types.h>
#include <mach/sync_policy.h>
__BEGIN_DECLS
kern_return_t lock_set_create(task_t task, lock_set_t *lock_set, int n_ulocks, int policy);
kern_return_t lock_set_destroy(task_t task, lock_set_t lock_set);
kern_return_t lock_acquire(lock_set_t lock_set, int lock_id);
kern_return_t lock_release(lock_set_t lock_set, int lock_id);
kern_return_t lock_try(lock_set_t lock_set, int lock_id);
kern_return_t lock_make_stable(lock_set_t lock_set, int lock_id);
kern_return_t lock_handoff(lock_set_t lock_set, int lock_id);
kern_return_t lock_handoff_accept(lock_set_t lock_set, int lock_id);
/* The calling program's lock set of that name, until lock_set_dereference. */
kern_return_t port_name_to_lock_set(mach_port_name_t name, lock_set_t *lock_set);
void lock_set_dereference(lock_set_t lock_set);
__END_DECLS
#endif
