package net

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"puggle/abi"
)

// How interfaces come, go and change. All of it is done with cloneMu held, on a copy that
// takes the old one's place in the list and in the routes, under rt.mu: a route's interface is
// always one of the list. Routing sockets and those of
// kernel events hear of it.

// maxAddrs bounds an interface's addresses. XNU's are bounded by memory.
const maxAddrs = 256

// attachIf is ifnet_attach: f gets the next index, and never en0's.
func (n *Net) attachIf(f *Ifnet) {
	l := n.interfaces()
	f.Index = en0 + 1
	for _, x := range l {
		f.Index = max(f.Index, x.Index+1)
	}
	n.groups.attach(f)
	l = append(slices.Clone(l), f)
	n.ifs.Store(&l)
	n.rtInput(n.ifInfo(f, false), 0, nil)
	n.post(abi.KEV_DL_SUBCLASS, abi.KEV_DL_IF_ATTACHED, f.eventData())
}

// detachIf is ifnet_detach. The routes that its addresses have brought others' bring again.
func (n *Net) detachIf(f *Ifnet) {
	l := slices.DeleteFunc(slices.Clone(n.interfaces()), func(x *Ifnet) bool { return x == f })
	n.rt.mu.Lock()
	n.ifs.Store(&l)
	var gone []netip.Prefix
	n.rt.rows = slices.DeleteFunc(n.rt.rows, func(r route) bool {
		if r.ifp == f && slices.ContainsFunc(f.Addrs, func(p netip.Prefix) bool { return p.Addr() == r.ifa }) {
			gone = append(gone, r.dst)
		}
		return r.ifp == f
	})
	n.rt.mu.Unlock()
	n.groups.detach(f)
	n.detachFilters(f.Index)
	n.updateStack()
	for _, dst := range gone {
		n.restoreRoute(dst)
	}
	for _, p := range f.Addrs {
		n.tellAddr(abi.RTM_DELADDR, f, p)
	}
	n.rtInput(n.ifInfo(f, false), 0, nil)
	n.post(abi.KEV_DL_SUBCLASS, abi.KEV_DL_IF_DETACHED, f.eventData())
}

// replaceIf puts a changed copy of f into its place.
func (n *Net) replaceIf(f *Ifnet, change func(*Ifnet)) *Ifnet {
	c := *f
	c.Addrs, c.Peers = slices.Clone(f.Addrs), maps.Clone(f.Peers)
	change(&c)
	l := slices.Clone(n.interfaces())
	l[slices.Index(l, f)] = &c
	n.rt.mu.Lock()
	n.ifs.Store(&l)
	for i := range n.rt.rows {
		if n.rt.rows[i].ifp == f {
			n.rt.rows[i].ifp = &c
		}
	}
	n.rt.mu.Unlock()
	return &c
}

// setFlags is what SIOCSIFFLAGS changes: whether the interface is up.
func (n *Net) setFlags(f *Ifnet, flags uint32) {
	if (f.Flags^flags)&abi.IFF_UP == 0 {
		return
	}
	f = n.replaceIf(f, func(c *Ifnet) { c.Flags ^= abi.IFF_UP })
	if id := tcpip.NICID(f.Index); n.running.Load() && n.stack.HasNIC(id) {
		if f.Flags&abi.IFF_UP != 0 {
			n.stack.EnableNIC(id)
		} else {
			n.stack.DisableNIC(id)
		}
	}
	n.rtInput(n.ifInfo(f, false), 0, nil)
	n.post(abi.KEV_DL_SUBCLASS, abi.KEV_DL_SIFFLAGS, f.eventData())
}

// stackAddress is an address as the stack is to have it. Where the net behind an address
// isn't on the wire (a tunnel, an alias of the loopback) the address stands alone.
func (f *Ifnet) stackAddress(p netip.Prefix) tcpip.ProtocolAddress {
	a := tcpip.ProtocolAddress{Protocol: protocolOf(p.Addr()),
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: toAddr(p.Addr()), PrefixLen: p.Bits()}}
	if f.Flags&abi.IFF_POINTOPOINT != 0 || f.Flags&abi.IFF_LOOPBACK != 0 && p != lo0Net {
		a.AddressWithPrefix.PrefixLen = p.Addr().BitLen()
	}
	return a
}

