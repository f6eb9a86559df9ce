/*
 * Dispatch queues over threads. A queue with work is itself a piece of work of its
 * target's, and in the end of the pool's, which has at most 64 threads, and up to 512
 * for the serial queues that are made: who works may wait for one. They end after
 * five idle seconds. Classes of service make no difference.
 */
#include "dispatch.h"
#include <Block.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { POOL_MAX = 64, POOL_OVER = 512, BATCH = 64 };

struct dispatch_queue_s _dispatch_main_q = { .o = { .type = O_QUEUE, .refs = -1 }, .main = true, .last = &_dispatch_main_q.first, .label = "com.apple.main-thread" };
static struct dispatch_queue_s root = { .o = { .type = O_QUEUE, .refs = -1 }, .global = true, .concurrent = true, .last = &root.first, .label = "com.apple.root.default-qos" };
struct dispatch_queue_attr_s _dispatch_queue_attr_concurrent = { .concurrent = true };

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pool_work = PTHREAD_COND_INITIALIZER, main_work = PTHREAD_COND_INITIALIZER;
static struct item *pool_first, **pool_last = &pool_first, *main_first, **main_last = &main_first;
static int pool_threads, pool_idle, pool_items; /* idle ones may have been woken already */

static dispatch_queue_t current(void) { return tsd_get(TSD_DISPATCH); }

struct item *item_new(dispatch_function_t fn, void *ctx)
{
	struct item *it = calloc(1, sizeof *it);
	if (!it)
		abort();
	it->fn = fn;
	it->ctx = ctx;
	return it;
}
void item_run(struct item *it)
{
	struct dispatch_group_s *g = it->group;
	if (it->waiter) {
		/* The one who waits runs it; its item is its own. */
		struct waiter *w = it->waiter;
		__atomic_store_n(&w->go, 1, __ATOMIC_RELEASE);
		word_wake(UL_COMPARE_AND_WAIT, &w->go);
		while (!__atomic_load_n(&w->done, __ATOMIC_ACQUIRE))
			word_wait(UL_COMPARE_AND_WAIT, &w->done, 0, 0);
		__atomic_store_n(&w->done, 2, __ATOMIC_RELEASE); /* the last look at it */
		return;
	}
	dispatch_function_t fn = it->fn;
	void *ctx = it->ctx;
	free(it);
	fn(ctx);
	if (g) {
		dispatch_group_leave(g);
		object_release((object *)g);
	}
}

static void *pool_thread(void *arg)
{
	pthread_setname_np("com.apple.dispatch");
	pthread_mutex_lock(&pool_lock);
	for (;;) {
		struct item *it = pool_first;
		if (it) {
			if (!(pool_first = it->next))
				pool_last = &pool_first;
			pool_items--;
			pthread_mutex_unlock(&pool_lock);
			tsd_set(TSD_DISPATCH, &root);
			item_run(it);
			tsd_set(TSD_DISPATCH, NULL);
			pthread_mutex_lock(&pool_lock);
			continue;
		}
		struct timespec ts = { 5, 0 };
		pool_idle++;
		int r = pthread_cond_timedwait_relative_np(&pool_work, &pool_lock, &ts);
		pool_idle--;
		if (r == ETIMEDOUT && !pool_first)
			break;
	}
	pool_threads--;
	pthread_mutex_unlock(&pool_lock);
	return NULL;
}
static void pool_push(struct item *it, bool over)
{
	pthread_mutex_lock(&pool_lock);
	if (over && pool_first) { /* before what may wait for it */
		it->next = pool_first;
		pool_first = it;
	} else {
		it->next = NULL;
		*pool_last = it;
		pool_last = &it->next;
	}
	/* A thread for each piece of work: those that run some may wait for this one. */
	if (++pool_items <= pool_idle) {
		pthread_cond_signal(&pool_work);
	} else if (pool_threads < (over ? POOL_OVER : POOL_MAX)) {
		pthread_t t;
		pthread_attr_t a;
		sigset_t all = ~0u, old;
		pthread_attr_init(&a);
		pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
		pthread_sigmask(SIG_BLOCK, &all, &old);
		if (pthread_create(&t, &a, pool_thread, NULL) == 0)
			pool_threads++;
		else if (pool_threads == 0)
			abort();
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		pthread_attr_destroy(&a);
	}
	pthread_mutex_unlock(&pool_lock);
}

