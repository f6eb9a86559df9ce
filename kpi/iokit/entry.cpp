// IORegistryEntry. The kernel keeps the structure; what is here are the objects.

OSDefineMetaClassAndStructors(IORegistryPlane, OSObject)
bool IORegistryPlane::serialize(OSSerialize *s) const { return name->serialize(s); }

const IORegistryPlane *gIOServicePlane, *gIODTPlane, *gIOPowerPlane;
static OSDictionary *allPlanes;
static IORecursiveLock *planesLock;

OSDefineMetaClassAndStructors(IORegistryEntry, OSObject)
OSMetaClassDefineReservedUnused(IORegistryEntry, 0)
OSMetaClassDefineReservedUnused(IORegistryEntry, 1)

#define ENTRY ((kpi_entry_t)fEntry)
static kpi_entry_t entryOf(const IORegistryEntry *e) { return e ? (kpi_entry_t)e->kernelEntry() : 0; }
static const char *planeName(const IORegistryPlane *p) { return p ? p->getName() : ""; }

const IORegistryPlane *IORegistryEntry::makePlane(const char *name)
{
	IORecursiveLockLock(planesLock);
	IORegistryPlane *p = (IORegistryPlane *)allPlanes->getObject(name);
	if (!p && (p = new IORegistryPlane)) {
		p->name = OSSymbol::withCString(name);
		if (!p->name || !allPlanes->setObject(name, p))
			panic("IORegistryPlane: no memory");
		p->release();
	}
	IORecursiveLockUnlock(planesLock);
	return p;
}
const IORegistryPlane *IORegistryEntry::getPlane(const char *name)
{
	IORecursiveLockLock(planesLock);
	IORegistryPlane *p = (IORegistryPlane *)allPlanes->getObject(name);
	IORecursiveLockUnlock(planesLock);
	return p;
}

// The XML of a value, for the kernel.
struct XML {
	OSSerialize *s;
	XML(const OSMetaClassBase *o) : s(OSSerialize::withCapacity(256))
	{
		if (s && o && !o->serialize(s)) {
			s->release();
			s = 0;
		}
	}
	~XML() { OSSafeRelease(s); }
	bool good() const { return s != 0; }
	const char *text() const { return s ? s->text() : ""; }
	size_t size() const { return s ? s->getLength() - 1 : 0; }
};

bool IORegistryEntry::init(OSDictionary *d)
{
	if (!OSObject::init() || !(fLock = IORecursiveLockAlloc()) || !(fNames = OSSet::withCapacity(0)))
		return false;
	fPropertyTable = d ? OSDictionary::withDictionary(d) : OSDictionary::withCapacity(0);
	if (!fPropertyTable)
		return false;
	if (!fEntry) {
		const char *name = getMetaClass()->getClassName();
		if (!(fEntry = kpi_entry_new(this, name, name)))
			return false;
	}
	OSCollectionIterator *it = d ? OSCollectionIterator::withCollection(d) : 0;
	while (OSObject *k = it ? it->getNextObject() : 0) {
		const OSSymbol *s = (const OSSymbol *)k;
		publish(s, d->getObject(s));
	}
	OSSafeRelease(it);
	return true;
}

void IORegistryEntry::free()
{
	if (fEntry)
		kpi_entry_free(ENTRY);
	OSSafeRelease(fPropertyTable);
	OSSafeRelease(fNames);
	if (fLock)
		IORecursiveLockFree(fLock);
	OSObject::free();
}

bool IORegistryEntry::publish(const OSSymbol *k, const OSObject *v)
{
	XML x(v);
	return x.good() && kpi_entry_set_property(ENTRY, k->getCStringNoCopy(), v ? x.text() : 0, v ? x.size() : 0);
}

OSDictionary *IORegistryEntry::fetch() const
{
	size_t room = 4096;
	for (;;) {
		char *b = (char *)kpi_object_alloc(room + 1);
		if (!b)
			return 0;
		size_t n = kpi_entry_properties(ENTRY, b, room);
		if (n <= room) {
			OSObject *o = OSUnserializeXML(b, n, 0);
			kpi_object_free(b);
			OSDictionary *d = OSDynamicCast(OSDictionary, o);
			if (!d)
				OSSafeRelease(o);
			return d;
		}
		kpi_object_free(b);
		room = n + 256;
	}
}

