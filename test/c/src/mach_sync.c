/* Semaphores, lock sets, clocks and timers by port. */
#include "mach_check.h"
#include <pthread.h>
#include <time.h>

static semaphore_t sem, other;
static volatile int woken;
static void *waits(void *x)
{
	kern_return_t r = semaphore_wait(sem);
	__atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
	return (void *)(long)r;
}
/* Until a thread sleeps. */
static void asleep(pthread_t t)
{
	thread_basic_info_data_t b;
	for (int i = 0; i < 30000; i++) {
		mach_msg_type_number_t n = THREAD_BASIC_INFO_COUNT;
		if (thread_info(pthread_mach_thread_np(t), THREAD_BASIC_INFO, (thread_info_t)&b, &n) != KERN_SUCCESS || b.run_state == TH_STATE_WAITING)
			return;
		usleep(1000);
	}
	CHECK(!"it does not wait");
}

static void semaphores(void)
{
	census_t before = census();
	OK(semaphore_create(SELF, &sem, SYNC_POLICY_FIFO, 0));
	/* What is signalled before is kept. */
	for (int i = 0; i < 3; i++)
		OK(semaphore_signal(sem));
	for (int i = 0; i < 3; i++)
		OK(semaphore_wait(sem));
	mach_timespec_t none = { 0, 0 }, short_time = { 0, 20000000 }, bad = { 0, 2000000000 };
	CHECKKR(semaphore_timedwait(sem, none), KERN_OPERATION_TIMED_OUT);
	uint64_t t0 = mach_absolute_time();
	CHECKKR(semaphore_timedwait(sem, short_time), KERN_OPERATION_TIMED_OUT);
	mach_timebase_info_data_t tb;
	mach_timebase_info(&tb);
	CHECK((mach_absolute_time() - t0) * tb.numer / tb.denom >= 20000000);
	CHECKKR(semaphore_timedwait(sem, bad), KERN_INVALID_VALUE);
	/* All that wait, and none that comes after. */
	pthread_t t[3];
	void *r;
	for (int i = 0; i < 3; i++)
		CHECKEQ(pthread_create(&t[i], NULL, waits, NULL), 0);
	for (int i = 0; i < 3; i++)
		asleep(t[i]);
	CHECKEQ(woken, 0);
	OK(semaphore_signal_all(sem));
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], &r);
		CHECKKR((unsigned)(long)r, KERN_SUCCESS);
	}
	CHECKKR(semaphore_timedwait(sem, none), KERN_OPERATION_TIMED_OUT);
	/* One thread of several, by its port. */
	for (int i = 0; i < 2; i++)
		CHECKEQ(pthread_create(&t[i], NULL, waits, NULL), 0);
	for (int i = 0; i < 2; i++)
		asleep(t[i]);
	OK(semaphore_signal_thread(sem, pthread_mach_thread_np(t[1])));
	pthread_join(t[1], &r);
	CHECKEQ(woken, 4);
	mach_port_t me = mach_thread_self();
	CHECKKR(semaphore_signal_thread(sem, me), KERN_NOT_WAITING);
	OK(mach_port_deallocate(SELF, me));
	/* Waiting for one while signalling another. */
	OK(semaphore_create(SELF, &other, SYNC_POLICY_FIFO, 0));
	OK(semaphore_signal(other));
	OK(semaphore_wait_signal(other, sem));
	pthread_join(t[0], &r);
	CHECKEQ(woken, 5);
	CHECKKR(semaphore_timedwait_signal(other, sem, short_time), KERN_OPERATION_TIMED_OUT);
	OK(semaphore_wait(sem)); /* it was signalled nonetheless */
	/* Destroyed: who waits is told. */
	CHECKEQ(pthread_create(&t[0], NULL, waits, NULL), 0);
	asleep(t[0]);
	OK(semaphore_destroy(SELF, sem));
	pthread_join(t[0], &r);
	CHECKKR((unsigned)(long)r, KERN_TERMINATED);
	CHECK(semaphore_signal(sem) != KERN_SUCCESS);
	OK(semaphore_destroy(SELF, other));
	CHECKKR(semaphore_create(SELF, &sem, 4711, 0), KERN_INVALID_ARGUMENT);
	CHECKKR(semaphore_create(SELF, &sem, SYNC_POLICY_FIFO, -1), KERN_INVALID_ARGUMENT);
	CHECKKR(semaphore_wait(SELF) != KERN_SUCCESS, 1);
	SAME(before);
}

/* Between tasks: a semaphore is a port, and its right travels. */
static int signals(mach_port_t main)
{
	mach_port_t mine = port_new();
	OK(send_right(main, mine, MACH_MSG_TYPE_MAKE_SEND, 0));
	mach_port_t s = receive_right(mine, NULL);
	for (int i = 0; i < 100; i++)
		OK(semaphore_signal(s));
	return failures != 0;
}
static void across(void)
{
	census_t before = census();
	OK(semaphore_create(SELF, &sem, SYNC_POLICY_FIFO, 0));
	mach_port_t main = port_with_send();
	pid_t pid = child(main, signals);
	mach_port_t to = receive_right(main, NULL);
	OK(send_right(to, sem, MACH_MSG_TYPE_COPY_SEND, 0));
	mach_timespec_t long_time = { 30, 0 };
	for (int i = 0; i < 100; i++)
		OK(semaphore_timedwait(sem, long_time));
	ended(pid);
	OK(semaphore_destroy(SELF, sem));
	port_end(to);
	port_end(main);
	SAME(before);
}

