/*
 * Streams of wide characters. A stream has no orientation of its own: both
 * kinds of calls may be mixed, and what is on the outside is UTF-8.
 */
#include "file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static wint_t get_wide(FILE *f)
{
	mbstate_t st = { { 0 } };
	wchar_t w;
	for (;;) {
		int c = get1(f);
		if (c < 0)
			return WEOF;
		char b = c;
		size_t r = mbrtowc(&w, &b, 1, &st);
		if (r == (size_t)-1) {
			f->flags |= F_ERR;
			return WEOF;
		}
		if (r != (size_t)-2)
			return w;
	}
}
static wint_t put_wide(wchar_t w, FILE *f)
{
	char b[4];
	size_t n = wcrtomb(b, w, NULL);
	if (n == (size_t)-1) {
		f->flags |= F_ERR;
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
int fwide(FILE *f, int mode) { return mode; }

/* A wide format says the same in UTF-8; widths and precisions of %s then count bytes. */
static char *to_narrow(const wchar_t *w)
{
	const wchar_t *p = w;
	size_t n = wcsrtombs(NULL, &p, 0, NULL);
	char *b = n == (size_t)-1 ? NULL : malloc(n + 1);
	if (b)
		wcsrtombs(b, &w, n + 1, NULL);
	return b;
}
int vswprintf(wchar_t *restrict out, size_t n, const wchar_t *restrict fmt, va_list ap)
{
	char *f = to_narrow(fmt), *b = NULL;
	if (!f)
		return -1;
	int r = vasprintf(&b, f, ap);
	free(f);
	if (r < 0)
		return -1;
	size_t k = n ? mbstowcs(out, b, n) : 0;
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
	char *n = to_narrow(fmt);
	if (!n)
		return -1;
	int r = vfprintf(f, n, ap);
	free(n);
	return r;
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
