/* Rounding, remainders, and the parts of a number. */
#include "mathx.h"
#include <limits.h>
#include <math.h>

double floor(double x) { return __builtin_floor(x); }
double ceil(double x) { return __builtin_ceil(x); }
double trunc(double x) { return __builtin_trunc(x); }
double rint(double x) { return __builtin_rint(x); }
double nearbyint(double x) { return __builtin_nearbyint(x); }
float floorf(float x) { return __builtin_floorf(x); }
float ceilf(float x) { return __builtin_ceilf(x); }
float truncf(float x) { return __builtin_truncf(x); }
float rintf(float x) { return __builtin_rintf(x); }
float nearbyintf(float x) { return __builtin_nearbyintf(x); }
long double rintl(long double x) { return rint_(x); }
long double nearbyintl(long double x) { return rint_(x); }
long double floorl(long double x) { long double r = rint_(x); return r > x ? r - 1 : r; }
long double ceill(long double x) { long double r = rint_(x); return r < x ? copysignl(r + 1, x) : r; }
long double truncl(long double x) { return copysignl(floorl(fabsl(x)), x); }
double round(double x) { double r = trunc(x); return fabs(x - r) >= 0.5 ? r + copysign(1, x) : r; }
float roundf(float x) { float r = truncf(x); return fabsf(x - r) >= 0.5f ? r + copysignf(1, x) : r; }
long double roundl(long double x) { long double r = truncl(x); return fabsl(x - r) >= 0.5L ? r + copysignl(1, x) : r; }
double fabs(double x) { return __builtin_fabs(x); }
float fabsf(float x) { return __builtin_fabsf(x); }
long double fabsl(long double x) { __asm__("fabs" : "+t"(x)); return x; }
double copysign(double x, double y) { return __builtin_copysign(x, y); }
float copysignf(float x, float y) { return __builtin_copysignf(x, y); }
long double copysignl(long double x, long double y)
{
	union ld a = { x }, b = { y };
	a.se = (a.se & 0x7fff) | (b.se & 0x8000);
	return a.v;
}
#define TO_LONG(f, t) long l##f(t x) { return (long)f(x); } long long ll##f(t x) { return (long long)f(x); }
TO_LONG(rint, double) TO_LONG(rintf, float) TO_LONG(rintl, long double)
TO_LONG(round, double) TO_LONG(roundf, float) TO_LONG(roundl, long double)

/* fprem reduces by at most 2^63 at a time, and says in C2 that it is not done. */
long double fmodl(long double x, long double y)
{
	uint16_t st;
	if (y == 0 || x - x != 0 || y != y)
		return (x * y) / (x * y);
	do
		__asm__("fprem\n\tfnstsw %1" : "+t"(x), "=a"(st) : "u"(y) : "cc");
	while (st & 0x400);
	return x;
}
static long double rem(long double x, long double y, int *quo)
{
	uint16_t st;
	if (y == 0 || x - x != 0 || y != y)
		return (x * y) / (x * y);
	bool neg = (x < 0) != (y < 0);
	do
		__asm__("fprem1\n\tfnstsw %1" : "+t"(x), "=a"(st) : "u"(y) : "cc");
	while (st & 0x400);
	int q = (st >> 9 & 1) | (st >> 13 & 2) | (st >> 6 & 4); /* C1, C3, C0 */
	*quo = neg ? -q : q;
	return x;
}
long double remquol(long double x, long double y, int *q) { return rem(x, y, q); }
double remquo(double x, double y, int *q) { return rem(x, y, q); }
float remquof(float x, float y, int *q) { return rem(x, y, q); }
long double remainderl(long double x, long double y) { int q; return rem(x, y, &q); }
double remainder(double x, double y) { int q; return rem(x, y, &q); }
float remainderf(float x, float y) { int q; return rem(x, y, &q); }
double drem(double x, double y) { return remainder(x, y); }
double fmod(double x, double y) { return fmodl(x, y); }
float fmodf(float x, float y) { return fmodl(x, y); }

