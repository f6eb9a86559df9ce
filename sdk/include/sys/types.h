/* The types of system interfaces. */
#ifndef _SYS_TYPES_H_
#define _SYS_TYPES_H_
#include <sys/_types.h>
#include <stddef.h>
#include <stdint.h>
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef __uint8_t u_int8_t;
typedef __uint16_t u_int16_t;
typedef __uint32_t u_int32_t;
typedef __uint64_t u_int64_t;
typedef __int64_t quad_t;
typedef __uint64_t u_quad_t;
typedef char *caddr_t;
typedef __int32_t daddr_t;
typedef __int32_t dev_t;
typedef __uint32_t fixpt_t;
typedef __int32_t blksize_t;
typedef __int64_t blkcnt_t;
typedef __uint32_t gid_t;
typedef __uint32_t uid_t;
typedef __uint32_t id_t;
typedef __uint64_t ino_t;
typedef __uint64_t ino64_t;
typedef __int32_t key_t;
typedef __uint16_t mode_t;
typedef __uint16_t nlink_t;
typedef __int32_t pid_t;
typedef __int64_t off_t;
typedef __int32_t segsz_t;
typedef __int32_t swblk_t;
typedef long ssize_t;
typedef long time_t;
typedef unsigned long clock_t;
typedef __uint32_t useconds_t;
typedef __int32_t suseconds_t;
typedef unsigned int fsblkcnt_t;
typedef unsigned int fsfilcnt_t;
typedef __uint32_t sigset_t;
typedef __uint32_t socklen_t;
typedef __uint8_t sa_family_t;
typedef __uint32_t in_addr_t;
typedef __uint16_t in_port_t;
typedef long register_t;
typedef __uint64_t user_addr_t;
typedef __uint64_t user_size_t;
typedef __int64_t user_ssize_t;
typedef unsigned char uuid_t[16];
#define major(x) ((int)(((unsigned)(x) >> 24) & 0xff))
#define minor(x) ((int)((x) & 0xffffff))
#define makedev(x, y) ((dev_t)(((x) << 24) | (y)))
#include <machine/endian.h>
#include <sys/_pthread_types.h>
#include <sys/_select.h>
#endif
