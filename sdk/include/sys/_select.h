/* Descriptor sets. */
#ifndef _SYS__SELECT_H_
#define _SYS__SELECT_H_
#include <sys/_types.h>
#define FD_SETSIZE 1024
typedef struct fd_set {
	__int32_t fds_bits[FD_SETSIZE / 32];
} fd_set;
#define NFDBITS 32
#define FD_SET(n, p) ((void)((p)->fds_bits[(unsigned)(n) / 32] |= 1u << ((unsigned)(n) % 32)))
#define FD_CLR(n, p) ((void)((p)->fds_bits[(unsigned)(n) / 32] &= ~(1u << ((unsigned)(n) % 32))))
#define FD_ISSET(n, p) (((p)->fds_bits[(unsigned)(n) / 32] >> ((unsigned)(n) % 32)) & 1)
#define FD_ZERO(p) __builtin_memset((p), 0, sizeof(*(p)))
#define FD_COPY(f, t) (*(t) = *(f))
#endif
