/*
 * FSEvents: streams of what changed in trees of files. On a Mac fseventsd records what
 * the kernel tells it; here each stream has a thread that looks at its trees again
 * and again, and tells what differs. So changes by the host's programs are seen too,
 * and what was there for less than a moment is not; there is no history, and
 * a stream that asks for one is told to look for itself.
 *
 * A stream is its creator's until it is released; its thread, while it runs, its run loop's
 * source and each delivery that is under way have a reference of their own. Lock: a stream's, which
 * is not held when the program is called.
 */
#include "stream.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

CFIndex CFArrayGetCount(CFTypeRef);
const void *CFArrayGetValueAtIndex(CFTypeRef, CFIndex);
CFTypeRef CFArrayCreateCopy(const void *, CFTypeRef);
Boolean CFStringGetCString(CFTypeRef, char *, CFIndex, CFStringEncoding);
enum { USE_CF_TYPES = 1, WATCH_ROOT = 4, FILE_EVENTS = 0x10, EXTENDED_DATA = 0x40 }; /* of creation */
enum { MUST_SCAN = 1, KERNEL_DROPPED = 4, HISTORY_DONE = 0x10, ROOT_CHANGED = 0x20 }; /* of an event */
#define SINCE_NOW UINT64_MAX
#define LEAST_PAUSE 0.1 /* seconds between two looks, and 20 times what a look takes */

static uint64_t last_id;
uint64_t FSEventsGetCurrentEventId(void) { return __atomic_load_n(&last_id, __ATOMIC_RELAXED); }
/* There is no history that could be purged. */
Boolean FSEventsPurgeEventsForDeviceUpToEventId(int dev, uint64_t id) { return false; }

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}
static void free_stream(struct cf *o)
{
	stream *s = (void *)o;
	if (s->c.release)
		s->c.release(s->c.info);
	if (s->dispatch)
		dispatch_release(s->dispatch);
	for (size_t i = 0; i < s->roots_n; i++) {
		tree_free(&s->trees[i]);
		free(s->roots[i]);
	}
	for (size_t i = 0; i < s->excluded_n; i++)
		free(s->excluded[i]);
	for (size_t i = 0; i < s->queued; i++)
		free(s->queue[i].path);
	free(s->roots);
	free(s->trees);
	free(s->queue);
	CFRelease(s->paths);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->looking);
	pthread_cond_destroy(&s->cond);
}
static char *path_of(CFTypeRef str, bool real)
{
	const struct cf_string *u = __CFString(str);
	char *p = must(strdup(u->utf8)), *r = real ? realpath(p, NULL) : NULL;
	if (r) {
		free(p);
		return r;
	}
	for (size_t n = strlen(p); n > 1 && p[n - 1] == '/';)
		p[--n] = 0;
	return p;
}
/*
 * NULL for a stream with extended data, whose paths would be dictionaries. Who has changed something
 * is not known, so that a stream's own process (IgnoreSelf, MarkSelf) can't be told from others.
 */
stream *FSEventStreamCreate(const void *alloc, callback call, const struct context *c, CFTypeRef paths, uint64_t since, double latency, uint32_t flags)
{
	if (!call || !paths || CFArrayGetCount(paths) <= 0 || flags & EXTENDED_DATA)
		return NULL;
	stream *s = __CFNew(sizeof *s, CF_OTHER, free_stream);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->looking, NULL);
	pthread_cond_init(&s->cond, NULL);
	s->call = call;
	if (c)
		s->c = *c;
	if (s->c.retain)
		s->c.info = (void *)s->c.retain(s->c.info);
	s->paths = CFArrayCreateCopy(NULL, paths);
	s->roots_n = CFArrayGetCount(paths);
	s->roots = must(calloc(s->roots_n, sizeof *s->roots));
	s->trees = must(calloc(s->roots_n, sizeof *s->trees));
	for (size_t i = 0; i < s->roots_n; i++)
		s->roots[i] = path_of(CFArrayGetValueAtIndex(paths, i), true);
	s->latency = latency > 0 ? latency : 0;
	s->flags = flags;
	s->history = since != SINCE_NOW;
	s->latest = FSEventsGetCurrentEventId();
	return s;
}
stream *FSEventStreamRetain(stream *s) { return (void *)CFRetain(s); }
void FSEventStreamRelease(stream *s) { CFRelease(s); }
CFTypeRef FSEventStreamCopyPathsBeingWatched(const stream *s) { return CFRetain(s->paths); }
int FSEventStreamGetDeviceBeingWatched(const stream *s) { return 0; /* of streams for a device only, which are not there */ }
uint64_t FSEventStreamGetLatestEventId(stream *s)
{
	pthread_mutex_lock(&s->lock);
	uint64_t id = s->latest;
	pthread_mutex_unlock(&s->lock);
	return id;
}
/* At most 8, before the stream is started; false otherwise. */
Boolean FSEventStreamSetExclusionPaths(stream *s, CFTypeRef paths)
{
	CFIndex n = CFArrayGetCount(paths);
	pthread_mutex_lock(&s->looking); /* a thread that was just stopped may still look */
	pthread_mutex_lock(&s->lock);
	bool can = n <= MOST_EXCLUDED && !s->running;
	pthread_mutex_unlock(&s->lock);
	if (can) {
		while (s->excluded_n)
			free(s->excluded[--s->excluded_n]);
		for (CFIndex i = 0; i < n; i++)
			s->excluded[s->excluded_n++] = path_of(CFArrayGetValueAtIndex(paths, i), true);
	}
	pthread_mutex_unlock(&s->looking);
	return can;
}

