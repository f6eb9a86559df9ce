/* Text. */
#ifndef _OS_OSSTRING_H
#define _OS_OSSTRING_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSData;
enum { kOSStringNoCopy = 1 };

class OSString : public OSObject {
	OSDeclareDefaultStructors(OSString);
protected:
	unsigned int flags, length; /* without the zero */
	char *string;
public:
	static OSString *withString(const OSString *aString);
	static OSString *withCString(const char *cString);
	static OSString *withCStringNoCopy(const char *cString);
	virtual bool initWithString(const OSString *aString);
	virtual bool initWithCString(const char *cString);
	virtual bool initWithCStringNoCopy(const char *cString);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int getLength() const;
	virtual char getChar(unsigned int index) const;
	virtual bool setChar(char aChar, unsigned int index);
	virtual const char *getCStringNoCopy() const;
	virtual bool isEqualTo(const OSString *aString) const;
	virtual bool isEqualTo(const char *cString) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool isEqualTo(const OSData *aDataObject) const;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
};

#endif
#endif
