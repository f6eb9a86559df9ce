/* The floating-point environment. */
#ifndef __FENV_H__
#define __FENV_H__
#include <sys/cdefs.h>
typedef struct { unsigned short __control, __status; unsigned __mxcsr; char __reserved[8]; } fenv_t;
typedef unsigned short fexcept_t;
#define FE_INVALID 0x0001
#define FE_DENORMALOPERAND 0x0002
#define FE_DIVBYZERO 0x0004
#define FE_OVERFLOW 0x0008
#define FE_UNDERFLOW 0x0010
#define FE_INEXACT 0x0020
#define FE_ALL_EXCEPT 0x003d
#define FE_TONEAREST 0x0000
#define FE_DOWNWARD 0x0400
#define FE_UPWARD 0x0800
#define FE_TOWARDZERO 0x0c00
__BEGIN_DECLS
extern const fenv_t _FE_DFL_ENV, _FE_DFL_DISABLE_SSE_DENORMS_ENV;
#define FE_DFL_ENV (&_FE_DFL_ENV)
#define FE_DFL_DISABLE_SSE_DENORMS_ENV (&_FE_DFL_DISABLE_SSE_DENORMS_ENV)
int feclearexcept(int);
int fegetexceptflag(fexcept_t *, int);
int feraiseexcept(int);
int fesetexceptflag(const fexcept_t *, int);
int fetestexcept(int);
int fegetround(void);
int fesetround(int);
int fegetenv(fenv_t *);
int feholdexcept(fenv_t *);
int fesetenv(const fenv_t *);
int feupdateenv(const fenv_t *);
__END_DECLS
#endif
