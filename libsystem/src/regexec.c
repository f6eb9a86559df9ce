/*
 * Regular expressions run. What matches is found by following all paths of the
 * program at once, one character at a time, so the time is length times program.
 * Where the subexpressions lie is found afterwards, from the outside in: each part
 * is as long as the rest lets it be, from the left, which is POSIX's rule.
 *
 * Only an expression with back references is tried path by path, with all that may
 * cost; its subexpressions follow the path of the longest match.
 */
#include "re.h"
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

struct run {
	const struct re_guts *g;
	const char *s;     /* begin; positions are offsets from here */
	size_t len;
	int eflags;
	struct path { int pc; size_t start; } *now, *next, *stack;
	int nnow, nnext;
	unsigned *seen, round; /* by pc */
	regmatch_t *m;
	size_t nmatch;
};

int re_char(const char *p, size_t n, uint32_t *c)
{
	unsigned char b = *p;
	int k = b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 0;
	if (k != 1 && !utf8_locale()) { /* a character all the same */
		*c = b;
		return 1;
	}
	uint32_t v = k == 1 ? b : b & (0x7f >> k);
	if (k == 0 || (size_t)k > n)
		goto alone;
	for (int i = 1; i < k; i++) {
		if ((p[i] & 0xc0) != 0x80)
			goto alone;
		v = v << 6 | (p[i] & 0x3f);
	}
	*c = v;
	return k;
alone:
	*c = 0x110000 + b; /* no character at all */
	return 1;
}
bool re_in_set(const struct set *s, uint32_t c, int flags)
{
	bool hit = false;
	if (c < 128)
		return (s->low[c / 8] >> c % 8 & 1) != s->invert;
	uint32_t other = flags & REG_ICASE ? (towlower(c) == c ? towupper(c) : towlower(c)) : c;
	for (int i = 0; i < s->n && !hit; i++)
		hit = (s->wide[i].lo <= c && c <= s->wide[i].hi) || (s->wide[i].lo <= other && other <= s->wide[i].hi);
	for (unsigned i = 0; i < countof(re_classes) && !hit && c < 0x110000; i++)
		hit = s->classes >> i & 1 && re_classes[i].is(c);
	return hit != s->invert;
}
static bool word_char(struct run *r, size_t i)
{
	unsigned char c = r->s[i];
	return c == '_' || (c < 128 ? iswalnum(c) : true);
}
static bool holds(struct run *r, int what, size_t i)
{
	bool before = i > 0 && word_char(r, i - 1), after = i < r->len && word_char(r, i);
	switch (what) {
	case A_BOL:
		return (i == 0 && !(r->eflags & REG_NOTBOL)) || (i > 0 && r->g->flags & REG_NEWLINE && r->s[i - 1] == '\n');
	case A_EOL:
		return (i == r->len && !(r->eflags & REG_NOTEOL)) || (i < r->len && r->g->flags & REG_NEWLINE && r->s[i] == '\n');
	case A_BOW: return !before && after;
	case A_EOW: return before && !after;
	case A_WORD: return before != after;
	default: return before == after;
	}
}
static bool same(const struct re_guts *g, uint32_t a, uint32_t b)
{
	return a == b || (g->flags & REG_ICASE && a < 0x110000 && b < 0x110000 && towlower(a) == towlower(b));
}
/* Whether instruction in takes character c. */
static bool takes(const struct re_guts *g, const struct inst *in, uint32_t c)
{
	switch (in->op) {
	case I_CHAR: return same(g, in->x, c);
	case I_ANY: return !(c == '\n' && g->flags & REG_NEWLINE);
	case I_SET: return re_in_set(&g->set[in->x], c, g->flags);
	default: return false;
	}
}

/* Adds pc, and all that it leads to without a character, to next. */
static void add(struct run *r, int pc, size_t start, size_t at, int to)
{
	int top = 0;
	r->stack[top++].pc = pc;
	while (top > 0) {
		pc = r->stack[--top].pc;
		if (r->seen[pc] == r->round)
			continue;
		r->seen[pc] = r->round;
		const struct inst *in = &r->g->prog[pc];
		if (pc == to) {
			r->next[r->nnext++] = (struct path){ pc, start };
			continue;
		}
		switch (in->op) {
		case I_JMP: r->stack[top++].pc = in->x; break;
		case I_SPLIT:
			r->stack[top++].pc = in->y;
			r->stack[top++].pc = in->x;
			break;
		case I_ASSERT:
			if (!holds(r, in->x, at))
				break;
			/* fall through */
		case I_SAVE: r->stack[top++].pc = pc + 1; break;
		default: r->next[r->nnext++] = (struct path){ pc, start };
		}
	}
}
static void swap(struct run *r)
{
	struct path *t = r->now;
	r->now = r->next;
	r->next = t;
	r->nnow = r->nnext;
	r->nnext = 0;
	r->round++;
}

