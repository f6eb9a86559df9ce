/*
 * The printf family's formatting: all of C17's conversions, positional
 * arguments (%1$d), and Darwin's %D %O %U. Wide characters come out as UTF-8.
 */
#include "file.h"
#include "fp.h"
#include <errno.h>
#include <string.h>
#include <wchar.h>

enum { LEFT = 1, PLUS = 2, SPACE = 4, ALT = 8, ZERO = 16, GROUP = 32, UPPER = 64 };
enum len { L_NONE, L_HH, L_H, L_L, L_LL, L_J, L_Z, L_T, L_LD };
struct spec { unsigned flags; int width, prec; enum len len; char conv; };

static void out(struct sink *s, const char *p, size_t n)
{
	if (n) {
		s->put(s, p, n);
		s->n += n;
	}
}
static void pad(struct sink *s, char c, long n)
{
	char b[32];
	memset(b, c, sizeof b);
	for (; n > 0; n -= sizeof b)
		out(s, b, n < (long)sizeof b ? (size_t)n : sizeof b);
}

/* sign or 0x, then zeros, then the body, in the field. */
static void field(struct sink *s, const struct spec *sp, const char *prefix, long zeros, const char *body, size_t n)
{
	size_t pn = strlen(prefix);
	long gap = sp->width - (long)(pn + zeros + n);
	if (sp->flags & ZERO && !(sp->flags & LEFT) && gap > 0)
		zeros += gap, gap = 0;
	if (!(sp->flags & LEFT))
		pad(s, ' ', gap);
	out(s, prefix, pn);
	pad(s, '0', zeros);
	out(s, body, n);
	if (sp->flags & LEFT)
		pad(s, ' ', gap);
}

static void integer(struct sink *s, struct spec *sp, uint64_t v, bool neg, unsigned base)
{
	const char *digits = sp->flags & UPPER ? "0123456789ABCDEF" : "0123456789abcdef", *prefix = "";
	char b[72], *p = b + sizeof b;
	uint64_t x = v;
	for (; x; x /= base)
		*--p = digits[x % base];
	long n = b + sizeof b - p, zeros = 0;
	if (sp->prec >= 0)
		sp->flags &= ~ZERO;
	if (n < (sp->prec < 0 ? 1 : sp->prec))
		zeros = (sp->prec < 0 ? 1 : sp->prec) - n;
	if (neg)
		prefix = "-";
	else if (sp->flags & PLUS)
		prefix = "+";
	else if (sp->flags & SPACE)
		prefix = " ";
	if (sp->flags & ALT) {
		if (base == 8 && zeros == 0 && (n == 0 || *p != '0'))
			zeros = 1;
		else if (base == 16 && v)
			prefix = sp->flags & UPPER ? "0X" : "0x";
		else if (base == 2 && v)
			prefix = "0b";
	}
	field(s, sp, prefix, zeros, p, n);
}

static const char *sign(const struct spec *sp, int neg)
{
	return neg ? "-" : sp->flags & PLUS ? "+" : sp->flags & SPACE ? " " : "";
}

/* At most this many digits are worked out; all after them are zeros anyway. */
#define DIGITS 17000

static void special(struct sink *s, struct spec *sp, const char *prefix, const char *text)
{
	sp->flags &= ~ZERO;
	field(s, sp, prefix, 0, text, 3);
}

/* Field with parts: the prefix, then pieces, each a text and zeros behind it. */
struct piece { const char *p; size_t n; long zeros; };
static void pieces(struct sink *s, const struct spec *sp, const char *prefix, const struct piece *l, int n)
{
	long total = strlen(prefix);
	for (int i = 0; i < n; i++)
		total += l[i].n + l[i].zeros;
	long gap = sp->width - total;
	if (!(sp->flags & (LEFT | ZERO)))
		pad(s, ' ', gap);
	out(s, prefix, strlen(prefix));
	if (sp->flags & ZERO && !(sp->flags & LEFT))
		pad(s, '0', gap);
	for (int i = 0; i < n; i++) {
		out(s, l[i].p, l[i].n);
		pad(s, '0', l[i].zeros);
	}
	if (sp->flags & LEFT)
		pad(s, ' ', gap);
}

