/*
 * Locks. All begin with one 64-bit word; the uncontended paths are here, and
 * whoever must wait sleeps in the kernel while the word has a value (kpi_lock_wait).
 *
 * A mutex's word is its owner, the thread block's address, with bit 0 set
 * when somebody waits. A spin lock's is the owner. A read-write lock's:
 */
#include "rt.h"

#define WAITERS 1ul

/* A group counts for lock profiling, each kind of lock; table_lock.go has the same layout. */
enum { SPIN, MTX, RW, KINDS };
struct group {
	u64 acquired[KINDS], missed[KINDS], waited[KINDS]; /* waited: ns, by the kernel */
	u32 locks[KINDS], stat;
	char name[64];
};

struct mtx {
	u64 word;
	struct group *group;
};

enum { DESTROYED = 0xdead0 };

static inline int cas(u64 *p, u64 old, u64 new)
{
	return __atomic_compare_exchange_n(p, &old, new, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static inline u64 load(u64 *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }

static inline void count(struct group *g, int kind)
{
	if (g && g->stat)
		__atomic_fetch_add(&g->acquired[kind], 1, __ATOMIC_RELAXED);
}

static inline void join(struct group *g, int kind, int n)
{
	if (g)
		__atomic_fetch_add(&g->locks[kind], n, __ATOMIC_RELAXED);
}

/* Where the kernel counts a wait of a kind: waited is KINDS words further. */
static inline u64 *misses(struct group *g, int kind) { return g ? &g->missed[kind] : NULL; }

static void __attribute__((noinline)) lock_slow(struct mtx *m, struct thread *t)
{
	u64 v;
	if (t->interrupt)
		panic("mutex %p taken in an interrupt handler", m);
	if (t->spins)
		panic("blocking on mutex %p with a spin lock held", m);
	for (;;) {
		v = load(&m->word);
		if (v == DESTROYED)
			panic("mutex %p is locked after it was destroyed", m);
		if ((v & ~WAITERS) == (u64)t)
			panic("mutex %p is locked again by its owner", m);
		if (v == 0) {
			/* Others may wait: whoever slept can't know. */
			if (cas(&m->word, 0, (u64)t | WAITERS))
				return;
		} else if ((v & WAITERS) || cas(&m->word, v, v | WAITERS))
			kpi_lock_wait(&m->word, v | WAITERS, misses(m->group, MTX));
	}
}

void lck_mtx_lock(struct mtx *m)
{
	struct thread *t = self();
	if (__builtin_expect(t->interrupt | t->spins, 0) || !cas(&m->word, 0, (u64)t))
		lock_slow(m, t);
	t->mutexes++;
	count(m->group, MTX);
}

boolean_t lck_mtx_try_lock(struct mtx *m)
{
	struct thread *t = self();
	if (!cas(&m->word, 0, (u64)t))
		return 0;
	t->mutexes++;
	count(m->group, MTX);
	return 1;
}

void lck_mtx_unlock(struct mtx *m)
{
	struct thread *t = self();
	if (cas(&m->word, (u64)t, 0)) {
		t->mutexes--;
		return;
	}
	if ((load(&m->word) & ~WAITERS) != (u64)t)
		panic("mutex %p is unlocked by a thread that does not hold it (owner %p)", m, (void *)(load(&m->word) & ~WAITERS));
	t->mutexes--;
	__atomic_store_n(&m->word, 0, __ATOMIC_RELEASE);
	kpi_lock_wake(&m->word, 0);
}

void lck_mtx_lock_spin(struct mtx *m) { lck_mtx_lock(m); }
boolean_t lck_mtx_try_lock_spin(struct mtx *m) { return lck_mtx_try_lock(m); }
void lck_mtx_lock_spin_always(struct mtx *m) { lck_mtx_lock(m); }
void lck_mtx_convert_spin(struct mtx *m) { (void)m; }

enum { ASSERT_OWNED = 1, ASSERT_NOTOWNED = 2 };

void lck_mtx_assert(struct mtx *m, unsigned int type)
{
	int owned = (load(&m->word) & ~WAITERS) == (u64)self();
	if (type == ASSERT_OWNED && !owned)
		panic("mutex %p not owned", m);
	if (type == ASSERT_NOTOWNED && owned)
		panic("mutex %p owned", m);
	if (type != ASSERT_OWNED && type != ASSERT_NOTOWNED)
		panic("lck_mtx_assert: type %u", type);
}

void lck_mtx_init(struct mtx *m, struct group *g, void *attr)
{
	(void)attr;
	m->word = 0;
	m->group = g;
	join(g, MTX, 1);
}

static void destroy(struct mtx *m)
{
	if (load(&m->word) == DESTROYED)
		panic("mutex %p is destroyed twice", m);
	if (load(&m->word) != 0)
		panic("mutex %p is destroyed while it is held", m);
	m->word = DESTROYED;
}

void lck_mtx_destroy(struct mtx *m, struct group *g)
{
	destroy(m);
	join(g, MTX, -1);
}

/* The mutexes of 2002. */
void mutex_lock(struct mtx *m) { lck_mtx_lock(m); }
void mutex_unlock(struct mtx *m) { lck_mtx_unlock(m); }
boolean_t mutex_try(struct mtx *m) { return lck_mtx_try_lock(m); }
void mutex_init(struct mtx *m, unsigned int tag)
{
	struct group *g = tag ? kpi_etap_group(tag) : NULL;

	if (g && m->group == g) /* mutex_alloc has counted it */
		m->word = 0;
	else
		lck_mtx_init(m, g, NULL);
}

/* Spin locks. Nobody who holds one can sleep, so waits are short; but the owner
 * may have lost its processor, so a waiter gives its own away now and then. */
void lck_spin_lock(struct mtx *l)
{
	struct thread *t = self();
	t->spins++;
	for (u32 n = 1; !cas(&l->word, 0, (u64)t); n++) {
		u64 v = load(&l->word);
		if (n == 1 && v != DESTROYED && l->group)
			__atomic_fetch_add(&l->group->missed[SPIN], 1, __ATOMIC_RELAXED);
		if (v == (u64)t)
			panic("spin lock %p is locked again by its owner", l);
		if (v == DESTROYED)
			panic("spin lock %p is locked after it was destroyed", l);
		if (n % 256 == 0)
			kpi_spin_wait(&l->word);
		pause();
	}
	count(l->group, SPIN);
}

boolean_t lck_spin_try_lock(struct mtx *l)
{
	struct thread *t = self();
	if (!cas(&l->word, 0, (u64)t))
		return 0;
	t->spins++;
	count(l->group, SPIN);
	return 1;
}

void lck_spin_unlock(struct mtx *l)
{
	struct thread *t = self();
	if (load(&l->word) != (u64)t)
		panic("spin lock %p is unlocked by a thread that does not hold it", l);
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
	t->spins--;
}

void lck_spin_init(struct mtx *l, struct group *g, void *attr) 
{
	(void)attr;
	l->word = 0;
	l->group = g;
	join(g, SPIN, 1);
}


void lck_spin_destroy(struct mtx *l, struct group *g)
{
	destroy(l);
	join(g, SPIN, -1);
}

boolean_t kdp_lck_spin_is_acquired(struct mtx *l) { return load(&l->word) != 0; }

/* simple_lock_t of 2002 and 1990 has the word only. */
static void bare_lock(u64 *l)
{
	struct thread *t = self();
	t->spins++;
	for (u32 n = 1; !cas(l, 0, (u64)t); n++) {
		if (load(l) == (u64)t)
			panic("simple lock %p is locked again by its owner", l);
		if (n % 256 == 0)
			kpi_spin_wait(l);
		pause();
	}
}

static u32 bare_try(u64 *l)
{
	struct thread *t = self();
	if (!cas(l, 0, (u64)t))
		return 0;
	t->spins++;
	return 1;
}

static void bare_unlock(u64 *l)
{
	struct thread *t = self();
	if (load(l) != (u64)t)
		panic("simple lock %p is unlocked by a thread that does not hold it", l);
	__atomic_store_n(l, 0, __ATOMIC_RELEASE);
	t->spins--;
}

void simple_lock_init(u64 *l) { *l = 0; }
void simple_lock(u64 *l) { bare_lock(l); }
void simple_unlock(u64 *l) { bare_unlock(l); }
u32 simple_lock_try(u64 *l) { return bare_try(l); }
void usimple_lock_init(u64 *l) { *l = 0; }
void usimple_lock(u64 *l) { bare_lock(l); }
void usimple_unlock(u64 *l) { bare_unlock(l); }
u32 usimple_lock_try(u64 *l) { return bare_try(l); }
void hw_lock_init(u64 *l) { *l = 0; }
void hw_lock_lock(u64 *l) { bare_lock(l); }
void hw_lock_unlock(u64 *l) { bare_unlock(l); }
u32 hw_lock_try(u64 *l) { return bare_try(l); }

void usimple_lock_held(u64 *l)
{
	if (load(l) != (u64)self())
		panic("simple lock %p is not held", l);
}

void usimple_lock_none_held(void)
{
	if (self()->spins)
		panic("%u simple locks are held", self()->spins);
}

/*
 * Read-write locks: readers in the low 16 bits; then a writer holds, a writer
 * wants, an upgrade is pending, somebody sleeps. New readers wait while a writer holds
 * or wants, or an upgrade is pending; an upgrade comes before writers, and a second
 * one fails and loses its read hold.
 */
struct rw {
	u64 word;
	struct group *group;
	u64 writer;
	u64 spin; /* lock_init with can_sleep FALSE */
};

enum {
	READERS = 0xffff,
	HELD = 1 << 16,
	WANT = 1 << 17,
	UPGRADE = 1 << 18,
	SLEEP = 1 << 19,
	RW_DESTROYED = 0xdead << 12 | HELD,
};

static void rw_wait(struct rw *l, u64 v)
{
	if (v == RW_DESTROYED)
		panic("read-write lock %p is taken after it was destroyed", l);
	if (l->spin) {
		kpi_spin_wait(&l->word);
		return;
	}
	if (self()->interrupt)
		panic("read-write lock %p waited for in an interrupt handler", l);
	if (self()->spins)
		panic("blocking on read-write lock %p with a spin lock held", l);
	if ((v & SLEEP) || cas(&l->word, v, v | SLEEP))
		kpi_lock_wait(&l->word, v | SLEEP, misses(l->group, RW));
}

void lck_rw_lock_shared(struct rw *l)
{
	for (;;) {
		u64 v = load(&l->word);
		if (l->writer == (u64)self() && (v & HELD))
			panic("read-write lock %p is read by its writer", l);
		if (!(v & (HELD | WANT | UPGRADE))) {
			if ((v & READERS) == READERS)
				panic("read-write lock %p has too many readers", l);
			if (cas(&l->word, v, v + 1))
				break;
		} else
			rw_wait(l, v);
	}
	count(l->group, RW);
}

boolean_t lck_rw_try_lock_shared(struct rw *l)
{
	for (;;) {
		u64 v = load(&l->word);
		if ((v & (HELD | WANT | UPGRADE)) || (v & READERS) == READERS)
			return 0;
		if (cas(&l->word, v, v + 1)) {
			count(l->group, RW);
			return 1;
		}
	}
}

void lck_rw_lock_exclusive(struct rw *l)
{
	int wanted = 0;
	for (;;) {
		u64 v = load(&l->word);
		if ((v & HELD) && l->writer == (u64)self())
			panic("read-write lock %p is written twice by one thread", l);
		if (!(v & (READERS | HELD | UPGRADE)) && (wanted || !(v & WANT))) {
			if (cas(&l->word, v, (v | HELD) & ~(u64)WANT))
				break;
		} else if (!wanted && !(v & (WANT | HELD))) {
			if (cas(&l->word, v, v | WANT))
				wanted = 1;
		} else {
			/* The wish ends when any writer gets the lock. */
			if (wanted && !(v & WANT)) {
				wanted = 0;
				continue;
			}
			rw_wait(l, v);
		}
	}
	l->writer = (u64)self();
	count(l->group, RW);
}

boolean_t lck_rw_try_lock_exclusive(struct rw *l)
{
	u64 v = load(&l->word);
	if ((v & (READERS | HELD | WANT | UPGRADE)) || !cas(&l->word, v, v | HELD))
		return 0;
	l->writer = (u64)self();
	count(l->group, RW);
	return 1;
}

static void rw_wakeup(struct rw *l, u64 v)
{
	if (v & SLEEP)
		kpi_lock_wake(&l->word, 1);
}

void lck_rw_unlock_exclusive(struct rw *l)
{
	u64 v;
	if (!(load(&l->word) & HELD) || l->writer != (u64)self())
		panic("read-write lock %p is released by a thread that does not write", l);
	l->writer = 0;
	do
		v = load(&l->word);
	while (!cas(&l->word, v, v & ~(u64)(HELD | SLEEP)));
	rw_wakeup(l, v);
}

void lck_rw_unlock_shared(struct rw *l)
{
	u64 v, n;
	do {
		v = load(&l->word);
		if (!(v & READERS))
			panic("read-write lock %p is released, and nobody reads", l);
		n = v - 1;
		if (!(n & READERS) || (n & UPGRADE))
			n &= ~(u64)SLEEP;
	} while (!cas(&l->word, v, n));
	if (!(n & SLEEP))
		rw_wakeup(l, v);
}

unsigned int lck_rw_done(struct rw *l)
{
	if ((load(&l->word) & HELD) && l->writer == (u64)self()) {
		lck_rw_unlock_exclusive(l);
		return 2; /* LCK_RW_TYPE_EXCLUSIVE */
	}
	lck_rw_unlock_shared(l);
	return 1;
}

/* True when it was done; else the read hold is gone. */
boolean_t lck_rw_lock_shared_to_exclusive(struct rw *l)
{
	u64 v;
	for (;;) {
		v = load(&l->word);
		if (!(v & READERS))
			panic("read-write lock %p is upgraded, and nobody reads", l);
		if (v & UPGRADE) {
			lck_rw_unlock_shared(l);
			return 0;
		}
		if (cas(&l->word, v, (v - 1) | UPGRADE))
			break;
	}
	for (;;) {
		v = load(&l->word);
		if (!(v & READERS)) {
			if (cas(&l->word, v, (v | HELD) & ~(u64)UPGRADE))
				break;
		} else
			rw_wait(l, v);
	}
	l->writer = (u64)self();
	return 1;
}

void lck_rw_lock_exclusive_to_shared(struct rw *l)
{
	u64 v;
	if (!(load(&l->word) & HELD) || l->writer != (u64)self())
		panic("read-write lock %p is downgraded by a thread that does not write", l);
	l->writer = 0;
	do
		v = load(&l->word);
	while (!cas(&l->word, v, (v & ~(u64)(HELD | SLEEP)) + 1));
	rw_wakeup(l, v);
}

void lck_rw_lock(struct rw *l, unsigned int type)
{
	if (type == 1)
		lck_rw_lock_shared(l);
	else if (type == 2)
		lck_rw_lock_exclusive(l);
	else
		panic("lck_rw_lock: type %u", type);
}

boolean_t lck_rw_try_lock(struct rw *l, unsigned int type)
{
	return type == 1 ? lck_rw_try_lock_shared(l) : lck_rw_try_lock_exclusive(l);
}

void lck_rw_unlock(struct rw *l, unsigned int type)
{
	if (type == 1)
		lck_rw_unlock_shared(l);
	else
		lck_rw_unlock_exclusive(l);
}

void lck_rw_init(struct rw *l, struct group *g, void *attr)
{
	(void)attr;
	l->word = l->writer = l->spin = 0;
	l->group = g;
	join(g, RW, 1);
}

void lck_rw_destroy(struct rw *l, struct group *g)
{
	if (load(&l->word) != 0)
		panic("read-write lock %p is destroyed while it is held", l);
	l->word = RW_DESTROYED;
	join(g, RW, -1);
}

/* lock_t of 2002 and 1990. lock_read_to_write is TRUE when it failed. */
void lock_init(struct rw *l, boolean_t can_sleep)
{
	lck_rw_init(l, NULL, NULL);
	l->spin = !can_sleep;
}
void lock_read(struct rw *l) { lck_rw_lock_shared(l); }
void lock_write(struct rw *l) { lck_rw_lock_exclusive(l); }
void lock_done(struct rw *l) { lck_rw_done(l); }
boolean_t lock_read_to_write(struct rw *l) { return !lck_rw_lock_shared_to_exclusive(l); }
void lock_write_to_read(struct rw *l) { lck_rw_lock_exclusive_to_shared(l); }
