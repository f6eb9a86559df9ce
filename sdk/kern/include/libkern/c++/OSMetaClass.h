/* Classes as objects: what stands in for C++'s own run-time types in the kernel. */
#ifndef _OS_OSMETACLASS_H
#define _OS_OSMETACLASS_H
#ifdef __cplusplus

#include <libkern/OSTypes.h>
#include <libkern/OSReturn.h>
#include <libkern/libkern.h>
#include <kern/debug.h>

class OSMetaClass;
class OSObject;
class OSString;
class OSSymbol;
class OSDictionary;
class OSSerialize;

#ifndef APPLE_KEXT_OVERRIDE
#define APPLE_KEXT_OVERRIDE override
#endif

#define OSTypeID(type) (type::metaClass)
#define OSTypeIDInst(inst) ((inst)->getMetaClass())
#define OSDynamicCast(type, inst) ((type *)OSMetaClassBase::safeMetaCast((inst), OSTypeID(type)))
#define OSRequiredCast(type, inst) ((type *)OSMetaClassBase::requiredMetaCast((inst), OSTypeID(type)))
#define OSCheckTypeInst(typeinst, inst) OSMetaClassBase::checkTypeInst(inst, typeinst)
#define OSSafeRelease(inst) do { if (inst) (inst)->release(); } while (0)
#define OSSafeReleaseNULL(inst) do { if (inst) (inst)->release(); (inst) = NULL; } while (0)

typedef void (*_ptf_t)(void);
/* The function that calling a member would run: the entry of the object's table if it is virtual. */
#define OSMemberFunctionCast(cptrtype, self, func) \
	((cptrtype)OSMetaClassBase::_ptmf2ptf(self, (void (OSMetaClassBase::*)(void))(func)))

class OSMetaClassBase {
protected:
	OSMetaClassBase() {}
	virtual ~OSMetaClassBase();
public:
	virtual void release() const = 0;
	virtual int getRetainCount() const = 0;
	virtual void retain() const = 0;
	virtual bool serialize(OSSerialize *serializer) const = 0;
	virtual const OSMetaClass *getMetaClass() const = 0;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const;
	virtual void taggedRetain(const void *tag = 0) const = 0;
	virtual void taggedRelease(const void *tag = 0) const = 0;
	virtual void release(int freeWhen) const = 0;

	static OSMetaClassBase *safeMetaCast(const OSMetaClassBase *me, const OSMetaClass *toType)
	{
		return me ? me->metaCast(toType) : NULL;
	}
	static OSMetaClassBase *requiredMetaCast(const OSMetaClassBase *me, const OSMetaClass *toType);
	static bool checkTypeInst(const OSMetaClassBase *inst, const OSMetaClassBase *typeinst);
	OSMetaClassBase *metaCast(const OSMetaClass *toMeta) const;
	OSMetaClassBase *metaCast(const OSSymbol *toMeta) const;
	OSMetaClassBase *metaCast(const OSString *toMeta) const;
	OSMetaClassBase *metaCast(const char *toMeta) const;

	static _ptf_t _ptmf2ptf(const OSMetaClassBase *self, void (OSMetaClassBase::*func)(void))
	{
		union { void (OSMetaClassBase::*fIn)(void); struct { unsigned long fn, delta; } p; } map;
		map.fIn = func;
		if (map.p.fn & 1)
			map.p.fn = *(unsigned long *)(*(const char *const *)self + map.p.fn - 1);
		return (_ptf_t)map.p.fn;
	}
};

class OSMetaClass : private OSMetaClassBase {
	friend class OSMetaClassBase;
	friend class OSObject;
	mutable unsigned int instanceCount; /* the kernel reads it where classDefinition says that it is */
	const unsigned int classSize;
	const OSMetaClass *superClassLink;
	const char *className;
	OSMetaClass *next; /* of all classes */

