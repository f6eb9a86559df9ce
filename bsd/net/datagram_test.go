package net

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

func TestUDP(t *testing.T) {
	ds, _ := newNet(t, Config{})
	for _, family := range []int{abi.AF_INET, abi.AF_INET6} {
		name := func(port uint16) []byte {
			if family == abi.AF_INET {
				return loop4(port)
			}
			return abi.SockaddrIn6(netip.IPv6Loopback().As16(), port, 0)
		}
		a, b := open(t, ds, family, abi.SOCK_DGRAM), open(t, ds, family, abi.SOCK_DGRAM)
		must(t, b.Bind(newCtx(), name(0)))
		port := portOf(t, b)
		want(t, write(a, "x"), abi.EDESTADDRREQ)
		must(t, a.Sendmsg(newCtx(), &socket.Msg{Name: name(port), Uio: sys.NewUio([]byte("one"))}, false))
		buf := make([]byte, 2)
		m := socket.Msg{Uio: sys.NewUio(buf)}
		must(t, b.Recvmsg(newCtx(), &m, false))
		if string(buf) != "on" || m.OutFlags&abi.MSG_TRUNC == 0 {
			t.Errorf("%q %+v", buf, m)
		}
		if got := binary.BigEndian.Uint16(m.Name[2:]); got != portOf(t, a) {
			t.Errorf("from port %d", got)
		}
		must(t, a.Connect(newCtx(), name(port), false))
		must(t, write(a, ""))
		m = socket.Msg{Uio: sys.NewUio(buf)}
		must(t, b.Recvmsg(newCtx(), &m, false))
		if m.Uio.Resid != 2 {
			t.Error("an empty datagram has bytes")
		}
		e := a.Sendmsg(newCtx(), &socket.Msg{Name: name(port), Uio: sys.NewUio([]byte("x"))}, false)
		want(t, e, abi.EISCONN)
		want(t, a.Write(newCtx(), sys.NewUio(make([]byte, 9217)), 0), abi.EMSGSIZE)
	}
}

func TestUDPRefused(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, a.Connect(newCtx(), loop4(9), false))
	must(t, write(a, "x"))
	_, e := read(a, 1, 0)
	want(t, e, abi.ECONNREFUSED)
}

func TestPktinfo(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, b.Bind(newCtx(), loop4(0)))
	must(t, b.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_RECVDSTADDR, i32(1)))
	must(t, a.Sendmsg(newCtx(), &socket.Msg{Name: loop4(portOf(t, b)), Uio: sys.NewUio([]byte("x"))}, false))
	m := socket.Msg{Uio: sys.NewUio(make([]byte, 2)), ControlMax: 64}
	must(t, b.Recvmsg(newCtx(), &m, false))
	c, e := abi.ParseCmsgs(m.Control)
	must(t, e)
	if len(c) != 1 || c[0].Type != abi.IP_RECVDSTADDR || !bytes.Equal(c[0].Data, []byte{127, 0, 0, 1}) {
		t.Errorf("%+v", c)
	}
}

// TestRaw: root's ICMP sockets see the reply to an echo request, with the IP header
// before it, and not the request, which the kernel has answered.
func TestRaw(t *testing.T) {
	ds, _ := newNet(t, Config{})
	root := newCtx()
	root.Cred = &sys.Cred{}
	a, e := ds.New(root, abi.AF_INET, abi.SOCK_RAW, abi.IPPROTO_ICMP)
	must(t, e)
	defer a.Close(root)
	must(t, a.Bind(root, loop4(0)))
	echo := []byte{8, 0, 0xf7, 0xfd, 0, 1, 0, 1}
	must(t, a.Sendmsg(root, &socket.Msg{Name: loop4(0), Uio: sys.NewUio(bytes.Clone(echo))}, false))
	got, e := read(a, 100, 0)
	must(t, e)
	if len(got) != 28 || got[0] != 0x45 || got[20] != 0 {
		t.Errorf("% x", got)
	}
	// And anybody's ping, without root.
	p, e := ds.New(newCtx(), abi.AF_INET, abi.SOCK_DGRAM, abi.IPPROTO_ICMP)
	must(t, e)
	defer p.Close(newCtx())
	must(t, p.Sendmsg(newCtx(), &socket.Msg{Name: loop4(0), Uio: sys.NewUio(bytes.Clone(echo))}, false))
	e = p.Sendmsg(newCtx(), &socket.Msg{Name: loop4(0), Uio: sys.NewUio([]byte{5, 0, 0, 0, 0, 0, 0, 0})}, false)
	want(t, e, abi.EPERM) // not a redirect
	got, e = read(p, 100, 0)
	must(t, e)
	if len(got) != 28 || got[2] != 8 || got[3] != 0 || got[20] != 0 || got[25] != 1 {
		t.Errorf("% x", got)
	}
	// Without its header, for who asks; and nothing else is there to read.
	must(t, p.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_STRIPHDR, i32(1)))
	must(t, p.Sendmsg(newCtx(), &socket.Msg{Name: loop4(0), Uio: sys.NewUio(bytes.Clone(echo))}, false))
	got, e = read(p, 100, 0)
	must(t, e)
	if len(got) != 8 || got[0] != 0 || got[5] != 1 {
		t.Errorf("without its header: % x", got)
	}
	for _, so := range []*socket.Socket{a, p} {
		for so == a { // the replies to the others
			if _, e := read(a, 100, abi.O_NONBLOCK); e != 0 {
				break
			}
		}
		if so.Filter(sys.EVFILT_READ).Ready(&sys.Knote{}).Ready {
			t.Error("an echo request can be read")
		}
	}
	_, e = open(t, ds, abi.AF_INET, abi.SOCK_DGRAM).Getsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_STRIPHDR, 4)
	want(t, e, abi.ENOPROTOOPT)
}

