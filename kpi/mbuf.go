package kpi

import "sync"

// Mbufs are what the network's packets are made of (<sys/kpi_mbuf.h>). In the hands of code
// an mbuf is a handle; its bytes are memory of the kernel task, and its links, lengths and
// flags are kept here, so that a length never goes beyond the memory, and chains have an end.

// Sizes, bytes: of an mbuf with all that is in it, of its data without and with a packet header,
// and of clusters.
const (
	mbufSize     = 256
	mbufLen      = 224
	mbufHdrLen   = 88
	mbufMinCl    = mbufLen + mbufHdrLen
	mclBytes     = 2048
	mbigclBytes  = 4096
	m16kclBytes  = 16384
	mbufMaxBytes = 64 << 20 // what all may have
	mbufMaxCount = 1 << 18
)

// Flags (MBUF_*): those that code may see, and those of them that it can't change.
const (
	mbufExt      = 0x1
	mbufPkthdr   = 0x2
	mbufEOR      = 0x4
	mbufFlagMask = 0x7f47
	mbufFixed    = mbufExt
)

// Types.
const (
	mbufTypeFree    = 0
	mbufTypeData    = 1
	mbufTypeHeader  = 2
	mbufTypeControl = 14
)

// mbuf is one. All is under mbufs.mu.
type mbuf struct {
	h             Addr // 0: it has been freed
	next, nextpkt *mbuf
	buf           Addr
	size          int // of the memory at buf
	off, len      int // of the data in it
	flags         uint32
	typ           uint32
	owner         *Extension // whose it is to free; nil: the kernel's

	// The packet's header, if flags say that there is one.
	pktlen        int
	rcvif, header uint64
	tags          []mbufTag
}

type mbufTag struct {
	id, typ uint32
	data    Addr
	size    int
}

// mbufs is all of them. mu comes before the allocator's and the handles'.
type mbufs struct {
	k     *KernelTask
	mu    sync.Mutex
	all   map[*mbuf]struct{}
	bytes int
	tags  []string // names by which extensions know their tags
	drops uint32
}

// data is where the bytes are.
func (m *mbuf) data() Addr { return m.buf + Addr(m.off) }

// room is how many bytes fit behind the data.
func (m *mbuf) room() int { return m.size - m.off - m.len }

// last is the end of a chain.
func (m *mbuf) last() *mbuf {
	for m.next != nil {
		m = m.next
	}
	return m
}

// chainLen is how many bytes a chain has.
func (m *mbuf) chainLen() (n int) {
	for ; m != nil; m = m.next {
		n += m.len
	}
	return n
}

// get makes one with room for size bytes; nil if there is no memory.
func (x *mbufs) get(owner *Extension, typ uint32, hdr bool, size int) *mbuf {
	if x.bytes+size > mbufMaxBytes || len(x.all) >= mbufMaxCount {
		x.drops++
		return nil
	}
	a, ok := x.k.alloc.get(uint64(size), kindMbuf, owner)
	if !ok {
		x.drops++
		return nil
	}
	m := &mbuf{buf: a, size: size, typ: typ, owner: owner}
	if m.h = x.k.handle.put(m); m.h == 0 {
		x.k.alloc.put(a)
		x.drops++
		return nil
	}
	if hdr {
		m.flags |= mbufPkthdr
	}
	if size > mbufLen {
		m.flags |= mbufExt
	}
	if x.all == nil {
		x.all = map[*mbuf]struct{}{}
	}
	x.all[m] = struct{}{}
	x.bytes += size
	return m
}

// cluster gives m, which has no data yet, other memory.
func (x *mbufs) cluster(m *mbuf, size int) bool {
	if x.bytes+size > mbufMaxBytes {
		return false
	}
	a, ok := x.k.alloc.get(uint64(size), kindMbuf, m.owner)
	if !ok {
		return false
	}
	x.k.alloc.put(m.buf)
	x.bytes += size - m.size
	m.buf, m.size, m.off, m.len = a, size, 0, 0
	m.flags |= mbufExt
	return true
}

// free frees one and gives the next of its chain.
func (x *mbufs) free(m *mbuf) *mbuf {
	next := m.next
	if m.h == 0 {
		return nil
	}
	x.dropTags(m)
	x.k.handle.drop(m.h)
	x.k.alloc.put(m.buf)
	x.bytes -= m.size
	delete(x.all, m)
	*m = mbuf{}
	return next
}

func (x *mbufs) dropTags(m *mbuf) {
	for _, t := range m.tags {
		x.k.alloc.put(t.data)
		x.bytes -= t.size
	}
	m.tags = nil
}

// freeChain frees a packet.
func (x *mbufs) freeChain(m *mbuf) {
	for m != nil {
		m = x.free(m)
	}
}

// freeOf frees what an extension that is taken out has left; it gives how many.
func (x *mbufs) freeOf(e *Extension) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for m := range x.all {
		if m.owner == e {
			x.free(m)
			n++
		}
	}
	return n
}

// clusterFor is the memory that n bytes want.
func clusterFor(n int) int {
	switch {
	case n <= mclBytes:
		return mclBytes
	case n <= mbigclBytes:
		return mbigclBytes
	}
	return m16kclBytes
}

// chain makes room for n bytes, as a packet with a header, of no length yet; nil if there is no
// memory.
func (x *mbufs) chain(owner *Extension, typ uint32, n int) (first *mbuf, count int) {
	var last *mbuf
	for hdr := true; hdr || n > 0; hdr = false {
		size := mbufHdrLen
		if n > mbufHdrLen {
			size = clusterFor(n)
		}
		m := x.get(owner, typ, hdr, size)
		if m == nil {
			x.freeChain(first)
			return nil, 0
		}
		if first == nil {
			first = m
		} else {
			last.next = m
		}
		last = m
		n -= size
		count++
	}
	return first, count
}

