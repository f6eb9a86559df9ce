/*
 * The error and gamma functions, in long double: a power series and a continued
 * fraction for the one, Stirling's series after a shift for the other.
 */
#include "mathx.h"
#include <math.h>

#define SQRT_PI 1.77245385090551602729816748334114518L
#define PI 3.14159265358979323846264338327950288L

static long double erf_series(long double x)
{
	long double t = x, s = x;
	for (int n = 1; n < 200; n++) {
		t *= -x * x / n;
		long double d = t / (2 * n + 1);
		s += d;
		if (fabsl(d) < fabsl(s) * 0x1p-70L)
			break;
	}
	return s * 2 / SQRT_PI;
}
/* exp(-x^2) times a continued fraction; x >= 2. */
static long double erfc_fraction(long double x)
{
	long double f = 0;
	for (int k = 200; k > 0; k--)
		f = k / 2.0L / (x + f);
	return expl(-x * x) / (SQRT_PI * (x + f));
}
long double erfl(long double x)
{
	long double a = fabsl(x);
	if (x != x)
		return x;
	if (a < 2)
		return erf_series(x);
	return copysignl(a > 7 ? 1 : 1 - erfc_fraction(a), x);
}
long double erfcl(long double x)
{
	if (x != x)
		return x;
	if (x < 0.5L)
		return 1 - erfl(x);
	if (x < 2)
		return 1 - erf_series(x);
	return x > 120 ? 0 : erfc_fraction(x);
}

/* log gamma for x >= 16. */
static long double stirling(long double x)
{
	static const long double c[] = { 1 / 12.0L, -1 / 360.0L, 1 / 1260.0L, -1 / 1680.0L, 1 / 1188.0L, -691 / 360360.0L,
		1 / 156.0L, -3617 / 122400.0L, 43867 / 244188.0L };
	long double s = 0, z = 1 / (x * x);
	for (int i = 8; i >= 0; i--)
		s = s * z + c[i];
	return (x - 0.5L) * logl(x) - x + 0.918938533204672741780329736405617640L + s / x;
}
static long double sin_pi(long double x)
{
	long double r = x - 2 * floorl(x / 2);
	if (r == floorl(r))
		return 0;
	return r > 1 ? -sinl(PI * (r - 1)) : sinl(PI * r);
}
static long double lgamma_sign(long double x, int *sign)
{
	*sign = 1;
	if (x != x)
		return x;
	if (x - x != 0)
		return __builtin_infl();
	if (fabsl(x) < 0x1p-70L && x != 0) {
		*sign = x < 0 ? -1 : 1;
		return -logl(fabsl(x));
	}
	if (x <= 0) {
		if (x == floorl(x))
			return 1 / fabsl(x - x);
		long double s = sin_pi(x);
		if (s < 0)
			*sign = -1, s = -s;
		int ignored;
		return logl(PI / (s * -x)) - lgamma_sign(-x, &ignored);
	}
	if (x == 1 || x == 2)
		return 0;
	long double p = 1;
	while (x < 16)
		p *= x++;
	return stirling(x) - logl(p);
}
long double tgammal(long double x)
{
	if (fabsl(x) < 0x1p-70L)
		return 1 / x;
	if (x != x || (x < 0 && x == floorl(x)))
		return x != x ? x : (x - x) / (x - x);
	if (x < 0.5L)
		return x < -1800 ? 0 : PI / (sin_pi(x) * tgammal(1 - x));
	if (x > 1760)
		return __builtin_infl();
	if (x == floorl(x) && x <= 26) { /* exact */
		long double r = 1;
		for (long double k = 2; k < x; k++)
			r *= k;
		return r;
	}
	long double p = 1;
	while (x < 16)
		p *= x++;
	return expl(stirling(x)) / p;
}
int signgam;
long double lgammal(long double x) { return lgamma_sign(x, &signgam); }
double lgamma(double x) { return lgammal(x); }
float lgammaf(float x) { return lgammal(x); }
double lgamma_r(double x, int *s) { return lgamma_sign(x, s); }
double gamma(double x) { return lgamma(x); }
#define BOTH(name) double name(double x) { return name##l(x); } float name##f(float x) { return name##l(x); }
BOTH(erf) BOTH(erfc) BOTH(tgamma)
