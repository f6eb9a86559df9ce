/* Memory and strings. Compiled freestanding: a loop stays a loop. */
#include "private.h"
#include <string.h>
#include <errno.h>
#include <stdlib.h>

typedef long long v16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t u64 __attribute__((aligned(1), may_alias));
typedef uint32_t u32 __attribute__((aligned(1), may_alias));
typedef uint16_t u16 __attribute__((aligned(1), may_alias));

void *memcpy(void *restrict dst, const void *restrict src, size_t n) { return memmove(dst, src, n); }

/* Loads everything before it stores, up to 64 bytes; then blocks, or rep movsb. */
void *memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;
	if (n <= 16) {
		if (n >= 8) {
			uint64_t a = *(u64 *)s, b = *(u64 *)(s + n - 8);
			*(u64 *)d = a, *(u64 *)(d + n - 8) = b;
		} else if (n >= 4) {
			uint32_t a = *(u32 *)s, b = *(u32 *)(s + n - 4);
			*(u32 *)d = a, *(u32 *)(d + n - 4) = b;
		} else if (n >= 2) {
			uint16_t a = *(u16 *)s, b = *(u16 *)(s + n - 2);
			*(u16 *)d = a, *(u16 *)(d + n - 2) = b;
		} else if (n) {
			*d = *s;
		}
		return dst;
	}
	if (n <= 32) {
		v16 a = *(v16 *)s, b = *(v16 *)(s + n - 16);
		*(v16 *)d = a, *(v16 *)(d + n - 16) = b;
		return dst;
	}
	if ((uintptr_t)d - (uintptr_t)s >= n) { /* forwards is safe */
		if (n >= 2048) {
			void *to = d;
			__asm__ volatile("rep movsb" : "+D"(to), "+S"(s), "+c"(n) : : "memory");
			return dst;
		}
		v16 t0 = *(v16 *)(s + n - 32), t1 = *(v16 *)(s + n - 16);
		char *end = d + n;
		while (n > 32) {
			v16 a = *(v16 *)s, b = *(v16 *)(s + 16);
			*(v16 *)d = a, *(v16 *)(d + 16) = b;
			s += 32, d += 32, n -= 32;
		}
		*(v16 *)(end - 32) = t0, *(v16 *)(end - 16) = t1;
		return dst;
	}
	v16 h0 = *(v16 *)s, h1 = *(v16 *)(s + 16);
	while (n > 32) {
		v16 a = *(v16 *)(s + n - 32), b = *(v16 *)(s + n - 16);
		*(v16 *)(d + n - 32) = a, *(v16 *)(d + n - 16) = b;
		n -= 32;
	}
	*(v16 *)d = h0, *(v16 *)(d + 16) = h1;
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	char *d = dst;
	uint64_t w = (uint8_t)c * 0x0101010101010101ul;
	if (n < 8) {
		for (; n; n--)
			*d++ = c;
		return dst;
	}
	if (n >= 1024) {
		void *to = d;
		__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
		return dst;
	}
	char *end = d + n;
	v16 v = { (long long)w, (long long)w };
	for (; end - d >= 16; d += 16)
		*(v16 *)d = v;
	if (end - d >= 8)
		*(u64 *)d = w;
	*(u64 *)(end - 8) = w;
	return dst;
}

void __bzero(void *d, size_t n) { memset(d, 0, n); }
void bzero(void *d, size_t n) { memset(d, 0, n); }
void bcopy(const void *s, void *d, size_t n) { memmove(d, s, n); }
int memset_s(void *d, size_t max, int c, size_t n)
{
	if (!d)
		return EINVAL;
	memset(d, c, n < max ? n : max);
	__asm__ volatile("" : : "r"(d) : "memory");
	return n > max ? EOVERFLOW : 0;
}
static void pattern(void *d, const void *p, size_t n, size_t w)
{
	for (char *o = d; n; n -= w < n ? w : n, o += w)
		memcpy(o, p, w < n ? w : n);
}
void memset_pattern4(void *d, const void *p, size_t n) { pattern(d, p, n, 4); }
void memset_pattern8(void *d, const void *p, size_t n) { pattern(d, p, n, 8); }
void memset_pattern16(void *d, const void *p, size_t n) { pattern(d, p, n, 16); }

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;
	while (n >= 8 && *(u64 *)x == *(u64 *)y)
		x += 8, y += 8, n -= 8;
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
int bcmp(const void *a, const void *b, size_t n) { return memcmp(a, b, n); }
int timingsafe_bcmp(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	int r = 0;
	while (n--)
		r |= *x++ ^ *y++;
	return r != 0;
}
void *memchr(const void *p, int c, size_t n)
{
	for (const uint8_t *s = p; n; n--, s++)
		if (*s == (uint8_t)c)
			return (void *)s;
	return NULL;
}
void *memrchr(const void *p, int c, size_t n)
{
	for (const uint8_t *s = (const uint8_t *)p + n; n; n--)
		if (*--s == (uint8_t)c)
			return (void *)s;
	return NULL;
}
void *memccpy(void *restrict d, const void *restrict s, int c, size_t n)
{
	const void *e = memchr(s, c, n);
	if (!e)
		return memcpy(d, s, n), NULL;
	n = (const char *)e - (const char *)s + 1;
	return (char *)memcpy(d, s, n) + n;
}
void *memmem(const void *h, size_t hn, const void *n, size_t nn)
{
	const char *p = h;
	if (nn == 0)
		return (void *)h;
	for (; hn >= nn; p++, hn--) {
		const char *q = memchr(p, *(const char *)n, hn - nn + 1);
		if (!q)
			return NULL;
		hn -= q - p;
		p = q;
		if (memcmp(p, n, nn) == 0)
			return (void *)p;
	}
	return NULL;
}

