// OSMetaClass and OSObject.

static lck_grp_t *iokGroup;
static lck_mtx_t *classLock;
static OSMetaClass *allClasses;

// The first class is made before any constructor of ours has run, by nobody else's thread.
static lck_mtx_t *lockOfClasses()
{
	if (!classLock) {
		iokGroup = lck_grp_alloc_init("IOKit", 0);
		classLock = lck_mtx_alloc_init(iokGroup, 0);
	}
	return classLock;
}

OSMetaClassBase::~OSMetaClassBase() {}
bool OSMetaClassBase::isEqualTo(const OSMetaClassBase *o) const { return this == o; }

OSMetaClassBase *OSMetaClassBase::metaCast(const OSMetaClass *to) const { return to ? to->checkMetaCast(this) : 0; }
OSMetaClassBase *OSMetaClassBase::metaCast(const char *to) const { return OSMetaClass::checkMetaCastWithName(to, this); }
OSMetaClassBase *OSMetaClassBase::metaCast(const OSString *to) const { return metaCast(to->getCStringNoCopy()); }
OSMetaClassBase *OSMetaClassBase::metaCast(const OSSymbol *to) const { return metaCast(to->getCStringNoCopy()); }

OSMetaClassBase *OSMetaClassBase::requiredMetaCast(const OSMetaClassBase *me, const OSMetaClass *to)
{
	if (!me)
		return 0;
	OSMetaClassBase *o = me->metaCast(to);
	if (!o)
		panic("OSRequiredCast: a %s is no %s", me->getMetaClass()->getClassName(), to->getClassName());
	return o;
}

bool OSMetaClassBase::checkTypeInst(const OSMetaClassBase *inst, const OSMetaClassBase *type)
{
	return inst && type && type->getMetaClass()->checkMetaCast(inst);
}

OSMetaClass::OSMetaClass(const char *name, const OSMetaClass *super, unsigned size)
	: instanceCount(0), classSize(size), superClassLink(super), className(name), next(0)
{
	if (!kpi_class_define(this, name, super ? super->className : "", offsetof(OSMetaClass, instanceCount)))
		return; // the kernel refuses to start the extension
	lck_mtx_lock(lockOfClasses());
	next = allClasses;
	allClasses = this;
	lck_mtx_unlock(classLock);
}

OSMetaClass::~OSMetaClass()
{
	lck_mtx_lock(lockOfClasses());
	for (OSMetaClass **p = &allClasses; *p; p = &(*p)->next)
		if (*p == this) {
			*p = next;
			break;
		}
	lck_mtx_unlock(classLock);
	kpi_class_undefine(this, className);
}

const OSMetaClass *const OSMetaClass::metaClass = 0;
void OSMetaClass::release() const {}
void OSMetaClass::release(int) const {}
void OSMetaClass::retain() const {}
int OSMetaClass::getRetainCount() const { return 0; }
void OSMetaClass::taggedRetain(const void *) const {}
void OSMetaClass::taggedRelease(const void *) const {}
bool OSMetaClass::serialize(OSSerialize *) const { return false; }
const OSMetaClass *OSMetaClass::getMetaClass() const { return this; }

const OSMetaClass *OSMetaClass::getMetaClassWithName(const char *name)
{
	lck_mtx_lock(lockOfClasses());
	const OSMetaClass *m = allClasses;
	while (m && strcmp(m->className, name))
		m = m->next;
	lck_mtx_unlock(classLock);
	return m;
}
const OSMetaClass *OSMetaClass::getMetaClassWithName(const OSSymbol *name) { return name ? getMetaClassWithName(name->getCStringNoCopy()) : 0; }

OSObject *OSMetaClass::allocClassWithName(const char *name)
{
	const OSMetaClass *m = getMetaClassWithName(name);
	return m ? m->alloc() : 0;
}
OSObject *OSMetaClass::allocClassWithName(const OSSymbol *name) { return name ? allocClassWithName(name->getCStringNoCopy()) : 0; }
OSObject *OSMetaClass::allocClassWithName(const OSString *name) { return name ? allocClassWithName(name->getCStringNoCopy()) : 0; }

