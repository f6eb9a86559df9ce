/*
 * Mutexes, conditions, read-write locks, once. Each is a word in user memory;
 * word.c is asked only to sleep and to wake sleepers.
 */
#include "private.h"
#include <errno.h>
#include <time.h>
#include <string.h>
#include <mach/mach_time.h>

enum {
	MUTEX_NORMAL = 0x32AAABA7, MUTEX_ERRORCHECK = 0x32AAABA1, MUTEX_RECURSIVE = 0x32AAABA2,
	COND_SIG = 0x3CB0B1BB, RWLOCK_SIG = 0x2DA8B3B4, ONCE_SIG = 0x30B1BCBA, ONCE_DONE = 0x4F4E4345,
};

/* The signature tells the type, so that static initialisers need no first use. */
struct mutex {
	long sig;
	uint32_t state; /* as lock_t */
	uint32_t count; /* recursive: times held beyond the first */
	struct _opaque_pthread_t *owner; /* not for normal ones */
	uint32_t op;    /* 0, or UL_COMPARE_AND_WAIT_SHARED */
};
struct cond {
	long sig;
	uint32_t seq, waiters, op;
};
struct rwlock {
	long sig;
	uint32_t state; /* WRITER, or the number of readers */
	uint32_t seq, waiters, op;
	struct _opaque_pthread_t *writer;
};
#define WRITER 0x80000000u
static uint32_t ulock_op(uint32_t op) { return op ? op : UL_COMPARE_AND_WAIT; }

int pthread_mutex_init(pthread_mutex_t *mp, const pthread_mutexattr_t *attr)
{
	static const long sigs[] = { MUTEX_NORMAL, MUTEX_ERRORCHECK, MUTEX_RECURSIVE };
	struct mutex *m = (void *)mp;
	int type = 0, shared = PTHREAD_PROCESS_PRIVATE;
	if (attr && (pthread_mutexattr_gettype(attr, &type) || pthread_mutexattr_getpshared(attr, &shared)))
		return EINVAL;
	*m = (struct mutex){ .sig = sigs[type], .op = shared == PTHREAD_PROCESS_SHARED ? UL_COMPARE_AND_WAIT_SHARED : 0 };
	return 0;
}

static bool valid(struct mutex *m)
{
	return m->sig == MUTEX_NORMAL || m->sig == MUTEX_ERRORCHECK || m->sig == MUTEX_RECURSIVE;
}

int pthread_mutex_destroy(pthread_mutex_t *mp)
{
	struct mutex *m = (void *)mp;
	if (!valid(m))
		return EINVAL;
	if (m->state)
		return EBUSY;
	m->sig = 0;
	return 0;
}

static void mutex_sleep(struct mutex *m)
{
	for (int i = 0; i < 100; i++) {
		if (__atomic_load_n(&m->state, __ATOMIC_RELAXED) == 0 && try_lock((lock_t *)&m->state))
			return;
		__builtin_ia32_pause();
	}
	while (__atomic_exchange_n(&m->state, 2, __ATOMIC_ACQUIRE) != 0)
		word_wait(ulock_op(m->op), &m->state, 2, 0);
}

static int mutex_lock_other(struct mutex *m, bool try)
{
	if (!valid(m))
		return EINVAL;
	if (m->sig != MUTEX_NORMAL && m->owner == self()) {
		if (m->sig == MUTEX_ERRORCHECK)
			return try ? EBUSY : EDEADLK;
		if (m->count == ~0u)
			return EAGAIN;
		m->count++;
		return 0;
	}
	if (!try_lock((lock_t *)&m->state)) {
		if (try)
			return EBUSY;
		mutex_sleep(m);
	}
	if (m->sig != MUTEX_NORMAL)
		m->owner = self();
	return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mp)
{
	struct mutex *m = (void *)mp;
	if (likely(m->sig == MUTEX_NORMAL && try_lock((lock_t *)&m->state)))
		return 0;
	return mutex_lock_other(m, false);
}

int pthread_mutex_trylock(pthread_mutex_t *mp)
{
	return mutex_lock_other((struct mutex *)mp, true);
}

int pthread_mutex_unlock(pthread_mutex_t *mp)
{
	struct mutex *m = (void *)mp;
	if (unlikely(m->sig != MUTEX_NORMAL)) {
		if (!valid(m))
			return EINVAL;
		if (m->owner != self())
			return EPERM;
		if (m->count) {
			m->count--;
			return 0;
		}
		m->owner = NULL;
	}
	uint32_t op = m->op; /* the next owner may free the mutex */
	if (unlikely(__atomic_exchange_n(&m->state, 0, __ATOMIC_RELEASE) == 2))
		word_wake(ulock_op(op), &m->state);
	return 0;
}

