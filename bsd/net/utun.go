package net

import (
	"encoding/binary"
	"strconv"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// Packet tunnels (<net/if_utun.h>). A socket that is connected with the control has an
// interface, utun0 for unit 1 and so on, which lasts as long as the connection. What
// the machine sends there is read from the socket, and what is written to it has come in
// there: IP packets, each after its protocol family in 4 bytes, in network order.

const (
	utunSpace = 512 << 10
	utunMTU   = 1500
	maxUtuns  = 64 // bounds the memory of their sockets; XNU's are bounded by memory
)

// utun is one tunnel. As the stack's link it is a channel that holds nothing.
type utun struct {
	*channel.Endpoint
	n       *Net
	p       *socket.ControlPCB
	name    string
	index   int
	pending atomic.Uint32 // UTUN_OPT_MAX_PENDING_PACKETS, kept
}

// utunControl is the control.
type utunControl struct{ n *Net }

// register adds it to the machine's.
func (n *Net) registerUtun(l *socket.Controls) abi.Errno {
	return l.Register(&socket.Control{Name: abi.UTUN_CONTROL_NAME, Flags: socket.CtlPrivileged, SendSize: utunSpace, RecvSize: utunSpace,
		Controller: utunControl{n}})
}

// Connect is utun_ctl_connect: EBUSY for a unit in use, and when there are too many.
func (c utunControl) Connect(_ *sys.Context, p *socket.ControlPCB) abi.Errno {
	n := c.n
	s := n.get()
	if s == nil {
		return abi.ENETDOWN // the machine is going down
	}
	u := &utun{Endpoint: channel.New(0, utunMTU, ""), n: n, p: p}
	u.pending.Store(1)
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	count := 0
	for _, f := range n.interfaces() {
		if f.utun != nil {
			count++
		}
	}
	if count >= maxUtuns {
		return abi.EBUSY
	}
	u.name = utunName(p.Unit())
	if n.ifByName(u.name) != nil {
		return abi.EBUSY
	}
	f := &Ifnet{Name: u.name, Type: abi.IFT_OTHER, MTU: utunMTU, utun: u,
		Flags: abi.IFF_UP | abi.IFF_MULTICAST | abi.IFF_POINTOPOINT | abi.IFF_RUNNING}
	n.attachIf(f)
	u.index = f.Index
	if errno(s.CreateNICWithOptions(tcpip.NICID(f.Index), n.filtered(f.Index, u), stack.NICOptions{Name: u.name, DeliverLinkPackets: true})) != 0 {
		n.detachIf(f)
		return abi.ENOBUFS
	}
	p.Info = u
	return 0
}

func utunName(unit uint32) string { return "utun" + strconv.FormatUint(uint64(unit)-1, 10) }

// Disconnect is utun_ctl_disconnect: the interface goes, with its addresses and routes.
func (c utunControl) Disconnect(_ *sys.Context, p *socket.ControlPCB) {
	n := c.n
	u, _ := p.Info.(*utun)
	if u == nil {
		return // Connect failed
	}
	p.Info = nil
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	if f := n.ifByName(u.name); f != nil && f.utun == u {
		n.detachIf(f)
		n.stack.RemoveNIC(tcpip.NICID(u.index))
	}
}

// Send is what has come in by the tunnel. What is no packet is dropped, as by any
// interface.
func (c utunControl) Send(_ *sys.Context, p *socket.ControlPCB, b []byte, _ int) abi.Errno {
	u := p.Info.(*utun)
	if len(b) < 4 {
		return 0
	}
	var proto tcpip.NetworkProtocolNumber
	switch binary.BigEndian.Uint32(b) {
	case abi.AF_INET:
		proto = header.IPv4ProtocolNumber
	case abi.AF_INET6:
		proto = header.IPv6ProtocolNumber
	default:
		return 0
	}
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(b[4:])})
	defer pkt.DecRef()
	u.InjectInbound(proto, pkt)
	return 0
}

// WritePackets is utun_output: one message for each packet, lost where there is no room.
func (u *utun) WritePackets(pkts stack.PacketBufferList) (int, tcpip.Error) {
	for _, pkt := range pkts.AsSlice() {
		family := uint32(abi.AF_INET)
		if pkt.NetworkProtocolNumber == header.IPv6ProtocolNumber {
			family = abi.AF_INET6
		}
		b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+pkt.Size()), family)
		for _, part := range pkt.AsSlices() {
			b = append(b, part...)
		}
		u.p.Enqueue(b, false, false)
	}
	return pkts.Len(), nil
}

func (c utunControl) Getopt(_ *sys.Context, p *socket.ControlPCB, name, max int) ([]byte, abi.Errno) {
	u := p.Info.(*utun)
	switch name {
	case abi.UTUN_OPT_IFNAME:
		if max < len(u.name)+1 {
			return nil, abi.EMSGSIZE
		}
		return append([]byte(u.name), 0), 0
	case abi.UTUN_OPT_FLAGS, abi.UTUN_OPT_MAX_PENDING_PACKETS:
		if max != 4 {
			return nil, abi.EMSGSIZE
		}
		if name == abi.UTUN_OPT_FLAGS {
			return i32(0), 0
		}
		return i32(int(u.pending.Load())), 0
	}
	return nil, abi.ENOPROTOOPT
}

// Setopt: the flags can be set only before connect (EINVAL), which here takes a bind(2)
// that there is not.
func (c utunControl) Setopt(_ *sys.Context, p *socket.ControlPCB, name int, val []byte) abi.Errno {
	u := p.Info.(*utun)
	switch name {
	case abi.UTUN_OPT_FLAGS:
		if len(val) != 4 {
			return abi.EMSGSIZE
		}
		return abi.EINVAL
	case abi.UTUN_OPT_MAX_PENDING_PACKETS:
		if len(val) != 4 {
			return abi.EMSGSIZE
		}
		if v := binary.LittleEndian.Uint32(val); v != 0 {
			u.pending.Store(v)
			return 0
		}
		return abi.EINVAL
	}
	return abi.ENOPROTOOPT
}