static void queue_drain(void *);
/* Hands it to where q's work is done. */
static void up(dispatch_queue_t q, struct item *it)
{
	if (q->main) {
		it->next = NULL;
		pthread_mutex_lock(&pool_lock);
		*main_last = it;
		main_last = &it->next;
		pthread_cond_signal(&main_work);
		pthread_mutex_unlock(&pool_lock);
	} else if (q->o.target && !q->o.target->global) {
		queue_push(q->o.target, it);
	} else {
		pool_push(it, !q->concurrent);
	}
}
struct job { dispatch_queue_t q; struct item *it; };
static void run_concurrent(void *arg)
{
	struct job j = *(struct job *)arg;
	free(arg);
	void *was = current();
	tsd_set(TSD_DISPATCH, j.q);
	bool barrier = j.it->barrier;
	item_run(j.it);
	tsd_set(TSD_DISPATCH, was);
	lock(&j.q->lock);
	j.q->running--;
	if (barrier)
		j.q->barrier = false;
	unlock(&j.q->lock);
	queue_resumed(j.q);
	object_release(&j.q->o);
}
/* Whether the pool's threads work for q, and not for a queue above it. */
static bool straight(dispatch_queue_t q) { return !q->main && (!q->o.target || q->o.target->global); }

/*
 * Starts what q may start. Who waits for q gets it without a thread of the pool's: all
 * of these may be waiting.
 */
void queue_resumed(dispatch_queue_t q)
{
	for (;;) {
		struct item *it = NULL;
		bool drain = false;
		lock(&q->lock);
		if (q->first && !q->o.suspended && !q->o.inactive) {
			if (!q->concurrent) {
				if (!q->draining && q->first->waiter && straight(q)) {
					it = q->first;
					if (!(q->first = it->next))
						q->last = &q->first;
				}
				drain = !q->draining && !it;
				q->draining = true;
			} else if (!q->barrier && (!q->first->barrier || q->running == 0)) {
				it = q->first;
				if (!(q->first = it->next))
					q->last = &q->first;
				q->barrier = it->barrier;
				q->running++;
			}
		}
		unlock(&q->lock);
		if (drain) {
			object_retain(&q->o);
			up(q, item_new(queue_drain, q));
		}
		if (!it)
			return;
		if (it->waiter && straight(q)) {
			struct waiter *w = it->waiter;
			w->owns = true;
			__atomic_store_n(&w->go, 1, __ATOMIC_RELEASE); /* from here on both may be gone */
			word_wake(UL_COMPARE_AND_WAIT, &w->go);
			continue;
		}
		struct job *j = malloc(sizeof *j);
		if (!j)
			abort();
		*j = (struct job){ q, it };
		object_retain(&q->o);
		up(q, item_new(run_concurrent, j));
	}
}
static void queue_drain(void *arg)
{
	dispatch_queue_t q = arg;
	void *was = current();
	tsd_set(TSD_DISPATCH, q);
	for (int n = 0;; n++) {
		lock(&q->lock);
		struct item *it = n < BATCH && !q->o.suspended && !q->o.inactive ? q->first : NULL;
		if (!it) {
			q->draining = false;
			unlock(&q->lock);
			break;
		}
		if (!(q->first = it->next))
			q->last = &q->first;
		unlock(&q->lock);
		item_run(it);
	}
	tsd_set(TSD_DISPATCH, was);
	queue_resumed(q);
	object_release(&q->o);
}
void queue_push(dispatch_queue_t q, struct item *it)
{
	if (q->global) {
		pool_push(it, false);
		return;
	}
	it->next = NULL;
	object_retain(&q->o);
	lock(&q->lock);
	*q->last = it;
	q->last = &it->next;
	unlock(&q->lock);
	queue_resumed(q);
	object_release(&q->o);
}

void dispatch_async_f(dispatch_queue_t q, void *ctx, dispatch_function_t fn) { queue_push(q, item_new(fn, ctx)); }
void dispatch_barrier_async_f(dispatch_queue_t q, void *ctx, dispatch_function_t fn)
{
	struct item *it = item_new(fn, ctx);
	it->barrier = true;
	queue_push(q, it);
}

