package abi

// Mach 2.5's messages (NeXTSTEP's <mach/message.h>), for 64-bit guests: as on
// the 68030 but little-endian, and with eight-byte pointers to out-of-line data.

// MSG25HeaderSize is sizeof(msg_header_t): simple (top byte of word 0), size,
// type, local port, remote port, id.
const MSG25HeaderSize = 24

const (
	MSG_TYPE_PORT_OWNERSHIP = 3
	MSG_TYPE_PORT_RECEIVE   = 4
	MSG_TYPE_PORT_ALL       = 5
	MSG_TYPE_PORT           = 6
	MSG_TYPE_CHAR           = 8
	MSG_TYPE_BYTE           = 9
)

// Options of msg_send and msg_receive.
const (
	SEND_TIMEOUT   = 0x0001
	SEND_NOTIFY    = 0x0002
	SEND_INTERRUPT = 0x0004
	RCV_TIMEOUT    = 0x0100
	RCV_NO_SENDERS = 0x0200
	RCV_INTERRUPT  = 0x0400
	RCV_LARGE      = 0x1000
)

// msg_return_t.
const (
	SEND_SUCCESS          KernReturn = 0
	SEND_INVALID_MEMORY   KernReturn = -101
	SEND_INVALID_PORT     KernReturn = -102
	SEND_TIMED_OUT        KernReturn = -103
	SEND_KERNEL_REFUSED   KernReturn = -107
	SEND_INTERRUPTED      KernReturn = -108
	SEND_MSG_TOO_LARGE    KernReturn = -109
	SEND_MSG_TOO_SMALL    KernReturn = -110
	RCV_SUCCESS           KernReturn = 0
	RCV_INVALID_MEMORY    KernReturn = -201
	RCV_INVALID_PORT      KernReturn = -202
	RCV_TIMED_OUT         KernReturn = -203
	RCV_TOO_LARGE         KernReturn = -204
	RCV_NOT_ENOUGH_MEMORY KernReturn = -205
	RCV_INTERRUPTED       KernReturn = -207
	RCV_PORT_CHANGE       KernReturn = -208
)

// PORT_BACKLOG_MAX bounds port_set_backlog.
const PORT_BACKLOG_MAX = 16
