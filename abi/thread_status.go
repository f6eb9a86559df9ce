package abi

// x86 exception numbers as Mach has them (<mach/i386/exception.h>), and the
// exceptions' own codes (<mach/exception_types.h>).
const (
	EXC_BAD_ACCESS      = 1
	EXC_BAD_INSTRUCTION = 2
	EXC_ARITHMETIC      = 3
	EXC_EMULATION       = 4
	EXC_SOFTWARE        = 5
	EXC_BREAKPOINT      = 6
	EXC_SYSCALL         = 7
	EXC_MACH_SYSCALL    = 8
	EXC_CRASH           = 10
	EXC_RESOURCE        = 11
	EXC_GUARD           = 12

	EXC_I386_DIV       = 1
	EXC_I386_INTO      = 2
	EXC_I386_NOEXT     = 3
	EXC_I386_EXTOVR    = 4
	EXC_I386_EXTERR    = 5
	EXC_I386_BOUND     = 7
	EXC_I386_SSEEXTERR = 8
	EXC_I386_INVOP     = 1
	EXC_I386_SGL       = 1
	EXC_I386_BPT       = 2
	EXC_I386_GPFLT     = 13
	EXC_I386_ALIGNFLT  = 101
	EXC_SOFT_SIGNAL    = 0x10003
)

// Selectors that a 64-bit Darwin thread sees (<i386/seg.h>).
const (
	USER64_CS = 0x2b
	USER_DS   = 0x23
)