/*
 * The leftmost match's longest: paths carry where they began, and of two that come
 * to one place the one that began first is added first.
 */
static bool search(struct run *r, size_t *so, size_t *eo)
{
	int match = r->g->nprog - 1;
	bool found = false;
	r->nnow = r->nnext = 0;
	r->round++;
	for (size_t i = 0;;) {
		if (!found)
			add(r, 0, i, i, match);
		swap(r);
		for (int k = 0; k < r->nnow; k++)
			if (r->now[k].pc == match && (!found || r->now[k].start <= *so)) {
				found = true;
				*so = r->now[k].start;
				*eo = i;
			}
		if (i == r->len || (found && r->nnow == 0))
			return found;
		uint32_t c;
		int n = re_char(r->s + i, r->len - i, &c);
		for (int k = 0; k < r->nnow; k++)
			if ((!found || r->now[k].start <= *so) && r->now[k].pc != match && takes(r->g, &r->g->prog[r->now[k].pc], c))
				add(r, r->now[k].pc + 1, r->now[k].start, i + n, match);
		i += n;
	}
}

/*
 * Runs prog from..to on s[i..e): ends gets a bit for every end, if it is not null;
 * the answer is whether e is one.
 */
static bool reaches(struct run *r, int from, int to, size_t i, size_t e, uint8_t *ends)
{
	size_t base = i;
	r->nnow = r->nnext = 0;
	r->round++;
	add(r, from, 0, i, to);
	for (;;) {
		swap(r);
		bool here = false;
		for (int k = 0; k < r->nnow; k++)
			here |= r->now[k].pc == to;
		if (here && ends)
			ends[(i - base) / 8] |= 1 << (i - base) % 8;
		if (i >= e || r->nnow == 0)
			return here && i == e;
		uint32_t c;
		int n = re_char(r->s + i, r->len - i, &c);
		for (int k = 0; k < r->nnow; k++)
			if (r->now[k].pc != to && takes(r->g, &r->g->prog[r->now[k].pc], c))
				add(r, r->now[k].pc + 1, 0, i + n, to);
		i += n;
	}
}

/* The longest end of prog from..to at i from which rest..all comes to e. */
static bool longest(struct run *r, int from, int to, int rest, int all, size_t i, size_t e, size_t *end)
{
	if (reaches(r, rest, all, e, e, NULL) && reaches(r, from, to, i, e, NULL)) {
		*end = e;
		return true;
	}
	uint8_t *ends = calloc(1, (e - i) / 8 + 1);
	bool ok = false;
	if (!ends)
		return false;
	reaches(r, from, to, i, e, ends);
	for (size_t j = e + 1; !ok && j-- > i;)
		if (ends[(j - i) / 8] >> (j - i) % 8 & 1 && reaches(r, rest, all, j, e, NULL)) {
			*end = j;
			ok = true;
		}
	free(ends);
	return ok;
}

/* Where node n's program continues after k rounds of its child. */
static int after(const struct node *nd, int k)
{
	if (nd->max < 0) {
		int copies = nd->min > 0 ? nd->min : 1;
		return k < copies ? nd->from + (nd->min == 0) + k * nd->len : nd->to - 1;
	}
	return k < nd->min ? nd->from + k * nd->len : nd->from + nd->min * nd->len + (k - nd->min) * (nd->len + 1);
}

