/*
 * Exponentials, logarithms and powers, by the x87 unit's f2xm1 and fyl2x, whose
 * 64 bits leave a double's last bit right but for rare cases.
 */
#include "mathx.h"
#include <math.h>

static long double f2xm1(long double x) { __asm__("f2xm1" : "+t"(x)); return x; } /* |x| <= 1 */
static long double fyl2x(long double x, long double y)
{
	long double r;
	__asm__("fyl2x" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}
static long double fyl2xp1(long double x, long double y)
{
	long double r;
	__asm__("fyl2xp1" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}
#define LN2 0.693147180559945309417232121458176568L
#define LOG10_2 0.301029995663981195213738894724493027L

long double exp2l(long double x)
{
	if (!(x < 16400 && x > -16500))
		return x != x ? x : x > 0 ? x * 0x1p16000L * 0x1p16000L : 0;
	long double n = rint_(x);
	return scale_(1 + f2xm1(x - n), n);
}
long double expl(long double x)
{
	if (!(x < 11400 && x > -11600))
		return x != x ? x : x > 0 ? __builtin_infl() : 0;
	long double n = rint_(x * LOG2E), r = (x - n * LN2_HI) - n * LN2_LO;
	return scale_(1 + f2xm1(r * LOG2E), n);
}
long double expm1l(long double x)
{
	if (x > -0.6L && x < 0.6L)
		return x == 0 ? x : f2xm1(x * LOG2E);
	if (x < -60)
		return -1;
	long double n = rint_(x * LOG2E);
	if (!(x < 11400))
		return expl(x);
	long double r = (x - n * LN2_HI) - n * LN2_LO, p = scale_(1, n);
	return p * f2xm1(r * LOG2E) + (p - 1);
}
long double logl(long double x) { return fyl2x(x, LN2); }
long double log2l(long double x) { return fyl2x(x, 1); }
long double log10l(long double x) { return fyl2x(x, LOG10_2); }
long double log1pl(long double x)
{
	if (x > -0.29L && x < 0.29L)
		return x == 0 ? x : fyl2xp1(x, LN2);
	return fyl2x(1 + x, LN2);
}

static int parity(long double y) /* 0 no integer, 1 odd, 2 even */
{
	if (!(y - y == 0) || rint_(y) != y)
		return y - y == 0 ? 0 : 2;
	if (y >= 0x1p64L || y <= -0x1p64L)
		return 2;
	return (uint64_t)(y < 0 ? -y : y) & 1 ? 1 : 2;
}
long double powl(long double x, long double y)
{
	if (y == 0 || x == 1)
		return 1;
	if (x != x || y != y)
		return x + y;
	bool neg = false;
	long double inf = __builtin_infl(), a = fabsl(x);
	if (y == inf || y == -inf)
		return a == 1 ? 1 : (a > 1) == (y > 0) ? inf : 0;
	int par = parity(y);
	if (x == 0) {
		bool minus = __builtin_signbitl(x) && par == 1;
		if (y < 0)
			return minus ? -1 / a : 1 / a;
		return minus ? -0.0L : 0;
	}
	if (a == inf) {
		long double r = y > 0 ? inf : 0;
		return x < 0 && par == 1 ? -r : r;
	}
	if (x < 0) {
		if (par == 0)
			return (x - x) / (x - x);
		neg = par == 1;
	}
	long double r;
	if (par && y >= -64 && y <= 64) {
		/* Products are exact while they fit. */
		unsigned n = y < 0 ? -y : y;
		long double b = a;
		for (r = 1; n; n >>= 1, b *= b)
			if (n & 1)
				r *= b;
		if (y < 0)
			r = 1 / r;
		if (r != 0 && r < inf)
			return neg ? -r : r;
	}
	/* a = m * 2^k with m near 1: y*k and y*log2(m) are added only where it is exact. */
	union ld u = { a };
	int k = 0;
	if ((u.se & 0x7fff) == 0) {
		u.v *= 0x1p64L;
		k = -64;
	}
	k += u.se - 16383;
	u.se = 16383;
	if (u.v > 1.41421356237309504880L) {
		u.v /= 2;
		k++;
	}
	long double m = u.v - 1;
	long double l = m > -0.29L && m < 0.41L ? fyl2xp1(m, 1) : fyl2x(u.v, 1);
	long double yk = y * k, yl = y * l, sum = yk + yl;
	if (!(sum < 20000 && sum > -20000))
		r = sum > 0 ? inf : 0;
	else {
		long double n = rint_(sum), f = (yk - n) + yl;
		r = f >= -1 && f <= 1 ? 1 + f2xm1(f) : 1;
		r = scale_(r, n);
	}
	return neg ? -r : r;
}
long double sinhl(long double x)
{
	long double a = fabsl(x), e, r;
	if (a < 40) {
		e = expm1l(a);
		r = (e + e / (e + 1)) / 2;
	} else {
		e = expl(a / 2);
		r = e / 2 * e;
	}
	return copysignl(r, x);
}
long double coshl(long double x)
{
	long double a = fabsl(x), e = expl(a < 40 ? a : a / 2);
	return a < 40 ? (e + 1 / e) / 2 : e / 2 * e;
}
long double tanhl(long double x)
{
	long double a = fabsl(x), e;
	if (a > 40)
		return copysignl(1, x);
	e = expm1l(2 * a);
	return x == 0 ? x : copysignl(e / (e + 2), x);
}
long double asinhl(long double x)
{
	long double a = fabsl(x), r;
	if (!(a < 0x1p32L))
		r = logl(a) + LN2;
	else
		r = log1pl(a + a * a / (1 + sqrt_(a * a + 1)));
	return x == 0 || x != x ? x : copysignl(r, x);
}
long double acoshl(long double x)
{
	if (x > 0x1p32L)
		return logl(x) + LN2;
	long double t = x - 1;
	return log1pl(t + sqrt_(2 * t + t * t));
}
long double atanhl(long double x)
{
	long double a = fabsl(x);
	return x == 0 ? x : copysignl(log1pl(2 * a / (1 - a)) / 2, x);
}
long double cbrtl(long double x)
{
	if (x == 0 || !(x - x == 0))
		return x;
	long double a = fabsl(x), r = exp2l(log2l(a) / 3);
	r -= (r - a / (r * r)) / 3;
	return copysignl(r, x);
}
long double hypotl(long double x, long double y)
{
	if (__builtin_isinf(x) || __builtin_isinf(y))
		return __builtin_infl();
	long double a = fabsl(x), b = fabsl(y);
	if (a < b) {
		long double t = a;
		a = b;
		b = t;
	}
	if (a > 0x1p8000L)
		return sqrt_(a * 0x1p-9000L * (a * 0x1p-9000L) + b * 0x1p-9000L * (b * 0x1p-9000L)) * 0x1p9000L;
	if (a < 0x1p-8000L)
		return sqrt_(a * 0x1p9000L * (a * 0x1p9000L) + b * 0x1p9000L * (b * 0x1p9000L)) * 0x1p-9000L;
	return sqrt_(a * a + b * b);
}
long double sqrtl(long double x) { return sqrt_(x); }

#define BOTH(name) double name(double x) { return name##l(x); } float name##f(float x) { return name##l(x); }
BOTH(exp) BOTH(exp2) BOTH(expm1) BOTH(log) BOTH(log2) BOTH(log10) BOTH(log1p) BOTH(sinh) BOTH(cosh) BOTH(tanh)
BOTH(asinh) BOTH(acosh) BOTH(atanh) BOTH(cbrt)
double pow(double x, double y) { return powl(x, y); }
float powf(float x, float y) { return powl(x, y); }
double hypot(double x, double y) { return hypotl(x, y); }
float hypotf(float x, float y) { return hypotl(x, y); }
double __exp10(double x) { return powl(10, x); }
float __exp10f(float x) { return powl(10, x); }
double sqrt(double x) { __asm__("sqrtsd %0, %0" : "+x"(x)); return x; }
float sqrtf(float x) { __asm__("sqrtss %0, %0" : "+x"(x)); return x; }
