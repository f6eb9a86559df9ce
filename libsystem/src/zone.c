/*
 * Reading time zones: files of /usr/share/zoneinfo (RFC 8536) and the rules that
 * TZ can hold itself, which are also the last line of a file.
 */
#include "zone.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#define ZONEINFO "/usr/share/zoneinfo/"
static const struct zone_type utc = { 0, false, "UTC" };

static int64_t be(const uint8_t *p, int n)
{
	uint64_t v = p[0] & 0x80 ? ~0ul : 0;
	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* Rules: std off [dst [off] [,start[/time],end[/time]]] */
static const char *parse_name(const char *p, char *out)
{
	int n = 0;
	if (*p == '<') {
		for (p++; *p && *p != '>'; p++)
			if (n < 15)
				out[n++] = *p;
		if (*p++ != '>')
			return NULL;
	} else {
		for (; (*p | 32) >= 'a' && (*p | 32) <= 'z'; p++)
			if (n < 15)
				out[n++] = *p;
	}
	out[n] = 0;
	return n >= 3 ? p : NULL;
}
static const char *parse_number(const char *p, int most, int *v)
{
	if (*p < '0' || *p > '9')
		return NULL;
	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		if ((*v = *v * 10 + *p - '0') > most)
			return NULL;
	return p;
}
static const char *parse_time(const char *p, int32_t *out)
{
	int h = 0, m = 0, s = 0;
	bool neg = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (!(p = parse_number(p, 167, &h)))
		return NULL;
	if (*p == ':' && (p = parse_number(p + 1, 59, &m)) && *p == ':')
		p = parse_number(p + 1, 59, &s);
	*out = (h * 3600 + m * 60 + s) * (neg ? -1 : 1);
	return p;
}
static const char *parse_day(const char *p, struct zone_day *d)
{
	d->kind = 'N';
	if (*p == 'M') {
		d->kind = 'M';
		if (!(p = parse_number(p + 1, 12, &d->month)) || *p != '.' ||
		    !(p = parse_number(p + 1, 5, &d->week)) || *p != '.' ||
		    !(p = parse_number(p + 1, 6, &d->day)) || d->month < 1 || d->week < 1)
			return NULL;
	} else {
		if (*p == 'J')
			d->kind = *p++;
		if (!(p = parse_number(p, 365, &d->day)) || (d->kind == 'J' && d->day == 0))
			return NULL;
	}
	d->time = 7200;
	if (*p == '/')
		p = parse_time(p + 1, &d->time);
	return p;
}
static bool parse_rule(struct zone *z, const char *p)
{
	if (!(p = parse_name(p, z->std.abbr)) || !(p = parse_time(p, &z->std.off)))
		return false;
	z->std.off = -z->std.off;
	z->std.dst = false;
	z->rule_dst = false;
	if (*p) {
		if (!(p = parse_name(p, z->dst.abbr)))
			return false;
		z->dst.dst = z->rule_dst = true;
		z->dst.off = z->std.off + 3600;
		if (*p && *p != ',') {
			if (!(p = parse_time(p, &z->dst.off)))
				return false;
			z->dst.off = -z->dst.off;
		}
		if (!*p)
			p = ",M3.2.0,M11.1.0";
		if (*p != ',' || !(p = parse_day(p + 1, &z->begin)) || *p != ',' || !(p = parse_day(p + 1, &z->end)))
			return false;
	}
	return z->rule = *p == 0;
}

/* The data of the second header if there is one, else of the first. */
static bool parse_file(struct zone *z, const uint8_t *b, size_t n)
{
	const uint8_t *end = b + n;
	int width = 4;
	for (int part = 0; ; part++) {
		if (end - b < 44 || memcmp(b, "TZif", 4) != 0)
			return false;
		uint32_t c[6];
		uint64_t need = 0;
		for (int i = 0; i < 6; i++)
			if ((c[i] = (uint32_t)be(b + 20 + 4 * i, 4)) > 100000)
				return false;
		/* isutcnt isstdcnt leapcnt timecnt typecnt charcnt */
		need = c[3] * (width + 1ul) + c[4] * 6 + c[5] + c[2] * (width + 4ul) + c[1] + c[0];
		bool more = b[4] >= '2' && part == 0;
		if ((uint64_t)(end - b) - 44 < need)
			return false;
		b += 44;
		if (more) {
			b += need;
			width = 8;
			continue;
		}
		const uint8_t *times = b, *idx = times + c[3] * width, *types = idx + c[3], *chars = types + 6 * c[4];
		if (c[4] == 0 || c[4] > 256 || c[5] == 0)
			return false;
		z->times = malloc(8 * c[3] + 8);
		z->idx = malloc(c[3] + 1);
		z->types = calloc(c[4], sizeof *z->types);
		if (!z->times || !z->idx || !z->types)
			return false;
		for (uint32_t i = 0; i < c[3]; i++) {
			z->times[i] = be(times + i * width, width);
			z->idx[i] = idx[i];
			if (idx[i] >= c[4] || (i && z->times[i] <= z->times[i - 1]))
				return false;
		}
		for (uint32_t i = 0; i < c[4]; i++) {
			struct zone_type *t = &z->types[i];
			t->off = be(types + 6 * i, 4);
			t->dst = types[6 * i + 4];
			uint8_t a = types[6 * i + 5];
			for (unsigned k = 0; k < sizeof t->abbr - 1 && a + k < c[5] && chars[a + k]; k++)
				t->abbr[k] = chars[a + k];
			if (t->off > 200000 || t->off < -200000)
				return false;
		}
		z->ntimes = c[3];
		z->ntypes = c[4];
		b += need;
		if (width == 8 && end - b > 2 && *b == '\n') {
			char rule[128];
			size_t k = 0;
			for (b++; b < end && *b != '\n' && k < sizeof rule - 1; b++)
				rule[k++] = *b;
			rule[k] = 0;
			if (k && !parse_rule(z, rule))
				z->rule = false;
		}
		return true;
	}
}

static bool read_file(struct zone *z, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	struct stat st;
	bool ok = false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < 1 << 20) {
		uint8_t *b = malloc(st.st_size + 1);
		ssize_t n = b ? read(fd, b, st.st_size) : -1;
		ok = n > 0 && parse_file(z, b, n);
		free(b);
	}
	close(fd);
	if (!ok) {
		free(z->times);
		free(z->idx);
		free(z->types);
		z->times = NULL, z->idx = NULL, z->types = NULL;
		z->ntimes = z->ntypes = 0;
		z->rule = false;
	}
	return ok;
}

