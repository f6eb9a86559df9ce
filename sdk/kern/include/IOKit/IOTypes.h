/* Types of the I/O Kit. */
#ifndef _IOKIT_IOTYPES_H_
#define _IOKIT_IOTYPES_H_

#include <libkern/OSTypes.h>
#include <mach/mach_types.h>

typedef int IOReturn;
typedef unsigned long IOPhysicalAddress;
typedef uint32_t IOOptionBits;
typedef uint64_t IOByteCount;
typedef uint64_t IOPhysicalLength;
typedef unsigned long IOVirtualAddress;
typedef int32_t IOFixed;
typedef uint32_t IOItemCount;
typedef struct { IOPhysicalAddress address; IOByteCount length; } IOPhysicalRange;
typedef struct { IOVirtualAddress address; IOByteCount length; } IOVirtualRange;
typedef struct { uint64_t address, length; } IOAddressRange;
#define kIOReturnSuccess 0

#endif
