package net

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/tcpip"

	"puggle/abi"
	"puggle/bsd/sys"
)

// ifSet is the table of ioctls that change an interface, for root alone: what follows
// its name in the argument, which is size bytes with that. They are called with cloneMu
// held.
var ifSet = map[uint64]struct {
	size int
	set  func(n *Net, f *Ifnet, arg []byte) abi.Errno
}{
	abi.SIOCSIFFLAGS: {abi.IfreqSize, func(n *Net, f *Ifnet, arg []byte) abi.Errno {
		n.setFlags(f, uint32(binary.LittleEndian.Uint16(arg)))
		return 0
	}},
	abi.SIOCSIFMTU:      {abi.IfreqSize, (*Net).setMTU},
	abi.SIOCSIFADDR:     {abi.IfreqSize, (*Net).setFirst4},
	abi.SIOCSIFDSTADDR:  {abi.IfreqSize, (*Net).setPeer4},
	abi.SIOCSIFNETMASK:  {abi.IfreqSize, (*Net).setMask4},
	abi.SIOCAIFADDR:     {abi.IfaliasreqSize, (*Net).alias4},
	abi.SIOCDIFADDR:     {abi.IfreqSize, (*Net).unalias},
	abi.SIOCAIFADDR_IN6: {abi.In6AliasreqSize, (*Net).alias6},
	abi.SIOCDIFADDR_IN6: {abi.In6IfreqSize, (*Net).unalias},
}

// ifChange is the part of ifioctl that changes an interface. EPERM, ENXIO for an unknown
// interface, EOPNOTSUPP for one that can't be changed so.
func (n *Net) ifChange(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	row := ifSet[cmd]
	if len(data) < row.size {
		return abi.EINVAL
	}
	if ctx.Cred == nil || !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	name, _, _ := bytes.Cut(data[:abi.IFNAMSIZ], []byte{0})
	arg := data[abi.IFNAMSIZ:row.size]
	if f := n.ifByName(string(name)); f != nil {
		if e, done := n.askIoctl(ctx, f.Index, cmd, arg); done {
			return e
		}
	}
	if l := n.linked(string(name)); l != nil {
		if e := l.Ioctl(ctx, cmd, arg); e != 0 {
			return e
		}
	}
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	f := n.ifByName(string(name))
	if f == nil {
		return abi.ENXIO
	}
	e := row.set(n, f, arg)
	if e == 0 && f.link != nil && (cmd == abi.SIOCSIFADDR || cmd == abi.SIOCAIFADDR) {
		f = n.ifByName(string(name))
		n.setFlags(f, f.Flags|abi.IFF_UP) // an address brings an interface up
	}
	return e
}

// setMTU: only a tunnel's can be changed. EINVAL outside of 72 to 65,535.
func (n *Net) setMTU(f *Ifnet, arg []byte) abi.Errno {
	mtu := binary.LittleEndian.Uint32(arg)
	switch {
	case f.utun == nil:
		return abi.EOPNOTSUPP
	case mtu < abi.IF_MINMTU || mtu > abi.IF_MAXMTU:
		return abi.EINVAL
	}
	n.stack.SetNICMTU(tcpip.NICID(f.Index), mtu)
	f = n.replaceIf(f, func(c *Ifnet) { c.MTU = mtu })
	n.rtInput(n.ifInfo(f, false), 0, nil)
	n.post(abi.KEV_DL_SUBCLASS, abi.KEV_DL_SIFMTU, f.eventData())
	return 0
}

// sockaddr4 reads a sockaddr_in; no for another family.
func sockaddr4(b []byte) (netip.Addr, bool) {
	return netip.AddrFrom4([4]byte(b[4:8])), b[1] == abi.AF_INET
}

