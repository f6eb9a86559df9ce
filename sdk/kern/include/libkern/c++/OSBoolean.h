/* True and false: two objects that are never freed. */
#ifndef _OS_OSBOOLEAN_H
#define _OS_OSBOOLEAN_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSBoolean : public OSObject {
	OSDeclareDefaultStructors(OSBoolean);
protected:
	bool value;
	virtual void taggedRetain(const void *tag = 0) const APPLE_KEXT_OVERRIDE;
	virtual void taggedRelease(const void *tag = 0) const APPLE_KEXT_OVERRIDE;
public:
	virtual void retain() const APPLE_KEXT_OVERRIDE;
	virtual void release() const APPLE_KEXT_OVERRIDE;
	virtual void release(int freeWhen) const APPLE_KEXT_OVERRIDE;
	static OSBoolean *withBoolean(bool value);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual bool isTrue() const;
	virtual bool isFalse() const;
	virtual bool getValue() const;
	virtual bool isEqualTo(const OSBoolean *aBoolean) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
	static void make(); /* the kernel's, once */
};

extern OSBoolean *const &kOSBooleanTrue;
extern OSBoolean *const &kOSBooleanFalse;

#endif
#endif
