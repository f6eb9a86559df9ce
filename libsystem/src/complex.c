/*
 * Complex functions, for the three real types, from the real ones: special values are
 * given where the formulas would lose them; the last bits are not promised.
 */
#define CPLX(x, y) __builtin_complex(x, y)
#include "private.h"
#include <complex.h>
#include <math.h>

#define FUNCTIONS(T, s) \
T creal##s(T _Complex z) { return __real__ z; } \
T cimag##s(T _Complex z) { return __imag__ z; } \
T _Complex conj##s(T _Complex z) { return CPLX(__real__ z, -__imag__ z); } \
T cabs##s(T _Complex z) { return hypot##s(__real__ z, __imag__ z); } \
T carg##s(T _Complex z) { return atan2##s(__imag__ z, __real__ z); } \
T _Complex cproj##s(T _Complex z) \
{ \
	if (isinf(__real__ z) || isinf(__imag__ z)) \
		return CPLX((T)INFINITY, copysign##s(0, __imag__ z)); \
	return z; \
} \
T _Complex cexp##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (y == 0) \
		return CPLX(exp##s(x), y); \
	if (x == 0) \
		return CPLX(cos##s(y), sin##s(y)); \
	if (isinf(x) && !isfinite(y)) \
		return x < 0 ? CPLX((T)0, (T)0) : CPLX(x, y - y); \
	if (isinf(x) && x < 0) \
		return CPLX((T)0 * cos##s(y), (T)0 * sin##s(y)); \
	T e = exp##s(x / 2); \
	return isinf(e) ? CPLX(exp##s(x) * cos##s(y), exp##s(x) * sin##s(y)) : CPLX(e * cos##s(y) * e, e * sin##s(y) * e); \
} \
T _Complex clog##s(T _Complex z) \
{ \
	T x = fabs##s(__real__ z), y = fabs##s(__imag__ z), big = fmax##s(x, y), low = fmin##s(x, y); \
	T r = big > (T)0.5 && big < 3 ? log1p##s((big - 1) * (big + 1) + low * low) / 2 : log##s(cabs##s(z)); \
	return CPLX(r, carg##s(z)); \
} \
T _Complex csqrt##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (x == 0 && y == 0) \
		return CPLX((T)0, y); \
	if (isinf(y)) \
		return CPLX((T)INFINITY, y); \
	if (isnan(x)) \
		return CPLX(x, x); \
	if (isinf(x)) \
		return x > 0 ? CPLX(x, isnan(y) ? y : copysign##s(0, y)) : CPLX(isnan(y) ? y : 0, isnan(y) ? (T)INFINITY : copysign##s(INFINITY, y)); \
	T scale = 1; \
	if (fabs##s(x) > 0x1p100f || fabs##s(y) > 0x1p100f) { \
		x /= 4; \
		y /= 4; \
		scale = 2; \
	} else if (fabs##s(x) < 0x1p-100f && fabs##s(y) < 0x1p-100f) { \
		x *= 0x1p100f; \
		y *= 0x1p100f; \
		scale = 0x1p-50f; \
	} \
	T t = sqrt##s((fabs##s(x) + hypot##s(x, y)) / 2); \
	if (x >= 0) \
		return CPLX(scale * t, scale * (y / (2 * t))); \
	return CPLX(scale * (fabs##s(y) / (2 * t)), scale * copysign##s(t, y)); \
} \
T _Complex cpow##s(T _Complex z, T _Complex w) \
{ \
	if (__real__ z == 0 && __imag__ z == 0 && __real__ w > 0) \
		return CPLX((T)0, (T)0); \
	if (__real__ w == 0 && __imag__ w == 0) \
		return CPLX((T)1, (T)0); \
	return cexp##s(w * clog##s(z)); \
} \
T _Complex csinh##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (y == 0) \
		return CPLX(sinh##s(x), y); \
	if (x == 0) \
		return CPLX(x, isfinite(y) ? sin##s(y) : y - y); \
	if (isinf(x) && !isfinite(y)) \
		return CPLX(x, y - y); \
	return CPLX(sinh##s(x) * cos##s(y), cosh##s(x) * sin##s(y)); \
} \
T _Complex ccosh##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (y == 0) \
		return CPLX(cosh##s(x), copysign##s(0, x) * y); \
	if (x == 0) \
		return isfinite(y) ? CPLX(cos##s(y), x * sin##s(y)) : CPLX(y - y, copysign##s(0, x)); \
	if (isinf(x) && !isfinite(y)) \
		return CPLX((T)INFINITY, y - y); \
	return CPLX(cosh##s(x) * cos##s(y), sinh##s(x) * sin##s(y)); \
} \
T _Complex ctanh##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (fabs##s(x) > 22) \
		return CPLX(copysign##s(1, x), isfinite(y) ? copysign##s(0, sin##s(2 * y)) : copysign##s(0, y)); \
	if (y == 0) \
		return CPLX(tanh##s(x), y); \
	if (!isfinite(y)) \
		return CPLX(x == 0 ? x : y - y, y - y); \
	T t = tan##s(y), b = 1 + t * t, sh = sinh##s(x), r = sqrt##s(1 + sh * sh); \
	if (isinf(t)) \
		return CPLX(r / sh, 1 / t); \
	T d = 1 + b * sh * sh; \
	return CPLX(b * r * sh / d, t / d); \
} \
static T _Complex turn##s(T _Complex z) { return CPLX(-__imag__ z, __real__ z); } \
static T _Complex back##s(T _Complex z) { return CPLX(__imag__ z, -__real__ z); } \
T _Complex csin##s(T _Complex z) { return back##s(csinh##s(turn##s(z))); } \
T _Complex ccos##s(T _Complex z) { return ccosh##s(turn##s(z)); } \
T _Complex ctan##s(T _Complex z) { return back##s(ctanh##s(turn##s(z))); } \
T _Complex casinh##s(T _Complex z) \
{ \
	/* Odd: worked out where the sum does not cancel. */ \
	T x = __real__ z, y = __imag__ z; \
	bool neg = signbit(x); \
	if (neg) \
		z = -z; \
	T _Complex p = csqrt##s(CPLX(1 - __imag__ z, __real__ z)), q = csqrt##s(CPLX(1 + __imag__ z, -__real__ z)); \
	T _Complex r; \
	if (!isfinite(x) || !isfinite(y) || fabs##s(x) > 0x1p60f || fabs##s(y) > 0x1p60f) \
		r = clog##s(z) + (T)M_LN2; \
	else \
		r = CPLX(asinh##s(__imag__ p * __real__ q - __real__ p * __imag__ q), \
		    atan2##s(__imag__ z, __real__ p * __real__ q - __imag__ p * __imag__ q)); \
	return neg ? -r : r; \
} \
T _Complex casin##s(T _Complex z) { return back##s(casinh##s(turn##s(z))); } \
T _Complex cacos##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (!isfinite(x) || !isfinite(y) || fabs##s(x) > 0x1p60f || fabs##s(y) > 0x1p60f) { \
		T _Complex l = clog##s(CPLX(x, fabs##s(y))); \
		return CPLX(__imag__ l, -copysign##s(__real__ l + (T)M_LN2, y)); \
	} \
	T _Complex p = csqrt##s(CPLX(1 + x, y)), q = csqrt##s(CPLX(1 - x, -y)); \
	return CPLX(2 * atan2##s(__real__ q, __real__ p), asinh##s(__real__ p * __imag__ q - __imag__ p * __real__ q)); \
} \
T _Complex cacosh##s(T _Complex z) \
{ \
	T _Complex w = cacos##s(z); \
	return signbit(__imag__ w) ? turn##s(w) : back##s(w); \
} \
T _Complex catanh##s(T _Complex z) \
{ \
	T x = __real__ z, y = __imag__ z; \
	if (!isfinite(x) || !isfinite(y) || fabs##s(x) > 0x1p30f || fabs##s(y) > 0x1p30f) \
		return CPLX(isnan(x) || isnan(y) ? copysign##s(0, x) : copysign##s(1 / hypot##s(x, y) * fabs##s(x / hypot##s(x, y)), x), \
		    copysign##s((T)M_PI_2, y)); \
	T a = 1 - fabs##s(x), d = a * a + y * y; \
	return CPLX(copysign##s(log1p##s(4 * fabs##s(x) / d) / 4, x), atan2##s(2 * y, a * (1 + fabs##s(x)) - y * y) / 2); \
} \
T _Complex catan##s(T _Complex z) { return back##s(catanh##s(turn##s(z))); }

FUNCTIONS(double, )
FUNCTIONS(float, f)
FUNCTIONS(long double, l)
#define BUILTINS(T, mul, div, s) \
T _Complex mul(T a, T b, T c, T d) \
{ \
	T x = a * c - b * d, y = a * d + b * c; \
	if (isnan(x) && isnan(y)) { \
		bool again = false; \
		if (isinf(a) || isinf(b)) { \
			a = copysign##s(isinf(a) ? 1 : 0, a); \
			b = copysign##s(isinf(b) ? 1 : 0, b); \
			c = isnan(c) ? copysign##s(0, c) : c; \
			d = isnan(d) ? copysign##s(0, d) : d; \
			again = true; \
		} \
		if (isinf(c) || isinf(d)) { \
			c = copysign##s(isinf(c) ? 1 : 0, c); \
			d = copysign##s(isinf(d) ? 1 : 0, d); \
			a = isnan(a) ? copysign##s(0, a) : a; \
			b = isnan(b) ? copysign##s(0, b) : b; \
			again = true; \
		} \
		if (again) \
			return CPLX((T)INFINITY * (a * c - b * d), (T)INFINITY * (a * d + b * c)); \
	} \
	return CPLX(x, y); \
} \
T _Complex div(T a, T b, T c, T d) \
{ \
	int k = 0; \
	T l = logb##s(fmax##s(fabs##s(c), fabs##s(d))); \
	if (isfinite(l)) { \
		k = (int)l; \
		c = scalbn##s(c, -k); \
		d = scalbn##s(d, -k); \
	} \
	T n = c * c + d * d, x = scalbn##s((a * c + b * d) / n, -k), y = scalbn##s((b * c - a * d) / n, -k); \
	if (isnan(x) && isnan(y)) { \
		if (n == 0 && (!isnan(a) || !isnan(b))) \
			return CPLX(copysign##s(INFINITY, c) * a, copysign##s(INFINITY, c) * b); \
		if ((isinf(a) || isinf(b)) && isfinite(c) && isfinite(d)) { \
			a = copysign##s(isinf(a) ? 1 : 0, a); \
			b = copysign##s(isinf(b) ? 1 : 0, b); \
			return CPLX((T)INFINITY * (a * c + b * d), (T)INFINITY * (b * c - a * d)); \
		} \
		if (isinf(l) && l > 0 && isfinite(a) && isfinite(b)) { \
			c = copysign##s(isinf(c) ? 1 : 0, c); \
			d = copysign##s(isinf(d) ? 1 : 0, d); \
			return CPLX((T)0 * (a * c + b * d), (T)0 * (b * c - a * d)); \
		} \
	} \
	return CPLX(x, y); \
}
BUILTINS(double, __muldc3, __divdc3, )
BUILTINS(float, __mulsc3, __divsc3, f)
BUILTINS(long double, __mulxc3, __divxc3, l)
