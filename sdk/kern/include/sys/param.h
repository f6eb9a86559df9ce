/* Priorities of sleeps. */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_
#include <sys/signal.h>
#include <sys/types.h>
#define PSWP 0
#define PVM 4
#define PINOD 8
#define PRIBIO 16
#define PVFS 20
#define PZERO 22
#define PSOCK 24
#define PWAIT 32
#define PLOCK 36
#define PPAUSE 40
#define PRIMASK 0xff
#define PCATCH 0x100
#define PTTYBLOCK 0x200
#define PDROP 0x400
#define PSPIN 0x800
#define PUSER 50
#define MAXPATHLEN 1024
#define PATH_MAX 1024
#define NAME_MAX 255
#define MAXCOMLEN 16
#define NGROUPS 16
#define MAXPHYS (128 * 1024)
#define DEV_BSIZE 512

#define CHAR_BIT 8
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MAX 2147483647
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 4294967295U
#define LONG_MAX 9223372036854775807L
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX 18446744073709551615UL

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define roundup(x, y) (howmany(x, y) * (y))
#define setbit(a, i) (((char *)(a))[(i) / 8] |= 1 << ((i) % 8))
#define clrbit(a, i) (((char *)(a))[(i) / 8] &= ~(1 << ((i) % 8)))
#define isset(a, i) (((char *)(a))[(i) / 8] & (1 << ((i) % 8)))
#define isclr(a, i) (!isset(a, i))
#endif
