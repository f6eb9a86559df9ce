/* Scheduling: policies of threads and of the task, by port and by pthreads. */
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_time.h>
#include <mach/policy.h>
#include <mach/task_policy.h>
#include <mach/thread_act.h>
#include <mach/thread_info.h>
#include <mach/thread_policy.h>
#include <pthread.h>
#include <sched.h>
#include <sys/qos.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct thread_extended_info info(void)
{
	struct thread_extended_info i = {0};
	mach_msg_type_number_t n = THREAD_EXTENDED_INFO_COUNT;
	CHECKEQ(thread_info(pthread_mach_thread_np(pthread_self()), THREAD_EXTENDED_INFO, (thread_info_t)&i, &n), KERN_SUCCESS);
	return i;
}

/* Computes until the thread stands below a priority. */
static int sinks_below(int pri)
{
	for (long round = 0; round < 20000; round++) {
		uint64_t end = mach_absolute_time() + 5000000;
		while (mach_absolute_time() < end)
			;
		if (info().pth_curpri < pri)
			return 1;
	}
	return 0;
}

static void *realtime(void *arg)
{
	thread_act_t self = pthread_mach_thread_np(pthread_self());
	struct thread_time_constraint_policy set = { .period = 20000000, .computation = 2000000, .constraint = 10000000, .preemptible = 1 }, got;
	mach_msg_type_number_t n = THREAD_TIME_CONSTRAINT_POLICY_COUNT;
	boolean_t def = FALSE;
	CHECKEQ(thread_policy_get(self, THREAD_TIME_CONSTRAINT_POLICY, (thread_policy_t)&got, &n, &def), KERN_SUCCESS);
	CHECK(def);
	CHECKEQ(thread_policy_set(self, THREAD_TIME_CONSTRAINT_POLICY, (thread_policy_t)&set, n), KERN_SUCCESS);
	CHECKEQ(info().pth_curpri, 97);
	memset(&got, 0, sizeof got);
	def = FALSE;
	CHECKEQ(thread_policy_get(self, THREAD_TIME_CONSTRAINT_POLICY, (thread_policy_t)&got, &n, &def), KERN_SUCCESS);
	CHECK(!def && n == 4 && memcmp(&set, &got, sizeof set) == 0);
	n = 3;
	CHECKEQ(thread_policy_get(self, THREAD_TIME_CONSTRAINT_POLICY, (thread_policy_t)&got, &n, &def), KERN_INVALID_ARGUMENT);
	set.constraint = set.computation - 1;
	CHECKEQ(thread_policy_set(self, THREAD_TIME_CONSTRAINT_POLICY, (thread_policy_t)&set, 4), KERN_INVALID_ARGUMENT);
	/* A thread that keeps its contract stays, one that computes on and on is demoted. */
	for (int i = 0; i < 10; i++)
		usleep(2000);
	CHECKEQ(info().pth_curpri, 97);
	CHECK(sinks_below(64));
	return NULL;
}

static void *timeshare(void *arg)
{
	CHECKEQ(info().pth_priority, 31);
	CHECK(sinks_below(31));
	return NULL;
}

static void *fixed(void *arg)
{
	thread_act_t self = pthread_mach_thread_np(pthread_self());
	int policy;
	struct sched_param p = { .sched_priority = 40 };
	CHECKEQ(pthread_setschedparam(pthread_self(), SCHED_RR, &p), 0);
	p.sched_priority = 0;
	CHECKEQ(pthread_getschedparam(pthread_self(), &policy, &p), 0);
	CHECK(policy == SCHED_RR && p.sched_priority == 40);
	struct thread_extended_info i = info();
	CHECK(i.pth_priority == 40 && i.pth_curpri == 40 && i.pth_policy == POLICY_RR);
	struct thread_extended_policy e = { .timeshare = 1 };
	mach_msg_type_number_t n = THREAD_EXTENDED_POLICY_COUNT;
	boolean_t def = FALSE;
	CHECKEQ(thread_policy_get(self, THREAD_EXTENDED_POLICY, (thread_policy_t)&e, &n, &def), KERN_SUCCESS);
	CHECK(!def && e.timeshare == 0);
	p.sched_priority = 64;
	CHECKEQ(pthread_setschedparam(pthread_self(), SCHED_FIFO, &p), EINVAL);
	CHECKEQ(pthread_setschedparam(pthread_self(), 77, &p), EINVAL);
	CHECKEQ(info().pth_priority, 40);
	struct thread_precedence_policy prec = { .importance = -5 };
	CHECKEQ(thread_policy_set(self, THREAD_PRECEDENCE_POLICY, (thread_policy_t)&prec, THREAD_PRECEDENCE_POLICY_COUNT), KERN_SUCCESS);
	CHECKEQ(info().pth_priority, 26);
	return NULL;
}