OSDictionary *IORegistryEntry::dictionaryWithProperties() const
{
	if (fForeign)
		return fetch();
	IORecursiveLockLock(fLock);
	OSDictionary *d = OSDictionary::withDictionary(fPropertyTable);
	IORecursiveLockUnlock(fLock);
	return d;
}
bool IORegistryEntry::serializeProperties(OSSerialize *s) const
{
	OSDictionary *d = dictionaryWithProperties();
	bool ok = d && d->serialize(s);
	OSSafeRelease(d);
	return ok;
}

bool IORegistryEntry::setProperty(const OSSymbol *k, OSObject *o)
{
	if (!k || !o || !fEntry)
		return false;
	IORecursiveLockLock(fLock);
	bool ok = publish(k, o) && (fForeign || fPropertyTable->setObject(k, o));
	IORecursiveLockUnlock(fLock);
	return ok;
}
bool IORegistryEntry::setProperty(const OSString *k, OSObject *o)
{
	const OSSymbol *s = OSSymbol::withString(k);
	bool ok = s && setProperty(s, o);
	OSSafeRelease(s);
	return ok;
}
bool IORegistryEntry::setProperty(const char *k, OSObject *o)
{
	const OSSymbol *s = OSSymbol::withCString(k);
	bool ok = s && setProperty(s, o);
	OSSafeRelease(s);
	return ok;
}
static bool setAndRelease(IORegistryEntry *e, const char *k, OSObject *o)
{
	bool ok = o && e->setProperty(k, o);
	OSSafeRelease(o);
	return ok;
}
bool IORegistryEntry::setProperty(const char *k, const char *s) { return setAndRelease(this, k, (OSObject *)OSSymbol::withCString(s)); }
bool IORegistryEntry::setProperty(const char *k, bool b) { return setProperty(k, (OSObject *)OSBoolean::withBoolean(b)); }
bool IORegistryEntry::setProperty(const char *k, unsigned long long v, unsigned bits) { return setAndRelease(this, k, OSNumber::withNumber(v, bits)); }
bool IORegistryEntry::setProperty(const char *k, void *b, unsigned n) { return setAndRelease(this, k, OSData::withBytes(b, n)); }

void IORegistryEntry::removeProperty(const OSSymbol *k)
{
	if (!k || !fEntry)
		return;
	IORecursiveLockLock(fLock);
	kpi_entry_set_property(ENTRY, k->getCStringNoCopy(), 0, 0);
	if (!fForeign)
		fPropertyTable->removeObject(k);
	IORecursiveLockUnlock(fLock);
}
void IORegistryEntry::removeProperty(const OSString *k)
{
	if (k)
		removeProperty(k->getCStringNoCopy());
}
void IORegistryEntry::removeProperty(const char *k)
{
	const OSSymbol *s = OSSymbol::withCString(k);
	removeProperty(s);
	OSSafeRelease(s);
}

OSObject *IORegistryEntry::copyProperty(const OSSymbol *k) const
{
	if (!k || !fPropertyTable)
		return 0;
	IORecursiveLockLock(fLock);
	OSDictionary *d = fForeign ? fetch() : fPropertyTable;
	OSObject *o = d ? d->getObject(k) : 0;
	if (o)
		o->retain();
	if (d != fPropertyTable)
		OSSafeRelease(d);
	IORecursiveLockUnlock(fLock);
	return o;
}
OSObject *IORegistryEntry::copyProperty(const OSString *k) const { return k ? copyProperty(k->getCStringNoCopy()) : 0; }
OSObject *IORegistryEntry::copyProperty(const char *k) const
{
	const OSSymbol *s = OSSymbol::withCString(k);
	OSObject *o = copyProperty(s);
	OSSafeRelease(s);
	return o;
}
OSObject *IORegistryEntry::copyProperty(const char *k, const IORegistryPlane *plane, IOOptionBits options) const
{
	OSObject *o = copyProperty(k);
	if (o || !(options & kIORegistryIterateRecursively))
		return o;
	int up = (options & kIORegistryIterateParents) != 0;
	for (unsigned i = 0; !o; i++) {
		IORegistryEntry *e = near(plane, up, i);
		if (!e)
			break;
		o = e->copyProperty(k, plane, options);
	}
	return o;
}
// The reference of an object that stands for the kernel's own is kept with the entry, a few of them: its table
// is always new.
OSObject *IORegistryEntry::getProperty(const OSSymbol *k) const
{
	OSObject *o = copyProperty(k);
	if (!o)
		return 0;
	if (fForeign) {
		IORecursiveLockLock(fLock);
		fPropertyTable->setObject(k, o);
		IORecursiveLockUnlock(fLock);
	}
	o->release();
	return o;
}
OSObject *IORegistryEntry::getProperty(const OSString *k) const { return k ? getProperty(k->getCStringNoCopy()) : 0; }
OSObject *IORegistryEntry::getProperty(const char *k) const
{
	const OSSymbol *s = OSSymbol::withCString(k);
	OSObject *o = getProperty(s);
	OSSafeRelease(s);
	return o;
}
IOReturn IORegistryEntry::setProperties(OSObject *) { return (IOReturn)0xe00002c7; }

