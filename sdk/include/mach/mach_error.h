/* Texts for kernel results. */
#ifndef _MACH_MACH_ERROR_H_
#define _MACH_MACH_ERROR_H_
#include <mach/error.h>
#include <sys/cdefs.h>
__BEGIN_DECLS
char *mach_error_string(mach_error_t);
char *mach_error_type(mach_error_t);
void mach_error(const char *, mach_error_t);
__END_DECLS
#endif
