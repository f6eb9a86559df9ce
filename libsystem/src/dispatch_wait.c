/* What waits for work: time, once, semaphores and groups. */
#include "dispatch.h"
#include <Block.h>
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <mach/mach_time.h>
#include <time.h>

/*
 * A time is that of mach_absolute_time, in nanoseconds, or, with its highest bit set,
 * the negative of nanoseconds since 1970.
 */
#define WALL (1ull << 63)
static uint64_t wall_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}
static uint64_t plus(uint64_t t, int64_t d)
{
	if (d >= 0)
		return t + d < t || (int64_t)(t + d) < 0 ? INT64_MAX : t + d;
	return t > (uint64_t)-d ? t + d : 1;
}
dispatch_time_t dispatch_time(dispatch_time_t t, int64_t d)
{
	if (t == DISPATCH_TIME_FOREVER)
		return t;
	if (t & WALL) {
		uint64_t w = plus(t == DISPATCH_WALLTIME_NOW ? wall_now() : -t, d);
		return w == INT64_MAX ? DISPATCH_TIME_FOREVER : -(w < 2 ? 2 : w);
	}
	uint64_t m = plus(t ? t : mach_absolute_time(), d);
	return m == INT64_MAX ? DISPATCH_TIME_FOREVER : m;
}
dispatch_time_t dispatch_walltime(const struct timespec *ts, int64_t d)
{
	uint64_t w = plus(ts ? ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec : wall_now(), d);
	return w == INT64_MAX ? DISPATCH_TIME_FOREVER : -(w < 2 ? 2 : w);
}
uint64_t time_left(dispatch_time_t t)
{
	if (t == DISPATCH_TIME_FOREVER)
		return UINT64_MAX;
	if (t == DISPATCH_TIME_NOW)
		return 0;
	uint64_t now = t & WALL ? wall_now() : mach_absolute_time(), at = t & WALL ? -t : t;
	return at > now ? at - now : 0;
}

