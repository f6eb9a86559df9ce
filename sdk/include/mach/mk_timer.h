/* Timers on absolute time. */
#ifndef _MACH_MK_TIMER_H_
#define _MACH_MK_TIMER_H_
#include <mach/mach_time.h>
#endif
