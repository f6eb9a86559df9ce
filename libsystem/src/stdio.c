/*
 * Streams: buffers over descriptors. A stream has one buffer, which holds
 * either what was read ahead or what is to be written. Every public call locks
 * its stream, recursively, as flockfile does.
 */
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define BUFFER 8192

static FILE sin = { .fd = 0, .flags = F_READ | F_STATIC, .mode = -1 };
static FILE sout = { .fd = 1, .flags = F_WRITE | F_STATIC, .mode = -1, .prev = &sin };
static FILE serr = { .fd = 2, .flags = F_WRITE | F_STATIC, .mode = _IONBF, .prev = &sout };
FILE *__stdinp = &sin, *__stdoutp = &sout, *__stderrp = &serr;
static FILE *files = &serr; /* files_lock; through prev */
static lock_t files_lock;

void file_lock(FILE *f)
{
	struct _opaque_pthread_t *me = self();
	if (__atomic_load_n(&f->owner, __ATOMIC_RELAXED) != me) {
		lock(&f->state);
		__atomic_store_n(&f->owner, me, __ATOMIC_RELAXED);
	}
	f->count++;
}
void file_unlock(FILE *f)
{
	if (--f->count == 0) {
		__atomic_store_n(&f->owner, NULL, __ATOMIC_RELAXED);
		unlock(&f->state);
	}
}
void flockfile(FILE *f) { file_lock(f); }
void funlockfile(FILE *f) { file_unlock(f); }
int ftrylockfile(FILE *f)
{
	if (f->owner != self()) {
		if (!try_lock(&f->state))
			return -1;
		f->owner = self();
	}
	f->count++;
	return 0;
}

void stdio_fork_prepare(void) { lock(&files_lock); }
void stdio_fork_done(void) { unlock(&files_lock); }

FILE *file_new(int fd, unsigned flags)
{
	FILE *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->fd = fd;
	f->flags = flags;
	f->mode = -1;
	lock(&files_lock);
	f->prev = files;
	files->next = f;
	files = f;
	unlock(&files_lock);
	return f;
}

void file_free(FILE *f)
{
	if (f->flags & F_OWNBUF)
		free(f->buf);
	free(f->line);
	if (f->flags & F_STATIC)
		return;
	lock(&files_lock);
	if (f->next)
		f->next->prev = f->prev;
	else
		files = f->prev;
	if (f->prev)
		f->prev->next = f->next;
	unlock(&files_lock);
	free(f);
}

/* The buffer is made at the first use: terminals are line buffered. */
static bool buffer(FILE *f)
{
	if (f->buf)
		return true;
	if (f->mode == -1) {
		struct stat st;
		f->mode = f->fd >= 0 && fstat(f->fd, &st) == 0 && S_ISCHR(st.st_mode) && isatty(f->fd) ? _IOLBF : _IOFBF;
	}
	if (f->mode != _IONBF && (f->buf = malloc(BUFFER))) {
		f->size = BUFFER;
		f->flags |= F_OWNBUF;
		return true;
	}
	f->buf = f->one;
	f->size = 1;
	return true;
}

static ssize_t raw_read(FILE *f, char *p, size_t n)
{
	if (f->readfn)
		return f->readfn(f->cookie, p, n > 0x7fffffff ? 0x7fffffff : n);
	if (f->fd < 0) {
		errno = EBADF;
		return -1;
	}
	return read(f->fd, p, n);
}
static bool raw_write(FILE *f, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = f->writefn ? f->writefn(f->cookie, p, n > 0x7fffffff ? 0x7fffffff : n) : write(f->fd, p, n);
		if (r <= 0) {
			f->flags |= F_ERR;
			return false;
		}
		p += r;
		n -= r;
	}
	return true;
}
static off_t raw_seek(FILE *f, off_t at, int whence)
{
	if (f->seekfn)
		return f->seekfn(f->cookie, at, whence);
	if (f->fd < 0) {
		errno = ESPIPE;
		return -1;
	}
	return lseek(f->fd, at, whence);
}

int flush_unlocked(FILE *f)
{
	if (f->flags & F_WRITING) {
		size_t n = f->w;
		f->w = 0;
		f->flags &= ~F_WRITING;
		if (n && !raw_write(f, f->buf, n))
			return EOF;
	} else if (f->flags & F_READING && f->fd >= 0 && f->rend > f->r) {
		/* What was read ahead goes back, if it can. */
		int saved = errno;
		if (raw_seek(f, (off_t)f->r - (off_t)f->rend, SEEK_CUR) >= 0)
			f->r = f->rend = 0, f->flags &= ~F_READING;
		errno = saved;
	}
	return 0;
}