IORegistryEntry *IORegistryEntry::near(const IORegistryPlane *p, int up, unsigned i) const { return fEntry && p ? kpi_entry_near(ENTRY, p->getName(), up, i) : 0; }
OSIterator *IORegistryEntry::iterator(const IORegistryPlane *p, int up) const
{
	OSArray *a = OSArray::withCapacity(0);
	for (unsigned i = 0; a; i++) {
		IORegistryEntry *e = near(p, up, i);
		if (!e || !a->setObject(e))
			break;
	}
	OSIterator *it = OSCollectionIterator::withCollection(a);
	OSSafeRelease(a);
	return it;
}
IORegistryEntry *IORegistryEntry::getParentEntry(const IORegistryPlane *p) const { return near(p, 1, 0); }
IORegistryEntry *IORegistryEntry::getChildEntry(const IORegistryPlane *p) const { return near(p, 0, 0); }
IORegistryEntry *IORegistryEntry::copyParentEntry(const IORegistryPlane *p) const
{
	IORegistryEntry *e = getParentEntry(p);
	return e && e->tryRetain() ? e : 0;
}
IORegistryEntry *IORegistryEntry::copyChildEntry(const IORegistryPlane *p) const
{
	IORegistryEntry *e = getChildEntry(p);
	return e && e->tryRetain() ? e : 0;
}
OSIterator *IORegistryEntry::getChildIterator(const IORegistryPlane *p) const { return iterator(p, 0); }
OSIterator *IORegistryEntry::getParentIterator(const IORegistryPlane *p) const { return iterator(p, 1); }
static bool isNear(const IORegistryEntry *e, const IORegistryEntry *x, const IORegistryPlane *p, int up, bool only)
{
	bool there = false;
	unsigned i = 0;
	for (; IORegistryEntry *n = kpi_entry_near(entryOf(e), planeName(p), up, i); i++)
		there |= n == x;
	return there && (!only || i == 1);
}
bool IORegistryEntry::isChild(IORegistryEntry *c, const IORegistryPlane *p, bool only) const { return isNear(this, c, p, 0, only); }
bool IORegistryEntry::isParent(IORegistryEntry *c, const IORegistryPlane *p, bool only) const { return isNear(this, c, p, 1, only); }
bool IORegistryEntry::inPlane(const IORegistryPlane *p) const
{
	if (p)
		return near(p, 1, 0) != 0;
	return near(gIOServicePlane, 1, 0) || near(gIODTPlane, 1, 0) || near(gIOPowerPlane, 1, 0);
}
unsigned IORegistryEntry::getDepth(const IORegistryPlane *p) const
{
	unsigned n = 0;
	for (const IORegistryEntry *e = this; e && n < 256; e = e->getParentEntry(p))
		n++;
	return n;
}
bool IORegistryEntry::attachToParent(IORegistryEntry *parent, const IORegistryPlane *p)
{
	return parent && p && fEntry && kpi_entry_attach(ENTRY, entryOf(parent), p->getName());
}
void IORegistryEntry::detachFromParent(IORegistryEntry *parent, const IORegistryPlane *p)
{
	if (parent && p && fEntry)
		kpi_entry_detach(ENTRY, entryOf(parent), p->getName());
}
bool IORegistryEntry::attachToChild(IORegistryEntry *c, const IORegistryPlane *p) { return c && c->attachToParent(this, p); }
void IORegistryEntry::detachFromChild(IORegistryEntry *c, const IORegistryPlane *p)
{
	if (c)
		c->detachFromParent(this, p);
}
void IORegistryEntry::detachAll(const IORegistryPlane *p)
{
	retain(); // the registry may have held the last reference
	while (IORegistryEntry *e = near(p, 1, 0))
		detachFromParent(e, p);
	while (IORegistryEntry *e = near(p, 0, 0))
		e->detachFromParent(this, p);
	release();
}

