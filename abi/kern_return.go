package abi

// KernReturn is a kern_return_t (<mach/kern_return.h>). Zero is success. The
// mach_msg_return_t codes share the type; they live in mach_message.go.
type KernReturn int32

const (
	KERN_SUCCESS                  KernReturn = 0
	KERN_INVALID_ADDRESS          KernReturn = 1
	KERN_PROTECTION_FAILURE       KernReturn = 2
	KERN_NO_SPACE                 KernReturn = 3
	KERN_INVALID_ARGUMENT         KernReturn = 4
	KERN_FAILURE                  KernReturn = 5
	KERN_RESOURCE_SHORTAGE        KernReturn = 6
	KERN_NOT_RECEIVER             KernReturn = 7
	KERN_NO_ACCESS                KernReturn = 8
	KERN_MEMORY_FAILURE           KernReturn = 9
	KERN_MEMORY_ERROR             KernReturn = 10
	KERN_ALREADY_IN_SET           KernReturn = 11
	KERN_NOT_IN_SET               KernReturn = 12
	KERN_NAME_EXISTS              KernReturn = 13
	KERN_ABORTED                  KernReturn = 14
	KERN_INVALID_NAME             KernReturn = 15
	KERN_INVALID_TASK             KernReturn = 16
	KERN_INVALID_RIGHT            KernReturn = 17
	KERN_INVALID_VALUE            KernReturn = 18
	KERN_UREFS_OVERFLOW           KernReturn = 19
	KERN_INVALID_CAPABILITY       KernReturn = 20
	KERN_RIGHT_EXISTS             KernReturn = 21
	KERN_INVALID_HOST             KernReturn = 22
	KERN_MEMORY_PRESENT           KernReturn = 23
	KERN_MEMORY_DATA_MOVED        KernReturn = 24
	KERN_MEMORY_RESTART_COPY      KernReturn = 25
	KERN_INVALID_PROCESSOR_SET    KernReturn = 26
	KERN_POLICY_LIMIT             KernReturn = 27
	KERN_INVALID_POLICY           KernReturn = 28
	KERN_INVALID_OBJECT           KernReturn = 29
	KERN_ALREADY_WAITING          KernReturn = 30
	KERN_DEFAULT_SET              KernReturn = 31
	KERN_EXCEPTION_PROTECTED      KernReturn = 32
	KERN_INVALID_LEDGER           KernReturn = 33
	KERN_INVALID_MEMORY_CONTROL   KernReturn = 34
	KERN_INVALID_SECURITY         KernReturn = 35
	KERN_NOT_DEPRESSED            KernReturn = 36
	KERN_TERMINATED               KernReturn = 37
	KERN_LOCK_SET_DESTROYED       KernReturn = 38
	KERN_LOCK_UNSTABLE            KernReturn = 39
	KERN_LOCK_OWNED               KernReturn = 40
	KERN_LOCK_OWNED_SELF          KernReturn = 41
	KERN_SEMAPHORE_DESTROYED      KernReturn = 42
	KERN_RPC_SERVER_TERMINATED    KernReturn = 43
	KERN_RPC_TERMINATE_ORPHAN     KernReturn = 44
	KERN_RPC_CONTINUE_ORPHAN      KernReturn = 45
	KERN_NOT_SUPPORTED            KernReturn = 46
	KERN_NODE_DOWN                KernReturn = 47
	KERN_NOT_WAITING              KernReturn = 48
	KERN_OPERATION_TIMED_OUT      KernReturn = 49
	KERN_CODESIGN_ERROR           KernReturn = 50
	KERN_POLICY_STATIC            KernReturn = 51
	KERN_INSUFFICIENT_BUFFER_SIZE KernReturn = 52
	KERN_DENIED                   KernReturn = 53
	KERN_NOT_FOUND                KernReturn = 56
)
