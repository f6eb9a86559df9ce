/* What looks inside the kernel. */
#ifndef _MACH_DEBUG_MACH_DEBUG_H_
#define _MACH_DEBUG_MACH_DEBUG_H_
#include <mach_debug/ipc_info.h>
#include <mach/mach_interface.h>
#endif
