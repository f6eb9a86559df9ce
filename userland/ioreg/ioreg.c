/*
 * ioreg shows the I/O Registry as Darwin's does: a plane as a tree from the root, or with -r the
 * trees whose tops are chosen by class, name or property.
 */
#include <IOKit/IOKitLib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* CoreFoundation, whose headers are not here. */
unsigned long CFGetTypeID(CFTypeRef), CFStringGetTypeID(void), CFDataGetTypeID(void), CFNumberGetTypeID(void), CFBooleanGetTypeID(void),
	CFArrayGetTypeID(void), CFDictionaryGetTypeID(void);
void CFRelease(CFTypeRef);
CFStringRef CFStringCreateWithCString(CFAllocatorRef, const char *, uint32_t);
unsigned char CFStringGetCString(CFStringRef, char *, long, uint32_t), CFBooleanGetValue(CFTypeRef), CFNumberGetValue(CFTypeRef, long, void *);
long CFStringGetLength(CFStringRef), CFArrayGetCount(CFArrayRef), CFDictionaryGetCount(CFDictionaryRef), CFDataGetLength(CFDataRef);
const void *CFArrayGetValueAtIndex(CFArrayRef, long), *CFDictionaryGetValue(CFDictionaryRef, const void *);
const unsigned char *CFDataGetBytePtr(CFDataRef);
void CFDictionaryGetKeysAndValues(CFDictionaryRef, const void **, const void **);
enum { UTF8 = 0x08000100, S64 = 4 };

static struct {
	int archive, bold, inherit, list, subtrees, hex;
	long depth, width;
	const char *class, *key, *name, *plane;
} o = { .plane = kIOServicePlane };

/* A line in the making, cut to the width when it ends. */
static char *line;
static size_t used, room;
static void put(const char *s, size_t n)
{
	if (used + n + 1 > room) {
		room = 2 * (used + n) + 256;
		if (!(line = realloc(line, room)))
			abort();
	}
	memcpy(line + used, s, n);
	used += n;
	line[used] = 0;
}
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char b[1024];
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(b, sizeof b, format, ap);
	va_end(ap);
	put(b, n < (int)sizeof b ? n : sizeof b - 1);
}
static void end_line(void)
{
	if (o.width > 0 && (long)used > o.width)
		used = o.width;
	fwrite(line, 1, used, stdout);
	putchar('\n');
	used = 0;
}

static char *text(CFStringRef s)
{
	long n = 3 * CFStringGetLength(s) + 1;
	char *p = calloc(1, n);
	if (!p)
		abort();
	CFStringGetCString(s, p, n, UTF8);
	return p;
}
static int is(CFTypeRef v, unsigned long (*type)(void)) { return CFGetTypeID(v) == type(); }

/* Data that is text, pieces of which end with a zero, is shown as such. */
static void show_data(CFDataRef d)
{
	const unsigned char *p = CFDataGetBytePtr(d);
	long n = CFDataGetLength(d);
	int plain = n > 1 && p[n - 1] == 0 && p[0] != 0;
	for (long i = 0; i < n && plain; i++)
		plain = (p[i] >= ' ' && p[i] < 127) || (p[i] == 0 && (i == n - 1 || p[i + 1] != 0));
	say("<");
	if (plain) {
		for (long i = 0; i < n; i += strlen((const char *)p + i) + 1) {
			say("%s\"", i ? "," : "");
			put((const char *)p + i, strlen((const char *)p + i));
			say("\"");
		}
	} else {
		for (long i = 0; i < n; i++)
			say("%02x", p[i]);
	}
	say(">");
}
static void show(CFTypeRef v)
{
	if (is(v, CFStringGetTypeID)) {
		char *s = text(v);
		say("\"");
		put(s, strlen(s));
		say("\"");
		free(s);
	} else if (is(v, CFBooleanGetTypeID)) {
		say("%s", CFBooleanGetValue(v) ? "Yes" : "No");
	} else if (is(v, CFNumberGetTypeID)) {
		int64_t n = 0;
		CFNumberGetValue(v, S64, &n);
		say(o.hex ? "0x%llx" : "%llu", (unsigned long long)n);
	} else if (is(v, CFDataGetTypeID)) {
		show_data(v);
	} else if (is(v, CFArrayGetTypeID)) {
		say("(");
		for (long i = 0; i < CFArrayGetCount(v); i++) {
			say(i ? "," : "");
			show(CFArrayGetValueAtIndex(v, i));
		}
		say(")");
	} else if (is(v, CFDictionaryGetTypeID)) {
		long n = CFDictionaryGetCount(v);
		const void **k = calloc(2 * n + 1, sizeof *k);
		if (!k)
			abort();
		CFDictionaryGetKeysAndValues(v, k, k + n);
		say("{");
		for (long i = 0; i < n; i++) {
			say(i ? "," : "");
			show(k[i]);
			say("=");
			show(k[n + i]);
		}
		say("}");
		free(k);
	}
}

