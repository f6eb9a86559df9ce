/* Time. */
#ifndef _TIME_H_
#define _TIME_H_
#include <sys/types.h>
#include <sys/time.h>
typedef int clockid_t;
struct tm {
	int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
	long tm_gmtoff;
	char *tm_zone;
};
#define CLOCKS_PER_SEC 1000000UL
#define TIME_UTC 1
#define CLOCK_MONOTONIC          0x6
#define CLOCK_MONOTONIC_RAW      0x4
#define CLOCK_MONOTONIC_RAW_APPROX 0x5
#define CLOCK_PROCESS_CPUTIME_ID 0xc
#define CLOCK_REALTIME           0x0
#define CLOCK_THREAD_CPUTIME_ID  0x10
#define CLOCK_UPTIME_RAW         0x8
#define CLOCK_UPTIME_RAW_APPROX  0x9
__BEGIN_DECLS
extern char *tzname[];
extern long timezone;
extern int daylight;
char *asctime(const struct tm *);
char *asctime_r(const struct tm *, char *);
char *ctime(const time_t *);
char *ctime_r(const time_t *, char *);
clock_t clock(void);
double difftime(time_t, time_t);
struct tm *gmtime(const time_t *);
struct tm *gmtime_r(const time_t *, struct tm *);
struct tm *localtime(const time_t *);
struct tm *localtime_r(const time_t *, struct tm *);
time_t mktime(struct tm *);
time_t timegm(struct tm *);
time_t timelocal(struct tm *);
size_t strftime(char *, size_t, const char *, const struct tm *);
char *strptime(const char *, const char *, struct tm *);
time_t time(time_t *);
void tzset(void);
int nanosleep(const struct timespec *, struct timespec *);
int clock_gettime(clockid_t, struct timespec *);
uint64_t clock_gettime_nsec_np(clockid_t);
int clock_getres(clockid_t, struct timespec *);
int clock_settime(clockid_t, const struct timespec *);
int timespec_get(struct timespec *, int);
__END_DECLS
#endif