/* Node n matches s[i..e): tells where the groups inside it lie. */
static bool dissect(struct run *r, int n, size_t i, size_t e)
{
	const struct re_guts *g = r->g;
	const struct node *nd = &g->node[n], *c;
	size_t j;
	if (!nd->groups)
		return true;
	switch (nd->kind) {
	case N_GROUP:
		if ((size_t)nd->b < r->nmatch)
			r->m[nd->b] = (regmatch_t){ i, e };
		return dissect(r, nd->a, i, e);
	case N_ALT: {
		/* The first that matches: of a chain that leans to the left the deepest. */
		int hit = -1;
		for (int m = n;; m = g->node[m].a) {
			int k = g->node[m].kind == N_ALT ? g->node[m].b : m;
			c = &g->node[k];
			if (reaches(r, c->from, c->to, i, e, NULL))
				hit = k;
			if (k == m)
				break;
		}
		return hit < 0 || dissect(r, hit, i, e);
	}
	case N_CAT: {
		/* A chain leans to the left: its parts are taken from there. */
		int chain = 0, m = n;
		while (g->node[m].kind == N_CAT)
			m = g->node[m].a, chain++;
		int *parts = malloc((chain + 1) * sizeof *parts);
		if (!parts)
			return false;
		for (m = n; g->node[m].kind == N_CAT; m = g->node[m].a)
			parts[chain--] = g->node[m].b;
		parts[0] = m;
		bool ok = true;
		for (int k = 0; ok; k++) {
			c = &g->node[parts[k]];
			if (c->to == nd->to && parts[k] == nd->b) {
				ok = dissect(r, parts[k], i, e);
				break;
			}
			ok = longest(r, c->from, c->to, c->to, nd->to, i, e, &j) && dissect(r, parts[k], i, j);
			i = j;
		}
		free(parts);
		return ok;
	}
	case N_REP: {
		/* Only the last round tells. */
		c = &g->node[nd->a];
		size_t from = i;
		bool any = false;
		for (int k = 0; nd->max < 0 || k < nd->max; k++) {
			int body = after(nd, k);
			if (nd->max < 0 ? k > 0 && k >= nd->min : k >= nd->min) {
				if (any && i == e)
					break;
				body = nd->max < 0 ? after(nd, (nd->min > 0 ? nd->min : 1) - 1) : body + 1;
			}
			if (!longest(r, body, body + nd->len, after(nd, k + 1), nd->to, i, e, &j)) {
				if (!any && k >= nd->min)
					return true; /* no round at all */
				break;
			}
			if (any && j == i && k >= nd->min)
				break;
			from = i;
			i = j;
			any = true;
		}
		return !any || dissect(r, nd->a, from, i);
	}
	default:
		return true;
	}
}

/* Path by path, for back references. */
struct undo { int pc; size_t at; int slot; size_t old; };
struct tries { size_t *slot, *best, *mark; int nslot; struct undo *u; size_t nu, room; };
enum { NONE = -1 };

