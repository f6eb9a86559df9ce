/* Transfers of blocks: what a driver's strategy routine gets. */
#ifndef _SYS_BUF_H
#define _SYS_BUF_H

#define DEV_BSIZE 512

struct buf {
	volatile long b_flags;
	int b_dev;
	int b_error; /* with B_ERROR */
	long b_blkno; /* in blocks of DEV_BSIZE bytes */
	long b_bcount; /* bytes to move */
	long b_bufsize;
	long b_resid; /* bytes that were not moved: the driver's to set */
	char *b_data;
	void (*b_iodone)(struct buf *bp); /* with B_CALL */
	void *b_private;
};
#define b_addr b_data

#define B_WRITE 0
#define B_CALL 0x00000040
#define B_DONE 0x00000200
#define B_ERROR 0x00000800
#define B_READ 0x00100000
#define B_TAPE 0x02000000 /* in d_flags: the order of transfers counts; here it is kept for all */

/* The transfer is over; the driver says so once. */
extern void biodone(struct buf *bp);
/* Waits for it; 0 or an error. */
extern int biowait(struct buf *bp);

#endif
