package abi

import "encoding/binary"

// Pollfd is struct pollfd (<sys/poll.h>).
type Pollfd struct {
	Fd      int32
	Events  int16
	Revents int16
}

// PollfdSize is the size of struct pollfd.
const PollfdSize = 8

// Unmarshal reads a struct pollfd.
func (p *Pollfd) Unmarshal(b *[PollfdSize]byte) {
	p.Fd = int32(binary.LittleEndian.Uint32(b[0:]))
	p.Events = int16(binary.LittleEndian.Uint16(b[4:]))
	p.Revents = int16(binary.LittleEndian.Uint16(b[6:]))
}

// Marshal writes a struct pollfd.
func (p *Pollfd) Marshal(b *[PollfdSize]byte) {
	binary.LittleEndian.PutUint32(b[0:], uint32(p.Fd))
	binary.LittleEndian.PutUint16(b[4:], uint16(p.Events))
	binary.LittleEndian.PutUint16(b[6:], uint16(p.Revents))
}

// Events of poll(2). POLLEXTEND and up are Darwin's own, for vnodes.
const (
	POLLIN     int16 = 0x0001
	POLLPRI    int16 = 0x0002
	POLLOUT    int16 = 0x0004
	POLLWRNORM int16 = 0x0004
	POLLERR    int16 = 0x0008
	POLLHUP    int16 = 0x0010
	POLLNVAL   int16 = 0x0020
	POLLRDNORM int16 = 0x0040
	POLLRDBAND int16 = 0x0080
	POLLWRBAND int16 = 0x0100
	POLLEXTEND int16 = 0x0200
	POLLATTRIB int16 = 0x0400
	POLLNLINK  int16 = 0x0800
	POLLWRITE  int16 = 0x1000
)

// FD_SETSIZE is the number of descriptors in an fd_set.
const FD_SETSIZE = 1024
