/*
 * Run loops: one for each thread, made when it is first asked for. Sources of version
 * 0 (signalled by hand), timers and blocks, in modes; no sources of ports, no observers.
 *
 * Lock: a run loop's, under which nothing of the program is called. What a loop runs it
 * retains first, so that it may be removed or invalidated meanwhile.
 */
#include "cf.h"
#include <Block.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONSTANT(name, text) \
	static const struct cf_constant name##_ = { __CFConstantStringClassReference, 0x7c8, text, sizeof text - 1 }; \
	const void *const name = &name##_
CONSTANT(kCFRunLoopDefaultMode, "kCFRunLoopDefaultMode");
CONSTANT(kCFRunLoopCommonModes, "kCFRunLoopCommonModes");

const double kCFAbsoluteTimeIntervalSince1970 = 978307200;
double CFAbsoluteTimeGetCurrent(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec + t.tv_nsec / 1e9 - kCFAbsoluteTimeIntervalSince1970;
}

enum { FINISHED = 1, STOPPED, TIMED_OUT, HANDLED }; /* what CFRunLoopRunInMode gives */

/* A member of a loop: a source, a timer or a block, in one mode. A source may be in several. */
struct member { struct member *next; CFTypeRef mode; struct cf *of; void (^block)(void); };
struct loop { struct cf cf; pthread_mutex_t lock; pthread_cond_t cond; struct member *members; bool stop, wake, waiting; };
struct context { /* CFRunLoopSourceContext, version 0 */
	CFIndex version;
	void *info;
	const void *(*retain)(const void *);
	void (*release)(const void *);
	CFTypeRef (*describe)(const void *);
	Boolean (*equal)(const void *, const void *);
	unsigned long (*hash)(const void *);
	void (*schedule)(void *, struct loop *, CFTypeRef);
	void (*cancel)(void *, struct loop *, CFTypeRef);
	void (*perform)(void *);
};
struct source { struct cf cf; bool valid, signalled; CFIndex order; struct context c; };
struct timer { struct cf cf; bool valid; double at, every; void (*fire)(struct timer *, void *);
	void *info; void (*release)(const void *); };

static pthread_key_t key;
static struct loop *main_loop;
static pthread_once_t once = PTHREAD_ONCE_INIT;
int pthread_main_np(void);

static void free_loop(struct cf *o)
{
	struct loop *l = (void *)o;
	for (struct member *m; (m = l->members);) {
		l->members = m->next;
		if (m->mode)
			CFRelease(m->mode);
		if (m->of)
			CFRelease(m->of);
		if (m->block)
			Block_release(m->block);
		free(m);
	}
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->cond);
}
static struct loop *make(void)
{
	struct loop *l = __CFNew(sizeof *l, CF_RUN_LOOP, free_loop);
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->cond, NULL);
	return l;
}
static void end_of_thread(void *l) { CFRelease(l); }
static void init(void)
{
	pthread_key_create(&key, end_of_thread);
	main_loop = make();
}
CFTypeID CFRunLoopGetTypeID(void) { return CF_RUN_LOOP; }
struct loop *CFRunLoopGetMain(void)
{
	pthread_once(&once, init);
	return main_loop;
}
struct loop *CFRunLoopGetCurrent(void)
{
	struct loop *l = CFRunLoopGetMain();
	if (pthread_main_np())
		return l;
	if (!(l = pthread_getspecific(key)))
		pthread_setspecific(key, l = make());
	return l;
}

static bool in(const struct member *m, CFTypeRef mode)
{
	return CFEqual(m->mode, mode) || CFEqual(m->mode, kCFRunLoopCommonModes) || CFEqual(mode, kCFRunLoopCommonModes);
}
static void insert(struct loop *l, CFTypeRef mode, const void *of, void (^block)(void))
{
	struct member *m = calloc(1, sizeof *m), **p;
	if (!m)
		abort();
	m->mode = CFRetain(mode);
	m->of = of ? (void *)CFRetain(of) : NULL;
	m->block = block ? Block_copy(block) : NULL;
	pthread_mutex_lock(&l->lock);
	for (p = &l->members; *p; p = &(*p)->next)
		;
	*p = m;
	pthread_cond_broadcast(&l->cond);
	pthread_mutex_unlock(&l->lock);
}
/* Takes the members away that are of, in that mode (NULL: in all), and tells whether there were any. */
static bool take(struct loop *l, CFTypeRef mode, const void *of)
{
	bool found = false;
	struct member *gone = NULL;
	pthread_mutex_lock(&l->lock);
	for (struct member **p = &l->members, *m; (m = *p);)
		if (m->of == of && (!mode || CFEqual(m->mode, mode))) {
			*p = m->next;
			m->next = gone;
			gone = m;
		} else {
			p = &m->next;
		}
	pthread_mutex_unlock(&l->lock);
	for (struct member *m; (m = gone); found = true) {
		gone = m->next;
		CFRelease(m->mode);
		CFRelease(m->of);
		free(m);
	}
	return found;
}
static bool has(struct loop *l, CFTypeRef mode, const void *of)
{
	bool found = false;
	pthread_mutex_lock(&l->lock);
	for (struct member *m = l->members; m; m = m->next)
		found |= m->of == of && (CFEqual(m->mode, mode) || CFEqual(m->mode, kCFRunLoopCommonModes));
	pthread_mutex_unlock(&l->lock);
	return found;
}

