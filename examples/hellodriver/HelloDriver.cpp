// A driver of the I/O Kit that has no hardware: it is matched on the machine's resources, says
// what it does, has a property that programs can set, and user clients with four methods.
#include <IOKit/IOLib.h>
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IOUserClient.h>
#include "HelloUserClient.h"

class com_example_HelloDriver : public IOService {
	OSDeclareDefaultStructors(com_example_HelloDriver)
public:
	SInt32 calls;
	virtual bool init(OSDictionary *dictionary = 0) APPLE_KEXT_OVERRIDE;
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual IOService *probe(IOService *provider, SInt32 *score) APPLE_KEXT_OVERRIDE;
	virtual bool start(IOService *provider) APPLE_KEXT_OVERRIDE;
	virtual void stop(IOService *provider) APPLE_KEXT_OVERRIDE;
	virtual IOReturn setProperties(OSObject *properties) APPLE_KEXT_OVERRIDE;
};

#define super IOService
OSDefineMetaClassAndStructors(com_example_HelloDriver, IOService)

bool com_example_HelloDriver::init(OSDictionary *dictionary)
{
	if (!super::init(dictionary))
		return false;
	IOLog("HelloDriver: init\n");
	return true;
}

void com_example_HelloDriver::free()
{
	IOLog("HelloDriver: free\n");
	super::free();
}

IOService *com_example_HelloDriver::probe(IOService *provider, SInt32 *score)
{
	IOLog("HelloDriver: probe, score %d\n", (int)*score);
	return super::probe(provider, score);
}

bool com_example_HelloDriver::start(IOService *provider)
{
	if (!super::start(provider))
		return false;
	OSString *greeting = OSDynamicCast(OSString, getProperty("Greeting"));
	IOLog("HelloDriver: start on %s, %s\n", provider->getName(), greeting ? greeting->getCStringNoCopy() : "without a greeting");
	setProperty("Answer", 42, 32);
	registerService();
	return true;
}

void com_example_HelloDriver::stop(IOService *provider)
{
	IOLog("HelloDriver: stop\n");
	super::stop(provider);
}

// Only the greeting may be changed.
IOReturn com_example_HelloDriver::setProperties(OSObject *properties)
{
	OSDictionary *dictionary = OSDynamicCast(OSDictionary, properties);
	OSString *greeting = dictionary ? OSDynamicCast(OSString, dictionary->getObject("Greeting")) : 0;
	if (!greeting || dictionary->getCount() != 1)
		return kIOReturnBadArgument;
	return setProperty("Greeting", greeting) ? kIOReturnSuccess : kIOReturnNoMemory;
}

class com_example_HelloUserClient : public IOUserClient {
	OSDeclareDefaultStructors(com_example_HelloUserClient)
	com_example_HelloDriver *driver;
	void *token;
	static const IOExternalMethodDispatch methods[kHelloMethods];
	static IOReturn add(OSObject *target, void *reference, IOExternalMethodArguments *arguments);
	static IOReturn shout(OSObject *target, void *reference, IOExternalMethodArguments *arguments);
	static IOReturn reset(OSObject *target, void *reference, IOExternalMethodArguments *arguments);
	static IOReturn later(OSObject *target, void *reference, IOExternalMethodArguments *arguments);
public:
	virtual bool initWithTask(task_t owningTask, void *securityToken, UInt32 type, OSDictionary *properties) APPLE_KEXT_OVERRIDE;
	virtual bool start(IOService *provider) APPLE_KEXT_OVERRIDE;
	virtual IOReturn clientClose() APPLE_KEXT_OVERRIDE;
	virtual IOReturn clientMemoryForType(UInt32 type, IOOptionBits *options, IOMemoryDescriptor **memory) APPLE_KEXT_OVERRIDE;
	virtual IOReturn externalMethod(uint32_t selector, IOExternalMethodArguments *arguments, IOExternalMethodDispatch *dispatch, OSObject *target,
		void *reference) APPLE_KEXT_OVERRIDE;
};