int pthread_mutex_getprioceiling(const pthread_mutex_t *m, int *v) { return ENOTSUP; }

int pthread_cond_init(pthread_cond_t *cp, const pthread_condattr_t *attr)
{
	int shared = PTHREAD_PROCESS_PRIVATE;
	if (attr)
		pthread_condattr_getpshared(attr, &shared);
	*(struct cond *)cp = (struct cond){ .sig = COND_SIG,
		.op = shared == PTHREAD_PROCESS_SHARED ? UL_COMPARE_AND_WAIT_SHARED : 0 };
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *cp)
{
	struct cond *c = (void *)cp;
	if (c->sig != COND_SIG)
		return EINVAL;
	if (__atomic_load_n(&c->waiters, __ATOMIC_RELAXED))
		return EBUSY;
	c->sig = 0;
	return 0;
}

/*
 * A waiter reads the sequence number while it holds the mutex and sleeps only
 * while the number is that one, so a signal given after the mutex was released
 * is not lost. timeout is in ns; 0 waits for ever.
 */
static int cond_wait(struct cond *c, pthread_mutex_t *m, uint64_t timeout)
{
	if (unlikely(c->sig != COND_SIG))
		return EINVAL;
	pthread_testcancel();
	uint32_t seq = __atomic_load_n(&c->seq, __ATOMIC_RELAXED);
	__atomic_fetch_add(&c->waiters, 1, __ATOMIC_SEQ_CST);
	int err = pthread_mutex_unlock(m);
	if (err) {
		__atomic_fetch_sub(&c->waiters, 1, __ATOMIC_SEQ_CST);
		return err;
	}
	long r = word_wait(ulock_op(c->op) | ULF_WAIT_CANCEL_POINT, &c->seq, seq, timeout);
	__atomic_fetch_sub(&c->waiters, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(m);
	if (r == -EINTR) {
		/* It may have been woken as well: whoever ends here passes that on. */
		if (((uintptr_t)tsd_get(TSD_CANCEL) & 3) == 3)
			pthread_cond_signal((pthread_cond_t *)c);
		pthread_testcancel();
	}
	return r == -ETIMEDOUT ? ETIMEDOUT : 0;
}

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	return cond_wait((struct cond *)c, m, 0);
}

/* Nanoseconds, at least 1, at most 100 years. */
static uint64_t span(int64_t sec, int64_t nsec)
{
	if (sec < 0 || (sec == 0 && nsec <= 0))
		return 1;
	if (sec > 3155760000)
		return 3155760000ul * 1000000000;
	return sec * 1000000000ul + nsec;
}

int pthread_cond_timedwait_relative_np(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *ts)
{
	if (ts && (ts->tv_nsec < 0 || ts->tv_nsec >= 1000000000))
		return EINVAL;
	return cond_wait((struct cond *)c, m, ts ? span(ts->tv_sec, ts->tv_nsec) : 0);
}

int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *ts)
{
	struct timespec now;
	if (!ts || ts->tv_nsec < 0 || ts->tv_nsec >= 1000000000)
		return EINVAL;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t s, n = ts->tv_nsec - now.tv_nsec;
	if (__builtin_sub_overflow(ts->tv_sec, now.tv_sec, &s))
		s = ts->tv_sec < 0 ? -1 : 3155760000;
	if (n < 0)
		s--, n += 1000000000;
	if (s < 0)
		return ETIMEDOUT;
	return cond_wait((struct cond *)c, m, span(s, n));
}

static int cond_wake(struct cond *c, uint32_t flags)
{
	if (unlikely(c->sig != COND_SIG))
		return EINVAL;
	if (__atomic_load_n(&c->waiters, __ATOMIC_SEQ_CST) == 0)
		return 0;
	uint32_t op = c->op;
	__atomic_fetch_add(&c->seq, 1, __ATOMIC_SEQ_CST);
	word_wake(ulock_op(op) | flags, &c->seq);
	return 0;
}

int pthread_cond_signal(pthread_cond_t *c) { return cond_wake((struct cond *)c, 0); }
int pthread_cond_broadcast(pthread_cond_t *c) { return cond_wake((struct cond *)c, ULF_WAKE_ALL); }
/* The named thread is woken, and others may be: spurious wakes are allowed. */
int pthread_cond_signal_thread_np(pthread_cond_t *c, pthread_t t)
{
	return cond_wake((struct cond *)c, t ? ULF_WAKE_ALL : 0);
}

