package socket

import (
	"bytes"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// names is a flat file system of sockets.
type names struct {
	mu sync.Mutex
	m  map[string]*Socket
}

func (n *names) BindSocket(ctx *sys.Context, path string, so *Socket) (func(), abi.Errno) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.m[path] != nil {
		return nil, abi.EEXIST
	}
	n.m[path] = so
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.m[path] = nil
	}, 0
}

func (n *names) LookupSocket(ctx *sys.Context, path string) (*Socket, abi.Errno) {
	n.mu.Lock()
	defer n.mu.Unlock()
	so, ok := n.m[path]
	switch {
	case !ok:
		return nil, abi.ENOENT
	case so == nil:
		return nil, abi.ECONNREFUSED
	}
	return so, 0
}

// fds is a descriptor table.
type fds struct {
	mu    sync.Mutex
	files map[int]*sys.OpenFile
	next  int
	limit int
}

func newFds() *fds { return &fds{files: map[int]*sys.OpenFile{}, next: 3, limit: 1 << 20} }

func (t *fds) Get(fd int) (*sys.OpenFile, abi.Errno) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.files[fd]; f != nil {
		return f.Ref(), 0
	}
	return nil, abi.EBADF
}

func (t *fds) Install(f *sys.OpenFile) (int, abi.Errno) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.files) >= t.limit {
		return 0, abi.EMFILE
	}
	t.next++
	t.files[t.next] = f
	return t.next, 0
}

func (t *fds) close(ctx *sys.Context, fd int) {
	t.mu.Lock()
	f := t.files[fd]
	delete(t.files, fd)
	t.mu.Unlock()
	f.Unref(ctx)
}

func newLayer() *Domains {
	ds := NewDomains()
	ds.Names = &names{m: map[string]*Socket{}}
	return ds
}

func newCtx() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("test"), PID: 42,
		Cred: &sys.Cred{UID: 501, RUID: 501, GID: 20, RGID: 20, Groups: []uint32{20, 12}}}
}

