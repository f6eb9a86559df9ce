/* What resource limits do: CPU time, address space, data, core files. The working directory is
 * where core files go; the test has bound it to /cores. */
#include "check.h"
#include <fcntl.h>
#include <mach-o/loader.h>
#include <mach/mach.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <pthread.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void handler(int sig) { got = sig; }

static int limit(int which, rlim_t n)
{
	struct rlimit l;
	if (getrlimit(which, &l)) return -1;
	l.rlim_cur = n;
	return setrlimit(which, &l);
}

static int status_of(pid_t pid)
{
	int status = -1;
	CHECKEQ(waitpid(pid, &status, 0), pid);
	return status;
}

static double cpu(void)
{
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void cpu_time(void)
{
	/* The default action ends the process; what the parent has used does not count. */
	pid_t pid = fork();
	if (pid == 0) {
		limit(RLIMIT_CPU, 1);
		for (;;)
			;
	}
	int status = status_of(pid);
	CHECK(WIFSIGNALED(status));
	CHECKEQ(WTERMSIG(status), SIGXCPU);
	/* A handler is called, after the time and not before, and it goes on. The limit is kept
	 * by exec and given to children, who have time of their own. */
	pid = fork();
	if (pid == 0) {
		signal(SIGXCPU, handler);
		limit(RLIMIT_CPU, 1);
		pid_t kid = fork();
		if (kid == 0) {
			struct rlimit l;
			getrlimit(RLIMIT_CPU, &l);
			_exit(l.rlim_cur == 1 && !got ? 0 : 1);
		}
		if (status_of(kid) != 0) _exit(2);
		while (!got)
			;
		if (got != SIGXCPU || cpu() < 0.99) _exit(3);
		/* Below what has been used it comes at once. */
		got = 0;
		limit(RLIMIT_CPU, 1);
		for (int i = 0; i < 1000 && !got; i++) usleep(10000);
		_exit(got == SIGXCPU ? 0 : 4);
	}
	CHECKEQ(status_of(pid), 0);
	pid = fork();
	if (pid == 0) { /* No limit: nothing comes. */
		signal(SIGXCPU, handler);
		limit(RLIMIT_CPU, 1);
		limit(RLIMIT_CPU, RLIM_INFINITY);
		while (cpu() < 1.2)
			;
		_exit(got != 0);
	}
	CHECKEQ(status_of(pid), 0);
}

static size_t mapped(void)
{
	struct mach_task_basic_info i;
	mach_msg_type_number_t n = MACH_TASK_BASIC_INFO_COUNT;
	task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&i, &n);
	return i.virtual_size;
}

