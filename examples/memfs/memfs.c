/*
 * A file system in memory: `mount -t memfs` of a type that an extension brings. Files,
 * directories, symbolic and hard links; up to LIMIT bytes of data in each mount. See README.md.
 */
#include <kern/locks.h>
#include <mach/mach_types.h>
#include <string.h>
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/vnode.h>

enum { LIMIT = 16 << 20, BLOCK = 4096, MAXNODES = 10000 };

/* A file. It is there as long as it has a name (links) or a vnode. */
struct node {
	struct memfs *fs;
	uint64_t number;
	enum vtype type;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	uint32_t links;
	struct timespec made, read, written, changed;
	vnode_t vp; /* while there is one */
	uint32_t vid;
	char *data; /* a regular file's, or a link's target */
	size_t size, room;
	struct entry *entries; /* a directory's, by position */
	uint64_t last;         /* position of the last */
	struct node *parent;   /* a directory's */
};

struct entry {
	struct entry *next;
	struct node *node;
	uint64_t position;
	int length;
	char name[1];
};

/* A mount. */
struct memfs {
	mount_t mount;
	lck_mtx_t *lock; /* guards all nodes */
	struct node *root;
	uint64_t numbers, nodes, bytes;
};

static lck_grp_t *group;
static vfstable_t table;
static int (**operations)(void *);

static struct timespec now(void)
{
	struct timespec t;

	nanotime(&t);
	return t;
}

static struct node *make(struct memfs *fs, enum vtype type, mode_t mode, uid_t uid, gid_t gid)
{
	struct node *n;

	if (fs->nodes >= MAXNODES || (n = _MALLOC(sizeof *n, M_TEMP, M_WAITOK | M_ZERO)) == NULL)
		return NULL;
	fs->nodes++;
	n->fs = fs;
	n->number = ++fs->numbers + 1;
	n->type = type;
	n->mode = mode & 07777;
	n->uid = uid;
	n->gid = gid;
	n->links = type == VDIR ? 2 : 1;
	n->last = 2;
	n->made = n->read = n->written = n->changed = now();
	return n;
}

static void discard(struct node *n)
{
	n->fs->nodes--;
	n->fs->bytes -= n->room;
	if (n->data)
		_FREE(n->data, M_TEMP);
	_FREE(n, M_TEMP);
}

/* Makes room for size bytes; what is new is zero. */
static int grow(struct node *n, size_t size)
{
	size_t room = (size + BLOCK - 1) / BLOCK * BLOCK;
	char *data;

	if (size <= n->room)
		return 0;
	if (room < n->room * 2 && n->fs->bytes + n->room <= LIMIT)
		room = n->room * 2;
	if (size > LIMIT || n->fs->bytes - n->room + room > LIMIT)
		return ENOSPC;
	if ((data = _MALLOC(room, M_TEMP, M_WAITOK | M_ZERO)) == NULL)
		return ENOSPC;
	if (n->data) {
		memcpy(data, n->data, n->size);
		_FREE(n->data, M_TEMP);
	}
	n->fs->bytes += room - n->room;
	n->data = data;
	n->room = room;
	return 0;
}

static struct entry *find(struct node *dir, struct componentname *cn)
{
	struct entry *e;

	for (e = dir->entries; e; e = e->next)
		if (e->length == cn->cn_namelen && memcmp(e->name, cn->cn_nameptr, e->length) == 0)
			break;
	return e;
}

static int enter(struct node *dir, struct componentname *cn, struct node *n)
{
	struct entry *e, **p;

	if ((e = _MALLOC(sizeof *e + cn->cn_namelen, M_TEMP, M_WAITOK | M_ZERO)) == NULL)
		return ENOSPC;
	e->node = n;
	e->length = cn->cn_namelen;
	memcpy(e->name, cn->cn_nameptr, e->length);
	e->position = dir->last++;
	for (p = &dir->entries; *p; p = &(*p)->next)
		;
	*p = e;
	if (n->type == VDIR) {
		n->parent = dir;
		dir->links++;
	}
	dir->written = dir->changed = n->changed = now();
	return 0;
}

static void leave(struct node *dir, struct entry *e)
{
	struct entry **p;

	for (p = &dir->entries; *p != e; p = &(*p)->next)
		;
	*p = e->next;
	if (e->node->type == VDIR)
		dir->links--;
	dir->written = dir->changed = e->node->changed = now();
	_FREE(e, M_TEMP);
}

