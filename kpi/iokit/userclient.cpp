// IOUserClient, and IOService::newUserClient.

OSDefineMetaClassAndAbstractStructors(IOUserClient, IOService)
OSMetaClassDefineReservedUnused(IOUserClient, 0)
OSMetaClassDefineReservedUnused(IOUserClient, 1)

// ../iokit_client.go writes this structure.
static_assert(sizeof(IOExternalMethodArguments) == 248 && offsetof(IOExternalMethodArguments, scalarOutput) == 72 &&
	offsetof(IOExternalMethodArguments, structureOutputSize) == 96, "iokit_client.go has another layout");

bool IOUserClient::initWithTask(task_t, void *, UInt32, OSDictionary *properties) { return init(properties); }
bool IOUserClient::initWithTask(task_t task, void *token, UInt32 type) { return initWithTask(task, token, type, 0); }
IOReturn IOUserClient::clientHasPrivilege(void *token, const char *name)
{
	if (!name)
		return kIOReturnBadArgument;
	if (!strcmp(name, kIOClientPrivilegeAdministrator))
		return kpi_client_root(token) ? kIOReturnSuccess : kIOReturnNotPrivileged;
	return kIOReturnUnsupported;
}
IOReturn IOUserClient::clientClose() { return kIOReturnUnsupported; }
IOReturn IOUserClient::clientDied() { return clientClose(); }
IOService *IOUserClient::getService() { return getProvider(); }
IOReturn IOUserClient::registerNotificationPort(mach_port_t port, UInt32 type, io_user_reference_t ref)
{
	return registerNotificationPort(port, type, (UInt32)ref);
}
IOReturn IOUserClient::registerNotificationPort(mach_port_t, UInt32, UInt32) { return kIOReturnUnsupported; }
IOReturn IOUserClient::connectClient(IOUserClient *) { return kIOReturnUnsupported; }
IOReturn IOUserClient::clientMemoryForType(UInt32, IOOptionBits *, IOMemoryDescriptor **) { return kIOReturnUnsupported; }
IOExternalMethod *IOUserClient::getExternalMethodForIndex(UInt32) { return 0; }
IOExternalMethod *IOUserClient::getTargetAndMethodForIndex(IOService **target, UInt32 index)
{
	IOExternalMethod *m = getExternalMethodForIndex(index);
	if (m)
		*target = m->object;
	return m;
}

static bool wrongCount(uint32_t want, uint32_t have) { return want != kIOUCVariableStructureSize && want != have; }

IOReturn IOUserClient::externalMethod(uint32_t selector, IOExternalMethodArguments *a, IOExternalMethodDispatch *d, OSObject *target, void *reference)
{
	if (d) {
		if (wrongCount(d->checkScalarInputCount, a->scalarInputCount) || wrongCount(d->checkStructureInputSize, a->structureInputSize) ||
			wrongCount(d->checkScalarOutputCount, a->scalarOutputCount) || wrongCount(d->checkStructureOutputSize, a->structureOutputSize))
			return kIOReturnBadArgument;
		if (!d->function)
			return kIOReturnNoCompletion;
		return d->function(target ? target : this, reference, a);
	}
	IOService *object = 0;
	IOExternalMethod *m = getTargetAndMethodForIndex(&object, selector);
	if (!m)
		return kIOReturnUnsupported;
	if (!object)
		return kIOReturnNoDevice;
	void *p[6] = {};
	uint64_t out[6] = {};
	uint32_t n = 0;
	unsigned type = m->flags & kIOUCTypeMask;
	bool scalarIn = type != kIOUCStructIStructO;
	if (type != kIOUCScalarIScalarO && type != kIOUCScalarIStructO && type != kIOUCStructIStructO && type != kIOUCScalarIStructI)
		return kIOReturnBadArgument;
	if (scalarIn) {
		if (m->count0 != a->scalarInputCount || m->count0 > 6)
			return kIOReturnBadArgument;
		for (; n < m->count0; n++)
			p[n] = (void *)a->scalarInput[n];
	}
	IOByteCount size = a->structureOutputSize;
	switch (type) {
	case kIOUCScalarIScalarO:
		if (m->count1 != a->scalarOutputCount || n + m->count1 > 6)
			return kIOReturnBadArgument;
		for (unsigned i = 0; i < m->count1; i++)
			p[n++] = &out[i];
		break;
	case kIOUCScalarIStructI:
		if (wrongCount((uint32_t)m->count1, a->structureInputSize) || n + 2 > 6)
			return kIOReturnBadArgument;
		p[n++] = const_cast<void *>(a->structureInput);
		p[n++] = (void *)(uintptr_t)a->structureInputSize;
		break;
	case kIOUCScalarIStructO:
		if (wrongCount((uint32_t)m->count1, a->structureOutputSize) || n + 2 > 6)
			return kIOReturnBadArgument;
		p[n++] = a->structureOutput;
		p[n++] = &size;
		break;
	case kIOUCStructIStructO:
		if (wrongCount((uint32_t)m->count0, a->structureInputSize) || wrongCount((uint32_t)m->count1, a->structureOutputSize))
			return kIOReturnBadArgument;
		p[0] = const_cast<void *>(a->structureInput);
		p[1] = a->structureOutput;
		p[2] = (void *)(uintptr_t)a->structureInputSize;
		p[3] = &size;
		break;
	}
	IOReturn r = (object->*m->func)(p[0], p[1], p[2], p[3], p[4], p[5]);
	if (type == kIOUCScalarIScalarO)
		// A member that writes 32 bits leaves the rest 0.
		for (unsigned i = 0; i < m->count1; i++)
			a->scalarOutput[i] = out[i];
	else if (size < a->structureOutputSize)
		a->structureOutputSize = (uint32_t)size;
	return r;
}

IOReturn IOUserClient::sendAsyncResult64(OSAsyncReference64 ref, IOReturn result, io_user_reference_t args[], UInt32 n)
{
	return kpi_async_complete((void *)ref[0], result, args, n);
}
IOReturn IOUserClient::releaseAsyncReference64(OSAsyncReference64) { return kIOReturnSuccess; } // the connection's end does

// The service's IOUserClientClass, attached to it and started.
IOReturn IOService::newUserClient(task_t task, void *token, UInt32 type, OSDictionary *properties, IOUserClient **handler)
{
	OSObject *name = copyProperty(kIOUserClientClassKey);
	OSString *s = OSDynamicCast(OSString, name);
	if (!s) {
		OSSafeRelease(name);
		return newUserClient(task, token, type, handler);
	}
	OSObject *o = OSMetaClass::allocClassWithName(s);
	name->release();
	IOUserClient *c = OSDynamicCast(IOUserClient, o);
	if (!c) {
		OSSafeRelease(o);
		return kIOReturnNoMemory;
	}
	if (!c->initWithTask(task, token, type, properties)) {
		c->release();
		return kIOReturnBadArgument;
	}
	if (!c->attach(this)) {
		c->release();
		return kIOReturnUnsupported;
	}
	if (!c->start(this)) {
		c->detach(this);
		c->release();
		return kIOReturnUnsupported;
	}
	*handler = c;
	return kIOReturnSuccess;
}
IOReturn IOService::newUserClient(task_t, void *, UInt32, IOUserClient **) { return kIOReturnUnsupported; }
