/*
 * Sources: events of one kqueue, which a thread of its own waits on, and data that
 * the program merges. Events that come while the handler has not run are put
 * together. Those of descriptors and ports are looked for again only after it ran.
 */
#include "dispatch.h"
#include <Block.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/event.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

struct dispatch_source_type_s { int16_t filter; uint16_t flags; uint32_t fflags; enum { EVENT, TIMER, ADD, OR, REPLACE } kind; };
#define TYPE(name, ...) const struct dispatch_source_type_s _dispatch_source_type_##name = { __VA_ARGS__ }
TYPE(data_add, .kind = ADD);
TYPE(data_or, .kind = OR);
TYPE(data_replace, .kind = REPLACE);
TYPE(read, EVFILT_READ, EV_DISPATCH);
TYPE(write, EVFILT_WRITE, EV_DISPATCH);
TYPE(mach_recv, EVFILT_MACHPORT, EV_DISPATCH);
TYPE(proc, EVFILT_PROC, EV_CLEAR);
TYPE(signal, EVFILT_SIGNAL, EV_CLEAR);
TYPE(vnode, EVFILT_VNODE, EV_CLEAR);
TYPE(timer, .kind = TIMER);

struct handler { dispatch_function_t fn; void *block; };
struct dispatch_source_s {
	object o;
	lock_t lock;
	dispatch_source_type_t type;
	uintptr_t handle, mask, pending, data;
	struct handler event, cancel, registered;
	bool installed, announced, queued, canceled, cancel_told, rearm;
	uint64_t start, interval;   /* of a timer: start is absolute */
	uint32_t generation;
	dispatch_source_t next, prev; /* list_lock: all that the kqueue may name */
};
static lock_t list_lock;
static dispatch_source_t list;
static int kq = -1;

