/* Random bytes. */
#ifndef _SYS_RANDOM_H_
#define _SYS_RANDOM_H_
#include <sys/types.h>
__BEGIN_DECLS
void read_random(void *buf, u_int n);
void read_frandom(void *buf, u_int n);
__END_DECLS
#endif
