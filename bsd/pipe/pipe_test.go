package pipe

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand"
	"sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/kqueue"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func testContext() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{UID: 5}}
}

func write(t *testing.T, e *End, n int, flags int) (int64, abi.Errno) {
	t.Helper()
	u := sys.NewUio(make([]byte, n))
	err := e.Write(testContext(), u, flags)
	return int64(n) - u.Resid, err
}

func TestLimits(t *testing.T) {
	const nb = abi.O_NONBLOCK
	r, w := New()
	if n, err := write(t, w, 100<<10, nb); n != BIG_PIPE_SIZE || err != 0 {
		t.Fatal(n, err)
	}
	if n, err := write(t, w, 1, nb); n != 0 || err != abi.EAGAIN {
		t.Fatal(n, err)
	}
	ctx := testContext()
	if err := r.Read(ctx, sys.NewUio(make([]byte, 300)), nb); err != 0 {
		t.Fatal(err)
	}
	// 300 bytes of room: an atomic write does not go in, a large one partly.
	if n, err := write(t, w, PIPE_BUF, nb); n != 0 || err != abi.EAGAIN {
		t.Fatal(n, err)
	}
	if w.Filter(sys.EVFILT_WRITE).Ready(&sys.Knote{}).Ready {
		t.Fatal("writable without room for PIPE_BUF")
	}
	if n, err := write(t, w, PIPE_BUF+1, nb); n != 300 || err != 0 {
		t.Fatal(n, err)
	}
	var st abi.Stat
	if r.Stat(ctx, &st); st.Size != BIG_PIPE_SIZE || st.Mode != abi.S_IFIFO|0o660 || st.UID != 5 {
		t.Fatalf("%+v", st)
	}
	var n [4]byte
	if err := r.Ioctl(ctx, abi.FIONREAD, n[:]); err != 0 || binary.LittleEndian.Uint32(n[:]) != BIG_PIPE_SIZE {
		t.Fatal(n, err)
	}
	if err := r.Read(ctx, &sys.Uio{HasOffset: true, Resid: 1, Iov: [][]byte{{0}}}, 0); err != abi.ESPIPE {
		t.Fatal(err)
	}
	if err := w.Read(ctx, sys.NewUio([]byte{0}), 0); err != abi.EBADF {
		t.Fatal(err)
	}
	r.Close(ctx)
	if n, err := write(t, w, 1, nb); n != 0 || err != abi.EPIPE {
		t.Fatal(n, err)
	}
	if got := w.Filter(sys.EVFILT_WRITE).Ready(&sys.Knote{}); !got.EOF || !got.Ready {
		t.Fatalf("%+v", got)
	}
	before := pipeKVA.Load()
	w.Close(ctx)
	if freed := before - pipeKVA.Load(); freed != BIG_PIPE_SIZE {
		t.Fatalf("%d bytes given back", freed)
	}
}

func TestSmallWhenMemoryIsShort(t *testing.T) {
	pipeKVA.Add(pipeKVAMax + 1)
	defer pipeKVA.Add(-pipeKVAMax - 1)
	_, w := New()
	if n, _ := write(t, w, 100<<10, abi.O_NONBLOCK); n != PIPE_SIZE {
		t.Fatal(n)
	}
}

func TestEOFAndEmpty(t *testing.T) {
	r, w := New()
	ctx := testContext()
	b := make([]byte, 4)
	if err := r.Read(ctx, sys.NewUio(b), abi.O_NONBLOCK); err != abi.EAGAIN {
		t.Fatal(err)
	}
	write(t, w, 3, 0)
	w.Close(ctx)
	f := r.Filter(sys.EVFILT_READ)
	if got := f.Ready(&sys.Knote{}); !got.Ready || !got.EOF || got.Data != 3 {
		t.Fatalf("%+v", got)
	}
	u := sys.NewUio(b)
	if err := r.Read(ctx, u, 0); err != 0 || u.Resid != 1 {
		t.Fatal(err, u.Resid)
	}
	if err := r.Read(ctx, u, 0); err != 0 || u.Resid != 1 {
		t.Fatal("no end of file", err, u.Resid)
	}
}

func TestInterrupt(t *testing.T) {
	r, w := New()
	ctx := testContext()
	run := func(f func() abi.Errno) abi.Errno {
		c := make(chan abi.Errno)
		go func() { c <- f() }()
		for !ctx.Thread.Interrupt() {
			time.Sleep(50 * time.Microsecond)
		}
		return <-c
	}
	if err := run(func() abi.Errno { return r.Read(ctx, sys.NewUio(make([]byte, 1)), 0) }); err != abi.EINTR {
		t.Fatal(err)
	}
	u := sys.NewUio(make([]byte, 100<<10))
	if err := run(func() abi.Errno { return w.Write(ctx, u, 0) }); err != 0 || u.Resid != 36<<10 {
		t.Fatal("a part that went must be told", err, u.Resid)
	}
	if err := run(func() abi.Errno { return w.Write(ctx, u, 0) }); err != abi.EINTR {
		t.Fatal(err)
	}
}

// rw is an io.ReadWriter over two ends.
type rw struct {
	r, w *End
	ctx  *sys.Context
}

func (x rw) Read(b []byte) (int, error) {
	u := sys.NewUio(b)
	if err := x.r.Read(x.ctx, u, 0); err != 0 {
		return 0, err
	}
	if u.Resid == int64(len(b)) {
		return 0, io.EOF
	}
	return len(b) - int(u.Resid), nil
}

