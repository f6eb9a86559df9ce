/* A number of up to 64 bits. */
#ifndef _OS_OSNUMBER_H
#define _OS_OSNUMBER_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSNumber : public OSObject {
	OSDeclareDefaultStructors(OSNumber);
protected:
	unsigned long long value;
	unsigned int size; /* bits */
public:
	static OSNumber *withNumber(unsigned long long value, unsigned int numberOfBits);
	static OSNumber *withNumber(const char *valueString, unsigned int numberOfBits);
	virtual bool init(unsigned long long value, unsigned int numberOfBits);
	virtual bool init(const char *valueString, unsigned int numberOfBits);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int numberOfBits() const;
	virtual unsigned int numberOfBytes() const;
	virtual unsigned char unsigned8BitValue() const;
	virtual unsigned short unsigned16BitValue() const;
	virtual unsigned int unsigned32BitValue() const;
	virtual unsigned long long unsigned64BitValue() const;
	virtual void addValue(signed long long value);
	virtual void setValue(unsigned long long value);
	virtual bool isEqualTo(const OSNumber *aNumber) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
protected:
	using OSObject::init;
};

#endif
#endif
