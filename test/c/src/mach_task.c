/* Tasks and threads by their ports: suspension, state, information, termination. */
#include "mach_check.h"
#include <pthread.h>
#include <signal.h>

static volatile long *counter; /* shared with the children */
static volatile int stop;

static int counts(mach_port_t main)
{
	OK(send_right(main, SELF, MACH_MSG_TYPE_COPY_SEND, 0));
	for (;;)
		++*counter;
}
static void moves(int want)
{
	long was = *counter;
	for (int i = 0; want && i < 30000 && *counter == was; i++)
		usleep(1000);
	if (!want)
		usleep(20000);
	CHECKEQ(*counter != was, want);
}

static void suspension(void)
{
	census_t before = census();
	mach_port_t main = port_with_send();
	pid_t pid = child(main, counts);
	mach_port_t task = receive_right(main, NULL);
	moves(1);
	OK(task_suspend(task));
	moves(0);
	OK(task_suspend(task)); /* it counts */
	task_basic_info_64_data_t i;
	mach_msg_type_number_t n = TASK_BASIC_INFO_64_COUNT;
	OK(task_info(task, TASK_BASIC_INFO_64, (task_info_t)&i, &n));
	CHECKEQ(i.suspend_count, 2);
	OK(task_resume(task));
	moves(0);
	/* While it stands, its thread can be looked at. */
	thread_act_array_t l;
	mach_msg_type_number_t threads = 0;
	OK(task_threads(task, &l, &threads));
	CHECKEQ(threads, 1);
	x86_thread_state64_t s, t;
	n = x86_THREAD_STATE64_COUNT;
	OK(thread_get_state(l[0], x86_THREAD_STATE64, (thread_state_t)&s, &n));
	CHECK(s.__rip != 0);
	n = x86_THREAD_STATE64_COUNT;
	OK(thread_get_state(l[0], x86_THREAD_STATE64, (thread_state_t)&t, &n));
	CHECKEQ(memcmp(&s, &t, sizeof s), 0);
	n = x86_THREAD_STATE64_COUNT - 1;
	CHECKKR(thread_get_state(l[0], x86_THREAD_STATE64, (thread_state_t)&t, &n), KERN_INVALID_ARGUMENT);
	n = THREAD_STATE_MAX;
	CHECKKR(thread_get_state(l[0], 4711, (thread_state_t)&t, &n), KERN_INVALID_ARGUMENT);
	s.__rip = 1ull << 62;
	CHECK(thread_set_state(l[0], x86_THREAD_STATE64, (thread_state_t)&s, x86_THREAD_STATE64_COUNT) != KERN_SUCCESS);
	/* Resumed as often as suspended. */
	OK(task_resume(task));
	CHECKKR(task_resume(task), KERN_FAILURE);
	moves(1);
	/* The thread alone. */
	OK(thread_suspend(l[0]));
	moves(0);
	thread_basic_info_data_t b;
	n = THREAD_BASIC_INFO_COUNT;
	OK(thread_info(l[0], THREAD_BASIC_INFO, (thread_info_t)&b, &n));
	CHECKEQ(b.suspend_count, 1);
	OK(thread_resume(l[0]));
	CHECKKR(thread_resume(l[0]), KERN_FAILURE);
	moves(1);
	/* A suspension with a token ends with the token. */
	mach_port_t token = 0;
	OK(task_suspend2(task, &token));
	CHECKEQ(type_of(token), MACH_PORT_TYPE_SEND_ONCE);
	moves(0);
	OK(task_resume2(token));
	moves(1);
	/* Its end by port is its end, also while it is suspended. */
	OK(task_suspend(task));
	OK(thread_suspend(l[0]));
	OK(task_terminate(task));
	int st = 0;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECK(WIFSIGNALED(st));
	CHECKEQ(type_of(task), MACH_PORT_TYPE_DEAD_NAME);
	CHECKKR(task_suspend(task), MACH_SEND_INVALID_DEST);
	CHECKEQ(type_of(l[0]), MACH_PORT_TYPE_DEAD_NAME);
	port_end(l[0]);
	OK(vm_deallocate(SELF, (vm_address_t)l, threads * sizeof *l));
	port_end(task);
	port_end(main);
	SAME(before);
}

static volatile long spins;
static void *spinner(void *x)
{
	while (!stop)
		spins++;
	return NULL;
}
static void *sleeper(void *x)
{
	received_t r;
	return (void *)(long)mach_msg(&r.m.head, MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0, sizeof r, (mach_port_t)(long)x, 0, 0);
}
static thread_basic_info_data_t basic(mach_port_t th)
{
	thread_basic_info_data_t b;
	mach_msg_type_number_t n = THREAD_BASIC_INFO_COUNT;
	memset(&b, 0, sizeof b);
	OK(thread_info(th, THREAD_BASIC_INFO, (thread_info_t)&b, &n));
	return b;
}

