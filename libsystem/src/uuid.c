/* Universally unique identifiers: random ones (version 4), and by time (version 1). */
#include "private.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

void uuid_clear(uuid_t u) { memset(u, 0, 16); }
void uuid_copy(uuid_t to, const uuid_t from) { memcpy(to, from, 16); }
int uuid_compare(const uuid_t a, const uuid_t b) { return memcmp(a, b, 16); }
int uuid_is_null(const uuid_t u)
{
	for (int i = 0; i < 16; i++)
		if (u[i])
			return 0;
	return 1;
}
static void mark(uuid_t u, int version)
{
	u[6] = (u[6] & 0x0f) | version << 4;
	u[8] = (u[8] & 0x3f) | 0x80;
}
void uuid_generate_random(uuid_t u)
{
	arc4random_buf(u, 16);
	mark(u, 4);
}
void uuid_generate(uuid_t u) { uuid_generate_random(u); }
void uuid_generate_time(uuid_t u)
{
	/* Steps of 100 ns since 1582-10-15; the node is random, which its lowest bit says. */
	static uint64_t last;
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	uint64_t t = ts.tv_sec * 10000000ul + ts.tv_nsec / 100 + 0x01b21dd213814000ul, old = __atomic_load_n(&last, __ATOMIC_RELAXED);
	do {
		if (t <= old)
			t = old + 1;
	} while (!__atomic_compare_exchange_n(&last, &old, t, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	arc4random_buf(u, 16);
	for (int i = 0; i < 4; i++)
		u[i] = t >> (24 - 8 * i);
	u[4] = t >> 40;
	u[5] = t >> 32;
	u[6] = t >> 56;
	u[7] = t >> 48;
	u[10] |= 1;
	mark(u, 1);
}
static void unparse(const uuid_t u, char *s, const char *digits)
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*s++ = '-';
		*s++ = digits[u[i] >> 4];
		*s++ = digits[u[i] & 15];
	}
	*s = 0;
}
void uuid_unparse_lower(const uuid_t u, uuid_string_t s) { unparse(u, s, "0123456789abcdef"); }
void uuid_unparse_upper(const uuid_t u, uuid_string_t s) { unparse(u, s, "0123456789ABCDEF"); }
void uuid_unparse(const uuid_t u, uuid_string_t s) { uuid_unparse_upper(u, s); }
int uuid_parse(const char *s, uuid_t u)
{
	uuid_t v;
	if (strlen(s) != 36)
		return -1;
	for (int i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *s++ != '-')
			return -1;
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			return -1;
		v[i] = digittoint(s[0]) << 4 | digittoint(s[1]);
		s += 2;
	}
	memcpy(u, v, 16);
	return 0;
}
