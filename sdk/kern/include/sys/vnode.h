/* Files, as kernel code finds and uses them. */
#ifndef _SYS_VNODE_H_
#define _SYS_VNODE_H_

#include <sys/fcntl.h>
#include <sys/kauth.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

enum vtype { VNON, VREG, VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO, VBAD, VSTR, VCPLX };

#define IO_UNIT 0x0001
#define IO_APPEND 0x0002
#define IO_SYNC 0x0004
#define IO_NODELOCKED 0x0008
#ifndef IO_NDELAY
#define IO_NDELAY 0x0010
#endif
#define IO_NOZEROFILL 0x0020
#define IO_TAILZEROFILL 0x0040
#define IO_HEADZEROFILL 0x0080
#define IO_NOZEROVALID 0x0100
#define IO_NOZERODIRTY 0x0200
#define IO_CLOSE 0x0400
#define IO_NOCACHE 0x0800
#define IO_RAOFF 0x1000
#define IO_DEFWRITE 0x2000
#define IO_PASSIVE 0x4000
#define IO_NOAUTH 0x8000
#define IO_NODIRECT 0x10000

/* struct vnode_attr's va_type and a file's mode. */
#define VTTOIF(t) ((t) == VREG ? 0100000 : (t) == VDIR ? 0040000 : (t) == VBLK ? 0060000 : (t) == VCHR ? 0020000 : \
	(t) == VLNK ? 0120000 : (t) == VSOCK ? 0140000 : (t) == VFIFO ? 0010000 : 0)
#define MAKEIMODE(t, m) (VTTOIF(t) | (m))

/* One name of a path, as file systems are asked for it. */
struct componentname {
	uint32_t cn_nameiop; /* LOOKUP, CREATE, DELETE, RENAME: what it is looked up for */
	uint32_t cn_flags;
	void *cn_reserved1;
	void *cn_reserved2;
	char *cn_pnbuf;
	int cn_pnlen;
	char *cn_nameptr; /* ends with a NUL here, which not every kernel puts there */
	int cn_namelen;
	uint32_t cn_hash;
	uint32_t cn_consume;
};

#define LOOKUP 0
#define CREATE 1
#define DELETE 2
#define RENAME 3
#define OPMASK 3
#define ISDOTDOT 0x00002000
#define MAKEENTRY 0x00004000
#define ISLASTCN 0x00008000

/* What vnode_create makes a vnode of. */
struct vnode_fsparam {
	struct mount *vnfs_mp;
	enum vtype vnfs_vtype;
	const char *vnfs_str;
	struct vnode *vnfs_dvp;
	void *vnfs_fsnode;
	int (**vnfs_vops)(void *);
	int vnfs_markroot;
	int vnfs_marksystem;
	dev_t vnfs_rdev;
	off_t vnfs_filesize;
	struct componentname *vnfs_cnp;
	uint32_t vnfs_flags;
};

#define VNFS_NOCACHE 0x01
#define VNFS_CANTCACHE 0x02
#define VNFS_ADDFSREF 0x04
#define VNCREATE_FLAVOR 0
#define VCREATESIZE sizeof(struct vnode_fsparam)

/* A vector of operations: vfs_fsadd makes it, and stores where it is. */
struct vnodeop_desc;
struct vnodeopv_entry_desc {
	struct vnodeop_desc *opve_op;
	int (*opve_impl)(void *);
};
struct vnodeopv_desc {
	int (***opv_desc_vector_p)(void *);
	const struct vnodeopv_entry_desc *opv_desc_ops; /* the last has no opve_op */
};
struct vnop_generic_args {
	struct vnodeop_desc *a_desc;
};

/* vflush */
#define SKIPSYSTEM 0x0001
#define FORCECLOSE 0x0002
#define WRITECLOSE 0x0004
#define SKIPSWAP 0x0008
#define SKIPROOT 0x0010

#define VNODE_REMOVE_NODELETEBUSY 0x0001
#define VNODE_READDIR_EXTENDED 0x0001
#define VNODE_READDIR_REQSEEKOFF 0x0002

/* vnode_update_identity */
#define VNODE_UPDATE_PARENT 0x01
#define VNODE_UPDATE_NAME 0x02
#define VNODE_UPDATE_CACHE 0x04
#define VNODE_UPDATE_PURGE 0x08

/* vnode_iterate, and what its callout answers */
#define VNODE_ITERATE_ALL 0x80
#define VNODE_RETURNED 0
#define VNODE_RETURNED_DONE 1
#define VNODE_CLAIMED 2
#define VNODE_CLAIMED_DONE 3

