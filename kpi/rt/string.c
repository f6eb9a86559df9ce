/* Memory and strings. Compiled with -fno-builtin, so that the loops stay loops. */
#include "rt.h"

void *memcpy(void *d, const void *s, size_t n)
{
	void *r = d;
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	return r;
}

void *memmove(void *d, const void *s, size_t n)
{
	char *to = d;
	const char *from = s;
	if (to - from >= 0 && (size_t)(to - from) < n) {
		while (n-- > 0)
			to[n] = from[n];
		return d;
	}
	return memcpy(d, s, n);
}

void *memset(void *d, int c, size_t n)
{
	void *r = d;
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return r;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;
	for (; n > 0; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

int bcmp(const void *a, const void *b, size_t n) { return memcmp(a, b, n); }
void bcopy(const void *from, void *to, size_t n) { memmove(to, from, n); }
void ovbcopy(const void *from, void *to, size_t n) { memmove(to, from, n); }
void bzero(void *d, size_t n) { memset(d, 0, n); }
void bytecopy(const void *from, void *to, int n) { memmove(to, from, n < 0 ? 0 : (size_t)n); }

size_t strlen(const char *s)
{
	const char *p = s;
	while (*p)
		p++;
	return p - s;
}

size_t strnlen(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && s[i])
		i++;
	return i;
}

char *strcpy(char *to, const char *from)
{
	char *r = to;
	while ((*to++ = *from++))
		;
	return r;
}

char *strncpy(char *to, const char *from, size_t n)
{
	size_t i = 0;
	for (; i < n && from[i]; i++)
		to[i] = from[i];
	for (; i < n; i++)
		to[i] = 0;
	return to;
}

size_t strlcpy(char *to, const char *from, size_t n)
{
	size_t l = strlen(from);
	if (n > 0) {
		size_t k = l < n ? l : n - 1;
		memcpy(to, from, k);
		to[k] = 0;
	}
	return l;
}

char *strcat(char *to, const char *from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strncat(char *to, const char *from, size_t n)
{
	char *p = to + strlen(to);
	while (n-- > 0 && *from)
		*p++ = *from++;
	*p = 0;
	return to;
}

size_t strlcat(char *to, const char *from, size_t n)
{
	size_t l = strnlen(to, n);
	if (l == n)
		return n + strlen(from);
	return l + strlcpy(to + l, from, n - l);
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

static int lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

int strcasecmp(const char *a, const char *b)
{
	while (*a && lower((u8)*a) == lower((u8)*b))
		a++, b++;
	return lower((u8)*a) - lower((u8)*b);
}

int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (lower((u8)*a) != lower((u8)*b) || !*a)
			return lower((u8)*a) - lower((u8)*b);
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	char *r = NULL;
	for (;; s++) {
		if (*s == (char)c)
			r = (char *)s;
		if (!*s)
			return r;
	}
}

char *strstr(const char *s, const char *find)
{
	size_t n = strlen(find);
	for (;; s++) {
		if (strncmp(s, find, n) == 0)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strnstr(const char *s, const char *find, size_t slen)
{
	size_t n = strlen(find), l = strnlen(s, slen);
	for (; l >= n; s++, l--) {
		if (strncmp(s, find, n) == 0)
			return (char *)s;
		if (l == 0)
			break;
	}
	return NULL;
}

char *strsep(char **sp, const char *delim)
{
	char *s = *sp, *p;
	if (!s)
		return NULL;
	for (p = s; *p; p++)
		if (strchr(delim, *p)) {
			*p = 0;
			*sp = p + 1;
			return s;
		}
	*sp = NULL;
	return s;
}

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static u64 number(const char *s, char **end, int base, int *neg, int *over)
{
	const char *start = s;
	u64 v = 0;
	int any = 0;
	*neg = *over = 0;
	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	if (*s == '-' || *s == '+')
		*neg = *s++ == '-';
	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x' && digit((u8)s[2]) < 16)
		s += 2, base = 16;
	else if (base == 0)
		base = *s == '0' ? 8 : 10;
	for (; digit((u8)*s) < base; s++, any = 1) {
		u64 d = digit((u8)*s);
		if (v > (~0ul - d) / base)
			*over = 1;
		else
			v = v * base + d;
	}
	if (end)
		*end = (char *)(any ? s : start);
	return v;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	int neg, over;
	u64 v = number(s, end, base, &neg, &over);
	return over ? ~0ul : neg ? -v : v;
}

long strtol(const char *s, char **end, int base)
{
	int neg, over;
	u64 v = number(s, end, base, &neg, &over);
	if (over || v > (1ul << 63) - !neg)
		return neg ? (long)(1ul << 63) : (long)(~0ul >> 1);
	return neg ? -(long)v : (long)v;
}

unsigned long long strtouq(const char *s, char **end, int base) { return strtoul(s, end, base); }
long long strtoq(const char *s, char **end, int base) { return strtol(s, end, base); }
int atoi(const char *s) { return (int)strtol(s, NULL, 10); }

int ffs(unsigned int v) { return v ? __builtin_ctz(v) + 1 : 0; }
int fls(unsigned int v) { return v ? 32 - __builtin_clz(v) : 0; }
int ffsll(u64 v) { return v ? __builtin_ctzl(v) + 1 : 0; }
int flsll(u64 v) { return v ? 64 - __builtin_clzl(v) : 0; }
int nulldev(void) { return 0; }
int nodev(void) { return 19; /* ENODEV */ }
int seltrue(void) { return 1; }
int enosys(void) { return 78; }
int enodev(void) { return 19; }
int enodev_strat(void) { return 19; }
int enxio(void) { return 6; }
int eno_strat(void) { return 19; }
int ureturn0(void) { return 0; }
