/* Services: matching, state, notifications of them. */
#include "iokit.h"

static CFMutableDictionaryRef matching(const char *key, CFTypeRef v)
{
	if (!v)
		return NULL;
	CFTypeRef k = cfstr(key), d = new_dictionary();
	CFDictionarySetValue(d, k, v);
	CFRelease(k);
	CFRelease(v);
	return (void *)d;
}
CFMutableDictionaryRef IOServiceMatching(const char *name) { return name ? matching(kIOProviderClassKey, cfstr(name)) : NULL; }
CFMutableDictionaryRef IOServiceNameMatching(const char *name) { return name ? matching(kIONameMatchKey, cfstr(name)) : NULL; }
CFMutableDictionaryRef IOBSDNameMatching(mach_port_t main, uint32_t options, const char *name)
{
	return name ? matching(kIOBSDNameKey, cfstr(name)) : NULL;
}
CFMutableDictionaryRef IOOpenFirmwarePathMatching(mach_port_t main, uint32_t options, const char *path)
{
	return path ? matching(kIOPathMatchKey, cfstr(path)) : NULL;
}
CFMutableDictionaryRef IORegistryEntryIDMatching(uint64_t id) { return matching(kIORegistryEntryIDKey, CFNumberCreate(NULL, NUMBER_64, &id)); }

/* One dictionary: in the message if there is room, else beside it. */
static kern_return_t look(mach_port_t main, CFDictionaryRef table, mach_port_t *found,
	kern_return_t (*in)(mach_port_t, io_struct_inband_t, mach_msg_type_number_t, mach_port_t *),
	kern_return_t (*beside)(mach_port_t, io_buf_ptr_t, mach_msg_type_number_t, kern_return_t *, mach_port_t *))
{
	size_t n;
	char *p = table ? __IOSerialize(table, &n) : NULL;
	kern_return_t result = 0, kr = kIOReturnBadArgument;
	mach_port_t m = __IOMain(main);
	if (p && n <= sizeof(io_struct_inband_t))
		kr = in(m, p, n, found);
	else if (p)
		kr = beside(m, p, n, &result, found);
	__IOMainDone(main, m);
	free(p);
	if (table)
		CFRelease(table);
	if (!kr)
		kr = result;
	if (kr)
		*found = MACH_PORT_NULL;
	return kr;
}
io_service_t IOServiceGetMatchingService(mach_port_t main, CFDictionaryRef table)
{
	io_service_t s = 0;
	look(main, table, &s, io_service_get_matching_service_bin, io_service_get_matching_service_ool);
	return s;
}
kern_return_t IOServiceGetMatchingServices(mach_port_t main, CFDictionaryRef table, io_iterator_t *it)
{
	return look(main, table, it, io_service_get_matching_services_bin, io_service_get_matching_services_ool);
}
kern_return_t IOServiceMatchPropertyTable(io_service_t s, CFDictionaryRef table, boolean_t *yes)
{
	size_t n;
	char *p = table ? __IOSerialize(table, &n) : NULL;
	kern_return_t result = 0, kr = kIOReturnBadArgument;
	if (p && n <= sizeof(io_struct_inband_t))
		kr = io_service_match_property_table_bin(s, p, n, yes);
	else if (p)
		kr = io_service_match_property_table_ool(s, p, n, &result, yes);
	free(p);
	return kr ? kr : result;
}
kern_return_t IOServiceGetBusyState(io_service_t s, uint32_t *busy) { return io_service_get_busy_state(s, busy); }
kern_return_t IOServiceGetBusyStateAndTime(io_service_t s, uint64_t *state, uint32_t *busy, uint64_t *time)
{
	return io_service_get_state(s, state, busy, time);
}
kern_return_t IOServiceWaitQuiet(io_service_t s, mach_timespec_t *t)
{
	/* Without a time, as long as there is. */
	return io_service_wait_quiet(s, t ? *t : (mach_timespec_t){ .tv_sec = 0x7fffffff });
}
/* The whole registry's is the platform's, the only child of the root. */
static kern_return_t platform(mach_port_t main, io_service_t *s)
{
	*s = IOServiceGetMatchingService(main, IOServiceMatching("IOPlatformExpertDevice"));
	return *s ? KERN_SUCCESS : kIOReturnNoDevice;
}
kern_return_t IOKitGetBusyState(mach_port_t main, uint32_t *busy)
{
	io_service_t s;
	kern_return_t kr = platform(main, &s);
	if (kr)
		return kr;
	kr = IOServiceGetBusyState(s, busy);
	IOObjectRelease(s);
	return kr;
}
kern_return_t IOKitWaitQuiet(mach_port_t main, mach_timespec_t *t)
{
	io_service_t s;
	kern_return_t kr = platform(main, &s);
	if (kr)
		return kr;
	kr = IOServiceWaitQuiet(s, t);
	IOObjectRelease(s);
	return kr;
}
kern_return_t IOServiceRequestProbe(io_service_t s, uint32_t options) { return io_service_request_probe(s, options); }