enum vtagtype { VT_NON, VT_UFS, VT_NFS, VT_MFS, VT_MSDOSFS, VT_LFS, VT_LOFS, VT_FDESC, VT_PORTAL, VT_NULL, VT_UMAP, VT_KERNFS,
	VT_PROCFS, VT_AFS, VT_ISOFS, VT_MOCKFS, VT_HFS, VT_ZFS, VT_DEVFS, VT_WEBDAV, VT_UDF, VT_AFP, VT_CDDA, VT_CIFS, VT_OTHER };

#define VNODE_LOOKUP_NOFOLLOW 0x01
#define VNODE_LOOKUP_NOCROSSMOUNT 0x02
#define VNODE_LOOKUP_CROSSMOUNTNOWAIT 0x04
#define VNODE_LOOKUP_NOFOLLOW_ANY 0x08

/* va_active says what is asked for or to be set, va_supported what was. */
struct vnode_attr {
	uint64_t va_supported;
	uint64_t va_active;
	int va_vaflags;
	dev_t va_rdev;
	uint64_t va_nlink;
	uint64_t va_total_size;
	uint64_t va_total_alloc;
	uint64_t va_data_size;
	uint64_t va_data_alloc;
	uint32_t va_iosize;
	uid_t va_uid;
	gid_t va_gid;
	mode_t va_mode;
	uint32_t va_flags;
	struct kauth_acl *va_acl;
	struct timespec va_create_time;
	struct timespec va_access_time;
	struct timespec va_modify_time;
	struct timespec va_change_time;
	struct timespec va_backup_time;
	uint64_t va_fileid;
	uint64_t va_linkid;
	uint64_t va_parentid;
	uint32_t va_fsid;
	uint64_t va_filerev;
	uint32_t va_gen;
	uint32_t va_encoding;
	enum vtype va_type;
	char *va_name;
	uint8_t va_uuuid[16];
	uint8_t va_guuid[16];
	uint64_t va_nchildren;
	uint64_t va_dirlinkcount;
	void *va_reserved1;
	struct timespec va_addedtime;
	uint32_t va_dataprotect_class;
	uint32_t va_dataprotect_flags;
	uint32_t va_document_id;
	uint32_t va_devid;
	uint32_t va_objtype;
	uint32_t va_objtag;
	uint32_t va_user_access;
	uint8_t va_finderinfo[32];
	uint64_t va_rsrc_length;
	uint64_t va_rsrc_alloc;
	int va_fsid64[2];
};

#define VNODE_ATTR_va_rdev (1ULL << 0)
#define VNODE_ATTR_va_nlink (1ULL << 1)
#define VNODE_ATTR_va_total_size (1ULL << 2)
#define VNODE_ATTR_va_total_alloc (1ULL << 3)
#define VNODE_ATTR_va_data_size (1ULL << 4)
#define VNODE_ATTR_va_data_alloc (1ULL << 5)
#define VNODE_ATTR_va_iosize (1ULL << 6)
#define VNODE_ATTR_va_uid (1ULL << 7)
#define VNODE_ATTR_va_gid (1ULL << 8)
#define VNODE_ATTR_va_mode (1ULL << 9)
#define VNODE_ATTR_va_flags (1ULL << 10)
#define VNODE_ATTR_va_acl (1ULL << 11)
#define VNODE_ATTR_va_create_time (1ULL << 12)
#define VNODE_ATTR_va_access_time (1ULL << 13)
#define VNODE_ATTR_va_modify_time (1ULL << 14)
#define VNODE_ATTR_va_change_time (1ULL << 15)
#define VNODE_ATTR_va_backup_time (1ULL << 16)
#define VNODE_ATTR_va_fileid (1ULL << 17)
#define VNODE_ATTR_va_linkid (1ULL << 18)
#define VNODE_ATTR_va_parentid (1ULL << 19)
#define VNODE_ATTR_va_fsid (1ULL << 20)
#define VNODE_ATTR_va_filerev (1ULL << 21)
#define VNODE_ATTR_va_gen (1ULL << 22)
#define VNODE_ATTR_va_encoding (1ULL << 23)
#define VNODE_ATTR_va_type (1ULL << 24)
#define VNODE_ATTR_va_name (1ULL << 25)
#define VNODE_ATTR_va_nchildren (1ULL << 28)
#define VNODE_ATTR_va_dirlinkcount (1ULL << 29)
#define VNODE_ATTR_va_addedtime (1ULL << 30)

#define VATTR_INIT(v)                                        \
	do {                                                     \
		(v)->va_supported = (v)->va_active = 0;              \
		(v)->va_vaflags = 0;                                 \
	} while (0)
