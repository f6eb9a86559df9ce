/* Text to numbers. */
#include "private.h"
#include "fp.h"
#include "fp_parse.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include <stdlib.h>
#include <string.h>

static int digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}
static bool space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* The magnitude, at most max; over says it was more. */
static uint64_t magnitude(const char *s, char **end, int base, bool *neg, bool *over)
{
	const char *start = s;
	uint64_t v = 0;
	bool any = false;
	*over = *neg = false;
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		if (end)
			*end = (char *)start;
		return 0;
	}
	while (space(*s))
		s++;
	if (*s == '-' || *s == '+')
		*neg = *s++ == '-';
	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x' && digit(s[2]) < 16)
		s += 2, base = 16;
	else if ((base == 0 || base == 2) && s[0] == '0' && (s[1] | 32) == 'b' && digit(s[2]) < 2)
		s += 2, base = 2;
	else if (base == 0)
		base = *s == '0' ? 8 : 10;
	for (int d; (d = digit(*s)) < base; s++) {
		any = true;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			*over = true;
	}
	if (end)
		*end = (char *)(any ? s : start);
	return v;
}

long strtol(const char *s, char **end, int base)
{
	bool neg, over;
	uint64_t v = magnitude(s, end, base, &neg, &over);
	if (over || v > (neg ? (uint64_t)LONG_MAX + 1 : LONG_MAX)) {
		errno = ERANGE;
		return neg ? LONG_MIN : LONG_MAX;
	}
	return neg ? -v : v;
}
unsigned long strtoul(const char *s, char **end, int base)
{
	bool neg, over;
	uint64_t v = magnitude(s, end, base, &neg, &over);
	if (over) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return neg ? -v : v;
}
long long strtoll(const char *s, char **e, int b) { return strtol(s, e, b); }
unsigned long long strtoull(const char *s, char **e, int b) { return strtoul(s, e, b); }
quad_t strtoq(const char *s, char **e, int b) { return strtol(s, e, b); }
u_quad_t strtouq(const char *s, char **e, int b) { return strtoul(s, e, b); }
intmax_t strtoimax(const char *s, char **e, int b) { return strtol(s, e, b); }
uintmax_t strtoumax(const char *s, char **e, int b) { return strtoul(s, e, b); }
int atoi(const char *s) { return strtol(s, NULL, 10); }
long atol(const char *s) { return strtol(s, NULL, 10); }
long long atoll(const char *s) { return strtol(s, NULL, 10); }

long long strtonum(const char *s, long long lo, long long hi, const char **err)
{
	const char *why = NULL;
	char *end;
	int saved = errno;
	errno = 0;
	long long v = lo > hi ? 0 : strtoll(s, &end, 10);
	if (lo > hi || end == s || *end)
		why = "invalid", errno = EINVAL;
	else if (v < lo || (v == LLONG_MIN && errno == ERANGE))
		why = "too small", errno = ERANGE;
	else if (v > hi || (v == LLONG_MAX && errno == ERANGE))
		why = "too large", errno = ERANGE;
	else
		errno = saved;
	if (err)
		*err = why;
	return why ? 0 : v;
}

/*
 * Reads a floating constant from a source of characters that can give back one
 * (strings and streams alike). Digits are kept up to a number that decides
 * every rounding; the rest only say "and something".
 */
#define KEEP 1200 /* a double needs 768; long doubles are cut, see CAVEATS */

static int get(struct fp_source *s)
{
	int c = s->next(s);
	s->count += c >= 0;
	return c;
}

static bool word(struct fp_source *s, const char *w, int *c)
{
	for (; *w; w++) {
		if (*c < 0 || (*c | 32) != *w)
			return false;
		*c = get(s);
		s->good = s->count - (*c >= 0);
	}
	return true;
}

