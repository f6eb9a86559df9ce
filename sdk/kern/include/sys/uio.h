/* Data between the kernel and a process. */
#ifndef _SYS_UIO_H_
#define _SYS_UIO_H_

#include <sys/types.h>

struct iovec {
	void *iov_base;
	size_t iov_len;
};

enum uio_rw { UIO_READ, UIO_WRITE };
enum uio_seg { UIO_USERSPACE = 0, UIO_SYSSPACE = 2, UIO_USERSPACE32 = 5, UIO_USERSPACE64 = 8, UIO_SYSSPACE32 = 11 };

__BEGIN_DECLS
int uiomove(const char *cp, int n, uio_t uio);
int uiomove64(addr64_t cp, int n, uio_t uio);
int ureadc(int c, uio_t uio);
user_ssize_t uio_resid(uio_t uio);
void uio_setresid(uio_t uio, user_ssize_t n);
off_t uio_offset(uio_t uio);
void uio_setoffset(uio_t uio, off_t offset);
int uio_rw(uio_t uio);
int uio_iovcnt(uio_t uio);
int uio_isuserspace(uio_t uio);
__END_DECLS

#endif