/* A class of service is a tier in the kernel, which decides the priority. */
int pthread_set_qos_class_self_np(qos_class_t, int);
int pthread_get_qos_class_np(pthread_t, qos_class_t *, int *);
qos_class_t qos_class_self(void);
static void *classes(void *arg)
{
	static const struct { qos_class_t class; int relative, tier, priority; } all[] = {
		{ QOS_CLASS_USER_INTERACTIVE, 0, 6, 46 }, { QOS_CLASS_USER_INITIATED, -3, 5, 34 },
		{ QOS_CLASS_DEFAULT, 0, 4, 31 }, { QOS_CLASS_UTILITY, -15, 3, 5 }, { QOS_CLASS_BACKGROUND, 0, 2, 4 } };
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct thread_qos_policy q = { -1, -1 };
		mach_msg_type_number_t n = THREAD_QOS_POLICY_COUNT;
		boolean_t def = FALSE;
		qos_class_t class;
		int relative;
		CHECKEQ(pthread_set_qos_class_self_np(all[i].class, all[i].relative), 0);
		CHECKEQ(thread_policy_get(pthread_mach_thread_np(pthread_self()), THREAD_QOS_POLICY, (thread_policy_t)&q, &n, &def), KERN_SUCCESS);
		CHECK(!def && q.qos_tier == all[i].tier && q.tier_importance == all[i].relative);
		CHECKEQ(info().pth_priority, all[i].priority);
		CHECKEQ(pthread_get_qos_class_np(pthread_self(), &class, &relative), 0);
		CHECK(class == all[i].class && relative == all[i].relative && qos_class_self() == class);
	}
	CHECKEQ(pthread_set_qos_class_self_np((qos_class_t)7, 0), EINVAL);
	CHECKEQ(pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, -16), EINVAL);
	CHECKEQ(info().pth_priority, 4);
	return NULL;
}

static void *explicit(void *arg)
{
	struct thread_extended_info i = info();
	CHECK(i.pth_priority == 12 && i.pth_policy == POLICY_FIFO);
	return NULL;
}

static void on_thread(void *(*f)(void *), pthread_attr_t *a)
{
	pthread_t t;
	CHECKEQ(pthread_create(&t, a, f, NULL), 0);
	CHECKEQ(pthread_join(t, NULL), 0);
}

static kern_return_t role(task_role_t r)
{
	struct task_category_policy p = { .role = r };
	return task_policy_set(mach_task_self(), TASK_CATEGORY_POLICY, (task_policy_t)&p, TASK_CATEGORY_POLICY_COUNT);
}

static task_role_t role_now(void)
{
	struct task_category_policy p = { .role = 99 };
	mach_msg_type_number_t n = TASK_CATEGORY_POLICY_COUNT;
	boolean_t def = FALSE;
	CHECKEQ(task_policy_get(mach_task_self(), TASK_CATEGORY_POLICY, (task_policy_t)&p, &n, &def), KERN_SUCCESS);
	return p.role;
}

int main(void)
{
	on_thread(timeshare, NULL);
	on_thread(fixed, NULL);
	on_thread(realtime, NULL);
	on_thread(classes, NULL);
	pthread_attr_t a;
	struct sched_param p = { .sched_priority = 12 };
	pthread_attr_init(&a);
	CHECKEQ(pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED), 0);
	CHECKEQ(pthread_attr_setschedpolicy(&a, SCHED_FIFO), 0);
	CHECKEQ(pthread_attr_setschedparam(&a, &p), 0);
	on_thread(explicit, &a);

	/* Roles: one graphics server; a child does not inherit it, and can't have it. */
	CHECKEQ(role(TASK_GRAPHICS_SERVER), KERN_SUCCESS);
	CHECKEQ(role_now(), TASK_GRAPHICS_SERVER);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		CHECKEQ(role_now(), TASK_UNSPECIFIED);
		CHECKEQ(role(TASK_GRAPHICS_SERVER), KERN_INVALID_ARGUMENT);
		CHECKEQ(setpriority(PRIO_PROCESS, 0, 7), 0);
		CHECKEQ(role_now(), TASK_RENICED);
		CHECKEQ(info().pth_priority, 24);
		_exit(failures != 0);
	}
	int status = -1;
	CHECKEQ(waitpid(pid, &status, 0), pid);
	CHECKEQ(status, 0);
	CHECKEQ(role(TASK_FOREGROUND_APPLICATION), KERN_SUCCESS);
	CHECKEQ(info().pth_priority, 47);

	/* Processor sets: one without processors takes no threads. */
	processor_set_t set, name;
	CHECKEQ(processor_set_create(mach_host_self(), &set, &name), KERN_SUCCESS);
	CHECKEQ(thread_assign(mach_thread_self(), set), KERN_INVALID_ARGUMENT);
	processor_set_name_t now;
	CHECKEQ(thread_get_assignment(mach_thread_self(), &now), KERN_SUCCESS);
	CHECK(now != name);
	CHECKEQ(processor_set_destroy(set), KERN_SUCCESS);
	if (!failures)
		puts("sched ok");
	DONE();
}
