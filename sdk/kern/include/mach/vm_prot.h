/* Protections of memory. */
#ifndef _MACH_VM_PROT_H_
#define _MACH_VM_PROT_H_

#include <mach/mach_types.h>

#endif
