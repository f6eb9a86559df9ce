package net

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"

	"puggle/abi"
	"puggle/bsd/socket"
)

// recvOptions are the control messages that a socket asks for.
type recvOptions struct {
	dstAddr, iface, pktinfo, ttl, tos             bool
	pktinfo6, pktinfo2292, hops, hops2292, tclass bool
}

// receiveControl appends what came with a datagram to m, in Darwin's order.
func (p *inpcb) receiveControl(m *socket.Msg, want recvOptions, c *tcpip.ReceivableControlMessages) {
	if m.ControlMax == 0 {
		return
	}
	le := binary.LittleEndian
	if p.so.Option(abi.SO_TIMESTAMP) && !c.Timestamp.IsZero() {
		b := le.AppendUint64(nil, uint64(c.Timestamp.Unix()))
		b = le.AppendUint64(b, uint64(c.Timestamp.Nanosecond()/1000))
		m.AddControl(abi.SOL_SOCKET, abi.SCM_TIMESTAMP, b)
	}
	if c.HasIPPacketInfo {
		dst := c.PacketInfo.DestinationAddr.AsSlice()
		if want.dstAddr {
			m.AddControl(abi.IPPROTO_IP, abi.IP_RECVDSTADDR, dst)
		}
		if want.iface {
			if ifp := p.n.ifByIndex(int(c.PacketInfo.NIC)); ifp != nil {
				m.AddControl(abi.IPPROTO_IP, abi.IP_RECVIF, ifp.sockaddrDl())
			}
		}
		if want.pktinfo {
			b := le.AppendUint32(nil, uint32(c.PacketInfo.NIC))
			b = append(b, c.PacketInfo.LocalAddr.AsSlice()...)
			m.AddControl(abi.IPPROTO_IP, abi.IP_PKTINFO, append(b, dst...))
		}
	}
	if want.ttl && c.HasTTL {
		m.AddControl(abi.IPPROTO_IP, abi.IP_RECVTTL, []byte{c.TTL})
	}
	if want.tos && c.HasTOS {
		m.AddControl(abi.IPPROTO_IP, abi.IP_RECVTOS, []byte{c.TOS})
	}
	if p.v6 {
		// What came by IPv4 to a socket of IPv6 is told in the terms of that.
		if c.HasTOS && want.tclass {
			m.AddControl(abi.IPPROTO_IPV6, abi.IPV6_TCLASS, i32(int(c.TOS)))
		}
		if c.HasIPPacketInfo && (want.pktinfo6 || want.pktinfo2292) {
			a := netip.AddrFrom16(fromAddr(c.PacketInfo.DestinationAddr).As16()).As16()
			name := abi.IPV6_PKTINFO
			if !want.pktinfo6 {
				name = abi.IPV6_2292PKTINFO
			}
			m.AddControl(abi.IPPROTO_IPV6, name, le.AppendUint32(a[:], uint32(c.PacketInfo.NIC)))
		}
	}
	if c.HasIPv6PacketInfo {
		a := fromAddr(c.IPv6PacketInfo.Addr).As16()
		b := le.AppendUint32(a[:], uint32(c.IPv6PacketInfo.NIC))
		if want.pktinfo6 {
			m.AddControl(abi.IPPROTO_IPV6, abi.IPV6_PKTINFO, b)
		} else if want.pktinfo2292 {
			m.AddControl(abi.IPPROTO_IPV6, abi.IPV6_2292PKTINFO, b)
		}
	}
	if c.HasHopLimit {
		if want.hops {
			m.AddControl(abi.IPPROTO_IPV6, abi.IPV6_HOPLIMIT, i32(int(c.HopLimit)))
		} else if want.hops2292 {
			m.AddControl(abi.IPPROTO_IPV6, abi.IPV6_2292HOPLIMIT, i32(int(c.HopLimit)))
		}
	}
	if want.tclass && c.HasTClass {
		m.AddControl(abi.IPPROTO_IPV6, abi.IPV6_TCLASS, i32(int(c.TClass)))
	}
}

