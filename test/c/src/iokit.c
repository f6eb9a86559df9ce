/* IOKit.framework: the machine's own entries, by every way to find them; what a machine has not. */
#include "check.h"
#include <IOKit/IOKitLib.h>
#include <IOKit/ps/IOPowerSources.h>
#include <IOKit/pwr_mgt/IOPMLib.h>
#include <dlfcn.h>
#include <sys/sysctl.h>
#include <unistd.h>
#include <uuid/uuid.h>

/* CoreFoundation, without its headers. */
CFStringRef CFStringCreateWithCString(CFAllocatorRef, const char *, uint32_t);
unsigned char CFStringGetCString(CFStringRef, char *, long, uint32_t);
void CFRelease(CFTypeRef);
unsigned char CFEqual(CFTypeRef, CFTypeRef);
long CFArrayGetCount(CFArrayRef), CFDictionaryGetCount(CFDictionaryRef);
CFTypeRef CFDictionaryGetValue(CFDictionaryRef, const void *);
void CFDictionarySetValue(CFMutableDictionaryRef, const void *, const void *);
CFTypeRef CFNumberCreate(CFAllocatorRef, long, const void *);
unsigned char CFNumberGetValue(CFTypeRef, long, void *);
const unsigned char *CFDataGetBytePtr(CFDataRef);
long CFDataGetLength(CFDataRef);
enum { UTF8 = 0x08000100, S64 = 4 };

static CFStringRef str(const char *s) { return CFStringCreateWithCString(NULL, s, UTF8); }
static char *text(CFTypeRef s)
{
	static char b[4][256];
	static int i;
	char *p = b[i++ % 4];
	if (!s || !CFStringGetCString(s, p, 256, UTF8))
		return NULL;
	return p;
}
static CFTypeRef property(io_registry_entry_t e, const char *name)
{
	CFStringRef k = str(name);
	CFTypeRef v = IORegistryEntryCreateCFProperty(e, k, NULL, 0);
	CFRelease(k);
	return v;
}
int gethostuuid(uuid_t, const struct timespec *);
static int names(void)
{
	mach_port_name_array_t n;
	mach_port_type_array_t t;
	mach_msg_type_number_t count = 0, same = 0;
	CHECKEQ(mach_port_names(mach_task_self(), &n, &count, &t, &same), 0);
	vm_deallocate(mach_task_self(), (vm_address_t)n, count * sizeof *n);
	vm_deallocate(mach_task_self(), (vm_address_t)t, same * sizeof *t);
	return count;
}

