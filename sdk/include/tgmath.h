/* Mathematics by the type of the argument: clang's own. */
#ifndef _PUGGLE_TGMATH_H_
#define _PUGGLE_TGMATH_H_
#include <math.h>
#include <complex.h>
#include_next <tgmath.h>
#endif
