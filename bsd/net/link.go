package net

import (
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Link is what kernel code has behind an interface of IP.
type Link interface {
	// Output is told of a packet that leaves, and of the next host on its way. The stack's
	// locks are held: it must not block. The packet is its own.
	Output(packet []byte, next netip.Addr)
	// Ioctl is asked before an ioctl of ifSet changes the interface; arg is what follows
	// the name. An errno refuses. No lock is held.
	Ioctl(ctx *sys.Context, cmd uint64, arg []byte) abi.Errno
}

// LinkIf is an interface with a Link. As the stack's link it is a channel that holds nothing.
type LinkIf struct {
	*channel.Endpoint
	n     *Net
	link  Link
	name  string
	index int
}

// maxLinks bounds the interfaces of kernel code.
const maxLinks = 64

// AttachLink makes an interface, of a type IFT_* and with flags IFF_*; mtu is in bytes. EEXIST for
// a name in use, EINVAL for a name or an mtu that can't be, ENOBUFS, ENETDOWN at the machine's end.
func (n *Net) AttachLink(name string, typ byte, mtu, flags uint32, l Link) (*LinkIf, abi.Errno) {
	if name == "" || len(name) >= abi.IFNAMSIZ || mtu < abi.IF_MINMTU || mtu > abi.IF_MAXMTU {
		return nil, abi.EINVAL
	}
	s := n.get()
	if s == nil {
		return nil, abi.ENETDOWN
	}
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	count := 0
	for _, f := range n.interfaces() {
		if f.link != nil {
			count++
		}
	}
	switch {
	case n.ifByName(name) != nil:
		return nil, abi.EEXIST
	case count >= maxLinks:
		return nil, abi.ENOBUFS
	}
	i := &LinkIf{Endpoint: channel.New(0, mtu, ""), n: n, link: l, name: name}
	f := &Ifnet{Name: name, Type: typ, MTU: mtu, Flags: flags, link: i}
	n.attachIf(f)
	i.index = f.Index
	if errno(s.CreateNICWithOptions(tcpip.NICID(f.Index), n.filtered(f.Index, i), stack.NICOptions{Name: name, DeliverLinkPackets: true, Disabled: flags&abi.IFF_UP == 0})) != 0 {
		n.detachIf(f)
		return nil, abi.ENOBUFS
	}
	return i, 0
}

// Detach takes the interface away, with its addresses and routes.
func (i *LinkIf) Detach() {
	n := i.n
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	if f := n.ifByName(i.name); f != nil && f.link == i {
		n.detachIf(f)
		n.stack.RemoveNIC(tcpip.NICID(i.index))
	}
}

// Input is a packet that has come. What is no packet of IP is dropped.
func (i *LinkIf) Input(packet []byte) {
	if proto, ok := protocolOfPacket(packet); ok {
		pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(slices.Clone(packet))})
		defer pkt.DecRef()
		i.InjectInbound(proto, pkt)
	}
}

func protocolOfPacket(b []byte) (tcpip.NetworkProtocolNumber, bool) {
	switch header.IPVersion(b) {
	case header.IPv4Version:
		return header.IPv4ProtocolNumber, true
	case header.IPv6Version:
		return header.IPv6ProtocolNumber, true
	}
	return 0, false
}

// WritePackets gives what leaves to the Link.
func (i *LinkIf) WritePackets(pkts stack.PacketBufferList) (int, tcpip.Error) {
	for _, pkt := range pkts.AsSlice() {
		next := pkt.EgressRoute.NextHop
		if next.Len() == 0 {
			next = pkt.EgressRoute.RemoteAddress
		}
		i.link.Output(flat(pkt), fromAddr(next))
	}
	return pkts.Len(), nil
}

// flat is a packet in one piece.
func flat(pkt *stack.PacketBuffer) []byte {
	b := make([]byte, 0, pkt.Size())
	for _, part := range pkt.AsSlices() {
		b = append(b, part...)
	}
	return b
}

// linked finds the link of an interface, nil for others.
func (n *Net) linked(name string) Link {
	if f := n.ifByName(name); f != nil && f.link != nil {
		return f.link.link
	}
	return nil
}
