/* Types of the I/O Kit. */
#ifndef _LIBKERN_OSTYPES_H_
#define _LIBKERN_OSTYPES_H_
#include <sys/types.h>
typedef unsigned char UInt8;
typedef unsigned short UInt16;
typedef unsigned int UInt32;
typedef unsigned long long UInt64;
typedef signed char SInt8;
typedef signed short SInt16;
typedef signed int SInt32;
typedef signed long long SInt64;
typedef unsigned char Boolean;
typedef struct OpaqueAbsoluteTime { UInt32 lo, hi; } UnsignedWide;
typedef UInt64 AbsoluteTime;
#endif
