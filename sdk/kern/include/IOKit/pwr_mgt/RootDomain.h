/* Being told of shutdown, restart and sleep; C++ only. */
#ifndef _IOKIT_ROOTDOMAIN_H_
#define _IOKIT_ROOTDOMAIN_H_

#include <IOKit/IOService.h>

#ifdef __cplusplus
extern "C" {
IONotifier *registerSleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref = 0);
IONotifier *registerPrioritySleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref = 0);
IOReturn acknowledgeSleepWakeNotification(void *refcon);
IOReturn vetoSleepWakeNotification(void *refcon);
}
#endif

#endif
