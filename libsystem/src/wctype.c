/*
 * Classes of wide characters: exact for ASCII, Latin-1, Latin Extended-A, Greek
 * and Cyrillic; of what lies beyond, everything that is no control, space or
 * private character counts as a letter without case.
 */
#include "private.h"
#include <ctype.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

wint_t towlower(wint_t w)
{
	uint32_t c = w;
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) || (c >= 0x410 && c <= 0x42f))
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c == 0x178)
		return 0xff;
	if (((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177) || (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f)) && !(c & 1))
		return c + 1;
	if (((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) && (c & 1))
		return c + 1;
	return c;
}
wint_t towupper(wint_t w)
{
	uint32_t c = w;
	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	if ((c >= 0xe0 && c <= 0xfe && c != 0xf7) || (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) || (c >= 0x430 && c <= 0x44f))
		return c - 32;
	if (c >= 0x450 && c <= 0x45f)
		return c - 80;
	if (c == 0xff)
		return 0x178;
	if (c == 0x3c2)
		return 0x3a3;
	if (((c >= 0x100 && c <= 0x137 && c != 0x131) || (c >= 0x14a && c <= 0x177) || (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f)) && (c & 1))
		return c - 1;
	if (((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) && !(c & 1))
		return c - 1;
	return c;
}
int iswcntrl(wint_t w) { return (uint32_t)w < 0x20 || ((uint32_t)w >= 0x7f && (uint32_t)w < 0xa0) || w == 0x2028 || w == 0x2029; }
int iswspace(wint_t w)
{
	return (w >= '\t' && w <= '\r') || w == ' ' || w == 0x85 || w == 0x1680 || (w >= 0x2000 && w <= 0x200a && w != 0x2007) ||
		w == 0x2028 || w == 0x2029 || w == 0x205f || w == 0x3000;
}
int iswblank(wint_t w) { return w == '\t' || (iswspace(w) && w >= ' ' && w != 0x85 && w != 0x2028 && w != 0x2029); }
int iswdigit(wint_t w) { return w >= '0' && w <= '9'; }
int iswxdigit(wint_t w) { return iswdigit(w) || ((w | 32) >= 'a' && (w | 32) <= 'f'); }
int iswupper(wint_t w) { return towlower(w) != w; }
int iswlower(wint_t w) { return towupper(w) != w || w == 0xdf; }
static int valid(wint_t w) { return (uint32_t)w <= 0x10ffff && !((uint32_t)w >= 0xd800 && (uint32_t)w <= 0xf8ff) && (w & 0xfffe) != 0xfffe; }
int iswpunct(wint_t w)
{
	if ((uint32_t)w < 0x80)
		return ispunct(w);
	return (w >= 0xa1 && w <= 0xbf && w != 0xaa && w != 0xb5 && w != 0xba) || w == 0xd7 || w == 0xf7 ||
		(w >= 0x2010 && w <= 0x205e && w != 0x2028 && w != 0x2029) || (w >= 0x20a0 && w <= 0x20cf) ||
		(w >= 0x2190 && w <= 0x2bff) || (w >= 0x3001 && w <= 0x303f && w != 0x3005) || (w >= 0xff01 && w <= 0xff0f);
}
int iswalpha(wint_t w)
{
	if ((uint32_t)w < 0x80)
		return isalpha(w);
	return valid(w) && !iswcntrl(w) && !iswspace(w) && !iswpunct(w) && w != 0xa0;
}
int iswalnum(wint_t w) { return iswalpha(w) || iswdigit(w); }
int iswprint(wint_t w) { return valid(w) && !iswcntrl(w); }
int iswgraph(wint_t w) { return iswprint(w) && !iswspace(w); }
int iswideogram(wint_t w) { return (w >= 0x3400 && w <= 0x9fff) || (w >= 0x20000 && w <= 0x3ffff); }

static const struct { const char *name; int (*fn)(wint_t); } classes[] = {
	{ "alnum", iswalnum }, { "alpha", iswalpha }, { "blank", iswblank }, { "cntrl", iswcntrl }, { "digit", iswdigit },
	{ "graph", iswgraph }, { "lower", iswlower }, { "print", iswprint }, { "punct", iswpunct }, { "space", iswspace },
	{ "upper", iswupper }, { "xdigit", iswxdigit },
};
wctype_t wctype(const char *name)
{
	for (unsigned i = 0; i < countof(classes); i++)
		if (strcmp(classes[i].name, name) == 0)
			return i + 1;
	return 0;
}
int iswctype(wint_t w, wctype_t t) { return t - 1 < countof(classes) ? classes[t - 1].fn(w) : 0; }
wctrans_t wctrans(const char *name) { return strcmp(name, "tolower") == 0 ? 1 : strcmp(name, "toupper") == 0 ? 2 : 0; }
wint_t towctrans(wint_t w, wctrans_t t) { return t == 1 ? towlower(w) : t == 2 ? towupper(w) : w; }

int wcwidth(wchar_t w)
{
	uint32_t c = w;
	if (c == 0)
		return 0;
	if (!iswprint(w))
		return -1;
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x20d0 && c <= 0x20ff))
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) || (c >= 0xac00 && c <= 0xd7a3) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1f64f) || (c >= 0x1f900 && c <= 0x1f9ff) || (c >= 0x20000 && c <= 0x3fffd))
		return 2;
	return 1;
}
int wcswidth(const wchar_t *s, size_t n)
{
	int total = 0;
	for (; n && *s; n--, s++) {
		int k = wcwidth(*s);
		if (k < 0)
			return -1;
		total += k;
	}
	return total;
}
int wcsncasecmp(const wchar_t *a, const wchar_t *b, size_t n)
{
	for (; n; n--, a++, b++) {
		wint_t x = towlower(*a), y = towlower(*b);
		if (x != y)
			return x < y ? -1 : 1;
		if (!x)
			break;
	}
	return 0;
}
int wcscasecmp(const wchar_t *a, const wchar_t *b) { return wcsncasecmp(a, b, SIZE_MAX); }
