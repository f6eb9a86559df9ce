/*
 * The code samples of the documents of 2002 and 2006 about the kernel, corrected where
 * scanning has hurt them, and around each what shows that it does what its text says.
 * doc/samples.md is the table; docs_test.go calls the functions. They give 1 for success,
 * or the line that found something else.
 */
#include <IOKit/IOLib.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/kalloc.h>
#include <kern/lock.h>
#include <kern/locks.h>
#include <kern/thread.h>
#include <kern/wait_queue.h>
#include <libkern/OSAtomic.h>
#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <mach/semaphore.h>
#include <pexpert/pexpert.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/queue.h>
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <sys/time.h>
#include <sys/ucred.h>
#include <vm/vm_kern.h>

#define WANT(c)                  \
	do {                     \
		if (!(c))        \
			return __LINE__; \
	} while (0)

/* Chapter 3 (2002): never take a pointer for granted. */
typedef struct bufptr {
	char *b_data;
} bufptr;

int do_something(bufptr *bp, int flags)
{
	char *token;

	if (bp == NULL)
		return EINVAL;
	token = bp->b_data;
	return token != NULL && *token == flags ? 0 : ENOENT;
}

int checked_pointers(void)
{
	bufptr b = {"x"};

	WANT(do_something(NULL, 'x') == EINVAL);
	WANT(do_something(&b, 'x') == 0);
	return 1;
}

/* Chapter 3 (2002): credentials. */
int credentials(void)
{
	struct ucred *a, *b, *c, *d;

	a = crget();
	WANT(a && a->cr_ref == 1 && a->cr_uid == 0 && a->cr_ngroups == 0);
	a->cr_uid = 501;
	a->cr_ngroups = 1;
	a->cr_groups[0] = 20;
	b = crdup(a); /* the original is kept */
	WANT(b && b != a && b->cr_uid == 501 && b->cr_groups[0] == 20 && a->cr_ref == 1 && b->cr_ref == 1);
	c = crcopy(b); /* nobody else has it: the same */
	WANT(c == b);
	crhold(b);
	WANT(b->cr_ref == 2);
	d = crcopy(b); /* somebody has: a duplicate, for the reference */
	WANT(d != b && d->cr_uid == 501 && d->cr_ref == 1 && b->cr_ref == 1);
	crfree(a);
	crfree(b);
	crfree(d);
	return 1;
}

/* Chapter 7 (2002): the allocators. */
int kernel_memory(void)
{
	static const vm_size_t size = 3 * 4096 + 100;
	vm_offset_t a;
	char *p;
	IOPhysicalAddress phys;

	WANT(kmem_alloc(kernel_map, &a, size) == KERN_SUCCESS && a % 4096 == 0);
	memset((void *)a, 1, size);
	kmem_free(kernel_map, a, size);
	WANT(kmem_alloc_aligned(kernel_map, &a, 16384) == KERN_SUCCESS && a % 16384 == 0);
	memset((void *)a, 1, 16384);
	kmem_free(kernel_map, a, 16384);
	WANT(kmem_alloc_wired(kernel_map, &a, size) == KERN_SUCCESS);
	kmem_free(kernel_map, a, size);
	WANT(kmem_alloc_pageable(kernel_map, &a, size) == KERN_SUCCESS);
	kmem_free(kernel_map, a, size);
	WANT(kmem_alloc_contig(kernel_map, &a, size, 4095, 0) == KERN_SUCCESS && a % 4096 == 0);
	kmem_free(kernel_map, a, size);

	p = IOMalloc(100);
	WANT(p);
	memset(p, 1, 100);
	IOFree(p, 100);
	p = IOMallocAligned(100, 256);
	WANT(p && (vm_offset_t)p % 256 == 0);
	IOFreeAligned(p, 100);
	p = IOMallocContiguous(100, 64, NULL);
	WANT(p && (vm_offset_t)p % 64 == 0);
	IOFreeContiguous(p, 100);
	WANT(IOMallocContiguous(100, 64, &phys) == NULL); /* there are no physical addresses */
	p = IOMallocPageable(5000, 4096);
	WANT(p && (vm_offset_t)p % 4096 == 0);
	IOFreePageable(p, 5000);

	/* The NKE reference: _MALLOC and _FREE, with the type. */
	p = _MALLOC(1000, M_TEMP, M_WAITOK | M_ZERO);
	WANT(p);
	for (int i = 0; i < 1000; i++)
		WANT(p[i] == 0);
	_FREE(p, M_TEMP);
	WANT(_MALLOC(1ul << 40, M_TEMP, M_NOWAIT) == NULL);
	return 1;
}

