/*
 * Arrays and dictionaries. With no callbacks values are plain pointers; with
 * any, they are objects, which the collection retains.
 */
#include "cf.h"
Boolean CFEqual(CFTypeRef, CFTypeRef);
#include <stdlib.h>
#include <string.h>

static void free_array(struct cf *o)
{
	struct cf_array *a = (void *)o;
	for (CFIndex i = 0; a->retains && i < a->n; i++)
		CFRelease(a->v[i]);
	free(a->v);
}
CFTypeRef CFArrayCreateMutable(const void *alloc, CFIndex room, const void *callbacks)
{
	struct cf_array *a = __CFNew(sizeof *a, CF_ARRAY, free_array);
	a->retains = callbacks != NULL;
	return a;
}
void CFArrayAppendValue(CFTypeRef arr, const void *v)
{
	struct cf_array *a = (void *)arr;
	if (a->n == a->room) {
		a->room = a->room ? 2 * a->room : 8;
		if (!(a->v = reallocarray(a->v, a->room, sizeof *a->v)))
			abort();
	}
	a->v[a->n++] = a->retains ? CFRetain(v) : v;
}
CFTypeRef CFArrayCreate(const void *alloc, const void **v, CFIndex n, const void *callbacks)
{
	CFTypeRef a = CFArrayCreateMutable(alloc, n, callbacks);
	for (CFIndex i = 0; i < n; i++)
		CFArrayAppendValue(a, v[i]);
	return a;
}
CFIndex CFArrayGetCount(CFTypeRef a) { return ((const struct cf_array *)a)->n; }
const void *CFArrayGetValueAtIndex(CFTypeRef arr, CFIndex i)
{
	const struct cf_array *a = arr;
	if (i < 0 || i >= a->n)
		abort();
	return a->v[i];
}

struct dict { struct cf cf; CFIndex n; bool retains; const void **k, **v; };
static void free_dict(struct cf *o)
{
	struct dict *d = (void *)o;
	for (CFIndex i = 0; d->retains && i < d->n; i++)
		CFRelease(d->k[i]), CFRelease(d->v[i]);
	free(d->k);
	free(d->v);
}
CFTypeRef CFDictionaryCreate(const void *alloc, const void **k, const void **v, CFIndex n, const void *kcb, const void *vcb)
{
	struct dict *d = __CFNew(sizeof *d, CF_DICTIONARY, free_dict);
	d->retains = kcb != NULL && vcb != NULL;
	d->n = n;
	d->k = calloc(n + 1, sizeof *d->k);
	d->v = calloc(n + 1, sizeof *d->v);
	if (!d->k || !d->v)
		abort();
	for (CFIndex i = 0; i < n; i++) {
		d->k[i] = d->retains ? CFRetain(k[i]) : k[i];
		d->v[i] = d->retains ? CFRetain(v[i]) : v[i];
	}
	return d;
}
CFIndex CFDictionaryGetCount(CFTypeRef d) { return ((const struct dict *)d)->n; }
Boolean CFDictionaryGetValueIfPresent(CFTypeRef dict, const void *key, const void **v)
{
	const struct dict *d = dict;
	for (CFIndex i = 0; i < d->n; i++)
		if (d->k[i] == key || (d->retains && CFEqual(d->k[i], key))) {
			if (v)
				*v = d->v[i];
			return true;
		}
	return false;
}
const void *CFDictionaryGetValue(CFTypeRef d, const void *key)
{
	const void *v = NULL;
	CFDictionaryGetValueIfPresent(d, key, &v);
	return v;
}
