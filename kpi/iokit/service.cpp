// IOService and IOResources.

OSDefineMetaClassAndStructors(IOService, IORegistryEntry)
OSMetaClassDefineReservedUnused(IOService, 0)
OSMetaClassDefineReservedUnused(IOService, 1)
OSMetaClassDefineReservedUnused(IOService, 2)
OSMetaClassDefineReservedUnused(IOService, 3)
OSDefineMetaClassAndStructors(IOResources, IOService)

static IORecursiveLock *arbitration;

bool IOService::init(OSDictionary *d) { return IORegistryEntry::init(d) && (__openers = OSSet::withCapacity(0)) != 0; }
bool IOService::init(IORegistryEntry *from, const IORegistryPlane *)
{
	OSDictionary *d = from ? from->dictionaryWithProperties() : 0;
	bool ok = d && init(d);
	OSSafeRelease(d);
	return ok;
}
void IOService::free()
{
	OSSafeRelease(__openers);
	IORegistryEntry::free();
}

bool IOService::attach(IOService *provider)
{
	if (!provider) {
		IORegistryEntry *root = getRegistryRoot();
		return root && attachToParent(root, gIOServicePlane);
	}
	if (!attachToParent(provider, gIOServicePlane))
		return false;
	if (!__provider)
		__provider = provider;
	return true;
}
void IOService::detach(IOService *provider)
{
	if (__provider == provider)
		__provider = 0;
	detachFromParent(provider, gIOServicePlane);
}
IOService *IOService::probe(IOService *, SInt32 *) { return this; }
bool IOService::start(IOService *) { return true; }
void IOService::stop(IOService *) {}
void IOService::registerService(IOOptionBits options) { kpi_service_register((kpi_entry_t)kernelEntry(), options); }
bool IOService::terminate(IOOptionBits options)
{
	if (isInactive())
		return true;
	return kpi_service_terminate((kpi_entry_t)kernelEntry(), options);
}
bool IOService::requestTerminate(IOService *, IOOptionBits) { return true; }
bool IOService::willTerminate(IOService *, IOOptionBits) { return true; }
bool IOService::didTerminate(IOService *provider, IOOptionBits, bool *)
{
	// A client that still has its provider open closes it by itself, or here.
	if (provider && provider->isOpen(this))
		provider->close(this);
	return true;
}
bool IOService::finalize(IOOptionBits)
{
	while (IOService *p = getProvider()) {
		stop(p);
		detach(p);
	}
	return true;
}

bool IOService::open(IOService *client, IOOptionBits options, void *arg)
{
	if (!client)
		return false;
	IORecursiveLockLock(arbitration);
	bool ok = !isInactive() && handleOpen(client, options, arg);
	IORecursiveLockUnlock(arbitration);
	return ok;
}
void IOService::close(IOService *client, IOOptionBits options)
{
	IORecursiveLockLock(arbitration);
	bool was = handleIsOpen(client);
	if (was)
		handleClose(client, options);
	IORecursiveLockUnlock(arbitration);
	if (was)
		messageClients(kIOMessageServiceWasClosed);
}
bool IOService::isOpen(const IOService *client) const
{
	IORecursiveLockLock(arbitration);
	bool yes = handleIsOpen(client);
	IORecursiveLockUnlock(arbitration);
	return yes;
}
// One client at a time; families override these to have more.
bool IOService::handleOpen(IOService *client, IOOptionBits, void *)
{
	if (__openers->getCount())
		return __openers->containsObject(client);
	return __openers->setObject(client);
}
void IOService::handleClose(IOService *client, IOOptionBits) { __openers->removeObject(client); }
bool IOService::handleIsOpen(const IOService *client) const { return client ? __openers->containsObject(client) : __openers->getCount() > 0; }

