/* Formatted output: the one formatter of the kernel. No floating point. */
#include "rt.h"

struct out {
	char *at, *end;
	size_t total;
	int level; /* of a message; -1: into a buffer, what doesn't fit is lost */
	char *begin;
};

static void put(struct out *o, char c)
{
	o->total++;
	if (o->at == o->end) {
		if (o->level < 0)
			return;
		kpi_write(o->level, o->begin, o->at - o->begin);
		o->at = o->begin;
	}
	*o->at++ = c;
}

static void pad(struct out *o, int n, char c)
{
	while (n-- > 0)
		put(o, c);
}

static void text(struct out *o, const char *s, int n, int width, int left)
{
	if (!left)
		pad(o, width - n, ' ');
	for (int i = 0; i < n; i++)
		put(o, s[i]);
	if (left)
		pad(o, width - n, ' ');
}

static void format(struct out *o, const char *f, va_list ap)
{
	for (; *f; f++) {
		if (*f != '%') {
			put(o, *f);
			continue;
		}
		int left = 0, plus = 0, space = 0, alt = 0, zero = 0, width = 0, prec = -1, size = 4;
		for (f++;; f++) {
			if (*f == '-') left = 1;
			else if (*f == '+') plus = 1;
			else if (*f == ' ') space = 1;
			else if (*f == '#') alt = 1;
			else if (*f == '0') zero = 1;
			else break;
		}
		if (*f == '*') {
			width = va_arg(ap, int);
			if (width < 0)
				left = 1, width = -width;
			f++;
		} else
			while (*f >= '0' && *f <= '9' && width < 10000)
				width = width * 10 + (*f++ - '0');
		if (*f == '.') {
			prec = 0;
			if (*++f == '*') {
				prec = va_arg(ap, int);
				f++;
			} else
				while (*f >= '0' && *f <= '9' && prec < 10000)
					prec = prec * 10 + (*f++ - '0');
		}
		for (;; f++) {
			if (*f == 'l' || *f == 'q' || *f == 'z' || *f == 'j' || *f == 't') size = 8;
			else if (*f == 'h') size = size == 2 ? 1 : 2;
			else break;
		}
		u64 v;
		u32 base = 10;
		int sign = 0, upper = 0;
		char buf[24], *p, c;
		switch (*f) {
		case 0:
			return;
		case 'c':
			c = (char)va_arg(ap, int);
			text(o, &c, 1, width, left);
			continue;
		case 's': {
			const char *s = va_arg(ap, const char *);
			int n = 0;
			if (!s)
				s = "(null)";
			while ((prec < 0 || n < prec) && s[n])
				n++;
			text(o, s, n, width, left);
			continue;
		}
		case 'D':
			size = 8; /* fall through */
		case 'd':
		case 'i':
			sign = 1;
			break;
		case 'U':
			size = 8; /* fall through */
		case 'u':
			break;
		case 'O':
			size = 8; /* fall through */
		case 'o':
			base = 8;
			break;
		case 'p':
			size = 8;
			alt = 1; /* fall through */
		case 'x':
			base = 16;
			break;
		case 'X':
			base = 16;
			upper = 1;
			break;
		default:
			put(o, *f);
			continue;
		}
		v = size == 8 ? va_arg(ap, u64) : va_arg(ap, u32);
		if (sign && size == 8 ? (long)v < 0 : sign && (int)v < 0) {
			v = size == 8 ? -v : (u32) - (int)v;
			sign = '-';
		} else
			sign = !sign ? 0 : plus ? '+' : space ? ' ' : 0;
		if (size == 2)
			v = (u16)v;
		else if (size == 1)
			v = (u8)v;
		p = buf + sizeof buf;
		for (u64 x = v; x; x /= base)
			*--p = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[x % base];
		int digits = buf + sizeof buf - p, pre = (sign != 0) + (alt && v && base == 16 ? 2 : alt && base == 8 ? 1 : 0);
		if (digits == 0 && prec != 0)
			*--p = '0', digits = 1;
		int zeros = prec > digits ? prec - digits : 0;
		if (zero && !left && prec < 0 && width > digits + pre)
			zeros = width - digits - pre;
		if (!left)
			pad(o, width - digits - zeros - pre, ' ');
		if (sign)
			put(o, (char)sign);
		if (alt && base == 16 && v)
			put(o, '0'), put(o, upper ? 'X' : 'x');
		else if (alt && base == 8)
			put(o, '0');
		pad(o, zeros, '0');
		for (int i = 0; i < digits; i++)
			put(o, p[i]);
		if (left)
			pad(o, width - digits - zeros - pre, ' ');
	}
}

int vsnprintf(char *s, size_t n, const char *f, va_list ap)
{
	char none;
	struct out o = {s, s + n - 1, 0, -1, s};
	if (n == 0)
		o.at = o.end = &none;
	format(&o, f, ap);
	if (n > 0)
		*o.at = 0;
	return (int)o.total;
}

int vsprintf(char *s, const char *f, va_list ap) { return vsnprintf(s, 0x7fffffff, f, ap); }

int snprintf(char *s, size_t n, const char *f, ...)
{
	va_list ap;
	va_start(ap, f);
	int r = vsnprintf(s, n, f, ap);
	va_end(ap);
	return r;
}

int scnprintf(char *s, size_t n, const char *f, ...)
{
	va_list ap;
	va_start(ap, f);
	int r = vsnprintf(s, n, f, ap);
	va_end(ap);
	return n == 0 ? 0 : (size_t)r < n ? r : (int)n - 1;
}

int sprintf(char *s, const char *f, ...)
{
	va_list ap;
	va_start(ap, f);
	int r = vsnprintf(s, 0x7fffffff, f, ap);
	va_end(ap);
	return r;
}

static void say(int level, const char *f, va_list ap)
{
	char line[256];
	struct out o = {line, line + sizeof line, 0, level, line};
	format(&o, f, ap);
	if (o.at != line)
		kpi_write(level, line, o.at - line);
}

#define SAY(level)                  \
	va_list ap;                 \
	va_start(ap, f);            \
	say(level, f, ap);          \
	va_end(ap)

enum { PRINTF = 100, KPRINTF, IOLOG };

int printf(const char *f, ...) { SAY(PRINTF); return 0; }
void kprintf(const char *f, ...) { SAY(KPRINTF); }
void IOLog(const char *f, ...) { SAY(IOLOG); }
void vprintf(const char *f, va_list ap) { say(PRINTF, f, ap); }
void IOLogv(const char *f, va_list ap) { say(IOLOG, f, ap); }
int log(int level, const char *f, ...) { SAY(level & 7); return 0; }
int uprintf(const char *f, ...) { SAY(PRINTF); return 0; }

void panic(const char *f, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, f);
	vsnprintf(line, sizeof line, f, ap);
	va_end(ap);
	kpi_panic(line);
	for (;;)
		;
}

void Assert(const char *file, int line, const char *expr) { panic("%s:%d Assertion failed: %s", file, line, expr); }
