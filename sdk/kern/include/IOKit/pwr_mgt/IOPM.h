/* Power management. */
#ifndef _IOKIT_IOPM_H_
#define _IOKIT_IOPM_H_

#include <IOKit/IOTypes.h>

#endif
