/* Credentials, as the document of 2002 has them: counted copies of the kernel's own. */
#ifndef _SYS_UCRED_H_
#define _SYS_UCRED_H_

#include <sys/types.h>

#define NGROUPS 16

struct ucred {
	u_int cr_ref;
	uid_t cr_uid;
	short cr_ngroups;
	gid_t cr_groups[NGROUPS];
};

__BEGIN_DECLS
struct ucred *crget(void);
struct ucred *crdup(struct ucred *cr);
struct ucred *crcopy(struct ucred *cr);
void crhold(struct ucred *cr);
void crfree(struct ucred *cr);
__END_DECLS

#endif
