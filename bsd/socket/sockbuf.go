package socket

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// sockbuf is the receiving struct sockbuf of a local socket. A stream is a ring
// of bytes with marks where rights came; datagrams are a list of records.
type sockbuf struct {
	mu sync.Mutex
	cc int // bytes in it

	ring  []byte // length 0 or a power of two
	head  int    // where the next byte to read is
	pos   uint64 // how many bytes have been read in all
	marks []mark

	records []record
	names   int // bytes of the records' addresses

	eof    bool // no more will come (SBS_CANTRCVMORE by the writer)
	broken bool // nobody will read: writers get EPIPE
}

// mark is control data that belongs to the byte at pos of the stream.
type mark struct {
	pos   uint64
	files []*sys.OpenFile
	ctl   []abi.Cmsg
}

// record is one datagram.
type record struct {
	data  []byte
	from  []byte
	files []*sys.OpenFile
	ctl   []abi.Cmsg
}

const minRing = 512

// grow makes room for n more bytes.
func (b *sockbuf) grow(n int) {
	need := b.cc + n
	if need <= len(b.ring) {
		return
	}
	size := max(len(b.ring), minRing)
	for size < need {
		size *= 2
	}
	ring := make([]byte, size)
	k := copy(ring, b.segment(b.cc))
	copy(ring[k:], b.wrapped(b.cc))
	b.ring, b.head = ring, 0
}

// segment and wrapped are the two pieces of the first n bytes.
func (b *sockbuf) segment(n int) []byte {
	return b.ring[b.head:min(b.head+n, len(b.ring))]
}

func (b *sockbuf) wrapped(n int) []byte {
	return b.ring[:max(0, b.head+n-len(b.ring))]
}

// append moves n bytes from u to the end of the stream.
func (b *sockbuf) append(u *sys.Uio, n int) {
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

// read moves at most u.Resid bytes, but none beyond a mark, into u; peek leaves
// them. It gives how many went.
func (b *sockbuf) read(u *sys.Uio, peek bool) int {
	n := b.cc
	if len(b.marks) > 0 {
		n = int(min(uint64(n), b.marks[0].pos-b.pos))
	}
	n = int(min(int64(n), u.Resid))
	if n == 0 {
		return 0
	}
	first, second := b.segment(n), b.wrapped(n)
	u.CopyIn(first)
	u.CopyIn(second)
	if !peek {
		b.cc -= n
		b.pos += uint64(n)
		b.head = (b.head + n) & (len(b.ring) - 1)
		if b.cc == 0 {
			b.head = 0
		}
	}
	return n
}

// rightsNext says whether the next thing to read carries rights.
func (b *sockbuf) rightsNext() bool {
	if len(b.records) > 0 {
		return len(b.records[0].files) > 0
	}
	return len(b.marks) > 0 && b.marks[0].pos == b.pos && len(b.marks[0].files) > 0
}

// flush empties the buffer and gives the rights that were in it, for the caller
// to drop without the lock.
func (b *sockbuf) flush() []*sys.OpenFile {
	var files []*sys.OpenFile
	for _, m := range b.marks {
		files = append(files, m.files...)
	}
	for _, r := range b.records {
		files = append(files, r.files...)
	}
	b.cc, b.names, b.ring, b.head, b.marks, b.records = 0, 0, nil, 0, nil, nil
	return files
}

// rights calls f for each right in the buffer.
func (b *sockbuf) rights(f func(*sys.OpenFile)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.marks {
		for _, x := range m.files {
			f(x)
		}
	}
	for _, r := range b.records {
		for _, x := range r.files {
			f(x)
		}
	}
}
