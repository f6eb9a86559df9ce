/* The types of the calls that debuggers of the kernel ask: what MIG's output includes. */
#ifndef _MACH_DEBUG_MACH_DEBUG_TYPES_H_
#define _MACH_DEBUG_MACH_DEBUG_TYPES_H_
#include <mach/mach_types.h>
#include <mach_debug/mach_debug.h>
#include <mach_debug/ipc_info.h>
#include <mach_debug/lockgroup_info.h>
#endif
