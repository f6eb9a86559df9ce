/* Limits of types. */
#ifndef _MACHINE_LIMITS_H_
#define _MACHINE_LIMITS_H_

#include <sys/param.h>

#endif
