/*
 * Floating point to decimal and back, exactly. A value is an integer times a
 * power of two; as a big integer in base 10^9 its digits are all known, and are
 * rounded to the current precision, half to even. Reading goes the other way:
 * the decimal number becomes a fraction of big integers, and the quotient is
 * taken to one bit more than fits, the rest being sticky.
 */
#include "fp.h"
#include <string.h>
#include <stdlib.h>

/*
 * Base 10^9, least significant first. The largest long double needs
 * 16384 bits = 549 limbs; the smallest 16445 + 64 bits after the point, and
 * 5^16509 has 38333 bits = 1282 limbs; with margin.
 */
#define LIMBS 1850
struct big { int n; uint32_t d[LIMBS]; };

static void mul_small(struct big *b, uint32_t m)
{
	uint64_t c = 0;
	for (int i = 0; i < b->n; i++) {
		c += (uint64_t)b->d[i] * m;
		b->d[i] = c % 1000000000;
		c /= 1000000000;
	}
	if (c && b->n < LIMBS)
		b->d[b->n++] = c;
}

/*
 * m * 2^e as decimal digits: digits[0..n) and where the point goes (value is
 * 0.d1d2d3... * 10^point). If frac >= 0, at most frac digits after the point
 * are wanted; if sig > 0, at most sig significant digits. The rest is rounded
 * off. Zero gives no digits and point 1.
 */
hidden int fp_digits(uint64_t m, int e, int frac, int sig, char *digits, int room, int *point)
{
	if (m == 0) {
		*point = 1;
		return 0;
	}
	struct big b = { 0 };
	int drop = 0; /* decimal digits after the point in b */
	while (!(m & 1))
		m >>= 1, e++;
	for (; m; m /= 1000000000)
		b.d[b.n++] = m % 1000000000;
	if (e >= 0) {
		for (; e >= 29; e -= 29)
			mul_small(&b, 1u << 29);
		mul_small(&b, 1u << e);
	} else {
		drop = -e; /* m / 2^k = m * 5^k / 10^k */
		int k = -e;
		for (; k >= 13; k -= 13)
			mul_small(&b, 1220703125);
		static const uint32_t five[] = { 1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625 };
		mul_small(&b, five[k]);
	}
	/* All digits, most significant first. */
	char all[LIMBS * 9 + 1], *p = all;
	int len = 0;
	for (int i = b.n - 1; i >= 0; i--) {
		uint32_t v = b.d[i], div = 100000000;
		for (int j = 0; j < 9; j++, div /= 10)
			p[len++] = '0' + v / div % 10;
	}
	while (*p == '0')
		p++, len--;
	*point = len - drop;
	long keep = len;
	if (frac >= 0 && *point + (long)frac < keep)
		keep = *point + (long)frac;
	if (sig > 0 && sig < keep)
		keep = sig;
	if (keep < 0) {
		return 0;
	}
	if (keep < len) {
		bool up = p[keep] > '5';
		if (p[keep] == '5') {
			for (int i = keep + 1; i < len && !up; i++)
				up = p[i] != '0';
			if (!up)
				up = keep > 0 && ((p[keep - 1] - '0') & 1);
		}
		if (up) {
			long i = keep;
			while (i > 0 && p[i - 1] == '9')
				i--;
			if (i == 0) { /* 999 -> 1000 */
				p[0] = '1';
				memset(p + 1, '0', keep ? keep : 0);
				(*point)++;
				if (frac >= 0 && sig <= 0)
					keep++;
				if (keep == 0)
					keep = 1;
			} else {
				p[i - 1]++;
				memset(p + i, '0', keep - i);
			}
		}
	}
	if (keep > room)
		keep = room;
	memcpy(digits, p, keep);
	return keep;
}

/* Big integers in base 2^32 for reading. */
#define WORDS 1700
struct bin { int n; uint32_t w[WORDS]; };
static void bin_mul_add(struct bin *b, uint32_t m, uint32_t a)
{
	uint64_t c = a;
	for (int i = 0; i < b->n; i++) {
		c += (uint64_t)b->w[i] * m;
		b->w[i] = c;
		c >>= 32;
	}
	if (c && b->n < WORDS)
		b->w[b->n++] = c;
}
static void bin_mul_pow(struct bin *b, uint32_t base, int chunk, uint32_t big, int k)
{
	for (; k >= chunk; k -= chunk)
		bin_mul_add(b, big, 0);
	while (k-- > 0)
		bin_mul_add(b, base, 0);
}
static int bin_bits(const struct bin *b)
{
	return b->n ? 32 * b->n - __builtin_clz(b->w[b->n - 1]) : 0;
}
static void bin_shl(struct bin *b, int k)
{
	int words = k / 32, bits = k % 32;
	if (!b->n)
		return;
	if (b->n + words + 1 > WORDS)
		return;
	memmove(b->w + words, b->w, b->n * 4);
	memset(b->w, 0, words * 4);
	b->n += words;
	if (bits) {
		uint32_t c = 0;
		for (int i = words; i < b->n; i++) {
			uint32_t v = b->w[i];
			b->w[i] = v << bits | c;
			c = v >> (32 - bits);
		}
		if (c)
			b->w[b->n++] = c;
	}
}
static int bin_cmp(const struct bin *a, const struct bin *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (int i = a->n - 1; i >= 0; i--)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	return 0;
}
static void bin_sub(struct bin *a, const struct bin *b)
{
	int64_t c = 0;
	for (int i = 0; i < a->n; i++) {
		c += (int64_t)a->w[i] - (i < b->n ? b->w[i] : 0);
		a->w[i] = c;
		c >>= 32;
	}
	while (a->n && !a->w[a->n - 1])
		a->n--;
}
static void bin_shr1(struct bin *b)
{
	for (int i = 0; i < b->n; i++)
		b->w[i] = b->w[i] >> 1 | (i + 1 < b->n ? b->w[i + 1] << 31 : 0);
	while (b->n && !b->w[b->n - 1])
		b->n--;
}

