/* Names that are none. */
#ifndef _SYS_KAUTH_H
#define _SYS_KAUTH_H
#include <sys/types.h>
#define KAUTH_UID_NONE (~(uid_t)0 - 100)
#define KAUTH_GID_NONE (~(gid_t)0 - 100)
#endif