/* XML, for -a. */
static void pad(int n)
{
	while (n-- > 0)
		putchar('\t');
}
static void escape(const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&': fputs("&amp;", stdout); break;
		case '<': fputs("&lt;", stdout); break;
		case '>': fputs("&gt;", stdout); break;
		default: putchar(*s);
		}
}
static void element(int in, const char *tag, const char *s)
{
	pad(in);
	printf("<%s>", tag);
	escape(s);
	printf("</%s>\n", tag);
}
static void base64(const unsigned char *p, long n)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (long i = 0; i < n; i += 3) {
		unsigned v = p[i] << 16 | (i + 1 < n ? p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
		putchar(digit[v >> 18]);
		putchar(digit[v >> 12 & 63]);
		putchar(i + 1 < n ? digit[v >> 6 & 63] : '=');
		putchar(i + 2 < n ? digit[v & 63] : '=');
	}
}
static void pairs(CFDictionaryRef d, int in);
static void xml(CFTypeRef v, int in)
{
	if (is(v, CFStringGetTypeID)) {
		char *s = text(v);
		element(in, "string", s);
		free(s);
	} else if (is(v, CFBooleanGetTypeID)) {
		pad(in);
		puts(CFBooleanGetValue(v) ? "<true/>" : "<false/>");
	} else if (is(v, CFNumberGetTypeID)) {
		int64_t n = 0;
		CFNumberGetValue(v, S64, &n);
		pad(in);
		printf("<integer>%lld</integer>\n", (long long)n);
	} else if (is(v, CFDataGetTypeID)) {
		pad(in);
		printf("<data>");
		base64(CFDataGetBytePtr(v), CFDataGetLength(v));
		puts("</data>");
	} else if (is(v, CFArrayGetTypeID)) {
		pad(in);
		puts("<array>");
		for (long i = 0; i < CFArrayGetCount(v); i++)
			xml(CFArrayGetValueAtIndex(v, i), in + 1);
		pad(in);
		puts("</array>");
	} else if (is(v, CFDictionaryGetTypeID)) {
		pad(in);
		puts("<dict>");
		pairs(v, in + 1);
		pad(in);
		puts("</dict>");
	}
}
static void pairs(CFDictionaryRef d, int in)
{
	long n = CFDictionaryGetCount(d);
	const void **k = calloc(2 * n + 1, sizeof *k);
	if (!k)
		abort();
	CFDictionaryGetKeysAndValues(d, k, k + n);
	for (long i = 0; i < n; i++) {
		char *s = text(k[i]);
		element(in, "key", s);
		free(s);
		xml(k[n + i], in);
	}
	free(k);
}

/* Whether -c, -n and -k, those that were given, all choose an entry. */
static int chosen(io_registry_entry_t e, CFDictionaryRef properties)
{
	if (o.class && !IOObjectConformsTo(e, o.class))
		return 0;
	if (o.name) {
		io_name_t name, at, full;
		IORegistryEntryGetNameInPlane(e, o.plane, name);
		snprintf(full, sizeof full, "%s", name);
		if (!IORegistryEntryGetLocationInPlane(e, o.plane, at))
			snprintf(full, sizeof full, "%s@%s", name, at);
		if (strcmp(o.name, name) != 0 && strcmp(o.name, full) != 0)
			return 0;
	}
	if (o.key) {
		CFStringRef k = CFStringCreateWithCString(NULL, o.key, UTF8);
		int has = CFDictionaryGetValue(properties, k) != NULL;
		CFRelease(k);
		return has;
	}
	return 1;
}

