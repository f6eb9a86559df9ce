/*
 * CoreFoundation and CoreServices as programs that were built on a Mac use them: looked up by name,
 * since there are no headers of them here. Strings, URLs of files, run loops, FSEvents.
 */
#include "check.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef const void *ref;
static void *cf, *cs;
static void *look(void *lib, const char *name)
{
	void *p = dlsym(lib, name);
	if (!p)
		printf("no %s\n", name);
	return p;
}
#define F(lib, result, name, ...) result (*name)(__VA_ARGS__) = look(lib, #name)
enum { UTF8 = 0x08000100, FORM_D = 0, FORM_C = 2 };
struct range { long at, n; };
struct constant { void *isa; long flags; const char *chars; long n; };

static const char *text(ref s)
{
	F(cf, const char *, CFStringGetCStringPtr, ref, uint32_t);
	return CFStringGetCStringPtr(s, UTF8);
}
static void strings(void)
{
	F(cf, ref, CFStringCreateWithCharacters, ref, const uint16_t *, long);
	F(cf, ref, CFStringCreateMutableCopy, ref, long, ref);
	F(cf, ref, CFStringCreateWithCString, ref, const char *, uint32_t);
	F(cf, void, CFStringNormalize, ref, long);
	F(cf, void, CFStringAppend, ref, ref);
	F(cf, long, CFStringGetLength, ref);
	F(cf, uint16_t, CFStringGetCharacterAtIndex, ref, long);
	F(cf, long, CFStringGetBytes, ref, struct range, uint32_t, uint8_t, unsigned char, uint8_t *, long, long *);
	F(cf, unsigned char, CFEqual, ref, ref);
	F(cf, ref, CFRetain, ref);
	F(cf, void, CFRelease, ref);

	struct constant c = { look(cf, "__CFConstantStringClassReference"), 0x7c8, "abc", 3 };
	ref s = CFStringCreateWithCString(NULL, "abc", UTF8);
	CHECK(CFStringGetLength(&c) == 3 && CFEqual(&c, s) && CFEqual(s, &c) && CFRetain(&c) == &c);
	CFRelease(&c);
	CHECK(strcmp(text(&c), "abc") == 0);

	ref e = CFStringCreateWithCharacters(NULL, (uint16_t[]){ 0xe9, 0xd83d, 0xde00, 'x' }, 4);
	ref m = CFStringCreateMutableCopy(NULL, 0, e);
	CHECK(strcmp(text(m), "\xc3\xa9\xf0\x9f\x98\x80x") == 0);
	CHECK(CFStringGetCharacterAtIndex(m, 1) == 0xd83d && CFStringGetCharacterAtIndex(m, 2) == 0xde00 && CFStringGetCharacterAtIndex(m, 3) == 'x');
	CFStringNormalize(m, FORM_D);
	CHECK(strcmp(text(m), "e\xcc\x81\xf0\x9f\x98\x80x") == 0 && CFStringGetLength(m) == 5);
	CFStringNormalize(m, FORM_C);
	CHECK(CFEqual(m, e));
	/* Two marks, in the wrong order; a syllable of Hangul; a composition that is excluded. */
	ref h = CFStringCreateMutableCopy(NULL, 0, CFStringCreateWithCString(NULL, "a\xcc\x81\xcc\xa3 \xed\x95\x9c \xe0\xa5\x98", UTF8));
	CFStringNormalize(h, FORM_C);
	CHECK(strcmp(text(h), "\xe1\xba\xa1\xcc\x81 \xed\x95\x9c \xe0\xa4\x95\xe0\xa4\xbc") == 0);
	CFStringNormalize(h, FORM_D);
	CHECK(strcmp(text(h), "a\xcc\xa3\xcc\x81 \xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab \xe0\xa4\x95\xe0\xa4\xbc") == 0);
	CFStringAppend(m, &c);
	uint8_t b[16];
	long used;
	/* Of 8 units, from the second: 4 bytes have room for the pair and nothing else. */
	CHECK(CFStringGetBytes(m, (struct range){ 1, 6 }, UTF8, 0, 0, b, 4, &used) == 2 && used == 4 && memcmp(b, "\xf0\x9f\x98\x80", 4) == 0);
	CHECK(CFStringGetBytes(m, (struct range){ 0, 7 }, UTF8, 0, 0, NULL, 0, &used) == 7 && used == 10);
	CHECK(strcmp(text(m) + 6, "xabc") == 0);
	/* Half of a pair is in no encoding: a loss byte, or the end. */
	CHECK(CFStringGetBytes(e, (struct range){ 1, 1 }, UTF8, '?', 0, b, 16, &used) == 1 && used == 1 && b[0] == '?');
	CHECK(CFStringGetBytes(e, (struct range){ 2, 2 }, UTF8, '?', 0, b, 16, &used) == 2 && used == 2 && memcmp(b, "?x", 2) == 0);
	CHECK(CFStringGetBytes(e, (struct range){ 0, 2 }, UTF8, 0, 0, b, 16, &used) == 1 && used == 2);
	CHECK(CFStringGetBytes(e, (struct range){ 0, 2 }, 0x0600, '?', 0, b, 16, &used) == 2 && used == 2);
	CFRelease(m);
	CFRelease(e);
	CFRelease(s);
	F(cf, ref, CFStringCreateWithCStringNoCopy, ref, const char *, uint32_t, ref);
	ref null = *(ref *)look(cf, "kCFAllocatorNull");
	CHECK(null != NULL);
	char own[] = "own";
	s = CFStringCreateWithCStringNoCopy(NULL, own, UTF8, null); /* does not free it */
	CHECK(strcmp(text(s), "own") == 0);
	CFRelease(s);
	s = CFStringCreateWithCStringNoCopy(NULL, strdup("given"), UTF8, NULL);
	CHECK(strcmp(text(s), "given") == 0);
	CFRelease(s);
}

