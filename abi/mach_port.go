package abi

// PortName is a mach_port_name_t (<mach/port.h>): a name in one task's space,
// index<<8 | generation.
type PortName uint32

const (
	MACH_PORT_NULL PortName = 0
	MACH_PORT_DEAD PortName = 0xffffffff
)

// Valid is MACH_PORT_VALID.
func (n PortName) Valid() bool { return n != MACH_PORT_NULL && n != MACH_PORT_DEAD }

// PortRight is a mach_port_right_t.
type PortRight uint32

const (
	MACH_PORT_RIGHT_SEND      PortRight = 0
	MACH_PORT_RIGHT_RECEIVE   PortRight = 1
	MACH_PORT_RIGHT_SEND_ONCE PortRight = 2
	MACH_PORT_RIGHT_PORT_SET  PortRight = 3
	MACH_PORT_RIGHT_DEAD_NAME PortRight = 4
	MACH_PORT_RIGHT_LABELH    PortRight = 5
	MACH_PORT_RIGHT_NUMBER    PortRight = 6
)

// PortType is a mach_port_type_t: a set of rights under one name.
type PortType uint32

const (
	MACH_PORT_TYPE_NONE              PortType = 0
	MACH_PORT_TYPE_SEND              PortType = 1 << 16
	MACH_PORT_TYPE_RECEIVE           PortType = 1 << 17
	MACH_PORT_TYPE_SEND_ONCE         PortType = 1 << 18
	MACH_PORT_TYPE_PORT_SET          PortType = 1 << 19
	MACH_PORT_TYPE_DEAD_NAME         PortType = 1 << 20
	MACH_PORT_TYPE_LABELH            PortType = 1 << 21
	MACH_PORT_TYPE_DNREQUEST         PortType = 0x80000000
	MACH_PORT_TYPE_SPREQUEST         PortType = 0x40000000
	MACH_PORT_TYPE_SPREQUEST_DELAYED PortType = 0x20000000

	MACH_PORT_TYPE_SEND_RECEIVE = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE
	MACH_PORT_TYPE_SEND_RIGHTS  = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE
	MACH_PORT_TYPE_PORT_RIGHTS  = MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE
	MACH_PORT_TYPE_PORT_OR_DEAD = MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME
	MACH_PORT_TYPE_ALL_RIGHTS   = MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET
)

// MACH_PORT_UREFS_MAX is where user references stick: a name that reaches it
// keeps its right until it is destroyed.
const MACH_PORT_UREFS_MAX = 0xffff

const (
	MACH_PORT_QLIMIT_ZERO    = 0
	MACH_PORT_QLIMIT_BASIC   = 5
	MACH_PORT_QLIMIT_SMALL   = 16
	MACH_PORT_QLIMIT_LARGE   = 1024
	MACH_PORT_QLIMIT_KERNEL  = 65534
	MACH_PORT_QLIMIT_DEFAULT = MACH_PORT_QLIMIT_BASIC
	MACH_PORT_QLIMIT_MAX     = MACH_PORT_QLIMIT_LARGE
)

// Flavors of mach_port_get_attributes and friends.
const (
	MACH_PORT_LIMITS_INFO         = 1
	MACH_PORT_RECEIVE_STATUS      = 2
	MACH_PORT_DNREQUESTS_SIZE     = 3
	MACH_PORT_TEMPOWNER           = 4
	MACH_PORT_IMPORTANCE_RECEIVER = 5
	MACH_PORT_DENAP_RECEIVER      = 6
	MACH_PORT_INFO_EXT            = 7
	MACH_PORT_GUARD_INFO          = 8
	MACH_PORT_SERVICE_THROTTLED   = 9
)

// mps_flags.
const (
	MACH_PORT_STATUS_FLAG_TEMPOWNER               = 0x01
	MACH_PORT_STATUS_FLAG_GUARDED                 = 0x02
	MACH_PORT_STATUS_FLAG_STRICT_GUARD            = 0x04
	MACH_PORT_STATUS_FLAG_IMP_DONATION            = 0x08
	MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE = 0x40
)

// PortStatus is mach_port_status_t: ten words, in this order.
type PortStatus struct {
	Pset      uint32 // how many sets it is in
	Seqno     uint32
	Mscount   uint32
	Qlimit    uint32
	Msgcount  uint32
	Sorights  uint32
	Srights   uint32 // whether send rights exist
	PdRequest uint32
	NsRequest uint32
	Flags     uint32
}

