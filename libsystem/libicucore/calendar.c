/*
 * Calendars: the Gregorian one, in the process's own time zone (TZ, or /etc/localtime) or UTC, by
 * libSystem's tables. Other zones are U_UNSUPPORTED_ERROR. Times are milliseconds since 1970, UTC.
 */
#include "icu.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ERA, YEAR, MONTH, DATE = 5, DAY_OF_YEAR, DAY_OF_WEEK, HOUR = 10, HOUR_OF_DAY, MINUTE, SECOND, MILLISECOND, ZONE_OFFSET, DST_OFFSET };
enum { NEXT, NEXT_INCLUSIVE, PREVIOUS, PREVIOUS_INCLUSIVE };
#define DAY 86400.0
#define LATEST 8.64e15 /* ECMAScript's, and what a time_t's year can tell */
struct calendar { bool utc; double ms; };

static int put(const char *s, UChar *to, int room, int *error)
{
	int n = strlen(s);
	for (int i = 0; i < n && i < room; i++)
		to[i] = (unsigned char)s[i];
	if (n < room)
		to[n] = 0;
	else
		*error = n == room ? U_STRING_NOT_TERMINATED_WARNING : U_BUFFER_OVERFLOW_ERROR;
	return n;
}
static const char *host_zone(char *b, size_t room)
{
	const char *tz = getenv("TZ");
	if (tz)
		return *tz == ':' ? tz + 1 : *tz ? tz : "UTC";
	ssize_t n = readlink("/etc/localtime", b, room - 1);
	char *at;
	if (n <= 0 || (b[n] = 0, !(at = strstr(b, "zoneinfo/"))))
		return "UTC";
	return at + 9;
}
int ucal_getHostTimeZone(UChar *to, int room, int *error)
{
	char b[1024];
	return *error > 0 ? 0 : put(host_zone(b, sizeof b), to, room, error);
}
int ucal_getDefaultTimeZone(UChar *to, int room, int *error) { return ucal_getHostTimeZone(to, room, error); }

/* -1: neither UTC nor the process's own. NULL is the process's own. */
static int is_utc(const UChar *zone, int n)
{
	char b[1024], name[64];
	const char *host = host_zone(b, sizeof b);
	if (!zone)
		return strcmp(host, "UTC") == 0;
	for (int k = 0; n < 0 ? zone[k] : k < n; k++) {
		if (k == sizeof name - 1 || zone[k] > 127)
			return -1;
		name[k] = zone[k], name[k + 1] = 0;
	}
	if (n == 0 || (n < 0 && !zone[0]))
		return -1;
	if (strcmp(name, "UTC") == 0 || strcmp(name, "GMT") == 0 || strcmp(name, "Etc/UTC") == 0)
		return 1;
	return strcmp(name, host) == 0 ? 0 : -1;
}
struct calendar *ucal_open(const UChar *zone, int n, const char *locale, int type, int *error)
{
	if (*error > 0)
		return NULL;
	int utc = is_utc(zone, n);
	struct calendar *c = utc < 0 ? NULL : calloc(1, sizeof *c);
	if (!c) {
		*error = utc < 0 ? U_UNSUPPORTED_ERROR : U_MEMORY_ALLOCATION_ERROR;
		return NULL;
	}
	c->utc = utc;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	c->ms = t.tv_sec * 1000.0 + t.tv_nsec / 1000000;
	return c;
}
void ucal_close(struct calendar *c) { free(c); }
struct calendar *ucal_clone(const struct calendar *c, int *error)
{
	struct calendar *k = *error > 0 ? NULL : malloc(sizeof *k);
	if (k)
		*k = *c;
	else if (*error <= 0)
		*error = U_MEMORY_ALLOCATION_ERROR;
	return k;
}
void ucal_setTimeZone(struct calendar *c, const UChar *zone, int n, int *error)
{
	int utc = *error > 0 ? 0 : is_utc(zone, n);
	if (utc < 0)
		*error = U_UNSUPPORTED_ERROR;
	else if (*error <= 0)
		c->utc = utc;
}
void ucal_setMillis(struct calendar *c, double ms, int *error)
{
	if (*error <= 0 && !(fabs(ms) <= LATEST))
		*error = U_ILLEGAL_ARGUMENT_ERROR;
	if (*error <= 0)
		c->ms = ms;
}
double ucal_getMillis(const struct calendar *c, int *error) { return *error > 0 ? 0 : c->ms; }
/* The calendar is Gregorian for ever, as ECMAScript's is; only that can be asked for. */
void ucal_setGregorianChange(struct calendar *c, double at, int *error)
{
	if (*error <= 0 && at > -LATEST)
		*error = U_UNSUPPORTED_ERROR;
}

