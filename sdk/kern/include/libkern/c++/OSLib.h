/* What classes need of the kernel. */
#ifndef _OS_OSLIB_H
#define _OS_OSLIB_H
#ifdef __cplusplus

#include <kern/debug.h>
#include <libkern/libkern.h>

#endif
#endif