// Words gives the ten words as a mach_port_info_t.
func (s *PortStatus) Words() []uint32 {
	return []uint32{s.Pset, s.Seqno, s.Mscount, s.Qlimit, s.Msgcount,
		s.Sorights, s.Srights, s.PdRequest, s.NsRequest, s.Flags}
}

// Options of mach_port_construct (mach_port_options_t.flags).
const (
	MPO_CONTEXT_AS_GUARD       = 0x01
	MPO_QLIMIT                 = 0x02
	MPO_TEMPOWNER              = 0x04
	MPO_IMPORTANCE_RECEIVER    = 0x08
	MPO_INSERT_SEND_RIGHT      = 0x10
	MPO_STRICT                 = 0x20
	MPO_DENAP_RECEIVER         = 0x40
	MPO_IMMOVABLE_RECEIVE      = 0x80
	MPO_FILTER_MSG             = 0x100
	MPO_TG_BLOCK_TRACKING      = 0x200
	MPO_SERVICE_PORT           = 0x400
	MPO_CONNECTION_PORT        = 0x800
	MPO_REPLY_PORT             = 0x1000
	MPO_ENFORCE_REPLY_PORT     = 0x2000
	MPO_PROVISIONAL_REPLY_PORT = 0x4000
)

// PortOptionsSize is sizeof(mach_port_options_t): flags, queue limit, two
// reserved 64-bit words.
const PortOptionsSize = 24

// MPG_FLAGS_STRICT_REPLY_INVALID_REPLY_DISP is a flag in the subcode of KGUARD_EXC_STRICT_REPLY.
const MPG_FLAGS_STRICT_REPLY_INVALID_REPLY_DISP = uint64(1) << 56

// GUARD_TYPE_MACH_PORT and the guard exception codes (mach_port_guard_exception_codes).
const (
	GUARD_TYPE_MACH_PORT        = 1
	GUARD_TYPE_VIRT_MEMORY      = 5
	KGUARD_EXC_DEALLOC_GAP      = 1 // of GUARD_TYPE_VIRT_MEMORY
	KGUARD_EXC_DESTROY          = 1
	KGUARD_EXC_MOD_REFS         = 2
	KGUARD_EXC_SET_CONTEXT      = 4
	KGUARD_EXC_UNGUARDED        = 8
	KGUARD_EXC_INCORRECT_GUARD  = 16
	KGUARD_EXC_IMMOVABLE        = 32
	KGUARD_EXC_STRICT_REPLY     = 64
	KGUARD_EXC_INVALID_RIGHT    = 256
	KGUARD_EXC_INVALID_NAME     = 512
	KGUARD_EXC_INVALID_VALUE    = 1 << 10
	KGUARD_EXC_INVALID_ARGUMENT = 1 << 11
)

// Kernel object types as mach_port_kobject tells them (ipc_kobject_type_t).
const (
	IKOT_NONE           = 0
	IKOT_THREAD_CONTROL = 1
	IKOT_TASK_CONTROL   = 2
	IKOT_HOST           = 3
	IKOT_HOST_PRIV      = 4
	IKOT_PROCESSOR      = 5
	IKOT_PSET           = 6
	IKOT_PSET_NAME      = 7
	IKOT_TIMER          = 8
	IKOT_MEMORY_OBJECT  = 11
	IKOT_UND_REPLY      = 15
	IKOT_HOST_NOTIFY    = 16
	IKOT_HOST_SECURITY  = 17
	IKOT_LEDGER         = 18
	IKOT_MASTER_DEVICE  = 19
	IKOT_TASK_NAME      = 20
	IKOT_SEMAPHORE      = 23
	IKOT_LOCK_SET       = 24
	IKOT_CLOCK          = 25
	IKOT_CLOCK_CTRL     = 26
	IKOT_IOKIT_IDENT    = 27
	IKOT_NAMED_ENTRY    = 28
	IKOT_IOKIT_CONNECT  = 29
	IKOT_IOKIT_OBJECT   = 30
	IKOT_UPL            = 31
	IKOT_FILEPORT       = 34
	IKOT_TASK_RESUME    = 36
	IKOT_VOUCHER        = 37
	IKOT_UX_HANDLER     = 40
	IKOT_TASK_INSPECT   = 44
	IKOT_TASK_READ      = 45
	IKOT_THREAD_INSPECT = 46
	IKOT_THREAD_READ    = 47
	IKOT_TASK_ID_TOKEN  = 50

	// Of the mach_ipc family, which XNU has not: out of its range.
	IKOT_IPC_SET          = 200
	IKOT_IPC_NOTIFICATION = 201
	IKOT_IPC_RPC          = 202
)
