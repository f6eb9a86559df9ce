/*
 * What the files of dispatch share. Every object begins with struct object. Locks:
 * a queue's before the pool's; nothing is called with one held.
 */
#ifndef DISPATCH_H
#define DISPATCH_H
#include "private.h"
#undef __BLOCKS__ /* blocks are called by hand here */
#include <dispatch/dispatch.h>

enum object_type { O_QUEUE, O_GROUP, O_SEMAPHORE, O_SOURCE };
struct dispatch_object_s {
	enum object_type type;
	int refs;            /* < 0: lives for ever */
	int suspended;       /* the lock of the queue or source */
	bool inactive;
	void *context;
	dispatch_function_t finalizer;
	struct dispatch_queue_s *target;
};
typedef struct dispatch_object_s object;

/* One piece of work. */
struct item {
	struct item *next;
	dispatch_function_t fn;
	void *ctx;
	struct dispatch_group_s *group;
	bool barrier;
	struct waiter *waiter; /* of a synchronous call, which runs it itself */
};
struct waiter { uint32_t go, done; bool owns; }; /* owns: it has the queue, and gives it back */

struct specific { const void *key; void *value; dispatch_function_t destroy; struct specific *next; };
struct dispatch_queue_s {
	object o;
	lock_t lock;
	bool concurrent, global, main;
	bool draining;       /* serial: something runs or is about to */
	bool barrier;        /* concurrent: a barrier runs */
	int running;         /* concurrent */
	struct item *first, **last;
	struct specific *specifics;
	char label[64];
};
struct dispatch_queue_attr_s { bool concurrent, inactive; int qos; };

#pragma GCC visibility push(hidden)
struct item *item_new(dispatch_function_t, void *ctx);
void item_run(struct item *);
void queue_push(dispatch_queue_t, struct item *);
void *block_copy(const void *block);
void block_call(void *block);          /* and keeps it */
void block_call_release(void *block);
/* Nanoseconds from now until t; UINT64_MAX for ever. */
uint64_t time_left(dispatch_time_t t);
void source_dispose(dispatch_source_t);
void source_wake(dispatch_source_t);
void queue_resumed(dispatch_queue_t);
void object_release(object *);
void object_retain(object *);
#pragma GCC visibility pop
#endif
