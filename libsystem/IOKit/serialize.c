/*
 * Values in the kernel's binary form: <libkern/OSSerializeBinary.h>. A set becomes an array, since
 * CoreFoundation has none here.
 */
#include "iokit.h"

enum {
	DICTIONARY = 1 << 24, ARRAY = 2 << 24, SET = 3 << 24, NUMBER = 4 << 24, SYMBOL = 8 << 24, STRING = 9 << 24,
	DATA = 10 << 24, BOOLEAN = 11 << 24, OBJECT = 12 << 24, KINDS = 0x7f << 24, LENGTH = 0xffffff,
	DEEP = 64, MOST = 1 << 20,
};
#define END 0x80000000u

struct out { char *p; size_t n, room; bool bad; };
static void put(struct out *o, const void *p, size_t n)
{
	size_t all = (n + 3) & ~3ul;
	if (o->bad || o->n + all > MOST) {
		o->bad = true;
		return;
	}
	if (o->n + all > o->room) {
		o->room = 2 * (o->n + all) + 256;
		o->p = realloc(o->p, o->room);
		if (!o->p)
			abort();
	}
	memcpy(o->p + o->n, p, n);
	memset(o->p + o->n + n, 0, all - n);
	o->n += all;
}
static void head(struct out *o, uint32_t kind, size_t n, bool last)
{
	uint32_t w = kind | (uint32_t)(n & LENGTH) | (last ? END : 0);
	put(o, &w, 4);
	o->bad |= n > LENGTH;
}
static void write_value(struct out *o, CFTypeRef v, bool last, bool key, int depth)
{
	if (!v || depth == 0 || o->bad) {
		o->bad = true;
		return;
	}
	v = __CFString(v);
	switch (((const struct cf *)v)->type) {
	case CF_STRING: {
		const struct cf_string *s = v;
		head(o, key ? SYMBOL : STRING, s->n + key, last);
		if (!key)
			return put(o, s->utf8, s->n);
		char *text = calloc(1, s->n + 1);
		if (!text)
			abort();
		memcpy(text, s->utf8, s->n);
		put(o, text, s->n + 1);
		free(text);
		return;
	}
	case CF_DATA: {
		const struct cf_data *d = v;
		head(o, DATA, d->n, last);
		return put(o, d->bytes, d->n);
	}
	case CF_NUMBER: {
		const struct cf_number *n = v;
		o->bad |= n->real && (double)n->i != n->d;
		head(o, NUMBER, 64, last);
		return put(o, &n->i, 8);
	}
	case CF_BOOLEAN:
		return head(o, BOOLEAN, v == kCFBooleanTrue, last);
	case CF_ARRAY: {
		CFIndex n = CFArrayGetCount(v);
		head(o, ARRAY, n, last);
		for (CFIndex i = 0; i < n; i++)
			write_value(o, CFArrayGetValueAtIndex(v, i), i == n - 1, false, depth - 1);
		return;
	}
	case CF_DICTIONARY: {
		CFIndex n = CFDictionaryGetCount(v);
		const void **k = calloc(2 * n + 1, sizeof *k);
		if (!k)
			abort();
		CFDictionaryGetKeysAndValues(v, k, k + n);
		head(o, DICTIONARY, n, last);
		for (CFIndex i = 0; i < n; i++) {
			if (!k[i] || kind_of(k[i]) != CF_STRING)
				o->bad = true;
			else
				write_value(o, k[i], false, true, depth - 1);
			write_value(o, k[n + i], i == n - 1, false, depth - 1);
		}
		free(k);
		return;
	}
	}
	o->bad = true;
}
char *__IOSerialize(CFTypeRef v, size_t *size)
{
	struct out o = { 0 };
	put(&o, "\323\0\0", 4);
	write_value(&o, v, true, false, DEEP);
	if (o.bad) {
		free(o.p);
		return NULL;
	}
	*size = o.n;
	return o.p;
}

