#ifndef _SYS_TIME_H
#define _SYS_TIME_H

struct timeval {
	long tv_sec;
	long tv_usec;
};

extern void microtime(struct timeval *tvp);
extern void microboot(struct timeval *tvp);

#endif
