/*
 * The operations on vnodes that file systems' vectors name, in the order of their places; kpi/vnop.go
 * has the same list.
 */
#include "rt.h"

struct vnodeop_desc {
	int offset;
	const char *name;
};

#define OPS(D) \
	D(default) \
	D(lookup) \
	D(create) \
	D(whiteout) \
	D(mknod) \
	D(open) \
	D(close) \
	D(access) \
	D(getattr) \
	D(setattr) \
	D(read) \
	D(write) \
	D(ioctl) \
	D(select) \
	D(exchange) \
	D(revoke) \
	D(mmap) \
	D(mmap_check) \
	D(mnomap) \
	D(fsync) \
	D(remove) \
	D(link) \
	D(rename) \
	D(renamex) \
	D(mkdir) \
	D(rmdir) \
	D(symlink) \
	D(readdir) \
	D(readdirattr) \
	D(getattrlistbulk) \
	D(readlink) \
	D(inactive) \
	D(reclaim) \
	D(pathconf) \
	D(advlock) \
	D(allocate) \
	D(pagein) \
	D(pageout) \
	D(searchfs) \
	D(copyfile) \
	D(clonefile) \
	D(getxattr) \
	D(setxattr) \
	D(removexattr) \
	D(listxattr) \
	D(blktooff) \
	D(offtoblk) \
	D(blockmap) \
	D(strategy) \
	D(bwrite) \
	D(monitor) \

#define PLACE(n) at_##n,
enum { OPS(PLACE) places };
#define DESC(n) struct vnodeop_desc vnop_##n##_desc = {at_##n, "vnop_" #n};
OPS(DESC)

int vn_default_error(void) { return 45; } /* ENOTSUP */

/* There is no name cache: names are looked up anew each time. */
int cache_lookup(void) { return 0; }
void cache_enter(void) {}
void cache_purge(void) {}
void cache_purge_negatives(void) {}
