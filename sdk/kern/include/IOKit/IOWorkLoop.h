/* A thread that handles events, and the gate that keeps everybody else out meanwhile. */
#ifndef __IOKIT_IOWORKLOOP_H
#define __IOKIT_IOWORKLOOP_H

#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <IOKit/IOReturn.h>

#ifdef __cplusplus
#include <libkern/c++/OSObject.h>

class IOEventSource;

class IOWorkLoop : public OSObject {
	OSDeclareDefaultStructors(IOWorkLoop);
	friend class IOEventSource;
	IORecursiveLock *gateLock;
	IOSimpleLock *workToDoLock;
	IOEventSource *eventChain;
	IOThread workThread;
	bool workToDo, stopping, started, ownFree;
	static void threadMain(void *self);
	void loop();
public:
	typedef IOReturn (*Action)(OSObject *target, void *arg0, void *arg1, void *arg2, void *arg3);
	static IOWorkLoop *workLoop();
	virtual bool init() APPLE_KEXT_OVERRIDE;
	/* Ends the thread; what is left of the sources loses its loop. */
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual IOReturn addEventSource(IOEventSource *newEvent);
	virtual IOReturn removeEventSource(IOEventSource *toRemove);
	virtual bool onThread() const;
	virtual bool inGate() const;
	virtual IOThread getThread() const;
	virtual IOReturn runAction(Action action, OSObject *target, void *arg0 = 0, void *arg1 = 0, void *arg2 = 0, void *arg3 = 0);
	virtual void signalWorkAvailable();
	virtual void openGate();
	virtual void closeGate();
	virtual bool tryCloseGate();
	virtual int sleepGate(void *event, UInt32 interuptibleType);
	virtual void wakeupGate(void *event, bool oneThread);
};
#endif

#endif
