/* OSAtomic: all are full barriers. */
#include "rt.h"

#define ORDER __ATOMIC_SEQ_CST

boolean_t OSCompareAndSwap(u32 old, u32 new, volatile u32 *p)
{
	return __atomic_compare_exchange_n(p, &old, new, 0, ORDER, ORDER);
}

boolean_t OSCompareAndSwap64(u64 old, u64 new, volatile u64 *p)
{
	return __atomic_compare_exchange_n(p, &old, new, 0, ORDER, ORDER);
}

boolean_t OSCompareAndSwapPtr(void *old, void *new, void *volatile *p)
{
	return __atomic_compare_exchange_n(p, &old, new, 0, ORDER, ORDER);
}

int OSAddAtomic(int n, volatile int *p) { return __atomic_fetch_add(p, n, ORDER); }
long OSAddAtomic64(long n, volatile long *p) { return __atomic_fetch_add(p, n, ORDER); }
long OSAddAtomicLong(long n, volatile long *p) { return __atomic_fetch_add(p, n, ORDER); }
short OSAddAtomic16(int n, volatile short *p) { return __atomic_fetch_add(p, (short)n, ORDER); }
signed char OSAddAtomic8(int n, volatile signed char *p) { return __atomic_fetch_add(p, (signed char)n, ORDER); }
int OSIncrementAtomic(volatile int *p) { return OSAddAtomic(1, p); }
int OSDecrementAtomic(volatile int *p) { return OSAddAtomic(-1, p); }
long OSIncrementAtomic64(volatile long *p) { return OSAddAtomic64(1, p); }
long OSDecrementAtomic64(volatile long *p) { return OSAddAtomic64(-1, p); }
short OSIncrementAtomic16(volatile short *p) { return OSAddAtomic16(1, p); }
short OSDecrementAtomic16(volatile short *p) { return OSAddAtomic16(-1, p); }
signed char OSIncrementAtomic8(volatile signed char *p) { return OSAddAtomic8(1, p); }
signed char OSDecrementAtomic8(volatile signed char *p) { return OSAddAtomic8(-1, p); }
u32 OSBitAndAtomic(u32 m, volatile u32 *p) { return __atomic_fetch_and(p, m, ORDER); }
u32 OSBitOrAtomic(u32 m, volatile u32 *p) { return __atomic_fetch_or(p, m, ORDER); }
u32 OSBitXorAtomic(u32 m, volatile u32 *p) { return __atomic_fetch_xor(p, m, ORDER); }
u16 OSBitAndAtomic16(u32 m, volatile u16 *p) { return __atomic_fetch_and(p, (u16)m, ORDER); }
u16 OSBitOrAtomic16(u32 m, volatile u16 *p) { return __atomic_fetch_or(p, (u16)m, ORDER); }
u16 OSBitXorAtomic16(u32 m, volatile u16 *p) { return __atomic_fetch_xor(p, (u16)m, ORDER); }
u8 OSBitAndAtomic8(u32 m, volatile u8 *p) { return __atomic_fetch_and(p, (u8)m, ORDER); }
u8 OSBitOrAtomic8(u32 m, volatile u8 *p) { return __atomic_fetch_or(p, (u8)m, ORDER); }
u8 OSBitXorAtomic8(u32 m, volatile u8 *p) { return __atomic_fetch_xor(p, (u8)m, ORDER); }

/* Bits are numbered from the most significant of the first byte. */
boolean_t OSTestAndSet(u32 bit, volatile u8 *p)
{
	u8 m = 0x80 >> (bit & 7);
	return !!(__atomic_fetch_or(p + (bit >> 3), m, ORDER) & m);
}

boolean_t OSTestAndClear(u32 bit, volatile u8 *p)
{
	u8 m = 0x80 >> (bit & 7);
	return !(__atomic_fetch_and(p + (bit >> 3), (u8)~m, ORDER) & m);
}

void OSSynchronizeIO(void) { __atomic_thread_fence(ORDER); }
void OSMemoryBarrier(void) { __atomic_thread_fence(ORDER); }

/* test_and_set of the 2002 document: the old value of a whole word. */
int test_and_set(volatile int *p) { return __atomic_exchange_n(p, 1, ORDER); }

/* hw_* are the older names. */
u32 hw_atomic_add(volatile u32 *p, u32 n) { return __atomic_add_fetch(p, n, ORDER); }
u32 hw_atomic_sub(volatile u32 *p, u32 n) { return __atomic_sub_fetch(p, n, ORDER); }
u32 hw_atomic_or(volatile u32 *p, u32 n) { return __atomic_or_fetch(p, n, ORDER); }
u32 hw_atomic_and(volatile u32 *p, u32 n) { return __atomic_and_fetch(p, n, ORDER); }
u32 hw_compare_and_store(u32 old, u32 new, volatile u32 *p) { return OSCompareAndSwap(old, new, p); }
