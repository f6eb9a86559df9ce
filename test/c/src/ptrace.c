/* ptrace and what wait4 says of traced children. The program is its own child. */
#include "check.h"
#include <mach-o/dyld.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static char self[1024];
static volatile sig_atomic_t got;
static void on_signal(int n) { got = n; }
#define HERE ((caddr_t)1)

/* wait for an event of pid; 0 options, so that only tracing can give stops */
static int event(pid_t pid)
{
	int st = -1;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	return st;
}
#define STOPPED(st, sig) CHECK(WIFSTOPPED(st) && WSTOPSIG(st) == (sig))
#define EXITED(st, code) CHECK(WIFEXITED(st) && WEXITSTATUS(st) == (code))
#define KILLED(st, sig) CHECK(WIFSIGNALED(st) && WTERMSIG(st) == (sig))
#define FAILS(x, e) do { errno = 0; CHECK((x) == -1); CHECKEQ(errno, e); } while (0)

static void sleeper(void) { for (;;) pause(); }

static void trace_me(void)
{
	/* exec stops before the program's first instruction */
	pid_t pid = fork();
	if (pid == 0) {
		ptrace(PT_TRACE_ME, 0, 0, 0);
		execl(self, "ptrace", "seven", NULL);
		_exit(100);
	}
	int st = event(pid);
	STOPPED(st, SIGTRAP);
	FAILS(ptrace(PT_CONTINUE, pid, 0, 0), ENOTSUP);
	FAILS(ptrace(PT_CONTINUE, pid, HERE, NSIG), EINVAL);
	FAILS(ptrace(PT_READ_D, pid, HERE, 0), EINVAL);
	FAILS(ptrace(PT_ATTACHEXC, pid, 0, 0), EBUSY);
	CHECKEQ(ptrace(PT_CONTINUE, pid, HERE, 0), 0);
	st = event(pid);
	EXITED(st, 7);
	FAILS(waitpid(pid, &st, 0), ECHILD);

	/* a signal stops the child even if it ignores or handles it; the tracer decides */
	pid = fork();
	if (pid == 0) {
		signal(SIGUSR1, on_signal);
		signal(SIGUSR2, SIG_IGN);
		ptrace(PT_TRACE_ME, 0, 0, 0);
		raise(SIGUSR1);         /* will be suppressed */
		if (got)
			_exit(1);
		raise(SIGUSR2);         /* will be replaced */
		_exit(got == SIGUSR1 ? 5 : 2);
	}
	st = event(pid);
	STOPPED(st, SIGUSR1);
	CHECKEQ(waitpid(pid, &st, WNOHANG), 0);
	CHECKEQ(ptrace(PT_CONTINUE, pid, HERE, 0), 0);
	st = event(pid);
	STOPPED(st, SIGUSR2);
	CHECKEQ(kill(pid, SIGCONT), 0);         /* does not continue a traced process */
	CHECKEQ(waitpid(pid, &st, WNOHANG), 0);
	CHECKEQ(ptrace(PT_CONTINUE, pid, HERE, SIGUSR1), 0);
	st = event(pid);
	CHECK(st == W_STOPCODE(SIGCONT));       /* the one of before */
	CHECKEQ(ptrace(PT_CONTINUE, pid, HERE, 0), 0);
	st = event(pid);
	EXITED(st, 5);

	/* the tracer lets a deadly one through; and PT_KILL */
	for (int i = 0; i < 2; i++) {
		pid = fork();
		if (pid == 0) {
			ptrace(PT_TRACE_ME, 0, 0, 0);
			raise(SIGTERM);
			_exit(1);
		}
		st = event(pid);
		STOPPED(st, SIGTERM);
		if (i == 0)
			CHECKEQ(ptrace(PT_CONTINUE, pid, HERE, SIGTERM), 0);
		else
			CHECKEQ(ptrace(PT_KILL, pid, 0, 0), 0);
		st = event(pid);
		KILLED(st, i == 0 ? SIGTERM : SIGKILL);
	}
}

