/*
 * The inside of a FILE, for the files of stdio. Its layout is <stdio.h>'s, which programs
 * look into: the macros getc_unlocked and putc_unlocked, and gnulib. What holds of it
 * between calls:
 *
 *	_flags   __SRD or __SWR says what it is doing; __SRW that it may change. Neither is
 *	         possible with __SRW only. __SLBF and __SNBF are the kinds of buffering.
 *	reading  _r unread bytes are at _p; _w and _lbfsize are 0, so that __sputc calls __swbuf.
 *	writing  unwritten bytes are from _bf._base to _p; _r is 0, so that __sgetc calls __srget.
 *	         _w is the room left, or, of a line buffered stream, minus the bytes waiting
 *	         and _lbfsize minus the buffer's size; an unbuffered stream has neither.
 *	ungetc   while _ub._base is not NULL, _p and _r are of the bytes pushed back, and
 *	         _extra->up and _ur keep those of the buffer.
 *
 * _r and _w are less than said by one when __srget and __swbuf are called, by the macros.
 * _offset is not used, __SOFF (which gnulib sets) not believed.
 */
#ifndef FILE_H
#define FILE_H
#include "private.h"
#include <stdio.h>

struct __sFILEX {
	unsigned char *up;
	lock_t state;          /* the lock of recursion: owner and count */
	struct _opaque_pthread_t *owner;
	int count;
	int orientation;       /* 1: wide, -1: narrow */
	size_t line_room;      /* of _lb, fgetln's */
	pid_t child;           /* popen's */
	bool idle;             /* these are stdio_open.c's */
	FILE *next, *prev;
};
#define pushed_back(f) ((f)->_ub._base != NULL)

#pragma GCC visibility push(hidden)
void file_lock(FILE *);
void file_unlock(FILE *);
FILE *file_new(int fd, int flags);
int file_flags(const char *mode, int *oflags); /* 0 if it is no mode */
bool to_writing(FILE *);
void room(FILE *);                    /* says _w anew */
void drop_pushed_back(FILE *);
int flush_unlocked(FILE *);
void drop_buffer(FILE *);
void stdio_prompt(FILE *);
int fill(FILE *);                     /* 0, or EOF */
int fill_into(FILE *, char *, size_t);
size_t write_unlocked(FILE *, const char *, size_t);
static inline int get1(FILE *f)
{
	if (likely(f->_r > 0)) {
		f->_r--;
		return *f->_p++;
	}
	return fill(f) < 0 ? EOF : (f->_r--, *f->_p++);
}
static inline bool cant_write(FILE *f)
{
	return unlikely(!(f->_flags & __SWR) || !f->_bf._base) && !to_writing(f);
}
int unget1(FILE *, int c);             /* c, or EOF */

/* printf.c: put gets text; the number of bytes, or -1. */
struct sink { void (*put)(struct sink *, const char *, size_t); void *arg; size_t n, room; char *p; bool wide; /* see encode */ };
int format(struct sink *, const char *, va_list);
int vasprintf_wide(char **, const char *, va_list); /* what is made wide again: it is all UTF-8 */
/* scanf.c */
struct source { int (*get)(struct source *); void (*unget)(struct source *, int); void *arg; const char *p; };
int scan(struct source *, const char *, va_list);
#pragma GCC visibility pop
#endif
