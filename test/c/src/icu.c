/* The little of ICU that is there, looked up by name: zones, case, the default locale. TZ is Europe/Berlin. */
#include "check.h"
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#define F(result, name, ...) result (*name)(__VA_ARGS__) = dlsym(lib, #name)
static const char *narrow(const uint16_t *s, int n)
{
	static char b[200];
	for (int i = 0; i < n && i < 199; i++)
		b[i] = s[i], b[i + 1] = 0;
	return b;
}
int main(void)
{
	void *lib = dlopen("/usr/lib/libicucore.A.dylib", RTLD_NOW);
	CHECK(lib != NULL);
	F(int, ucal_getHostTimeZone, uint16_t *, int, int *);
	F(int, ucal_getCanonicalTimeZoneID, const uint16_t *, int, uint16_t *, int, signed char *, int *);
	F(void *, ucal_open, const uint16_t *, int, const char *, int, int *);
	F(void, ucal_close, void *);
	F(void, ucal_setMillis, void *, double, int *);
	F(int, ucal_get, void *, int, int *);
	F(int, ucal_getTimeZoneDisplayName, void *, int, const char *, uint16_t *, int, int *);
	F(void, ucal_getTimeZoneOffsetFromLocal, void *, int, int, int *, int *, int *);
	F(signed char, ucal_getTimeZoneTransitionDate, void *, int, double *, int *);
	F(int, u_strToUpper, uint16_t *, int, const uint16_t *, int, const char *, int *);
	F(void, uloc_setDefault, const char *, int *);
	F(const char *, uloc_getDefault, void);
	F(const char *, u_errorName, int);
	enum { YEAR = 1, MONTH, DATE = 5, HOUR_OF_DAY = 11, ZONE_OFFSET = 15, DST_OFFSET };
	int e = 0, raw, dst;
	uint16_t b[64];
	int n = ucal_getHostTimeZone(b, 64, &e);
	CHECKSTR(narrow(b, n), "Europe/Berlin");
	CHECK(ucal_getHostTimeZone(b, 4, &e) == 13 && e == 15);
	CHECKSTR(u_errorName(e), "U_BUFFER_OVERFLOW_ERROR");
	e = 0;
	void *c = ucal_open(NULL, 0, "de", 0, &e);
	CHECK(c && e == 0);
	/* Summer: 2024-07-03 09:46:40 UTC. */
	ucal_setMillis(c, 1720000000000, &e);
	CHECK(ucal_get(c, YEAR, &e) == 2024 && ucal_get(c, MONTH, &e) == 6 && ucal_get(c, DATE, &e) == 3 && ucal_get(c, HOUR_OF_DAY, &e) == 11);
	CHECK(ucal_get(c, ZONE_OFFSET, &e) == 3600000 && ucal_get(c, DST_OFFSET, &e) == 3600000);
	n = ucal_getTimeZoneDisplayName(c, 3, "de", b, 64, &e);
	CHECKSTR(narrow(b, n), "CEST");
	n = ucal_getTimeZoneDisplayName(c, 1, "de", b, 64, &e);
	CHECKSTR(narrow(b, n), "CET");
	double when;
	CHECK(ucal_getTimeZoneTransitionDate(c, 0, &when, &e) && when == 1729990800000.0); /* 2024-10-27 01:00 UTC */
	CHECK(ucal_getTimeZoneTransitionDate(c, 2, &when, &e) && when == 1711846800000.0); /* 2024-03-31 01:00 UTC */
	/* 02:30 that was not, on the last Sunday of March; 02:30 that was twice, on that of October. */
	ucal_setMillis(c, 1711852200000, &e);
	ucal_getTimeZoneOffsetFromLocal(c, 4, 4, &raw, &dst, &e);
	CHECK(raw == 3600000 && dst == 0);
	ucal_setMillis(c, 1729996200000, &e);
	ucal_getTimeZoneOffsetFromLocal(c, 4, 4, &raw, &dst, &e);
	CHECK(raw == 3600000 && dst == 3600000 && e == 0);
	ucal_close(c);
	uint16_t tokyo[] = { 'A', 's', 'i', 'a', '/', 'T', 'o', 'k', 'y', 'o', 0 }, utc[] = { 'U', 'T', 'C' };
	CHECK(!ucal_open(tokyo, -1, "de", 0, &e) && e == 16); /* not here */
	e = 0;
	signed char system = 0;
	n = ucal_getCanonicalTimeZoneID(utc, 3, b, 64, &system, &e);
	CHECKSTR(narrow(b, n), "Etc/UTC");
	CHECK(system);
	c = ucal_open(utc, 3, "de", 0, &e);
	ucal_setMillis(c, -1, &e);
	CHECK(ucal_get(c, YEAR, &e) == 1969 && ucal_get(c, ZONE_OFFSET, &e) == 0 && !ucal_getTimeZoneTransitionDate(c, 0, &when, &e));
	ucal_close(c);
	CHECK(u_strToUpper(b, 64, (uint16_t[]){ 'a', 0x3b1, 0x434, 0xd801, 0xdc28 }, 5, "", &e) == 5 && e == 0);
	CHECK(memcmp(b, (uint16_t[]){ 'A', 0x391, 0x414, 0xd801, 0xdc00 }, 10) == 0);
	CHECK(u_strToUpper(b, 64, (uint16_t[]){ 0xdf }, 1, "", &e) == 0 && e == 16);
	e = 0;
	CHECK(u_strToUpper(b, 64, (uint16_t[]){ 'i' }, 1, "tr", &e) == 0 && e == 16);
	e = 0;
	uloc_setDefault("de-latn-AT", &e);
	CHECKSTR(uloc_getDefault(), "de_Latn_AT");
	uloc_setDefault("de/..", &e);
	CHECK(e == 1);
	CHECKSTR(uloc_getDefault(), "de_Latn_AT");
	puts("icu ok");
	DONE();
}
