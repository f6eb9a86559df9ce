/* The I/O Kit's classes, tried from an extension: each function gives 1, or the line that is wrong. */
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOInterruptEventSource.h>
#include <IOKit/IOService.h>
#include <IOKit/IOTimerEventSource.h>
#include <libkern/c++/OSContainers.h>

#define WANT(x) do { if (!(x)) return __LINE__; } while (0)

class Thing : public OSObject {
	OSDeclareDefaultStructors(Thing)
public:
	int n;
	virtual int twice() { return 2 * n; }
	IOReturn command(void *a, void *, void *, void *) { n += (int)(long)a; return kIOReturnSuccess; }
};
OSDefineMetaClassAndStructors(Thing, OSObject)

class SubThing : public Thing {
	OSDeclareDefaultStructors(SubThing)
public:
	virtual int twice() APPLE_KEXT_OVERRIDE { return 100 + Thing::twice(); }
};
OSDefineMetaClassAndStructors(SubThing, Thing)

static Thing *kept;

extern "C" {
int classes(void)
{
	unsigned before = Thing::metaClass->getInstanceCount();
	OSObject *o = OSMetaClass::allocClassWithName("SubThing");
	WANT(o && o->getRetainCount() == 1);
	Thing *t = OSDynamicCast(Thing, o);
	WANT(t && t == o && t->n == 0);
	t->n = 4;
	WANT(t->twice() == 108);
	typedef int (*F)(Thing *);
	F f = OSMemberFunctionCast(F, t, &Thing::twice);
	WANT(f(t) == 108);
	WANT(!OSDynamicCast(OSString, o) && !strcmp(o->getMetaClass()->getClassName(), "SubThing"));
	WANT(SubThing::metaClass->getSuperClass() == OSTypeID(Thing));
	WANT(Thing::metaClass->getInstanceCount() == before + 1);
	o->retain();
	WANT(o->getRetainCount() == 2);
	o->release();
	o->release();
	WANT(Thing::metaClass->getInstanceCount() == before);
	WANT(!OSMetaClass::allocClassWithName("NoSuchThing"));
	return 1;
}

int symbols(void)
{
	const OSSymbol *a = OSSymbol::withCString("one name"), *b = OSSymbol::withCString("one name");
	WANT(a && a == b && a->getRetainCount() == 2);
	OSString *s = OSString::withCString("one name");
	WANT(a->isEqualTo(s) && s->isEqualTo("one name") && !s->isEqualTo("one") && (void *)s != (void *)a);
	WANT(s->setChar('O', 0) && s->getChar(0) == 'O' && !s->setChar('x', 8));
	s->release();
	a->release();
	b->release();
	WANT(!OSSymbol::existingSymbolForCString("one name"));
	return 1;
}

int collections(void)
{
	OSNumber *n = OSNumber::withNumber(0x1ff, 8);
	WANT(n->unsigned64BitValue() == 0xff);
	n->addValue(2);
	WANT(n->unsigned32BitValue() == 1);
	OSArray *a = OSArray::withCapacity(1);
	for (int i = 0; i < 100; i++)
		WANT(a->setObject(n));
	WANT(a->getCount() == 100 && n->getRetainCount() == 101);
	WANT(a->setObject(0, kOSBooleanTrue) && a->getObject(0) == kOSBooleanTrue && !a->setObject(500, n) && !a->getObject(101));
	a->removeObject(0);
	WANT(a->getObject(0) == n && a->getNextIndexOfObject(n, 7) == 7);
	OSDictionary *d = OSDictionary::withCapacity(0);
	WANT(d->setObject("list", a) && d->setObject("on", kOSBooleanTrue) && d->setObject("on", kOSBooleanFalse) && d->getCount() == 2);
	a->release();
	n->release();
	WANT(d->getObject("on") == kOSBooleanFalse && !d->getObject("off") && OSDynamicCast(OSArray, d->getObject("list")) == a);
	OSCollectionIterator *it = OSCollectionIterator::withCollection(d);
	int seen = 0;
	while (OSObject *k = it->getNextObject())
		seen += OSDynamicCast(OSSymbol, k) ? 1 : 100;
	WANT(seen == 2);
	it->reset();
	WANT(it->getNextObject() && it->isValid());
	d->removeObject("on");
	WANT(!it->isValid() && !it->getNextObject());
	it->release();
	d->release();
	OSSet *set = OSSet::withCapacity(0);
	OSString *s = OSString::withCString("s");
	WANT(set->setObject(s) && !set->setObject(s) && set->getCount() == 1 && set->containsObject(s));
	set->release();
	WANT(s->getRetainCount() == 1);
	s->release();
	OSData *data = OSData::withBytes("abc", 3);
	WANT(data->appendBytes("def", 3) && data->isEqualTo("abcdef", 6) && !data->getBytesNoCopy(4, 3) && data->getBytesNoCopy(4, 2));
	data->release();
	return 1;
}

static SInt32 byValue(const OSMetaClassBase *a, const OSMetaClassBase *b, void *)
{
	return (SInt32)((OSNumber *)a)->unsigned32BitValue() - (SInt32)((OSNumber *)b)->unsigned32BitValue();
}

int ordered(void)
{
	OSOrderedSet *s = OSOrderedSet::withCapacity(0, byValue, 0);
	static const unsigned values[] = { 3, 9, 1, 5 };
	for (unsigned v : values) {
		OSNumber *n = OSNumber::withNumber(v, 32);
		WANT(s->setObject(n));
		n->release();
	}
	unsigned order = 0;
	for (unsigned i = 0; i < 4; i++)
		order = order * 10 + ((OSNumber *)s->getObject(i))->unsigned32BitValue();
	s->release();
	WANT(order == 9531); // the greatest comes first
	return 1;
}

int xml(void)
{
	OSString *error = 0;
	OSObject *o = OSUnserializeXML("<?xml version=\"1.0\"?><!-- x --><plist version='1.0'><dict><key>a&amp;b</key><array ID=\"0\"><integer size=\"32\">0x10</integer>"
		"<string>&lt;x&gt;</string><data>AQID/w==</data><true/><set/></array><key>again</key><array IDREF=\"0\"/></dict></plist>", &error);
	OSDictionary *d = OSDynamicCast(OSDictionary, o);
	WANT(d && !error && d->getCount() == 2);
	OSArray *a = OSDynamicCast(OSArray, d->getObject("a&b"));
	WANT(a && a == d->getObject("again") && a->getCount() == 5);
	OSNumber *n = OSDynamicCast(OSNumber, a->getObject(0));
	WANT(n && n->unsigned32BitValue() == 16 && n->numberOfBits() == 32);
	WANT(OSDynamicCast(OSString, a->getObject(1))->isEqualTo("<x>"));
	WANT(OSDynamicCast(OSData, a->getObject(2))->isEqualTo("\1\2\3\377", 4) && a->getObject(3) == kOSBooleanTrue);
	OSSerialize *s = OSSerialize::withCapacity(1);
	WANT(a->serialize(s));
	WANT(!strcmp(s->text(), "<array><integer size=\"32\">0x10</integer><string>&lt;x&gt;</string><data>AQID/w==</data><true/><set></set></array>"));
	OSObject *back = OSUnserializeXML(s->text());
	WANT(back && back->getMetaClass() == OSTypeID(OSArray) && ((OSArray *)back)->getCount() == 5);
	back->release();
	s->release();
	o->release();
	static const char *const bad[] = { "", "<", "<dict>", "<dict><key>x</key></dict>", "<array><nothing/></array>", "<string>x", "<array IDREF=\"7\"/>",
		"<dict><string>x</string><true/></dict>", "<array></dict>", "<integer>1</string>" };
	for (const char *b : bad) {
		o = OSUnserializeXML(b, &error);
		WANT(!o && error);
		error->release();
	}
	char deep[1024] = "";
	for (int i = 0; i < 100; i++)
		strlcat(deep, "<array>", sizeof deep);
	WANT(!OSUnserializeXML(deep));
	return 1;
}

static void count(OSObject *owner, IOInterruptEventSource *, int n) { ((Thing *)owner)->n += n; }
static void ring(OSObject *owner, IOTimerEventSource *t)
{
	Thing *thing = (Thing *)owner;
	if (!t->onThread() && t->getWorkLoop()->inGate() && ++thing->n < 3)
		t->setTimeoutMS(1);
	t->getWorkLoop()->wakeupGate(thing, false);
}
static IOReturn untilThree(OSObject *owner, void *gate, void *, void *, void *)
{
	while (((Thing *)owner)->n < 3)
		((IOCommandGate *)gate)->commandSleep(owner, THREAD_UNINT);
	return kIOReturnSuccess;
}

int work_loops(void)
{
	unsigned loops = IOWorkLoop::metaClass->getInstanceCount();
	Thing *t = new Thing;
	IOWorkLoop *w = IOWorkLoop::workLoop();
	WANT(t && w && !w->onThread() && !w->inGate());
	IOCommandGate *gate = IOCommandGate::commandGate(t);
	WANT(gate && gate->runAction(untilThree, gate) == kIOReturnNoResources); // no loop yet
	WANT(w->addEventSource(gate) == kIOReturnSuccess && w->addEventSource(gate) == kIOReturnError);
	WANT(gate->runAction(OSMemberFunctionCast(IOCommandGate::Action, t, &Thing::command), (void *)5) == kIOReturnSuccess && t->n == 5);
	WANT(gate->runCommand() == kIOReturnNoResources);
	gate->disable();
	WANT(gate->attemptAction(untilThree, gate) == kIOReturnNotPermitted);
	gate->enable();
	t->n = 0;
	IOTimerEventSource *timer = IOTimerEventSource::timerEventSource(t, ring);
	WANT(timer && timer->setTimeoutMS(1) == kIOReturnNoResources);
	WANT(w->addEventSource(timer) == kIOReturnSuccess && timer->setTimeoutMS(1) == kIOReturnSuccess);
	WANT(gate->runAction(untilThree, gate) == kIOReturnSuccess && t->n == 3);
	WANT(timer->setTimeout(1000, 1000000000) == kIOReturnSuccess); // cancelled with its loop
	WANT(!IOInterruptEventSource::interruptEventSource(t, count, (IOService *)t, 0));
	IOInterruptEventSource *i = IOInterruptEventSource::interruptEventSource(t, count);
	WANT(i && w->addEventSource(i) == kIOReturnSuccess);
	w->closeGate();
	i->interruptOccurred(0, 0, 0);
	i->interruptOccurred(0, 0, 0);
	WANT(t->n == 3);
	w->openGate();
	for (int tries = 0; __atomic_load_n(&t->n, __ATOMIC_SEQ_CST) != 5; tries++) {
		WANT(tries < 60000);
		IOSleep(1);
	}
	WANT(w->removeEventSource(i) == kIOReturnSuccess && w->removeEventSource(i) == kIOReturnNotFound);
	i->release();
	w->removeEventSource(timer);
	WANT(timer->getRetainCount() == 1);
	timer->release();
	gate->release();
	w->release(); // the gate goes with it
	WANT(IOWorkLoop::metaClass->getInstanceCount() == loops && IOCommandGate::metaClass->getInstanceCount() == 0);
	t->release();
	return 1;
}

int memory(void)
{
	IOBufferMemoryDescriptor *b = IOBufferMemoryDescriptor::withCapacity(5000, kIODirectionInOut);
	WANT(b && b->getLength() == 5000 && ((unsigned long)b->getBytesNoCopy() & 4095) == 0);
	WANT(b->prepare() == kIOReturnSuccess && b->writeBytes(4998, "abcd", 4) == 2);
	char got[4] = {};
	WANT(b->readBytes(4997, got, 4) == 3 && got[0] == 0 && got[1] == 'a' && got[2] == 'b' && b->readBytes(5000, got, 1) == 0);
	WANT(b->complete() == kIOReturnSuccess && b->complete() == kIOReturnNotReady);
	b->setLength(10);
	WANT(b->getBytesNoCopy(4, 6) && !b->getBytesNoCopy(4, 7) && b->getCapacity() == 5000);
	b->release();
	return 1;
}

/* The machine's own services stay, whoever asks. Their objects do, too, so this is not counted. */
int kernels_own(void)
{
	IOService *r = IOService::getResourceService();
	WANT(r && !r->terminate() && !r->terminate(kIOServiceSynchronous) && !r->isInactive());
	return 1;
}

int keep(void) { return (kept = new Thing) != 0; }
int let_go(void) { kept->release(); kept = 0; return 1; }
int over_release(void)
{
	OSString *s = OSString::withCString("x");
	s->retain();
	s->release();
	s->release();
	s->release();
	return 1;
}
int immutable(void)
{
	OSArray *a = OSArray::withCapacity(1);
	a->setOptions(OSCollection::kImmutable, OSCollection::kImmutable);
	a->setObject(kOSBooleanTrue);
	return 1;
}
}

extern "C" kern_return_t iokit_start(kmod_info_t *, void *) { return KERN_SUCCESS; }
extern "C" kern_return_t iokit_stop(kmod_info_t *, void *) { return KERN_SUCCESS; }
