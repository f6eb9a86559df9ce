/* Terminals of one's own, and the group that ends a session's line. */
#ifndef _UTIL_H_
#define _UTIL_H_
#include <sys/types.h>
#include <termios.h>
#include <sys/ioctl.h>
#include <stdio.h>
__BEGIN_DECLS
int login_tty(int);
int openpty(int *, int *, char *, struct termios *, struct winsize *);
pid_t forkpty(int *, char *, struct termios *, struct winsize *);
__END_DECLS
#endif
