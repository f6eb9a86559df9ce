/*
 * Directories. A stream holds one bufferful of entries as the kernel packs
 * them. A position from telldir is remembered in the stream: where its buffer
 * began and how far in it was.
 */
#include "private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define BUFSIZE 16384

struct mark { off_t base; size_t in; };
struct _dirdesc {
	int fd;
	lock_t lock;
	size_t in, len;   /* next entry; end of what was read */
	off_t base;       /* where this buffer began, as the kernel says */
	struct mark *marks;
	long nmarks;
	void *old;        /* the last entry as readdir without $INODE64 gives it */
	char buf[BUFSIZE] __attribute__((aligned(8)));
};


DIR *fdopendir(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	DIR *d = malloc(sizeof *d);
	if (!d)
		return NULL;
	memset(d, 0, offsetof(DIR, buf));
	d->fd = fd;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return d;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	DIR *d = fdopendir(fd);
	if (!d) {
		int saved = errno;
		close(fd);
		errno = saved;
	}
	return d;
}

/* The next entry, NULL at the end (errno untouched) or on error. d is locked. */
static struct dirent *next(DIR *d)
{
	for (;;) {
		if (d->in >= d->len) {
			long n = __getdirentries64(d->fd, d->buf, BUFSIZE, &d->base);
			if (n <= 0)
				return NULL;
			d->len = n;
			d->in = 0;
		}
		struct dirent *e = (struct dirent *)(d->buf + d->in);
		if (e->d_reclen < 24 || d->in + e->d_reclen > d->len) {
			d->in = d->len;
			continue;
		}
		d->in += e->d_reclen;
		if (e->d_ino)
			return e;
	}
}

struct dirent *readdir(DIR *d)
{
	lock(&d->lock);
	struct dirent *e = next(d);
	unlock(&d->lock);
	return e;
}

int readdir_r(DIR *d, struct dirent *entry, struct dirent **result)
{
	int saved = errno;
	errno = 0;
	lock(&d->lock);
	struct dirent *e = next(d);
	int err = errno;
	if (e)
		memcpy(entry, e, e->d_reclen < sizeof *e ? e->d_reclen : sizeof *e);
	unlock(&d->lock);
	errno = saved;
	*result = e ? entry : NULL;
	return e ? 0 : err;
}

int closedir(DIR *d)
{
	int fd = d->fd;
	free(d->marks);
	free(d->old);
	free(d);
	return close(fd);
}

int dirfd(DIR *d) { return d->fd; }

/* size bytes that belong to the stream (dirent32.c) */
void *_dir_old(DIR *d, size_t size)
{
	lock(&d->lock);
	if (!d->old)
		d->old = malloc(size);
	unlock(&d->lock);
	return d->old;
}

void rewinddir(DIR *d)
{
	lock(&d->lock);
	lseek(d->fd, 0, SEEK_SET);
	d->in = d->len = 0;
	unlock(&d->lock);
}

long telldir(DIR *d)
{
	lock(&d->lock);
	struct mark m = { d->base, d->in };
	if (d->in >= d->len) {
		m.base = lseek(d->fd, 0, SEEK_CUR);
		m.in = 0;
	}
	long i;
	for (i = 0; i < d->nmarks; i++)
		if (d->marks[i].base == m.base && d->marks[i].in == m.in)
			break;
	if (i == d->nmarks) {
		struct mark *more = realloc(d->marks, (i + 1) * sizeof *more);
		if (more) {
			d->marks = more;
			d->marks[d->nmarks++] = m;
		} else {
			i = -1;
		}
	}
	unlock(&d->lock);
	return i;
}

void seekdir(DIR *d, long at)
{
	lock(&d->lock);
	if (at >= 0 && at < d->nmarks) {
		struct mark m = d->marks[at];
		if (d->len && m.base == d->base) {
			d->in = m.in;
		} else if (lseek(d->fd, m.base, SEEK_SET) >= 0) {
			d->in = d->len = 0;
			while (d->in < m.in && next(d))
				;
		}
	}
	unlock(&d->lock);
}

int alphasort(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

int scandir(const char *path, struct dirent ***list, int (*want)(const struct dirent *),
    int (*cmp)(const struct dirent **, const struct dirent **))
{
	DIR *d = opendir(path);
	if (!d)
		return -1;
	struct dirent **l = NULL, *e;
	int n = 0, room = 0;
	while ((e = readdir(d))) {
		if (want && !want(e))
			continue;
		if (n == room) {
			room = room ? 2 * room : 32;
			struct dirent **m = realloc(l, room * sizeof *m);
			if (!m)
				goto fail;
			l = m;
		}
		struct dirent *c = malloc(e->d_reclen);
		if (!c)
			goto fail;
		l[n++] = memcpy(c, e, e->d_reclen);
	}
	closedir(d);
	if (n > 1 && cmp)
		qsort(l, n, sizeof *l, (int (*)(const void *, const void *))cmp);
	*list = l;
	return n;
fail:
	while (n > 0)
		free(l[--n]);
	free(l);
	closedir(d);
	errno = ENOMEM;
	return -1;
}
