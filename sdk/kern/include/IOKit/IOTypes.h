/* Types of the I/O Kit. */
#ifndef _IOKIT_IOTYPES_H_
#define _IOKIT_IOTYPES_H_

#include <libkern/OSTypes.h>
#include <mach/mach_types.h>

typedef int IOReturn;
typedef unsigned long IOPhysicalAddress;
#define kIOReturnSuccess 0

#endif