IOService *IOService::getProvider() const { return __provider ? __provider : OSDynamicCast(IOService, getParentEntry(gIOServicePlane)); }
IOService *IOService::getClient() const { return OSDynamicCast(IOService, getChildEntry(gIOServicePlane)); }
OSIterator *IOService::getProviderIterator() const { return getParentIterator(gIOServicePlane); }
OSIterator *IOService::getClientIterator() const { return getChildIterator(gIOServicePlane); }
OSIterator *IOService::getOpenClientIterator() const
{
	IORecursiveLockLock(arbitration);
	OSSet *s = OSSet::withSet(__openers);
	IORecursiveLockUnlock(arbitration);
	OSIterator *it = OSCollectionIterator::withCollection(s);
	OSSafeRelease(s);
	return it;
}
bool IOService::isInactive() const { return (getState() & kIOServiceInactiveState) != 0; }
IOServiceState IOService::getState() const { return kpi_service_state((kpi_entry_t)kernelEntry()); }
UInt32 IOService::getBusyState() { return kpi_service_get_busy((kpi_entry_t)kernelEntry()); }
void IOService::adjustBusy(SInt32 delta) { kpi_service_busy((kpi_entry_t)kernelEntry(), delta); }
bool IOService::lockForArbitration(bool must)
{
	IORecursiveLockLock(arbitration);
	if (must && isInactive()) {
		IORecursiveLockUnlock(arbitration);
		return false;
	}
	return true;
}
void IOService::unlockForArbitration() { IORecursiveLockUnlock(arbitration); }

bool IOService::matchPropertyTable(OSDictionary *table, SInt32 *) { return matchPropertyTable(table); }
bool IOService::matchPropertyTable(OSDictionary *) { return true; }
bool IOService::compareProperty(OSDictionary *matching, const char *key)
{
	OSObject *want = matching ? matching->getObject(key) : 0;
	if (!want)
		return true;
	OSObject *have = copyProperty(key);
	bool same = have && want->isEqualTo(have);
	OSSafeRelease(have);
	return same;
}
bool IOService::compareProperty(OSDictionary *matching, const OSString *key) { return key && compareProperty(matching, key->getCStringNoCopy()); }
bool IOService::passiveMatch(OSDictionary *matching, bool)
{
	XML x(matching);
	return matching && x.good() && kpi_service_match((kpi_entry_t)kernelEntry(), x.text(), x.size());
}
IOReturn IOService::message(UInt32, IOService *, void *) { return kIOReturnUnsupported; }
IOReturn IOService::messageClients(UInt32 type, void *argument, vm_size_t)
{
	kpi_service_message((kpi_entry_t)kernelEntry(), type, (uint64_t)argument);
	return kIOReturnSuccess;
}
IOReturn IOService::messageClient(UInt32 type, OSObject *client, void *argument, vm_size_t)
{
	IOService *s = OSDynamicCast(IOService, client);
	return s ? s->message(type, this, argument) : kIOReturnBadArgument;
}

