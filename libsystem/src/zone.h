/* A time zone: zone.c reads it, localtime.c asks. */
#ifndef ZONE_H
#define ZONE_H
#include "private.h"
struct zone_type { int32_t off; bool dst; char abbr[16]; };
/* The day of a change: Jn (1..365, no leap day), n (0..365), or Mm.w.d. */
struct zone_day { char kind; int month, week, day; int32_t time; };
struct zone {
	struct zone *next;
	char *name;           /* as TZ has it */
	int ntimes, ntypes;
	int64_t *times;       /* ascending: the type idx[i] holds from times[i] on */
	uint8_t *idx;
	struct zone_type *types;
	bool rule;            /* rules hold after the last of times */
	bool rule_dst;
	struct zone_type std, dst;
	struct zone_day begin, end;
};
hidden struct zone *zone_load(const char *tz);       /* never null: UTC if it is unknown */
hidden const struct zone_type *zone_at(const struct zone *, int64_t t);
/* calendar.c: proleptic Gregorian days since 1970-01-01, and back. */
hidden int64_t days_from(int64_t year, int month, int day); /* month 1..12 */
hidden bool leap_year(int64_t year);
hidden bool break_down(int64_t t, int32_t off, struct tm *);
#endif
