/* Basic types. */
#ifndef _SYS_TYPES_H_
#define _SYS_TYPES_H_

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
typedef long intptr_t;
typedef unsigned long uintptr_t;
typedef unsigned long size_t;
typedef long ssize_t;
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned char u_int8_t;
typedef unsigned short u_int16_t;
typedef unsigned int u_int32_t;
typedef unsigned long long u_int64_t;
typedef long long quad_t;
typedef unsigned long long u_quad_t;
typedef char *caddr_t;
typedef int dev_t;
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned short mode_t;
typedef long long off_t;
typedef int errno_t;
typedef uint64_t user_addr_t;
typedef uint64_t user_size_t;
typedef int64_t user_ssize_t;
typedef uint64_t addr64_t;
typedef struct proc *proc_t;
typedef struct ucred *kauth_cred_t;
typedef struct uio *uio_t;
typedef struct vnode *vnode_t;
typedef struct mount *mount_t;
typedef struct vfs_context *vfs_context_t;
typedef struct buf *buf_t;
typedef uint64_t ino64_t;

#ifdef __cplusplus
#define NULL 0
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define NULL ((void *)0)
#define __BEGIN_DECLS
#define __END_DECLS
#endif

#define USER_ADDR_NULL ((user_addr_t)0)
#define CAST_USER_ADDR_T(p) ((user_addr_t)(uintptr_t)(p))
#undef __private_extern__
#define __private_extern__ __attribute__((visibility("hidden")))
#define __unused __attribute__((unused))
#ifndef offsetof
#define offsetof(t, m) __builtin_offsetof(t, m)
#endif

#define major(dev) ((int)(((unsigned int)(dev) >> 24) & 0xff))
#define minor(dev) ((int)((dev)&0xffffff))
#define makedev(maj, min) ((dev_t)(((maj) << 24) | (min)))

struct timeval {
	long tv_sec;
	int tv_usec;
};
struct timespec {
	long tv_sec;
	long tv_nsec;
};

#endif