func unixName(path string) []byte {
	b := append([]byte{0, abi.AF_UNIX}, path...)
	b[0] = byte(len(b))
	return b
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

func send(so *Socket, ctx *sys.Context, b []byte) abi.Errno {
	return so.Write(ctx, sys.NewUio(b), 0)
}

func recv(t *testing.T, so *Socket, ctx *sys.Context, n int, flags int) ([]byte, abi.Errno) {
	t.Helper()
	b := make([]byte, n)
	u := sys.NewUio(b)
	e := so.Read(ctx, u, flags)
	return b[:n-int(u.Resid)], e
}

func streamPair(t *testing.T, ds *Domains, ctx *sys.Context) (*Socket, *Socket) {
	t.Helper()
	a, b, e := ds.Pair(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	must(t, e)
	return a, b
}

func TestNewErrors(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	for _, c := range []struct {
		family, typ, proto int
		e                  abi.Errno
	}{
		{99, 1, 0, abi.EAFNOSUPPORT},
		{abi.AF_UNIX, abi.SOCK_SEQPACKET, 0, abi.EPROTOTYPE},
		{abi.AF_UNIX, abi.SOCK_STREAM, 7, abi.EPROTONOSUPPORT},
	} {
		if _, e := ds.New(ctx, c.family, c.typ, c.proto); e != c.e {
			t.Errorf("%v: got %s", c, e.Name())
		}
	}
	if n := ds.Lookup(abi.AF_UNIX).Refs(); n != 0 {
		t.Errorf("%d sockets after failures", n)
	}
}

func TestPairStream(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	a, b := streamPair(t, ds, ctx)
	must(t, send(a, ctx, []byte("hello")))
	got, e := recv(t, b, ctx, 100, 0)
	must(t, e)
	if string(got) != "hello" {
		t.Fatalf("got %q", got)
	}
	_, e = recv(t, b, ctx, 1, abi.O_NONBLOCK)
	want(t, e, abi.EAGAIN)

	must(t, a.Shutdown(ctx, abi.SHUT_WR))
	got, e = recv(t, b, ctx, 1, 0)
	if e != 0 || len(got) != 0 {
		t.Fatalf("no end of file: %q %s", got, e.Name())
	}
	want(t, send(a, ctx, []byte("x")), abi.EPIPE)
	must(t, send(b, ctx, []byte("back"))) // the other half is open
	got, _ = recv(t, a, ctx, 10, 0)
	if string(got) != "back" {
		t.Fatalf("got %q", got)
	}
	a.Close(ctx)
	want(t, send(b, ctx, []byte("x")), abi.EPIPE)
	b.Close(ctx)
	if n := ds.Lookup(abi.AF_UNIX).Refs(); n != 0 {
		t.Errorf("%d sockets left", n)
	}
}

// TestStreamThroughput moves more than the buffer holds, with both sides
// sleeping in turn, and checks every byte.
func TestStreamThroughput(t *testing.T) {
	ds := newLayer()
	a, b := streamPair(t, ds, newCtx())
	src := make([]byte, 1<<20)
	for i := range src {
		src[i] = byte(i * 7 >> 3)
	}
	done := make(chan abi.Errno)
	go func() {
		ctx := newCtx()
		e := send(a, ctx, bytes.Clone(src))
		a.Close(ctx)
		done <- e
	}()
	ctx := newCtx()
	var got []byte
	for {
		p, e := recv(t, b, ctx, 5000, 0)
		must(t, e)
		if len(p) == 0 {
			break
		}
		got = append(got, p...)
	}
	must(t, <-done)
	if !bytes.Equal(got, src) {
		t.Fatalf("%d bytes of %d, or wrong ones", len(got), len(src))
	}
}

func TestListenConnectAccept(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	l, e := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	must(t, e)
	want(t, l.Listen(ctx, 1), abi.EDESTADDRREQ)
	must(t, l.Bind(ctx, unixName("/tmp/s")))
	want(t, l.Bind(ctx, unixName("/tmp/s2")), abi.EINVAL)

	c, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	want(t, c.Connect(ctx, unixName("/tmp/none"), false), abi.ENOENT)
	want(t, c.Connect(ctx, unixName("/tmp/s"), false), abi.ECONNREFUSED)
	want(t, send(c, ctx, []byte("x")), abi.ENOTCONN)
	_, _, e = l.Accept(ctx, true)
	want(t, e, abi.EINVAL)
	must(t, l.Listen(ctx, 1))
	_, _, e = l.Accept(ctx, true)
	want(t, e, abi.EAGAIN)

	must(t, c.Connect(ctx, unixName("/tmp/s"), false))
	want(t, c.Connect(ctx, unixName("/tmp/s"), false), abi.EISCONN)
	if r := l.Filter(sys.EVFILT_READ).Ready(nil); !r.Ready || r.Data != 1 {
		t.Errorf("listener: %+v", r)
	}
	c2, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	want(t, c2.Connect(ctx, unixName("/tmp/s"), false), abi.ECONNREFUSED) // backlog of 1
	d, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_DGRAM, 0)
	want(t, d.Connect(ctx, unixName("/tmp/s"), false), abi.EPROTOTYPE)

	s, peer, e := l.Accept(ctx, false)
	must(t, e)
	if len(peer) != 16 || peer[1] != abi.AF_UNIX {
		t.Errorf("peer without a name: % x", peer)
	}
	name, e := c.PeerName()
	must(t, e)
	if p, _ := pathOf(name); p != "/tmp/s" {
		t.Errorf("peer name %q", p)
	}
	cr, e := s.Getsockopt(ctx, abi.SOL_LOCAL, abi.LOCAL_PEERCRED, 100)
	must(t, e)
	if len(cr) != 76 || binary.LittleEndian.Uint32(cr[4:]) != 501 || binary.LittleEndian.Uint16(cr[8:]) != 2 {
		t.Errorf("xucred % x", cr)
	}
	pid, e := s.Getsockopt(ctx, abi.SOL_LOCAL, abi.LOCAL_PEERPID, 4)
	must(t, e)
	if binary.LittleEndian.Uint32(pid) != 42 {
		t.Errorf("peer pid % x", pid)
	}
	must(t, send(c, ctx, []byte("hi")))
	if got, _ := recv(t, s, ctx, 9, 0); string(got) != "hi" {
		t.Errorf("got %q", got)
	}
	// A connection that nobody accepts ends with its listener.
	must(t, c2.Connect(ctx, unixName("/tmp/s"), false))
	l.Close(ctx)
	if got, e := recv(t, c2, ctx, 9, 0); e != 0 || len(got) != 0 {
		t.Errorf("unaccepted: %q %s", got, e.Name())
	}
	for _, so := range []*Socket{c, c2, d, s} {
		so.Close(ctx)
	}
	if n := ds.Lookup(abi.AF_UNIX).Refs(); n != 0 {
		t.Errorf("%d sockets left", n)
	}
}

func TestDatagrams(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	a, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_DGRAM, 0)
	b, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_DGRAM, 0)
	must(t, b.Bind(ctx, unixName("/b")))
	want(t, send(a, ctx, []byte("x")), abi.EDESTADDRREQ)
	to := func(s string) abi.Errno {
		return a.Sendmsg(ctx, &Msg{Name: unixName("/b"), Uio: sys.NewUio([]byte(s))}, true)
	}
	must(t, to("one"))
	must(t, to(""))
	m := Msg{Uio: sys.NewUio(make([]byte, 2))}
	must(t, b.Recvmsg(ctx, &m, true))
	if m.OutFlags&abi.MSG_TRUNC == 0 || m.Uio.Resid != 0 || len(m.Name) != 16 {
		t.Errorf("truncated: %+v", m)
	}
	m = Msg{Uio: sys.NewUio(make([]byte, 2))}
	must(t, b.Recvmsg(ctx, &m, true))
	if m.Uio.Resid != 2 {
		t.Error("an empty datagram has bytes")
	}
	want(t, to(string(make([]byte, 2049))), abi.EMSGSIZE)
	must(t, to(string(make([]byte, 2048))))
	want(t, to(string(make([]byte, 2048))), abi.ENOBUFS)
	// Empty ones are bounded as well.
	n := 0
	for ; n < 100000; n++ {
		if to("") != 0 {
			break
		}
	}
	if n == 100000 {
		t.Error("empty datagrams without bound")
	}
	must(t, a.Connect(ctx, unixName("/b"), false))
	want(t, to("x"), abi.EISCONN)
	b.Close(ctx)
	want(t, send(a, ctx, []byte("x")), abi.ECONNRESET)
	want(t, send(a, ctx, []byte("x")), abi.EDESTADDRREQ)
	c, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_DGRAM, 0)
	want(t, c.Connect(ctx, unixName("/b"), false), abi.ECONNREFUSED)
}

