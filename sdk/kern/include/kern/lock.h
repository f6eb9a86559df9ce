/* The locks of 2002: mutexes, simple locks, read-write locks. */
#ifndef _KERN_LOCK_H_
#define _KERN_LOCK_H_

#include <mach/mach_types.h>

typedef int etap_event_t;
#define ETAP_NO_TRACE 0

typedef struct { unsigned long opaque[2]; } mutex_t;
typedef struct { unsigned long opaque; } simple_lock_data_t, *simple_lock_t, usimple_lock_data_t, *usimple_lock_t,
	hw_lock_data_t, *hw_lock_t;
typedef struct { unsigned long opaque[4]; } lock_t;

#define decl_simple_lock_data(class, name) class simple_lock_data_t name;
#define decl_mutex_data(class, name) class mutex_t name;

__BEGIN_DECLS
mutex_t *mutex_alloc(etap_event_t event);
void mutex_free(mutex_t *m);
void mutex_init(mutex_t *m, etap_event_t event);
void mutex_lock(mutex_t *m);
void mutex_unlock(mutex_t *m);
boolean_t mutex_try(mutex_t *m);
void mutex_pause(void);

void simple_lock_init(simple_lock_t lock, etap_event_t event);
void simple_lock(simple_lock_t lock);
void simple_unlock(simple_lock_t lock);
unsigned int simple_lock_try(simple_lock_t lock);
void usimple_lock_init(usimple_lock_t lock, etap_event_t event);
void usimple_lock(usimple_lock_t lock);
void usimple_unlock(usimple_lock_t lock);
unsigned int usimple_lock_try(usimple_lock_t lock);
void usimple_lock_held(usimple_lock_t lock);
void usimple_lock_none_held(void);
void hw_lock_init(hw_lock_t lock);
void hw_lock_lock(hw_lock_t lock);
void hw_lock_unlock(hw_lock_t lock);
unsigned int hw_lock_try(hw_lock_t lock);

lock_t *lock_alloc(boolean_t can_sleep, etap_event_t event, etap_event_t i_event);
void lock_free(lock_t *lock);
void lock_init(lock_t *lock, boolean_t can_sleep, etap_event_t event, etap_event_t i_event);
void lock_read(lock_t *lock);
void lock_write(lock_t *lock);
void lock_done(lock_t *lock);
boolean_t lock_read_to_write(lock_t *lock);
void lock_write_to_read(lock_t *lock);
__END_DECLS

#define lock_read_done(l) lock_done(l)
#define lock_write_done(l) lock_done(l)

#endif
