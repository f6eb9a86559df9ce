/* What UNIX-style servers know of the user who called them. */
#ifndef _SYS_USER_H
#define _SYS_USER_H

struct user {
	int u_error;      /* why suser() was FALSE */
	unsigned u_acflag; /* ASU once suser() was TRUE */
};

#define ASU 2

/* Of the thread that runs: kpi's thread block. */
static inline struct user *u_area(void)
{
	char *block;
	__asm__ volatile("movq %%gs:0, %0" : "=r"(block));
	return (struct user *)(block + 32);
}
#define u (*u_area())

/* 1 for the superuser; otherwise 0, and u.u_error is EPERM. Not for message servers. */
extern int suser(void);

#endif
