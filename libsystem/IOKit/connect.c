/* Connections to drivers. */
#include "iokit.h"

kern_return_t IOServiceOpen(io_service_t s, task_t owner, uint32_t type, io_connect_t *c)
{
	kern_return_t result = 0;
	io_ndr_t ndr;
	memcpy(&ndr, &NDR_record, sizeof ndr);
	kern_return_t kr = io_service_open_extended(s, owner, type, ndr, NULL, 0, &result, c);
	if (kr || result)
		*c = MACH_PORT_NULL;
	return kr ? kr : result;
}
kern_return_t IOServiceClose(io_connect_t c)
{
	kern_return_t kr = io_service_close(c);
	mach_port_deallocate(mach_task_self(), c);
	return kr;
}
kern_return_t IOConnectAddRef(io_connect_t c) { return IOObjectRetain(c); }
kern_return_t IOConnectRelease(io_connect_t c) { return IOObjectRelease(c); }
kern_return_t IOConnectGetService(io_connect_t c, io_service_t *s) { return io_connect_get_service(c, s); }
kern_return_t IOConnectSetNotificationPort(io_connect_t c, uint32_t type, mach_port_t port, uintptr_t reference)
{
	return io_connect_set_notification_port(c, type, port, reference);
}
kern_return_t IOConnectAddClient(io_connect_t c, io_connect_t to) { return io_connect_add_client(c, to); }
kern_return_t IOConnectMapMemory64(io_connect_t c, uint32_t type, task_t into, mach_vm_address_t *at, mach_vm_size_t *size, IOOptionBits options)
{
	return io_connect_map_memory_into_task(c, type, into, at, size, options);
}
kern_return_t IOConnectMapMemory(io_connect_t c, uint32_t type, task_t into, mach_vm_address_t *at, mach_vm_size_t *size, IOOptionBits options)
{
	return IOConnectMapMemory64(c, type, into, at, size, options);
}
kern_return_t IOConnectUnmapMemory64(io_connect_t c, uint32_t type, task_t from, mach_vm_address_t at)
{
	return io_connect_unmap_memory_from_task(c, type, from, at);
}
kern_return_t IOConnectUnmapMemory(io_connect_t c, uint32_t type, task_t from, mach_vm_address_t at)
{
	return IOConnectUnmapMemory64(c, type, from, at);
}