#define VATTR_SET_ACTIVE(v, a) ((v)->va_active |= VNODE_ATTR_##a)
#define VATTR_SET_SUPPORTED(v, a) ((v)->va_supported |= VNODE_ATTR_##a)
#define VATTR_CLEAR_ACTIVE(v, a) ((v)->va_active &= ~VNODE_ATTR_##a)
#define VATTR_CLEAR_SUPPORTED(v, a) ((v)->va_supported &= ~VNODE_ATTR_##a)
#define VATTR_IS_ACTIVE(v, a) ((v)->va_active & VNODE_ATTR_##a)
#define VATTR_IS_SUPPORTED(v, a) ((v)->va_supported & VNODE_ATTR_##a)
#define VATTR_ALL_SUPPORTED(v) (((v)->va_active & (v)->va_supported) == (v)->va_active)
#define VATTR_NOT_RETURNED(v, a) (VATTR_IS_ACTIVE(v, a) && !VATTR_IS_SUPPORTED(v, a))
#define VATTR_WANTED(v, a) VATTR_SET_ACTIVE(v, a)
#define VATTR_SET(v, a, x)          \
	do {                            \
		(v)->a = (x);               \
		VATTR_SET_ACTIVE(v, a);     \
	} while (0)
#define VATTR_RETURN(v, a, x)       \
	do {                            \
		(v)->a = (x);               \
		VATTR_SET_SUPPORTED(v, a);  \
	} while (0)

__BEGIN_DECLS
extern uid_t console_user; /* the last owner of /dev/console, a guess; -1 if there was none */

vfs_context_t vfs_context_create(vfs_context_t ctx);
vfs_context_t vfs_context_current(void);
int vfs_context_rele(vfs_context_t ctx);
proc_t vfs_context_proc(vfs_context_t ctx);
kauth_cred_t vfs_context_ucred(vfs_context_t ctx);
int vfs_context_pid(vfs_context_t ctx);
int vfs_context_suser(vfs_context_t ctx);
int vfs_context_is64bit(vfs_context_t ctx);

int vn_default_error(void);
errno_t vnode_create(uint32_t flavor, uint32_t size, void *data, vnode_t *vpp);
void *vnode_fsnode(vnode_t vp);
void vnode_clearfsnode(vnode_t vp);
int vnode_addfsref(vnode_t vp);
int vnode_removefsref(vnode_t vp);
int vnode_recycle(vnode_t vp);
void vnode_settag(vnode_t vp, int tag);
int vnode_tag(vnode_t vp);
void vnode_update_identity(vnode_t vp, vnode_t dvp, const char *name, int name_len, uint32_t name_hashval, int flags);
int vnode_iterate(mount_t mp, int flags, int (*callout)(vnode_t vp, void *arg), void *arg);
int vflush(mount_t mp, vnode_t skipvp, int flags);
int cache_lookup(vnode_t dvp, vnode_t *vpp, struct componentname *cnp);
void cache_enter(vnode_t dvp, vnode_t vp, struct componentname *cnp);
void cache_purge(vnode_t vp);
void cache_purge_negatives(vnode_t vp);

int vnode_get(vnode_t vp);
int vnode_getwithvid(vnode_t vp, uint32_t vid);
int vnode_getwithref(vnode_t vp);
int vnode_put(vnode_t vp);
int vnode_ref(vnode_t vp);
void vnode_rele(vnode_t vp);
uint32_t vnode_vid(vnode_t vp);
enum vtype vnode_vtype(vnode_t vp);
int vnode_isreg(vnode_t vp);
int vnode_isdir(vnode_t vp);
int vnode_islnk(vnode_t vp);
int vnode_ischr(vnode_t vp);
int vnode_isblk(vnode_t vp);
int vnode_isfifo(vnode_t vp);
int vnode_isvroot(vnode_t vp);
int vnode_issystem(vnode_t vp);
int vnode_isswap(vnode_t vp);
int vnode_isrecycled(vnode_t vp);
int vnode_isinuse(vnode_t vp, int refcnt);
mount_t vnode_mount(vnode_t vp);
void vnode_vfsname(vnode_t vp, char *buffer);
int vnode_vfsisrdonly(vnode_t vp);
dev_t vnode_specrdev(vnode_t vp);

errno_t vnode_lookup(const char *path, int flags, vnode_t *vpp, vfs_context_t ctx);
errno_t vnode_open(const char *path, int fmode, int cmode, int flags, vnode_t *vpp, vfs_context_t ctx);
errno_t vnode_close(vnode_t vp, int flags, vfs_context_t ctx);
int vn_rdwr(enum uio_rw rw, vnode_t vp, caddr_t base, int len, off_t offset, enum uio_seg segflg, int ioflg,
    kauth_cred_t cred, int *aresid, proc_t p);
int vn_getpath(vnode_t vp, char *path, int *len);
const char *vnode_getname(vnode_t vp);
void vnode_putname(const char *name);
vnode_t vnode_getparent(vnode_t vp);
int vnode_getattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
int vnode_setattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx);
errno_t vnode_size(vnode_t vp, off_t *size, vfs_context_t ctx);
int vnode_authorize(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx);
__END_DECLS

#include <sys/vnode_if.h>

#endif
