/* Signals that interrupt sleeps, interval timers, and what has been used; and sbrk, which is deprecated
 * and is there. */
#include "check.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count, from;

static void handler(int sig, siginfo_t *info, void *uc)
{
	(void)sig, (void)uc;
	count++;
	from = info ? info->si_pid : 0;
}

static void action(int sig, int flags)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };
	CHECKEQ(sigaction(sig, &a, 0), 0);
}

/* A signal comes while the reader sleeps; its handler runs, and then the read fails or goes on. */
static void reading(int flags)
{
	int data[2], ready[2];
	CHECKEQ(pipe(data), 0);
	CHECKEQ(pipe(ready), 0);
	count = 0;
	action(SIGUSR1, flags);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0) {
		/* Until the handler has run: it may be early, and then finds nobody asleep. */
		char c;
		close(ready[1]);
		for (;;) {
			struct timeval tv = { 0, 20000 };
			fd_set set;
			FD_ZERO(&set);
			FD_SET(ready[0], &set);
			kill(parent, SIGUSR1);
			if (select(ready[0] + 1, &set, 0, 0, &tv) > 0 && read(ready[0], &c, 1) >= 0) break;
			if (flags & SA_RESTART) {
				usleep(100000);
				write(data[1], "x", 1);
			}
		}
		_exit(0);
	}
	char c = 0;
	errno = 0;
	ssize_t n = read(data[0], &c, 1);
	if (flags & SA_RESTART) {
		CHECKEQ(n, 1);
		CHECKEQ(c, 'x');
	} else {
		CHECKEQ(n, -1);
		CHECKEQ(errno, EINTR);
	}
	CHECK(count > 0);
	CHECKEQ(from, pid);
	signal(SIGUSR1, SIG_IGN);
	write(ready[1], "y", 1);
	int status = -1;
	CHECKEQ(waitpid(pid, &status, 0), pid);
	CHECKEQ(status, 0);
	close(data[0]), close(data[1]), close(ready[0]), close(ready[1]);
}

static double used(int who)
{
	struct rusage r;
	CHECKEQ(getrusage(who, &r), 0);
	return r.ru_utime.tv_sec + r.ru_utime.tv_usec / 1e6 + r.ru_stime.tv_sec + r.ru_stime.tv_usec / 1e6;
}

static double now(void)
{
	struct timeval tv;
	gettimeofday(&tv, 0);
	return tv.tv_sec + tv.tv_usec / 1e6;
}

static void timers(void)
{
	static const struct { int which, sig; } t[] = { { ITIMER_REAL, SIGALRM }, { ITIMER_VIRTUAL, SIGVTALRM }, { ITIMER_PROF, SIGPROF } };
	for (int i = 0; i < 3; i++) {
		struct itimerval v = { { 0, 10000 }, { 0, 30000 } }, old;
		count = 0;
		action(t[i].sig, SA_RESTART);
		double real = now(), cpu = used(RUSAGE_SELF);
		CHECKEQ(setitimer(t[i].which, &v, 0), 0);
		CHECKEQ(getitimer(t[i].which, &old), 0);
		CHECKEQ(old.it_interval.tv_usec, 10000);
		CHECK(old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 30000);
		while (count < 5) /* it works, and so does its CPU time */
			;
		if (t[i].which == ITIMER_REAL)
			CHECK(now() - real >= 0.065);
		else
			CHECK(used(RUSAGE_SELF) - cpu >= 0.065);
		memset(&v, 0, sizeof v);
		CHECKEQ(setitimer(t[i].which, &v, &old), 0);
		CHECKEQ(old.it_interval.tv_usec, 10000);
		CHECKEQ(getitimer(t[i].which, &old), 0);
		CHECKEQ(old.it_value.tv_usec + old.it_interval.tv_usec, 0);
	}
	/* A child's time is its own, and then its parent's children's. */
	double kids = used(RUSAGE_CHILDREN);
	pid_t pid = fork();
	if (pid == 0) {
		while (used(RUSAGE_SELF) < 0.1)
			;
		_exit(0);
	}
	CHECKEQ(waitpid(pid, 0, 0), pid);
	CHECK(used(RUSAGE_CHILDREN) - kids >= 0.1);
}

/* SIGCONT goes on when it is held, though nobody handles it. */
static void held(void)
{
	sigset_t set, old, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	CHECKEQ(sigprocmask(SIG_BLOCK, &set, &old), 0);
	CHECKEQ(raise(SIGCONT), 0);
	CHECKEQ(sigpending(&pending), 0);
	CHECK(sigismember(&pending, SIGCONT));
	CHECKEQ(sigprocmask(SIG_SETMASK, &old, NULL), 0);
	CHECKEQ(sigpending(&pending), 0);
	CHECK(!sigismember(&pending, SIGCONT));
}

/* With SA_NOCLDWAIT there is nobody to wait for, and no SIGCHLD that would interrupt the wait. */
static void unwaited(void)
{
	struct sigaction old, a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NOCLDWAIT };
	CHECKEQ(sigaction(SIGCHLD, &a, &old), 0);
	count = 0;
	if (fork() == 0)
		_exit(0);
	int status;
	errno = 0;
	CHECKEQ(wait(&status), -1);
	CHECKEQ(errno, ECHILD);
	CHECKEQ(count, 0);
	CHECKEQ(sigaction(SIGCHLD, &old, NULL), 0);
}

/* sigpause takes a signal, not a mask: what is not one is refused, and one that is held comes through. */
static void pausing(void)
{
	errno = 0;
	CHECKEQ(sigpause(-1), -1);
	CHECKEQ(errno, EINVAL);
	errno = 0;
	CHECKEQ(sigpause(NSIG), -1);
	CHECKEQ(errno, EINVAL);
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECKEQ(sigprocmask(SIG_BLOCK, &set, &old), 0);
	action(SIGUSR2, 0);
	count = 0;
	CHECKEQ(raise(SIGUSR2), 0);
	CHECKEQ(count, 0);
	errno = 0;
	CHECKEQ(sigpause(SIGUSR2), -1);
	CHECKEQ(errno, EINTR);
	CHECKEQ(count, 1);
	CHECKEQ(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

int main(void)
{
	held();
	unwaited();
	pausing();
	reading(0);
	reading(SA_RESTART);
	timers();
	char *p = sbrk(0), *q = sbrk(5000);
	CHECK(p != (char *)-1 && q == p);
	memset(q, 7, 5000);
	CHECK((char *)sbrk(0) == p + 5000 && q[4999] == 7);
	CHECK(sbrk(-5000) == p + 5000 && sbrk(0) == p);
	CHECK(sbrk(1 << 30) == (void *)-1 && errno == ENOMEM);
	if (!failures) printf("signals ok\n");
	DONE();
}
