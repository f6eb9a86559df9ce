/* The time. */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_
#include <sys/types.h>
__BEGIN_DECLS
void microtime(struct timeval *tv);
void microuptime(struct timeval *tv);
void nanotime(struct timespec *ts);
void nanouptime(struct timespec *ts);
__END_DECLS
#endif
