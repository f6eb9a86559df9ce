/* The device switches. A server saves the entry of its major number, writes its own, and
 * writes the old one back when it is unloaded; a block driver, in both tables. */
#ifndef _SYS_CONF_H
#define _SYS_CONF_H

struct cdevsw {
	int (*d_open)();
	int (*d_close)();
	int (*d_read)();
	int (*d_write)();
	int (*d_ioctl)();
	int (*d_stop)();
	int (*d_reset)();
	int (*d_select)();
	int (*d_mmap)();
	int (*d_getc)();
	int (*d_putc)();
};

extern struct cdevsw cdevsw[];

/* d_dump and d_psize are for swap devices, which there are none of. */
struct bdevsw {
	int (*d_open)();
	int (*d_close)();
	int (*d_strategy)();
	int (*d_dump)();
	int (*d_psize)();
	int d_flags; /* B_TAPE, from <sys/buf.h> */
};

extern struct bdevsw bdevsw[];

extern int nodev(), nulldev(), seltrue();

struct uio;
enum uio_rw { UIO_READ, UIO_WRITE };
extern int uiomove(void *cp, int n, enum uio_rw rw, struct uio *uio);

#endif
