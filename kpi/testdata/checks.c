/*
 * What the documents promise of locks, atomic operations, memory and delays, each in a
 * function that tries it: 1 for success, or the line that found something else.
 * checks_test.go calls them.
 */
#include <IOKit/IOLib.h>
#include <kern/clock.h>
#include <kern/lock.h>
#include <kern/locks.h>
#include <kern/thread.h>
#include <libkern/OSAtomic.h>
#include <kern/kalloc.h>
#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <mach/vm_param.h>
#include <sys/errno.h>
#include <sys/malloc.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>

#define WANT(c)                          \
	do {                             \
		if (!(c))                \
			return __LINE__; \
	} while (0)

static volatile int done;

static int all_done(int n)
{
	for (int i = 0; done != n && i < 12000; i++)
		IOSleep(5);
	return done == n;
}

/* Threads that add to one number lose nothing. */
#define ADDERS 4
#define ADDS 1000000
static volatile SInt32 sum;
static SInt64 sum64;
static UInt32 bits;

static void adder(void *arg)
{
	for (int i = 0; i < ADDS; i++)
		OSIncrementAtomic(&sum);
	for (int i = 0; i < ADDS / 10; i++)
		OSAddAtomic64(3, &sum64);
	OSBitOrAtomic(1 << (long)arg, &bits);
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int atomics(void)
{
	UInt32 word = 5, byte = 0;
	void *p = &word;

	done = sum = 0;
	sum64 = bits = 0;
	for (long i = 0; i < ADDERS; i++)
		WANT(IOCreateThread(adder, (void *)i) != NULL);
	WANT(all_done(ADDERS));
	WANT(sum == ADDERS * ADDS);
	WANT(sum64 == 3ll * ADDERS * ADDS / 10);
	WANT(bits == (1 << ADDERS) - 1);
	WANT(OSCompareAndSwap(5, 6, &word) && word == 6 && !OSCompareAndSwap(5, 7, &word) && word == 6);
	WANT(OSCompareAndSwapPtr(&word, &byte, &p) && p == &byte);
	WANT(OSDecrementAtomic((SInt32 *)&word) == 6 && word == 5);
	WANT(OSBitAndAtomic(4, &word) == 5 && word == 4);
	WANT(OSBitXorAtomic(6, &word) == 4 && word == 2);
	WANT(!OSTestAndSet(0, (UInt8 *)&byte) && OSTestAndSet(0, (UInt8 *)&byte) && byte != 0);
	WANT(!OSTestAndClear(0, (UInt8 *)&byte) && byte == 0);
	return 1;
}

/* mutex_t: a try of a held one is refused, and a pause is a millisecond. */
static mutex_t *mutex;
static volatile int tried, inside, most;

static void trier(void *arg)
{
	tried = mutex_try(mutex) ? 2 : 1;
	mutex_lock(mutex); /* waits, which is allowed */
	tried += 10;
	mutex_unlock(mutex);
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int mutexes(void)
{
	uint64_t a, b;

	done = tried = 0;
	WANT((mutex = mutex_alloc(ETAP_NO_TRACE)) != NULL);
	mutex_init(mutex, ETAP_NO_TRACE);
	mutex_lock(mutex);
	WANT(IOCreateThread(trier, NULL) != NULL);
	for (int i = 0; tried == 0 && i < 12000; i++)
		IOSleep(5); /* with the mutex held: that is allowed, too */
	WANT(tried == 1);
	mutex_unlock(mutex);
	WANT(all_done(1) && tried == 11);
	WANT(mutex_try(mutex));
	mutex_unlock(mutex);
	a = mach_absolute_time();
	mutex_pause();
	b = mach_absolute_time();
	WANT(b - a >= 1000000);
	mutex_free(mutex);
	return 1;
}

/* In an interrupt handler a mutex is a panic. */
void interrupted(void)
{
	static mutex_t *m;

	m = mutex;
	mutex_lock(m);
}

/* lck_mtx_t: msleep lets it go and, without PDROP, takes it again. */
static lck_grp_t *group;
static lck_mtx_t *mtx;
static volatile int go;

static void waker(void *arg)
{
	lck_mtx_lock(mtx); /* there is no other way in than that msleep has let go */
	go = 1;
	wakeup((void *)&go);
	lck_mtx_unlock(mtx);
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int sleeping_mutex(void)
{
	for (int drop = 0; drop < 2; drop++) {
		group = lck_grp_alloc_init("checks", LCK_GRP_ATTR_NULL);
		mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
		done = go = 0;
		lck_mtx_lock(mtx);
		WANT(IOCreateThread(waker, NULL) != NULL);
		WANT(msleep((void *)&go, mtx, PWAIT | (drop ? PDROP : 0), "checks", NULL) == 0);
		WANT(go == 1);
		lck_mtx_assert(mtx, drop ? LCK_MTX_ASSERT_NOTOWNED : LCK_MTX_ASSERT_OWNED);
		if (!drop)
			lck_mtx_unlock(mtx);
		WANT(all_done(1));
		lck_mtx_free(mtx, group);
		lck_grp_free(group);
	}
	return 1;
}

void sleeping_unlocked(void)
{
	group = lck_grp_alloc_init("checks", LCK_GRP_ATTR_NULL);
	mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
	msleep((void *)&go, mtx, PWAIT, "checks", NULL);
}

/* Simple locks: a try of a busy one gives 0, and two threads never overlap. */
static simple_lock_data_t simple;
static usimple_lock_data_t usimple;
static volatile int overlap;

static void spinner(void *arg)
{
	for (int i = 0; i < 5000; i++) {
		simple_lock(&simple);
		usimple_lock(&usimple);
		if (++inside != 1)
			overlap = 1;
		inside--;
		usimple_unlock(&usimple);
		simple_unlock(&simple);
	}
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int simple_locks(void)
{
	done = inside = overlap = 0;
	simple_lock_init(&simple, ETAP_NO_TRACE);
	usimple_lock_init(&usimple, ETAP_NO_TRACE);
	WANT(simple_lock_try(&simple) != 0);
	WANT(simple_lock_try(&simple) == 0);
	simple_unlock(&simple);
	WANT(usimple_lock_try(&usimple) != 0);
	usimple_unlock(&usimple);
	for (int i = 0; i < 3; i++)
		WANT(IOCreateThread(spinner, NULL) != NULL);
	WANT(all_done(3) && !overlap);
	return 1;
}

void blocking_simple(void)
{
	simple_lock_init(&simple, ETAP_NO_TRACE);
	simple_lock(&simple);
	IOSleep(1);
}

/* Read-write locks: of two upgrades one fails and has lost its hold; who comes to read
 * while a writer waits gets in behind it. */
static lock_t *rw;
static volatile int readers, failed, upgraded, wrote, readafter;

static void upgrader(void *arg)
{
	lock_read(rw);
	OSIncrementAtomic((SInt32 *)&readers);
	while (readers != 2)
		IOSleep(1);
	if (lock_read_to_write(rw))
		OSIncrementAtomic((SInt32 *)&failed); /* holds nothing now */
	else {
		OSIncrementAtomic((SInt32 *)&upgraded);
		for (int i = 0; failed == 0 && i < 12000; i++)
			IOSleep(5);
		lock_done(rw);
	}
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

static void writer(void *arg)
{
	readers = 1;
	lock_write(rw);
	wrote = 1;
	lock_done(rw);
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

static void late(void *arg)
{
	readers = 2;
	lock_read(rw);
	readafter = wrote;
	lock_done(rw);
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int read_write_locks(void)
{
	done = readers = failed = upgraded = wrote = readafter = 0;
	WANT((rw = lock_alloc(TRUE, ETAP_NO_TRACE, ETAP_NO_TRACE)) != NULL);
	lock_init(rw, TRUE, ETAP_NO_TRACE, ETAP_NO_TRACE);
	WANT(IOCreateThread(upgrader, NULL) != NULL && IOCreateThread(upgrader, NULL) != NULL);
	WANT(all_done(2) && failed == 1 && upgraded == 1);
	/* A writer waits for this reader, the next reader for the writer. */
	done = readers = 0;
	lock_read(rw);
	WANT(IOCreateThread(writer, NULL) != NULL);
	while (readers != 1)
		IOSleep(1);
	IOSleep(50);
	WANT(IOCreateThread(late, NULL) != NULL);
	while (readers != 2)
		IOSleep(1);
	IOSleep(50);
	WANT(done == 0);
	lock_done(rw);
	WANT(all_done(2) && wrote == 1 && readafter == 1);
	lock_write(rw);
	lock_write_to_read(rw);
	lock_done(rw);
	lock_free(rw);
	return 1;
}

/* _MALLOC: zeroed, and NULL at once when there is no more. The test has 16 MB. */
int malloc_flags(void)
{
	static char *block[64];
	char *p = _MALLOC(100, M_TEMP, M_WAITOK | M_ZERO);
	int n = 0;

	WANT(p != NULL);
	for (int i = 0; i < 100; i++)
		WANT(p[i] == 0);
	_FREE(p, M_TEMP);
	while (n < 64 && (block[n] = _MALLOC(1 << 20, M_TEMP, M_NOWAIT)) != NULL)
		n++;
	WANT(n > 4 && n < 64);
	while (n > 0)
		_FREE(block[--n], M_TEMP);
	WANT((p = _MALLOC(1 << 20, M_TEMP, M_NOWAIT)) != NULL);
	_FREE(p, M_TEMP);
	return 1;
}

/* With M_WAITOK it is waited for until somebody frees; whoever calls this says when: once
 * somebody waits. */
static char *given[64];
static volatile int given_back, given_all;
volatile int may_give;

static void gives_back(void *arg)
{
	while (!may_give)
		IOSleep(1);
	given_back = 1;
	_FREE(given[0], M_TEMP);
	_FREE(given[1], M_TEMP);
	given_all = 1;
	IOExitThread();
}

static int waits(char *old)
{
	char *p;
	int n = 0;

	given_back = given_all = 0;
	while (n < 64 && (given[n] = _MALLOC(1 << 20, M_TEMP, M_NOWAIT)) != NULL)
		n++;
	WANT(n > 4 && n < 64);
	WANT(_MALLOC(1 << 30, M_TEMP, M_WAITOK) == NULL); /* more than there ever is */
	WANT(IOCreateThread(gives_back, NULL) != NULL);
	p = old ? _REALLOC(old, 1 << 20, M_TEMP, M_WAITOK) : _MALLOC(1 << 20, M_TEMP, M_WAITOK);
	WANT(p != NULL && given_back);
	_FREE(p, M_TEMP);
	while (n > 2)
		_FREE(given[--n], M_TEMP);
	while (!given_all) /* given is the thread's until then */
		IOSleep(1);
	return 1;
}

int malloc_waits(void) { return waits(NULL); }

int realloc_waits(void)
{
	char *p = _MALLOC(100, M_TEMP, M_WAITOK);
	WANT(p != NULL);
	return waits(p);
}

/* For the counts by type: three blocks of 1,000 bytes of type M_PCB are left, or freed. */
static void *pcbs[3];
int malloc_types(int leave)
{
	for (int i = 0; i < 3; i++)
		if (leave)
			WANT((pcbs[i] = _MALLOC(1000, M_PCB, M_WAITOK)) != NULL);
		else
			_FREE(pcbs[i], M_PCB);
	return 1;
}

/* Pages: memory of whole ones is aligned. */
int pages(void)
{
	char *p = kalloc(8192), *q = kalloc(4096 * 3);
	WANT(p && q && ((unsigned long)p & (page_size - 1)) == 0 && ((unsigned long)q & (page_size - 1)) == 0);
	WANT(8192 % page_size == 0 && page_mask == page_size - 1 && 1UL << page_shift == page_size);
	kfree(p, 8192);
	kfree(q, 4096 * 3);
	return 1;
}

/* At interrupt level: kget, which does not sleep. */
int kget_interrupted(void)
{
	char *p = kget(100);
	WANT(p != NULL);
	p[0] = p[99] = 1;
	kfree(p, 100);
	return 1;
}

void wrong_type(void) { _FREE(_MALLOC(100, M_TEMP, M_WAITOK), M_TEMP + 1); }

/* One writer and one reader, without a lock: the next place is cleared before the index
 * goes on to it, and its flag is set when the data is in it. */
#define PLACES 16
static struct place {
	volatile int valid;
	int data;
} ring[PLACES];
static volatile SInt32 windex, rindex;
static int transfers;

static void ring_writer(void *arg)
{
	for (int i = 1; i <= transfers; i++) {
		int next = (windex + 1) % PLACES;

		while (next == rindex) /* full */
			thread_block(THREAD_CONTINUE_NULL);
		ring[next].valid = 0;
		OSMemoryBarrier();
		OSCompareAndSwap(windex, next, (UInt32 *)&windex);
		ring[next].data = i;
		OSMemoryBarrier();
		ring[next].valid = 1;
	}
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int lockfree_ring(int n)
{
	done = 0;
	windex = rindex = 0;
	transfers = n;
	WANT(IOCreateThread(ring_writer, NULL) != NULL);
	for (int i = 1; i <= n; i++) {
		int next;

		while (rindex == windex) /* empty */
			thread_block(THREAD_CONTINUE_NULL);
		next = (rindex + 1) % PLACES;
		for (int j = 0; !ring[next].valid; j++)
			if (j > 100)
				thread_block(THREAD_CONTINUE_NULL);
		WANT(ring[next].data == i);
		rindex = next;
	}
	WANT(all_done(1));
	return 1;
}

/* IODelay spins for as long as it says, at least; IOSleep sleeps. */
int delay_and_sleep(void)
{
	uint64_t a, b;

	for (int i = 0; i < 100; i++) {
		a = mach_absolute_time();
		IODelay(50);
		b = mach_absolute_time();
		WANT(b - a >= 50000);
	}
	a = mach_absolute_time();
	IOSleep(20);
	b = mach_absolute_time();
	WANT(b - a >= 20000000);
	return 1;
}

/* Contention for a lock that was made with an event is recorded, if the kernel traces. */
#define MY_EVENT 0x123
static mutex_t *traced, *untraced;

static void contender(void *arg)
{
	done = 1;
	mutex_lock(traced);
	mutex_unlock(traced);
	done = 2;
	IOExitThread();
}

int etap(void)
{
	done = 0;
	traced = mutex_alloc(MY_EVENT);
	untraced = mutex_alloc(ETAP_NO_TRACE);
	WANT(traced != NULL && untraced != NULL);
	mutex_lock(untraced);
	mutex_unlock(untraced);
	mutex_lock(traced);
	WANT(IOCreateThread(contender, NULL) != NULL);
	while (done == 0)
		IOSleep(1);
	IOSleep(50);
	mutex_unlock(traced);
	WANT(all_done(2));
	mutex_free(untraced);
	mutex_free(traced);
	return 1;
}
