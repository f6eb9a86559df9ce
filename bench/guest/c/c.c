/*
 * The workloads of bench that need C: its argument is one's name, and how many
 * milliseconds it should take. It prints nanoseconds for one operation.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *self;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void *idle(void *arg)
{
	for (;;)
		pause();
}

/*
 * A mutex that nobody else wants, locked and unlocked, in a program that has a second
 * thread: without one, the host's library leaves out what makes it a mutex.
 */
static double mutex(long n)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static pthread_t t;
	if (!t && pthread_create(&t, NULL, idle, NULL))
		fail("pthread_create");
	double begin = now();
	for (long i = 0; i < n; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	return now() - begin;
}

/* A turn handed to another thread and back, by a condition. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void take(int mine, long n)
{
	for (long i = 0; i < n; i++) {
		pthread_mutex_lock(&lock);
		while (turn != mine)
			pthread_cond_wait(&changed, &lock);
		turn = !mine;
		pthread_mutex_unlock(&lock);
		pthread_cond_signal(&changed);
	}
}

static void *other(void *n)
{
	take(1, *(long *)n);
	return NULL;
}

static double cond(long n)
{
	pthread_t t;
	if (pthread_create(&t, NULL, other, &n))
		fail("pthread_create");
	double begin = now();
	take(0, n);
	double d = now() - begin;
	pthread_join(t, NULL);
	return d;
}

/* A child's first write to each page of what its parent has written. */
static double cow(long n)
{
	const long page = 4096, most = 4096;
	char *mem = mmap(NULL, most * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	double *took = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	if (mem == MAP_FAILED || took == MAP_FAILED)
		fail("mmap");
	double d = 0;
	for (; n > 0; n -= most) {
		long pages = n < most ? n : most;
		memset(mem, 1, pages * page);
		pid_t pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			double begin = now();
			for (long i = 0; i < pages; i++)
				mem[i * page] = 2;
			*took = now() - begin;
			_exit(0);
		}
		int status;
		if (waitpid(pid, &status, 0) != pid || status != 0)
			fail("waitpid");
		d += *took;
	}
	munmap(mem, most * page);
	munmap(took, page);
	return d;
}

/* fork, exec and wait of this program, doing nothing. */
static double run(long n)
{
	double begin = now();
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			execl(self, self, (char *)NULL);
			_exit(127);
		}
		int status;
		if (waitpid(pid, &status, 0) != pid || status != 0)
			fail("waitpid");
	}
	return now() - begin;
}

/* A byte to another process and back, by pipes: what a message's round trip is compared with. */
static double pingpong(long n)
{
	int there[2], back[2];
	char c = 0;
	if (pipe(there) || pipe(back))
		fail("pipe");
	pid_t pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		close(there[1]);
		while (read(there[0], &c, 1) == 1)
			if (write(back[1], &c, 1) != 1)
				break;
		_exit(0);
	}
	close(there[0]);
	double begin = now();
	for (long i = 0; i < n; i++)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			fail("pipe");
	double d = now() - begin;
	close(there[1]);
	close(back[0]);
	close(back[1]);
	waitpid(pid, NULL, 0);
	return d;
}

static const struct workload { const char *name; double (*run)(long n); } workloads[] = {
	{ "mutex", mutex }, { "cond", cond }, { "cow", cow }, { "cexec", run },
	{ "pingpong", pingpong },
};

int main(int argc, char **argv)
{
	if (argc < 3)
		return 0;
	self = argv[0];
	double goal = atof(argv[2]) * 1e6;
	for (unsigned i = 0; i < sizeof workloads / sizeof *workloads; i++) {
		if (strcmp(workloads[i].name, argv[1]))
			continue;
		for (long n = 1;;) {
			double d = workloads[i].run(n);
			if (d >= goal || n >= 1L << 28) {
				printf("%.1f\n", d / n);
				return 0;
			}
			double grow = d > goal / 1000 ? 1.2 * goal / d : 10;
			n = n * (grow < 10 ? grow : 10) + 1;
		}
	}
	fprintf(stderr, "c: no such workload\n");
	return 99;
}