static bool push(struct tries *t, int pc, size_t at, int slot, size_t old)
{
	if (t->nu == t->room) {
		size_t room = t->room ? 2 * t->room : 256;
		struct undo *u = realloc(t->u, room * sizeof *u);
		if (!u)
			return false;
		t->u = u;
		t->room = room;
	}
	t->u[t->nu++] = (struct undo){ pc, at, slot, old };
	return true;
}
static int try_from(struct run *r, struct tries *t, size_t i, size_t *eo)
{
	const struct re_guts *g = r->g;
	bool found = false;
	int pc = 0, slots = t->nslot + g->nmark;
	for (int k = 0; k < slots; k++)
		t->slot[k] = (size_t)NONE;
	t->nu = 0;
	for (;;) {
		const struct inst *in = &g->prog[pc];
		bool ok = true;
		switch (in->op) {
		case I_MATCH:
			if (!found || i > *eo) {
				found = true;
				*eo = i;
				memcpy(t->best, t->slot, t->nslot * sizeof *t->best);
			}
			ok = false;
			break;
		case I_JMP: pc = in->x; continue;
		case I_SPLIT:
			if (!push(t, in->y, i, NONE, 0))
				return REG_ESPACE;
			pc = in->x;
			continue;
		case I_SAVE: case I_MARK: {
			int k = in->op == I_SAVE ? in->x : t->nslot + in->x;
			if (!push(t, NONE, 0, k, t->slot[k]))
				return REG_ESPACE;
			t->slot[k] = i;
			pc++;
			continue;
		}
		case I_MOVED: /* a round that took nothing is the last */
			pc = t->slot[t->nslot + in->x] == i ? in->y : pc + 1;
			continue;
		case I_ASSERT:
			if ((ok = holds(r, in->x, i)))
				pc++;
			break;
		case I_BACK: {
			size_t a = t->slot[2 * in->x], b = t->slot[2 * in->x + 1];
			ok = a != (size_t)NONE && b != (size_t)NONE && b - a <= r->len - i;
			for (size_t k = 0; ok && k < b - a; k++) {
				unsigned char x = r->s[a + k], y = r->s[i + k];
				ok = x == y || (g->flags & REG_ICASE && x < 128 && y < 128 && towlower(x) == towlower(y));
			}
			if (ok) {
				i += b - a;
				pc++;
			}
			break;
		}
		default: {
			uint32_t c;
			int n = i < r->len ? re_char(r->s + i, r->len - i, &c) : 0;
			if ((ok = n > 0 && takes(g, in, c))) {
				i += n;
				pc++;
			}
		}
		}
		if (ok)
			continue;
		if (found && *eo == r->len)
			return 0;
		for (;;) {
			if (t->nu == 0)
				return found ? 0 : REG_NOMATCH;
			struct undo *u = &t->u[--t->nu];
			if (u->slot != NONE) {
				t->slot[u->slot] = u->old;
				continue;
			}
			pc = u->pc;
			i = u->at;
			break;
		}
	}
}
static int backtrack(struct run *r, size_t nsub, size_t *so, size_t *eo)
{
	struct tries t = { .nslot = 2 * (nsub + 1) };
	size_t n = t.nslot * 2 + r->g->nmark;
	t.slot = malloc(n * sizeof *t.slot);
	if (!t.slot)
		return REG_ESPACE;
	t.best = t.slot + t.nslot + r->g->nmark;
	int err = REG_NOMATCH;
	for (size_t i = 0; err == REG_NOMATCH && i <= r->len;) {
		err = try_from(r, &t, i, eo);
		*so = i;
		uint32_t c;
		i += i < r->len ? re_char(r->s + i, r->len - i, &c) : 1;
	}
	for (size_t k = 1; err == 0 && k < r->nmatch && k <= nsub; k++)
		if (t.best[2 * k + 1] != (size_t)NONE)
			r->m[k] = (regmatch_t){ t.best[2 * k], t.best[2 * k + 1] };
	free(t.slot);
	free(t.u);
	return err;
}

int regnexec(const regex_t *restrict re, const char *restrict s, size_t len, size_t nmatch, regmatch_t *restrict m, int eflags)
{
	const struct re_guts *g = re->re_g;
	if (re->re_magic != RE_MAGIC || !g)
		return REG_BADPAT;
	regoff_t base = 0;
	if (eflags & REG_STARTEND) {
		base = m[0].rm_so;
		len = m[0].rm_eo - base;
		s += base;
	}
	if (g->flags & REG_NOSUB)
		nmatch = 0;
	struct run r = { .g = g, .s = s, .len = len, .eflags = eflags, .m = m, .nmatch = nmatch };
	size_t n = g->nprog + 1;
	char *mem = malloc(n * (3 * sizeof(struct path) + sizeof(unsigned)) + n * sizeof(struct path));
	if (!mem)
		return REG_ESPACE;
	r.now = (void *)mem;
	r.next = r.now + n;
	r.stack = r.next + n; /* twice as long: a split adds two */
	r.seen = (void *)(r.stack + 2 * n);
	memset(r.seen, 0, n * sizeof *r.seen);
	for (size_t i = 0; i < nmatch; i++)
		m[i].rm_so = m[i].rm_eo = -1;
	size_t so = 0, eo = 0;
	int err;
	if (g->back) {
		err = backtrack(&r, re->re_nsub, &so, &eo);
	} else {
		err = search(&r, &so, &eo) ? 0 : REG_NOMATCH;
		if (err == 0 && nmatch > 1 && re->re_nsub > 0 && !dissect(&r, g->root, so, eo))
			err = REG_ESPACE;
	}
	if (err == 0 && nmatch > 0)
		m[0] = (regmatch_t){ so, eo };
	for (size_t i = 0; err == 0 && i < nmatch; i++)
		if (m[i].rm_so >= 0) {
			m[i].rm_so += base;
			m[i].rm_eo += base;
		}
	free(mem);
	return err;
}
int regexec(const regex_t *restrict re, const char *restrict s, size_t nmatch, regmatch_t *restrict m, int eflags)
{
	return regnexec(re, s, eflags & REG_STARTEND ? 0 : strlen(s), nmatch, m, eflags);
}
