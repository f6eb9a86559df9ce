/* Device nodes. */
#ifndef _MISCFS_DEVFS_DEVFS_H_
#define _MISCFS_DEVFS_DEVFS_H_

#include <sys/types.h>

#define DEVFS_CHAR 0
#define DEVFS_BLOCK 1

#define UID_ROOT 0
#define GID_WHEEL 0

__BEGIN_DECLS
void *devfs_make_node(dev_t dev, int chrblk, uid_t uid, gid_t gid, int perms, const char *fmt, ...);
void devfs_remove(void *handle);
__END_DECLS

#endif
