package socket

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
)

type file struct{ closed atomic.Int32 }

func (f *file) Type() sys.DType                              { return sys.DTypePipe }
func (f *file) Read(*sys.Context, *sys.Uio, int) abi.Errno   { return 0 }
func (f *file) Write(*sys.Context, *sys.Uio, int) abi.Errno  { return 0 }
func (f *file) Ioctl(*sys.Context, uint64, []byte) abi.Errno { return abi.ENOTTY }
func (f *file) Stat(*sys.Context, *abi.Stat) abi.Errno       { return 0 }
func (f *file) Filter(int16) sys.Filter                      { return nil }
func (f *file) Close(*sys.Context) abi.Errno                 { f.closed.Add(1); return 0 }

func rights(fds ...int) []byte {
	var b []byte
	for _, fd := range fds {
		b = binary.LittleEndian.AppendUint32(b, uint32(fd))
	}
	return abi.AppendCmsg(nil, abi.SOL_SOCKET, abi.SCM_RIGHTS, b)
}

func TestRights(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	a, b := streamPair(t, ds, ctx)
	table := newFds()
	f := &file{}
	fd, _ := table.Install(sys.NewOpenFile(f, abi.FREAD))
	sendFd := func(s string, ctl []byte) abi.Errno {
		return a.Sendmsg(ctx, &Msg{Uio: sys.NewUio([]byte(s)), Control: ctl, Fds: table}, false)
	}
	want(t, sendFd("x", rights(999)), abi.EBADF)
	want(t, sendFd("x", rights(fd, 999)), abi.EBADF)
	want(t, sendFd("x", []byte{200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), abi.EINVAL)
	if of, _ := table.Get(fd); of.Refs() != 2 {
		t.Fatalf("%d references after failed sends", of.Refs()-1)
	} else {
		of.Unref(ctx)
	}
	must(t, sendFd("plain", nil))
	must(t, sendFd("with", rights(fd)))
	must(t, sendFd("after", nil))
	table.close(ctx, fd)
	if f.closed.Load() != 0 || ds.InFlight() != 1 {
		t.Fatal("closed in flight")
	}
	// The stream breaks before the rights, not after them.
	var got []string
	var ctl []byte
	for i := 0; i < 2; i++ {
		buf := make([]byte, 50)
		m := Msg{Uio: sys.NewUio(buf), ControlMax: 64, Fds: table}
		must(t, b.Recvmsg(ctx, &m, true))
		got = append(got, string(buf[:50-m.Uio.Resid]))
		ctl = append(ctl, m.Control...)
	}
	if fmt.Sprint(got) != "[plain withafter]" || len(ctl) != 16 {
		t.Fatalf("%q, control % x", got, ctl)
	}
	nfd := int(binary.LittleEndian.Uint32(ctl[12:]))
	if table.files[nfd].Ops != sys.FileOps(f) || ds.InFlight() != 0 {
		t.Fatal("not the file that was sent")
	}
	// No room: closed, and MSG_CTRUNC.
	must(t, sendFd("x", rights(nfd)))
	m := Msg{Uio: sys.NewUio(make([]byte, 9)), ControlMax: 12, Fds: table}
	must(t, b.Recvmsg(ctx, &m, true))
	if m.OutFlags&abi.MSG_CTRUNC == 0 || len(m.Control) != 0 {
		t.Errorf("no MSG_CTRUNC: %+v", m)
	}
	// Unread rights are closed with the socket.
	must(t, sendFd("x", rights(nfd)))
	table.close(ctx, nfd)
	b.Close(ctx)
	if f.closed.Load() != 1 || ds.InFlight() != 0 {
		t.Errorf("closed %d times, %d in flight", f.closed.Load(), ds.InFlight())
	}
}

// TestCollect sends the two ends of a pair through each other and forgets them:
// only the collector can find them and the file they carry.
func TestCollect(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	table := newFds()
	f := &file{}
	a, b := streamPair(t, ds, ctx)
	fa, _ := table.Install(sys.NewOpenFile(a, 3))
	fb, _ := table.Install(sys.NewOpenFile(b, 3))
	ff, _ := table.Install(sys.NewOpenFile(f, 3))
	must(t, a.Sendmsg(ctx, &Msg{Uio: sys.NewUio([]byte("x")), Control: rights(fb, ff), Fds: table}, false))
	must(t, b.Sendmsg(ctx, &Msg{Uio: sys.NewUio([]byte("x")), Control: rights(fa), Fds: table}, false))
	// A living socket holds rights that must survive.
	c, d := streamPair(t, ds, ctx)
	g := &file{}
	fg, _ := table.Install(sys.NewOpenFile(g, 3))
	must(t, c.Sendmsg(ctx, &Msg{Uio: sys.NewUio([]byte("x")), Control: rights(fg), Fds: table}, false))
	for _, fd := range []int{fa, fb, ff, fg} {
		table.close(ctx, fd)
	}
	if f.closed.Load() != 0 {
		t.Fatal("closed while in flight")
	}
	e, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	e.Close(ctx) // any close collects
	if f.closed.Load() != 1 || g.closed.Load() != 0 || ds.InFlight() != 1 {
		t.Errorf("garbage closed %d, living %d, in flight %d", f.closed.Load(), g.closed.Load(), ds.InFlight())
	}
	c.Close(ctx)
	d.Close(ctx)
	if n := ds.Lookup(abi.AF_UNIX).Refs(); n != 0 || ds.InFlight() != 0 {
		t.Errorf("%d sockets, %d rights left", n, ds.InFlight())
	}
}

// TestCollectUnclosed: pairs that hold nothing but each other are never closed, but the
// next rights that are sent make room; and with many sockets and few closes garbage goes
// all the same.
func TestCollectUnclosed(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	table := newFds()
	const pairs = 3000
	knot := func(f *file) {
		a, b := streamPair(t, ds, ctx)
		fa, _ := table.Install(sys.NewOpenFile(a, 3))
		fb, _ := table.Install(sys.NewOpenFile(b, 3))
		ff, _ := table.Install(sys.NewOpenFile(f, 3))
		must(t, a.Sendmsg(ctx, &Msg{Uio: sys.NewUio([]byte("x")), Control: rights(fa, fb, ff), Fds: table}, false))
		for _, fd := range []int{fa, fb, ff} {
			table.close(ctx, fd)
		}
	}
	for range pairs {
		knot(&file{})
	}
	if n := ds.InFlight(); n >= pairs {
		t.Errorf("%d rights in flight after %d pairs", n, pairs)
	}
	var live []*Socket
	for range 200 {
		e, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
		live = append(live, e)
	}
	f := &file{}
	knot(f)
	live[0].Close(ctx)
	for end := time.Now().Add(2 * time.Minute); f.closed.Load() == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if n := ds.InFlight(); f.closed.Load() != 1 {
		t.Errorf("garbage is kept: %d rights in flight", n)
	}
}

// TestUnbind: a socket's name stands for it until it is closed.
func TestUnbind(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	s, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	must(t, s.Bind(ctx, unixName("/once")))
	s.Close(ctx)
	again, _ := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
	must(t, again.Bind(ctx, unixName("/once")))
	again.Close(ctx)
}
