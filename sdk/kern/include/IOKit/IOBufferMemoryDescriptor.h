/* Memory of the kernel's with its descriptor. */
#ifndef _IOBUFFERMEMORYDESCRIPTOR_H
#define _IOBUFFERMEMORYDESCRIPTOR_H

#include <IOKit/IOMemoryDescriptor.h>

#ifdef __cplusplus
class IOBufferMemoryDescriptor : public IOMemoryDescriptor {
	OSDeclareDefaultStructors(IOBufferMemoryDescriptor);
	void *fBuffer;
	IOByteCount fCapacity;
public:
	static IOBufferMemoryDescriptor *withCapacity(vm_size_t capacity, IODirection withDirection, bool withContiguousMemory = false);
	/* In the kernel only; zeros, at the beginning of a page. */
	static IOBufferMemoryDescriptor *inTaskWithOptions(task_t inTask, IOOptionBits options, vm_size_t capacity, vm_offset_t alignment = 1);
	static IOBufferMemoryDescriptor *withOptions(IOOptionBits options, vm_size_t capacity, vm_offset_t alignment = 1);
	static IOBufferMemoryDescriptor *withBytes(const void *bytes, vm_size_t withLength, IODirection withDirection, bool withContiguousMemory = false);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual void setLength(vm_size_t length);
	virtual void setDirection(IODirection direction);
	virtual vm_size_t getCapacity() const;
	virtual void *getBytesNoCopy();
	virtual void *getBytesNoCopy(vm_size_t start, vm_size_t withLength);
	virtual bool appendBytes(const void *bytes, vm_size_t withLength);
};
#endif

#endif