/* The name was n's last: without a vnode it goes now, otherwise when that is reclaimed. */
static void unlinked(struct node *n)
{
	if (n->type == VDIR) {
		n->links = 0;
		n->parent = NULL; /* that may go before it does */
	} else
		n->links--;
	if (n->links == 0 && n->vp == NULL)
		discard(n);
}

/* Gives the node's vnode, made if there is none, or the one there is is going. With the lock held. */
static int vnode_of(struct node *n, vnode_t dvp, struct componentname *cn, vnode_t *vpp)
{
	struct vnode_fsparam p;
	int error;

	if (n->vp && vnode_getwithvid(n->vp, n->vid) == 0) {
		*vpp = n->vp;
		return 0;
	}
	bzero(&p, sizeof p);
	p.vnfs_mp = n->fs->mount;
	p.vnfs_vtype = n->type;
	p.vnfs_str = "memfs";
	p.vnfs_dvp = dvp;
	p.vnfs_cnp = cn;
	p.vnfs_fsnode = n;
	p.vnfs_vops = operations;
	p.vnfs_markroot = n == n->fs->root;
	p.vnfs_filesize = n->size;
	if ((error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &p, vpp)) == 0) {
		n->vp = *vpp;
		n->vid = vnode_vid(*vpp);
	}
	return error;
}

static struct node *node_of(vnode_t vp) { return vnode_fsnode(vp); }
static void lock(struct node *n) { lck_mtx_lock(n->fs->lock); }
static void unlock(struct node *n) { lck_mtx_unlock(n->fs->lock); }

static int memfs_lookup(struct vnop_lookup_args *a)
{
	struct node *dir = node_of(a->a_dvp), *n = NULL;
	struct componentname *cn = a->a_cnp;
	struct entry *e;
	int error = ENOENT;

	lock(dir);
	if (cn->cn_flags & ISDOTDOT)
		n = dir->parent;
	else if ((e = find(dir, cn)) != NULL)
		n = e->node;
	if (n)
		error = vnode_of(n, a->a_dvp, cn, a->a_vpp);
	else if (!(cn->cn_flags & ISDOTDOT) && (cn->cn_nameiop == CREATE || cn->cn_nameiop == RENAME) && (cn->cn_flags & ISLASTCN))
		error = EJUSTRETURN;
	unlock(dir);
	return error;
}

/* Makes a name of a new file. */
static int make_in(vnode_t dvp, vnode_t *vpp, struct componentname *cn, struct vnode_attr *va, const char *target)
{
	struct node *dir = node_of(dvp), *n;
	int error = ENOSPC;

	lock(dir);
	if (dir->links == 0)
		error = ENOENT;
	else if (find(dir, cn))
		error = EEXIST;
	else if ((n = make(dir->fs, va->va_type, va->va_mode, va->va_uid, dir->gid)) != NULL) {
		error = 0;
		if (target && (error = grow(n, strlen(target))) == 0) {
			n->size = strlen(target);
			memcpy(n->data, target, n->size);
		}
		if (error == 0)
			error = enter(dir, cn, n);
		if (error)
			discard(n);
		else if ((error = vnode_of(n, dvp, cn, vpp)) != 0) {
			leave(dir, find(dir, cn));
			unlinked(n);
		}
	}
	unlock(dir);
	return error;
}

static int memfs_create(struct vnop_create_args *a)
{
	if (a->a_vap->va_type != VREG)
		return ENOTSUP;
	return make_in(a->a_dvp, a->a_vpp, a->a_cnp, a->a_vap, NULL);
}

static int memfs_mkdir(struct vnop_mkdir_args *a) { return make_in(a->a_dvp, a->a_vpp, a->a_cnp, a->a_vap, NULL); }
static int memfs_symlink(struct vnop_symlink_args *a) { return make_in(a->a_dvp, a->a_vpp, a->a_cnp, a->a_vap, a->a_target); }

static int memfs_link(struct vnop_link_args *a)
{
	struct node *n = node_of(a->a_vp), *dir = node_of(a->a_tdvp);
	int error;

	lock(dir);
	if (dir->links == 0)
		error = ENOENT; /* it has been removed */
	else if (find(dir, a->a_cnp))
		error = EEXIST;
	else if ((error = enter(dir, a->a_cnp, n)) == 0)
		n->links++;
	unlock(dir);
	return error;
}

