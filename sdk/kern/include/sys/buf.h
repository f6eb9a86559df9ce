/* Buffers: transfers of blocks, and the cache of them. */
#ifndef _SYS_BUF_H_
#define _SYS_BUF_H_

#include <sys/errno.h>
#include <sys/types.h>

typedef long daddr_t; /* in blocks of DEV_BSIZE bytes */
#define DEV_BSIZE 512

/* What a driver's strategy routine gets. The fields up to b_private are its own to read;
 * it sets b_resid and, with B_ERROR, b_error, and calls biodone. */
struct buf {
	volatile long b_flags;
	dev_t b_dev;
	int b_error;
	daddr_t b_blkno;
	long b_bcount; /* bytes to move */
	long b_bufsize;
	long b_resid; /* bytes that were not moved */
	caddr_t b_data;
	void (*b_iodone)(struct buf *bp);
	void *b_private;
};

#define B_ASYNC 0x00000004  /* nobody waits: biodone releases it */
#define B_BUSY 0x00000010   /* somebody has it */
#define B_CACHE 0x00000020  /* found in the cache */
#define B_CALL 0x00000040   /* biodone calls b_iodone */
#define B_DONE 0x00000200   /* the transfer is over */
#define B_ERROR 0x00000800  /* it failed, with b_error */
#define B_INVAL 0x00002000  /* what is in it is worth nothing */
#define B_PHYS 0x00040000   /* for a process, past the cache */
#define B_READ 0x00100000   /* from the device; otherwise to it */
#define B_WRITE 0x00000000
#define B_WANTED 0x00800000 /* somebody waits for it */

struct ucred;
struct vnode;

__BEGIN_DECLS
/* Waits until biodone was called; returns at once if it was. b_error, or EIO, if the transfer failed. */
int biowait(struct buf *bp);
/* The transfer is over: of B_CALL, B_ASYNC and waking who waits, the first that applies. Once only. */
void biodone(struct buf *bp);
/* The vnode of a block device, for the calls below. */
int bdevvp(dev_t dev, struct vnode **vpp);
/* Reads a block of size bytes through the cache; *bpp is then the caller's until brelse. */
int bread(struct vnode *vp, daddr_t blkno, int size, struct ucred *cred, struct buf **bpp);
/* The same without reading. NULL if there is no memory. */
struct buf *getblk(struct vnode *vp, daddr_t blkno, int size, int slpflag, int slptimeo);
/* Writes a buffer and releases it. */
int bwrite(struct buf *bp);
/* Gives a buffer back to the cache. */
void brelse(struct buf *bp);
__END_DECLS

#endif
