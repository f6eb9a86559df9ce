/* Arguments without a prototype. */
#ifndef _STDARG_H_
#define _STDARG_H_

#include <libkern/libkern.h>

#endif
