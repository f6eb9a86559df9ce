/*
 * Regular expressions of POSIX, basic and extended: from text to a tree, from the
 * tree to a program for regexec.c. Repetitions with counts are written out, so a
 * program has a limit (REG_ESPACE), and so has nesting.
 */
#include "re.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct re_class re_classes[12] = {
	{ "alnum", iswalnum }, { "alpha", iswalpha }, { "blank", iswblank }, { "cntrl", iswcntrl },
	{ "digit", iswdigit }, { "graph", iswgraph }, { "lower", iswlower }, { "print", iswprint },
	{ "punct", iswpunct }, { "space", iswspace }, { "upper", iswupper }, { "xdigit", iswxdigit },
};

struct parser {
	const char *p, *end;
	struct re_guts *g;
	int flags, err, depth, room_node, room_set;
	size_t nsub;
	bool closed[10];
};

static int fail(struct parser *ps, int err)
{
	if (!ps->err)
		ps->err = err;
	return 0;
}
static int new_node(struct parser *ps, enum kind k, int a, int b)
{
	struct re_guts *g = ps->g;
	if (ps->err)
		return 0;
	if (g->nnode == ps->room_node) {
		int room = ps->room_node ? 2 * ps->room_node : 32;
		struct node *n = room > RE_MAX_PROG ? NULL : realloc(g->node, room * sizeof *n);
		if (!n)
			return fail(ps, REG_ESPACE);
		g->node = n;
		ps->room_node = room;
	}
	bool in_a = k == N_CAT || k == N_ALT || k == N_REP, in_b = k == N_CAT || k == N_ALT;
	g->node[g->nnode] = (struct node){ .kind = k, .a = a, .b = b,
		.groups = k == N_GROUP || (in_a && g->node[a].groups) || (in_b && g->node[b].groups) };
	return g->nnode++;
}
static int new_set(struct parser *ps)
{
	struct re_guts *g = ps->g;
	if (g->nset == ps->room_set) {
		int room = ps->room_set ? 2 * ps->room_set : 8;
		struct set *s = realloc(g->set, room * sizeof *s);
		if (!s) {
			fail(ps, REG_ESPACE);
			return -1;
		}
		g->set = s;
		ps->room_set = room;
	}
	memset(&g->set[g->nset], 0, sizeof *g->set);
	return g->nset++;
}
static void add_range(struct parser *ps, struct set *s, uint32_t lo, uint32_t hi)
{
	for (; lo <= hi && lo < 128; lo++)
		s->low[lo / 8] |= 1 << lo % 8;
	if (lo > hi)
		return;
	struct range *w = realloc(s->wide, (s->n + 1) * sizeof *w);
	if (!w) {
		fail(ps, REG_ESPACE);
		return;
	}
	s->wide = w;
	w[s->n++] = (struct range){ lo, hi };
}
static void add_class(struct set *s, int i)
{
	s->classes |= 1 << i;
	for (unsigned c = 0; c < 128; c++)
		if (re_classes[i].is(c))
			s->low[c / 8] |= 1 << c % 8;
}
static uint32_t next_char(struct parser *ps)
{
	uint32_t c;
	ps->p += re_char(ps->p, ps->end - ps->p, &c);
	return c;
}
static bool at(struct parser *ps, const char *s)
{
	size_t n = strlen(s);
	return (size_t)(ps->end - ps->p) >= n && memcmp(ps->p, s, n) == 0;
}

