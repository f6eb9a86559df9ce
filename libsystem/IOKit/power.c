/*
 * Power. The machine has no battery and never sleeps: the lists of power sources are empty, and
 * assertions against sleep hold. They are the process's own, and end with it; other processes don't see them.
 */
#include "iokit.h"
#include <IOKit/ps/IOPowerSources.h>
#include <IOKit/pwr_mgt/IOPMLib.h>
#include <pthread.h>
#include <unistd.h>

CFTypeRef IOPSCopyPowerSourcesInfo(void) { return new_array(); }
CFArrayRef IOPSCopyPowerSourcesList(CFTypeRef info) { return info ? new_array() : NULL; }
CFDictionaryRef IOPSGetPowerSourceDescription(CFTypeRef info, CFTypeRef source) { return NULL; }
CFStringRef IOPSGetProvidingPowerSourceType(CFTypeRef info)
{
	static CFTypeRef ac;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&lock);
	if (!ac)
		ac = cfstr("AC Power");
	pthread_mutex_unlock(&lock);
	return ac;
}
double IOPSGetTimeRemainingEstimate(void) { return kIOPSTimeRemainingUnlimited; }
int IOPSGetBatteryWarningLevel(void) { return kIOPSLowBatteryWarningNone; }
CFDictionaryRef IOPSCopyExternalPowerAdapterDetails(void) { return NULL; }

/* A source that is never signalled, since nothing changes. */
struct source_context { CFIndex version; void *info, *unused[7]; void (*perform)(void *); };
CFTypeRef CFRunLoopSourceCreate(const void *, CFIndex, const struct source_context *);
static void nothing(void *p) {}
CFRunLoopSourceRef IOPSNotificationCreateRunLoopSource(void (*call)(void *), void *context)
{
	struct source_context c = { .info = context, .perform = nothing };
	return call ? (CFRunLoopSourceRef)CFRunLoopSourceCreate(NULL, 0, &c) : NULL;
}
CFRunLoopSourceRef IOPSCreateLimitedPowerNotification(void (*call)(void *), void *context)
{
	return IOPSNotificationCreateRunLoopSource(call, context);
}

