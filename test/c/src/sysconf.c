/* sysconf: the numbers and values of macOS's unistd.h, sysconf(3) and Libc. */
#include "check.h"
#include <limits.h>
#include <unistd.h>

static const struct { int name; long want; } constant[] = {
	{ 3, 100 },                     /* _SC_CLK_TCK */
	{ 6, 200112 },                  /* _SC_JOB_CONTROL */
	{ 9, 99 },                      /* _SC_BC_BASE_MAX */
	{ 15, 2048 },                   /* _SC_LINE_MAX */
	{ 28, -1 },                     /* _SC_ASYNCHRONOUS_IO */
	{ 32, 200112 },                 /* _SC_MEMORY_PROTECTION */
	{ 36, -1 },                     /* _SC_REALTIME_SIGNALS */
	{ 37, -1 },                     /* _SC_SEMAPHORES */
	{ 47, 200112 },                 /* _SC_MAPPED_FILES */
	{ 50, 32767 },                  /* _SC_SEM_VALUE_MAX */
	{ 60, -1 },                     /* _SC_2_PBS_ACCOUNTING */
	{ 66, -1 },                     /* _SC_BARRIERS */
	{ 74, -1 },                     /* _SC_MONOTONIC_CLOCK */
	{ 76, 200112 },                 /* _SC_READER_WRITER_LOCKS */
	{ 82, 200112 },                 /* _SC_THREAD_ATTR_STACKADDR */
	{ 90, 200112 },                 /* _SC_THREAD_PROCESS_SHARED */
	{ 94, -1 },                     /* _SC_THREAD_THREADS_MAX */
	{ 98, -1 },                     /* _SC_TRACE_EVENT_FILTER */
	{ 103, -1 },                    /* _SC_V6_ILP32_OFF32 */
	{ 105, 1 },                     /* _SC_V6_LP64_OFF64 */
	{ 107, INT_MAX },               /* _SC_ATEXIT_MAX */
	{ 116, 600 },                   /* _SC_XOPEN_VERSION */
	{ 118, 200112 },                /* _SC_IPV6 */
	{ 121, 4 },                     /* _SC_XOPEN_XCU_VERSION */
	{ 131, 128 },                   /* _SC_PASS_MAX */
};

int main(void)
{
	for (unsigned i = 0; i < sizeof constant / sizeof *constant; i++) {
		errno = 0;
		CHECKEQ(sysconf(constant[i].name), constant[i].want);
		CHECKEQ(errno, 0);
	}
	static const int unknown[] = { -1, 0, 53, 117, 132, 199, 201, INT_MAX, INT_MIN };
	for (unsigned i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		errno = 0;
		CHECKEQ(sysconf(unknown[i]), -1);
		CHECKEQ(errno, EINVAL);
	}
	CHECKEQ(_SC_THREAD_CPUTIME, 84);
	CHECKEQ(_SC_TRACE_USER_EVENT_MAX, 130);
	CHECK(sysconf(_SC_ARG_MAX) >= _POSIX_ARG_MAX);
	CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	printf("sysconf ok\n");
	DONE();
}
