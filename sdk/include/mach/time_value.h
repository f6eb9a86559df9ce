/* Time as seconds and microseconds. */
#ifndef _MACH_TIME_VALUE_H_
#define _MACH_TIME_VALUE_H_
#include <mach/machine_types.h>
#define TIME_MICROS_MAX 1000000
typedef struct time_value { integer_t seconds, microseconds; } time_value_t;
#endif
