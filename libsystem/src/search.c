/* Tables: lists, hashes and trees of System V. */
#include "private.h"
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

typedef int compare(const void *, const void *);

void *lfind(const void *key, const void *base, size_t *n, size_t width, compare *cmp)
{
	const char *p = base;
	for (size_t i = 0; i < *n; i++, p += width)
		if (cmp(key, p) == 0)
			return (void *)p;
	return NULL;
}
void *lsearch(const void *key, void *base, size_t *n, size_t width, compare *cmp)
{
	void *p = lfind(key, base, n, width, cmp);
	if (!p) {
		p = (char *)base + *n * width;
		memcpy(p, key, width);
		++*n;
	}
	return p;
}

struct link { struct link *next, *prev; };
void insque(void *elem, void *pred)
{
	struct link *e = elem, *p = pred;
	if (!p) {
		e->next = e->prev = NULL;
		return;
	}
	e->next = p->next;
	e->prev = p;
	if (p->next)
		p->next->prev = e;
	p->next = e;
}
void remque(void *elem)
{
	struct link *e = elem;
	if (e->next)
		e->next->prev = e->prev;
	if (e->prev)
		e->prev->next = e->next;
}

/* One table for the process, open addressing, doubled when half full; keys are the caller's. */
static ENTRY *table;
static size_t table_size, table_used;

static ENTRY *slot(ENTRY *t, size_t size, const char *key)
{
	size_t h = 5381;
	for (const char *p = key; *p; p++)
		h = h * 33 + (unsigned char)*p;
	for (h &= size - 1; t[h].key && strcmp(t[h].key, key) != 0;)
		h = (h + 1) & (size - 1);
	return &t[h];
}
int hcreate(size_t n)
{
	if (table) {
		errno = EINVAL;
		return 0;
	}
	size_t size = 16;
	while (size / 2 < n && size < (size_t)1 << 40)
		size *= 2;
	table = calloc(size, sizeof *table);
	table_size = size;
	table_used = 0;
	return table != NULL;
}
void hdestroy(void)
{
	free(table);
	table = NULL;
}
ENTRY *hsearch(ENTRY item, ACTION action)
{
	if (!table) {
		errno = EINVAL;
		return NULL;
	}
	ENTRY *e = slot(table, table_size, item.key);
	if (e->key)
		return e;
	if (action == FIND) {
		errno = ESRCH;
		return NULL;
	}
	if (2 * (table_used + 1) > table_size) {
		ENTRY *t = calloc(2 * table_size, sizeof *t);
		if (!t)
			return NULL;
		for (size_t i = 0; i < table_size; i++)
			if (table[i].key)
				*slot(t, 2 * table_size, table[i].key) = table[i];
		free(table);
		table = t;
		table_size *= 2;
		e = slot(table, table_size, item.key);
	}
	table_used++;
	*e = item;
	return e;
}

/*
 * Trees: treaps, whose shape is that of a tree filled in random order, so that
 * sorted input does no harm. The key is first: a node's address is that of its key.
 */
struct tree { const void *key; struct tree *left, *right; uint32_t weight; };

static uint32_t weigh(const void *p)
{
	uint64_t x = (uintptr_t)p * 0x9e3779b97f4a7c15;
	return x >> 32;
}
static struct tree *join(struct tree *a, struct tree *b)
{
	struct tree *root, **at = &root;
	for (; a && b;)
		if (a->weight > b->weight) {
			*at = a;
			at = &a->right;
			a = *at;
		} else {
			*at = b;
			at = &b->left;
			b = *at;
		}
	*at = a ? a : b;
	return root;
}
void *tfind(const void *key, void *const *root, compare *cmp)
{
	struct tree *t = root ? *root : NULL;
	while (t) {
		int c = cmp(key, t->key);
		if (c == 0)
			return t;
		t = c < 0 ? t->left : t->right;
	}
	return NULL;
}
void *tsearch(const void *key, void **root, compare *cmp)
{
	if (!root)
		return NULL;
	struct tree *t = tfind(key, root, cmp);
	if (t || !(t = calloc(1, sizeof *t)))
		return t;
	t->key = key;
	t->weight = weigh(t);
	struct tree **at = (struct tree **)root, *rest, **lo = &t->left, **hi = &t->right;
	while (*at && (*at)->weight >= t->weight)
		at = cmp(key, (*at)->key) < 0 ? &(*at)->left : &(*at)->right;
	/* What was here is divided between the new node's sides. */
	for (rest = *at; rest;)
		if (cmp(key, rest->key) < 0) {
			*hi = rest;
			hi = &rest->left;
			rest = *hi;
		} else {
			*lo = rest;
			lo = &rest->right;
			rest = *lo;
		}
	*lo = *hi = NULL;
	*at = t;
	return t;
}
void *tdelete(const void *restrict key, void **restrict root, compare *cmp)
{
	struct tree **at = (struct tree **)root, *parent = NULL, *t;
	if (!root)
		return NULL;
	while ((t = *at)) {
		int c = cmp(key, t->key);
		if (c == 0) {
			*at = join(t->left, t->right);
			free(t);
			/* The root has no parent: any address that is not null will do. */
			return parent ? (void *)parent : (void *)root;
		}
		parent = t;
		at = c < 0 ? &t->left : &t->right;
	}
	return NULL;
}
static void visit(const struct tree *t, void (*fn)(const void *, VISIT, int), int level)
{
	if (!t->left && !t->right) {
		fn(t, leaf, level);
		return;
	}
	fn(t, preorder, level);
	if (t->left)
		visit(t->left, fn, level + 1);
	fn(t, postorder, level);
	if (t->right)
		visit(t->right, fn, level + 1);
	fn(t, endorder, level);
}
void twalk(const void *root, void (*fn)(const void *, VISIT, int))
{
	if (root && fn)
		visit(root, fn, 0);
}
