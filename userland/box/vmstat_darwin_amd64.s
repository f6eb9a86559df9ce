#include "textflag.h"

// How Go reaches a function of libSystem: a jump, and its address as data.

TEXT mach_host_self_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_mach_host_self(SB)
GLOBL ·mach_host_self_addr(SB), RODATA, $8
DATA ·mach_host_self_addr(SB)/8, $mach_host_self_trampoline<>(SB)

TEXT host_statistics64_trampoline<>(SB), NOSPLIT, $0-0
	JMP libc_host_statistics64(SB)
GLOBL ·host_statistics64_addr(SB), RODATA, $8
DATA ·host_statistics64_addr(SB)/8, $host_statistics64_trampoline<>(SB)
