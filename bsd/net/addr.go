package net

import (
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"puggle/abi"
)

func toAddr(a netip.Addr) tcpip.Address {
	if a.Is4() {
		return tcpip.AddrFrom4(a.As4())
	}
	return tcpip.AddrFrom16(a.As16())
}

func fromAddr(a tcpip.Address) netip.Addr {
	switch a.Len() {
	case 4:
		return netip.AddrFrom4(a.As4())
	case 16:
		return netip.AddrFrom16(a.As16())
	}
	return netip.Addr{}
}

func protocolOf(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return header.IPv4ProtocolNumber
	}
	return header.IPv6ProtocolNumber
}

func subnet(p netip.Prefix) tcpip.Subnet {
	return tcpip.AddressWithPrefix{Address: toAddr(p.Addr()), PrefixLen: p.Bits()}.Subnet()
}

// parseName reads a guest's sockaddr for this socket's family. EINVAL when it
// is too short, EAFNOSUPPORT for another family, ENXIO for a scope that is no
// interface.
func (p *inpcb) parseName(name []byte) (tcpip.FullAddress, abi.Errno) {
	a, port, scope, e := abi.ParseSockaddrIn(name)
	if e != 0 {
		return tcpip.FullAddress{}, e
	}
	if a.Is4() == p.v6 {
		return tcpip.FullAddress{}, abi.EAFNOSUPPORT
	}
	full := tcpip.FullAddress{Addr: toAddr(a), Port: port}
	if a.Is6() && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast()) {
		if scope != 0 && p.n.ifByIndex(int(scope)) == nil {
			return full, abi.ENXIO
		}
		full.NIC = tcpip.NICID(scope)
	}
	return full, 0
}

// sockaddr writes an address of the stack as this socket's family shows it:
// IPv4 on an IPv6 socket is mapped.
func (p *inpcb) sockaddr(f tcpip.FullAddress) []byte {
	a := fromAddr(f.Addr)
	if !p.v6 {
		if !a.Is4() {
			a = netip.IPv4Unspecified()
		}
		return abi.SockaddrIn(a.As4(), f.Port)
	}
	if !a.IsValid() {
		a = netip.IPv6Unspecified()
	}
	scope := uint32(0)
	if a.Is6() && (a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast()) {
		scope = uint32(f.NIC)
	}
	return abi.SockaddrIn6(a.As16(), f.Port, scope)
}

// isOutside says whether an address is reached by en0 (and not by its own
// network or a group).
func isOutside(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsLoopback() && !a.IsUnspecified() && !a.IsMulticast() &&
		!a.IsLinkLocalUnicast() && !guestAddr.Contains(a) && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
