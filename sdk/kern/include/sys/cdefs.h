/* Declarations for both languages. */
#ifndef _SYS_CDEFS_H_
#define _SYS_CDEFS_H_

#include <sys/types.h>

#endif
