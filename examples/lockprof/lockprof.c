/*
 * A sysctl tree, and locks that are profiled: debug.lockprof has a number, a string, a
 * structure, and a handler with a side effect; debug.lck_grp shows what the locks cost.
 * See README.md.
 */
#include <IOKit/IOLib.h>
#include <kern/clock.h>
#include <kern/lock.h>
#include <kern/locks.h>
#include <kern/thread.h>
#include <mach/mach_types.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

/*
 * A mutex that counts, as one would write it to find out which lock is in the way: how often
 * it was tried, how often a try got it at once, and how often and how long one waited.
 */
typedef struct mymutex {
	lck_mtx_t *mutex;
	int tryfailcount; /* what its users call it; it counts the tries that succeed */
	int trycount;
	int lockcount;
	int waitcount;
	uint64_t waited; /* absolute time */
} mymutex_t;

static boolean_t mymutex_try(mymutex_t *lock)
{
	boolean_t got = lck_mtx_try_lock(lock->mutex);

	OSAddAtomic(1, &lock->trycount);
	if (got)
		OSAddAtomic(1, &lock->tryfailcount);
	return got;
}

static void mymutex_lock(mymutex_t *lock)
{
	uint64_t before, after;

	if (!mymutex_try(lock)) {
		clock_get_uptime(&before);
		lck_mtx_lock(lock->mutex);
		clock_get_uptime(&after);
		lock->waitcount++;
		lock->waited += after - before;
	}
	lock->lockcount++;
}

static void mymutex_unlock(mymutex_t *lock) { lck_mtx_unlock(lock->mutex); }

static lck_grp_attr_t *attr;
static lck_grp_t *group;
static mymutex_t mymutex;

static int level = 3;
static char name[32] = "profiler";
static struct lockprof_stat {
	int tries, got, locks, waits;
	uint64_t waited;
} stat;

static int sysctl_run SYSCTL_HANDLER_ARGS;
static int sysctl_stat SYSCTL_HANDLER_ARGS;

SYSCTL_DECL(_debug_lockprof);
SYSCTL_NODE(_debug, OID_AUTO, lockprof, CTLFLAG_RW, 0, "Lock profiling");
SYSCTL_INT(_debug_lockprof, OID_AUTO, level, CTLFLAG_RW, &level, 0, "A number");
SYSCTL_STRING(_debug_lockprof, OID_AUTO, name, CTLFLAG_RW, name, sizeof name, "A string");
SYSCTL_PROC(_debug_lockprof, OID_AUTO, stat, CTLTYPE_STRUCT | CTLFLAG_RD, &stat, 0, &sysctl_stat, "S,lockprof_stat", "The counters");
SYSCTL_PROC(_debug_lockprof, OID_AUTO, run, CTLTYPE_INT | CTLFLAG_RW | CTLFLAG_ANYBODY, 0, 0, &sysctl_run, "I", "Take the lock so many times, from two threads");

static struct sysctl_oid *const oids[] = {
	&sysctl__debug_lockprof,
	&sysctl__debug_lockprof_level,
	&sysctl__debug_lockprof_name,
	&sysctl__debug_lockprof_stat,
	&sysctl__debug_lockprof_run,
};

static int sysctl_stat SYSCTL_HANDLER_ARGS
{
	mymutex_lock(&mymutex);
	stat.tries = mymutex.trycount;
	stat.got = mymutex.tryfailcount;
	stat.locks = mymutex.lockcount;
	stat.waits = mymutex.waitcount;
	stat.waited = mymutex.waited;
	mymutex_unlock(&mymutex);
	return SYSCTL_OUT(req, &stat, sizeof stat);
}

static volatile int left; /* threads that still work, under mymutex.mutex */
static int rounds, shared, tries; /* tries before the threads began */

static void work(void)
{
	for (int i = 0; i < rounds; i++) {
		mymutex_lock(&mymutex);
		shared++;
		do /* so that the other one has to wait, at least the first time */
			if (i % 16 == 0)
				IOSleep(1);
		while (i == 0 && *(volatile int *)&mymutex.trycount < tries + 2);
		mymutex_unlock(&mymutex);
	}
	lck_mtx_lock(mymutex.mutex);
	left--;
	wakeup((void *)&left);
	lck_mtx_unlock(mymutex.mutex);
}

static void worker(void *arg)
{
	work();
	IOExitThread();
}

static int sysctl_run SYSCTL_HANDLER_ARGS
{
	int n = shared, error = SYSCTL_OUT(req, &n, sizeof n);

	if (error || !req->newptr)
		return error;
	error = SYSCTL_IN(req, &n, sizeof n);
	if (error)
		return error;
	if (n < 1 || n > 100000)
		return EINVAL;
	lck_mtx_lock(mymutex.mutex);
	if (left > 0) {
		lck_mtx_unlock(mymutex.mutex);
		return EBUSY;
	}
	rounds = n;
	tries = mymutex.trycount;
	left = 2;
	lck_mtx_unlock(mymutex.mutex);
	if (!IOCreateThread(worker, 0)) {
		lck_mtx_lock(mymutex.mutex);
		left = 0;
		lck_mtx_unlock(mymutex.mutex);
		return ENOMEM;
	}
	work();
	lck_mtx_lock(mymutex.mutex);
	while (left > 0)
		msleep((void *)&left, mymutex.mutex, PWAIT, "lockprof", 0);
	lck_mtx_unlock(mymutex.mutex);
	return 0;
}

static kern_return_t lockprof_start(kmod_info_t *ki, void *data)
{
	attr = lck_grp_attr_alloc_init();
	lck_grp_attr_setstat(attr);
	group = lck_grp_alloc_init("lockprof", attr);
	mymutex.mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
	for (unsigned int i = 0; i < sizeof oids / sizeof oids[0]; i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

static kern_return_t lockprof_stop(kmod_info_t *ki, void *data)
{
	for (unsigned int i = sizeof oids / sizeof oids[0]; i-- > 0;)
		sysctl_unregister_oid(oids[i]);
	lck_mtx_free(mymutex.mutex, group);
	lck_grp_free(group);
	lck_grp_attr_free(attr);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.lockprof, "1.0", lockprof_start, lockprof_stop)
