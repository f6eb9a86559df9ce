/* File systems. */
#ifndef _SYS_MOUNT_H_
#define _SYS_MOUNT_H_
#include <sys/types.h>
#include <sys/attr.h>
typedef struct fsid { int32_t val[2]; } fsid_t;
#define MFSTYPENAMELEN 16
struct statfs {
	uint32_t f_bsize;
	int32_t f_iosize;
	uint64_t f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	fsid_t f_fsid;
	uid_t f_owner;
	uint32_t f_type, f_flags, f_fssubtype;
	char f_fstypename[MFSTYPENAMELEN], f_mntonname[1024], f_mntfromname[1024];
	uint32_t f_flags_ext, f_reserved[7];
};
#define MNT_ASYNC                0x40
#define MNT_AUTOMOUNTED          0x400000
#define MNT_CMDFLAGS             0xf0000
#define MNT_CPROTECT             0x80
#define MNT_DEFWRITE             0x2000000
#define MNT_DONTBROWSE           0x100000
#define MNT_DOVOLFS              0x8000
#define MNT_DWAIT                0x4
#define MNT_EXPORTED             0x100
#define MNT_EXT_ROOT_DATA_VOL    0x1
#define MNT_FORCE                0x80000
#define MNT_IGNORE_OWNERSHIP     0x200000
#define MNT_JOURNALED            0x800000
#define MNT_LOCAL                0x1000
#define MNT_MULTILABEL           0x4000000
#define MNT_NOATIME              0x10000000
#define MNT_NOBLOCK              0x20000
#define MNT_NODEV                0x10
#define MNT_NOEXEC               0x4
#define MNT_NOSUID               0x8
#define MNT_NOUSERXATTR          0x1000000
#define MNT_NOWAIT               0x2
#define MNT_QUARANTINE           0x400
#define MNT_QUOTA                0x2000
#define MNT_RDONLY               0x1
#define MNT_RELOAD               0x40000
#define MNT_REMOVABLE            0x200
#define MNT_ROOTFS               0x4000
#define MNT_SNAPSHOT             0x40000000
#define MNT_STRICTATIME          0x80000000
#define MNT_SYNCHRONOUS          0x2
#define MNT_UNION                0x20
#define MNT_UNKNOWNPERMISSIONS   0x200000
#define MNT_UPDATE               0x10000
#define MNT_VISFLAGMASK          0xd7f0f7ff
#define MNT_WAIT                 0x1
__BEGIN_DECLS
int statfs(const char *, struct statfs *) __DARWIN_INODE64(statfs);
int fstatfs(int, struct statfs *) __DARWIN_INODE64(fstatfs);
int getfsstat(struct statfs *, int, int) __DARWIN_INODE64(getfsstat);
int getmntinfo(struct statfs **, int) __DARWIN_INODE64(getmntinfo);
int mount(const char *, const char *, int, void *);
int unmount(const char *, int);
__END_DECLS
#endif
