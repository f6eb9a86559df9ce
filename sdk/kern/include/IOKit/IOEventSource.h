/* What a work loop waits for. */
#ifndef _IOKIT_IOEVENTSOURCE_H
#define _IOKIT_IOEVENTSOURCE_H

#include <IOKit/IOWorkLoop.h>

#ifdef __cplusplus
class IOEventSource : public OSObject {
	OSDeclareAbstractStructors(IOEventSource);
	friend class IOWorkLoop;
public:
	typedef void (*Action)(OSObject *owner, ...);
protected:
	IOEventSource *eventChainNext;
	OSObject *owner;
	Action action;
	bool enabled;
	IOWorkLoop *workLoop;

	using OSObject::init;
	virtual bool init(OSObject *owner, Action action = 0);
	/* On the loop's thread, with the gate closed; true: there is more. */
	virtual bool checkForWork() = 0;
	virtual void setWorkLoop(IOWorkLoop *workLoop);
	void signalWorkAvailable();
	void openGate();
	void closeGate();
	bool tryCloseGate();
	int sleepGate(void *event, UInt32 type);
	void wakeupGate(void *event, bool oneThread);
public:
	virtual void setAction(Action action);
	virtual Action getAction() const;
	virtual void enable();
	virtual void disable();
	virtual bool isEnabled() const;
	virtual IOWorkLoop *getWorkLoop() const;
	virtual bool onThread() const;
};
#endif

#endif
