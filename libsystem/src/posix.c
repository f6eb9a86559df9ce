/* Calls that are a few lines over a system call. */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/attr.h>
#include <sys/clonefile.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <termios.h>
#include <sched.h>
#include <poll.h>
#include <mach/mach_traps.h>

int *__error(void) { return tsd_get(TSD_ERRNO); }

int creat(const char *p, mode_t m) { return open(p, O_WRONLY | O_CREAT | O_TRUNC, m); }

char *getcwd(char *buf, size_t n)
{
	char path[PATH_MAX];
	if (buf && n == 0) {
		errno = EINVAL;
		return NULL;
	}
	int fd = open(".", O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		fd = open(".", O_EVTONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	int r = fcntl(fd, F_GETPATH, path), saved = errno;
	close(fd);
	errno = saved;
	if (r < 0)
		return NULL;
	size_t len = strlen(path) + 1;
	if (!buf)
		return strdup(path);
	if (len > n) {
		errno = ERANGE;
		return NULL;
	}
	return memcpy(buf, path, len);
}
char *getwd(char *buf) { return getcwd(buf, PATH_MAX); }

int sysctl(int *name, unsigned n, void *old, size_t *oldlen, void *new, size_t newlen)
{
	return __sysctl(name, n, old, oldlen, new, newlen);
}
int sysctlbyname(const char *name, void *old, size_t *oldlen, void *new, size_t newlen)
{
	return __sysctlbyname(name, strlen(name), old, oldlen, new, newlen);
}
/* {0, 3} turns a name into numbers. */
int sysctlnametomib(const char *name, int *mib, size_t *n)
{
	int oid[2] = { 0, 3 };
	size_t bytes = *n * sizeof(int);
	if (__sysctl(oid, 2, mib, &bytes, (void *)name, strlen(name)) < 0)
		return -1;
	*n = bytes / sizeof(int);
	return 0;
}

int getpagesize(void) { return PAGE; }

size_t confstr(int name, char *buf, size_t n)
{
	static const char path[] = "/usr/bin:/bin:/usr/sbin:/sbin";
	const char *v;
	if (name == _CS_PATH) {
		v = path;
	} else if (name == _CS_DARWIN_USER_TEMP_DIR || name == _CS_DARWIN_USER_CACHE_DIR) {
		v = getenv("TMPDIR");
		if (!v)
			v = "/tmp/";
	} else {
		errno = EINVAL;
		return 0;
	}
	if (n)
		strlcpy(buf, v, n);
	return strlen(v) + 1;
}

int gethostname(char *buf, size_t n)
{
	int mib[2] = { CTL_KERN, KERN_HOSTNAME };
	size_t len = n;
	if (__sysctl(mib, 2, buf, &len, NULL, 0) < 0) {
		if (errno == ENOMEM)
			errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}
int sethostname(const char *name, int n)
{
	int mib[2] = { CTL_KERN, KERN_HOSTNAME };
	return __sysctl(mib, 2, NULL, NULL, (void *)name, n);
}

int isatty(int fd)
{
	struct termios t;
	return tcgetattr(fd, &t) == 0;
}

/*
 * Times with nanoseconds are attributes. A time to be left alone is left out of
 * the list; order in the buffer is that of the attribute bits: MODTIME, ACCTIME.
 */
static int attr_times(const struct timespec in[2], struct attrlist *al, struct timespec out[2], size_t *size)
{
	struct timespec now, ts[2];
	memset(al, 0, sizeof *al);
	al->bitmapcount = ATTR_BIT_MAP_COUNT;
	clock_gettime(CLOCK_REALTIME, &now);
	for (int i = 0; i < 2; i++) {
		ts[i] = in ? in[i] : now;
		if (ts[i].tv_nsec == UTIME_NOW)
			ts[i] = now;
		else if (ts[i].tv_nsec != UTIME_OMIT && (ts[i].tv_nsec < 0 || ts[i].tv_nsec >= 1000000000)) {
			errno = EINVAL;
			return -1;
		}
	}
	int n = 0;
	if (ts[1].tv_nsec != UTIME_OMIT) {
		al->commonattr |= ATTR_CMN_MODTIME;
		out[n++] = ts[1];
	}
	if (ts[0].tv_nsec != UTIME_OMIT) {
		al->commonattr |= ATTR_CMN_ACCTIME;
		out[n++] = ts[0];
	}
	*size = n * sizeof out[0];
	return n;
}

int utimensat(int fd, const char *path, const struct timespec t[2], int flag)
{
	struct attrlist al;
	struct timespec out[2];
	size_t size;
	if (flag & ~AT_SYMLINK_NOFOLLOW) {
		errno = EINVAL;
		return -1;
	}
	int n = attr_times(t, &al, out, &size);
	if (n < 0)
		return -1;
	if (n == 0) {
		struct stat st;
		return fstatat(fd, path, &st, flag);
	}
	return setattrlistat(fd, path, &al, out, size, flag & AT_SYMLINK_NOFOLLOW ? FSOPT_NOFOLLOW : 0);
}
int futimens(int fd, const struct timespec t[2])
{
	struct attrlist al;
	struct timespec out[2];
	size_t size;
	int n = attr_times(t, &al, out, &size);
	if (n < 0)
		return -1;
	if (n == 0) {
		struct stat st;
		return fstat(fd, &st);
	}
	return fsetattrlist(fd, &al, out, size, 0);
}
int lutimes(const char *path, const struct timeval *t)
{
	struct timespec ts[2];
	for (int i = 0; t && i < 2; i++)
		ts[i] = (struct timespec){ t[i].tv_sec, t[i].tv_usec * 1000l };
	return utimensat(AT_FDCWD, path, t ? ts : NULL, AT_SYMLINK_NOFOLLOW);
}
int lchflags(const char *path, uint32_t flags)
{
	struct attrlist al = { .bitmapcount = ATTR_BIT_MAP_COUNT, .commonattr = ATTR_CMN_FLAGS };
	return setattrlist(path, &al, &flags, sizeof flags, FSOPT_NOFOLLOW);
}
int lchmod(const char *path, mode_t mode)
{
	struct attrlist al = { .bitmapcount = ATTR_BIT_MAP_COUNT, .commonattr = ATTR_CMN_ACCESSMASK };
	uint32_t m = mode;
	return setattrlist(path, &al, &m, sizeof m, FSOPT_NOFOLLOW);
}

int renamex_np(const char *a, const char *b, unsigned f) { return renameatx_np(AT_FDCWD, a, AT_FDCWD, b, f); }
int clonefile(const char *a, const char *b, uint32_t f) { return clonefileat(AT_FDCWD, a, AT_FDCWD, b, f); }
int setpgrp(void) { return setpgid(0, 0); }

unsigned alarm(unsigned s)
{
	struct itimerval t = { { 0, 0 }, { s, 0 } }, old;
	if (setitimer(ITIMER_REAL, &t, &old) < 0)
		return -1;
	return old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}
useconds_t ualarm(useconds_t us, useconds_t again)
{
	struct itimerval t = { { again / 1000000, again % 1000000 }, { us / 1000000, us % 1000000 } }, old;
	if (setitimer(ITIMER_REAL, &t, &old) < 0)
		return -1;
	return old.it_value.tv_sec * 1000000 + old.it_value.tv_usec;
}
int nice(int n)
{
	int saved = errno;
	errno = 0;
	int p = getpriority(PRIO_PROCESS, 0);
	if (p == -1 && errno)
		return -1;
	if (setpriority(PRIO_PROCESS, 0, p + n) < 0) {
		if (errno == EACCES)
			errno = EPERM;
		return -1;
	}
	errno = saved;
	return getpriority(PRIO_PROCESS, 0);
}

int getlogin_r(char *buf, size_t n) { return __getlogin(buf, n) < 0 ? errno : 0; }
char *getlogin(void)
{
	static char name[256];
	return __getlogin(name, sizeof name) < 0 || !name[0] ? NULL : name;
}

ssize_t send(int s, const void *b, size_t n, int f) { return sendto(s, b, n, f, NULL, 0); }
ssize_t recv(int s, void *b, size_t n, int f) { return recvfrom(s, b, n, f, NULL, NULL); }

/*
 * Reusable pages are given back at once and come anew when they are touched, so
 * there is nothing to tell the kernel when they are used again. Go's runtime says
 * so for every span.
 */
int madvise(void *p, size_t n, int advice)
{
	return advice == MADV_FREE_REUSE ? 0 : __madvise(p, n, advice);
}
int posix_madvise(void *p, size_t n, int a) { int s = errno, r = madvise(p, n, a) < 0 ? errno : 0; errno = s; return r; }
int sched_yield(void) { swtch_pri(0); return 0; }
void pthread_yield_np(void) { swtch_pri(0); }
int sched_get_priority_min(int p) { return 15; }
int sched_get_priority_max(int p) { return 47; }

int lockf(int fd, int op, off_t len)
{
	struct flock fl = { .l_len = len, .l_whence = SEEK_CUR, .l_type = op == F_ULOCK ? F_UNLCK : F_WRLCK };
	if (op < F_ULOCK || op > F_TEST) {
		errno = EINVAL;
		return -1;
	}
	if (op == F_TEST) {
		if (fcntl(fd, F_GETLK, &fl) < 0)
			return -1;
		if (fl.l_type == F_UNLCK || fl.l_pid == getpid())
			return 0;
		errno = EAGAIN;
		return -1;
	}
	return fcntl(fd, op == F_LOCK ? F_SETLKW : F_SETLK, &fl);
}

int ptrace(int req, pid_t pid, caddr_t addr, int data)
{
	int __ptrace(int, pid_t, caddr_t, int);
	errno = 0; /* -1 may be data */
	return __ptrace(req, pid, addr, data);
}

/* Darwin's sbrk is a fixed 4 MB area; brk does nothing there either. */
void *sbrk(int n)
{
	static char area[4 << 20] __attribute__((aligned(4096)));
	static int used;
	if (n < 0 ? used < -n : n > (int)sizeof area - used) {
		errno = ENOMEM;
		return (void *)-1;
	}
	void *p = area + used;
	used += n;
	return p;
}
int brk(const void *p) { errno = ENOMEM; return -1; }

/* Pseudo terminals. */
int posix_openpt(int flags) { return open("/dev/ptmx", flags); }
int grantpt(int fd) { return ioctl(fd, TIOCPTYGRANT); }
int unlockpt(int fd) { return ioctl(fd, TIOCPTYUNLK); }
int ptsname_r(int fd, char *buf, size_t n)
{
	char name[128];
	if (!buf)
		return errno = EINVAL;
	if (ioctl(fd, TIOCPTYGNAME, name) < 0)
		return errno;
	if (strlcpy(buf, name, n) >= n)
		return errno = ERANGE;
	return 0;
}
char *ptsname(int fd)
{
	static char name[128];
	return ptsname_r(fd, name, sizeof name) ? NULL : name;
}

/*
 * Apple's libc is warmed up through these before fork; the services behind
 * them (notifyd, XPC) do not exist here. No token is valid; no date is made.
 */
int notify_is_valid_token(int token) { return 0; }
void *xpc_date_create_from_current(void) { return NULL; }
