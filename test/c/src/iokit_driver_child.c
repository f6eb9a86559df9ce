/*
 * A program of a driver: it waits for the driver to come, talks to it in every way, and sees it go.
 * The driver is the test's (kernel/iokit_test.go).
 */
#include "check.h"
#include <IOKit/IOKitLib.h>
#include <dispatch/dispatch.h>
#include <unistd.h>

void CFRelease(CFTypeRef);
CFStringRef CFStringCreateWithCString(CFAllocatorRef, const char *, uint32_t);
unsigned char CFEqual(CFTypeRef, CFTypeRef);
void *CFRunLoopGetCurrent(void);
void CFRunLoopAddSource(void *, CFRunLoopSourceRef, CFStringRef);
int CFRunLoopRunInMode(CFStringRef, double, unsigned char);
void CFRunLoopStop(void *);
extern const CFStringRef kCFRunLoopDefaultMode;
enum { SUM, ECHO, LATER, GONE, CHANGE, STORE };

static void *loop;
static io_service_t found;
static int completions, messages, terminated;

static void arrived(void *refcon, io_iterator_t it)
{
	CHECK(refcon == &found);
	for (io_service_t s; (s = IOIteratorNext(it));)
		found = s;
	if (loop && found)
		CFRunLoopStop(loop);
}
static void later(void *refcon, IOReturn result, void **args, uint32_t n)
{
	CHECK(refcon == &completions && n == 3 && args[0] == (void *)7 && args[2] == (void *)9);
	CHECKEQ(result, kIOReturnSuccess);
	completions++;
	CFRunLoopStop(loop);
}
static void interest(void *refcon, io_service_t s, uint32_t kind, void *argument)
{
	CHECK(s == found && refcon == &messages);
	messages += kind == 0xe0001234 && argument == (void *)42;
	if (kind == 0xe0000010)
		terminated++;
	CFRunLoopStop(loop);
}
/* Turns the loop until a count is reached; a test that waits for nothing is ended by the alarm. */
static void until(int *count, int n)
{
	while (*count < n)
		CFRunLoopRunInMode(kCFRunLoopDefaultMode, 10, 0);
}