static bool known(dispatch_source_t s)
{
	dispatch_source_t t = list;
	while (t && t != s)
		t = t->next;
	return t;
}
static int change(dispatch_source_t s, uint16_t flags, uint64_t data)
{
	struct kevent64_s k = { .filter = s->type->filter, .flags = flags | s->type->flags, .fflags = s->type->fflags, .udata = (uintptr_t)s };
	if (s->type->kind == TIMER) {
		k.filter = EVFILT_TIMER;
		k.flags = flags | EV_ONESHOT;
		k.fflags = NOTE_NSECONDS;
		k.ident = (uintptr_t)s;
		k.data = data;
		k.ext[0] = s->generation;
	} else {
		k.ident = s->handle;
		if (k.filter == EVFILT_PROC || k.filter == EVFILT_VNODE)
			k.fflags = s->mask;
	}
	return kevent64(kq, &k, 1, NULL, 0, 0, NULL);
}
static void arm_timer(dispatch_source_t s)
{
	uint64_t left = time_left(s->start);
	if (left != UINT64_MAX)
		change(s, EV_ADD, left ? left : 1);
}
static void run(void *arg);
/* Has the handler called if there is something for it; lock is held and let go. */
static void wake_locked(dispatch_source_t s)
{
	bool something = (s->installed && !s->announced) || (s->canceled ? !s->cancel_told : s->pending != 0);
	bool go = something && !s->queued && !s->o.suspended && !s->o.inactive;
	if (go) {
		s->queued = true;
		object_retain(&s->o);
	}
	unlock(&s->lock);
	if (go)
		queue_push(s->o.target ? s->o.target : dispatch_get_global_queue(0, 0), item_new(run, s));
}
static void call(dispatch_source_t s, struct handler h)
{
	if (h.block)
		block_call(h.block);
	else if (h.fn)
		h.fn(s->o.context);
}
static void run(void *arg)
{
	dispatch_source_t s = arg;
	lock(&s->lock);
	if (s->o.suspended) {
		s->queued = false;
		unlock(&s->lock);
		object_release(&s->o);
		return;
	}
	if (!s->announced) {
		s->announced = true;
		unlock(&s->lock);
		call(s, s->registered);
		lock(&s->lock);
	}
	if (s->canceled && !s->cancel_told) {
		s->cancel_told = true;
		unlock(&s->lock);
		call(s, s->cancel);
		lock(&s->lock);
	} else if (!s->canceled && s->pending) {
		s->data = s->pending;
		s->pending = 0;
		bool rearm = s->rearm;
		s->rearm = false;
		unlock(&s->lock);
		call(s, s->event);
		lock(&s->lock);
		if (rearm && !s->canceled)
			change(s, EV_ENABLE, 0);
	}
	s->queued = false;
	wake_locked(s);
	object_release(&s->o);
}
static void event(dispatch_source_t s, const struct kevent64_s *k)
{
	lock(&s->lock);
	if (s->canceled) {
		unlock(&s->lock);
		return;
	}
	if (s->type->kind == TIMER) {
		if (k->ext[0] == s->generation) {
			uint64_t n = 1;
			if (s->interval) {
				/* The times that are over are one event. */
				uint64_t late = 0, now_left = time_left(s->start);
				if (now_left == 0 && s->start) {
					dispatch_time_t now = dispatch_time(s->start >> 63 ? DISPATCH_WALLTIME_NOW : DISPATCH_TIME_NOW, 0);
					late = s->start >> 63 ? s->start - now : now - s->start;
				}
				n += late / s->interval;
				s->start = dispatch_time(s->start, n * s->interval);
				arm_timer(s);
			}
			s->pending += n;
		}
	} else if (s->type->filter == EVFILT_READ || s->type->filter == EVFILT_WRITE) {
		s->pending = k->data > 0 ? k->data : 1;
		s->rearm = true;
		if (k->data <= 0 && k->flags & EV_EOF) {
			/* The end: called with 0. */
			s->pending = UINTPTR_MAX;
		}
	} else if (s->type->filter == EVFILT_MACHPORT) {
		s->pending = 1;
		s->rearm = true;
	} else if (s->type->filter == EVFILT_SIGNAL) {
		s->pending += k->data > 0 ? k->data : 1;
	} else {
		s->pending |= k->fflags & s->mask;
		if (s->type->filter == EVFILT_PROC && k->flags & EV_EOF)
			s->pending |= s->mask & NOTE_EXIT;
	}
	wake_locked(s);
}
static void *manager(void *arg)
{
	pthread_setname_np("com.apple.libdispatch-manager");
	for (;;) {
		struct kevent64_s k[16];
		int n = kevent64(kq, NULL, 0, k, 16, 0, NULL);
		if (n < 0 && errno != EINTR)
			return NULL;
		for (int i = 0; i < n; i++) {
			dispatch_source_t s = (void *)k[i].udata;
			lock(&list_lock);
			bool live = known(s) && __atomic_load_n(&s->o.refs, __ATOMIC_RELAXED) > 0;
			if (live)
				object_retain(&s->o);
			unlock(&list_lock);
			if (!live)
				continue;
			event(s, &k[i]);
			object_release(&s->o);
		}
	}
}
static void start_manager(void *arg)
{
	pthread_t t;
	sigset_t all = ~0u, old;
	kq = kqueue();
	if (kq < 0)
		abort();
	fcntl(kq, F_SETFD, FD_CLOEXEC);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	if (pthread_create(&t, NULL, manager, NULL) != 0)
		abort();
	pthread_detach(t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
/* The first resume: from now on events come. */
void source_wake(dispatch_source_t s)
{
	static dispatch_once_t once;
	dispatch_once_f(&once, NULL, start_manager);
	lock(&s->lock);
	if (!s->installed && !s->o.suspended && !s->o.inactive) {
		s->installed = true;
		lock(&list_lock);
		s->next = list;
		if (list)
			list->prev = s;
		list = s;
		unlock(&list_lock);
		if (!s->canceled && s->type->kind == EVENT && change(s, EV_ADD | EV_ENABLE, 0) < 0) {
			/* A process that is gone has ended; a file that can't be watched is always ready. */
			if (errno == ESRCH && s->type->filter == EVFILT_PROC)
				s->pending |= s->mask & NOTE_EXIT;
			else if (s->type->filter == EVFILT_READ || s->type->filter == EVFILT_WRITE)
				s->pending = 1;
		} else if (!s->canceled && s->type->kind == TIMER && s->start) {
			arm_timer(s);
		}
	}
	wake_locked(s);
}
static void drop(struct handler h)
{
	if (h.block)
		_Block_release(h.block);
}
void source_dispose(dispatch_source_t s)
{
	lock(&list_lock);
	if (s->installed) {
		if (s->prev)
			s->prev->next = s->next;
		else
			list = s->next;
		if (s->next)
			s->next->prev = s->prev;
	}
	unlock(&list_lock);
	if (s->installed && !s->canceled && s->type->kind <= TIMER)
		change(s, EV_DELETE, 0);
	drop(s->event);
	drop(s->cancel);
	drop(s->registered);
}

dispatch_source_t dispatch_source_create(dispatch_source_type_t type, uintptr_t handle, uintptr_t mask, dispatch_queue_t q)
{
	dispatch_source_t s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->o = (object){ .type = O_SOURCE, .refs = 1, .inactive = true, .target = q };
	if (q)
		object_retain((object *)q);
	s->type = type;
	s->handle = handle;
	s->mask = mask;
	return s;
}
static void set(dispatch_source_t s, struct handler *h, dispatch_function_t fn, void *block)
{
	lock(&s->lock);
	struct handler old = *h;
	*h = (struct handler){ fn, block };
	unlock(&s->lock);
	drop(old);
}
void dispatch_source_set_event_handler_f(dispatch_source_t s, dispatch_function_t f) { set(s, &s->event, f, NULL); }
void dispatch_source_set_cancel_handler_f(dispatch_source_t s, dispatch_function_t f) { set(s, &s->cancel, f, NULL); }
void dispatch_source_set_registration_handler_f(dispatch_source_t s, dispatch_function_t f) { set(s, &s->registered, f, NULL); }
void dispatch_source_set_event_handler(dispatch_source_t s, void *b) { set(s, &s->event, NULL, b ? block_copy(b) : NULL); }
void dispatch_source_set_cancel_handler(dispatch_source_t s, void *b) { set(s, &s->cancel, NULL, b ? block_copy(b) : NULL); }
void dispatch_source_set_registration_handler(dispatch_source_t s, void *b) { set(s, &s->registered, NULL, b ? block_copy(b) : NULL); }
void dispatch_source_cancel(dispatch_source_t s)
{
	lock(&s->lock);
	bool first = !s->canceled;
	s->canceled = true;
	if (first && s->installed && s->type->kind <= TIMER)
		change(s, EV_DELETE, 0);
	wake_locked(s);
}
intptr_t dispatch_source_testcancel(dispatch_source_t s) { return s->canceled; }
uintptr_t dispatch_source_get_handle(dispatch_source_t s) { return s->handle; }
uintptr_t dispatch_source_get_mask(dispatch_source_t s) { return s->mask; }
uintptr_t dispatch_source_get_data(dispatch_source_t s) { return s->data == UINTPTR_MAX ? 0 : s->data; }
void dispatch_source_merge_data(dispatch_source_t s, uintptr_t v)
{
	lock(&s->lock);
	switch (s->type->kind) {
	case ADD: s->pending += v; break;
	case OR: s->pending |= v; break;
	case REPLACE: s->pending = v; break;
	default: break;
	}
	wake_locked(s);
}
void dispatch_source_set_timer(dispatch_source_t s, dispatch_time_t start, uint64_t interval, uint64_t leeway)
{
	lock(&s->lock);
	s->start = start == DISPATCH_TIME_NOW ? dispatch_time(DISPATCH_TIME_NOW, 0) : start;
	s->interval = interval == DISPATCH_TIME_FOREVER || interval > INT64_MAX ? 0 : interval;
	s->generation++;
	s->pending = 0;
	if (s->installed && !s->canceled) {
		change(s, EV_DELETE, 0);
		arm_timer(s);
	}
	unlock(&s->lock);
}

/* Later: a timer of its own that goes with its one event. */
struct later { dispatch_queue_t q; dispatch_function_t fn; void *ctx; dispatch_source_t s; };
static void later_done(void *arg)
{
	struct later *l = arg;
	dispatch_async_f(l->q, l->ctx, l->fn);
	object_release((object *)l->q);
	dispatch_source_cancel(l->s);
	object_release((object *)l->s);
	free(l);
}
void dispatch_after_f(dispatch_time_t t, dispatch_queue_t q, void *ctx, dispatch_function_t fn)
{
	if (t == DISPATCH_TIME_FOREVER)
		return;
	if (time_left(t) == 0) {
		dispatch_async_f(q, ctx, fn);
		return;
	}
	struct later *l = malloc(sizeof *l);
	dispatch_source_t s = dispatch_source_create(DISPATCH_SOURCE_TYPE_TIMER, 0, 0, NULL);
	if (!l || !s)
		abort();
	*l = (struct later){ q, fn, ctx, s };
	object_retain((object *)q);
	dispatch_set_context(s, l);
	dispatch_source_set_event_handler_f(s, later_done);
	dispatch_source_set_timer(s, t, DISPATCH_TIME_FOREVER, 0);
	dispatch_resume(s);
}
void dispatch_after(dispatch_time_t t, dispatch_queue_t q, void *b) { dispatch_after_f(t, q, block_copy(b), block_call_release); }