static void platform(void)
{
	io_service_t s = IOServiceGetMatchingService(kIOMainPortDefault, IOServiceMatching("IOPlatformExpertDevice"));
	CHECK(s != 0);
	char model[64], uuid[64];
	size_t n = sizeof model;
	CHECKEQ(sysctlbyname("hw.model", model, &n, NULL, 0), 0);
	n = sizeof uuid;
	CHECKEQ(sysctlbyname("kern.uuid", uuid, &n, NULL, 0), 0);
	io_name_t name;
	CHECKEQ(IORegistryEntryGetName(s, name), 0);
	CHECKSTR(name, model);
	CHECKEQ(IOObjectGetClass(s, name), 0);
	CHECKSTR(name, "IOPlatformExpertDevice");
	CHECK(IOObjectConformsTo(s, "IOService") && IOObjectConformsTo(s, "OSObject") && !IOObjectConformsTo(s, "IOResources"));
	CFTypeRef v = property(s, "IOPlatformUUID");
	CHECKSTR(text(v), uuid);
	if (v)
		CFRelease(v);
	uuid_t id;
	char host[37];
	struct timespec t = { 0 };
	CHECKEQ(gethostuuid(id, &t), 0);
	uuid_unparse_upper(id, host);
	CHECKSTR(host, uuid);
	v = property(s, "IOPlatformSerialNumber");
	CHECK(v && strlen(text(v)) == 12);
	if (v)
		CFRelease(v);
	v = property(s, "model");
	CHECK(v && CFDataGetLength(v) == (long)strlen(model) + 1 && memcmp(CFDataGetBytePtr(v), model, strlen(model) + 1) == 0);
	if (v)
		CFRelease(v);
	CHECK(property(s, "no such property") == NULL);
	char plain[64];
	uint32_t size = sizeof plain;
	CHECKEQ(IORegistryEntryGetProperty(s, "IOPlatformUUID", plain, &size), 0);
	CHECKEQ(size, 37);
	CHECKSTR(plain, uuid);
	size = 4;
	CHECKEQ(IORegistryEntryGetProperty(s, "IOPlatformUUID", plain, &size), kIOReturnIPCError);
	CHECKEQ(IORegistryEntryGetProperty(s, "no such property", plain, &size), kIOReturnNotFound);

	CFMutableDictionaryRef all = NULL;
	CHECKEQ(IORegistryEntryCreateCFProperties(s, &all, NULL, 0), 0);
	CFStringRef k = str("IOPlatformUUID");
	CHECKSTR(text(CFDictionaryGetValue(all, k)), uuid);
	CFRelease(k);
	CFRelease(all);
	uint64_t entry = 0, state = 0, busy_time;
	uint32_t busy = 9;
	CHECKEQ(IORegistryEntryGetRegistryEntryID(s, &entry), 0);
	CHECK(entry > 0x100000000);
	io_service_t again = IOServiceGetMatchingService(0, (CFDictionaryRef)IORegistryEntryIDMatching(entry));
	CHECK(again == s); /* one port for an entry */
	IOObjectRelease(again);
	CHECKEQ(IOServiceGetBusyStateAndTime(s, &state, &busy, &busy_time), 0);
	CHECKEQ(state & 7, 2 + 4); /* registered, matched */
	CHECKEQ(busy, 0);
	CHECKEQ(IOServiceWaitQuiet(s, NULL), 0);
	/* A service that is only what the registry has can't be opened or set. */
	io_connect_t c = 1;
	CHECKEQ(IOServiceOpen(s, mach_task_self(), 0, &c), kIOReturnUnsupported);
	CHECKEQ(c, 0);
	CHECKEQ(IORegistryEntrySetCFProperty(s, str("x"), str("y")), kIOReturnUnsupported);
	IOObjectRelease(s);
}

