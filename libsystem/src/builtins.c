/*
 * What the compiler calls for operations that the processor has not: 128-bit
 * division and conversions, powers, and the version query of @available.
 */
#include "private.h"

typedef __int128 ti;
typedef unsigned __int128 tu;

static tu divide(tu a, tu b, tu *rem)
{
	if (b > a) {
		*rem = a;
		return 0;
	}
	if ((uint64_t)(b >> 64) == 0) {
		/* Two steps of the processor's own 128 by 64 bit division. */
		uint64_t d = b, hi = (uint64_t)(a >> 64), lo = a, q1 = 0, q0, r;
		if (d == 0)
			__builtin_trap();
		if (hi >= d) {
			q1 = hi / d;
			hi %= d;
		}
		__asm__("divq %4" : "=a"(q0), "=d"(r) : "a"(lo), "d"(hi), "r"(d) : "cc");
		*rem = r;
		return (tu)q1 << 64 | q0;
	}
	int shift = __builtin_clzll((uint64_t)(b >> 64)) - __builtin_clzll((uint64_t)(a >> 64));
	tu q = 0;
	for (b <<= shift; shift >= 0; shift--, b >>= 1) {
		q <<= 1;
		if (a >= b) {
			a -= b;
			q |= 1;
		}
	}
	*rem = a;
	return q;
}
tu __udivti3(tu a, tu b) { tu r; return divide(a, b, &r); }
tu __umodti3(tu a, tu b) { tu r; divide(a, b, &r); return r; }
tu __udivmodti4(tu a, tu b, tu *rem) { tu r, q = divide(a, b, &r); if (rem) *rem = r; return q; }
ti __divti3(ti a, ti b)
{
	tu r, q = divide(a < 0 ? -(tu)a : a, b < 0 ? -(tu)b : b, &r);
	return (a < 0) != (b < 0) ? -q : q;
}
ti __modti3(ti a, ti b)
{
	tu r;
	divide(a < 0 ? -(tu)a : a, b < 0 ? -(tu)b : b, &r);
	return a < 0 ? -r : r;
}
ti __multi3(ti a, ti b)
{
	uint64_t al = a, bl = b;
	uint64_t hi, lo;
	__asm__("mulq %3" : "=a"(lo), "=d"(hi) : "0"(al), "r"(bl) : "cc");
	hi += (uint64_t)((tu)a >> 64) * bl + al * (uint64_t)((tu)b >> 64);
	return (ti)((tu)hi << 64 | lo);
}
ti __muloti4(ti a, ti b, int *over)
{
	ti r = (ti)((tu)__multi3(a, b));
	tu min = (tu)1 << 127;
	*over = 0;
	if (a != 0 && (((tu)a == min && b == -1) || __divti3(r, a) != b))
		*over = 1;
	return r;
}

/* From 128 bits: the upper bits and a sticky one decide, so one rounding remains. */
static long double scaled(tu v, int keep, int *shift)
{
	int n = (uint64_t)(v >> 64) ? 128 - __builtin_clzll((uint64_t)(v >> 64)) : 64;
	*shift = n > keep ? n - keep : 0;
	uint64_t m = (uint64_t)(v >> *shift);
	if (*shift && v & (((tu)1 << *shift) - 1))
		m |= 1;
	return m;
}
static double pow2(int n) { union { uint64_t u; double d; } x = { (uint64_t)(1023 + n) << 52 }; return x.d; }
double __floatuntidf(tu v) { int s; double d = (double)(uint64_t)scaled(v, 64, &s); return d * pow2(s); }
float __floatuntisf(tu v) { int s; float d = (float)(uint64_t)scaled(v, 64, &s); return (float)((double)d * pow2(s)); }
long double __floatuntixf(tu v)
{
	long double hi = (uint64_t)(v >> 64), lo = (uint64_t)v;
	return hi * 0x1p64L + lo;
}
double __floattidf(ti v) { return v < 0 ? -__floatuntidf(-(tu)v) : __floatuntidf(v); }
float __floattisf(ti v) { return v < 0 ? -__floatuntisf(-(tu)v) : __floatuntisf(v); }
long double __floattixf(ti v) { return v < 0 ? -__floatuntixf(-(tu)v) : __floatuntixf(v); }
tu __fixunsxfti(long double d)
{
	if (!(d >= 1))
		return 0;
	if (d >= 0x1p128L)
		return ~(tu)0;
	uint64_t hi = (uint64_t)(d * 0x1p-64L);
	return (tu)hi << 64 | (uint64_t)(d - (long double)hi * 0x1p64L);
}
tu __fixunsdfti(double d) { return __fixunsxfti(d); }
tu __fixunssfti(float d) { return __fixunsxfti(d); }
ti __fixxfti(long double d)
{
	tu most = ~(tu)0 >> 1;
	if (d < 0)
		return d <= -0x1p127L ? (ti)(most + 1) : -(ti)__fixunsxfti(-d);
	return d >= 0x1p127L ? (ti)most : (ti)__fixunsxfti(d);
}
ti __fixdfti(double d) { return __fixxfti(d); }
ti __fixsfti(float d) { return __fixxfti(d); }

#define POWI(name, type) type name(type a, int n) { \
	unsigned k = n < 0 ? -(unsigned)n : n; \
	type r = 1; \
	for (; k; k >>= 1, a *= a) \
		if (k & 1) \
			r *= a; \
	return n < 0 ? 1 / r : r; }
POWI(__powidf2, double)
POWI(__powisf2, float)
POWI(__powixf2, long double)

int __popcountdi2(long v) { return __builtin_popcountl(v); }
int __popcountsi2(int v) { return __builtin_popcount(v); }

/* @available: kern.osproductversion is 13.5. */
int32_t __isPlatformVersionAtLeast(uint32_t platform, uint32_t major, uint32_t minor, uint32_t sub)
{
	return platform == 1 && (major < 13 || (major == 13 && minor <= 5));
}
int32_t __isOSVersionAtLeast(int32_t major, int32_t minor, int32_t sub)
{
	return __isPlatformVersionAtLeast(1, major, minor, sub);
}
