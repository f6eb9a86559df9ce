/* Panics. */
#ifndef _KERN_DEBUG_H_
#define _KERN_DEBUG_H_
#include <libkern/libkern.h>
#endif
