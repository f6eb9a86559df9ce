/* Text of which there is one object for each: equal symbols are the same. */
#ifndef _OS_OSSYMBOL_H
#define _OS_OSSYMBOL_H
#ifdef __cplusplus

#include <libkern/c++/OSString.h>

class OSSymbol : public OSString {
	OSDeclareAbstractStructors(OSSymbol);
	friend class OSSymbolPool;
	OSSymbol *chain;
	unsigned int hash;
	virtual bool initWithString(const OSString *aString) APPLE_KEXT_OVERRIDE;
	virtual bool initWithCString(const char *cString) APPLE_KEXT_OVERRIDE;
	virtual bool initWithCStringNoCopy(const char *cString) APPLE_KEXT_OVERRIDE;
	virtual bool setChar(char aChar, unsigned int index) APPLE_KEXT_OVERRIDE;
protected:
	virtual void free() APPLE_KEXT_OVERRIDE;
public:
	static const OSSymbol *withString(const OSString *aString);
	static const OSSymbol *withCString(const char *cString);
	static const OSSymbol *withCStringNoCopy(const char *cString);
	static const OSSymbol *existingSymbolForCString(const char *cString);
	virtual bool isEqualTo(const char *cString) const APPLE_KEXT_OVERRIDE;
	virtual bool isEqualTo(const OSString *aString) const APPLE_KEXT_OVERRIDE;
	virtual bool isEqualTo(const OSSymbol *aSymbol) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	using OSString::isEqualTo;
};

#endif
#endif
