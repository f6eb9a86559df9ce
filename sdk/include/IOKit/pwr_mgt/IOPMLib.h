/* Power management. The machine never sleeps: assertions against it hold by themselves. */
#ifndef _IOKIT_IOPMLIB_H
#define _IOKIT_IOPMLIB_H
#include <IOKit/IOKitLib.h>
typedef uint32_t IOPMAssertionID;
typedef uint32_t IOPMAssertionLevel;
enum { kIOPMNullAssertionID = 0, kIOPMAssertionLevelOff = 0, kIOPMAssertionLevelOn = 255 };
__BEGIN_DECLS
IOReturn IOPMAssertionCreate(CFStringRef type, IOPMAssertionLevel, IOPMAssertionID *);
IOReturn IOPMAssertionCreateWithName(CFStringRef type, IOPMAssertionLevel, CFStringRef name, IOPMAssertionID *);
IOReturn IOPMAssertionCreateWithDescription(CFStringRef type, CFStringRef name, CFStringRef details, CFStringRef reason,
	CFStringRef path, double timeout, CFStringRef action, IOPMAssertionID *);
IOReturn IOPMAssertionCreateWithProperties(CFDictionaryRef, IOPMAssertionID *);
IOReturn IOPMAssertionDeclareUserActivity(CFStringRef name, int type, IOPMAssertionID *);
void IOPMAssertionRetain(IOPMAssertionID);
IOReturn IOPMAssertionRelease(IOPMAssertionID);
CFDictionaryRef IOPMAssertionCopyProperties(IOPMAssertionID);
IOReturn IOPMAssertionSetProperty(IOPMAssertionID, CFStringRef, CFTypeRef);
IOReturn IOPMCopyAssertionsByProcess(CFDictionaryRef *);
IOReturn IOPMCopyAssertionsStatus(CFDictionaryRef *);
io_connect_t IORegisterForSystemPower(void *refcon, IONotificationPortRef *, IOServiceInterestCallback, io_object_t *notifier);
IOReturn IODeregisterForSystemPower(io_object_t *notifier);
IOReturn IOAllowPowerChange(io_connect_t, long);
IOReturn IOCancelPowerChange(io_connect_t, long);
io_connect_t IOPMFindPowerManagement(mach_port_t main_port);
IOReturn IOPMSleepSystem(io_connect_t);
boolean_t IOPMSleepEnabled(void);
__END_DECLS
#endif
