/*
 * Streams: buffers over descriptors. A stream has one buffer, which holds
 * either what was read ahead or what is to be written. Every public call locks
 * its stream, recursively, as flockfile does.
 */
#include "file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define BUFFER 8192

void file_lock(FILE *f)
{
	struct _opaque_pthread_t *me = self();
	if (__atomic_load_n(&f->_extra->owner, __ATOMIC_RELAXED) != me) {
		lock(&f->_extra->state);
		__atomic_store_n(&f->_extra->owner, me, __ATOMIC_RELAXED);
	}
	f->_extra->count++;
}
void file_unlock(FILE *f)
{
	if (--f->_extra->count == 0) {
		__atomic_store_n(&f->_extra->owner, NULL, __ATOMIC_RELAXED);
		unlock(&f->_extra->state);
	}
}
void flockfile(FILE *f) { file_lock(f); }
void funlockfile(FILE *f) { file_unlock(f); }
int ftrylockfile(FILE *f)
{
	if (f->_extra->owner != self()) {
		if (!try_lock(&f->_extra->state))
			return -1;
		f->_extra->owner = self();
	}
	f->_extra->count++;
	return 0;
}

void drop_buffer(FILE *f)
{
	drop_pushed_back(f);
	if (f->_flags & __SMBF)
		free(f->_bf._base);
	f->_flags &= ~(__SMBF | __SLBF | __SNBF);
	f->_p = f->_bf._base = NULL;
	f->_bf._size = f->_r = f->_w = f->_lbfsize = 0;
}
static void no_buffer(FILE *f)
{
	f->_flags |= __SNBF;
	f->_p = f->_bf._base = f->_nbuf;
	f->_bf._size = 1;
}
/* The buffer is made at the first use: terminals are line buffered. */
static void buffer(FILE *f)
{
	if (f->_bf._base)
		return;
	if (f->_flags & __SNBF) {
		no_buffer(f);
		return;
	}
	int saved = errno;
	struct stat st;
	if (f->_file >= 0 && fstat(f->_file, &st) == 0) {
		f->_blksize = st.st_blksize;
		if (S_ISCHR(st.st_mode) && isatty(f->_file))
			f->_flags |= __SLBF;
	}
	errno = saved;
	if ((f->_p = f->_bf._base = malloc(BUFFER))) {
		f->_bf._size = BUFFER;
		f->_flags |= __SMBF;
	} else {
		f->_flags &= ~__SLBF;
		no_buffer(f);
	}
}

/* How much was written; less than n is an error. */
static size_t raw_write(FILE *f, const unsigned char *p, size_t n)
{
	size_t done = 0;
	while (done < n) {
		size_t k = n - done;
		int r = -1;
		if (f->_write)
			r = f->_write(f->_cookie, (const char *)p + done, k > 0x7fffffff ? 0x7fffffff : k);
		else
			errno = EBADF;
		if (r <= 0) {
			f->_flags |= __SERR;
			break;
		}
		done += r;
	}
	return done;
}
static off_t raw_seek(FILE *f, off_t at, int whence)
{
	if (f->_seek)
		return f->_seek(f->_cookie, at, whence);
	errno = ESPIPE;
	return -1;
}

void room(FILE *f)
{
	int n = f->_p - f->_bf._base;
	f->_w = !(f->_flags & __SWR) || f->_flags & __SNBF ? 0 : f->_flags & __SLBF ? -n : f->_bf._size - n;
	f->_lbfsize = f->_flags & __SWR && f->_flags & __SLBF ? -f->_bf._size : 0;
}
void drop_pushed_back(FILE *f)
{
	if (!pushed_back(f))
		return;
	if (f->_ub._base != f->_ubuf)
		free(f->_ub._base);
	f->_ub._base = NULL;
	f->_p = f->_extra->up;
	f->_r = f->_ur;
}

int flush_unlocked(FILE *f)
{
	if (f->_flags & __SWR && f->_bf._base) {
		size_t n = f->_p - f->_bf._base, done = n ? raw_write(f, f->_bf._base, n) : 0;
		f->_p = f->_bf._base;
		if (done < n) { /* what waits is kept: the next flush tries again */
			memmove(f->_bf._base, f->_bf._base + done, n - done);
			f->_p += n - done;
		}
		room(f);
		return done < n ? EOF : 0;
	}
	if (f->_flags & __SRD && f->_file >= 0) {
		/* What was read ahead goes back, if it can. */
		int saved = errno, ahead = pushed_back(f) ? f->_ur : f->_r;
		if (ahead > 0 && raw_seek(f, -(off_t)ahead, SEEK_CUR) >= 0) {
			drop_pushed_back(f);
			f->_p = f->_bf._base;
			f->_r = 0;
		}
		errno = saved;
	}
	return 0;
}