// addAddr gives f an address, or the one that it has another mask and peer. EOPNOTSUPP for
// an interface with nothing behind it, EEXIST for another's address, ENOBUFS. What fails
// changes nothing.
func (n *Net) addAddr(f *Ifnet, p netip.Prefix, peer netip.Addr) abi.Errno {
	return n.insertAddr(f, len(f.Addrs), p, peer)
}

// insertAddr is addAddr that puts a new address into a place of the list: the first of a family is
// the one that the older ioctls mean.
func (n *Net) insertAddr(f *Ifnet, place int, p netip.Prefix, peer netip.Addr) abi.Errno {
	if f.Clone {
		return abi.EOPNOTSUPP
	}
	at := slices.IndexFunc(f.Addrs, func(x netip.Prefix) bool { return x.Addr() == p.Addr() })
	switch {
	case at >= 0 && f.Addrs[at] == p && f.Peers[p.Addr()] == peer:
		return 0
	case at >= 0:
		return n.exchangeAddr(f, at, p, peer)
	case n.ifByAddr(p.Addr()) != nil && !p.Addr().IsLinkLocalUnicast():
		return abi.EEXIST
	case len(f.Addrs) >= maxAddrs:
		return abi.ENOBUFS
	}
	if n.running.Load() {
		err := n.stack.AddProtocolAddress(tcpip.NICID(f.Index), f.stackAddress(p), stack.AddressProperties{})
		if e := errno(err); e != 0 {
			return e
		}
	}
	f = n.replaceIf(f, func(c *Ifnet) {
		c.Addrs = slices.Insert(c.Addrs, min(place, len(c.Addrs)), p)
		if peer.IsValid() {
			if c.Peers == nil {
				c.Peers = map[netip.Addr]netip.Addr{}
			}
			c.Peers[p.Addr()] = peer
		}
	})
	if r, ok := f.addrRoute(p); ok {
		n.bringRoute(r)
	}
	n.tellAddr(abi.RTM_NEWADDR, f, p)
	return 0
}

// exchangeAddr gives f an address in the place of the one at a place of the list, which comes back
// if that fails.
func (n *Net) exchangeAddr(f *Ifnet, at int, p netip.Prefix, peer netip.Addr) abi.Errno {
	old := f.Addrs[at]
	oldPeer := f.Peers[old.Addr()]
	f = n.dropAddr(f, at)
	e := n.insertAddr(f, at, p, peer)
	if e != 0 {
		n.insertAddr(n.ifByIndex(f.Index), at, old, oldPeer)
	}
	return e
}

// bringRoute adds the route that an address brings, if its net has none.
func (n *Net) bringRoute(r route) {
	if n.addRoute(r) == 0 {
		bits, sas := r.addresses()
		n.rtInput(rtMessage(abi.RTM_ADD, abi.RtMsghdrSize, func(h []byte) { r.header(h, bits) }, sas...), 0, nil)
	}
}

// dropAddr takes the address at a place of the list away, and the route that it has brought: another
// address of the same net brings it again.
func (n *Net) dropAddr(f *Ifnet, at int) *Ifnet {
	p := f.Addrs[at]
	old := f
	if n.running.Load() {
		n.stack.RemoveAddress(tcpip.NICID(f.Index), toAddr(p.Addr()))
	}
	r, ok := f.addrRoute(p)
	f = n.replaceIf(f, func(c *Ifnet) {
		c.Addrs = slices.Delete(c.Addrs, at, at+1)
		delete(c.Peers, p.Addr())
	})
	if ok {
		n.dropRoute(r)
	}
	n.tellAddr(abi.RTM_DELADDR, old, p)
	return f
}

// dropRoute takes away the route that an address has brought, if it is that one's.
func (n *Net) dropRoute(r route) {
	_, e := n.changeRow(nil, func(x route) bool {
		return x.dst == r.dst && x.ifa == r.ifa && x.ifp.Index == r.ifp.Index
	})
	if e == 0 {
		n.restoreRoute(r.dst)
	}
}

// restoreRoute has an address bring the route to dst that another has brought before it.
func (n *Net) restoreRoute(dst netip.Prefix) {
	for _, f := range n.interfaces() {
		for _, p := range f.Addrs {
			if other, ok := f.addrRoute(p); ok && other.dst == dst {
				n.bringRoute(other)
				return
			}
		}
	}
}

