/* Scheduling. */
#ifndef _SCHED_H_
#define _SCHED_H_
#include <pthread.h>
__BEGIN_DECLS
int sched_yield(void);
int sched_get_priority_min(int);
int sched_get_priority_max(int);
__END_DECLS
#endif
