// What the kernel calls.

void OSMetaClass::forget(const OSMetaClass *dead)
{
	lck_mtx_lock(lockOfClasses());
	for (OSMetaClass **p = &allClasses; *p; p = &(*p)->next)
		if (*p == dead) {
			*p = dead->next;
			break;
		}
	lck_mtx_unlock(classLock);
}

struct IOKitGlue {
	// An object that stands for an entry of the kernel's own.
	static IORegistryEntry *wrap(void *entry, const char *cls)
	{
		OSObject *o = OSMetaClass::allocClassWithName(cls);
		IORegistryEntry *e = OSDynamicCast(IORegistryEntry, o);
		if (!e) {
			OSSafeRelease(o);
			return 0;
		}
		e->fEntry = entry;
		e->fForeign = true;
		if (!e->init((OSDictionary *)0)) {
			e->fEntry = 0;
			e->release();
			return 0;
		}
		return e;
	}
	static void terminate(IOService *s, IOOptionBits options)
	{
		IOService *p = s->getProvider();
		bool defer = false;
		s->retain();
		s->willTerminate(p, options);
		s->didTerminate(p, options, &defer);
		s->finalize(options);
		s->release();
	}
};

extern "C" {

void iok_init(void)
{
	OSSymbolPool::make();
	OSBoolean::make();
	arbitration = IORecursiveLockAlloc();
	planesLock = IORecursiveLockAlloc();
	allPlanes = OSDictionary::withCapacity(0);
	if (!arbitration || !planesLock || !allPlanes)
		panic("IOKit: no memory");
	gIOServicePlane = IORegistryEntry::makePlane(kIOServicePlane);
	gIODTPlane = IORegistryEntry::makePlane(kIODeviceTreePlane);
	gIOPowerPlane = IORegistryEntry::makePlane(kIOPowerPlane);
}

IORegistryEntry *iok_wrap(void *entry, const char *cls) { return IOKitGlue::wrap(entry, cls); }
void iok_forget(const OSMetaClass *dead) { OSMetaClass::forget(dead); }
void iok_retain(OSObject *o) { o->retain(); }
void iok_release(OSObject *o) { o->release(); }

// A driver that has probed: attached to nothing, with a reference; 0 if it does not fit.
IOService *iok_probe(const char *cls, IOService *provider, const char *xml, size_t size, SInt32 *score)
{
	OSObject *d = OSUnserializeXML(xml, size, 0);
	OSDictionary *table = OSDynamicCast(OSDictionary, d);
	OSObject *o = table ? OSMetaClass::allocClassWithName(cls) : 0;
	IOService *s = OSDynamicCast(IOService, o), *found = 0;
	if (s && s->init(table)) {
		if (s->attach(provider)) {
			found = s->probe(provider, score);
			if (found)
				found->retain();
			s->detach(provider);
		}
	}
	OSSafeRelease(o);
	OSSafeRelease(d);
	return found;
}

// The reference that iok_probe gave is taken.
int iok_start(IOService *s, IOService *provider)
{
	bool started = s->attach(provider);
	if (started && !(started = s->start(provider)))
		s->detach(provider);
	s->release();
	return started;
}

void iok_terminate(IORegistryEntry *e, IOOptionBits options)
{
	if (IOService *s = OSDynamicCast(IOService, e))
		IOKitGlue::terminate(s, options);
}

IOReturn iok_message(IORegistryEntry *e, UInt32 type, IOService *provider, void *argument)
{
	IOService *s = OSDynamicCast(IOService, e);
	return s ? s->message(type, provider, argument) : kIOReturnUnsupported;
}

IOReturn iok_set_properties(IORegistryEntry *e, const char *xml, size_t size)
{
	OSObject *o = OSUnserializeXML(xml, size, 0);
	IOReturn r = o ? e->setProperties(o) : kIOReturnBadArgument;
	OSSafeRelease(o);
	return r;
}

int iok_match(IORegistryEntry *e, const char *xml, size_t size)
{
	IOService *s = OSDynamicCast(IOService, e);
	OSObject *o = s ? OSUnserializeXML(xml, size, 0) : 0;
	OSDictionary *d = OSDynamicCast(OSDictionary, o);
	SInt32 score = 0;
	int fits = d && s->matchPropertyTable(d, &score);
	OSSafeRelease(o);
	return fits;
}

// A connection that has been started; the caller has a reference.
IOReturn iok_new_user_client(IORegistryEntry *e, task_t task, void *token, UInt32 type, const char *xml, size_t size, IOUserClient **client)
{
	IOService *s = OSDynamicCast(IOService, e);
	if (!s)
		return kIOReturnUnsupported;
	OSObject *o = size ? OSUnserializeXML(xml, size, 0) : 0;
	IOUserClient *c = 0;
	IOReturn r = s->newUserClient(task, token, type, OSDynamicCast(OSDictionary, o), &c);
	OSSafeRelease(o);
	if (r != kIOReturnSuccess)
		return r;
	if (!c)
		return kIOReturnError;
	if (!c->getProvider()) { // it is the registry that keeps it
		c->release();
		return kIOReturnNotAttached;
	}
	*client = c;
	return kIOReturnSuccess;
}
IOReturn iok_external_method(IOUserClient *c, IOExternalMethodArguments *a) { return c->externalMethod(a->selector, a, 0, 0, 0); }
void iok_client_close(IOUserClient *c, int died) { died ? c->clientDied() : c->clientClose(); }
IOReturn iok_client_port(IOUserClient *c, void *port, UInt32 type, uint64_t ref) { return c->registerNotificationPort(port, type, ref); }
IOReturn iok_connect_client(IOUserClient *c, IOUserClient *other) { return c->connectClient(other); }
void *iok_entry_handle(IORegistryEntry *e) { return e->kernelEntry(); }

// The memory that a connection offers: what is in the kernel's pages. out gets address, size and options.
IOReturn iok_client_memory(IOUserClient *c, UInt32 type, uint64_t *out)
{
	IOMemoryDescriptor *d = 0;
	IOOptionBits options = 0;
	IOReturn r = c->clientMemoryForType(type, &options, &d);
	if (r != kIOReturnSuccess)
		return r;
	IOBufferMemoryDescriptor *b = OSDynamicCast(IOBufferMemoryDescriptor, d);
	if (b) {
		out[0] = (uint64_t)b->getBytesNoCopy();
		out[1] = b->getLength();
		out[2] = options;
		out[3] = (uint64_t)b;
		return kIOReturnSuccess;
	}
	OSSafeRelease(d);
	return kIOReturnUnsupported;
}
}
