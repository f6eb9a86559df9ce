package net

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func newCtx() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("test"), PID: 7, Cred: &sys.Cred{UID: 501, GID: 20}}
}

func newNet(t *testing.T, cfg Config) (*socket.Domains, *Net) {
	t.Helper()
	ds := socket.NewDomains()
	n, e := New(ds, cfg)
	must(t, e)
	return ds, n
}

func must(t *testing.T, e abi.Errno) {
	t.Helper()
	if e != 0 {
		t.Fatalf("unexpected %s", e.Name())
	}
}

func want(t *testing.T, e, w abi.Errno) {
	t.Helper()
	if e != w {
		t.Fatalf("got %s, want %s", e.Name(), w.Name())
	}
}

func loop4(port uint16) []byte { return abi.SockaddrIn([4]byte{127, 0, 0, 1}, port) }

func open(t *testing.T, ds *socket.Domains, family, typ int) *socket.Socket {
	t.Helper()
	so, e := ds.New(newCtx(), family, typ, 0)
	must(t, e)
	t.Cleanup(func() { so.Close(newCtx()) })
	return so
}

func portOf(t *testing.T, so *socket.Socket) uint16 {
	t.Helper()
	name, e := so.SockName()
	must(t, e)
	return binary.BigEndian.Uint16(name[2:])
}

func listener(t *testing.T, ds *socket.Domains, name []byte) (*socket.Socket, uint16) {
	t.Helper()
	l := open(t, ds, int(name[1]), abi.SOCK_STREAM)
	must(t, l.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_REUSEADDR, i32(1)))
	must(t, l.Bind(newCtx(), name))
	must(t, l.Listen(newCtx(), 10))
	return l, portOf(t, l)
}

func read(so *socket.Socket, n, flags int) (string, abi.Errno) {
	b := make([]byte, n)
	u := sys.NewUio(b)
	e := so.Read(newCtx(), u, flags)
	return string(b[:n-int(u.Resid)]), e
}

func write(so *socket.Socket, s string) abi.Errno {
	return so.Write(newCtx(), sys.NewUio([]byte(s)), 0)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func TestLazy(t *testing.T) {
	_, n := newNet(t, Config{})
	if n.Started() {
		t.Error("the stack runs before there is a socket")
	}
}

func TestTCP(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	if port < 49152 {
		t.Errorf("ephemeral port %d", port)
	}
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	want(t, write(c, "x"), abi.ENOTCONN)
	_, e := read(c, 1, 0)
	want(t, e, abi.ENOTCONN)
	_, e = c.PeerName()
	want(t, e, abi.ENOTCONN)
	must(t, c.Connect(newCtx(), loop4(port), false))
	want(t, c.Connect(newCtx(), loop4(port), false), abi.EISCONN)
	s, peer, e := l.Accept(newCtx(), false)
	must(t, e)
	defer s.Close(newCtx())
	if me, _ := c.SockName(); !bytes.Equal(me, peer) {
		t.Errorf("peer % x, client % x", peer, me)
	}
	must(t, write(c, "hello"))
	got, e := read(s, 100, 0)
	must(t, e)
	if got != "hello" {
		t.Errorf("got %q", got)
	}
	_, e = read(s, 1, abi.O_NONBLOCK)
	want(t, e, abi.EAGAIN)
	must(t, c.Shutdown(newCtx(), abi.SHUT_WR))
	if got, e = read(s, 1, 0); e != 0 || got != "" {
		t.Errorf("no end of file: %q %s", got, e.Name())
	}
	if r := s.Filter(sys.EVFILT_READ).Ready(nil); !r.EOF || !r.Ready {
		t.Errorf("%+v", r)
	}
	want(t, write(c, "x"), abi.EPIPE)
	must(t, write(s, "bye"))
	if got, _ = read(c, 9, 0); got != "bye" {
		t.Errorf("got %q", got)
	}
}

func TestConnectRefused(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	want(t, c.Connect(newCtx(), loop4(1), false), abi.ECONNREFUSED)

	c = open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	e := c.Connect(newCtx(), loop4(1), true)
	want(t, e, abi.EINPROGRESS)
	eventually(t, "refused", func() bool { return c.Filter(sys.EVFILT_WRITE).Ready(nil).Ready })
	v, e := c.Getsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_ERROR, 4)
	must(t, e)
	want(t, abi.Errno(binary.LittleEndian.Uint32(v)), abi.ECONNREFUSED)
	v, _ = c.Getsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_ERROR, 4)
	want(t, abi.Errno(binary.LittleEndian.Uint32(v)), 0)

	want(t, open(t, ds, abi.AF_INET, abi.SOCK_STREAM).Connect(newCtx(), loop4(0), false), abi.EADDRNOTAVAIL)
	out := abi.SockaddrIn([4]byte{192, 0, 2, 1}, 80)
	want(t, open(t, ds, abi.AF_INET, abi.SOCK_STREAM).Connect(newCtx(), out, false), abi.ENETUNREACH)
	six := abi.SockaddrIn6(netip.MustParseAddr("2001:db8::1").As16(), 80, 0)
	want(t, open(t, ds, abi.AF_INET6, abi.SOCK_STREAM).Connect(newCtx(), six, false), abi.EHOSTUNREACH)
	want(t, open(t, ds, abi.AF_INET6, abi.SOCK_STREAM).Connect(newCtx(), loop4(1), false), abi.EAFNOSUPPORT)
}

