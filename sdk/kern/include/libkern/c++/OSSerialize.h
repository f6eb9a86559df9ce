/* Objects as XML. */
#ifndef _OS_OSSERIALIZE_H
#define _OS_OSSERIALIZE_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSSerialize : public OSObject {
	OSDeclareDefaultStructors(OSSerialize);
protected:
	char *data;
	unsigned int length, capacity, capacityIncrement; /* length with the zero */
	unsigned int depth;
	bool failed;
public:
	static OSSerialize *withCapacity(unsigned int capacity);
	virtual bool initWithCapacity(unsigned int inCapacity);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual char *text() const;
	virtual void clearText();
	virtual unsigned int getLength() const;
	virtual unsigned int getCapacity() const;
	virtual unsigned int ensureCapacity(unsigned int newCapacity);
	virtual bool addXMLStartTag(const OSMetaClassBase *o, const char *tagString);
	virtual bool addXMLEndTag(const char *tagString);
	virtual bool addChar(const char aChar);
	virtual bool addString(const char *cString);
	/* Text in which the characters of XML stand for themselves. */
	bool addEscaped(const char *cString);
	/* Always false: nothing is written by reference. */
	virtual bool previouslySerialized(const OSMetaClassBase *object);
	/* Containers in each other are bounded: serialize fails below 32. */
	bool enter();
	void leave();
};

#endif
#endif
