/* Simple locks and read/write locks: both are pointers. */
#ifndef _KERN_LOCK_H
#define _KERN_LOCK_H
#include <mach_types.h>

typedef struct slock *simple_lock_t;
typedef struct lock *lock_t;

extern simple_lock_t simple_lock_alloc(void);
extern void simple_lock_free(simple_lock_t lock);
extern void simple_lock_init(simple_lock_t lock);
extern void simple_lock(simple_lock_t lock);
extern void simple_unlock(simple_lock_t lock);

extern lock_t lock_alloc(void);
extern void lock_free(lock_t lock);
extern void lock_init(lock_t lock, boolean_t can_sleep);
extern void lock_read(lock_t lock);
extern void lock_write(lock_t lock);
extern void lock_done(lock_t lock);

#endif