func TestNonblockingConnect(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	var heard atomic.Int32
	kn := &sys.Knote{Activate: func(uint32) { heard.Add(1) }}
	f := c.Filter(sys.EVFILT_WRITE)
	f.Attach(kn)
	if e := c.Connect(newCtx(), loop4(port), true); e != abi.EINPROGRESS && e != 0 {
		t.Fatal(e.Name())
	}
	eventually(t, "connected", func() bool { return f.Ready(kn).Ready })
	if heard.Load() == 0 {
		t.Error("connected without a word")
	}
	v, _ := c.Getsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_ERROR, 4)
	want(t, abi.Errno(binary.LittleEndian.Uint32(v)), 0)
	if _, e := c.PeerName(); e != 0 {
		t.Error(e.Name())
	}
	eventually(t, "backlog of 1", func() bool {
		r := l.Filter(sys.EVFILT_READ).Ready(nil)
		return r.Ready && r.Data == 1
	})
}

func TestBigTransfer(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	src := make([]byte, 4<<20)
	for i := range src {
		src[i] = byte(i * 11 >> 4)
	}
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	done := make(chan abi.Errno, 1)
	go func() {
		e := c.Write(newCtx(), sys.NewUio(bytes.Clone(src[:100]), bytes.Clone(src[100:])), 0)
		c.Shutdown(newCtx(), abi.SHUT_WR)
		done <- e
	}()
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	defer s.Close(newCtx())
	var got []byte
	for {
		p, e := read(s, 60000, 0)
		must(t, e)
		if p == "" {
			break
		}
		got = append(got, p...)
	}
	must(t, <-done)
	if !bytes.Equal(got, src) {
		t.Fatalf("%d bytes of %d, or wrong ones", len(got), len(src))
	}
}

func TestReset(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	must(t, s.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_LINGER, append(i32(1), i32(0)...)))
	s.Close(newCtx())
	_, e = read(c, 1, 0)
	want(t, e, abi.ECONNRESET)
	want(t, write(c, "x"), abi.EPIPE)
	if r := c.Filter(sys.EVFILT_READ).Ready(nil); !r.EOF {
		t.Errorf("%+v", r)
	}
}

func TestDualStack(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, abi.SockaddrIn6([16]byte{}, 0, 0))
	for _, to := range [][]byte{loop4(port), abi.SockaddrIn6(netip.IPv6Loopback().As16(), port, 0)} {
		c := open(t, ds, int(to[1]), abi.SOCK_STREAM)
		must(t, c.Connect(newCtx(), to, false))
		s, peer, e := l.Accept(newCtx(), false)
		must(t, e)
		if peer[1] != abi.AF_INET6 || len(peer) != 28 {
			t.Errorf("peer % x", peer)
		}
		a := netip.AddrFrom16([16]byte(peer[8:24]))
		if to[1] == abi.AF_INET && a != netip.MustParseAddr("::ffff:127.0.0.1") {
			t.Errorf("not mapped: %v", a)
		}
		s.Close(newCtx())
	}
}

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

func TestOptions(t *testing.T) {
	ds, _ := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	for _, c := range []struct{ level, name, set, get int }{
		{abi.IPPROTO_TCP, abi.TCP_NODELAY, 1, 1},
		{abi.IPPROTO_TCP, abi.TCP_KEEPALIVE, 15, 15},
		{abi.IPPROTO_TCP, abi.TCP_KEEPINTVL, 11, 11},
		{abi.IPPROTO_TCP, abi.TCP_KEEPCNT, 5, 5},
		{abi.SOL_SOCKET, abi.SO_KEEPALIVE, 1, abi.SO_KEEPALIVE},
		{abi.IPPROTO_IP, abi.IP_TTL, 9, 9},
		{abi.SOL_SOCKET, abi.SO_RCVBUF, 65536, 65536},
	} {
		must(t, so.Setsockopt(newCtx(), c.level, c.name, i32(c.set)))
		v, e := so.Getsockopt(newCtx(), c.level, c.name, 4)
		if e != 0 || int(binary.LittleEndian.Uint32(v)) != c.get {
			t.Errorf("%+v: % x %s", c, v, e.Name())
		}
	}
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_V6ONLY, i32(1)), abi.EINVAL)
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_TCP, 0x999, i32(1)), abi.ENOPROTOOPT)
}

