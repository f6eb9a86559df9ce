/* What crosses into the kernel is checked: every call with null, huge and senseless
 * arguments, each in a process of its own, and errors of calls that are known. */
#include "check.h"
#include <fcntl.h>
#include <limits.h>
#include <mach/mach.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILS(call, err) do { errno = 0; long r_ = (long)(call); if (r_ != -1 || errno != (err)) { failures++; \
	fprintf(stderr, "%s:%d: %s is %ld, errno %d; want errno %d\n", __FILE__, __LINE__, #call, r_, errno, err); } } while (0)

static long raw(long number, long a)
{
	register long r10 __asm__("r10") = a, r8 __asm__("r8") = a, r9 __asm__("r9") = a;
	long r = number;
	__asm__ volatile("syscall" : "+a"(r), "+r"(r10), "+r"(r8), "+r"(r9) : "D"(a), "S"(a), "d"(a) : "rcx", "r11", "memory", "cc");
	return r;
}

static void nothing(int s) { (void)s; }

/* Calls that end well, badly or not at all; the parent only has to live on. */
static int calls, ended, stuck;
static void all(long class, int numbers)
{
	static const long values[] = { 0, -1, 0x7fffffff, 1L << 47, 1L << 63 };
	for (int n = 0; n < numbers; n++)
		for (int v = 0; v < (int)(sizeof values / sizeof *values); v++) {
			pid_t pid = fork();
			if (pid == 0) {
				setpgid(0, 0);
				raw(class << 24 | n, values[v]);
				_exit(0);
			}
			if (pid < 0) {
				CHECK(!"fork");
				return;
			}
			calls++;
			struct itimerval soon = {{0, 100000}, {0, 100000}}, never = {{0, 0}, {0, 0}};
			setitimer(ITIMER_REAL, &soon, NULL);
			int status, killed = 0;
			while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {
				kill(pid, SIGKILL);
				killed = 1;
			}
			setitimer(ITIMER_REAL, &never, NULL);
			stuck += killed;
			ended += !killed;
		}
}

int main(void)
{
	void *bad[] = { NULL, (void *)-1, (void *)(1L << 47), (void *)0x7fffffffffff, (void *)(1L << 63) };
	int fd = open("/dev/zero", O_RDWR), p[2];
	CHECK(fd >= 0);
	CHECKEQ(pipe(p), 0);
	CHECKEQ(write(p[1], "some text", 9), 9);
	for (int i = 0; i < (int)(sizeof bad / sizeof *bad); i++) {
		FAILS(open(bad[i], O_RDONLY), EFAULT);
		FAILS(read(fd, bad[i], 16), EFAULT);
		FAILS(write(p[1], bad[i], 16), EFAULT);
		FAILS(readv(fd, bad[i], 2), EFAULT);
		FAILS(stat(bad[i], (struct stat *)&p), EFAULT);
		FAILS(stat("/", bad[i]), EFAULT);
		FAILS(getrlimit(RLIMIT_NOFILE, bad[i]), EFAULT);
		FAILS(bind(socket(AF_UNIX, SOCK_STREAM, 0), bad[i], 16), EFAULT);
	}
	FAILS(read(fd, &p, (size_t)-1), EINVAL); /* sizes */
	FAILS(readv(fd, (struct iovec *)&p, -1), EINVAL);
	FAILS(readv(fd, (struct iovec *)&p, 0x7fffffff), EINVAL);
	FAILS(munmap((void *)0x1000, (size_t)-1), EINVAL);
	FAILS(lseek(fd, 0, 99), EINVAL); /* words that are one of a few */
	FAILS(fcntl(fd, 9999), EINVAL);
	FAILS(getrlimit(99, (struct rlimit *)&p), EINVAL);
	FAILS(getrusage(99, (struct rusage *)&p), EINVAL);
	FAILS(getpriority(99, 0), EINVAL);
	FAILS(setitimer(99, NULL, NULL), EINVAL);
	FAILS(kill(getpid(), 99), EINVAL);
	FAILS(sigaction(99, NULL, NULL), EINVAL);
	FAILS(shutdown(socket(AF_UNIX, SOCK_STREAM, 0), 99), EINVAL);
	FAILS(socket(999, SOCK_STREAM, 0), EAFNOSUPPORT);
	FAILS(waitid(99, 1, (siginfo_t *)&p, WEXITED), EINVAL);
	FAILS(close(0x7fffffff), EBADF);
	FAILS(dup2(fd, -1), EBADF);
	static char path[PATH_MAX + 2]; /* what is longer than its place */
	memset(path, '/', PATH_MAX + 1);
	FAILS(open(path, O_RDONLY), ENAMETOOLONG);
	memset(path, 'x', PATH_MAX + 1);
	FAILS(unlink(path), ENAMETOOLONG);
	path[NAME_MAX + 1] = 0;
	FAILS(mkdir(path, 0700), ENAMETOOLONG);
	int mib[40] = {1};
	FAILS(sysctl(mib, 40, NULL, NULL, NULL, 0), EINVAL);
	CHECKEQ(mach_vm_deallocate(mach_task_self(), 1L << 62, -1), KERN_INVALID_ARGUMENT);
	CHECKEQ(task_info(mach_task_self(), 0x7fffffff, (task_info_t)path, &(mach_msg_type_number_t){4}), KERN_INVALID_ARGUMENT);
	CHECKEQ(mach_port_allocate(mach_task_self(), 0x7fffffff, (mach_port_t *)&p), KERN_INVALID_VALUE);
	CHECKEQ(mach_port_mod_refs(mach_task_self(), 0x7fffff, 77, 1), KERN_INVALID_VALUE);
	CHECKEQ(thread_policy_set(mach_thread_self(), 0x7fffffff, (thread_policy_t)path, 1), KERN_INVALID_ARGUMENT);
	fflush(stdout);
	fflush(stderr);
	struct sigaction sa = { .sa_handler = nothing };
	sigaction(SIGALRM, &sa, NULL);
	int null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	all(2, 560);
	all(1, 130);
	all(3, 8);
	CHECK(calls > 3000 && ended > calls / 2);
	/* The kernel is as it was. */
	CHECKEQ(getppid() > 0, 1);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
	if (!failures)
		puts("edges ok");
	DONE();
}