static OSDictionary *with(OSDictionary *table, const char *key, const OSMetaClassBase *value)
{
	if (table)
		table->retain();
	else
		table = OSDictionary::withCapacity(1);
	if (table && (!value || !table->setObject(key, value))) {
		table->release();
		table = 0;
	}
	return table;
}
static OSDictionary *with(OSDictionary *table, const char *key, const char *text)
{
	const OSSymbol *s = OSSymbol::withCString(text);
	table = with(table, key, s);
	OSSafeRelease(s);
	return table;
}
// As on the original, a table that is passed in comes back without a reference of its own.
#define SAME(d, table) do { if ((table) && (d)) (d)->release(); return (d); } while (0)
OSDictionary *IOService::serviceMatching(const char *c, OSDictionary *t) { OSDictionary *d = with(t, kIOProviderClassKey, c); SAME(d, t); }
OSDictionary *IOService::serviceMatching(const OSString *c, OSDictionary *t) { OSDictionary *d = with(t, kIOProviderClassKey, c); SAME(d, t); }
OSDictionary *IOService::nameMatching(const char *n, OSDictionary *t) { OSDictionary *d = with(t, kIONameMatchKey, n); SAME(d, t); }
OSDictionary *IOService::resourceMatching(const char *n, OSDictionary *t)
{
	OSDictionary *d = serviceMatching(kIOResourcesClass, t);
	return d ? (with(d, kIOResourceMatchKey, n) ? (d->release(), d) : 0) : 0;
}
OSDictionary *IOService::propertyMatching(const OSSymbol *key, const OSObject *value, OSDictionary *t)
{
	const OSObject *v[1] = { value };
	const OSSymbol *k[1] = { key };
	OSDictionary *p = OSDictionary::withObjects(v, k, 1);
	OSDictionary *d = with(t, kIOPropertyMatchKey, p);
	OSSafeRelease(p);
	SAME(d, t);
}
OSIterator *IOService::getMatchingServices(OSDictionary *matching)
{
	XML x(matching);
	OSArray *a = OSArray::withCapacity(0);
	for (unsigned i = 0; a && matching && x.good(); i++) {
		IORegistryEntry *e = kpi_entry_matching(x.text(), x.size(), i);
		if (!e || !a->setObject(e))
			break;
	}
	OSIterator *it = a && a->getCount() ? OSCollectionIterator::withCollection(a) : 0;
	OSSafeRelease(a);
	return it;
}
IOService *IOService::waitForMatchingService(OSDictionary *matching, uint64_t timeout)
{
	XML x(matching);
	if (!matching || !x.good())
		return 0;
	if (!kpi_wait_service(x.text(), x.size(), timeout))
		return 0;
	IOService *s = OSDynamicCast(IOService, kpi_entry_matching(x.text(), x.size(), 0));
	return s && s->tryRetain() ? s : 0;
}
IOService *IOService::waitForService(OSDictionary *matching, mach_timespec_t *t)
{
	IOService *s = waitForMatchingService(matching, t ? t->tv_sec * 1000000000ull + (uint64_t)t->tv_nsec : ~0ull);
	OSSafeRelease(matching);
	if (s)
		s->release(); // as on the original, no reference is given
	return s;
}
IONotifier *IOService::addMatchingNotification(const OSSymbol *type, OSDictionary *matching, IOServiceMatchingNotificationHandler handler,
	void *target, void *ref, SInt32)
{
	XML x(matching);
	return type && matching && handler && x.good() ?
		(IONotifier *)kpi_notify(type->getCStringNoCopy(), x.text(), x.size(), (void *)handler, target, ref) : 0;
}
void IOService::publishResource(const char *key, OSObject *value)
{
	XML x(value ? value : (OSObject *)kOSBooleanTrue);
	if (key && x.good())
		kpi_publish_resource(key, x.text(), x.size());
}
void IOService::publishResource(const OSSymbol *key, OSObject *value)
{
	if (key)
		publishResource(key->getCStringNoCopy(), value);
}
IOService *IOService::getResourceService()
{
	OSDictionary *d = serviceMatching(kIOResourcesClass);
	XML x(d);
	OSSafeRelease(d);
	return x.good() ? OSDynamicCast(IOService, kpi_entry_matching(x.text(), x.size(), 0)) : 0;
}
IOReturn IOResources::setProperties(OSObject *) { return kIOReturnUnsupported; }

void IOService::PMinit() {}
void IOService::PMstop() {}
void IOService::joinPMtree(IOService *) {}
IOReturn IOService::registerPowerDriver(IOService *, IOPMPowerState *, unsigned long) { return kIOReturnUnsupported; }
IOReturn IOService::makeUsable() { return kIOReturnUnsupported; }
unsigned long IOService::getPowerState() { return 0; }
IOReturn IOService::setPowerState(unsigned long, IOService *) { return kIOReturnUnsupported; }
IOReturn IOService::changePowerStateTo(unsigned long) { return kIOReturnUnsupported; }
IOReturn IOService::changePowerStateToPriv(unsigned long) { return kIOReturnUnsupported; }

