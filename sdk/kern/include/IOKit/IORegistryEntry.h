/* Entries of the I/O Registry. Its structure is the kernel's; objects hang on its entries. */
#ifndef _IOKIT_IOREGISTRYENTRY_H
#define _IOKIT_IOREGISTRYENTRY_H
#ifdef __cplusplus

#include <IOKit/IOTypes.h>
#include <IOKit/IOKitKeys.h>
#include <libkern/c++/OSContainers.h>

class IORegistryPlane : public OSObject {
	OSDeclareDefaultStructors(IORegistryPlane);
	friend class IORegistryEntry;
	const OSSymbol *name;
public:
	const char *getName() const { return name->getCStringNoCopy(); }
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
};

extern const IORegistryPlane *gIOServicePlane, *gIODTPlane, *gIOPowerPlane;

enum { kIORegistryIterateRecursively = 1, kIORegistryIterateParents = 2 };

class IORegistryEntry : public OSObject {
	OSDeclareDefaultStructors(IORegistryEntry);
	friend struct IOKitGlue;
	OSDictionary *fPropertyTable;
	void *fEntry; /* the kernel's handle */
	bool fForeign; /* the entry is the kernel's own; the object stands for it */
	OSSet *fNames; /* what getName has given, which lives as long as the entry */
	struct _IORecursiveLock *fLock; /* of the table */
	const char *text(const IORegistryPlane *plane, int what) const;
	IORegistryEntry *near(const IORegistryPlane *plane, int up, unsigned index) const;
	OSIterator *iterator(const IORegistryPlane *plane, int up) const;
	OSDictionary *fetch() const;
	bool publish(const OSSymbol *key, const OSObject *value);
protected:
	using OSObject::init;
public:
	virtual bool init(OSDictionary *dictionary = 0);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual bool serializeProperties(OSSerialize *s) const;
	/* The table of an object that stands for an entry of the kernel's is a copy. */
	virtual OSDictionary *dictionaryWithProperties() const;

	virtual bool setProperty(const OSSymbol *aKey, OSObject *anObject);
	virtual bool setProperty(const OSString *aKey, OSObject *anObject);
	virtual bool setProperty(const char *aKey, OSObject *anObject);
	virtual bool setProperty(const char *aKey, const char *aString);
	virtual bool setProperty(const char *aKey, bool aBoolean);
	virtual bool setProperty(const char *aKey, unsigned long long aValue, unsigned int aNumberOfBits);
	virtual bool setProperty(const char *aKey, void *bytes, unsigned int length);
	virtual void removeProperty(const OSSymbol *aKey);
	virtual void removeProperty(const OSString *aKey);
	virtual void removeProperty(const char *aKey);
	virtual OSObject *getProperty(const OSSymbol *aKey) const;
	virtual OSObject *getProperty(const OSString *aKey) const;
	virtual OSObject *getProperty(const char *aKey) const;
	virtual OSObject *copyProperty(const OSSymbol *aKey) const;
	virtual OSObject *copyProperty(const OSString *aKey) const;
	virtual OSObject *copyProperty(const char *aKey) const;
	virtual OSObject *copyProperty(const char *aKey, const IORegistryPlane *plane, IOOptionBits options = kIORegistryIterateRecursively | kIORegistryIterateParents) const;
	virtual IOReturn setProperties(OSObject *properties);

	virtual IORegistryEntry *getParentEntry(const IORegistryPlane *plane) const;
	virtual IORegistryEntry *copyParentEntry(const IORegistryPlane *plane) const;
	virtual IORegistryEntry *getChildEntry(const IORegistryPlane *plane) const;
	virtual IORegistryEntry *copyChildEntry(const IORegistryPlane *plane) const;
	virtual OSIterator *getChildIterator(const IORegistryPlane *plane) const;
	virtual OSIterator *getParentIterator(const IORegistryPlane *plane) const;
	virtual bool isChild(IORegistryEntry *child, const IORegistryPlane *plane, bool onlyChild = false) const;
	virtual bool isParent(IORegistryEntry *parent, const IORegistryPlane *plane, bool onlyParent = false) const;
	virtual bool inPlane(const IORegistryPlane *plane = 0) const;
	virtual unsigned int getDepth(const IORegistryPlane *plane) const;
	virtual bool attachToParent(IORegistryEntry *parent, const IORegistryPlane *plane);
	virtual void detachFromParent(IORegistryEntry *parent, const IORegistryPlane *plane);
	virtual bool attachToChild(IORegistryEntry *child, const IORegistryPlane *plane);
	virtual void detachFromChild(IORegistryEntry *child, const IORegistryPlane *plane);
	virtual void detachAll(const IORegistryPlane *plane);

	virtual const char *getName(const IORegistryPlane *plane = 0) const;
	virtual const OSSymbol *copyName(const IORegistryPlane *plane = 0) const;
	virtual const char *getLocation(const IORegistryPlane *plane = 0) const;
	virtual const OSSymbol *copyLocation(const IORegistryPlane *plane = 0) const;
	virtual void setName(const OSSymbol *name, const IORegistryPlane *plane = 0);
	virtual void setName(const char *name, const IORegistryPlane *plane = 0);
	virtual void setLocation(const OSSymbol *location, const IORegistryPlane *plane = 0);
	virtual void setLocation(const char *location, const IORegistryPlane *plane = 0);
	virtual bool getPath(char *path, int *length, const IORegistryPlane *plane) const;
	virtual bool compareName(OSString *name, OSString **matched = 0) const;
	uint64_t getRegistryEntryID();

	static IORegistryEntry *getRegistryRoot();
	static const IORegistryPlane *getPlane(const char *name);
	static const IORegistryPlane *makePlane(const char *name);
	/* A reference is given. */
	static IORegistryEntry *fromPath(const char *path, const IORegistryPlane *plane = 0, char *residualPath = 0, int *residualLength = 0,
		IORegistryEntry *fromEntry = 0);
	void *kernelEntry() const { return fEntry; }
	OSMetaClassDeclareReservedUnused(IORegistryEntry, 0);
	OSMetaClassDeclareReservedUnused(IORegistryEntry, 1);
};

#endif
#endif
