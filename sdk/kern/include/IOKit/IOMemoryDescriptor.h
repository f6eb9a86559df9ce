/* Memory that is handed to devices and to programs. */
#ifndef _IOMEMORYDESCRIPTOR_H
#define _IOMEMORYDESCRIPTOR_H

#include <IOKit/IOReturn.h>
#include <IOKit/IOTypes.h>

typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_size_t;

#ifdef __cplusplus
#include <libkern/c++/OSObject.h>

enum IODirection { kIODirectionNone = 0, kIODirectionIn = 1, kIODirectionOut = 2, kIODirectionOutIn = 3, kIODirectionInOut = 3 };
enum { kIOMemoryDirectionMask = 7, kIOMemoryPhysicallyContiguous = 0x10, kIOMemoryPageable = 0x20, kIOMemoryKernelUserShared = 0x10000 };

class IOMemoryDescriptor : public OSObject {
	OSDeclareDefaultStructors(IOMemoryDescriptor);
	friend struct IOKitGlue;
protected:
	task_t fTask; /* a reference; 0: the kernel's */
	uint64_t fAddress;
	IOByteCount fLength;
	IOOptionBits fDirection;
	int fPrepared;
	using OSObject::init;
	virtual bool initWithRange(uint64_t address, IOByteCount length, IOOptionBits options, task_t task);
public:
	static IOMemoryDescriptor *withAddress(void *address, IOByteCount length, IODirection direction);
	static IOMemoryDescriptor *withAddressRange(mach_vm_address_t address, mach_vm_size_t length, IOOptionBits options, task_t task);
	virtual void free() APPLE_KEXT_OVERRIDE;
	virtual IODirection getDirection() const;
	virtual IOByteCount getLength() const;
	/* Wires the memory; kIOReturnVMError, kIOReturnCannotWire. Each needs a complete. */
	virtual IOReturn prepare(IODirection forDirection = kIODirectionNone);
	virtual IOReturn complete(IODirection forDirection = kIODirectionNone);
	/* What was copied, 0 unless the memory is prepared. */
	virtual IOByteCount readBytes(IOByteCount offset, void *bytes, IOByteCount withLength);
	virtual IOByteCount writeBytes(IOByteCount offset, const void *bytes, IOByteCount withLength);
};
#endif

#endif
