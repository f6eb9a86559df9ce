#include "textflag.h"

// func rawCall(nr, a, b, c, d, e, f uintptr) uintptr
// A syscall instruction with the host's register use, which is Darwin's too.
TEXT ·rawCall(SB), NOSPLIT, $0-64
	MOVQ nr+0(FP), AX
	MOVQ a+8(FP), DI
	MOVQ b+16(FP), SI
	MOVQ c+24(FP), DX
	MOVQ d+32(FP), R10
	MOVQ e+40(FP), R8
	MOVQ f+48(FP), R9
	SYSCALL
	MOVQ AX, ret+56(FP)
	RET

// func int80(nr, a uintptr) uintptr
TEXT ·int80(SB), NOSPLIT, $0-24
	MOVQ nr+0(FP), AX
	MOVQ a+8(FP), BX
	BYTE $0xcd
	BYTE $0x80
	MOVQ AX, ret+16(FP)
	RET

// func sysenter(nr, a uintptr) uintptr
TEXT ·sysenter(SB), NOSPLIT, $0-24
	MOVQ nr+0(FP), AX
	MOVQ a+8(FP), BX
	BYTE $0x0f
	BYTE $0x34
	MOVQ AX, ret+16(FP)
	RET

// func callAt(pc, nr, a, b, c, d, e, f uintptr) uintptr
// Jumps to pc with a system call's registers; what is there may never return.
TEXT ·callAt(SB), NOSPLIT, $128-72
	MOVQ pc+0(FP), BX
	MOVQ nr+8(FP), AX
	MOVQ a+16(FP), DI
	MOVQ b+24(FP), SI
	MOVQ c+32(FP), DX
	MOVQ d+40(FP), R10
	MOVQ e+48(FP), R8
	MOVQ f+56(FP), R9
	CALL BX
	MOVQ AX, ret+64(FP)
	RET

// func wrfsbase(v uintptr)
TEXT ·wrfsbase(SB), NOSPLIT, $0-8
	MOVQ v+0(FP), BX
	BYTE $0xf3; BYTE $0x48; BYTE $0x0f; BYTE $0xae; BYTE $0xd3
	RET

// func wrgsbase(v uintptr)
TEXT ·wrgsbase(SB), NOSPLIT, $0-8
	MOVQ v+0(FP), BX
	BYTE $0xf3; BYTE $0x48; BYTE $0x0f; BYTE $0xae; BYTE $0xdb
	RET

// func load(addr uintptr) uint64
TEXT ·load(SB), NOSPLIT, $0-16
	MOVQ addr+0(FP), BX
	MOVQ (BX), AX
	MOVQ AX, ret+8(FP)
	RET

// func store(addr uintptr, v uint64)
TEXT ·store(SB), NOSPLIT, $0-16
	MOVQ addr+0(FP), BX
	MOVQ v+8(FP), AX
	MOVQ AX, (BX)
	RET