static void free_source(struct cf *o)
{
	struct source *s = (void *)o;
	if (s->c.release)
		s->c.release(s->c.info);
}
/* NULL for version 1, that of ports. */
struct source *CFRunLoopSourceCreate(const void *alloc, CFIndex order, const struct context *c)
{
	if (c->version != 0)
		return NULL;
	struct source *s = __CFNew(sizeof *s, CF_SOURCE, free_source);
	s->valid = true;
	s->order = order;
	s->c = *c;
	if (c->retain)
		s->c.info = (void *)c->retain(c->info);
	return s;
}
CFTypeID CFRunLoopSourceGetTypeID(void) { return CF_SOURCE; }
void CFRunLoopSourceSignal(struct source *s) { __atomic_store_n(&s->signalled, true, __ATOMIC_RELEASE); }
Boolean CFRunLoopSourceIsValid(struct source *s) { return s->valid; }
/* The loops that have it find that out when they look at it next. */
void CFRunLoopSourceInvalidate(struct source *s) { s->valid = false; }
void CFRunLoopAddSource(struct loop *l, struct source *s, CFTypeRef mode)
{
	if (!s->valid || has(l, mode, s))
		return;
	insert(l, mode, s, NULL);
	if (s->c.schedule)
		s->c.schedule(s->c.info, l, mode);
}
void CFRunLoopRemoveSource(struct loop *l, struct source *s, CFTypeRef mode)
{
	CFRetain(s);
	if (take(l, mode, s) && s->c.cancel)
		s->c.cancel(s->c.info, l, mode);
	CFRelease(s);
}
Boolean CFRunLoopContainsSource(struct loop *l, struct source *s, CFTypeRef mode) { return has(l, mode, s); }

static void free_timer(struct cf *o)
{
	struct timer *t = (void *)o;
	if (t->release)
		t->release(t->info);
}
/* The context is CFRunLoopTimerContext: version, info, retain, release, copyDescription. */
struct timer *CFRunLoopTimerCreate(const void *alloc, double at, double every, unsigned long flags, CFIndex order,
	void (*fire)(struct timer *, void *), const struct context *c)
{
	struct timer *t = __CFNew(sizeof *t, CF_TIMER, free_timer);
	t->valid = true;
	t->at = at;
	t->every = every;
	t->fire = fire;
	if (c) {
		t->info = c->retain ? (void *)c->retain(c->info) : c->info;
		t->release = c->release;
	}
	return t;
}
void CFRunLoopTimerInvalidate(struct timer *t) { t->valid = false; }
Boolean CFRunLoopTimerIsValid(struct timer *t) { return t->valid; }
double CFRunLoopTimerGetNextFireDate(struct timer *t) { return t->at; }
void CFRunLoopAddTimer(struct loop *l, struct timer *t, CFTypeRef mode)
{
	if (t->valid && !has(l, mode, t))
		insert(l, mode, t, NULL);
}
void CFRunLoopRemoveTimer(struct loop *l, struct timer *t, CFTypeRef mode) { take(l, mode, t); }
void CFRunLoopPerformBlock(struct loop *l, CFTypeRef mode, void (^block)(void)) { insert(l, mode, NULL, block); }

void CFRunLoopWakeUp(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->wake = true;
	pthread_cond_broadcast(&l->cond);
	pthread_mutex_unlock(&l->lock);
}
void CFRunLoopStop(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_broadcast(&l->cond);
	pthread_mutex_unlock(&l->lock);
}
Boolean CFRunLoopIsWaiting(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	bool w = l->waiting;
	pthread_mutex_unlock(&l->lock);
	return w;
}