// TestBlocking: a read sleeps, and ends by data, by its time, by a signal.
func TestBlocking(t *testing.T) {
	ds := newLayer()
	ctx := newCtx()
	a, b := streamPair(t, ds, ctx)
	tv := make([]byte, 16)
	binary.LittleEndian.PutUint32(tv[8:], 20000)
	must(t, b.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_RCVTIMEO, tv))
	start := time.Now()
	_, e := recv(t, b, ctx, 1, 0)
	want(t, e, abi.EAGAIN)
	if d := time.Since(start); d < 19*time.Millisecond {
		t.Errorf("timed out after %v", d)
	}
	must(t, b.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_RCVTIMEO, make([]byte, 16)))

	var pending atomic.Bool
	sig := newCtx()
	sig.Thread.Pending = pending.Load
	done := make(chan abi.Errno)
	go func() {
		var buf [1]byte
		done <- b.Read(sig, sys.NewUio(buf[:]), 0)
	}()
	for !sig.Thread.IsWaiting() {
		time.Sleep(time.Millisecond)
	}
	pending.Store(true)
	sig.Thread.Interrupt()
	want(t, <-done, abi.EINTR)

	go func() {
		var buf [1]byte
		done <- b.Read(newCtx(), sys.NewUio(buf[:]), 0)
	}()
	must(t, send(a, ctx, []byte("x")))
	must(t, <-done)
}

// TestDrain: closing a descriptor wakes who sleeps in the socket.
func TestDrain(t *testing.T) {
	ds := newLayer()
	_, b := streamPair(t, ds, newCtx())
	ctx := newCtx()
	done := make(chan abi.Errno)
	go func() {
		var buf [1]byte
		done <- b.Read(ctx, sys.NewUio(buf[:]), 0)
	}()
	for !ctx.Thread.IsWaiting() {
		time.Sleep(time.Millisecond)
	}
	b.Drain()
	want(t, <-done, abi.EBADF)
	b.Undrain()
	_, e := recv(t, b, newCtx(), 1, abi.O_NONBLOCK)
	want(t, e, abi.EAGAIN)
}

