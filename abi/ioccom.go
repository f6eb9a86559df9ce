package abi

// Ioctl commands carry the size of their argument and its direction
// (<sys/ioccom.h>).
const (
	IOC_VOID      = 0x20000000
	IOC_OUT       = 0x40000000
	IOC_IN        = 0x80000000
	IOCPARM_MASK  = 0x1fff
	IOCPARM_SHIFT = 16
)

// IOCPARM_LEN is the size in bytes of cmd's argument.
func IOCPARM_LEN(cmd uint64) int { return int(cmd >> IOCPARM_SHIFT & IOCPARM_MASK) }