/* One end of a range: a character, [.x.] or [=x=]; *equiv tells of the last. */
static uint32_t element(struct parser *ps, bool *equiv)
{
	*equiv = false;
	if (at(ps, "[.") || at(ps, "[=")) {
		char end[3] = { ps->p[1], ']', 0 };
		*equiv = ps->p[1] == '=';
		ps->p += 2;
		if (ps->p == ps->end)
			return fail(ps, REG_EBRACK);
		uint32_t c = next_char(ps);
		if (!at(ps, end)) {
			static const struct { const char *name; char c; } names[] = {
				{ "hyphen", '-' }, { "space", ' ' }, { "tab", '\t' }, { "newline", '\n' }, { "period", '.' },
				{ "slash", '/' }, { "comma", ',' }, { "NUL", 0 }, { "backslash", '\\' }, { "right-square-bracket", ']' },
				{ "left-square-bracket", '[' }, { "circumflex", '^' } };
			const char *e = ps->p;
			while (e + 1 < ps->end && !(e[0] == end[0] && e[1] == ']'))
				e++;
			if (e + 1 >= ps->end)
				return fail(ps, REG_EBRACK);
			for (unsigned i = 0; i < countof(names); i++)
				if (strlen(names[i].name) == (size_t)(e - ps->p + 1) && memcmp(names[i].name, ps->p - 1, e - ps->p + 1) == 0) {
					ps->p = e + 2;
					return names[i].c;
				}
			return fail(ps, REG_ECOLLATE);
		}
		ps->p += 2;
		return c;
	}
	return next_char(ps);
}

static int bracket(struct parser *ps)
{
	if (at(ps, "[:<:]]") || at(ps, "[:>:]]")) {
		bool begin = ps->p[2] == '<';
		ps->p += 6;
		return new_node(ps, N_ASSERT, begin ? A_BOW : A_EOW, 0);
	}
	int i = new_set(ps);
	if (i < 0)
		return 0;
	struct set *s = &ps->g->set[i];
	if (ps->p < ps->end && *ps->p == '^') {
		s->invert = true;
		ps->p++;
	}
	for (bool first = true;; first = false) {
		if (ps->err)
			return 0;
		if (ps->p == ps->end)
			return fail(ps, REG_EBRACK);
		if (*ps->p == ']' && !first) {
			ps->p++;
			break;
		}
		if (at(ps, "[:")) {
			const char *e = ps->p + 2;
			while (e + 1 < ps->end && !(e[0] == ':' && e[1] == ']'))
				e++;
			if (e + 1 >= ps->end)
				return fail(ps, REG_EBRACK);
			unsigned k = 0;
			while (k < countof(re_classes) && !(strlen(re_classes[k].name) == (size_t)(e - ps->p - 2) && memcmp(re_classes[k].name, ps->p + 2, e - ps->p - 2) == 0))
				k++;
			if (k == countof(re_classes))
				return fail(ps, REG_ECTYPE);
			add_class(s, k);
			ps->p = e + 2;
			if (ps->p + 1 < ps->end && ps->p[0] == '-' && ps->p[1] != ']')
				return fail(ps, REG_ERANGE);
			continue;
		}
		bool equiv, unused;
		uint32_t lo = element(ps, &equiv), hi = lo;
		if (!ps->err && !equiv && ps->p + 1 < ps->end && ps->p[0] == '-' && ps->p[1] != ']') {
			ps->p++;
			if (at(ps, "[:"))
				return fail(ps, REG_ERANGE);
			hi = element(ps, &unused);
			if (!ps->err && lo > hi)
				return fail(ps, REG_ERANGE);
		}
		if (!ps->err)
			add_range(ps, s, lo, hi);
	}
	if (ps->flags & REG_ICASE)
		for (int c = 'a'; c <= 'z'; c++) {
			int u = c - 32, both = (s->low[c / 8] >> c % 8 | s->low[u / 8] >> u % 8) & 1;
			s->low[c / 8] |= both << c % 8;
			s->low[u / 8] |= both << u % 8;
		}
	if (s->invert && ps->flags & REG_NEWLINE)
		s->low['\n' / 8] |= 1 << '\n' % 8;
	return new_node(ps, N_SET, 0, i);
}

/* \w and its like: a class, or its complement. */
static int class_set(struct parser *ps, const char *name, bool invert, bool underscore)
{
	int i = new_set(ps);
	if (i < 0)
		return 0;
	for (unsigned k = 0; k < countof(re_classes); k++)
		if (strcmp(re_classes[k].name, name) == 0)
			add_class(&ps->g->set[i], k);
	if (underscore)
		add_range(ps, &ps->g->set[i], '_', '_');
	ps->g->set[i].invert = invert;
	return new_node(ps, N_SET, 0, i);
}

