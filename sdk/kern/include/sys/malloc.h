/* Kernel memory of the BSD half. */
#ifndef _SYS_MALLOC_H_
#define _SYS_MALLOC_H_

#include <sys/types.h>

#define M_WAITOK 0
#define M_NOWAIT 1
#define M_ZERO 4

/* Types: whose memory it is. */
#define M_FREE 0
#define M_MBUF 1
#define M_DEVBUF 2
#define M_SOCKET 3
#define M_PCB 4
#define M_IOCTLOPS 6
#define M_IOV 9
#define M_PROC 41
#define M_TEMP 80

__BEGIN_DECLS
void *_MALLOC(size_t size, int type, int flags);
void _FREE(void *addr, int type);
void *_REALLOC(void *addr, size_t size, int type, int flags);
void *_MALLOC_ZONE(size_t size, int type, int flags);
void _FREE_ZONE(void *addr, size_t size, int type);
__END_DECLS

#define MALLOC(space, cast, size, type, flags) ((space) = (cast)_MALLOC(size, type, flags))
#define FREE(addr, type) _FREE((void *)(addr), type)

#endif
