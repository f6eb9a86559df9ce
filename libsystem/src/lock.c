/*
 * The lock of libSystem's own data, and os_unfair_lock. 0 free, 1 held, 2 held
 * with sleepers perhaps. A waiter looks a while first: the holder is usually
 * on the other processor.
 */
#include "private.h"
#include <os/lock.h>

void lock_slow(lock_t *l)
{
	for (int i = 0; i < 100; i++) {
		if (__atomic_load_n(&l->state, __ATOMIC_RELAXED) == 0 && try_lock(l))
			return;
		__builtin_ia32_pause();
	}
	while (__atomic_exchange_n(&l->state, 2, __ATOMIC_ACQUIRE) != 0)
		word_wait(UL_COMPARE_AND_WAIT, &l->state, 2, 0);
}

void lock_wake(lock_t *l)
{
	word_wake(UL_COMPARE_AND_WAIT, &l->state);
}

void os_unfair_lock_lock(os_unfair_lock_t l) { lock((lock_t *)l); }
void os_unfair_lock_lock_with_options(os_unfair_lock_t l, uint32_t o) { lock((lock_t *)l); }
bool os_unfair_lock_trylock(os_unfair_lock_t l) { return try_lock((lock_t *)l); }
void os_unfair_lock_unlock(os_unfair_lock_t l) { unlock((lock_t *)l); }
void os_unfair_lock_assert_owner(os_unfair_lock_t l)
{
	if (__atomic_load_n(&l->_os_unfair_lock_opaque, __ATOMIC_RELAXED) == 0)
		__builtin_trap();
}

/* The older spin locks sleep too: a spinner on one processor only burns it. */
void OSSpinLockLock(volatile int *l) { lock((lock_t *)l); }
bool OSSpinLockTry(volatile int *l) { return try_lock((lock_t *)l); }
void OSSpinLockUnlock(volatile int *l) { unlock((lock_t *)l); }
