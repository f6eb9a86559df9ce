// Work loops and their event sources.

OSDefineMetaClassAndStructors(IOWorkLoop, OSObject)
OSDefineMetaClassAndAbstractStructors(IOEventSource, OSObject)
OSDefineMetaClassAndStructors(IOCommandGate, IOEventSource)
OSDefineMetaClassAndStructors(IOTimerEventSource, IOEventSource)
OSDefineMetaClassAndStructors(IOInterruptEventSource, IOEventSource)

IOWorkLoop *IOWorkLoop::workLoop()
{
	IOWorkLoop *w = new IOWorkLoop;
	if (w && !w->init()) {
		w->release();
		w = 0;
	}
	return w;
}

bool IOWorkLoop::init()
{
	if (!OSObject::init() || !(gateLock = IORecursiveLockAlloc()) || !(workToDoLock = IOSimpleLockAlloc()))
		return false;
	started = true;
	workThread = IOCreateThread(threadMain, this);
	return workThread || (started = false);
}

// The thread has the locks until it says that it is gone, by its own event.
void IOWorkLoop::free()
{
	if (gateLock) {
		closeGate();
		while (eventChain)
			removeEventSource(eventChain);
		openGate();
	}
	bool mine = onThread();
	if (started) {
		IOSimpleLockLock(workToDoLock);
		stopping = true;
		IOSimpleLockUnlock(workToDoLock);
		thread_wakeup_prim(&workToDo, 1, THREAD_AWAKENED);
		if (mine) {
			ownFree = true; // the loop calls again when it is over
			return;
		}
		for (;;) {
			assert_wait(&stopping, THREAD_UNINT);
			IOSimpleLockLock(workToDoLock);
			bool over = !started;
			IOSimpleLockUnlock(workToDoLock);
			if (over) {
				clear_wait(IOThreadSelf(), THREAD_AWAKENED);
				thread_block(0);
				break;
			}
			thread_block(0);
		}
	}
	if (workToDoLock)
		IOSimpleLockFree(workToDoLock);
	if (gateLock)
		IORecursiveLockFree(gateLock);
	OSObject::free();
}

void IOWorkLoop::threadMain(void *self) { ((IOWorkLoop *)self)->loop(); }

void IOWorkLoop::loop()
{
	bool dying = false;
	__atomic_store_n(&workThread, IOThreadSelf(), __ATOMIC_SEQ_CST);
	while (!dying) {
		bool more = false;
		closeGate();
		for (IOEventSource *e = eventChain; e && !stopping; e = e->eventChainNext)
			if (e->enabled && e->checkForWork())
				more = true;
		openGate();
		assert_wait(&workToDo, THREAD_UNINT);
		IOSimpleLockLock(workToDoLock);
		dying = stopping;
		more |= workToDo;
		workToDo = false;
		IOSimpleLockUnlock(workToDoLock);
		if (dying || more)
			clear_wait(IOThreadSelf(), THREAD_AWAKENED);
		thread_block(0);
	}
	// From here on nobody else may know the thread: who frees the loop does so as soon as started is false.
	bool mine = ownFree;
	void *event = &stopping;
	if (mine) {
		workThread = 0;
		started = false;
		free();
		return;
	}
	IOSimpleLockLock(workToDoLock);
	started = false;
	thread_wakeup_prim(event, 0, THREAD_AWAKENED);
	IOSimpleLockUnlock(workToDoLock);
}

IOReturn IOWorkLoop::addEventSource(IOEventSource *e)
{
	if (!e)
		return kIOReturnBadArgument;
	closeGate();
	IOReturn r = kIOReturnSuccess;
	if (e->workLoop)
		r = kIOReturnError;
	else {
		e->retain();
		IOEventSource **p = &eventChain;
		while (*p)
			p = &(*p)->eventChainNext;
		*p = e;
		e->setWorkLoop(this);
	}
	openGate();
	if (r == kIOReturnSuccess)
		signalWorkAvailable();
	return r;
}

IOReturn IOWorkLoop::removeEventSource(IOEventSource *e)
{
	closeGate();
	IOEventSource **p = &eventChain;
	while (*p && *p != e)
		p = &(*p)->eventChainNext;
	bool found = *p != 0;
	if (found) {
		*p = e->eventChainNext;
		e->eventChainNext = 0;
		e->setWorkLoop(0);
	}
	openGate();
	if (found)
		e->release();
	return found ? kIOReturnSuccess : kIOReturnNotFound;
}

