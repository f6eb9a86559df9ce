/* ioctl. */
#ifndef _SYS_IOCTL_H_
#define _SYS_IOCTL_H_
#include <sys/filio.h>
#include <sys/ioccom.h>


#endif