static int by_path(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	int c = strcmp(x->path, y->path);
	return c ? c : (x->order > y->order) - (x->order < y->order);
}
static int by_order(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	return (x->order > y->order) - (x->order < y->order);
}
/* Leaves one event of each path in those that say only that something changed; how many. */
static size_t unique(struct event *e, size_t n)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		e[i].order = i;
	qsort(e, n, sizeof *e, by_path);
	for (size_t i = 0; i < n; i++)
		if (k > 0 && e[i].flags == 0 && strcmp(e[k - 1].path, e[i].path) == 0)
			free(e[i].path);
		else
			e[k++] = e[i];
	qsort(e, k, sizeof *e, by_order);
	return k;
}
/* Under lock. Events beyond what is kept become one: look for yourself. */
static void push(stream *s, char *path, uint32_t flags)
{
	if (s->overflowed) {
		free(path);
		return;
	}
	if (s->queued == MOST_QUEUED) {
		if (!(s->flags & FILE_EVENTS))
			s->queued = unique(s->queue, s->queued);
		if (s->queued > MOST_QUEUED / 2) { /* or it would be done again too soon */
			s->overflowed = true;
			free(path);
			path = must(strdup("/"));
			flags = MUST_SCAN | KERNEL_DROPPED;
			if (s->queued == MOST_QUEUED)
				free(s->queue[--s->queued].path);
		}
	}
	if (s->queued == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->queue = must(reallocarray(s->queue, s->room, sizeof *s->queue));
	}
	uint64_t id = 0; /* a root that has come or gone is not in the order of events */
	if (flags != ROOT_CHANGED)
		id = s->latest = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	s->queue[s->queued++] = (struct event){ path, flags, id };
}
/* Calls the program with everything that is queued. */
void stream_deliver(void *arg)
{
	stream *s = arg;
	pthread_mutex_lock(&s->lock);
	struct event *q = s->queue;
	size_t n = s->queued;
	s->queue = NULL;
	s->queued = s->room = 0;
	s->overflowed = s->delivering = false;
	bool call = s->running && !s->invalid && n;
	pthread_mutex_unlock(&s->lock);
	if (!(s->flags & FILE_EVENTS))
		n = unique(q, n);
	if (call) {
		char **paths = must(calloc(n, sizeof *paths));
		uint32_t *flags = must(calloc(n, sizeof *flags));
		uint64_t *ids = must(calloc(n, sizeof *ids));
		static const char retains;
		CFTypeRef cf = s->flags & USE_CF_TYPES ? CFArrayCreateMutable(NULL, n, &retains) : NULL;
		for (size_t i = 0; i < n; i++) {
			paths[i] = q[i].path, flags[i] = q[i].flags, ids[i] = q[i].id;
			if (cf) { /* a name that is no UTF-8 can't be told: what it is in, then */
				CFTypeRef str = CFStringCreateWithCString(NULL, paths[i], kCFStringEncodingUTF8);
				if (!str) {
					str = CFStringCreateWithCString(NULL, "/", kCFStringEncodingUTF8);
					flags[i] = MUST_SCAN;
				}
				CFArrayAppendValue(cf, str);
				CFRelease(str);
			}
		}
		s->call(s, s->c.info, n, cf ? (void *)cf : paths, flags, ids);
		if (cf)
			CFRelease(cf);
		free(paths);
		free(flags);
		free(ids);
	}
	for (size_t i = 0; i < n; i++)
		free(q[i].path);
	free(q);
}
static void changed(void *arg, const char *path, uint32_t flags)
{
	stream *s = arg;
	char *p = must(strdup(path));
	if (!(s->flags & FILE_EVENTS)) {
		/* The directory that changed, once, with a slash at its end. */
		char *slash = strrchr(p, '/');
		slash[slash == p || slash[1] ? 1 : 0] = 0;
		for (size_t i = s->queued; i > 0 && i + 8 > s->queued; i--) /* the others go when it is delivered */
			if (strcmp(s->queue[i - 1].path, p) == 0) {
				free(p);
				return;
			}
		flags = 0;
	}
	push(s, p, flags);
}
static void look(stream *s)
{
	pthread_mutex_lock(&s->looking);
	for (size_t i = 0; i < s->roots_n; i++) {
		struct tree now;
		tree_scan(&now, s->roots[i], s->excluded, s->excluded_n);
		pthread_mutex_lock(&s->lock);
		if (s->flags & WATCH_ROOT && !now.n != !s->trees[i].n)
			push(s, must(strdup(s->roots[i])), ROOT_CHANGED);
		tree_diff(&s->trees[i], &now, changed, s);
		stream_announce(s);
		pthread_mutex_unlock(&s->lock);
		tree_free(&s->trees[i]);
		s->trees[i] = now;
	}
	pthread_mutex_unlock(&s->looking);
}
static double clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
struct start { stream *s; uint64_t generation; };
static void *watch(void *arg)
{
	struct start a = *(struct start *)arg;
	stream *s = a.s;
	free(arg);
	double took = 0;
	for (;;) {
		double pause = s->latency > LEAST_PAUSE ? s->latency : LEAST_PAUSE;
		if (pause < 20 * took)
			pause = 20 * took;
		struct timespec t;
		clock_gettime(CLOCK_REALTIME, &t);
		int64_t ns = t.tv_nsec + (int64_t)((pause < 60 ? pause : 60) * 1e9);
		t.tv_sec += ns / 1000000000;
		t.tv_nsec = ns % 1000000000;
		pthread_mutex_lock(&s->lock);
		int r = 0;
		while (s->running && s->generation == a.generation && r == 0)
			r = pthread_cond_timedwait(&s->cond, &s->lock, &t);
		bool on = s->running && s->generation == a.generation;
		pthread_mutex_unlock(&s->lock);
		if (!on)
			break;
		took = clock_now();
		look(s);
		took = clock_now() - took;
	}
	CFRelease(s);
	return NULL;
}
/* False if it is not scheduled, or there is no thread for it. Changes from here on are told. */
Boolean FSEventStreamStart(stream *s)
{
	pthread_mutex_lock(&s->looking);
	pthread_mutex_lock(&s->lock);
	bool can = !s->running && !s->invalid && (s->loop || s->dispatch);
	pthread_mutex_unlock(&s->lock);
	pthread_t t;
	struct start *a = can ? malloc(sizeof *a) : NULL;
	if (a) {
		for (size_t i = 0; i < s->roots_n; i++) {
			tree_free(&s->trees[i]);
			tree_scan(&s->trees[i], s->roots[i], s->excluded, s->excluded_n);
		}
		pthread_mutex_lock(&s->lock);
		s->running = true;
		*a = (struct start){ (void *)CFRetain(s), ++s->generation };
		for (size_t i = 0; s->history && i < s->roots_n; i++)
			push(s, must(strdup(s->roots[i])), MUST_SCAN | KERNEL_DROPPED);
		if (s->history)
			push(s, must(strdup("")), HISTORY_DONE);
		s->history = false;
		stream_announce(s);
		pthread_mutex_unlock(&s->lock);
		if (pthread_create(&t, NULL, watch, a) == 0) {
			pthread_detach(t);
		} else {
			pthread_mutex_lock(&s->lock);
			s->running = false;
			pthread_mutex_unlock(&s->lock);
			CFRelease(s);
			free(a);
			a = NULL;
		}
	}
	pthread_mutex_unlock(&s->looking);
	return a != NULL;
}
void FSEventStreamStop(stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->running = false;
	pthread_cond_broadcast(&s->cond);
	pthread_mutex_unlock(&s->lock);
}
/* Looks at once; what was found has been delivered when it returns. */
void FSEventStreamFlushSync(stream *s)
{
	look(s);
	stream_deliver(s);
}
uint64_t FSEventStreamFlushAsync(stream *s)
{
	look(s);
	return FSEventStreamGetLatestEventId(s);
}