/* Chapter 8 (2002): kernel threads. */
static volatile int started, argument;

static void start(void)
{
	OSIncrementAtomic((SInt32 *)&started);
	thread_terminate(getact_thread(current_thread()));
	OSAddAtomic(100, (SInt32 *)&started); /* not reached */
}

static void io_thread(void *arg)
{
	argument = (int)(long)arg;
	if (IOThreadSelf() == current_thread())
		OSIncrementAtomic((SInt32 *)&started);
	IOExitThread();
}

int threads(void)
{
	started = argument = 0;
	WANT(kernel_thread(current_task(), start) != NULL);
	WANT(IOCreateThread(io_thread, (void *)42) != NULL);
	for (int i = 0; started < 2 && i < 2000; i++)
		IOSleep(5);
	WANT(started == 2 && argument == 42);
	return 1;
}

/* Chapter 8 (2002): wait queues. */
static wait_queue_t wq, sub;
static volatile int woken[3];
static thread_t sleepers[3];

static void waiter(void *arg)
{
	long n = (long)arg;

	wait_queue_assert_wait(n == 2 ? sub : wq, (event_t)(0x100 + n), THREAD_UNINT);
	sleepers[n] = current_thread();
	OSMemoryBarrier();
	woken[n] = 1 + thread_block(THREAD_CONTINUE_NULL);
	IOExitThread();
}

static int wait_for(volatile int *p, int v)
{
	for (int i = 0; *p != v && i < 2000; i++)
		IOSleep(5);
	return *p == v;
}