// addrRoute is the route that an address brings (rtinit): to the peer, to the address
// itself on the loopback, or to its network.
func (f *Ifnet) addrRoute(p netip.Prefix) (r route, ok bool) {
	a := p.Addr()
	r = route{ifp: f, flags: abi.RTF_UP, gw: a, ifa: a}
	host := func(to netip.Addr) (route, bool) {
		r.dst = netip.PrefixFrom(to, to.BitLen())
		r.flags |= abi.RTF_HOST
		return r, true
	}
	peer := f.Peers[a]
	switch {
	case f.Flags&abi.IFF_LOOPBACK != 0:
		return host(a)
	case peer.IsValid():
		return host(peer)
	case a.Is4() && f.Flags&abi.IFF_POINTOPOINT != 0, p.IsSingleIP():
		return r, false
	}
	r.dst, r.gw = p.Masked(), netip.Addr{}
	r.flags |= abi.RTF_CLONING
	return r, true
}

// tellAddr says that f has, or had, an address.
func (n *Net) tellAddr(typ byte, f *Ifnet, p netip.Prefix) {
	b := f.newAddr(0, p)
	b[3] = typ
	family, sub, code := abi.AF_INET, uint32(abi.KEV_INET_SUBCLASS), uint32(abi.KEV_INET_NEW_ADDR)
	if p.Addr().Is6() {
		family, sub, code = abi.AF_INET6, abi.KEV_INET6_SUBCLASS, abi.KEV_INET6_NEW_USER_ADDR
	}
	if typ == abi.RTM_DELADDR {
		code = abi.KEV_INET_ADDR_DELETED // the same number in both
	}
	n.rtInput(b, family, nil)
	n.post(sub, code, append(f.eventData(), f.addrData(p)...))
}

// eventData is a struct net_event_data.
func (f *Ifnet) eventData() []byte {
	b := make([]byte, 24)
	name, unit := splitUnit(f.Name)
	binary.LittleEndian.PutUint32(b, f.Family())
	binary.LittleEndian.PutUint32(b[4:], unit)
	copy(b[8:23], name)
	return b
}

// Family is the interface's IFNET_FAMILY_*.
func (f *Ifnet) Family() uint32 {
	switch {
	case f.utun != nil:
		return 17
	case f.Clone:
		return 5
	case f.Flags&abi.IFF_LOOPBACK != 0:
		return 1
	case f.link != nil:
		return 0 // any
	}
	return 2 // Ethernet
}

// addrData is what follows that in a struct kev_in_data (the classes of networks left
// out) or kev_in6_data (lifetimes and flags 0).
func (f *Ifnet) addrData(p netip.Prefix) []byte {
	mask, net := maskOf(p), p.Masked().Addr()
	if p.Addr().Is4() {
		var b []byte
		num := func(a netip.Addr) uint32 { return binary.BigEndian.Uint32(a.AsSlice()) }
		le := binary.LittleEndian
		b = append(b, p.Addr().AsSlice()...)
		for range 2 { // the net and, the same here, the subnet
			b = le.AppendUint32(b, num(net))
			b = le.AppendUint32(b, num(mask))
		}
		b = append(b, broadcast(p).AsSlice()...)
		if peer := f.Peers[p.Addr()]; peer.IsValid() {
			return append(b, peer.AsSlice()...)
		}
		return append(b, 0, 0, 0, 0)
	}
	b := append(ifSockaddr(f, p.Addr()), ifSockaddr(f, net)...)
	if peer := f.Peers[p.Addr()]; peer.IsValid() {
		b = append(b, ifSockaddr(f, peer)...)
	} else {
		b = append(b, make([]byte, abi.SockaddrIn6Len)...)
	}
	b = append(b, netmask(p)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Bits()))
	return append(b, make([]byte, 4+16+8)...)
}

// splitUnit takes an interface's name apart.
func splitUnit(name string) (kind string, unit uint32) {
	i := len(name)
	for mul := uint32(1); i > 0 && name[i-1] >= '0' && name[i-1] <= '9'; i-- {
		unit += uint32(name[i-1]-'0') * mul
		mul *= 10
	}
	return name[:i], unit
}