static bool to_reading(FILE *f)
{
	if (!(f->_flags & __SRD)) {
		if (!(f->_flags & __SRW)) {
			errno = EBADF;
			f->_flags |= __SERR;
			return false;
		}
		if (f->_flags & __SWR) {
			if (flush_unlocked(f) < 0)
				return false;
			f->_flags &= ~__SWR;
		}
		f->_flags |= __SRD;
		f->_w = f->_lbfsize = 0;
	}
	buffer(f);
	return true;
}
bool to_writing(FILE *f)
{
	if (!(f->_flags & __SWR)) {
		if (!(f->_flags & __SRW)) {
			errno = EBADF;
			f->_flags |= __SERR;
			return false;
		}
		if (f->_flags & __SRD) {
			flush_unlocked(f);
			drop_pushed_back(f);
			f->_flags &= ~(__SRD | __SEOF);
		}
		f->_flags |= __SWR;
		f->_p = f->_bf._base;
		f->_r = 0;
	}
	buffer(f);
	room(f);
	return true;
}

/*
 * Reads ahead, and gives 0; or, if more is wanted than the buffer holds and that is no buffer of
 * the program's, reads into p and gives how much. EOF at the end and for an error.
 */
int fill_into(FILE *f, char *p, size_t want)
{
	f->_r = 0; /* the macros leave it at -1 */
	if (!to_reading(f) || f->_flags & __SEOF)
		return EOF;
	if (pushed_back(f)) {
		drop_pushed_back(f);
		if (f->_r > 0)
			return 0;
	}
	if (f->_flags & (__SLBF | __SNBF))
		stdio_prompt(f);
	bool straight = want > (size_t)f->_bf._size && f->_flags & (__SMBF | __SNBF);
	int n = -1, room = !straight ? f->_bf._size : want > 0x7fffffff ? 0x7fffffff : want;
	if (f->_read)
		n = f->_read(f->_cookie, straight ? p : (char *)f->_bf._base, room);
	else
		errno = EBADF;
	f->_p = f->_bf._base;
	f->_r = n > 0 && !straight ? n : 0;
	if (n <= 0) {
		f->_flags |= n < 0 ? __SERR : __SEOF;
		return EOF;
	}
	return straight ? n : 0;
}
int fill(FILE *f) { return fill_into(f, NULL, 0); }

/* Twice as much room for what is pushed back; it stays at the end. */
static bool more_pushed_back(FILE *f)
{
	int size = f->_ub._size;
	unsigned char *b = size > 1 << 29 ? NULL : malloc(2 * size);
	if (!b)
		return false;
	memcpy(b + size, f->_ub._base, size);
	if (f->_ub._base != f->_ubuf)
		free(f->_ub._base);
	f->_ub._base = b;
	f->_ub._size = 2 * size;
	f->_p = b + size;
	return true;
}
int unget1(FILE *f, int c)
{
	if (c == EOF || !(f->_flags & (__SRD | __SRW)) || !to_reading(f))
		return EOF;
	if (f->_r < 0)
		f->_r = 0;
	if (pushed_back(f)) {
		if (f->_r >= f->_ub._size && !more_pushed_back(f))
			return EOF;
		*--f->_p = c;
	} else if (f->_p > f->_bf._base && f->_p[-1] == (unsigned char)c) {
		f->_p--;
	} else {
		f->_ur = f->_r;
		f->_extra->up = f->_p;
		f->_ub._base = f->_ubuf;
		f->_ub._size = sizeof f->_ubuf;
		f->_p = f->_ubuf + sizeof f->_ubuf;
		*--f->_p = c;
		f->_r = 0;
	}
	f->_r++;
	f->_flags &= ~__SEOF;
	return (unsigned char)c;
}