static void planes(void)
{
	io_registry_entry_t root = IORegistryGetRootEntry(0), e, up;
	io_name_t name;
	io_string_t path;
	CHECKEQ(IORegistryEntryGetName(root, name), 0);
	CHECKSTR(name, "Root");
	CHECK(IORegistryEntryGetPath(root, kIOServicePlane, path) != 0);
	CHECKEQ(IORegistryEntryGetParentEntry(root, kIOServicePlane, &e), kIOReturnNoDevice);
	CHECKEQ(IORegistryEntryGetChildEntry(root, kIOServicePlane, &e), 0);
	CHECKEQ(IORegistryEntryGetPath(e, kIOServicePlane, path), 0);
	CHECKSTR(path, "IOService:/");
	CHECKEQ(IORegistryEntryGetParentEntry(e, kIOServicePlane, &up), 0);
	CHECK(up == root && IORegistryEntryInPlane(e, kIODeviceTreePlane) && !IORegistryEntryInPlane(e, kIOPowerPlane));
	IOObjectRelease(up);
	IOObjectRelease(e);
	CHECKEQ(IORegistryEntryFromPath(0, "IODeviceTree:/no/such/thing"), 0);
	e = IORegistryEntryFromPath(0, "IODeviceTree:/cpus/CPU0@0");
	CHECK(e != 0);
	CHECKEQ(IORegistryEntryGetLocationInPlane(e, kIODeviceTreePlane, name), 0);
	CHECKSTR(name, "0");
	CHECKEQ(IORegistryEntryGetPath(e, kIODeviceTreePlane, path), 0);
	CHECKSTR(path, "IODeviceTree:/cpus/CPU0@0");
	CFStringRef s = IORegistryEntryCopyPath(e, kIODeviceTreePlane), k = str("IOPlatformUUID");
	CHECKSTR(text(s), path);
	CHECK(IORegistryEntrySearchCFProperty(e, kIODeviceTreePlane, k, NULL, kIORegistryIterateRecursively) == NULL);
	CFTypeRef v = IORegistryEntrySearchCFProperty(e, kIODeviceTreePlane, k, NULL, kIORegistryIterateRecursively | kIORegistryIterateParents);
	CHECK(v != NULL); /* an ancestor's */
	CFRelease(v);
	CFRelease(k);
	CFRelease(s);
	IOObjectRelease(e);

	/* Level by level, and recursively. */
	io_iterator_t it;
	int n = 0, cpus = 0, found = 0;
	CHECKEQ(IORegistryCreateIterator(0, kIODeviceTreePlane, kIORegistryIterateRecursively, &it), 0);
	for (; (e = IOIteratorNext(it)); IOObjectRelease(e), n++)
		cpus += IOObjectConformsTo(e, "IOPlatformDevice");
	CHECK(IOIteratorIsValid(it));
	IOIteratorReset(it);
	for (; (e = IOIteratorNext(it)); IOObjectRelease(e))
		n--;
	CHECKEQ(n, 0);
	IOObjectRelease(it);
	int ncpu = 0;
	size_t size = sizeof ncpu;
	sysctlbyname("hw.ncpu", &ncpu, &size, NULL, 0);
	CHECKEQ(cpus, ncpu);
	CHECKEQ(IORegistryEntryCreateIterator(root, kIODeviceTreePlane, 0, &it), 0);
	e = IOIteratorNext(it);
	CHECKEQ(IOIteratorNext(it), 0);
	IOObjectRelease(e);
	IOIteratorReset(it);
	IOObjectRelease(IOIteratorNext(it));
	CHECKEQ(IORegistryIteratorEnterEntry(it), 0);
	while ((e = IOIteratorNext(it))) {
		CHECKEQ(IORegistryEntryGetNameInPlane(e, kIODeviceTreePlane, name), 0);
		found += strcmp(name, "options") == 0 || strcmp(name, "cpus") == 0;
		IOObjectRelease(e);
	}
	CHECKEQ(found, 2);
	CHECKEQ(IORegistryIteratorExitEntry(it), 0);
	CHECKEQ(IORegistryIteratorExitEntry(it), kIOReturnNoDevice);
	IOObjectRelease(it);
	CHECKEQ(IORegistryCreateIterator(0, "no such plane", 0, &it), kIOReturnBadArgument);
	IOObjectRelease(root);
}

