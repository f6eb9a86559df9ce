// OSCollection and its heirs, and the iterator.

OSDefineMetaClassAndAbstractStructors(OSCollection, OSObject)
OSDefineMetaClassAndAbstractStructors(OSIterator, OSObject)

bool OSCollection::init() { return OSObject::init(); }
unsigned OSCollection::setOptions(unsigned options, unsigned mask, void *)
{
	unsigned old = fOptions;
	if (mask)
		fOptions = (old & ~mask) | (options & mask);
	return old;
}
OSCollection *OSCollection::copyCollection(OSDictionary *) { return 0; }

#define MUST_BE_MUTABLE() do { \
	if (fOptions & kImmutable) \
		panic("an immutable %s is changed", getMetaClass()->getClassName()); \
	haveUpdated(); \
} while (0)

bool OSCollection::iterateObjects(void *refcon, bool (*callback)(void *, OSObject *))
{
	OSCollectionIterator *it = OSCollectionIterator::withCollection(this);
	if (!it)
		return false;
	bool done = false;
	while (OSObject *o = done ? 0 : it->getNextObject())
		done = callback(refcon, o);
	it->release();
	return done;
}

OSDefineMetaClassAndStructors(OSCollectionIterator, OSIterator)

OSCollectionIterator *OSCollectionIterator::withCollection(const OSCollection *c)
{
	OSCollectionIterator *it = new OSCollectionIterator;
	if (it && !it->initWithCollection(c)) {
		it->release();
		it = 0;
	}
	return it;
}
bool OSCollectionIterator::initWithCollection(const OSCollection *c)
{
	if (!c || !OSObject::init())
		return false;
	size = c->iteratorSize();
	collIterator = kpi_object_alloc(size);
	if (!collIterator)
		return false;
	c->retain();
	collection = c;
	reset();
	return true;
}
void OSCollectionIterator::free()
{
	if (collIterator)
		kpi_object_free(collIterator);
	if (collection)
		collection->release();
	OSIterator::free();
}
void OSCollectionIterator::reset()
{
	bzero(collIterator, size);
	valid = collection->initIterator(collIterator);
	initialUpdateStamp = collection->updateStamp;
}
bool OSCollectionIterator::isValid() { return valid && initialUpdateStamp == collection->updateStamp; }
OSObject *OSCollectionIterator::getNextObject()
{
	OSObject *o = 0;
	if (!isValid() || !collection->getNextObjectForIterator(collIterator, &o))
		return 0;
	return o;
}

OSDefineMetaClassAndStructors(OSArray, OSCollection)

