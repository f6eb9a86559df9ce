/* Clocks and delays. Absolute time counts nanoseconds here. */
#ifndef _KERN_CLOCK_H_
#define _KERN_CLOCK_H_
#include <mach/mach_types.h>
#define NSEC_PER_USEC 1000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_SEC 1000000000ull
#define USEC_PER_SEC 1000000ull
typedef uint32_t clock_sec_t;
typedef uint32_t clock_usec_t;
typedef uint32_t clock_nsec_t;
__BEGIN_DECLS
uint64_t mach_absolute_time(void);
void clock_get_uptime(uint64_t *result);
mach_timespec_t clock_get_system_value(void);
mach_timespec_t clock_get_calendar_value(void);
mach_timespec_t clock_get_calendar_offset(void);
void clock_get_system_microtime(clock_sec_t *secs, clock_usec_t *microsecs);
void clock_get_system_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs);
void clock_get_calendar_microtime(clock_sec_t *secs, clock_usec_t *microsecs);
void clock_get_calendar_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs);
void clock_interval_to_deadline(uint32_t interval, uint32_t scale, uint64_t *result);
void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale, uint64_t *result);
void clock_absolutetime_interval_to_deadline(uint64_t abstime, uint64_t *result);
void nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *result);
void absolutetime_to_nanoseconds(uint64_t abstime, uint64_t *result);
void clock_delay_until(uint64_t deadline);
void clock_delay_for_interval(uint32_t interval, uint32_t scale);
void delay(int microseconds);
__END_DECLS
#endif