static void threads(void)
{
	pthread_t t, u;
	mach_port_t p = port_new();
	CHECKEQ(pthread_create(&t, NULL, spinner, NULL), 0);
	CHECKEQ(pthread_create(&u, NULL, sleeper, (void *)(long)p), 0);
	thread_act_array_t l;
	mach_msg_type_number_t n = 0;
	for (;;) {
		OK(task_threads(SELF, &l, &n));
		if (n <= 3)
			break;
		/* One that has been joined may still be on its way out. */
		for (unsigned i = 0; i < n; i++)
			OK(mach_port_deallocate(SELF, l[i]));
		OK(vm_deallocate(SELF, (vm_address_t)l, n * sizeof *l));
		usleep(1000);
	}
	CHECKEQ(n, 3);
	mach_port_t tp = pthread_mach_thread_np(t), up = pthread_mach_thread_np(u);
	int found = 0;
	for (unsigned i = 0; i < n; i++) {
		found += l[i] == tp || l[i] == up;
		OK(mach_port_deallocate(SELF, l[i]));
	}
	CHECKEQ(found, 2);
	OK(vm_deallocate(SELF, (vm_address_t)l, n * sizeof *l));
	/* One runs, one waits. */
	for (int i = 0; i < 30000 && basic(up).run_state != TH_STATE_WAITING; i++)
		usleep(1000);
	CHECKEQ(basic(up).run_state, TH_STATE_WAITING);
	OK(thread_suspend(tp));
	for (int i = 0; i < 30000 && basic(tp).run_state != TH_STATE_STOPPED; i++)
		usleep(1000);
	long was = spins;
	usleep(10000);
	CHECKEQ(spins, was);
	OK(thread_resume(tp));
	thread_identifier_info_data_t id;
	n = THREAD_IDENTIFIER_INFO_COUNT;
	OK(thread_info(tp, THREAD_IDENTIFIER_INFO, (thread_info_t)&id, &n));
	uint64_t tid = 0;
	CHECKEQ(pthread_threadid_np(t, &tid), 0);
	CHECKEQ(id.thread_id, tid);
	n = 1;
	CHECKKR(thread_info(tp, THREAD_BASIC_INFO, (thread_info_t)&id, &n), KERN_INVALID_ARGUMENT);
	/* An abort ends the wait. */
	OK(thread_abort(up));
	void *r = NULL;
	pthread_join(u, &r);
	CHECKKR((unsigned)(long)r, MACH_RCV_INTERRUPTED);
	stop = 1;
	pthread_join(t, NULL);
	CHECKKR(thread_suspend(0x7777), MACH_SEND_INVALID_DEST);
	CHECKKR(thread_suspend(SELF), KERN_INVALID_ARGUMENT); /* a task is no thread */
	port_end(p);
}

static void information(void)
{
	mach_task_basic_info_data_t m;
	mach_msg_type_number_t n = MACH_TASK_BASIC_INFO_COUNT;
	OK(task_info(SELF, MACH_TASK_BASIC_INFO, (task_info_t)&m, &n));
	CHECKEQ(n, MACH_TASK_BASIC_INFO_COUNT);
	CHECK(m.virtual_size > m.resident_size);
	CHECK(m.resident_size > 0);
	audit_token_t a;
	n = TASK_AUDIT_TOKEN_COUNT;
	OK(task_info(SELF, TASK_AUDIT_TOKEN, (task_info_t)&a, &n));
	CHECKEQ(a.val[5], getpid());
	task_events_info_data_t e;
	n = TASK_EVENTS_INFO_COUNT;
	OK(task_info(SELF, TASK_EVENTS_INFO, (task_info_t)&e, &n));
	CHECK(e.faults > 0);
	n = 3;
	CHECKKR(task_info(SELF, MACH_TASK_BASIC_INFO, (task_info_t)&m, &n), KERN_INVALID_ARGUMENT);
	CHECKKR(task_info(SELF, 4711, (task_info_t)&m, &n), KERN_INVALID_ARGUMENT);
	/* The host and its processors. */
	mach_port_t host = mach_host_self();
	host_basic_info_data_t h;
	n = HOST_BASIC_INFO_COUNT;
	OK(host_info(host, HOST_BASIC_INFO, (host_info_t)&h, &n));
	CHECKEQ(n, HOST_BASIC_INFO_COUNT);
	CHECKEQ(h.cpu_type, CPU_TYPE_X86_64);
	CHECK(h.max_cpus > 0);
	CHECK(h.max_mem > 0);
	kernel_version_t v;
	OK(host_kernel_version(host, v));
	CHECKEQ(strncmp(v, "Darwin Kernel Version ", 22), 0);
	vm_size_t page = 0;
	OK(host_page_size(host, &page));
	CHECKEQ(page, 4096);
	host_can_has_debugger_info_data_t d;
	n = HOST_CAN_HAS_DEBUGGER_COUNT;
	OK(host_info(host, HOST_CAN_HAS_DEBUGGER, (host_info_t)&d, &n));
	n = 1;
	CHECKKR(host_info(host, HOST_BASIC_INFO, (host_info_t)&h, &n), KERN_FAILURE);
	n = HOST_BASIC_INFO_COUNT;
	CHECKKR(host_info(host, 4711, (host_info_t)&h, &n), KERN_INVALID_ARGUMENT);
	CHECKKR(host_info(SELF, HOST_BASIC_INFO, (host_info_t)&h, &n), KERN_INVALID_ARGUMENT);
	OK(mach_port_deallocate(SELF, host));
}

