/* Calls of older systems, each a few lines over today's. */
#include "private.h"
#include <errno.h>
#include <execinfo.h>
#include <dlfcn.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysctl.h>
#include <sys/times.h>
#include <sys/ucred.h>
#include <sys/un.h>
#include <inttypes.h>
#include <wchar.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <utmpx.h>
#include <libkern/OSCacheControl.h>

int utime(const char *path, const struct utimbuf *t)
{
	struct timeval tv[2];
	if (t) {
		tv[0] = (struct timeval){ t->actime, 0 };
		tv[1] = (struct timeval){ t->modtime, 0 };
	}
	return utimes(path, t ? tv : NULL);
}

/* Ticks are CLK_TCK's hundredths of a second. */
static clock_t ticks(struct timeval tv) { return tv.tv_sec * 100 + tv.tv_usec / 10000; }
clock_t times(struct tms *t)
{
	struct rusage self, kids;
	struct timespec now;
	if (getrusage(RUSAGE_SELF, &self) < 0 || getrusage(RUSAGE_CHILDREN, &kids) < 0 || clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return (clock_t)-1;
	if (t)
		*t = (struct tms){ ticks(self.ru_utime), ticks(self.ru_stime), ticks(kids.ru_utime), ticks(kids.ru_stime) };
	return now.tv_sec * 100 + now.tv_nsec / 10000000;
}

static int vfs(struct statfs *s, struct statvfs *out)
{
	*out = (struct statvfs){ .f_bsize = s->f_iosize, .f_frsize = s->f_bsize, .f_blocks = s->f_blocks, .f_bfree = s->f_bfree,
		.f_bavail = s->f_bavail, .f_files = s->f_files, .f_ffree = s->f_ffree, .f_favail = s->f_ffree,
		.f_fsid = s->f_fsid.val[0], .f_namemax = 255,
		.f_flag = (s->f_flags & MNT_RDONLY ? ST_RDONLY : 0) | (s->f_flags & MNT_NOSUID ? ST_NOSUID : 0) };
	return 0;
}
int statvfs(const char *path, struct statvfs *out)
{
	struct statfs s;
	return statfs(path, &s) < 0 ? -1 : vfs(&s, out);
}
int fstatvfs(int fd, struct statvfs *out)
{
	struct statfs s;
	return fstatfs(fd, &s) < 0 ? -1 : vfs(&s, out);
}

key_t ftok(const char *path, int id)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return -1;
	return (id & 0xff) << 24 | (st.st_dev & 0xff) << 16 | (st.st_ino & 0xffff);
}
int getloadavg(double avg[], int n)
{
	struct { uint32_t ldavg[3]; long scale; } l;
	size_t size = sizeof l;
	if (sysctlbyname("vm.loadavg", &l, &size, NULL, 0) < 0 || l.scale == 0)
		return -1;
	if (n > 3)
		n = 3;
	for (int i = 0; i < n; i++)
		avg[i] = (double)l.ldavg[i] / l.scale;
	return n;
}
int sockatmark(int s)
{
	int mark;
	return ioctl(s, SIOCATMARK, &mark) < 0 ? -1 : mark;
}
int remove(const char *path)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path);
}
int getpeereid(int s, uid_t *uid, gid_t *gid)
{
	struct xucred x;
	socklen_t n = sizeof x;
	if (getsockopt(s, 0, LOCAL_PEERCRED, &x, &n) < 0)
		return -1;
	*uid = x.cr_uid;
	*gid = x.cr_groups[0];
	return 0;
}
long gethostid(void)
{
	int id = 0;
	size_t n = sizeof id;
	sysctlbyname("kern.hostid", &id, &n, NULL, 0);
	return id;
}
void psignal(int sig, const char *s)
{
	if (s && *s)
		fprintf(stderr, "%s: ", s);
	fprintf(stderr, "%s\n", strsignal(sig));
}

