/* Objects by name. */
#ifndef _IOKIT_IODICTIONARY_H
#define _IOKIT_IODICTIONARY_H
#ifdef __cplusplus

#include <libkern/c++/OSCollection.h>

class OSArray;
class OSSymbol;
class OSString;

class OSDictionary : public OSCollection {
	OSDeclareDefaultStructors(OSDictionary);
protected:
	struct dictEntry { const OSSymbol *key; const OSMetaClassBase *value; };
	dictEntry *dictionary;
	unsigned int count, capacity, capacityIncrement;
	virtual unsigned int iteratorSize() const APPLE_KEXT_OVERRIDE;
	virtual bool initIterator(void *iterator) const APPLE_KEXT_OVERRIDE;
	virtual bool getNextObjectForIterator(void *iterator, OSObject **ret) const APPLE_KEXT_OVERRIDE;
	using OSCollection::init;
public:
	static OSDictionary *withCapacity(unsigned int capacity);
	static OSDictionary *withObjects(const OSObject *objects[], const OSSymbol *keys[], unsigned int count, unsigned int capacity = 0);
	static OSDictionary *withObjects(const OSObject *objects[], const OSString *keys[], unsigned int count, unsigned int capacity = 0);
	static OSDictionary *withDictionary(const OSDictionary *dict, unsigned int capacity = 0);
	virtual bool initWithCapacity(unsigned int capacity);
	virtual bool initWithDictionary(const OSDictionary *dict, unsigned int capacity = 0);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCount() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacity() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int getCapacityIncrement() const APPLE_KEXT_OVERRIDE;
	virtual unsigned int setCapacityIncrement(unsigned increment) APPLE_KEXT_OVERRIDE;
	virtual unsigned int ensureCapacity(unsigned int newCapacity) APPLE_KEXT_OVERRIDE;
	virtual void flushCollection() APPLE_KEXT_OVERRIDE;
	virtual bool setObject(const OSSymbol *aKey, const OSMetaClassBase *anObject);
	virtual bool setObject(const OSString *aKey, const OSMetaClassBase *anObject);
	virtual bool setObject(const char *aKey, const OSMetaClassBase *anObject);
	virtual void removeObject(const OSSymbol *aKey);
	virtual void removeObject(const OSString *aKey);
	virtual void removeObject(const char *aKey);
	virtual bool merge(const OSDictionary *otherDictionary);
	virtual OSObject *getObject(const OSSymbol *aKey) const;
	virtual OSObject *getObject(const OSString *aKey) const;
	virtual OSObject *getObject(const char *aKey) const;
	virtual bool isEqualTo(const OSDictionary *aDictionary) const;
	virtual bool isEqualTo(const OSDictionary *aDictionary, const OSCollection *keys) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
	virtual OSCollection *copyCollection(OSDictionary *cycleDict = 0) APPLE_KEXT_OVERRIDE;
	bool iterateObjects(void *refcon, bool (*callback)(void *refcon, const OSSymbol *key, OSObject *object));
};

#endif
#endif
