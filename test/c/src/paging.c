/* Fills more memory than a small machine has, and reads it back. With an argument
 * it expects that paging files were used. */
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_host.h>
#include <sys/mman.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MB = 1 << 20, SIZE = 160 * MB, PAGE = 4096 };

static unsigned word(long page, int salt) { return (unsigned)page * 2654435761u ^ salt; }

static void fill(unsigned *m, int salt)
{
	for (long i = 0; i < SIZE / PAGE; i++)
		for (int k = 0; k < PAGE / 4; k += 128)
			m[i * (PAGE / 4) + k] = word(i, salt + k);
}

static int good(const unsigned *m, int salt)
{
	for (long i = 0; i < SIZE / PAGE; i++)
		for (int k = 0; k < PAGE / 4; k += 128)
			if (m[i * (PAGE / 4) + k] != word(i, salt + k))
				return 0;
	return 1;
}

int main(int argc, char **argv)
{
	unsigned *m = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	CHECK(m != MAP_FAILED);
	fill(m, 1);
	CHECK(good(m, 1));
	/* Copied on write, half of it changed on the other side. */
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		for (long i = 0; i < SIZE / PAGE; i += 4)
			m[i * (PAGE / 4)] = 0;
		for (long i = 0; i < SIZE / PAGE; i++)
			if (m[i * (PAGE / 4)] != (i % 4 ? word(i, 1) : 0))
				_exit(1);
		_exit(0);
	}
	int status = -1;
	CHECKEQ(waitpid(pid, &status, 0), pid);
	CHECKEQ(status, 0);
	CHECK(good(m, 1));

	struct xsw_usage { uint64_t total, avail, used; uint32_t pagesize; int encrypted; } u = {0};
	size_t n = sizeof u;
	CHECKEQ(sysctlbyname("vm.swapusage", &u, &n, NULL, 0), 0);
	CHECKEQ(u.total, u.avail + u.used);
	struct vm_statistics64 v;
	mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
	CHECKEQ(host_statistics64(mach_host_self(), HOST_VM_INFO64, (host_info64_t)&v, &count), KERN_SUCCESS);
	if (argc > 1) {
		CHECK(u.used >= 32 * MB);
		CHECK(v.pageouts > 0 && v.swapouts == v.pageouts && v.swapins > 0);
		/* What is wired stays in memory, what is given back leaves the files. */
		CHECKEQ(mlock(m, 8 * MB), 0);
		CHECKEQ(munmap(m, SIZE), 0);
		CHECKEQ(sysctlbyname("vm.swapusage", &u, &n, NULL, 0), 0);
		CHECK(u.used < 32 * MB);
	}
	if (!failures)
		puts("paging ok");
	DONE();
}