bool IOWorkLoop::onThread() const { return IOThreadSelf() == workThread; }
bool IOWorkLoop::inGate() const { return IORecursiveLockHaveLock(gateLock); }
IOThread IOWorkLoop::getThread() const { return workThread; }
IOReturn IOWorkLoop::runAction(Action f, OSObject *target, void *a0, void *a1, void *a2, void *a3)
{
	closeGate();
	IOReturn r = f(target, a0, a1, a2, a3);
	openGate();
	return r;
}
void IOWorkLoop::signalWorkAvailable()
{
	IOSimpleLockLock(workToDoLock);
	workToDo = true;
	IOSimpleLockUnlock(workToDoLock);
	thread_wakeup_prim(&workToDo, 1, THREAD_AWAKENED);
}
void IOWorkLoop::openGate() { IORecursiveLockUnlock(gateLock); }
void IOWorkLoop::closeGate() { IORecursiveLockLock(gateLock); }
bool IOWorkLoop::tryCloseGate() { return IORecursiveLockTryLock(gateLock); }
int IOWorkLoop::sleepGate(void *event, UInt32 type) { return IORecursiveLockSleep(gateLock, event, type); }
void IOWorkLoop::wakeupGate(void *event, bool one) { IORecursiveLockWakeup(gateLock, event, one); }

bool IOEventSource::init(OSObject *o, Action a)
{
	if (!o || !OSObject::init())
		return false;
	owner = o;
	action = a;
	enabled = true;
	return true;
}
void IOEventSource::setWorkLoop(IOWorkLoop *w) { workLoop = w; }
void IOEventSource::setAction(Action a) { action = a; }
IOEventSource::Action IOEventSource::getAction() const { return action; }
void IOEventSource::enable()
{
	enabled = true;
	if (workLoop)
		signalWorkAvailable();
}
void IOEventSource::disable() { enabled = false; }
bool IOEventSource::isEnabled() const { return enabled; }
IOWorkLoop *IOEventSource::getWorkLoop() const { return workLoop; }
bool IOEventSource::onThread() const { return workLoop && workLoop->onThread(); }
void IOEventSource::signalWorkAvailable() { workLoop->signalWorkAvailable(); }
void IOEventSource::openGate() { workLoop->openGate(); }
void IOEventSource::closeGate() { workLoop->closeGate(); }
bool IOEventSource::tryCloseGate() { return workLoop->tryCloseGate(); }
int IOEventSource::sleepGate(void *event, UInt32 type) { return workLoop->sleepGate(event, type); }
void IOEventSource::wakeupGate(void *event, bool one) { workLoop->wakeupGate(event, one); }

IOCommandGate *IOCommandGate::commandGate(OSObject *o, Action a)
{
	IOCommandGate *g = new IOCommandGate;
	if (g && !g->init(o, a)) {
		g->release();
		g = 0;
	}
	return g;
}
bool IOCommandGate::init(OSObject *o, Action a) { return IOEventSource::init(o, (IOEventSource::Action)a); }
bool IOCommandGate::checkForWork() { return false; }
void IOCommandGate::enable()
{
	IOEventSource::enable();
	if (workLoop)
		wakeupGate(&enabled, false);
}
IOReturn IOCommandGate::runCommand(void *a0, void *a1, void *a2, void *a3) { return runAction((Action)action, a0, a1, a2, a3); }
IOReturn IOCommandGate::runAction(Action f, void *a0, void *a1, void *a2, void *a3)
{
	if (!f || !workLoop)
		return kIOReturnNoResources;
	IOWorkLoop *w = workLoop;
	w->closeGate();
	while (!enabled)
		if (w->onThread() || w->sleepGate(&enabled, THREAD_ABORTSAFE) == THREAD_INTERRUPTED) {
			w->openGate();
			return kIOReturnAborted;
		}
	IOReturn r = f(owner, a0, a1, a2, a3);
	w->openGate();
	return r;
}
IOReturn IOCommandGate::attemptCommand(void *a0, void *a1, void *a2, void *a3) { return attemptAction((Action)action, a0, a1, a2, a3); }
IOReturn IOCommandGate::attemptAction(Action f, void *a0, void *a1, void *a2, void *a3)
{
	if (!f || !workLoop)
		return kIOReturnNoResources;
	IOWorkLoop *w = workLoop;
	if (!w->tryCloseGate())
		return kIOReturnCannotLock;
	IOReturn r = enabled ? f(owner, a0, a1, a2, a3) : kIOReturnNotPermitted;
	w->openGate();
	return r;
}
IOReturn IOCommandGate::commandSleep(void *event, UInt32 how)
{
	if (!workLoop || !workLoop->inGate())
		return kIOReturnNotPermitted;
	return sleepGate(event, how);
}
void IOCommandGate::commandWakeup(void *event, bool one)
{
	if (workLoop)
		wakeupGate(event, one);
}

