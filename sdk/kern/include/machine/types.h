/* Basic types. */
#ifndef _MACHINE_TYPES_H_
#define _MACHINE_TYPES_H_

#include <sys/types.h>

#endif
