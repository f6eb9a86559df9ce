/* The commands of /dev/echo, for the extension and for programs. */
#ifndef ECHO_H
#define ECHO_H
#include <sys/ioccom.h>

struct echo_stat {
	unsigned int reads, writes;
	unsigned int pid; /* of who asks */
	unsigned int held;  /* bytes in the buffer */
};

#define ECHO_STAT _IOR('e', 1, struct echo_stat)
#define ECHO_ROTATE _IOWR('e', 2, int) /* rotate letters by so many; gives the old number */
#define ECHO_CLEAR _IO('e', 3)
#endif