int wait_queues(void)
{
	wait_queue_t pre, where;
	wait_queue_sub_t which;
	thread_t t;

	/* PREPOST counts wakeups that nobody waited for. */
	pre = wait_queue_alloc(SYNC_POLICY_PREPOST);
	WANT(pre);
	WANT(wait_queue_wakeup_one(pre, (event_t)1, THREAD_AWAKENED) == KERN_SUCCESS);
	WANT(wait_queue_wakeup_one(pre, (event_t)1, THREAD_AWAKENED) == KERN_SUCCESS);
	for (int i = 0; i < 2; i++) {
		wait_queue_assert_wait(pre, (event_t)1, THREAD_UNINT);
		WANT(thread_block(THREAD_CONTINUE_NULL) == THREAD_AWAKENED);
	}
	wait_queue_assert_wait(pre, (event_t)1, THREAD_UNINT);
	thread_set_timer(20, NSEC_PER_MSEC);
	WANT(thread_block(THREAD_CONTINUE_NULL) == THREAD_TIMED_OUT);
	wait_queue_free(pre);

	/* Others don't; a subordinate's waiters are its parent's, too. */
	wq = wait_queue_alloc(SYNC_POLICY_FIFO);
	sub = wait_queue_alloc(SYNC_POLICY_FIFO);
	WANT(wq && sub);
	WANT(wait_queue_wakeup_all(wq, (event_t)0x100, THREAD_AWAKENED) == KERN_NOT_WAITING);
	WANT(wait_queue_link(wq, sub) == KERN_SUCCESS && wait_queue_member(wq, sub));
	woken[0] = woken[1] = woken[2] = 0;
	sleepers[0] = sleepers[1] = sleepers[2] = NULL;
	for (long i = 0; i < 3; i++) {
		IOCreateThread(waiter, (void *)i);
		for (int k = 0; sleepers[i] == NULL && k < 2000; k++)
			IOSleep(5);
		WANT(sleepers[i]);
	}
	WANT(wait_queue_wakeup_thread(wq, (event_t)0x101, sleepers[0], THREAD_AWAKENED) == KERN_NOT_WAITING);
	WANT(woken[0] == 0);
	WANT(wait_queue_wakeup_thread(wq, (event_t)0x100, sleepers[0], THREAD_RESTART) == KERN_SUCCESS);
	WANT(wait_for(&woken[0], 1 + THREAD_RESTART));

	wait_queue_lock(wq);
	WANT(!wait_queue_lock_try(wq));
	WANT(wait_queue_peek_locked(wq, (event_t)0x102, &t, &where) == KERN_SUCCESS && t == sleepers[2] && where == sub);
	WANT(woken[2] == 0); /* looked at, not woken; only sub is locked now */
	WANT(wait_queue_lock_try(wq));
	wait_queue_unlock(wq);
	wait_queue_pull_thread_locked(where, t, TRUE);
	WANT(wait_queue_wakeup_one(wq, (event_t)0x102, THREAD_AWAKENED) == KERN_NOT_WAITING);
	WANT(wait_queue_remove(t) == KERN_SUCCESS && wait_for(&woken[2], 1 + THREAD_AWAKENED));
	wait_queue_lock(wq);
	WANT(wait_queue_wakeup_identity_locked(wq, (event_t)0x101, THREAD_INTERRUPTED, TRUE) == sleepers[1]);
	WANT(wait_for(&woken[1], 1 + THREAD_INTERRUPTED));
	WANT(wait_queue_unlink_one(wq, &which) == KERN_SUCCESS && which == sub && !wait_queue_member(wq, sub));
	wait_queue_free(sub);
	wait_queue_free(wq);
	return 1;
}

void wait_queue_unlocked(void) { wait_queue_wakeup_one_locked(wait_queue_alloc(0), (event_t)1, 0, TRUE); }

/* Chapter 8 (2002): spl, and funnels. */
static volatile int inside, most, rounds;

static void funneled(void *arg)
{
	for (int i = 0; i < 50; i++) {
		thread_funnel_set(kernel_flock, TRUE);
		int n = OSIncrementAtomic((SInt32 *)&inside) + 1;
		if (n > most)
			most = n;
		IODelay(20);
		OSDecrementAtomic((SInt32 *)&inside);
		if (i % 10 == 0)
			tsleep((void *)&inside, PZERO, "funnel", 1);
		thread_funnel_set(kernel_flock, FALSE);
	}
	OSIncrementAtomic((SInt32 *)&rounds);
	IOExitThread();
}

int funnels(void)
{
	unsigned s;

	inside = most = rounds = 0;
	WANT(thread_funnel_get() == NULL);
	WANT(thread_funnel_set(kernel_flock, TRUE) == FALSE);
	WANT(thread_funnel_get() == kernel_flock);
	s = splbio(); /* no effect with a funnel */
	splx(s);
	for (int i = 0; i < 3; i++)
		WANT(IOCreateThread(funneled, NULL));
	IODelay(1000);
	WANT(rounds == 0 && most == 0); /* they wait for the funnel */
	IOSleep(5);                     /* let go meanwhile */
	WANT(thread_funnel_get() == kernel_flock);
	WANT(thread_funnel_set(kernel_flock, FALSE) == TRUE);
	WANT(wait_for(&rounds, 3));
	WANT(most == 1);
	return 1;
}

void spl_without(void) { splx(splbio()); }

