/* The root of all classes: counted references. */
#ifndef _LIBKERN_OSOBJECT_H
#define _LIBKERN_OSOBJECT_H
#ifdef __cplusplus

#include <libkern/c++/OSMetaClass.h>

class OSObject : public OSMetaClassBase {
	mutable int retainCount;
public:
	static const OSMetaClass *const metaClass;
	static class MetaClass : public OSMetaClass {
	public:
		MetaClass();
		virtual OSObject *alloc() const APPLE_KEXT_OVERRIDE;
	} gMetaClass;
	virtual const OSMetaClass *getMetaClass() const APPLE_KEXT_OVERRIDE;

	virtual int getRetainCount() const APPLE_KEXT_OVERRIDE;
	virtual void retain() const APPLE_KEXT_OVERRIDE;
	virtual void release() const APPLE_KEXT_OVERRIDE;
	virtual void release(int freeWhen) const APPLE_KEXT_OVERRIDE;
	virtual void taggedRetain(const void *tag = 0) const APPLE_KEXT_OVERRIDE;
	virtual void taggedRelease(const void *tag = 0) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
	/* Counts up unless the object is being freed. */
	bool tryRetain() const;

	/* Zero bytes; 0 without memory. */
	static void *operator new(size_t size) noexcept;
	static void operator delete(void *mem, size_t size);
protected:
	OSObject();
	OSObject(const OSMetaClass *);
	virtual ~OSObject();
	virtual bool init();
	virtual void free();
private:
	friend class MetaClass;
	OSObject(const OSObject &);
	OSObject &operator=(const OSObject &);
};

#endif
#endif
