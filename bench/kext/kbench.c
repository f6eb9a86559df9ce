/*
 * What bench measures of kernel code. debug.kbench_call and debug.kbench_mutex give the time
 * of one call of the KPI and of one lock and unlock, in picoseconds; debug.kbench_null is a
 * handler that does next to nothing; /dev/kbench gives zeros.
 */
#include <kern/clock.h>
#include <kern/locks.h>
#include <mach/mach_types.h>
#include <miscfs/devfs/devfs.h>
#include <sys/conf.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <sys/uio.h>

static lck_grp_t *group;
static lck_mtx_t *mutex;
static int null_value = 42;

static int calls SYSCTL_HANDLER_ARGS
{
	enum { N = 20000 };
	uint64_t a, b;
	int v;

	clock_get_uptime(&a);
	for (int i = 0; i < N; i++)
		proc_selfpid();
	clock_get_uptime(&b);
	v = (int)((b - a) * 1000 / N);
	return SYSCTL_OUT(req, &v, sizeof v);
}

static int mutexes SYSCTL_HANDLER_ARGS
{
	enum { N = 1000000 };
	uint64_t a, b;
	int v;

	clock_get_uptime(&a);
	for (int i = 0; i < N; i++) {
		lck_mtx_lock(mutex);
		lck_mtx_unlock(mutex);
	}
	clock_get_uptime(&b);
	v = (int)((b - a) * 1000 / N);
	return SYSCTL_OUT(req, &v, sizeof v);
}

static int null SYSCTL_HANDLER_ARGS { return SYSCTL_OUT(req, &null_value, sizeof null_value); }

SYSCTL_PROC(_debug, OID_AUTO, kbench_call, CTLTYPE_INT | CTLFLAG_RD, 0, 0, calls, "I", "A call of the KPI, ps");
SYSCTL_PROC(_debug, OID_AUTO, kbench_mutex, CTLTYPE_INT | CTLFLAG_RD, 0, 0, mutexes, "I", "lck_mtx_lock and unlock, ps");
SYSCTL_PROC(_debug, OID_AUTO, kbench_null, CTLTYPE_INT | CTLFLAG_RD, 0, 0, null, "I", "A handler");

static char zeros[4096];
static int kb_open(dev_t dev, int flags, int devtype, struct proc *p) { return 0; }
static int kb_read(dev_t dev, struct uio *uio, int ioflag) { return uiomove(zeros, sizeof zeros, uio); }
static struct cdevsw sw = {.d_open = kb_open, .d_close = kb_open, .d_read = kb_read, .d_write = eno_rdwrt, .d_ioctl = eno_ioctl,
	.d_stop = eno_stop, .d_reset = eno_reset, .d_select = (select_fcn_t *)seltrue, .d_mmap = eno_mmap, .d_strategy = eno_strat};
static int major_;
static void *node;

static kern_return_t kbench_start(kmod_info_t *ki, void *data)
{
	group = lck_grp_alloc_init("kbench", LCK_GRP_ATTR_NULL);
	mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
	major_ = cdevsw_add(-1, &sw);
	node = devfs_make_node(makedev(major_, 0), DEVFS_CHAR, 0, 0, 0666, "kbench");
	sysctl_register_oid(&sysctl__debug_kbench_call);
	sysctl_register_oid(&sysctl__debug_kbench_mutex);
	sysctl_register_oid(&sysctl__debug_kbench_null);
	return node ? KERN_SUCCESS : KERN_FAILURE;
}

static kern_return_t kbench_stop(kmod_info_t *ki, void *data)
{
	sysctl_unregister_oid(&sysctl__debug_kbench_call);
	sysctl_unregister_oid(&sysctl__debug_kbench_mutex);
	sysctl_unregister_oid(&sysctl__debug_kbench_null);
	devfs_remove(node);
	cdevsw_remove(major_, &sw);
	lck_mtx_free(mutex, group);
	lck_grp_free(group);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.kbench, "1.0", kbench_start, kbench_stop)