/* Chapter 15 (2002): semaphores, and the two readings of PREPOST. */
int semaphores(void)
{
	semaphore_t s;
	mach_timespec_t wait = {0, 20000000};

	WANT(semaphore_create(current_task(), &s, SYNC_POLICY_FIFO, 1) == KERN_SUCCESS);
	WANT(semaphore_wait(s) == KERN_SUCCESS);
	WANT(semaphore_timedwait(s, wait) == KERN_OPERATION_TIMED_OUT);
	WANT(semaphore_signal(s) == KERN_SUCCESS);
	WANT(semaphore_wait(s) == KERN_SUCCESS);
	WANT(semaphore_destroy(current_task(), s) == KERN_SUCCESS);
	WANT(semaphore_create(current_task(), &s, SYNC_POLICY_PREPOST, 0) == KERN_SUCCESS);
	semaphore_signal(s); /* nobody waits: not counted */
	WANT(semaphore_timedwait(s, wait) == KERN_OPERATION_TIMED_OUT);
	WANT(semaphore_destroy(current_task(), s) == KERN_SUCCESS);
	return 1;
}

/* Chapter 15 (2002): a spin lock by hand. */
int spinning(void)
{
	static int bit;

	while (test_and_set(&bit) != 0)
		;
	WANT(bit != 0 && test_and_set(&bit) != 0);
	bit = 0;
	return 1;
}

/* Using msleep (2006): a condition variable. Nothing is lost between two threads. */
#define ITEMS 500
static lck_grp_t *group;
static lck_mtx_t *mtx;
static volatile int slot, produced, consumed, wrong;

static void producer(void *arg)
{
	for (int i = 1; i <= ITEMS; i++) {
		lck_mtx_lock(mtx);
		while (slot != 0)
			msleep((void *)&slot, mtx, PZERO, "full", NULL);
		slot = i;
		produced++;
		wakeup((void *)&slot);
		lck_mtx_unlock(mtx);
	}
	IOExitThread();
}

static void consumer(void *arg)
{
	for (int i = 1; i <= ITEMS; i++) {
		lck_mtx_lock(mtx);
		while (slot == 0)
			msleep((void *)&slot, mtx, PZERO, "empty", NULL);
		if (slot != i)
			wrong++;
		slot = 0;
		consumed++;
		wakeup((void *)&slot);
		lck_mtx_unlock(mtx);
	}
	IOExitThread();
}

int condition_variable(void)
{
	struct timespec ts = {0, 20000000};
	uint64_t deadline;

	group = lck_grp_alloc_init("docs", LCK_GRP_ATTR_NULL);
	mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
	lck_mtx_lock(mtx);
	wakeup((void *)&slot); /* nobody sleeps: no effect */
	WANT(msleep((void *)&slot, mtx, PZERO, "nobody", &ts) == EWOULDBLOCK);
	clock_interval_to_deadline(20, NSEC_PER_MSEC, &deadline);
	WANT(msleep0((void *)&slot, mtx, PZERO, "nobody", deadline) == EWOULDBLOCK);
	WANT(msleep((void *)&slot, mtx, PZERO | PDROP, "nobody", &ts) == EWOULDBLOCK);
	WANT(lck_mtx_try_lock(mtx)); /* PDROP: it was not taken again */
	lck_mtx_unlock(mtx);
	slot = produced = consumed = wrong = 0;
	WANT(IOCreateThread(consumer, NULL) && IOCreateThread(producer, NULL));
	WANT(wait_for(&consumed, ITEMS));
	WANT(produced == ITEMS && wrong == 0);
	IOSleep(20); /* they let the mutex go */
	lck_mtx_lock(mtx);
	lck_mtx_unlock(mtx);
	lck_mtx_free(mtx, group);
	lck_grp_free(group);
	return 1;
}

/* Using tsleep (2002). */
static volatile int tslept;

static void tsleeper(void *arg)
{
	tslept = 1 + tsleep((void *)&tslept, PZERO, "sample", 0);
	IOExitThread();
}

