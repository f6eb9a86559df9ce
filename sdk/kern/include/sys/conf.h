/* The device switches. */
#ifndef _SYS_CONF_H_
#define _SYS_CONF_H_

#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/types.h>

struct uio;
struct proc;
struct tty;
struct buf;

#define D_TAPE 1
#define D_DISK 2
#define D_TTY 3

typedef int open_close_fcn_t(dev_t dev, int flags, int devtype, struct proc *p);
typedef int read_write_fcn_t(dev_t dev, struct uio *uio, int ioflag);
typedef int ioctl_fcn_t(dev_t dev, u_long cmd, caddr_t data, int fflag, struct proc *p);
typedef int stop_fcn_t(struct tty *tp, int rw);
typedef int reset_fcn_t(int uban);
typedef int select_fcn_t(dev_t dev, int which, void *wql, struct proc *p);
typedef int mmap_fcn_t(void);
typedef void strategy_fcn_t(struct buf *bp);
typedef int getc_fcn_t(dev_t dev);
typedef int putc_fcn_t(dev_t dev, char c);

struct cdevsw {
	open_close_fcn_t *d_open;
	open_close_fcn_t *d_close;
	read_write_fcn_t *d_read;
	read_write_fcn_t *d_write;
	ioctl_fcn_t *d_ioctl;
	stop_fcn_t *d_stop;
	reset_fcn_t *d_reset;
	struct tty **d_ttys;
	select_fcn_t *d_select;
	mmap_fcn_t *d_mmap;
	strategy_fcn_t *d_strategy;
	getc_fcn_t *d_getc;
	putc_fcn_t *d_putc;
	int d_type;
};

typedef int dump_fcn_t(dev_t dev);
typedef int psize_fcn_t(dev_t dev);

struct bdevsw {
	open_close_fcn_t *d_open;
	open_close_fcn_t *d_close;
	strategy_fcn_t *d_strategy;
	ioctl_fcn_t *d_ioctl;
	dump_fcn_t *d_dump;
	psize_fcn_t *d_psize;
	int d_type;
};

__BEGIN_DECLS
int bdevsw_add(int index, const struct bdevsw *sw);
int bdevsw_remove(int index, const struct bdevsw *sw);
int bdevsw_isfree(int index);
int nulldev(void);
int nodev(void);
int seltrue(dev_t dev, int which, struct proc *p);
int enodev(void);
int enodev_strat(void);
int enxio(void);
int cdevsw_add(int index, const struct cdevsw *sw);
int cdevsw_remove(int index, const struct cdevsw *sw);
int cdevsw_isfree(int index);
__END_DECLS

#define eno_opcl ((open_close_fcn_t *)(void *)&enodev)
#define eno_rdwrt ((read_write_fcn_t *)(void *)&enodev)
#define eno_ioctl ((ioctl_fcn_t *)(void *)&enodev)
#define eno_stop ((stop_fcn_t *)(void *)&enodev)
#define eno_reset ((reset_fcn_t *)(void *)&enodev)
#define eno_select ((select_fcn_t *)(void *)&enodev)
#define eno_mmap ((mmap_fcn_t *)(void *)&enodev)
#define eno_strat ((strategy_fcn_t *)(void *)&enodev_strat)
#define eno_getc ((getc_fcn_t *)(void *)&enodev)
#define eno_putc ((putc_fcn_t *)(void *)&enodev)

#endif
