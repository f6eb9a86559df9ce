/*
 * Kernel code and a program exclude each other by a program's lock set, and kernel code
 * sets how threads compete. sets_test.go and test/c/src/lockset_child.c are the other sides.
 */
#include <kern/locks.h>
#include <kern/thread.h>
#include <mach/lock_set.h>
#include <mach/mach_types.h>
#include <mach/semaphore.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

#define WANT(c)                          \
	do {                             \
		if (!(c))                \
			return __LINE__; \
	} while (0)

static lock_set_t set;
static volatile int state, go;

static void holder(void *arg, wait_result_t wr)
{
	if (lock_acquire(set, 0) != KERN_SUCCESS)
		state = -1;
	else
		state = 1;
	while (!go)
		tsleep((void *)&go, PZERO, "go", 1);
	state = 2;
	lock_release(set, 0);
	if (lock_acquire(set, 1) != KERN_SUCCESS) /* the program holds it */
		state = -3;
	else
		state = 3;
	if (lock_release(set, 1) != KERN_SUCCESS || lock_release(set, 1) == KERN_SUCCESS)
		state = -4;
	/* it ends with a lock held */
	if (lock_acquire(set, 0) != KERN_SUCCESS)
		state = -5;
	else
		state = 5;
}

/* Written: a name of the program's, whose set a thread of the kernel's takes part in. */
static int share SYSCTL_HANDLER_ARGS
{
	int name = 0, error = sysctl_handle_int(oidp, &name, 0, req);
	thread_t t;

	if (error || !req->newptr)
		return error;
	if (name == 0) {
		lock_set_dereference(set);
		set = 0;
		return 0;
	}
	if (port_name_to_lock_set(name, &set) != KERN_SUCCESS)
		return EINVAL;
	state = go = 0;
	return kernel_thread_start(holder, 0, &t) == KERN_SUCCESS ? 0 : ENOMEM;
}

/* Read: what the program's own thread gets for a lock, by kernel code. */
static int try1 SYSCTL_HANDLER_ARGS
{
	int r = lock_try(set, 1);
	return SYSCTL_OUT(req, &r, sizeof r);
}

/* Written: a name of a semaphore of the program's, which is signalled. */
static int post SYSCTL_HANDLER_ARGS
{
	int name = 0, error = sysctl_handle_int(oidp, &name, 0, req);
	semaphore_t s;

	if (error || !req->newptr)
		return error;
	if (port_name_to_semaphore(name, &s) != KERN_SUCCESS)
		return EINVAL;
	error = semaphore_destroy(current_task(), s) == KERN_SUCCESS /* it is not ours */ || semaphore_signal(s) != KERN_SUCCESS;
	semaphore_dereference(s);
	return error || semaphore_signal(s) == KERN_SUCCESS ? EIO : 0;
}

static int own_sets(void)
{
	lock_set_t s;

	WANT(lock_set_create(current_task(), &s, 0, SYNC_POLICY_FIFO) == KERN_INVALID_ARGUMENT);
	WANT(lock_set_create(current_task(), &s, 2, SYNC_POLICY_FIFO) == KERN_SUCCESS);
	WANT(lock_acquire(s, 2) == KERN_INVALID_ARGUMENT);
	WANT(lock_acquire(s, 1) == KERN_SUCCESS);
	WANT(lock_acquire(s, 1) == KERN_LOCK_OWNED_SELF);
	WANT(lock_make_stable(s, 0) != KERN_SUCCESS);
	WANT(lock_make_stable(s, 1) == KERN_SUCCESS);
	lock_set_dereference(s); /* nothing: it has no name */
	WANT(lock_release(s, 1) == KERN_SUCCESS);
	WANT(lock_set_destroy(current_task(), s) == KERN_SUCCESS);
	WANT(lock_acquire(s, 1) == KERN_INVALID_ARGUMENT);
	WANT(port_name_to_lock_set(0, &s) == KERN_INVALID_ARGUMENT);
	return 1;
}

