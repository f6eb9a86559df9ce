/*
 * Strings: UTF-8 inside, counted in UTF-16 units outside, as CoreFoundation counts.
 * A position beyond the end aborts, as it does there.
 */
#include "cf.h"
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void free_bytes(struct cf *o) { free(((struct cf_string *)o)->utf8); }

struct cf_string *__CFStringOwn(char *bytes, CFIndex n)
{
	struct cf_string *s = __CFNew(sizeof *s, CF_STRING, free_bytes);
	bytes[n] = 0;
	s->utf8 = bytes;
	s->n = n;
	return s;
}

static bool valid_utf8(const uint8_t *p, CFIndex n)
{
	for (CFIndex i = 0; i < n;) {
		uint8_t c = p[i];
		int more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
		if (more < 0 || more >= n - i)
			return false;
		uint32_t v = more ? c & (0x3f >> more) : c;
		for (int k = 1; k <= more; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
			v = v << 6 | (p[i + k] & 0x3f);
		}
		if ((more == 2 && (v < 0x800 || (v >= 0xd800 && v < 0xe000))) || (more == 3 && (v < 0x10000 || v > 0x10ffff)))
			return false;
		i += more + 1;
	}
	return true;
}

CFTypeRef CFStringCreateWithBytes(const void *alloc, const uint8_t *p, CFIndex n, CFStringEncoding enc, Boolean external)
{
	if (n < 0 || (enc != kCFStringEncodingUTF8 && enc != kCFStringEncodingASCII))
		return NULL;
	if (!valid_utf8(p, n))
		return NULL;
	for (CFIndex i = 0; enc == kCFStringEncodingASCII && i < n; i++)
		if (p[i] > 127)
			return NULL;
	struct cf_string *s = __CFNew(sizeof *s, CF_STRING, free_bytes);
	s->utf8 = malloc(n + 1);
	if (!s->utf8)
		abort();
	memcpy(s->utf8, p, n);
	s->utf8[n] = 0;
	s->n = n;
	return s;
}
CFTypeRef CFStringCreateWithCString(const void *alloc, const char *p, CFStringEncoding enc)
{
	return CFStringCreateWithBytes(alloc, (const uint8_t *)p, strlen(p), enc, false);
}
/* NULL if there is a character that the encoding lacks and no loss byte is given. */
CFTypeRef CFStringCreateExternalRepresentation(const void *alloc, CFTypeRef str, CFStringEncoding enc, uint8_t loss)
{
	const struct cf_string *s = __CFString(str);
	if (!s || (enc != kCFStringEncodingUTF8 && enc != kCFStringEncodingASCII))
		return NULL;
	if (enc == kCFStringEncodingUTF8)
		return CFDataCreate(alloc, (const uint8_t *)s->utf8, s->n);
	uint8_t *b = malloc(s->n + 1);
	CFIndex n = 0;
	for (CFIndex i = 0; i < s->n; i++) {
		uint8_t c = s->utf8[i];
		if (c > 127 && (c & 0xc0) == 0x80)
			continue;
		if (c > 127 && !loss) {
			free(b);
			return NULL;
		}
		b[n++] = c > 127 ? loss : c;
	}
	CFTypeRef d = CFDataCreate(alloc, b, n);
	free(b);
	return d;
}
/* In UTF-16 units, as CoreFoundation counts. */
CFIndex CFStringGetLength(CFTypeRef str)
{
	const struct cf_string *s = __CFString(str);
	CFIndex n = 0;
	for (CFIndex i = 0; i < s->n; i++) {
		uint8_t c = s->utf8[i];
		n += (c & 0xc0) != 0x80;
		n += c >= 0xf0;
	}
	return n;
}
Boolean CFStringGetCString(CFTypeRef str, char *buf, CFIndex room, CFStringEncoding enc)
{
	const struct cf_string *s = __CFString(str);
	if (enc != kCFStringEncodingUTF8 || s->n >= room)
		return false;
	memcpy(buf, s->utf8, s->n + 1);
	return true;
}
const char *CFStringGetCStringPtr(CFTypeRef str, CFStringEncoding enc)
{
	return enc == kCFStringEncodingUTF8 ? ((const struct cf_string *)__CFString(str))->utf8 : NULL;
}