static int alternatives(struct parser *, bool in_group);

static int group(struct parser *ps)
{
	size_t k = ++ps->nsub;
	if (++ps->depth > RE_MAX_DEPTH)
		return fail(ps, REG_ESPACE);
	bool ext = ps->flags & REG_EXTENDED;
	int n = at(ps, ext ? ")" : "\\)") ? new_node(ps, N_EMPTY, 0, 0) : alternatives(ps, true);
	ps->depth--;
	if (!at(ps, ext ? ")" : "\\)"))
		return fail(ps, REG_EPAREN);
	ps->p += ext ? 1 : 2;
	if (k < 10)
		ps->closed[k] = true;
	return new_node(ps, N_GROUP, n, k);
}

static int escape(struct parser *ps)
{
	bool ext = ps->flags & REG_EXTENDED;
	if (ps->p == ps->end)
		return fail(ps, REG_EESCAPE);
	char c = *ps->p;
	if (!ext && c == '(') {
		ps->p++;
		return group(ps);
	}
	if (!ext && (c == ')' || c == '{' || c == '}'))
		return fail(ps, c == ')' ? REG_EPAREN : c == '{' ? REG_BADRPT : REG_EBRACE);
	if (c >= '1' && c <= '9' && (!ext || ps->flags & REG_ENHANCED)) {
		ps->p++;
		if (!ps->closed[c - '0'])
			return fail(ps, REG_ESUBREG);
		ps->g->back = true;
		return new_node(ps, N_BACK, 0, c - '0');
	}
	if (ps->flags & REG_ENHANCED) {
		static const char asserts[] = "<>bB", which[] = { A_BOW, A_EOW, A_WORD, A_NOTWORD };
		static const struct { char c; const char *name; } classes[] = { { 'w', "alnum" }, { 's', "space" }, { 'd', "digit" } };
		const char *a = strchr(asserts, c);
		if (c && a) {
			ps->p++;
			return new_node(ps, N_ASSERT, which[a - asserts], 0);
		}
		for (unsigned i = 0; i < countof(classes); i++)
			if ((c | 32) == classes[i].c && isalpha(c)) {
				ps->p++;
				return class_set(ps, classes[i].name, isupper(c), i == 0);
			}
		static const char from[] = "nrtfaev", to[] = "\n\r\t\f\a\033\v";
		if (c && (a = strchr(from, c))) {
			ps->p++;
			return new_node(ps, N_CHAR, to[a - from], 0);
		}
	}
	return new_node(ps, N_CHAR, next_char(ps), 0);
}

/* m, m,n or m, behind an opening brace, and the closing one. */
static bool bounds(struct parser *ps, int *min, int *max)
{
	int v[2] = { -1, -1 }, i = 0;
	for (;;) {
		while (ps->p < ps->end && isdigit((unsigned char)*ps->p)) {
			v[i] = (v[i] < 0 ? 0 : v[i]) * 10 + *ps->p++ - '0';
			if (v[i] > 255)
				return fail(ps, REG_BADBR);
		}
		if (i == 0 && ps->p < ps->end && *ps->p == ',') {
			ps->p++;
			i = 1;
			continue;
		}
		break;
	}
	const char *close = ps->flags & REG_EXTENDED ? "}" : "\\}";
	if (!at(ps, close)) {
		while (ps->p < ps->end && !at(ps, close))
			ps->p++;
		return fail(ps, ps->p == ps->end ? REG_EBRACE : REG_BADBR);
	}
	ps->p += strlen(close);
	if ((v[0] < 0 && v[1] < 0) || (i == 1 && v[1] >= 0 && v[0] > v[1]))
		return fail(ps, REG_BADBR);
	*min = v[0] < 0 ? 0 : v[0];
	*max = i == 0 ? v[0] : v[1];
	return true;
}

