/*
 * Locales. They differ in one thing: in C a byte is a character, in all others
 * characters are UTF-8. So there are two objects. The functions that take a locale
 * do as those that take none, but for those that look at multibyte characters.
 */
#include "private.h"
#include <errno.h>
#include <langinfo.h>
#include <nl_types.h>
#include <stdlib.h>
#include <string.h>
#include <xlocale.h>

struct _xlocale { int unused; };
static struct _xlocale c_locale, utf8_one;
static bool global_utf8;

bool utf8_locale(void)
{
	locale_t l = tsd_get(TSD_LOCALE);
	return l && l != LC_GLOBAL_LOCALE ? l == &utf8_one : __atomic_load_n(&global_utf8, __ATOMIC_RELAXED);
}
void *utf8_begin(void)
{
	void *old = tsd_get(TSD_LOCALE);
	tsd_set(TSD_LOCALE, &utf8_one);
	return old;
}
void utf8_end(void *old) { tsd_set(TSD_LOCALE, old); }

static bool known(const char *name)
{
	return strcmp(name, "") == 0 || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 || strstr(name, "UTF-8") || strstr(name, "utf8");
}

/*
 * What setlocale was asked for is remembered, by category.
 * That of all categories is one name, or where they differ all six with slashes.
 */
static lock_t name_lock;
static char names[LC_MESSAGES + 1][32] = { "C", "C", "C", "C", "C", "C", "C" };