static int exponent(char *b, char letter, int e, int least)
{
	int n = 0;
	b[n++] = letter;
	b[n++] = e < 0 ? '-' : '+';
	unsigned v = e < 0 ? -e : e;
	if (least == 2 && v < 10)
		b[n++] = '0';
	return n + digits_of(b + n, v);
}

static void floating(struct sink *s, struct spec *sp, long double v)
{
	char digits[DIGITS], ebuf[16];
	int neg, e, point;
	uint64_t m;
	enum fp_kind kind;
	fp_split(v, &neg, &m, &e, &kind);
	bool up = sp->flags & UPPER;
	if (kind != FP_FINITE) {
		special(s, sp, kind == FP_INF ? sign(sp, neg) : sp->flags & PLUS ? "+" : sp->flags & SPACE ? " " : "",
		    kind == FP_INF ? up ? "INF" : "inf" : up ? "NAN" : "nan");
		return;
	}
	int prec = sp->prec < 0 ? 6 : sp->prec;
	char conv = sp->conv | 32;
	bool strip = false;
	int n;
	if (conv == 'g') {
		if (prec == 0)
			prec = 1;
		n = fp_digits(m, e, -1, prec, digits, DIGITS, &point);
		int x = point - 1;
		strip = !(sp->flags & ALT);
		if (x < -4 || x >= prec) {
			conv = 'e';
			prec--;
		} else {
			conv = 'f';
			prec -= x + 1;
		}
		if (strip) {
			while (n && digits[n - 1] == '0')
				n--;
			int have = conv == 'e' ? (n ? n - 1 : 0) : n - point > 0 ? n - point : 0;
			if (have < prec)
				prec = have;
		}
	} else if (conv == 'e') {
		n = fp_digits(m, e, -1, prec < DIGITS - 1 ? prec + 1 : DIGITS, digits, DIGITS, &point);
	} else {
		n = fp_digits(m, e, prec, 0, digits, DIGITS, &point);
		if (n == 0)
			point = 1;
	}
	struct piece l[6];
	int k = 0;
	bool dot = prec > 0 || sp->flags & ALT;
	if (conv == 'e') {
		l[k++] = n ? (struct piece){ digits, 1, 0 } : (struct piece){ "0", 1, 0 };
		if (dot)
			l[k++] = (struct piece){ ".", 1, 0 };
		int have = n > 1 ? n - 1 : 0;
		if (have > prec)
			have = prec;
		l[k++] = (struct piece){ digits + 1, have, prec - have };
		l[k++] = (struct piece){ ebuf, exponent(ebuf, up ? 'E' : 'e', m ? point - 1 : 0, 2), 0 };
	} else {
		if (point > 0 && n > 0)
			l[k++] = (struct piece){ digits, n < point ? n : point, n < point ? point - n : 0 };
		else
			l[k++] = (struct piece){ "0", 1, 0 };
		if (dot)
			l[k++] = (struct piece){ ".", 1, 0 };
		if (n > 0 && point <= 0) {
			int lead = -point < prec ? -point : prec, have = n < prec - lead ? n : prec - lead;
			l[k++] = (struct piece){ "", 0, lead };
			l[k++] = (struct piece){ digits, have, prec - lead - have };
		} else {
			int have = n > point ? n - point : 0;
			if (have > prec)
				have = prec;
			l[k++] = (struct piece){ digits + point, have, prec - have };
		}
	}
	pieces(s, sp, sign(sp, neg), l, k);
}