/* Takes a name away; that of a directory only if it is empty. */
static int remove_from(vnode_t dvp, vnode_t vp, struct componentname *cn)
{
	struct node *dir = node_of(dvp), *n = node_of(vp);
	struct entry *e;
	int error = ENOENT;

	lock(dir);
	if (n->entries)
		error = ENOTEMPTY;
	else if ((e = find(dir, cn)) != NULL && e->node == n) {
		leave(dir, e);
		unlinked(n);
		error = 0;
	}
	unlock(dir);
	return error;
}

static int memfs_remove(struct vnop_remove_args *a) { return remove_from(a->a_dvp, a->a_vp, a->a_cnp); }
static int memfs_rmdir(struct vnop_rmdir_args *a) { return remove_from(a->a_dvp, a->a_vp, a->a_cnp); }

static int memfs_rename(struct vnop_rename_args *a)
{
	struct node *from = node_of(a->a_fdvp), *to = node_of(a->a_tdvp), *n = node_of(a->a_fvp), *d;
	struct entry *e, *old;
	int error = 0;

	lock(from);
	if (to->links == 0)
		error = ENOENT; /* it has been removed */
	for (d = to; d && error == 0; d = d->parent)
		if (d == n)
			error = EINVAL;
	e = find(from, a->a_fcnp);
	old = find(to, a->a_tcnp);
	if (error)
		;
	else if (e == NULL || e->node != n)
		error = ENOENT;
	else if (old && old->node->type == VDIR && old->node->entries)
		error = ENOTEMPTY;
	if (error == 0 && (!old || old->node != n) && (error = enter(to, a->a_tcnp, n)) == 0) {
		leave(from, e);
		if (old) {
			d = old->node;
			leave(to, old);
			unlinked(d);
		}
	}
	unlock(from);
	return error;
}

static int memfs_readlink(struct vnop_readlink_args *a)
{
	struct node *n = node_of(a->a_vp);

	return uiomove(n->data, (int)n->size, a->a_uio);
}

static int memfs_read(struct vnop_read_args *a)
{
	struct node *n = node_of(a->a_vp);
	off_t at = uio_offset(a->a_uio);
	int error = 0;

	if (vnode_isdir(a->a_vp))
		return EISDIR;
	lock(n);
	if (at < (off_t)n->size)
		error = uiomove(n->data + at, (int)(n->size - at), a->a_uio);
	n->read = now();
	unlock(n);
	return error;
}

static int memfs_write(struct vnop_write_args *a)
{
	struct node *n = node_of(a->a_vp);
	user_ssize_t left = uio_resid(a->a_uio);
	off_t at;
	int error;

	lock(n);
	if (a->a_ioflag & IO_APPEND)
		uio_setoffset(a->a_uio, n->size);
	at = uio_offset(a->a_uio);
	if (at < 0 || left < 0)
		error = EINVAL;
	else if (at > LIMIT || left > LIMIT)
		error = EFBIG;
	else if ((error = grow(n, at + left)) == 0 && (error = uiomove(n->data + at, (int)left, a->a_uio)) == 0) {
		if (at + left > (off_t)n->size)
			n->size = at + left;
		n->written = n->changed = now();
	}
	unlock(n);
	return error;
}

/* A position is that of the next entry: 0 is ".", 1 is "..", and the others have their own. */
static int memfs_readdir(struct vnop_readdir_args *a)
{
	struct node *dir = node_of(a->a_vp);
	off_t at = uio_offset(a->a_uio);
	struct entry *e;
	struct dirent d;
	int count = 0, end = 1, error = 0;

	if (!vnode_isdir(a->a_vp))
		return ENOTDIR;
	lock(dir);
	e = dir->entries;
	while (error == 0) {
		bzero(&d, sizeof d);
		if (at < 2) {
			d.d_ino = (uint32_t)(at == 1 && dir->parent ? dir->parent : dir)->number;
			d.d_type = DT_DIR;
			d.d_namlen = at + 1;
			memcpy(d.d_name, "..", d.d_namlen);
		} else {
			while (e && e->position < (uint64_t)at)
				e = e->next;
			if (e == NULL)
				break;
			d.d_ino = (uint32_t)e->node->number;
			d.d_type = VTTOIF(e->node->type) >> 12;
			d.d_namlen = e->length;
			memcpy(d.d_name, e->name, e->length);
			at = e->position;
		}
		d.d_reclen = (__builtin_offsetof(struct dirent, d_name) + d.d_namlen + 1 + 3) & ~3;
		if (d.d_reclen > uio_resid(a->a_uio)) {
			end = 0;
			break;
		}
		error = uiomove((char *)&d, d.d_reclen, a->a_uio);
		at++;
		count++;
	}
	uio_setoffset(a->a_uio, at);
	unlock(dir);
	if (a->a_eofflag)
		*a->a_eofflag = end;
	if (a->a_numdirent)
		*a->a_numdirent = count;
	return error;
}

