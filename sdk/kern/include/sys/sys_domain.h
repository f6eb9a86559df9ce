/* The family AF_SYSTEM. */
#ifndef _SYS_SYS_DOMAIN_H_
#define _SYS_SYS_DOMAIN_H_

#include <sys/socket.h>

#define SYSPROTO_EVENT 1
#define SYSPROTO_CONTROL 2
#define AF_SYS_CONTROL 2

#endif
