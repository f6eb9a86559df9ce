/* Results of libkern's classes. */
#ifndef __LIBKERN_OSRETURN_H
#define __LIBKERN_OSRETURN_H
#include <mach/mach_types.h>
typedef kern_return_t OSReturn;
#define kOSReturnSuccess 0
#define kOSReturnError ((OSReturn)0xdc000001)
#define kOSMetaClassInternal ((OSReturn)0xdc004001)
#define kOSMetaClassHasInstances ((OSReturn)0xdc004002)
#define kOSMetaClassNoInit ((OSReturn)0xdc004003)
#define kOSMetaClassDuplicateClass ((OSReturn)0xdc00400b)
#endif