OSArray *OSArray::withCapacity(unsigned n)
{
	OSArray *a = new OSArray;
	if (a && !a->initWithCapacity(n)) {
		a->release();
		a = 0;
	}
	return a;
}
OSArray *OSArray::withObjects(const OSObject *o[], unsigned n, unsigned cap)
{
	OSArray *a = new OSArray;
	if (a && !a->initWithObjects(o, n, cap)) {
		a->release();
		a = 0;
	}
	return a;
}
OSArray *OSArray::withArray(const OSArray *from, unsigned cap)
{
	OSArray *a = new OSArray;
	if (a && !a->initWithArray(from, cap)) {
		a->release();
		a = 0;
	}
	return a;
}
bool OSArray::initWithCapacity(unsigned n)
{
	if (!OSCollection::init())
		return false;
	capacityIncrement = n ? n : 16;
	return n == 0 || ensureCapacity(n) >= n;
}
bool OSArray::initWithObjects(const OSObject *o[], unsigned n, unsigned cap)
{
	if (!o || !initWithCapacity(cap > n ? cap : n))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!setObject(o[i]))
			return false;
	return true;
}
bool OSArray::initWithArray(const OSArray *from, unsigned cap)
{
	return from && initWithObjects((const OSObject **)from->array ? (const OSObject **)from->array : (const OSObject **)"", from->count, cap);
}
void OSArray::free()
{
	fOptions = 0;
	flushCollection();
	if (array)
		kpi_object_free(array);
	OSCollection::free();
}
unsigned OSArray::getCount() const { return count; }
unsigned OSArray::getCapacity() const { return capacity; }
unsigned OSArray::getCapacityIncrement() const { return capacityIncrement; }
unsigned OSArray::setCapacityIncrement(unsigned n) { return capacityIncrement = n ? n : 16; }
unsigned OSArray::ensureCapacity(unsigned n)
{
	if (n <= capacity)
		return capacity;
	// Doubling keeps the work linear whatever the increment is.
	unsigned long want = capacity + (unsigned long)(capacityIncrement > capacity ? capacityIncrement : capacity);
	if (want < n)
		want = n;
	if (want > 0x7fffffff / sizeof *array)
		return capacity;
	const OSMetaClassBase **p = (const OSMetaClassBase **)kpi_object_alloc(want * sizeof *array);
	if (!p)
		return capacity;
	if (count)
		memcpy(p, array, count * sizeof *array);
	if (array)
		kpi_object_free(array);
	array = p;
	return capacity = (unsigned)want;
}
void OSArray::flushCollection()
{
	MUST_BE_MUTABLE();
	while (count)
		array[--count]->taggedRelease(0);
}
bool OSArray::setObject(const OSMetaClassBase *o) { return setObject(count, o); }
bool OSArray::setObject(unsigned at, const OSMetaClassBase *o)
{
	MUST_BE_MUTABLE();
	if (!o || at > count || ensureCapacity(count + 1) <= count)
		return false;
	memmove(array + at + 1, array + at, (count - at) * sizeof *array);
	o->taggedRetain(0);
	array[at] = o;
	count++;
	return true;
}
bool OSArray::merge(const OSArray *other)
{
	if (!other)
		return false;
	unsigned n = other->count;
	for (unsigned i = 0; i < n; i++)
		if (!setObject(other->array[i]))
			return false;
	return true;
}
void OSArray::replaceObject(unsigned at, const OSMetaClassBase *o)
{
	MUST_BE_MUTABLE();
	if (!o || at >= count)
		return;
	const OSMetaClassBase *old = array[at];
	o->taggedRetain(0);
	array[at] = o;
	old->taggedRelease(0);
}
void OSArray::removeObject(unsigned at)
{
	MUST_BE_MUTABLE();
	if (at >= count)
		return;
	const OSMetaClassBase *old = array[at];
	count--;
	memmove(array + at, array + at + 1, (count - at) * sizeof *array);
	old->taggedRelease(0);
}
bool OSArray::isEqualTo(const OSArray *o) const
{
	if (this == o)
		return true;
	if (!o || count != o->count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!array[i]->isEqualTo(o->array[i]))
			return false;
	return true;
}
bool OSArray::isEqualTo(const OSMetaClassBase *o) const { return isEqualTo(OSDynamicCast(OSArray, o)); }
OSObject *OSArray::getObject(unsigned i) const { return i < count ? (OSObject *)array[i] : 0; }
OSObject *OSArray::getLastObject() const { return count ? (OSObject *)array[count - 1] : 0; }
unsigned OSArray::getNextIndexOfObject(const OSMetaClassBase *o, unsigned i) const
{
	for (; i < count; i++)
		if (array[i] == o)
			return i;
	return ~0u;
}
unsigned OSArray::iteratorSize() const { return sizeof(unsigned); }
bool OSArray::initIterator(void *it) const { return *(unsigned *)it = 0, true; }
bool OSArray::getNextObjectForIterator(void *it, OSObject **o) const
{
	unsigned i = (*(unsigned *)it)++;
	return (*o = getObject(i)) != 0;
}
static bool serializeArray(OSSerialize *s, const OSMetaClassBase *o, const char *tag, const OSArray *a)
{
	if (!s->addXMLStartTag(o, tag) || !s->enter())
		return false;
	bool ok = true;
	for (unsigned i = 0; ok && i < a->getCount(); i++)
		ok = a->getObject(i)->serialize(s);
	s->leave();
	return ok && s->addXMLEndTag(tag);
}
bool OSArray::serialize(OSSerialize *s) const { return serializeArray(s, this, "array", this); }

