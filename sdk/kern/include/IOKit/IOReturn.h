/* Results of the I/O Kit. */
#ifndef _IOKIT_IORETURN_H_
#define _IOKIT_IORETURN_H_

#include <IOKit/IOTypes.h>

#endif
