/*
 * A block device in memory, /dev/rd0, whose transfers end on another thread; and sysctls
 * that use the buffer cache over it.
 */
#include <IOKit/IOLib.h>
#include <kern/thread_call.h>
#include <mach/mach_types.h>
#include <miscfs/devfs/devfs.h>
#include <sys/buf.h>
#include <sys/conf.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

#define BLOCKS 300
static char *disk;
static int major_ = -1, reads, writes, called_back;
static void *node;
static thread_call_t done;
static struct buf *volatile pending;
static volatile int broken;

static void finish(thread_call_param_t a, thread_call_param_t b)
{
	struct buf *bp = pending;

	pending = NULL;
	biodone(bp);
	wakeup((void *)&pending);
}

static void rd_strategy(struct buf *bp)
{
	long n = bp->b_bcount, room = (BLOCKS - bp->b_blkno) * DEV_BSIZE;

	if (broken) {
		bp->b_error = EIO;
		bp->b_flags |= B_ERROR;
		biodone(bp);
		return;
	}
	if (room < 0)
		room = 0;
	if (n > room)
		n = room;
	bp->b_resid = bp->b_bcount - n;
	if (bp->b_flags & B_READ) {
		bcopy(disk + bp->b_blkno * DEV_BSIZE, bp->b_data, n);
		reads++;
	} else {
		bcopy(bp->b_data, disk + bp->b_blkno * DEV_BSIZE, n);
		writes++;
	}
	while (pending)
		tsleep((void *)&pending, PRIBIO, "rd", 1);
	pending = bp;
	thread_call_enter(done);
}

static int rd_open(dev_t dev, int flags, int devtype, struct proc *p) { return minor(dev) == 0 ? 0 : ENXIO; }
static int rd_close(dev_t dev, int flags, int devtype, struct proc *p) { return 0; }

static struct bdevsw rd_bdevsw = {.d_open = rd_open, .d_close = rd_close, .d_strategy = rd_strategy, .d_type = D_DISK};

static void back(struct buf *bp) { called_back++; }

/* 1, or the line at fault. */
static int cache(void)
{
	struct vnode *vp;
	struct buf *bp, *b2;
	int r = reads, w = writes;
#define WANT(c) if (!(c)) return __LINE__

	WANT(bdevvp(makedev(major_, 0), &vp) == 0);
	WANT(bdevvp(makedev(63, 0), &vp) == ENXIO);
	WANT(bread(vp, 10, 1024, NULL, &bp) == 0 && bp->b_blkno == 10 && bp->b_bcount == 1024);
	WANT(reads == r + 1 && !(bp->b_flags & B_CACHE));
	bp->b_data[0] = 'c';
	WANT(bwrite(bp) == 0 && writes == w + 1 && disk[10 * DEV_BSIZE] == 'c');
	WANT(bread(vp, 10, 1024, NULL, &b2) == 0 && b2->b_data[0] == 'c' && (b2->b_flags & B_CACHE));
	WANT(reads == r + 1); /* no second I/O */
	bp = getblk(vp, 20, 512, 0, 0);
	WANT(bp && bp != b2);
	brelse(b2);
	bp->b_flags |= B_ASYNC; /* nobody waits */
	bp->b_data[0] = 'a';
	WANT(bwrite(bp) == 0);
	WANT(bread(vp, 20, 512, NULL, &bp) == 0 && bp->b_data[0] == 'a' && disk[20 * DEV_BSIZE] == 'a');
	bp->b_flags |= B_INVAL;
	brelse(bp);
	r = reads;
	WANT(bread(vp, 20, 512, NULL, &bp) == 0 && reads == r + 1);
	brelse(bp);
	broken = 1;
	WANT(bread(vp, 30, 512, NULL, &bp) == EIO);
	brelse(bp);
	broken = 0;
	WANT(bread(vp, 30, 512, NULL, &bp) == 0);
	brelse(bp);
	for (int i = 0; i < 200; i++) { /* more than the cache holds */
		WANT(bread(vp, i, 512, NULL, &bp) == 0);
		brelse(bp);
	}
	/* B_CALL, by a buffer of one's own */
	struct buf own = {.b_flags = B_READ | B_CALL, .b_bcount = 512, .b_iodone = back};
	own.b_data = disk;
	called_back = 0;
	biodone(&own);
	WANT(called_back == 1 && (own.b_flags & B_DONE) && !(own.b_flags & B_CALL));
	WANT(biowait(&own) == 0); /* at once */
	return 1;
}

static int handler SYSCTL_HANDLER_ARGS
{
	int v = cache();
	return SYSCTL_OUT(req, &v, sizeof v);
}
SYSCTL_PROC(_debug, OID_AUTO, ramdisk, CTLTYPE_INT | CTLFLAG_RD, 0, 0, handler, "I", "The buffer cache");

static int twice SYSCTL_HANDLER_ARGS
{
	struct buf own = {.b_flags = B_READ};
	biodone(&own);
	biodone(&own);
	return 0;
}
SYSCTL_PROC(_debug, OID_AUTO, ramdisk_twice, CTLTYPE_INT | CTLFLAG_RD, 0, 0, twice, "I", "biodone twice");

kern_return_t ramdisk_start(kmod_info_t *ki, void *data)
{
	disk = IOMalloc(BLOCKS * DEV_BSIZE);
	bzero(disk, BLOCKS * DEV_BSIZE);
	done = thread_call_allocate(finish, NULL);
	major_ = bdevsw_add(-1, &rd_bdevsw);
	node = devfs_make_node(makedev(major_, 0), DEVFS_BLOCK, 0, 0, 0600, "rd%d", 0);
	sysctl_register_oid(&sysctl__debug_ramdisk);
	sysctl_register_oid(&sysctl__debug_ramdisk_twice);
	return node ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t ramdisk_stop(kmod_info_t *ki, void *data)
{
	sysctl_unregister_oid(&sysctl__debug_ramdisk);
	sysctl_unregister_oid(&sysctl__debug_ramdisk_twice);
	devfs_remove(node);
	bdevsw_remove(major_, &rd_bdevsw);
	thread_call_free(done);
	IOFree(disk, BLOCKS * DEV_BSIZE);
	return KERN_SUCCESS;
}
