/* Interrupts, handled by a work loop. Only those of software: a provider has none to give. */
#ifndef _IOKIT_IOINTERRUPTEVENTSOURCE_H
#define _IOKIT_IOINTERRUPTEVENTSOURCE_H

#include <IOKit/IOEventSource.h>

#ifdef __cplusplus
class IOService;

class IOInterruptEventSource : public IOEventSource {
	OSDeclareDefaultStructors(IOInterruptEventSource);
protected:
	IOService *provider;
	int intIndex;
	volatile unsigned int producerCount;
	unsigned int consumerCount;
	virtual bool checkForWork() APPLE_KEXT_OVERRIDE;
	using IOEventSource::init;
public:
	typedef void (*Action)(OSObject *owner, IOInterruptEventSource *sender, int count);
	/* 0 with a provider: the machine's devices interrupt nobody this way. */
	static IOInterruptEventSource *interruptEventSource(OSObject *owner, Action action, IOService *provider = 0, int intIndex = 0);
	virtual bool init(OSObject *owner, Action action, IOService *provider = 0, int intIndex = 0);
	virtual const IOService *getProvider() const;
	virtual int getIntIndex() const;
	virtual void interruptOccurred(void *refcon, IOService *nub, int ind);
	virtual void enable() APPLE_KEXT_OVERRIDE;
};
#endif

#endif