static void urls(const char *dir)
{
	F(cf, ref, CFURLCreateFromFileSystemRepresentation, ref, const char *, long, unsigned char);
	F(cf, ref, CFURLCopyFileSystemPath, ref, long);
	F(cf, ref, CFURLCreateFileReferenceURL, ref, ref, ref *);
	F(cf, unsigned char, CFURLResourceIsReachable, ref, ref *);
	F(cf, ref, CFURLCopyLastPathComponent, ref);
	F(cf, ref, CFURLCreateCopyDeletingLastPathComponent, ref, ref);
	F(cf, ref, CFURLCreateCopyAppendingPathComponent, ref, ref, ref, unsigned char);
	F(cf, long, CFErrorGetCode, ref);
	char want[1200], link[1200];
	snprintf(link, sizeof link, "%s/link", dir);
	CHECK(symlink(dir, link) == 0);
	ref u = CFURLCreateFromFileSystemRepresentation(NULL, link, strlen(link), 1), error = NULL;
	CHECK(strcmp(text(CFURLCopyFileSystemPath(u, 0)), link) == 0 && CFURLResourceIsReachable(u, &error));
	CHECK(strcmp(text(CFURLCopyFileSystemPath(CFURLCreateFileReferenceURL(NULL, u, NULL), 0)), dir) == 0);
	CHECK(strcmp(text(CFURLCopyLastPathComponent(u)), "link") == 0);
	CHECK(strcmp(text(CFURLCopyFileSystemPath(CFURLCreateCopyDeletingLastPathComponent(NULL, u), 0)), dir) == 0);
	ref none = CFURLCreateCopyAppendingPathComponent(NULL, u, CFURLCopyLastPathComponent(CFURLCreateFromFileSystemRepresentation(NULL, "no", 2, 0)), 0);
	snprintf(want, sizeof want, "%s/no", link);
	CHECK(strcmp(text(CFURLCopyFileSystemPath(none, 0)), want) == 0);
	CHECK(!CFURLResourceIsReachable(none, &error) && error && CFErrorGetCode(error) == 2);
	CHECK(unlink(link) == 0);
}

static ref loop, mode;
enum { FINISHED = 1, STOPPED, TIMED_OUT, HANDLED };
struct context { long version; void *info; void *none[6]; void (*cancel)(void *, ref, ref); void (*perform)(void *); };
static int performed, fired, blocks;

