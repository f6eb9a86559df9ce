/* Objects, iterators, and the entries of the registry. */
#include "iokit.h"

const mach_port_t kIOMasterPortDefault = MACH_PORT_NULL, kIOMainPortDefault = MACH_PORT_NULL;

kern_return_t IOMainPort(mach_port_t bootstrap, mach_port_t *port)
{
	mach_port_t host = mach_host_self();
	kern_return_t kr = host_get_io_main(host, port);
	mach_port_deallocate(mach_task_self(), host);
	return kr;
}
kern_return_t IOMasterPort(mach_port_t bootstrap, mach_port_t *port) { return IOMainPort(bootstrap, port); }
mach_port_t __IOMain(mach_port_t asked)
{
	mach_port_t p = MACH_PORT_NULL;
	if (asked != MACH_PORT_NULL)
		return asked;
	IOMainPort(MACH_PORT_NULL, &p);
	return p;
}
void __IOMainDone(mach_port_t asked, mach_port_t got)
{
	if (asked == MACH_PORT_NULL && got != MACH_PORT_NULL)
		mach_port_deallocate(mach_task_self(), got);
}
/* A name as the stubs want one: a buffer of its size. */
static char *name_of(io_name_t to, const char *s)
{
	strlcpy(to, s ? s : "", sizeof(io_name_t));
	return to;
}
#define NAME(s) name_of((io_name_t){ 0 }, s)

kern_return_t IOObjectRelease(io_object_t o) { return mach_port_deallocate(mach_task_self(), o); }
kern_return_t IOObjectRetain(io_object_t o) { return mach_port_mod_refs(mach_task_self(), o, MACH_PORT_RIGHT_SEND, 1); }
kern_return_t IOObjectGetClass(io_object_t o, io_name_t name)
{
	return name ? io_object_get_class(o, name) : kIOReturnBadArgument;
}
CFStringRef IOObjectCopyClass(io_object_t o)
{
	io_name_t n;
	return io_object_get_class(o, n) ? NULL : cfstr(n);
}
static CFStringRef of_class(CFStringRef class, kern_return_t (*ask)(mach_port_t, io_name_t, io_name_t))
{
	io_name_t n, r;
	if (!class || !CFStringGetCString(class, n, sizeof n, kCFStringEncodingUTF8))
		return NULL;
	mach_port_t m = __IOMain(0);
	kern_return_t kr = ask(m, n, r);
	__IOMainDone(0, m);
	return kr ? NULL : cfstr(r);
}
CFStringRef IOObjectCopySuperclassForClass(CFStringRef c) { return of_class(c, io_object_get_superclass); }
CFStringRef IOObjectCopyBundleIdentifierForClass(CFStringRef c) { return of_class(c, io_object_get_bundle_identifier); }
boolean_t IOObjectConformsTo(io_object_t o, const io_name_t class)
{
	boolean_t yes = FALSE;
	return io_object_conforms_to(o, NAME(class), &yes) ? FALSE : yes;
}
boolean_t IOObjectIsEqualTo(io_object_t a, io_object_t b) { return a == b; }
uint32_t IOObjectGetKernelRetainCount(io_object_t o)
{
	uint32_t n = 0;
	return io_object_get_retain_count(o, &n) ? 0 : n;
}
uint32_t IOObjectGetUserRetainCount(io_object_t o)
{
	mach_port_urefs_t n = 0;
	return mach_port_get_refs(mach_task_self(), o, MACH_PORT_RIGHT_SEND, &n) ? 0 : n;
}
uint32_t IOObjectGetRetainCount(io_object_t o) { return IOObjectGetKernelRetainCount(o); }
io_object_t IOIteratorNext(io_iterator_t it)
{
	io_object_t o = IO_OBJECT_NULL;
	return io_iterator_next(it, &o) ? IO_OBJECT_NULL : o;
}
void IOIteratorReset(io_iterator_t it) { io_iterator_reset(it); }
boolean_t IOIteratorIsValid(io_iterator_t it)
{
	boolean_t yes = FALSE;
	return io_iterator_is_valid(it, &yes) ? FALSE : yes;
}

