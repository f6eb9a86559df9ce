/* Calls on address spaces. */
#ifndef _MACH_VM_MAP_H_
#define _MACH_VM_MAP_H_
#include <mach/mach_vm.h>
#endif
