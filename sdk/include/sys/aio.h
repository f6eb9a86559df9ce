/* Asynchronous input and output. */
#ifndef _SYS_AIO_H_
#define _SYS_AIO_H_
#include <sys/types.h>
#include <sys/signal.h>
#include <sys/fcntl.h>
#include <time.h>
struct aiocb {
	int aio_fildes;
	off_t aio_offset;
	volatile void *aio_buf;
	size_t aio_nbytes;
	int aio_reqprio;
	struct sigevent aio_sigevent;
	int aio_lio_opcode;
};
#define AIO_ALLDONE 1
#define AIO_CANCELED 2
#define AIO_NOTCANCELED 4
#define LIO_NOP 0
#define LIO_READ 1
#define LIO_WRITE 2
#define LIO_NOWAIT 1
#define LIO_WAIT 2
#define AIO_LISTIO_MAX 16
__BEGIN_DECLS
int aio_cancel(int, struct aiocb *);
int aio_error(const struct aiocb *);
int aio_fsync(int, struct aiocb *);
int aio_read(struct aiocb *);
ssize_t aio_return(struct aiocb *);
int aio_suspend(const struct aiocb *const[], int, const struct timespec *);
int aio_write(struct aiocb *);
int lio_listio(int, struct aiocb *const[], int, struct sigevent *);
__END_DECLS
#endif