int main(void)
{
	alarm(50);
	setvbuf(stdout, NULL, _IOLBF, 0);
	IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
	CFRunLoopAddSource(CFRunLoopGetCurrent(), IONotificationPortGetRunLoopSource(port), kCFRunLoopDefaultMode);
	io_iterator_t it, gone_it;
	CHECKEQ(IOServiceAddMatchingNotification(port, kIOFirstMatchNotification, IOServiceMatching("com_example_Driver"), arrived, &found, &it), 0);
	arrived(&found, it);
	CHECKEQ(found, 0);
	loop = CFRunLoopGetCurrent();
	io_service_t bell = IOServiceGetMatchingService(0, IOServiceNameMatching("bell"));
	io_connect_t none = 0;
	CHECKEQ(IOServiceOpen(bell, mach_task_self(), 0, &none), kIOReturnBusy); /* the driver comes now */
	while (!found)
		CFRunLoopRunInMode(kCFRunLoopDefaultMode, 10, 0);

	io_object_t note;
	CHECKEQ(IOServiceAddInterestNotification(port, found, "no such interest", interest, &messages, &note), kIOReturnBadArgument);
	CHECKEQ(IOServiceAddInterestNotification(port, found, kIOGeneralInterest, interest, &messages, &note), 0);

	io_connect_t c = 0;
	CHECKEQ(IOServiceOpen(found, mach_task_self(), 99, &c), kIOReturnExclusiveAccess);
	CHECKEQ(c, 0);
	CHECKEQ(IOServiceOpen(found, mach_thread_self(), 7, &c), kIOReturnBadArgument);
	CHECKEQ(IOServiceOpen(found, mach_task_self(), 7, &c), 0);
	io_service_t again;
	CHECKEQ(IOConnectGetService(c, &again), 0);
	CHECK(again == found);
	uint64_t in[16] = { 1, 2, 3 }, out[16] = { 0 };
	uint32_t n = 16;
	CHECKEQ(IOConnectCallScalarMethod(c, SUM, in, 3, out, &n), 0);
	CHECKEQ(n, 1);
	CHECKEQ(out[0], 6);
	CHECKEQ(IOConnectCallScalarMethod(c, 77, in, 3, out, &n), kIOReturnUnsupported);
	static char big[100000], back[100000];
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * 7);
	for (size_t size = 1; size <= sizeof big; size = size * 3 + 1) { /* in the message and beside it */
		size_t got = sizeof back;
		memset(back, 0, sizeof back);
		CHECKEQ(IOConnectCallStructMethod(c, ECHO, big, size, back, &got), 0);
		CHECKEQ(got, size);
		CHECK(memcmp(big, back, size) == 0);
		got = 5; /* no room: what there is room for */
		CHECKEQ(IOConnectCallStructMethod(c, ECHO, big, size, back, &got), 0);
		CHECKEQ(got, size < 5 ? size : 5);
	}
	size_t got = sizeof back;
	CHECKEQ(IOConnectCallStructMethod(c, ECHO, (void *)0x1000, 50000, back, &got), kIOReturnVMError);
	CHECKEQ(IOConnectCallStructMethod(c, ECHO, big, (size_t)1 << 40, back, &got), kIOReturnMessageTooLarge);

	uint64_t reference[8] = { 0, (uint64_t)later, (uint64_t)&completions };
	CHECKEQ(IOConnectCallAsyncScalarMethod(c, LATER, IONotificationPortGetMachPort(port), reference, 3, in, 0, NULL, NULL), 0);
	until(&completions, 1);

	mach_vm_address_t at = 0;
	mach_vm_size_t size = 0;
	CHECKEQ(IOConnectMapMemory64(c, 1, mach_task_self(), &at, &size, kIOMapAnywhere), kIOReturnBadArgument);
	CHECKEQ(IOConnectMapMemory64(c, 0, mach_task_self(), &at, &size, kIOMapAnywhere), 0);
	CHECKEQ(size, 8192);
	*(volatile int *)at = 0x1234;
	in[0] = 0;
	n = 1;
	mach_vm_address_t twice = 0;
	CHECKEQ(IOConnectMapMemory64(c, 0, mach_task_self(), &twice, &size, kIOMapAnywhere | kIOMapReadOnly), 0);
	CHECKEQ(*(volatile int *)twice, 0x1234); /* the same memory */
	CHECKEQ(IOConnectUnmapMemory64(c, 0, mach_task_self(), at), 0);
	CHECKEQ(IOConnectUnmapMemory64(c, 0, mach_task_self(), at), kIOReturnBadArgument);

	CFStringRef k = CFStringCreateWithCString(NULL, "key", 0x08000100), v = CFStringCreateWithCString(NULL, "value", 0x08000100);
	CHECKEQ(IORegistryEntrySetCFProperty(found, k, v), 0);
	CFTypeRef now = IORegistryEntryCreateCFProperty(found, k, NULL, 0);
	CHECK(now && CFEqual(now, v));
	CHECKEQ(IOConnectSetCFProperty(c, k, v), kIOReturnNotPrivileged);

	CHECKEQ(IOConnectCallScalarMethod(c, CHANGE, in, 0, NULL, NULL), 0); /* it says so to who is interested */
	until(&messages, 1);

	CHECKEQ(IOServiceAddMatchingNotification(port, kIOTerminatedNotification, IOServiceMatching("com_example_Driver"), NULL, NULL, &gone_it), 0);
	CHECKEQ(IOIteratorNext(gone_it), 0);
	CHECKEQ(IOConnectCallScalarMethod(c, GONE, in, 0, NULL, NULL), 0);
	until(&terminated, 1);
	io_service_t dead = 0;
	while (!(dead = IOIteratorNext(gone_it)))
		usleep(1000);
	CHECK(dead == found);
	uint64_t state;
	uint32_t busy;
	uint64_t spent;
	CHECKEQ(IOServiceGetBusyStateAndTime(found, &state, &busy, &spent), 0);
	CHECK(state & 1);
	CHECKEQ(IOServiceOpen(found, mach_task_self(), 7, &none), kIOReturnNoDevice);
	CHECKEQ(IOServiceGetMatchingService(0, IOServiceMatching("com_example_Driver")), 0);
	CHECKEQ(IOServiceClose(c), 0);
	CHECK(IOConnectCallScalarMethod(c, SUM, in, 0, NULL, NULL) != 0);
	IONotificationPortDestroy(port);

	puts("over");
	DONE();
}
