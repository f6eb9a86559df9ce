/* Atomic operations of old: the ones of <stdatomic.h> are better. */
#ifndef _LIBKERN_OSATOMIC_H_
#define _LIBKERN_OSATOMIC_H_
#include <sys/cdefs.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
typedef int32_t OSSpinLock;
#define OS_SPINLOCK_INIT 0
typedef volatile struct { void *opaque1; long opaque2; } __attribute__((aligned(16))) OSQueueHead;
#define OS_ATOMIC_QUEUE_INIT { NULL, 0 }
typedef volatile struct { void *opaque1, *opaque2; int opaque3; } __attribute__((aligned(16))) OSFifoQueueHead;
#define OS_ATOMIC_FIFO_QUEUE_INIT { NULL, NULL, 0 }
__BEGIN_DECLS
bool OSSpinLockTry(volatile OSSpinLock *);
void OSSpinLockLock(volatile OSSpinLock *);
void OSSpinLockUnlock(volatile OSSpinLock *);
void OSMemoryBarrier(void);
void OSAtomicEnqueue(OSQueueHead *, void *, size_t);
void *OSAtomicDequeue(OSQueueHead *, size_t);
void OSAtomicFifoEnqueue(OSFifoQueueHead *, void *, size_t);
void *OSAtomicFifoDequeue(OSFifoQueueHead *, size_t);
int32_t OSAtomicAdd32(int32_t n, volatile int32_t *p);
int32_t OSAtomicIncrement32(volatile int32_t *p);
int32_t OSAtomicDecrement32(volatile int32_t *p);
bool OSAtomicCompareAndSwap32(int32_t was, int32_t v, volatile int32_t *p);
int64_t OSAtomicAdd64(int64_t n, volatile int64_t *p);
int64_t OSAtomicIncrement64(volatile int64_t *p);
int64_t OSAtomicDecrement64(volatile int64_t *p);
bool OSAtomicCompareAndSwap64(int64_t was, int64_t v, volatile int64_t *p);
bool OSAtomicCompareAndSwapInt(int was, int v, int volatile *p);
bool OSAtomicCompareAndSwapLong(long was, long v, long volatile *p);
bool OSAtomicCompareAndSwapPtr(void *was, void *v, void *volatile *p);
int32_t OSAtomicAnd32(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicAnd32Orig(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicOr32(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicOr32Orig(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicXor32(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicXor32Orig(uint32_t m, volatile uint32_t *p);
bool OSAtomicTestAndSet(uint32_t n, volatile void *p);
bool OSAtomicTestAndClear(uint32_t n, volatile void *p);
int32_t OSAtomicAdd32Barrier(int32_t n, volatile int32_t *p);
int32_t OSAtomicIncrement32Barrier(volatile int32_t *p);
int32_t OSAtomicDecrement32Barrier(volatile int32_t *p);
bool OSAtomicCompareAndSwap32Barrier(int32_t was, int32_t v, volatile int32_t *p);
int64_t OSAtomicAdd64Barrier(int64_t n, volatile int64_t *p);
int64_t OSAtomicIncrement64Barrier(volatile int64_t *p);
int64_t OSAtomicDecrement64Barrier(volatile int64_t *p);
bool OSAtomicCompareAndSwap64Barrier(int64_t was, int64_t v, volatile int64_t *p);
bool OSAtomicCompareAndSwapIntBarrier(int was, int v, int volatile *p);
bool OSAtomicCompareAndSwapLongBarrier(long was, long v, long volatile *p);
bool OSAtomicCompareAndSwapPtrBarrier(void *was, void *v, void *volatile *p);
int32_t OSAtomicAnd32Barrier(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicAnd32OrigBarrier(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicOr32Barrier(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicOr32OrigBarrier(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicXor32Barrier(uint32_t m, volatile uint32_t *p);
int32_t OSAtomicXor32OrigBarrier(uint32_t m, volatile uint32_t *p);
bool OSAtomicTestAndSetBarrier(uint32_t n, volatile void *p);
bool OSAtomicTestAndClearBarrier(uint32_t n, volatile void *p);
__END_DECLS
#endif