size_t write_unlocked(FILE *f, const char *p, size_t n)
{
	const unsigned char *from = (const unsigned char *)p;
	if (cant_write(f))
		return 0;
	if (f->_flags & __SNBF)
		return raw_write(f, from, n);
	if (n > f->_bf._size - (size_t)(f->_p - f->_bf._base)) {
		if (flush_unlocked(f) < 0)
			return 0;
		if (n >= (size_t)f->_bf._size)
			return raw_write(f, from, n);
	}
	memcpy(f->_p, from, n);
	f->_p += n;
	room(f);
	if (f->_flags & __SLBF && memrchr(p, '\n', n) && flush_unlocked(f) < 0)
		return 0;
	return n;
}
int __swbuf(int c, FILE *f)
{
	char b = c;
	if (f->_bf._base)
		room(f); /* the macro has taken one off it */
	return write_unlocked(f, &b, 1) == 1 ? (unsigned char)c : EOF;
}
int __srget(FILE *f) { return fill(f) < 0 ? EOF : (f->_r--, *f->_p++); }

int fpurge(FILE *f)
{
	file_lock(f);
	drop_pushed_back(f);
	f->_p = f->_bf._base;
	f->_r = 0;
	room(f);
	file_unlock(f);
	return 0;
}

int setvbuf(FILE *f, char *buf, int mode, size_t n)
{
	if ((mode != _IOFBF && mode != _IOLBF && mode != _IONBF) || (mode != _IONBF && n > 0x7fffffff))
		return EOF;
	int r = 0;
	file_lock(f);
	flush_unlocked(f);
	drop_buffer(f);
	if (mode != _IONBF) {
		if (!buf || !n) {
			n = n ? n : BUFFER;
			if ((buf = malloc(n)))
				f->_flags |= __SMBF;
			else
				mode = _IONBF, r = EOF;
		}
		f->_p = f->_bf._base = (unsigned char *)buf;
		f->_bf._size = n;
		if (mode == _IOLBF)
			f->_flags |= __SLBF;
	}
	if (mode == _IONBF)
		no_buffer(f);
	room(f);
	file_unlock(f);
	return r;
}
void setbuffer(FILE *f, char *b, int n) { setvbuf(f, b, b ? _IOFBF : _IONBF, n < 0 ? 0 : n); }
void setbuf(FILE *f, char *b) { setbuffer(f, b, BUFSIZ); }
int setlinebuf(FILE *f) { return setvbuf(f, NULL, _IOLBF, 0); }

/* What of the bytes that came out of the file was not given yet, pushed back ones too. */
static off_t unread(FILE *f)
{
	if (!(f->_flags & __SRD))
		return 0;
	return (f->_r > 0 ? f->_r : 0) + (pushed_back(f) ? f->_ur : 0);
}
int fseeko(FILE *f, off_t at, int whence)
{
	int r = -1;
	file_lock(f);
	if (whence == SEEK_CUR)
		at -= unread(f);
	if ((!(f->_flags & __SWR) || flush_unlocked(f) == 0) && raw_seek(f, at, whence) >= 0) {
		r = 0;
		drop_pushed_back(f);
		f->_p = f->_bf._base;
		f->_r = 0;
		f->_flags &= ~__SEOF;
		if (f->_flags & __SRW)
			f->_flags &= ~(__SRD | __SWR);
		room(f);
	}
	file_unlock(f);
	return r;
}
off_t ftello(FILE *f)
{
	file_lock(f);
	bool writing = f->_flags & __SWR && f->_p > f->_bf._base;
	off_t at = raw_seek(f, 0, writing && f->_flags & __SAPP ? SEEK_END : SEEK_CUR);
	if (at >= 0)
		at += writing ? f->_p - f->_bf._base : -unread(f);
	file_unlock(f);
	return at;
}
int fseek(FILE *f, long at, int whence) { return fseeko(f, at, whence); }
long ftell(FILE *f) { return ftello(f); }
void rewind(FILE *f) { fseeko(f, 0, SEEK_SET); clearerr(f); }
int fgetpos(FILE *f, fpos_t *p) { return (*p = ftello(f)) < 0 ? -1 : 0; }
int fsetpos(FILE *f, const fpos_t *p) { return fseeko(f, *p, SEEK_SET); }

int feof(FILE *f) { return __sfeof(f); }
int ferror(FILE *f) { return __sferror(f); }
int fileno(FILE *f)
{
	if (f->_file < 0)
		errno = EBADF;
	return f->_file;
}
void clearerr(FILE *f) { file_lock(f); __sclearerr(f); file_unlock(f); }
int (feof_unlocked)(FILE *f) { return feof(f); }
int (ferror_unlocked)(FILE *f) { return ferror(f); }
int (fileno_unlocked)(FILE *f) { return fileno(f); }
void (clearerr_unlocked)(FILE *f) { __sclearerr(f); }
