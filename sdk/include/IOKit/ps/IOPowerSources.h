/* Batteries and the like: the machine has none. */
#ifndef _IOKIT_IOPOWERSOURCES_H
#define _IOKIT_IOPOWERSOURCES_H
#include <IOKit/IOKitLib.h>
#define kIOPSTimeRemainingUnknown (-1.0)
#define kIOPSTimeRemainingUnlimited (-2.0)
enum { kIOPSLowBatteryWarningNone = 1, kIOPSLowBatteryWarningEarly, kIOPSLowBatteryWarningFinal };
__BEGIN_DECLS
CFTypeRef IOPSCopyPowerSourcesInfo(void);
CFArrayRef IOPSCopyPowerSourcesList(CFTypeRef info);
CFDictionaryRef IOPSGetPowerSourceDescription(CFTypeRef info, CFTypeRef source);
CFStringRef IOPSGetProvidingPowerSourceType(CFTypeRef info);
double IOPSGetTimeRemainingEstimate(void);
int IOPSGetBatteryWarningLevel(void);
CFDictionaryRef IOPSCopyExternalPowerAdapterDetails(void);
CFRunLoopSourceRef IOPSNotificationCreateRunLoopSource(void (*)(void *), void *context);
CFRunLoopSourceRef IOPSCreateLimitedPowerNotification(void (*)(void *), void *context);
__END_DECLS
#endif