static int memfs_getattr(struct vnop_getattr_args *a)
{
	struct node *n = node_of(a->a_vp);
	struct vnode_attr *va = a->a_vap;

	lock(n);
	VATTR_RETURN(va, va_nlink, n->links);
	VATTR_RETURN(va, va_data_size, n->size);
	VATTR_RETURN(va, va_total_alloc, n->room);
	VATTR_RETURN(va, va_iosize, BLOCK);
	VATTR_RETURN(va, va_uid, n->uid);
	VATTR_RETURN(va, va_gid, n->gid);
	VATTR_RETURN(va, va_mode, n->mode);
	VATTR_RETURN(va, va_create_time, n->made);
	VATTR_RETURN(va, va_access_time, n->read);
	VATTR_RETURN(va, va_modify_time, n->written);
	VATTR_RETURN(va, va_change_time, n->changed);
	VATTR_RETURN(va, va_fileid, n->number);
	unlock(n);
	return 0;
}

static int memfs_setattr(struct vnop_setattr_args *a)
{
	struct node *n = node_of(a->a_vp);
	struct vnode_attr *va = a->a_vap;
	int error = 0;

	lock(n);
	if (VATTR_IS_ACTIVE(va, va_data_size)) {
		if ((error = grow(n, va->va_data_size)) == 0) {
			if (va->va_data_size < n->size)
				bzero(n->data + va->va_data_size, n->size - va->va_data_size);
			n->size = va->va_data_size;
			if (n->size == 0 && n->data) {
				_FREE(n->data, M_TEMP);
				n->data = NULL;
				n->fs->bytes -= n->room;
				n->room = 0;
			}
			n->written = now();
			VATTR_SET_SUPPORTED(va, va_data_size);
		}
	}
	if (VATTR_IS_ACTIVE(va, va_uid)) {
		n->uid = va->va_uid;
		VATTR_SET_SUPPORTED(va, va_uid);
	}
	if (VATTR_IS_ACTIVE(va, va_gid)) {
		n->gid = va->va_gid;
		VATTR_SET_SUPPORTED(va, va_gid);
	}
	if (VATTR_IS_ACTIVE(va, va_mode)) {
		n->mode = va->va_mode & 07777;
		VATTR_SET_SUPPORTED(va, va_mode);
	}
	if (VATTR_IS_ACTIVE(va, va_access_time)) {
		n->read = va->va_access_time;
		VATTR_SET_SUPPORTED(va, va_access_time);
	}
	if (VATTR_IS_ACTIVE(va, va_modify_time)) {
		n->written = va->va_modify_time;
		VATTR_SET_SUPPORTED(va, va_modify_time);
	}
	n->changed = now();
	unlock(n);
	return error;
}

/* Nobody uses the vnode any more. */
static int memfs_reclaim(struct vnop_reclaim_args *a)
{
	struct node *n = node_of(a->a_vp);
	struct memfs *fs = n->fs;

	lck_mtx_lock(fs->lock);
	vnode_clearfsnode(a->a_vp);
	if (n->vp == a->a_vp) { /* another may have come already */
		n->vp = NULL;
		if (n->links == 0)
			discard(n);
	}
	lck_mtx_unlock(fs->lock);
	return 0;
}

static int memfs_nothing(void *a) { return 0; }

#define OP(name, f) {&vnop_##name##_desc, (int (*)(void *))f}
static const struct vnodeopv_entry_desc entries[] = {
	OP(default, vn_default_error), OP(lookup, memfs_lookup), OP(create, memfs_create), OP(mkdir, memfs_mkdir),
	OP(symlink, memfs_symlink), OP(link, memfs_link), OP(remove, memfs_remove), OP(rmdir, memfs_rmdir),
	OP(rename, memfs_rename), OP(readlink, memfs_readlink), OP(read, memfs_read), OP(write, memfs_write),
	OP(readdir, memfs_readdir), OP(getattr, memfs_getattr), OP(setattr, memfs_setattr), OP(reclaim, memfs_reclaim),
	OP(open, memfs_nothing), OP(close, memfs_nothing), OP(inactive, memfs_nothing), OP(fsync, memfs_nothing), {0},
};
static struct vnodeopv_desc vector = {&operations, entries}, *vectors[] = {&vector};