/* %a: doubles are shown with a leading 1, long doubles with four bits before the point. */
static void hexfloat(struct sink *s, struct spec *sp, long double v)
{
	const char *hex = sp->flags & UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	char b[24], ebuf[16], prefix[4];
	int neg, e, lead = sp->len == L_LD ? 4 : 1, n = 0;
	uint64_t m;
	enum fp_kind kind;
	fp_split(v, &neg, &m, &e, &kind);
	if (kind != FP_FINITE) {
		floating(s, sp, v);
		return;
	}
	strcpy(prefix, sign(sp, neg));
	strcat(prefix, sp->flags & UPPER ? "0X" : "0x");
	int x = 0;
	unsigned __int128 w = 0;
	int frac = 64 - lead; /* bits after the point */
	if (m) {
		int z = __builtin_clzl(m);
		m <<= z;
		e -= z;
		x = e + frac;
		w = m;
	}
	frac = (frac + 3) & ~3;
	if (lead == 1)
		w <<= 1;
	int digits = frac / 4;
	if (sp->prec >= 0 && sp->prec < digits) {
		int drop = 4 * (digits - sp->prec);
		unsigned __int128 rest = w & (((unsigned __int128)1 << drop) - 1), half = (unsigned __int128)1 << (drop - 1);
		w >>= drop;
		if (rest > half || (rest == half && (w & 1)))
			w++;
		digits = sp->prec;
		if (w >> (4 * digits) >= (lead == 4 ? 16 : 2) && lead == 4)
			w >>= 1, x++;
	}
	b[n++] = hex[(unsigned)(w >> (4 * digits)) & 15];
	for (int i = digits - 1; i >= 0; i--)
		b[n++] = hex[(unsigned)(w >> (4 * i)) & 15];
	if (sp->prec < 0)
		while (n > 1 && b[n - 1] == '0')
			n--;
	long zeros = sp->prec > n - 1 ? sp->prec - (n - 1) : 0;
	struct piece l[4] = { { b, 1, 0 }, { ".", n > 1 || zeros || sp->flags & ALT ? 1 : 0, 0 }, { b + 1, n - 1, zeros },
		{ ebuf, exponent(ebuf, sp->flags & UPPER ? 'P' : 'p', m ? x : 0, 1), 0 } };
	pieces(s, sp, prefix, l, 4);
}

static int utf8(char *b, uint32_t c)
{
	if (c < 0x80)
		return b[0] = c, 1;
	if (c < 0x800)
		return b[0] = 0xc0 | c >> 6, b[1] = 0x80 | (c & 63), 2;
	if (c < 0x10000)
		return b[0] = 0xe0 | c >> 12, b[1] = 0x80 | (c >> 6 & 63), b[2] = 0x80 | (c & 63), 3;
	if (c < 0x110000)
		return b[0] = 0xf0 | c >> 18, b[1] = 0x80 | (c >> 12 & 63), b[2] = 0x80 | (c >> 6 & 63), b[3] = 0x80 | (c & 63), 4;
	return -1;
}

/* What a wide character is in the locale, or in UTF-8 for who makes it wide again; -1 if nothing. */
static int encode(struct sink *s, char *b, wchar_t c)
{
	if (!s->wide)
		return (int)wcrtomb(b, c, NULL);
	int k = utf8(b, c);
	if (k < 0)
		errno = EILSEQ;
	return k;
}
/* A string of the C locale within a wide format: each byte is a character. */
static void bytes_made_wide(struct sink *s, struct spec *sp, const char *str, size_t n)
{
	char b[4];
	if (!(sp->flags & LEFT))
		pad(s, ' ', sp->width - (long)n);
	for (size_t i = 0; i < n; i++)
		out(s, b, utf8(b, (unsigned char)str[i]));
	if (sp->flags & LEFT)
		pad(s, ' ', sp->width - (long)n);
}
static bool wide(struct sink *s, struct spec *sp, const wchar_t *w)
{
	size_t n = 0;
	char b[4];
	int k;
	if (!w)
		w = L"(null)";
	for (const wchar_t *p = w; (sp->prec < 0 || n < (size_t)sp->prec) && *p; p++, n += k)
		if ((k = encode(s, b, *p)) < 0)
			return false;
		else if (sp->prec >= 0 && n + k > (size_t)sp->prec)
			break;
	if (!(sp->flags & LEFT))
		pad(s, ' ', sp->width - (long)n);
	for (size_t done = 0; done < n; done += k)
		out(s, b, k = encode(s, b, *w++));
	if (sp->flags & LEFT)
		pad(s, ' ', sp->width - (long)n);
	return true;
}

union value { uint64_t i; double d; long double ld; void *p; };
enum kind { K_NONE, K_INT, K_LONG, K_DOUBLE, K_LDOUBLE, K_PTR };

