/*
 * The runtime of blocks (the Block ABI specification of clang): copying a block
 * off the stack, and what its captured objects and __block variables need.
 */
#include "private.h"
#include <Block.h>
#include <stdlib.h>
#include <string.h>

void *_NSConcreteStackBlock[32], *_NSConcreteMallocBlock[32], *_NSConcreteGlobalBlock[32];
void *_NSConcreteAutoBlock[32], *_NSConcreteFinalizingBlock[32], *_NSConcreteWeakBlockVariable[32];

enum { REFCOUNT_MASK = 0xfffe, NEEDS_FREE = 1 << 24, HAS_COPY_DISPOSE = 1 << 25, IS_GLOBAL = 1 << 28 };
enum { FIELD_OBJECT = 3, FIELD_BLOCK = 7, FIELD_BYREF = 8, FIELD_WEAK = 16, BYREF_CALLER = 128 };

struct descriptor { unsigned long reserved, size; void (*copy)(void *, const void *); void (*dispose)(const void *); };
struct block { void *isa; volatile int flags; int reserved; void (*invoke)(void *, ...); struct descriptor *descriptor; };
struct byref {
	void *isa;
	struct byref *forwarding;
	volatile int flags;
	unsigned size;
	void (*keep)(struct byref *, struct byref *); /* if HAS_COPY_DISPOSE */
	void (*destroy)(struct byref *);
};

/* Counts go in steps of two, and stay when they are at their most. */
static void retain(volatile int *flags)
{
	int was = __atomic_load_n(flags, __ATOMIC_RELAXED);
	while ((was & REFCOUNT_MASK) != REFCOUNT_MASK &&
	       !__atomic_compare_exchange_n(flags, &was, was + 2, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}
static bool release(volatile int *flags) /* whether it was the last */
{
	int was = __atomic_load_n(flags, __ATOMIC_RELAXED);
	do
		if ((was & REFCOUNT_MASK) == REFCOUNT_MASK || (was & REFCOUNT_MASK) == 0)
			return false;
	while (!__atomic_compare_exchange_n(flags, &was, was - 2, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return (was & REFCOUNT_MASK) == 2;
}

void *_Block_copy(const void *arg)
{
	struct block *b = (void *)arg;
	if (!b)
		return NULL;
	if (b->flags & NEEDS_FREE) {
		retain(&b->flags);
		return b;
	}
	if (b->flags & IS_GLOBAL)
		return b;
	struct block *n = malloc(b->descriptor->size);
	if (!n)
		return NULL;
	memcpy(n, b, b->descriptor->size);
	n->flags = (n->flags & ~REFCOUNT_MASK) | NEEDS_FREE | 2;
	n->isa = _NSConcreteMallocBlock;
	if (n->flags & HAS_COPY_DISPOSE)
		n->descriptor->copy(n, b);
	return n;
}
void _Block_release(const void *arg)
{
	struct block *b = (void *)arg;
	if (!b || b->flags & IS_GLOBAL || !(b->flags & NEEDS_FREE) || !release(&b->flags))
		return;
	if (b->flags & HAS_COPY_DISPOSE)
		b->descriptor->dispose(b);
	free(b);
}

static struct byref *byref_copy(struct byref *src)
{
	struct byref *b = src->forwarding;
	if ((b->flags & REFCOUNT_MASK) == 0) {
		struct byref *n = malloc(b->size);
		if (!n)
			abort();
		memcpy(n, b, b->size);
		n->isa = NULL;
		n->flags = (b->flags & ~REFCOUNT_MASK) | NEEDS_FREE | 4; /* one for the caller, one for the stack */
		n->forwarding = n;
		b->forwarding = n;
		if (b->flags & HAS_COPY_DISPOSE)
			b->keep(n, b);
		return n;
	}
	if (b->flags & NEEDS_FREE)
		retain(&b->flags);
	return b;
}
static void byref_release(struct byref *src)
{
	struct byref *b = src->forwarding;
	if (!(b->flags & NEEDS_FREE) || !release(&b->flags))
		return;
	if (b->flags & HAS_COPY_DISPOSE)
		b->destroy(b);
	free(b);
}

/* Objects are not counted: there is no Objective-C here. */
void _Block_object_assign(void *dst, const void *obj, const int flags)
{
	void **d = dst;
	switch (flags & (FIELD_OBJECT | FIELD_BLOCK | FIELD_BYREF | FIELD_WEAK | BYREF_CALLER)) {
	case FIELD_BLOCK:
		*d = _Block_copy(obj);
		break;
	case FIELD_BYREF:
	case FIELD_BYREF | FIELD_WEAK:
		*d = byref_copy((struct byref *)obj);
		break;
	default:
		*d = (void *)obj;
	}
}
void _Block_object_dispose(const void *obj, const int flags)
{
	switch (flags & (FIELD_OBJECT | FIELD_BLOCK | FIELD_BYREF | FIELD_WEAK | BYREF_CALLER)) {
	case FIELD_BLOCK:
		_Block_release(obj);
		break;
	case FIELD_BYREF:
	case FIELD_BYREF | FIELD_WEAK:
		byref_release((struct byref *)obj);
		break;
	}
}