long double frexpl(long double x, int *e)
{
	union ld u = { x };
	int ex = u.se & 0x7fff;
	*e = 0;
	if (x == 0 || ex == 0x7fff)
		return x;
	if (ex == 0) {
		u.v *= 0x1p64L;
		ex = (u.se & 0x7fff) - 64;
	}
	*e = ex - 16382;
	u.se = (u.se & 0x8000) | 16382;
	return u.v;
}
double frexp(double x, int *e) { return frexpl(x, e); }
float frexpf(float x, int *e) { return frexpl(x, e); }
long double scalbnl(long double x, int n) { return scale_(x, n); }
double scalbn(double x, int n) { return scale_(x, n); }
float scalbnf(float x, int n) { return scale_(x, n); }
static int clip(long n) { return n > 70000 ? 70000 : n < -70000 ? -70000 : (int)n; }
long double scalblnl(long double x, long n) { return scale_(x, clip(n)); }
double scalbln(double x, long n) { return scale_(x, clip(n)); }
float scalblnf(float x, long n) { return scale_(x, clip(n)); }
long double ldexpl(long double x, int n) { return scale_(x, n); }
double ldexp(double x, int n) { return scale_(x, n); }
float ldexpf(float x, int n) { return scale_(x, n); }
#define MODF(name, t, tr, cs) t name(t x, t *i) { *i = tr(x); return x - x == 0 ? cs(x - *i, x) : cs(x != x ? x : 0, x); }
MODF(modf, double, trunc, copysign) MODF(modff, float, truncf, copysignf) MODF(modfl, long double, truncl, copysignl)
int ilogbl(long double x)
{
	int e;
	if (x == 0 || x != x)
		return FP_ILOGB0;
	if (x - x != 0)
		return INT_MAX;
	frexpl(x, &e);
	return e - 1;
}
int ilogb(double x) { return ilogbl(x); }
int ilogbf(float x) { return ilogbl(x); }
long double logbl(long double x) { return x == 0 ? -1 / fabsl(x) : x - x != 0 ? x * x : ilogbl(x); }
double logb(double x) { return logbl(x); }
float logbf(float x) { return logbl(x); }

#define NEXT(name, t, un, bits, yt) t name(t x, yt y) { \
	un u = { x }; \
	if (x != x || y != y) return x + y; \
	if (x == y) return y; \
	if (x == 0) { u.u = 1; return y < 0 ? -u.v : u.v; } \
	u.u += (x < y) == (x > 0) ? 1 : -1; \
	return u.v; }
NEXT(nextafter, double, union db, 64, double)
NEXT(nextafterf, float, union fl, 32, float)
NEXT(nexttoward, double, union db, 64, long double)
NEXT(nexttowardf, float, union fl, 32, long double)
long double nextafterl(long double x, long double y)
{
	union ld u = { x };
	if (x != x || y != y)
		return x + y;
	if (x == y)
		return y;
	if (x == 0) {
		u.mant = 1;
		return y < 0 ? -u.v : u.v;
	}
	if ((x < y) == (x > 0)) {
		if (++u.mant == 0)
			u.mant = 1ul << 63, u.se++;
		else if ((u.se & 0x7fff) == 0 && u.mant >> 63)
			u.se++;
	} else {
		if (--u.mant == (1ul << 63) - 1 && (u.se & 0x7fff) > 1)
			u.mant = ~0ul, u.se--;
		else if (!(u.mant >> 63) && (u.se & 0x7fff) == 1)
			u.se--;
	}
	return u.v;
}
long double nexttowardl(long double x, long double y) { return nextafterl(x, y); }

#define MINMAX(t, s) \
	t fmin##s(t x, t y) { return x != x ? y : y != y ? x : x < y ? x : x > y ? y : __builtin_signbit(x) ? x : y; } \
	t fmax##s(t x, t y) { return x != x ? y : y != y ? x : x > y ? x : x < y ? y : __builtin_signbit(x) ? y : x; } \
	t fdim##s(t x, t y) { return x != x ? x : y != y ? y : x > y ? x - y : 0; }
MINMAX(double,) MINMAX(float, f) MINMAX(long double, l)
double nan(const char *s) { return __builtin_nan(""); }
float nanf(const char *s) { return __builtin_nanf(""); }
long double nanl(const char *s) { return __builtin_nanl(""); }

/*
 * x*y+z rounded once. The product is exact in two long doubles; sums are rounded
 * to odd, which leaves the last rounding right (Boldo and Melquiond).
 */
static long double two_sum(long double a, long double b, long double *err)
{
	volatile long double s = a + b, bb = s - a, e = (a - (s - bb)) + (b - bb);
	*err = e;
	return s;
}
static long double odd_sum(long double a, long double b)
{
	long double e, s = two_sum(a, b, &e);
	union ld u = { s };
	if (e != 0 && s - s == 0 && !(u.mant & 1))
		return nextafterl(s, e > 0 ? __builtin_infl() : -__builtin_infl());
	return s;
}
double fma(double x, double y, double z)
{
	if (!(x - x == 0) || !(y - y == 0) || !(z - z == 0) || x == 0 || y == 0)
		return x * y + z;
	if (z == 0)
		return x * y;
	union db xh = { x }, yh = { y };
	xh.u &= ~0x7fffffful;
	yh.u &= ~0x7fffffful;
	long double xl = (long double)x - xh.v, yl = (long double)y - yh.v, ph = (long double)x * y;
	long double pl = (((long double)xh.v * yh.v - ph) + xh.v * yl + xl * yh.v) + xl * yl;
	long double sl, sh = two_sum(z, ph, &sl);
	return (double)odd_sum(sh, odd_sum(pl, sl));
}
float fmaf(float x, float y, float z)
{
	long double p = (long double)x * y; /* exact */
	return (float)odd_sum(p, z);
}
long double fmal(long double x, long double y, long double z) { return x * y + z; }

int __fpclassifyd(double x) { return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x); }
int __fpclassifyf(float x) { return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x); }
int __fpclassifyl(long double x) { return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x); }
