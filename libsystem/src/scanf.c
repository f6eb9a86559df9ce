/*
 * The scanf family. A number is taken as far as it can go on being one; what
 * was read beyond goes back to the source, as far as a stream can hold it.
 */
#include "file.h"
#include "fp_parse.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum size { S_INT, S_CHAR, S_SHORT, S_LONG, S_LLONG, S_LDOUBLE };

static void store(void *p, enum size z, uint64_t v)
{
	switch (z) {
	case S_CHAR: *(char *)p = v; break;
	case S_SHORT: *(short *)p = v; break;
	case S_INT: *(int *)p = v; break;
	default: *(long *)p = v; break;
	}
}

/* A source that ends after a number of characters, and counts. */
struct limited { struct fp_source fp; struct source *s; long left, count; char back[8]; unsigned n; };
static int take(struct limited *l)
{
	if (l->left <= 0)
		return -1;
	int c = l->s->get(l->s);
	if (c >= 0) {
		l->left--;
		l->count++;
	}
	return c;
}
static void give(struct limited *l, int c)
{
	if (c < 0)
		return;
	l->s->unget(l->s, c);
	l->left++;
	l->count--;
}
static int fp_take(struct fp_source *fp)
{
	struct limited *l = (void *)fp;
	int c = take(l);
	if (c >= 0)
		l->back[l->n++ % sizeof l->back] = c;
	return c;
}

/* An integer of the given base; false if there is none. */
static bool integer(struct limited *l, int base, bool is_signed, uint64_t *out)
{
	uint64_t v = 0;
	bool any = false, over = false, neg = false;
	int c = take(l);
	if (c == '+' || c == '-') {
		neg = c == '-';
		c = take(l);
	}
	if (c == '0' && (base == 0 || base == 16)) {
		any = true;
		c = take(l);
		if ((c | 32) == 'x') {
			int d = take(l);
			if (isxdigit(d)) {
				base = 16;
				c = d;
			} else {
				/* "0x" and no digit: the zero was the number. */
				give(l, d);
				give(l, c);
				*out = 0;
				return true;
			}
		} else if (base == 0) {
			base = 8;
		}
	} else if (base == 0) {
		base = 10;
	}
	for (;; c = take(l)) {
		int d = c < 0 ? 99 : isdigit(c) ? c - '0' : isalpha(c) ? (c | 32) - 'a' + 10 : 99;
		if (d >= base)
			break;
		any = true;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			over = true;
	}
	give(l, c);
	if (is_signed) {
		uint64_t most = neg ? 1ul << 63 : ~0ul >> 1;
		if (over || v > most)
			v = most;
	} else if (over) {
		*out = ~0ul;
		return any;
	}
	*out = neg ? -v : v;
	return any;
}

/* White space goes by; what follows is left. */
static long skip_space(struct source *s)
{
	long n = 0;
	int c;
	while ((c = s->get(s)) >= 0 && isspace(c))
		n++;
	s->unget(s, c);
	return n;
}

/* The set of %[; f points behind the bracket, and is left behind the other. */
static const char *char_set(const char *f, bool *set)
{
	bool invert = *f == '^';
	if (invert)
		f++;
	memset(set, invert, 256);
	const char *start = f;
	for (; *f && (*f != ']' || f == start); f++) {
		unsigned lo = (unsigned char)*f, hi = lo;
		if (f[1] == '-' && f[2] && f[2] != ']' && (unsigned char)f[2] >= lo) {
			hi = (unsigned char)f[2];
			f += 2;
		}
		for (unsigned c = lo; c <= hi; c++)
			set[c] = !invert;
	}
	return *f ? f + 1 : f;
}

/* Text of the characters in set, into narrow or wide characters; dst may be null. */
static long text(struct limited *l, const bool *set, void *dst, bool wide)
{
	long n = 0;
	int c;
	char mb[4];
	unsigned nmb = 0;
	long left = l->left; /* of wide characters, for wide */
	if (wide)
		l->left = __LONG_MAX__;
	while (left > 0 && (c = take(l)) >= 0) {
		if (set && c < 256 && !set[c] && nmb == 0) {
			give(l, c);
			break;
		}
		if (!wide) {
			if (dst)
				((char *)dst)[n] = c;
			n++, left--;
			continue;
		}
		mb[nmb++] = c;
		wchar_t w;
		mbstate_t st = { { 0 } };
		size_t r = mbrtowc(&w, mb, nmb, &st);
		if (r == (size_t)-2 && nmb < sizeof mb)
			continue;
		if (r > 4)
			w = (unsigned char)mb[0];
		nmb = 0;
		if (dst)
			((wchar_t *)dst)[n] = w;
		n++, left--;
	}
	return n;
}

