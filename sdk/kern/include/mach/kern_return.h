/* Results of Mach's calls. */
#ifndef _MACH_KERN_RETURN_H_
#define _MACH_KERN_RETURN_H_

#include <mach/mach_types.h>

#endif
