package mig

import "puggle/abi"

// The compiler's return codes (<mach/mig_errors.h>).
const (
	MIG_TYPE_ERROR        abi.KernReturn = -300
	MIG_REPLY_MISMATCH    abi.KernReturn = -301
	MIG_REMOTE_ERROR      abi.KernReturn = -302
	MIG_BAD_ID            abi.KernReturn = -303
	MIG_BAD_ARGUMENTS     abi.KernReturn = -304
	MIG_NO_REPLY          abi.KernReturn = -305
	MIG_EXCEPTION         abi.KernReturn = -306
	MIG_ARRAY_TOO_LARGE   abi.KernReturn = -307
	MIG_SERVER_DIED       abi.KernReturn = -308
	MIG_TRAILER_ERROR     abi.KernReturn = -309
	MIG_DESTROY_REQUEST                  = MIG_NO_REPLY
	mach_notify_send_once                = abi.MACH_NOTIFY_SEND_ONCE
)
