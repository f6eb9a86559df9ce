/* Times as text, and back, in the C locale. */
#include "zone.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December" };

struct out { char *p, *end; bool full; };
static void put(struct out *o, const char *s, size_t n)
{
	if ((size_t)(o->end - o->p) <= n) {
		o->full = true;
		return;
	}
	memcpy(o->p, s, n);
	o->p += n;
}
/* pad: '0', '_' or '-', or 0 for the usual one. */
static void number(struct out *o, long v, int width, char usual, char pad)
{
	char b[24];
	if (!pad)
		pad = usual;
	int n = pad == '-' ? snprintf(b, sizeof b, "%ld", v) : pad == '_' ? snprintf(b, sizeof b, "%*ld", width, v)
	                   : snprintf(b, sizeof b, "%0*ld", width, v);
	put(o, b, n);
}
static const char *name(const char *const *list, int i, int n) { return i >= 0 && i < n ? list[i] : "?"; }

/* ISO 8601: the week that has the year's first Thursday is the first. */
static int iso_week(const struct tm *tm, long *year)
{
	int wday = (tm->tm_wday + 6) % 7;
	long y = tm->tm_year + 1900l;
	int week = (tm->tm_yday - wday + 10) / 7;
	if (week < 1) {
		y--;
		int yday = tm->tm_yday + 365 + leap_year(y);
		week = (yday - wday + 10) / 7;
	} else if (week == 53) {
		int days = 365 + leap_year(y);
		if (tm->tm_yday - wday + 3 >= days) {
			week = 1;
			y++;
		}
	}
	*year = y;
	return week;
}