static enum kind kind_of(const struct spec *sp)
{
	switch (sp->conv) {
	case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		return sp->len == L_LD ? K_LDOUBLE : K_DOUBLE;
	case 's': case 'S': case 'p': case 'n': return K_PTR;
	case 'c': case 'C': return K_INT;
	case 'D': case 'O': case 'U': return K_LONG;
	case 'd': case 'i': case 'o': case 'u': case 'x': case 'X': case 'b':
		return sp->len >= L_L && sp->len <= L_T ? K_LONG : K_INT;
	}
	return K_NONE;
}
static void fetch(union value *v, enum kind k, va_list *ap)
{
	switch (k) {
	case K_INT: v->i = va_arg(*ap, unsigned); break;
	case K_LONG: v->i = va_arg(*ap, unsigned long); break;
	case K_DOUBLE: v->d = va_arg(*ap, double); break;
	case K_LDOUBLE: v->ld = va_arg(*ap, long double); break;
	case K_PTR: v->p = va_arg(*ap, void *); break;
	case K_NONE: break;
	}
}

static int small(const char **p)
{
	int v = 0;
	while (**p >= '0' && **p <= '9')
		v = v > 100000000 ? v : v * 10 + *(*p)++ - '0';
	return v;
}

/* Positions of the arguments that a specification uses; 0 is "the next". */
struct where { int value, width, prec; };

/* Reads one specification behind the %; gives its end. */
static const char *parse(const char *p, struct spec *sp, struct where *w)
{
	*sp = (struct spec){ .prec = -1 };
	*w = (struct where){ -1, -1, -1 };
	const char *q = p;
	int v = small(&q);
	if (v > 0 && *q == '$')
		w->value = v, p = q + 1;
	for (;; p++) {
		switch (*p) {
		case '-': sp->flags |= LEFT; continue;
		case '+': sp->flags |= PLUS; continue;
		case ' ': sp->flags |= SPACE; continue;
		case '#': sp->flags |= ALT; continue;
		case '0': sp->flags |= ZERO; continue;
		case '\'': sp->flags |= GROUP; continue;
		}
		break;
	}
	if (*p == '*') {
		p++;
		q = p;
		v = small(&q);
		w->width = 0;
		if (v > 0 && *q == '$')
			w->width = v, p = q + 1;
	} else {
		sp->width = small(&p);
	}
	if (*p == '.') {
		p++;
		if (*p == '*') {
			p++;
			q = p;
			v = small(&q);
			w->prec = 0;
			if (v > 0 && *q == '$')
				w->prec = v, p = q + 1;
		} else {
			sp->prec = small(&p);
		}
	}
	switch (*p) {
	case 'h': p++; sp->len = L_H; if (*p == 'h') p++, sp->len = L_HH; break;
	case 'l': p++; sp->len = L_L; if (*p == 'l') p++, sp->len = L_LL; break;
	case 'q': p++; sp->len = L_LL; break;
	case 'j': p++; sp->len = L_J; break;
	case 'z': p++; sp->len = L_Z; break;
	case 't': p++; sp->len = L_T; break;
	case 'L': p++; sp->len = L_LD; break;
	}
	sp->conv = *p;
	return *p ? p + 1 : p;
}

