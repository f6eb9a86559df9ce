#include "textflag.h"

// func rawNull(nr uintptr) uintptr
TEXT ·rawNull(SB), NOSPLIT, $0-16
	MOVQ nr+0(FP), AX
	SYSCALL
	MOVQ AX, ret+8(FP)
	RET
