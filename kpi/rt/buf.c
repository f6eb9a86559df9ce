/* The end of transfers of blocks; sdk/kern/include/sys/buf.h has the same structure. */
#include "rt.h"

struct buf {
	volatile long flags;
	int dev, error;
	long blkno, bcount, bufsize, resid;
	char *data;
	void (*iodone)(struct buf *);
	void *private;
};

enum { B_ASYNC = 0x4, B_CALL = 0x40, B_DONE = 0x200, B_ERROR = 0x800, B_WANTED = 0x800000 };

int assert_wait(void *event, int interruptible);
int thread_block(void *continuation);
int clear_wait(struct thread *t, int result, int interrupt_only);
void wakeup(void *chan);
void brelse(struct buf *bp);

static long or_flags(struct buf *bp, long f) { return __atomic_fetch_or(&bp->flags, f, __ATOMIC_SEQ_CST); }
static long clear_flags(struct buf *bp, long f) { return __atomic_fetch_and(&bp->flags, ~f, __ATOMIC_SEQ_CST); }

int biowait(struct buf *bp)
{
	while (!(bp->flags & B_DONE)) {
		assert_wait(bp, 0);
		or_flags(bp, B_WANTED);
		if (bp->flags & B_DONE)
			clear_wait(self(), 0, 0); /* it came in between */
		thread_block(NULL);
	}
	if (!(bp->flags & B_ERROR))
		return 0;
	return bp->error ? bp->error : 5; /* EIO */
}

void biodone(struct buf *bp)
{
	if (or_flags(bp, B_DONE) & B_DONE)
		panic("biodone: the buffer at %p is done already", bp);
	if (clear_flags(bp, B_CALL) & B_CALL) {
		bp->iodone(bp);
		return;
	}
	if (bp->flags & B_ASYNC) {
		brelse(bp);
		return;
	}
	clear_flags(bp, B_WANTED);
	wakeup(bp);
}
