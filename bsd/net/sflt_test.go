package net

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// sflt is a filter that lets everything through.
type sflt struct {
	attach, detach, unregistered func()
	attachTo                     func(so *socket.Socket)
	data                         func(out bool, p *socket.Packet) abi.Errno
	notify                       func(ev socket.Event)
}

func call(fn func()) {
	if fn != nil {
		fn()
	}
}

func (s *sflt) Attach(_ *sys.Context, a *socket.Attached) abi.Errno {
	call(s.attach)
	if s.attachTo != nil {
		s.attachTo(a.Socket)
	}
	return 0
}

func (s *sflt) Detach(*sys.Context, *socket.Attached) { call(s.detach) }
func (s *sflt) Unregistered(*sys.Context)             { call(s.unregistered) }

func (s *sflt) Bind(*sys.Context, *socket.Attached, []byte) abi.Errno          { return 0 }
func (s *sflt) Listen(*sys.Context, *socket.Attached) abi.Errno                { return 0 }
func (s *sflt) ConnectOut(*sys.Context, *socket.Attached, []byte) abi.Errno    { return 0 }
func (s *sflt) ConnectIn(*sys.Context, *socket.Attached, []byte) abi.Errno     { return 0 }
func (s *sflt) Ioctl(*sys.Context, *socket.Attached, uint64, []byte) abi.Errno { return 0 }

func (s *sflt) Notify(_ *sys.Context, _ *socket.Attached, ev socket.Event, _ int) {
	if s.notify != nil {
		s.notify(ev)
	}
}

func (s *sflt) Data(_ *sys.Context, _ *socket.Attached, out bool, p *socket.Packet) abi.Errno {
	if s.data == nil {
		return 0
	}
	return s.data(out, p)
}

func (s *sflt) Name(_ *sys.Context, _ *socket.Attached, _ bool, name []byte) ([]byte, abi.Errno) {
	return name, 0
}

func (s *sflt) Option(_ *sys.Context, _ *socket.Attached, _ bool, _, _ int, val []byte) ([]byte, abi.Errno) {
	return val, 0
}

// filter registers one for sockets of a type.
func filter(t *testing.T, ds *socket.Domains, typ, flags int, ops *sflt) uint32 {
	t.Helper()
	f := &socket.SocketFilter{Handle: 7, Name: "test", Flags: flags, Family: abi.AF_INET, Type: typ, Ops: ops}
	must(t, ds.RegisterFilter(f))
	return f.Handle
}

// TestUDPRefusedFiltered: that one datagram could not be delivered is not the end of a socket with
// a filter.
func TestUDPRefusedFiltered(t *testing.T) {
	ds, _ := newNet(t, Config{})
	filter(t, ds, abi.SOCK_DGRAM, socket.SfltGlobal, &sflt{})
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, b.Bind(newCtx(), loop4(0)))
	port := portOf(t, b)
	b.Close(newCtx())
	must(t, a.Connect(newCtx(), loop4(port), false))
	must(t, write(a, "x"))
	_, e := read(a, 1, 0)
	want(t, e, abi.ECONNREFUSED)
	// Who sends hears of it, too: once.
	must(t, write(a, "x"))
	eventually(t, "the refusal", func() bool { return a.Filter(sys.EVFILT_READ).Ready(nil).Ready })
	want(t, write(a, "x"), abi.ECONNREFUSED)

	b = open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, b.Bind(newCtx(), loop4(port)))
	must(t, b.Connect(newCtx(), loop4(portOf(t, a)), false))
	must(t, write(b, "y"))
	if got, e := read(a, 2, 0); got != "y" {
		t.Errorf("%q, %v", got, e)
	}
}