// Copies are deep for collections, and share the rest. A cycle ends on the stack's guard.
static const OSMetaClassBase *copyOf(const OSMetaClassBase *o)
{
	if (OSCollection *c = OSDynamicCast(OSCollection, o))
		return c->copyCollection(0);
	o->retain();
	return o;
}
OSCollection *OSArray::copyCollection(OSDictionary *)
{
	OSArray *a = withCapacity(count);
	for (unsigned i = 0; a && i < count; i++) {
		const OSMetaClassBase *o = copyOf(array[i]);
		if (!o || !a->setObject(o)) {
			if (o)
				o->release();
			a->release();
			return 0;
		}
		o->release();
	}
	return a;
}

OSDefineMetaClassAndStructors(OSDictionary, OSCollection)

OSDictionary *OSDictionary::withCapacity(unsigned n)
{
	OSDictionary *d = new OSDictionary;
	if (d && !d->initWithCapacity(n)) {
		d->release();
		d = 0;
	}
	return d;
}
OSDictionary *OSDictionary::withObjects(const OSObject *o[], const OSSymbol *k[], unsigned n, unsigned cap)
{
	OSDictionary *d = withCapacity(cap > n ? cap : n);
	for (unsigned i = 0; d && i < n; i++)
		if (!d->setObject(k[i], o[i])) {
			d->release();
			d = 0;
		}
	return d;
}
OSDictionary *OSDictionary::withObjects(const OSObject *o[], const OSString *k[], unsigned n, unsigned cap)
{
	OSDictionary *d = withCapacity(cap > n ? cap : n);
	for (unsigned i = 0; d && i < n; i++)
		if (!d->setObject(k[i], o[i])) {
			d->release();
			d = 0;
		}
	return d;
}
OSDictionary *OSDictionary::withDictionary(const OSDictionary *o, unsigned cap)
{
	OSDictionary *d = new OSDictionary;
	if (d && !d->initWithDictionary(o, cap)) {
		d->release();
		d = 0;
	}
	return d;
}
bool OSDictionary::initWithCapacity(unsigned n)
{
	if (!OSCollection::init())
		return false;
	capacityIncrement = n ? n : 16;
	return n == 0 || ensureCapacity(n) >= n;
}
bool OSDictionary::initWithDictionary(const OSDictionary *o, unsigned cap)
{
	return o && initWithCapacity(cap > o->count ? cap : o->count) && merge(o);
}
void OSDictionary::free()
{
	fOptions = 0;
	flushCollection();
	if (dictionary)
		kpi_object_free(dictionary);
	OSCollection::free();
}
unsigned OSDictionary::getCount() const { return count; }
unsigned OSDictionary::getCapacity() const { return capacity; }
unsigned OSDictionary::getCapacityIncrement() const { return capacityIncrement; }
unsigned OSDictionary::setCapacityIncrement(unsigned n) { return capacityIncrement = n ? n : 16; }
unsigned OSDictionary::ensureCapacity(unsigned n)
{
	if (n <= capacity)
		return capacity;
	unsigned long want = capacity + (unsigned long)(capacityIncrement > capacity ? capacityIncrement : capacity);
	if (want < n)
		want = n;
	if (want > 0x7fffffff / sizeof *dictionary)
		return capacity;
	dictEntry *p = (dictEntry *)kpi_object_alloc(want * sizeof *p);
	if (!p)
		return capacity;
	if (count)
		memcpy(p, dictionary, count * sizeof *p);
	if (dictionary)
		kpi_object_free(dictionary);
	dictionary = p;
	return capacity = (unsigned)want;
}
void OSDictionary::flushCollection()
{
	MUST_BE_MUTABLE();
	while (count) {
		dictEntry e = dictionary[--count];
		e.key->taggedRelease(0);
		e.value->taggedRelease(0);
	}
}
bool OSDictionary::setObject(const OSSymbol *k, const OSMetaClassBase *o)
{
	MUST_BE_MUTABLE();
	if (!k || !o)
		return false;
	o->taggedRetain(0);
	for (unsigned i = 0; i < count; i++)
		if (dictionary[i].key == k) {
			const OSMetaClassBase *old = dictionary[i].value;
			dictionary[i].value = o;
			old->taggedRelease(0);
			return true;
		}
	if (ensureCapacity(count + 1) <= count) {
		o->taggedRelease(0);
		return false;
	}
	k->taggedRetain(0);
	dictionary[count].key = k;
	dictionary[count++].value = o;
	return true;
}
bool OSDictionary::setObject(const OSString *k, const OSMetaClassBase *o)
{
	const OSSymbol *s = OSSymbol::withString(k);
	bool ok = s && setObject(s, o);
	if (s)
		s->release();
	return ok;
}
bool OSDictionary::setObject(const char *k, const OSMetaClassBase *o)
{
	const OSSymbol *s = OSSymbol::withCString(k);
	bool ok = s && setObject(s, o);
	if (s)
		s->release();
	return ok;
}
void OSDictionary::removeObject(const OSSymbol *k)
{
	MUST_BE_MUTABLE();
	for (unsigned i = 0; i < count; i++)
		if (dictionary[i].key == k) {
			dictEntry e = dictionary[i];
			count--;
			memmove(dictionary + i, dictionary + i + 1, (count - i) * sizeof *dictionary);
			e.key->taggedRelease(0);
			e.value->taggedRelease(0);
			return;
		}
}
void OSDictionary::removeObject(const OSString *k)
{
	if (k)
		removeObject(k->getCStringNoCopy());
}
void OSDictionary::removeObject(const char *k)
{
	if (const OSSymbol *s = OSSymbol::existingSymbolForCString(k)) {
		removeObject(s);
		s->release();
	}
}
bool OSDictionary::merge(const OSDictionary *o)
{
	if (!o)
		return false;
	for (unsigned i = 0; i < o->count; i++)
		if (!setObject(o->dictionary[i].key, o->dictionary[i].value))
			return false;
	return true;
}
OSObject *OSDictionary::getObject(const OSSymbol *k) const
{
	for (unsigned i = 0; k && i < count; i++)
		if (dictionary[i].key == k)
			return (OSObject *)dictionary[i].value;
	return 0;
}
OSObject *OSDictionary::getObject(const OSString *k) const { return k ? getObject(k->getCStringNoCopy()) : 0; }
OSObject *OSDictionary::getObject(const char *k) const
{
	const OSSymbol *s = OSSymbol::existingSymbolForCString(k);
	OSObject *o = getObject(s);
	if (s)
		s->release();
	return o;
}
bool OSDictionary::isEqualTo(const OSDictionary *o) const
{
	if (this == o)
		return true;
	if (!o || count != o->count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		OSObject *v = o->getObject(dictionary[i].key);
		if (!v || !dictionary[i].value->isEqualTo(v))
			return false;
	}
	return true;
}
bool OSDictionary::isEqualTo(const OSDictionary *o, const OSCollection *keys) const
{
	if (!o || !keys)
		return false;
	OSCollectionIterator *it = OSCollectionIterator::withCollection(keys);
	bool same = it != 0;
	while (OSObject *k = same ? it->getNextObject() : 0) {
		const OSString *s = OSDynamicCast(OSString, k);
		OSObject *a = getObject(s), *b = o->getObject(s);
		same = a && b && a->isEqualTo(b);
	}
	OSSafeRelease(it);
	return same;
}
bool OSDictionary::isEqualTo(const OSMetaClassBase *o) const { return isEqualTo(OSDynamicCast(OSDictionary, o)); }
unsigned OSDictionary::iteratorSize() const { return sizeof(unsigned); }
bool OSDictionary::initIterator(void *it) const { return *(unsigned *)it = 0, true; }
bool OSDictionary::getNextObjectForIterator(void *it, OSObject **o) const
{
	unsigned i = (*(unsigned *)it)++;
	return (*o = i < count ? (OSObject *)dictionary[i].key : 0) != 0;
}
bool OSDictionary::iterateObjects(void *refcon, bool (*callback)(void *, const OSSymbol *, OSObject *))
{
	unsigned stamp = updateStamp;
	for (unsigned i = 0; i < count && stamp == updateStamp; i++)
		if (callback(refcon, dictionary[i].key, (OSObject *)dictionary[i].value))
			return true;
	return false;
}
bool OSDictionary::serialize(OSSerialize *s) const
{
	if (!s->addXMLStartTag(this, "dict") || !s->enter())
		return false;
	bool ok = true;
	for (unsigned i = 0; ok && i < count; i++)
		ok = s->addString("<key>") && s->addEscaped(dictionary[i].key->getCStringNoCopy()) && s->addString("</key>") &&
			dictionary[i].value->serialize(s);
	s->leave();
	return ok && s->addXMLEndTag("dict");
}
OSCollection *OSDictionary::copyCollection(OSDictionary *)
{
	OSDictionary *d = withCapacity(count);
	for (unsigned i = 0; d && i < count; i++) {
		const OSMetaClassBase *o = copyOf(dictionary[i].value);
		if (!o || !d->setObject(dictionary[i].key, o)) {
			if (o)
				o->release();
			d->release();
			return 0;
		}
		o->release();
	}
	return d;
}

