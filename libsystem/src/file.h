/* The inside of a FILE, for the files of stdio. */
#ifndef FILE_H
#define FILE_H
#include "private.h"
#include <stdio.h>

struct __sFILE {
	int fd;                /* -1: not a descriptor */
	unsigned flags;
	lock_t state;          /* the lock of recursion: owner and count */
	struct _opaque_pthread_t *owner;
	int count;
	int mode;              /* _IOFBF, _IOLBF, _IONBF */
	char *buf;
	size_t size;
	size_t r, rend;        /* unread bytes are buf[r..rend) */
	size_t w;              /* unwritten bytes are buf[0..w) */
	char unget[8];
	int nunget;
	char one[1];           /* the buffer of an unbuffered stream */
	char *line;            /* fgetln's */
	size_t line_room;
	pid_t child;           /* popen's */
	void *cookie;          /* funopen's and of memory streams */
	int (*readfn)(void *, char *, int);
	int (*writefn)(void *, const char *, int);
	fpos_t (*seekfn)(void *, fpos_t, int);
	int (*closefn)(void *);
	FILE *next, *prev;     /* files_lock */
};
enum { F_READ = 1, F_WRITE = 2, F_APPEND = 4, F_ERR = 8, F_EOFSEEN = 16, F_OWNBUF = 32, F_STATIC = 64, F_READING = 128, F_WRITING = 256, F_WIDE = 512, F_NARROW = 1024 };

#pragma GCC visibility push(hidden)
void file_lock(FILE *);
void file_unlock(FILE *);
FILE *file_new(int fd, unsigned flags);
void file_free(FILE *);
int file_flags(const char *mode, int *oflags); /* -1 if it is no mode */
int flush_unlocked(FILE *);
int fill(FILE *);                     /* 0, or EOF */
size_t write_unlocked(FILE *, const char *, size_t);
int getc_slow(FILE *);
static inline int get1(FILE *f)
{
	if (likely(f->nunget == 0 && f->r < f->rend))
		return (unsigned char)f->buf[f->r++];
	return getc_slow(f);
}
void unget1(FILE *, int c);

/* printf.c: put gets text; the number of bytes, or -1. */
struct sink { void (*put)(struct sink *, const char *, size_t); void *arg; size_t n, room; char *p; };
int format(struct sink *, const char *, va_list);
/* scanf.c */
struct source { int (*get)(struct source *); void (*unget)(struct source *, int); void *arg; const char *p; };
int scan(struct source *, const char *, va_list);
#pragma GCC visibility pop
#endif