OSMetaClassBase *OSMetaClass::checkMetaCast(const OSMetaClassBase *o) const
{
	for (const OSMetaClass *m = o->getMetaClass(); m; m = m->superClassLink)
		if (m == this)
			return (OSMetaClassBase *)o;
	return 0;
}

OSMetaClassBase *OSMetaClass::checkMetaCastWithName(const char *name, const OSMetaClassBase *o)
{
	for (const OSMetaClass *m = o->getMetaClass(); m; m = m->superClassLink)
		if (!strcmp(m->className, name))
			return (OSMetaClassBase *)o;
	return 0;
}

// A class counts its heirs that have instances as one each.
void OSMetaClass::instanceConstructed() const
{
	if (__atomic_fetch_add(&instanceCount, 1, __ATOMIC_SEQ_CST) == 0 && superClassLink)
		superClassLink->instanceConstructed();
}

void OSMetaClass::instanceDestructed() const
{
	unsigned was = __atomic_fetch_sub(&instanceCount, 1, __ATOMIC_SEQ_CST);
	if (was == 0)
		panic("OSMetaClass: class %s has fewer than no instances", className);
	if (was == 1 && superClassLink)
		superClassLink->instanceDestructed();
}

unsigned OSMetaClass::getInstanceCount() const { return __atomic_load_n(&instanceCount, __ATOMIC_SEQ_CST); }
const OSMetaClass *OSMetaClass::getSuperClass() const { return superClassLink; }
const char *OSMetaClass::getClassName() const { return className; }
unsigned OSMetaClass::getClassSize() const { return classSize; }

OSObject::MetaClass OSObject::gMetaClass;
const OSMetaClass *const OSObject::metaClass = &OSObject::gMetaClass;
OSObject::MetaClass::MetaClass() : OSMetaClass("OSObject", 0, sizeof(OSObject)) {}
OSObject *OSObject::MetaClass::alloc() const { return 0; }
const OSMetaClass *OSObject::getMetaClass() const { return &gMetaClass; }

OSObject::OSObject() : retainCount(1) { gMetaClass.instanceConstructed(); }
OSObject::OSObject(const OSMetaClass *) : retainCount(1) {}
OSObject::~OSObject() {}
bool OSObject::init() { return true; }

void OSObject::free()
{
	getMetaClass()->instanceDestructed();
	delete this;
}

void *OSObject::operator new(size_t size) noexcept { return kpi_object_alloc(size); }
void OSObject::operator delete(void *mem, size_t) { kpi_object_free(mem); }

int OSObject::getRetainCount() const { return __atomic_load_n(&retainCount, __ATOMIC_SEQ_CST); }

void OSObject::retain() const
{
	if (__atomic_fetch_add(&retainCount, 1, __ATOMIC_SEQ_CST) <= 0)
		panic("OSObject: a %s at %p is retained after it was freed", getMetaClass()->getClassName(), this);
}

bool OSObject::tryRetain() const
{
	int n = __atomic_load_n(&retainCount, __ATOMIC_SEQ_CST);
	while (n > 0)
		if (__atomic_compare_exchange_n(&retainCount, &n, n + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

void OSObject::release(int freeWhen) const
{
	int was = __atomic_fetch_sub(&retainCount, 1, __ATOMIC_SEQ_CST);
	if (was <= 0)
		panic("OSObject: a %s at %p is released once too often", getMetaClass()->getClassName(), this);
	// An object that asks to be freed earlier is: what holds its last references lets go in free.
	if (was == freeWhen || was == 1) {
		if (was > 1)
			__atomic_store_n(&retainCount, 1 << 20, __ATOMIC_SEQ_CST);
		const_cast<OSObject *>(this)->free();
	}
}
void OSObject::release() const { release(1); }
void OSObject::taggedRetain(const void *) const { retain(); }
void OSObject::taggedRelease(const void *) const { release(); }

bool OSObject::serialize(OSSerialize *s) const
{
	// What has no form of its own says what it is.
	if (!s->addXMLStartTag(this, "string") || !s->addEscaped(getMetaClass()->getClassName()))
		return false;
	return s->addString(" is not serializable") && s->addXMLEndTag("string");
}
