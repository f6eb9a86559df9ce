#include "textflag.h"

// func spinWhile(w *uint32, val uint32, pauses uint32) bool
// Spins until *w != val, which gives true, or for that many pauses. Short
// enough that the collector, which must wait for it, does not mind.
TEXT ·spinWhile(SB), NOSPLIT, $0-17
	MOVQ	w+0(FP), DI
	MOVL	val+8(FP), SI
	MOVL	pauses+12(FP), CX
loop:
	MOVL	(DI), AX
	CMPL	AX, SI
	JNE	changed
	PAUSE
	SUBL	$1, CX
	JGT	loop
	MOVB	$0, ret+16(FP)
	RET
changed:
	MOVB	$1, ret+16(FP)
	RET

// func cpuNumber() uint32
TEXT ·cpuNumber(SB), NOSPLIT, $0-4
	MOVL	$0x7b, CX	// the segment whose limit is the CPU number
	LSLL	CX, CX
	ANDL	$0xfff, CX
	MOVL	CX, ret+0(FP)
	RET

// func rdtsc() uint64
TEXT ·rdtsc(SB), NOSPLIT, $0-8
	RDTSCP
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET

// func xgetbv() uint64
TEXT ·xgetbv(SB), NOSPLIT, $0-8
	MOVL	$0, CX
	XGETBV
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET
