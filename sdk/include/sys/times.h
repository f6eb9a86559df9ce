/* CPU time in ticks. */
#ifndef _SYS_TIMES_H_
#define _SYS_TIMES_H_
#include <sys/types.h>
struct tms { clock_t tms_utime, tms_stime, tms_cutime, tms_cstime; };
__BEGIN_DECLS
clock_t times(struct tms *);
__END_DECLS
#endif