static void classes(io_registry_entry_t e)
{
	io_name_t class;
	CFStringRef c = IOObjectCopyClass(e);
	IOObjectGetClass(e, class);
	char chain[1024] = "";
	while (c && o.inherit) {
		CFStringRef up = IOObjectCopySuperclassForClass(c);
		CFRelease(c);
		if ((c = up)) {
			char *s = text(up), was[sizeof chain];
			strlcpy(was, chain, sizeof was);
			snprintf(chain, sizeof chain, "%s:%s", s, was);
			free(s);
		}
	}
	if (c)
		CFRelease(c);
	say("%s%s", chain, class);
}

/* The bars of the levels above stand before a line; bit i of more says that level i goes on below. */
static void show_entry(io_registry_entry_t e, int depth, uint64_t more, int children, CFDictionaryRef properties)
{
	io_name_t name, at;
	uint64_t id = 0, state = 0, spent = 0;
	uint32_t busy = 0;
	for (int i = 0; i < depth; i++)
		say(i < 64 && more >> i & 1 ? "| " : "  ");
	IORegistryEntryGetNameInPlane(e, o.plane, name);
	say("+-o %s%s%s", o.bold ? "\33[1m" : "", name, o.bold ? "\33[0m" : "");
	if (!IORegistryEntryGetLocationInPlane(e, o.plane, at))
		say("@%s", at);
	say("  <class ");
	classes(e);
	IORegistryEntryGetRegistryEntryID(e, &id);
	say(", id 0x%llx", (unsigned long long)id);
	if (IOObjectConformsTo(e, "IOService") && !IOServiceGetBusyStateAndTime(e, &state, &busy, &spent))
		say(", %sregistered, %smatched, %sactive, busy %u (%llu ms)", state & 2 ? "" : "!", state & 4 ? "" : "!", state & 1 ? "in" : "", busy,
			(unsigned long long)spent / 1000000);
	say(", retain %u>", IOObjectGetRetainCount(e));
	end_line();
	if (!(o.list || ((o.class || o.name || o.key) && chosen(e, properties))))
		return;
	uint64_t below = children ? more | 1ull << (depth + 1 < 64 ? depth + 1 : 63) : more;
	#define BARS() do { for (int i = 0; i <= depth + 1; i++) say(i < 64 && below >> i & 1 ? "| " : "  "); } while (0)
	BARS();
	say("{");
	end_line();
	long n = CFDictionaryGetCount(properties);
	const void **k = calloc(2 * n + 1, sizeof *k);
	if (!k)
		abort();
	CFDictionaryGetKeysAndValues(properties, k, k + n);
	for (long i = 0; i < n; i++) {
		BARS();
		say("  ");
		show(k[i]);
		say(" = ");
		show(k[n + i]);
		end_line();
	}
	free(k);
	BARS();
	say("}");
	end_line();
	BARS();
	end_line();
}
static void number(int in, const char *key, uint64_t v)
{
	element(in, "key", key);
	pad(in);
	printf("<integer>%llu</integer>\n", (unsigned long long)v);
}
/* One entry and, down to the depth asked for, what hangs on it. */
static void tree(io_registry_entry_t e, int depth, uint64_t more)
{
	io_iterator_t it = 0;
	CFMutableDictionaryRef properties = NULL;
	if (IORegistryEntryCreateCFProperties(e, &properties, NULL, 0) || !properties)
		return;
	IORegistryEntryGetChildIterator(e, o.plane, &it);
	io_registry_entry_t child = it && !(o.depth && depth + 1 >= o.depth) ? IOIteratorNext(it) : 0;
	if (o.archive) {
		int in = 2 * depth + 1;
		io_name_t s;
		uint64_t id = 0, state = 0, spent = 0;
		uint32_t busy = 0;
		pad(in);
		puts("<dict>");
		if (o.list || ((o.class || o.name || o.key) && chosen(e, properties)))
			pairs(properties, in + 1);
		IOObjectGetClass(e, s);
		element(in + 1, "key", "IOObjectClass");
		element(in + 1, "string", s);
		number(in + 1, "IOObjectRetainCount", IOObjectGetRetainCount(e));
		IORegistryEntryGetRegistryEntryID(e, &id);
		number(in + 1, "IORegistryEntryID", id);
		IORegistryEntryGetNameInPlane(e, o.plane, s);
		element(in + 1, "key", "IORegistryEntryName");
		element(in + 1, "string", s);
		if (!IORegistryEntryGetLocationInPlane(e, o.plane, s)) {
			element(in + 1, "key", "IORegistryEntryLocation");
			element(in + 1, "string", s);
		}
		if (IOObjectConformsTo(e, "IOService") && !IOServiceGetBusyStateAndTime(e, &state, &busy, &spent)) {
			number(in + 1, "IOServiceBusyState", busy);
			number(in + 1, "IOServiceBusyTime", spent);
			number(in + 1, "IOServiceState", state);
		}
		if (child) {
			element(in + 1, "key", "IORegistryEntryChildren");
			pad(in + 1);
			puts("<array>");
		}
	} else {
		show_entry(e, depth, more, child != 0, properties);
	}
	int any = child != 0;
	while (child) {
		io_registry_entry_t next = IOIteratorNext(it);
		uint64_t bit = depth + 1 < 64 ? 1ull << (depth + 1) : 0;
		tree(child, depth + 1, next ? more | bit : more & ~bit);
		IOObjectRelease(child);
		child = next;
	}
	if (o.archive) {
		if (any) {
			pad(2 * depth + 2);
			puts("</array>");
		}
		pad(2 * depth + 1);
		puts("</dict>");
	}
	if (it)
		IOObjectRelease(it);
	CFRelease(properties);
}
/* The topmost entries that are chosen, each with its tree. */
static void subtrees(io_registry_entry_t e)
{
	CFMutableDictionaryRef properties = NULL;
	if (IORegistryEntryCreateCFProperties(e, &properties, NULL, 0) || !properties)
		return;
	int yes = chosen(e, properties);
	CFRelease(properties);
	if (yes) {
		tree(e, 0, 0);
		if (!o.archive)
			putchar('\n');
		return;
	}
	io_iterator_t it = 0;
	if (IORegistryEntryGetChildIterator(e, o.plane, &it))
		return;
	for (io_registry_entry_t c; (c = IOIteratorNext(it)); IOObjectRelease(c))
		subtrees(c);
	IOObjectRelease(it);
}