static int policies(void)
{
	thread_act_t me = getact_thread(current_thread());
	int w[8] = {9, 9, 9, 9, 9, 9, 9, 9};
	mach_msg_type_number_t n = 8;
	boolean_t def = FALSE;
	thread_precedence_policy_data_t p = {-3};
	thread_extended_policy_data_t x = {FALSE};
	thread_time_constraint_policy_data_t t = {10000000, 1000000, 2000000, TRUE}, bad = {10000000, 3000000, 2000000, TRUE};

	WANT(thread_policy_get(me, THREAD_TIME_CONSTRAINT_POLICY, w, &n, &def) == KERN_SUCCESS);
	WANT(n == 4 && def == TRUE && w[4] == 9); /* it has none: the defaults */
	WANT(thread_policy_set(me, THREAD_PRECEDENCE_POLICY, (int *)&p, THREAD_PRECEDENCE_POLICY_COUNT) == KERN_SUCCESS);
	n = 8, def = FALSE;
	WANT(thread_policy_get(me, THREAD_PRECEDENCE_POLICY, w, &n, &def) == KERN_SUCCESS && n == 1 && w[0] == -3 && def == FALSE);
	n = 8, def = TRUE;
	WANT(thread_policy_get(me, THREAD_PRECEDENCE_POLICY, w, &n, &def) == KERN_SUCCESS && n == 1 && w[0] == 0 && def == TRUE);
	WANT(thread_policy_set(me, THREAD_TIME_CONSTRAINT_POLICY, (int *)&t, 3) == KERN_INVALID_ARGUMENT);
	WANT(thread_policy_set(me, THREAD_TIME_CONSTRAINT_POLICY, (int *)&bad, 4) == KERN_INVALID_ARGUMENT);
	WANT(thread_policy_set(me, THREAD_TIME_CONSTRAINT_POLICY, (int *)&t, 4) == KERN_SUCCESS);
	n = 4, def = FALSE;
	WANT(thread_policy_get(me, THREAD_TIME_CONSTRAINT_POLICY, w, &n, &def) == KERN_SUCCESS);
	WANT(n == 4 && def == FALSE && w[0] == 10000000 && w[1] == 1000000 && w[2] == 2000000 && w[3] == TRUE);
	n = 3;
	WANT(thread_policy_get(me, THREAD_TIME_CONSTRAINT_POLICY, w, &n, &def) == KERN_INVALID_ARGUMENT);
	WANT(thread_policy_set(me, THREAD_EXTENDED_POLICY, (int *)&x, 1) == KERN_SUCCESS);
	n = 1, def = FALSE;
	WANT(thread_policy_get(me, THREAD_EXTENDED_POLICY, w, &n, &def) == KERN_SUCCESS && w[0] == FALSE);
	WANT(thread_policy_set(me, THREAD_STANDARD_POLICY, 0, 0) == KERN_SUCCESS);
	n = 1, def = FALSE;
	WANT(thread_policy_get(me, THREAD_EXTENDED_POLICY, w, &n, &def) == KERN_SUCCESS && w[0] == TRUE);
	WANT(thread_policy_set(me, 77, w, 1) == KERN_INVALID_ARGUMENT);
	WANT(thread_policy_set(0, THREAD_EXTENDED_POLICY, (int *)&x, 1) == KERN_INVALID_ARGUMENT);
	p.importance = 0;
	WANT(thread_policy_set(me, THREAD_PRECEDENCE_POLICY, (int *)&p, 1) == KERN_SUCCESS);
	return 1;
}

static int checks SYSCTL_HANDLER_ARGS
{
	int r = own_sets();
	if (r == 1)
		r = policies();
	return SYSCTL_OUT(req, &r, sizeof r);
}

SYSCTL_NODE(_debug, OID_AUTO, sets, CTLFLAG_RW, 0, "lock sets");
SYSCTL_DECL(_debug_sets);
SYSCTL_PROC(_debug_sets, OID_AUTO, share, CTLTYPE_INT | CTLFLAG_RW, 0, 0, &share, "I", "");
SYSCTL_PROC(_debug_sets, OID_AUTO, try1, CTLTYPE_INT | CTLFLAG_RD, 0, 0, &try1, "I", "");
SYSCTL_PROC(_debug_sets, OID_AUTO, post, CTLTYPE_INT | CTLFLAG_RW, 0, 0, &post, "I", "");
SYSCTL_PROC(_debug_sets, OID_AUTO, checks, CTLTYPE_INT | CTLFLAG_RD, 0, 0, &checks, "I", "");
SYSCTL_INT(_debug_sets, OID_AUTO, state, CTLFLAG_RD, (int *)&state, 0, "");
SYSCTL_INT(_debug_sets, OID_AUTO, go, CTLFLAG_RW, (int *)&go, 0, "");

static struct sysctl_oid *const oids[] = {&sysctl__debug_sets, &sysctl__debug_sets_share, &sysctl__debug_sets_try1,
	&sysctl__debug_sets_post, &sysctl__debug_sets_checks, &sysctl__debug_sets_state, &sysctl__debug_sets_go};
#define NOIDS ((int)(sizeof oids / sizeof oids[0]))

/* A group with a lock of each kind and two mutexes, with what they count: 1, 3 and 2. */
static lck_grp_t *grp;
static lck_mtx_t *mtx, *mtx2;
static lck_spin_t *spin;
static lck_rw_t *rw;

static int group(void)
{
	lck_grp_attr_t *attr = lck_grp_attr_alloc_init();

	lck_grp_attr_setstat(attr);
	grp = lck_grp_alloc_init("com.example.sets", attr);
	lck_grp_attr_free(attr);
	mtx = lck_mtx_alloc_init(grp, 0), mtx2 = lck_mtx_alloc_init(grp, 0);
	spin = lck_spin_alloc_init(grp, 0), rw = lck_rw_alloc_init(grp, 0);
	if (!mtx || !mtx2 || !spin || !rw)
		return 0;
	lck_spin_lock(spin), lck_spin_unlock(spin);
	for (int i = 0; i < 3; i++)
		lck_mtx_lock(mtx), lck_mtx_unlock(mtx);
	lck_rw_lock_shared(rw), lck_rw_unlock_shared(rw);
	lck_rw_lock_exclusive(rw), lck_rw_unlock_exclusive(rw);
	return 1;
}

static kern_return_t sets_start(kmod_info_t *ki, void *data)
{
	if (!group())
		return KERN_FAILURE;
	for (int i = 0; i < NOIDS; i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

static kern_return_t sets_stop(kmod_info_t *ki, void *data)
{
	for (int i = NOIDS - 1; i >= 0; i--)
		sysctl_unregister_oid(oids[i]);
	lck_mtx_free(mtx, grp), lck_mtx_free(mtx2, grp), lck_spin_free(spin, grp), lck_rw_free(rw, grp);
	lck_grp_free(grp); /* panics if one is left */
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.sets, "1.0", sets_start, sets_stop)
