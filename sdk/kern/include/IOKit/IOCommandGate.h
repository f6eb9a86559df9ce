/* Calls that run with a work loop's gate closed. */
#ifndef _IOKIT_IOCOMMANDGATE_H
#define _IOKIT_IOCOMMANDGATE_H

#include <IOKit/IOEventSource.h>

#ifdef __cplusplus
class IOCommandGate : public IOEventSource {
	OSDeclareDefaultStructors(IOCommandGate);
public:
	typedef IOReturn (*Action)(OSObject *owner, void *arg0, void *arg1, void *arg2, void *arg3);
protected:
	virtual bool checkForWork() APPLE_KEXT_OVERRIDE;
	using IOEventSource::init;
public:
	static IOCommandGate *commandGate(OSObject *owner, Action action = 0);
	virtual bool init(OSObject *owner, Action action = 0);
	/* kIOReturnNoResources without an action; they wait while the gate is disabled. */
	virtual IOReturn runCommand(void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
	virtual IOReturn runAction(Action action, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
	/* kIOReturnCannotLock, kIOReturnNotPermitted instead of waiting. */
	virtual IOReturn attemptCommand(void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
	virtual IOReturn attemptAction(Action action, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
	virtual IOReturn commandSleep(void *event, UInt32 interruptible = THREAD_ABORTSAFE);
	virtual void commandWakeup(void *event, bool oneThread = false);
	virtual void enable() APPLE_KEXT_OVERRIDE;
};
#endif

#endif
