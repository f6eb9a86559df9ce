/* Mutexes, conditions, read-write locks, once, keys, semaphores. */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 2000 };
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static long counter, turn, inside, readers, made, dropped;
static _Thread_local int mine;

static void make(void) { made++; }
static void drop(void *v) { __atomic_fetch_add(&dropped, (long)v, __ATOMIC_SEQ_CST); }

static void *work(void *arg)
{
	long me = (long)arg;
	pthread_once(&once, make);
	pthread_setspecific(key, (void *)(me + 1));
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mu);
		counter++;
		mine++;
		pthread_mutex_unlock(&mu);
		if (i % 50 == 0) {
			pthread_rwlock_wrlock(&rw);
			CHECKEQ(__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST), 0);
			CHECKEQ(__atomic_load_n(&readers, __ATOMIC_SEQ_CST), 0);
			__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
			pthread_rwlock_unlock(&rw);
		} else {
			pthread_rwlock_rdlock(&rw);
			__atomic_fetch_add(&readers, 1, __ATOMIC_SEQ_CST);
			CHECKEQ(__atomic_load_n(&inside, __ATOMIC_SEQ_CST), 0);
			__atomic_fetch_sub(&readers, 1, __ATOMIC_SEQ_CST);
			pthread_rwlock_unlock(&rw);
		}
	}
	/* One after the other, in order. */
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&mu);
		while (turn % THREADS != me)
			pthread_cond_wait(&cv, &mu);
		turn++;
		pthread_cond_broadcast(&cv);
		pthread_mutex_unlock(&mu);
	}
	CHECK(pthread_getspecific(key) == (void *)(me + 1));
	return (void *)(long)mine;
}

/* A thread that signals its own process has run the handler when kill returns,
 * while another thread runs that would take the signal, too. */
static volatile int done, handled;
static pthread_t handler;

static void on_signal(int sig)
{
	handler = pthread_self();
	handled++;
}

static void *self_kill(void *arg)
{
	for (int i = 1; i <= 200; i++) {
		kill(getpid(), SIGUSR1);
		CHECKEQ(handled, i);
		CHECK(pthread_equal(handler, pthread_self()));
	}
	done = 1;
	return NULL;
}

static void signals(void)
{
	pthread_t t;
	signal(SIGUSR1, on_signal);
	CHECKEQ(pthread_create(&t, NULL, self_kill, NULL), 0);
	while (!done)
		sched_yield();
	CHECKEQ(pthread_join(t, NULL), 0);
}

static _Thread_local _Alignas(1024) char lying = 1;
/* The order of a thread's end: thread-local destructors, its variables, keys; a key's destructor finds new variables. */
void _tlv_atexit(void (*)(void *), void *);
static _Thread_local int last_words = 1;
static pthread_key_t last_key;
static char order[16];
static void say(void *what)
{
	strlcat(order, what, sizeof order);
	strlcat(order, last_words == 1 ? "1" : "2", sizeof order);
	last_words = 2;
}
static void say_more(void *what)
{
	_tlv_atexit(say, "n");
	say(what);
}
static void *end_in_order(void *arg)
{
	CHECKEQ(pthread_setspecific(last_key, "k"), 0);
	_tlv_atexit(say, "a");
	_tlv_atexit(say_more, "b");
	last_words = 2;
	return NULL;
}
static int pipe_of_end[2];
static void put(void *c) { write(pipe_of_end[1], c, 1); }
static void put_global(void) { put("g"); }
static void *where_it_lies(void *arg) { return &lying; }

/* Programs write to slots below the keys by number: nothing of that is called, or freed, at a thread's end. */
static void *fixed_slots(void *arg)
{
	for (long n = 20; n < 256; n++)
		*(void *__seg_gs *)(8 * n) = (void *)0x123450;
	return arg;
}

/* What a joined thread's name is asked, and what a mutex's attributes keep. */
static void *nothing(void *v) { return v; }
static void strangers(void)
{
	pthread_t t;
	char name[16];
	int policy;
	struct sched_param param = { .sched_priority = 31 };
	CHECKEQ(pthread_create(&t, NULL, nothing, NULL), 0);
	CHECKEQ(pthread_join(t, NULL), 0);
	CHECKEQ(pthread_cancel(t), ESRCH);
	CHECKEQ(pthread_kill(t, 0), ESRCH);
	CHECKEQ(pthread_join(t, NULL), ESRCH);
	CHECKEQ(pthread_detach(t), ESRCH);
	CHECKEQ(pthread_getschedparam(t, &policy, &param), ESRCH);
	CHECKEQ(pthread_setschedparam(t, SCHED_OTHER, &param), ESRCH);
	CHECKEQ(pthread_getname_np(t, name, sizeof name), ESRCH);
	CHECKEQ(pthread_mach_thread_np(t), 0);

	pthread_mutexattr_t a;
	int v = -1;
	CHECKEQ(pthread_mutexattr_init(&a), 0);
	CHECKEQ(pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT), 0);
	CHECKEQ(pthread_mutexattr_getprotocol(&a, &v), 0);
	CHECKEQ(v, PTHREAD_PRIO_INHERIT);
	CHECKEQ(pthread_mutexattr_setprotocol(&a, 3), EINVAL);
	CHECKEQ(pthread_mutexattr_setprioceiling(&a, -999), 0);
	CHECKEQ(pthread_mutexattr_setprioceiling(&a, 1000), EINVAL);
	CHECKEQ(pthread_mutexattr_getprioceiling(&a, &v), 0);
	CHECKEQ(v, -999);
	CHECKEQ(pthread_mutexattr_destroy(&a), 0);
}

