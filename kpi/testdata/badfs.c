/*
 * A file system that answers nonsense. What it does wrong is in the names: see badfs_lookup and
 * those after it.
 */
#include <mach/mach_types.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>

static vfstable_t table;
static int (**operations)(void *), (**others)(void *);
static mount_t mount;
static vnode_t root;
static int reclaimed;

enum { ROOT = 1, FILE_, SLASH, SHORT, LONG, STILL, EMPTY, BIG, ODD, EARLY, NULNAME, DELETED };

static int make(long what, enum vtype type, vnode_t *vpp)
{
	struct vnode_fsparam p;

	bzero(&p, sizeof p);
	p.vnfs_mp = mount;
	p.vnfs_vtype = type;
	p.vnfs_fsnode = (void *)what;
	p.vnfs_vops = operations;
	p.vnfs_markroot = what == ROOT;
	return vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &p, vpp);
}

static int is(struct componentname *cn, const char *name)
{
	return cn->cn_namelen == (int)strlen(name) && memcmp(cn->cn_nameptr, name, cn->cn_namelen) == 0;
}

static int badfs_lookup(struct vnop_lookup_args *a)
{
	struct componentname *cn = a->a_cnp;
	vnode_t *vpp = a->a_vpp;

	if (is(cn, "null"))
		return 0;
	if (is(cn, "wild")) {
		*vpp = (vnode_t)0x4242424242;
		return 0;
	}
	if (is(cn, "mount")) {
		*vpp = (vnode_t)mount;
		return 0;
	}
	if (is(cn, "unheld")) {
		*vpp = root;
		return 0;
	}
	if (is(cn, "errno"))
		return 99999;
	if (is(cn, "minus"))
		return -7;
	if (is(cn, "just"))
		return EJUSTRETURN;
	if (is(cn, "type"))
		return make(FILE_, 9, vpp);
	if (is(cn, "size")) {
		struct vnode_fsparam p;
		return vnode_create(VNCREATE_FLAVOR, sizeof p - 8, &p, vpp);
	}
	if (is(cn, "slash"))
		return make(SLASH, VDIR, vpp);
	if (is(cn, "short"))
		return make(SHORT, VDIR, vpp);
	if (is(cn, "long"))
		return make(LONG, VDIR, vpp);
	if (is(cn, "still"))
		return make(STILL, VDIR, vpp);
	if (is(cn, "nulname"))
		return make(NULNAME, VDIR, vpp);
	if (is(cn, "deleted"))
		return make(DELETED, VDIR, vpp);
	if (is(cn, "empty"))
		return make(EMPTY, VLNK, vpp);
	if (is(cn, "big"))
		return make(BIG, VLNK, vpp);
	if (is(cn, "odd"))
		return make(ODD, VREG, vpp);
	if (is(cn, "early"))
		return make(EARLY, VREG, vpp);
	if (is(cn, "panic"))
		return *(volatile int *)8;
	if (is(cn, "hang"))
		for (;;)
			;
	return ENOENT;
}

static long what(vnode_t vp) { return (long)vnode_fsnode(vp); }

static int badfs_create(struct vnop_create_args *a) { return make(SLASH, VDIR, a->a_vpp); }

static int badfs_readdir(struct vnop_readdir_args *a)
{
	struct dirent d;

	bzero(&d, sizeof d);
	d.d_ino = 5;
	d.d_reclen = 16;
	d.d_namlen = 3;
	strlcpy(d.d_name, "abc", 8);
	switch (what(a->a_vp)) {
	case SLASH:
		d.d_name[1] = '/';
		break;
	case NULNAME:
		d.d_name[1] = 0;
		break;
	case SHORT:
		d.d_reclen = 8;
		break;
	case LONG:
		d.d_reclen = 4096;
		break;
	case ROOT:
		return 0;
	case DELETED: /* a block of one that is no more, then one, then the end */
		if (uio_offset(a->a_uio) >= 32)
			return 0;
		d.d_ino = uio_offset(a->a_uio) / 16 * 5;
		d.d_type = DT_REG;
		return uiomove((char *)&d, 16, a->a_uio);
	}
	uiomove((char *)&d, 16, a->a_uio);
	uio_setoffset(a->a_uio, what(a->a_vp) == STILL ? 0 : 1);
	return 0;
}

static int badfs_readlink(struct vnop_readlink_args *a)
{
	static char big[2048];

	memset(big, 'x', sizeof big);
	return uiomove(big, what(a->a_vp) == BIG ? sizeof big : 0, a->a_uio);
}

static int badfs_getattr(struct vnop_getattr_args *a)
{
	struct vnode_attr *va = a->a_vap;

	if (what(a->a_vp) != ODD) {
		VATTR_RETURN(va, va_mode, 0777);
		return 0;
	}
	memset(va, 0xff, sizeof *va);
	return 0;
}

static int badfs_read(struct vnop_read_args *a)
{
	uio_setoffset(a->a_uio, -5);
	return 0;
}

static int badfs_open(struct vnop_open_args *a) { return what(a->a_vp) == EARLY ? EJUSTRETURN : 0; }

static int badfs_reclaim(struct vnop_reclaim_args *a)
{
	reclaimed++;
	return 0;
}

static int nothing(void *a) { return 0; }

