/* The handler of notifications; services themselves are not offered. */
#ifndef _IOKIT_IOSERVICE_H_
#define _IOKIT_IOSERVICE_H_

#include <IOKit/IOMessage.h>
#include <IOKit/IONotifier.h>
#include <IOKit/IOTypes.h>

#ifdef __cplusplus
class IOService;
typedef IOReturn (*IOServiceInterestHandler)(void *target, void *refCon, UInt32 messageType, IOService *provider,
	void *messageArgument, vm_size_t argSize);
#endif

#endif
