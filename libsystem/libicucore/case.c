/*
 * Upper and lower case, character by character, by Unicode's table. A string with a character
 * that becomes several, or one whose case depends on its place (SpecialCasing.txt), is U_UNSUPPORTED_ERROR.
 */
#include "icu.h"
#include "case_table.h"

static int mapped(const struct cased *t, unsigned n, int c)
{
	unsigned lo = 0;
	while (lo < n) {
		unsigned m = (lo + n) / 2;
		if (c > t[m].to)
			lo = m + 1;
		else
			n = m;
	}
	t += lo;
	return t->from <= c && c <= t->to && (c - t->from) % t->step == 0 ? c + t->by : c;
}
#define COUNT(a) (sizeof(a) / sizeof *(a))
int u_toupper(int c)
{
	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	return c <= uppers[COUNT(uppers) - 1].to ? mapped(uppers, COUNT(uppers), c) : c;
}
int u_tolower(int c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	return c <= lowers[COUNT(lowers) - 1].to ? mapped(lowers, COUNT(lowers), c) : c;
}
/* The property White_Space. */
signed char u_isUWhiteSpace(int c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
		c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Those that become several in upper case. */
static const struct { int from, to; } several[] = {
	{0xdf,0xdf}, {0x149,0x149}, {0x1f0,0x1f0}, {0x390,0x390}, {0x3b0,0x3b0}, {0x587,0x587}, {0x1e96,0x1e9a},
	{0x1f50,0x1f50}, {0x1f52,0x1f52}, {0x1f54,0x1f54}, {0x1f56,0x1f56}, {0x1f80,0x1faf}, {0x1fb2,0x1fb4},
	{0x1fb6,0x1fb7}, {0x1fbc,0x1fbc}, {0x1fc2,0x1fc4}, {0x1fc6,0x1fc7}, {0x1fcc,0x1fcc}, {0x1fd2,0x1fd3},
	{0x1fd6,0x1fd7}, {0x1fe2,0x1fe4}, {0x1fe6,0x1fe7}, {0x1ff2,0x1ff4}, {0x1ff6,0x1ff7}, {0x1ffc,0x1ffc},
	{0xfb00,0xfb06}, {0xfb13,0xfb17},
};
static bool special(int c, bool upper)
{
	if (!upper)
		return c == 0x130 || c == 0x3a3; /* I with a dot, and sigma, which has a form for the end */
	for (unsigned i = 0; i < sizeof several / sizeof *several; i++)
		if (c >= several[i].from && c <= several[i].to)
			return true;
	return false;
}
/* Turkish, Azeri and Lithuanian have rules of their own. */
static bool has_rules(const char *l)
{
	if (!l)
		l = uloc_getDefault();
	return l[0] && (((l[0] | 32) == 't' && (l[1] | 32) == 'r') || ((l[0] | 32) == 'a' && (l[1] | 32) == 'z') ||
		((l[0] | 32) == 'l' && (l[1] | 32) == 't')) && !((l[2] | 32) >= 'a' && (l[2] | 32) <= 'z');
}
static int map(UChar *to, int room, const UChar *s, int n, const char *locale, int *error, bool upper)
{
	if (*error > 0)
		return 0;
	if (has_rules(locale))
		return *error = U_UNSUPPORTED_ERROR, 0;
	int i = 0, k = 0;
	while (n < 0 ? s[i] : i < n) {
		int c = s[i++];
		if ((c & 0xfc00) == 0xd800 && (n < 0 || i < n) && (s[i] & 0xfc00) == 0xdc00)
			c = 0x10000 + ((c & 0x3ff) << 10) + (s[i++] & 0x3ff);
		if (special(c, upper))
			return *error = U_UNSUPPORTED_ERROR, 0;
		c = upper ? u_toupper(c) : u_tolower(c);
		UChar unit[2] = { c < 0x10000 ? c : 0xd7c0 + (c >> 10), 0xdc00 | (c & 0x3ff) };
		for (int j = 0; j < (c < 0x10000 ? 1 : 2); j++, k++)
			if (k < room)
				to[k] = unit[j];
	}
	if (k < room)
		to[k] = 0;
	else
		*error = k == room ? U_STRING_NOT_TERMINATED_WARNING : U_BUFFER_OVERFLOW_ERROR;
	return k;
}
int u_strToUpper(UChar *to, int room, const UChar *s, int n, const char *locale, int *error) { return map(to, room, s, n, locale, error, true); }
int u_strToLower(UChar *to, int room, const UChar *s, int n, const char *locale, int *error) { return map(to, room, s, n, locale, error, false); }