IOTimerEventSource *IOTimerEventSource::timerEventSource(OSObject *o, Action a)
{
	IOTimerEventSource *t = new IOTimerEventSource;
	if (t && !t->init(o, a)) {
		t->release();
		t = 0;
	}
	return t;
}
bool IOTimerEventSource::init(OSObject *o, Action a)
{
	return IOEventSource::init(o, (IOEventSource::Action)a) && (calloutEntry = thread_call_allocate(timeout, this)) != 0;
}
void IOTimerEventSource::free()
{
	// No time-out is pending: it would have a reference.
	if (calloutEntry)
		thread_call_free((thread_call_t)calloutEntry);
	IOEventSource::free();
}
bool IOTimerEventSource::checkForWork() { return false; }
void IOTimerEventSource::setWorkLoop(IOWorkLoop *w)
{
	if (!w)
		cancelTimeout();
	IOEventSource::setWorkLoop(w);
}
void IOTimerEventSource::timeout(void *self, void *which)
{
	IOTimerEventSource *t = (IOTimerEventSource *)self;
	t->fire((uint64_t)which);
	t->release();
}
// The loop may go while the gate is waited for: it is held.
void IOTimerEventSource::fire(uint64_t which)
{
	IOWorkLoop *w = workLoop;
	if (!w || !w->tryRetain())
		return;
	w->closeGate();
	if (enabled && armed && which == serial && workLoop == w && action) {
		armed = false;
		((Action)action)(owner, this);
	}
	w->openGate();
	w->release();
}
void IOTimerEventSource::enable() { IOEventSource::enable(); }
void IOTimerEventSource::disable()
{
	cancelTimeout();
	IOEventSource::disable();
}
IOReturn IOTimerEventSource::wakeAtTime(AbsoluteTime at)
{
	if (!action || !workLoop)
		return kIOReturnNoResources;
	closeGate();
	cancelTimeout();
	serial++;
	armed = true;
	retain();
	if (thread_call_enter1_delayed((thread_call_t)calloutEntry, (void *)serial, at))
		release(); // it took the place of one that had a reference
	openGate();
	return kIOReturnSuccess;
}
IOReturn IOTimerEventSource::setTimeout(UInt32 interval, UInt32 scale)
{
	uint64_t at;
	clock_interval_to_deadline(interval, scale, &at);
	return wakeAtTime(at);
}
IOReturn IOTimerEventSource::setTimeoutTicks(UInt32 n) { return setTimeout(n, 10000000); }
IOReturn IOTimerEventSource::setTimeoutMS(UInt32 n) { return setTimeout(n, 1000000); }
IOReturn IOTimerEventSource::setTimeoutUS(UInt32 n) { return setTimeout(n, 1000); }
void IOTimerEventSource::cancelTimeout()
{
	armed = false;
	if (thread_call_cancel((thread_call_t)calloutEntry))
		release();
}

IOInterruptEventSource *IOInterruptEventSource::interruptEventSource(OSObject *o, Action a, IOService *p, int i)
{
	IOInterruptEventSource *s = new IOInterruptEventSource;
	if (s && !s->init(o, a, p, i)) {
		s->release();
		s = 0;
	}
	return s;
}
bool IOInterruptEventSource::init(OSObject *o, Action a, IOService *p, int i)
{
	if (p || !IOEventSource::init(o, (IOEventSource::Action)a))
		return false;
	intIndex = i;
	return true;
}
const IOService *IOInterruptEventSource::getProvider() const { return provider; }
int IOInterruptEventSource::getIntIndex() const { return intIndex; }
void IOInterruptEventSource::interruptOccurred(void *, IOService *, int)
{
	__atomic_fetch_add(&producerCount, 1, __ATOMIC_SEQ_CST);
	if (workLoop)
		signalWorkAvailable();
}
void IOInterruptEventSource::enable() { IOEventSource::enable(); }
bool IOInterruptEventSource::checkForWork()
{
	unsigned n = __atomic_load_n(&producerCount, __ATOMIC_SEQ_CST);
	int count = (int)(n - consumerCount);
	if (count == 0 || !action)
		return false;
	consumerCount = n;
	((Action)action)(owner, this, count);
	return false;
}

static IOWorkLoop *platformLoop;
// A service without a loop of its own shares its provider's; the first of them has the machine's.
IOWorkLoop *IOService::getWorkLoop() const
{
	IOService *p = getProvider();
	if (p && p != this)
		return p->getWorkLoop();
	IORecursiveLockLock(arbitration);
	if (!platformLoop)
		platformLoop = IOWorkLoop::workLoop();
	IOWorkLoop *w = platformLoop;
	IORecursiveLockUnlock(arbitration);
	return w;
}
