/*
 * The I/O Registry and drivers, for programs: IOKit.framework. A name that ends in Create, Copy or Matching, and
 * what gives an object, gives a reference; lookups consume that of their dictionary.
 * CoreFoundation has no headers here: its types are declared if they are not yet.
 */
#ifndef _IOKIT_IOKITLIB_H
#define _IOKIT_IOKITLIB_H
#include <sys/cdefs.h>
#include <stddef.h>
#include <stdint.h>
#include <mach/mach.h>
#include <IOKit/IOReturn.h>
#include <IOKit/IOKitKeys.h>
#ifndef __COREFOUNDATION_CFBASE__
typedef const void *CFTypeRef;
typedef const struct __CFString *CFStringRef;
typedef const struct __CFDictionary *CFDictionaryRef;
typedef struct __CFDictionary *CFMutableDictionaryRef;
typedef const struct __CFArray *CFArrayRef;
typedef const struct __CFData *CFDataRef;
typedef const struct __CFAllocator *CFAllocatorRef;
typedef struct __CFRunLoopSource *CFRunLoopSourceRef;
#endif
typedef mach_port_t io_object_t;
typedef io_object_t io_connect_t;
typedef io_object_t io_iterator_t;
typedef io_object_t io_registry_entry_t;
typedef io_object_t io_service_t;
typedef io_object_t io_enumerator_t;
#define IO_OBJECT_NULL ((io_object_t)0)
typedef char io_name_t[128];
typedef char io_string_t[512];
typedef uint32_t IOOptionBits;
typedef struct IONotificationPort *IONotificationPortRef;
typedef void (*IOServiceMatchingCallback)(void *refcon, io_iterator_t iterator);
typedef void (*IOServiceInterestCallback)(void *refcon, io_service_t service, uint32_t message, void *argument);
typedef void (*IOAsyncCallback0)(void *refcon, IOReturn result);
typedef void (*IOAsyncCallback1)(void *refcon, IOReturn result, void *arg0);
typedef void (*IOAsyncCallback2)(void *refcon, IOReturn result, void *arg0, void *arg1);
typedef void (*IOAsyncCallback)(void *refcon, IOReturn result, void **args, uint32_t count);
enum { kIORegistryIterateRecursively = 1, kIORegistryIterateParents = 2 };
enum { kIOMapAnywhere = 1, kIOMapReadOnly = 0x1000 };
enum { kOSAsyncRef64Count = 8, kIOAsyncCalloutFuncIndex = 1, kIOAsyncCalloutRefconIndex, kIOAsyncCalloutCount };
__BEGIN_DECLS
extern const mach_port_t kIOMasterPortDefault, kIOMainPortDefault;
struct dispatch_queue_s;
kern_return_t IOMainPort(mach_port_t bootstrap, mach_port_t *);
kern_return_t IOMasterPort(mach_port_t bootstrap, mach_port_t *);

IONotificationPortRef IONotificationPortCreate(mach_port_t main_port);
void IONotificationPortDestroy(IONotificationPortRef);
CFRunLoopSourceRef IONotificationPortGetRunLoopSource(IONotificationPortRef);
mach_port_t IONotificationPortGetMachPort(IONotificationPortRef);
void IONotificationPortSetDispatchQueue(IONotificationPortRef, struct dispatch_queue_s *);
kern_return_t IONotificationPortSetImportanceReceiver(IONotificationPortRef);
void IODispatchCalloutFromMessage(void *unused, mach_msg_header_t *, void *reference);
kern_return_t IOCreateReceivePort(uint32_t type, mach_port_t *);

