/* Mach, all of it. */
#ifndef _MACH_MACH_H_
#define _MACH_MACH_H_
#include <mach/mach_types.h>
#include <mach/mach_init.h>
#include <mach/mach_traps.h>
#include <mach/mach_port.h>
#include <mach/mach_vm.h>
#include <mach/mach_error.h>
#include <mach/semaphore.h>
#include <mach/ndr.h>
#endif