static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}
/* One character of s at *i, which moves on. */
uint32_t __CFStringNext(const struct cf_string *s, CFIndex *i)
{
	uint8_t c = s->utf8[(*i)++];
	int more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	uint32_t v = more ? c & (0x3f >> more) : c;
	while (more-- && *i < s->n)
		v = v << 6 | (s->utf8[(*i)++] & 0x3f);
	return v;
}
int __CFStringPut(char *p, uint32_t v)
{
	if (v < 0x80)
		return p[0] = v, 1;
	if (v < 0x800)
		return p[0] = 0xc0 | v >> 6, p[1] = 0x80 | (v & 0x3f), 2;
	if (v < 0x10000)
		return p[0] = 0xe0 | v >> 12, p[1] = 0x80 | (v >> 6 & 0x3f), p[2] = 0x80 | (v & 0x3f), 3;
	return p[0] = 0xf0 | v >> 18, p[1] = 0x80 | (v >> 12 & 0x3f), p[2] = 0x80 | (v >> 6 & 0x3f), p[3] = 0x80 | (v & 0x3f), 4;
}
static bool pair(const uint16_t *p, CFIndex i, CFIndex n)
{
	return (p[i] & 0xfc00) == 0xd800 && i + 1 < n && (p[i + 1] & 0xfc00) == 0xdc00;
}
/* A surrogate alone becomes U+FFFD: UTF-8 has none. */
CFTypeRef CFStringCreateWithCharacters(const void *alloc, const uint16_t *p, CFIndex n)
{
	if (n < 0 || n > INT_MAX)
		return NULL;
	char *b = must(malloc(3 * n + 1));
	CFIndex k = 0;
	for (CFIndex i = 0; i < n; i++)
		if (pair(p, i, n)) {
			k += __CFStringPut(b + k, 0x10000 + ((p[i] & 0x3ff) << 10) + (p[i + 1] & 0x3ff));
			i++;
		} else {
			k += __CFStringPut(b + k, (p[i] & 0xf800) == 0xd800 ? 0xfffd : p[i]);
		}
	return __CFStringOwn(b, k);
}

/*
 * Constant strings: each gets a string of its own when it is first used. The table is
 * of open addressing and never loses anything.
 */
int __CFConstantStringClassReference[24];
static struct { const struct cf_constant *of; struct cf_string *s; } *constants;
static size_t constants_n, constants_room;
static pthread_mutex_t constants_lock = PTHREAD_MUTEX_INITIALIZER;

static size_t slot(const void *p)
{
	size_t i = (uintptr_t)p / 8 * 0x9e3779b97f4a7c15u;
	for (i &= constants_room - 1; constants[i].of && constants[i].of != p;)
		i = (i + 1) & (constants_room - 1);
	return i;
}
const void *__CFString(const void *p)
{
	if (!cf_is_constant(p))
		return p;
	const struct cf_constant *c = p;
	pthread_mutex_lock(&constants_lock);
	if (constants_n * 2 >= constants_room) {
		size_t room = constants_room;
		__typeof(constants) was = constants;
		constants_room = room ? 2 * room : 64;
		constants = must(calloc(constants_room, sizeof *constants));
		for (size_t i = 0; i < room; i++)
			if (was[i].of)
				constants[slot(was[i].of)] = was[i];
		free(was);
	}
	size_t i = slot(p);
	if (!constants[i].of) {
		constants[i].of = c;
		constants_n++;
		if (c->flags & CF_CONSTANT_UTF16)
			constants[i].s = (void *)CFStringCreateWithCharacters(NULL, c->chars, c->n);
		else
			constants[i].s = (void *)CFStringCreateWithBytes(NULL, c->chars, c->n, kCFStringEncodingUTF8, false);
		if (!constants[i].s)
			abort();
		constants[i].s->cf.refs = 0;
	}
	p = constants[i].s;
	pthread_mutex_unlock(&constants_lock);
	return p;
}

/* The byte at which UTF-16 unit at begins; *low if it is the second of a pair. */
static CFIndex seek(const struct cf_string *s, CFIndex at, bool *low)
{
	CFIndex i = 0, unit = 0;
	*low = false;
	while (unit < at && i < s->n) {
		CFIndex was = i;
		unit += __CFStringNext(s, &i) >= 0x10000 ? 2 : 1;
		if (unit > at)
			return *low = true, was;
	}
	if (at < 0 || unit < at)
		abort();
	return i;
}
void CFStringGetCharacters(CFTypeRef str, CFRange r, uint16_t *to)
{
	const struct cf_string *s = __CFString(str);
	bool low;
	CFIndex i = seek(s, r.location, &low);
	for (CFIndex k = 0; k < r.length;) {
		if (i >= s->n)
			abort();
		uint32_t v = __CFStringNext(s, &i);
		if (v >= 0x10000) {
			if (!low)
				to[k++] = 0xd7c0 + (v >> 10);
			if (k < r.length)
				to[k++] = 0xdc00 | (v & 0x3ff);
		} else {
			to[k++] = v;
		}
		low = false;
	}
}
uint16_t CFStringGetCharacterAtIndex(CFTypeRef s, CFIndex i)
{
	uint16_t c;
	CFStringGetCharacters(s, (CFRange){ i, 1 }, &c);
	return c;
}
/* -1 for an encoding that is not there, as in CoreFoundation. */
CFIndex CFStringGetMaximumSizeForEncoding(CFIndex n, CFStringEncoding enc)
{
	return enc == kCFStringEncodingUTF8 ? 3 * n : enc == kCFStringEncodingASCII ? n : -1;
}
/*
 * How many units were converted; *used is their size in bytes, also without a buffer. It ends
 * before a character for which there is no room, or none in the encoding and no loss byte; half of
 * a surrogate pair is in no encoding.
 */
