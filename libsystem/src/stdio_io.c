/* Reading and writing characters, lines and blocks. */
#include "file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t fread(void *restrict buf, size_t size, size_t count, FILE *restrict f)
{
	size_t n, done = 0;
	if (size == 0 || count == 0 || __builtin_mul_overflow(size, count, &n))
		return 0;
	char *p = buf;
	file_lock(f);
	while (done < n) {
		int straight = f->_r > 0 ? 0 : fill_into(f, p + done, n - done);
		if (straight < 0)
			break;
		if (straight > 0) {
			done += straight;
			continue;
		}
		size_t k = (size_t)f->_r < n - done ? (size_t)f->_r : n - done;
		memcpy(p + done, f->_p, k);
		f->_p += k;
		f->_r -= k;
		done += k;
	}
	file_unlock(f);
	return done / size;
}
size_t fwrite(const void *restrict buf, size_t size, size_t count, FILE *restrict f)
{
	size_t n;
	if (size == 0 || count == 0 || __builtin_mul_overflow(size, count, &n))
		return 0;
	file_lock(f);
	size_t r = write_unlocked(f, buf, n);
	file_unlock(f);
	return r == n ? count : r / size;
}
int (getc_unlocked)(FILE *f) { return get1(f); }
int fgetc(FILE *f) { file_lock(f); int c = get1(f); file_unlock(f); return c; }
int getc(FILE *f) { return fgetc(f); }
int getchar(void) { return fgetc(stdin); }
int (getchar_unlocked)(void) { return get1(stdin); }
int ungetc(int c, FILE *f)
{
	file_lock(f);
	c = unget1(f, c);
	file_unlock(f);
	return c;
}
int (putc_unlocked)(int c, FILE *f)
{
	if (f->_w > 0) {
		f->_w--;
		return *f->_p++ = c;
	}
	char b = c;
	return write_unlocked(f, &b, 1) == 1 ? (unsigned char)c : EOF;
}
int fputc(int c, FILE *f) { file_lock(f); c = (putc_unlocked)(c, f); file_unlock(f); return c; }
int putc(int c, FILE *f) { return fputc(c, f); }
int putchar(int c) { return fputc(c, stdout); }
int (putchar_unlocked)(int c) { return (putc_unlocked)(c, stdout); }
int fputs(const char *restrict s, FILE *restrict f)
{
	size_t n = strlen(s);
	return n == 0 || fwrite(s, 1, n, f) == n ? 0 : EOF;
}
int puts(const char *s)
{
	size_t n = strlen(s);
	file_lock(stdout);
	bool ok = write_unlocked(stdout, s, n) == n && write_unlocked(stdout, "\n", 1) == 1;
	file_unlock(stdout);
	return ok ? '\n' : EOF;
}
char *fgets(char *restrict s, int n, FILE *restrict f)
{
	int i = 0, c = 0;
	if (n <= 0)
		return NULL;
	file_lock(f);
	while (i < n - 1 && (c = get1(f)) != EOF) {
		s[i++] = c;
		if (c == '\n')
			break;
	}
	file_unlock(f);
	s[i] = 0;
	return i == 0 && n > 1 ? NULL : s;
}
char *gets(char *s)
{
	int c, i = 0;
	while ((c = getchar()) != EOF && c != '\n')
		s[i++] = c;
	s[i] = 0;
	return c == EOF && i == 0 ? NULL : s;
}
ssize_t getdelim(char **restrict line, size_t *restrict room, int delim, FILE *restrict f)
{
	size_t n = 0;
	int c;
	if (!line || !room) {
		errno = EINVAL;
		return -1;
	}
	if (!*line)
		*room = 0;
	file_lock(f);
	while ((c = get1(f)) != EOF) {
		if (n + 2 > *room) {
			size_t want = *room ? 2 * *room : 128;
			char *p = realloc(*line, want);
			if (!p) {
				file_unlock(f);
				return -1;
			}
			*line = p;
			*room = want;
		}
		(*line)[n++] = c;
		if (c == delim)
			break;
	}
	file_unlock(f);
	if (n == 0)
		return -1;
	(*line)[n] = 0;
	return n;
}
ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict f) { return getdelim(line, room, '\n', f); }
char *fgetln(FILE *f, size_t *n)
{
	char *line = (char *)f->_lb._base;
	ssize_t r = getdelim(&line, &f->_extra->line_room, '\n', f);
	f->_lb._base = (unsigned char *)line;
	*n = r < 0 ? 0 : r;
	return r < 0 ? NULL : line;
}

