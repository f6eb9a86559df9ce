/*
 * Wide characters: UTF-32 in memory; outside UTF-8, or in the C locale, which a program
 * is in until it asks for another, bytes that are each a character. A conversion state
 * holds the bytes of a character that is not complete.
 */
#include "private.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct state { uint32_t value, least; int left; };
_Static_assert(sizeof(struct state) <= sizeof(mbstate_t), "mbstate_t");

size_t mbrtowc(wchar_t *restrict out, const char *restrict s, size_t n, mbstate_t *restrict ps)
{
	static mbstate_t own;
	struct state *st = (struct state *)(ps ? ps : &own);
	if (!s) {
		s = "";
		n = 1;
		out = NULL;
	}
	bool utf8 = n > 0 && (uint8_t)*s >= 0x80 && utf8_locale();
	for (size_t i = 0; i < n; i++) {
		uint8_t c = s[i];
		if (st->left == 0) {
			if (c < 0x80 || !utf8) {
				if (out)
					*out = c;
				return c ? i + 1 : 0;
			}
			if (c >= 0xc2 && c <= 0xdf)
				*st = (struct state){ c & 0x1f, 0x80, 1 };
			else if (c >= 0xe0 && c <= 0xef)
				*st = (struct state){ c & 0x0f, 0x800, 2 };
			else if (c >= 0xf0 && c <= 0xf4)
				*st = (struct state){ c & 0x07, 0x10000, 3 };
			else
				goto bad;
			continue;
		}
		if ((c & 0xc0) != 0x80)
			goto bad;
		st->value = st->value << 6 | (c & 0x3f);
		if (--st->left == 0) {
			uint32_t v = st->value;
			if (v < st->least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
				goto bad;
			if (out)
				*out = v;
			return i + 1;
		}
	}
	return (size_t)-2;
bad:
	*st = (struct state){ 0, 0, 0 };
	errno = EILSEQ;
	return (size_t)-1;
}
size_t wcrtomb(char *restrict s, wchar_t w, mbstate_t *restrict ps)
{
	uint32_t c = w;
	if (!s)
		return 1;
	if (c < 0x80) {
		s[0] = c;
		return 1;
	}
	if (!utf8_locale()) {
		if (c > 0xff) {
			errno = EILSEQ;
			return (size_t)-1;
		}
		s[0] = c;
		return 1;
	}
	if (c < 0x800) {
		s[0] = 0xc0 | c >> 6;
		s[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
		errno = EILSEQ;
		return (size_t)-1;
	}
	if (c < 0x10000) {
		s[0] = 0xe0 | c >> 12;
		s[1] = 0x80 | (c >> 6 & 0x3f);
		s[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	s[0] = 0xf0 | c >> 18;
	s[1] = 0x80 | (c >> 12 & 0x3f);
	s[2] = 0x80 | (c >> 6 & 0x3f);
	s[3] = 0x80 | (c & 0x3f);
	return 4;
}
int mbsinit(const mbstate_t *ps) { return !ps || ((const struct state *)ps)->left == 0; }
size_t mbrlen(const char *restrict s, size_t n, mbstate_t *restrict ps)
{
	static mbstate_t own;
	return mbrtowc(NULL, s, n, ps ? ps : &own);
}
size_t mbsnrtowcs(wchar_t *restrict d, const char **restrict sp, size_t nms, size_t n, mbstate_t *restrict ps)
{
	static mbstate_t own;
	const char *s = *sp;
	size_t i = 0;
	if (!ps)
		ps = &own;
	while (!d || i < n) {
		wchar_t w;
		size_t r = mbrtowc(&w, s, nms, ps);
		if (r == (size_t)-1) {
			if (d)
				*sp = s;
			return r;
		}
		if (r == (size_t)-2) {
			s += nms;
			break;
		}
		if (d)
			d[i] = w;
		if (r == 0) {
			s = NULL;
			break;
		}
		s += r;
		nms -= r;
		i++;
	}
	if (d)
		*sp = s;
	return i;
}
size_t mbsrtowcs(wchar_t *restrict d, const char **restrict sp, size_t n, mbstate_t *restrict ps)
{
	return mbsnrtowcs(d, sp, strlen(*sp) + 1, n, ps);
}
size_t wcsnrtombs(char *restrict d, const wchar_t **restrict sp, size_t nwc, size_t n, mbstate_t *restrict ps)
{
	const wchar_t *s = *sp;
	size_t i = 0;
	char b[4];
	for (; nwc; nwc--, s++) {
		size_t r = wcrtomb(b, *s, ps);
		if (r == (size_t)-1) {
			if (d)
				*sp = s;
			return r;
		}
		if (d && i + r > n)
			break;
		if (d)
			memcpy(d + i, b, r);
		if (*s == 0) {
			s = NULL;
			break;
		}
		i += r;
	}
	if (d)
		*sp = s;
	return i;
}
size_t wcsrtombs(char *restrict d, const wchar_t **restrict sp, size_t n, mbstate_t *restrict ps)
{
	return wcsnrtombs(d, sp, SIZE_MAX, n, ps);
}
int mblen(const char *s, size_t n) { return mbtowc(NULL, s, n); }
int mbtowc(wchar_t *restrict w, const char *restrict s, size_t n)
{
	mbstate_t st = { { 0 } };
	if (!s)
		return 0;
	size_t r = mbrtowc(w, s, n, &st);
	return r > 4 ? -1 : (int)r;
}
int wctomb(char *s, wchar_t w) { return s ? (int)wcrtomb(s, w, NULL) : 0; }
size_t mbstowcs(wchar_t *restrict d, const char *s, size_t n)
{
	mbstate_t st = { { 0 } };
	return mbsrtowcs(d, &s, n, &st);
}
size_t wcstombs(char *restrict d, const wchar_t *s, size_t n) { return wcsrtombs(d, &s, n, NULL); }
wint_t btowc(int c) { return c >= 0 && c < (utf8_locale() ? 0x80 : 0x100) ? (wint_t)c : WEOF; }
int wctob(wint_t w) { return (uint32_t)w < (utf8_locale() ? 0x80 : 0x100) ? (int)w : -1; }

size_t wcslen(const wchar_t *s)
{
	const wchar_t *p = s;
	while (*p)
		p++;
	return p - s;
}
size_t wcsnlen(const wchar_t *s, size_t n)
{
	size_t i = 0;
	while (i < n && s[i])
		i++;
	return i;
}
wchar_t *wmemcpy(wchar_t *restrict d, const wchar_t *restrict s, size_t n) { return memcpy(d, s, n * sizeof *d); }
wchar_t *wmemmove(wchar_t *d, const wchar_t *s, size_t n) { return memmove(d, s, n * sizeof *d); }
wchar_t *wmemset(wchar_t *d, wchar_t c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d[i] = c;
	return d;
}
wchar_t *wmemchr(const wchar_t *s, wchar_t c, size_t n)
{
	for (; n; n--, s++)
		if (*s == c)
			return (wchar_t *)s;
	return NULL;
}
int wmemcmp(const wchar_t *a, const wchar_t *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b)
			return *a < *b ? -1 : 1;
	return 0;
}
wchar_t *wcpcpy(wchar_t *restrict d, const wchar_t *restrict s)
{
	while ((*d = *s++))
		d++;
	return d;
}
wchar_t *wcscpy(wchar_t *restrict d, const wchar_t *restrict s) { wcpcpy(d, s); return d; }
wchar_t *wcsncpy(wchar_t *restrict d, const wchar_t *restrict s, size_t n)
{
	size_t k = wcsnlen(s, n);
	wmemcpy(d, s, k);
	wmemset(d + k, 0, n - k);
	return d;
}
wchar_t *wcscat(wchar_t *restrict d, const wchar_t *restrict s) { wcpcpy(d + wcslen(d), s); return d; }
wchar_t *wcsncat(wchar_t *restrict d, const wchar_t *restrict s, size_t n)
{
	size_t at = wcslen(d), k = wcsnlen(s, n);
	wmemcpy(d + at, s, k);
	d[at + k] = 0;
	return d;
}
size_t wcslcpy(wchar_t *restrict d, const wchar_t *restrict s, size_t n)
{
	size_t len = wcslen(s);
	if (n) {
		size_t k = len < n - 1 ? len : n - 1;
		wmemcpy(d, s, k);
		d[k] = 0;
	}
	return len;
}
size_t wcslcat(wchar_t *restrict d, const wchar_t *restrict s, size_t n)
{
	size_t at = wcsnlen(d, n);
	return at + (at < n ? wcslcpy(d + at, s, n - at) : wcslen(s));
}
wchar_t *wcsdup(const wchar_t *s)
{
	size_t n = wcslen(s) + 1;
	wchar_t *d = malloc(n * sizeof *d);
	return d ? wmemcpy(d, s, n) : NULL;
}
int wcsncmp(const wchar_t *a, const wchar_t *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return *a < *b ? -1 : 1;
		if (!*a)
			break;
	}
	return 0;
}
int wcscmp(const wchar_t *a, const wchar_t *b) { return wcsncmp(a, b, SIZE_MAX); }
int wcscoll(const wchar_t *a, const wchar_t *b) { return wcscmp(a, b); }
size_t wcsxfrm(wchar_t *restrict d, const wchar_t *restrict s, size_t n) { return wcslcpy(d, s, n); }
wchar_t *wcschr(const wchar_t *s, wchar_t c)
{
	for (;; s++) {
		if (*s == c)
			return (wchar_t *)s;
		if (!*s)
			return NULL;
	}
}
wchar_t *wcsrchr(const wchar_t *s, wchar_t c)
{
	const wchar_t *r = NULL;
	do
		if (*s == c)
			r = s;
	while (*s++);
	return (wchar_t *)r;
}
size_t wcsspn(const wchar_t *s, const wchar_t *set)
{
	size_t n = 0;
	while (s[n] && wcschr(set, s[n]))
		n++;
	return n;
}
size_t wcscspn(const wchar_t *s, const wchar_t *set)
{
	size_t n = 0;
	while (s[n] && !wcschr(set, s[n]))
		n++;
	return n;
}
wchar_t *wcspbrk(const wchar_t *s, const wchar_t *set)
{
	s += wcscspn(s, set);
	return *s ? (wchar_t *)s : NULL;
}
wchar_t *wcsstr(const wchar_t *s, const wchar_t *what)
{
	size_t n = wcslen(what);
	for (;; s++) {
		if (wcsncmp(s, what, n) == 0)
			return (wchar_t *)s;
		if (!*s)
			return NULL;
	}
}
wchar_t *wcstok(wchar_t *restrict s, const wchar_t *restrict set, wchar_t **restrict last)
{
	if (!s)
		s = *last;
	if (!s)
		return NULL;
	s += wcsspn(s, set);
	if (!*s) {
		*last = NULL;
		return NULL;
	}
	wchar_t *e = s + wcscspn(s, set);
	*last = *e ? e + 1 : NULL;
	*e = 0;
	return s;
}

/* Numbers are ASCII, so the wide text is made narrow up to where it stops being. */
static char *narrow(const wchar_t *s, size_t *skip)
{
	size_t n = 0, i = 0;
	while (s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r'))
		i++;
	*skip = i;
	while (s[i + n] > 0 && s[i + n] < 0x80)
		n++;
	char *b = malloc(n + 1);
	if (b) {
		for (size_t k = 0; k < n; k++)
			b[k] = s[i + k];
		b[n] = 0;
	}
	return b;
}
#define WCSTO(type, name, call) \
	type name { \
		size_t skip; \
		char *e, *b = narrow(s, &skip); \
		if (!b) \
			return 0; \
		type v = call; \
		if (end) \
			*end = (wchar_t *)(e == b ? s : s + skip + (e - b)); \
		free(b); \
		return v; \
	}
WCSTO(long, wcstol(const wchar_t *restrict s, wchar_t **restrict end, int base), strtol(b, &e, base))
WCSTO(unsigned long, wcstoul(const wchar_t *restrict s, wchar_t **restrict end, int base), strtoul(b, &e, base))
WCSTO(long long, wcstoll(const wchar_t *restrict s, wchar_t **restrict end, int base), strtoll(b, &e, base))
WCSTO(unsigned long long, wcstoull(const wchar_t *restrict s, wchar_t **restrict end, int base), strtoull(b, &e, base))
WCSTO(double, wcstod(const wchar_t *restrict s, wchar_t **restrict end), strtod(b, &e))
WCSTO(float, wcstof(const wchar_t *restrict s, wchar_t **restrict end), strtof(b, &e))
WCSTO(long double, wcstold(const wchar_t *restrict s, wchar_t **restrict end), strtold(b, &e))
