// A driver of the I/O Kit that has no hardware: it is matched on the machine's resources, says
// what it does, and has a property that programs can set.
#include <IOKit/IOLib.h>
#include <IOKit/IOService.h>

class com_example_HelloDriver : public IOService {
	OSDeclareDefaultStructors(com_example_HelloDriver)
public:
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
