/* The kernel's version. */
#ifndef _LIBKERN_VERSION_H_
#define _LIBKERN_VERSION_H_

#include <sys/types.h>

__BEGIN_DECLS
extern char version[];
extern int version_major;
extern int version_minor;
extern char ostype[];
extern char osrelease[];
__END_DECLS

#endif