#define OP(name, f) {&vnop_##name##_desc, (int (*)(void *))f}
static const struct vnodeopv_entry_desc entries[] = {
	OP(default, vn_default_error), OP(lookup, badfs_lookup), OP(create, badfs_create), OP(readdir, badfs_readdir),
	OP(readlink, badfs_readlink), OP(getattr, badfs_getattr), OP(read, badfs_read), OP(open, badfs_open),
	OP(close, nothing), OP(reclaim, badfs_reclaim), OP(inactive, nothing), {0},
};
static const struct vnodeopv_entry_desc undefaulted[] = {OP(open, badfs_open), {0}};
static const struct vnodeopv_entry_desc unknown[] = {OP(default, vn_default_error), {(struct vnodeop_desc *)&table, nothing}, {0}};
static struct vnodeopv_desc vector = {&operations, entries}, *vectors[] = {&vector};
static struct vnodeopv_desc bad_vector = {&others, undefaulted}, *bad_vectors[] = {&bad_vector};

/* mount(2)'s data argument: which operation fails. */
enum { MOUNT_FAILS = 1, ROOT_FAILS, ROOT_IS_NONE };
static user_addr_t failing;

static int badfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
	mount = mp;
	failing = data;
	if (data == MOUNT_FAILS)
		return ENOBUFS;
	return make(ROOT, VDIR, &root);
}

static int badfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
	if (failing == ROOT_FAILS) {
		vnode_put(root);
		return ENOSPC;
	}
	if (failing == ROOT_IS_NONE) {
		vnode_put(root);
		return make(FILE_, VREG, vpp);
	}
	*vpp = root;
	return 0;
}

static int badfs_unmount(mount_t mp, int flags, vfs_context_t context) { return vflush(mp, NULL, flags & MNT_FORCE ? FORCECLOSE : 0); }

static struct vfsops vfsops = {.vfs_mount = badfs_mount, .vfs_unmount = badfs_unmount, .vfs_root = badfs_root};
static struct vfsops empty; /* no operation at all */
static struct vfs_fsentry entry = {&vfsops, 1, vectors, 0, "badfs", VFS_TBLTHREADSAFE | VFS_TBLNOTYPENUM};

#define WANT(c) if (!(c)) return __LINE__
/* What vfs_fsadd refuses: 0, or the line at fault. */
static int refused(void)
{
	struct vfs_fsentry e = entry;
	vfstable_t h;

	strlcpy(e.vfe_fsname, "worsefs", MFSNAMELEN);
	WANT(vfs_fsadd(NULL, &h) == EINVAL);
	e.vfe_vopcnt = 0;
	WANT(vfs_fsadd(&e, &h) == EINVAL);
	e.vfe_vopcnt = 9;
	WANT(vfs_fsadd(&e, &h) == EINVAL);
	e.vfe_vopcnt = 1;
	e.vfe_vfsops = NULL;
	WANT(vfs_fsadd(&e, &h) == EINVAL);
	e.vfe_vfsops = &vfsops;
	e.vfe_opvdescs = NULL;
	WANT(vfs_fsadd(&e, &h) == EINVAL);
	e.vfe_opvdescs = vectors;
	e.vfe_flags = 0;
	WANT(vfs_fsadd(&e, &h) == EINVAL);
	e.vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLLOCALVOL;
	WANT(vfs_fsadd(&e, &h) == ENOTSUP);
	WANT(vfs_fsadd(&entry, &h) == EEXIST);
	e.vfe_flags = VFS_TBLTHREADSAFE;
	e.vfe_vfsops = &empty;
	e.vfe_opvdescs = bad_vectors;
	bad_vector.opv_desc_ops = entries;
	WANT(vfs_fsadd(&e, &h) == 0 && h != table);
	WANT(vfs_fsremove(h) == 0);
	return 0;
}

static int undefault(void)
{
	struct vfs_fsentry e = entry;
	vfstable_t h;

	strlcpy(e.vfe_fsname, "worsefs", MFSNAMELEN);
	e.vfe_opvdescs = bad_vectors;
	if (bad_vector.opv_desc_ops == entries)
		bad_vector.opv_desc_ops = undefaulted;
	return vfs_fsadd(&e, &h);
}

static int unknown_op(void)
{
	bad_vector.opv_desc_ops = unknown;
	return undefault();
}

static int remove_twice(void)
{
	struct vfs_fsentry e = entry;
	vfstable_t h;

	strlcpy(e.vfe_fsname, "worsefs", MFSNAMELEN);
	if (vfs_fsadd(&e, &h) == 0 && vfs_fsremove(h) == 0)
		vfs_fsremove(h);
	return 0;
}

static int run SYSCTL_HANDLER_ARGS
{
	int v = ((int (*)(void))arg1)();

	return SYSCTL_OUT(req, &v, sizeof v);
}

#define RUN(name) SYSCTL_PROC(_debug, OID_AUTO, badfs_##name, CTLTYPE_INT | CTLFLAG_RD, (void *)name, 0, run, "I", "")
RUN(refused);
RUN(undefault);
RUN(unknown_op);
RUN(remove_twice);
SYSCTL_INT(_debug, OID_AUTO, badfs_reclaimed, CTLFLAG_RD, &reclaimed, 0, "");

static struct sysctl_oid *oids[] = {&sysctl__debug_badfs_refused, &sysctl__debug_badfs_undefault, &sysctl__debug_badfs_unknown_op,
	&sysctl__debug_badfs_remove_twice, &sysctl__debug_badfs_reclaimed};

kern_return_t badfs_start(kmod_info_t *ki, void *data)
{
	unsigned i;

	if (vfs_fsadd(&entry, &table) != 0)
		return KERN_FAILURE;
	for (i = 0; i < sizeof oids / sizeof *oids; i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

kern_return_t badfs_stop(kmod_info_t *ki, void *data)
{
	unsigned i;

	if (vfs_fsremove(table) != 0)
		return KERN_FAILURE;
	for (i = 0; i < sizeof oids / sizeof *oids; i++)
		sysctl_unregister_oid(oids[i]);
	return KERN_SUCCESS;
}
