/* Types of Mach. */
#ifndef _KERN_KERN_TYPES_H_
#define _KERN_KERN_TYPES_H_

#include <mach/mach_types.h>

#endif
