/* select. */
#ifndef _SYS_SELECT_H_
#define _SYS_SELECT_H_
#include <sys/types.h>
#include <sys/time.h>
__BEGIN_DECLS
int select(int, fd_set *, fd_set *, fd_set *, struct timeval *);
int pselect(int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);
__END_DECLS
#endif
