/*
 * Arrays and dictionaries. With no callbacks values are plain pointers; with
 * any, they are objects, which the collection retains.
 */
#include "cf.h"
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

/* Positions beyond the end abort, as they do in CoreFoundation. */
void CFArrayInsertValueAtIndex(CFTypeRef arr, CFIndex i, const void *v)
{
	struct cf_array *a = (void *)arr;
	if (i < 0 || i > a->n)
		abort();
	CFArrayAppendValue(arr, v);
	v = a->v[a->n - 1];
	memmove(a->v + i + 1, a->v + i, (a->n - 1 - i) * sizeof *a->v);
	a->v[i] = v;
}
void CFArraySetValueAtIndex(CFTypeRef arr, CFIndex i, const void *v)
{
	struct cf_array *a = (void *)arr;
	if (i < 0 || i > a->n)
		abort();
	if (i == a->n) {
		CFArrayAppendValue(arr, v);
		return;
	}
	const void *was = a->v[i];
	a->v[i] = a->retains ? CFRetain(v) : v;
	if (a->retains)
		CFRelease(was);
}
void CFArrayRemoveValueAtIndex(CFTypeRef arr, CFIndex i)
{
	struct cf_array *a = (void *)arr;
	if (i < 0 || i >= a->n)
		abort();
	const void *was = a->v[i];
	memmove(a->v + i, a->v + i + 1, (--a->n - i) * sizeof *a->v);
	if (a->retains)
		CFRelease(was);
}
void CFArrayRemoveAllValues(CFTypeRef arr)
{
	for (struct cf_array *a = (void *)arr; a->n;)
		CFArrayRemoveValueAtIndex(arr, a->n - 1);
}
CFTypeRef CFArrayCreateCopy(const void *alloc, CFTypeRef arr)
{
	const struct cf_array *a = arr;
	struct cf_array *c = (void *)CFArrayCreateMutable(alloc, a->n, NULL);
	c->retains = a->retains;
	for (CFIndex i = 0; i < a->n; i++)
		CFArrayAppendValue(c, a->v[i]);
	return c;
}
CFTypeRef CFArrayCreateMutableCopy(const void *alloc, CFIndex room, CFTypeRef a) { return CFArrayCreateCopy(alloc, a); }

struct dict { struct cf cf; CFIndex n, room; bool retains; const void **k, **v; };
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
	d->n = d->room = n;
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
Boolean CFDictionaryContainsKey(CFTypeRef d, const void *key) { return CFDictionaryGetValueIfPresent(d, key, NULL); }
/* In no order; either array may be left out. */
void CFDictionaryGetKeysAndValues(CFTypeRef dict, const void **k, const void **v)
{
	const struct dict *d = dict;
	if (k)
		memcpy(k, d->k, d->n * sizeof *k);
	if (v)
		memcpy(v, d->v, d->n * sizeof *v);
}
CFTypeRef CFDictionaryCreateMutable(const void *alloc, CFIndex room, const void *kcb, const void *vcb)
{
	return CFDictionaryCreate(alloc, NULL, NULL, 0, kcb, vcb);
}
static void put(struct dict *d, const void *key, const void *v, bool replace)
{
	for (CFIndex i = 0; i < d->n; i++)
		if (d->k[i] == key || (d->retains && CFEqual(d->k[i], key))) {
			if (replace) {
				const void *was = d->v[i];
				d->v[i] = d->retains ? CFRetain(v) : v;
				if (d->retains)
					CFRelease(was);
			}
			return;
		}
	if (d->n == d->room) {
		d->room = d->room ? 2 * d->room : 8;
		d->k = reallocarray(d->k, d->room, sizeof *d->k);
		d->v = reallocarray(d->v, d->room, sizeof *d->v);
		if (!d->k || !d->v)
			abort();
	}
	d->k[d->n] = d->retains ? CFRetain(key) : key;
	d->v[d->n++] = d->retains ? CFRetain(v) : v;
}
void CFDictionarySetValue(CFTypeRef d, const void *key, const void *v) { put((void *)d, key, v, true); }
void CFDictionaryAddValue(CFTypeRef d, const void *key, const void *v) { put((void *)d, key, v, false); }
void CFDictionaryRemoveValue(CFTypeRef dict, const void *key)
{
	struct dict *d = (void *)dict;
	for (CFIndex i = 0; i < d->n; i++)
		if (d->k[i] == key || (d->retains && CFEqual(d->k[i], key))) {
			const void *k = d->k[i], *v = d->v[i];
			d->n--;
			d->k[i] = d->k[d->n], d->v[i] = d->v[d->n];
			if (d->retains)
				CFRelease(k), CFRelease(v);
			return;
		}
}
