// OSString, OSSymbol, OSNumber, OSBoolean, OSData.

OSDefineMetaClassAndStructors(OSString, OSObject)

OSString *OSString::withCString(const char *c)
{
	OSString *s = new OSString;
	if (s && !s->initWithCString(c)) {
		s->release();
		s = 0;
	}
	return s;
}
OSString *OSString::withString(const OSString *o) { return o ? withCString(o->getCStringNoCopy()) : 0; }
OSString *OSString::withCStringNoCopy(const char *c)
{
	OSString *s = new OSString;
	if (s && !s->initWithCStringNoCopy(c)) {
		s->release();
		s = 0;
	}
	return s;
}
bool OSString::initWithString(const OSString *o) { return o && initWithCString(o->getCStringNoCopy()); }
bool OSString::initWithCString(const char *c)
{
	if (!c || !OSObject::init())
		return false;
	length = (unsigned)strlen(c);
	string = (char *)kpi_object_alloc((size_t)length + 1);
	if (!string)
		return false;
	memcpy(string, c, length);
	return true;
}
bool OSString::initWithCStringNoCopy(const char *c)
{
	if (!c || !OSObject::init())
		return false;
	length = (unsigned)strlen(c);
	flags |= kOSStringNoCopy;
	string = const_cast<char *>(c);
	return true;
}
void OSString::free()
{
	if (string && !(flags & kOSStringNoCopy))
		kpi_object_free(string);
	OSObject::free();
}
unsigned OSString::getLength() const { return length; }
const char *OSString::getCStringNoCopy() const { return string; }
char OSString::getChar(unsigned i) const { return i < length ? string[i] : 0; }
bool OSString::setChar(char c, unsigned i)
{
	if ((flags & kOSStringNoCopy) || i >= length)
		return false;
	string[i] = c;
	return true;
}
bool OSString::isEqualTo(const char *c) const { return c && !strcmp(string, c); }
bool OSString::isEqualTo(const OSString *o) const { return o && length == o->length && !memcmp(string, o->string, length); }
bool OSString::isEqualTo(const OSData *d) const
{
	if (!d)
		return false;
	unsigned n = d->getLength();
	const char *b = (const char *)d->getBytesNoCopy();
	if (n == length + 1 && b[length] == 0)
		n--;
	return n == length && (n == 0 || !memcmp(b, string, n));
}
bool OSString::isEqualTo(const OSMetaClassBase *o) const
{
	if (const OSString *s = OSDynamicCast(OSString, o))
		return OSString::isEqualTo(s);
	if (const OSData *d = OSDynamicCast(OSData, o))
		return isEqualTo(d);
	return false;
}
bool OSString::serialize(OSSerialize *s) const
{
	return s->addXMLStartTag(this, "string") && s->addEscaped(string) && s->addXMLEndTag("string");
}

OSDefineMetaClassAndAbstractStructors(OSSymbol, OSString)

// OSSymbolPool holds no references: a symbol leaves it when it is freed.
class OSSymbolPool {
	enum { kChains = 256 };
	static OSSymbol *chains[kChains];
	static lck_mtx_t *lock;
public:
	static lck_mtx_t *mutex() { return lock; }
	static void make()
	{
		lockOfClasses();
		lock = lck_mtx_alloc_init(iokGroup, 0);
	}
	static unsigned hashOf(const char *c)
	{
		unsigned h = 2166136261u;
		while (*c)
			h = (h ^ (unsigned char)*c++) * 16777619u;
		return h;
	}
	static const OSSymbol *find(const char *c, unsigned h)
	{
		for (OSSymbol *s = chains[h % kChains]; s; s = s->chain)
			if (s->hash == h && !strcmp(s->string, c) && s->tryRetain())
				return s;
		return 0;
	}
	static const OSSymbol *get(const char *c, bool make, bool copy)
	{
		if (!c)
			return 0;
		unsigned h = hashOf(c);
		lck_mtx_lock(lock);
		const OSSymbol *found = find(c, h);
		lck_mtx_unlock(lock);
		if (found || !make)
			return found;
		OSSymbol *s = new OSSymbol(&OSSymbol::gMetaClass);
		if (!s)
			return 0;
		OSSymbol::gMetaClass.instanceConstructed();
		s->hash = h;
		s->flags |= 1u << 31; // not in the pool
		if (!(copy ? s->OSString::initWithCString(c) : s->OSString::initWithCStringNoCopy(c))) {
			s->release();
			return 0;
		}
		lck_mtx_lock(lock);
		found = find(c, h);
		if (!found) {
			s->flags &= ~(1u << 31);
			s->chain = chains[h % kChains];
			chains[h % kChains] = s;
		}
		lck_mtx_unlock(lock);
		if (!found)
			return s;
		s->release();
		return found;
	}
	static void remove(OSSymbol *s)
	{
		if (s->flags & 1u << 31)
			return;
		lck_mtx_lock(lock);
		for (OSSymbol **p = &chains[s->hash % kChains]; *p; p = &(*p)->chain)
			if (*p == s) {
				*p = s->chain;
				break;
			}
		lck_mtx_unlock(lock);
	}
};
OSSymbol *OSSymbolPool::chains[OSSymbolPool::kChains];
lck_mtx_t *OSSymbolPool::lock;

