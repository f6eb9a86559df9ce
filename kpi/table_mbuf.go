package kpi

import (
	"math"

	"puggle/abi"
)

func init() {
	register("sys/kpi_mbuf.h", "2006", "bsd", []Row{
		{Name: "mbuf_data", Proto: "void *mbuf_data(mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.data()), "" })},
		{Name: "mbuf_datastart", Proto: "void *mbuf_datastart(mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.buf), "" })},
		{Name: "mbuf_setdata", Proto: "errno_t mbuf_setdata(mbuf_t m, void *data, size_t len)", Handler: ofMbuf(mbufSetdata)},
		{Name: "mbuf_align_32", Proto: "errno_t mbuf_align_32(mbuf_t m, size_t len)", Handler: ofMbuf(mbufAlign)},
		{Name: "mbuf_data_to_physical", Proto: "addr64_t mbuf_data_to_physical(void *p)", None: true, Note: "kernel memory has no physical addresses"},
		{Name: "mbuf_get", Proto: "errno_t mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *m)", Handler: mbufGet(false, mbufLen), Note: "MBUF_WAITOK does not wait: ENOMEM"},
		{Name: "mbuf_gethdr", Proto: "errno_t mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *m)", Handler: mbufGet(true, mbufHdrLen)},
		{Name: "mbuf_getpacket", Proto: "errno_t mbuf_getpacket(mbuf_how_t how, mbuf_t *m)", Handler: mbufCall(mbufGetpacket)},
		{Name: "mbuf_getcluster", Proto: "errno_t mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *m)", Handler: mbufCall(func(c *Call, x *mbufs) (uint64, string) {
			return x.getCluster(c, c.Arg(2), c.Addr(3))
		})},
		{Name: "mbuf_mclget", Proto: "errno_t mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *m)", Handler: mbufCall(func(c *Call, x *mbufs) (uint64, string) {
			return x.getCluster(c, mclBytes, c.Addr(2))
		})},
		{Name: "mbuf_attachcluster", Proto: "errno_t mbuf_attachcluster(mbuf_how_t how, mbuf_type_t type, mbuf_t *m, caddr_t buf, void (*free)(caddr_t, u_int, caddr_t), size_t size, caddr_t arg)", None: true},
		{Name: "mbuf_alloccluster", Proto: "errno_t mbuf_alloccluster(mbuf_how_t how, size_t *size, caddr_t *addr)", None: true},
		{Name: "mbuf_freecluster", Proto: "void mbuf_freecluster(caddr_t addr, size_t size)", None: true},
		{Name: "mbuf_allocpacket", Proto: "errno_t mbuf_allocpacket(mbuf_how_t how, size_t len, unsigned int *maxchunks, mbuf_t *m)", Handler: mbufCall(mbufAllocpacket)},
		{Name: "mbuf_free", Proto: "mbuf_t mbuf_free(mbuf_t m)", Handler: mbufFree(func(x *mbufs, m *mbuf) uint64 { return x.free(m).handle() })},
		{Name: "mbuf_freem", Proto: "void mbuf_freem(mbuf_t m)", Handler: mbufFree(func(x *mbufs, m *mbuf) uint64 { x.freeChain(m); return 0 })},
		{Name: "mbuf_freem_list", Proto: "int mbuf_freem_list(mbuf_t m)", Handler: mbufFree(mbufFreemList)},
		{Name: "mbuf_leadingspace", Proto: "size_t mbuf_leadingspace(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.off), "" })},
		{Name: "mbuf_trailingspace", Proto: "size_t mbuf_trailingspace(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.room()), "" })},
		{Name: "mbuf_maxlen", Proto: "size_t mbuf_maxlen(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.size), "" })},
		{Name: "mbuf_copym", Proto: "errno_t mbuf_copym(const mbuf_t src, size_t off, size_t len, mbuf_how_t how, mbuf_t *m)", Handler: ofMbuf(mbufCopym), Note: "copies, and shares no clusters"},
		{Name: "mbuf_dup", Proto: "errno_t mbuf_dup(const mbuf_t src, mbuf_how_t how, mbuf_t *m)", Handler: ofMbuf(func(c *Call, x *mbufs, m *mbuf) (uint64, string) {
			return x.result(x.dup(m, 0, -1, c.Owner()), c.Addr(2), abi.ENOMEM)
		})},
		{Name: "mbuf_prepend", Proto: "errno_t mbuf_prepend(mbuf_t *m, size_t len, mbuf_how_t how)", Handler: mbufCall(mbufPrepend)},
		{Name: "mbuf_split", Proto: "errno_t mbuf_split(mbuf_t src, size_t off, mbuf_how_t how, mbuf_t *m)", Handler: ofMbuf(mbufSplit)},
		{Name: "mbuf_pullup", Proto: "errno_t mbuf_pullup(mbuf_t *m, size_t len)", Handler: mbufCall(mbufPullup)},
		{Name: "mbuf_pulldown", Proto: "errno_t mbuf_pulldown(mbuf_t src, size_t *off, size_t len, mbuf_t *m)", Handler: ofMbuf(mbufPulldown)},
		{Name: "mbuf_adj", Proto: "void mbuf_adj(mbuf_t m, int len)", Handler: mbufCall(func(c *Call, x *mbufs) (uint64, string) {
			if m := x.at(c.Addr(0)); m != nil && c.I32(1) != math.MinInt32 {
				m.trim(int(c.I32(1)))
			} else if c.Addr(0) != 0 {
				return 0, notMbuf(c.Addr(0))
			}
			return 0, ""
		})},
		{Name: "mbuf_adjustlen", Proto: "errno_t mbuf_adjustlen(mbuf_t m, int amount)", Handler: ofMbuf(mbufAdjustlen)},
		{Name: "mbuf_concatenate", Proto: "mbuf_t mbuf_concatenate(mbuf_t dst, mbuf_t src)", Handler: mbufCall(mbufConcatenate)},
		{Name: "mbuf_copydata", Proto: "errno_t mbuf_copydata(const mbuf_t m, size_t off, size_t len, void *out)", Handler: ofMbuf(mbufCopydata)},
		{Name: "mbuf_copyback", Proto: "errno_t mbuf_copyback(mbuf_t m, size_t off, size_t len, const void *data, mbuf_how_t how)", Handler: ofMbuf(mbufCopyback)},
		{Name: "mbuf_mclhasreference", Proto: "int mbuf_mclhasreference(mbuf_t m)", Handler: ofMbuf(func(*Call, *mbufs, *mbuf) (uint64, string) { return 0, "" })},
		{Name: "mbuf_next", Proto: "mbuf_t mbuf_next(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return m.next.handle(), "" })},
		{Name: "mbuf_setnext", Proto: "errno_t mbuf_setnext(mbuf_t m, mbuf_t next)", Handler: ofMbuf(mbufSetnext)},
		{Name: "mbuf_nextpkt", Proto: "mbuf_t mbuf_nextpkt(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return m.nextpkt.handle(), "" })},
		{Name: "mbuf_setnextpkt", Proto: "void mbuf_setnextpkt(mbuf_t m, mbuf_t next)", Handler: ofMbuf(mbufSetnextpkt)},
		{Name: "mbuf_len", Proto: "size_t mbuf_len(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.len), "" })},
		{Name: "mbuf_setlen", Proto: "void mbuf_setlen(mbuf_t m, size_t len)", Handler: ofMbuf(mbufSetlen)},
		{Name: "mbuf_type", Proto: "mbuf_type_t mbuf_type(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.typ), "" })},
		{Name: "mbuf_settype", Proto: "errno_t mbuf_settype(mbuf_t m, mbuf_type_t type)", Handler: ofMbuf(func(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
			if c.U32(1) == mbufTypeFree {
				return uint64(abi.EINVAL), ""
			}
			m.typ = c.U32(1)
			return 0, ""
		})},
		{Name: "mbuf_flags", Proto: "mbuf_flags_t mbuf_flags(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.flags), "" })},
		{Name: "mbuf_setflags", Proto: "errno_t mbuf_setflags(mbuf_t m, mbuf_flags_t flags)", Handler: ofMbuf(func(c *Call, x *mbufs, m *mbuf) (uint64, string) {
			if (c.U32(1)^m.flags)&mbufFixed != 0 || c.U32(1)&^mbufFlagMask != 0 {
				return uint64(abi.EINVAL), ""
			}
			return x.setFlags(m, c.U32(1))
		})},
		{Name: "mbuf_setflags_mask", Proto: "errno_t mbuf_setflags_mask(mbuf_t m, mbuf_flags_t flags, mbuf_flags_t mask)", Handler: ofMbuf(func(c *Call, x *mbufs, m *mbuf) (uint64, string) {
			mask := c.U32(2)
			if mask&(mbufFixed|^uint32(mbufFlagMask)) != 0 {
				return uint64(abi.EINVAL), ""
			}
			return x.setFlags(m, c.U32(1)&mask|m.flags&^mask)
		})},
		{Name: "mbuf_copy_pkthdr", Proto: "errno_t mbuf_copy_pkthdr(mbuf_t dest, const mbuf_t src)", Handler: ofMbuf(mbufCopyPkthdr)},
		{Name: "mbuf_pkthdr_len", Proto: "size_t mbuf_pkthdr_len(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return uint64(m.pktlen), "" })},
		{Name: "mbuf_pkthdr_setlen", Proto: "void mbuf_pkthdr_setlen(mbuf_t m, size_t len)", Handler: ofMbuf(func(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
			m.pktlen = int(min(c.Arg(1), math.MaxInt32))
			return 0, ""
		})},
		{Name: "mbuf_pkthdr_adjustlen", Proto: "void mbuf_pkthdr_adjustlen(mbuf_t m, int amount)", Handler: ofMbuf(func(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
			m.pktlen = min(max(m.pktlen+int(c.I32(1)), 0), math.MaxInt32)
			return 0, ""
		})},
		{Name: "mbuf_pkthdr_rcvif", Proto: "ifnet_t mbuf_pkthdr_rcvif(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return m.rcvif, "" }), Note: "what code has set: NULL in what comes from the kernel"},
		{Name: "mbuf_pkthdr_setrcvif", Proto: "errno_t mbuf_pkthdr_setrcvif(mbuf_t m, ifnet_t ifp)", Handler: ofMbuf(func(c *Call, _ *mbufs, m *mbuf) (uint64, string) { m.rcvif = c.Arg(1); return 0, "" })},
		{Name: "mbuf_pkthdr_header", Proto: "void *mbuf_pkthdr_header(const mbuf_t m)", Handler: ofMbuf(func(_ *Call, _ *mbufs, m *mbuf) (uint64, string) { return m.header, "" })},
		{Name: "mbuf_pkthdr_setheader", Proto: "void mbuf_pkthdr_setheader(mbuf_t m, void *header)", Handler: ofMbuf(func(c *Call, _ *mbufs, m *mbuf) (uint64, string) { m.header = c.Arg(1); return 0, "" })},
		{Name: "mbuf_tag_id_find", Proto: "errno_t mbuf_tag_id_find(const char *name, mbuf_tag_id_t *id)", Handler: mbufTagID},
		{Name: "mbuf_tag_allocate", Proto: "errno_t mbuf_tag_allocate(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t len, mbuf_how_t how, void **data)", Handler: ofMbuf(mbufTagAllocate)},
		{Name: "mbuf_tag_find", Proto: "errno_t mbuf_tag_find(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t *len, void **data)", Handler: ofMbuf(mbufTagFind)},
		{Name: "mbuf_tag_free", Proto: "void mbuf_tag_free(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type)", Handler: ofMbuf(mbufTagFree)},
		{Name: "mbuf_get_mlen", Proto: "u_int32_t mbuf_get_mlen(void)", Handler: func(*Call) uint64 { return mbufLen }},
		{Name: "mbuf_get_mhlen", Proto: "u_int32_t mbuf_get_mhlen(void)", Handler: func(*Call) uint64 { return mbufHdrLen }},
		{Name: "mbuf_get_minclsize", Proto: "u_int32_t mbuf_get_minclsize(void)", Handler: func(*Call) uint64 { return mbufMinCl }},
	})
}

// mbufCall makes a handler of what is done under the lock. The reason, if there is one, ends the
// extension.
func mbufCall(f func(c *Call, x *mbufs) (uint64, string)) func(*Call) uint64 {
	return func(c *Call) uint64 {
		x := &c.K.mbufs
		x.mu.Lock()
		v, wrong := f(c, x)
		x.mu.Unlock()
		if wrong != "" {
			return c.Panic(wrong)
		}
		return v
	}
}

func notMbuf(a Addr) string { return hex(a) + " is no mbuf (freed?)" }

// ofMbuf is mbufCall for what has an mbuf as its first argument.
func ofMbuf(f func(c *Call, x *mbufs, m *mbuf) (uint64, string)) func(*Call) uint64 {
	return mbufCall(func(c *Call, x *mbufs) (uint64, string) {
		m := x.at(c.Addr(0))
		if m == nil {
			return 0, notMbuf(c.Addr(0))
		}
		return f(c, x, m)
	})
}

// mbufFree is for those that take an mbuf, or NULL, from code.
func mbufFree(f func(x *mbufs, m *mbuf) uint64) func(*Call) uint64 {
	return mbufCall(func(c *Call, x *mbufs) (uint64, string) {
		if c.Addr(0) == 0 {
			return 0, ""
		}
		m := x.at(c.Addr(0))
		if m == nil {
			return 0, notMbuf(c.Addr(0))
		}
		return f(x, m), ""
	})
}

func mbufFreemList(x *mbufs, m *mbuf) (n uint64) {
	for m != nil && m.h != 0 {
		next := m.nextpkt
		x.freeChain(m)
		m = next
		n++
	}
	return n
}

// result stores a new mbuf, NULL for none, and gives 0 or the error.
func (x *mbufs) result(m *mbuf, at Addr, e abi.Errno) (uint64, string) {
	if !x.k.PutU64(at, m.handle()) {
		x.freeChain(m)
		return 0, "an mbuf can't be stored at " + hex(at)
	}
	if m != nil {
		e = 0
	}
	return uint64(e), ""
}

// in reads the mbuf_t at an address: nil for NULL.
func (x *mbufs) in(at Addr) (*mbuf, string) {
	v, ok := x.k.U64(at)
	if !ok {
		return nil, "an mbuf_t at " + hex(at) + " can't be read"
	}
	m := x.at(Addr(v))
	if m == nil && v != 0 {
		return nil, notMbuf(Addr(v))
	}
	return m, ""
}

func mbufGet(hdr bool, size int) func(*Call) uint64 {
	return mbufCall(func(c *Call, x *mbufs) (uint64, string) {
		return x.result(x.get(c.Owner(), c.U32(1), hdr, size), c.Addr(2), abi.ENOMEM)
	})
}

func mbufGetpacket(c *Call, x *mbufs) (uint64, string) {
	e := abi.ENOMEM
	if c.U32(0) != 0 {
		e = abi.EWOULDBLOCK
	}
	return x.result(x.get(c.Owner(), mbufTypeData, true, mclBytes), c.Addr(1), e)
}

func (x *mbufs) getCluster(c *Call, size uint64, at Addr) (uint64, string) {
	if at == 0 {
		return uint64(abi.EINVAL), ""
	}
	m, wrong := x.in(at)
	if wrong != "" {
		return 0, wrong
	}
	if size != mclBytes && size != mbigclBytes && size != m16kclBytes {
		return uint64(abi.EINVAL), ""
	}
	if m == nil {
		return x.result(x.get(c.Owner(), c.U32(1), false, int(size)), at, abi.ENOMEM)
	}
	if m.flags&mbufExt != 0 || !x.cluster(m, int(size)) {
		return uint64(abi.ENOMEM), ""
	}
	return 0, ""
}

func mbufAllocpacket(c *Call, x *mbufs) (uint64, string) {
	n, chunks := c.Arg(1), c.Addr(2)
	if n == 0 {
		return uint64(abi.EINVAL), ""
	}
	if n > mbufMaxBytes {
		return uint64(abi.ENOMEM), ""
	}
	m, count := x.chain(c.Owner(), mbufTypeData, int(n))
	if m == nil {
		return uint64(abi.ENOMEM), ""
	}
	if chunks != 0 {
		most, ok := x.k.U32(chunks)
		if ok && most != 0 && uint32(count) > most {
			x.freeChain(m)
			return uint64(abi.ENOBUFS), ""
		}
		if !ok || !x.k.PutU32(chunks, uint32(count)) {
			x.freeChain(m)
			return 0, "mbuf_allocpacket: maxchunks at " + hex(chunks) + " can't be used"
		}
	}
	return x.result(m, c.Addr(3), abi.ENOMEM)
}

func mbufSetdata(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
	a, n := c.Addr(1), c.Arg(2)
	if a < m.buf || a > m.buf+Addr(m.size) || n > uint64(m.size-int(a-m.buf)) {
		return uint64(abi.EINVAL), ""
	}
	m.off, m.len = int(a-m.buf), int(n)
	return 0, ""
}

func mbufAlign(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
	n := c.Arg(1)
	if n > uint64(m.size) {
		return 0, "mbuf_align_32: more than the mbuf has room for"
	}
	m.off = (m.size - int(n)) &^ 3
	m.len = min(m.len, m.size-m.off)
	return 0, ""
}

func mbufSetnext(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	next := x.at(c.Addr(1))
	if next == nil && c.Addr(1) != 0 {
		return 0, "mbuf_setnext: " + notMbuf(c.Addr(1))
	}
	if next != nil && next.nextpkt != nil {
		return uint64(abi.EINVAL), ""
	}
	if m.reaches(next, false) {
		return 0, "mbuf_setnext: the chain would have no end"
	}
	m.next = next
	return 0, ""
}

func mbufSetnextpkt(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	next := x.at(c.Addr(1))
	if next == nil && c.Addr(1) != 0 {
		return 0, "mbuf_setnextpkt: " + notMbuf(c.Addr(1))
	}
	if m.reaches(next, true) {
		return 0, "mbuf_setnextpkt: the list would have no end"
	}
	m.nextpkt = next
	return 0, ""
}

func mbufSetlen(c *Call, _ *mbufs, m *mbuf) (uint64, string) {
	if c.Arg(1) > uint64(m.size-m.off) {
		return 0, "mbuf_setlen: more than the mbuf has room for"
	}
	m.len = int(c.Arg(1))
	return 0, ""
}

// setFlags changes flags; a packet header that comes is empty, and one that goes is lost.
func (x *mbufs) setFlags(m *mbuf, flags uint32) (uint64, string) {
	if (flags^m.flags)&mbufPkthdr != 0 {
		x.dropTags(m)
		m.pktlen, m.rcvif, m.header = 0, 0, 0
	}
	m.flags = flags
	return 0, ""
}

func mbufCopyPkthdr(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	src := x.at(c.Addr(1))
	switch {
	case src == nil:
		return 0, "mbuf_copy_pkthdr: " + notMbuf(c.Addr(1))
	case src.flags&mbufPkthdr == 0:
		return uint64(abi.EINVAL), ""
	case src != m:
		x.moveHeader(m, src)
		src.flags |= mbufPkthdr // it keeps its header, but for the tags
	}
	return 0, ""
}