struct zone *zone_load(const char *tz)
{
	struct zone *z = calloc(1, sizeof *z);
	static struct zone none = { .name = "", .rule = true, .std = utc };
	if (!z || !(z->name = strdup(tz ? tz : "\1"))) {
		free(z);
		return &none;
	}
	char path[1024];
	const char *name = tz && *tz == ':' ? tz + 1 : tz;
	bool ok = false;
	if (!name) {
		ok = read_file(z, "/etc/localtime");
	} else if (*name) {
		if (*name == '/') {
			ok = read_file(z, name);
		} else if (strlen(name) < 900 && !strstr(name, "..")) {
			memcpy(path, ZONEINFO, sizeof ZONEINFO);
			strlcat(path, name, sizeof path);
			ok = read_file(z, path);
		}
		if (!ok && *tz != ':')
			ok = parse_rule(z, name);
	}
	if (!ok) {
		z->rule = true;
		z->rule_dst = false;
		z->std = utc;
	}
	return z;
}

/* Seconds after the year's first midnight when a rule's day comes. */
static int64_t moment(const struct zone_day *d, int64_t year)
{
	int64_t first = days_from(year, 1, 1), day;
	switch (d->kind) {
	case 'J':
		day = first + d->day - 1 + (leap_year(year) && d->day >= 60);
		break;
	case 'M': {
		int64_t m = days_from(year, d->month, 1);
		int wday = (int)(((m + 4) % 7 + 7) % 7);
		day = m + (d->day - wday + 7) % 7 + (d->week - 1) * 7;
		int64_t next = d->month == 12 ? days_from(year + 1, 1, 1) : days_from(year, d->month + 1, 1);
		if (day >= next)
			day -= 7;
		break;
	}
	default:
		day = first + d->day;
	}
	return day * 86400 + d->time;
}

const struct zone_type *zone_at(const struct zone *z, int64_t t)
{
	if (z->ntimes && t < z->times[0]) {
		for (int i = 0; i < z->ntypes; i++)
			if (!z->types[i].dst)
				return &z->types[i];
		return &z->types[0];
	}
	if (z->ntimes == 0 && !z->rule)
		return z->ntypes ? &z->types[0] : &utc;
	if (z->ntimes == 0 || (z->rule && t >= z->times[z->ntimes - 1])) {
		struct tm tm;
		if (!z->rule_dst || !break_down(t, z->std.off, &tm))
			return &z->std;
		int64_t year = tm.tm_year + 1900l;
		int64_t on = moment(&z->begin, year) - z->std.off, off = moment(&z->end, year) - z->dst.off;
		bool dst = on < off ? t >= on && t < off : t >= on || t < off;
		return dst ? &z->dst : &z->std;
	}
	int lo = 0, hi = z->ntimes;
	while (hi - lo > 1) {
		int mid = lo + (hi - lo) / 2;
		if (z->times[mid] <= t)
			lo = mid;
		else
			hi = mid;
	}
	return &z->types[z->idx[lo]];
}
