package abi

// ExceptionMask is an exception_mask_t: 1<<EXC_* for each exception.
type ExceptionMask uint32

// ExceptionBehavior is an exception_behavior_t: one of EXCEPTION_DEFAULT,
// _STATE, _STATE_IDENTITY, and MACH_EXCEPTION_CODES.
type ExceptionBehavior uint32

// <mach/exception_types.h>
const (
	EXC_RPC_ALERT     = 9
	EXC_CORPSE_NOTIFY = 13
	EXC_TYPES_COUNT   = 14

	// EXC_MASK_ALL is every exception but EXC_CORPSE_NOTIFY and what no one
	// may ask for.
	EXC_MASK_ALL   ExceptionMask = 0x1bfe
	EXC_MASK_VALID ExceptionMask = 0x3ffe

	EXCEPTION_DEFAULT        ExceptionBehavior = 1
	EXCEPTION_STATE          ExceptionBehavior = 2
	EXCEPTION_STATE_IDENTITY ExceptionBehavior = 3
	MACH_EXCEPTION_CODES     ExceptionBehavior = 0x80000000
)

// Special ports (<mach/task_special_ports.h>, <mach/thread_special_ports.h>,
// <mach/host_special_ports.h>).
const (
	TASK_KERNEL_PORT       = 1
	TASK_HOST_PORT         = 2
	TASK_NAME_PORT         = 3
	TASK_BOOTSTRAP_PORT    = 4
	TASK_INSPECT_PORT      = 5
	TASK_READ_PORT         = 6
	TASK_ACCESS_PORT       = 9
	TASK_PORT_REGISTER_MAX = 3

	THREAD_KERNEL_PORT  = 1
	THREAD_INSPECT_PORT = 2
	THREAD_READ_PORT    = 3

	HOST_PORT             = 1
	HOST_PRIV_PORT        = 2
	HOST_IO_MAIN_PORT     = 3
	HOST_MAX_SPECIAL_PORT = 35
)

// Flavours of thread_get_state (<mach/i386/thread_status.h>) and their sizes in
// words.
const (
	THREAD_STATE_FLAVOR_LIST    = 0
	X86_THREAD_STATE32          = 1
	X86_THREAD_STATE64          = 4
	X86_FLOAT_STATE64           = 5
	X86_EXCEPTION_STATE64       = 6
	X86_THREAD_STATE            = 7
	X86_FLOAT_STATE             = 8
	X86_EXCEPTION_STATE         = 9
	X86_DEBUG_STATE64           = 11
	THREAD_STATE_NONE           = 13
	X86_THREAD_STATE64_COUNT    = 42
	X86_FLOAT_STATE64_COUNT     = 131
	X86_EXCEPTION_STATE64_COUNT = 4
	X86_THREAD_STATE_COUNT      = 44
	X86_FLOAT_STATE_COUNT       = 133
	X86_EXCEPTION_STATE_COUNT   = 6
)