kern_return_t IOObjectRelease(io_object_t);
kern_return_t IOObjectRetain(io_object_t);
kern_return_t IOObjectGetClass(io_object_t, io_name_t);
CFStringRef IOObjectCopyClass(io_object_t);
CFStringRef IOObjectCopySuperclassForClass(CFStringRef);
CFStringRef IOObjectCopyBundleIdentifierForClass(CFStringRef);
boolean_t IOObjectConformsTo(io_object_t, const io_name_t);
boolean_t IOObjectIsEqualTo(io_object_t, io_object_t);
uint32_t IOObjectGetKernelRetainCount(io_object_t);
uint32_t IOObjectGetUserRetainCount(io_object_t);
uint32_t IOObjectGetRetainCount(io_object_t);
io_object_t IOIteratorNext(io_iterator_t);
void IOIteratorReset(io_iterator_t);
boolean_t IOIteratorIsValid(io_iterator_t);

CFMutableDictionaryRef IOServiceMatching(const char *name);
CFMutableDictionaryRef IOServiceNameMatching(const char *name);
CFMutableDictionaryRef IOBSDNameMatching(mach_port_t main_port, uint32_t options, const char *name);
CFMutableDictionaryRef IORegistryEntryIDMatching(uint64_t);
io_service_t IOServiceGetMatchingService(mach_port_t main_port, CFDictionaryRef);
kern_return_t IOServiceGetMatchingServices(mach_port_t main_port, CFDictionaryRef, io_iterator_t *);
kern_return_t IOServiceAddMatchingNotification(IONotificationPortRef, const io_name_t kind, CFDictionaryRef, IOServiceMatchingCallback, void *refcon, io_iterator_t *);
kern_return_t IOServiceAddInterestNotification(IONotificationPortRef, io_service_t, const io_name_t kind, IOServiceInterestCallback, void *refcon, io_object_t *);
kern_return_t IOServiceMatchPropertyTable(io_service_t, CFDictionaryRef, boolean_t *);
kern_return_t IOServiceGetBusyState(io_service_t, uint32_t *);
kern_return_t IOServiceGetBusyStateAndTime(io_service_t, uint64_t *state, uint32_t *busy, uint64_t *time);
kern_return_t IOServiceWaitQuiet(io_service_t, mach_timespec_t *);
kern_return_t IOServiceRequestProbe(io_service_t, uint32_t options);
kern_return_t IOKitGetBusyState(mach_port_t main_port, uint32_t *);
kern_return_t IOKitWaitQuiet(mach_port_t main_port, mach_timespec_t *);
kern_return_t IOServiceOpen(io_service_t, task_t, uint32_t type, io_connect_t *);
kern_return_t IOServiceClose(io_connect_t);

kern_return_t IOConnectAddRef(io_connect_t);
kern_return_t IOConnectRelease(io_connect_t);
kern_return_t IOConnectGetService(io_connect_t, io_service_t *);
kern_return_t IOConnectSetNotificationPort(io_connect_t, uint32_t type, mach_port_t, uintptr_t reference);
kern_return_t IOConnectMapMemory(io_connect_t, uint32_t type, task_t, mach_vm_address_t *, mach_vm_size_t *, IOOptionBits);
kern_return_t IOConnectMapMemory64(io_connect_t, uint32_t type, task_t, mach_vm_address_t *, mach_vm_size_t *, IOOptionBits);
kern_return_t IOConnectUnmapMemory(io_connect_t, uint32_t type, task_t, mach_vm_address_t);
kern_return_t IOConnectUnmapMemory64(io_connect_t, uint32_t type, task_t, mach_vm_address_t);
kern_return_t IOConnectSetCFProperties(io_connect_t, CFTypeRef);
kern_return_t IOConnectSetCFProperty(io_connect_t, CFStringRef, CFTypeRef);
kern_return_t IOConnectAddClient(io_connect_t, io_connect_t);
kern_return_t IOConnectCallMethod(io_connect_t, uint32_t selector, const uint64_t *input, uint32_t inputs, const void *in, size_t in_size,
	uint64_t *output, uint32_t *outputs, void *out, size_t *out_size);
