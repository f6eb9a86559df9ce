/* Data, dates, numbers, errors. */
#include "cf.h"
#include <stdlib.h>
#include <string.h>

static void free_bytes(struct cf *o) { free(((struct cf_data *)o)->bytes); }

CFTypeRef CFDataCreate(const void *alloc, const uint8_t *p, CFIndex n)
{
	if (n < 0)
		return NULL;
	struct cf_data *d = __CFNew(sizeof *d, CF_DATA, free_bytes);
	d->bytes = malloc(n + 1);
	if (!d->bytes)
		abort();
	memcpy(d->bytes, p, n);
	d->n = n;
	return d;
}
CFIndex CFDataGetLength(CFTypeRef d) { return ((const struct cf_data *)d)->n; }
const uint8_t *CFDataGetBytePtr(CFTypeRef d) { return ((const struct cf_data *)d)->bytes; }
void CFDataGetBytes(CFTypeRef d, CFRange r, uint8_t *to) { memcpy(to, CFDataGetBytePtr(d) + r.location, r.length); }

/* Seconds since the start of 2001, UTC. */
CFTypeRef CFDateCreate(const void *alloc, double at)
{
	struct cf_date *d = __CFNew(sizeof *d, CF_DATE, NULL);
	d->at = at;
	return d;
}
double CFDateGetAbsoluteTime(CFTypeRef d) { return ((const struct cf_date *)d)->at; }

/* SInt8..SInt64, Float32, Float64, then C's char, short, int, long, long long, float, double. */
enum { S8 = 1, S16, S32, S64, F32, F64, CHAR, SHORT, INT, LONG, LONGLONG, FLOAT, DOUBLE, INDEX };
CFTypeRef CFNumberCreate(const void *alloc, CFIndex type, const void *p)
{
	struct cf_number *n = __CFNew(sizeof *n, CF_NUMBER, NULL);
	switch (type) {
	case S8: case CHAR: n->i = *(const int8_t *)p; break;
	case S16: case SHORT: n->i = *(const int16_t *)p; break;
	case S32: case INT: n->i = *(const int32_t *)p; break;
	case S64: case LONG: case LONGLONG: case INDEX: n->i = *(const int64_t *)p; break;
	case F32: case FLOAT: n->real = true, n->d = *(const float *)p; break;
	case F64: case DOUBLE: n->real = true, n->d = *(const double *)p; break;
	default: CFRelease(n); return NULL;
	}
	if (n->real)
		n->i = (int64_t)n->d;
	else
		n->d = n->i;
	return n;
}
/* False when the value does not fit. */
Boolean CFNumberGetValue(CFTypeRef num, CFIndex type, void *p)
{
	const struct cf_number *n = num;
	bool exact = !n->real || (double)n->i == n->d;
	switch (type) {
	case S8: case CHAR: return *(int8_t *)p = n->i, exact && (int8_t)n->i == n->i;
	case S16: case SHORT: return *(int16_t *)p = n->i, exact && (int16_t)n->i == n->i;
	case S32: case INT: return *(int32_t *)p = n->i, exact && (int32_t)n->i == n->i;
	case S64: case LONG: case LONGLONG: case INDEX: return *(int64_t *)p = n->i, exact;
	case F32: case FLOAT: return *(float *)p = n->d, true;
	case F64: case DOUBLE: return *(double *)p = n->d, true;
	}
	return false;
}

static void free_error(struct cf *o) { CFRelease(((struct cf_error *)o)->text); }
CFTypeRef __CFErrorCreate(CFIndex code, const char *text)
{
	struct cf_error *e = __CFNew(sizeof *e, CF_ERROR, free_error);
	e->code = code;
	e->text = (struct cf_string *)CFStringCreateWithCString(NULL, text, kCFStringEncodingUTF8);
	if (!e->text)
		e->text = (struct cf_string *)CFStringCreateWithCString(NULL, "error", kCFStringEncodingUTF8);
	return e;
}
CFIndex CFErrorGetCode(CFTypeRef e) { return ((const struct cf_error *)e)->code; }
CFTypeRef CFErrorCopyDescription(CFTypeRef e) { return CFRetain(((const struct cf_error *)e)->text); }
