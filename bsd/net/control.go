package net

import (
	"encoding/binary"

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
// too, never ignored.
func (p *inpcb) sendControl(m *socket.Msg, opts *tcpip.WriteOptions) abi.Errno {
	le := binary.LittleEndian
	out := &opts.ControlMessages
	for _, c := range m.Cmsgs() {
		switch (optKey{c.Level, c.Type}) {
		case optKey{abi.IPPROTO_IP, abi.IP_TTL}:
			if len(c.Data) < 4 || p.v6 {
				return abi.EINVAL
			}
			out.HasTTL, out.TTL = true, uint8(le.Uint32(c.Data))
		case optKey{abi.IPPROTO_IPV6, abi.IPV6_HOPLIMIT}, optKey{abi.IPPROTO_IPV6, abi.IPV6_2292HOPLIMIT}:
			if len(c.Data) < 4 || !p.v6 {
				return abi.EINVAL
			}
			if n := int32(le.Uint32(c.Data)); n >= 0 && n <= 255 {
				out.HasHopLimit, out.HopLimit = true, uint8(n)
			} else if n != -1 {
				return abi.EINVAL
			}
		case optKey{abi.IPPROTO_IPV6, abi.IPV6_PKTINFO}, optKey{abi.IPPROTO_IPV6, abi.IPV6_2292PKTINFO}:
			if len(c.Data) < 20 || !p.v6 {
				return abi.EINVAL
			}
			out.HasIPv6PacketInfo = true
			out.IPv6PacketInfo.NIC = tcpip.NICID(le.Uint32(c.Data[16:]))
			if a := addrOf(c.Data[:16]); !a.IsUnspecified() {
				out.IPv6PacketInfo.Addr = toAddr(a)
			}
			if n := int(out.IPv6PacketInfo.NIC); n != 0 && p.n.ifByIndex(n) == nil {
				return abi.ENXIO
			}
		case optKey{abi.IPPROTO_IP, abi.IP_PKTINFO}:
			if len(c.Data) < 12 || p.v6 {
				return abi.EINVAL
			}
			// The interface; a source address other than its own is refused.
			n := int(le.Uint32(c.Data))
			ifp := p.n.ifByIndex(n)
			if n != 0 && ifp == nil {
				return abi.ENXIO
			}
			if a := addrOf(c.Data[4:8]); !a.IsUnspecified() && p.n.ifByAddr(a) == nil {
				return abi.EADDRNOTAVAIL
			}
			if n != 0 && opts.To != nil {
				opts.To.NIC = tcpip.NICID(n)
			}
		default:
			return abi.EINVAL
		}
	}
	return 0
}