int using_tsleep(void)
{
	uint64_t a, b;

	clock_get_uptime(&a);
	WANT(tsleep((void *)&a, PZERO, "sample", hz / 20) == EWOULDBLOCK);
	clock_get_uptime(&b);
	WANT(b - a >= 40 * NSEC_PER_MSEC); /* ticks: up to one is gone already */
	tslept = 0;
	WANT(IOCreateThread(tsleeper, NULL));
	for (int i = 0; tslept == 0 && i < 2000; i++) {
		wakeup_one((void *)&tslept);
		IOSleep(5);
	}
	WANT(tslept == 1);
	return 1;
}

/* Obtaining Time Information (2002). */
static int64_t ns(mach_timespec_t t) { return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }

int times_2002(void)
{
	mach_timespec_t sys = clock_get_system_value(), cal = clock_get_calendar_value(), off = clock_get_calendar_offset();
	int64_t d = ns(cal) - ns(sys) - ns(off);
	struct timeval tv = time; /* calendar time */
	struct timeval tv_boot = boottime;
	struct timeval now;

	WANT(d > -5000000000ll && d < 5000000000ll);
	microtime(&now);
	WANT(now.tv_sec - tv.tv_sec >= 0 && now.tv_sec - tv.tv_sec < 30);
	WANT(tv_boot.tv_sec <= now.tv_sec && now.tv_sec - tv_boot.tv_sec < 3600);
	return 1;
}

/* Obtaining Time Information (2006): both resolutions agree. */
int times_2006(void)
{
	uint32_t s1, s2, s3, us1, nsec, us3;
	uint64_t a, b, c;

	clock_get_system_microtime(&s1, &us1);
	clock_get_system_nanotime(&s2, &nsec);
	clock_get_system_microtime(&s3, &us3);
	a = s1 * 1000000ull + us1;
	b = s2 * 1000000ull + nsec / 1000;
	c = s3 * 1000000ull + us3;
	WANT(a <= b && b <= c);
	clock_get_calendar_microtime(&s1, &us1);
	clock_get_calendar_nanotime(&s2, &nsec);
	clock_get_calendar_microtime(&s3, &us3);
	a = s1 * 1000000ull + us1;
	b = s2 * 1000000ull + nsec / 1000;
	c = s3 * 1000000ull + us3;
	WANT(a <= b + 1000000 && b <= c + 1000000); /* somebody may set the clock */
	return 1;
}

uint64_t calendar_as_abstime(void)
{
	uint32_t secpart;
	uint32_t nsecpart;
	uint64_t nsec, abstime;

	clock_get_calendar_nanotime(&secpart, &nsecpart);
	nsec = nsecpart + (1000000000ULL * secpart); /* convert seconds to nanoseconds */
	nanoseconds_to_absolutetime(nsec, &abstime);
	return abstime;
}

/* Handling Version Dependencies (2006): what is there before and after. */
int times_portable(void)
{
	struct timeval tv, up;
	struct timespec ts, upn;
	uint64_t a = mach_absolute_time();

	microuptime(&up);
	nanouptime(&upn);
	WANT(up.tv_sec < upn.tv_sec || (up.tv_sec == upn.tv_sec && up.tv_usec <= upn.tv_nsec / 1000));
	microtime(&tv);
	nanotime(&ts);
	WANT(ts.tv_sec - tv.tv_sec >= -1 && ts.tv_sec - tv.tv_sec < 30);
	WANT(mach_absolute_time() >= a);
	return 1;
}

/* Event and timer waits. */
int delays(void)
{
	uint64_t a, b, deadline;

#define TOOK(n, what)              \
	clock_get_uptime(&a);      \
	what;                      \
	clock_get_uptime(&b);      \
	WANT(b - a >= (n))
	TOOK(32000, clock_delay_for_interval(32, NSEC_PER_USEC));
	TOOK(50000, IODelay(50));
	TOOK(100000, delay(100));
	TOOK(5000000, IOSleep(5));
	clock_get_uptime(&a);
	clock_absolutetime_interval_to_deadline(70000, &deadline);
	WANT(deadline >= a + 70000);
	clock_delay_until(deadline);
	clock_get_uptime(&b);
	WANT(b >= deadline);
	absolutetime_to_nanoseconds(12345, &a);
	nanoseconds_to_absolutetime(a, &b);
	WANT(b == 12345);
	return 1;
}

