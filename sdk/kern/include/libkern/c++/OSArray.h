/* Objects in an order. */
#ifndef _OS_OSARRAY_H
#define _OS_OSARRAY_H
#ifdef __cplusplus

#include <libkern/c++/OSCollection.h>

class OSArray : public OSCollection {
	OSDeclareDefaultStructors(OSArray);
	friend class OSSet;
	friend class OSOrderedSet;
protected:
	const OSMetaClassBase **array;
	unsigned int count, capacity, capacityIncrement;
	virtual unsigned int iteratorSize() const APPLE_KEXT_OVERRIDE;
	virtual bool initIterator(void *iterator) const APPLE_KEXT_OVERRIDE;
	virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const APPLE_KEXT_OVERRIDE;
	using OSCollection::init;
public:
	static OSArray *withCapacity(unsigned int capacity);
	static OSArray *withObjects(const OSObject *objects[], unsigned int count, unsigned int capacity = 0);
	static OSArray *withArray(const OSArray *array, unsigned int capacity = 0);
	virtual bool initWithCapacity(unsigned int capacity);
	virtual bool initWithObjects(const OSObject *objects[], unsigned int count, unsigned int capacity = 0);
	virtual bool initWithArray(const OSArray *anArray, unsigned int capacity = 0);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCount() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacity() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacityIncrement() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int setCapacityIncrement(unsigned increment) APPLE_KEXT_OVERRIDE;
	virtual unsigned int ensureCapacity(unsigned int newCapacity) APPLE_KEXT_OVERRIDE;
	virtual void flushCollection() APPLE_KEXT_OVERRIDE;
	virtual bool setObject(const OSMetaClassBase *anObject);
	virtual bool setObject(unsigned int index, const OSMetaClassBase *anObject);
	virtual bool merge(const OSArray *otherArray);
	virtual void replaceObject(unsigned int index, const OSMetaClassBase *anObject);
	virtual void removeObject(unsigned int index);
	virtual bool isEqualTo(const OSArray *anArray) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual OSObject *getObject(unsigned int index) const;
	virtual OSObject *getLastObject() const;
	virtual unsigned int getNextIndexOfObject(const OSMetaClassBase *anObject, unsigned int index) const;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
	virtual OSCollection *copyCollection(OSDictionary *cycleDict = 0) APPLE_KEXT_OVERRIDE;
};

#endif
#endif
