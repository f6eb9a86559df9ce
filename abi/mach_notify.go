package abi

// Ids of notifications (<mach/notify.h>).
const (
	MACH_NOTIFY_FIRST          = 0100
	MACH_NOTIFY_PORT_DELETED   = 0101
	MACH_NOTIFY_SEND_POSSIBLE  = 0102
	MACH_NOTIFY_PORT_DESTROYED = 0105
	MACH_NOTIFY_NO_SENDERS     = 0106
	MACH_NOTIFY_SEND_ONCE      = 0107
	MACH_NOTIFY_DEAD_NAME      = 0110
	MACH_NOTIFY_LAST           = 0115
)

// NDRRecord is NDR_record: little-endian integers, ASCII, IEEE floats.
var NDRRecord = [8]byte{0, 0, 0, 0, 1, 0, 0, 0}
