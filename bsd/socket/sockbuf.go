package socket

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// sockbuf is the receiving struct sockbuf of a local socket. A stream is a ring
// of bytes with marks where rights came; datagrams are a list of records.
type sockbuf struct {
	mu    sync.Mutex
	Ring         // the stream's; cc counts datagrams' bytes, too
	pos   uint64 // how many bytes of the stream have been read in all
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
	eor   bool // MSG_EOR comes with it
}

// recordSize is what a datagram takes of the total.
func recordSize(r record) int64 { return int64(len(r.data) + len(r.from)) }

// read moves at most u.Resid bytes, but none beyond a mark, into u; peek leaves
// them. It gives how many went.
func (b *sockbuf) read(u *sys.Uio, peek bool) int {
	n := b.cc
	if len(b.marks) > 0 {
		n = int(min(uint64(n), b.marks[0].pos-b.pos))
	}
	n = b.Ring.Read(u, n, peek)
	if !peek {
		b.pos += uint64(n)
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
		total.Add(-recordSize(r))
	}
	b.Ring.Flush()
	b.names, b.marks, b.records = 0, nil, nil
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
