/*
 * Which streams there are, and their opening and closing. A FILE is never given back: a closed
 * one has no flags and waits to be used again. So who walks through them needs no lock
 * to keep one, and holds none while it waits for a stream's.
 */
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int fd_read(void *cookie, char *p, int n) { return read(((FILE *)cookie)->_file, p, n); }
static int fd_write(void *cookie, const char *p, int n) { return write(((FILE *)cookie)->_file, p, n); }
static fpos_t fd_seek(void *cookie, fpos_t at, int whence) { return lseek(((FILE *)cookie)->_file, at, whence); }
static int fd_close(void *cookie) { return close(((FILE *)cookie)->_file); }

#define STANDARD(name, fd, flags, before) \
	static struct __sFILEX name##x = { .prev = before }; \
	static FILE name = { ._file = fd, ._flags = flags, ._cookie = &name, ._extra = &name##x, \
		._read = fd_read, ._write = fd_write, ._seek = fd_seek, ._close = fd_close };
STANDARD(sin, 0, __SRD, NULL)
STANDARD(sout, 1, __SWR, &sin)
STANDARD(serr, 2, __SWR | __SNBF, &sout)
FILE *__stdinp = &sin, *__stdoutp = &sout, *__stderrp = &serr;
static FILE *files = &serr; /* every one there is, through prev; files_lock */
static FILE *idle;          /* those of them that are closed, through next; files_lock */
static lock_t files_lock;   /* taken last, and nothing is called under it */

void stdio_fork_prepare(void) { lock(&files_lock); }
void stdio_fork_done(void) { unlock(&files_lock); }

/* What does not fit into _file. */
static bool too_many(int fd)
{
	if (fd <= 0x7fff)
		return false;
	errno = EMFILE;
	return true;
}
static void of_descriptor(FILE *f, int fd)
{
	f->_file = fd;
	f->_cookie = f;
	f->_read = fd_read, f->_write = fd_write, f->_seek = fd_seek, f->_close = fd_close;
}
FILE *file_new(int fd, int flags)
{
	if (too_many(fd))
		return NULL;
	FILE *f;
	lock(&files_lock);
	while ((f = idle)) {
		idle = f->_extra->next;
		f->_extra->idle = false;
		if (!f->_flags) /* freopen has not opened it meanwhile */
			break;
	}
	unlock(&files_lock);
	if (!f) {
		struct { FILE f; struct __sFILEX x; } *both = calloc(1, sizeof *both);
		if (!both)
			return NULL;
		f = &both->f;
		f->_extra = &both->x;
		lock(&files_lock);
		f->_extra->prev = files;
		__atomic_store_n(&files, f, __ATOMIC_RELEASE);
		unlock(&files_lock);
	}
	of_descriptor(f, fd);
	__atomic_store_n(&f->_flags, flags, __ATOMIC_RELEASE);
	return f;
}
/* Unlocks the stream, however often its closer has locked it, and has it used again. */
static void file_free(FILE *f)
{
	struct __sFILEX *x = f->_extra;
	drop_buffer(f);
	free(f->_lb._base);
	f->_lb._base = NULL;
	f->_flags = 0;
	f->_file = -1;
	x->orientation = x->child = 0;
	x->line_room = 0;
	x->count = 1;
	file_unlock(f);
	if (f == &sin || f == &sout || f == &serr)
		return;
	lock(&files_lock);
	if (!x->idle) {
		x->idle = true;
		x->next = idle;
		idle = f;
	}
	unlock(&files_lock);
}

/* Flushes those that are being written; without waiting, but for those that others have locked. */
static int flush_all(bool wait)
{
	int r = 0;
	for (FILE *f = __atomic_load_n(&files, __ATOMIC_ACQUIRE); f; f = f->_extra->prev) {
		if (!(__atomic_load_n(&f->_flags, __ATOMIC_ACQUIRE) & __SWR)) /* a reader may have its lock for long */
			continue;
		if (wait)
			file_lock(f);
		else if (ftrylockfile(f) != 0)
			continue;
		if (f->_flags & __SWR)
			r |= flush_unlocked(f);
		file_unlock(f);
	}
	return r;
}
void stdio_exit(void) { flush_all(false); }
int fflush(FILE *f)
{
	if (!f)
		return flush_all(true);
	file_lock(f);
	int r = flush_unlocked(f);
	file_unlock(f);
	return r;
}
/* Before f is read from: what standard output asks must be seen. */
void stdio_prompt(FILE *f)
{
	if (f != &sout && sout._flags & __SLBF && sout._flags & __SWR && sout._p > sout._bf._base)
		fflush(&sout);
}