// What OSSet and OSOrderedSet pass on to the array that they are made of.
#define ON_MEMBERS(cls) \
	unsigned cls::iteratorSize() const { return sizeof(unsigned); } \
	bool cls::initIterator(void *it) const { return *(unsigned *)it = 0, true; } \
	bool cls::getNextObjectForIterator(void *it, OSObject **o) const \
	{ \
		unsigned i = (*(unsigned *)it)++; \
		return (*o = members->getObject(i)) != 0; \
	} \
	void cls::free() \
	{ \
		if (members) \
			members->release(); \
		OSCollection::free(); \
	} \
	unsigned cls::getCount() const { return members->getCount(); } \
	unsigned cls::getCapacity() const { return members->getCapacity(); } \
	unsigned cls::getCapacityIncrement() const { return members->getCapacityIncrement(); } \
	unsigned cls::setCapacityIncrement(unsigned n) { return members->setCapacityIncrement(n); } \
	unsigned cls::ensureCapacity(unsigned n) { return members->ensureCapacity(n); } \
	void cls::flushCollection() { MUST_BE_MUTABLE(); members->flushCollection(); } \
	bool cls::containsObject(const OSMetaClassBase *o) const { return o && members->getNextIndexOfObject(o, 0) != ~0u; } \
	bool cls::member(const OSMetaClassBase *o) const { return containsObject(o); } \
	void cls::removeObject(const OSMetaClassBase *o) \
	{ \
		MUST_BE_MUTABLE(); \
		unsigned i = members->getNextIndexOfObject(o, 0); \
		if (i != ~0u) \
			members->removeObject(i); \
	}

