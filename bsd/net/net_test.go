package net

import (
	"bytes"
	"encoding/binary"
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