/* What both kinds of call share: structures above a message's go beside it. */
struct call {
	uint64_t in[16];
	char inband[4096], outband[4096];
	uint32_t inputs, in_size, outputs, out_size;
	mach_vm_address_t in_at, out_at;
	mach_vm_size_t in_ool, out_ool;
	uint64_t out[16];
};
static struct call *begin(const uint64_t *input, uint32_t inputs, const void *in, size_t in_size, uint32_t *outputs, void *out, size_t *out_size)
{
	struct call *m = calloc(1, sizeof *m);
	if (!m)
		abort();
	m->inputs = inputs; /* the stub refuses more than there are */
	if (inputs && inputs <= 16)
		memcpy(m->in, input, 8 * inputs);
	if (in_size <= sizeof m->inband) {
		if (in_size)
			memcpy(m->inband, in, in_size);
		m->in_size = in_size;
	} else {
		m->in_at = (mach_vm_address_t)in;
		m->in_ool = in_size;
	}
	m->outputs = outputs ? (*outputs < 16 ? *outputs : 16) : 0;
	if (out_size && *out_size <= sizeof m->outband)
		m->out_size = *out_size;
	else if (out_size) {
		m->out_at = (mach_vm_address_t)out;
		m->out_ool = *out_size;
	}
	return m;
}
static kern_return_t finish(struct call *m, kern_return_t kr, uint64_t *output, uint32_t *outputs, void *out, size_t *out_size)
{
	if (!kr) {
		if (outputs) {
			*outputs = m->outputs;
			memcpy(output, m->out, 8 * m->outputs);
		}
		if (out_size && m->out_at)
			*out_size = m->out_ool;
		else if (out_size) {
			*out_size = m->out_size;
			memcpy(out, m->outband, m->out_size);
		}
	}
	free(m);
	return kr;
}
kern_return_t IOConnectCallMethod(io_connect_t c, uint32_t selector, const uint64_t *input, uint32_t inputs, const void *in, size_t in_size,
	uint64_t *output, uint32_t *outputs, void *out, size_t *out_size)
{
	struct call *m = begin(input, inputs, in, in_size, outputs, out, out_size);
	kern_return_t kr = io_connect_method(c, selector, m->in, m->inputs, m->inband, m->in_size, m->in_at, m->in_ool,
		m->outband, &m->out_size, m->out, &m->outputs, m->out_at, &m->out_ool);
	return finish(m, kr, output, outputs, out, out_size);
}
kern_return_t IOConnectCallAsyncMethod(io_connect_t c, uint32_t selector, mach_port_t wake, uint64_t *reference, uint32_t references,
	const uint64_t *input, uint32_t inputs, const void *in, size_t in_size, uint64_t *output, uint32_t *outputs, void *out, size_t *out_size)
{
	if (references > 8)
		return kIOReturnBadArgument;
	struct call *m = begin(input, inputs, in, in_size, outputs, out, out_size);
	kern_return_t kr = io_connect_async_method(c, wake, reference, references, selector, m->in, m->inputs, m->inband, m->in_size, m->in_at, m->in_ool,
		m->outband, &m->out_size, m->out, &m->outputs, m->out_at, &m->out_ool);
	return finish(m, kr, output, outputs, out, out_size);
}
kern_return_t IOConnectCallScalarMethod(io_connect_t c, uint32_t selector, const uint64_t *input, uint32_t inputs, uint64_t *output, uint32_t *outputs)
{
	return IOConnectCallMethod(c, selector, input, inputs, NULL, 0, output, outputs, NULL, NULL);
}
kern_return_t IOConnectCallStructMethod(io_connect_t c, uint32_t selector, const void *in, size_t in_size, void *out, size_t *out_size)
{
	return IOConnectCallMethod(c, selector, NULL, 0, in, in_size, NULL, NULL, out, out_size);
}
kern_return_t IOConnectCallAsyncScalarMethod(io_connect_t c, uint32_t selector, mach_port_t wake, uint64_t *reference, uint32_t references,
	const uint64_t *input, uint32_t inputs, uint64_t *output, uint32_t *outputs)
{
	return IOConnectCallAsyncMethod(c, selector, wake, reference, references, input, inputs, NULL, 0, output, outputs, NULL, NULL);
}
kern_return_t IOConnectCallAsyncStructMethod(io_connect_t c, uint32_t selector, mach_port_t wake, uint64_t *reference, uint32_t references,
	const void *in, size_t in_size, void *out, size_t *out_size)
{
	return IOConnectCallAsyncMethod(c, selector, wake, reference, references, NULL, 0, in, in_size, NULL, NULL, out, out_size);
}
/* Drivers with traps have none here: methods are their way. */
kern_return_t IOConnectTrap0(io_connect_t c, uint32_t i) { return kIOReturnUnsupported; }
kern_return_t IOConnectTrap1(io_connect_t c, uint32_t i, uintptr_t a) { return kIOReturnUnsupported; }
kern_return_t IOConnectTrap2(io_connect_t c, uint32_t i, uintptr_t a, uintptr_t b) { return kIOReturnUnsupported; }
kern_return_t IOConnectTrap3(io_connect_t c, uint32_t i, uintptr_t a, uintptr_t b, uintptr_t d) { return kIOReturnUnsupported; }
kern_return_t IOConnectTrap4(io_connect_t c, uint32_t i, uintptr_t a, uintptr_t b, uintptr_t d, uintptr_t e) { return kIOReturnUnsupported; }
kern_return_t IOConnectTrap5(io_connect_t c, uint32_t i, uintptr_t a, uintptr_t b, uintptr_t d, uintptr_t e, uintptr_t f) { return kIOReturnUnsupported; }
kern_return_t IOConnectTrap6(io_connect_t c, uint32_t i, uintptr_t a, uintptr_t b, uintptr_t d, uintptr_t e, uintptr_t f, uintptr_t g) { return kIOReturnUnsupported; }