static const char *from_environment(int cat)
{
	static const char *const vars[] = { "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "LC_MESSAGES" };
	const char *v = getenv("LC_ALL");
	if (!v || !*v)
		v = getenv(vars[cat]);
	if (!v || !*v)
		v = getenv("LANG");
	return v && *v ? v : "C";
}
char *setlocale(int cat, const char *name)
{
	static char all[6 * 32 + 8];
	if (cat < LC_ALL || cat > LC_MESSAGES)
		return NULL;
	int first = cat == LC_ALL ? LC_COLLATE : cat, last = cat == LC_ALL ? LC_MESSAGES : cat;
	char new[LC_MESSAGES + 1][32];
	const char *p = name;
	for (int i = first; name && i <= last; i++) {
		char part[32];
		if (strchr(name, '/')) {
			const char *e = to_char(p, '/');
			if (e - p >= (long)sizeof part)
				return NULL;
			memcpy(part, p, e - p);
			part[e - p] = 0;
			p = *e ? e + 1 : p;
		} else if (strlcpy(part, *name ? name : from_environment(i), sizeof part) >= sizeof part) {
			return NULL;
		}
		if (!known(part)) {
			if (*name)
				return NULL;
			strcpy(part, "C");
		}
		strcpy(new[i], strcmp(part, "POSIX") == 0 ? "C" : part);
	}
	lock(&name_lock);
	if (name)
		memcpy(names[first], new[first], (last - first + 1) * sizeof *names);
	bool utf8 = strcmp(names[LC_CTYPE], "C") != 0;
	__atomic_store_n(&global_utf8, utf8, __ATOMIC_RELAXED);
	__mb_cur_max = utf8 ? 4 : 1;
	char *r = names[cat];
	if (cat == LC_ALL) {
		bool differ = false;
		for (int i = LC_COLLATE + 1; i <= LC_MESSAGES; i++)
			differ |= strcmp(names[i], names[LC_COLLATE]) != 0;
		strcpy(all, names[LC_COLLATE]);
		for (int i = LC_COLLATE + 1; differ && i <= LC_MESSAGES; i++) {
			strcat(all, "/");
			strcat(all, names[i]);
		}
		r = all;
	}
	unlock(&name_lock);
	return r;
}

locale_t newlocale(int mask, const char *name, locale_t base)
{
	if (mask & ~LC_ALL_MASK || (mask && !name)) {
		errno = EINVAL;
		return NULL;
	}
	if (mask && !known(name)) {
		errno = ENOENT;
		return NULL;
	}
	if (!(mask & LC_CTYPE_MASK))
		return base ? duplocale(base) : &c_locale;
	if (!*name)
		name = from_environment(LC_CTYPE);
	return strcmp(name, "C") != 0 && strcmp(name, "POSIX") != 0 && known(name) ? &utf8_one : &c_locale;
}
locale_t duplocale(locale_t l)
{
	if (l == LC_GLOBAL_LOCALE)
		return global_utf8 ? &utf8_one : &c_locale;
	return l ? l : &c_locale;
}
int freelocale(locale_t l) { return 0; }
locale_t uselocale(locale_t l)
{
	locale_t current = tsd_get(TSD_LOCALE), old = current ? current : LC_GLOBAL_LOCALE;
	if (l)
		tsd_set(TSD_LOCALE, l);
	return old;
}
const char *querylocale(int mask, locale_t l)
{
	return mask & LC_CTYPE_MASK && duplocale(l) == &utf8_one ? "UTF-8" : "C";
}
struct lconv *localeconv_l(locale_t l) { return localeconv(); }
int ___mb_cur_max_l(locale_t l) { return duplocale(l) == &utf8_one ? 4 : 1; }
int ___mb_cur_max(void) { return utf8_locale() ? 4 : 1; }

char *nl_langinfo(nl_item item)
{
	static const char *const text[] = {
		[CODESET] = "UTF-8", [D_T_FMT] = "%a %b %e %H:%M:%S %Y", [D_FMT] = "%m/%d/%y", [T_FMT] = "%H:%M:%S",
		[T_FMT_AMPM] = "%I:%M:%S %p", [AM_STR] = "AM", [PM_STR] = "PM",
		[DAY_1] = "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
		[ABDAY_1] = "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
		[MON_1] = "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
		[ABMON_1] = "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
		[RADIXCHAR] = ".", [YESEXPR] = "^[yY]", [NOEXPR] = "^[nN]", [YESSTR] = "yes", [NOSTR] = "no", [D_MD_ORDER] = "md",
	};
	if (item == CODESET && !utf8_locale())
		return "US-ASCII";
	return (char *)(item >= 0 && (unsigned)item < countof(text) && text[item] ? text[item] : "");
}

/* Calls with a locale for the thread, NULL for C. */
#define WITH(type, name, args, call) \
	type name args { void *old = tsd_get(TSD_LOCALE); tsd_set(TSD_LOCALE, l ? l : &c_locale); type r = call; tsd_set(TSD_LOCALE, old); return r; }
WITH(char *, nl_langinfo_l, (int item, locale_t l), nl_langinfo(item))

/* There are no catalogues: what asks gets its own text back. */
nl_catd catopen(const char *name, int flags)
{
	errno = ENOENT;
	return (nl_catd)-1;
}
char *catgets(nl_catd d, int set, int id, const char *text) { return (char *)text; }
int catclose(nl_catd d)
{
	errno = EBADF;
	return -1;
}

double strtod_l(const char *s, char **e, locale_t l) { return strtod(s, e); }
float strtof_l(const char *s, char **e, locale_t l) { return strtof(s, e); }
long double strtold_l(const char *s, char **e, locale_t l) { return strtold(s, e); }
long strtol_l(const char *s, char **e, int b, locale_t l) { return strtol(s, e, b); }
long long strtoll_l(const char *s, char **e, int b, locale_t l) { return strtoll(s, e, b); }
unsigned long strtoul_l(const char *s, char **e, int b, locale_t l) { return strtoul(s, e, b); }
unsigned long long strtoull_l(const char *s, char **e, int b, locale_t l) { return strtoull(s, e, b); }
double atof_l(const char *s, locale_t l) { return atof(s); }
int atoi_l(const char *s, locale_t l) { return atoi(s); }
int strcoll_l(const char *a, const char *b, locale_t l) { return strcoll(a, b); }
size_t strxfrm_l(char *d, const char *s, size_t n, locale_t l) { return strxfrm(d, s, n); }
int strcasecmp_l(const char *a, const char *b, locale_t l) { return strcasecmp(a, b); }
int strncasecmp_l(const char *a, const char *b, size_t n, locale_t l) { return strncasecmp(a, b, n); }
char *strcasestr_l(const char *a, const char *b, locale_t l) { return strcasestr(a, b); }
size_t strftime_l(char *d, size_t n, const char *f, const struct tm *t, locale_t l) { return strftime(d, n, f, t); }
char *strptime_l(const char *s, const char *f, struct tm *t, locale_t l) { return strptime(s, f, t); }
#define CLASS(name) \
	int is##name##_l(int c, locale_t l) { return is##name(c); } \
	int isw##name##_l(wint_t c, locale_t l) { return isw##name(c); }
CLASS(alnum) CLASS(alpha) CLASS(blank) CLASS(cntrl) CLASS(digit) CLASS(graph)
CLASS(lower) CLASS(print) CLASS(punct) CLASS(space) CLASS(upper) CLASS(xdigit)
int tolower_l(int c, locale_t l) { return tolower(c); }
int toupper_l(int c, locale_t l) { return toupper(c); }
wint_t towlower_l(wint_t c, locale_t l) { return towlower(c); }
wint_t towupper_l(wint_t c, locale_t l) { return towupper(c); }
wctype_t wctype_l(const char *s, locale_t l) { return wctype(s); }
int iswctype_l(wint_t c, wctype_t t, locale_t l) { return iswctype(c, t); }
WITH(wint_t, btowc_l, (int c, locale_t l), btowc(c))
WITH(int, wctob_l, (wint_t c, locale_t l), wctob(c))
WITH(size_t, mbrtowc_l, (wchar_t *w, const char *s, size_t n, mbstate_t *st, locale_t l), mbrtowc(w, s, n, st))
WITH(size_t, wcrtomb_l, (char *s, wchar_t w, mbstate_t *st, locale_t l), wcrtomb(s, w, st))
WITH(size_t, mbrlen_l, (const char *s, size_t n, mbstate_t *st, locale_t l), mbrlen(s, n, st))
WITH(size_t, mbsrtowcs_l, (wchar_t *d, const char **s, size_t n, mbstate_t *st, locale_t l), mbsrtowcs(d, s, n, st))
WITH(size_t, mbsnrtowcs_l, (wchar_t *d, const char **s, size_t k, size_t n, mbstate_t *st, locale_t l), mbsnrtowcs(d, s, k, n, st))
WITH(size_t, wcsnrtombs_l, (char *d, const wchar_t **s, size_t k, size_t n, mbstate_t *st, locale_t l), wcsnrtombs(d, s, k, n, st))
WITH(int, mbtowc_l, (wchar_t *w, const char *s, size_t n, locale_t l), mbtowc(w, s, n))
WITH(size_t, mbstowcs_l, (wchar_t *d, const char *s, size_t n, locale_t l), mbstowcs(d, s, n))
WITH(size_t, wcstombs_l, (char *d, const wchar_t *s, size_t n, locale_t l), wcstombs(d, s, n))
int wcscoll_l(const wchar_t *a, const wchar_t *b, locale_t l) { return wcscoll(a, b); }
size_t wcsxfrm_l(wchar_t *d, const wchar_t *s, size_t n, locale_t l) { return wcsxfrm(d, s, n); }

int vsnprintf_l(char *d, size_t n, locale_t l, const char *f, va_list ap) { return vsnprintf(d, n, f, ap); }
#define PRINT(name, args, call) int name args { va_list ap; va_start(ap, f); int r = call; va_end(ap); return r; }
PRINT(snprintf_l, (char *d, size_t n, locale_t l, const char *f, ...), vsnprintf(d, n, f, ap))
PRINT(sprintf_l, (char *d, locale_t l, const char *f, ...), vsprintf(d, f, ap))
PRINT(fprintf_l, (FILE *d, locale_t l, const char *f, ...), vfprintf(d, f, ap))
PRINT(printf_l, (locale_t l, const char *f, ...), vprintf(f, ap))
PRINT(asprintf_l, (char **d, locale_t l, const char *f, ...), vasprintf(d, f, ap))
PRINT(sscanf_l, (const char *s, locale_t l, const char *f, ...), vsscanf(s, f, ap))