static lock_set_t locks;
static volatile int inside, most;
static void *locker(void *x)
{
	for (int i = 0; i < 50; i++) {
		OK(lock_acquire(locks, 1));
		int n = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		if (n > most)
			most = n;
		swtch();
		__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		OK(lock_release(locks, 1));
	}
	return NULL;
}
static void *taker(void *x) { return (void *)(long)lock_acquire(locks, 0); }
static void lock_sets(void)
{
	census_t before = census();
	OK(lock_set_create(SELF, &locks, 2, SYNC_POLICY_FIFO));
	pthread_t t[3];
	for (int i = 0; i < 3; i++)
		CHECKEQ(pthread_create(&t[i], NULL, locker, NULL), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	CHECKEQ(most, 1);
	OK(lock_try(locks, 0));
	CHECKKR(lock_try(locks, 0), KERN_LOCK_OWNED_SELF);
	CHECKKR(lock_acquire(locks, 0), KERN_LOCK_OWNED_SELF);
	CHECKKR(lock_release(locks, 1), KERN_INVALID_RIGHT);
	CHECKKR(lock_acquire(locks, 2), KERN_INVALID_ARGUMENT);
	void *r;
	CHECKEQ(pthread_create(&t[0], NULL, taker, NULL), 0);
	asleep(t[0]);
	OK(lock_set_destroy(SELF, locks));
	pthread_join(t[0], &r);
	CHECKKR((unsigned)(long)r, KERN_LOCK_SET_DESTROYED);
	CHECKKR(lock_set_create(SELF, &locks, 0, SYNC_POLICY_FIFO), KERN_INVALID_ARGUMENT);
	port_end(locks);
	SAME(before);
}

static void clocks(void)
{
	census_t before = census();
	mach_port_t host = mach_host_self(), sys = 0, cal = 0, alarm = port_new();
	OK(host_get_clock_service(host, SYSTEM_CLOCK, &sys));
	OK(host_get_clock_service(host, CALENDAR_CLOCK, &cal));
	CHECKKR(host_get_clock_service(host, 99, &(mach_port_t){ 0 }), KERN_INVALID_ARGUMENT);
	mach_timespec_t a, b, c;
	OK(clock_get_time(sys, &a));
	OK(clock_get_time(cal, &c));
	time_t now = time(NULL);
	CHECK(c.tv_sec >= now - 2 && c.tv_sec <= now + 60);
	/* An alarm is a message when its time has come. */
	mach_timespec_t in = { 0, 50000000 };
	OK(clock_alarm(sys, TIME_RELATIVE, in, alarm));
	CHECKKR(poll_port(alarm), MACH_RCV_TIMED_OUT);
	struct { mach_msg_header_t head; NDR_record_t ndr; kern_return_t code; alarm_type_t type; mach_timespec_t when; mach_msg_max_trailer_t room; } m;
	OK(receive(alarm, &m, sizeof m, 0));
	CHECKEQ(m.head.msgh_id, 3125107); /* clock_alarm_reply */
	CHECKKR(m.code, KERN_SUCCESS);
	CHECKEQ(m.type, TIME_RELATIVE);
	OK(clock_get_time(sys, &b));
	CHECK((int64_t)(b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >= 50000000);
	/* A moment that has passed: at once, and it says so. */
	OK(clock_alarm(sys, TIME_ABSOLUTE, a, alarm));
	OK(receive(alarm, &m, sizeof m, 0));
	CHECKEQ(m.head.msgh_id, 3125107);
	mach_timespec_t bad = { 0, 2000000000 };
	OK(clock_alarm(sys, TIME_RELATIVE, bad, alarm)); /* what is wrong with it comes with the message */
	OK(receive(alarm, &m, sizeof m, 0));
	CHECKKR(m.code, KERN_INVALID_VALUE);
	int res = 0;
	mach_msg_type_number_t n = 1;
	OK(clock_get_attributes(sys, CLOCK_GET_TIME_RES, &res, &n));
	CHECK(res > 0 && res <= 10000000);
	/* Timers: absolute time, again and again, and not after a cancel. */
	mach_port_t timer = mk_timer_create();
	CHECKEQ(type_of(timer) & MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_RECEIVE);
	uint64_t at = mach_absolute_time();
	struct { mach_msg_header_t head; char body[100]; } x;
	for (int i = 0; i < 10; i++) {
		at += 1000000;
		OK(mk_timer_arm(timer, at));
		OK(receive(timer, &x, sizeof x, 0));
		CHECK(mach_absolute_time() >= at);
	}
	uint64_t was = 0;
	OK(mk_timer_arm(timer, at + 1000000000000));
	OK(mk_timer_cancel(timer, &was));
	CHECKEQ(was, at + 1000000000000);
	CHECKKR(poll_port(timer), MACH_RCV_TIMED_OUT);
	OK(mk_timer_destroy(timer));
	CHECKKR(mk_timer_arm(timer, at), KERN_INVALID_NAME);
	OK(mach_port_deallocate(SELF, sys));
	OK(mach_port_deallocate(SELF, cal));
	OK(mach_port_deallocate(SELF, host));
	port_end(alarm);
	SAME(before);
}

int main(void)
{
	semaphores();
	across();
	lock_sets();
	clocks();
	printf("mach_sync ok\n");
	DONE();
}
