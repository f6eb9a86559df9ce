/* Mounted file systems. */
#ifndef _SYS_MOUNT_H_
#define _SYS_MOUNT_H_

#include <sys/param.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/vnode.h>

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
#define MNT_UPDATE 0x00010000
#define MNT_RELOAD 0x00040000
#define MNT_FORCE 0x00080000

/* vfs_sync's waitfor */
#define MNT_WAIT 1
#define MNT_NOWAIT 2

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

typedef struct vol_capabilities_attr {
	uint32_t capabilities[4];
	uint32_t valid[4];
} vol_capabilities_attr_t;
typedef struct vol_attribute_set {
	uint32_t commonattr, volattr, dirattr, fileattr, forkattr;
} vol_attribute_set_t;
typedef struct vol_attributes_attr {
	vol_attribute_set_t validattr, nativeattr;
} vol_attributes_attr_t;

/* f_active says what vfs_getattr is asked for, f_supported what it has filled in. */
struct vfs_attr {
	uint64_t f_supported;
	uint64_t f_active;
	uint64_t f_objcount;
	uint64_t f_filecount;
	uint64_t f_dircount;
	uint64_t f_maxobjcount;
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
	vol_capabilities_attr_t f_capabilities;
	vol_attributes_attr_t f_attributes;
	struct timespec f_create_time;
	struct timespec f_modify_time;
	struct timespec f_access_time;
	struct timespec f_backup_time;
	uint32_t f_fssubtype;
	char *f_vol_name;
	uint16_t f_signature;
	uint16_t f_carbon_fsid;
	uint8_t f_uuid[16];
	uint64_t f_quota;
	uint64_t f_reserved;
};
#pragma pack(pop)

#define VFSATTR_f_objcount (1LL << 0)
#define VFSATTR_f_filecount (1LL << 1)
#define VFSATTR_f_dircount (1LL << 2)
#define VFSATTR_f_maxobjcount (1LL << 3)
#define VFSATTR_f_bsize (1LL << 4)
#define VFSATTR_f_iosize (1LL << 5)
#define VFSATTR_f_blocks (1LL << 6)
#define VFSATTR_f_bfree (1LL << 7)
#define VFSATTR_f_bavail (1LL << 8)
#define VFSATTR_f_bused (1LL << 9)
#define VFSATTR_f_files (1LL << 10)
#define VFSATTR_f_ffree (1LL << 11)
#define VFSATTR_f_fsid (1LL << 12)
#define VFSATTR_f_owner (1LL << 13)
#define VFSATTR_f_capabilities (1LL << 14)
#define VFSATTR_f_attributes (1LL << 15)
#define VFSATTR_f_create_time (1LL << 16)
#define VFSATTR_f_modify_time (1LL << 17)
#define VFSATTR_f_access_time (1LL << 18)
#define VFSATTR_f_backup_time (1LL << 19)
#define VFSATTR_f_fssubtype (1LL << 20)
#define VFSATTR_f_vol_name (1LL << 21)
#define VFSATTR_f_signature (1LL << 22)
#define VFSATTR_f_carbon_fsid (1LL << 23)

#define VFSATTR_INIT(s) ((s)->f_supported = (s)->f_active = 0)
#define VFSATTR_SET_SUPPORTED(s, a) ((s)->f_supported |= VFSATTR_##a)
#define VFSATTR_IS_SUPPORTED(s, a) ((s)->f_supported & VFSATTR_##a)
#define VFSATTR_CLEAR_ACTIVE(s, a) ((s)->f_active &= ~VFSATTR_##a)
#define VFSATTR_IS_ACTIVE(s, a) ((s)->f_active & VFSATTR_##a)
#define VFSATTR_WANTED(s, a) ((s)->f_active |= VFSATTR_##a)
#define VFSATTR_RETURN(s, a, x)     \
	do {                            \
		(s)->a = (x);               \
		VFSATTR_SET_SUPPORTED(s, a); \
	} while (0)

struct vfsconf;