bool OSSymbol::initWithString(const OSString *) { return false; }
bool OSSymbol::initWithCString(const char *) { return false; }
bool OSSymbol::initWithCStringNoCopy(const char *) { return false; }
bool OSSymbol::setChar(char, unsigned) { return false; }
void OSSymbol::free()
{
	OSSymbolPool::remove(this);
	OSString::free();
}
const OSSymbol *OSSymbol::withString(const OSString *o)
{
	if (const OSSymbol *s = OSDynamicCast(OSSymbol, o)) {
		s->retain();
		return s;
	}
	return o ? withCString(o->getCStringNoCopy()) : 0;
}
// The text is always copied: it may be in an extension, and the symbol outlives that.
const OSSymbol *OSSymbol::withCString(const char *c) { return OSSymbolPool::get(c, true, true); }
const OSSymbol *OSSymbol::withCStringNoCopy(const char *c) { return OSSymbolPool::get(c, true, true); }
const OSSymbol *OSSymbol::existingSymbolForCString(const char *c) { return OSSymbolPool::get(c, false, true); }
bool OSSymbol::isEqualTo(const char *c) const { return OSString::isEqualTo(c); }
bool OSSymbol::isEqualTo(const OSString *o) const { return OSString::isEqualTo(o); }
bool OSSymbol::isEqualTo(const OSSymbol *o) const { return this == o; }
bool OSSymbol::isEqualTo(const OSMetaClassBase *o) const { return this == o || OSString::isEqualTo(o); }

OSDefineMetaClassAndStructors(OSNumber, OSObject)

static unsigned long long numberMask(unsigned bits) { return bits >= 64 ? ~0ull : (1ull << bits) - 1; }

OSNumber *OSNumber::withNumber(unsigned long long v, unsigned bits)
{
	OSNumber *n = new OSNumber;
	if (n && !n->init(v, bits)) {
		n->release();
		n = 0;
	}
	return n;
}
OSNumber *OSNumber::withNumber(const char *s, unsigned bits) { return s ? withNumber(strtouq(s, 0, 0), bits) : 0; }
bool OSNumber::init(unsigned long long v, unsigned bits)
{
	if (bits == 0 || bits > 64 || !OSObject::init())
		return false;
	size = bits;
	value = v & numberMask(bits);
	return true;
}
bool OSNumber::init(const char *s, unsigned bits) { return s && init(strtouq(s, 0, 0), bits); }
void OSNumber::free() { OSObject::free(); }
unsigned OSNumber::numberOfBits() const { return size; }
unsigned OSNumber::numberOfBytes() const { return (size + 7) / 8; }
unsigned char OSNumber::unsigned8BitValue() const { return (unsigned char)value; }
unsigned short OSNumber::unsigned16BitValue() const { return (unsigned short)value; }
unsigned OSNumber::unsigned32BitValue() const { return (unsigned)value; }
unsigned long long OSNumber::unsigned64BitValue() const { return value; }
void OSNumber::addValue(signed long long v) { value = (value + (unsigned long long)v) & numberMask(size); }
void OSNumber::setValue(unsigned long long v) { value = v & numberMask(size); }
bool OSNumber::isEqualTo(const OSNumber *n) const { return n && value == n->value; }
bool OSNumber::isEqualTo(const OSMetaClassBase *o) const { return isEqualTo(OSDynamicCast(OSNumber, o)); }
bool OSNumber::serialize(OSSerialize *s) const
{
	char t[80];
	// The registry has numbers of 8, 16, 32 and 64 bits.
	unsigned bits = size <= 8 ? 8 : size <= 16 ? 16 : size <= 32 ? 32 : 64;
	snprintf(t, sizeof t, "<integer size=\"%u\">0x%llx</integer>", bits, value);
	return s->addString(t);
}

OSDefineMetaClassAndStructors(OSBoolean, OSObject)

static OSBoolean *theTrue, *theFalse;
OSBoolean *const &kOSBooleanTrue = theTrue;
OSBoolean *const &kOSBooleanFalse = theFalse;

void OSBoolean::make()
{
	theTrue = new OSBoolean;
	theFalse = new OSBoolean;
	if (!theTrue || !theFalse)
		panic("OSBoolean: no memory");
	theTrue->value = true;
}
void OSBoolean::retain() const {}
void OSBoolean::release() const {}
void OSBoolean::release(int) const {}
void OSBoolean::taggedRetain(const void *) const {}
void OSBoolean::taggedRelease(const void *) const {}
void OSBoolean::free() {}
OSBoolean *OSBoolean::withBoolean(bool v) { return v ? theTrue : theFalse; }
bool OSBoolean::isTrue() const { return value; }
bool OSBoolean::isFalse() const { return !value; }
bool OSBoolean::getValue() const { return value; }
bool OSBoolean::isEqualTo(const OSBoolean *b) const { return b == this; }
bool OSBoolean::isEqualTo(const OSMetaClassBase *o) const { return o == this; }
bool OSBoolean::serialize(OSSerialize *s) const { return s->addString(value ? "<true/>" : "<false/>"); }

