package net

import (
	"net/netip"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
)

// place is an address to listen at, and whether by IPv6 alone.
type place struct {
	family int
	addr   string
	only   bool
}

func (p place) open(t *testing.T, ds *socket.Domains, typ int, port uint16) (*socket.Socket, abi.Errno) {
	so := open(t, ds, p.family, typ)
	if p.family == abi.AF_INET6 {
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_V6ONLY, i32(boolInt(p.only))))
	}
	a := netip.MustParseAddr(p.addr)
	name := abi.SockaddrIn6(a.As16(), port, 0)
	if p.family == abi.AF_INET {
		name = abi.SockaddrIn(a.As4(), port)
	}
	if typ == abi.SOCK_STREAM {
		must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_REUSEADDR, i32(1)))
	}
	if e := so.Bind(newCtx(), name); e != 0 {
		return so, e
	}
	if typ == abi.SOCK_STREAM {
		return so, so.Listen(newCtx(), 5)
	}
	return so, 0
}

// TestListenTwice: which pairs of listeners may share a port, on Darwin.
func TestListenTwice(t *testing.T) {
	var (
		any4  = place{abi.AF_INET, "0.0.0.0", false}
		any6  = place{abi.AF_INET6, "::", true}
		both  = place{abi.AF_INET6, "::", false}
		map0  = place{abi.AF_INET6, "::ffff:0.0.0.0", false}
		map1  = place{abi.AF_INET6, "::ffff:127.0.0.1", false}
		loop  = place{abi.AF_INET, "127.0.0.1", false}
		loop6 = place{abi.AF_INET6, "::1", false}
	)
	for _, c := range []struct {
		a, b place
		e    abi.Errno
	}{
		{both, both, abi.EADDRINUSE},
		{both, map0, abi.EADDRINUSE},
		{map0, both, abi.EADDRINUSE},
		{any4, any4, abi.EADDRINUSE},
		{any6, any6, abi.EADDRINUSE},
		{any4, any6, 0},
		{any6, any4, 0},
		{loop, loop6, 0},
		{loop6, loop, 0},
		{loop, loop, abi.EADDRINUSE},
		{map1, map1, abi.EADDRINUSE},
		{map1, loop, abi.EADDRINUSE},
		{loop6, loop6, abi.EADDRINUSE},
	} {
		for _, typ := range []int{abi.SOCK_STREAM, abi.SOCK_DGRAM} {
			ds, _ := newNet(t, Config{})
			a, e := c.a.open(t, ds, typ, 0)
			must(t, e)
			if _, e := c.b.open(t, ds, typ, portOf(t, a)); e != c.e {
				t.Errorf("type %d, %v then %v: %s, want %s", typ, c.a, c.b, e.Name(), c.e.Name())
			}
		}
	}
}

// TestListenAgain: a port is free for a new listener as soon as the old one is
// closed, whatever its connections do.
func TestListenAgain(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	s.Close(newCtx()) // TIME_WAIT is on the listener's side
	c.Close(newCtx())
	l.Close(newCtx())
	listener(t, ds, loop4(port))
}
