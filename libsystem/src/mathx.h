/* What the files of the mathematical functions share. */
#ifndef MATHX_H
#define MATHX_H
#include <stdint.h>
#include <stdbool.h>
#ifndef hidden
#define hidden __attribute__((visibility("hidden")))
#endif
union ld { long double v; struct { uint64_t mant; uint16_t se; }; };
union db { double v; uint64_t u; };
union fl { float v; uint32_t u; };
#define LN2_HI 0xb17217f7d1p-40L
#define LN2_LO 0xcf79abc9e3b39803p-104L
#define LOG2E 1.44269504088896340735992468100189214L
static inline long double rint_(long double x) { __asm__("frndint" : "+t"(x)); return x; }
static inline long double sqrt_(long double x) { __asm__("fsqrt" : "+t"(x)); return x; }
/* v * 2^n; n may be anything. */
static inline long double scale_(long double v, long double n)
{
	__asm__("fscale" : "+t"(v) : "u"(n));
	return v;
}
#endif
