/* Objects, each once. */
#ifndef _OS_OSSET_H
#define _OS_OSSET_H
#ifdef __cplusplus

#include <libkern/c++/OSArray.h>

class OSSet : public OSCollection {
	OSDeclareDefaultStructors(OSSet);
	OSArray *members;
protected:
	virtual unsigned int iteratorSize() const APPLE_KEXT_OVERRIDE;
	virtual bool initIterator(void *iterator) const APPLE_KEXT_OVERRIDE;
	virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const APPLE_KEXT_OVERRIDE;
	using OSCollection::init;
public:
	static OSSet *withCapacity(unsigned int capacity);
	static OSSet *withObjects(const OSObject *objects[], unsigned int count, unsigned int capacity = 0);
	static OSSet *withArray(const OSArray *array, unsigned int capacity = 0);
	static OSSet *withSet(const OSSet *set, unsigned int capacity = 0);
	virtual bool initWithCapacity(unsigned int capacity);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCount() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacity() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacityIncrement() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int setCapacityIncrement(unsigned increment) APPLE_KEXT_OVERRIDE;
	virtual unsigned int ensureCapacity(unsigned int newCapacity) APPLE_KEXT_OVERRIDE;
	virtual void flushCollection() APPLE_KEXT_OVERRIDE;
	/* false if it is there already. */
	virtual bool setObject(const OSMetaClassBase *anObject);
	virtual bool merge(const OSArray *array);
	virtual bool merge(const OSSet *set);
	virtual void removeObject(const OSMetaClassBase *anObject);
	virtual bool containsObject(const OSMetaClassBase *anObject) const;
	virtual bool member(const OSMetaClassBase *anObject) const;
	virtual OSObject *getAnyObject() const;
	virtual bool isEqualTo(const OSSet *aSet) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
	virtual OSCollection *copyCollection(OSDictionary *cycleDict = 0) APPLE_KEXT_OVERRIDE;
};

#endif
#endif