static void perform(void *info) { ++*(int *)info; }
static void fire(ref timer, void *info)
{
	F(cf, void, CFRunLoopTimerInvalidate, ref);
	if (++fired == 3)
		CFRunLoopTimerInvalidate(timer);
}
static void *from_another_thread(void *source)
{
	F(cf, void, CFRunLoopSourceSignal, ref);
	F(cf, void, CFRunLoopWakeUp, ref);
	F(cf, unsigned char, CFRunLoopIsWaiting, ref);
	for (int i = 0; i < 20000 && !CFRunLoopIsWaiting(loop); i++)
		usleep(1000);
	CFRunLoopSourceSignal(source);
	CFRunLoopWakeUp(loop);
	return NULL;
}
static void run_loops(void)
{
	F(cf, ref, CFRunLoopGetCurrent, void);
	F(cf, ref, CFRunLoopGetMain, void);
	F(cf, ref, CFRunLoopSourceCreate, ref, long, const struct context *);
	F(cf, void, CFRunLoopAddSource, ref, ref, ref);
	F(cf, void, CFRunLoopRemoveSource, ref, ref, ref);
	F(cf, int, CFRunLoopRunInMode, ref, double, unsigned char);
	F(cf, void, CFRunLoopRun, void);
	F(cf, void, CFRunLoopStop, ref);
	F(cf, void, CFRunLoopPerformBlock, ref, ref, void (^)(void));
	F(cf, ref, CFRunLoopTimerCreate, ref, double, double, unsigned long, long, void (*)(ref, void *), ref);
	F(cf, void, CFRunLoopAddTimer, ref, ref, ref);
	F(cf, double, CFAbsoluteTimeGetCurrent, void);
	mode = *(ref *)look(cf, "kCFRunLoopDefaultMode");
	loop = CFRunLoopGetCurrent();
	CHECK(loop == CFRunLoopGetMain());
	CHECK(CFRunLoopRunInMode(mode, 10, 0) == FINISHED);
	struct context c = { .info = &performed, .perform = perform };
	ref source = CFRunLoopSourceCreate(NULL, 0, &c);
	CFRunLoopAddSource(loop, source, mode);
	CHECK(CFRunLoopRunInMode(mode, 0, 0) == TIMED_OUT && performed == 0);
	pthread_t t;
	CHECK(pthread_create(&t, NULL, from_another_thread, (void *)source) == 0);
	CHECK(CFRunLoopRunInMode(mode, 60, 1) == HANDLED && performed == 1);
	pthread_join(t, NULL);
	ref timer = CFRunLoopTimerCreate(NULL, CFAbsoluteTimeGetCurrent() + 0.01, 0.01, 0, 0, fire, NULL);
	CFRunLoopAddTimer(loop, timer, mode);
	CFRunLoopPerformBlock(loop, mode, ^{ blocks++; });
	CFRunLoopRemoveSource(loop, source, mode);
	CFRunLoopRun(); /* ends when the timer is invalid, since there is nothing else */
	CHECK(fired == 3 && blocks == 1 && performed == 1);
	CFRunLoopAddSource(loop, source, mode);
	CFRunLoopPerformBlock(loop, mode, ^{ CFRunLoopStop(loop); });
	CFRunLoopRun();
	CFRunLoopRemoveSource(loop, source, mode);
}

/* Sources that signal themselves take no time or turn from others, and are told when they leave. */
static int again_n, behind_n, cancelled_n;
static ref again_source, behind_source;
static void again(void *info)
{
	F(cf, void, CFRunLoopSourceSignal, ref);
	again_n++;
	CFRunLoopSourceSignal(again_source);
	CFRunLoopSourceSignal(behind_source);
}
static void behind(void *info) { behind_n++; }
static void cancelled(void *info, ref l, ref m) { cancelled_n += l == loop && m == mode; }
static void passes(void)
{
	F(cf, ref, CFRunLoopSourceCreate, ref, long, const struct context *);
	F(cf, void, CFRunLoopAddSource, ref, ref, ref);
	F(cf, void, CFRunLoopSourceSignal, ref);
	F(cf, void, CFRunLoopSourceInvalidate, ref);
	F(cf, unsigned char, CFRunLoopContainsSource, ref, ref, ref);
	F(cf, void, CFRelease, ref);
	F(cf, int, CFRunLoopRunInMode, ref, double, unsigned char);
	F(cf, void, CFRunLoopPerformBlock, ref, ref, void (^)(void));
	F(cf, ref, CFArrayCreate, ref, ref *, long, ref);
	F(cf, ref, CFStringCreateWithCString, ref, const char *, uint32_t);
	struct context c = { .perform = again, .cancel = cancelled };
	again_source = CFRunLoopSourceCreate(NULL, 0, &c);
	c.perform = behind;
	behind_source = CFRunLoopSourceCreate(NULL, 0, &c);
	CFRunLoopAddSource(loop, again_source, mode);
	CFRunLoopAddSource(loop, behind_source, mode);
	CFRunLoopSourceSignal(again_source);
	CHECK(CFRunLoopRunInMode(mode, 0, 0) == TIMED_OUT);
	CHECK(again_n == 1 && behind_n == 1);
	CHECK(CFRunLoopRunInMode(mode, 0.02, 0) == TIMED_OUT && again_n > 1 && behind_n == again_n);
	int blocks = 0, *n = &blocks;
	ref other = CFStringCreateWithCString(NULL, "other", UTF8), l[2] = { other, mode };
	CFRunLoopPerformBlock(loop, CFArrayCreate(NULL, l, 2, NULL), ^{ ++*n; });
	CFRunLoopPerformBlock(loop, CFArrayCreate(NULL, l, 1, NULL), ^{ *n += 10; });
	CHECK(CFRunLoopRunInMode(mode, 0, 0) == TIMED_OUT && blocks == 1);
	CHECK(CFRunLoopRunInMode(other, 0, 0) == TIMED_OUT && blocks == 11);
	CFRunLoopSourceInvalidate(again_source);
	CHECK(cancelled_n == 1 && !CFRunLoopContainsSource(loop, again_source, mode));
	CFRunLoopSourceInvalidate(behind_source);
	CHECK(cancelled_n == 2);
	CFRelease(again_source);
	CFRelease(behind_source);
}