/* What repeats the node before it: false if nothing here does. */
static bool repeat(struct parser *ps, int *min, int *max)
{
	bool ext = ps->flags & REG_EXTENDED;
	*min = 0;
	*max = -1;
	if (at(ps, "*")) {
		ps->p++;
		return true;
	}
	if (ext && (at(ps, "+") || at(ps, "?"))) {
		*(*ps->p == '+' ? min : max) = 1;
		ps->p++;
		return true;
	}
	if (!ext && ps->flags & REG_ENHANCED && (at(ps, "\\+") || at(ps, "\\?"))) {
		*(ps->p[1] == '+' ? min : max) = 1;
		ps->p += 2;
		return true;
	}
	if (ext ? at(ps, "{") && ps->end - ps->p > 1 && isdigit((unsigned char)ps->p[1]) : at(ps, "\\{")) {
		ps->p += ext ? 1 : 2;
		return bounds(ps, min, max);
	}
	return false;
}

static bool branch_ends(struct parser *ps, bool in_group)
{
	if (ps->p == ps->end)
		return true;
	if (ps->flags & REG_EXTENDED)
		return *ps->p == '|' || (*ps->p == ')' && in_group);
	return (in_group && at(ps, "\\)")) || (ps->flags & REG_ENHANCED && at(ps, "\\|"));
}

static int branch(struct parser *ps, bool in_group)
{
	bool ext = ps->flags & REG_EXTENDED;
	int n = -1;
	while (!ps->err && !branch_ends(ps, in_group)) {
		bool first = n < 0;
		int atom, min, max;
		const char *start = ps->p;
		if (ps->flags & REG_NOSPEC) {
			atom = new_node(ps, N_CHAR, next_char(ps), 0);
		} else if (*start == '*' && !ext && (first || ps->g->node[n].kind == N_ASSERT)) {
			ps->p++;
			atom = new_node(ps, N_CHAR, '*', 0);
		} else if (ext && (strchr("*+?", *start) || (*start == '{' && start + 1 < ps->end && isdigit((unsigned char)start[1])))) {
			return fail(ps, REG_BADRPT);
		} else if (ext && *start == ')') {
			return fail(ps, REG_EPAREN);
		} else if (*start == '[') {
			ps->p++;
			atom = bracket(ps);
		} else if (*start == '.') {
			ps->p++;
			atom = new_node(ps, N_ANY, 0, 0);
		} else if (*start == '^' && (ext || first)) {
			ps->p++;
			atom = new_node(ps, N_ASSERT, A_BOL, 0);
			if (!ext) {
				n = atom;
				continue;
			}
		} else if (*start == '$' && (ext || (ps->p++, branch_ends(ps, in_group) || (ps->p--, false)))) {
			if (ext)
				ps->p++;
			atom = new_node(ps, N_ASSERT, A_EOL, 0);
			if (!ext) {
				n = first ? atom : new_node(ps, N_CAT, n, atom);
				continue;
			}
		} else if (ext && *start == '(') {
			ps->p++;
			atom = group(ps);
		} else if (*start == '\\') {
			ps->p++;
			atom = escape(ps);
		} else {
			atom = new_node(ps, N_CHAR, next_char(ps), 0);
		}
		for (int levels = 0; !ps->err && !(ps->flags & REG_NOSPEC) && repeat(ps, &min, &max); levels++) {
			if (levels > 20)
				return fail(ps, REG_ESPACE);
			atom = new_node(ps, N_REP, atom, 0);
			if (!ps->err) {
				ps->g->node[atom].min = min;
				ps->g->node[atom].max = max;
			}
		}
		n = first ? atom : new_node(ps, N_CAT, n, atom);
	}
	return n;
}

static int alternatives(struct parser *ps, bool in_group)
{
	bool ext = ps->flags & REG_EXTENDED;
	int n = -1;
	for (;;) {
		int b = branch(ps, in_group);
		if (ps->err)
			return 0;
		if (b < 0) {
			bool more = n >= 0 || (ps->p < ps->end && at(ps, ext ? "|" : "\\|"));
			if (more && !(ps->flags & REG_ENHANCED))
				return fail(ps, REG_EMPTY);
			b = new_node(ps, N_EMPTY, 0, 0);
		}
		n = n < 0 ? b : new_node(ps, N_ALT, n, b);
		if (!(ps->flags & REG_NOSPEC) && (ext ? at(ps, "|") : ps->flags & REG_ENHANCED && at(ps, "\\|"))) {
			ps->p += ext ? 1 : 2;
			continue;
		}
		return n;
	}
}

