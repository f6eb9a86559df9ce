/* Functions called later, at software interrupt level 1. */
#ifndef _SYS_CALLOUT_H
#define _SYS_CALLOUT_H
#include <mach_types.h>
#include <sys/time.h>

#define CALLOUT_PRI_SOFTINT0 0

extern void us_timeout(int (*function)(), vm_address_t arg, struct timeval *tvp, int priority);
extern void us_abstimeout(int (*function)(), vm_address_t arg, struct timeval *tvp, int priority);
extern boolean_t us_untimeout(int (*function)(), vm_address_t arg);

#endif
