/* fork, exec, posix_spawn, wait, signals. The program is its own child. */
#include "check.h"
#include <mach-o/dyld.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/sysctl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char self[1024];
static volatile sig_atomic_t got, value;
static void on_signal(int n) { got = n; }
static void on_info(int n, siginfo_t *si, void *uc) { got = n; value = si->si_pid; }
static sigjmp_buf out;
static void on_fault(int n) { siglongjmp(out, n); }

static int reap(pid_t pid)
{
	int st = -1;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	return st;
}

static int child(int argc, char **argv)
{
	if (strcmp(argv[1], "asleep") == 0) { /* for those who look what becomes of it */
		puts("asleep");
		fflush(stdout);
		for (;;)
			pause();
	}
	if (strcmp(argv[1], "echo") == 0) {
		printf("%s:%s\n", argv[2], getenv("WHO") ? getenv("WHO") : "nobody");
		return 7;
	}
	return 99;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return child(argc, argv);
	uint32_t n = sizeof self;
	CHECKEQ(_NSGetExecutablePath(self, &n), 0);

	pid_t pid = fork();
	if (pid == 0)
		_exit(getppid() > 1 ? 3 : 4);
	int st = reap(pid);
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) == 3);

	int fds[2];
	char buf[100];
	CHECKEQ(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		dup2(fds[1], 1);
		setenv("WHO", "exec", 1);
		execl(self, "process", "echo", "one", NULL);
		_exit(100);
	}
	st = reap(pid);
	CHECKEQ(WEXITSTATUS(st), 7);
	CHECKEQ(read(fds[0], buf, sizeof buf), 9);
	CHECK(memcmp(buf, "one:exec\n", 9) == 0);
	CHECK(execl("/no/such/program", "x", NULL) == -1 && errno == ENOENT);

	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	CHECKEQ(posix_spawn_file_actions_init(&fa), 0);
	CHECKEQ(posix_spawnattr_init(&at), 0);
	posix_spawn_file_actions_adddup2(&fa, fds[1], 1);
	posix_spawn_file_actions_addopen(&fa, 9, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addclose(&fa, 9);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP);
	char *args[] = { "process", "echo", "two", NULL }, *env[] = { "WHO=spawn", NULL };
	CHECKEQ(posix_spawn(&pid, self, &fa, &at, args, env), 0);
	st = reap(pid);
	CHECKEQ(WEXITSTATUS(st), 7);
	CHECKEQ(read(fds[0], buf, sizeof buf), 10);
	CHECK(memcmp(buf, "two:spawn\n", 10) == 0);
	CHECKEQ(posix_spawn(&pid, "/no/such", NULL, NULL, args, environ), ENOENT);

	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	CHECKEQ(got, SIGUSR1);
	struct sigaction sa = { .sa_flags = SA_SIGINFO };
	sa.sa_sigaction = on_info;
	CHECKEQ(sigaction(SIGUSR2, &sa, NULL), 0);
	sigset_t block, old;
	sigemptyset(&block);
	sigaddset(&block, SIGUSR2);
	sigprocmask(SIG_BLOCK, &block, &old);
	got = 0;
	if ((pid = fork()) == 0) {
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	reap(pid);
	CHECKEQ(got, 0);
	sigsuspend(&old);
	CHECK(got == SIGUSR2 && value == pid);
	sigprocmask(SIG_SETMASK, &old, NULL);

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	if (sigsetjmp(out, 1) == 0) {
		*(volatile int *)8 = 1;
		CHECK(0);
	}
	signal(SIGALRM, on_signal);
	got = 0;
	ualarm(20000, 0);
	CHECK(pause() == -1 && errno == EINTR && got == SIGALRM);

	if ((pid = fork()) == 0) {
		signal(SIGTERM, SIG_DFL);
		for (;;)
			pause();
	}
	kill(pid, SIGSTOP);
	CHECKEQ(waitpid(pid, &st, WUNTRACED), pid);
	CHECK(WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
	kill(pid, SIGCONT);
	kill(pid, SIGTERM);
	st = reap(pid);
	CHECK(WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM);
	if ((pid = fork()) == 0)
		abort();
	st = reap(pid);
	CHECK(WIFSIGNALED(st) && WTERMSIG(st) == SIGABRT);
	/* One that crashes takes no other with it: not its group, nor its memory's sharers. */
	int ends[2];
	volatile int *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	CHECK(both != MAP_FAILED && pipe(ends) == 0);
	if ((pid = fork()) == 0) {
		char c;
		CHECK(setpgid(0, 0) == 0 && getpgrp() == getpid());
		_exit(read(ends[0], &c, 1) == 1 && *both == 77 ? 7 : 1);
	}
	pid_t crash = fork();
	if (crash == 0) {
		signal(SIGSEGV, SIG_DFL);
		setpgid(0, pid);
		*both = 77;
		*(volatile int *)8 = 1;
	}
	CHECKEQ(waitpid(crash, &st, 0), crash);
	CHECK(WIFSIGNALED(st) && WTERMSIG(st) == SIGSEGV);
	CHECK(write(ends[1], "x", 1) == 1 && *both == 77);
	st = reap(pid);
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) == 7);
	CHECK(wait(NULL) == -1 && errno == ECHILD);

	/* What is not started in the end leaves nothing. */
	int before = 0, after = 0;
	size_t len = sizeof before;
	CHECKEQ(sysctlbyname("kern.num_threads", &before, &len, NULL, 0), 0);
	CHECKEQ(posix_spawnattr_setpgroup(&at, 99999), 0);
	for (int i = 0; i < 20; i++)
		CHECKEQ(posix_spawn(&pid, self, NULL, &at, args, env), EPERM);
	CHECKEQ(sysctlbyname("kern.num_threads", &after, &len, NULL, 0), 0);
	CHECKEQ(after, before);
	printf("process ok\n");
	DONE();
}