struct in { const char *p, *end; CFTypeRef *objects; size_t n, room; bool indexed; };
static bool word(struct in *r, uint32_t *w)
{
	if (r->end - r->p < 4)
		return false;
	memcpy(w, r->p, 4);
	r->p += 4;
	return true;
}
static const char *bytes(struct in *r, size_t n)
{
	const char *p = r->p;
	if ((size_t)(r->end - p) < n)
		return NULL;
	n = (n + 3) & ~3ul;
	r->p = (size_t)(r->end - p) < n ? r->end : p + n;
	return p;
}
/* The next object, of which the list of objects has the reference; NULL for what is none. */
static CFTypeRef read_value(struct in *r, bool *last, int depth)
{
	uint32_t w, length;
	if (depth == 0 || !word(r, &w))
		return NULL;
	*last = w & END;
	size_t n = w & LENGTH, at = r->n;
	uint32_t kind = w & KINDS;
	if (kind == OBJECT)
		return n < r->n ? r->objects[n] : NULL;
	if (at == r->room) {
		r->room = 2 * at + 64;
		r->objects = reallocarray(r->objects, r->room, sizeof *r->objects);
		if (!r->objects)
			abort();
	}
	r->objects[r->n++] = NULL;
	CFTypeRef v = NULL;
	const char *p;
	switch (kind) {
	case STRING: case SYMBOL:
		if ((p = bytes(r, n)))
			v = CFStringCreateWithBytes(NULL, (const uint8_t *)p, strnlen(p, n), kCFStringEncodingUTF8, false);
		if (p && !v) /* no UTF-8: what it is in an old encoding, as on a Mac */
			v = CFStringCreateWithBytes(NULL, (const uint8_t *)p, strnlen(p, n), kCFStringEncodingMacRoman, false);
		break;
	case DATA:
		if ((p = bytes(r, n)))
			v = CFDataCreate(NULL, (const uint8_t *)p, n);
		break;
	case NUMBER:
		if ((p = bytes(r, 8))) {
			int64_t i;
			memcpy(&i, p, 8);
			v = CFNumberCreate(NULL, NUMBER_64, &i);
		}
		break;
	case BOOLEAN:
		v = CFRetain(n ? kCFBooleanTrue : kCFBooleanFalse);
		break;
	case ARRAY: case SET: case DICTIONARY:
		if (r->indexed && !word(r, &length))
			return NULL;
		v = kind == DICTIONARY ? new_dictionary() : new_array();
		for (bool end = n == 0; !end;) {
			CFTypeRef k = NULL, x;
			if (kind == DICTIONARY && (!(k = read_value(r, &end, depth - 1)) || end || kind_of(k) != CF_STRING)) {
				CFRelease(v);
				return NULL;
			}
			if (!(x = read_value(r, &end, depth - 1))) {
				CFRelease(v);
				return NULL;
			}
			if (k)
				CFDictionarySetValue(v, k, x);
			else
				CFArrayAppendValue(v, x);
		}
		break;
	}
	return r->objects[at] = v;
}
CFTypeRef __IOUnserialize(const char *p, size_t n)
{
	if (n < 8 || (memcmp(p, "\323\0\0", 4) != 0 && (uint8_t)*p != 0xd4))
		return NULL;
	struct in r = { .p = p + 4, .end = p + n, .indexed = (uint8_t)*p == 0xd4 };
	bool last;
	CFTypeRef v = read_value(&r, &last, DEEP);
	if (v)
		CFRetain(v);
	for (size_t i = 0; i < r.n; i++)
		if (r.objects[i])
			CFRelease(r.objects[i]);
	free(r.objects);
	return v;
}
CFTypeRef __IOTake(char *data, mach_msg_type_number_t size)
{
	CFTypeRef v = data ? __IOUnserialize(data, size) : NULL;
	if (data)
		vm_deallocate(mach_task_self(), (vm_address_t)data, size);
	return v;
}

/* NULL without kIOCFSerializeToBinary: the other form is not written here. */
CFDataRef IOCFSerialize(CFTypeRef v, IOOptionBits options)
{
	size_t n;
	char *p = options & kIOCFSerializeToBinary ? __IOSerialize(v, &n) : NULL;
	CFDataRef d = p ? CFDataCreate(NULL, (const uint8_t *)p, n) : NULL;
	free(p);
	return d;
}
CFTypeRef IOCFUnserializeBinary(const char *p, size_t n, CFAllocatorRef alloc, IOOptionBits options, CFStringRef *error)
{
	CFTypeRef v = __IOUnserialize(p, n);
	if (error)
		*error = v ? NULL : cfstr("no serialised object");
	return v;
}
CFTypeRef IOCFUnserializeWithSize(const char *p, size_t n, CFAllocatorRef alloc, IOOptionBits options, CFStringRef *error)
{
	return IOCFUnserializeBinary(p, n, alloc, options, error);
}