	OSMetaClass(const OSMetaClass &);
	OSMetaClass &operator=(const OSMetaClass &);
protected:
	OSMetaClass(const char *inClassName, const OSMetaClass *inSuperClass, unsigned int inClassSize);
	virtual ~OSMetaClass();
public:
	static const OSMetaClass *const metaClass;
	virtual void release() const APPLE_KEXT_OVERRIDE;
	virtual void release(int freeWhen) const APPLE_KEXT_OVERRIDE;
	virtual void retain() const APPLE_KEXT_OVERRIDE;
	virtual int getRetainCount() const APPLE_KEXT_OVERRIDE;
	virtual void taggedRetain(const void *tag = 0) const APPLE_KEXT_OVERRIDE;
	virtual void taggedRelease(const void *tag = 0) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *serializer) const APPLE_KEXT_OVERRIDE;
	virtual const OSMetaClass *getMetaClass() const APPLE_KEXT_OVERRIDE;

	static const OSMetaClass *getMetaClassWithName(const OSSymbol *name);
	static const OSMetaClass *getMetaClassWithName(const char *name);
	static OSObject *allocClassWithName(const OSSymbol *name);
	static OSObject *allocClassWithName(const OSString *name);
	static OSObject *allocClassWithName(const char *name);
	static OSMetaClassBase *checkMetaCastWithName(const char *className, const OSMetaClassBase *object);
	OSMetaClassBase *checkMetaCast(const OSMetaClassBase *object) const;
	void instanceConstructed() const;
	void instanceDestructed() const;
	unsigned int getInstanceCount() const;
	const OSMetaClass *getSuperClass() const;
	const char *getClassName() const;
	unsigned int getClassSize() const;
	virtual OSObject *alloc() const = 0;
	static void forget(const OSMetaClass *dead); /* the kernel's */
};

#define OSDeclareCommonStructors(className) \
private: \
	static const OSMetaClass *const superClass; \
public: \
	static const OSMetaClass *const metaClass; \
	static class MetaClass : public OSMetaClass { \
	public: \
		MetaClass(); \
		virtual OSObject *alloc() const APPLE_KEXT_OVERRIDE; \
	} gMetaClass; \
	friend class className::MetaClass; \
	virtual const OSMetaClass *getMetaClass() const APPLE_KEXT_OVERRIDE; \
protected: \
	className(const OSMetaClass *); \
	virtual ~className()

#define OSDeclareDefaultStructors(className) \
	OSDeclareCommonStructors(className); \
public: \
	className(); \
protected:
#define OSDeclareAbstractStructors(className) \
	OSDeclareCommonStructors(className); \
private: \
	className(); /* abstract classes are not made */ \
protected:
#define OSDeclareFinalStructors(className) OSDeclareDefaultStructors(className)

#define OSDefineMetaClassCommon(className, superclassName) \
	className::MetaClass className::gMetaClass; \
	const OSMetaClass *const className::metaClass = &className::gMetaClass; \
	const OSMetaClass *const className::superClass = &superclassName::gMetaClass; \
	className::className(const OSMetaClass *meta) : superclassName(meta) {} \
	className::~className() {} \
	const OSMetaClass *className::getMetaClass() const { return &gMetaClass; } \
	className::MetaClass::MetaClass() : OSMetaClass(#className, &superclassName::gMetaClass, sizeof(className)) {}

#define OSDefineMetaClass(className, superclassName) OSDefineMetaClassCommon(className, superclassName)
#define OSDefineDefaultStructors(className, superclassName) \
	OSObject *className::MetaClass::alloc() const { return new className; } \
	className::className() : superclassName(&gMetaClass) { gMetaClass.instanceConstructed(); }
#define OSDefineAbstractStructors(className, superclassName) \
	OSObject *className::MetaClass::alloc() const { return NULL; }

#define OSDefineMetaClassAndStructors(className, superclassName) \
	OSDefineMetaClassCommon(className, superclassName) \
	OSDefineDefaultStructors(className, superclassName)
#define OSDefineMetaClassAndFinalStructors(className, superclassName) OSDefineMetaClassAndStructors(className, superclassName)
#define OSDefineMetaClassAndAbstractStructors(className, superclassName) \
	OSDefineMetaClassCommon(className, superclassName) \
	OSDefineAbstractStructors(className, superclassName)

#define OSMetaClassDeclareReservedUnused(className, index) \
private: \
	virtual void _RESERVED##className##index()
#define OSMetaClassDeclareReservedUsed(className, index)
#define OSMetaClassDefineReservedUnused(className, index) \
	void className::_RESERVED##className##index() { panic("%s::_RESERVED%d called", #className, index); }
#define OSMetaClassDefineReservedUsed(className, index)

#endif
#endif
