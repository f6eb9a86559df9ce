package net

import (
	"encoding/binary"
	"errors"
	"syscall"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// unreachCode is the ICMP code by which a router would have told what the host
// was told; false when the host was told nothing that ICMP can say.
func unreachCode(err error) (header.ICMPv4Code, bool) {
	switch {
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return header.ICMPv4NetUnreachable, true
	case errors.Is(err, syscall.EHOSTUNREACH):
		return header.ICMPv4HostUnreachable, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return header.ICMPv4PortUnreachable, true
	}
	return 0, false
}

// unreachable tells the guest's endpoint of a flow that its packets do not
// arrive: an ICMP message with the header of the packet that would have been.
func (g *gateway) unreachable(proto tcpip.TransportProtocolNumber, id stack.TransportEndpointID, code header.ICMPv4Code) {
	const inner = header.IPv4MinimumSize + 8
	const icmpLen = header.ICMPv4MinimumSize + inner
	b := make([]byte, header.IPv4MinimumSize+icmpLen)
	encodeIPv4(b, header.ICMPv4ProtocolNumber, icmpLen, id.LocalAddress, id.RemoteAddress)
	icmp := header.ICMPv4(b[header.IPv4MinimumSize:])
	icmp.SetType(header.ICMPv4DstUnreachable)
	icmp.SetCode(code)
	lost := icmp[header.ICMPv4MinimumSize:]
	encodeIPv4(lost, proto, 8, id.RemoteAddress, id.LocalAddress)
	binary.BigEndian.PutUint16(lost[header.IPv4MinimumSize:], id.RemotePort)
	binary.BigEndian.PutUint16(lost[header.IPv4MinimumSize+2:], id.LocalPort)
	icmp.SetChecksum(^checksum.Checksum(icmp, 0))

	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(b)})
	defer pkt.DecRef()
	pkt.NetworkProtocolNumber = header.IPv4ProtocolNumber
	var list stack.PacketBufferList
	list.PushBack(pkt)
	g.link.WritePackets(list)
}

// encodeIPv4 writes an IPv4 header for n bytes of proto.
func encodeIPv4(b []byte, proto tcpip.TransportProtocolNumber, n int, src, dst tcpip.Address) {
	h := header.IPv4(b)
	h.Encode(&header.IPv4Fields{
		TotalLength: uint16(header.IPv4MinimumSize + n),
		TTL:         64,
		Protocol:    uint8(proto),
		SrcAddr:     src,
		DstAddr:     dst,
	})
	h.SetChecksum(^h.CalculateChecksum())
}