/* A policy is what was set, and its default can be asked for. */
static void policy(void)
{
	mach_port_t th = mach_thread_self();
	thread_precedence_policy_data_t p = { 5 };
	OK(thread_policy_set(th, THREAD_PRECEDENCE_POLICY, (thread_policy_t)&p, THREAD_PRECEDENCE_POLICY_COUNT));
	mach_msg_type_number_t n = THREAD_PRECEDENCE_POLICY_COUNT;
	boolean_t def = FALSE;
	p.importance = 0;
	OK(thread_policy_get(th, THREAD_PRECEDENCE_POLICY, (thread_policy_t)&p, &n, &def));
	CHECKEQ(p.importance, 5);
	CHECKEQ(def, FALSE);
	def = TRUE;
	OK(thread_policy_get(th, THREAD_PRECEDENCE_POLICY, (thread_policy_t)&p, &n, &def));
	CHECKEQ(p.importance, 0);
	thread_extended_policy_data_t e = { FALSE };
	OK(thread_policy_set(th, THREAD_EXTENDED_POLICY, (thread_policy_t)&e, THREAD_EXTENDED_POLICY_COUNT));
	CHECKEQ(basic(th).policy, POLICY_RR);
	e.timeshare = TRUE;
	OK(thread_policy_set(th, THREAD_EXTENDED_POLICY, (thread_policy_t)&e, THREAD_EXTENDED_POLICY_COUNT));
	CHECKEQ(basic(th).policy, POLICY_TIMESHARE);
	CHECKKR(thread_policy_set(th, 4711, (thread_policy_t)&e, 1), KERN_INVALID_ARGUMENT);
	OK(mach_port_deallocate(SELF, th));
}

/* Threads without pthreads: made with their registers, or given them and resumed. */
static volatile long turns[2];
__attribute__((naked)) static void spin_on(void)
{
	__asm__ volatile("1: lock incq (%rdi)\n pause\n jmp 1b");
}
static int spun(int i)
{
	long was = turns[i];
	for (int k = 0; k < 30000 && turns[i] == was; k++)
		usleep(1000);
	return turns[i] != was;
}
static void bare(void)
{
	census_t before = census();
	static char stacks[2][8192];
	thread_act_t th[2];
	x86_thread_state64_t s = { .__rip = (uintptr_t)spin_on, .__rflags = 0x202 };
	for (int i = 0; i < 2; i++) {
		s.__rdi = (uintptr_t)&turns[i];
		s.__rsp = (uintptr_t)&stacks[i][8192 - 8];
		if (i == 0) {
			OK(thread_create_running(SELF, x86_THREAD_STATE64, (thread_state_t)&s, x86_THREAD_STATE64_COUNT, &th[i]));
		} else {
			OK(thread_create(SELF, &th[i]));
			OK(thread_set_state(th[i], x86_THREAD_STATE64, (thread_state_t)&s, x86_THREAD_STATE64_COUNT));
			CHECKEQ(turns[i], 0); /* it is suspended */
			OK(thread_resume(th[i]));
		}
		CHECK(spun(i));
		OK(thread_suspend(th[i]));
		mach_msg_type_number_t n = x86_THREAD_STATE64_COUNT;
		OK(thread_get_state(th[i], x86_THREAD_STATE64, (thread_state_t)&s, &n));
		CHECKEQ(s.__rdi, (uintptr_t)&turns[i]);
		s.__rip = (uintptr_t)spin_on;
		OK(thread_resume(th[i]));
		CHECK(spun(i));
		OK(thread_terminate(th[i])); /* which uses the right up */
	}
	CHECKKR(thread_create_running(SELF, x86_THREAD_STATE64, (thread_state_t)&s, 3, &th[0]), KERN_INVALID_ARGUMENT);
	SAME(before);
}

int main(void)
{
	vm_address_t a = 0;
	OK(vm_allocate(SELF, &a, 4096, VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, a, 4096, VM_INHERIT_SHARE));
	counter = (long *)a;
	suspension();
	bare();
	threads();
	information();
	policy();
	printf("mach_task ok\n");
	DONE();
}