OSDefineMetaClassAndStructors(OSData, OSObject)

OSData *OSData::withCapacity(unsigned n)
{
	OSData *d = new OSData;
	if (d && !d->initWithCapacity(n)) {
		d->release();
		d = 0;
	}
	return d;
}
OSData *OSData::withBytes(const void *b, unsigned n)
{
	OSData *d = new OSData;
	if (d && !d->initWithBytes(b, n)) {
		d->release();
		d = 0;
	}
	return d;
}
OSData *OSData::withBytesNoCopy(void *b, unsigned n)
{
	OSData *d = new OSData;
	if (d && !d->initWithBytesNoCopy(b, n)) {
		d->release();
		d = 0;
	}
	return d;
}
OSData *OSData::withData(const OSData *o) { return o ? withBytes(o->data, o->length) : 0; }
OSData *OSData::withData(const OSData *o, unsigned start, unsigned n)
{
	const void *b = o ? o->getBytesNoCopy(start, n) : 0;
	return b ? withBytes(b, n) : 0;
}
bool OSData::initWithCapacity(unsigned n)
{
	if (!OSObject::init())
		return false;
	capacityIncrement = n ? n : 16;
	return n == 0 || ensureCapacity(n) >= n;
}
bool OSData::initWithBytes(const void *b, unsigned n) { return (b || !n) && initWithCapacity(n) && appendBytes(b, n); }
bool OSData::initWithBytesNoCopy(void *b, unsigned n)
{
	if (!OSObject::init())
		return false;
	data = b;
	length = capacity = n;
	borrowed = true;
	return true;
}
bool OSData::initWithData(const OSData *o) { return o && initWithBytes(o->data, o->length); }
bool OSData::initWithData(const OSData *o, unsigned start, unsigned n)
{
	const void *b = o ? o->getBytesNoCopy(start, n) : 0;
	return b && initWithBytes(b, n);
}
void OSData::free()
{
	if (data && !borrowed)
		kpi_object_free(data);
	OSObject::free();
}
unsigned OSData::getLength() const { return length; }
unsigned OSData::getCapacity() const { return capacity; }
unsigned OSData::getCapacityIncrement() const { return capacityIncrement; }
unsigned OSData::setCapacityIncrement(unsigned n) { return capacityIncrement = n; }
unsigned OSData::ensureCapacity(unsigned n)
{
	if (n <= capacity || borrowed)
		return capacity;
	unsigned step = capacityIncrement ? capacityIncrement : 16;
	unsigned long want = ((unsigned long)n + step - 1) / step * step;
	if (want > 0x7fffffff)
		return capacity;
	void *p = kpi_object_alloc(want);
	if (!p)
		return capacity;
	if (length)
		memcpy(p, data, length);
	if (data)
		kpi_object_free(data);
	data = p;
	return capacity = (unsigned)want;
}
bool OSData::appendBytes(const void *b, unsigned n)
{
	if (n == 0)
		return true;
	if (borrowed || n > 0x7fffffffu - length || ensureCapacity(length + n) < length + n)
		return false;
	if (b)
		memcpy((char *)data + length, b, n);
	else
		bzero((char *)data + length, n);
	length += n;
	return true;
}
bool OSData::appendBytes(const OSData *o) { return !o || appendBytes(o->data, o->length); }
bool OSData::appendByte(unsigned char byte, unsigned n)
{
	unsigned at = length;
	if (!appendBytes((const void *)0, n))
		return false;
	memset((char *)data + at, byte, n);
	return true;
}
const void *OSData::getBytesNoCopy() const { return length ? data : 0; }
const void *OSData::getBytesNoCopy(unsigned start, unsigned n) const
{
	return length && start < length && n <= length - start ? (char *)data + start : 0;
}
bool OSData::isEqualTo(const void *b, unsigned n) const { return n == length && (n == 0 || !memcmp(data, b, n)); }
bool OSData::isEqualTo(const OSData *o) const { return o && isEqualTo(o->data, o->length); }
bool OSData::isEqualTo(const OSString *s) const { return s && s->isEqualTo(this); }
bool OSData::isEqualTo(const OSMetaClassBase *o) const
{
	if (const OSData *d = OSDynamicCast(OSData, o))
		return isEqualTo(d);
	return isEqualTo(OSDynamicCast(OSString, o));
}
bool OSData::serialize(OSSerialize *s) const
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	if (!s->addXMLStartTag(this, "data"))
		return false;
	const unsigned char *b = (const unsigned char *)data;
	for (unsigned i = 0; i < length; i += 3) {
		unsigned left = length - i;
		unsigned v = b[i] << 16 | (left > 1 ? b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0);
		char q[5] = { digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=', left > 2 ? digits[v & 63] : '=', 0 };
		if (!s->addString(q))
			return false;
	}
	return s->addXMLEndTag("data");
}
