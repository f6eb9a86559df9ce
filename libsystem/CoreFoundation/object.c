/* Reference counts, and equality. */
#include "cf.h"
#include <stdlib.h>
#include <string.h>

/* What the callback parameters of collections point at; only which one matters. */
const struct { CFIndex version; const void *fn[4]; } kCFTypeArrayCallBacks;
const struct { CFIndex version; const void *fn[5]; } kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks;
static struct cf null_allocator = { CF_OTHER, 0, 0 };
const void *kCFAllocatorDefault, *kCFAllocatorNull = &null_allocator;
static struct cf boolean_true = { CF_BOOLEAN, 0, 0 }, boolean_false = { CF_BOOLEAN, 0, 0 };
const void *kCFBooleanTrue = &boolean_true, *kCFBooleanFalse = &boolean_false;

void *__CFNew(size_t size, uint32_t type, void (*destroy)(struct cf *))
{
	struct cf *o = calloc(1, size);
	if (!o)
		abort(); /* as CoreFoundation does */
	o->type = type;
	o->refs = 1;
	o->destroy = destroy;
	return o;
}
CFTypeRef CFRetain(CFTypeRef p)
{
	struct cf *o = (struct cf *)p;
	if (o && !cf_is_constant(o) && o->refs)
		__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
	return p;
}
void CFRelease(CFTypeRef p)
{
	struct cf *o = (struct cf *)p;
	if (!o)
		abort();
	if (cf_is_constant(o))
		return;
	if (o->refs && __atomic_fetch_sub(&o->refs, 1, __ATOMIC_ACQ_REL) == 1) {
		if (o->destroy)
			o->destroy(o);
		free(o);
	}
}
CFIndex CFGetRetainCount(CFTypeRef p) { return ((const struct cf *)__CFString(p))->refs; }
CFTypeID CFGetTypeID(CFTypeRef p) { return ((const struct cf *)__CFString(p))->type; }
CFTypeID CFDataGetTypeID(void) { return CF_DATA; }
CFTypeID CFStringGetTypeID(void) { return CF_STRING; }
CFTypeID CFArrayGetTypeID(void) { return CF_ARRAY; }
CFTypeID CFDateGetTypeID(void) { return CF_DATE; }
CFTypeID CFErrorGetTypeID(void) { return CF_ERROR; }
CFTypeID CFNumberGetTypeID(void) { return CF_NUMBER; }
CFTypeID CFDictionaryGetTypeID(void) { return CF_DICTIONARY; }
CFTypeID CFBooleanGetTypeID(void) { return CF_BOOLEAN; }
Boolean CFBooleanGetValue(CFTypeRef b) { return b == kCFBooleanTrue; }

Boolean CFEqual(CFTypeRef a, CFTypeRef b)
{
	a = __CFString(a), b = __CFString(b);
	const struct cf *x = a, *y = b;
	if (x == y)
		return true;
	if (!x || !y || x->type != y->type)
		return false;
	switch (x->type) {
	case CF_DATA: case CF_STRING: {
		const struct cf_data *p = a, *q = b; /* strings have the same shape */
		return p->n == q->n && memcmp(p->bytes, q->bytes, p->n) == 0;
	}
	case CF_URL:
		return CFEqual(((const struct cf_url *)a)->path, ((const struct cf_url *)b)->path);
	case CF_DATE:
		return ((const struct cf_date *)a)->at == ((const struct cf_date *)b)->at;
	case CF_NUMBER: {
		const struct cf_number *p = a, *q = b;
		return p->real || q->real ? p->d == q->d : p->i == q->i;
	}
	case CF_ARRAY: {
		const struct cf_array *p = a, *q = b;
		if (p->n != q->n)
			return false;
		for (CFIndex i = 0; i < p->n; i++)
			if (p->retains && q->retains ? !CFEqual(p->v[i], q->v[i]) : p->v[i] != q->v[i])
				return false;
		return true;
	}
	}
	return false;
}