// packet makes a packet of bytes; nil if there is no memory. It takes the lock.
func (x *mbufs) packet(owner *Extension, typ uint32, b []byte) *mbuf {
	x.mu.Lock()
	defer x.mu.Unlock()
	first, _ := x.chain(owner, typ, len(b))
	if first == nil {
		return nil
	}
	first.pktlen = len(b)
	for m := first; m != nil; m = m.next {
		m.len = min(m.size, len(b))
		if !x.k.Write(m.buf, b[:m.len]) {
			x.freeChain(first)
			return nil
		}
		b = b[m.len:]
	}
	return first
}

// bytes reads a chain's data: at most max bytes, and false for more.
func (x *mbufs) read(m *mbuf, max int) ([]byte, bool) {
	n := m.chainLen()
	if n > max {
		return nil, false
	}
	b := make([]byte, n)
	at := 0
	for ; m != nil; m = m.next {
		if !x.k.Read(b[at:at+m.len], m.data()) {
			return nil, false
		}
		at += m.len
	}
	return b, true
}

// copyOut moves n bytes of a chain, from offset off, to memory of the kernel task; false if there
// are not so many, or the memory is bad.
func (x *mbufs) copyOut(m *mbuf, off, n int, to Addr) (there, ok bool) {
	for m != nil && off >= m.len && (off > 0 || m.len == 0) {
		off -= m.len
		m = m.next
	}
	for n > 0 {
		if m == nil {
			return false, true
		}
		k := min(m.len-off, n)
		if !x.k.copy(to, m.data()+Addr(off), uint64(k)) {
			return true, false
		}
		to, n, off, m = to+Addr(k), n-k, 0, m.next
	}
	return true, true
}

// trim takes bytes off the front of a chain (above 0) or off its end (m_adj).
func (m *mbuf) trim(n int) {
	if m.flags&mbufPkthdr != 0 {
		m.pktlen = max(m.pktlen-max(n, -n), 0)
	}
	if n >= 0 {
		for ; m != nil && n > 0; m = m.next {
			k := min(n, m.len)
			m.off, m.len, n = m.off+k, m.len-k, n-k
		}
		return
	}
	keep := max(m.chainLen()+n, 0)
	for ; m != nil; m = m.next {
		m.len = min(m.len, keep)
		keep -= m.len
	}
}

// reaches says whether a chain, by its next or its nextpkt, comes to m.
func (m *mbuf) reaches(from *mbuf, packets bool) bool {
	for from != nil {
		if from == m {
			return true
		}
		if packets {
			from = from.nextpkt
		} else {
			from = from.next
		}
	}
	return false
}

// moveHeader makes the packet header of one mbuf another's (m_copy_pkthdr, which leaves nothing of
// it behind).
func (x *mbufs) moveHeader(to, from *mbuf) {
	x.dropTags(to)
	to.flags = to.flags&mbufExt | from.flags&^mbufExt
	to.pktlen, to.rcvif, to.header, to.tags = from.pktlen, from.rcvif, from.header, from.tags
	from.tags = nil
	from.flags &^= mbufPkthdr
}

// dup copies n bytes of a chain from off on, with the header if off is 0; n below 0 is all there
// is.
func (x *mbufs) dup(m *mbuf, off, n int, owner *Extension) *mbuf {
	length := m.chainLen()
	if n < 0 {
		n = length - off
	}
	if off < 0 || off > length || n < 0 || n > length-off {
		return nil
	}
	first, _ := x.chain(owner, m.typ, n)
	if first == nil {
		return nil
	}
	at, left := off, n
	for d := first; d != nil; d = d.next {
		d.len = min(d.size, left)
		if there, ok := x.copyOut(m, at, d.len, d.buf); !there || !ok {
			x.freeChain(first)
			return nil
		}
		at, left = at+d.len, left-d.len
	}
	if m.flags&mbufPkthdr == 0 || off != 0 {
		first.flags &^= mbufPkthdr
		return first
	}
	first.flags = first.flags&mbufExt | m.flags&^mbufExt
	first.pktlen, first.rcvif, first.header = n, m.rcvif, m.header
	for _, t := range m.tags {
		if _, ok := x.addTag(first, t.id, t.typ, t.size, t.data); !ok {
			x.freeChain(first)
			return nil
		}
	}
	return first
}

// addTag gives a packet a tag, with what is at from, or zeros.
func (x *mbufs) addTag(m *mbuf, id, typ uint32, size int, from Addr) (Addr, bool) {
	if x.bytes+size > mbufMaxBytes {
		return 0, false
	}
	a, ok := x.k.alloc.get(uint64(size), kindMbuf, nil)
	if !ok {
		return 0, false
	}
	x.k.clear(a, uint64(size))
	if from != 0 {
		x.k.copy(a, from, uint64(size))
	}
	m.tags = append(m.tags, mbufTag{id, typ, a, size})
	x.bytes += size
	return a, true
}

// at gives the mbuf of a handle, nil if it is none.
func (x *mbufs) at(a Addr) *mbuf {
	m, _ := x.k.handle.get(a).(*mbuf)
	return m
}

// handleOf is an mbuf in the hands of code, 0 for none.
func (m *mbuf) handle() uint64 {
	if m == nil {
		return 0
	}
	return uint64(m.h)
}