static void matching(void)
{
	/* What the machine has not. */
	CHECKEQ(IOServiceGetMatchingService(0, IOServiceMatching("AppleSmartBattery")), 0);
	CHECKEQ(IOServiceGetMatchingService(0, IOServiceMatching("IOMedia")), 0);
	CHECKEQ(IOServiceGetMatchingService(0, IOBSDNameMatching(0, 0, "disk0")), 0);
	io_iterator_t it = 0;
	CHECKEQ(IOServiceGetMatchingServices(0, IOServiceMatching("IOSerialBSDClient"), &it), 0);
	CHECK(it != 0);
	CHECKEQ(IOIteratorNext(it), 0);
	io_name_t class;
	CHECKEQ(IOObjectGetClass(it, class), 0);
	CHECK(IOObjectConformsTo(it, "OSIterator"));
	IOObjectRelease(it);

	/* A dictionary that is too large for the message, and one by property. */
	CFMutableDictionaryRef d = IOServiceMatching("IOPlatformDevice");
	for (int i = 0; i < 200; i++) {
		char key[64];
		snprintf(key, sizeof key, "a key of the driver's own, number %d", i);
		CFStringRef k = str(key);
		CFDictionarySetValue(d, k, k);
		CFRelease(k);
	}
	it = 0;
	CHECKEQ(IOServiceGetMatchingServices(0, d, &it), 0);
	io_service_t cpu = IOIteratorNext(it);
	CHECK(cpu != 0);
	IOObjectRelease(it);
	d = IOServiceMatching("IOPlatformDevice");
	CFMutableDictionaryRef want = IOServiceMatching("");
	CFStringRef k = str("processor-number"), pk = str(kIOPropertyMatchKey), ck = str(kIOProviderClassKey);
	uint64_t zero = 0;
	CFTypeRef n = CFNumberCreate(NULL, S64, &zero);
	void CFDictionaryRemoveValue(CFMutableDictionaryRef, const void *);
	CFDictionaryRemoveValue(want, ck);
	CFDictionarySetValue(want, k, n);
	CFDictionarySetValue(d, pk, want);
	boolean_t yes = FALSE;
	CHECKEQ(IOServiceMatchPropertyTable(cpu, d, &yes), 0);
	CHECK(yes);
	io_service_t first = IOServiceGetMatchingService(0, d);
	CHECK(first == cpu);
	CFTypeRef got = property(first, "processor-number");
	int64_t i = -1;
	CHECK(got && CFNumberGetValue(got, S64, &i) && i == 0);
	CFRelease(got);
	IOObjectRelease(first);
	IOObjectRelease(cpu);
	CFRelease(want);
	CFRelease(n);
	CFRelease(k);
	CFRelease(pk);
	CFRelease(ck);

	CFStringRef c = str("IOPlatformExpertDevice"), super = IOObjectCopySuperclassForClass(c), b = IOObjectCopyBundleIdentifierForClass(c);
	CHECKSTR(text(super), "IOService");
	CHECK(text(b) != NULL);
	CFRelease(c);
	CFRelease(super);
	CFRelease(b);

	/* Those that are there already come at once. */
	IONotificationPortRef port = IONotificationPortCreate(kIOMainPortDefault);
	CHECKEQ(IOServiceAddMatchingNotification(port, kIOFirstMatchNotification, IOServiceMatching("IOResources"), NULL, NULL, &it), 0);
	io_service_t r = IOIteratorNext(it);
	CHECK(r != 0 && IOIteratorNext(it) == 0);
	IOObjectRelease(r);
	IOObjectRelease(it);
	CHECKEQ(IOServiceAddMatchingNotification(port, "IOServiceUnheardOf", IOServiceMatching("IOResources"), NULL, NULL, &it), kIOReturnUnsupported);
	IONotificationPortDestroy(port);
}

static void nonsense(void)
{
	io_name_t name;
	uint64_t id;
	CHECK(IOObjectGetClass(mach_task_self(), name) != 0);
	CHECK(IORegistryEntryGetRegistryEntryID(0x12345600, &id) != 0);
	mach_port_t m;
	CHECKEQ(IOMainPort(0, &m), 0);
	CHECKEQ(IORegistryEntryGetRegistryEntryID(m, &id), kIOReturnBadArgument);
	CHECKEQ(IORegistryEntryGetName(m, name), kIOReturnBadArgument);
	CHECKEQ(IOServiceClose(m), kIOReturnBadArgument);
	io_registry_entry_t root = IORegistryGetRootEntry(0);
	CHECKEQ(IORegistryIteratorEnterEntry(root), kIOReturnBadArgument);
	uint32_t busy;
	CHECKEQ(IOServiceGetBusyState(root, &busy), kIOReturnBadArgument); /* no service */
	IOObjectRelease(root);
	CHECK(IOCFUnserializeBinary("\323\0\0\0\1\0\0\202", 8, NULL, 0, NULL) == NULL);
}