static int memfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
	struct memfs *fs = _MALLOC(sizeof *fs, M_TEMP, M_WAITOK | M_ZERO);

	if (fs == NULL)
		return ENOMEM;
	fs->mount = mp;
	fs->lock = lck_mtx_alloc_init(group, NULL);
	if ((fs->root = make(fs, VDIR, 0755, 0, 0)) == NULL) {
		lck_mtx_free(fs->lock, group);
		_FREE(fs, M_TEMP);
		return ENOMEM;
	}
	vfs_setfsprivate(mp, fs);
	strlcpy(vfs_statfs(mp)->f_mntfromname, "memory", MAXPATHLEN);
	return 0;
}

static int memfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
	struct memfs *fs = vfs_fsprivate(mp);
	int error;

	lck_mtx_lock(fs->lock);
	error = vnode_of(fs->root, NULL, NULL, vpp);
	lck_mtx_unlock(fs->lock);
	return error;
}

static int memfs_unmount(mount_t mp, int flags, vfs_context_t context)
{
	struct memfs *fs = vfs_fsprivate(mp);
	struct node *dir, *n;
	int error;

	if ((error = vflush(mp, NULL, flags & MNT_FORCE ? FORCECLOSE : 0)) != 0)
		return error;
	/* No vnode is left: every node has a name. Its depth is no stack's: what is in a directory comes up. */
	for (dir = fs->root; dir;) {
		if (dir->entries == NULL) {
			n = dir->parent;
			if (dir != fs->root)
				discard(dir);
			dir = n;
			continue;
		}
		n = dir->entries->node;
		leave(dir, dir->entries);
		if (n->type == VDIR)
			dir = n;
		else
			unlinked(n);
	}
	discard(fs->root);
	vfs_setfsprivate(mp, NULL);
	lck_mtx_free(fs->lock, group);
	_FREE(fs, M_TEMP);
	return 0;
}

static int memfs_statfs(mount_t mp, struct vfs_attr *fa, vfs_context_t context)
{
	struct memfs *fs = vfs_fsprivate(mp);

	lck_mtx_lock(fs->lock);
	VFSATTR_RETURN(fa, f_bsize, BLOCK);
	VFSATTR_RETURN(fa, f_iosize, BLOCK);
	VFSATTR_RETURN(fa, f_blocks, LIMIT / BLOCK);
	VFSATTR_RETURN(fa, f_bfree, (LIMIT - fs->bytes) / BLOCK);
	VFSATTR_RETURN(fa, f_bavail, (LIMIT - fs->bytes) / BLOCK);
	VFSATTR_RETURN(fa, f_files, MAXNODES);
	VFSATTR_RETURN(fa, f_ffree, MAXNODES - fs->nodes);
	lck_mtx_unlock(fs->lock);
	return 0;
}

static int memfs_sync(mount_t mp, int wait, vfs_context_t context) { return 0; }

static struct vfsops vfsops = {
	.vfs_mount = memfs_mount,
	.vfs_unmount = memfs_unmount,
	.vfs_root = memfs_root,
	.vfs_getattr = memfs_statfs,
	.vfs_sync = memfs_sync,
};
static struct vfs_fsentry entry = {
	.vfe_vfsops = &vfsops,
	.vfe_vopcnt = 1,
	.vfe_opvdescs = vectors,
	.vfe_fsname = "memfs",
	.vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBL64BITREADY,
};

kern_return_t memfs_start(kmod_info_t *ki, void *data)
{
	if ((group = lck_grp_alloc_init("memfs", NULL)) == NULL)
		return KERN_RESOURCE_SHORTAGE;
	if (vfs_fsadd(&entry, &table) != 0) {
		lck_grp_free(group);
		return KERN_FAILURE;
	}
	return KERN_SUCCESS;
}

kern_return_t memfs_stop(kmod_info_t *ki, void *data)
{
	if (vfs_fsremove(table) != 0)
		return KERN_FAILURE; /* it is mounted */
	lck_grp_free(group);
	return KERN_SUCCESS;
}