func TestWaitallAndPeek(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	a, b := streamPair(t, ds, ctx)
	done := make(chan abi.Errno)
	buf := make([]byte, 6)
	go func() {
		done <- b.Recvmsg(newCtx(), &Msg{Uio: sys.NewUio(buf), Flags: abi.MSG_WAITALL}, false)
	}()
	must(t, send(a, ctx, []byte("abc")))
	must(t, send(a, ctx, []byte("def")))
	must(t, <-done)
	if string(buf) != "abcdef" {
		t.Errorf("got %q", buf)
	}
	must(t, send(a, ctx, []byte("xyz")))
	for range 2 {
		p := make([]byte, 3)
		must(t, b.Recvmsg(ctx, &Msg{Uio: sys.NewUio(p), Flags: abi.MSG_PEEK}, true))
		if string(p) != "xyz" {
			t.Errorf("peek %q", p)
		}
	}
	if r := b.Filter(sys.EVFILT_READ).Ready(nil); !r.Ready || r.Data != 3 || r.EOF {
		t.Errorf("%+v", r)
	}
	kn := &sys.Knote{Sfflags: noteLowat, Sdata: 4}
	if b.Filter(sys.EVFILT_READ).Ready(kn).Ready {
		t.Error("NOTE_LOWAT of 4 with 3 bytes")
	}
	a.Close(ctx)
	if r := b.Filter(sys.EVFILT_READ).Ready(kn); !r.Ready || !r.EOF {
		t.Errorf("%+v", r)
	}
}

// file counts its closings.
func TestOptions(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	a, b := streamPair(t, ds, ctx)
	defer b.Close(ctx)
	must(t, a.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_SNDBUF, i32(65536)))
	v, e := a.Getsockopt(ctx, abi.SOL_SOCKET, abi.SO_SNDBUF, 4)
	must(t, e)
	if binary.LittleEndian.Uint32(v) != 65536 {
		t.Errorf("SO_SNDBUF % x", v)
	}
	u := sys.NewUio(make([]byte, 100000))
	must(t, a.Write(ctx, u, abi.O_NONBLOCK))
	if u.Resid != 100000-65536 {
		t.Errorf("%d bytes did not fit", u.Resid)
	}
	want(t, a.Write(ctx, u, abi.O_NONBLOCK), abi.EAGAIN)
	if a.Filter(sys.EVFILT_WRITE).Ready(nil).Ready {
		t.Error("writable when full")
	}
	must(t, a.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_REUSEADDR, i32(1)))
	v, _ = a.Getsockopt(ctx, abi.SOL_SOCKET, abi.SO_REUSEADDR, 4)
	if binary.LittleEndian.Uint32(v) != abi.SO_REUSEADDR {
		t.Errorf("SO_REUSEADDR % x", v)
	}
	want(t, a.Setsockopt(ctx, abi.SOL_SOCKET, 0x7777, i32(1)), abi.ENOPROTOOPT)
	want(t, a.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_SNDBUF, []byte{1}), abi.EINVAL)
	a.SetError(abi.ECONNRESET)
	for _, w := range []abi.Errno{abi.ECONNRESET, 0} {
		v, e = a.Getsockopt(ctx, abi.SOL_SOCKET, abi.SO_ERROR, 4)
		if e != 0 || binary.LittleEndian.Uint32(v) != uint32(w) {
			t.Errorf("SO_ERROR % x, want %d", v, w)
		}
	}
}

// TestKnote: a knote hears of data that comes after it was hung.
func TestKnote(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	a, b := streamPair(t, ds, ctx)
	f := b.Filter(sys.EVFILT_READ)
	var heard atomic.Int32
	kn := &sys.Knote{Filter: sys.EVFILT_READ, Activate: func(uint32) { heard.Add(1) }}
	f.Attach(kn)
	if f.Ready(kn).Ready {
		t.Error("readable when empty")
	}
	must(t, send(a, ctx, []byte("x")))
	if heard.Load() == 0 || !f.Ready(kn).Ready {
		t.Error("not told of data")
	}
	f.Detach(kn)
	n := heard.Load()
	must(t, send(a, ctx, []byte("x")))
	if heard.Load() != n {
		t.Error("told after detach")
	}
}
