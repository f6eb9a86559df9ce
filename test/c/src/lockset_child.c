/* A program and kernel code (kpi/testdata/sets.c) exclude each other. */
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_host.h>
#include <mach/lock_set.h>
#include <mach/semaphore.h>
#include <mach/sync_policy.h>
#include <pthread.h>
#include <sys/sysctl.h>
#include <unistd.h>

static lock_set_t set;

static int get(const char *name)
{
	int v = -99;
	size_t n = sizeof v;
	CHECKEQ(sysctlbyname(name, &v, &n, NULL, 0), 0);
	return v;
}

static int put(const char *name, int v) { return sysctlbyname(name, NULL, NULL, &v, sizeof v); }

static void until(int state)
{
	for (int i = 0; i < 50000 && get("debug.sets.state") != state; i++)
		usleep(1000);
	CHECKEQ(get("debug.sets.state"), state);
}

static void *dies(void *arg)
{
	CHECKEQ(lock_acquire(set, 1), KERN_SUCCESS);
	return NULL;
}

/* The group of sets.c, among those of kernel code. */
static void groups(void)
{
	lockgroup_info_array_t l = NULL;
	mach_msg_type_number_t n = 0;
	int found = 0;
	CHECKEQ(sizeof *l, 264);
	CHECKEQ(host_lockgroup_info(mach_host_self(), &l, &n), 0);
	for (mach_msg_type_number_t i = 0; i < n; i++) {
		if (strcmp(l[i].lockgroup_name, "com.example.sets") != 0)
			continue;
		found++;
		CHECKEQ(l[i].lock_spin_cnt, 1);
		CHECKEQ(l[i].lock_spin_held_cnt, 1);
		CHECKEQ(l[i].lock_mtx_cnt, 2);
		CHECKEQ(l[i].lock_mtx_util_cnt, 3);
		CHECKEQ(l[i].lock_mtx_miss_cnt, 0);
		CHECKEQ(l[i].lock_rw_cnt, 1);
		CHECKEQ(l[i].lock_rw_util_cnt, 2);
	}
	CHECKEQ(found, 1);
	CHECKEQ(vm_deallocate(mach_task_self(), (vm_address_t)l, n * sizeof *l), 0);
	CHECKEQ(host_lockgroup_info(mach_task_self(), &l, &n), KERN_INVALID_HOST);
}

int main(void)
{
	groups();
	CHECKEQ(get("debug.sets.checks"), 1);
	CHECKEQ(lock_set_create(mach_task_self(), &set, 2, SYNC_POLICY_FIFO), 0);
	CHECKEQ(lock_acquire(set, 1), KERN_SUCCESS);
	CHECKEQ(put("debug.sets.share", mach_task_self()), -1); /* no lock set */
	CHECKEQ(errno, EINVAL);
	CHECKEQ(put("debug.sets.share", set), 0);
	until(1);
	CHECKEQ(lock_try(set, 0), KERN_LOCK_OWNED); /* by the kernel's thread */
	CHECKEQ(get("debug.sets.try1"), KERN_LOCK_OWNED_SELF);
	CHECKEQ(put("debug.sets.go", 1), 0);
	CHECKEQ(lock_acquire(set, 0), KERN_SUCCESS);
	CHECKEQ(get("debug.sets.state"), 2); /* it waits for the other lock */
	CHECKEQ(lock_release(set, 1), KERN_SUCCESS);
	until(3);
	CHECKEQ(lock_release(set, 0), KERN_SUCCESS);
	/* it takes the lock once more, and ends */
	until(5);
	CHECKEQ(lock_acquire(set, 0), KERN_LOCK_UNSTABLE);
	CHECKEQ(lock_make_stable(set, 0), KERN_SUCCESS);
	CHECKEQ(lock_release(set, 0), KERN_SUCCESS);
	CHECKEQ(lock_acquire(set, 0), KERN_SUCCESS);

	/* and so does a thread of the program */
	pthread_t t;
	CHECKEQ(pthread_create(&t, NULL, dies, NULL), 0);
	CHECKEQ(pthread_join(t, NULL), 0);
	CHECKEQ(lock_acquire(set, 1), KERN_LOCK_UNSTABLE);
	CHECKEQ(put("debug.sets.share", 0), 0);
	CHECKEQ(lock_set_destroy(mach_task_self(), set), 0);

	semaphore_t sem;
	CHECKEQ(semaphore_create(mach_task_self(), &sem, SYNC_POLICY_FIFO, 0), 0);
	CHECKEQ(put("debug.sets.post", sem), 0);
	CHECKEQ(semaphore_wait(sem), 0);
	CHECKEQ(semaphore_destroy(mach_task_self(), sem), 0);
	puts("lockset ok");
	DONE();
}
