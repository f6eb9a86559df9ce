package socket

import (
	"sync/atomic"

	"puggle/abi"
)

// What all sockets of the machine together may hold in the kernel's memory. Each has a
// size of its own (SO_SNDBUF, SO_RCVBUF), but a program may have thousands of sockets,
// and thousands of programs. Darwin has its pool of mbufs for that.
//
// Local sockets and connections inside the machine are counted by what they hold: above
// totalMax their buffers count as no larger than tight until others are emptied, so
// everybody who reads gets on, and the most is totalMax and tight for each socket.
// What the protocol stack holds is bounded by sizes: what is asked for above the size that
// a socket began with is reserved, and refused with ENOBUFS beyond reservedMax; and above
// crowd sockets those sizes are smaller (Beginning), some 500 MB for as many sockets as there
// may be files.
const (
	tight       = 4 << 10 // at least the low-water mark that a socket begins with
	freeSpace   = 64 << 10
	reservedMax = 128 << 20
	crowd       = 256
)

var (
	totalMax atomic.Int64 // changed by its test

	total    atomic.Int64 // bytes of rings, of records and of filters' queues
	reserved atomic.Int64 // bytes of sizes above those that cost nothing
	sockets  atomic.Int64 // that there are
	// pressed says that buffers have counted as smaller. Who waits for room may have seen
	// that, so from then on every read wakes.
	pressed atomic.Bool
)

func init() { totalMax.Store(256 << 20) }

// Total is how many bytes are in the buffers of local sockets and of connections inside
// the machine, free room included, and in the queues of sockets with filters.
func Total() int64 { return total.Load() }

// squeeze gives the size that a buffer of n bytes counts as now.
func squeeze(n int) int {
	if n > tight && total.Load() > totalMax.Load() {
		pressed.Store(true)
		return tight
	}
	return n
}

// reserve changes what a buffer has reserved from a size to another, of which free costs
// nothing: ENOBUFS.
func reserve(from, to, free int) abi.Errno {
	more := int64(max(0, to-free) - max(0, from-free))
	if reserved.Add(more) > reservedMax && more > 0 {
		reserved.Add(-more)
		return abi.ENOBUFS
	}
	return 0
}

// Beginning is the size that a new socket's buffer of n bytes gets.
func Beginning(n int) int {
	switch k := sockets.Load(); {
	case k > 32*crowd:
		return min(n, 4<<10)
	case k > 4*crowd:
		return min(n, 16<<10)
	case k > crowd:
		return min(n, 64<<10)
	}
	return n
}
