/* Absolute time. */
#ifndef _MACH_MACH_TIME_H_
#define _MACH_MACH_TIME_H_
#include <mach/port.h>
#include <sys/cdefs.h>
struct mach_timebase_info { uint32_t numer, denom; };
typedef struct mach_timebase_info *mach_timebase_info_t;
typedef struct mach_timebase_info mach_timebase_info_data_t;
__BEGIN_DECLS
kern_return_t mach_timebase_info(mach_timebase_info_t);
kern_return_t mach_wait_until(uint64_t);
uint64_t mach_absolute_time(void);
uint64_t mach_approximate_time(void);
uint64_t mach_continuous_time(void);
uint64_t mach_continuous_approximate_time(void);
struct timespec;
kern_return_t mach_get_times(uint64_t *absolute, uint64_t *continuous, struct timespec *);
uint64_t mach_boottime_usec(void);
mach_port_name_t mk_timer_create(void);
kern_return_t mk_timer_destroy(mach_port_name_t);
kern_return_t mk_timer_arm(mach_port_name_t, uint64_t);
kern_return_t mk_timer_cancel(mach_port_name_t, uint64_t *);
__END_DECLS
#endif
