/*
 * Spin/sleep locks (Kernel Programming, "Spin/Sleep Locks"): not in the kernel, but easily made of
 * what is there, to compare. A thread that finds the lock held tries for a while, since a short
 * hold is over sooner than a switch to another thread and back; then it sleeps. It may not be taken by
 * interrupt handlers. A lock that is neither heavily contended nor held for widely varying times is better a mutex.
 */
#ifndef _KERN_SPINSLEEP_H_
#define _KERN_SPINSLEEP_H_

#include <kern/locks.h>
#include <libkern/OSAtomic.h>
#include <sys/param.h>
#include <sys/proc.h>

typedef struct spinsleep {
	volatile UInt32 held;
	volatile SInt32 waiters; /* that sleep, or are about to */
	unsigned spins;          /* tries before it sleeps */
	lck_mtx_t *mtx;          /* of those that sleep */
	lck_grp_t *grp;
} spinsleep_t;

/* 0 if there is no memory for it. */
static inline int spinsleep_init(spinsleep_t *l, lck_grp_t *grp, unsigned spins)
{
	l->held = 0;
	l->waiters = 0;
	l->spins = spins;
	l->grp = grp;
	l->mtx = lck_mtx_alloc_init(grp, LCK_ATTR_NULL);
	return l->mtx != 0;
}

static inline void spinsleep_destroy(spinsleep_t *l) { lck_mtx_free(l->mtx, l->grp); }

/* Not zero if the lock is taken. */
static inline int spinsleep_try(spinsleep_t *l) { return l->held == 0 && OSCompareAndSwap(0, 1, (UInt32 *)&l->held); }

/* 1 if the caller has slept for it, else 0. */
static inline int spinsleep_lock(spinsleep_t *l)
{
	for (unsigned i = 0; i <= l->spins; i++) {
		if (spinsleep_try(l))
			return 0;
		__asm__ volatile("pause");
	}
	lck_mtx_lock(l->mtx);
	OSIncrementAtomic((SInt32 *)&l->waiters); /* before the last look: unlock sees one or the other */
	while (!spinsleep_try(l))
		msleep(l, l->mtx, PZERO, "spinsleep", 0);
	OSDecrementAtomic((SInt32 *)&l->waiters);
	lck_mtx_unlock(l->mtx);
	return 1;
}

static inline void spinsleep_unlock(spinsleep_t *l)
{
	OSCompareAndSwap(1, 0, (UInt32 *)&l->held);
	if (l->waiters) {
		lck_mtx_lock(l->mtx); /* who has counted itself sleeps, or has the lock */
		wakeup_one((void *)l);
		lck_mtx_unlock(l->mtx);
	}
}

#endif