// TestHostileOptions: no option, level, length or value may hurt.
func TestHostileOptions(t *testing.T) {
	ds, _ := newNet(t, Config{})
	rng := rand.New(rand.NewPCG(1, 2))
	for _, family := range []int{abi.AF_INET, abi.AF_INET6} {
		for _, typ := range []int{abi.SOCK_STREAM, abi.SOCK_DGRAM} {
			so := open(t, ds, family, typ)
			for _, level := range []int{-1, 0, 6, 17, 41, 58, 0xffff} {
				for name := range 0x1200 {
					if name > 0x210 && level != 0xffff {
						break
					}
					b := make([]byte, rng.IntN(40))
					for i := range b {
						b[i] = byte(rng.Uint32())
					}
					so.Setsockopt(newCtx(), level, name, b)
					so.Getsockopt(newCtx(), level, name, rng.IntN(200))
				}
			}
		}
	}
}

func TestBind(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_STREAM), open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	want(t, a.Bind(newCtx(), loop4(80)), abi.EACCES)
	want(t, a.Bind(newCtx(), abi.SockaddrIn([4]byte{192, 0, 2, 7}, 0)), abi.EADDRNOTAVAIL)
	want(t, a.Bind(newCtx(), []byte{16, abi.AF_INET, 0}), abi.EINVAL)
	must(t, a.Bind(newCtx(), loop4(0)))
	want(t, a.Bind(newCtx(), loop4(0)), abi.EINVAL)
	want(t, b.Bind(newCtx(), loop4(portOf(t, a))), abi.EADDRINUSE)
	_, e := ds.New(newCtx(), abi.AF_INET, abi.SOCK_RAW, abi.IPPROTO_ICMP)
	want(t, e, abi.EPERM)
	_, e = ds.New(newCtx(), abi.AF_INET, abi.SOCK_STREAM, abi.IPPROTO_UDP)
	want(t, e, abi.EPROTOTYPE)
}

func TestMulticast(t *testing.T) {
	ds, n := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	mreq := []byte{224, 0, 0, 254, 127, 0, 0, 1}
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, mreq))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, mreq), abi.EADDRINUSE)
	has := func() bool {
		_, ok := n.groups.groups(lo0)[netip.MustParseAddr("224.0.0.254")]
		return ok
	}
	if !has() {
		t.Error("the group is not listed")
	}
	so.Close(newCtx())
	if has() {
		t.Error("the group outlives its socket")
	}
}

func TestInterrupt(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, _ := listener(t, ds, loop4(0))
	var pending atomic.Bool
	ctx := newCtx()
	ctx.Thread.Pending = pending.Load
	done := make(chan abi.Errno)
	go func() {
		_, _, e := l.Accept(ctx, false)
		done <- e
	}()
	eventually(t, "asleep", ctx.Thread.IsWaiting)
	pending.Store(true)
	ctx.Thread.Interrupt()
	want(t, <-done, abi.EINTR)
}

// TestMulticastListener does what a program does that listens to a group on the
// loopback, twice, and what it sends to the group arrives.
func TestMulticastListener(t *testing.T) {
	ds, _ := newNet(t, Config{Outside: true})
	group := netip.MustParseAddr("224.0.0.254")
	listen := func() *socket.Socket {
		so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
		for _, name := range []int{abi.SO_BROADCAST, abi.SO_REUSEADDR, abi.SO_REUSEPORT} {
			must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, name, i32(1)))
		}
		must(t, so.Bind(newCtx(), abi.SockaddrIn([4]byte{}, 12345)))
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_IF, []byte{127, 0, 0, 1}))
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, []byte{1}))
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, []byte{224, 0, 0, 254, 127, 0, 0, 1}))
		return so
	}
	a, b := listen(), listen()
	must(t, a.Sendmsg(newCtx(), &socket.Msg{Name: abi.SockaddrIn(group.As4(), 12345), Uio: sys.NewUio([]byte("all"))}, false))
	for _, so := range []*socket.Socket{a, b} {
		if got, e := read(so, 9, 0); e != 0 || got != "all" {
			t.Errorf("%q %s", got, e.Name())
		}
	}
	for _, g := range []string{"ff01::114", "ff02::114", "ff05::114", "ff0e::114"} {
		for range 2 {
			so := open(t, ds, abi.AF_INET6, abi.SOCK_DGRAM)
			for _, name := range []int{abi.SO_BROADCAST, abi.SO_REUSEADDR, abi.SO_REUSEPORT} {
				must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, name, i32(1)))
			}
			must(t, so.Bind(newCtx(), abi.SockaddrIn6([16]byte{}, 12345, 0)))
			must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_IF, i32(lo0)))
			must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_LOOP, i32(0)))
			x := netip.MustParseAddr(g).As16()
			must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_JOIN_GROUP, append(x[:], i32(lo0)...)))
		}
	}
}

