/* Mach's scalar types on x86-64. */
#ifndef _MACH_MACHINE_TYPES_H_
#define _MACH_MACHINE_TYPES_H_
#include <sys/_types.h>
#include <stdint.h>
typedef __darwin_natural_t natural_t;
typedef int integer_t;
typedef unsigned long vm_offset_t;
typedef unsigned long vm_size_t;
typedef unsigned long vm_address_t;
typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_offset_t;
typedef uint64_t mach_vm_size_t;
typedef uint64_t vm_map_offset_t;
typedef uint64_t vm_map_size_t;
typedef uint64_t memory_object_offset_t;
#endif
