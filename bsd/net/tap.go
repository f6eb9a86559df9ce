package net

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"puggle/abi"
)

// Ethernet frames of en0, for kernel code that wants them. The wire has no frames: their headers
// are made when somebody asks, and ARP is answered for the far end, which takes all addresses of
// the net but our own.

const (
	etherHeader = 14 // bytes: to, from, type
	EtherTypeIP = 0x0800
	etherARP    = 0x0806
	etherIPv6   = 0x86dd
	arpSize     = 28
)

// gatewayEther is the far end's address.
var gatewayEther = []byte{0x02, 0, 10, 0, 2, 2}

// tap stands between en0's wire and the stack.
type tap struct {
	*filteredLink
	mu sync.RWMutex
	up stack.NetworkDispatcher
	f  func(frame []byte)
}

func (t *tap) Attach(d stack.NetworkDispatcher) {
	t.mu.Lock()
	t.up = d
	t.mu.Unlock()
	if d == nil {
		t.filteredLink.Attach(nil)
		return
	}
	t.filteredLink.Attach(t)
}

func (t *tap) get() (stack.NetworkDispatcher, func([]byte)) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.up, t.f
}

// DeliverNetworkPacket is a packet that has come by the wire.
func (t *tap) DeliverNetworkPacket(proto tcpip.NetworkProtocolNumber, pkt *stack.PacketBuffer) {
	up, f := t.get()
	switch {
	case f != nil:
		f(append(etherFrame(proto), flat(pkt)...))
	case up != nil:
		up.DeliverNetworkPacket(proto, pkt)
	}
}

func (t *tap) DeliverLinkPacket(proto tcpip.NetworkProtocolNumber, pkt *stack.PacketBuffer) {
	if up, _ := t.get(); up != nil {
		up.DeliverLinkPacket(proto, pkt)
	}
}

func etherFrame(proto tcpip.NetworkProtocolNumber) []byte {
	b := make([]byte, 0, 1514)
	b = append(append(b, defaultEther...), gatewayEther...)
	return binary.BigEndian.AppendUint16(b, uint16(proto))
}

// Tap gives the frames that come in by en0 to f, instead of to the stack, until the machine ends; EtherInput gives
// those that nobody wants to the stack. f must not block. EBUSY if there is a tap, ENXIO without en0.
func (n *Net) Tap(f func(frame []byte)) abi.Errno {
	n.get()
	t := n.tap
	if t == nil {
		return abi.ENXIO
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.f != nil {
		return abi.EBUSY
	}
	t.f = f
	return 0
}

// EtherAddress is en0's; nil without one.
func (n *Net) EtherAddress() []byte {
	if f := n.ifByIndex(en0); f != nil {
		return slices.Clone(f.Lladdr)
	}
	return nil
}

// EtherInput gives a frame's packet to the stack, as en0 does when there is no tap. What is no packet of IP
// is dropped.
func (n *Net) EtherInput(frame []byte) {
	if n.tap == nil || len(frame) < etherHeader {
		return
	}
	proto, ok := protocolOfPacket(frame[etherHeader:])
	up, _ := n.tap.get()
	if !ok || up == nil {
		return
	}
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(slices.Clone(frame[etherHeader:]))})
	defer pkt.DecRef()
	up.DeliverNetworkPacket(proto, pkt)
}

// EtherOutput puts a frame on en0's wire. EMSGSIZE for one that is too long, EINVAL for one that is
// too short, ENXIO without en0. Other protocols than IP and ARP are lost: nobody is there who has them.
func (n *Net) EtherOutput(frame []byte) abi.Errno {
	n.get()
	switch {
	case n.tap == nil:
		return abi.ENXIO
	case len(frame) < etherHeader:
		return abi.EINVAL
	case len(frame) > etherHeader+1500:
		return abi.EMSGSIZE
	}
	body := slices.Clone(frame[etherHeader:])
	switch binary.BigEndian.Uint16(frame[12:]) {
	case EtherTypeIP:
		if echoesWorld(body) {
			return 0
		}
		pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(body)})
		pkt.NetworkProtocolNumber = header.IPv4ProtocolNumber
		var l stack.PacketBufferList
		l.PushBack(pkt)
		defer pkt.DecRef()
		n.tap.filteredLink.Endpoint.WritePackets(l)
	case etherARP:
		if reply := arpReply(body); reply != nil {
			if _, f := n.tap.get(); f != nil {
				f(append(etherFrame(etherARP), reply...))
			}
		}
	}
	return 0
}

// echoesWorld is forWorld of a packet in one piece.
func echoesWorld(b []byte) bool {
	h := header.IPv4(b)
	if !h.IsValid(len(b)) || h.TransportProtocol() != header.ICMPv4ProtocolNumber {
		return false
	}
	p := h.Payload()
	return len(p) > 0 && header.ICMPv4(append(p[:1:1], make([]byte, 7)...)).Type() == header.ICMPv4Echo &&
		!guestAddr.Contains(fromAddr(h.DestinationAddress()))
}

// arpReply answers a question for an address of en0's net; nil for none.
func arpReply(b []byte) []byte {
	if len(b) < arpSize || !bytes.Equal(b[:8], []byte{0, 1, 8, 0, 6, 4, 0, 1}) {
		return nil
	}
	who := [4]byte(b[24:28])
	if a := fromAddr(tcpip.AddrFrom4(who)); !guestAddr.Contains(a) || a == guestAddr.Addr() {
		return nil
	}
	r := append([]byte{0, 1, 8, 0, 6, 4, 0, 2}, gatewayEther...)
	r = append(r, who[:]...)
	return append(r, b[8:18]...)
}
