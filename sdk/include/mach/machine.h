/* Kinds of processor. */
#ifndef _MACH_MACHINE_H_
#define _MACH_MACHINE_H_
#include <mach/machine_types.h>
typedef integer_t cpu_type_t, cpu_subtype_t, cpu_threadtype_t;
#define CPU_STATE_MAX 4
#define CPU_STATE_USER 0
#define CPU_STATE_SYSTEM 1
#define CPU_STATE_IDLE 2
#define CPU_STATE_NICE 3
#define CPU_ARCH_ABI64 0x01000000
#define CPU_TYPE_X86 7
#define CPU_TYPE_I386 CPU_TYPE_X86
#define CPU_TYPE_X86_64 (CPU_TYPE_X86 | CPU_ARCH_ABI64)
#define CPU_TYPE_ARM 12
#define CPU_TYPE_ARM64 (CPU_TYPE_ARM | CPU_ARCH_ABI64)
#define CPU_SUBTYPE_X86_64_ALL 3
#define CPU_SUBTYPE_X86_64_H 8
#define CPU_SUBTYPE_ARM64_ALL 0
#endif
