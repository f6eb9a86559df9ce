/*
 * Streams of wide characters. A stream's orientation is kept for fwide to tell, and refuses
 * nothing: both kinds of calls may be mixed. What is formatted, or scanned from memory, is UTF-8 on
 * its way, whatever the locale; what goes through a stream is in the locale's encoding.
 */
#include "file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static void orient(FILE *f)
{
	if (!f->_extra->orientation)
		f->_extra->orientation = 1;
}
static wint_t get_wide(FILE *f)
{
	orient(f);
	mbstate_t st = { { 0 } };
	wchar_t w;
	for (;;) {
		int c = get1(f);
		if (c < 0)
			return WEOF;
		char b = c;
		size_t r = mbrtowc(&w, &b, 1, &st);
		if (r == (size_t)-1) {
			f->_flags |= __SERR;
			return WEOF;
		}
		if (r != (size_t)-2)
			return w;
	}
}
static wint_t put_wide(wchar_t w, FILE *f)
{
	orient(f);
	char b[4];
	size_t n = wcrtomb(b, w, NULL);
	if (n == (size_t)-1) {
		f->_flags |= __SERR;
		return WEOF;
	}
	return write_unlocked(f, b, n) == n ? (wint_t)w : WEOF;
}
wint_t fgetwc(FILE *f) { file_lock(f); wint_t w = get_wide(f); file_unlock(f); return w; }
wint_t getwc(FILE *f) { return fgetwc(f); }
wint_t getwchar(void) { return fgetwc(stdin); }
wint_t fputwc(wchar_t w, FILE *f) { file_lock(f); wint_t r = put_wide(w, f); file_unlock(f); return r; }
wint_t putwc(wchar_t w, FILE *f) { return fputwc(w, f); }
wint_t putwchar(wchar_t w) { return fputwc(w, stdout); }
wint_t ungetwc(wint_t w, FILE *f)
{
	char b[4];
	if (w == WEOF)
		return WEOF;
	size_t n = wcrtomb(b, w, NULL);
	if (n == (size_t)-1)
		return WEOF;
	file_lock(f);
	while (n > 0)
		unget1(f, (unsigned char)b[--n]);
	file_unlock(f);
	return w;
}
wchar_t *fgetws(wchar_t *restrict s, int n, FILE *restrict f)
{
	int i = 0;
	wint_t w;
	if (n <= 0)
		return NULL;
	file_lock(f);
	while (i < n - 1 && (w = get_wide(f)) != WEOF)
		if ((s[i++] = w) == '\n')
			break;
	file_unlock(f);
	s[i] = 0;
	return i == 0 && n > 1 ? NULL : s;
}
int fputws(const wchar_t *restrict s, FILE *restrict f)
{
	int r = 0;
	file_lock(f);
	for (; *s && r == 0; s++)
		if (put_wide(*s, f) == WEOF)
			r = -1;
	file_unlock(f);
	return r;
}
/* Said first by the program or by its first wide call; a stream that is used and not wide is narrow. */
int fwide(FILE *f, int mode)
{
	file_lock(f);
	int *now = &f->_extra->orientation;
	if (*now == 0 && f->_bf._base)
		*now = -1;
	else if (*now == 0)
		*now = mode > 0 ? 1 : mode < 0 ? -1 : 0;
	int r = *now;
	file_unlock(f);
	return r;
}

/* A wide format says the same in UTF-8; widths and precisions of %s then count its bytes. */
static char *to_narrow(const wchar_t *w)
{
	const wchar_t *p = w;
	void *l = utf8_begin();
	size_t n = wcsrtombs(NULL, &p, 0, NULL);
	char *b = n == (size_t)-1 ? NULL : malloc(n + 1);
	if (b)
		wcsrtombs(b, &w, n + 1, NULL);
	utf8_end(l);
	return b;
}
int vswprintf(wchar_t *restrict out, size_t n, const wchar_t *restrict fmt, va_list ap)
{
	char *f = to_narrow(fmt), *b = NULL;
	if (!f)
		return -1;
	int r = vasprintf_wide(&b, f, ap);
	free(f);
	if (r < 0)
		return -1;
	void *l = utf8_begin();
	size_t k = n ? mbstowcs(out, b, n) : 0;
	utf8_end(l);
	free(b);
	if (k >= n) {
		if (n && k != (size_t)-1)
			out[n - 1] = 0;
		errno = k == (size_t)-1 ? EILSEQ : EOVERFLOW;
		return -1;
	}
	return k;
}
int swprintf(wchar_t *restrict out, size_t n, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int r = vswprintf(out, n, fmt, ap);
	va_end(ap);
	return r;
}
int vfwprintf(FILE *restrict f, const wchar_t *restrict fmt, va_list ap)
{
	char *n = to_narrow(fmt), *b;
	if (!n)
		return -1;
	if (utf8_locale()) {
		int r = vfprintf(f, n, ap);
		free(n);
		return r;
	}
	int r = vasprintf_wide(&b, n, ap);
	free(n);
	if (r < 0)
		return -1;
	void *l = utf8_begin();
	wchar_t *w = malloc((r + 1ul) * sizeof *w);
	size_t k = w ? mbstowcs(w, b, r + 1ul) : (size_t)-1;
	utf8_end(l);
	free(b);
	bool bad = k == (size_t)-1;
	file_lock(f);
	for (size_t i = 0; i < k && !bad; i++)
		bad = put_wide(w[i], f) == WEOF;
	file_unlock(f);
	free(w);
	return bad ? -1 : (int)k;
}
int vwprintf(const wchar_t *restrict fmt, va_list ap) { return vfwprintf(stdout, fmt, ap); }
int fwprintf(FILE *restrict f, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int r = vfwprintf(f, fmt, ap);
	va_end(ap);
	return r;
}
int wprintf(const wchar_t *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int r = vfwprintf(stdout, fmt, ap);
	va_end(ap);
	return r;
}