// TestRaw: root's ICMP sockets see an echo request and its reply, with the IP
// header before them.
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
	for _, typ := range []byte{8, 0} {
		got, e := read(a, 100, 0)
		must(t, e)
		if len(got) != 28 || got[0] != 0x45 || got[20] != typ {
			t.Errorf("% x", got)
		}
	}
	// And anybody's ping, without root.
	p, e := ds.New(newCtx(), abi.AF_INET, abi.SOCK_DGRAM, abi.IPPROTO_ICMP)
	must(t, e)
	defer p.Close(newCtx())
	must(t, p.Sendmsg(newCtx(), &socket.Msg{Name: loop4(0), Uio: sys.NewUio(bytes.Clone(echo))}, false))
	e = p.Sendmsg(newCtx(), &socket.Msg{Name: loop4(0), Uio: sys.NewUio([]byte{5, 0, 0, 0, 0, 0, 0, 0})}, false)
	want(t, e, abi.EPERM) // not a redirect
	for _, typ := range []byte{8, 0} {
		got, e := read(p, 100, 0)
		must(t, e)
		if len(got) != 28 || got[2] != 8 || got[3] != 0 || got[20] != typ || got[25] != 1 {
			t.Errorf("% x", got)
		}
	}
}

// TestManyConnections runs echo conversations at once and checks that nothing
// of them is left.
func TestManyConnections(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	const n = 40
	go func() {
		for range n {
			s, _, e := l.Accept(newCtx(), false)
			if e != 0 {
				return
			}
			go func() {
				ctx, buf := newCtx(), make([]byte, 4096)
				for {
					u := sys.NewUio(buf)
					if e := s.Read(ctx, u, 0); e != 0 || u.Resid == int64(len(buf)) {
						break
					}
					if e := s.Write(ctx, sys.NewUio(buf[:len(buf)-int(u.Resid)]), 0); e != 0 {
						break
					}
				}
				s.Close(ctx)
			}()
		}
	}()
	errs := make(chan string, n)
	for i := range n {
		go func() {
			ctx := newCtx()
			c, _ := ds.New(ctx, abi.AF_INET, abi.SOCK_STREAM, 0)
			defer c.Close(ctx)
			if e := c.Connect(ctx, loop4(port), false); e != 0 {
				errs <- e.Name()
				return
			}
			msg := bytes.Repeat([]byte{byte(i)}, 20000)
			go c.Write(newCtx(), sys.NewUio(bytes.Clone(msg)), 0)
			got := make([]byte, len(msg))
			m := socket.Msg{Uio: sys.NewUio(got), Flags: abi.MSG_WAITALL}
			if e := c.Recvmsg(ctx, &m, false); e != 0 || !bytes.Equal(got, msg) {
				errs <- "wrong echo " + e.Name()
				return
			}
			errs <- ""
		}()
	}
	for range n {
		if s := <-errs; s != "" {
			t.Error(s)
		}
	}
	l.Close(newCtx())
	eventually(t, "no sockets", func() bool { return ds.Lookup(abi.AF_INET).Refs() == 0 })
}

// TestGroupReq joins by MCAST_JOIN_GROUP, as x/net does, and what is sent to the
// group arrives; then it leaves, and nothing does.
func TestGroupReq(t *testing.T) {
	ds, _ := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, so.Bind(newCtx(), abi.SockaddrIn([4]byte{}, 12346)))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_IF, []byte{127, 0, 0, 1}))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, []byte{1}))
	req := make([]byte, 132)
	copy(req, i32(lo0))
	copy(req[4:], abi.SockaddrIn([4]byte{224, 0, 0, 253}, 0))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP, req[:131]), abi.EINVAL)
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP, req))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP, req), abi.EADDRINUSE)
	send := func() {
		must(t, so.Sendmsg(newCtx(), &socket.Msg{Name: abi.SockaddrIn([4]byte{224, 0, 0, 253}, 12346), Uio: sys.NewUio([]byte("all"))}, false))
	}
	send()
	if got, e := read(so, 9, 0); e != 0 || got != "all" {
		t.Errorf("%q %s", got, e.Name())
	}
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_LEAVE_GROUP, req))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_LEAVE_GROUP, req), abi.EADDRNOTAVAIL)
	if b, e := so.Getsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, 1); e != 0 || len(b) != 1 || b[0] != 1 {
		t.Errorf("as a byte: %v %s", b, e.Name())
	}
	if b, e := so.Getsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, 4); e != 0 || len(b) != 4 {
		t.Errorf("as an int: %v %s", b, e.Name())
	}
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