/* The program of node n, at the end of what is there. */
struct writer { struct re_guts *g; int room, depth; bool full; };

static int emit(struct writer *w, enum op op, int x, int y)
{
	struct re_guts *g = w->g;
	if (w->full)
		return 0;
	if (g->nprog == w->room) {
		int room = w->room ? 2 * w->room : 64;
		struct inst *p = room > RE_MAX_PROG ? NULL : realloc(g->prog, room * sizeof *p);
		if (!p) {
			w->full = true;
			return 0;
		}
		g->prog = p;
		w->room = room;
	}
	g->prog[g->nprog] = (struct inst){ op, x, y };
	return g->nprog++;
}
static void write_node(struct writer *w, int n);

static void write_rep(struct writer *w, struct node *nd)
{
	struct re_guts *g = w->g;
	int child = nd->a, splits[256], nsplit = 0, copies = nd->min > 0 || nd->max >= 0 ? nd->min : 1, lead = -1;
	if (nd->max == 0)
		return;
	if (nd->max < 0 && nd->min == 0)
		lead = emit(w, I_SPLIT, 0, 0);
	int mark = -1, last = 0;
	for (int i = 0; i < copies && !w->full; i++) {
		last = g->nprog;
		if (g->back && nd->max < 0 && i == copies - 1)
			emit(w, I_MARK, mark = g->nmark++, 0);
		write_node(w, child);
	}
	if (nd->max < 0) {
		if (mark >= 0)
			emit(w, I_MOVED, mark, 0);
		int s = emit(w, I_SPLIT, last, g->nprog + 1);
		if (!w->full) {
			if (mark >= 0)
				g->prog[s - 1].y = g->nprog;
			if (lead >= 0)
				g->prog[lead] = (struct inst){ I_SPLIT, lead + 1, g->nprog };
		}
		return;
	}
	for (int i = nd->min; i < nd->max && !w->full; i++) {
		splits[nsplit++] = emit(w, I_SPLIT, g->nprog + 1, 0);
		write_node(w, child);
	}
	if (!w->full)
		for (int i = 0; i < nsplit; i++)
			g->prog[splits[i]].y = g->nprog;
}
static void write_node(struct writer *w, int n)
{
	struct re_guts *g = w->g;
	struct node *nd = &g->node[n];
	int from = g->nprog, s, j;
	if (w->full)
		return;
	switch (nd->kind) {
	case N_EMPTY: break;
	case N_CHAR: emit(w, I_CHAR, nd->a, 0); break;
	case N_ANY: emit(w, I_ANY, 0, 0); break;
	case N_SET: emit(w, I_SET, nd->b, 0); break;
	case N_ASSERT: emit(w, I_ASSERT, nd->a, 0); break;
	case N_BACK: emit(w, I_BACK, nd->b, 0); break;
	case N_CAT: {
		/* A chain leans to the left, and may be as long as the expression. */
		int n1 = 0, m;
		for (m = n; g->node[m].kind == N_CAT; m = g->node[m].a)
			n1++;
		int *chain = malloc(n1 * sizeof *chain), k = n1;
		if (!chain) {
			w->full = true;
			return;
		}
		for (m = n; g->node[m].kind == N_CAT; m = g->node[m].a)
			chain[--k] = m;
		write_node(w, m);
		for (k = 0; k < n1; k++) {
			write_node(w, g->node[chain[k]].b);
			g->node[chain[k]].from = from;
			g->node[chain[k]].to = g->nprog;
		}
		free(chain);
		break;
	}
	case N_ALT:
		s = emit(w, I_SPLIT, g->nprog + 1, 0);
		write_node(w, nd->a);
		j = emit(w, I_JMP, 0, 0);
		if (w->full)
			return;
		g->prog[s].y = g->nprog;
		write_node(w, nd->b);
		if (w->full)
			return;
		g->prog[j].x = g->nprog;
		break;
	case N_REP:
		write_rep(w, nd);
		break;
	case N_GROUP:
		emit(w, I_SAVE, 2 * nd->b, 0);
		write_node(w, nd->a);
		emit(w, I_SAVE, 2 * nd->b + 1, 0);
		break;
	}
	nd->from = from;
	nd->to = g->nprog;
	if (nd->kind == N_REP && nd->max != 0)
		nd->len = g->node[nd->a].to - g->node[nd->a].from;
}