static void put_file(struct sink *s, const char *p, size_t n)
{
	if (write_unlocked(s->arg, p, n) != n)
		s->room = 0; /* it failed */
}
/* An unbuffered stream gets its text in one piece all the same, by way of a stream of our own. */
static int print_unbuffered(FILE *f, const char *fmt, va_list ap)
{
	unsigned char temp[1024];
	struct __sFILEX x = { .owner = self(), .count = 1 };
	FILE own = { ._flags = __SWR, ._file = f->_file, ._cookie = f->_cookie, ._write = f->_write, ._extra = &x,
		._p = temp, ._bf = { temp, sizeof temp } };
	struct sink s = { .put = put_file, .arg = &own, .room = 1 };
	room(&own);
	int n = format(&s, fmt, ap);
	if (flush_unlocked(&own) < 0)
		s.room = 0;
	f->_flags |= own._flags & __SERR;
	return s.room ? n : -1;
}
int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct sink s = { .put = put_file, .arg = f, .room = 1 };
	file_lock(f);
	int n = !cant_write(f) && f->_flags & __SNBF ? print_unbuffered(f, fmt, ap) : format(&s, fmt, ap);
	file_unlock(f);
	return s.room ? n : -1;
}
int vprintf(const char *restrict fmt, va_list ap) { return vfprintf(stdout, fmt, ap); }

static void put_mem(struct sink *s, const char *p, size_t n)
{
	if (s->room > 1) {
		size_t k = n < s->room - 1 ? n : s->room - 1;
		memcpy(s->p, p, k);
		s->p += k;
		s->room -= k;
	}
}
int vsnprintf(char *restrict buf, size_t n, const char *restrict fmt, va_list ap)
{
	struct sink s = { .put = put_mem, .p = buf, .room = n };
	int r = format(&s, fmt, ap);
	if (n)
		*s.p = 0;
	return r;
}
int vsprintf(char *restrict buf, const char *restrict fmt, va_list ap) { return vsnprintf(buf, 0x7fffffff, fmt, ap); }

static void put_heap(struct sink *s, const char *p, size_t n)
{
	if (s->n + n + 1 > s->room) {
		size_t want = 2 * (s->n + n) + 64;
		char *q = s->arg ? NULL : realloc(s->p, want);
		if (!q) {
			s->arg = s; /* it failed */
			return;
		}
		s->p = q;
		s->room = want;
	}
	memcpy(s->p + s->n, p, n);
}
static int to_heap(char **out, const char *fmt, va_list ap, bool wide)
{
	struct sink s = { .put = put_heap, .wide = wide };
	int r = format(&s, fmt, ap);
	put_heap(&s, "", 1);
	if (r < 0 || s.arg) {
		free(s.p);
		*out = NULL;
		return -1;
	}
	*out = s.p;
	return r;
}
int vasprintf(char **out, const char *restrict fmt, va_list ap) { return to_heap(out, fmt, ap, false); }
int vasprintf_wide(char **out, const char *fmt, va_list ap) { return to_heap(out, fmt, ap, true); }
int vdprintf(int fd, const char *restrict fmt, va_list ap)
{
	char *p;
	int n = vasprintf(&p, fmt, ap);
	if (n < 0)
		return -1;
	ssize_t write(int, const void *, size_t);
	for (int at = 0; at < n;) {
		ssize_t r = write(fd, p + at, n - at);
		if (r < 0) {
			n = -1;
			break;
		}
		at += r;
	}
	free(p);
	return n;
}

