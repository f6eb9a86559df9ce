/* The atomic operations of <libkern/OSAtomic.h>; all give the new value unless they say otherwise. */
#include "private.h"
#include <libkern/OSAtomic.h>

int32_t OSAtomicAdd32(int32_t n, volatile int32_t *p) { return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST); }
int32_t OSAtomicIncrement32(volatile int32_t *p) { return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST); }
int32_t OSAtomicDecrement32(volatile int32_t *p) { return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwap32(int32_t was, int32_t v, volatile int32_t *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
int64_t OSAtomicAdd64(int64_t n, volatile int64_t *p) { return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST); }
int64_t OSAtomicIncrement64(volatile int64_t *p) { return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST); }
int64_t OSAtomicDecrement64(volatile int64_t *p) { return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwap64(int64_t was, int64_t v, volatile int64_t *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwapInt(int was, int v, int volatile *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwapLong(long was, long v, long volatile *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwapPtr(void *was, void *v, void *volatile *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
int32_t OSAtomicAnd32(uint32_t m, volatile uint32_t *p) { return __atomic_and_fetch(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicAnd32Orig(uint32_t m, volatile uint32_t *p) { return __atomic_fetch_and(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicOr32(uint32_t m, volatile uint32_t *p) { return __atomic_or_fetch(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicOr32Orig(uint32_t m, volatile uint32_t *p) { return __atomic_fetch_or(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicXor32(uint32_t m, volatile uint32_t *p) { return __atomic_xor_fetch(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicXor32Orig(uint32_t m, volatile uint32_t *p) { return __atomic_fetch_xor(p, m, __ATOMIC_SEQ_CST); }
bool OSAtomicTestAndSet(uint32_t n, volatile void *p) { uint8_t m = 0x80 >> (n & 7); return __atomic_fetch_or((volatile uint8_t *)p + (n >> 3), m, __ATOMIC_SEQ_CST) & m; }
bool OSAtomicTestAndClear(uint32_t n, volatile void *p) { uint8_t m = 0x80 >> (n & 7); return __atomic_fetch_and((volatile uint8_t *)p + (n >> 3), (uint8_t)~m, __ATOMIC_SEQ_CST) & m; }
int32_t OSAtomicAdd32Barrier(int32_t n, volatile int32_t *p) { return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST); }
int32_t OSAtomicIncrement32Barrier(volatile int32_t *p) { return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST); }
int32_t OSAtomicDecrement32Barrier(volatile int32_t *p) { return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwap32Barrier(int32_t was, int32_t v, volatile int32_t *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
int64_t OSAtomicAdd64Barrier(int64_t n, volatile int64_t *p) { return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST); }
int64_t OSAtomicIncrement64Barrier(volatile int64_t *p) { return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST); }
int64_t OSAtomicDecrement64Barrier(volatile int64_t *p) { return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwap64Barrier(int64_t was, int64_t v, volatile int64_t *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwapIntBarrier(int was, int v, int volatile *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwapLongBarrier(long was, long v, long volatile *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
bool OSAtomicCompareAndSwapPtrBarrier(void *was, void *v, void *volatile *p) { return __atomic_compare_exchange_n(p, &was, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
int32_t OSAtomicAnd32Barrier(uint32_t m, volatile uint32_t *p) { return __atomic_and_fetch(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicAnd32OrigBarrier(uint32_t m, volatile uint32_t *p) { return __atomic_fetch_and(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicOr32Barrier(uint32_t m, volatile uint32_t *p) { return __atomic_or_fetch(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicOr32OrigBarrier(uint32_t m, volatile uint32_t *p) { return __atomic_fetch_or(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicXor32Barrier(uint32_t m, volatile uint32_t *p) { return __atomic_xor_fetch(p, m, __ATOMIC_SEQ_CST); }
int32_t OSAtomicXor32OrigBarrier(uint32_t m, volatile uint32_t *p) { return __atomic_fetch_xor(p, m, __ATOMIC_SEQ_CST); }
bool OSAtomicTestAndSetBarrier(uint32_t n, volatile void *p) { uint8_t m = 0x80 >> (n & 7); return __atomic_fetch_or((volatile uint8_t *)p + (n >> 3), m, __ATOMIC_SEQ_CST) & m; }
bool OSAtomicTestAndClearBarrier(uint32_t n, volatile void *p) { uint8_t m = 0x80 >> (n & 7); return __atomic_fetch_and((volatile uint8_t *)p + (n >> 3), (uint8_t)~m, __ATOMIC_SEQ_CST) & m; }
void OSMemoryBarrier(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

/*
 * The queues. A thread that takes an element off reads its link before it knows
 * that the element is still there, so a lock is what keeps that memory valid.
 */
static lock_t *queue_lock(volatile long *word) { return (lock_t *)word; }
void OSAtomicEnqueue(OSQueueHead *q, void *e, size_t off)
{
	lock(queue_lock(&q->opaque2));
	*(void **)((char *)e + off) = q->opaque1;
	q->opaque1 = e;
	unlock(queue_lock(&q->opaque2));
}
void *OSAtomicDequeue(OSQueueHead *q, size_t off)
{
	lock(queue_lock(&q->opaque2));
	void *e = q->opaque1;
	if (e)
		q->opaque1 = *(void **)((char *)e + off);
	unlock(queue_lock(&q->opaque2));
	return e;
}
void OSAtomicFifoEnqueue(OSFifoQueueHead *q, void *e, size_t off)
{
	lock_t *l = (lock_t *)&q->opaque3;
	lock(l);
	*(void **)((char *)e + off) = NULL;
	if (q->opaque2)
		*(void **)((char *)q->opaque2 + off) = e;
	else
		q->opaque1 = e;
	q->opaque2 = e;
	unlock(l);
}
void *OSAtomicFifoDequeue(OSFifoQueueHead *q, size_t off)
{
	lock_t *l = (lock_t *)&q->opaque3;
	lock(l);
	void *e = q->opaque1;
	if (e && !(q->opaque1 = *(void **)((char *)e + off)))
		q->opaque2 = NULL;
	unlock(l);
	return e;
}