/* Six bits a character, the lowest first. */
static const char digits64[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
long a64l(const char *s)
{
	uint32_t v = 0;
	for (int i = 0; i < 6 && s[i]; i++) {
		const char *d = strchr(digits64, s[i]);
		if (!d)
			break;
		v |= (uint32_t)(d - digits64) << 6 * i;
	}
	return (int32_t)v;
}
char *l64a(long v)
{
	static char buf[8];
	uint32_t u = v;
	int n = 0;
	for (; u; u >>= 6)
		buf[n++] = digits64[u & 63];
	buf[n] = 0;
	return buf;
}

/* The digits of v, n of them or n behind the point. */
static char *digits_out(double v, int n, int *point, int *sign, bool fixed)
{
	static char out[512];
	char text[512];
	*sign = signbit(v) != 0;
	*point = 0;
	v = fabs(v);
	if (!isfinite(v)) {
		strcpy(out, isnan(v) ? "nan" : "inf");
		return out;
	}
	n = n < 0 ? 0 : n > 100 ? 100 : n;
	char *p = out;
	if (fixed) {
		snprintf(text, sizeof text, "%.*f", n, v);
		char *t = text, *dot = strchr(text, '.');
		*point = dot ? dot - text : (int)strlen(text);
		bool lead = true;
		for (; *t; t++) {
			if (*t == '.')
				continue;
			if (lead && *t == '0' && v != 0) {
				--*point;
				continue;
			}
			lead = false;
			*p++ = *t;
		}
		if (v == 0)
			*point = 0;
	} else {
		snprintf(text, sizeof text, "%.*e", n > 0 ? n - 1 : 0, v);
		for (char *t = text; *t && *t != 'e'; t++)
			if (*t != '.')
				*p++ = *t;
		*point = v == 0 ? 0 : atoi(strchr(text, 'e') + 1) + 1;
		if (n == 0)
			p = out;
	}
	*p = 0;
	return out;
}
char *ecvt(double v, int n, int *restrict point, int *restrict sign) { return digits_out(v, n, point, sign, false); }
char *fcvt(double v, int n, int *restrict point, int *restrict sign) { return digits_out(v, n, point, sign, true); }
char *gcvt(double v, int n, char *buf)
{
	sprintf(buf, "%.*g", n > 0 ? n : 1, v);
	return buf;
}

/* Who called, by the frame pointers, as far as they go upwards within the stack. */
int backtrace(void **out, int n)
{
	uintptr_t *fp = __builtin_frame_address(0), top = (uintptr_t)pthread_get_stackaddr_np(pthread_self());
	int k = 0;
	while (k < n && (uintptr_t)fp < top - 8 && !((uintptr_t)fp & 7)) {
		if (!fp[1])
			break;
		out[k++] = (void *)fp[1];
		if (fp[0] <= (uintptr_t)fp)
			break;
		fp = (uintptr_t *)fp[0];
	}
	return k;
}
static int describe(char *buf, size_t n, int i, void *addr)
{
	Dl_info d;
	if (!dladdr(addr, &d))
		return snprintf(buf, n, "%-3d %-35s 0x%016lx 0x0 + %lu", i, "\?\?\?", (long)addr, (long)addr);
	const char *slash = d.dli_fname ? strrchr(d.dli_fname, '/') : NULL, *image = slash ? slash + 1 : d.dli_fname ? d.dli_fname : "\?\?\?";
	if (d.dli_sname)
		return snprintf(buf, n, "%-3d %-35s 0x%016lx %s + %lu", i, image, (long)addr, d.dli_sname, (long)((char *)addr - (char *)d.dli_saddr));
	return snprintf(buf, n, "%-3d %-35s 0x%016lx 0x%lx + %lu", i, image, (long)addr, (long)d.dli_fbase, (long)((char *)addr - (char *)d.dli_fbase));
}
char **backtrace_symbols(void *const *addrs, int n)
{
	enum { WIDTH = 512 };
	char **v = n >= 0 ? malloc(n * (sizeof *v + WIDTH) + 1) : NULL;
	for (int i = 0; v && i < n; i++) {
		v[i] = (char *)(v + n) + i * WIDTH;
		describe(v[i], WIDTH, i, addrs[i]);
	}
	return v;
}
void backtrace_symbols_fd(void *const *addrs, int n, int fd)
{
	char buf[512];
	for (int i = 0; i < n; i++) {
		int k = describe(buf, sizeof buf - 1, i, addrs[i]);
		if (k > (int)sizeof buf - 2)
			k = sizeof buf - 2;
		buf[k++] = '\n';
		write(fd, buf, k);
	}
}

/* Nobody is logged in. */
void setutxent(void) { }
void endutxent(void) { }
struct utmpx *getutxent(void) { return NULL; }
struct utmpx *getutxid(const struct utmpx *u) { return NULL; }
struct utmpx *getutxline(const struct utmpx *u) { return NULL; }
struct utmpx *pututxline(const struct utmpx *u)
{
	errno = EPERM;
	return NULL;
}

void sys_icache_invalidate(void *p, size_t n) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void sys_dcache_flush(void *p, size_t n) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

imaxdiv_t imaxdiv(intmax_t a, intmax_t b) { return (imaxdiv_t){ a / b, a % b }; }
intmax_t wcstoimax(const wchar_t *s, wchar_t **e, int b) { return wcstoll(s, e, b); }
uintmax_t wcstoumax(const wchar_t *s, wchar_t **e, int b) { return wcstoull(s, e, b); }
