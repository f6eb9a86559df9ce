/* The character device switch. A server saves the entry of its major number, writes its
 * own, and writes the old one back when it is unloaded. */
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

extern int nodev(), nulldev(), seltrue();

struct uio;
enum uio_rw { UIO_READ, UIO_WRITE };
extern int uiomove(void *cp, int n, enum uio_rw rw, struct uio *uio);

#endif