static void step(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		ptrace(PT_TRACE_ME, 0, 0, 0);
		raise(SIGSTOP);
		for (volatile int i = 0; i < 100; i++)
			getppid();
		_exit(6);
	}
	int st = event(pid), steps = 0;
	STOPPED(st, SIGSTOP);
	while (steps < 400) {
		CHECKEQ(ptrace(PT_STEP, pid, HERE, 0), 0);
		st = event(pid);
		if (!WIFSTOPPED(st) || WSTOPSIG(st) != SIGTRAP)
			break;
		steps++;
	}
	CHECKEQ(steps, 400);    /* through a number of kernel calls */
	CHECKEQ(ptrace(PT_CONTINUE, pid, HERE, 0), 0);
	st = event(pid);
	EXITED(st, 6);
}

static void attach(void)
{
	/* the tracer is a sibling, so the child has another parent meanwhile */
	int fds[2], st;
	char c = 0;
	pipe(fds);
	pid_t pid = fork();
	if (pid == 0)
		sleeper();
	pid_t tracer = fork();
	if (tracer == 0) {
		failures = 0;
		CHECKEQ(ptrace(PT_ATTACH, pid, 0, 0), 0);
		st = event(pid);
		STOPPED(st, SIGSTOP);
		write(fds[1], "a", 1);
		CHECKEQ(ptrace(PT_DETACH, pid, HERE, 0), 0);
		FAILS(waitpid(pid, &st, WNOHANG), ECHILD);
		FAILS(ptrace(PT_CONTINUE, pid, HERE, 0), EPERM);
		_exit(failures != 0);
	}
	CHECKEQ(read(fds[0], &c, 1), 1);
	st = event(tracer);
	EXITED(st, 0);
	FAILS(ptrace(PT_DETACH, pid, HERE, 0), EPERM);  /* nobody traces it */
	CHECKEQ(waitpid(pid, &st, WNOHANG), 0); /* ours again */

	/* the tracer ends: what it traced is killed, and its parent hears of it */
	tracer = fork();
	if (tracer == 0) {
		ptrace(PT_ATTACHEXC, pid, 0, 0);
		_exit(0);
	}
	st = event(tracer);
	EXITED(st, 0);
	st = event(pid);
	KILLED(st, SIGKILL);

	/* the tracer sees the end, and then the parent does */
	pid = fork();
	if (pid == 0)
		sleeper();
	tracer = fork();
	if (tracer == 0) {
		failures = 0;
		CHECKEQ(ptrace(PT_ATTACH, pid, 0, 0), 0);
		st = event(pid);
		STOPPED(st, SIGSTOP);
		CHECKEQ(ptrace(PT_KILL, pid, 0, 0), 0);
		st = event(pid);
		KILLED(st, SIGKILL);
		_exit(failures != 0);
	}
	st = event(tracer);
	EXITED(st, 0);
	st = event(pid);
	KILLED(st, SIGKILL);
}

static void refuse(void)
{
	int fds[2], st;
	char c;
	FAILS(ptrace(PT_CONTINUE, 1, HERE, 0), EPERM);
	FAILS(ptrace(PT_ATTACHEXC, getpid(), 0, 0), EINVAL);
	FAILS(ptrace(PT_ATTACHEXC, 99998, 0, 0), ESRCH);
	FAILS(ptrace(PT_SIGEXC, 0, 0, 0), EINVAL);
	pipe(fds);
	pid_t pid = fork();
	if (pid == 0) {
		ptrace(PT_DENY_ATTACH, 0, 0, 0);
		write(fds[1], "d", 1);
		sleeper();
	}
	CHECKEQ(read(fds[0], &c, 1), 1);
	signal(SIGSEGV, on_signal);
	got = 0;
	FAILS(ptrace(PT_ATTACHEXC, pid, 0, 0), EBUSY);
	CHECKEQ(got, SIGSEGV);
	signal(SIGSEGV, SIG_DFL);
	kill(pid, SIGKILL);
	st = event(pid);
	KILLED(st, SIGKILL);
	/* a traced process that denies it ends with status ENOTSUP */
	pid = fork();
	if (pid == 0) {
		ptrace(PT_TRACE_ME, 0, 0, 0);
		ptrace(PT_DENY_ATTACH, 0, 0, 0);
		_exit(1);
	}
	st = event(pid);
	EXITED(st, ENOTSUP);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return 7;
	uint32_t n = sizeof self;
	CHECKEQ(_NSGetExecutablePath(self, &n), 0);
	trace_me();
	step();
	attach();
	refuse();
	if (!failures)
		puts("ptrace ok");
	DONE();
}