/* timeout and untimeout. */
static volatile int timed, untimed;
static void timed_out(void *arg) { ++*(volatile int *)arg; }

int timeouts(void)
{
	struct timespec ts = {0, 1000000};

	timed = untimed = 0;
	timeout(timed_out, (void *)&untimed, hz * 3600);
	timeout(timed_out, (void *)&timed, hz / 20);
	untimeout(timed_out, (void *)&untimed);
	WANT(wait_for(&timed, 1));
	bsd_timeout(timed_out, (void *)&timed, &ts);
	WANT(wait_for(&timed, 2));
	WANT(untimed == 0);
	return 1;
}

/* Ticks: a wait of hz / 10 ticks takes a tenth of a second. */
int ticks(void)
{
	uint64_t a, b;

	WANT(hz == 100 && tick == 1000000 / hz);
	clock_get_uptime(&a);
	assert_wait((event_t)&ticks, THREAD_UNINT);
	thread_set_timer(hz / 10 * tick, NSEC_PER_USEC);
	WANT(thread_block(THREAD_CONTINUE_NULL) == THREAD_TIMED_OUT);
	clock_get_uptime(&b);
	WANT(b - a >= 100000000);
	return 1;
}

/* Boot Option Handling: argflag=20, toobig=99, -flag, name=puggle. */
static unsigned int bounded(const char *name)
{
	unsigned int argval;

	if (PE_parse_boot_arg(name, &argval)) {
		/* check for reasonable value */
		if (argval < 10 || argval > 37)
			argval = 37;
	} else {
		/* use default value */
		argval = 37;
	}
	return argval;
}

int boot_options(void)
{
	unsigned int v;
	char name[32];

	WANT(bounded("argflag") == 20);
	WANT(bounded("toobig") == 37);
	WANT(bounded("missing") == 37);
	WANT(PE_parse_boot_arg("-flag", &v));
	WANT(!PE_parse_boot_arg("-nothing", &v));
	WANT(PE_parse_boot_arg("name", name) && strcmp(name, "puggle") == 0);
	return 1;
}

/* kprintf goes to the serial line, if the boot argument debug has DB_KPRT. */
int serial_line(void)
{
	kprintf("on the serial line: %d\n", 4711);
	return 1;
}

/* Queues. */
struct item {
	int v;
	SLIST_ENTRY(item) s;
	STAILQ_ENTRY(item) st;
	LIST_ENTRY(item) l;
	TAILQ_ENTRY(item) t;
};
SLIST_HEAD(slist, item);
STAILQ_HEAD(stailq, item);
LIST_HEAD(list, item);
TAILQ_HEAD(tailq, item);

int queues(void)
{
	struct item i[4];
	struct item *p;
	struct slist s;
	struct stailq st;
	struct list l;
	struct tailq t;
	int n;

	SLIST_INIT(&s);
	STAILQ_INIT(&st);
	LIST_INIT(&l);
	TAILQ_INIT(&t);
	for (n = 0; n < 4; n++) {
		i[n].v = n;
		SLIST_INSERT_HEAD(&s, &i[n], s);    /* a stack */
		STAILQ_INSERT_TAIL(&st, &i[n], st); /* a FIFO */
		LIST_INSERT_HEAD(&l, &i[n], l);
		TAILQ_INSERT_TAIL(&t, &i[n], t);
	}
	n = 3;
	SLIST_FOREACH(p, &s, s)
		WANT(p->v == n--);
	n = 0;
	STAILQ_FOREACH(p, &st, st)
		WANT(p->v == n++);
	STAILQ_REMOVE_HEAD(&st, st);
	WANT(STAILQ_FIRST(&st) == &i[1]);
	LIST_REMOVE(&i[2], l); /* from the middle, in constant time */
	n = 0;
	LIST_FOREACH(p, &l, l)
		n = n * 10 + p->v;
	WANT(n == 310);
	TAILQ_REMOVE(&t, &i[1], t);
	n = 0;
	TAILQ_FOREACH_REVERSE(p, &t, tailq, t)
		n = n * 10 + p->v;
	WANT(n == 320);
	SLIST_REMOVE(&s, &i[1], item, s);
	SLIST_REMOVE_HEAD(&s, s);
	WANT(SLIST_FIRST(&s) == &i[2] && SLIST_NEXT(&i[2], s) == &i[0]);
	return 1;
}

