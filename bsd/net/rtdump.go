package net

import (
	"encoding/binary"
	"net/netip"
	"sort"

	"gvisor.dev/gvisor/pkg/tcpip"

	"puggle/abi"
)

// ifSockaddr writes an interface's address as routing messages show it: a
// link-local one carries the interface in its second word, as KAME has it.
func ifSockaddr(f *Ifnet, a netip.Addr) []byte {
	if a.Is4() {
		return abi.SockaddrIn(a.As4(), 0)
	}
	b := a.As16()
	if a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast() {
		binary.BigEndian.PutUint16(b[2:], uint16(f.Index))
	}
	return abi.SockaddrIn6(b, 0, 0)
}

// rtMessage makes one message: a header of size bytes, then the addresses, each
// padded to 4 bytes.
func rtMessage(typ byte, size int, fill func(h []byte), sas ...[]byte) []byte {
	b := make([]byte, size)
	for _, sa := range sas {
		b = append(b, sa...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	b[2], b[3] = abi.RTM_VERSION, typ
	fill(b[:size])
	return b
}

// RouteSysctl answers sysctl's CTL_NET.PF_ROUTE: mib is what follows those two:
// protocol (0), family, NET_RT_*, argument. EINVAL for a name of another shape,
// EOPNOTSUPP for a list that there is not.
func (n *Net) RouteSysctl(mib []int32) ([]byte, abi.Errno) {
	if len(mib) != 4 || mib[0] != 0 {
		return nil, abi.EINVAL
	}
	af, op, arg := mib[1], mib[2], int(mib[3])
	switch op {
	case abi.NET_RT_IFLIST:
		return n.ifList(af, arg, false), 0
	case abi.NET_RT_IFLIST2:
		return n.ifList(af, arg, true), 0
	case abi.NET_RT_DUMP, abi.NET_RT_DUMP2:
		return n.dump(af, op, 0), 0
	case abi.NET_RT_FLAGS:
		return n.dump(af, op, uint32(arg)), 0
	}
	return nil, abi.EOPNOTSUPP
}

func (n *Net) ifList(af int32, index int, second bool) []byte {
	var out []byte
	for _, f := range n.interfaces() {
		if index != 0 && index != f.Index {
			continue
		}
		out = append(out, n.ifInfo(f, second)...)
		for _, p := range f.Addrs {
			out = append(out, f.newAddr(af, p)...)
		}
		if second {
			out = append(out, n.multicast(af, f)...)
		}
	}
	return out
}

// counters fills a struct if_data, or if_data64 if wide, from ifi_baudrate on: packets
// and bytes as the stack counts them, from when it started.
func (n *Net) counters(f *Ifnet, b []byte, wide bool) {
	if !n.running.Load() {
		return
	}
	nic, ok := n.stack.NICInfo()[tcpip.NICID(f.Index)]
	if !ok {
		return
	}
	in, lost, out := nic.Stats.Rx, nic.Stats.MalformedL4RcvdPackets.Value(), nic.Stats.Tx
	// ipackets, ierrors, opackets, oerrors, collisions, ibytes, obytes
	for i, v := range [...]uint64{in.Packets.Value(), lost, out.Packets.Value(), 0, 0, in.Bytes.Value(), out.Bytes.Value()} {
		if wide {
			binary.LittleEndian.PutUint64(b[8+8*i:], v)
		} else {
			binary.LittleEndian.PutUint32(b[4+4*i:], uint32(v))
		}
	}
}

func wants(af int32, a netip.Addr) bool {
	return af == 0 || af == abi.AF_INET && a.Is4() || af == abi.AF_INET6 && a.Is6()
}

func (f *Ifnet) newAddr(af int32, p netip.Prefix) []byte {
	if !wants(af, p.Addr()) {
		return nil
	}
	le := binary.LittleEndian
	bits := uint32(abi.RTA_NETMASK | abi.RTA_IFP | abi.RTA_IFA)
	sas := [][]byte{netmask(p), f.sockaddrDl(), ifSockaddr(f, p.Addr())}
	if p.Addr().Is4() && f.Flags&abi.IFF_BROADCAST != 0 {
		bits |= abi.RTA_BRD
		sas = append(sas, ifSockaddr(f, broadcast(p)))
	} else if peer := f.Peers[p.Addr()]; peer.IsValid() {
		bits |= abi.RTA_BRD
		sas = append(sas, ifSockaddr(f, peer))
	}
	return rtMessage(abi.RTM_NEWADDR, abi.IfaMsghdrSize, func(h []byte) {
		le.PutUint32(h[4:], bits)
		le.PutUint32(h[8:], abi.RTF_UP)
		le.PutUint16(h[12:], uint16(f.Index))
	}, sas...)
}

// netmask is a mask as a whole sockaddr.
func netmask(p netip.Prefix) []byte {
	m := maskOf(p)
	if m.Is4() {
		return abi.SockaddrIn(m.As4(), 0)
	}
	return abi.SockaddrIn6(m.As16(), 0, 0)
}

func (n *Net) multicast(af int32, f *Ifnet) []byte {
	le := binary.LittleEndian
	groups := n.groups.groups(f.Index)
	var list []netip.Addr
	for a := range groups {
		if wants(af, a) {
			list = append(list, a)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Less(list[j]) })
	var out []byte
	for _, a := range list {
		out = append(out, rtMessage(abi.RTM_NEWMADDR2, abi.IfmaMsghdr2Size, func(h []byte) {
			le.PutUint32(h[4:], abi.RTA_IFP|abi.RTA_IFA)
			le.PutUint16(h[12:], uint16(f.Index))
			le.PutUint32(h[16:], uint32(groups[a]))
		}, f.sockaddrDl(), ifSockaddr(f, a))...)
	}
	return out
}

// dump gives the routes that have all of flags (NET_RT_FLAGS), or all of them.
func (n *Net) dump(af, op int32, flags uint32) []byte {
	typ := byte(abi.RTM_GET)
	if op == abi.NET_RT_DUMP2 {
		typ = abi.RTM_GET2
	}
	var out []byte
	for _, r := range n.table() {
		if !wants(af, r.dst.Addr()) || op == abi.NET_RT_FLAGS && r.flags&flags == 0 && flags != 0 {
			continue
		}
		bits, sas := r.addresses()
		out = append(out, rtMessage(typ, abi.RtMsghdrSize, func(h []byte) { r.header(h, bits) }, sas...)...)
	}
	return out
}

// addresses are the RTA_* of a route's destination, gateway and mask, and these.
func (r route) addresses() (bits uint32, sas [][]byte) {
	bits = abi.RTA_DST | abi.RTA_GATEWAY
	gw := r.ifp.sockaddrDl()
	if r.gw.IsValid() {
		gw = ifSockaddr(r.ifp, r.gw)
	}
	sas = [][]byte{ifSockaddr(r.ifp, r.dst.Addr()), gw}
	if r.flags&abi.RTF_HOST == 0 {
		bits |= abi.RTA_NETMASK
		sas = append(sas, netmask(r.dst))
	}
	return bits, sas
}

// header fills a struct rt_msghdr with what the route knows.
func (r route) header(h []byte, addrs uint32) {
	le := binary.LittleEndian
	le.PutUint16(h[4:], uint16(r.ifp.Index))
	le.PutUint32(h[8:], r.flags)
	le.PutUint32(h[12:], addrs)
	le.PutUint32(h[36+4:], r.ifp.MTU)
}
