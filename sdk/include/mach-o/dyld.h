/* Images of a process. */
#ifndef _MACH_O_DYLD_H_
#define _MACH_O_DYLD_H_
#include <mach-o/loader.h>
#include <sys/cdefs.h>
__BEGIN_DECLS
uint32_t _dyld_image_count(void);
const char *_dyld_get_image_name(uint32_t);
const struct mach_header_64 *_dyld_get_image_header(uint32_t);
intptr_t _dyld_get_image_vmaddr_slide(uint32_t);
int _NSGetExecutablePath(char *, uint32_t *);
__END_DECLS
#endif
