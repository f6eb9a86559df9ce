package net

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

type attach = func(*sys.Context, *socket.Socket) (socket.PCB, abi.Errno)

// transport attaches a socket to a transport protocol of the stack.
func (n *Net) transport(proto tcpip.TransportProtocolNumber, net tcpip.NetworkProtocolNumber) attach {
	return func(ctx *sys.Context, so *socket.Socket) (socket.PCB, abi.Errno) {
		s := n.get()
		if s == nil {
			return nil, abi.ENETDOWN // the machine is going down
		}
		wq := new(waiter.Queue)
		ep, err := s.NewEndpoint(proto, net, wq)
		if err != nil {
			return nil, errno(err)
		}
		return newInpcb(n, so, ep, wq), 0
	}
}

// raw attaches a raw socket: for root alone (EPERM).
func (n *Net) raw(net tcpip.NetworkProtocolNumber) attach {
	return func(ctx *sys.Context, so *socket.Socket) (socket.PCB, abi.Errno) {
		if ctx.Cred == nil || !ctx.Cred.IsSuser() {
			return nil, abi.EPERM
		}
		proto := so.Protocol()
		if proto < 0 || proto > 255 {
			return nil, abi.EPROTONOSUPPORT
		}
		s := n.get()
		if s == nil {
			return nil, abi.ENETDOWN
		}
		wq := new(waiter.Queue)
		ep, err := s.NewRawEndpoint(tcpip.TransportProtocolNumber(proto), net, wq, true)
		if err != nil {
			return nil, errno(err)
		}
		p := newInpcb(n, so, ep, wq)
		p.raw4 = so.Family() == abi.AF_INET
		return p, 0
	}
}

// refuse is the attach of a family that is named but not there.
func refuse(e abi.Errno) attach {
	return func(*sys.Context, *socket.Socket) (socket.PCB, abi.Errno) { return nil, e }
}

// domains are inetsw, inet6sw and routesw.
func (n *Net) domains() []*socket.Domain {
	const v4, v6 = header.IPv4ProtocolNumber, header.IPv6ProtocolNumber
	rows := []struct {
		family, typ, proto int
		any                bool
		attach             attach
	}{
		{abi.AF_INET, abi.SOCK_STREAM, abi.IPPROTO_TCP, false, n.transport(tcp.ProtocolNumber, v4)},
		{abi.AF_INET, abi.SOCK_DGRAM, abi.IPPROTO_UDP, false, n.transport(udp.ProtocolNumber, v4)},
		{abi.AF_INET, abi.SOCK_DGRAM, abi.IPPROTO_ICMP, false, n.ping},
		{abi.AF_INET, abi.SOCK_RAW, abi.IPPROTO_RAW, true, n.raw(v4)},
		{abi.AF_INET6, abi.SOCK_STREAM, abi.IPPROTO_TCP, false, n.transport(tcp.ProtocolNumber, v6)},
		{abi.AF_INET6, abi.SOCK_DGRAM, abi.IPPROTO_UDP, false, n.transport(udp.ProtocolNumber, v6)},
		{abi.AF_INET6, abi.SOCK_DGRAM, abi.IPPROTO_ICMPV6, false, n.transport(icmp.ProtocolNumber6, v6)},
		{abi.AF_INET6, abi.SOCK_RAW, abi.IPPROTO_RAW, true, n.raw(v6)},
		{abi.AF_ROUTE, abi.SOCK_RAW, 0, true, n.attachRoute},
		{abi.AF_NDRV, abi.SOCK_RAW, 0, true, refuse(abi.EPERM)},
	}
	names := map[int]string{abi.AF_INET: "internet", abi.AF_INET6: "internet6",
		abi.AF_ROUTE: "route", abi.AF_NDRV: "NetDriver"}
	var out []*socket.Domain
	byFamily := map[int]*socket.Domain{}
	for _, r := range rows {
		d := byFamily[r.family]
		if d == nil {
			d = &socket.Domain{Family: r.family, Name: names[r.family]}
			byFamily[r.family] = d
			out = append(out, d)
		}
		d.Add(&socket.Protosw{Type: r.typ, Protocol: r.proto, Any: r.any, Attach: r.attach})
	}
	return out
}
