/* Kernel authorization and files, from kernel code: a listener for each of the kernel's scopes,
 * a scope of its own, and what <sys/vnode.h> offers. */
#include <IOKit/IOLib.h>
#include <kern/thread.h>
#include <libkern/OSAtomic.h>
#include <libkern/libkern.h>
#include <mach/mach_types.h>
#include <stdint.h>
#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/mount.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <sys/ubc.h>
#include <sys/ucred.h>
#include <sys/vnode.h>
#include <vm/vm_kern.h>

static char top[MAXPATHLEN]; /* the folder that is watched */
static int executes, attributes, fails;
static int looked; /* how often the listener of vnodes looked at something itself */
static thread_t looking;
static kauth_listener_t vnodes, fileops, processes, teas;

static int under(const char *path)
{
	size_t n = strlen(top);
	return n > 0 && strncmp(path, top, n) == 0 && path[n] == '/';
}

static int ends(const char *path, const char *with)
{
	size_t n = strlen(path), m = strlen(with);
	return n >= m && strcmp(path + n - m, with) == 0;
}

/* Files named .keep can't be removed (EROFS), those named secret not looked at (EACCES). */
static int vnode_listener(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t ctx, uintptr_t vp,
    uintptr_t dvp, uintptr_t error)
{
	char path[MAXPATHLEN];
	int len = sizeof(path);

	if (idata != &vnodes || vfs_context_pid((vfs_context_t)ctx) != proc_selfpid() ||
	    kauth_cred_getuid(vfs_context_ucred((vfs_context_t)ctx)) != kauth_cred_getuid(cred))
		fails++;
	if (looking == current_thread())
		fails++; /* it is not asked about what it does itself */
	if (vn_getpath((vnode_t)vp, path, &len) != 0 || !under(path))
		return KAUTH_RESULT_DEFER;
	if (ends(path, "/a")) {
		vnode_t again = 0;
		looking = current_thread();
		if (vnode_lookup(path, 0, &again, (vfs_context_t)ctx) == 0) {
			vnode_put(again);
			OSIncrementAtomic(&looked);
		}
		looking = 0;
	}
	if (action & KAUTH_VNODE_DELETE && !(action & KAUTH_VNODE_ACCESS)) {
		if (!dvp || !vnode_isdir((vnode_t)dvp))
			fails++;
		if (ends(path, ".keep")) {
			*(int *)error = EROFS;
			return KAUTH_RESULT_DENY;
		}
	}
	if (action & KAUTH_VNODE_READ_ATTRIBUTES) {
		OSIncrementAtomic(&attributes);
		if (ends(path, "/secret"))
			return KAUTH_RESULT_DENY;
	}
	if (action & KAUTH_VNODE_EXECUTE && vnode_isreg((vnode_t)vp))
		OSIncrementAtomic(&executes);
	return KAUTH_RESULT_ALLOW;
}

static int fileop_listener(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0, uintptr_t arg1,
    uintptr_t arg2, uintptr_t arg3)
{
	static const char *names[] = {"", "open", "close", "rename", "exchange", "link", "exec", "delete", "will rename"};
	const char *from = (const char *)arg1, *to = "";

	(void)cred, (void)idata, (void)arg3;
	if (action == KAUTH_FILEOP_RENAME || action == KAUTH_FILEOP_LINK) {
		from = (const char *)arg0;
		to = (const char *)arg1;
	} else if (action == KAUTH_FILEOP_WILL_RENAME)
		to = (const char *)arg2;
	else if (action == KAUTH_FILEOP_CLOSE && arg2 & KAUTH_FILEOP_CLOSE_MODIFIED)
		to = "modified";
	if (under(from))
		printf("fileop %s %s %s\n", names[action], from + strlen(top) + 1, under(to) ? to + strlen(top) + 1 : to);
	return KAUTH_RESULT_DENY; /* nobody cares */
}

/* Nobody traces a process whose name ends in a z. */
static int process_listener(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t p, uintptr_t error,
    uintptr_t arg2, uintptr_t arg3)
{
	(void)cred, (void)idata, (void)arg2, (void)arg3;
	if (action == KAUTH_PROCESS_CANTRACE) {
		*(int *)error = EBUSY;
		printf("cantrace %d\n", proc_pid((proc_t)p) > 0);
		return KAUTH_RESULT_DENY;
	}
	return KAUTH_RESULT_DEFER;
}