int regncomp(regex_t *restrict re, const char *restrict pat, size_t len, int flags)
{
	re->re_nsub = 0;
	re->re_g = NULL;
	re->re_magic = 0;
	if (flags & REG_EXTENDED && flags & REG_NOSPEC)
		return REG_INVARG;
	if (flags & REG_MINIMAL)
		return REG_INVARG;
	struct re_guts *g = calloc(1, sizeof *g);
	if (!g)
		return REG_ESPACE;
	struct parser ps = { .p = pat, .end = pat + len, .g = g, .flags = flags };
	g->flags = flags;
	g->root = alternatives(&ps, false);
	if (!ps.err && ps.p != ps.end)
		fail(&ps, REG_EPAREN);
	struct writer w = { .g = g };
	if (!ps.err) {
		write_node(&w, g->root);
		emit(&w, I_MATCH, 0, 0);
		if (w.full)
			fail(&ps, REG_ESPACE);
	}
	re->re_g = g;
	re->re_nsub = ps.nsub;
	re->re_magic = RE_MAGIC;
	if (ps.err)
		regfree(re);
	return ps.err;
}
int regcomp(regex_t *restrict re, const char *restrict pat, int flags)
{
	size_t n = flags & REG_PEND && re->re_endp >= pat ? (size_t)(re->re_endp - pat) : strlen(pat);
	return regncomp(re, pat, n, flags);
}
void regfree(regex_t *re)
{
	struct re_guts *g = re->re_g;
	if (re->re_magic != RE_MAGIC || !g)
		return;
	for (int i = 0; i < g->nset; i++)
		free(g->set[i].wide);
	free(g->set);
	free(g->node);
	free(g->prog);
	free(g);
	re->re_magic = 0;
	re->re_g = NULL;
}

size_t regerror(int code, const regex_t *restrict re, char *restrict out, size_t n)
{
	static const struct { int code; const char *name, *text; } errors[] = {
		{ 0, "REG_OKAY", "no errors detected" },
		{ REG_NOMATCH, "REG_NOMATCH", "regexec() failed to match" },
		{ REG_BADPAT, "REG_BADPAT", "invalid regular expression" },
		{ REG_ECOLLATE, "REG_ECOLLATE", "invalid collating element" },
		{ REG_ECTYPE, "REG_ECTYPE", "invalid character class" },
		{ REG_EESCAPE, "REG_EESCAPE", "trailing backslash (\\)" },
		{ REG_ESUBREG, "REG_ESUBREG", "invalid backreference number" },
		{ REG_EBRACK, "REG_EBRACK", "brackets ([ ]) not balanced" },
		{ REG_EPAREN, "REG_EPAREN", "parentheses not balanced" },
		{ REG_EBRACE, "REG_EBRACE", "braces not balanced" },
		{ REG_BADBR, "REG_BADBR", "invalid repetition count(s)" },
		{ REG_ERANGE, "REG_ERANGE", "invalid character range" },
		{ REG_ESPACE, "REG_ESPACE", "out of memory" },
		{ REG_BADRPT, "REG_BADRPT", "repetition-operator operand invalid" },
		{ REG_EMPTY, "REG_EMPTY", "empty (sub)expression" },
		{ REG_INVARG, "REG_INVARG", "invalid argument to regex routine" },
		{ REG_ILLSEQ, "REG_ILLSEQ", "illegal byte sequence" },
	};
	const char *s = "*** unknown regexp error code ***";
	for (unsigned i = 0; i < countof(errors); i++)
		if (errors[i].code == (code & ~REG_ITOA))
			s = code & REG_ITOA ? errors[i].name : errors[i].text;
	size_t len = strlen(s) + 1;
	if (n > 0)
		strlcpy(out, s, n);
	return len;
}
