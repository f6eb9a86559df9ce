/*
 * A character device: what is written to /dev/echo is read from it again, letters rotated
 * by a number that ioctl sets. A reader waits until there is something, or a signal
 * comes; select, poll and kqueue know when. See README.md.
 */
#include "echo.h"
#include <kern/locks.h>
#include <mach/mach_types.h>
#include <miscfs/devfs/devfs.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/select.h>
#include <sys/systm.h>
#include <sys/uio.h>

enum { SIZE = 4096 };

static struct {
	lck_grp_t *group;
	lck_mtx_t *lock; /* guards all below */
	char *buffer;
	int first, held, rotate;
	unsigned int reads, writes;
	struct selinfo readers, writers; /* who selects */
} echo;

static int echo_open(dev_t dev, int flags, int devtype, struct proc *p) { return 0; }
static int echo_close(dev_t dev, int flags, int devtype, struct proc *p) { return 0; }

static char rotated(char c, int n)
{
	if (c >= 'a' && c <= 'z')
		return 'a' + (c - 'a' + n) % 26;
	if (c >= 'A' && c <= 'Z')
		return 'A' + (c - 'A' + n) % 26;
	return c;
}

static int echo_read(dev_t dev, struct uio *uio, int ioflag)
{
	int error = 0, n;

	lck_mtx_lock(echo.lock);
	while (echo.held == 0 && error == 0) {
		if (ioflag & IO_NDELAY)
			error = EWOULDBLOCK;
		else
			error = msleep(&echo, echo.lock, PWAIT | PCATCH, "echo", NULL);
	}
	while (error == 0 && echo.held > 0 && uio_resid(uio) > 0) {
		n = imin(echo.held, SIZE - echo.first);
		n = (int)lmin(n, (long)uio_resid(uio));
		error = uiomove(echo.buffer + echo.first, n, uio);
		echo.first = (echo.first + n) % SIZE;
		echo.held -= n;
	}
	echo.reads++;
	lck_mtx_unlock(echo.lock);
	wakeup(&echo.held);
	selwakeup(&echo.writers);
	return error;
}

static int echo_write(dev_t dev, struct uio *uio, int ioflag)
{
	int error = 0, at, n, i;

	lck_mtx_lock(echo.lock);
	while (error == 0 && uio_resid(uio) > 0) {
		if (echo.held == SIZE) {
			wakeup(&echo);
			selwakeup(&echo.readers);
			if (ioflag & IO_NDELAY) {
				error = EWOULDBLOCK;
				continue;
			}
			error = msleep(&echo.held, echo.lock, PWAIT | PCATCH, "echofull", NULL);
			continue;
		}
		at = (echo.first + echo.held) % SIZE;
		n = imin(SIZE - echo.held, SIZE - at);
		n = (int)lmin(n, (long)uio_resid(uio));
		error = uiomove(echo.buffer + at, n, uio);
		for (i = 0; i < n; i++)
			echo.buffer[at + i] = rotated(echo.buffer[at + i], echo.rotate);
		echo.held += n;
	}
	echo.writes++;
	lck_mtx_unlock(echo.lock);
	wakeup(&echo);
	selwakeup(&echo.readers);
	return error;
}

static int echo_ioctl(dev_t dev, u_long cmd, caddr_t data, int fflag, struct proc *p)
{
	struct echo_stat *st = (struct echo_stat *)data;
	int old, error = 0;

	lck_mtx_lock(echo.lock);
	switch (cmd) {
	case ECHO_STAT:
		st->reads = echo.reads;
		st->writes = echo.writes;
		st->pid = proc_pid(p);
		st->held = echo.held;
		break;
	case ECHO_ROTATE:
		old = echo.rotate;
		if (*(int *)data < 0)
			error = EINVAL;
		else {
			echo.rotate = *(int *)data % 26;
			*(int *)data = old;
		}
		break;
	case ECHO_CLEAR:
		error = proc_suser(p);
		if (error == 0)
			echo.held = 0;
		break;
	default:
		error = ENOTTY;
	}
	lck_mtx_unlock(echo.lock);
	return error;
}

/* Whether a read or a write would not wait; who is told no is woken when that changes. */
static int echo_select(dev_t dev, int which, void *wql, struct proc *p)
{
	int ready;

	lck_mtx_lock(echo.lock);
	if (which == FREAD) {
		ready = echo.held > 0;
		if (!ready)
			selrecord(p, &echo.readers, wql);
	} else {
		ready = echo.held < SIZE;
		if (!ready)
			selrecord(p, &echo.writers, wql);
	}
	lck_mtx_unlock(echo.lock);
	return ready;
}

static struct cdevsw echo_cdevsw = {
	.d_open = echo_open,
	.d_close = echo_close,
	.d_read = echo_read,
	.d_write = echo_write,
	.d_ioctl = echo_ioctl,
	.d_stop = eno_stop,
	.d_reset = eno_reset,
	.d_select = echo_select,
	.d_mmap = eno_mmap,
	.d_strategy = eno_strat,
};

static int echo_major = -1;
static void *echo_node;

static kern_return_t echo_stop(kmod_info_t *ki, void *data)
{
	if (echo_node)
		devfs_remove(echo_node);
	if (echo_major >= 0)
		cdevsw_remove(echo_major, &echo_cdevsw);
	selthreadclear(&echo.readers);
	selthreadclear(&echo.writers);
	if (echo.buffer)
		_FREE(echo.buffer, M_TEMP);
	if (echo.lock)
		lck_mtx_free(echo.lock, echo.group);
	if (echo.group)
		lck_grp_free(echo.group);
	return KERN_SUCCESS;
}

static kern_return_t echo_start(kmod_info_t *ki, void *data)
{
	echo.group = lck_grp_alloc_init("echo", LCK_GRP_ATTR_NULL);
	if (echo.group)
		echo.lock = lck_mtx_alloc_init(echo.group, LCK_ATTR_NULL);
	echo.buffer = _MALLOC(SIZE, M_TEMP, M_WAITOK);
	echo_major = cdevsw_add(-1, &echo_cdevsw);
	if (echo_major >= 0)
		echo_node = devfs_make_node(makedev(echo_major, 0), DEVFS_CHAR, UID_ROOT, GID_WHEEL, 0666, "%s", "echo");
	if (!echo.group || !echo.lock || !echo.buffer || !echo_node) {
		echo_stop(ki, data);
		return KERN_RESOURCE_SHORTAGE;
	}
	printf("echo: major %d\n", echo_major);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.echo, "1.0", echo_start, echo_stop)
