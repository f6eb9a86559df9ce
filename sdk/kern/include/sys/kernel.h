/* Variables of the kernel. */
#ifndef _SYS_KERNEL_H_
#define _SYS_KERNEL_H_
#include <sys/types.h>
__BEGIN_DECLS
extern int hz;
extern int tick;
extern struct timeval boottime;
extern char hostname[];
__END_DECLS
#endif