/* Once: 0, 1 while it runs, 2 if somebody waits for it, -1 when it is done. */
void dispatch_once_f(dispatch_once_t *p, void *ctx, dispatch_function_t fn)
{
	uint32_t *w = (uint32_t *)p, was = 0;
	if (__atomic_load_n(p, __ATOMIC_ACQUIRE) == -1)
		return;
	if (__atomic_compare_exchange_n(w, &was, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
		fn(ctx);
		uint32_t old = __atomic_exchange_n(w, -1u, __ATOMIC_ACQ_REL);
		__atomic_store_n(p, -1l, __ATOMIC_RELEASE);
		if (old == 2)
			word_wake(UL_COMPARE_AND_WAIT | ULF_WAKE_ALL, w);
		return;
	}
	while ((was = __atomic_load_n(w, __ATOMIC_ACQUIRE)) != -1u) {
		if (was == 1 && !__atomic_compare_exchange_n(w, &was, 2, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
			continue;
		word_wait(UL_COMPARE_AND_WAIT, w, 2, 0);
	}
}
void dispatch_once(dispatch_once_t *p, void *b) { dispatch_once_f(p, b, block_call); }

struct dispatch_semaphore_s {
	object o;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	intptr_t value, begin;
	int waiting;
};
/* Waits for cond until t; lock is held. Whether the time is over. */
static bool wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, dispatch_time_t t)
{
	uint64_t left = time_left(t);
	if (left == 0)
		return true;
	if (left > 1ull << 60) {
		pthread_cond_wait(cond, lock);
		return false;
	}
	struct timespec ts = { left / NSEC_PER_SEC, left % NSEC_PER_SEC };
	pthread_cond_timedwait_relative_np(cond, lock, &ts);
	return false;
}
dispatch_semaphore_t dispatch_semaphore_create(intptr_t value)
{
	dispatch_semaphore_t s = value < 0 ? NULL : calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->o = (object){ .type = O_SEMAPHORE, .refs = 1 };
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->cond, NULL);
	s->value = s->begin = value;
	return s;
}
intptr_t dispatch_semaphore_wait(dispatch_semaphore_t s, dispatch_time_t t)
{
	bool over = false;
	pthread_mutex_lock(&s->lock);
	s->waiting++;
	while (s->value <= 0 && !over)
		over = wait_until(&s->cond, &s->lock, t);
	s->waiting--;
	bool got = s->value > 0;
	if (got)
		s->value--;
	pthread_mutex_unlock(&s->lock);
	return got ? 0 : 49; /* KERN_OPERATION_TIMED_OUT */
}
intptr_t dispatch_semaphore_signal(dispatch_semaphore_t s)
{
	pthread_mutex_lock(&s->lock);
	intptr_t woke = s->waiting > 0 && s->value < s->waiting;
	s->value++;
	pthread_cond_signal(&s->cond);
	pthread_mutex_unlock(&s->lock);
	return woke;
}

struct dispatch_group_s {
	object o;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	long count;
	struct notice { struct notice *next; dispatch_queue_t q; struct item *it; } *first, **last;
};
dispatch_group_t dispatch_group_create(void)
{
	dispatch_group_t g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	g->o = (object){ .type = O_GROUP, .refs = 1 };
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->cond, NULL);
	g->last = &g->first;
	return g;
}
void dispatch_group_enter(dispatch_group_t g)
{
	object_retain(&g->o);
	pthread_mutex_lock(&g->lock);
	g->count++;
	pthread_mutex_unlock(&g->lock);
}
void dispatch_group_leave(dispatch_group_t g)
{
	struct notice *list = NULL;
	pthread_mutex_lock(&g->lock);
	if (g->count <= 0) {
		fprintf(stderr, "BUG IN CLIENT OF LIBDISPATCH: Unbalanced call to dispatch_group_leave()\n");
		__builtin_trap();
	}
	if (--g->count == 0) {
		list = g->first;
		g->first = NULL;
		g->last = &g->first;
		pthread_cond_broadcast(&g->cond);
	}
	pthread_mutex_unlock(&g->lock);
	while (list) {
		struct notice *n = list;
		list = n->next;
		queue_push(n->q, n->it);
		object_release((object *)n->q);
		free(n);
	}
	object_release(&g->o);
}
intptr_t dispatch_group_wait(dispatch_group_t g, dispatch_time_t t)
{
	bool over = false;
	pthread_mutex_lock(&g->lock);
	while (g->count > 0 && !over)
		over = wait_until(&g->cond, &g->lock, t);
	bool empty = g->count == 0;
	pthread_mutex_unlock(&g->lock);
	return empty ? 0 : 49;
}
void dispatch_group_async_f(dispatch_group_t g, dispatch_queue_t q, void *ctx, dispatch_function_t fn)
{
	struct item *it = item_new(fn, ctx);
	it->group = g;
	object_retain(&g->o);
	dispatch_group_enter(g);
	queue_push(q, it);
}
void dispatch_group_notify_f(dispatch_group_t g, dispatch_queue_t q, void *ctx, dispatch_function_t fn)
{
	struct notice *n = calloc(1, sizeof *n);
	struct item *it = item_new(fn, ctx);
	if (!n)
		abort();
	pthread_mutex_lock(&g->lock);
	bool now = g->count == 0;
	if (!now) {
		object_retain((object *)q);
		*n = (struct notice){ NULL, q, it };
		*g->last = n;
		g->last = &n->next;
	}
	pthread_mutex_unlock(&g->lock);
	if (now) {
		free(n);
		queue_push(q, it);
	}
}
void dispatch_group_async(dispatch_group_t g, dispatch_queue_t q, void *b) { dispatch_group_async_f(g, q, block_copy(b), block_call_release); }
void dispatch_group_notify(dispatch_group_t g, dispatch_queue_t q, void *b) { dispatch_group_notify_f(g, q, block_copy(b), block_call_release); }
