/* Mounted file systems. */
#ifndef _SYS_MOUNT_H_
#define _SYS_MOUNT_H_

#include <sys/param.h>
#include <sys/types.h>

#define MFSNAMELEN 15
#define MFSTYPENAMELEN 16
#define MNT_RDONLY 0x00000001
#define MNT_SYNCHRONOUS 0x00000002
#define MNT_NOEXEC 0x00000004
#define MNT_NOSUID 0x00000008
#define MNT_NODEV 0x00000010
#define MNT_LOCAL 0x00001000
#define MNT_QUOTA 0x00002000
#define MNT_ROOTFS 0x00004000

typedef struct fsid {
	int32_t val[2];
} fsid_t;

#pragma pack(push, 4)
struct vfsstatfs {
	uint32_t f_bsize;
	size_t f_iosize;
	uint64_t f_blocks;
	uint64_t f_bfree;
	uint64_t f_bavail;
	uint64_t f_bused;
	uint64_t f_files;
	uint64_t f_ffree;
	fsid_t f_fsid;
	uid_t f_owner;
	uint64_t f_flags;
	char f_fstypename[MFSTYPENAMELEN];
	char f_mntonname[MAXPATHLEN];
	char f_mntfromname[MAXPATHLEN];
	uint32_t f_fssubtype;
	void *f_reserved[2];
};
#pragma pack(pop)

__BEGIN_DECLS
struct vfsstatfs *vfs_statfs(mount_t mp);
uint64_t vfs_flags(mount_t mp);
int vfs_isrdonly(mount_t mp);
void vfs_name(mount_t mp, char *buffer);
__END_DECLS

#endif