struct remote { dispatch_function_t fn; void *ctx; uint32_t done; };
static void run_remote(void *arg)
{
	struct remote *r = arg;
	r->fn(r->ctx);
	__atomic_store_n(&r->done, 1, __ATOMIC_RELEASE);
	word_wake(UL_COMPARE_AND_WAIT, &r->done);
}
static bool ends_in_main(dispatch_queue_t q)
{
	for (; q; q = q->o.target)
		if (q->main)
			return true;
	return false;
}
static void sync_on(dispatch_queue_t q, void *ctx, dispatch_function_t fn, bool barrier)
{
	void *was = current();
	if (q->global) {
		tsd_set(TSD_DISPATCH, q);
		fn(ctx);
		tsd_set(TSD_DISPATCH, was);
		return;
	}
	if (was == q && !q->concurrent) {
		fprintf(stderr, "BUG IN CLIENT OF LIBDISPATCH: dispatch_sync called on queue already owned by current thread\n");
		__builtin_trap();
	}
	if (ends_in_main(q)) {
		/* What is the main thread's runs there. */
		static struct remote none;
		struct remote r = none;
		r.fn = fn;
		r.ctx = ctx;
		struct item *it = item_new(run_remote, &r);
		it->barrier = barrier;
		queue_push(q, it);
		while (!__atomic_load_n(&r.done, __ATOMIC_ACQUIRE))
			word_wait(UL_COMPARE_AND_WAIT, &r.done, 0, 0);
		return;
	}
	/* An idle queue straight below the pool is taken without a thread of the pool's. */
	object_retain(&q->o);
	lock(&q->lock);
	bool direct = !q->first && !q->o.suspended && !q->o.inactive && straight(q) &&
	    (q->concurrent ? !q->barrier && (!barrier || q->running == 0) : !q->draining);
	if (direct && q->concurrent) {
		q->running++;
		q->barrier = barrier;
	} else if (direct) {
		q->draining = true;
	}
	unlock(&q->lock);
	struct waiter w = { 0 };
	struct item it = { .barrier = barrier, .waiter = &w };
	if (!direct) {
		queue_push(q, &it);
		while (!__atomic_load_n(&w.go, __ATOMIC_ACQUIRE))
			word_wait(UL_COMPARE_AND_WAIT, &w.go, 0, 0);
		direct = w.owns;
	}
	tsd_set(TSD_DISPATCH, q);
	fn(ctx);
	tsd_set(TSD_DISPATCH, was);
	if (direct) {
		lock(&q->lock);
		if (q->concurrent)
			q->running--;
		else
			q->draining = false;
		if (barrier)
			q->barrier = false;
		unlock(&q->lock);
		queue_resumed(q);
	} else {
		__atomic_store_n(&w.done, 1, __ATOMIC_RELEASE);
		word_wake(UL_COMPARE_AND_WAIT, &w.done);
		/* w and it are on this stack, and the other side still reads them. */
		while (__atomic_load_n(&w.done, __ATOMIC_ACQUIRE) != 2)
			sched_yield();
	}
	object_release(&q->o);
}
void dispatch_sync_f(dispatch_queue_t q, void *ctx, dispatch_function_t fn) { sync_on(q, ctx, fn, false); }
void dispatch_async_and_wait_f(dispatch_queue_t q, void *ctx, dispatch_function_t fn) { sync_on(q, ctx, fn, false); }
void dispatch_barrier_sync_f(dispatch_queue_t q, void *ctx, dispatch_function_t fn) { sync_on(q, ctx, fn, true); }

struct apply { void (*fn)(void *, size_t); void *ctx; size_t n, next, left; uint32_t done; };
static void apply_some(void *arg)
{
	struct apply *a = arg;
	size_t i, mine = 0;
	while ((i = __atomic_fetch_add(&a->next, 1, __ATOMIC_RELAXED)) < a->n) {
		a->fn(a->ctx, i);
		mine++;
	}
	(void)mine;
	if (__atomic_sub_fetch(&a->left, 1, __ATOMIC_ACQ_REL) == 0) {
		__atomic_store_n(&a->done, 1, __ATOMIC_RELEASE);
		word_wake(UL_COMPARE_AND_WAIT, &a->done);
	}
}
void dispatch_apply_f(size_t n, dispatch_queue_t q, void *ctx, void (*fn)(void *, size_t))
{
	if (q && !q->concurrent) {
		for (size_t i = 0; i < n; i++)
			fn(ctx, i);
		return;
	}
	/* a is read by all that were started, so it stays until each has come and gone. */
	size_t helpers = n > 8 ? 7 : n > 0 ? n - 1 : 0;
	struct apply a = { .fn = fn, .ctx = ctx, .n = n, .left = helpers + 1 };
	for (size_t i = 0; i < helpers; i++)
		dispatch_async_f(q ? q : &root, &a, apply_some);
	apply_some(&a);
	while (!__atomic_load_n(&a.done, __ATOMIC_ACQUIRE))
		word_wait(UL_COMPARE_AND_WAIT, &a.done, 0, 0);
}

