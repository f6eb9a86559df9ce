/* The parts of a path. */
#ifndef _LIBGEN_H_
#define _LIBGEN_H_
#include <sys/cdefs.h>
__BEGIN_DECLS
char *basename(char *);
char *dirname(char *);
char *basename_r(const char *, char *);
char *dirname_r(const char *, char *);
__END_DECLS
#endif