int scan(struct source *s, const char *f, va_list ap)
{
	int done = 0;
	bool any = false; /* a conversion has been made, stored or not */
	long total = 0;
	bool set[256], spaces[256];
	for (int i = 0; i < 256; i++)
		spaces[i] = !isspace(i);
	va_list all;
	va_copy(all, ap);
	for (; *f; f++) {
		if (isspace((unsigned char)*f)) {
			total += skip_space(s);
			continue;
		}
		if (*f != '%' || f[1] == '%') {
			if (*f == '%') {
				f++;
				total += skip_space(s);
			}
			int c = s->get(s);
			if (c != (unsigned char)*f) {
				s->unget(s, c);
				if (c < 0 && !any)
					done = EOF;
				goto out;
			}
			total++;
			continue;
		}
		f++;
		bool drop = false;
		long width = 0;
		void *dst = NULL;
		const char *p = f;
		while (isdigit((unsigned char)*p))
			p++;
		if (p > f && *p == '$') {
			va_list at;
			va_copy(at, all);
			for (int i = atoi(f); i > 0; i--)
				dst = va_arg(at, void *);
			va_end(at);
			f = p + 1;
		}
		if (*f == '*')
			drop = true, f++;
		for (; isdigit((unsigned char)*f); f++)
			if (width < 1 << 28)
				width = width * 10 + *f - '0';
		enum size z = S_INT;
		switch (*f) {
		case 'h': z = *++f == 'h' ? (f++, S_CHAR) : S_SHORT; break;
		case 'l': z = *++f == 'l' ? (f++, S_LLONG) : S_LONG; break;
		case 'q': case 'j': z = S_LLONG; f++; break;
		case 'z': case 't': z = S_LONG; f++; break;
		case 'L': z = S_LDOUBLE; f++; break;
		}
		char conv = *f;
		if (conv == 'D' || conv == 'O' || conv == 'U')
			z = S_LONG, conv |= 32;
		if (conv == 'C' || conv == 'S')
			z = S_LONG, conv |= 32;
		if (conv == 0)
			goto out;
		if (!drop && !dst)
			dst = va_arg(ap, void *);
		if (conv == 'n') {
			if (!drop)
				store(dst, z, total);
			continue;
		}
		if (conv != 'c' && conv != '[')
			total += skip_space(s);
		int c = s->get(s); /* is there anything at all? */
		s->unget(s, c);
		if (c < 0) {
			if (!any)
				done = EOF;
			goto out;
		}
		struct limited l = { { fp_take, 0, 0 }, s, width ? width : __LONG_MAX__, 0, { 0 }, 0 };
		bool ok = false;
		uint64_t v;
		switch (conv) {
		case 'd': ok = integer(&l, 10, true, &v); break;
		case 'i': ok = integer(&l, 0, true, &v); break;
		case 'u': ok = integer(&l, 10, false, &v); break;
		case 'o': ok = integer(&l, 8, false, &v); break;
		case 'x': case 'X': ok = integer(&l, 16, false, &v); break;
		case 'p': ok = integer(&l, 16, false, &v), z = S_LONG; break;
		case 'a': case 'e': case 'f': case 'g': case 'A': case 'E': case 'F': case 'G': {
			long double d = fp_parse(&l.fp, z == S_LDOUBLE ? FP_LONG : z == S_LONG ? FP_DOUBLE : FP_FLOAT);
			for (size_t k = l.fp.count; k > l.fp.good && l.fp.count - k < sizeof l.back; k--)
				give(&l, (unsigned char)l.back[--l.n % sizeof l.back]);
			ok = l.fp.good != 0;
			total += l.count;
			if (ok && !drop) {
				if (z == S_LDOUBLE)
					*(long double *)dst = d;
				else if (z == S_LONG)
					*(double *)dst = d;
				else
					*(float *)dst = d;
				done++;
			}
			any |= ok;
			if (!ok)
				goto out;
			continue;
		}
		case 'c':
			if (!width)
				l.left = width = 1;
			v = text(&l, NULL, drop ? NULL : dst, z == S_LONG);
			total += l.count;
			if ((long)v < width) {
				if (!any)
					done = EOF;
				goto out;
			}
			any = true;
			done += !drop;
			continue;
		case '[':
			f = char_set(f + 1, set) - 1;
			/* fall through */
		case 's':
			v = text(&l, conv == 's' ? spaces : set, drop ? NULL : dst, z == S_LONG);
			total += l.count;
			if (v == 0)
				goto out;
			if (!drop) {
				if (z == S_LONG)
					((wchar_t *)dst)[v] = 0;
				else
					((char *)dst)[v] = 0;
				done++;
			}
			any = true;
			continue;
		default:
			goto out;
		}
		total += l.count;
		if (!ok)
			goto out;
		any = true;
		if (!drop) {
			store(dst, z, v);
			done++;
		}
	}
out:
	va_end(all);
	return done;
}

static int file_get(struct source *s) { return get1(s->arg); }
static void file_unget(struct source *s, int c) { unget1(s->arg, c); }
int vfscanf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct source s = { file_get, file_unget, f, NULL };
	file_lock(f);
	int n = scan(&s, fmt, ap);
	file_unlock(f);
	return n;
}
static int str_get(struct source *s) { return *s->p ? (unsigned char)*s->p++ : -1; }
static void str_unget(struct source *s, int c)
{
	if (c >= 0)
		s->p--;
}
int vsscanf(const char *restrict str, const char *restrict fmt, va_list ap)
{
	struct source s = { str_get, str_unget, NULL, str };
	return scan(&s, fmt, ap);
}
int vscanf(const char *restrict fmt, va_list ap) { return vfscanf(stdin, fmt, ap); }
int fscanf(FILE *restrict f, const char *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vfscanf(f, fmt, ap);
	va_end(ap);
	return n;
}
int scanf(const char *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vfscanf(stdin, fmt, ap);
	va_end(ap);
	return n;
}
int sscanf(const char *restrict str, const char *restrict fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsscanf(str, fmt, ap);
	va_end(ap);
	return n;
}
