/*
 * Kernel threads, their ends by others, and spin/sleep locks. The functions give 1 for success, or
 * the line that found something else. threads_test.go calls them.
 */
#include <IOKit/IOLib.h>
#include <kern/kern_types.h>
#include <kern/sched_prim.h>
#include <kern/spinsleep.h>
#include <kern/thread.h>
#include <sys/systm.h>

#define WANT(c)                          \
	do {                             \
		if (!(c))                \
			return __LINE__; \
	} while (0)

extern void thread_halt_self(void); /* of 1990 */

static volatile int begun, ended, event;
static thread_t waiter;

static void waits_for(void)
{
	IOLog("a thread waits\n");
	assert_wait((event_t)&event, THREAD_UNINT);
	begun = 1;
	thread_block(0);
	IOLog("a thread goes on\n");
	ended = 1;
	thread_terminate(current_thread());
	thread_halt_self();
	ended = 2; /* not reached */
}

static void waits_long(void)
{
	assert_wait((event_t)&event, THREAD_INTERRUPTIBLE);
	begun = 1;
	thread_block(0);
	ended = 3; /* not reached: it is terminated */
}

static void waits_with_timer(void)
{
	assert_wait((event_t)&event, THREAD_INTERRUPTIBLE);
	thread_set_timer(200, 1000 * 1000);
	begun = 1;
	thread_block(0);
	ended = 4; /* not reached: it panics */
}

#define HOUR (60 * 60 * 1000)

static void sleeps_iosleep(void)
{
	begun = 1;
	IOSleep(HOUR);
	ended = 5; /* not reached */
}

static void sleeps_msleep(void)
{
	struct timespec hour = { 3600, 0 };
	begun = 1;
	msleep((void *)&event, 0, PZERO, "hour", &hour);
	ended = 6; /* not reached */
}

/* The timer has expired, and the wait after it has one that is not thread_set_timer's. */
static void sleeps_after_timer(void)
{
	assert_wait((event_t)&event, THREAD_INTERRUPTIBLE);
	thread_set_timer(1, 1);
	thread_block(0);
	begun = 1;
	IOSleep(HOUR);
	ended = 7; /* not reached */
}

static int start(void (*f)(void))
{
	begun = ended = 0;
	WANT((waiter = kernel_thread(current_task(), f)) != 0);
	for (int i = 0; !begun && i < 12000; i++)
		IOSleep(5);
	WANT(begun);
	return 1;
}

int make(void) { return start(waits_for); }
int make_long(void) { return start(waits_long); }
int make_timed(void) { return start(waits_with_timer); }
int make_iosleep(void) { return start(sleeps_iosleep); }
int make_msleep(void) { return start(sleeps_msleep); }
int make_after_timer(void) { return start(sleeps_after_timer); }
int wake(void) { thread_wakeup((event_t)&event); return 1; }
int has_ended(void) { return ended; }
int terminate(void) { return thread_terminate(getact_thread(waiter)) == 0; }

static spinsleep_t lock;
static lck_grp_t *group;
static volatile SInt32 done, slept;
static volatile int sum, release;
#define ADDERS 4
#define ADDS 20000

static void adder(void *arg)
{
	for (int i = 0; i < ADDS; i++) {
		if (spinsleep_lock(&lock))
			OSIncrementAtomic((SInt32 *)&slept);
		sum = sum + 1;
		spinsleep_unlock(&lock);
	}
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

static void taker(void *arg)
{
	if (spinsleep_lock(&lock))
		OSIncrementAtomic((SInt32 *)&slept);
	sum = 1;
	spinsleep_unlock(&lock);
	OSIncrementAtomic((SInt32 *)&done);
	IOExitThread();
}

int spin_sleep(void)
{
	WANT((group = lck_grp_alloc_init("spinsleep", LCK_GRP_ATTR_NULL)) != 0);
	WANT(spinsleep_init(&lock, group, 100));
	WANT(spinsleep_lock(&lock) == 0 && !spinsleep_try(&lock));
	/* Held for long: who wants it sleeps, and gets it when it is let go. */
	sum = done = slept = 0;
	for (int i = 0; i < ADDERS; i++)
		WANT(IOCreateThread(taker, 0) != 0);
	for (int i = 0; lock.waiters < ADDERS && i < 12000; i++)
		IOSleep(5);
	WANT(lock.waiters == ADDERS && sum == 0 && done == 0);
	spinsleep_unlock(&lock);
	for (int i = 0; done < ADDERS && i < 12000; i++)
		IOSleep(5);
	WANT(done == ADDERS && slept == ADDERS && lock.waiters == 0);
	/* Held for short times: no addition is lost. */
	sum = done = 0;
	for (int i = 0; i < ADDERS; i++)
		WANT(IOCreateThread(adder, 0) != 0);
	for (int i = 0; done < ADDERS && i < 12000; i++)
		IOSleep(5);
	WANT(done == ADDERS && sum == ADDERS * ADDS && lock.waiters == 0);
	WANT(spinsleep_try(&lock));
	spinsleep_unlock(&lock);
	spinsleep_destroy(&lock);
	lck_grp_free(group);
	return 1;
}