func TestStream(t *testing.T) {
	r, w := New()
	rng := rand.New(rand.NewSource(1))
	data := make([]byte, 1<<20)
	rng.Read(data)
	go func() {
		ctx := testContext()
		for rest := data; len(rest) > 0; {
			n := min(1+rng.Intn(70<<10), len(rest))
			if err := w.Write(ctx, sys.NewUio(rest[:n/2], rest[n/2:n]), 0); err != 0 {
				t.Error(err)
			}
			rest = rest[n:]
		}
		w.Close(ctx)
	}()
	got, err := io.ReadAll(rw{r: r, ctx: testContext()})
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%v, %d bytes", err, len(got))
	}
}

// TestAtomic has writers of records that must not be mixed.
func TestAtomic(t *testing.T) {
	const writers, records = 4, 500
	r, w := New()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			ctx := testContext()
			for n := range records {
				// Two bytes of length, then the writer's number throughout.
				body := bytes.Repeat([]byte{byte(i)}, (n*7)%(PIPE_BUF-1))
				rec := append([]byte{byte(len(body) >> 8), byte(len(body))}, body...)
				if err := w.Write(ctx, sys.NewUio(rec), 0); err != 0 {
					t.Error(err)
				}
			}
		})
	}
	go func() { wg.Wait(); w.Close(testContext()) }()
	in := rw{r: r, ctx: testContext()}
	for n := 0; ; n++ {
		var head [2]byte
		if _, err := io.ReadFull(in, head[:]); err == io.EOF {
			if n != writers*records {
				t.Fatalf("%d records", n)
			}
			return
		} else if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, int(head[0])<<8|int(head[1]))
		io.ReadFull(in, body)
		for _, b := range body {
			if b != body[0] {
				t.Fatal("records are mixed")
			}
		}
	}
}

type oneFile struct {
	f      *sys.OpenFile
	knotes kqueue.Knotes
}

func (o *oneFile) Lookup(int32) (*sys.OpenFile, abi.Errno) { return o.f.Ref(), 0 }
func (o *oneFile) Knotes() *kqueue.Knotes                  { return &o.knotes }

// TestNetpoll reads a pipe as Go's poller does: nonblocking, drained on each
// edge.
func TestNetpoll(t *testing.T) {
	const total = 20000
	r, w := New()
	ctx := testContext()
	kq := kqueue.New()
	tbl := &oneFile{f: sys.NewOpenFile(r, abi.FREAD)}
	add := []abi.Kevent{{Filter: sys.EVFILT_READ, Flags: abi.EV_ADD | abi.EV_CLEAR}}
	if _, err := kq.Change(ctx, tbl, add, nil); err != 0 {
		t.Fatal(err)
	}
	go func() {
		ctx := testContext()
		for range total {
			w.Write(ctx, sys.NewUio([]byte{1}), 0)
		}
		w.Close(ctx)
	}()
	got := int64(0)
	buf := make([]byte, 64)
	for {
		var ev [2]abi.Kevent
		if n, err := kq.Scan(ctx, ev[:], sched.After(10*time.Second)); n != 1 || err != 0 {
			t.Fatalf("lost an edge at %d: %d, %v", got, n, err)
		}
		for {
			u := sys.NewUio(buf)
			err := r.Read(ctx, u, abi.O_NONBLOCK)
			if err == abi.EAGAIN {
				break
			}
			if u.Resid == int64(len(buf)) {
				if got != total {
					t.Fatalf("%d of %d bytes", got, total)
				}
				return
			}
			got += int64(len(buf)) - u.Resid
		}
	}
}

func TestFifo(t *testing.T) {
	f := NewFifo()
	ctx := testContext()
	if _, err := f.Open(ctx, abi.FWRITE|abi.O_NONBLOCK); err != abi.ENXIO {
		t.Fatal(err)
	}
	type opened struct {
		e   *End
		err abi.Errno
	}
	c := make(chan opened)
	open := func(ctx *sys.Context, flags int) { e, err := f.Open(ctx, flags); c <- opened{e, err} }
	go open(ctx, abi.FREAD)
	for !ctx.Thread.Interrupt() {
		time.Sleep(50 * time.Microsecond)
	}
	if o := <-c; o.err != abi.EINTR || f.p.readers != 0 {
		t.Fatal(o, f.p.readers)
	}
	go open(ctx, abi.FREAD)
	w, err := f.Open(testContext(), abi.FWRITE)
	if err != 0 {
		t.Fatal(err)
	}
	r := <-c
	write(t, w, 3, 0)
	u := sys.NewUio(make([]byte, 8))
	if err := r.e.Read(ctx, u, 0); err != 0 || u.Resid != 5 {
		t.Fatal(err)
	}
	w.Close(ctx)
	r.e.Close(ctx)
	if e, err := f.Open(ctx, abi.FREAD|abi.O_NONBLOCK); err != 0 {
		t.Fatal(err)
	} else if err := e.Read(ctx, u, abi.O_NONBLOCK); err != 0 || u.Resid != 5 {
		t.Fatal(err, u.Resid)
	}
}

func BenchmarkOneByte(b *testing.B) {
	r, w := New()
	ctx := testContext()
	var in, out [1]byte
	seg := [2][][]byte{{in[:]}, {out[:]}}
	b.ReportAllocs()
	for b.Loop() {
		seg[0][0], seg[1][0] = in[:], out[:]
		u := sys.Uio{Iov: seg[0], Resid: 1}
		w.Write(ctx, &u, 0)
		u = sys.Uio{Iov: seg[1], Resid: 1}
		r.Read(ctx, &u, 0)
	}
}
