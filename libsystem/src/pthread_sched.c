/*
 * pthread_setschedparam: the kernel's thread_policy, which reaches the priorities
 * of users, 0 to 63, and no others. SCHED_OTHER shares time, SCHED_RR goes round
 * by quanta, SCHED_FIFO runs until it blocks.
 */
#include "private.h"
#include <errno.h>
#include <mach/mach.h>
#include <mach/policy.h>
#include <mach/thread_act.h>

hidden int apply_sched(uint32_t port, int policy, int priority)
{
	integer_t base[2] = { priority, 0 }; /* the standard quantum */
	return thread_policy(port, policy, base, policy == SCHED_RR ? 2 : 1, TRUE) == KERN_SUCCESS ? 0 : EINVAL;
}

int pthread_setschedparam(pthread_t t, int policy, const struct sched_param *p)
{
	if ((policy != SCHED_OTHER && policy != SCHED_RR && policy != SCHED_FIFO) || p->sched_priority < 0 || p->sched_priority > 63)
		return EINVAL;
	lock(&thread_lock);
	bool ok = thread_known(t) && !t->ended;
	uint32_t port = 0;
	if (ok) {
		t->priority = p->sched_priority;
		__atomic_store_n(&t->policy, policy, __ATOMIC_SEQ_CST);
		port = __atomic_load_n(&t->port, __ATOMIC_SEQ_CST);
	}
	unlock(&thread_lock);
	if (!ok)
		return ESRCH;
	/* A thread that has not begun yet does it itself. */
	return port ? apply_sched(port, policy, p->sched_priority) : 0;
}

int pthread_getschedparam(pthread_t t, int *policy, struct sched_param *p)
{
	lock(&thread_lock);
	int err = thread_known(t) ? 0 : ESRCH;
	if (err == 0) {
		*policy = t->policy;
		p->sched_priority = t->priority;
	}
	unlock(&thread_lock);
	return err;
}