/* The operations on a file system. Those that are NULL it does without. */
struct vfsops {
	int (*vfs_mount)(struct mount *mp, vnode_t devvp, user_addr_t data, vfs_context_t context);
	int (*vfs_start)(struct mount *mp, int flags, vfs_context_t context);
	int (*vfs_unmount)(struct mount *mp, int mntflags, vfs_context_t context);
	int (*vfs_root)(struct mount *mp, struct vnode **vpp, vfs_context_t context);
	int (*vfs_quotactl)(struct mount *mp, int cmds, uid_t uid, caddr_t arg, vfs_context_t context);
	int (*vfs_getattr)(struct mount *mp, struct vfs_attr *vfa, vfs_context_t context);
	int (*vfs_sync)(struct mount *mp, int waitfor, vfs_context_t context);
	int (*vfs_vget)(struct mount *mp, uint64_t ino, struct vnode **vpp, vfs_context_t context);
	int (*vfs_fhtovp)(struct mount *mp, int fhlen, unsigned char *fhp, struct vnode **vpp, vfs_context_t context);
	int (*vfs_vptofh)(struct vnode *vp, int *fhlen, unsigned char *fhp, vfs_context_t context);
	int (*vfs_init)(struct vfsconf *vfsc);
	int (*vfs_sysctl)(int *, u_int, user_addr_t, size_t *, user_addr_t, size_t, vfs_context_t context);
	int (*vfs_setattr)(struct mount *mp, struct vfs_attr *vfa, vfs_context_t context);
	int (*vfs_ioctl)(struct mount *mp, u_long command, caddr_t data, int flags, vfs_context_t context);
	int (*vfs_vget_snapdir)(struct mount *mp, struct vnode **vpp, vfs_context_t context);
	void *vfs_reserved5;
	void *vfs_reserved4;
	void *vfs_reserved3;
	void *vfs_reserved2;
	void *vfs_reserved1;
};

#define VFS_TBLTHREADSAFE 0x0001
#define VFS_TBLFSNODELOCK 0x0002
#define VFS_TBLNOTYPENUM 0x0008
#define VFS_TBLLOCALVOL 0x0010
#define VFS_TBL64BITREADY 0x0020
#define VFS_TBLNATIVEXATTR 0x0040
#define VFS_TBLDIRLINKS 0x0080
#define VFS_TBLUNMOUNT_PREFLIGHT 0x0100
#define VFS_TBLGENERICMNTARGS 0x0200
#define VFS_TBLREADDIR_EXTENDED 0x0400

/* A type of file system, for vfs_fsadd. */
struct vfs_fsentry {
	struct vfsops *vfe_vfsops;
	int vfe_vopcnt;
	struct vnodeopv_desc **vfe_opvdescs;
	int vfe_fstypenum;
	char vfe_fsname[MFSNAMELEN];
	uint32_t vfe_flags;
	void *vfe_reserv[2];
};

typedef struct vfstable *vfstable_t;

__BEGIN_DECLS
struct vfsstatfs *vfs_statfs(mount_t mp);
uint64_t vfs_flags(mount_t mp);
int vfs_isrdonly(mount_t mp);
int vfs_fsadd(struct vfs_fsentry *vfe, vfstable_t *handle);
int vfs_fsremove(vfstable_t handle);
void *vfs_fsprivate(mount_t mp);
void vfs_setfsprivate(mount_t mp, void *mntdata);
void vfs_setflags(mount_t mp, uint64_t flags);
void vfs_clearflags(mount_t mp, uint64_t flags);
int vfs_isrdwr(mount_t mp);
int vfs_issynchronous(mount_t mp);
int vfs_isupdate(mount_t mp);
int vfs_isreload(mount_t mp);
int vfs_iswriteupgrade(mount_t mp);
int vfs_isforce(mount_t mp);
int vfs_isunmount(mount_t mp);
int vfs_typenum(mount_t mp);
int vfs_64bitready(mount_t mp);
uint32_t vfs_maxsymlen(mount_t mp);
void vfs_setmaxsymlen(mount_t mp, uint32_t symlen);
void vfs_getnewfsid(mount_t mp);
void vfs_setlocklocal(mount_t mp);
void vfs_name(mount_t mp, char *buffer);
__END_DECLS

#endif
