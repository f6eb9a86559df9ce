/*
 * Trigonometry. The x87 unit has the functions to 64 bits near zero, and an
 * argument is brought there exactly: by pi/2 in three parts up to 2^24, by the
 * digits of 2/pi above (Payne and Hanek's method).
 */
#include "mathx.h"

/* 2/pi: 64 bits a word, the first bit weighs 1/2. */
static const uint64_t two_over_pi[] = {
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
	0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
	0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
	0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
	0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d
};
#define PIO2_1 0xc90fdaa221p-39L
#define PIO2_2 0x68c234c4c6p-79L
#define PIO2_3 0xc51701b839a25204p-144L

static uint64_t bits_at(int j) /* 64 bits from bit j on; bit 0 weighs 1/2 */
{
	int w = j / 64, s = j % 64, n = sizeof two_over_pi / sizeof *two_over_pi;
	uint64_t a = w < n ? two_over_pi[w] : 0, b = w + 1 < n ? two_over_pi[w + 1] : 0;
	return s ? a << s | b >> (64 - s) : a;
}

/* |x| at least 2^24: m * 2^e times 2/pi, modulo 4. */
static long double reduce_large(long double x, int *quadrant)
{
	union ld u = { x };
	uint64_t m = u.mant;
	int e = (u.se & 0x7fff) - 16383 - 63, j = e > 2 ? e - 2 : 0;
	if (e > 1000) { /* beyond doubles: not reduced; long double only */
		*quadrant = 0;
		return 0;
	}
	uint64_t w[3] = { bits_at(j), bits_at(j + 64), bits_at(j + 128) };
	/* P = m * w, 256 bits, p[0] the most significant. */
	uint64_t p[4];
	unsigned __int128 t = (unsigned __int128)m * w[2];
	p[3] = (uint64_t)t;
	t = (unsigned __int128)m * w[1] + (uint64_t)(t >> 64);
	p[2] = (uint64_t)t;
	t = (unsigned __int128)m * w[0] + (uint64_t)(t >> 64);
	p[1] = (uint64_t)t;
	p[0] = (uint64_t)(t >> 64);
	/* The point stands after F bits from the right: 192 + j - e. */
	int f = 192 + j - e, top = 256 - f; /* bits left of the point */
	/* Shift left so that two bits of the whole part are on top. */
	int s = top - 2;
	for (; s >= 64; s -= 64) {
		p[0] = p[1], p[1] = p[2], p[2] = p[3], p[3] = 0;
	}
	if (s > 0) {
		p[0] = p[0] << s | p[1] >> (64 - s);
		p[1] = p[1] << s | p[2] >> (64 - s);
		p[2] = p[2] << s | p[3] >> (64 - s);
	}
	int q = p[0] >> 62;
	uint64_t hi = p[0] << 2 | p[1] >> 62, mid = p[1] << 2 | p[2] >> 62, lo = p[2] << 2;
	bool neg = hi >> 63;
	if (neg) { /* nearer to the next multiple */
		q++;
		lo = ~lo, mid = ~mid, hi = ~hi;
	}
	long double r = (hi * 0x1p-64L + mid * 0x1p-128L) + lo * 0x1p-192L;
	r *= 0x1.921fb54442d1846ap0L;
	if (neg)
		r = -r;
	if (u.se & 0x8000) {
		r = -r;
		q = -q;
	}
	*quadrant = q & 3;
	return r;
}
static long double reduce(long double x, int *quadrant)
{
	long double a = x < 0 ? -x : x;
	if (a <= 0.785398163397448309L) {
		*quadrant = 0;
		return x;
	}
	if (a >= 0x1p24L)
		return reduce_large(x, quadrant);
	long double k = rint_(x * 0.636619772367581343L);
	*quadrant = (int)(long)k & 3;
	return ((x - k * PIO2_1) - k * PIO2_2) - k * PIO2_3;
}
static long double fsin(long double x) { __asm__("fsin" : "+t"(x)); return x; }
static long double fcos(long double x) { __asm__("fcos" : "+t"(x)); return x; }
static bool odd(long double x) { return !(x - x == 0); } /* infinite, or not a number */

static long double quarter(long double x, int add)
{
	int q;
	if (odd(x))
		return x - x;
	long double r = reduce(x, &q);
	q = (q + add) & 3;
	long double v = q & 1 ? fcos(r) : fsin(r);
	return q & 2 ? -v : v;
}
long double sinl(long double x) { return x == 0 ? x : quarter(x, 0); }
long double cosl(long double x) { return quarter(x, 1); }
long double tanl(long double x)
{
	int q;
	if (odd(x) || x == 0)
		return odd(x) ? x - x : x;
	long double r = reduce(x, &q), one, v;
	__asm__("fptan" : "=t"(one), "=u"(v) : "0"(r));
	return q & 1 ? -1 / v : v;
}
static long double fpatan(long double y, long double x)
{
	long double r;
	__asm__("fpatan" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}
long double atanl(long double x) { return fpatan(x, 1); }
long double atan2l(long double y, long double x) { return fpatan(y, x); }
long double asinl(long double x) { return fpatan(x, sqrt_((1 - x) * (1 + x))); }
long double acosl(long double x) { return fpatan(sqrt_((1 - x) * (1 + x)), x); }

#define BOTH(name) double name(double x) { return name##l(x); } float name##f(float x) { return name##l(x); }
BOTH(sin) BOTH(cos) BOTH(tan) BOTH(asin) BOTH(acos) BOTH(atan)
double atan2(double y, double x) { return atan2l(y, x); }
float atan2f(float y, float x) { return atan2l(y, x); }

/* What clang makes of sin and cos of the same argument. */
struct pair { double s, c; };
struct pair __sincos_stret(double x) { return (struct pair){ sin(x), cos(x) }; }
typedef float pair2 __attribute__((vector_size(8)));
pair2 __sincosf_stret(float x) { return (pair2){ sinf(x), cosf(x) }; }
void __sincos(double x, double *s, double *c) { *s = sin(x); *c = cos(x); }
void __sincosf(float x, float *s, float *c) { *s = sinf(x); *c = cosf(x); }
double __sinpi(double x) { double r = x - 2 * rint_(x / 2); return r == rint_(r) ? 0 * x : sinl(r * 3.14159265358979323846264L); }
double __cospi(double x) { double r = x - 2 * rint_(x / 2); return (r < 0 ? -r : r) == 0.5 ? 0 : cosl(r * 3.14159265358979323846264L); }