hidden long double fp_parse(struct fp_source *s, enum fp_format f)
{
	char digits[KEEP + 1];
	int n = 0, c = get(s);
	long exp = 0;
	bool neg = false, any = false, dot = false, sticky = false, hex = false;
	uint64_t m = 0;
	s->good = 0;
	if (c == '-' || c == '+') {
		neg = c == '-';
		c = get(s);
	}
	if ((c | 32) == 'i') {
		if (word(s, "inf", &c)) {
			size_t good = s->good;
			if (!word(s, "inity", &c))
				s->good = good;
			return neg ? -__builtin_infl() : __builtin_infl();
		}
		s->good = 0;
		return 0;
	}
	if ((c | 32) == 'n') {
		if (!word(s, "nan", &c)) {
			s->good = 0;
			return 0;
		}
		size_t good = s->good;
		if (c == '(') {
			do
				c = get(s);
			while (c == '_' || digit(c) < 36);
			good = c == ')' ? s->count : good;
		}
		s->good = good;
		return neg ? -__builtin_nanl("") : __builtin_nanl("");
	}
	if (c == '0') {
		any = true;
		s->good = s->count;
		c = get(s);
		if ((c | 32) == 'x') {
			hex = true;
			any = false;
			c = get(s);
		}
	}
	for (;; c = get(s)) {
		if (c == '.' && !dot) {
			dot = true;
			if (any)
				s->good = s->count;
			continue;
		}
		int d = c < 0 ? 99 : digit(c);
		if (d >= (hex ? 16 : 10))
			break;
		any = true;
		s->good = s->count;
		if (hex) {
			if (m >> 60) {
				sticky |= d != 0;
				exp += dot ? 0 : 4;
			} else {
				m = m << 4 | d;
				exp -= dot ? 4 : 0;
			}
		} else {
			if (n == 0 && d == 0) {
				exp -= dot;
				continue;
			}
			if (n < KEEP) {
				digits[n++] = '0' + d;
				exp -= dot;
			} else {
				sticky |= d != 0;
				exp += !dot;
			}
		}
	}
	if (!any) {
		if (hex) /* "0x" alone is a zero, then an x */
			return neg ? -0.0L : 0;
		s->good = 0;
		return 0;
	}
	if ((c | 32) == (hex ? 'p' : 'e')) {
		c = get(s);
		bool eneg = c == '-';
		if (c == '-' || c == '+')
			c = get(s);
		long e = 0;
		for (; c >= '0' && c <= '9'; c = get(s)) {
			e = e > 1000000 ? e : e * 10 + c - '0';
			s->good = s->count;
		}
		exp += eneg ? -e : e;
	}
	uint64_t mant;
	int e2;
	bool ok;
	if (hex) {
		if (exp > 100000) exp = 100000;
		if (exp < -100000) exp = -100000;
		ok = fp_from_binary(m, exp, sticky, f, &mant, &e2);
	} else {
		if (sticky)
			digits[n++] = '1', exp--; /* a little more than what was kept */
		ok = fp_from_decimal(digits, n, exp, f, &mant, &e2);
	}
	if (!ok) {
		errno = ERANGE;
		return neg ? -__builtin_infl() : __builtin_infl();
	}
	long double v = fp_make(mant, e2);
	static const long double least[] = { 0x1p-126L, 0x1p-1022L, 0x1p-16382L };
	if ((hex ? m != 0 : n != 0) && v < least[f])
		errno = ERANGE;
	return neg ? -v : v;
}

struct string_source { struct fp_source s; const char *p; };
static int string_next(struct fp_source *s)
{
	struct string_source *ss = (void *)s;
	return *ss->p ? (unsigned char)*ss->p++ : -1;
}
static long double parse_string(const char *s, char **end, enum fp_format f)
{
	const char *p = s;
	while (space(*p))
		p++;
	struct string_source ss = { { string_next, 0, 0 }, p };
	long double v = fp_parse(&ss.s, f);
	if (end)
		*end = (char *)(ss.s.good ? p + ss.s.good : s);
	return v;
}
double strtod(const char *s, char **e) { return parse_string(s, e, FP_DOUBLE); }
float strtof(const char *s, char **e) { return parse_string(s, e, FP_FLOAT); }
long double strtold(const char *s, char **e) { return parse_string(s, e, FP_LONG); }
double atof(const char *s) { return strtod(s, NULL); }

int abs(int v) { return v < 0 ? -v : v; }
long labs(long v) { return v < 0 ? -v : v; }
long long llabs(long long v) { return v < 0 ? -v : v; }
intmax_t imaxabs(intmax_t v) { return v < 0 ? -v : v; }
div_t div(int a, int b) { return (div_t){ a / b, a % b }; }
ldiv_t ldiv(long a, long b) { return (ldiv_t){ a / b, a % b }; }
lldiv_t lldiv(long long a, long long b) { return (lldiv_t){ a / b, a % b }; }