// TestFilteredEnd: what filters have let out and the protocol has no room for comes before the end,
// for which nobody but close(2) with SO_LINGER waits.
func TestFilteredEnd(t *testing.T) {
	ds, _ := newNet(t, Config{})
	filter(t, ds, abi.SOCK_STREAM, socket.SfltGlobal, &sflt{})
	for _, how := range []string{"shutdown", "close", "linger"} {
		l, port := listener(t, ds, loop4(0))
		c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
		must(t, c.Connect(newCtx(), loop4(port), false))
		s, _, e := l.Accept(newCtx(), false)
		must(t, e)
		filled := 0
		for e = 0; e == 0; {
			u := sys.NewUio(make([]byte, 1<<20))
			e = c.Write(newCtx(), u, abi.O_NONBLOCK)
			filled += 1<<20 - int(u.Resid)
		}
		want(t, e, abi.EAGAIN)
		late := bytes.Repeat([]byte("late"), 1<<17)
		must(t, c.Inject(newCtx(), true, socket.Packet{Data: late}))
		ends := func() {}
		switch how {
		case "shutdown":
			must(t, c.Shutdown(newCtx(), abi.SHUT_WR)) // nobody reads yet: it must not wait
			want(t, c.Write(newCtx(), sys.NewUio([]byte("x")), abi.O_NONBLOCK), abi.EPIPE)
			if r := c.Filter(sys.EVFILT_WRITE).Ready(nil); !r.EOF {
				t.Errorf("%+v", r)
			}
		case "close":
			c.Close(newCtx())
		case "linger":
			v := binary.LittleEndian.AppendUint32(i32(1), 60)
			must(t, c.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_LINGER_SEC, v))
			done := make(chan struct{})
			go func() {
				c.Close(newCtx())
				close(done)
			}()
			ends = func() { <-done }
		}
		var got []byte
		for {
			b := make([]byte, 1<<20)
			u := sys.NewUio(b)
			must(t, s.Read(newCtx(), u, 0))
			if n := len(b) - int(u.Resid); n > 0 {
				got = append(got, b[:n]...)
				continue
			}
			break
		}
		s.Close(newCtx())
		ends()
		if len(got) != filled+len(late) || !bytes.HasSuffix(got, late) {
			t.Errorf("%s: %d bytes of %d and %d", how, len(got), filled, len(late))
		}
	}
}

// TestFilterUnregistered: a filter hears that it is unregistered once, after the last Detach has
// come back.
func TestFilterUnregistered(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	var detached, told atomic.Int32
	inside, on := make(chan struct{}, 2), make(chan struct{})
	h := filter(t, ds, abi.SOCK_DGRAM, 0, &sflt{
		detach: func() {
			inside <- struct{}{}
			<-on
			detached.Add(1)
		},
		unregistered: func() {
			if n := detached.Load(); n != 2 {
				t.Errorf("unregistered after %d of 2 ends", n)
			}
			told.Add(1)
		}})
	done := make(chan struct{}, 3)
	for _, so := range []*socket.Socket{a, b} {
		must(t, so.AttachFilter(newCtx(), h))
		go func() {
			so.DetachFilter(newCtx(), h)
			done <- struct{}{}
		}()
		<-inside
	}
	// Both are in Detach: this one has nothing to wait for, and nothing to tell.
	must(t, ds.UnregisterFilter(newCtx(), h))
	if told.Load() != 0 {
		t.Error("unregistered while Detach is being called")
	}
	close(on)
	<-done
	<-done
	if n := told.Load(); n != 1 {
		t.Errorf("unregistered %d times", n)
	}
	want(t, ds.UnregisterFilter(newCtx(), h), abi.ENOENT)
}

// TestFilterTwice: a filter comes to a socket once, also while it is being asked.
func TestFilterTwice(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	var h uint32
	asked := 0
	h = filter(t, ds, abi.SOCK_DGRAM, 0, &sflt{attach: func() {
		if asked++; asked == 1 {
			want(t, a.AttachFilter(newCtx(), h), abi.EEXIST)
		}
	}})
	must(t, a.AttachFilter(newCtx(), h))
	want(t, a.AttachFilter(newCtx(), h), abi.EEXIST)
	must(t, a.DetachFilter(newCtx(), h))
	must(t, a.AttachFilter(newCtx(), h))
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

// TestFilterFailed: what the kernel lacks to ask a filter about a stream's bytes ends reading with
// the error, and a datagram is dropped as by a filter's own verdict, which leaves no trace in either.
func TestFilterFailed(t *testing.T) {
	ds, _ := newNet(t, Config{})
	ops := &sflt{data: func(out bool, p *socket.Packet) abi.Errno {
		switch {
		case !out && bytes.Contains(p.Data, []byte("lost")):
			p.Failed = true
			return abi.ENOBUFS
		case !out && bytes.Contains(p.Data, []byte("verdict")):
			return abi.EPERM
		}
		return 0
	}}
	h := filter(t, ds, abi.SOCK_STREAM, 0, ops)
	l, port := listener(t, ds, loop4(0))
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	must(t, s.AttachFilter(newCtx(), h))
	must(t, write(c, "lost"))
	_, e = read(s, 8, 0)
	want(t, e, abi.ENOBUFS)
	must(t, write(c, "after"))
	if got, e := read(s, 8, 0); got != "" || e != 0 {
		t.Errorf("after the hole: %q, %v", got, e)
	}
	want(t, s.Inject(newCtx(), false, socket.Packet{Data: []byte("lost")}), abi.ENOBUFS)
	must(t, ds.UnregisterFilter(newCtx(), h))

	h = filter(t, ds, abi.SOCK_DGRAM, 0, ops)
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, b.Bind(newCtx(), loop4(0)))
	must(t, b.AttachFilter(newCtx(), h))
	must(t, a.Connect(newCtx(), loop4(portOf(t, b)), false))
	for _, text := range []string{"lost", "verdict", "x"} {
		must(t, write(a, text))
	}
	if got, e := read(b, 8, 0); got != "x" {
		t.Errorf("%q, %v", got, e)
	}
}

