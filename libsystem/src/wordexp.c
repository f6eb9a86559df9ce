/*
 * wordexp: words as a shell expands them. Variables, tildes and patterns are
 * expanded here; commands and arithmetic are the shell's.
 */
#include "private.h"
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

/* A word in the making; text that must not be taken for a pattern has a backslash before it. */
struct word { char *s; size_t n, room; bool any; };

static bool put(struct word *w, char c, bool quoted)
{
	if (w->n + 3 > w->room) {
		size_t room = w->room ? 2 * w->room : 64;
		char *s = realloc(w->s, room);
		if (!s)
			return false;
		w->s = s;
		w->room = room;
	}
	if (quoted && strchr("*?[]\\~", c))
		w->s[w->n++] = '\\';
	w->s[w->n++] = c;
	w->s[w->n] = 0;
	w->any = true;
	return true;
}
static int add(wordexp_t *we, const char *s)
{
	char **v = realloc(we->we_wordv, (we->we_offs + we->we_wordc + 2) * sizeof *v);
	if (!v)
		return WRDE_NOSPACE;
	if (!we->we_wordv)
		memset(v, 0, we->we_offs * sizeof *v);
	we->we_wordv = v;
	if (!(v[we->we_offs + we->we_wordc] = strdup(s)))
		return WRDE_NOSPACE;
	v[we->we_offs + ++we->we_wordc] = NULL;
	return 0;
}
static int finish(wordexp_t *we, struct word *w)
{
	int r = 0;
	if (!w->any)
		return 0;
	glob_t g;
	if (w->s && glob(w->s, 0, NULL, &g) == 0) {
		for (size_t i = 0; r == 0 && i < g.gl_pathc; i++)
			r = add(we, g.gl_pathv[i]);
		globfree(&g);
	} else {
		char *o = w->s;
		for (char *p = w->s; p && *p; p++) {
			if (*p == '\\' && p[1])
				p++;
			*o++ = *p;
		}
		if (o)
			*o = 0;
		r = add(we, w->s ? w->s : "");
	}
	w->n = 0;
	w->any = false;
	if (w->s)
		w->s[0] = 0;
	return r;
}
/* Text that came from outside, outside of quotes: divided at white space. */
static int split(wordexp_t *we, struct word *w, const char *s, bool quoted)
{
	const char *ifs = getenv("IFS");
	if (!ifs)
		ifs = " \t\n";
	for (; *s; s++) {
		if (!quoted && strchr(ifs, *s)) {
			int r = finish(we, w);
			if (r)
				return r;
		} else if (!put(w, *s, quoted)) {
			return WRDE_NOSPACE;
		}
	}
	return 0;
}
/* Runs text ($(...), `...` or $((...))) by the shell; its output without the last newlines. */
static int shell(wordexp_t *we, struct word *w, const char *text, size_t n, bool quoted, int flags)
{
	char *cmd = malloc(n + 64), *out = NULL;
	size_t len = 0, room = 0, got;
	char buf[512];
	if (!cmd)
		return WRDE_NOSPACE;
	sprintf(cmd, "printf '%%s' \"%.*s\"%s", (int)n, text, flags & WRDE_SHOWERR ? "" : " 2>/dev/null");
	FILE *f = popen(cmd, "r");
	free(cmd);
	if (!f)
		return WRDE_NOSPACE;
	while ((got = fread(buf, 1, sizeof buf, f)) > 0) {
		if (len + got + 1 > room) {
			char *o = realloc(out, room = 2 * (len + got + 1));
			if (!o) {
				free(out);
				pclose(f);
				return WRDE_NOSPACE;
			}
			out = o;
		}
		memcpy(out + len, buf, got);
		len += got;
	}
	if (pclose(f) != 0) {
		free(out);
		return WRDE_SYNTAX;
	}
	int r = 0;
	if (out) {
		out[len] = 0;
		r = split(we, w, out, quoted);
	}
	free(out);
	return r;
}
/* The end of what begins at p with n parentheses, or null. */
static const char *close_of(const char *p, int depth)
{
	char q = 0;
	for (; *p; p++) {
		if (*p == '\\' && q != '\'' && p[1])
			p++;
		else if (q)
			q = *p == q ? 0 : q;
		else if (*p == '\'' || *p == '"')
			q = *p;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p;
	}
	return NULL;
}
static int dollar(wordexp_t *we, struct word *w, const char **at, bool quoted, int flags)
{
	const char *p = *at + 1, *e;
	char name[256];
	size_t n = 0;
	if (*p == '(') {
		if (!(e = close_of(p + 1, 1)))
			return WRDE_SYNTAX;
		bool arithmetic = p[1] == '(' && e[-1] == ')';
		if (flags & WRDE_NOCMD && !arithmetic)
			return WRDE_CMDSUB;
		const char *start = *at;
		*at = e + 1;
		return shell(we, w, start, e + 1 - start, quoted, flags);
	}
	bool brace = *p == '{', length = false;
	if (brace && *++p == '#')
		length = true, p++;
	while ((isalnum((unsigned char)*p) || *p == '_') && n < sizeof name - 1)
		name[n++] = *p++;
	name[n] = 0;
	if (n == 0 && !brace) {
		*at = p;
		return put(w, '$', true) ? 0 : WRDE_NOSPACE;
	}
	const char *v = getenv(name), *word = NULL;
	char op = 0;
	bool colon = false;
	if (brace) {
		if (n == 0)
			return WRDE_SYNTAX;
		if (*p == ':' && !length) {
			colon = true;
			p++;
		}
		if (*p && strchr("-=+?", *p) && !length) {
			op = *p++;
			word = p;
			for (int depth = 1; *p; p++)
				if (*p == '{')
					depth++;
				else if (*p == '}' && --depth == 0)
					break;
		}
		if (*p != '}' || (colon && !op))
			return WRDE_SYNTAX;
		e = p++;
	}
	*at = p;
	bool set = v && !(colon && !*v);
	char *alt = NULL, num[24];
	if (op) {
		if (!(alt = strndup(word, e - word)))
			return WRDE_NOSPACE;
		if (op == '+') {
			v = set ? alt : "";
		} else if (!set && op == '?') {
			free(alt);
			return WRDE_BADVAL;
		} else if (!set) {
			if (op == '=')
				setenv(name, alt, 1);
			v = alt;
		}
	} else if (!v && flags & WRDE_UNDEF) {
		return WRDE_BADVAL;
	}
	if (length) {
		snprintf(num, sizeof num, "%zu", v ? strlen(v) : 0);
		v = num;
	}
	int r = v ? split(we, w, v, quoted) : 0;
	free(alt);
	return r;
}
static int expand(const char *p, wordexp_t *we, struct word *w, int flags)
{
	int r = 0;
	bool quoted = false;
	while (*p && r == 0) {
		const char *e;
		char c = *p;
		if (c == '"') {
			quoted = !quoted;
			w->any = true;
			p++;
		} else if (c == '\'' && !quoted) {
			if (!*(e = to_char(p + 1, '\'')))
				return WRDE_SYNTAX;
			w->any = true;
			for (p++; p < e; p++)
				if (!put(w, *p, true))
					return WRDE_NOSPACE;
			p++;
		} else if (c == '\\') {
			if (!p[1])
				return WRDE_SYNTAX;
			if (quoted && !strchr("$`\"\\\n", p[1]) && !put(w, '\\', true))
				return WRDE_NOSPACE;
			if (p[1] != '\n' && !put(w, p[1], true))
				return WRDE_NOSPACE;
			p += 2;
		} else if (c == '$') {
			r = dollar(we, w, &p, quoted, flags);
		} else if (c == '`') {
			if (flags & WRDE_NOCMD)
				return WRDE_CMDSUB;
			if (!*(e = to_char(p + 1, '`')))
				return WRDE_SYNTAX;
			r = shell(we, w, p, e + 1 - p, quoted, flags);
			p = e + 1;
		} else if (!quoted && strchr("|&;<>(){}\n", c)) {
			return WRDE_BADCHAR;
		} else if (!quoted && (c == ' ' || c == '\t')) {
			r = finish(we, w);
			p++;
		} else if (c == '~' && !quoted && !w->any) {
			char user[256];
			const char *home = NULL;
			struct passwd *pw;
			for (e = p + 1; isalnum((unsigned char)*e) || *e == '_' || *e == '-' || *e == '.';)
				e++;
			bool end = !*e || *e == '/' || *e == ' ' || *e == '\t';
			if (end && e == p + 1) {
				home = getenv("HOME");
				if (!home && (pw = getpwuid(getuid())))
					home = pw->pw_dir;
			} else if (end && (size_t)(e - p) < sizeof user) {
				memcpy(user, p + 1, e - p - 1);
				user[e - p - 1] = 0;
				if ((pw = getpwnam(user)))
					home = pw->pw_dir;
			}
			if (home) {
				r = split(we, w, home, true);
				p = e;
			} else {
				r = put(w, *p++, true) ? 0 : WRDE_NOSPACE;
			}
		} else {
			/* A backslash is written only by put, so a plain character needs no care. */
			r = put(w, c, quoted) ? 0 : WRDE_NOSPACE;
			p++;
		}
	}
	if (r == 0 && quoted)
		r = WRDE_SYNTAX;
	return r ? r : finish(we, w);
}

int wordexp(const char *restrict s, wordexp_t *restrict we, int flags)
{
	struct word w = { NULL };
	if (flags & WRDE_REUSE)
		wordfree(we);
	if (!(flags & WRDE_APPEND)) {
		we->we_wordc = 0;
		we->we_wordv = NULL;
		if (!(flags & WRDE_DOOFFS))
			we->we_offs = 0;
	}
	size_t before = we->we_wordc;
	int r = expand(s, we, &w, flags);
	free(w.s);
	if (r == 0 && !we->we_wordv && !(we->we_wordv = calloc(we->we_offs + 1, sizeof *we->we_wordv)))
		r = WRDE_NOSPACE;
	if (r && r != WRDE_NOSPACE)
		while (we->we_wordc > before) {
			free(we->we_wordv[we->we_offs + --we->we_wordc]);
			we->we_wordv[we->we_offs + we->we_wordc] = NULL;
		}
	return r;
}
void wordfree(wordexp_t *we)
{
	for (size_t i = 0; we->we_wordv && i < we->we_wordc; i++)
		free(we->we_wordv[we->we_offs + i]);
	free(we->we_wordv);
	we->we_wordv = NULL;
	we->we_wordc = 0;
}