/* Sixteen bytes at a time, aligned, so that no page is touched needlessly. */
size_t strlen(const char *s)
{
	typedef char b16 __attribute__((vector_size(16)));
	const char *p = (const char *)((uintptr_t)s & ~15ul);
	b16 zero = { 0 };
	unsigned m = __builtin_ia32_pmovmskb128(*(const b16 *)p == zero) >> (s - p);
	if (m)
		return __builtin_ctz(m);
	do
		p += 16;
	while ((m = __builtin_ia32_pmovmskb128(*(const b16 *)p == zero)) == 0);
	return p + __builtin_ctz(m) - s;
}
size_t strnlen(const char *s, size_t n)
{
	const char *e = memchr(s, 0, n);
	return e ? (size_t)(e - s) : n;
}
int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (uint8_t)*a - (uint8_t)*b;
}
int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	return 0;
}
int strcoll(const char *a, const char *b) { return strcmp(a, b); }
size_t strxfrm(char *restrict d, const char *restrict s, size_t n) { return strlcpy(d, s, n); }
static int lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (lower((uint8_t)*a) != lower((uint8_t)*b) || !*a)
			return lower((uint8_t)*a) - lower((uint8_t)*b);
	return 0;
}
int strcasecmp(const char *a, const char *b) { return strncasecmp(a, b, ~0ul); }
char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}
char *index(const char *s, int c) { return strchr(s, c); }
char *strrchr(const char *s, int c) { return memrchr(s, c, strlen(s) + 1); }
char *rindex(const char *s, int c) { return strrchr(s, c); }
char *stpcpy(char *restrict d, const char *restrict s)
{
	size_t n = strlen(s);
	return (char *)memcpy(d, s, n + 1) + n;
}
char *strcpy(char *restrict d, const char *restrict s) { stpcpy(d, s); return d; }
char *stpncpy(char *restrict d, const char *restrict s, size_t n)
{
	size_t m = strnlen(s, n);
	memcpy(d, s, m);
	memset(d + m, 0, n - m);
	return d + m;
}
char *strncpy(char *restrict d, const char *restrict s, size_t n) { stpncpy(d, s, n); return d; }
char *strcat(char *restrict d, const char *restrict s) { stpcpy(d + strlen(d), s); return d; }
char *strncat(char *restrict d, const char *restrict s, size_t n)
{
	char *e = d + strlen(d);
	size_t m = strnlen(s, n);
	memcpy(e, s, m);
	e[m] = 0;
	return d;
}
size_t strlcpy(char *restrict d, const char *restrict s, size_t n)
{
	size_t m = strlen(s);
	if (n) {
		size_t c = m < n ? m : n - 1;
		memcpy(d, s, c);
		d[c] = 0;
	}
	return m;
}
size_t strlcat(char *restrict d, const char *restrict s, size_t n)
{
	size_t m = strnlen(d, n);
	return m == n ? n + strlen(s) : m + strlcpy(d + m, s, n - m);
}
size_t strspn(const char *s, const char *set)
{
	size_t n = 0;
	while (s[n] && strchr(set, s[n]))
		n++;
	return n;
}
size_t strcspn(const char *s, const char *set)
{
	size_t n = 0;
	while (s[n] && !strchr(set, s[n]))
		n++;
	return n;
}
char *strpbrk(const char *s, const char *set)
{
	s += strcspn(s, set);
	return *s ? (char *)s : NULL;
}
char *strstr(const char *h, const char *n) { return memmem(h, strlen(h), n, strlen(n)); }
char *strnstr(const char *h, const char *n, size_t max) { return memmem(h, strnlen(h, max), n, strlen(n)); }
char *strcasestr(const char *h, const char *n)
{
	size_t m = strlen(n);
	for (; strncasecmp(h, n, m); h++)
		if (!*h)
			return NULL;
	return (char *)h;
}
char *strtok_r(char *restrict s, const char *restrict set, char **restrict last)
{
	if (!s && !(s = *last))
		return NULL;
	s += strspn(s, set);
	if (!*s)
		return *last = NULL;
	char *e = s + strcspn(s, set);
	*last = *e ? e + 1 : NULL;
	*e = 0;
	return s;
}
char *strtok(char *restrict s, const char *restrict set)
{
	static char *last;
	return strtok_r(s, set, &last);
}
char *strsep(char **sp, const char *set)
{
	char *s = *sp;
	if (!s)
		return NULL;
	char *e = s + strcspn(s, set);
	*sp = *e ? e + 1 : NULL;
	*e = 0;
	return s;
}
char *strndup(const char *s, size_t n)
{
	n = strnlen(s, n);
	char *d = malloc(n + 1);
	if (d) {
		memcpy(d, s, n);
		d[n] = 0;
	}
	return d;
}
char *strdup(const char *s) { return strndup(s, ~0ul >> 1); }
void swab(const void *restrict from, void *restrict to, ssize_t n)
{
	const char *s = from;
	for (char *d = to; n > 1; n -= 2, s += 2, d += 2) {
		char c = s[0];
		d[0] = s[1], d[1] = c;
	}
}
int ffs(int v) { return __builtin_ffs(v); }
int ffsl(long v) { return __builtin_ffsl(v); }
int ffsll(long long v) { return __builtin_ffsll(v); }
int fls(int v) { return v ? 32 - __builtin_clz(v) : 0; }
int flsl(long v) { return v ? 64 - __builtin_clzl(v) : 0; }
int flsll(long long v) { return flsl(v); }

hidden int digits_of(char *buf, unsigned long v)
{
	char t[20];
	int n = 0, i = 0;
	do
		t[n++] = '0' + v % 10;
	while (v /= 10);
	while (n)
		buf[i++] = t[--n];
	return i;
}