// TestFilterAccepted: a filter sees what has come before it was attached to the socket of a connection,
// and hears that there is one before that.
func TestFilterAccepted(t *testing.T) {
	ds, _ := newNet(t, Config{})
	var mu sync.Mutex
	var heard []string
	hear := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, what)
	}
	var c, accepted *socket.Socket
	held := func(when string) {
		t.Helper()
		accepted.Wakeup(socket.Read)
		eventually(t, "the filters' thread", func() bool { _, busy := accepted.Filtered(); return !busy })
		if r := accepted.Filter(sys.EVFILT_READ).Ready(nil); r.Ready {
			t.Errorf("%s: %+v", when, r)
		}
	}
	ops := &sflt{
		attachTo: func(so *socket.Socket) {
			accepted = so
			must(t, write(c, "late"))
			eventually(t, "what is late", func() bool {
				return pcb(so).unread() > 0 || so.Filter(sys.EVFILT_READ).Ready(nil).Ready
			})
			held("being attached")
		},
		notify: func(ev socket.Event) {
			if ev == socket.EvtConnected {
				held("before it has heard of the connection")
				hear("connected")
			}
		},
		data: func(out bool, p *socket.Packet) abi.Errno {
			if !out {
				hear("data")
			}
			return 0
		},
	}
	l, port := listener(t, ds, loop4(0))
	c = open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	filter(t, ds, abi.SOCK_STREAM, socket.SfltGlobal, ops)
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	got, e := read(s, 8, 0)
	if got != "late" || e != 0 {
		t.Errorf("%q, %v", got, e)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(heard, []string{"connected", "data"}) {
		t.Errorf("it has heard %v", heard)
	}
}

// TestFilterAttachClosed: a filter that is being attached while the socket is closed is detached.
func TestFilterAttachClosed(t *testing.T) {
	ds, _ := newNet(t, Config{})
	a := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	inside, on := make(chan struct{}), make(chan struct{})
	detached, told := 0, 0
	h := filter(t, ds, abi.SOCK_DGRAM, 0, &sflt{
		attach:       func() { close(inside); <-on },
		detach:       func() { detached++ },
		unregistered: func() { told++ }})
	done := make(chan struct{})
	go func() {
		a.AttachFilter(newCtx(), h)
		close(done)
	}()
	<-inside
	a.Close(newCtx())
	close(on)
	<-done
	if detached != 1 {
		t.Errorf("detached %d times", detached)
	}
	want(t, a.AttachFilter(newCtx(), h), abi.EINVAL)
	must(t, ds.UnregisterFilter(newCtx(), h))
	if told != 1 {
		t.Errorf("unregistered %d times", told)
	}
}

// TestFilteredTotal: what filters have let in counts for more than its bytes, in the socket's size
// and in the total of all, until the socket is closed.
func TestFilteredTotal(t *testing.T) {
	ds, _ := newNet(t, Config{})
	h := filter(t, ds, abi.SOCK_DGRAM, 0, &sflt{})
	a := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, a.AttachFilter(newCtx(), h))
	const size = 64 << 10
	must(t, a.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_RCVBUF, i32(size)))
	before, n := socket.Total(), 0
	for ; n < 10000; n++ {
		if e := a.Inject(newCtx(), false, socket.Packet{Name: loop4(9), Data: []byte("x")}); e != 0 {
			want(t, e, abi.ENOBUFS)
			break
		}
	}
	const least = 100 // bytes that a packet is known to take
	if most := (size + 64<<10) / least; n > most || n < 100 {
		t.Errorf("%d packets of a byte in a buffer of %d", n, size)
	}
	if got, _ := a.Filtered(); got < int64(n*least) || socket.Total() < got {
		t.Errorf("%d packets count for %d bytes, of %d", n, got, socket.Total())
	}
	if d := a.Filter(sys.EVFILT_READ).Ready(nil).Data; d != int64(n) {
		t.Errorf("%d bytes to read of %d", d, n)
	}
	if got, e := read(a, 2, 0); got != "x" {
		t.Errorf("%q, %v", got, e)
	}
	a.Close(newCtx())
	if got, _ := a.Filtered(); got != 0 {
		t.Errorf("%d bytes stay after close", got)
	}
	// Others' sockets may come to their end meanwhile.
	eventually(t, "the total as before", func() bool { return socket.Total() <= before })
}