/* RLIMIT_AS and RLIMIT_DATA are both of all that is mapped, as Darwin has it. */
static void memory(int which)
{
	enum { MB = 1 << 20 };
	pid_t pid = fork();
	if (pid == 0) {
		size_t now = mapped();
		errno = 0;
		CHECKEQ(limit(which, now / 2), -1);
		CHECKEQ(errno, EINVAL);
		CHECKEQ(limit(which, now + 16 * MB), 0);
		void *p = mmap(0, 8 * MB, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
		CHECK(p != MAP_FAILED);
		CHECK(mmap(0, 16 * MB, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0) == MAP_FAILED);
		CHECKEQ(errno, ENOMEM);
		/* In place of what was there it costs nothing. */
		CHECK(mmap(p, 8 * MB, PROT_READ, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0) == p);
		mach_vm_address_t a = 0;
		CHECKEQ(mach_vm_allocate(mach_task_self(), &a, 16 * MB, VM_FLAGS_ANYWHERE), KERN_NO_SPACE);
		pid_t kid = fork(); /* which has the limit, too */
		if (kid == 0) _exit(mmap(0, 16 * MB, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0) != MAP_FAILED);
		CHECKEQ(status_of(kid), 0);
		CHECKEQ(munmap(p, 8 * MB), 0);
		CHECK(mmap(0, 12 * MB, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0) != MAP_FAILED);
		CHECKEQ(limit(which, RLIM_INFINITY), 0);
		CHECK(mmap(0, 64 * MB, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0) != MAP_FAILED);
		_exit(failures != 0);
	}
	CHECKEQ(status_of(pid), 0);
}

static uint64_t secret[2] = { 0x1122334455667788, 0 };

static void *sleeper(void *p)
{
	(void)p;
	for (;;) sleep(1000);
}

/* What a core file has at an address of 8 bytes; 0 if nothing. */
static uint64_t look(int fd, uint64_t addr, int *threads, uint64_t *rip)
{
	struct mach_header_64 h;
	CHECKEQ(pread(fd, &h, sizeof h, 0), sizeof h);
	CHECKEQ(h.magic, MH_MAGIC_64);
	CHECKEQ(h.filetype, MH_CORE);
	CHECKEQ(h.cputype, CPU_TYPE_X86_64);
	char *cmds = malloc(h.sizeofcmds);
	CHECKEQ(pread(fd, cmds, h.sizeofcmds, sizeof h), h.sizeofcmds);
	uint64_t v = 0;
	*threads = 0;
	char *at = cmds;
	for (uint32_t i = 0; i < h.ncmds; i++) {
		struct load_command *c = (void *)at;
		CHECK(at + sizeof *c <= cmds + h.sizeofcmds && at + c->cmdsize <= cmds + h.sizeofcmds);
		if (c->cmd == LC_SEGMENT_64) {
			struct segment_command_64 *s = (void *)c;
			if (addr - s->vmaddr < s->filesize)
				pread(fd, &v, 8, s->fileoff + (addr - s->vmaddr));
		} else {
			CHECKEQ(c->cmd, LC_THREAD);
			uint32_t *w = (uint32_t *)(c + 1);
			CHECKEQ(w[0], x86_THREAD_STATE);
			CHECKEQ(w[1], x86_THREAD_STATE_COUNT);
			x86_thread_state_t *st = (void *)(w + 2);
			CHECKEQ(st->tsh.flavor, x86_THREAD_STATE64);
			if (++*threads == 1) *rip = st->uts.ts64.__rip;
		}
		at += c->cmdsize;
	}
	CHECK(at == cmds + h.sizeofcmds);
	free(cmds);
	return v;
}

__attribute__((noinline)) static void crash(void) { *(volatile int *)8 = 1; }

static void core(void)
{
	char name[64];
	int on = -1, none = 0;
	size_t n = sizeof on, len = sizeof name;
	CHECKEQ(sysctlbyname("kern.coredump", &on, &n, 0, 0), 0);
	CHECKEQ(on, 1);
	CHECKEQ(sysctlbyname("kern.corefile", name, &len, 0, 0), 0);
	CHECKSTR(name, "/cores/core.%P");

	/* The limit is 0 at first: there is no file, and the status says so. */
	pid_t pid = fork();
	if (pid == 0) abort();
	int status = status_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && !WCOREDUMP(status));
	snprintf(name, sizeof name, "core.%d", pid);
	CHECK(access(name, F_OK) != 0);

	/* With a limit above the size of the memory there is one, with what was there and not
	 * what is in the file of the program; memory that is not readable, too; and not what was never
	 * touched. */
	uint64_t *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	char *vast = mmap(0, 1ull << 36, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
	CHECK(page != MAP_FAILED && vast != MAP_FAILED);
	pid = fork();
	if (pid == 0) {
		pthread_t t;
		pthread_create(&t, 0, sleeper, 0);
		secret[1] = secret[0] + 1;
		*page = 4711;
		mprotect(page, 4096, PROT_NONE);
		limit(RLIMIT_CORE, RLIM_INFINITY);
		crash();
	}
	status = status_of(pid);
	CHECK(WIFSIGNALED(status));
	CHECKEQ(WTERMSIG(status), SIGSEGV);
	CHECK(WCOREDUMP(status));
	snprintf(name, sizeof name, "core.%d", pid);
	int fd = open(name, O_RDONLY);
	CHECK(fd >= 0);
	struct stat st;
	CHECKEQ(fstat(fd, &st), 0);
	CHECK(st.st_size < 1ll << 30);
	CHECKEQ(st.st_mode & 0777, 0400);
	int threads;
	uint64_t rip = 0;
	CHECKEQ(look(fd, (uint64_t)&secret[1], &threads, &rip), secret[0] + 1);
	CHECKEQ(look(fd, (uint64_t)&secret[0], &threads, &rip), secret[0]);
	CHECKEQ(look(fd, (uint64_t)page, &threads, &rip), 4711);
	CHECKEQ(threads, 2);
	CHECK(rip - (uint64_t)crash < 64);
	close(fd);

	/* A file of 256 MB with little in it takes up little; pages beyond a file's end cost nothing, and
	 * those before it are there; what can't be written does not cost the rest. */
	for (int i = 0; i < 3; i++) {
		pid = fork();
		if (pid == 0) {
			int f = open("data", O_CREAT | O_TRUNC | O_RDWR, 0600);
			uint64_t mark = 4712 + i;
			size_t size = i == 1 ? 1ull << 44 : 1ull << 28;
			if (i != 1) CHECKEQ(ftruncate(f, size), 0);
			CHECKEQ(pwrite(f, &mark, 8, i == 1 ? 0 : size / 2), 8);
			char *map = mmap(0, size, PROT_READ, MAP_SHARED, f, 0);
			CHECK(map != MAP_FAILED);
			secret[1] = (uint64_t)map;
			if (i == 2) limit(RLIMIT_FSIZE, 256 << 10);
			limit(RLIMIT_CORE, RLIM_INFINITY);
			abort();
		}
		CHECK(WCOREDUMP(status_of(pid)));
		snprintf(name, sizeof name, "core.%d", pid);
		fd = open(name, O_RDONLY);
		CHECK(fd >= 0);
		CHECKEQ(fstat(fd, &st), 0);
		CHECK(st.st_blocks * 512 < 64ll << 20);
		uint64_t map = look(fd, (uint64_t)&secret[1], &threads, &rip);
		CHECK(map != 0);
		CHECKEQ(look(fd, map + (i == 1 ? 0 : 1 << 27), &threads, &rip), i == 2 ? 0 : 4712 + i);
		CHECKEQ(threads, 1);
		close(fd);
		unlink("data");
	}

	/* SIGTERM is no reason for one; a limit below the size is none; a signal's handler is none. */
	pid = fork();
	if (pid == 0) {
		limit(RLIMIT_CORE, RLIM_INFINITY);
		kill(getpid(), SIGTERM);
		for (;;) pause();
	}
	CHECKEQ(status_of(pid), SIGTERM);
	pid = fork();
	if (pid == 0) {
		limit(RLIMIT_CORE, 4096);
		abort();
	}
	CHECKEQ(status_of(pid), SIGABRT);

	/* A parent hears of it. */
	pid = fork();
	if (pid == 0) {
		limit(RLIMIT_CORE, RLIM_INFINITY);
		abort();
	}
	siginfo_t info;
	CHECKEQ(waitid(P_PID, pid, &info, WEXITED), 0);
	CHECKEQ(info.si_code, CLD_DUMPED);
	CHECKEQ(info.si_status, SIGABRT);

	/* Names are made of the format, which only root can change; a name that leads to something
	 * else than a file of its own is left alone. */
	if (geteuid() == 0) {
		CHECKEQ(sysctlbyname("kern.corefile", 0, 0, "/cores/%N-%U-%%-%P", 18), 0);
		pid = fork();
		if (pid == 0) {
			limit(RLIMIT_CORE, RLIM_INFINITY);
			abort();
		}
		CHECK(WCOREDUMP(status_of(pid)));
		snprintf(name, sizeof name, "limits-0-%%-%d", pid);
		CHECKEQ(access(name, F_OK), 0);
		CHECKEQ(close(open("target", O_CREAT | O_RDWR, 0600)), 0);
		CHECKEQ(symlink("target", "link"), 0);
		CHECKEQ(mkfifo("fifo", 0600), 0);
		const char *bad[] = { "/cores/link", "/cores/fifo", "/cores", "/cores/none/core" };
		for (int i = 0; i < 4; i++) {
			CHECKEQ(sysctlbyname("kern.corefile", 0, 0, (void *)bad[i], strlen(bad[i]) + 1), 0);
			pid = fork();
			if (pid == 0) {
				limit(RLIMIT_CORE, RLIM_INFINITY);
				abort();
			}
			CHECKEQ(status_of(pid), SIGABRT);
		}
		CHECKEQ(stat("target", &st), 0);
		CHECKEQ(st.st_size, 0);
		CHECKEQ(sysctlbyname("kern.coredump", 0, 0, &none, sizeof none), 0);
		pid = fork();
		if (pid == 0) {
			limit(RLIMIT_CORE, RLIM_INFINITY);
			abort();
		}
		CHECKEQ(status_of(pid), SIGABRT);
	} else {
		CHECKEQ(sysctlbyname("kern.corefile", 0, 0, "/x", 3), -1);
		CHECKEQ(errno, EPERM);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "abort")) abort();
	cpu_time();
	memory(RLIMIT_AS);
	memory(RLIMIT_DATA);
	if (argc > 1 && !strcmp(argv[1], "cores")) core();
	if (!failures) printf("limits ok\n");
	DONE();
}
