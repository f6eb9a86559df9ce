/*
 * glob: the names of files that a pattern fits. Braces are written out first, then
 * each pattern is followed a component at a time.
 */
#include "private.h"
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct globber { glob_t *g; size_t limit; };

static bool special(const char *p, const char *end, bool escapes)
{
	for (; p < end && *p; p++) {
		if (*p == '*' || *p == '?' || (*p == '[' && memchr(p + 1, ']', end - p - 1)))
			return true;
		if (*p == '\\' && escapes && p + 1 < end)
			p++;
	}
	return false;
}
static int add_path(glob_t *g, const char *s, size_t n)
{
	char **v = realloc(g->gl_pathv, (g->gl_offs + g->gl_pathc + 2) * sizeof *v);
	if (!v)
		return GLOB_NOSPACE;
	if (!g->gl_pathv)
		memset(v, 0, g->gl_offs * sizeof *v);
	g->gl_pathv = v;
	char *copy = strndup(s, n);
	if (!copy)
		return GLOB_NOSPACE;
	v[g->gl_offs + g->gl_pathc++] = copy;
	v[g->gl_offs + g->gl_pathc] = NULL;
	return 0;
}
static int status(glob_t *g, const char *path, struct stat *st, bool follow)
{
	if (g->gl_flags & GLOB_ALTDIRFUNC)
		return (follow ? g->gl_stat : g->gl_lstat)(path, st);
	return follow ? stat(path, st) : lstat(path, st);
}

