/* The types of <mach/std_types.defs>. */
#ifndef _MACH_STD_TYPES_H_
#define _MACH_STD_TYPES_H_
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/machine_types.h>
#include <mach/port.h>
#include <mach/message.h>
#endif