int pthread_rwlock_init(pthread_rwlock_t *lp, const pthread_rwlockattr_t *attr)
{
	int shared = PTHREAD_PROCESS_PRIVATE;
	if (attr)
		pthread_rwlockattr_getpshared(attr, &shared);
	*(struct rwlock *)lp = (struct rwlock){ .sig = RWLOCK_SIG,
		.op = shared == PTHREAD_PROCESS_SHARED ? UL_COMPARE_AND_WAIT_SHARED : 0 };
	return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lp)
{
	struct rwlock *l = (void *)lp;
	if (l->sig != RWLOCK_SIG)
		return EINVAL;
	if (l->state)
		return EBUSY;
	l->sig = 0;
	return 0;
}

/* Takes the lock as reader (add 1) or writer, if it can be had at once. */
static bool rw_try(struct rwlock *l, bool write)
{
	uint32_t s = __atomic_load_n(&l->state, __ATOMIC_SEQ_CST);
	while (write ? s == 0 : s < WRITER - 1)
		if (__atomic_compare_exchange_n(&l->state, &s, write ? WRITER : s + 1, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
			if (write)
				l->writer = self();
			return true;
		}
	return false;
}

static int rw_lock(struct rwlock *l, bool write)
{
	if (unlikely(l->sig != RWLOCK_SIG))
		return EINVAL;
	if (likely(rw_try(l, write)))
		return 0;
	if (l->state == WRITER && l->writer == self())
		return EDEADLK;
	for (;;) {
		uint32_t seq = __atomic_load_n(&l->seq, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&l->waiters, 1, __ATOMIC_SEQ_CST);
		bool got = rw_try(l, write);
		if (!got)
			word_wait(ulock_op(l->op), &l->seq, seq, 0);
		__atomic_fetch_sub(&l->waiters, 1, __ATOMIC_SEQ_CST);
		if (got || rw_try(l, write))
			return 0;
	}
}

int pthread_rwlock_rdlock(pthread_rwlock_t *l) { return rw_lock((struct rwlock *)l, false); }
int pthread_rwlock_wrlock(pthread_rwlock_t *l) { return rw_lock((struct rwlock *)l, true); }
static int rw_trylock(struct rwlock *l, bool write)
{
	return l->sig != RWLOCK_SIG ? EINVAL : rw_try(l, write) ? 0 : EBUSY;
}
int pthread_rwlock_tryrdlock(pthread_rwlock_t *l) { return rw_trylock((struct rwlock *)l, false); }
int pthread_rwlock_trywrlock(pthread_rwlock_t *l) { return rw_trylock((struct rwlock *)l, true); }

int pthread_rwlock_unlock(pthread_rwlock_t *lp)
{
	struct rwlock *l = (void *)lp;
	if (l->sig != RWLOCK_SIG)
		return EINVAL;
	uint32_t s = __atomic_load_n(&l->state, __ATOMIC_RELAXED), op = l->op;
	if (s == 0)
		return EPERM;
	if (s == WRITER) {
		if (l->writer != self())
			return EPERM;
		l->writer = NULL;
		__atomic_store_n(&l->state, 0, __ATOMIC_SEQ_CST);
	} else if (__atomic_sub_fetch(&l->state, 1, __ATOMIC_SEQ_CST) != 0) {
		return 0;
	}
	if (__atomic_load_n(&l->waiters, __ATOMIC_SEQ_CST)) {
		__atomic_fetch_add(&l->seq, 1, __ATOMIC_SEQ_CST);
		word_wake(ulock_op(op) | ULF_WAKE_ALL, &l->seq);
	}
	return 0;
}

struct once { long sig; uint32_t state; }; /* 0, 1 running, 2 running with sleepers */

int pthread_once(pthread_once_t *op, void (*fn)(void))
{
	struct once *o = (void *)op;
	if (likely(__atomic_load_n(&o->sig, __ATOMIC_ACQUIRE) == ONCE_DONE))
		return 0;
	lock((lock_t *)&o->state);
	int err = 0;
	if (o->sig == ONCE_SIG) {
		fn();
		__atomic_store_n(&o->sig, ONCE_DONE, __ATOMIC_RELEASE);
	} else if (o->sig != ONCE_DONE) {
		err = EINVAL;
	}
	unlock((lock_t *)&o->state);
	return err;
}
