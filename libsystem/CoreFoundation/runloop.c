/*
 * Run loops: one for each thread, made when it is first asked for. Sources of version
 * 0 (signalled by hand), timers and blocks, in modes; no sources of ports, no observers.
 *
 * A loop goes through its members in passes, in each of which one is run once at most: so all
 * have their turn, and the time is looked at, whatever they make due again.
 *
 * Locks: a run loop's, and places_lock; neither is taken under the other, and nothing of the
 * program is called under them. What a loop runs it retains first, so that it may be removed or
 * invalidated meanwhile. A source retains the loops that have it until it is out of them, or their
 * thread ends.
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
struct member { struct member *next; CFTypeRef mode; struct cf *of; void (^block)(void); uint64_t pass; };
struct loop { struct cf cf; pthread_mutex_t lock; pthread_cond_t cond; struct member *members; uint64_t pass; bool stop, wake, waiting; };
struct place { struct place *next; struct loop *l; CFTypeRef mode; };
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
struct source { struct cf cf; bool valid, signalled; CFIndex order; struct context c; struct place *places; };
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER; /* of sources' places and valid */
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
void CFRunLoopRemoveSource(struct loop *, struct source *, CFTypeRef mode);
static void end_of_thread(void *p)
{
	struct loop *l = p;
	for (;;) {
		CFTypeRef s = NULL, mode = NULL;
		pthread_mutex_lock(&l->lock);
		for (struct member *m = l->members; m && !s; m = m->next)
			if (m->of && m->of->type == CF_SOURCE)
				s = CFRetain(m->of), mode = CFRetain(m->mode);
		pthread_mutex_unlock(&l->lock);
		if (!s)
			break;
		CFRunLoopRemoveSource(l, (void *)s, mode);
		CFRelease(mode);
		CFRelease(s);
	}
	CFRelease(l);
}
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

CFTypeRef CFArrayCreateCopy(const void *, CFTypeRef);
CFIndex CFArrayGetCount(CFTypeRef);
const void *CFArrayGetValueAtIndex(CFTypeRef, CFIndex);
static bool is_array(CFTypeRef mode) { return ((const struct cf *)__CFString(mode))->type == CF_ARRAY; }
static bool in(const struct member *m, CFTypeRef mode)
{
	if (is_array(m->mode)) { /* a block's */
		for (CFIndex i = 0; i < CFArrayGetCount(m->mode); i++) {
			const struct member one = { .mode = CFArrayGetValueAtIndex(m->mode, i) };
			if (!is_array(one.mode) && in(&one, mode))
				return true;
		}
		return false;
	}
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
	m->pass = l->pass; /* its turn is in the next */
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
static void drop_place(struct place *p)
{
	CFRelease(p->mode);
	CFRelease(p->l);
	free(p);
}
/* Takes it out of all its loops, and tells it so. */
void CFRunLoopSourceInvalidate(struct source *s)
{
	CFRetain(s);
	pthread_mutex_lock(&places_lock);
	struct place *l = s->places;
	s->places = NULL;
	s->valid = false;
	pthread_mutex_unlock(&places_lock);
	for (struct place *p; (p = l);) {
		l = p->next;
		if (take(p->l, p->mode, s) && s->c.cancel)
			s->c.cancel(s->c.info, p->l, p->mode);
		drop_place(p);
	}
	CFRelease(s);
}
void CFRunLoopAddSource(struct loop *l, struct source *s, CFTypeRef mode)
{
	if (has(l, mode, s))
		return;
	struct place *p = malloc(sizeof *p);
	if (!p)
		abort();
	pthread_mutex_lock(&places_lock);
	bool valid = s->valid;
	if (valid) {
		*p = (struct place){ s->places, (void *)CFRetain(l), CFRetain(mode) };
		s->places = p;
	}
	pthread_mutex_unlock(&places_lock);
	if (!valid) {
		free(p);
		return;
	}
	insert(l, mode, s, NULL); /* if it is invalidated just now, due takes it out */
	if (s->c.schedule)
		s->c.schedule(s->c.info, l, mode);
}
void CFRunLoopRemoveSource(struct loop *l, struct source *s, CFTypeRef mode)
{
	CFRetain(s);
	pthread_mutex_lock(&places_lock);
	struct place **p = &s->places, *found;
	while (*p && ((*p)->l != l || !CFEqual((*p)->mode, mode)))
		p = &(*p)->next;
	if ((found = *p))
		*p = found->next;
	pthread_mutex_unlock(&places_lock);
	if (take(l, mode, s) && s->c.cancel)
		s->c.cancel(s->c.info, l, mode);
	if (found)
		drop_place(found);
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
/* The mode may be an array of modes. */
void CFRunLoopPerformBlock(struct loop *l, CFTypeRef mode, void (^block)(void))
{
	mode = is_array(mode) ? CFArrayCreateCopy(NULL, mode) : CFRetain(mode);
	insert(l, mode, NULL, block);
	CFRelease(mode);
}

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
 * Finds what is due in the mode and was not run in this pass, under the lock; a block is taken out.
 * *soonest is when the next timer is due, *members how many there are, *again whether something is
 * due in the next pass. What is invalid is taken out and put on *gone.
 */
static bool due(struct loop *l, CFTypeRef mode, uint64_t pass, double now, double *soonest, int *members, bool *again, struct member *run, struct member **gone)
{
	for (struct member **p = &l->members, *m; (m = *p);) {
		if (!in(m, mode)) {
			p = &m->next;
			continue;
		}
		struct source *s = (void *)m->of;
		struct timer *t = (void *)m->of;
		if (m->block && m->pass >= pass) {
			*again = true;
			p = &m->next;
			continue;
		}
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
		if (m->pass >= pass) {
			*again |= m->of->type == CF_SOURCE ? __atomic_load_n(&s->signalled, __ATOMIC_ACQUIRE) : t->at <= now;
		} else if (m->of->type == CF_SOURCE && __atomic_exchange_n(&s->signalled, false, __ATOMIC_ACQ_REL)) {
			m->pass = pass;
			return run->of = (void *)CFRetain(m->of), true;
		} else if (m->of->type == CF_TIMER && t->at <= now) {
			m->pass = pass;
			run->of = (void *)CFRetain(m->of);
			if (t->every > 0)
				t->at += t->every * (1 + (double)(long)((now - t->at) / t->every));
			else
				t->valid = false;
			return true;
		}
		if (m->of->type == CF_TIMER && t->at < *soonest)
			*soonest = t->at;
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
	uint64_t pass = ++l->pass;
	pthread_mutex_unlock(&l->lock);
	while (!result) {
		struct member run = { 0 }, *gone = NULL;
		double now = CFAbsoluteTimeGetCurrent(), soonest = end;
		int members = 0;
		bool again = false;
		pthread_mutex_lock(&l->lock);
		bool have = !l->stop && due(l, mode, pass, now, &soonest, &members, &again, &run, &gone);
		if (l->stop) {
			l->stop = false;
			result = STOPPED;
		} else if (!have && members == 0 && !again && slept) {
			result = FINISHED;
		} else if (!have && now >= end) {
			result = TIMED_OUT;
		} else if (!have && !again && !l->wake && !gone) {
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
		if (!have)
			pass = ++l->pass;
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
