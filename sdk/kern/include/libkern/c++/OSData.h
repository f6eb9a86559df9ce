/* Bytes. */
#ifndef _OS_OSDATA_H
#define _OS_OSDATA_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSString;

class OSData : public OSObject {
	OSDeclareDefaultStructors(OSData);
protected:
	void *data;
	unsigned int length, capacity, capacityIncrement;
	bool borrowed;
public:
	static OSData *withCapacity(unsigned int capacity);
	static OSData *withBytes(const void *bytes, unsigned int numBytes);
	static OSData *withBytesNoCopy(void *bytes, unsigned int numBytes);
	static OSData *withData(const OSData *inData);
	static OSData *withData(const OSData *inData, unsigned int start, unsigned int numBytes);
	virtual bool initWithCapacity(unsigned int capacity);
	virtual bool initWithBytes(const void *bytes, unsigned int numBytes);
	virtual bool initWithBytesNoCopy(void *bytes, unsigned int numBytes);
	virtual bool initWithData(const OSData *inData);
	virtual bool initWithData(const OSData *inData, unsigned int start, unsigned int numBytes);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual unsigned int getLength() const;
	virtual unsigned int getCapacity() const;
	virtual unsigned int getCapacityIncrement() const;
	virtual unsigned int setCapacityIncrement(unsigned increment);
	virtual unsigned int ensureCapacity(unsigned int newCapacity);
	virtual bool appendBytes(const void *bytes, unsigned int numBytes);
	virtual bool appendBytes(const OSData *aDataObj);
	virtual bool appendByte(unsigned char byte, unsigned int numBytes);
	virtual const void *getBytesNoCopy() const;
	virtual const void *getBytesNoCopy(unsigned int start, unsigned int numBytes) const;
	virtual bool isEqualTo(const OSData *aDataObj) const;
	virtual bool isEqualTo(const void *bytes, unsigned int numBytes) const;
	virtual bool isEqualTo(const OSMetaClassBase *anObject) const APPLE_KEXT_OVERRIDE;
	virtual bool isEqualTo(const OSString *aString) const;
	virtual bool serialize(OSSerialize *s) const APPLE_KEXT_OVERRIDE;
};

#endif
#endif