static void nvram(void)
{
	io_registry_entry_t o = IORegistryEntryFromPath(0, "IODeviceTree:/options");
	CFStringRef k = str("test-variable"), v = str("its value"), gone = str("IONVRAM-DELETE-PROPERTY");
	kern_return_t kr = IORegistryEntrySetCFProperty(o, k, v);
	CHECKEQ(kr, geteuid() == 0 ? 0 : kIOReturnNotPrivileged);
	if (!kr) {
		CFTypeRef now = IORegistryEntryCreateCFProperty(o, k, NULL, 0);
		CHECK(now && CFEqual(now, v));
		CFRelease(now);
		char vars[8192];
		size_t n = sizeof vars;
		CHECKEQ(sysctlbyname("machdep.nvram", vars, &n, NULL, 0), 0);
		CHECK(strstr(vars, "test-variable=its value\n"));
		CHECKEQ(IORegistryEntrySetCFProperty(o, gone, k), 0);
		CHECK(IORegistryEntryCreateCFProperty(o, k, NULL, 0) == NULL);
		CHECKEQ(IORegistryEntrySetCFProperty(o, gone, k), kIOReturnNotFound);
	}
	IOObjectRelease(o);
}

static void power(void)
{
	CFTypeRef info = IOPSCopyPowerSourcesInfo();
	CFArrayRef l = IOPSCopyPowerSourcesList(info);
	CHECKEQ(CFArrayGetCount(l), 0);
	CHECKSTR(text(IOPSGetProvidingPowerSourceType(info)), "AC Power");
	CHECK(IOPSGetTimeRemainingEstimate() == kIOPSTimeRemainingUnlimited);
	IOPMAssertionID id = 0;
	CFStringRef type = str("PreventUserIdleSystemSleep"), name = str("test"), k = str("AssertName");
	CHECKEQ(IOPMAssertionCreateWithName(type, kIOPMAssertionLevelOn, name, &id), 0);
	CFDictionaryRef d = IOPMAssertionCopyProperties(id), mine, status;
	CHECKSTR(text(CFDictionaryGetValue(d, k)), "test");
	CHECKEQ(IOPMCopyAssertionsByProcess(&mine), 0);
	CHECKEQ(CFDictionaryGetCount(mine), 1);
	CHECKEQ(IOPMCopyAssertionsStatus(&status), 0);
	int64_t level = 0;
	CHECK(CFNumberGetValue(CFDictionaryGetValue(status, type), S64, &level) && level == 255);
	CHECKEQ(IOPMAssertionRelease(id), 0);
	CHECKEQ(IOPMAssertionRelease(id), kIOReturnNotFound);
	CHECK(IOPMAssertionCopyProperties(id) == NULL);
	CHECKEQ(IOPMAssertionCreateWithName(NULL, kIOPMAssertionLevelOn, name, &id), kIOReturnBadArgument);
	CHECKEQ(IOPMSleepSystem(0), kIOReturnUnsupported);
}

/* What has no header here is looked up, as programs built elsewhere do. */
static void hid(void)
{
	void *lib = dlopen("/System/Library/Frameworks/IOKit.framework/IOKit", RTLD_LAZY);
	CHECK(lib != NULL);
	CFTypeRef (*create)(CFAllocatorRef, uint32_t) = (CFTypeRef (*)(CFAllocatorRef, uint32_t))dlsym(lib, "IOHIDManagerCreate");
	IOReturn (*open)(CFTypeRef, uint32_t) = (IOReturn (*)(CFTypeRef, uint32_t))dlsym(lib, "IOHIDManagerOpen");
	CFTypeRef (*devices)(CFTypeRef) = (CFTypeRef (*)(CFTypeRef))dlsym(lib, "IOHIDManagerCopyDevices");
	CFTypeRef m = create(NULL, 0);
	CHECK(m != NULL);
	CHECKEQ(open(m, 0), 0);
	CHECK(devices(m) == NULL);
	CFRelease(m);
	CHECKEQ(IOServiceGetMatchingService(0, IOServiceMatching("IOHIDDevice")), 0); /* which is the truth of it */
	dlclose(lib);
}

int main(void)
{
	platform();
	planes();
	matching();
	int before = names();
	platform();
	planes();
	matching();
	CHECKEQ(names(), before); /* nothing keeps a right */
	nonsense();
	nvram();
	power();
	hid();
	puts("iokit ok");
	DONE();
}