int file_flags(const char *m, int *o)
{
	int flags, oflags;
	switch (*m++) {
	case 'r': flags = __SRD, oflags = 0; break;
	case 'w': flags = __SWR, oflags = O_CREAT | O_TRUNC; break;
	case 'a': flags = __SWR | __SAPP, oflags = O_CREAT | O_APPEND; break;
	default: errno = EINVAL; return 0;
	}
	for (; *m && *m != ','; m++)
		switch (*m) {
		case '+': flags = __SRW | (flags & __SAPP); break;
		case 'x': oflags |= O_EXCL; break;
		case 'e': oflags |= O_CLOEXEC; break;
		case 'b': break;
		default: break;
		}
	*o = oflags | (flags & __SRD ? O_RDONLY : flags & __SWR ? O_WRONLY : O_RDWR);
	return flags;
}

FILE *fdopen(int fd, const char *mode)
{
	int o, flags = file_flags(mode, &o), now;
	if (!flags || (now = fcntl(fd, F_GETFL)) < 0)
		return NULL;
	if ((now & O_ACCMODE) != O_RDWR && (now & O_ACCMODE) != (o & O_ACCMODE)) {
		errno = EINVAL;
		return NULL;
	}
	FILE *f = file_new(fd, flags);
	if (!f)
		return NULL;
	if (o & O_CLOEXEC)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (flags & __SAPP && !(now & O_APPEND))
		fcntl(fd, F_SETFL, now | O_APPEND);
	return f;
}
FILE *fopen(const char *path, const char *mode)
{
	int o, flags = file_flags(mode, &o);
	if (!flags)
		return NULL;
	int fd = open(path, o, 0666);
	if (fd < 0)
		return NULL;
	FILE *f = file_new(fd, flags);
	if (!f)
		close(fd);
	return f;
}

/* Flushes, closes and frees a locked stream. */
static int close_locked(FILE *f)
{
	int r = flush_unlocked(f);
	if (f->_close)
		r |= f->_close(f->_cookie);
	file_free(f);
	return r ? EOF : 0;
}
int fclose(FILE *f)
{
	file_lock(f);
	if (!f->_flags) {
		file_unlock(f);
		errno = EBADF;
		return EOF;
	}
	return close_locked(f);
}

/* The same file in another mode, which its descriptor must allow; an errno. */
static int reopen_same(FILE *f, int o)
{
	int now = fcntl(f->_file, F_GETFL);
	if (now < 0)
		return errno;
	if ((now & O_ACCMODE) != O_RDWR && (now & O_ACCMODE) != (o & O_ACCMODE))
		return EBADF;
	flush_unlocked(f);
	if ((now ^ o) & O_APPEND && fcntl(f->_file, F_SETFL, (now & ~O_APPEND) | (o & O_APPEND)) < 0)
		return errno;
	/* As in Libc, these may fail: of a pipe they do. */
	if (o & O_TRUNC)
		ftruncate(f->_file, 0);
	if (!(o & O_APPEND))
		lseek(f->_file, 0, SEEK_SET);
	return 0;
}
/* Puts the file of the path where the stream's was, under its descriptor if it had one; an errno. */
static int reopen_other(FILE *f, const char *path, int o)
{
	int fd = open(path, o, 0666), err = errno, old = f->_file;
	if (fd < 0)
		return err;
	flush_unlocked(f);
	if (f->_flags && f->_read != fd_read && f->_close)
		f->_close(f->_cookie);
	if (old >= 0 && fd != old) {
		int r = dup2(fd, old);
		err = errno;
		close(fd);
		if (r < 0)
			return err;
		fd = old;
	}
	if (fd > 0x7fff) {
		close(fd);
		of_descriptor(f, -1);
		return EMFILE;
	}
	of_descriptor(f, fd);
	return 0;
}
/* Whatever fails closes the stream, a mode that is none too. */
FILE *freopen(const char *path, const char *mode, FILE *f)
{
	int o, flags = file_flags(mode, &o);
	file_lock(f);
	bool closed = !f->_flags;
	int err = !flags ? EINVAL : path ? reopen_other(f, path, o) : closed ? EINVAL : reopen_same(f, o);
	if (err) {
		if (closed)
			file_unlock(f);
		else
			close_locked(f);
		errno = err;
		return NULL;
	}
	drop_buffer(f);
	f->_flags = flags | (f == &serr ? __SNBF : 0);
	f->_extra->orientation = 0;
	if (o & O_CLOEXEC)
		fcntl(f->_file, F_SETFD, FD_CLOEXEC);
	file_unlock(f);
	return f;
}
