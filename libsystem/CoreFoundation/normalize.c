/* Canonical normalization of strings: Unicode Standard Annex 15, forms C and D. */
#include "cf.h"
#include <stdlib.h>
#include <string.h>
#include "normalize_table.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { FORM_D = 0, FORM_C = 2 };
/* Hangul is arithmetic: 19 leading, 21 vowels, 27 trailing and none. */
enum { S = 0xac00, L = 0x1100, V = 0x1161, T = 0x11a7, LN = 19, VN = 21, TN = 28, SN = LN * VN * TN };

static int class_of(uint32_t c)
{
	size_t lo = 0, hi = COUNT(classes);
	while (lo < hi) {
		size_t m = (lo + hi) / 2;
		if (c > classes[m].to)
			lo = m + 1;
		else
			hi = m;
	}
	return lo < COUNT(classes) && c >= classes[lo].from ? classes[lo].class : 0;
}
struct text { uint32_t *c; size_t n, room; };
static void add(struct text *t, uint32_t c)
{
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		if (!(t->c = reallocarray(t->c, t->room, sizeof *t->c)))
			abort();
	}
	/* Marks are kept in the order of their classes. */
	size_t i = t->n++;
	for (int k = class_of(c); k && i && class_of(t->c[i - 1]) > k; i--)
		t->c[i] = t->c[i - 1];
	t->c[i] = c;
}
static void decompose(struct text *t, uint32_t c)
{
	if (c >= S && c < S + SN) {
		c -= S;
		add(t, L + c / (VN * TN));
		add(t, V + c % (VN * TN) / TN);
		if (c % TN)
			add(t, T + c % TN);
		return;
	}
	size_t lo = 0, hi = COUNT(decompositions);
	while (lo < hi) {
		size_t m = (lo + hi) / 2;
		if (decompositions[m].c < c)
			lo = m + 1;
		else
			hi = m;
	}
	if (c < 0x80 || lo == COUNT(decompositions) || decompositions[lo].c != c) {
		add(t, c);
		return;
	}
	decompose(t, decompositions[lo].first); /* at most a few deep: the table is a fixed one */
	if (decompositions[lo].second)
		decompose(t, decompositions[lo].second);
}
static uint32_t composed(uint32_t a, uint32_t b)
{
	if (a >= L && a < L + LN && b >= V && b < V + VN)
		return S + ((a - L) * VN + b - V) * TN;
	if (a >= S && a < S + SN && (a - S) % TN == 0 && b > T && b < T + TN)
		return a + b - T;
	for (size_t i = 0; i < COUNT(decompositions); i++)
		if (decompositions[i].first == a && decompositions[i].second == b && decompositions[i].composes)
			return decompositions[i].c;
	return 0;
}
static void compose(struct text *t)
{
	size_t out = 0, starter = 0;
	bool have = false;
	int last = 0; /* class of what stands between the starter and here; 0: nothing */
	for (size_t i = 0; i < t->n; i++) {
		uint32_t c = t->c[i], v;
		int k = class_of(c);
		if (have && (out == starter + 1 || (last && last < k)) && (c >= 0x80) && (v = composed(t->c[starter], c))) {
			t->c[starter] = v;
			continue;
		}
		if (k == 0)
			starter = out, have = true;
		last = k;
		t->c[out++] = c;
	}
	t->n = out;
}
/* The compatible forms, KC and KD, are not there: they abort. */
void CFStringNormalize(CFTypeRef str, CFIndex form)
{
	struct cf_string *s = (void *)str;
	if (form != FORM_C && form != FORM_D)
		abort();
	struct text t = { 0 };
	for (CFIndex i = 0; i < s->n;)
		decompose(&t, __CFStringNext(s, &i));
	if (form == FORM_C)
		compose(&t);
	char *b = malloc(4 * t.n + 1);
	if (!b)
		abort();
	CFIndex n = 0;
	for (size_t i = 0; i < t.n; i++)
		n += __CFStringPut(b + n, t.c[i]);
	free(t.c);
	free(s->utf8);
	b[n] = 0;
	s->utf8 = b;
	s->n = n;
}
