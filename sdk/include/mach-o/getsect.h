/* Sections and segments of images that are loaded, by name. */
#ifndef _MACH_O_GETSECT_H_
#define _MACH_O_GETSECT_H_
#include <sys/cdefs.h>
#include <stdint.h>
#include <mach-o/loader.h>
__BEGIN_DECLS
const struct section_64 *getsectbynamefromheader_64(const struct mach_header_64 *, const char *, const char *);
char *getsectdatafromheader_64(const struct mach_header_64 *, const char *, const char *, uint64_t *);
const struct section_64 *getsectbyname(const char *, const char *);
const struct segment_command_64 *getsegbyname(const char *);
char *getsectdata(const char *, const char *, unsigned long *);
uint8_t *getsectiondata(const struct mach_header_64 *, const char *, const char *, unsigned long *);
uint8_t *getsegmentdata(const struct mach_header_64 *, const char *, unsigned long *);
__END_DECLS
#endif
