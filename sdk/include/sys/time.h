/* Times with microseconds, and interval timers. */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_
#include <sys/types.h>
struct timespec { time_t tv_sec; long tv_nsec; };
struct timeval { time_t tv_sec; suseconds_t tv_usec; };
struct itimerval { struct timeval it_interval, it_value; };
struct timezone { int tz_minuteswest, tz_dsttime; };
#define _STRUCT_TIMESPEC 1
#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2
#define timerclear(t) ((t)->tv_sec = (t)->tv_usec = 0)
#define timerisset(t) ((t)->tv_sec || (t)->tv_usec)
#define timercmp(a, b, op) ((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec op (b)->tv_usec : (a)->tv_sec op (b)->tv_sec)
#define timeradd(a, b, r) do { (r)->tv_sec = (a)->tv_sec + (b)->tv_sec; (r)->tv_usec = (a)->tv_usec + (b)->tv_usec; \
	if ((r)->tv_usec >= 1000000) { (r)->tv_sec++; (r)->tv_usec -= 1000000; } } while (0)
#define timersub(a, b, r) do { (r)->tv_sec = (a)->tv_sec - (b)->tv_sec; (r)->tv_usec = (a)->tv_usec - (b)->tv_usec; \
	if ((r)->tv_usec < 0) { (r)->tv_sec--; (r)->tv_usec += 1000000; } } while (0)
#define TIMESPEC_TO_TIMEVAL(v, s) do { (v)->tv_sec = (s)->tv_sec; (v)->tv_usec = (s)->tv_nsec / 1000; } while (0)
#define TIMEVAL_TO_TIMESPEC(v, s) do { (s)->tv_sec = (v)->tv_sec; (s)->tv_nsec = (v)->tv_usec * 1000; } while (0)
struct clockinfo { int hz, tick, tickadj, stathz, profhz; };
#include <time.h>
#include <sys/select.h>
__BEGIN_DECLS
int gettimeofday(struct timeval *, void *);
int settimeofday(const struct timeval *, const struct timezone *);
int adjtime(const struct timeval *, struct timeval *);
int getitimer(int, struct itimerval *);
int setitimer(int, const struct itimerval *, struct itimerval *);
int utimes(const char *, const struct timeval *);
int futimes(int, const struct timeval *);
int lutimes(const char *, const struct timeval *);
__END_DECLS
#endif