static void format_time(struct out *o, const char *f, const struct tm *tm)
{
	for (; *f && !o->full; f++) {
		if (*f != '%') {
			put(o, f, 1);
			continue;
		}
		char pad = 0;
		const char *s;
		long year = tm->tm_year + 1900l;
	again:
		switch (*++f) {
		case '-': case '_': case '0': pad = *f; goto again;
		case 'E': case 'O': goto again;
		case 0: f--; put(o, "%", 1); break;
		case 'a': put(o, name(days, tm->tm_wday, 7), tm->tm_wday < 0 || tm->tm_wday > 6 ? 1 : 3); break;
		case 'A': s = name(days, tm->tm_wday, 7); put(o, s, strlen(s)); break;
		case 'b': case 'h': put(o, name(months, tm->tm_mon, 12), tm->tm_mon < 0 || tm->tm_mon > 11 ? 1 : 3); break;
		case 'B': s = name(months, tm->tm_mon, 12); put(o, s, strlen(s)); break;
		case 'c': format_time(o, "%a %b %e %H:%M:%S %Y", tm); break;
		case 'C': number(o, year / 100 - (year < 0 && year % 100), 2, '0', pad); break;
		case 'd': number(o, tm->tm_mday, 2, '0', pad); break;
		case 'D': format_time(o, "%m/%d/%y", tm); break;
		case 'e': number(o, tm->tm_mday, 2, '_', pad); break;
		case 'F': format_time(o, "%Y-%m-%d", tm); break;
		case 'g': iso_week(tm, &year); number(o, (year % 100 + 100) % 100, 2, '0', pad); break;
		case 'G': iso_week(tm, &year); number(o, year, 4, '0', pad); break;
		case 'H': number(o, tm->tm_hour, 2, '0', pad); break;
		case 'I': number(o, tm->tm_hour % 12 ? tm->tm_hour % 12 : 12, 2, '0', pad); break;
		case 'j': number(o, tm->tm_yday + 1, 3, '0', pad); break;
		case 'k': number(o, tm->tm_hour, 2, '_', pad); break;
		case 'l': number(o, tm->tm_hour % 12 ? tm->tm_hour % 12 : 12, 2, '_', pad); break;
		case 'm': number(o, tm->tm_mon + 1, 2, '0', pad); break;
		case 'M': number(o, tm->tm_min, 2, '0', pad); break;
		case 'n': put(o, "\n", 1); break;
		case 'p': put(o, tm->tm_hour >= 12 ? "PM" : "AM", 2); break;
		case 'r': format_time(o, "%I:%M:%S %p", tm); break;
		case 'R': format_time(o, "%H:%M", tm); break;
		case 's': {
			struct tm copy = *tm;
			number(o, mktime(&copy), 1, '0', 0);
			break;
		}
		case 'S': number(o, tm->tm_sec, 2, '0', pad); break;
		case 't': put(o, "\t", 1); break;
		case 'T': case 'X': format_time(o, "%H:%M:%S", tm); break;
		case 'u': number(o, tm->tm_wday ? tm->tm_wday : 7, 1, '0', pad); break;
		case 'U': number(o, (tm->tm_yday + 7 - tm->tm_wday) / 7, 2, '0', pad); break;
		case 'v': format_time(o, "%e-%b-%Y", tm); break;
		case 'V': number(o, iso_week(tm, &year), 2, '0', pad); break;
		case 'w': number(o, tm->tm_wday, 1, '0', pad); break;
		case 'W': number(o, (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7, 2, '0', pad); break;
		case 'x': format_time(o, "%m/%d/%y", tm); break;
		case 'y': number(o, (year % 100 + 100) % 100, 2, '0', pad); break;
		case 'Y': number(o, year, 4, '0', year < 0 || year > 9999 ? '-' : pad); break;
		case 'z': {
			long off = tm->tm_gmtoff / 60;
			put(o, off < 0 ? "-" : "+", 1);
			if (off < 0)
				off = -off;
			number(o, off / 60 * 100 + off % 60, 4, '0', pad);
			break;
		}
		case 'Z':
			if (tm->tm_zone)
				put(o, tm->tm_zone, strlen(tm->tm_zone));
			else if (tm->tm_isdst >= 0)
				put(o, tzname[tm->tm_isdst != 0], strlen(tzname[tm->tm_isdst != 0]));
			break;
		case '+': format_time(o, "%a %b %e %H:%M:%S %Z %Y", tm); break;
		case '%': put(o, "%", 1); break;
		default: put(o, f, 1);
		}
	}
}
size_t strftime(char *restrict buf, size_t n, const char *restrict f, const struct tm *restrict tm)
{
	struct out o = { buf, buf + n, n == 0 };
	format_time(&o, f, tm);
	if (o.full)
		return 0;
	*o.p = 0;
	return o.p - buf;
}

/* Up to width digits, between lo and hi. */
static const char *digits(const char *p, int width, long lo, long hi, long *v)
{
	long n = 0;
	int k = 0;
	for (; k < width && isdigit((unsigned char)*p); k++, p++)
		n = n * 10 + *p - '0';
	if (k == 0 || n < lo || n > hi)
		return NULL;
	*v = n;
	return p;
}
static const char *word(const char *p, const char *const *list, int n, long *v)
{
	for (int i = 0; i < n; i++) {
		size_t len = strlen(list[i]);
		for (int k = 0; k < 2; k++, len = 3)
			if (strncasecmp(p, list[i], len) == 0) {
				*v = i;
				return p + len;
			}
	}
	return NULL;
}

/* A number of at most width characters, of which a sign is one. */
static const char *signed_digits(const char *p, int width, long *v)
{
	bool neg = *p == '-';
	if (*p == '-' || *p == '+')
		p++, width--;
	if (!(p = digits(p, width > 9 ? 9 : width, 0, 999999999, v)))
		return NULL;
	if (neg)
		*v = -*v;
	return p;
}

struct parsed { int pm; long century, yy; bool have_century, have_yy, have_mday, have_mon, have_yday, have_year, have_wday; int week_u, week_w; };

static const char *parse(const char *p, const char *f, struct tm *tm, struct parsed *s)
{
	for (; *f && p; f++) {
		long v;
		if (isspace((unsigned char)*f)) {
			while (isspace((unsigned char)*p))
				p++;
			continue;
		}
		if (*f != '%') {
			if (*p++ != *f)
				return NULL;
			continue;
		}
		int width = 0;
		do
			f++;
		while (*f == 'E' || *f == 'O' || *f == '-' || *f == '_');
		while (isdigit((unsigned char)*f) && width < 100)
			width = width * 10 + *f++ - '0';
		if (!*f)
			return NULL;
		if (!strchr("%aAbBhpPZntcDFrRTxX+v", *f))
			while (isspace((unsigned char)*p))
				p++;
		switch (*f) {
		case '%': if (*p++ != '%') return NULL; break;
		case 'a': case 'A': if ((p = word(p, days, 7, &v))) tm->tm_wday = v, s->have_wday = true; break;
		case 'b': case 'B': case 'h': if ((p = word(p, months, 12, &v))) tm->tm_mon = v, s->have_mon = true; break;
		case 'c': p = parse(p, "%a %b %e %H:%M:%S %Y", tm, s); break;
		case 'C': if ((p = signed_digits(p, width ? width : 2, &v))) s->century = v, s->have_century = true; break;
		case 'd': case 'e': if ((p = digits(p, 2, 1, 31, &v))) tm->tm_mday = v, s->have_mday = true; break;
		case 'D': case 'x': p = parse(p, "%m/%d/%y", tm, s); break;
		case 'F': p = parse(p, "%Y-%m-%d", tm, s); break;
		case 'H': case 'k': if ((p = digits(p, 2, 0, 23, &v))) tm->tm_hour = v; break;
		case 'I': case 'l': if ((p = digits(p, 2, 1, 12, &v))) tm->tm_hour = v % 12; break;
		case 'j': if ((p = digits(p, 3, 1, 366, &v))) tm->tm_yday = v - 1, s->have_yday = true; break;
		case 'm': if ((p = digits(p, 2, 1, 12, &v))) tm->tm_mon = v - 1, s->have_mon = true; break;
		case 'M': if ((p = digits(p, 2, 0, 59, &v))) tm->tm_min = v; break;
		case 'n': case 't':
			if (!isspace((unsigned char)*p))
				return NULL;
			while (isspace((unsigned char)*p))
				p++;
			break;
		case 'p':
			if (strncasecmp(p, "AM", 2) == 0)
				s->pm = 0;
			else if (strncasecmp(p, "PM", 2) == 0)
				s->pm = 1;
			else
				return NULL;
			p += 2;
			break;
		case 'r': p = parse(p, "%I:%M:%S %p", tm, s); break;
		case 'R': p = parse(p, "%H:%M", tm, s); break;
		case 's': {
			char *end;
			time_t t = strtol(p, &end, 10);
			if (end == p || !localtime_r(&t, tm))
				return NULL;
			p = end;
			break;
		}
		case 'S': if ((p = digits(p, 2, 0, 60, &v))) tm->tm_sec = v; break;
		case 'T': case 'X': p = parse(p, "%H:%M:%S", tm, s); break;
		case 'u': if ((p = digits(p, 1, 1, 7, &v))) tm->tm_wday = v % 7, s->have_wday = true; break;
		case 'U': if ((p = digits(p, 2, 0, 53, &v))) s->week_u = v; break;
		case 'W': if ((p = digits(p, 2, 0, 53, &v))) s->week_w = v; break;
		case 'V': case 'g': p = digits(p, 2, 0, 99, &v); break;
		case 'G': p = digits(p, 4, 0, 9999, &v); break;
		case 'v': p = parse(p, "%e-%b-%Y", tm, s); break;
		case 'w': if ((p = digits(p, 1, 0, 6, &v))) tm->tm_wday = v, s->have_wday = true; break;
		case 'y': if ((p = signed_digits(p, width ? width : 2, &v))) s->yy = v, s->have_yy = s->have_year = true; break;
		case 'Y':
			/* Four characters, the sign is one of them, unless a width says else. */
			if ((p = signed_digits(p, width ? width : 4, &v)))
				tm->tm_year = v - 1900, s->have_year = true, s->have_yy = s->have_century = false;
			break;
		case 'z': {
			int sign = *p == '-' ? -1 : 1;
			if (*p == 'Z') {
				p++;
				tm->tm_gmtoff = 0;
				break;
			}
			if (*p != '-' && *p != '+')
				return NULL;
			long h, m = 0;
			if (!(p = digits(p + 1, 2, 0, 24, &h)))
				return NULL;
			if (*p == ':')
				p++;
			if (isdigit((unsigned char)*p) && !(p = digits(p, 2, 0, 59, &m)))
				return NULL;
			tm->tm_gmtoff = sign * (h * 3600 + m * 60);
			break;
		}
		case 'Z': {
			const char *e = p;
			while (isupper((unsigned char)*e))
				e++;
			size_t n = e - p;
			tzset();
			if ((n == 3 && (memcmp(p, "GMT", 3) == 0 || memcmp(p, "UTC", 3) == 0)))
				tm->tm_isdst = 0, tm->tm_gmtoff = 0;
			else if (n == strlen(tzname[0]) && memcmp(p, tzname[0], n) == 0)
				tm->tm_isdst = 0;
			else if (n == strlen(tzname[1]) && memcmp(p, tzname[1], n) == 0)
				tm->tm_isdst = 1;
			else
				return NULL;
			p = e;
			break;
		}
		case '+': p = parse(p, "%a %b %e %H:%M:%S %Z %Y", tm, s); break;
		default: return NULL;
		}
	}
	return p;
}

char *strptime(const char *restrict p, const char *restrict f, struct tm *restrict tm)
{
	struct parsed s = { .pm = -1, .week_u = -1, .week_w = -1 };
	if (!(p = parse(p, f, tm, &s)))
		return NULL;
	if (s.pm >= 0)
		tm->tm_hour = tm->tm_hour % 12 + 12 * s.pm;
	if (s.have_yy)
		tm->tm_year = s.have_century ? s.century * 100 + s.yy - 1900 : s.yy < 69 ? s.yy + 100 : s.yy;
	else if (s.have_century)
		tm->tm_year = s.century * 100 - 1900 + (tm->tm_year % 100 + 100) % 100;
	/* What follows from the rest. */
	int64_t year = tm->tm_year + 1900l, first = days_from(year, 1, 1);
	if (s.have_year && !s.have_yday && !s.have_mon && (s.week_u >= 0 || s.week_w >= 0) && s.have_wday) {
		int jan1 = (int)(((first + 4) % 7 + 7) % 7);
		tm->tm_yday = s.week_u >= 0 ? (7 - jan1) % 7 + (s.week_u - 1) * 7 + tm->tm_wday
		                            : (8 - jan1) % 7 + (s.week_w - 1) * 7 + (tm->tm_wday + 6) % 7;
		s.have_yday = true;
	}
	if (s.have_yday && !(s.have_mon && s.have_mday)) {
		struct tm d;
		if (break_down((first + tm->tm_yday) * 86400, 0, &d) && d.tm_year == tm->tm_year) {
			tm->tm_mon = d.tm_mon;
			tm->tm_mday = d.tm_mday;
			s.have_mon = s.have_mday = true;
		}
	}
	if (s.have_year && s.have_mon && s.have_mday) {
		int64_t day = days_from(year, tm->tm_mon + 1, tm->tm_mday);
		tm->tm_yday = day - first;
		tm->tm_wday = (int)(((day + 4) % 7 + 7) % 7);
	}
	return (char *)p;
}