OSDefineMetaClassAndStructors(OSSet, OSCollection)
ON_MEMBERS(OSSet)

OSSet *OSSet::withCapacity(unsigned n)
{
	OSSet *s = new OSSet;
	if (s && !s->initWithCapacity(n)) {
		s->release();
		s = 0;
	}
	return s;
}
OSSet *OSSet::withObjects(const OSObject *o[], unsigned n, unsigned cap)
{
	OSSet *s = withCapacity(cap > n ? cap : n);
	for (unsigned i = 0; s && i < n; i++)
		s->setObject(o[i]);
	return s;
}
OSSet *OSSet::withArray(const OSArray *a, unsigned cap)
{
	OSSet *s = withCapacity(cap);
	if (s)
		s->merge(a);
	return s;
}
OSSet *OSSet::withSet(const OSSet *o, unsigned cap) { return o ? withArray(o->members, cap) : 0; }
bool OSSet::initWithCapacity(unsigned n) { return OSCollection::init() && (members = OSArray::withCapacity(n)) != 0; }
bool OSSet::setObject(const OSMetaClassBase *o)
{
	MUST_BE_MUTABLE();
	return !containsObject(o) && members->setObject(o);
}
bool OSSet::merge(const OSArray *a)
{
	bool any = false;
	for (unsigned i = 0; a && i < a->getCount(); i++)
		any |= setObject(a->getObject(i));
	return any;
}
bool OSSet::merge(const OSSet *s) { return s && merge(s->members); }
OSObject *OSSet::getAnyObject() const { return members->getObject(0); }
bool OSSet::isEqualTo(const OSSet *o) const
{
	if (!o || getCount() != o->getCount())
		return false;
	for (unsigned i = 0; i < getCount(); i++)
		if (!o->containsObject(members->getObject(i)))
			return false;
	return true;
}
bool OSSet::isEqualTo(const OSMetaClassBase *o) const { return isEqualTo(OSDynamicCast(OSSet, o)); }
bool OSSet::serialize(OSSerialize *s) const { return serializeArray(s, this, "set", members); }
OSCollection *OSSet::copyCollection(OSDictionary *) { return withSet(this); }