const char *IORegistryEntry::text(const IORegistryPlane *p, int what) const
{
	char b[256];
	if (!fEntry || kpi_entry_text(ENTRY, planeName(p), what, b, sizeof b - 1) > sizeof b - 1 || !b[0])
		return 0;
	const OSSymbol *s = OSSymbol::withCString(b);
	if (!s)
		return 0;
	IORecursiveLockLock(fLock);
	if (fNames->getCount() > 64)
		fNames->flushCollection();
	fNames->setObject(s);
	IORecursiveLockUnlock(fLock);
	s->release();
	return s->getCStringNoCopy();
}
const char *IORegistryEntry::getName(const IORegistryPlane *p) const
{
	const char *s = text(p, kText_Name);
	return s ? s : "";
}
const OSSymbol *IORegistryEntry::copyName(const IORegistryPlane *p) const { return OSSymbol::withCString(getName(p)); }
const char *IORegistryEntry::getLocation(const IORegistryPlane *p) const { return text(p, kText_Location); }
const OSSymbol *IORegistryEntry::copyLocation(const IORegistryPlane *p) const { return OSSymbol::withCString(getLocation(p)); }
void IORegistryEntry::setName(const char *n, const IORegistryPlane *p)
{
	if (n && fEntry)
		kpi_entry_label(ENTRY, planeName(p), kText_Name, n);
}
void IORegistryEntry::setName(const OSSymbol *n, const IORegistryPlane *p)
{
	if (n)
		setName(n->getCStringNoCopy(), p);
}
void IORegistryEntry::setLocation(const char *n, const IORegistryPlane *p)
{
	if (n && fEntry)
		kpi_entry_label(ENTRY, planeName(p), kText_Location, n);
}
void IORegistryEntry::setLocation(const OSSymbol *n, const IORegistryPlane *p)
{
	if (n)
		setLocation(n->getCStringNoCopy(), p);
}
bool IORegistryEntry::getPath(char *path, int *length, const IORegistryPlane *p) const
{
	if (!path || !length || *length <= 0 || !p || !fEntry)
		return false;
	size_t n = kpi_entry_text(ENTRY, p->getName(), kText_Path, path, (size_t)*length - 1);
	if (n == 0 || n > (size_t)*length - 1)
		return false;
	path[n] = 0;
	*length = (int)n + 1;
	return true;
}
bool IORegistryEntry::compareName(OSString *name, OSString **matched) const
{
	if (!name || !name->isEqualTo(getName()))
		return false;
	if (matched) {
		name->retain();
		*matched = name;
	}
	return true;
}
uint64_t IORegistryEntry::getRegistryEntryID() { return fEntry ? kpi_entry_id(ENTRY) : 0; }
IORegistryEntry *IORegistryEntry::getRegistryRoot() { return kpi_entry_root(); }
IORegistryEntry *IORegistryEntry::fromPath(const char *path, const IORegistryPlane *p, char *residual, int *length, IORegistryEntry *from)
{
	if (!path || from) // below another entry is not offered
		return 0;
	char whole[512];
	if (p && !strchr(path, ':'))
		snprintf(whole, sizeof whole, "%s:%s", p->getName(), path);
	else
		strlcpy(whole, path, sizeof whole);
	IORegistryEntry *e = kpi_entry_from_path(whole);
	if (!e || !e->tryRetain())
		return 0;
	if (length) {
		if (residual && *length > 0)
			residual[0] = 0;
		*length = 0;
	}
	return e;
}