io_registry_entry_t IORegistryGetRootEntry(mach_port_t main)
{
	io_registry_entry_t e = 0;
	mach_port_t m = __IOMain(main);
	if (io_registry_get_root_entry(m, &e))
		e = 0;
	__IOMainDone(main, m);
	return e;
}
static io_registry_entry_t from_path(mach_port_t main, const char *path)
{
	io_registry_entry_t e = 0;
	io_string_inband_t text;
	kern_return_t result = 0;
	if (strlcpy(text, path, sizeof text) >= sizeof text)
		return 0;
	mach_port_t m = __IOMain(main);
	if (io_registry_entry_from_path_ool(m, text, NULL, 0, &result, &e) || result)
		e = 0;
	__IOMainDone(main, m);
	return e;
}
io_registry_entry_t IORegistryEntryFromPath(mach_port_t main, const io_string_t path) { return from_path(main, path); }
io_registry_entry_t IORegistryEntryCopyFromPath(mach_port_t main, CFStringRef path)
{
	io_string_inband_t text;
	return CFStringGetCString(path, text, sizeof text, kCFStringEncodingUTF8) ? from_path(main, text) : 0;
}
kern_return_t IORegistryCreateIterator(mach_port_t main, const io_name_t plane, IOOptionBits options, io_iterator_t *it)
{
	mach_port_t m = __IOMain(main);
	kern_return_t kr = io_registry_create_iterator(m, NAME(plane), options, it);
	__IOMainDone(main, m);
	return kr;
}
kern_return_t IORegistryEntryCreateIterator(io_registry_entry_t e, const io_name_t plane, IOOptionBits options, io_iterator_t *it)
{
	return io_registry_entry_create_iterator(e, NAME(plane), options, it);
}
kern_return_t IORegistryIteratorEnterEntry(io_iterator_t it) { return io_registry_iterator_enter_entry(it); }
kern_return_t IORegistryIteratorExitEntry(io_iterator_t it) { return io_registry_iterator_exit_entry(it); }
kern_return_t IORegistryEntryGetName(io_registry_entry_t e, io_name_t name) { return io_registry_entry_get_name(e, name); }
kern_return_t IORegistryEntryGetNameInPlane(io_registry_entry_t e, const io_name_t plane, io_name_t name)
{
	return io_registry_entry_get_name_in_plane(e, NAME(plane), name);
}
kern_return_t IORegistryEntryGetLocationInPlane(io_registry_entry_t e, const io_name_t plane, io_name_t at)
{
	return io_registry_entry_get_location_in_plane(e, NAME(plane), at);
}
kern_return_t IORegistryEntryGetPath(io_registry_entry_t e, const io_name_t plane, io_string_t path)
{
	return io_registry_entry_get_path(e, NAME(plane), path);
}
CFStringRef IORegistryEntryCopyPath(io_registry_entry_t e, const io_name_t plane)
{
	io_string_inband_t path;
	char *more = NULL;
	mach_msg_type_number_t n = 0;
	if (io_registry_entry_get_path_ool(e, NAME(plane), path, &more, &n))
		return NULL;
	CFStringRef s = cfstr(more ? more : path);
	if (more)
		vm_deallocate(mach_task_self(), (vm_address_t)more, n);
	return s;
}
kern_return_t IORegistryEntryGetRegistryEntryID(io_registry_entry_t e, uint64_t *id)
{
	return io_registry_entry_get_registry_entry_id(e, id);
}
boolean_t IORegistryEntryInPlane(io_registry_entry_t e, const io_name_t plane)
{
	boolean_t yes = FALSE;
	return io_registry_entry_in_plane(e, NAME(plane), &yes) ? FALSE : yes;
}

