/* The scalar types that other headers give names to. */
#ifndef _SYS__TYPES_H_
#define _SYS__TYPES_H_
#include <sys/cdefs.h>
typedef signed char __int8_t;
typedef unsigned char __uint8_t;
typedef short __int16_t;
typedef unsigned short __uint16_t;
typedef int __int32_t;
typedef unsigned int __uint32_t;
typedef long long __int64_t;
typedef unsigned long long __uint64_t;
typedef __SIZE_TYPE__ __darwin_size_t;
typedef long __darwin_ssize_t;
typedef long __darwin_intptr_t;
typedef long __darwin_time_t;
typedef long __darwin_clock_t;
typedef unsigned int __darwin_natural_t;
typedef __uint32_t __darwin_mode_raw;
typedef __uint32_t __darwin_sigset_t;
#endif