#define VARIADIC(decl, call) decl { va_list ap; va_start(ap, fmt); int r = call; va_end(ap); return r; }
VARIADIC(int printf(const char *restrict fmt, ...), vfprintf(stdout, fmt, ap))
VARIADIC(int fprintf(FILE *restrict f, const char *restrict fmt, ...), vfprintf(f, fmt, ap))
VARIADIC(int sprintf(char *restrict b, const char *restrict fmt, ...), vsprintf(b, fmt, ap))
VARIADIC(int snprintf(char *restrict b, size_t n, const char *restrict fmt, ...), vsnprintf(b, n, fmt, ap))
VARIADIC(int asprintf(char **o, const char *restrict fmt, ...), vasprintf(o, fmt, ap))
VARIADIC(int dprintf(int fd, const char *restrict fmt, ...), vdprintf(fd, fmt, ap))

/* What -D_FORTIFY_SOURCE makes of the above: the sizes are checked. */
__attribute__((noreturn)) static void overflow(void)
{
	fputs("buffer overflow detected\n", stderr);
	abort();
}
void __chk_fail_overflow(void) { overflow(); }
VARIADIC(int __printf_chk(int flag, const char *restrict fmt, ...), vfprintf(stdout, fmt, ap))
VARIADIC(int __fprintf_chk(FILE *f, int flag, const char *restrict fmt, ...), vfprintf(f, fmt, ap))
int __vsnprintf_chk(char *b, size_t n, int flag, size_t have, const char *fmt, va_list ap)
{
	if (n > have)
		overflow();
	return vsnprintf(b, n, fmt, ap);
}
int __vsprintf_chk(char *b, int flag, size_t have, const char *fmt, va_list ap)
{
	int r = vsnprintf(b, have > 0x7fffffff ? 0x7fffffff : have, fmt, ap);
	if (r >= 0 && (size_t)r >= have)
		overflow();
	return r;
}
VARIADIC(int __snprintf_chk(char *b, size_t n, int flag, size_t have, const char *fmt, ...), __vsnprintf_chk(b, n, flag, have, fmt, ap))
VARIADIC(int __sprintf_chk(char *b, int flag, size_t have, const char *fmt, ...), __vsprintf_chk(b, flag, have, fmt, ap))
#define CHECKED(name, args, need, call) void *name args { if ((need) > have) overflow(); return call; }
CHECKED(__memcpy_chk, (void *d, const void *s, size_t n, size_t have), n, memcpy(d, s, n))
CHECKED(__memmove_chk, (void *d, const void *s, size_t n, size_t have), n, memmove(d, s, n))
CHECKED(__memset_chk, (void *d, int c, size_t n, size_t have), n, memset(d, c, n))
CHECKED(__strcpy_chk, (char *d, const char *s, size_t have), strlen(s) + 1, strcpy(d, s))
CHECKED(__stpcpy_chk, (char *d, const char *s, size_t have), strlen(s) + 1, stpcpy(d, s))
CHECKED(__strcat_chk, (char *d, const char *s, size_t have), strlen(d) + strlen(s) + 1, strcat(d, s))
CHECKED(__strncpy_chk, (char *d, const char *s, size_t n, size_t have), n, strncpy(d, s, n))
CHECKED(__strncat_chk, (char *d, const char *s, size_t n, size_t have), strlen(d) + strnlen(s, n) + 1, strncat(d, s, n))
size_t __strlcpy_chk(char *d, const char *s, size_t n, size_t have) { if (n > have) overflow(); return strlcpy(d, s, n); }
size_t __strlcat_chk(char *d, const char *s, size_t n, size_t have) { if (n > have) overflow(); return strlcat(d, s, n); }
