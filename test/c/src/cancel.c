/* Cancellation of threads that sleep in the kernel, and of those that don't want it. */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static int fds[2], cleaned, through, ready[2];
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static void clean(void *arg)
{
	char c;
	CHECKEQ(read(ready[0], &c, 1), 1); /* a clean-up handler may wait in peace */
	cleaned += *(int *)arg;
}
static void *in_read(void *arg)
{
	char c;
	pthread_cleanup_push(clean, arg);
	read(fds[0], &c, 1);
	through++;
	pthread_cleanup_pop(0);
	return NULL;
}
static void *in_sleep(void *arg)
{
	pthread_cleanup_push(clean, arg);
	sleep(1000);
	through++;
	pthread_cleanup_pop(0);
	return NULL;
}
static void unlock_it(void *arg) { pthread_mutex_unlock(arg); }
static void *in_cond(void *arg)
{
	pthread_cleanup_push(clean, arg);
	pthread_mutex_lock(&mu);
	pthread_cleanup_push(unlock_it, &mu);
	for (;;)
		pthread_cond_wait(&cv, &mu);
	pthread_cleanup_pop(1);
	pthread_cleanup_pop(0);
	return NULL;
}
static void *in_sigwait(void *arg)
{
	sigset_t s;
	int n;
	pthread_cleanup_push(clean, arg);
	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigwait(&s, &n);
	through++;
	pthread_cleanup_pop(0);
	return NULL;
}
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static void *in_join(void *arg)
{
	pthread_t t;
	pthread_cleanup_push(clean, arg);
	pthread_create(&t, NULL, in_sleep, NULL);
	pthread_detach(t);
	pthread_cleanup_pop(0);
	/* A mutex is no cancellation point. */
	pthread_mutex_lock(&held);
	through += 100;
	pthread_mutex_unlock(&held);
	pthread_testcancel();
	through++;
	return NULL;
}
static void *unwilling(void *arg)
{
	int old;
	CHECKEQ(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
	CHECKEQ(old, PTHREAD_CANCEL_ENABLE);
	char c;
	CHECKEQ(write(fds[1], "x", 1), 1);
	struct timespec ts = { 0, 100000000 };
	CHECKEQ(nanosleep(&ts, NULL), 0); /* the cancellation comes meanwhile */
	CHECKEQ(read(ready[0], &c, 1), 1);
	through += 10;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	sleep(1000);
	through++;
	return NULL;
}

static void cancel(void *(*fn)(void *), int delay)
{
	pthread_t t;
	void *r = NULL;
	static int one = 1;
	through = cleaned = 0;
	CHECKEQ(pthread_create(&t, NULL, fn, &one), 0);
	if (delay)
		usleep(delay);
	CHECKEQ(pthread_cancel(t), 0);
	CHECKEQ(write(ready[1], "y", 1), 1);
	CHECKEQ(pthread_join(t, &r), 0);
	CHECK(r == PTHREAD_CANCELED);
	CHECKEQ(cleaned, 1);
	CHECKEQ(through, 0);
}

int main(void)
{
	CHECKEQ(pipe(fds), 0);
	CHECKEQ(pipe(ready), 0);
	void *(*fns[])(void *) = { in_read, in_sleep, in_cond, in_sigwait };
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 20; k++)
			cancel(fns[i], k < 5 ? 20000 : k % 7 * 50);

	pthread_t t;
	void *r;
	char c;
	through = 0;
	CHECKEQ(pthread_create(&t, NULL, unwilling, NULL), 0);
	CHECKEQ(read(fds[0], &c, 1), 1);
	CHECKEQ(pthread_cancel(t), 0);
	CHECKEQ(write(ready[1], "y", 1), 1);
	CHECKEQ(pthread_join(t, &r), 0);
	CHECK(r == PTHREAD_CANCELED);
	CHECKEQ(through, 10);

	through = 0;
	pthread_mutex_lock(&held);
	CHECKEQ(pthread_create(&t, NULL, in_join, NULL), 0);
	usleep(20000);
	CHECKEQ(pthread_cancel(t), 0);
	usleep(20000);
	CHECKEQ(through, 0);
	pthread_mutex_unlock(&held);
	CHECKEQ(pthread_join(t, &r), 0);
	CHECK(r == PTHREAD_CANCELED);
	CHECKEQ(through, 100);
	printf("cancel ok\n");
	DONE();
}