CFIndex CFStringGetBytes(CFTypeRef str, CFRange r, CFStringEncoding enc, uint8_t loss, Boolean external, uint8_t *to, CFIndex room, CFIndex *used)
{
	const struct cf_string *s = __CFString(str);
	bool low;
	CFIndex i = seek(s, r.location, &low), done = 0, n = 0, units;
	while (done < r.length && i < s->n && (enc == kCFStringEncodingUTF8 || enc == kCFStringEncodingASCII)) {
		uint32_t v = __CFStringNext(s, &i);
		char b[4];
		units = v >= 0x10000 && !low ? 2 : 1;
		bool half = low || done + units > r.length, lost = half || (enc == kCFStringEncodingASCII && v > 127);
		if (half)
			units = 1;
		low = false;
		if (lost && !loss)
			break;
		int k = lost || enc == kCFStringEncodingASCII ? (b[0] = lost ? loss : v, 1) : __CFStringPut(b, v);
		if (to && n + k > room)
			break;
		if (to)
			memcpy(to + n, b, k);
		n += k;
		done += units;
	}
	if (used)
		*used = n;
	return done;
}
/* The bytes are copied all the same, and freed as the caller wants: as malloc's, the default, unless kCFAllocatorNull. */
extern const void *kCFAllocatorNull;
CFTypeRef CFStringCreateWithBytesNoCopy(const void *alloc, uint8_t *p, CFIndex n, CFStringEncoding enc, Boolean external, const void *dealloc)
{
	CFTypeRef s = CFStringCreateWithBytes(alloc, p, n, enc, external);
	if (s && dealloc != kCFAllocatorNull)
		free(p);
	return s;
}
CFTypeRef CFStringCreateWithCStringNoCopy(const void *alloc, char *p, CFStringEncoding enc, const void *dealloc)
{
	return CFStringCreateWithBytesNoCopy(alloc, (uint8_t *)p, strlen(p), enc, false, dealloc);
}
CFTypeRef CFStringCreateWithFileSystemRepresentation(const void *alloc, const char *p)
{
	return CFStringCreateWithCString(alloc, p, kCFStringEncodingUTF8);
}
CFIndex CFStringGetMaximumSizeOfFileSystemRepresentation(CFTypeRef s) { return ((const struct cf_string *)__CFString(s))->n + 1; }
Boolean CFStringGetFileSystemRepresentation(CFTypeRef s, char *to, CFIndex room)
{
	return CFStringGetCString(s, to, room, kCFStringEncodingUTF8);
}
Boolean CFStringHasPrefix(CFTypeRef str, CFTypeRef prefix)
{
	const struct cf_string *s = __CFString(str), *p = __CFString(prefix);
	return p->n <= s->n && memcmp(s->utf8, p->utf8, p->n) == 0;
}
Boolean CFStringHasSuffix(CFTypeRef str, CFTypeRef suffix)
{
	const struct cf_string *s = __CFString(str), *p = __CFString(suffix);
	return p->n <= s->n && memcmp(s->utf8 + s->n - p->n, p->utf8, p->n) == 0;
}

/* Mutable strings. Every string can be changed; which may be is the caller's affair. */
CFTypeRef CFStringCreateCopy(const void *alloc, CFTypeRef str)
{
	const struct cf_string *s = __CFString(str);
	char *b = must(malloc(s->n + 1));
	memcpy(b, s->utf8, s->n);
	return __CFStringOwn(b, s->n);
}
CFTypeRef CFStringCreateMutableCopy(const void *alloc, CFIndex most, CFTypeRef s) { return CFStringCreateCopy(alloc, s); }
CFTypeRef CFStringCreateMutable(const void *alloc, CFIndex most) { return __CFStringOwn(must(malloc(1)), 0); }

static void append(struct cf_string *s, const char *p, CFIndex n)
{
	char *b = must(malloc(s->n + n + 1)); /* p may be part of s */
	memcpy(b, s->utf8, s->n);
	memcpy(b + s->n, p, n);
	free(s->utf8);
	s->utf8 = b;
	s->n += n;
	b[s->n] = 0;
}
void CFStringAppend(CFTypeRef s, CFTypeRef more)
{
	const struct cf_string *m = __CFString(more);
	append((void *)s, m->utf8, m->n);
}
void CFStringAppendCString(CFTypeRef s, const char *p, CFStringEncoding enc)
{
	CFTypeRef m = must((void *)CFStringCreateWithCString(NULL, p, enc));
	CFStringAppend(s, m);
	CFRelease(m);
}
void CFStringAppendCharacters(CFTypeRef s, const uint16_t *p, CFIndex n)
{
	CFTypeRef m = must((void *)CFStringCreateWithCharacters(NULL, p, n));
	CFStringAppend(s, m);
	CFRelease(m);
}