/*
 * Rounds m * 2^e (plus something smaller if sticky) to a format with prec bits
 * and least exponent emin (of the last bit); *inexact tells about underflow.
 * m has at most 66 bits. Returns the mantissa; *eout the exponent of its last
 * bit.
 */
static uint64_t round_to(unsigned __int128 m, int e, bool sticky, int prec, int emin, int *eout)
{
	int bits = (m >> 64) ? 128 - __builtin_clzl(m >> 64) : m ? 64 - __builtin_clzl(m) : 0;
	int shift = bits - prec;
	if (e + shift < emin)
		shift = emin - e;
	if (shift > 0) {
		if (shift > 120)
			return *eout = emin, 0;
		unsigned __int128 rest = m & (((unsigned __int128)1 << shift) - 1), half = (unsigned __int128)1 << (shift - 1);
		m >>= shift;
		e += shift;
		if (rest > half || (rest == half && (sticky || (m & 1)))) {
			m++;
			if (prec < 64 ? m >> prec : m >> 64)
				m >>= 1, e++;
		}
	} else if (shift < 0) {
		m <<= -shift;
		e += shift;
	}
	*eout = e;
	return m;
}

static const struct format { int prec, emin, emax; } formats[] = {
	[FP_FLOAT] = { 24, -149, 104 }, [FP_DOUBLE] = { 53, -1074, 971 }, [FP_LONG] = { 64, -16445, 16320 },
};

/* digits * 10^exp10 to the nearest value; false if too large. */
hidden bool fp_from_decimal(const char *digits, int n, long exp10, enum fp_format f, uint64_t *mant, int *e2)
{
	const struct format *fm = &formats[f];
	while (n && *digits == '0')
		digits++, n--;
	*mant = 0;
	*e2 = fm->emin;
	if (n == 0)
		return true;
	long mag = n + exp10; /* value < 10^mag */
	if (mag > 4940)
		return false;
	if (mag < -4980)
		return true;
	bool sticky = false;
	if (n > 11600) { /* more digits than decide anything, but they are not nothing */
		exp10 += n - 11600;
		n = 11600;
		sticky = true;
	}
	struct bin *num = malloc(3 * sizeof *num), *den = num + 1, *t = num + 2;
	if (!num)
		return true;
	num->n = 0;
	for (int i = 0; i < n;) {
		uint32_t v = 0, p = 1;
		for (int j = 0; j < 9 && i < n; j++, i++)
			v = v * 10 + digits[i] - '0', p *= 10;
		bin_mul_add(num, p, v);
	}
	den->n = 1;
	den->w[0] = 1;
	int e = 0;
	if (exp10 >= 0) {
		bin_mul_pow(num, 5, 13, 1220703125, exp10);
		e = exp10;
	} else {
		bin_mul_pow(den, 5, 13, 1220703125, -exp10);
		e = exp10;
	}
	/* Scale so that the quotient has 66 bits. */
	int k = 66 - (bin_bits(num) - bin_bits(den));
	if (k > 0)
		bin_shl(num, k);
	else
		bin_shl(den, -k);
	e -= k;
	unsigned __int128 q = 0;
	*t = *den;
	bin_shl(t, 67);
	for (int i = 67; i >= 0; i--) {
		q <<= 1;
		if (bin_cmp(num, t) >= 0) {
			bin_sub(num, t);
			q |= 1;
		}
		bin_shr1(t);
	}
	sticky |= num->n != 0;
	free(num);
	*mant = round_to(q, e, sticky, fm->prec, fm->emin, e2);
	return *e2 <= fm->emax;
}

/* A hexadecimal mantissa of up to 64 bits. */
hidden bool fp_from_binary(uint64_t m, int e, bool sticky, enum fp_format f, uint64_t *mant, int *e2)
{
	const struct format *fm = &formats[f];
	*mant = 0;
	*e2 = fm->emin;
	if (m == 0)
		return true;
	/* Below the last bit there is room to say "a little more". */
	unsigned __int128 w = (unsigned __int128)m << 2 | sticky;
	*mant = round_to(w, e - 2, sticky, fm->prec, fm->emin, e2);
	return *e2 <= fm->emax;
}

/* mant * 2^e2 as a long double, which holds every format. */
hidden long double fp_make(uint64_t mant, int e2)
{
	union { long double v; struct { uint64_t m; uint16_t se; } b; } u = { 0 };
	if (mant == 0)
		return 0;
	int shift = __builtin_clzl(mant);
	int e = e2 - shift + 63 + 16383;
	u.b.m = mant << shift;
	if (e <= 0) {
		u.b.m >>= 1 - e;
		e = 0;
	}
	u.b.se = e;
	return u.v;
}

/* The parts of a finite long double: sign, mantissa and exponent of its last bit. */
hidden void fp_split(long double v, int *neg, uint64_t *mant, int *e2, enum fp_kind *kind)
{
	union { long double v; struct { uint64_t m; uint16_t se; } b; } u;
	memset(&u, 0, sizeof u);
	u.v = v;
	int e = u.b.se & 0x7fff;
	*neg = u.b.se >> 15;
	*mant = u.b.m;
	*e2 = (e ? e : 1) - 16383 - 63;
	*kind = e != 0x7fff ? FP_FINITE : u.b.m << 1 ? FP_NOTANUMBER : FP_INF;
}
