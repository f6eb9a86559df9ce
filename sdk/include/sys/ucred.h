/* Who is at the other end. */
#ifndef _SYS_UCRED_H_
#define _SYS_UCRED_H_
#include <sys/param.h>
#define XUCRED_VERSION 0
struct xucred { u_int cr_version; uid_t cr_uid; short cr_ngroups; gid_t cr_groups[NGROUPS]; };
#endif