struct assertion { struct assertion *next; IOPMAssertionID id; int refs; CFTypeRef properties; };
static struct assertion *assertions;
static IOPMAssertionID last_id = 0x8000;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct assertion **find(IOPMAssertionID id)
{
	struct assertion **a = &assertions;
	while (*a && (*a)->id != id)
		a = &(*a)->next;
	return a;
}
static void set(CFTypeRef d, const char *key, CFTypeRef v)
{
	if (!v)
		return;
	CFTypeRef k = cfstr(key);
	CFDictionarySetValue(d, k, v);
	CFRelease(k);
}
static IOReturn add(CFTypeRef properties, IOPMAssertionID *id)
{
	struct assertion *a = calloc(1, sizeof *a);
	if (!a) {
		CFRelease(properties);
		return kIOReturnNoMemory;
	}
	a->refs = 1;
	a->properties = properties;
	pthread_mutex_lock(&lock);
	*id = a->id = ++last_id;
	a->next = assertions;
	assertions = a;
	CFTypeRef n = CFNumberCreate(NULL, NUMBER_32, &a->id);
	set(properties, "AssertionId", n);
	CFRelease(n);
	pthread_mutex_unlock(&lock);
	return kIOReturnSuccess;
}
IOReturn IOPMAssertionCreateWithDescription(CFStringRef type, CFStringRef name, CFStringRef details, CFStringRef reason,
	CFStringRef path, double timeout, CFStringRef action, IOPMAssertionID *id)
{
	if (!type || !name || !id)
		return kIOReturnBadArgument;
	CFTypeRef d = new_dictionary();
	int level = kIOPMAssertionLevelOn;
	CFTypeRef n = CFNumberCreate(NULL, NUMBER_32, &level);
	set(d, "AssertType", type);
	set(d, "AssertName", name);
	set(d, "Details", details);
	set(d, "HumanReadableReason", reason);
	set(d, "LocalizationBundlePath", path);
	set(d, "TimeoutAction", action);
	set(d, "AssertLevel", n);
	CFRelease(n);
	return add(d, id);
}
IOReturn IOPMAssertionCreateWithName(CFStringRef type, IOPMAssertionLevel level, CFStringRef name, IOPMAssertionID *id)
{
	if (level != kIOPMAssertionLevelOn && level != kIOPMAssertionLevelOff)
		return kIOReturnBadArgument;
	IOReturn r = IOPMAssertionCreateWithDescription(type, name, NULL, NULL, NULL, 0, NULL, id);
	if (!r && level == kIOPMAssertionLevelOff) {
		CFTypeRef k = cfstr("AssertLevel"), n = CFNumberCreate(NULL, NUMBER_32, &level);
		IOPMAssertionSetProperty(*id, k, n);
		CFRelease(n);
		CFRelease(k);
	}
	return r;
}
IOReturn IOPMAssertionCreate(CFStringRef type, IOPMAssertionLevel level, IOPMAssertionID *id)
{
	CFTypeRef name = cfstr("Nameless");
	IOReturn r = IOPMAssertionCreateWithName(type, level, name, id);
	CFRelease(name);
	return r;
}
CFTypeRef CFDictionaryGetValue(CFTypeRef, const void *);
IOReturn IOPMAssertionCreateWithProperties(CFDictionaryRef p, IOPMAssertionID *id)
{
	CFTypeRef type = cfstr("AssertType"), name = cfstr("AssertName");
	bool good = p && id && CFDictionaryGetValue(p, type) && CFDictionaryGetValue(p, name);
	CFRelease(type);
	CFRelease(name);
	if (!good)
		return kIOReturnBadArgument;
	CFTypeRef d = new_dictionary();
	CFIndex n = CFDictionaryGetCount(p);
	const void **k = calloc(2 * n + 1, sizeof *k);
	if (!k)
		abort();
	CFDictionaryGetKeysAndValues(p, k, k + n);
	for (CFIndex i = 0; i < n; i++)
		CFDictionarySetValue(d, k[i], k[n + i]);
	free(k);
	return add(d, id);
}
IOReturn IOPMAssertionDeclareUserActivity(CFStringRef name, int type, IOPMAssertionID *id)
{
	if (!name || !id)
		return kIOReturnBadArgument;
	pthread_mutex_lock(&lock);
	bool known = *id && *find(*id);
	pthread_mutex_unlock(&lock);
	if (known)
		return kIOReturnSuccess;
	CFTypeRef t = cfstr("UserIsActive");
	IOReturn r = IOPMAssertionCreateWithName(t, kIOPMAssertionLevelOn, name, id);
	CFRelease(t);
	return r;
}
void IOPMAssertionRetain(IOPMAssertionID id)
{
	pthread_mutex_lock(&lock);
	struct assertion *a = *find(id);
	if (a)
		a->refs++;
	pthread_mutex_unlock(&lock);
}
IOReturn IOPMAssertionRelease(IOPMAssertionID id)
{
	pthread_mutex_lock(&lock);
	struct assertion **p = find(id), *a = *p;
	bool last = a && --a->refs == 0;
	if (last)
		*p = a->next;
	pthread_mutex_unlock(&lock);
	if (last) {
		CFRelease(a->properties);
		free(a);
	}
	return a ? kIOReturnSuccess : kIOReturnNotFound;
}
CFDictionaryRef IOPMAssertionCopyProperties(IOPMAssertionID id)
{
	pthread_mutex_lock(&lock);
	struct assertion *a = *find(id);
	CFTypeRef d = a ? CFRetain(a->properties) : NULL;
	pthread_mutex_unlock(&lock);
	return d;
}
IOReturn IOPMAssertionSetProperty(IOPMAssertionID id, CFStringRef key, CFTypeRef v)
{
	if (!key || !v)
		return kIOReturnBadArgument;
	pthread_mutex_lock(&lock);
	struct assertion *a = *find(id);
	if (a)
		CFDictionarySetValue(a->properties, key, v);
	pthread_mutex_unlock(&lock);
	return a ? kIOReturnSuccess : kIOReturnNotFound;
}
/* Those of this process only. */
IOReturn IOPMCopyAssertionsByProcess(CFDictionaryRef *d)
{
	if (!d)
		return kIOReturnBadArgument;
	*d = new_dictionary();
	CFTypeRef l = new_array();
	pthread_mutex_lock(&lock);
	for (struct assertion *a = assertions; a; a = a->next)
		CFArrayAppendValue(l, a->properties);
	pthread_mutex_unlock(&lock);
	if (CFArrayGetCount(l)) {
		pid_t pid = getpid();
		CFTypeRef n = CFNumberCreate(NULL, NUMBER_32, &pid);
		CFDictionarySetValue(*d, n, l);
		CFRelease(n);
	}
	CFRelease(l);
	return kIOReturnSuccess;
}
/* For each type the highest level. */
IOReturn IOPMCopyAssertionsStatus(CFDictionaryRef *d)
{
	if (!d)
		return kIOReturnBadArgument;
	*d = new_dictionary();
	CFTypeRef type = cfstr("AssertType"), level = cfstr("AssertLevel");
	pthread_mutex_lock(&lock);
	for (struct assertion *a = assertions; a; a = a->next) {
		CFTypeRef t = CFDictionaryGetValue(a->properties, type), l = CFDictionaryGetValue(a->properties, level);
		if (!t || !l)
			continue;
		CFTypeRef was = CFDictionaryGetValue(*d, t);
		if (!was || (kind_of(l) == CF_NUMBER && ((const struct cf_number *)l)->i > ((const struct cf_number *)was)->i))
			CFDictionarySetValue(*d, t, l);
	}
	pthread_mutex_unlock(&lock);
	CFRelease(type);
	CFRelease(level);
	return kIOReturnSuccess;
}

/* Nothing is ever said: the notification waits for messages of the root of power management. */
io_connect_t IORegisterForSystemPower(void *refcon, IONotificationPortRef *port, IOServiceInterestCallback call, io_object_t *notifier)
{
	io_service_t root = IOServiceGetMatchingService(0, IOServiceMatching("IOPMrootDomain"));
	if (!root || !port || !notifier)
		return MACH_PORT_NULL;
	*notifier = 0;
	*port = IONotificationPortCreate(0);
	if (!*port || IOServiceAddInterestNotification(*port, root, kIOAppPowerStateInterest, call, refcon, notifier)) {
		IONotificationPortDestroy(*port);
		*port = NULL;
		IOObjectRelease(root);
		return MACH_PORT_NULL;
	}
	return root;
}
IOReturn IODeregisterForSystemPower(io_object_t *notifier)
{
	if (!notifier || !*notifier)
		return kIOReturnBadArgument;
	IOReturn r = IOObjectRelease(*notifier);
	*notifier = 0;
	return r;
}
/* No message waits for an answer. */
IOReturn IOAllowPowerChange(io_connect_t c, long id) { return kIOReturnUnsupported; }
IOReturn IOCancelPowerChange(io_connect_t c, long id) { return kIOReturnUnsupported; }
io_connect_t IOPMFindPowerManagement(mach_port_t main) { return MACH_PORT_NULL; }
IOReturn IOPMSleepSystem(io_connect_t c) { return kIOReturnUnsupported; }
boolean_t IOPMSleepEnabled(void) { return FALSE; }