kern_return_t IORegistryEntryCreateCFProperties(io_registry_entry_t e, CFMutableDictionaryRef *d, CFAllocatorRef alloc, IOOptionBits options)
{
	char *p;
	mach_msg_type_number_t n;
	*d = NULL;
	kern_return_t kr = io_registry_entry_get_properties_bin(e, &p, &n);
	if (kr)
		return kr;
	*d = (void *)__IOTake(p, n);
	return *d ? KERN_SUCCESS : kIOReturnInternalError;
}
static CFTypeRef property(io_registry_entry_t e, const char *plane, CFStringRef key, IOOptionBits options)
{
	io_name_t name;
	char *p;
	mach_msg_type_number_t n;
	if (!key || !CFStringGetCString(key, name, sizeof name, kCFStringEncodingUTF8) ||
	    io_registry_entry_get_property_bin(e, NAME(plane), name, options, &p, &n))
		return NULL;
	return __IOTake(p, n);
}
CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t e, CFStringRef key, CFAllocatorRef alloc, IOOptionBits options)
{
	return property(e, "", key, 0);
}
CFTypeRef IORegistryEntrySearchCFProperty(io_registry_entry_t e, const io_name_t plane, CFStringRef key, CFAllocatorRef alloc, IOOptionBits options)
{
	return property(e, plane, key, options);
}
/* The bytes of data, text, a number or a boolean: at most *size of them. */
kern_return_t IORegistryEntryGetProperty(io_registry_entry_t e, const io_name_t key, char *to, uint32_t *size)
{
	io_struct_inband_t data;
	mach_msg_type_number_t n = *size < sizeof data ? *size : sizeof data;
	kern_return_t kr = io_registry_entry_get_property_bytes(e, NAME(key), data, &n);
	if (kr)
		return kr;
	memcpy(to, data, n);
	*size = n;
	return kr;
}
static kern_return_t set(io_object_t o, CFTypeRef v, kern_return_t (*call)(mach_port_t, io_buf_ptr_t, mach_msg_type_number_t, kern_return_t *))
{
	size_t n;
	char *p = __IOSerialize(v, &n);
	kern_return_t result = 0, kr = p ? call(o, p, n, &result) : kIOReturnBadArgument;
	free(p);
	return kr ? kr : result;
}
static kern_return_t set_one(io_object_t o, CFStringRef key, CFTypeRef v, kern_return_t (*all)(io_object_t, CFTypeRef))
{
	if (!key || !v)
		return kIOReturnBadArgument;
	CFTypeRef d = new_dictionary();
	CFDictionarySetValue(d, key, v);
	kern_return_t kr = all(o, d);
	CFRelease(d);
	return kr;
}
kern_return_t IORegistryEntrySetCFProperties(io_registry_entry_t e, CFTypeRef v) { return set(e, v, io_registry_entry_set_properties); }
kern_return_t IORegistryEntrySetCFProperty(io_registry_entry_t e, CFStringRef key, CFTypeRef v)
{
	return set_one(e, key, v, IORegistryEntrySetCFProperties);
}
kern_return_t IOConnectSetCFProperties(io_connect_t c, CFTypeRef v) { return set(c, v, io_connect_set_properties); }
kern_return_t IOConnectSetCFProperty(io_connect_t c, CFStringRef key, CFTypeRef v) { return set_one(c, key, v, IOConnectSetCFProperties); }

kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t e, const io_name_t plane, io_iterator_t *it)
{
	return io_registry_entry_get_child_iterator(e, NAME(plane), it);
}
kern_return_t IORegistryEntryGetParentIterator(io_registry_entry_t e, const io_name_t plane, io_iterator_t *it)
{
	return io_registry_entry_get_parent_iterator(e, NAME(plane), it);
}
static kern_return_t first(kern_return_t kr, io_iterator_t it, io_registry_entry_t *e)
{
	if (kr)
		return kr;
	*e = IOIteratorNext(it);
	IOObjectRelease(it);
	return *e ? KERN_SUCCESS : kIOReturnNoDevice;
}
kern_return_t IORegistryEntryGetChildEntry(io_registry_entry_t e, const io_name_t plane, io_registry_entry_t *child)
{
	io_iterator_t it = 0;
	kern_return_t kr = IORegistryEntryGetChildIterator(e, plane, &it);
	return first(kr, it, child);
}
kern_return_t IORegistryEntryGetParentEntry(io_registry_entry_t e, const io_name_t plane, io_registry_entry_t *parent)
{
	io_iterator_t it = 0;
	kern_return_t kr = IORegistryEntryGetParentIterator(e, plane, &it);
	return first(kr, it, parent);
}
