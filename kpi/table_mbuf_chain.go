package kpi

import (
	"math"

	"puggle/abi"
)

func mbufCopym(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	off, n := c.Arg(1), c.Arg(2)
	all := -1
	if n != 1000000000 { // MBUF_COPYALL
		all = int(min(n, math.MaxInt32))
	}
	return x.result(x.dup(m, int(min(off, math.MaxInt32)), all, c.Owner()), c.Addr(4), abi.ENOMEM)
}

func mbufPrepend(c *Call, x *mbufs) (uint64, string) {
	m, wrong := x.in(c.Addr(0))
	n := c.Arg(1)
	switch {
	case wrong != "":
		return 0, wrong
	case m == nil:
		return 0, "mbuf_prepend: no mbuf"
	case n <= uint64(m.off):
		m.off -= int(n)
		m.len += int(n)
		if m.flags&mbufPkthdr != 0 {
			m.pktlen += int(n)
		}
		return 0, ""
	}
	var d *mbuf
	if n <= mbufHdrLen {
		d = x.get(c.Owner(), m.typ, false, mbufHdrLen)
	}
	if d == nil {
		x.freeChain(m)
		return x.result(nil, c.Addr(0), abi.ENOMEM)
	}
	if m.flags&mbufPkthdr != 0 {
		x.moveHeader(d, m)
		d.pktlen += int(n)
	}
	d.off, d.len = (d.size-int(n))&^7, int(n)
	d.next, d.nextpkt, m.nextpkt = m, m.nextpkt, nil
	return x.result(d, c.Addr(0), 0)
}

func mbufSplit(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	off := c.Arg(1)
	n := m.chainLen()
	if off >= uint64(n) {
		return x.result(nil, c.Addr(3), abi.ENOMEM)
	}
	tail := x.dup(m, int(off), -1, c.Owner())
	if tail == nil {
		return x.result(nil, c.Addr(3), abi.ENOMEM)
	}
	if m.flags&mbufPkthdr != 0 {
		tail.flags |= mbufPkthdr
		tail.rcvif = m.rcvif
		tail.pktlen = n - int(off)
	}
	m.trim(int(off) - n)
	return x.result(tail, c.Addr(3), 0)
}

// mbufPullup makes the first bytes of a chain lie together. What can't be is freed.
func mbufPullup(c *Call, x *mbufs) (uint64, string) {
	m, wrong := x.in(c.Addr(0))
	if wrong != "" {
		return 0, wrong
	}
	if m == nil {
		return 0, "mbuf_pullup: no mbuf"
	}
	n := c.Arg(1)
	if n <= uint64(m.len) {
		return 0, ""
	}
	if n > mbufHdrLen || n > uint64(m.chainLen()) || !x.together(m, int(n)) {
		x.freeChain(m)
		return x.result(nil, c.Addr(0), abi.ENOMEM)
	}
	return 0, ""
}

// together moves bytes of the next mbufs into m until it has n, which are there.
func (x *mbufs) together(m *mbuf, n int) bool {
	if m.size < n {
		return false
	}
	if m.off+n > m.size {
		b := make([]byte, m.len)
		if !x.k.Read(b, m.data()) || !x.k.Write(m.buf, b) {
			return false
		}
		m.off = 0
	}
	for m.len < n {
		d := m.next
		k := min(n-m.len, d.len)
		if !x.k.copy(m.data()+Addr(m.len), d.data(), uint64(k)) {
			return false
		}
		m.len, d.off, d.len = m.len+k, d.off+k, d.len-k
		switch {
		case d.len > 0:
		case d.h != 0:
			m.next = x.free(d)
		default:
			m.next = d.next
		}
	}
	return true
}

// mbufPulldown makes len bytes at an offset lie together, and says where; the offset becomes that
// within the mbuf. What can't be is freed.
func mbufPulldown(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	off64, ok := x.k.U64(c.Addr(1))
	if !ok {
		return 0, "mbuf_pulldown: the offset can't be read"
	}
	n64, first := c.Arg(2), m
	total := uint64(m.chainLen())
	if off64 > total || n64 > total-off64 || n64 > m16kclBytes {
		x.freeChain(first)
		return x.result(nil, c.Addr(3), abi.ENOMEM)
	}
	off, n := int(off64), int(n64)
	for off > m.len || off == m.len && m.next != nil {
		off -= m.len
		m = m.next
	}
	if n > m.len-off {
		// They are in several: put them into one of their own behind the first part.
		size := mbufLen
		if n > mbufLen {
			size = clusterFor(n)
		}
		d := x.get(c.Owner(), m.typ, false, size)
		if d == nil {
			x.freeChain(first)
			return x.result(nil, c.Addr(3), abi.ENOMEM)
		}
		if there, ok := x.copyOut(m, off, n, d.buf); !there || !ok {
			x.free(d)
			x.freeChain(first)
			return x.result(nil, c.Addr(3), abi.ENOMEM)
		}
		d.len = n
		rest := n - (m.len - off)
		m.len = off
		for y := m.next; y != nil && rest > 0; y = y.next {
			k := min(rest, y.len)
			y.off, y.len, rest = y.off+k, y.len-k, rest-k
		}
		d.next, m.next = m.next, d
		m, off = d, 0
	}
	if !x.k.PutU64(c.Addr(1), uint64(off)) {
		return 0, "mbuf_pulldown: the offset can't be stored"
	}
	if !x.k.PutU64(c.Addr(3), m.handle()) {
		return 0, "mbuf_pulldown: the mbuf can't be stored"
	}
	return 0, ""
}

func mbufAdjustlen(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
	n := int(c.I32(1))
	if n > m.room() || -n > m.len {
		return uint64(abi.EINVAL), ""
	}
	m.len += n
	return 0, ""
}

func mbufConcatenate(c *Call, x *mbufs) (uint64, string) {
	if c.Addr(0) == 0 {
		return 0, ""
	}
	dst, src := x.at(c.Addr(0)), x.at(c.Addr(1))
	if dst == nil || src == nil && c.Addr(1) != 0 {
		return 0, "mbuf_concatenate: one of " + hex(c.Addr(0)) + " and " + notMbuf(c.Addr(1))
	}
	if src == nil {
		return dst.handle(), ""
	}
	last := dst.last()
	if last.reaches(src, false) {
		return 0, "mbuf_concatenate: the chain would have no end"
	}
	last.next = src
	return dst.handle(), ""
}