/* What has been told of each file, as it came, until the wanted one has. */
static char said[1 << 14], wanted[64];
static const char *base;
static void changed(ref stream, void *info, size_t n, char **paths, const uint32_t *flags, const uint64_t *ids)
{
	F(cf, void, CFRunLoopStop, ref);
	for (size_t i = 0; i < n; i++) {
		char line[1200];
		snprintf(line, sizeof line, "%s %x\n", strncmp(paths[i], base, strlen(base)) == 0 ? paths[i] + strlen(base) : paths[i], flags[i]);
		strlcat(said, line, sizeof said);
	}
	if (strstr(said, wanted))
		CFRunLoopStop(loop);
}
static bool told(const char *what)
{
	F(cf, int, CFRunLoopRunInMode, ref, double, unsigned char);
	strlcpy(wanted, what, sizeof wanted);
	for (int i = 0; i < 45 && !strstr(said, wanted); i++)
		CFRunLoopRunInMode(mode, 1, 0);
	if (strstr(said, wanted))
		return true;
	printf("told %s\n", said);
	return false;
}
static void fsevents(const char *dir)
{
	F(cf, ref, CFStringCreateWithFileSystemRepresentation, ref, const char *);
	F(cf, ref, CFArrayCreate, ref, ref *, long, ref);
	F(cs, ref, FSEventStreamCreate, ref, void *, ref, ref, uint64_t, double, uint32_t);
	F(cs, void, FSEventStreamScheduleWithRunLoop, ref, ref, ref);
	F(cs, unsigned char, FSEventStreamStart, ref);
	F(cs, void, FSEventStreamStop, ref);
	F(cs, void, FSEventStreamInvalidate, ref);
	F(cs, void, FSEventStreamRelease, ref);
	base = dir;
	char a[1200], b[1200], d[1200];
	snprintf(a, sizeof a, "%s/d/a", dir);
	snprintf(b, sizeof b, "%s/b", dir);
	snprintf(d, sizeof d, "%s/d", dir);
	CHECK(mkdir(d, 0755) == 0);
	ref path = CFStringCreateWithFileSystemRepresentation(NULL, dir), paths = CFArrayCreate(NULL, &path, 1, NULL);
	ref s = FSEventStreamCreate(NULL, changed, NULL, paths, UINT64_MAX, 0.01, 0x10);
	CHECK(s && !FSEventStreamStart(s)); /* it is nowhere scheduled */
	CHECK(!FSEventStreamCreate(NULL, changed, NULL, paths, UINT64_MAX, 0.01, 0x41)); /* extended data */
	FSEventStreamScheduleWithRunLoop(s, loop, mode);
	CHECK(FSEventStreamStart(s));
	int fd = open(a, O_CREAT | O_WRONLY, 0644);
	CHECK(told("/d/a 10100\n"));
	CHECK(write(fd, "x", 1) == 1 && close(fd) == 0);
	CHECK(told("/d/a 11000\n"));
	CHECK(chmod(a, 0600) == 0);
	CHECK(told("/d/a 10400\n"));
	CHECK(rename(a, b) == 0);
	CHECK(told("/b 10800\n") && strstr(said, "/d/a 10800\n"));
	CHECK(rmdir(d) == 0);
	CHECK(told("/d 20200\n"));
	CHECK(unlink(b) == 0);
	CHECK(told("/b 10200\n"));
	FSEventStreamStop(s);
	FSEventStreamInvalidate(s);
	FSEventStreamRelease(s);
	/* Without events of files: the directory, with a slash. With history asked for: look for yourself. */
	said[0] = 0;
	s = FSEventStreamCreate(NULL, changed, NULL, paths, 1, 0.01, 0);
	FSEventStreamScheduleWithRunLoop(s, loop, mode);
	CHECK(FSEventStreamStart(s));
	CHECK(told(" 10\n") && strstr(said, " 5\n"));
	close(open(b, O_CREAT | O_WRONLY, 0644));
	CHECK(told("/ 0\n"));
	FSEventStreamInvalidate(s);
	FSEventStreamRelease(s);
	CHECK(unlink(b) == 0);
}

int main(void)
{
	cf = dlopen("/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation", RTLD_LAZY);
	cs = dlopen("/System/Library/Frameworks/CoreServices.framework/CoreServices", RTLD_LAZY);
	CHECK(cf && cs);
	char dir[] = "/tmp/frameworks.XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	char *real = realpath(dir, NULL);
	strings();
	urls(real);
	run_loops();
	passes();
	fsevents(real);
	CHECK(rmdir(real) == 0);
	puts("frameworks ok");
	DONE();
}
