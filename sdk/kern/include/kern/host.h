/* The host. */
#ifndef _KERN_HOST_H_
#define _KERN_HOST_H_

#include <mach/mach_types.h>

#endif