// TestDontFragment: a datagram longer than the way's MTU is refused rather than
// cut, once the program asks for that; and IPV6_PATHMTU tells the length.
func TestDontFragment(t *testing.T) {
	ds, _ := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, so.Bind(newCtx(), abi.SockaddrIn([4]byte{127, 0, 0, 1}, 12347)))
	must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_SNDBUF, i32(1<<16)))
	send := func(n int) abi.Errno {
		return so.Sendmsg(newCtx(), &socket.Msg{Name: abi.SockaddrIn([4]byte{127, 0, 0, 1}, 12347), Uio: sys.NewUio(make([]byte, n))}, false)
	}
	must(t, send(20000))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_DONTFRAG, i32(1)))
	if b, e := so.Getsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_DONTFRAG, 4); e != 0 || b[0] != 1 {
		t.Errorf("%v %s", b, e.Name())
	}
	want(t, send(20000), abi.EMSGSIZE)
	must(t, send(1000))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_DONTFRAG, i32(0)))
	must(t, send(20000))

	s6 := open(t, ds, abi.AF_INET6, abi.SOCK_DGRAM)
	_, e := s6.Getsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_PATHMTU, 32)
	want(t, e, abi.ENOTCONN)
	must(t, s6.Connect(newCtx(), abi.SockaddrIn6(netip.IPv6Loopback().As16(), 9, 0), false))
	b, e := s6.Getsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_PATHMTU, 32)
	must(t, e)
	if len(b) != 32 || b[28] != 0 || b[29] != 0x40 { // 16384
		t.Errorf("%v", b)
	}
}

// TestTypeOfService sends a datagram with a type of service of its own, and a
// socket of both families hears of it in the terms of IPv6, whichever it came by.
func TestTypeOfService(t *testing.T) {
	ds, _ := newNet(t, Config{})
	to := open(t, ds, abi.AF_INET6, abi.SOCK_DGRAM)
	must(t, to.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_V6ONLY, i32(0)))
	must(t, to.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_RECVTCLASS, i32(1)))
	must(t, to.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_RECVPKTINFO, i32(1)))
	must(t, to.Bind(newCtx(), abi.SockaddrIn6([16]byte{}, 12348, 0)))
	for _, c := range []struct {
		family, level, name int
		addr                []byte
		local               string
	}{
		{abi.AF_INET, abi.IPPROTO_IP, abi.IP_TOS, abi.SockaddrIn([4]byte{127, 0, 0, 1}, 12348), "::ffff:127.0.0.1"},
		{abi.AF_INET6, abi.IPPROTO_IPV6, abi.IPV6_TCLASS, abi.SockaddrIn6(netip.IPv6Loopback().As16(), 12348, 0), "::1"},
	} {
		from := open(t, ds, c.family, abi.SOCK_DGRAM)
		for _, tos := range []int{2, 0} { // by message, then by the socket's own
			m := &socket.Msg{Name: c.addr, Uio: sys.NewUio([]byte("x"))}
			if tos != 0 {
				m.Control = abi.AppendCmsg(nil, c.level, c.name, i32(tos))
			}
			must(t, from.Sendmsg(newCtx(), m, false))
			got := &socket.Msg{Uio: sys.NewUio(make([]byte, 2)), ControlMax: 200}
			must(t, to.Recvmsg(newCtx(), got, false))
			l, e := abi.ParseCmsgs(got.Control)
			must(t, e)
			seen := map[int]string{}
			for _, x := range l {
				if x.Level == abi.IPPROTO_IPV6 {
					seen[x.Type] = string(x.Data)
				}
			}
			if seen[abi.IPV6_TCLASS] != string(i32(tos)) {
				t.Errorf("family %d: traffic class %q, want %d", c.family, seen[abi.IPV6_TCLASS], tos)
			}
			if a, _ := netip.AddrFromSlice([]byte((seen[abi.IPV6_PKTINFO] + "                ")[:16])); a != netip.MustParseAddr(c.local) {
				t.Errorf("family %d: destination %s, want %s", c.family, a, c.local)
			}
		}
	}
}

// TestNoRoom: a receive without room takes a datagram and says who sent it; it does not
// wait for one.
func TestNoRoom(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, a.Bind(newCtx(), loop4(0)))
	must(t, b.Bind(newCtx(), loop4(0)))
	must(t, b.Connect(newCtx(), loop4(portOf(t, a)), false))
	recv := func() (*socket.Msg, abi.Errno) {
		m := &socket.Msg{Uio: sys.NewUio(nil)}
		return m, a.Recvmsg(newCtx(), m, false)
	}
	if m, e := recv(); e != 0 || m.Name != nil {
		t.Errorf("nothing is there: % x %s", m.Name, e.Name())
	}
	must(t, write(b, "one"))
	must(t, write(b, "two"))
	m, e := recv()
	must(t, e)
	if name, _ := b.SockName(); !bytes.Equal(m.Name, name) || m.OutFlags&abi.MSG_TRUNC == 0 {
		t.Errorf("from % x, not % x; flags %#x", m.Name, name, m.OutFlags)
	}
	if got, e := read(a, 9, 0); e != 0 || got != "two" {
		t.Errorf("%q %s", got, e.Name())
	}
}
