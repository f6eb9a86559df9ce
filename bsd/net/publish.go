package net

import (
	"context"
	"io"
	hostnet "net"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Publish carries TCP connections to a host address ("127.0.0.1:8080") on to a
// port of the machine, until the closer is closed: on en0, where they come from the
// gateway, or else, for a server that listens there alone, on the loopback.
// The error is the host's, or says that there is no en0.
func (n *Net) Publish(host string, port uint16) (io.Closer, error) {
	if !n.cfg.Outside {
		return nil, errNoOutside
	}
	l, err := hostnet.Listen("tcp", host)
	if err != nil {
		return nil, err
	}
	if !n.atClose(l) {
		l.Close()
		return nil, hostnet.ErrClosed
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go n.publishOne(c.(*hostnet.TCPConn), port)
		}
	}()
	return l, nil
}

type errString string

func (e errString) Error() string { return string(e) }

const errNoOutside = errString("the machine's network has no outside; turn it on to publish a port")

func (n *Net) publishOne(c *hostnet.TCPConn, port uint16) {
	if n.get() == nil {
		c.Close()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	to := tcpip.FullAddress{Addr: toAddr(guestAddr.Addr()), Port: port}
	in, err := gonet.DialTCPWithBind(ctx, n.gateway.stack,
		tcpip.FullAddress{Addr: toAddr(gatewayAddr)}, to, header.IPv4ProtocolNumber)
	if err != nil {
		to = tcpip.FullAddress{NIC: lo0, Addr: toAddr(netip.AddrFrom4([4]byte{127, 0, 0, 1})), Port: port}
		in, err = gonet.DialContextTCP(ctx, n.stack, to, header.IPv4ProtocolNumber)
	}
	if err != nil {
		to = tcpip.FullAddress{NIC: lo0, Addr: toAddr(netip.IPv6Loopback()), Port: port}
		in, err = gonet.DialContextTCP(ctx, n.stack, to, header.IPv6ProtocolNumber)
	}
	if err != nil {
		c.SetLinger(0)
		c.Close()
		return
	}
	splice(in, c)
}

// startResolvers carries port 53 of the host's loopback resolvers to the host,
// so that the host's resolv.conf is good here, too.
func (n *Net) startResolvers() {
	for _, a := range n.cfg.Resolvers {
		if !a.Is4() || !a.IsLoopback() {
			continue
		}
		at := tcpip.FullAddress{NIC: lo0, Addr: toAddr(a), Port: 53}
		if c, err := gonet.DialUDP(n.stack, &at, nil, header.IPv4ProtocolNumber); err == nil {
			go serveUDP(c, a)
		}
		if l, err := gonet.ListenTCP(n.stack, at, header.IPv4ProtocolNumber); err == nil {
			go serveTCP(l, a)
		}
	}
}

// maxQueries bounds the questions on their way to one resolver.
const maxQueries = 256

func serveUDP(c *gonet.UDPConn, a netip.Addr) {
	slots := make(chan struct{}, maxQueries)
	for {
		buf := make([]byte, 4096)
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		select {
		case slots <- struct{}{}:
		default:
			continue
		}
		go func() {
			defer func() { <-slots }()
			out, err := hostnet.Dial("udp", netip.AddrPortFrom(a, 53).String())
			if err != nil {
				return
			}
			defer out.Close()
			out.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := out.Write(buf[:n]); err != nil {
				return
			}
			reply := make([]byte, maxPayload)
			if m, err := out.Read(reply); err == nil {
				c.WriteTo(reply[:m], from)
			}
		}()
	}
}

func serveTCP(l *gonet.TCPListener, a netip.Addr) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			out, err := hostnet.Dial("tcp", netip.AddrPortFrom(a, 53).String())
			if err != nil {
				c.Close()
				return
			}
			splice(c.(*gonet.TCPConn), out.(*hostnet.TCPConn))
		}()
	}
}