kern_return_t IOConnectCallScalarMethod(io_connect_t, uint32_t selector, const uint64_t *input, uint32_t inputs, uint64_t *output, uint32_t *outputs);
kern_return_t IOConnectCallStructMethod(io_connect_t, uint32_t selector, const void *in, size_t in_size, void *out, size_t *out_size);
kern_return_t IOConnectCallAsyncMethod(io_connect_t, uint32_t selector, mach_port_t wake, uint64_t *reference, uint32_t references,
	const uint64_t *input, uint32_t inputs, const void *in, size_t in_size, uint64_t *output, uint32_t *outputs, void *out, size_t *out_size);
kern_return_t IOConnectCallAsyncScalarMethod(io_connect_t, uint32_t selector, mach_port_t wake, uint64_t *reference, uint32_t references,
	const uint64_t *input, uint32_t inputs, uint64_t *output, uint32_t *outputs);
kern_return_t IOConnectCallAsyncStructMethod(io_connect_t, uint32_t selector, mach_port_t wake, uint64_t *reference, uint32_t references,
	const void *in, size_t in_size, void *out, size_t *out_size);

io_registry_entry_t IORegistryGetRootEntry(mach_port_t main_port);
io_registry_entry_t IORegistryEntryFromPath(mach_port_t main_port, const io_string_t);
io_registry_entry_t IORegistryEntryCopyFromPath(mach_port_t main_port, CFStringRef);
kern_return_t IORegistryCreateIterator(mach_port_t main_port, const io_name_t plane, IOOptionBits, io_iterator_t *);
kern_return_t IORegistryEntryCreateIterator(io_registry_entry_t, const io_name_t plane, IOOptionBits, io_iterator_t *);
kern_return_t IORegistryIteratorEnterEntry(io_iterator_t);
kern_return_t IORegistryIteratorExitEntry(io_iterator_t);
kern_return_t IORegistryEntryGetName(io_registry_entry_t, io_name_t);
kern_return_t IORegistryEntryGetNameInPlane(io_registry_entry_t, const io_name_t plane, io_name_t);
kern_return_t IORegistryEntryGetLocationInPlane(io_registry_entry_t, const io_name_t plane, io_name_t);
kern_return_t IORegistryEntryGetPath(io_registry_entry_t, const io_name_t plane, io_string_t);
CFStringRef IORegistryEntryCopyPath(io_registry_entry_t, const io_name_t plane);
kern_return_t IORegistryEntryGetRegistryEntryID(io_registry_entry_t, uint64_t *);
kern_return_t IORegistryEntryCreateCFProperties(io_registry_entry_t, CFMutableDictionaryRef *, CFAllocatorRef, IOOptionBits);
CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t, CFStringRef, CFAllocatorRef, IOOptionBits);
CFTypeRef IORegistryEntrySearchCFProperty(io_registry_entry_t, const io_name_t plane, CFStringRef, CFAllocatorRef, IOOptionBits);
kern_return_t IORegistryEntryGetProperty(io_registry_entry_t, const io_name_t, char *, uint32_t *);
kern_return_t IORegistryEntrySetCFProperties(io_registry_entry_t, CFTypeRef);
kern_return_t IORegistryEntrySetCFProperty(io_registry_entry_t, CFStringRef, CFTypeRef);
kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t, const io_name_t plane, io_iterator_t *);
kern_return_t IORegistryEntryGetChildEntry(io_registry_entry_t, const io_name_t plane, io_registry_entry_t *);
kern_return_t IORegistryEntryGetParentIterator(io_registry_entry_t, const io_name_t plane, io_iterator_t *);
kern_return_t IORegistryEntryGetParentEntry(io_registry_entry_t, const io_name_t plane, io_registry_entry_t *);
boolean_t IORegistryEntryInPlane(io_registry_entry_t, const io_name_t plane);

CFDataRef IOCFSerialize(CFTypeRef, IOOptionBits);
CFTypeRef IOCFUnserializeBinary(const char *, size_t, CFAllocatorRef, IOOptionBits, CFStringRef *error);
CFTypeRef IOCFUnserializeWithSize(const char *, size_t, CFAllocatorRef, IOOptionBits, CFStringRef *error);
enum { kIOCFSerializeToBinary = 1 };
__END_DECLS
#endif