// sendControl reads the control messages of a datagram to send. EINVAL for a
// message of the wrong size; what has no meaning here is refused with EINVAL,
// too, never ignored. tos is the datagram's type of service or traffic class, -1
// for the socket's.
func (p *inpcb) sendControl(m *socket.Msg, opts *tcpip.WriteOptions) (tos int, e abi.Errno) {
	tos = -1
	le := binary.LittleEndian
	out := &opts.ControlMessages
	for _, c := range m.Cmsgs() {
		switch (optKey{c.Level, c.Type}) {
		case optKey{abi.IPPROTO_IP, abi.IP_TOS}, optKey{abi.IPPROTO_IPV6, abi.IPV6_TCLASS}:
			// Either on a socket of IPv6, which may send to an address of IPv4.
			n, e := intOf(c.Data)
			if e != 0 || n < 0 || n > 255 || c.Level == abi.IPPROTO_IPV6 && !p.v6 {
				return -1, abi.EINVAL
			}
			tos = n
		case optKey{abi.IPPROTO_IP, abi.IP_TTL}:
			if len(c.Data) < 4 || p.v6 {
				return -1, abi.EINVAL
			}
			out.HasTTL, out.TTL = true, uint8(le.Uint32(c.Data))
		case optKey{abi.IPPROTO_IPV6, abi.IPV6_HOPLIMIT}, optKey{abi.IPPROTO_IPV6, abi.IPV6_2292HOPLIMIT}:
			if len(c.Data) < 4 || !p.v6 {
				return -1, abi.EINVAL
			}
			if n := int32(le.Uint32(c.Data)); n >= 0 && n <= 255 {
				out.HasHopLimit, out.HopLimit = true, uint8(n)
			} else if n != -1 {
				return -1, abi.EINVAL
			}
		case optKey{abi.IPPROTO_IPV6, abi.IPV6_PKTINFO}, optKey{abi.IPPROTO_IPV6, abi.IPV6_2292PKTINFO}:
			if len(c.Data) < 20 || !p.v6 {
				return -1, abi.EINVAL
			}
			out.HasIPv6PacketInfo = true
			out.IPv6PacketInfo.NIC = tcpip.NICID(le.Uint32(c.Data[16:]))
			if a := addrOf(c.Data[:16]); !a.IsUnspecified() {
				out.IPv6PacketInfo.Addr = toAddr(a)
			}
			if n := int(out.IPv6PacketInfo.NIC); n != 0 && p.n.ifByIndex(n) == nil {
				return -1, abi.ENXIO
			}
		case optKey{abi.IPPROTO_IP, abi.IP_PKTINFO}:
			if len(c.Data) < 12 || p.v6 {
				return -1, abi.EINVAL
			}
			// The interface; a source address other than its own is refused.
			n := int(le.Uint32(c.Data))
			ifp := p.n.ifByIndex(n)
			if n != 0 && ifp == nil {
				return -1, abi.ENXIO
			}
			if a := addrOf(c.Data[4:8]); !a.IsUnspecified() && p.n.ifByAddr(a) == nil {
				return -1, abi.EADDRNOTAVAIL
			}
			if n != 0 && opts.To != nil {
				opts.To.NIC = tcpip.NICID(n)
			}
		default:
			return -1, abi.EINVAL
		}
	}
	return tos, 0
}

// writeTOS sends a datagram with a type of service of its own. The stack knows
// only the socket's: that is changed for as long as it takes, and what other
// threads send at that moment may have it, too.
func (p *inpcb) writeTOS(b tcpip.Payloader, opts tcpip.WriteOptions, tos int) (int64, tcpip.Error) {
	p.tosMu.Lock()
	defer p.tosMu.Unlock()
	set := []tcpip.SockOptInt{tcpip.IPv4TOSOption}
	if p.v6 {
		set = append(set, tcpip.IPv6TrafficClassOption)
	}
	for _, o := range set {
		old, err := p.ep.GetSockOptInt(o)
		if err != nil {
			return 0, err
		}
		if err := p.ep.SetSockOptInt(o, tos); err != nil {
			return 0, err
		}
		defer p.ep.SetSockOptInt(o, old)
	}
	return p.ep.Write(b, opts)
}
