package socket

import "puggle/bsd/sys"

// Ring is bytes in memory between one who writes and one who reads: the stream
// of a local socket, and of a connection that stays inside the machine. It grows
// as it is filled; how much it may hold is for its user to say. The zero value is
// empty. It has no lock.
type Ring struct {
	cc   int    // bytes in it
	ring []byte // length 0 or a power of two
	head int    // where the next byte to read is
}

const (
	minRing  = 512
	keepRing = 64 << 10 // the most memory that an empty ring keeps, in bytes
)

// Len is how many bytes are in the ring.
func (b *Ring) Len() int { return b.cc }

// grow makes room for n more bytes.
func (b *Ring) grow(n int) {
	need := b.cc + n
	if need <= len(b.ring) {
		return
	}
	size := max(len(b.ring), minRing)
	for size < need {
		size *= 2
	}
	total.Add(int64(size - len(b.ring)))
	ring := make([]byte, size)
	k := copy(ring, b.segment(b.cc))
	copy(ring[k:], b.wrapped(b.cc))
	b.ring, b.head = ring, 0
}

// segment and wrapped are the two pieces of the first n bytes.
func (b *Ring) segment(n int) []byte {
	return b.ring[b.head:min(b.head+n, len(b.ring))]
}

func (b *Ring) wrapped(n int) []byte {
	return b.ring[:max(0, b.head+n-len(b.ring))]
}

// Append moves n bytes from u, which has so many, to the end.
func (b *Ring) Append(u *sys.Uio, n int) {
	b.grow(n)
	for n > 0 {
		tail := (b.head + b.cc) & (len(b.ring) - 1)
		k := u.CopyOut(b.ring[tail:min(tail+n, len(b.ring))])
		if k == 0 {
			return
		}
		b.cc += k
		n -= k
	}
}

// Read moves at most limit bytes into u, as many as there are and u has room
// for; peek leaves them. It gives how many went.
func (b *Ring) Read(u *sys.Uio, limit int, peek bool) int {
	n := int(min(int64(min(b.cc, limit)), u.Resid))
	if n == 0 {
		return 0
	}
	first, second := b.segment(n), b.wrapped(n)
	u.CopyIn(first)
	u.CopyIn(second)
	if peek {
		return n
	}
	b.cc -= n
	b.head = (b.head + n) & (len(b.ring) - 1)
	if b.cc == 0 {
		b.head = 0
		if len(b.ring) > keepRing || total.Load() > totalMax.Load() {
			total.Add(int64(-len(b.ring)))
			b.ring = nil
		}
	}
	return n
}

// Flush empties the ring. Whoever has one does so when he is done with it.
func (b *Ring) Flush() {
	total.Add(int64(-len(b.ring)))
	*b = Ring{}
}