dispatch_queue_t dispatch_queue_create_with_target(const char *label, dispatch_queue_attr_t attr, dispatch_queue_t target)
{
	dispatch_queue_t q = calloc(1, sizeof *q);
	if (!q)
		return NULL;
	q->o = (object){ .type = O_QUEUE, .refs = 1, .target = target, .inactive = attr && attr->inactive };
	q->concurrent = attr && attr->concurrent;
	q->last = &q->first;
	strlcpy(q->label, label ? label : "", sizeof q->label);
	if (target)
		object_retain(&target->o);
	return q;
}
dispatch_queue_t dispatch_queue_create(const char *label, dispatch_queue_attr_t attr) { return dispatch_queue_create_with_target(label, attr, NULL); }
static dispatch_queue_attr_t attr_of(bool concurrent, bool inactive)
{
	static struct dispatch_queue_attr_s all[4] = { { 0 }, { .concurrent = true }, { .inactive = true }, { .concurrent = true, .inactive = true } };
	return &all[concurrent + 2 * inactive];
}
dispatch_queue_attr_t dispatch_queue_attr_make_with_qos_class(dispatch_queue_attr_t a, dispatch_qos_class_t qos, int pri)
{
	return attr_of(a && a->concurrent, a && a->inactive);
}
dispatch_queue_attr_t dispatch_queue_attr_make_initially_inactive(dispatch_queue_attr_t a) { return attr_of(a && a->concurrent, true); }
dispatch_queue_t dispatch_get_global_queue(intptr_t class, uintptr_t flags) { return flags & ~2ul ? NULL : &root; }
dispatch_queue_t dispatch_get_current_queue(void)
{
	dispatch_queue_t q = current();
	return q ? q : pthread_main_np() ? &_dispatch_main_q : &root;
}
const char *dispatch_queue_get_label(dispatch_queue_t q) { return (q ? q : dispatch_get_current_queue())->label; }
void dispatch_assert_queue(dispatch_queue_t q)
{
	for (dispatch_queue_t c = dispatch_get_current_queue(); c; c = c->o.target)
		if (c == q)
			return;
	fprintf(stderr, "BUG IN CLIENT OF LIBDISPATCH: Assertion failed: Block was expected to execute on queue [%s]\n", q->label);
	__builtin_trap();
}
void dispatch_assert_queue_not(dispatch_queue_t q)
{
	for (dispatch_queue_t c = dispatch_get_current_queue(); c; c = c->o.target)
		if (c == q) {
			fprintf(stderr, "BUG IN CLIENT OF LIBDISPATCH: Assertion failed: Block was not expected to execute on queue [%s]\n", q->label);
			__builtin_trap();
		}
}
void dispatch_queue_set_specific(dispatch_queue_t q, const void *key, void *value, dispatch_function_t destroy)
{
	struct specific *s, **at;
	void *old = NULL;
	dispatch_function_t old_destroy = NULL;
	struct specific *fresh = calloc(1, sizeof *fresh);
	if (!fresh || !key) {
		free(fresh);
		return;
	}
	lock(&q->lock);
	for (at = &q->specifics; (s = *at) && s->key != key;)
		at = &s->next;
	if (s) {
		old = s->value;
		old_destroy = s->destroy;
		s->value = value;
		s->destroy = destroy;
	} else {
		*fresh = (struct specific){ key, value, destroy, NULL };
		*at = fresh;
		fresh = NULL;
	}
	unlock(&q->lock);
	free(fresh);
	if (old && old_destroy)
		dispatch_async_f(&root, old, old_destroy);
}
void *dispatch_queue_get_specific(dispatch_queue_t q, const void *key)
{
	void *v = NULL;
	lock(&q->lock);
	for (struct specific *s = q->specifics; s; s = s->next)
		if (s->key == key)
			v = s->value;
	unlock(&q->lock);
	return v;
}
void *dispatch_get_specific(const void *key)
{
	void *v = NULL;
	for (dispatch_queue_t q = dispatch_get_current_queue(); q && !v; q = q->o.target)
		v = dispatch_queue_get_specific(q, key);
	return v;
}
void dispatch_main(void)
{
	pthread_mutex_lock(&pool_lock);
	for (;;) {
		struct item *it = main_first;
		if (!it) {
			pthread_cond_wait(&main_work, &pool_lock);
			continue;
		}
		if (!(main_first = it->next))
			main_last = &main_first;
		pthread_mutex_unlock(&pool_lock);
		item_run(it);
		pthread_mutex_lock(&pool_lock);
	}
}

