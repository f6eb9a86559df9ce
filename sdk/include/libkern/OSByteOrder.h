/* Values in another byte order. */
#ifndef _OS_OSBYTEORDER_H
#define _OS_OSBYTEORDER_H
#include <stdint.h>
#include <sys/types.h>
#define OSSwapInt16(x) __builtin_bswap16(x)
#define OSSwapInt32(x) __builtin_bswap32(x)
#define OSSwapInt64(x) __builtin_bswap64(x)
#define OSSwapConstInt16(x) __builtin_bswap16(x)
#define OSSwapConstInt32(x) __builtin_bswap32(x)
#define OSSwapConstInt64(x) __builtin_bswap64(x)
#define OSSwapHostToBigInt16(x) __builtin_bswap16(x)
#define OSSwapHostToBigInt32(x) __builtin_bswap32(x)
#define OSSwapHostToBigInt64(x) __builtin_bswap64(x)
#define OSSwapBigToHostInt16(x) __builtin_bswap16(x)
#define OSSwapBigToHostInt32(x) __builtin_bswap32(x)
#define OSSwapBigToHostInt64(x) __builtin_bswap64(x)
#define OSSwapHostToLittleInt16(x) ((uint16_t)(x))
#define OSSwapHostToLittleInt32(x) ((uint32_t)(x))
#define OSSwapHostToLittleInt64(x) ((uint64_t)(x))
#define OSSwapLittleToHostInt16(x) ((uint16_t)(x))
#define OSSwapLittleToHostInt32(x) ((uint32_t)(x))
#define OSSwapLittleToHostInt64(x) ((uint64_t)(x))
#define OSReadLittleInt16(b, o) (*(const volatile uint16_t *)((uintptr_t)(b) + (o)))
#define OSReadLittleInt32(b, o) (*(const volatile uint32_t *)((uintptr_t)(b) + (o)))
#define OSReadLittleInt64(b, o) (*(const volatile uint64_t *)((uintptr_t)(b) + (o)))
#define OSReadBigInt16(b, o) __builtin_bswap16(OSReadLittleInt16(b, o))
#define OSReadBigInt32(b, o) __builtin_bswap32(OSReadLittleInt32(b, o))
#define OSReadBigInt64(b, o) __builtin_bswap64(OSReadLittleInt64(b, o))
#define OSWriteLittleInt16(b, o, v) (*(volatile uint16_t *)((uintptr_t)(b) + (o)) = (v))
#define OSWriteLittleInt32(b, o, v) (*(volatile uint32_t *)((uintptr_t)(b) + (o)) = (v))
#define OSWriteLittleInt64(b, o, v) (*(volatile uint64_t *)((uintptr_t)(b) + (o)) = (v))
#define OSWriteBigInt16(b, o, v) OSWriteLittleInt16(b, o, __builtin_bswap16(v))
#define OSWriteBigInt32(b, o, v) OSWriteLittleInt32(b, o, __builtin_bswap32(v))
#define OSWriteBigInt64(b, o, v) OSWriteLittleInt64(b, o, __builtin_bswap64(v))
enum { OSUnknownByteOrder, OSLittleEndian, OSBigEndian };
#define OSHostByteOrder() OSLittleEndian
#endif
