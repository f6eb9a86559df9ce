/*
 * Clocks that cross into the kernel only when the commpage says so. The kernel
 * writes Darwin's layout: a time base in nanoseconds, the processor's counter
 * at that time, and a scale; a generation of 0 means that it is being changed.
 */
#include "private.h"
#include <time.h>
#include <errno.h>
#include <sys/resource.h>
#include <mach/mach_time.h>

#define COMM 0x7fffffe00000ul
#define comm(type, off) (*(volatile type *)(COMM + (off)))
enum {
	NT_TSC_BASE = 0x50, NT_SCALE = 0x58, NT_SHIFT = 0x5c, NT_NS_BASE = 0x60,
	NT_GENERATION = 0x68, GTOD_GENERATION = 0x6c, GTOD_NS_BASE = 0x70,
	GTOD_SEC_BASE = 0x78, CONT_TIMEBASE = 0xc0,
};

uint64_t mach_absolute_time(void)
{
	for (;;) {
		uint32_t gen = comm(uint32_t, NT_GENERATION);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		uint64_t base = comm(uint64_t, NT_TSC_BASE), ns = comm(uint64_t, NT_NS_BASE);
		uint32_t scale = comm(uint32_t, NT_SCALE), shift = comm(uint32_t, NT_SHIFT);
		__builtin_ia32_lfence();
		uint64_t tsc = __builtin_ia32_rdtsc();
		if (likely(gen != 0 && gen == comm(uint32_t, NT_GENERATION)))
			return ns + (uint64_t)(((unsigned __int128)((tsc - base) << (shift & 63)) * scale) >> 32);
		__builtin_ia32_pause();
	}
}

uint64_t mach_continuous_time(void) { return mach_absolute_time() + comm(uint64_t, CONT_TIMEBASE); }
uint64_t mach_approximate_time(void) { return mach_absolute_time(); }
uint64_t mach_continuous_approximate_time(void) { return mach_continuous_time(); }

/* The clocks at one moment: they are read until nothing has moved between two readings by
 * more than a microsecond, or often enough. */
kern_return_t mach_get_times(uint64_t *absolute, uint64_t *continuous, struct timespec *ts)
{
	for (int i = 0;; i++) {
		uint64_t t = mach_absolute_time();
		if (continuous)
			*continuous = t + comm(uint64_t, CONT_TIMEBASE);
		if (ts && clock_gettime(CLOCK_REALTIME, ts) < 0)
			return KERN_FAILURE;
		if (absolute)
			*absolute = t;
		if (i == 20 || mach_absolute_time() - t < 1000)
			return KERN_SUCCESS;
	}
}
uint64_t mach_boottime_usec(void)
{
	struct timeval tv = { 0, 0 };
	size_t n = sizeof tv;
	__sysctlbyname("kern.boottime", 13, &tv, &n, NULL, 0);
	return tv.tv_sec * 1000000ul + tv.tv_usec;
}

kern_return_t mach_timebase_info(mach_timebase_info_t t)
{
	t->numer = t->denom = 1;
	return 0;
}

/* Seconds and nanoseconds since 1970; the kernel is asked if the page can't say. */
static int walltime(time_t *sec, long *nsec)
{
	for (;;) {
		uint32_t gen = comm(uint32_t, GTOD_GENERATION);
		if (unlikely(gen == 0))
			break;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		uint64_t base = comm(uint64_t, GTOD_NS_BASE), s = comm(uint64_t, GTOD_SEC_BASE);
		uint64_t d = mach_absolute_time() - base;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		if (likely(gen == comm(uint32_t, GTOD_GENERATION))) {
			*sec = s + d / 1000000000;
			*nsec = d % 1000000000;
			return 0;
		}
	}
	struct timeval tv;
	if (__gettimeofday(&tv, NULL, NULL) < 0)
		return -1;
	*sec = tv.tv_sec;
	*nsec = tv.tv_usec * 1000l;
	return 0;
}

int gettimeofday(struct timeval *tv, void *zone)
{
	if (zone) {
		struct timezone *tz = zone;
		tz->tz_minuteswest = tz->tz_dsttime = 0;
	}
	if (!tv)
		return 0;
	long ns;
	time_t s;
	if (walltime(&s, &ns) < 0)
		return -1;
	tv->tv_sec = s;
	tv->tv_usec = ns / 1000;
	return 0;
}

