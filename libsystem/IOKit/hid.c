/*
 * Human interface devices: there are none, and none will come. A manager can be made and opened, it has no
 * devices, and what is registered with it is never called.
 */
#include "iokit.h"

typedef struct cf *manager;
CFTypeID IOHIDManagerGetTypeID(void) { return CF_OTHER; }
CFTypeID IOHIDDeviceGetTypeID(void) { return CF_OTHER; }
manager IOHIDManagerCreate(CFAllocatorRef alloc, IOOptionBits options) { return __CFNew(sizeof(struct cf), CF_OTHER, NULL); }
IOReturn IOHIDManagerOpen(manager m, IOOptionBits options) { return kIOReturnSuccess; }
IOReturn IOHIDManagerClose(manager m, IOOptionBits options) { return kIOReturnSuccess; }
void IOHIDManagerSetDeviceMatching(manager m, CFDictionaryRef d) {}
void IOHIDManagerSetDeviceMatchingMultiple(manager m, CFArrayRef l) {}
/* NULL stands for none, as on a Mac. */
CFTypeRef IOHIDManagerCopyDevices(manager m) { return NULL; }
CFTypeRef IOHIDManagerGetProperty(manager m, CFStringRef key) { return NULL; }
void IOHIDManagerRegisterDeviceMatchingCallback(manager m, void (*call)(void), void *context) {}
void IOHIDManagerRegisterDeviceRemovalCallback(manager m, void (*call)(void), void *context) {}
void IOHIDManagerRegisterInputReportCallback(manager m, void (*call)(void), void *context) {}
void IOHIDManagerRegisterInputValueCallback(manager m, void (*call)(void), void *context) {}
void IOHIDManagerScheduleWithRunLoop(manager m, CFTypeRef loop, CFStringRef mode) {}
void IOHIDManagerUnscheduleFromRunLoop(manager m, CFTypeRef loop, CFStringRef mode) {}
/* A device can only be made of a service, and no service is one. */
CFTypeRef IOHIDDeviceCreate(CFAllocatorRef alloc, io_service_t s) { return NULL; }

/* Sensors, as some programs ask for them. */
CFTypeRef IOHIDEventSystemClientCreate(CFAllocatorRef alloc) { return __CFNew(sizeof(struct cf), CF_OTHER, NULL); }
void IOHIDEventSystemClientSetMatching(CFTypeRef client, CFDictionaryRef d) {}
CFArrayRef IOHIDEventSystemClientCopyServices(CFTypeRef client) { return NULL; }