static bool to_reading(FILE *f)
{
	if (!(f->flags & F_READ)) {
		errno = EBADF;
		f->flags |= F_ERR;
		return false;
	}
	if (f->flags & F_WRITING && flush_unlocked(f) < 0)
		return false;
	f->flags |= F_READING;
	return buffer(f);
}
static bool to_writing(FILE *f)
{
	if (!(f->flags & F_WRITE)) {
		errno = EBADF;
		f->flags |= F_ERR;
		return false;
	}
	if (f->flags & F_READING) {
		flush_unlocked(f);
		f->r = f->rend = 0;
		f->nunget = 0;
		f->flags &= ~(F_READING | F_EOFSEEN);
	}
	f->flags |= F_WRITING;
	return buffer(f);
}

int fill(FILE *f)
{
	if (!to_reading(f))
		return EOF;
	if (f->flags & F_EOFSEEN)
		return EOF;
	if (f->mode != _IOFBF && f != &sout && sout.mode == _IOLBF && sout.w)
		fflush(&sout); /* a prompt must be seen */
	ssize_t n = raw_read(f, f->buf, f->size);
	f->r = 0;
	f->rend = n > 0 ? n : 0;
	if (n <= 0) {
		f->flags |= n < 0 ? F_ERR : F_EOFSEEN;
		return EOF;
	}
	return 0;
}

int getc_slow(FILE *f)
{
	if (f->nunget)
		return (unsigned char)f->unget[--f->nunget];
	if (f->r == f->rend && fill(f) < 0)
		return EOF;
	return (unsigned char)f->buf[f->r++];
}

void unget1(FILE *f, int c)
{
	if (c == EOF)
		return;
	if (f->nunget == 0 && f->r > 0 && f->flags & F_READING && (unsigned char)f->buf[f->r - 1] == (unsigned char)c)
		f->r--;
	else if (f->nunget < (int)sizeof f->unget)
		f->unget[f->nunget++] = c;
	f->flags &= ~F_EOFSEEN;
}

size_t write_unlocked(FILE *f, const char *p, size_t n)
{
	if (!(f->flags & F_WRITING) && !to_writing(f))
		return 0;
	if (f->mode == _IONBF)
		return raw_write(f, p, n) ? n : 0;
	size_t done = n;
	if (n > f->size - f->w) {
		size_t k = f->w;
		f->w = 0;
		if (k && !raw_write(f, f->buf, k))
			return 0;
		if (n >= f->size)
			return raw_write(f, p, n) ? n : 0;
	}
	memcpy(f->buf + f->w, p, n);
	f->w += n;
	if (f->mode == _IOLBF && memrchr(p, '\n', n)) {
		n = f->w;
		f->w = 0;
		if (!raw_write(f, f->buf, n))
			return 0;
	}
	return done;
}

void stdio_exit(void)
{
	for (FILE *f = files; f; f = f->prev)
		if (f->flags & F_WRITING && (f->owner == self() || try_lock(&f->state)))
			flush_unlocked(f);
}

int fflush(FILE *f)
{
	int r = 0;
	if (f) {
		file_lock(f);
		r = flush_unlocked(f);
		file_unlock(f);
		return r;
	}
	lock(&files_lock);
	for (f = files; f; f = f->prev) {
		file_lock(f);
		if (f->flags & F_WRITING)
			r |= flush_unlocked(f);
		file_unlock(f);
	}
	unlock(&files_lock);
	return r;
}
int fpurge(FILE *f)
{
	file_lock(f);
	f->r = f->rend = f->w = 0;
	f->nunget = 0;
	file_unlock(f);
	return 0;
}

int file_flags(const char *m, int *o)
{
	int flags, oflags;
	switch (*m++) {
	case 'r': flags = F_READ, oflags = 0; break;
	case 'w': flags = F_WRITE, oflags = O_CREAT | O_TRUNC; break;
	case 'a': flags = F_WRITE | F_APPEND, oflags = O_CREAT | O_APPEND; break;
	default: errno = EINVAL; return -1;
	}
	for (; *m && *m != ','; m++)
		switch (*m) {
		case '+': flags |= F_READ | F_WRITE; break;
		case 'x': oflags |= O_EXCL; break;
		case 'e': oflags |= O_CLOEXEC; break;
		case 'b': break;
		default: break;
		}
	int both = flags & (F_READ | F_WRITE);
	*o = oflags | (both == F_READ ? O_RDONLY : both == F_WRITE ? O_WRONLY : O_RDWR);
	return flags;
}