OSDefineMetaClassAndStructors(OSOrderedSet, OSCollection)
ON_MEMBERS(OSOrderedSet)

OSOrderedSet *OSOrderedSet::withCapacity(unsigned n, OSOrderFunction f, void *ref)
{
	OSOrderedSet *s = new OSOrderedSet;
	if (s && !s->initWithCapacity(n, f, ref)) {
		s->release();
		s = 0;
	}
	return s;
}
bool OSOrderedSet::initWithCapacity(unsigned n, OSOrderFunction f, void *ref)
{
	ordering = f;
	orderingRef = ref;
	return OSCollection::init() && (members = OSArray::withCapacity(n)) != 0;
}
SInt32 OSOrderedSet::orderObject(const OSMetaClassBase *o) { return ordering && getCount() ? ordering(o, members->getObject(0), orderingRef) : 0; }
void *OSOrderedSet::getOrderingRef() { return orderingRef; }
bool OSOrderedSet::setObject(unsigned at, const OSMetaClassBase *o)
{
	MUST_BE_MUTABLE();
	return !containsObject(o) && members->setObject(at, o);
}
bool OSOrderedSet::setObject(const OSMetaClassBase *o)
{
	unsigned at = 0;
	if (ordering)
		while (at < getCount() && ordering(members->getObject(at), o, orderingRef) >= 0)
			at++;
	return setObject(at, o);
}
bool OSOrderedSet::setFirstObject(const OSMetaClassBase *o) { return setObject(0u, o); }
bool OSOrderedSet::setLastObject(const OSMetaClassBase *o) { return setObject(getCount(), o); }
OSObject *OSOrderedSet::getFirstObject() const { return members->getObject(0); }
OSObject *OSOrderedSet::getLastObject() const { return members->getLastObject(); }
OSObject *OSOrderedSet::getObject(unsigned i) const { return members->getObject(i); }
bool OSOrderedSet::isEqualTo(const OSOrderedSet *o) const { return o && members->isEqualTo(o->members); }
bool OSOrderedSet::isEqualTo(const OSMetaClassBase *o) const { return isEqualTo(OSDynamicCast(OSOrderedSet, o)); }
bool OSOrderedSet::serialize(OSSerialize *s) const { return serializeArray(s, this, "array", members); }
