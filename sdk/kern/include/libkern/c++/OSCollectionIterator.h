/* The objects of a collection; of a dictionary its keys. */
#ifndef _OS_OSCOLLECTIONITERATOR_H
#define _OS_OSCOLLECTIONITERATOR_H
#ifdef __cplusplus

#include <libkern/c++/OSCollection.h>
#include <libkern/c++/OSIterator.h>

class OSCollectionIterator : public OSIterator {
	OSDeclareDefaultStructors(OSCollectionIterator);
	const OSCollection *collection;
	void *collIterator;
	unsigned int initialUpdateStamp, size;
	bool valid;
public:
	static OSCollectionIterator *withCollection(const OSCollection *inColl);
	virtual bool initWithCollection(const OSCollection *inColl);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual void reset() APPLE_KEXT_OVERRIDE;
	virtual bool isValid() APPLE_KEXT_OVERRIDE;
	virtual OSObject *getNextObject() APPLE_KEXT_OVERRIDE;
};

#endif
#endif