time_t time(time_t *t)
{
	time_t s;
	long ns;
	if (walltime(&s, &ns) < 0)
		return -1;
	if (t)
		*t = s;
	return s;
}

static int from_ns(struct timespec *ts, uint64_t ns)
{
	ts->tv_sec = ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	return 0;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	switch ((int)id) {
	case CLOCK_REALTIME:
		return walltime(&ts->tv_sec, &ts->tv_nsec);
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_RAW_APPROX:
		return from_ns(ts, mach_continuous_time());
	case CLOCK_UPTIME_RAW:
	case CLOCK_UPTIME_RAW_APPROX:
		return from_ns(ts, mach_absolute_time());
	case CLOCK_THREAD_CPUTIME_ID:
		return from_ns(ts, __thread_selfusage());
	case CLOCK_PROCESS_CPUTIME_ID: {
		struct rusage r;
		if (getrusage(RUSAGE_SELF, &r) < 0)
			return -1;
		return from_ns(ts, (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000ul +
		    (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000ul);
	}
	}
	errno = EINVAL;
	return -1;
}

uint64_t clock_gettime_nsec_np(clockid_t id)
{
	struct timespec ts;
	if (clock_gettime(id, &ts) < 0)
		return 0;
	return ts.tv_sec * 1000000000ul + ts.tv_nsec;
}

int clock_getres(clockid_t id, struct timespec *ts)
{
	switch ((int)id) {
	case CLOCK_REALTIME: case CLOCK_MONOTONIC: case CLOCK_PROCESS_CPUTIME_ID:
		return ts ? from_ns(ts, 1000) : 0;
	case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_RAW_APPROX: case CLOCK_UPTIME_RAW:
	case CLOCK_UPTIME_RAW_APPROX: case CLOCK_THREAD_CPUTIME_ID:
		return ts ? from_ns(ts, 1) : 0;
	}
	errno = EINVAL;
	return -1;
}

int clock_settime(clockid_t id, const struct timespec *ts)
{
	if (id != CLOCK_REALTIME) {
		errno = EINVAL;
		return -1;
	}
	struct timeval tv = { ts->tv_sec, ts->tv_nsec / 1000 };
	return settimeofday(&tv, NULL);
}

int timespec_get(struct timespec *ts, int base)
{
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, ts) == 0 ? base : 0;
}

clock_t clock(void)
{
	struct timespec ts;
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) < 0)
		return -1;
	return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int nanosleep(const struct timespec *req, struct timespec *rem)
{
	if (!req || req->tv_sec < 0 || req->tv_nsec < 0 || req->tv_nsec >= 1000000000) {
		errno = EINVAL;
		return -1;
	}
	int saved = errno;
	int64_t sec = req->tv_sec > 10000000000l ? 10000000000l : req->tv_sec;
	uint64_t begin = rem ? mach_absolute_time() : 0;
	/* The shortest sleeps are a way to let others run: the kernel sees to that. */
	long done = -1;
	if (sec == 0 && req->tv_nsec > 5000 && req->tv_nsec < 1000000 && (done = word_sleep(req->tv_nsec)) == -EINTR)
		errno = EINTR;
	if (done == -1)
		done = __semwait_signal(0, 0, 1, 1, sec, req->tv_nsec) == 0 || errno == ETIMEDOUT ? 0 : -1;
	if (done == 0) {
		errno = saved;
		return 0;
	}
	if (rem && errno == EINTR) {
		uint64_t ns = sec * 1000000000ul + req->tv_nsec, slept = mach_absolute_time() - begin;
		from_ns(rem, slept < ns ? ns - slept : 0);
	}
	return -1;
}

int usleep(useconds_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000l };
	return nanosleep(&ts, NULL);
}

unsigned sleep(unsigned s)
{
	struct timespec ts = { s, 0 }, rem = { 0, 0 };
	if (nanosleep(&ts, &rem) == 0)
		return 0;
	return rem.tv_sec + (rem.tv_nsec >= 500000000);
}
