package abi

// MsgHeaderSize is sizeof(mach_msg_header_t) (<mach/message.h>): bits, size,
// remote port, local port, voucher port, id, four bytes each.
const (
	MsgHeaderSize = 24
	MsgBodySize   = 4 // mach_msg_body_t: the descriptor count
)

// msgh_bits.
const (
	MACH_MSGH_BITS_REMOTE_MASK  = 0x0000001f
	MACH_MSGH_BITS_LOCAL_MASK   = 0x00001f00
	MACH_MSGH_BITS_VOUCHER_MASK = 0x001f0000
	MACH_MSGH_BITS_PORTS_MASK   = 0x001f1f1f
	MACH_MSGH_BITS_COMPLEX      = 0x80000000
	MACH_MSGH_BITS_USER         = 0x801f1f1f
)

// MsgType is a mach_msg_type_name_t: what happens to a right.
type MsgType uint32

const (
	MACH_MSG_TYPE_NONE           MsgType = 0
	MACH_MSG_TYPE_PORT_NAME      MsgType = 15
	MACH_MSG_TYPE_MOVE_RECEIVE   MsgType = 16
	MACH_MSG_TYPE_MOVE_SEND      MsgType = 17
	MACH_MSG_TYPE_MOVE_SEND_ONCE MsgType = 18
	MACH_MSG_TYPE_COPY_SEND      MsgType = 19
	MACH_MSG_TYPE_MAKE_SEND      MsgType = 20
	MACH_MSG_TYPE_MAKE_SEND_ONCE MsgType = 21

	MACH_MSG_TYPE_DISPOSE_RECEIVE   MsgType = 24
	MACH_MSG_TYPE_DISPOSE_SEND      MsgType = 25
	MACH_MSG_TYPE_DISPOSE_SEND_ONCE MsgType = 26

	MACH_MSG_TYPE_PORT_RECEIVE   = MACH_MSG_TYPE_MOVE_RECEIVE
	MACH_MSG_TYPE_PORT_SEND      = MACH_MSG_TYPE_MOVE_SEND
	MACH_MSG_TYPE_PORT_SEND_ONCE = MACH_MSG_TYPE_MOVE_SEND_ONCE
)

// IsPort is MACH_MSG_TYPE_PORT_ANY.
func (t MsgType) IsPort() bool {
	return t >= MACH_MSG_TYPE_MOVE_RECEIVE && t <= MACH_MSG_TYPE_MAKE_SEND_ONCE
}

// IsSend is MACH_MSG_TYPE_PORT_ANY_SEND.
func (t MsgType) IsSend() bool {
	return t >= MACH_MSG_TYPE_MOVE_SEND && t <= MACH_MSG_TYPE_MAKE_SEND_ONCE
}

// Received is what the receiver of a right sent with disposition t gets:
// PORT_RECEIVE, PORT_SEND, PORT_SEND_ONCE or NONE (ipc_object_copyin_type).
func (t MsgType) Received() MsgType {
	switch t {
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return MACH_MSG_TYPE_PORT_RECEIVE
	case MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND
	case MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE
	}
	return MACH_MSG_TYPE_NONE
}

// Descriptor types and sizes (64-bit tasks).
const (
	MACH_MSG_PORT_DESCRIPTOR         = 0
	MACH_MSG_OOL_DESCRIPTOR          = 1
	MACH_MSG_OOL_PORTS_DESCRIPTOR    = 2
	MACH_MSG_OOL_VOLATILE_DESCRIPTOR = 3
	MACH_MSG_GUARDED_PORT_DESCRIPTOR = 4

	MsgPortDescSize = 12 // every other descriptor has MsgOOLDescSize
	MsgOOLDescSize  = 16
)

// Copy options of out-of-line data.
const (
	MACH_MSG_PHYSICAL_COPY = 0
	MACH_MSG_VIRTUAL_COPY  = 1
	MACH_MSG_ALLOCATE      = 2
	MACH_MSG_OVERWRITE     = 3
)

