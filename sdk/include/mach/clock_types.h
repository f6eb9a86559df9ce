/* Mach's clocks. */
#ifndef _MACH_CLOCK_TYPES_H_
#define _MACH_CLOCK_TYPES_H_
#include <mach/port.h>
typedef int alarm_type_t, sleep_type_t, clock_id_t, clock_flavor_t;
typedef struct mach_timespec { unsigned tv_sec; int tv_nsec; } mach_timespec_t;
#define SYSTEM_CLOCK 0
#define CALENDAR_CLOCK 1
#define TIME_ABSOLUTE 0
#define TIME_RELATIVE 1
#endif
