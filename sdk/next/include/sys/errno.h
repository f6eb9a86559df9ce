/* Error numbers that network modules and devices return. */
#ifndef _SYS_ERRNO_H
#define _SYS_ERRNO_H

#define EPERM 1
#define ENOENT 2
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ENOTTY 25
#define EWOULDBLOCK 35
#define EMSGSIZE 40
#define EAFNOSUPPORT 47
#define EADDRNOTAVAIL 49
#define ENETDOWN 50
#define ENOBUFS 55

#endif
