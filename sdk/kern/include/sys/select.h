/* select, for drivers: d_select records who asks, and selwakeup tells him to ask again. */
#ifndef _SYS_SELECT_H_
#define _SYS_SELECT_H_

#include <sys/types.h>

struct proc;

/* Opaque; the kernel knows it by its address. */
struct selinfo {
	void *si_opaque[4];
};

__BEGIN_DECLS
void selrecord(struct proc *p, struct selinfo *sip, void *wql);
void selwakeup(struct selinfo *sip);
void selthreadclear(struct selinfo *sip);
__END_DECLS

#endif