// host4 reads an address that an interface may have.
func host4(b []byte) (netip.Addr, bool) {
	a, ok := sockaddr4(b)
	return a, ok && !a.IsMulticast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// classful is the mask of a network that nobody has divided.
func classful(a netip.Addr) int {
	switch b := a.As4()[0]; {
	case b < 128:
		return 8
	case b < 192:
		return 16
	}
	return 24
}

// alias4 is SIOCAIFADDR: address, broadcast address or far end, mask. EINVAL for no
// address and a mask with holes, EDESTADDRREQ for a tunnel without a far end. The broadcast
// address is always the network's.
func (n *Net) alias4(f *Ifnet, arg []byte) abi.Errno {
	a, ok := host4(arg)
	if !ok {
		return abi.EINVAL
	}
	bits := classful(a)
	for _, p := range f.Addrs {
		if p.Addr() == a {
			bits = p.Bits()
		}
	}
	if mask := arg[32:48]; mask[0] != 0 { // its family is left out by many
		if bits, ok = rtMask(mask[:min(int(mask[0]), 8)], 32); !ok {
			return abi.EINVAL
		}
	}
	var peer netip.Addr
	if f.Flags&abi.IFF_POINTOPOINT != 0 {
		if peer, _ = sockaddr4(arg[16:]); peer.IsUnspecified() {
			return abi.EDESTADDRREQ
		}
	}
	return n.addAddr(f, netip.PrefixFrom(a, bits), peer)
}

// setFirst4 is SIOCSIFADDR: it replaces the interface's first address of IPv4, and keeps its far end. An
// address that the interface has stays what and where it is (in_control in in.c looks for that first).
func (n *Net) setFirst4(f *Ifnet, arg []byte) abi.Errno {
	a, ok := host4(arg)
	if !ok {
		return abi.EINVAL
	}
	if f.Clone {
		return abi.EOPNOTSUPP
	}
	if slices.ContainsFunc(f.Addrs, func(p netip.Prefix) bool { return p.Addr() == a }) {
		return 0
	}
	if x := n.ifByAddr(a); x != nil && x.Index != f.Index {
		return abi.EEXIST
	}
	p := netip.PrefixFrom(a, classful(a))
	if i := f.first4(); i >= 0 {
		return n.exchangeAddr(f, i, p, f.Peers[f.Addrs[i].Addr()])
	}
	return n.addAddr(f, p, netip.Addr{})
}

// first4 is the place of the first address of IPv4, or -1.
func (f *Ifnet) first4() int {
	for i, p := range f.Addrs {
		if p.Addr().Is4() {
			return i
		}
	}
	return -1
}

// setPeer4 is SIOCSIFDSTADDR. EINVAL where there are no far ends, EADDRNOTAVAIL without
// an address.
func (n *Net) setPeer4(f *Ifnet, arg []byte) abi.Errno {
	if f.Flags&abi.IFF_POINTOPOINT == 0 {
		return abi.EINVAL
	}
	peer, ok := sockaddr4(arg)
	i := f.first4()
	if !ok || i < 0 {
		return abi.EADDRNOTAVAIL
	}
	return n.addAddr(f, f.Addrs[i], peer)
}

// setMask4 is SIOCSIFNETMASK.
func (n *Net) setMask4(f *Ifnet, arg []byte) abi.Errno {
	i := f.first4()
	if i < 0 {
		return abi.EADDRNOTAVAIL
	}
	bits, ok := rtMask(arg[:8], 32)
	if !ok {
		return abi.EINVAL
	}
	p := f.Addrs[i]
	return n.addAddr(f, netip.PrefixFrom(p.Addr(), bits), f.Peers[p.Addr()])
}

// unalias is SIOCDIFADDR and SIOCDIFADDR_IN6: EADDRNOTAVAIL for an address that the
// interface has not.
func (n *Net) unalias(f *Ifnet, arg []byte) abi.Errno {
	a, _, e := rtAddr(arg[:min(len(arg), abi.SockaddrIn6Len)])
	if e != 0 {
		return abi.EADDRNOTAVAIL
	}
	for i, p := range f.Addrs {
		if p.Addr() == a {
			n.dropAddr(f, i)
			return 0
		}
	}
	return abi.EADDRNOTAVAIL
}

// alias6 is SIOCAIFADDR_IN6: address, far end, mask, flags, lifetimes. EINVAL for no
// address, for a mask with holes, and for a far end of a network or of an interface that has
// no far ends. Flags and lifetimes but for the default ones are EOPNOTSUPP.
func (n *Net) alias6(f *Ifnet, arg []byte) abi.Errno {
	const size = abi.SockaddrIn6Len
	le := binary.LittleEndian
	a, _, e := rtAddr(arg[:size])
	if e != 0 || !a.Is6() || a.IsUnspecified() || a.IsMulticast() {
		return abi.EINVAL
	}
	bits := 128
	if mask := arg[2*size : 3*size]; mask[0] != 0 {
		var ok bool
		if bits, ok = rtMask(mask[:min(int(mask[0]), size)], 128); !ok {
			return abi.EINVAL
		}
	}
	var peer netip.Addr
	if dst := arg[size : 2*size]; dst[1] == abi.AF_INET6 {
		peer, _, _ = rtAddr(dst)
		if bits != 128 || f.Flags&(abi.IFF_POINTOPOINT|abi.IFF_LOOPBACK) == 0 {
			return abi.EINVAL
		}
	}
	const in6NoDAD = 0x20 // IN6_IFF_NODAD: addresses are never looked for here
	life := arg[3*size+4:]
	if le.Uint32(arg[3*size:])&^in6NoDAD != 0 || !endless(le.Uint32(life[16:])) || !endless(le.Uint32(life[20:])) {
		return abi.EOPNOTSUPP
	}
	return n.addAddr(f, netip.PrefixFrom(a, bits), peer)
}

// endless says that a lifetime is none (ND6_INFINITE_LIFETIME).
func endless(seconds uint32) bool { return seconds == 0 || seconds == 0xffffffff }
