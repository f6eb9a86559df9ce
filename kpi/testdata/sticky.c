/* An extension that leaves things behind, as debug.sticky says, and other trouble. */
#include <IOKit/IOLib.h>
#include <kern/thread_call.h>
#include <kern/clock.h>
#include <mach/mach_types.h>
#include <miscfs/devfs/devfs.h>
#include <pexpert/pexpert.h>
#include <sys/conf.h>
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <sys/uio.h>

enum { SYSCTL = 1, DEVICE = 2, TIMEOUT = 4, CALL = 8, THREAD = 16, MEMORY = 32 };

static int leave; /* what stop leaves */
static int fail;
SYSCTL_INT(_debug, OID_AUTO, sticky_leave, CTLFLAG_RW | CTLFLAG_ANYBODY, &leave, 0, "");
static int crash SYSCTL_HANDLER_ARGS { return *(volatile int *)16; }
SYSCTL_PROC(_debug, OID_AUTO, sticky_crash, CTLTYPE_INT | CTLFLAG_RD | CTLFLAG_ANYBODY, 0, 0, crash, "I", "");
static int forget SYSCTL_HANDLER_ARGS
{
	sysctl_unregister_oid(oidp); /* itself: it would wait for itself */
	return 0;
}
SYSCTL_PROC(_debug, OID_AUTO, sticky_forget, CTLTYPE_INT | CTLFLAG_RD | CTLFLAG_ANYBODY, 0, 0, forget, "I", "");
static int boot SYSCTL_HANDLER_ARGS
{
	int v = -1, n = 0;
	char s[8] = "";
	if (PE_parse_boot_argn("debug", &v, sizeof v) && PE_parse_boot_argn("name", s, sizeof s) && !PE_parse_boot_argn("absent", &n, sizeof n) &&
	    PE_parse_boot_argn("-v", &n, sizeof n) && n == 1 && strcmp(s, "puggle") == 0)
		return SYSCTL_OUT(req, &v, sizeof v);
	return EINVAL;
}
SYSCTL_PROC(_debug, OID_AUTO, sticky_boot, CTLTYPE_INT | CTLFLAG_RD, 0, 0, boot, "I", "");

static volatile int called, ended;
static lck_grp_t *group;
static lck_mtx_t *mutex; /* guards called */
static void add(int n)
{
	lck_mtx_lock(mutex);
	called += n;
	wakeup((void *)&called);
	lck_mtx_unlock(mutex);
}
static void later(void *arg) { add((int)(long)arg); }
static void twice(void *a, void *b) { add(10 * (int)(long)a + (int)(long)b); }
static void idle(void *arg) {}
static void thread(void *arg)
{
	IOSleep(2000); /* longer than an unload waits for threads */
	ended = 1;
	IOExitThread();
}
static thread_call_t call;
static int timers SYSCTL_HANDLER_ARGS
{
	uint64_t at, now;
	struct timespec ts = {5, 0};
	int error = 0;
	called = 0;
	clock_interval_to_deadline(20, 1000000, &at);
	thread_call_enter1_delayed(call, (void *)3, at);
	timeout(later, (void *)100, 1);
	timeout(later, (void *)1000, 200);
	untimeout(later, (void *)1000);
	lck_mtx_lock(mutex);
	while (called != 123 && error == 0)
		error = msleep((void *)&called, mutex, PWAIT, "timers", &ts);
	lck_mtx_unlock(mutex);
	if (error)
		return error;
	clock_get_uptime(&now);
	if (now < at)
		return ERANGE;
	error = called;
	return SYSCTL_OUT(req, &error, sizeof error);
}
SYSCTL_PROC(_debug, OID_AUTO, sticky_timers, CTLTYPE_INT | CTLFLAG_RD, 0, 0, timers, "I", "");

static int nothing(dev_t dev, int flags, int devtype, struct proc *p) { return 0; }
static struct cdevsw sw = {.d_open = nothing, .d_close = nothing};
static int major_ = -1;
static void *node;

kern_return_t sticky_start(kmod_info_t *ki, void *data)
{
	int n;
	if (PE_parse_boot_argn("sticky_fail", &n, sizeof n))
		return KERN_FAILURE;
	group = lck_grp_alloc_init("sticky", LCK_GRP_ATTR_NULL);
	mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
	sysctl_register_oid(&sysctl__debug_sticky_leave);
	sysctl_register_oid(&sysctl__debug_sticky_crash);
	sysctl_register_oid(&sysctl__debug_sticky_forget);
	sysctl_register_oid(&sysctl__debug_sticky_boot);
	sysctl_register_oid(&sysctl__debug_sticky_timers);
	call = thread_call_allocate(twice, (void *)2);
	major_ = cdevsw_add(-1, &sw);
	node = devfs_make_node(makedev(major_, 3), DEVFS_CHAR, 0, 0, 0600, "sticky%d.%s", 3, "x");
	return node ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t sticky_stop(kmod_info_t *ki, void *data)
{
	sysctl_unregister_oid(&sysctl__debug_sticky_leave);
	if (!(leave & SYSCTL))
		sysctl_unregister_oid(&sysctl__debug_sticky_crash);
	sysctl_unregister_oid(&sysctl__debug_sticky_forget);
	sysctl_unregister_oid(&sysctl__debug_sticky_boot);
	sysctl_unregister_oid(&sysctl__debug_sticky_timers);
	if (!(leave & DEVICE)) {
		devfs_remove(node);
		cdevsw_remove(major_, &sw);
	}
	lck_mtx_free(mutex, group);
	lck_grp_free(group);
	if (leave & TIMEOUT)
		timeout(idle, 0, 30);
	if (!(leave & CALL))
		thread_call_free(call);
	if (leave & THREAD)
		IOCreateThread(thread, 0);
	if (leave & MEMORY)
		IOMalloc(1000);
	return KERN_SUCCESS;
}
