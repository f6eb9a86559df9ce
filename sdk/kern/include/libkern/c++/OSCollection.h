/* What holds objects. */
#ifndef _OS_OSCOLLECTION_H
#define _OS_OSCOLLECTION_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSCollection : public OSObject {
	OSDeclareAbstractStructors(OSCollection);
	friend class OSCollectionIterator;
protected:
	unsigned int updateStamp, fOptions;
	void haveUpdated() { updateStamp++; }
	virtual bool init() APPLE_KEXT_OVERRIDE;
	virtual unsigned int iteratorSize() const = 0;
	virtual bool initIterator(void *iterationContext) const = 0;
	virtual bool getNextObjectForIterator(void *iterationContext, OSObject **nextObject) const = 0;
public:
	enum { kImmutable = 1, kSort = 2, kMASK = (unsigned)-1 };
	virtual unsigned int getCount() const = 0;
	virtual unsigned int getCapacity() const = 0;
	virtual unsigned int getCapacityIncrement() const = 0;
	virtual unsigned int setCapacityIncrement(unsigned increment) = 0;
	virtual unsigned int ensureCapacity(unsigned int newCapacity) = 0;
	virtual void flushCollection() = 0;
	/* A change of an immutable collection is a panic. */
	virtual unsigned setOptions(unsigned options, unsigned mask, void *context = 0);
	virtual OSCollection *copyCollection(OSDictionary *cycleDict = 0);
	bool iterateObjects(void *refcon, bool (*callback)(void *refcon, OSObject *object));
};

#endif
#endif