#undef super
#define super IOUserClient
OSDefineMetaClassAndStructors(com_example_HelloUserClient, IOUserClient)

// The counts and sizes are checked before a method is called.
const IOExternalMethodDispatch com_example_HelloUserClient::methods[kHelloMethods] = {
	{ add, 2, 0, 1, 0 },
	{ shout, 0, kIOUCVariableStructureSize, 0, kIOUCVariableStructureSize },
	{ reset, 0, 0, 1, 0 },
	{ later, 1, 0, 0, 0 },
};

bool com_example_HelloUserClient::initWithTask(task_t owningTask, void *securityToken, UInt32 type, OSDictionary *properties)
{
	token = securityToken;
	return super::initWithTask(owningTask, securityToken, type, properties);
}

bool com_example_HelloUserClient::start(IOService *provider)
{
	driver = OSDynamicCast(com_example_HelloDriver, provider);
	return driver && super::start(provider);
}

IOReturn com_example_HelloUserClient::clientClose()
{
	terminate();
	return kIOReturnSuccess;
}

// Type 0 is a page that may be read: it begins with the number of calls so far.
IOReturn com_example_HelloUserClient::clientMemoryForType(UInt32 type, IOOptionBits *options, IOMemoryDescriptor **memory)
{
	if (type != 0)
		return kIOReturnBadArgument;
	IOBufferMemoryDescriptor *page = IOBufferMemoryDescriptor::inTaskWithOptions(kernel_task, kIODirectionInOut, 4096, 4096);
	if (!page)
		return kIOReturnNoMemory;
	*(SInt32 *)page->getBytesNoCopy() = driver->calls;
	*options = kIOMapReadOnly;
	*memory = page;
	return kIOReturnSuccess;
}

IOReturn com_example_HelloUserClient::externalMethod(uint32_t selector, IOExternalMethodArguments *arguments, IOExternalMethodDispatch *, OSObject *, void *)
{
	if (selector >= kHelloMethods)
		return kIOReturnUnsupported;
	OSIncrementAtomic(&driver->calls);
	return super::externalMethod(selector, arguments, const_cast<IOExternalMethodDispatch *>(&methods[selector]), this, 0);
}

IOReturn com_example_HelloUserClient::add(OSObject *, void *, IOExternalMethodArguments *arguments)
{
	arguments->scalarOutput[0] = arguments->scalarInput[0] + arguments->scalarInput[1];
	return kIOReturnSuccess;
}

IOReturn com_example_HelloUserClient::shout(OSObject *, void *, IOExternalMethodArguments *arguments)
{
	uint32_t n = arguments->structureInputSize;
	if (n > arguments->structureOutputSize)
		return kIOReturnNoSpace;
	const char *from = (const char *)arguments->structureInput;
	char *to = (char *)arguments->structureOutput;
	for (uint32_t i = 0; i < n; i++)
		to[i] = from[i] >= 'a' && from[i] <= 'z' ? from[i] - 'a' + 'A' : from[i];
	arguments->structureOutputSize = n;
	return kIOReturnSuccess;
}

IOReturn com_example_HelloUserClient::reset(OSObject *target, void *, IOExternalMethodArguments *arguments)
{
	com_example_HelloUserClient *me = (com_example_HelloUserClient *)target;
	IOReturn r = clientHasPrivilege(me->token, kIOClientPrivilegeAdministrator);
	if (r == kIOReturnSuccess)
		arguments->scalarOutput[0] = OSBitAndAtomic(0, (volatile UInt32 *)&me->driver->calls);
	return r;
}

IOReturn com_example_HelloUserClient::later(OSObject *, void *, IOExternalMethodArguments *arguments)
{
	if (!arguments->asyncReference)
		return kIOReturnBadArgument;
	io_user_reference_t answer = 2 * arguments->scalarInput[0];
	return sendAsyncResult64(arguments->asyncReference, kIOReturnSuccess, &answer, 1);
}