/* Chapter 14 (2002), Boundary Crossings (2006): sysctls. */
static unsigned int SCTEST;

static int myhandler SYSCTL_HANDLER_ARGS
{
	int error, retval;

	error = sysctl_handle_int(oidp, oidp->oid_arg1, oidp->oid_arg2, req);
	if (!error && req->newptr) {
		/* We have a new value stored in the standard location. Do with it as you see fit here. */
		printf("sysctl_test: stored %d\n", SCTEST);
	} else if (req->newptr) {
		/* Something was wrong with the write request. Do something here if you feel like it.... */
	} else {
		/* Read request. Always return 763, just for grins. */
		printf("sysctl_test: read %d\n", SCTEST);
		retval = 763;
		req->oldidx = 0; /* what sysctl_handle_int has written is replaced */
		error = SYSCTL_OUT(req, &retval, sizeof retval);
	}
	/* In any case, return success or return the reason for failure */
	return error;
}

/* About the process that reads it: the NKE reference's functions. */
static int about_me SYSCTL_HANDLER_ARGS
{
	proc_t p = proc_self(), again = proc_self();
	struct ucred *cr;
	int v;

	v = p == again && p == current_proc() && proc_pid(p) == proc_selfpid() && proc_is64bit(p) == 1 && proc_exiting(p) == 0 ? 1 : 0;
	cr = crdup(proc_ucred(p));
	v = v * 10 + (proc_suser(p) == 0) * 2 + (cr->cr_uid == 0 && cr->cr_ngroups >= 0);
	crfree(cr);
	proc_rele(again);
	v = v * 10 + (proc_pid(p) == proc_selfpid());
	proc_rele(p);
	return SYSCTL_OUT(req, &v, sizeof v);
}

SYSCTL_PROC(_debug, OID_AUTO, sctest, CTLTYPE_INT | CTLFLAG_RW, &SCTEST, 0, &myhandler, "I", "The documents' handler");
SYSCTL_PROC(_debug, OID_AUTO, aboutme, CTLTYPE_INT | CTLFLAG_RD, 0, 0, &about_me, "I", "The process that reads this");

SYSCTL_DECL(_net_newcat);
SYSCTL_NODE(_net, OID_AUTO, newcat, CTLFLAG_RW, 0, "new category");
static int inner = 5;
SYSCTL_INT(_net_newcat, OID_AUTO, inner, CTLFLAG_RW, &inner, 0, "in the new category");
SYSCTL_NODE(, OID_AUTO, topname, CTLFLAG_RW, 0, "desc");
SYSCTL_INT(_topname, OID_AUTO, missing, CTLFLAG_RD, 0, 42, "the default of a null pointer");

static struct sysctl_oid *const oids[] = {&sysctl__debug_sctest, &sysctl__debug_aboutme, &sysctl__net_newcat,
	&sysctl__net_newcat_inner, &sysctl__topname, &sysctl__topname_missing};
#define NOIDS ((int)(sizeof oids / sizeof oids[0]))

static kern_return_t docs_start(kmod_info_t *ki, void *data)
{
	for (int i = 0; i < NOIDS; i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

static kern_return_t docs_stop(kmod_info_t *ki, void *data)
{
	for (int i = NOIDS - 1; i >= 0; i--)
		sysctl_unregister_oid(oids[i]);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.docs, "1.0", docs_start, docs_stop)
