/* Broken-down time: the calendar, and local time by way of zone.c. */
#include "zone.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *tzname[2] = { "UTC", "UTC" };
long timezone;
int daylight;
static struct zone *current, *zones; /* zone_lock; zones are kept for ever: tm_zone points into them */
static lock_t zone_lock;

bool leap_year(int64_t y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }

/*
 * Years are counted from March, so that the leap day is a year's last; an era
 * is the 400 years after which the calendar repeats, 146097 days.
 */
int64_t days_from(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool break_down(int64_t t, int32_t off, struct tm *tm)
{
	if (__builtin_add_overflow(t, off, &t))
		goto over;
	int64_t days = t / 86400, sec = t % 86400;
	if (sec < 0)
		sec += 86400, days--;
	int wday = (int)((days + 4) % 7);
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = era * 400 + yoe + (month <= 2);
	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN)
		goto over;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = doy - (153 * mp + 2) / 5 + 1;
	tm->tm_yday = days - days_from(year, 1, 1);
	tm->tm_wday = wday < 0 ? wday + 7 : wday;
	tm->tm_hour = sec / 3600;
	tm->tm_min = sec / 60 % 60;
	tm->tm_sec = sec % 60;
	tm->tm_isdst = 0;
	tm->tm_gmtoff = off;
	tm->tm_zone = "UTC";
	return true;
over:
	errno = EOVERFLOW;
	return false;
}

/* The zone of TZ; zone_lock is held. */
static struct zone *zone(bool look)
{
	if (current && !look)
		return current;
	const char *tz = getenv("TZ"), *name = tz ? tz : "\1";
	if (current && strcmp(current->name, name) == 0)
		return current;
	struct zone *z = zones;
	while (z && strcmp(z->name, name) != 0)
		z = z->next;
	if (!z) {
		z = zone_load(tz);
		if (z != zones) {
			z->next = zones;
			zones = z;
		}
	}
	current = z;
	/* tzname and timezone are those of the last types in use. */
	const struct zone_type *std = NULL, *dst = NULL;
	if (z->rule) {
		std = &z->std;
		dst = z->rule_dst ? &z->dst : NULL;
	}
	for (int i = z->ntimes; i-- > 0 && !(std && dst);) {
		const struct zone_type *t = &z->types[z->idx[i]];
		if (t->dst && !dst)
			dst = t;
		else if (!t->dst && !std)
			std = t;
	}
	if (!std)
		std = z->ntypes ? &z->types[0] : &z->std;
	tzname[0] = (char *)std->abbr;
	tzname[1] = dst ? (char *)dst->abbr : (char *)std->abbr;
	timezone = -std->off;
	daylight = dst != NULL;
	return z;
}
void tzset(void)
{
	lock(&zone_lock);
	zone(true);
	unlock(&zone_lock);
}
void tzsetwall(void)
{
	unsetenv("TZ");
	tzset();
}

static struct tm *local(time_t t, struct tm *tm, bool look)
{
	lock(&zone_lock);
	const struct zone_type *y = zone_at(zone(look), t);
	unlock(&zone_lock);
	if (!break_down(t, y->off, tm))
		return NULL;
	tm->tm_isdst = y->dst;
	tm->tm_zone = (char *)y->abbr;
	return tm;
}
static struct tm answer;
struct tm *localtime_r(const time_t *t, struct tm *tm) { return local(*t, tm, false); }
struct tm *localtime(const time_t *t) { return local(*t, &answer, true); }
struct tm *gmtime_r(const time_t *t, struct tm *tm) { return break_down(*t, 0, tm) ? tm : NULL; }
struct tm *gmtime(const time_t *t) { return gmtime_r(t, &answer); }

/* Seconds since 1970 of the fields, which may be out of range, as if in UTC. */
static bool seconds(const struct tm *tm, int64_t *t)
{
	int64_t mon = tm->tm_mon, year = 1900l + tm->tm_year + mon / 12;
	if ((mon %= 12) < 0)
		mon += 12, year--;
	*t = ((days_from(year, mon + 1, 1) + tm->tm_mday - 1) * 24 + tm->tm_hour) * 3600 + tm->tm_min * 60l + tm->tm_sec;
	return true;
}
time_t timegm(struct tm *tm)
{
	int64_t t;
	struct tm out;
	if (!seconds(tm, &t) || !break_down(t, 0, &out)) {
		errno = EOVERFLOW;
		return -1;
	}
	*tm = out;
	return t;
}

/*
 * The wall-clock time is sought in each offset that the zone has about then.
 * Where it happens twice tm_isdst decides, or else standard time; where it never
 * happens, the clock is read as it was before the change.
 */
time_t mktime(struct tm *tm)
{
	int64_t wall, best = 0;
	seconds(tm, &wall);
	lock(&zone_lock);
	struct zone *z = zone(true);
	const struct zone_type *near[] = { zone_at(z, wall - 86400 * 2), zone_at(z, wall), zone_at(z, wall + 86400 * 2) };
	bool found = false, match = false;
	for (unsigned i = 0; i < countof(near); i++) {
		int64_t t = wall - near[i]->off;
		const struct zone_type *y = zone_at(z, t);
		if (y->off != near[i]->off)
			continue;
		bool m = tm->tm_isdst < 0 ? !y->dst : y->dst == (tm->tm_isdst > 0);
		if (!found || (m && !match)) {
			best = t;
			match = m;
		}
		found = true;
	}
	if (!found) {
		best = wall - near[0]->off;
		match = tm->tm_isdst < 0;
	}
	if (!match && tm->tm_isdst >= 0) {
		/* The other kind of time is asked for: by its usual offset. */
		const struct zone_type *here = zone_at(z, best), *other = NULL;
		for (int k = 0; k < 400 && !other; k += 7)
			for (int sign = -1; sign <= 1 && !other; sign += 2) {
				const struct zone_type *y = zone_at(z, best + sign * k * 86400l);
				if (y->dst == (tm->tm_isdst > 0))
					other = y;
			}
		if (other && here->dst != (tm->tm_isdst > 0))
			best = wall - other->off;
	}
	const struct zone_type *y = zone_at(z, best);
	unlock(&zone_lock);
	struct tm out;
	if (!break_down(best, y->off, &out)) {
		errno = EOVERFLOW;
		return -1;
	}
	out.tm_isdst = y->dst;
	out.tm_zone = (char *)y->abbr;
	*tm = out;
	return best;
}
time_t timelocal(struct tm *tm)
{
	tm->tm_isdst = -1;
	return mktime(tm);
}
double difftime(time_t a, time_t b) { return (double)(a - b); }

char *asctime_r(const struct tm *tm, char *buf)
{
	strftime(buf, 26, "%a %b %e %H:%M:%S ", tm);
	size_t n = strlen(buf);
	snprintf(buf + n, 26 - n, "%d\n", tm->tm_year + 1900);
	return buf;
}
static char text[32];
char *asctime(const struct tm *tm) { return asctime_r(tm, text); }
char *ctime_r(const time_t *t, char *buf)
{
	struct tm tm;
	return localtime_r(t, &tm) ? asctime_r(&tm, buf) : NULL;
}
char *ctime(const time_t *t)
{
	struct tm *tm = localtime(t);
	return tm ? asctime(tm) : NULL;
}
