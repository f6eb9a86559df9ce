/* Objects, each once, in an order that a function says; without one, the last is put first. */
#ifndef _OS_OSORDEREDSET_H
#define _OS_OSORDEREDSET_H
#ifdef __cplusplus

#include <libkern/c++/OSArray.h>

class OSOrderedSet : public OSCollection {
	OSDeclareDefaultStructors(OSOrderedSet);
public:
	/* Above 0: obj1 comes before obj2. */
	typedef SInt32 (*OSOrderFunction)(const OSMetaClassBase *obj1, const OSMetaClassBase *obj2, void *context);
protected:
	OSArray *members;
	OSOrderFunction ordering;
	void *orderingRef;
	virtual unsigned int iteratorSize() const APPLE_KEXT_OVERRIDE;
	virtual bool initIterator(void *iterator) const APPLE_KEXT_OVERRIDE;
	virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const APPLE_KEXT_OVERRIDE;
	using OSCollection::init;
public:
	static OSOrderedSet *withCapacity(unsigned int capacity, OSOrderFunction orderFunc = 0, void *orderingContext = 0);
	virtual bool initWithCapacity(unsigned int capacity, OSOrderFunction orderFunc = 0, void *orderingContext = 0);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCount() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacity() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacityIncrement() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int setCapacityIncrement(unsigned increment) APPLE_KEXT_OVERRIDE;
	virtual unsigned int ensureCapacity(unsigned int newCapacity) APPLE_KEXT_OVERRIDE;
	virtual void flushCollection() APPLE_KEXT_OVERRIDE;
	virtual bool setObject(const OSMetaClassBase *anObject);
	virtual bool setFirstObject(const OSMetaClassBase *anObject);
	virtual bool setLastObject(const OSMetaClassBase *anObject);
	virtual bool setObject(unsigned int index, const OSMetaClassBase *anObject);
	virtual void removeObject(const OSMetaClassBase *anObject);
	virtual bool containsObject(const OSMetaClassBase *anObject) const;
	virtual bool member(const OSMetaClassBase *anObject) const;
	virtual OSObject *getFirstObject() const;
	virtual OSObject *getLastObject() const;
	virtual OSObject *getObject(unsigned int index) const;
	virtual SInt32 orderObject(const OSMetaClassBase *anObject);
	virtual void *getOrderingRef();
	virtual bool isEqualTo(const OSOrderedSet *anOrderedSet) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
};

#endif
#endif
