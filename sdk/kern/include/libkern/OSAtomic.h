/* Atomic operations. Those that give a value give the old one. */
#ifndef _LIBKERN_OSATOMIC_H_
#define _LIBKERN_OSATOMIC_H_
#include <libkern/OSTypes.h>
__BEGIN_DECLS
Boolean OSCompareAndSwap(UInt32 old, UInt32 new_, volatile UInt32 *p);
Boolean OSCompareAndSwap64(UInt64 old, UInt64 new_, volatile UInt64 *p);
Boolean OSCompareAndSwapPtr(void *old, void *new_, void *volatile *p);
SInt32 OSAddAtomic(SInt32 n, volatile SInt32 *p);
SInt64 OSAddAtomic64(SInt64 n, volatile SInt64 *p);
long OSAddAtomicLong(long n, volatile long *p);
SInt16 OSAddAtomic16(SInt32 n, volatile SInt16 *p);
SInt8 OSAddAtomic8(SInt32 n, volatile SInt8 *p);
SInt32 OSIncrementAtomic(volatile SInt32 *p);
SInt32 OSDecrementAtomic(volatile SInt32 *p);
SInt64 OSIncrementAtomic64(volatile SInt64 *p);
SInt64 OSDecrementAtomic64(volatile SInt64 *p);
SInt16 OSIncrementAtomic16(volatile SInt16 *p);
SInt16 OSDecrementAtomic16(volatile SInt16 *p);
SInt8 OSIncrementAtomic8(volatile SInt8 *p);
SInt8 OSDecrementAtomic8(volatile SInt8 *p);
UInt32 OSBitAndAtomic(UInt32 mask, volatile UInt32 *p);
UInt32 OSBitOrAtomic(UInt32 mask, volatile UInt32 *p);
UInt32 OSBitXorAtomic(UInt32 mask, volatile UInt32 *p);
Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *p);
Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *p);
void OSSynchronizeIO(void);
void OSMemoryBarrier(void);
int test_and_set(volatile int *p);
__END_DECLS
#endif
