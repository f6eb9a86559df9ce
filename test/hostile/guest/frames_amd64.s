#include "textflag.h"

// What a handler changes in its frame before it returns, at a fixed place: how many
// changes, then pairs of an offset in the machine context and a value.
#define CHANGES 0x4100000000

// Behind them: the handler's stack pointer and how often it ran; then what killFrame found.
#define MARK 0x4100000e00
#define FOUND 0x4100000f00

// The trampoline of a signal: DI handler, SI style, DX signal, CX siginfo, R8 context,
// R9 token. It leaves its mark, makes the changes and returns by sigreturn.
TEXT ·trampoline(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ $MARK, R13
	MOVQ SP, (R13)
	INCQ 8(R13)
	MOVQ 48(R8), R12 // uc_mcontext
	MOVQ $CHANGES, R13
	MOVQ (R13), R14
	ADDQ $8, R13
more:
	TESTQ R14, R14
	JZ done
	MOVQ (R13), AX
	MOVQ 8(R13), BX
	ADDQ R12, AX
	MOVQ BX, (AX)
	ADDQ $16, R13
	DECQ R14
	JMP more
done:
	MOVQ R8, DI
	MOVQ $30, SI // UC_FLAVOR
	MOVQ R9, DX
	MOVQ $0x20000b8, AX
	SYSCALL
	INT $3 // it has refused

TEXT ·trampolineAddr(SB), NOSPLIT, $0-8
	LEAQ ·trampoline(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func killFrame(thread, sig uintptr)
// A signal to this thread (__pthread_kill); what the registers are afterwards is left at FOUND.
TEXT ·killFrame(SB), NOSPLIT|NOFRAME, $0-16
	MOVQ thread+0(FP), DI
	MOVQ sig+8(FP), SI
	PUSHQ $0x202 // no flag but IF
	POPFQ
	MOVQ $FOUND, R10
	MOVQ SP, (R10)
	MOVQ $2, R13
	MOVQ $0x2000148, AX
	SYSCALL
	MOVQ $1, R13
	JMP ·landing(SB)

// Where killFrame goes on, or a frame whose rip says so: then R13 is 2. No flag changes
// before they are read.
TEXT ·landing(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, R12
	PUSHFQ
	POPQ R11
	MOVQ $FOUND, R10
	MOVQ (R10), SP
	MOVQ AX, 8(R10)
	MOVQ BX, 16(R10)
	MOVQ R12, 24(R10)
	MOVQ R11, 32(R10)
	MOVQ R13, 40(R10)
	PUSHFQ
	ANDQ $~0x244500, (SP)
	POPFQ
	RET

TEXT ·landingAddr(SB), NOSPLIT, $0-8
	LEAQ ·landing(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func killAt(sp, thread, sig uintptr) uintptr
// A signal to this thread with a stack pointer of one's choice.
TEXT ·killAt(SB), NOSPLIT, $0-32
	MOVQ thread+8(FP), DI
	MOVQ sig+16(FP), SI
	MOVQ SP, R15
	MOVQ sp+0(FP), SP
	MOVQ $0x2000148, AX
	SYSCALL
	MOVQ R15, SP
	MOVQ AX, ret+24(FP)
	RET

// func flagged(flags uintptr) uintptr
// getpid with flags of one's choice, as far as POPFQ lets one.
TEXT ·flagged(SB), NOSPLIT, $8-16
	MOVQ flags+0(FP), BX
	PUSHFQ
	ORQ BX, 0(SP)
	MOVQ $0x2000014, AX
	POPFQ
	SYSCALL
	PUSHFQ
	ANDQ $~0x254500, 0(SP)
	POPFQ
	MOVQ AX, ret+8(FP)
	RET

// func segments(v uintptr)
// Loads the data segments with what v is.
TEXT ·segments(SB), NOSPLIT, $0-8
	MOVQ v+0(FP), AX
	BYTE $0x8e; BYTE $0xd8 // mov ds, eax
	BYTE $0x8e; BYTE $0xc0 // mov es, eax
	RET

// func odd(which uintptr) uintptr
// Instructions that a kernel may trip over.
TEXT ·odd(SB), NOSPLIT, $256-16
	MOVQ which+0(FP), AX
	CMPQ AX, $0
	JNE n1
	BYTE $0xf4 // hlt
n1:
	CMPQ AX, $1
	JNE n2
	BYTE $0x0f; BYTE $0x33 // rdpmc
n2:
	CMPQ AX, $2
	JNE n3
	MOVL $0x1b, CX
	BYTE $0x0f; BYTE $0x32 // rdmsr
n3:
	CMPQ AX, $3
	JNE n4
	BYTE $0xfa // cli
n4:
	CMPQ AX, $4
	JNE n5
	BYTE $0xe4; BYTE $0x80 // in al, 0x80
n5:
	CMPQ AX, $5
	JNE n6
	BYTE $0xf1 // int1
n6:
	CMPQ AX, $6
	JNE n7
	BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66 // too long
	BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x66; BYTE $0x90
n7:
	CMPQ AX, $7
	JNE n8
	BYTE $0xcd; BYTE $0x03 // int 3, the long way
n8:
	CMPQ AX, $8
	JNE n9
	BYTE $0xcd; BYTE $0xff // int 0xff
n9:
	CMPQ AX, $9
	JNE n10
	BYTE $0x48; BYTE $0xcf // iretq
n10:
	CMPQ AX, $10
	JNE n11
	BYTE $0x0f; BYTE $0x01; BYTE $0xc1 // vmcall
n11:
	CMPQ AX, $11
	JNE n12
	BYTE $0x0f; BYTE $0x01; BYTE $0xf8 // swapgs
n12:
	CMPQ AX, $12
	JNE n13
	BYTE $0x0f; BYTE $0x07 // sysret
n13:
	CMPQ AX, $13
	JNE n14
	LEAQ 64(SP), BX // a lock across a cache line
	ORQ $63, BX
	LOCK
	INCQ -3(BX)
n14:
	CMPQ AX, $14
	JNE n15
	MOVQ $0x8000000000000000, BX
	MOVQ (BX), AX // not canonical
n15:
	CMPQ AX, $15
	JNE n16
	MOVQ $0x8000000000000000, BX
	JMP BX
n16:
	CMPQ AX, $16
	JNE n17
	MOVQ $0x8000000000000000, SP
	BYTE $0x50 // push rax
n17:
	CMPQ AX, $17
	JNE n18
	BYTE $0xea // no such in long mode
n18:
	CMPQ AX, $18
	JNE n19
	BYTE $0x0f; BYTE $0x00; BYTE $0xd0 // lldt
n19:
	CMPQ AX, $19
	JNE n20
	BYTE $0x0f; BYTE $0x01; BYTE $0xef // wrpkru, or undefined
n20:
	CMPQ AX, $20
	JNE n21
	MOVQ $0x100000002, AX // a far return into 32-bit code
	MOVQ $0x23, BX
	BYTE $0x53 // push rbx
	BYTE $0x50 // push rax
	BYTE $0x48; BYTE $0xcb // lretq
n21:
	MOVQ $1, AX
	MOVQ AX, ret+8(FP)
	RET

// func compat()
// Runs the 32-bit code at 0x20000000, which comes back through 0x20000100.
TEXT ·compat(SB), NOSPLIT, $0-0
	MOVQ $0x20001008, BX
	MOVQ $0x20001010, CX
	MOVQ SP, (CX)
	LEAQ ·returned(SB), AX
	MOVQ AX, (BX)
	MOVL $0x2b, AX // 32-bit code has no data without a segment; 64-bit code runs with none
	BYTE $0x8e; BYTE $0xd8 // mov ds, eax
	BYTE $0x6a; BYTE $0x23 // push 0x23: 32-bit code of a user
	BYTE $0x68; BYTE $0x00; BYTE $0x00; BYTE $0x00; BYTE $0x20 // push 0x20000000
	BYTE $0x48; BYTE $0xcb // lretq
	RET

// Where compat goes on.
TEXT ·returned(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ $0x20001010, CX
	MOVQ (CX), SP
	RET