FILE *fdopen(int fd, const char *mode)
{
	int o, flags = file_flags(mode, &o);
	if (flags < 0 || fcntl(fd, F_GETFL) < 0)
		return NULL;
	if (o & O_CLOEXEC)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (flags & F_APPEND)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_APPEND);
	return file_new(fd, flags);
}
FILE *fopen(const char *path, const char *mode)
{
	int o, flags = file_flags(mode, &o);
	if (flags < 0)
		return NULL;
	int fd = open(path, o, 0666);
	if (fd < 0)
		return NULL;
	FILE *f = file_new(fd, flags);
	if (!f)
		close(fd);
	return f;
}

static int close_inside(FILE *f)
{
	int r = flush_unlocked(f);
	if (f->closefn)
		r |= f->closefn(f->cookie);
	else if (f->fd >= 0)
		r |= close(f->fd);
	f->fd = -1;
	return r ? EOF : 0;
}
int fclose(FILE *f)
{
	file_lock(f);
	int r = close_inside(f);
	file_unlock(f);
	file_free(f);
	return r;
}
FILE *freopen(const char *path, const char *mode, FILE *f)
{
	int o, flags = file_flags(mode, &o);
	if (flags < 0)
		return NULL;
	file_lock(f);
	if (!path) {
		flush_unlocked(f);
		f->flags = (f->flags & (F_STATIC | F_OWNBUF)) | flags;
		file_unlock(f);
		return f;
	}
	int old = f->fd, fd = open(path, o, 0666);
	if (fd < 0) {
		close_inside(f);
		file_unlock(f);
		return NULL;
	}
	flush_unlocked(f);
	if (f->closefn)
		f->closefn(f->cookie);
	f->readfn = NULL, f->writefn = NULL, f->seekfn = NULL, f->closefn = NULL;
	if (old >= 0 && fd != old) {
		dup2(fd, old);
		close(fd);
		fd = old;
	}
	f->fd = fd;
	f->flags = (f->flags & (F_STATIC | F_OWNBUF)) | flags;
	f->r = f->rend = f->w = 0;
	f->nunget = 0;
	file_unlock(f);
	return f;
}

int setvbuf(FILE *f, char *buf, int mode, size_t n)
{
	if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF)
		return EOF;
	file_lock(f);
	flush_unlocked(f);
	if (f->flags & F_OWNBUF)
		free(f->buf);
	f->flags &= ~F_OWNBUF;
	f->buf = NULL;
	f->r = f->rend = f->w = 0;
	f->mode = mode;
	if (buf && n && mode != _IONBF) {
		f->buf = buf;
		f->size = n;
	}
	file_unlock(f);
	return 0;
}
void setbuffer(FILE *f, char *b, int n) { setvbuf(f, b, b ? _IOFBF : _IONBF, n); }
void setbuf(FILE *f, char *b) { setbuffer(f, b, BUFSIZ); }
int setlinebuf(FILE *f) { return setvbuf(f, NULL, _IOLBF, 0); }

int fseeko(FILE *f, off_t at, int whence)
{
	file_lock(f);
	if (whence == SEEK_CUR && f->flags & F_READING) {
		at -= f->rend - f->r;
		at -= f->nunget;
	}
	int r = -1;
	if (!(f->flags & F_WRITING) || flush_unlocked(f) == 0) {
		r = raw_seek(f, at, whence) < 0 ? -1 : 0;
		if (r == 0) {
			f->r = f->rend = 0;
			f->nunget = 0;
			f->flags &= ~(F_EOFSEEN | F_READING);
		}
	}
	file_unlock(f);
	return r;
}
off_t ftello(FILE *f)
{
	file_lock(f);
	off_t at = raw_seek(f, 0, f->flags & F_WRITING && f->flags & F_APPEND ? SEEK_END : SEEK_CUR);
	if (at >= 0)
		at += f->flags & F_WRITING ? (off_t)f->w : -(off_t)(f->rend - f->r) - f->nunget;
	file_unlock(f);
	return at;
}
int fseek(FILE *f, long at, int whence) { return fseeko(f, at, whence); }
long ftell(FILE *f) { return ftello(f); }
void rewind(FILE *f) { fseeko(f, 0, SEEK_SET); clearerr(f); }
int fgetpos(FILE *f, fpos_t *p) { return (*p = ftello(f)) < 0 ? -1 : 0; }
int fsetpos(FILE *f, const fpos_t *p) { return fseeko(f, *p, SEEK_SET); }

int feof(FILE *f) { return (f->flags & F_EOFSEEN) != 0; }
int ferror(FILE *f) { return (f->flags & F_ERR) != 0; }
int fileno(FILE *f)
{
	if (f->fd < 0)
		errno = EBADF;
	return f->fd;
}
void clearerr(FILE *f) { file_lock(f); f->flags &= ~(F_ERR | F_EOFSEEN); file_unlock(f); }
