package iokit

import "puggle/abi"

// Results of I/O Kit (<IOKit/IOReturn.h>): system 0x38, subsystem 0.
const (
	ioCommon = -0x2000_0000 // 0xe0000000 as an int

	IOReturnError           = abi.KernReturn(ioCommon + 0x2bc)
	IOReturnNoMemory        = abi.KernReturn(ioCommon + 0x2bd)
	IOReturnNoResources     = abi.KernReturn(ioCommon + 0x2be)
	IOReturnIPCError        = abi.KernReturn(ioCommon + 0x2bf)
	IOReturnNoDevice        = abi.KernReturn(ioCommon + 0x2c0)
	IOReturnNotPrivileged   = abi.KernReturn(ioCommon + 0x2c1)
	IOReturnBadArgument     = abi.KernReturn(ioCommon + 0x2c2)
	IOReturnExclusiveAccess = abi.KernReturn(ioCommon + 0x2c5)
	IOReturnUnsupported     = abi.KernReturn(ioCommon + 0x2c7)
	IOReturnVMError         = abi.KernReturn(ioCommon + 0x2c8)
	IOReturnInternalError   = abi.KernReturn(ioCommon + 0x2c9)
	IOReturnNotOpen         = abi.KernReturn(ioCommon + 0x2cd)
	IOReturnBusy            = abi.KernReturn(ioCommon + 0x2d5)
	IOReturnTimeout         = abi.KernReturn(ioCommon + 0x2d6)
	IOReturnOffline         = abi.KernReturn(ioCommon + 0x2d7)
	IOReturnNotReady        = abi.KernReturn(ioCommon + 0x2d8)
	IOReturnNotAttached     = abi.KernReturn(ioCommon + 0x2d9)
	IOReturnNoSpace         = abi.KernReturn(ioCommon + 0x2db)
	IOReturnMessageTooLarge = abi.KernReturn(ioCommon + 0x2e1)
	IOReturnNotPermitted    = abi.KernReturn(ioCommon + 0x2e2)
	IOReturnAborted         = abi.KernReturn(ioCommon + 0x2eb)
	IOReturnNotResponding   = abi.KernReturn(ioCommon + 0x2ed)
	IOReturnNotFound        = abi.KernReturn(ioCommon + 0x2f0)
)