/*
 * Finds what is due in the mode, under the lock; a block is taken out. *soonest is when the next
 * timer is due, *members how many there are. What is invalid is taken out and put on *gone.
 */
static bool due(struct loop *l, CFTypeRef mode, double now, double *soonest, int *members, struct member *run, struct member **gone)
{
	for (struct member **p = &l->members, *m; (m = *p);) {
		if (!in(m, mode)) {
			p = &m->next;
			continue;
		}
		struct source *s = (void *)m->of;
		struct timer *t = (void *)m->of;
		if (m->block) {
			*p = m->next;
			run->block = m->block;
			m->block = NULL;
			m->next = *gone;
			*gone = m;
			return true;
		}
		if (m->of->type == CF_SOURCE ? !s->valid : !t->valid) {
			*p = m->next;
			m->next = *gone;
			*gone = m;
			continue;
		}
		++*members;
		if (m->of->type == CF_SOURCE) {
			if (__atomic_exchange_n(&s->signalled, false, __ATOMIC_ACQ_REL))
				return run->of = (void *)CFRetain(m->of), true;
		} else if (t->at <= now) {
			run->of = (void *)CFRetain(m->of);
			if (t->every > 0)
				t->at += t->every * (1 + (double)(long)((now - t->at) / t->every));
			else
				t->valid = false;
			return true;
		} else if (t->at < *soonest) {
			*soonest = t->at;
		}
		p = &m->next;
	}
	return false;
}
static void perform(struct member *m)
{
	if (m->block) {
		m->block();
		Block_release(m->block);
		return;
	}
	struct source *s = (void *)m->of;
	struct timer *t = (void *)m->of;
	if (m->of->type == CF_TIMER)
		t->fire(t, t->info);
	else if (s->valid && s->c.perform)
		s->c.perform(s->c.info);
	CFRelease(m->of);
}
static void bury(struct member *gone)
{
	for (struct member *m; (m = gone);) {
		gone = m->next;
		CFRelease(m->mode);
		if (m->of)
			CFRelease(m->of);
		free(m);
	}
}
/*
 * Runs the current thread's loop for that many seconds. A loop with nothing in the mode is finished;
 * that is looked at in the beginning and after each sleep, so that what its last block has asked
 * another thread to add may come. A wake-up from before means nothing.
 */
int CFRunLoopRunInMode(CFTypeRef mode, double seconds, Boolean one)
{
	struct loop *l = CFRunLoopGetCurrent();
	double end = CFAbsoluteTimeGetCurrent() + (seconds < 1e9 ? seconds : 1e9);
	int result = 0;
	bool slept = true;
	pthread_mutex_lock(&l->lock);
	l->wake = false;
	pthread_mutex_unlock(&l->lock);
	for (bool once_round = false; !result; once_round = true) {
		struct member run = { 0 }, *gone = NULL;
		double now = CFAbsoluteTimeGetCurrent(), soonest = end;
		int members = 0;
		pthread_mutex_lock(&l->lock);
		bool have = !l->stop && due(l, mode, now, &soonest, &members, &run, &gone);
		if (l->stop) {
			l->stop = false;
			result = STOPPED;
		} else if (!have && members == 0 && slept) {
			result = FINISHED;
		} else if (!have && now >= end && (once_round || seconds <= 0)) {
			result = TIMED_OUT;
		} else if (!have && !l->wake && !gone) {
			struct timespec t;
			double at = soonest + kCFAbsoluteTimeIntervalSince1970;
			t.tv_sec = (time_t)at;
			t.tv_nsec = (long)((at - (double)t.tv_sec) * 1e9);
			l->waiting = true;
			pthread_cond_timedwait(&l->cond, &l->lock, &t);
			l->waiting = false;
			slept = true;
		}
		if (have)
			slept = false;
		else if (l->wake || gone)
			slept = true;
		l->wake = false;
		pthread_mutex_unlock(&l->lock);
		bury(gone);
		if (have) {
			bool source = run.of && run.of->type == CF_SOURCE;
			perform(&run);
			if (one && source)
				result = HANDLED;
		}
	}
	return result;
}
void CFRunLoopRun(void)
{
	int r;
	do
		r = CFRunLoopRunInMode(kCFRunLoopDefaultMode, 1e9, false);
	while (r != FINISHED && r != STOPPED);
}