/* path[0..n) is found; what follows is matched against pattern p. */
static int walk(struct globber *b, char *path, size_t n, const char *p)
{
	glob_t *g = b->g;
	bool escapes = !(g->gl_flags & GLOB_NOESCAPE);
	struct stat st;
	for (;;) {
		while (*p == '/') {
			if (n + 1 >= PATH_MAX)
				return 0;
			path[n++] = *p++;
		}
		path[n] = 0;
		if (!*p) {
			if (status(g, path, &st, false) < 0)
				return 0;
			if (b->limit && g->gl_flags & GLOB_LIMIT && (size_t)g->gl_matchc >= b->limit) {
				errno = 0;
				return GLOB_NOSPACE;
			}
			g->gl_matchc++;
			if (g->gl_flags & GLOB_MARK && n > 0 && path[n - 1] != '/' && n + 1 < PATH_MAX &&
			    (S_ISDIR(st.st_mode) || (S_ISLNK(st.st_mode) && status(g, path, &st, true) == 0 && S_ISDIR(st.st_mode)))) {
				path[n++] = '/';
				path[n] = 0;
			}
			return add_path(g, path, n);
		}
		const char *e = to_char(p, '/');
		if (special(p, e, escapes))
			break;
		for (; p < e; p++) {
			if (*p == '\\' && escapes && p + 1 < e)
				p++;
			if (n + 1 >= PATH_MAX)
				return 0;
			path[n++] = *p;
		}
	}
	const char *e = to_char(p, '/');
	char part[PATH_MAX];
	if (e - p >= PATH_MAX)
		return 0;
	memcpy(part, p, e - p);
	part[e - p] = 0;
	bool alt = g->gl_flags & GLOB_ALTDIRFUNC;
	DIR *d = alt ? g->gl_opendir(n ? path : ".") : opendir(n ? path : ".");
	if (!d) {
		int err = errno;
		if ((g->gl_errfunc && g->gl_errfunc(n ? path : ".", err)) || (g->gl_flags & GLOB_ERR))
			return err == ENOENT || err == ENOTDIR ? (g->gl_flags & GLOB_ERR || g->gl_errfunc ? GLOB_ABORTED : 0) : GLOB_ABORTED;
		return 0;
	}
	int r = 0;
	struct dirent *de;
	while (r == 0 && (de = alt ? g->gl_readdir(d) : readdir(d))) {
		size_t len = strlen(de->d_name);
		if ((de->d_name[0] == '.' && part[0] != '.' && !(part[0] == '\\' && part[1] == '.')) || n + len + 1 >= PATH_MAX ||
		    fnmatch(part, de->d_name, (escapes ? 0 : FNM_NOESCAPE) | FNM_PERIOD) != 0)
			continue;
		memcpy(path + n, de->d_name, len + 1);
		if (*e == '/' && de->d_type != DT_DIR && de->d_type != DT_LNK && de->d_type != DT_UNKNOWN)
			continue;
		r = walk(b, path, n + len, e);
		path[n] = 0;
	}
	if (alt)
		g->gl_closedir(d);
	else
		closedir(d);
	return r;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static char *tilde(const char *p)
{
	const char *e = to_char(p, '/'), *home = NULL;
	char *out = NULL, user[256];
	if (e == p + 1) {
		struct passwd *pw;
		home = getenv("HOME");
		if (!home && (pw = getpwuid(getuid())))
			home = pw->pw_dir;
	} else if ((size_t)(e - p) < sizeof user) {
		memcpy(user, p + 1, e - p - 1);
		user[e - p - 1] = 0;
		struct passwd *pw = getpwnam(user);
		if (pw)
			home = pw->pw_dir;
	}
	if (home && (out = malloc(strlen(home) + strlen(e) + 1)))
		strcpy(stpcpy(out, home), e);
	return out;
}

/* One pattern without braces: its names are added and sorted. */
static int plain(struct globber *b, const char *pat, const char *orig)
{
	glob_t *g = b->g;
	char path[PATH_MAX], *home = NULL;
	size_t before = g->gl_pathc;
	int found = g->gl_matchc;
	if (g->gl_flags & GLOB_TILDE && *pat == '~' && (home = tilde(pat)))
		pat = home;
	bool magic = special(pat, pat + strlen(pat), !(g->gl_flags & GLOB_NOESCAPE));
	if (magic)
		g->gl_flags |= GLOB_MAGCHAR;
	int r = *pat ? walk(b, path, 0, pat) : 0;
	if (r == 0 && g->gl_matchc == found && (g->gl_flags & GLOB_NOCHECK || (g->gl_flags & GLOB_NOMAGIC && !magic)))
		r = add_path(g, orig, strlen(orig));
	else if (r == 0 && !(g->gl_flags & GLOB_NOSORT) && g->gl_pathc > before)
		qsort(g->gl_pathv + g->gl_offs + before, g->gl_pathc - before, sizeof(char *), by_name);
	free(home);
	return r;
}

/* Writes out the first braces of pat and goes on with the rest. */
static int braces(struct globber *b, const char *pat, const char *orig, int depth, int *left)
{
	bool escapes = !(b->g->gl_flags & GLOB_NOESCAPE);
	const char *open = NULL, *close = NULL;
	int level = 0;
	if (strcmp(pat, "{}") != 0)
		for (const char *p = pat; *p && !close; p++) {
			if (*p == '\\' && escapes && p[1])
				p++;
			else if (*p == '[') {
				const char *e = p[1] ? to_char(p + 2, ']') : p;
				if (*e == ']' && e > p)
					p = e;
			} else if (*p == '{' && !(p[1] == '}' && level == 0)) {
				if (level++ == 0)
					open = p;
			} else if (*p == '}' && level > 0 && --level == 0) {
				close = p;
			}
		}
	if (!close || depth > 64)
		return plain(b, pat, orig);
	char *out = malloc(strlen(pat) + 1);
	if (!out)
		return GLOB_NOSPACE;
	const char *from = open + 1;
	int r = 0;
	memcpy(out, pat, open - pat);
	level = 0;
	for (const char *p = from; r == 0; p++) {
		if (*p == '\\' && escapes && p < close) {
			p++;
		} else if (*p == '{') {
			level++;
		} else if (*p == '}' && p < close) {
			level--;
		} else if (p == close || (*p == ',' && level == 0)) {
			size_t n = open - pat;
			if (--*left < 0) {
				r = GLOB_NOSPACE;
				break;
			}
			memcpy(out + n, from, p - from);
			strcpy(out + n + (p - from), close + 1);
			r = braces(b, out, orig, depth + 1, left);
			from = p + 1;
			if (p == close)
				break;
		}
	}
	free(out);
	return r;
}

int glob(const char *restrict pat, int flags, int (*errfunc)(const char *, int), glob_t *restrict g)
{
	if (!(flags & GLOB_APPEND)) {
		g->gl_pathc = 0;
		g->gl_pathv = NULL;
		if (!(flags & GLOB_DOOFFS))
			g->gl_offs = 0;
	}
	struct globber b = { g, flags & GLOB_LIMIT ? (size_t)g->gl_matchc : 0 };
	size_t before = g->gl_pathc;
	g->gl_flags = flags & ~GLOB_MAGCHAR;
	g->gl_errfunc = errfunc;
	g->gl_matchc = 0;
	int left = 100000;
	int r = flags & GLOB_BRACE ? braces(&b, pat, pat, 0, &left) : plain(&b, pat, pat);
	return r ? r : g->gl_pathc == before ? GLOB_NOMATCH : 0;
}
void globfree(glob_t *g)
{
	if (!g->gl_pathv)
		return;
	for (size_t i = 0; i < g->gl_pathc; i++)
		free(g->gl_pathv[g->gl_offs + i]);
	free(g->gl_pathv);
	g->gl_pathv = NULL;
	g->gl_pathc = 0;
}
