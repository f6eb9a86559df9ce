/* Dispatch: queues, groups, semaphores, once, timers and sources. */
#include "check.h"
#include <dispatch/dispatch.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static int order[1000], norder;

static void count(void *p) { __atomic_fetch_add((int *)p, 1, __ATOMIC_RELAXED); }

int main(void)
{
	dispatch_queue_t q = dispatch_queue_create("org.puggle.serial", DISPATCH_QUEUE_SERIAL);
	CHECKSTR(dispatch_queue_get_label(q), "org.puggle.serial");
	for (int i = 0; i < 1000; i++)
		dispatch_async(q, ^{ order[norder++] = i; });
	__block int sum = 0;
	dispatch_sync(q, ^{ sum = norder; });
	CHECKEQ(sum, 1000);
	for (int i = 0; i < 1000; i++)
		if (order[i] != i) {
			CHECKEQ(order[i], i);
			break;
		}

	/* Many at once on one serial queue exclude each other. */
	__block int plain = 0;
	dispatch_apply(500, dispatch_get_global_queue(0, 0), ^(size_t i) {
		dispatch_sync(q, ^{ plain++; });
	});
	CHECKEQ(plain, 500);

	/* More wait for it than there are threads in the pool. */
	dispatch_group_t many = dispatch_group_create();
	dispatch_suspend(q);
	for (int i = 0; i < 200; i++)
		dispatch_group_async(many, dispatch_get_global_queue(0, 0), ^{ dispatch_sync(q, ^{ plain++; }); });
	dispatch_async(q, ^{ plain++; });
	dispatch_resume(q);
	CHECKEQ(dispatch_group_wait(many, DISPATCH_TIME_FOREVER), 0);
	dispatch_sync(q, ^{ sum = plain; });
	CHECKEQ(sum, 701);
	dispatch_release(many);

	/* Concurrent work meets; a barrier is alone. */
	dispatch_queue_t c = dispatch_queue_create("c", DISPATCH_QUEUE_CONCURRENT);
	dispatch_semaphore_t a = dispatch_semaphore_create(0), b = dispatch_semaphore_create(0);
	dispatch_group_t g = dispatch_group_create();
	__block int inside = 0, bad = 0;
	dispatch_group_async(g, c, ^{ dispatch_semaphore_signal(a); dispatch_semaphore_wait(b, DISPATCH_TIME_FOREVER); });
	dispatch_group_async(g, c, ^{ dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER); dispatch_semaphore_signal(b); });
	CHECKEQ(dispatch_group_wait(g, DISPATCH_TIME_FOREVER), 0);
	for (int i = 0; i < 50; i++) {
		dispatch_async(c, ^{ __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST); usleep(10); __atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST); });
		if (i % 10 == 5)
			dispatch_barrier_async(c, ^{ bad += inside != 0; });
	}
	dispatch_barrier_sync(c, ^{ bad += inside != 0; });
	CHECKEQ(bad, 0);
	CHECK(dispatch_semaphore_wait(a, DISPATCH_TIME_NOW) != 0);
	CHECK(dispatch_semaphore_wait(a, dispatch_time(DISPATCH_TIME_NOW, 10 * NSEC_PER_MSEC)) != 0);

	static dispatch_once_t once;
	static int onces;
	dispatch_apply_f(20, NULL, &onces, (void (*)(void *, size_t))(void *)count);
	CHECKEQ(onces, 20);
	for (int i = 0; i < 3; i++)
		dispatch_once(&once, ^{ onces++; });
	CHECKEQ(onces, 21);

	/* A suspended queue waits; a target is where it runs. */
	dispatch_queue_t t = dispatch_queue_create_with_target("t", NULL, q);
	static int key;
	dispatch_queue_set_specific(q, &key, "value", NULL);
	__block int ran = 0;
	dispatch_suspend(t);
	dispatch_group_async(g, t, ^{ ran = 1; CHECKSTR(dispatch_get_specific(&key), "value"); dispatch_assert_queue(q); });
	CHECK(dispatch_group_wait(g, dispatch_time(DISPATCH_TIME_NOW, 20 * NSEC_PER_MSEC)) != 0);
	CHECKEQ(ran, 0);
	dispatch_resume(t);
	CHECKEQ(dispatch_group_wait(g, DISPATCH_TIME_FOREVER), 0);
	CHECKEQ(ran, 1);
	dispatch_sync(t, ^{ ran = 2; });
	CHECKEQ(ran, 2);

	/* Notices come after all, later things later. */
	dispatch_group_enter(g);
	__block uint64_t at = 0;
	uint64_t before = dispatch_time(DISPATCH_TIME_NOW, 0);
	dispatch_group_notify(g, q, ^{ at = dispatch_time(DISPATCH_TIME_NOW, 0); dispatch_semaphore_signal(a); });
	dispatch_after(dispatch_time(DISPATCH_TIME_NOW, 30 * NSEC_PER_MSEC), c, ^{ dispatch_group_leave(g); });
	CHECKEQ(dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER), 0);
	CHECK(at - before >= 30 * NSEC_PER_MSEC);

	/* A timer that repeats, a pipe, a signal, data, a process. */
	dispatch_source_t s = dispatch_source_create(DISPATCH_SOURCE_TYPE_TIMER, 0, 0, q);
	__block unsigned long ticks = 0;
	dispatch_source_set_timer(s, dispatch_time(DISPATCH_TIME_NOW, NSEC_PER_MSEC), 2 * NSEC_PER_MSEC, 0);
	dispatch_source_set_event_handler(s, ^{
		ticks += dispatch_source_get_data(s);
		if (ticks >= 5 && !dispatch_source_testcancel(s))
			dispatch_source_cancel(s);
	});
	dispatch_source_set_cancel_handler(s, ^{ dispatch_semaphore_signal(a); });
	dispatch_resume(s);
	CHECKEQ(dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER), 0);
	CHECK(ticks >= 5);
	dispatch_release(s);

	static int fd[2];
	CHECKEQ(pipe(fd), 0);
	s = dispatch_source_create(DISPATCH_SOURCE_TYPE_READ, fd[0], 0, q);
	__block int got = 0, ends = 0;
	dispatch_source_set_event_handler(s, ^{
		char buf[8];
		ssize_t n = read(fd[0], buf, sizeof buf);
		if (n > 0)
			got += n;
		else if (ends++ == 0)
			dispatch_source_cancel(s);
	});
	dispatch_source_set_cancel_handler(s, ^{ close(fd[0]); dispatch_semaphore_signal(a); });
	dispatch_resume(s);
	for (int i = 0; i < 4; i++)
		CHECKEQ(write(fd[1], "twelve bytes", 12), 12);
	close(fd[1]);
	CHECKEQ(dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER), 0);
	CHECKEQ(got, 48);
	dispatch_release(s);

	signal(SIGUSR1, SIG_IGN);
	s = dispatch_source_create(DISPATCH_SOURCE_TYPE_SIGNAL, SIGUSR1, 0, q);
	dispatch_source_set_event_handler(s, ^{ dispatch_semaphore_signal(a); });
	dispatch_resume(s);
	kill(getpid(), SIGUSR1);
	CHECKEQ(dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER), 0);
	dispatch_source_cancel(s);
	dispatch_release(s);

	s = dispatch_source_create(DISPATCH_SOURCE_TYPE_DATA_ADD, 0, 0, q);
	__block unsigned long total = 0;
	dispatch_source_set_event_handler(s, ^{
		if ((total += dispatch_source_get_data(s)) == 5050)
			dispatch_semaphore_signal(a);
	});
	dispatch_resume(s);
	for (int i = 1; i <= 100; i++)
		dispatch_source_merge_data(s, i);
	CHECKEQ(dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER), 0);
	dispatch_release(s);

	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	s = dispatch_source_create(DISPATCH_SOURCE_TYPE_PROC, pid, DISPATCH_PROC_EXIT, q);
	dispatch_source_set_event_handler(s, ^{ dispatch_semaphore_signal(a); });
	dispatch_resume(s);
	kill(pid, SIGKILL);
	CHECKEQ(dispatch_semaphore_wait(a, DISPATCH_TIME_FOREVER), 0);
	dispatch_source_cancel(s);
	dispatch_release(s);

	/* The main queue is the main thread's. */
	dispatch_async(dispatch_get_global_queue(0, 0), ^{
		dispatch_sync(dispatch_get_main_queue(), ^{ CHECK(pthread_main_np()); });
		dispatch_async(dispatch_get_main_queue(), ^{
			CHECK(pthread_main_np());
			if (!failures)
				printf("dispatch ok\n");
			exit(failures != 0);
		});
	});
	dispatch_main();
}
