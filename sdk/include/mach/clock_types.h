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
#define REALTIME_CLOCK 0
#define NSEC_PER_USEC 1000ull
#define USEC_PER_SEC 1000000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_SEC 1000000000ull
#define CLOCK_GET_TIME_RES 1
#define CLOCK_ALARM_CURRES 3
#define CLOCK_ALARM_MINRES 4
#define CLOCK_ALARM_MAXRES 5
#define ALRMTYPE 0xff
typedef int *clock_attr_t;
typedef mach_port_t clock_reply_t;
/* Arithmetic on times that are in range. */
#define CMP_MACH_TIMESPEC(a, b) ((a)->tv_sec != (b)->tv_sec ? ((a)->tv_sec > (b)->tv_sec ? 1 : -1) : (a)->tv_nsec - (b)->tv_nsec)
#define ADD_MACH_TIMESPEC(a, b) do { (a)->tv_sec += (b)->tv_sec; \
	if (((a)->tv_nsec += (b)->tv_nsec) >= (int)NSEC_PER_SEC) { (a)->tv_nsec -= (int)NSEC_PER_SEC; (a)->tv_sec++; } } while (0)
#define SUB_MACH_TIMESPEC(a, b) do { (a)->tv_sec -= (b)->tv_sec; \
	if (((a)->tv_nsec -= (b)->tv_nsec) < 0) { (a)->tv_nsec += (int)NSEC_PER_SEC; (a)->tv_sec--; } } while (0)
#endif
