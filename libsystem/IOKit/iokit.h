/* What the files of this directory share. */
#ifndef IOKIT_PRIVATE_H
#define IOKIT_PRIVATE_H
#define __COREFOUNDATION_CFBASE__ /* the types are CoreFoundation's own */
#include "../CoreFoundation/cf.h"
typedef CFTypeRef CFStringRef, CFDictionaryRef, CFArrayRef, CFDataRef, CFAllocatorRef;
typedef void *CFMutableDictionaryRef;
typedef struct cf *CFRunLoopSourceRef;
#include "iokit_mig.h"
#include <IOKit/IOKitLib.h>
#include <stdlib.h>
#include <string.h>
#include "calls.h"

CFIndex CFDictionaryGetCount(CFTypeRef);
void CFDictionaryGetKeysAndValues(CFTypeRef, const void **, const void **);
CFTypeRef CFDictionaryCreateMutable(const void *, CFIndex, const void *, const void *);
void CFDictionarySetValue(CFTypeRef, const void *, const void *);
CFIndex CFArrayGetCount(CFTypeRef);
const void *CFArrayGetValueAtIndex(CFTypeRef, CFIndex);
CFTypeRef CFNumberCreate(const void *, CFIndex, const void *);
Boolean CFStringGetCString(CFTypeRef, char *, CFIndex, CFStringEncoding);
extern const int kCFTypeDictionaryKeyCallBacks[], kCFTypeDictionaryValueCallBacks[], kCFTypeArrayCallBacks[];
extern CFTypeRef kCFBooleanTrue, kCFBooleanFalse;
enum { NUMBER_32 = 3, NUMBER_64 = 4 };

static inline int kind_of(CFTypeRef o) { return ((const struct cf *)__CFString(o))->type; }
static inline CFTypeRef cfstr(const char *s) { return CFStringCreateWithCString(NULL, s, kCFStringEncodingUTF8); }
static inline CFTypeRef new_dictionary(void)
{
	return CFDictionaryCreateMutable(NULL, 0, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks);
}
static inline CFTypeRef new_array(void) { return CFArrayCreateMutable(NULL, 0, kCFTypeArrayCallBacks); }
/* The main port that the caller means, to be given back by main_done. */
mach_port_t __IOMain(mach_port_t asked);
void __IOMainDone(mach_port_t asked, mach_port_t got);
/* The binary form of a value, and what it is; NULL for values that the kernel has not. */
char *__IOSerialize(CFTypeRef, size_t *size);
CFTypeRef __IOUnserialize(const char *, size_t);
/* A value out of line: read, and the memory is given back. */
CFTypeRef __IOTake(char *data, mach_msg_type_number_t size);
#endif
