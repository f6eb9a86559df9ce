/* Shell patterns. */
#include "private.h"
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

static int fold(int c, int flags) { return flags & FNM_CASEFOLD ? tolower(c) : c; }

/* [...] at p, behind the bracket: the end of it, or null if it is not one; *hit. */
static const char *bracket(const char *p, int c, int flags, bool *hit)
{
	bool invert = *p == '!' || *p == '^';
	const char *start = p += invert;
	*hit = false;
	c = fold(c, flags);
	while (*p && (*p != ']' || p == start)) {
		if (p[0] == '[' && p[1] == ':') {
			static const struct { const char *name; int (*fn)(int); } classes[] = {
				{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
				{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
				{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit } };
			const char *e = strstr(p + 2, ":]");
			if (e) {
				for (unsigned i = 0; i < countof(classes); i++)
					if (strlen(classes[i].name) == (size_t)(e - p - 2) && memcmp(classes[i].name, p + 2, e - p - 2) == 0)
						*hit |= classes[i].fn(c) != 0;
				p = e + 2;
				continue;
			}
		}
		if (*p == '\\' && !(flags & FNM_NOESCAPE) && p[1])
			p++;
		int lo = fold((unsigned char)*p++, flags), hi = lo;
		if (p[0] == '-' && p[1] && p[1] != ']') {
			p++;
			if (*p == '\\' && !(flags & FNM_NOESCAPE) && p[1])
				p++;
			hi = fold((unsigned char)*p++, flags);
		}
		*hit |= lo <= c && c <= hi;
	}
	*hit ^= invert;
	return *p == ']' ? p + 1 : NULL;
}

/* Only the last star is ever tried again, so the work is at most length times length. */
int fnmatch(const char *p, const char *s, int flags)
{
	const char *begin = s, *star = NULL, *retry = NULL;
	for (;;) {
		bool leading = *s == '.' && flags & FNM_PERIOD && (s == begin || (flags & FNM_PATHNAME && s[-1] == '/'));
		if (*p == '*') {
			while (*p == '*')
				p++;
			if (leading)
				goto back;
			star = p;
			retry = s;
			continue;
		}
		if (!*s) {
			if (!*p)
				return 0;
			return FNM_NOMATCH;
		}
		if (!*p) {
			if (flags & FNM_LEADING_DIR && *s == '/')
				return 0;
			goto back;
		}
		bool ok;
		const char *next = p + 1, *e;
		if (*p == '?') {
			ok = !leading && !(*s == '/' && flags & FNM_PATHNAME);
		} else if (*p == '[' && (e = bracket(p + 1, (unsigned char)*s, flags, &ok))) {
			ok = ok && !leading && !(*s == '/' && flags & FNM_PATHNAME);
			next = e;
		} else {
			if (*p == '\\' && !(flags & FNM_NOESCAPE) && p[1])
				p++, next++;
			ok = fold((unsigned char)*p, flags) == fold((unsigned char)*s, flags);
		}
		if (ok) {
			p = next;
			s++;
			continue;
		}
	back:
		if (!star || !*retry || (*retry == '/' && flags & FNM_PATHNAME))
			return FNM_NOMATCH;
		s = ++retry;
		p = star;
	}
}