void object_retain(object *o)
{
	if (__atomic_load_n(&o->refs, __ATOMIC_RELAXED) >= 0)
		__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
}
void object_release(object *o)
{
	if (__atomic_load_n(&o->refs, __ATOMIC_RELAXED) < 0 || __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (o->finalizer && o->context)
		dispatch_async_f(o->target && o->target != (void *)o ? o->target : &root, o->context, o->finalizer);
	if (o->type == O_QUEUE) {
		struct specific *s = ((dispatch_queue_t)o)->specifics;
		while (s) {
			struct specific *next = s->next;
			if (s->destroy && s->value)
				dispatch_async_f(&root, s->value, s->destroy);
			free(s);
			s = next;
		}
	}
	if (o->type == O_SOURCE)
		source_dispose((dispatch_source_t)o);
	if (o->target)
		object_release(&o->target->o);
	free(o);
}
#define OBJECT(x) ((object *)(x)._do)
void dispatch_retain(dispatch_object_t x) { object_retain(OBJECT(x)); }
void dispatch_release(dispatch_object_t x) { object_release(OBJECT(x)); }
void *dispatch_get_context(dispatch_object_t x) { return OBJECT(x)->context; }
void dispatch_set_context(dispatch_object_t x, void *c) { OBJECT(x)->context = c; }
void dispatch_set_finalizer_f(dispatch_object_t x, dispatch_function_t f) { OBJECT(x)->finalizer = f; }
void dispatch_set_target_queue(dispatch_object_t x, dispatch_queue_t q)
{
	object *o = OBJECT(x), *old = o->target ? &o->target->o : NULL;
	if (q)
		object_retain(&q->o);
	o->target = q;
	if (old)
		object_release(old);
}
static void woken(object *o)
{
	if (o->type == O_QUEUE)
		queue_resumed((dispatch_queue_t)o);
	else if (o->type == O_SOURCE)
		source_wake((dispatch_source_t)o);
}
static lock_t suspend_lock;
void dispatch_suspend(dispatch_object_t x)
{
	lock(&suspend_lock);
	OBJECT(x)->suspended++;
	unlock(&suspend_lock);
}
void dispatch_resume(dispatch_object_t x)
{
	object *o = OBJECT(x);
	lock(&suspend_lock);
	if (o->inactive) {
		o->inactive = false;
	} else if (o->suspended == 0) {
		fprintf(stderr, "BUG IN CLIENT OF LIBDISPATCH: Over-resume of an object\n");
		__builtin_trap();
	} else {
		o->suspended--;
	}
	unlock(&suspend_lock);
	woken(o);
}
void dispatch_activate(dispatch_object_t x)
{
	object *o = OBJECT(x);
	lock(&suspend_lock);
	bool was = o->inactive;
	o->inactive = false;
	unlock(&suspend_lock);
	if (was)
		woken(o);
}

/* Blocks: called by their function, which is their third word. */
struct block { void *isa; int flags, reserved; void (*invoke)(void *); };
void *block_copy(const void *b) { return _Block_copy(b); }
void block_call(void *b) { ((struct block *)b)->invoke(b); }
void block_call_release(void *b)
{
	block_call(b);
	_Block_release(b);
}
void dispatch_async(dispatch_queue_t q, void *b) { dispatch_async_f(q, block_copy(b), block_call_release); }
void dispatch_barrier_async(dispatch_queue_t q, void *b) { dispatch_barrier_async_f(q, block_copy(b), block_call_release); }
void dispatch_sync(dispatch_queue_t q, void *b) { sync_on(q, b, block_call, false); }
void dispatch_async_and_wait(dispatch_queue_t q, void *b) { sync_on(q, b, block_call, false); }
void dispatch_barrier_sync(dispatch_queue_t q, void *b) { sync_on(q, b, block_call, true); }
static void apply_block(void *b, size_t i) { ((void (*)(void *, size_t))(void *)((struct block *)b)->invoke)(b, i); }
void dispatch_apply(size_t n, dispatch_queue_t q, void *b) { dispatch_apply_f(n, q, b, apply_block); }