const (
	MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE = 1
	MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND = 2
	MACH_MSG_GUARD_FLAGS_MASK              = 3
)

// MsgOption is a mach_msg_option_t in the low 32 bits, a mach_msg_option64_t
// as a whole.
type MsgOption uint64

const (
	MACH_SEND_MSG             MsgOption = 0x00000001
	MACH_RCV_MSG              MsgOption = 0x00000002
	MACH_RCV_LARGE            MsgOption = 0x00000004
	MACH_RCV_LARGE_IDENTITY   MsgOption = 0x00000008
	MACH_SEND_TIMEOUT         MsgOption = 0x00000010
	MACH_SEND_OVERRIDE        MsgOption = 0x00000020
	MACH_SEND_INTERRUPT       MsgOption = 0x00000040
	MACH_SEND_NOTIFY          MsgOption = 0x00000080
	MACH_RCV_TIMEOUT          MsgOption = 0x00000100
	MACH_MSG_STRICT_REPLY     MsgOption = 0x00000200
	MACH_RCV_INTERRUPT        MsgOption = 0x00000400
	MACH_RCV_VOUCHER          MsgOption = 0x00000800
	MACH_RCV_GUARDED_DESC     MsgOption = 0x00001000
	MACH_RCV_SYNC_WAIT        MsgOption = 0x00004000
	MACH_RCV_SYNC_PEEK        MsgOption = 0x00008000
	MACH_SEND_ALWAYS          MsgOption = 0x00010000 // kernel only; a user's bit means FILTER_NONFATAL
	MACH_SEND_TRAILER         MsgOption = 0x00020000
	MACH_SEND_NOIMPORTANCE    MsgOption = 0x00040000
	MACH_SEND_SYNC_OVERRIDE   MsgOption = 0x00100000
	MACH_SEND_PROPAGATE_QOS   MsgOption = 0x00200000
	MACH_SEND_KERNEL          MsgOption = 0x00400000 // kernel only
	MACH_RCV_TRAILER_MASK     MsgOption = 0x0f000000
	MACH64_MSG_VECTOR         MsgOption = 0x0000000100000000
	MACH64_SEND_KOBJECT_CALL  MsgOption = 0x0000000200000000
	MACH64_SEND_MQ_CALL       MsgOption = 0x0000000400000000
	MACH64_SEND_ANY           MsgOption = 0x0000000800000000
	MACH64_SEND_DK_CALL       MsgOption = 0x0000001000000000
	MACH64_MACH_MSG2          MsgOption = 0x8000000000000000
	MACH64_MSG_OPTION_CFIMASK           = MACH64_SEND_KOBJECT_CALL | MACH64_SEND_MQ_CALL | MACH64_SEND_ANY | MACH64_SEND_DK_CALL
)

// Trailer elements, bits 24 to 27 of the options, and the sizes they ask for.
const (
	MACH_RCV_TRAILER_NULL   = 0
	MACH_RCV_TRAILER_SEQNO  = 1
	MACH_RCV_TRAILER_SENDER = 2
	MACH_RCV_TRAILER_AUDIT  = 3
	MACH_RCV_TRAILER_CTX    = 4
	MACH_RCV_TRAILER_AV     = 7
	MACH_RCV_TRAILER_LABELS = 8

	MaxTrailerSize = 68
)

// TrailerSize is REQUESTED_TRAILER_SIZE.
func (o MsgOption) TrailerSize() int {
	switch o >> 24 & 0xf {
	case MACH_RCV_TRAILER_NULL:
		return 8
	case MACH_RCV_TRAILER_SEQNO:
		return 12
	case MACH_RCV_TRAILER_SENDER:
		return 20
	case MACH_RCV_TRAILER_AUDIT:
		return 52
	case MACH_RCV_TRAILER_CTX:
		return 60
	}
	return MaxTrailerSize
}

