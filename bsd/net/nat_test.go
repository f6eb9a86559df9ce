package net

import (
	"io"
	hostnet "net"
	"net/netip"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// outside is a network with a way to the host's loopback, which is as far as
// tests go.
func outside(t *testing.T) (*socket.Domains, *Net) {
	return newNet(t, Config{Outside: true, HostLoopback: true})
}

func gatewayName(port int) []byte { return abi.SockaddrIn(gatewayAddr.As4(), uint16(port)) }

func TestNATTCP(t *testing.T) {
	ds, _ := outside(t)
	l, err := hostnet.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		io.Copy(c, c) // echo until the guest's end of file
		c.Close()
	}()
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), gatewayName(l.Addr().(*hostnet.TCPAddr).Port), false))
	must(t, write(c, "through"))
	got, e := read(c, 7, 0)
	must(t, e)
	if got != "through" {
		t.Errorf("got %q", got)
	}
	must(t, c.Shutdown(newCtx(), abi.SHUT_WR))
	if got, e = read(c, 1, 0); e != 0 || got != "" {
		t.Errorf("no end of file: %q %s", got, e.Name())
	}
}

func TestNATRefused(t *testing.T) {
	ds, _ := outside(t)
	l, err := hostnet.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*hostnet.TCPAddr).Port
	l.Close()
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	want(t, c.Connect(newCtx(), gatewayName(port), false), abi.ECONNREFUSED)

	// Without HostLoopback the gateway has no ports.
	ds2, _ := newNet(t, Config{Outside: true})
	l2, err := hostnet.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l2.Close()
	c = open(t, ds2, abi.AF_INET, abi.SOCK_STREAM)
	want(t, c.Connect(newCtx(), gatewayName(l2.Addr().(*hostnet.TCPAddr).Port), false), abi.ECONNREFUSED)
}

func TestNATUDP(t *testing.T) {
	ds, _ := outside(t)
	pc, err := hostnet.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	go func() {
		buf := make([]byte, 100)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			pc.WriteTo(buf[:n], from)
		}
	}()
	c := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	name := gatewayName(pc.LocalAddr().(*hostnet.UDPAddr).Port)
	for _, s := range []string{"one", "two"} {
		must(t, c.Sendmsg(newCtx(), &socket.Msg{Name: name, Uio: sys.NewUio([]byte(s))}, false))
		m := socket.Msg{Uio: sys.NewUio(make([]byte, 3))}
		must(t, c.Recvmsg(newCtx(), &m, false))
		if string(m.Name) != string(name) {
			t.Errorf("from % x", m.Name)
		}
	}
}

func TestPublish(t *testing.T) {
	ds, n := outside(t)
	l, port := listener(t, ds, abi.SockaddrIn([4]byte{}, 0))
	p, err := n.Publish("127.0.0.1:0", port)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	addr := p.(hostnet.Listener).Addr().String()
	c, err := hostnet.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	s, peer, e := l.Accept(newCtx(), false)
	must(t, e)
	defer s.Close(newCtx())
	if a, _, _, _ := abi.ParseSockaddrIn(peer); a != gatewayAddr {
		t.Errorf("from %v", a)
	}
	must(t, write(s, "hi"))
	buf := make([]byte, 2)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "hi" {
		t.Errorf("%q %v", buf, err)
	}
}

// TestPublishLoopback: a server that listens on a loopback address alone is reached, too.
func TestPublishLoopback(t *testing.T) {
	ds, n := outside(t)
	v4, port4 := listener(t, ds, abi.SockaddrIn([4]byte{127, 0, 0, 1}, 0))
	v6, port6 := listener(t, ds, abi.SockaddrIn6(netip.IPv6Loopback().As16(), 0, 0))
	for _, s := range []struct {
		l    *socket.Socket
		port uint16
	}{{v4, port4}, {v6, port6}} {
		p, err := n.Publish("127.0.0.1:0", s.port)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		c, err := hostnet.Dial("tcp", p.(hostnet.Listener).Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		in, peer, e := s.l.Accept(newCtx(), false)
		must(t, e)
		defer in.Close(newCtx())
		if a, _, _, _ := abi.ParseSockaddrIn(peer); !a.IsLoopback() {
			t.Errorf("from %v", a)
		}
		must(t, write(in, "hi"))
		buf := make([]byte, 2)
		if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "hi" {
			t.Errorf("%q %v", buf, err)
		}
	}
}

func TestLinkLocalLoopback(t *testing.T) {
	ds, _ := newNet(t, Config{})
	ll := netip.MustParseAddr("fe80::1").As16()
	l, port := listener(t, ds, abi.SockaddrIn6(ll, 0, lo0))
	c := open(t, ds, abi.AF_INET6, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), abi.SockaddrIn6(ll, port, lo0), false))
	s, peer, e := l.Accept(newCtx(), false)
	must(t, e)
	s.Close(newCtx())
	if _, _, scope, _ := abi.ParseSockaddrIn(peer); scope != lo0 {
		t.Errorf("scope %d", scope)
	}
	name, _ := c.SockName()
	if _, _, scope, _ := abi.ParseSockaddrIn(name); scope != lo0 {
		t.Errorf("own scope %d", scope)
	}
}

// TestNATUnreachable: what the host hears reaches the guest's sockets.
func TestNATUnreachable(t *testing.T) {
	ds, n := outside(t)
	c := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	pc, err := hostnet.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := pc.LocalAddr().(*hostnet.UDPAddr).Port
	pc.Close() // nobody is there any more
	must(t, c.Connect(newCtx(), gatewayName(port), false))
	must(t, write(c, "x"))
	_, e := read(c, 1, 0)
	want(t, e, abi.ECONNREFUSED)

	// A connection on its way hears of ICMP, too: the SYN goes where the
	// gateway keeps silent.
	s := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	n.gateway.stack.SetTransportProtocolHandler(tcp.ProtocolNumber,
		func(id stack.TransportEndpointID, pkt *stack.PacketBuffer) bool {
			go n.gateway.unreachable(tcp.ProtocolNumber, id, header.ICMPv4HostUnreachable)
			return true
		})
	want(t, s.Connect(newCtx(), gatewayName(80), false), abi.EHOSTUNREACH)
	v, e := s.Getsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_ERROR, 4)
	if e != 0 || v[0] != 0 {
		t.Errorf("the error is told twice: % x %s", v, e.Name())
	}
}
