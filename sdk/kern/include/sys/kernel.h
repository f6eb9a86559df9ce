/* Variables of the kernel. */
#ifndef _SYS_KERNEL_H_
#define _SYS_KERNEL_H_
#include <sys/time.h>
#include <sys/types.h>
__BEGIN_DECLS
extern int hz;
extern int tick;
extern struct timeval boottime; /* the calendar's time when the machine booted */
extern struct timeval time;     /* the calendar's time, a tick behind at most */
extern char hostname[];
__END_DECLS
#endif
