#include "textflag.h"

TEXT sysctlbyname_trampoline<>(SB), NOSPLIT, $0-0
	JMP	libc_sysctlbyname(SB)

GLOBL	·sysctlbyname(SB), RODATA, $8
DATA	·sysctlbyname(SB)/8, $sysctlbyname_trampoline<>(SB)
