/* NULL and offsetof. */
#ifndef _STDDEF_H_
#define _STDDEF_H_

#include <sys/types.h>

typedef long ptrdiff_t;

#endif