static struct tm at(const struct calendar *c, double ms)
{
	time_t t = floor(ms / 1000);
	struct tm m = { 0 };
	if (c->utc)
		gmtime_r(&t, &m);
	else
		localtime_r(&t, &m);
	return m;
}
/* Seconds to the east at that time; *dst how much of it is for summer: what it is more than the nearest other. */
static long offset(const struct calendar *c, double ms, long *dst)
{
	struct tm m = at(c, ms);
	*dst = 0;
	if (m.tm_isdst > 0) {
		*dst = 3600;
		for (int i = 1; i <= 366; i++) {
			struct tm o = at(c, ms - i * DAY * 1000);
			if (o.tm_isdst == 0) {
				*dst = m.tm_gmtoff - o.tm_gmtoff;
				break;
			}
		}
	}
	return m.tm_gmtoff;
}
int ucal_get(const struct calendar *c, int field, int *error)
{
	if (*error > 0)
		return 0;
	struct tm m = at(c, c->ms);
	long dst, off = offset(c, c->ms, &dst);
	switch (field) {
	case ERA: return m.tm_year > -1900;
	case YEAR: return m.tm_year > -1900 ? m.tm_year + 1900 : 1 - (m.tm_year + 1900);
	case MONTH: return m.tm_mon;
	case DATE: return m.tm_mday;
	case DAY_OF_YEAR: return m.tm_yday + 1;
	case DAY_OF_WEEK: return m.tm_wday + 1;
	case HOUR: return m.tm_hour % 12;
	case HOUR_OF_DAY: return m.tm_hour;
	case MINUTE: return m.tm_min;
	case SECOND: return m.tm_sec;
	case MILLISECOND: return c->ms - floor(c->ms / 1000) * 1000;
	case ZONE_OFFSET: return (off - dst) * 1000;
	case DST_OFFSET: return dst * 1000;
	}
	*error = U_UNSUPPORTED_ERROR;
	return 0;
}
/* The offsets at a local time (the calendar's, read as one). Of two such times the former; of none, what holds before the gap. */
void ucal_getTimeZoneOffsetFromLocal(const struct calendar *c, int none, int two, int *raw, int *dst, int *error)
{
	if (*error > 0)
		return;
	long d, summer, before, after;
	before = offset(c, c->ms - DAY * 1000, &summer);
	after = offset(c, c->ms + DAY * 1000, &d);
	/* Right is an offset that holds at the time which it makes of the local one. */
	long o = offset(c, c->ms - before * 1000.0, &d);
	if (o != before) {
		long e;
		long p = offset(c, c->ms - after * 1000.0, &e);
		o = before, d = summer;
		if (p == after)
			o = p, d = e;
	}
	*raw = (o - d) * 1000;
	*dst = d * 1000;
}
/* The next or the last change of the offset within two years: true, and when. */
signed char ucal_getTimeZoneTransitionDate(const struct calendar *c, int type, double *when, int *error)
{
	if (*error > 0 || c->utc)
		return false;
	double step = type == NEXT || type == NEXT_INCLUSIVE ? DAY : -DAY, from = floor(c->ms / 1000);
	if (type == NEXT_INCLUSIVE)
		from--;
	else if (type == PREVIOUS)
		from--;
	long first = at(c, from * 1000).tm_gmtoff;
	for (int i = 0; i < 732; i++) {
		double to = from + step;
		if (at(c, to * 1000).tm_gmtoff == first) {
			from = to;
			continue;
		}
		while (fabs(to - from) > 1) {
			double mid = floor((from + to) / 2);
			if (at(c, mid * 1000).tm_gmtoff == first)
				from = mid;
			else
				to = mid;
		}
		*when = (step > 0 ? to : from) * 1000; /* the first second of the later offset */
		return true;
	}
	return false;
}

/* ICU's own name of a zone; of those that are not here, U_UNSUPPORTED_ERROR. */
int ucal_getCanonicalTimeZoneID(const UChar *zone, int n, UChar *to, int room, signed char *system, int *error)
{
	if (*error > 0)
		return 0;
	char b[1024];
	int utc = zone ? is_utc(zone, n) : -1;
	if (utc < 0)
		return *error = U_UNSUPPORTED_ERROR, 0;
	if (system)
		*system = true;
	return put(utc ? "Etc/UTC" : host_zone(b, sizeof b), to, room, error);
}
/* The abbreviation that the zone's table has, whether the short or the long name is asked for. */
int ucal_getTimeZoneDisplayName(const struct calendar *c, int type, const char *locale, UChar *to, int room, int *error)
{
	if (*error > 0)
		return 0;
	bool summer = type >= 2;
	struct tm m = at(c, c->ms);
	for (int i = 1; i <= 366 && (m.tm_isdst > 0) != summer; i++)
		m = at(c, c->ms - i * DAY * 1000);
	return put(c->utc ? "UTC" : m.tm_zone, to, room, error);
}

/* Enumerations: of the zones that can be opened. */
struct enumeration { int n, at; char text[2][128]; UChar wide[128]; };
static struct enumeration *zones(int *error)
{
	char b[1024];
	struct enumeration *e = *error > 0 ? NULL : calloc(1, sizeof *e);
	if (!e) {
		if (*error <= 0)
			*error = U_MEMORY_ALLOCATION_ERROR;
		return NULL;
	}
	strcpy(e->text[e->n++], "UTC");
	const char *host = host_zone(b, sizeof b);
	if (strcmp(host, "UTC") != 0 && strlen(host) < sizeof e->text[0])
		strcpy(e->text[e->n++], host);
	return e;
}
struct enumeration *ucal_openTimeZones(int *error) { return zones(error); }
/* Of a region or an offset: U_UNSUPPORTED_ERROR. */
struct enumeration *ucal_openTimeZoneIDEnumeration(int type, const char *region, const int *raw, int *error)
{
	if (*error <= 0 && (region || raw))
		*error = U_UNSUPPORTED_ERROR;
	return zones(error);
}
int uenum_count(struct enumeration *e, int *error) { return *error > 0 ? -1 : e->n; }
void uenum_close(struct enumeration *e) { free(e); }
const char *uenum_next(struct enumeration *e, int *n, int *error)
{
	if (*error > 0 || e->at == e->n)
		return NULL;
	if (n)
		*n = strlen(e->text[e->at]);
	return e->text[e->at++];
}
const UChar *uenum_unext(struct enumeration *e, int *n, int *error)
{
	int k;
	const char *s = uenum_next(e, &k, error);
	if (!s)
		return NULL;
	put(s, e->wide, 128, error);
	if (n)
		*n = k;
	return e->wide;
}
