/* Scheduling. */
#ifndef _SCHED_H_
#define _SCHED_H_
#include <sys/cdefs.h>
#define SCHED_OTHER 1
#define SCHED_FIFO 4
#define SCHED_RR 2
struct sched_param { int sched_priority; char __opaque[4]; };
__BEGIN_DECLS
int sched_yield(void);
int sched_get_priority_min(int);
int sched_get_priority_max(int);
__END_DECLS
#endif