/* A scope of one's own: who may have tea. 1 all, 2 nobody, 3 who asks. */
static int tea(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0, uintptr_t arg1, uintptr_t arg2,
    uintptr_t arg3)
{
	(void)cred;
	if (idata != &tea || arg0 != 10 || arg1 != 11 || arg2 != 12 || arg3 != 13)
		fails++;
	return action;
}

static int tea_listener(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0, uintptr_t arg1,
    uintptr_t arg2, uintptr_t arg3)
{
	(void)cred, (void)idata, (void)action, (void)arg0, (void)arg1, (void)arg2;
	return arg3 == 13 ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DENY;
}

/* Where struct vnode_attr and struct vfsstatfs have what the kernel puts there. */
#define AT(s, m, off) _Static_assert(offsetof(struct s, m) == (off), #m)
#define ATTR(m, bit, off, size)                                              \
	AT(vnode_attr, m, off);                                                     \
	_Static_assert(sizeof(((struct vnode_attr *)0)->m) == (size), "size of " #m); \
	_Static_assert(VNODE_ATTR_##m == 1ULL << (bit), "bit of " #m)
AT(vnode_attr, va_supported, 0);
AT(vnode_attr, va_active, 8);
ATTR(va_rdev, 0, 20, 4);
ATTR(va_nlink, 1, 24, 8);
ATTR(va_total_size, 2, 32, 8);
ATTR(va_total_alloc, 3, 40, 8);
ATTR(va_data_size, 4, 48, 8);
ATTR(va_data_alloc, 5, 56, 8);
ATTR(va_iosize, 6, 64, 4);
ATTR(va_uid, 7, 68, 4);
ATTR(va_gid, 8, 72, 4);
ATTR(va_mode, 9, 76, 2);
ATTR(va_flags, 10, 80, 4);
ATTR(va_create_time, 12, 96, 16);
ATTR(va_access_time, 13, 112, 16);
ATTR(va_modify_time, 14, 128, 16);
ATTR(va_change_time, 15, 144, 16);
ATTR(va_fileid, 17, 176, 8);
ATTR(va_fsid, 20, 200, 4);
ATTR(va_type, 24, 224, 4);
_Static_assert(sizeof(struct vnode_attr) >= 228, "struct vnode_attr");
AT(vfsstatfs, f_iosize, 4);
AT(vfsstatfs, f_blocks, 12);
AT(vfsstatfs, f_bfree, 20);
AT(vfsstatfs, f_bavail, 28);
AT(vfsstatfs, f_bused, 36);
AT(vfsstatfs, f_files, 44);
AT(vfsstatfs, f_ffree, 52);
AT(vfsstatfs, f_fsid, 60);
AT(vfsstatfs, f_owner, 68);
AT(vfsstatfs, f_flags, 72);
AT(vfsstatfs, f_fstypename, 80);
AT(vfsstatfs, f_mntonname, 96);

#define CHECK(x)          \
	do {                  \
		if (!(x))         \
			return __LINE__; \
	} while (0)

/* 1, or the line of what is wrong. */
int scopes(void)
{
	kauth_cred_t cred = kauth_cred_get();
	/* A listener may come before its scope. */
	kauth_listener_t early = kauth_listen_scope("com.example.tea", tea_listener, 0);
	CHECK(early);
	kauth_scope_t s = kauth_register_scope("com.example.tea", tea, &tea);
	CHECK(s);
	CHECK(kauth_register_scope("com.example.tea", tea, 0) == 0);
	CHECK(kauth_register_scope(KAUTH_SCOPE_VNODE, tea, 0) == 0);
	CHECK(kauth_authorize_action(s, cred, KAUTH_RESULT_ALLOW, 10, 11, 12, 13) == 0);
	CHECK(kauth_authorize_action(s, cred, KAUTH_RESULT_DENY, 10, 11, 12, 13) == EPERM);
	CHECK(kauth_authorize_action(s, cred, KAUTH_RESULT_DEFER, 10, 11, 12, 13) == 0);
	kauth_unlisten_scope(early);
	CHECK(kauth_authorize_action(s, cred, KAUTH_RESULT_DEFER, 10, 11, 12, 13) == EPERM);
	kauth_deregister_scope(s);
	CHECK(kauth_authorize_generic(cred, KAUTH_GENERIC_ISSUSER) == (kauth_cred_getuid(cred) ? EPERM : 0));
	return fails == 0;
}

/* Whether the process may be traced by its own user: an error. */
int process(void)
{
	proc_t self = proc_self();
	int error = 0, e = kauth_authorize_process(kauth_cred_get(), KAUTH_PROCESS_CANTRACE, self, (uintptr_t)&error, 0, 0);

	proc_rele(self);
	return e;
}

/* The same without a listener. */
int process_alone(void)
{
	kauth_unlisten_scope(processes);
	int e = process();
	processes = kauth_listen_scope(KAUTH_SCOPE_PROCESS, process_listener, 0);
	return processes ? e : -1;
}

/* Contexts: there is an end to those that are created, and a lent one can't be released. */
int contexts(void)
{
	static vfs_context_t all[1 << 15];
	int n = 0, i;

	while (n < 1 << 15 && (all[n] = vfs_context_create(0)) != 0)
		n++;
	CHECK(n >= 1000 && n < 1 << 15);
	for (i = 0; i < n; i++)
		CHECK(vfs_context_rele(all[i]) == 0);
	CHECK(vfs_context_current() && vfs_context_current() == vfs_context_current());
	return 1;
}

int context_lent(void)
{
	vfs_context_rele(vfs_context_current());
	return 1;
}

/* Writes, reads and looks at files below top. */
int files(void)
{
	vfs_context_t ctx = vfs_context_create(0);
	kauth_cred_t cred = vfs_context_ucred(ctx);
	proc_t p = vfs_context_proc(ctx);
	char path[MAXPATHLEN], got[MAXPATHLEN], buf[64];
	vnode_t vp, again, dvp;
	int resid, len;

	snprintf(path, sizeof(path), "%s/from the kernel", top);
	CHECK(vnode_lookup(path, 0, &vp, ctx) == ENOENT);
	CHECK(vnode_open(path, FREAD | FWRITE | O_CREAT | O_EXCL, 0640, 0, &vp, ctx) == 0);
	CHECK(vn_rdwr(UIO_WRITE, vp, "Hello, files", 12, 0, UIO_SYSSPACE, IO_UNIT, cred, &resid, p) == 0 && resid == 0);
	CHECK(vn_rdwr(UIO_WRITE, vp, "!", 1, 0, UIO_SYSSPACE, IO_APPEND, cred, &resid, p) == 0);
	memset(buf, 0, sizeof(buf));
	CHECK(vn_rdwr(UIO_READ, vp, buf, 5, 7, UIO_SYSSPACE, 0, cred, &resid, p) == 0 && resid == 0);
	CHECK(strcmp(buf, "files") == 0);
	CHECK(vn_rdwr(UIO_READ, vp, buf, 64, 10, UIO_SYSSPACE, 0, cred, &resid, p) == 0 && resid == 61);
	CHECK(vn_rdwr(UIO_READ, vp, buf, 64, 10, UIO_SYSSPACE, 0, cred, 0, p) == EIO);

	struct vnode_attr va;
	VATTR_INIT(&va);
	VATTR_WANTED(&va, va_data_size);
	VATTR_WANTED(&va, va_mode);
	VATTR_WANTED(&va, va_uid);
	VATTR_WANTED(&va, va_type);
	VATTR_WANTED(&va, va_modify_time);
	VATTR_WANTED(&va, va_backup_time);
	CHECK(vnode_getattr(vp, &va, ctx) == 0);
	CHECK(va.va_data_size == 13 && (va.va_mode & 0777) == 0640 && va.va_type == VREG && va.va_modify_time.tv_sec > 1000000000);
	CHECK(VATTR_IS_SUPPORTED(&va, va_uid) && VATTR_NOT_RETURNED(&va, va_backup_time) && !VATTR_ALL_SUPPORTED(&va));
	VATTR_INIT(&va);
	VATTR_SET(&va, va_mode, 0600);
	VATTR_SET(&va, va_data_size, 5);
	CHECK(vnode_setattr(vp, &va, ctx) == 0 && VATTR_ALL_SUPPORTED(&va));
	off_t size = 0;
	CHECK(vnode_size(vp, &size, ctx) == 0 && size == 5);

	len = sizeof(got);
	CHECK(vn_getpath(vp, got, &len) == 0 && strcmp(got, path) == 0 && len == (int)strlen(path) + 1);
	len = 4;
	CHECK(vn_getpath(vp, got, &len) == ENOSPC);
	const char *name = vnode_getname(vp);
	CHECK(name && strcmp(name, "from the kernel") == 0);
	vnode_putname(name);
	dvp = vnode_getparent(vp);
	CHECK(dvp && vnode_isdir(dvp) && vnode_vtype(dvp) == VDIR && !vnode_isreg(dvp));
	CHECK(vnode_put(dvp) == 0);

	CHECK(vnode_lookup(path, VNODE_LOOKUP_NOFOLLOW, &again, ctx) == 0 && again == vp);
	CHECK(vnode_isreg(vp) && !vnode_islnk(vp) && !vnode_ischr(vp) && !vnode_isvroot(vp));
	uint32_t vid = vnode_vid(vp);
	CHECK(vnode_getwithvid(vp, vid) == 0 && vnode_put(vp) == 0);
	CHECK(vnode_getwithvid(vp, vid + 1) == ENOENT);
	CHECK(vnode_ref(vp) == 0);
	vnode_rele(vp);
	CHECK(vnode_isinuse(vp, 2) && !vnode_isinuse(vp, 3)); /* vp, again, and the open */
	CHECK(vnode_authorize(vp, 0, KAUTH_VNODE_READ_DATA, ctx) == 0);
	CHECK(vnode_authorize(vp, 0, KAUTH_VNODE_DELETE, ctx) == EINVAL);

	/* Symbolic links and mounts on the way. */
	vnode_t no = 0;
	snprintf(path, sizeof(path), "%s/to dir/from the kernel", top);
	CHECK(vnode_lookup(path, VNODE_LOOKUP_NOFOLLOW, &no, ctx) == 0 && no == vp && vnode_put(no) == 0);
	CHECK(vnode_lookup(path, VNODE_LOOKUP_NOFOLLOW_ANY, &no, ctx) == ELOOP);
	CHECK(vnode_open(path, FREAD, 0, VNODE_LOOKUP_NOFOLLOW_ANY, &no, ctx) == ELOOP);
	CHECK(vnode_open(path, FREAD, 0, VNODE_LOOKUP_NOCROSSMOUNT, &no, ctx) == ENOTSUP);
	CHECK(vnode_open(path, FREAD, 0, VNODE_LOOKUP_NOFOLLOW, &no, ctx) == 0 && no == vp && vnode_close(no, FREAD, ctx) == 0);
	snprintf(path, sizeof(path), "%s/from the kernel", top);

	mount_t mp = vnode_mount(vp);
	struct vfsstatfs *sf = vfs_statfs(mp);
	CHECK(mp && sf && sf->f_bsize > 0 && sf->f_blocks > 0 && sf->f_mntonname[0] == '/');
	vfs_name(mp, got);
	CHECK(strcmp(got, sf->f_fstypename) == 0 && vfs_isrdonly(mp) == 0);
	vnode_vfsname(vp, got);
	CHECK(strcmp(got, sf->f_fstypename) == 0 && vfs_flags(mp) == sf->f_flags);

	CHECK(vnode_put(again) == 0);
	CHECK(vnode_close(vp, FREAD | FWRITE, ctx) == 0);
	CHECK(vnode_lookup(path, 0, &vp, ctx) == 0);
	memset(buf, 0, sizeof(buf));
	CHECK(vn_rdwr(UIO_READ, vp, buf, 5, 0, UIO_SYSSPACE, 0, cred, &resid, p) == 0 && strcmp(buf, "Hello") == 0);
	CHECK(vnode_put(vp) == 0);
	CHECK(vfs_context_rele(ctx) == 0);
	return 1;
}

static int is(vnode_t vp, off_t offset, char c)
{
	char b[2];
	int resid;
	return vn_rdwr(UIO_READ, vp, b, 2, offset, UIO_SYSSPACE, 0, kauth_cred_get(), &resid, 0) == 0 && b[0] == c && b[1] == c;
}

#define PAGE 4096

/* A file's pages by universal page lists. */
int pages(void)
{
	char path[MAXPATHLEN];
	vnode_t vp;
	upl_t upl, last;
	upl_page_info_t *pl;
	vm_offset_t at;
	char *page;
	int resid, i;

	snprintf(path, sizeof(path), "%s/pages", top);
	CHECK(vnode_open(path, FREAD | FWRITE | O_CREAT, 0600, 0, &vp, 0) == 0);
	CHECK(kmem_alloc(kernel_map, (vm_offset_t *)&page, 5 * PAGE) == KERN_SUCCESS);
	for (i = 0; i < 5; i++)
		memset(page + i * PAGE, 'a' + i, PAGE);
	CHECK(vn_rdwr(UIO_WRITE, vp, page, 5 * PAGE, 0, UIO_SYSSPACE, 0, kauth_cred_get(), &resid, 0) == 0 && resid == 0);
	CHECK(ubc_getsize(vp) == 5 * PAGE);

	CHECK(ubc_create_upl(vp, 100, PAGE, &upl, &pl, 0) == KERN_INVALID_ARGUMENT);
	CHECK(ubc_create_upl(vp, 4 * PAGE, PAGE, &last, 0, 0) == KERN_SUCCESS); /* keeps the file's pages in memory */
	/* Absent pages come to be filled: two are, two are not. */
	CHECK(ubc_create_upl(vp, 0, 4 * PAGE, &upl, &pl, 0) == KERN_SUCCESS && pl == ubc_upl_pageinfo(upl));
	for (i = 0; i < 4; i++)
		CHECK(upl_page_present(pl, i) && !upl_valid_page(pl, i) && !upl_dirty_page(pl, i) && upl_phys_page(pl, i) != 0);
	CHECK(ubc_upl_map(upl, &at) == KERN_SUCCESS && ubc_upl_map(upl, &at) == KERN_FAILURE);
	memset((char *)at, 'X', 3 * PAGE);
	CHECK(ubc_upl_unmap(upl) == KERN_SUCCESS && ubc_upl_unmap(upl) == KERN_FAILURE);
	CHECK(ubc_upl_commit_range(upl, 0, 2 * PAGE, UPL_COMMIT_FREE_ON_EMPTY | UPL_COMMIT_SET_DIRTY) == KERN_SUCCESS);
	CHECK(ubc_upl_commit_range(upl, 1, PAGE, 0) == KERN_INVALID_ARGUMENT);
	CHECK(ubc_upl_abort_range(upl, 2 * PAGE, 2 * PAGE, UPL_ABORT_ERROR | UPL_ABORT_FREE_ON_EMPTY) == KERN_SUCCESS);
	CHECK(is(vp, 0, 'X') && is(vp, PAGE, 'X') && is(vp, 2 * PAGE, 'c') && is(vp, 3 * PAGE, 'd'));

	/* The first is clean again, as if it had been written. */
	CHECK(ubc_create_upl(vp, 0, PAGE, &upl, &pl, UPL_COPYOUT_FROM) == KERN_SUCCESS && upl_dirty_page(pl, 0));
	CHECK(ubc_upl_commit_range(upl, 0, PAGE, UPL_COMMIT_CLEAR_DIRTY | UPL_COMMIT_FREE_ON_EMPTY) == KERN_SUCCESS);

	/* A page that is there, made dirty. */
	boolean_t empty = FALSE;
	CHECK(ubc_create_upl(vp, PAGE, PAGE, &upl, &pl, 0) == KERN_SUCCESS && upl_valid_page(pl, 0));
	CHECK(ubc_upl_map(upl, &at) == KERN_SUCCESS && *(char *)at == 'X');
	memset((char *)at, 'Y', PAGE);
	CHECK(upl_commit_range(upl, 0, PAGE, UPL_COMMIT_SET_DIRTY, pl, 1, &empty) == KERN_SUCCESS && empty);
	upl_deallocate(upl);
	CHECK(ubc_create_upl(vp, 0, 2 * PAGE, &upl, &pl, UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY) == KERN_SUCCESS);
	CHECK(!upl_page_present(pl, 0) && upl_page_present(pl, 1) && upl_dirty_page(pl, 1));
	CHECK(ubc_upl_map(upl, &at) == KERN_FAILURE); /* not all pages are held */
	CHECK(ubc_upl_abort(upl, 0) == KERN_SUCCESS);
	CHECK(ubc_upl_abort(last, UPL_ABORT_ERROR) == KERN_SUCCESS);
	/* With the last list the pages have gone: the dirty one to the file, the clean one not. */
	CHECK(is(vp, 0, 'a') && is(vp, PAGE, 'Y') && is(vp, 4 * PAGE, 'e'));

	/* Memory: the kernel's own. */
	upl_size_t size = 2 * PAGE;
	unsigned count = 8;
	int flags = UPL_COPYOUT_FROM;
	upl_page_info_t list[8];
	CHECK(vm_map_get_upl(kernel_map, (vm_offset_t)page, &size, &upl, list, &count, &flags, 0) == KERN_SUCCESS);
	CHECK(size == 2 * PAGE && count == 2 && upl_valid_page(list, 0) && upl_valid_page(list, 1));
	CHECK(ubc_upl_map(upl, &at) == KERN_SUCCESS && ((char *)at)[PAGE] == 'b');
	CHECK(upl_commit(upl, list, count) == KERN_SUCCESS);
	upl_deallocate(upl);
	kmem_free(kernel_map, (vm_offset_t)page, 5 * PAGE);
	CHECK(vnode_close(vp, FREAD | FWRITE, 0) == 0);
	return 1;
}

/* A page that is held across a sleep: whoever needs it meanwhile gets what is put there. */
static volatile int holding;
static vnode_t held;
static upl_t held_list;

static void let_go(void *arg)
{
	(void)arg;
	IOSleep(500);
	holding = 0;
	ubc_upl_commit(held_list);
	vnode_close(held, FREAD | FWRITE, 0);
	IOExitThread();
}

int pages_held(void)
{
	char path[MAXPATHLEN];
	upl_page_info_t *pl;
	vm_offset_t at;

	snprintf(path, sizeof(path), "%s/held", top);
	CHECK(vnode_open(path, FREAD | FWRITE, 0600, 0, &held, 0) == 0);
	CHECK(ubc_create_upl(held, 0, PAGE, &held_list, &pl, 0) == KERN_SUCCESS && !upl_valid_page(pl, 0));
	CHECK(ubc_upl_map(held_list, &at) == KERN_SUCCESS);
	memset((char *)at, 'H', PAGE);
	CHECK(ubc_upl_unmap(held_list) == KERN_SUCCESS);
	holding = 1;
	CHECK(IOCreateThread(let_go, 0));
	return 1;
}

/* A list that has been freed. */
int pages_dead(void)
{
	vm_offset_t page, at;
	upl_size_t size = PAGE;
	int flags = 0;
	upl_t upl;
	CHECK(kmem_alloc(kernel_map, &page, PAGE) == KERN_SUCCESS);
	CHECK(vm_map_get_upl(kernel_map, page, &size, &upl, 0, 0, &flags, 0) == KERN_SUCCESS);
	upl_deallocate(upl);
	ubc_upl_map(upl, &at);
	return 1;
}

/* More references put back than taken. */
int put_twice(void)
{
	vnode_t vp;
	CHECK(vnode_lookup("/", 0, &vp, 0) == 0);
	vnode_put(vp);
	vnode_put(vp);
	return 1;
}

/* The uid of struct ucred, as the process has it now; the references balance. */
int ucred_uid(void)
{
	struct ucred *cr = crdup((struct ucred *)kauth_cred_get());
	int uid;

	crhold(cr);
	if (cr->cr_ref != 2)
		return -1;
	crfree(cr);
	uid = cr->cr_uid;
	crfree(cr);
	return uid;
}

static int self_test(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
	int v = ((int (*)(void))arg1)();
	(void)oidp, (void)arg2;
	return SYSCTL_OUT(req, &v, sizeof(v));
}

SYSCTL_STRING(_debug, OID_AUTO, kauth_top, CTLFLAG_RW, top, sizeof(top), "the folder that is watched");
SYSCTL_INT(_debug, OID_AUTO, kauth_executes, CTLFLAG_RD, &executes, 0, "");
SYSCTL_INT(_debug, OID_AUTO, kauth_attributes, CTLFLAG_RD, &attributes, 0, "");
SYSCTL_INT(_debug, OID_AUTO, kauth_fails, CTLFLAG_RD, &fails, 0, "");
SYSCTL_INT(_debug, OID_AUTO, kauth_looked, CTLFLAG_RD, &looked, 0, "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_process, CTLTYPE_INT | CTLFLAG_RD, process, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_process_alone, CTLTYPE_INT | CTLFLAG_RD, process_alone, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_contexts, CTLTYPE_INT | CTLFLAG_RD, contexts, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_context_lent, CTLTYPE_INT | CTLFLAG_RD, context_lent, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_scopes, CTLTYPE_INT | CTLFLAG_RD, scopes, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_files, CTLTYPE_INT | CTLFLAG_RD, files, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_pages, CTLTYPE_INT | CTLFLAG_RD, pages, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_pages_dead, CTLTYPE_INT | CTLFLAG_RD, pages_dead, 0, self_test, "I", "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_pages_held, CTLTYPE_INT | CTLFLAG_RD, pages_held, 0, self_test, "I", "");
SYSCTL_INT(_debug, OID_AUTO, kauth_holding, CTLFLAG_RD, (int *)&holding, 0, "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_uid, CTLTYPE_INT | CTLFLAG_RD, ucred_uid, 0, self_test, "I", "");
SYSCTL_INT(_debug, OID_AUTO, kauth_console, CTLFLAG_RD, (int *)&console_user, 0, "");
SYSCTL_PROC(_debug, OID_AUTO, kauth_put_twice, CTLTYPE_INT | CTLFLAG_RD, put_twice, 0, self_test, "I", "");

static struct sysctl_oid *oids[] = {&sysctl__debug_kauth_top, &sysctl__debug_kauth_executes, &sysctl__debug_kauth_attributes,
	&sysctl__debug_kauth_fails, &sysctl__debug_kauth_scopes, &sysctl__debug_kauth_files, 
	&sysctl__debug_kauth_put_twice, &sysctl__debug_kauth_pages, &sysctl__debug_kauth_uid, &sysctl__debug_kauth_console, &sysctl__debug_kauth_pages_dead,
	&sysctl__debug_kauth_pages_held, &sysctl__debug_kauth_holding, &sysctl__debug_kauth_looked, &sysctl__debug_kauth_process,
	&sysctl__debug_kauth_process_alone, &sysctl__debug_kauth_contexts, &sysctl__debug_kauth_context_lent};

static kern_return_t kauth_start(kmod_info_t *ki, void *data)
{
	(void)ki, (void)data;
	vnodes = kauth_listen_scope(KAUTH_SCOPE_VNODE, vnode_listener, &vnodes);
	fileops = kauth_listen_scope(KAUTH_SCOPE_FILEOP, fileop_listener, 0);
	processes = kauth_listen_scope(KAUTH_SCOPE_PROCESS, process_listener, 0);
	if (!vnodes || !fileops || !processes)
		return KERN_FAILURE;
	for (unsigned i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

static kern_return_t kauth_stop(kmod_info_t *ki, void *data)
{
	(void)ki, (void)data, (void)teas;
	for (unsigned i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		sysctl_unregister_oid(oids[i]);
	kauth_unlisten_scope(vnodes);
	kauth_unlisten_scope(fileops);
	kauth_unlisten_scope(processes);
	return KERN_SUCCESS;
}

/* As Xcode does it: kmod_info names routines which call these two. */
extern kern_return_t _start(kmod_info_t *ki, void *data);
extern kern_return_t _stop(kmod_info_t *ki, void *data);
KMOD_EXPLICIT_DECL(com.example.kauth, "1.0", _start, _stop)
__private_extern__ kmod_start_func_t *_realmain = kauth_start;
__private_extern__ kmod_stop_func_t *_antimain = kauth_stop;
__private_extern__ int _kext_apple_cc = __APPLE_CC__;
