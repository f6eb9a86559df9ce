/*
 * The part of CoreFoundation that programs without windows need: values, collections,
 * URLs of files, run loops. Every object begins
 * with a type and a reference count; strings are UTF-8 inside. The strings that a compiler
 * made (CFSTR) have a Mac's layout: __CFString gives the string that is meant.
 */
#ifndef CF_H
#define CF_H
#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
typedef const void *CFTypeRef;
typedef long CFIndex;
typedef unsigned long CFTypeID;
typedef unsigned char Boolean;
typedef uint32_t CFStringEncoding;
typedef struct { CFIndex location, length; } CFRange;
enum { kCFStringEncodingUTF8 = 0x08000100, kCFStringEncodingASCII = 0x0600, kCFStringEncodingMacRoman = 0 };

enum cf_type { CF_DATA = 1, CF_STRING, CF_ARRAY, CF_DATE, CF_ERROR, CF_NUMBER, CF_DICTIONARY, CF_BOOLEAN, CF_URL, CF_RUN_LOOP, CF_SOURCE, CF_TIMER, CF_OTHER };
struct cf {
	uint32_t type, refs; /* refs 0: constant */
	void (*destroy)(struct cf *);
};
struct cf_array { struct cf cf; CFIndex n, room; bool retains; const void **v; };
struct cf_data { struct cf cf; CFIndex n; uint8_t *bytes; };
struct cf_string { struct cf cf; CFIndex n; char *utf8; };
struct cf_url { struct cf cf; bool directory; struct cf_string *path; }; /* absolute */
struct cf_date { struct cf cf; double at; };
struct cf_number { struct cf cf; bool real; int64_t i; double d; };
struct cf_error { struct cf cf; CFIndex code; struct cf_string *text; };

/* What CFSTR makes: first is the address of __CFConstantStringClassReference. */
struct cf_constant { const void *isa; long flags; const void *chars; long n; };
enum { CF_CONSTANT_UTF16 = 0x10 }; /* of flags: 16-bit units, else bytes */
extern int __CFConstantStringClassReference[24];
static inline bool cf_is_constant(const void *p) { return p && *(const void *const *)p == __CFConstantStringClassReference; }

/* A constant string's own string, which lasts; any other object as it is. */
const void *__CFString(const void *);
/* A string of n bytes, which is not checked again; takes bytes, which malloc gave with one to spare. */
struct cf_string *__CFStringOwn(char *bytes, CFIndex n);
uint32_t __CFStringNext(const struct cf_string *, CFIndex *); /* the character at that byte, which moves on */
int __CFStringPut(char *, uint32_t); /* UTF-8, how many bytes */
/* Zeroed, one reference. */
void *__CFNew(size_t size, uint32_t type, void (*destroy)(struct cf *));
CFTypeRef CFRetain(CFTypeRef);
void CFRelease(CFTypeRef);
CFTypeRef CFDataCreate(const void *alloc, const uint8_t *, CFIndex);
CFTypeRef CFStringCreateWithBytes(const void *alloc, const uint8_t *, CFIndex, CFStringEncoding, Boolean);
CFTypeRef CFArrayCreateMutable(const void *alloc, CFIndex, const void *callbacks);
void CFArrayAppendValue(CFTypeRef, const void *);
CFTypeRef __CFErrorCreate(CFIndex code, const char *text);
Boolean CFEqual(CFTypeRef, CFTypeRef);
CFTypeRef CFStringCreateWithCString(const void *alloc, const char *, CFStringEncoding);
#endif
