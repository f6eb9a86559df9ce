/* The kernel's types. */
#ifndef _SYS_KERNEL_TYPES_H_
#define _SYS_KERNEL_TYPES_H_

#include <sys/types.h>

#endif