/* Scanning: the source is wide, the format narrow; %c, %s and %[ into char take what UTF-8 takes. */
struct wide_source { struct source s; const wchar_t *p; char b[8]; int n, i, back[8], nback; };
static int wide_get(struct source *src)
{
	struct wide_source *w = (void *)src;
	if (w->nback > 0)
		return w->back[--w->nback];
	if (w->i == w->n) {
		if (!*w->p)
			return -1;
		size_t n = wcrtomb(w->b, *w->p, NULL); /* within vswscanf: UTF-8 */
		if (n == (size_t)-1)
			return -1;
		w->p++;
		w->n = n;
		w->i = 0;
	}
	return (unsigned char)w->b[w->i++];
}
static void wide_unget(struct source *src, int c)
{
	struct wide_source *w = (void *)src;
	if (c >= 0 && w->nback < 8)
		w->back[w->nback++] = c;
}
int vswscanf(const wchar_t *restrict s, const wchar_t *restrict fmt, va_list ap)
{
	char *f = to_narrow(fmt);
	if (!f)
		return EOF;
	struct wide_source w = { .s = { wide_get, wide_unget }, .p = s };
	void *l = utf8_begin();
	int r = scan(&w.s, f, ap);
	utf8_end(l);
	free(f);
	return r;
}
int vfwscanf(FILE *restrict f, const wchar_t *restrict fmt, va_list ap)
{
	char *n = to_narrow(fmt);
	if (!n)
		return EOF;
	int r = vfscanf(f, n, ap);
	free(n);
	return r;
}
int vwscanf(const wchar_t *restrict fmt, va_list ap) { return vfwscanf(stdin, fmt, ap); }
int swscanf(const wchar_t *restrict s, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int r = vswscanf(s, fmt, ap);
	va_end(ap);
	return r;
}
int fwscanf(FILE *restrict f, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int r = vfwscanf(f, fmt, ap);
	va_end(ap);
	return r;
}
int wscanf(const wchar_t *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int r = vfwscanf(stdin, fmt, ap);
	va_end(ap);
	return r;
}

size_t wcsftime(wchar_t *restrict out, size_t n, const wchar_t *restrict fmt, const struct tm *restrict tm)
{
	char *f = to_narrow(fmt), *b = f ? malloc(n * 4 + 1) : NULL;
	size_t r = 0;
	if (b && n > 0 && strftime(b, n * 4 + 1, f, tm) > 0) {
		void *l = utf8_begin();
		size_t k = mbstowcs(out, b, n);
		utf8_end(l);
		r = k == (size_t)-1 || k >= n ? 0 : k;
	}
	free(f);
	free(b);
	return r;
}

/* A stream into wide characters that grow. */
struct wmem { wchar_t **out; size_t *outlen, room, at, len; mbstate_t st; };
static bool wmem_grow(struct wmem *m, size_t need)
{
	if (need < m->room)
		return true;
	size_t room = 2 * need + 64;
	wchar_t *b = room > SIZE_MAX / sizeof *b ? NULL : realloc(*m->out, room * sizeof *b);
	if (!b)
		return false;
	wmemset(b + m->room, 0, room - m->room);
	*m->out = b;
	m->room = room;
	return true;
}
static int wmem_write(void *cookie, const char *p, int n)
{
	struct wmem *m = cookie;
	for (int i = 0; i < n; i++) {
		wchar_t w;
		size_t r = mbrtowc(&w, p + i, 1, &m->st);
		if (r == (size_t)-2)
			continue;
		if (r == (size_t)-1 || !wmem_grow(m, m->at + 2))
			return -1;
		(*m->out)[m->at++] = w;
		if (m->at > m->len) {
			m->len = m->at;
			(*m->out)[m->len] = 0;
		}
	}
	*m->outlen = m->at < m->len ? m->at : m->len;
	return n;
}
static fpos_t wmem_seek(void *cookie, fpos_t off, int whence)
{
	struct wmem *m = cookie;
	fpos_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (fpos_t)m->at : (fpos_t)m->len, to;
	if (__builtin_add_overflow(base, off, &to) || to < 0 || to > (fpos_t)(SIZE_MAX / 64)) {
		errno = EINVAL;
		return -1;
	}
	if (!wmem_grow(m, to + 2))
		return -1;
	memset(&m->st, 0, sizeof m->st);
	m->at = to;
	*m->outlen = m->at < m->len ? m->at : m->len;
	return to;
}
static int wmem_close(void *cookie)
{
	free(cookie);
	return 0;
}
FILE *open_wmemstream(wchar_t **out, size_t *len)
{
	if (!out || !len) {
		errno = EINVAL;
		return NULL;
	}
	struct wmem *m = calloc(1, sizeof *m);
	wchar_t *b = m ? calloc(64, sizeof *b) : NULL;
	FILE *f = b ? funopen(m, NULL, wmem_write, wmem_seek, wmem_close) : NULL;
	if (!f) {
		free(m);
		free(b);
		return NULL;
	}
	*out = b;
	*len = 0;
	*m = (struct wmem){ .out = out, .outlen = len, .room = 64 };
	return f;
}
