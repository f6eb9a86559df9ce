/* A stream of events, for fsevents.c and fsevents_schedule.c; see the former. */
#ifndef STREAM_H
#define STREAM_H
#include "../CoreFoundation/cf.h"
#include "tree.h"
#include <dispatch/dispatch.h>
#include <pthread.h>

enum { MOST_EXCLUDED = 8, MOST_QUEUED = 1 << 16 };
typedef struct stream stream;
typedef void (*callback)(const stream *, void *info, size_t n, void *paths, const uint32_t *flags, const uint64_t *ids);
struct context { CFIndex version; void *info; const void *(*retain)(const void *); void (*release)(const void *); CFTypeRef (*describe)(const void *); };
struct event { char *path; uint32_t flags; uint64_t id; size_t order; };
struct stream {
	struct cf cf;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_mutex_t looking; /* held for a look; taken before lock */
	callback call;
	struct context c;
	CFTypeRef paths;
	char **roots;
	size_t roots_n;
	char *excluded[MOST_EXCLUDED];
	size_t excluded_n;
	struct tree *trees;
	double latency;
	uint32_t flags;
	bool history, running, invalid;
	uint64_t generation; /* counts starts: a thread of an earlier one ends */
	struct event *queue;
	size_t queued, room;
	bool overflowed, delivering;
	uint64_t latest;
	struct loop *loop;
	CFTypeRef mode;
	void *source;
	dispatch_queue_t dispatch;
};

#pragma GCC visibility push(hidden)
void stream_deliver(void *);   /* calls the program with everything that is queued */
void stream_announce(stream *); /* under lock: has what is queued delivered where the stream is scheduled */
#pragma GCC visibility pop
#endif
