/* The platform: boot arguments and the console. */
#ifndef _PEXPERT_PEXPERT_H_
#define _PEXPERT_PEXPERT_H_
#include <mach/mach_types.h>
__BEGIN_DECLS
boolean_t PE_parse_boot_arg(const char *name, void *value);
boolean_t PE_parse_boot_argn(const char *name, void *value, int size);
void PE_enter_debugger(const char *cause);
void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
__END_DECLS
#endif
