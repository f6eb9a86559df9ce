/* Timers of a work loop. */
#ifndef _IOTIMEREVENTSOURCE
#define _IOTIMEREVENTSOURCE

#include <IOKit/IOEventSource.h>

#ifdef __cplusplus
class IOTimerEventSource : public IOEventSource {
	OSDeclareDefaultStructors(IOTimerEventSource);
	void *calloutEntry;
	uint64_t serial; /* of the time-out that counts; under the gate */
	bool armed;
	static void timeout(void *self, void *serial);
	void fire(uint64_t which);
protected:
	virtual bool checkForWork() APPLE_KEXT_OVERRIDE;
	virtual void setWorkLoop(IOWorkLoop *workLoop) APPLE_KEXT_OVERRIDE;
	using IOEventSource::init;
public:
	typedef void (*Action)(OSObject *owner, IOTimerEventSource *sender);
	static IOTimerEventSource *timerEventSource(OSObject *owner, Action action = 0);
	virtual bool init(OSObject *owner, Action action = 0);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual void enable() APPLE_KEXT_OVERRIDE;
	virtual void disable() APPLE_KEXT_OVERRIDE;
	/* kIOReturnNoResources without a work loop. A new time-out takes the place of the last. */
	virtual IOReturn setTimeoutTicks(UInt32 ticks);
	virtual IOReturn setTimeoutMS(UInt32 ms);
	virtual IOReturn setTimeoutUS(UInt32 us);
	virtual IOReturn setTimeout(UInt32 interval, UInt32 scale_factor = 1);
	virtual IOReturn wakeAtTime(AbsoluteTime abstime);
	virtual void cancelTimeout();
};
#endif

#endif