static void usage(void)
{
	fprintf(stderr, "usage: ioreg [-abilrSx] [-c class] [-d depth] [-k key] [-n name] [-p plane] [-w width]\n");
	exit(1);
}
int main(int argc, char **argv)
{
	int c;
	struct winsize w;
	if (isatty(1) && ioctl(1, TIOCGWINSZ, &w) == 0)
		o.width = w.ws_col;
	while ((c = getopt(argc, argv, "abc:d:f:ik:ln:p:rSw:x")) != -1)
		switch (c) {
		case 'a': o.archive = 1; break;
		case 'b': o.bold = 1; break;
		case 'c': o.class = optarg; break;
		case 'd': o.depth = atol(optarg); break;
		case 'f': break; /* formats of known properties: there are none */
		case 'i': o.inherit = 1; break;
		case 'k': o.key = optarg; break;
		case 'l': o.list = 1; break;
		case 'n': o.name = optarg; break;
		case 'p': o.plane = optarg; break;
		case 'r': o.subtrees = 1; break;
		case 'S': break; /* as without -r */
		case 'w': o.width = atol(optarg); break;
		case 'x': o.hex = 1; break;
		default: usage();
		}
	if (argc > optind)
		usage();
	if (o.subtrees && !o.class && !o.name && !o.key) {
		fprintf(stderr, "ioreg: -r needs -c, -k or -n\n");
		return 1;
	}
	io_registry_entry_t root = IORegistryGetRootEntry(kIOMainPortDefault);
	if (!root || !IORegistryEntryInPlane(root, o.plane)) {
		fprintf(stderr, "ioreg: plane %s is unknown\n", o.plane);
		return 1;
	}
	if (o.archive) {
		puts("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
			"\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">");
		if (o.subtrees)
			puts("<array>");
	}
	if (o.subtrees)
		subtrees(root);
	else
		tree(root, 0, 0);
	if (o.archive)
		printf("%s</plist>\n", o.subtrees ? "</array>\n" : "");
	return 0;
}
