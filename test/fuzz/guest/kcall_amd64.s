#include "textflag.h"

// func kcall(fast, nr uintptr, a *[8]uint64) (rax, rdx, carry uint64)
// A kernel call, by the machine's entry or by the instruction itself. Arguments seven and
// eight are where Darwin's stubs have them: above a return address.
TEXT ·kcall(SB), NOSPLIT, $256-48
	MOVQ a+16(FP), BX
	MOVQ 48(BX), CX
	MOVQ CX, 8(SP)
	MOVQ 56(BX), CX
	MOVQ CX, 16(SP)
	MOVQ 0(BX), DI
	MOVQ 8(BX), SI
	MOVQ 16(BX), DX
	MOVQ 24(BX), R10
	MOVQ 32(BX), R8
	MOVQ 40(BX), R9
	MOVQ nr+8(FP), AX
	MOVQ fast+0(FP), CX
	TESTQ CX, CX
	JNZ entry
	SYSCALL
	JMP done
entry:
	CALL CX
done:
	SETCS BX
	MOVBQZX BX, BX
	MOVQ AX, rax+24(FP)
	MOVQ DX, rdx+32(FP)
	MOVQ BX, carry+40(FP)
	CLD
	RET

// func at(addr uint64) *byte
// An address as a pointer: the memory is none of the collector's.
TEXT ·at(SB), NOSPLIT, $0-16
	MOVQ addr+0(FP), AX
	MOVQ AX, ret+8(FP)
	RET