static bool convert(struct sink *s, struct spec *sp, union value v)
{
	char c;
	const char *str;
	size_t n;
	if (sp->conv == 'D' || sp->conv == 'O' || sp->conv == 'U') {
		sp->conv |= 32;
		sp->len = L_L;
	}
	switch (sp->conv) {
	case 'd': case 'i': {
		int64_t i = v.i;
		switch (sp->len) {
		case L_NONE: i = (int)i; break;
		case L_HH: i = (signed char)i; break;
		case L_H: i = (short)i; break;
		default: break;
		}
		integer(s, sp, i < 0 ? -(uint64_t)i : (uint64_t)i, i < 0, 10);
		return true;
	}
	case 'o': case 'u': case 'x': case 'X': case 'b': {
		uint64_t u = v.i;
		switch (sp->len) {
		case L_NONE: u = (unsigned)u; break;
		case L_HH: u = (unsigned char)u; break;
		case L_H: u = (unsigned short)u; break;
		default: break;
		}
		if (sp->conv == 'X')
			sp->flags |= UPPER;
		sp->flags &= ~(PLUS | SPACE);
		integer(s, sp, u, false, sp->conv == 'o' ? 8 : sp->conv == 'u' ? 10 : sp->conv == 'b' ? 2 : 16);
		return true;
	}
	case 'p': {
		char b[20] = "0x";
		int k = 2;
		uint64_t u = (uintptr_t)v.p;
		int sh = u ? (63 - __builtin_clzl(u)) & ~3 : 0;
		for (; sh >= 0; sh -= 4)
			b[k++] = "0123456789abcdef"[u >> sh & 15];
		sp->flags &= ~ZERO;
		field(s, sp, "", 0, b, k);
		return true;
	}
	case 'c':
		if (sp->len != L_L) {
			c = v.i;
			sp->flags &= ~ZERO;
			if (s->wide && !utf8_locale())
				bytes_made_wide(s, sp, &c, 1);
			else
				field(s, sp, "", 0, &c, 1);
			return true;
		}
		/* fall through */
	case 'C': {
		char b[4];
		int k = encode(s, b, v.i);
		if (k < 0)
			return false;
		field(s, sp, "", 0, b, k);
		return true;
	}
	case 's':
		if (sp->len != L_L) {
			str = v.p ? v.p : "(null)";
			n = sp->prec >= 0 ? strnlen(str, sp->prec) : strlen(str);
			if (s->wide && !utf8_locale())
				bytes_made_wide(s, sp, str, n);
			else
				field(s, sp, "", 0, str, n);
			return true;
		}
		/* fall through */
	case 'S':
		return wide(s, sp, v.p);
	case 'n':
		switch (sp->len) {
		case L_HH: *(signed char *)v.p = s->n; break;
		case L_H: *(short *)v.p = s->n; break;
		case L_NONE: case L_LD: *(int *)v.p = s->n; break;
		default: *(long *)v.p = s->n; break;
		}
		return true;
	case 'E': case 'F': case 'G': case 'A':
		sp->flags |= UPPER;
		/* fall through */
	case 'e': case 'f': case 'g': case 'a': {
		long double ld = sp->len == L_LD ? v.ld : v.d;
		if ((sp->conv | 32) == 'a')
			hexfloat(s, sp, ld);
		else
			floating(s, sp, ld);
		return true;
	}
	}
	if (sp->conv) /* %% and unknown letters stand for themselves */
		out(s, &sp->conv, 1);
	return true;
}

#define MAXPOS 64
int format(struct sink *s, const char *fmt, va_list ap0)
{
	union value pos[MAXPOS + 1];
	enum kind kinds[MAXPOS + 1] = { 0 };
	bool positional = false;
	va_list ap;
	va_copy(ap, ap0);
	struct spec sp;
	struct where w;
	for (const char *p = fmt; *p;)
		if (*p++ == '%') {
			p = parse(p, &sp, &w);
			if (w.value > 0) {
				positional = true;
				if (w.value <= MAXPOS)
					kinds[w.value] = kind_of(&sp);
			}
			if (w.width > 0 && w.width <= MAXPOS)
				kinds[w.width] = K_INT;
			if (w.prec > 0 && w.prec <= MAXPOS)
				kinds[w.prec] = K_INT;
		}
	if (positional)
		for (int i = 1; i <= MAXPOS && kinds[i]; i++)
			fetch(&pos[i], kinds[i], &ap);
	bool ok = true;
	while (*fmt && ok) {
		const char *pct = strchr(fmt, '%');
		if (!pct) {
			out(s, fmt, strlen(fmt));
			break;
		}
		out(s, fmt, pct - fmt);
		fmt = parse(pct + 1, &sp, &w);
		union value v = { 0 };
		if (w.width >= 0) {
			if (w.width > 0)
				v = w.width <= MAXPOS && kinds[w.width] ? pos[w.width] : v;
			else
				fetch(&v, K_INT, &ap);
			sp.width = (int)v.i;
			if (sp.width < 0)
				sp.flags |= LEFT, sp.width = sp.width == (int)0x80000000 ? 0 : -sp.width;
		}
		if (w.prec >= 0) {
			if (w.prec > 0)
				v = w.prec <= MAXPOS && kinds[w.prec] ? pos[w.prec] : v;
			else
				fetch(&v, K_INT, &ap);
			sp.prec = (int)v.i < 0 ? -1 : (int)v.i;
		}
		if (w.value > 0)
			v = w.value <= MAXPOS && kinds[w.value] ? pos[w.value] : v;
		else
			fetch(&v, kind_of(&sp), &ap);
		ok = convert(s, &sp, v);
	}
	va_end(ap);
	if (!ok)
		return -1;
	if (s->n > 0x7fffffff) {
		errno = EOVERFLOW;
		return -1;
	}
	return s->n;
}
