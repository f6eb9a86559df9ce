package kpi

import (
	"puggle/abi"
)

// Tags: what extensions note about a packet that they will see again.

const (
	firstTagID = 1000 // identifiers of names begin here
	maxTagIDs  = 1024
	maxTags    = 64 // of one packet
)

func mbufTagID(c *Call) uint64 {
	name, ok := c.String(0, 256)
	if !ok {
		return 0
	}
	if name == "" || c.Addr(1) == 0 {
		return uint64(abi.EINVAL)
	}
	x := &c.K.mbufs
	x.mu.Lock()
	id := -1
	for i, n := range x.tags {
		if n == name {
			id = i
		}
	}
	if id < 0 && len(x.tags) < maxTagIDs {
		id = len(x.tags)
		x.tags = append(x.tags, name)
	}
	x.mu.Unlock()
	if id < 0 {
		return uint64(abi.ENOMEM)
	}
	c.Put32(c.Addr(1), uint32(firstTagID+id))
	return 0
}

// tag finds argument 1 and 2 among a packet's tags, -1 if it has none; ok is false for
// an identifier that there is not, and for no packet.
func (x *mbufs) tag(c *Call, m *mbuf) (i int, ok bool) {
	id, typ := c.U32(1), c.U32(2)
	if m.flags&mbufPkthdr == 0 || id < firstTagID || id >= firstTagID+uint32(len(x.tags)) {
		return -1, false
	}
	for i, t := range m.tags {
		if t.id == id && t.typ == typ {
			return i, true
		}
	}
	return -1, true
}

func mbufTagAllocate(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	n, out := c.Arg(3), c.Addr(5)
	i, ok := x.tag(c, m)
	switch {
	case !ok || n < 1 || n > 0xffff || out == 0:
		return uint64(abi.EINVAL), ""
	case i >= 0:
		return uint64(abi.EEXIST), ""
	case len(m.tags) >= maxTags:
		return uint64(abi.ENOMEM), ""
	}
	a, ok := x.addTag(m, c.U32(1), c.U32(2), int(n), 0)
	if !ok {
		return uint64(abi.ENOMEM), ""
	}
	if !x.k.PutU64(out, uint64(a)) {
		return 0, "mbuf_tag_allocate: the address can't be stored"
	}
	return 0, ""
}

func mbufTagFind(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	size, out := c.Addr(3), c.Addr(4)
	i, ok := x.tag(c, m)
	switch {
	case !ok || size == 0 || out == 0:
		return uint64(abi.EINVAL), ""
	case i < 0:
		return uint64(abi.ENOENT), ""
	}
	if !x.k.PutU64(size, uint64(m.tags[i].size)) || !x.k.PutU64(out, uint64(m.tags[i].data)) {
		return 0, "mbuf_tag_find: the result can't be stored"
	}
	return 0, ""
}

func mbufTagFree(c *Call, x *mbufs, m *mbuf) (uint64, string) {
	if i, _ := x.tag(c, m); i >= 0 {
		t := m.tags[i]
		m.tags = append(m.tags[:i:i], m.tags[i+1:]...)
		x.k.alloc.put(t.data)
		x.bytes -= t.size
	}
	return 0, ""
}