// mach_msg_return_t.
const (
	MACH_MSG_SUCCESS    KernReturn = 0
	MACH_MSG_MASK       KernReturn = 0x3e00
	MACH_MSG_IPC_SPACE  KernReturn = 0x2000 // with one of the two errors of receiving: no room for names
	MACH_MSG_VM_SPACE   KernReturn = 0x1000
	MACH_MSG_IPC_KERNEL KernReturn = 0x0800
	MACH_MSG_VM_KERNEL  KernReturn = 0x0400

	MACH_SEND_IN_PROGRESS     KernReturn = 0x10000001
	MACH_SEND_INVALID_DATA    KernReturn = 0x10000002
	MACH_SEND_INVALID_DEST    KernReturn = 0x10000003
	MACH_SEND_TIMED_OUT       KernReturn = 0x10000004
	MACH_SEND_INVALID_VOUCHER KernReturn = 0x10000005
	MACH_SEND_INTERRUPTED     KernReturn = 0x10000007
	MACH_SEND_MSG_TOO_SMALL   KernReturn = 0x10000008
	MACH_SEND_INVALID_REPLY   KernReturn = 0x10000009
	MACH_SEND_INVALID_RIGHT   KernReturn = 0x1000000a
	MACH_SEND_INVALID_NOTIFY  KernReturn = 0x1000000b
	MACH_SEND_INVALID_MEMORY  KernReturn = 0x1000000c
	MACH_SEND_NO_BUFFER       KernReturn = 0x1000000d
	MACH_SEND_TOO_LARGE       KernReturn = 0x1000000e
	MACH_SEND_INVALID_TYPE    KernReturn = 0x1000000f
	MACH_SEND_INVALID_HEADER  KernReturn = 0x10000010
	MACH_SEND_INVALID_TRAILER KernReturn = 0x10000011
	MACH_SEND_INVALID_CONTEXT KernReturn = 0x10000012
	MACH_SEND_INVALID_OPTIONS KernReturn = 0x10000013
	MACH_SEND_AUX_TOO_SMALL   KernReturn = 0x10000018
	MACH_SEND_AUX_TOO_LARGE   KernReturn = 0x10000019

	MACH_RCV_IN_PROGRESS       KernReturn = 0x10004001
	MACH_RCV_INVALID_NAME      KernReturn = 0x10004002
	MACH_RCV_TIMED_OUT         KernReturn = 0x10004003
	MACH_RCV_TOO_LARGE         KernReturn = 0x10004004
	MACH_RCV_INTERRUPTED       KernReturn = 0x10004005
	MACH_RCV_PORT_CHANGED      KernReturn = 0x10004006
	MACH_RCV_INVALID_NOTIFY    KernReturn = 0x10004007
	MACH_RCV_INVALID_DATA      KernReturn = 0x10004008
	MACH_RCV_PORT_DIED         KernReturn = 0x10004009
	MACH_RCV_IN_SET            KernReturn = 0x1000400a
	MACH_RCV_HEADER_ERROR      KernReturn = 0x1000400b
	MACH_RCV_BODY_ERROR        KernReturn = 0x1000400c
	MACH_RCV_INVALID_TYPE      KernReturn = 0x1000400d
	MACH_RCV_SCATTER_SMALL     KernReturn = 0x1000400e
	MACH_RCV_INVALID_TRAILER   KernReturn = 0x1000400f
	MACH_RCV_INVALID_REPLY     KernReturn = 0x10004012
	MACH_RCV_INVALID_ARGUMENTS KernReturn = 0x10004013
)

// Sizes of mach_msg_vector_t and mach_msg_aux_header_t.
const (
	MsgVectorSize    = 24
	MsgAuxHeaderSize = 8
	MsgAuxMax        = 128 // LIBSYSCALL_MSGV_AUX_MAX_SIZE
)
