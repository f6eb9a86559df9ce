/*
 * The floating-point environment: two processors' units, x87 and SSE, are kept
 * alike. The bits of exceptions are the same in both; SSE's masks lie 7 bits
 * higher, and its rounding 3 bits higher than x87's.
 */
#include "private.h"
#include <fenv.h>

const fenv_t _FE_DFL_ENV = { 0x37f, 0, 0x1f80, { 0 } };
const fenv_t _FE_DFL_DISABLE_SSE_DENORMS_ENV = { 0x37f, 0, 0x9fc0, { 0 } };

struct x87 { uint32_t control, status, tag, ip, cs, dp, ds; };

static uint32_t sse(void) { uint32_t v; __asm__ volatile("stmxcsr %0" : "=m"(v)); return v; }
static void set_sse(uint32_t v) { __asm__ volatile("ldmxcsr %0" :: "m"(v)); }
static uint16_t status(void) { uint16_t v; __asm__ volatile("fnstsw %0" : "=m"(v)); return v; }
static uint16_t control(void) { uint16_t v; __asm__ volatile("fnstcw %0" : "=m"(v)); return v; }
static void set_control(uint16_t v) { __asm__ volatile("fldcw %0" :: "m"(v)); }
static void set_status(uint16_t flags, uint16_t bits)
{
	struct x87 e;
	__asm__ volatile("fnstenv %0" : "=m"(e));
	e.status = (e.status & ~flags) | (bits & flags);
	__asm__ volatile("fldenv %0" :: "m"(e));
}

int feclearexcept(int ex)
{
	ex &= FE_ALL_EXCEPT;
	if (status() & ex)
		set_status(ex, 0);
	set_sse(sse() & ~ex);
	return 0;
}
int fetestexcept(int ex) { return (sse() | status()) & ex & FE_ALL_EXCEPT; }
int fegetexceptflag(fexcept_t *f, int ex)
{
	*f = fetestexcept(ex);
	return 0;
}
int fesetexceptflag(const fexcept_t *f, int ex)
{
	ex &= FE_ALL_EXCEPT;
	set_status(ex, *f);
	set_sse((sse() & ~ex) | (*f & ex));
	return 0;
}
int feraiseexcept(int ex)
{
	/* By operations that raise them, so that an exception that is not masked traps. */
	volatile float zero = 0, one = 1, huge = 0x1p127f, tiny = 0x1p-126f, r;
	if (ex & FE_INVALID)
		r = zero / zero;
	if (ex & FE_DIVBYZERO)
		r = one / zero;
	if (ex & FE_OVERFLOW) {
		bool inexact = fetestexcept(FE_INEXACT);
		r = huge * huge;
		if (!inexact && !(ex & FE_INEXACT))
			feclearexcept(FE_INEXACT);
	}
	if (ex & FE_UNDERFLOW) {
		bool inexact = fetestexcept(FE_INEXACT);
		r = tiny * tiny;
		if (!inexact && !(ex & FE_INEXACT))
			feclearexcept(FE_INEXACT);
	}
	if (ex & FE_INEXACT)
		r = one / 3;
	if (ex & FE_DENORMALOPERAND)
		set_sse(sse() | FE_DENORMALOPERAND);
	(void)r;
	return 0;
}
int fegetround(void) { return control() & FE_TOWARDZERO; }
int fesetround(int mode)
{
	if (mode & ~FE_TOWARDZERO)
		return 1;
	set_control((control() & ~FE_TOWARDZERO) | mode);
	set_sse((sse() & ~(FE_TOWARDZERO << 3)) | mode << 3);
	return 0;
}
int fegetenv(fenv_t *env)
{
	*env = (fenv_t){ control(), status(), sse(), { 0 } };
	return 0;
}
int fesetenv(const fenv_t *env)
{
	set_control(env->__control);
	set_status(FE_ALL_EXCEPT, env->__status);
	set_sse(env->__mxcsr);
	return 0;
}
int feholdexcept(fenv_t *env)
{
	fegetenv(env);
	feclearexcept(FE_ALL_EXCEPT);
	set_control(control() | FE_ALL_EXCEPT);
	set_sse(sse() | FE_ALL_EXCEPT << 7);
	return 0;
}
int feupdateenv(const fenv_t *env)
{
	int ex = fetestexcept(FE_ALL_EXCEPT);
	fesetenv(env);
	return feraiseexcept(ex);
}
