package kpi

import (
	"math"

	"puggle/abi"
)

func mbufCopydata(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	off, n, to := c.Arg(1), c.Arg(2), c.Addr(3)
	if off >= math.MaxInt32 || n >= math.MaxInt32 {
		return uint64(abi.EINVAL), ""
	}
	if to == 0 || n == 0 {
		return 0, ""
	}
	there, ok := x.copyOut(m, int(off), int(n), to)
	if !ok {
		return 0, "mbuf_copydata: the buffer at " + hex(to) + " can't be written"
	}
	if !there {
		return uint64(abi.EINVAL), ""
	}
	return 0, ""
}

// mbufCopyback writes into a chain, and makes it longer if it must be; zeros fill a gap.
func mbufCopyback(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	off64, n64, from := c.Arg(1), c.Arg(2), c.Addr(3)
	if n64 == 0 || from == 0 || off64 > mbufMaxBytes || n64 > mbufMaxBytes {
		return uint64(abi.EINVAL), ""
	}
	first, off, n, done := m, int(off64), int(n64), 0
	grown := func() { // how long the packet is now
		if first.flags&mbufPkthdr != 0 {
			first.pktlen = max(first.pktlen, done)
		}
	}
	for {
		if m.next == nil && m.len < off+n { // the last: as much as fits
			k := min(m.room(), off+n-m.len)
			if gap := min(off-m.len, k); gap > 0 {
				x.k.clear(m.data()+Addr(m.len), uint64(gap))
			}
			m.len += k
		}
		if k := min(m.len-off, n); k > 0 {
			if !x.k.copy(m.data()+Addr(off), from, uint64(k)) {
				return 0, "mbuf_copyback: the data at " + hex(from) + " can't be read"
			}
			from, n, off = from+Addr(k), n-k, off+k
		}
		if n == 0 {
			done += off
			grown()
			return 0, ""
		}
		done, off = done+m.len, off-m.len
		if m.next == nil {
			size := mbufLen
			if off+n > mbufMinCl {
				size = clusterFor(off + n)
			}
			d := x.get(c.Owner(), m.typ, false, size)
			if d == nil {
				grown()
				return uint64(abi.ENOBUFS), ""
			}
			m.next = d
		}
		m = m.next
	}
}