int main(void)
{
	signals();
	strangers();
	pthread_t writer;
	CHECKEQ(pthread_create(&writer, NULL, fixed_slots, NULL), 0);
	CHECKEQ(pthread_join(writer, NULL), 0);
	pthread_t t[THREADS];
	CHECKEQ(pthread_key_create(&key, drop), 0);
	for (long i = 0; i < THREADS; i++)
		CHECKEQ(pthread_create(&t[i], NULL, work, (void *)i), 0);
	for (int i = 0; i < THREADS; i++) {
		void *r;
		CHECKEQ(pthread_join(t[i], &r), 0);
		CHECKEQ((long)r, ROUNDS);
	}
	CHECKEQ(counter, THREADS * ROUNDS);
	CHECKEQ(turn, THREADS * 50);
	CHECKEQ(made, 1);
	CHECKEQ(dropped, THREADS * (THREADS + 1) / 2);

	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_sec++, ts.tv_nsec -= 1000000000;
	pthread_mutex_lock(&mu);
	int r;
	while ((r = pthread_cond_timedwait(&cv, &mu, &ts)) == 0)
		;
	CHECKEQ(r, ETIMEDOUT);
	pthread_mutex_unlock(&mu);

	pthread_mutexattr_t a;
	pthread_mutex_t m;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	CHECKEQ(pthread_mutex_init(&m, &a), 0);
	CHECKEQ(pthread_mutex_lock(&m), 0);
	CHECKEQ(pthread_mutex_lock(&m), EDEADLK);
	CHECKEQ(pthread_mutex_trylock(&mu), 0);
	CHECKEQ(pthread_mutex_trylock(&mu), EBUSY);
	CHECKEQ(pthread_mutex_unlock(&m), 0);
	CHECKEQ(pthread_mutex_unlock(&m), EPERM);

	char name[40];
	snprintf(name, sizeof name, "/puggle-%d", getpid());
	sem_t *s = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
	CHECK(s != SEM_FAILED);
	if (s != SEM_FAILED) {
		CHECK(sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED && errno == EEXIST);
		CHECKEQ(sem_wait(s), 0);
		CHECK(sem_trywait(s) == -1 && errno == EAGAIN);
		pid_t pid = fork();
		if (pid == 0) {
			sem_t *c = sem_open(name, 0);
			_exit(c == SEM_FAILED || sem_post(c) != 0);
		}
		CHECKEQ(sem_wait(s), 0);
		int st = -1;
		CHECK(waitpid(pid, &st, 0) == pid && st == 0);
		CHECKEQ(sem_unlink(name), 0);
		CHECK(sem_unlink(name) == -1 && errno == ENOENT);
		CHECKEQ(sem_post(s), 0);
		CHECKEQ(sem_trywait(s), 0);
		CHECKEQ(sem_close(s), 0);
	}
	CHECKEQ(pthread_key_create(&last_key, say), 0);
	CHECK(pthread_create(&t[0], NULL, end_in_order, NULL) == 0 && pthread_join(t[0], NULL) == 0);
	CHECKSTR(order, "b2n2a2k1");
	CHECKEQ(pipe(pipe_of_end), 0);
	pid_t child = fork();
	if (child == 0) {
		_tlv_atexit(put, "t");
		atexit(put_global);
		exit(0);
	}
	char end[3] = "";
	CHECK(waitpid(child, NULL, 0) == child && read(pipe_of_end[0], end, 2) == 2);
	CHECKSTR(end, "tg");
	/* A thread's copies of variables lie as they ask. */
	CHECKEQ((uintptr_t)&lying % 1024, 0);
	void *lies = NULL;
	CHECK(pthread_create(&t[0], NULL, where_it_lies, NULL) == 0 && pthread_join(t[0], &lies) == 0);
	CHECKEQ((uintptr_t)lies % 1024, 0);
	printf("threads ok\n");
	DONE();
}
