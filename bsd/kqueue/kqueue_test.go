package kqueue

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func TestLevelTriggered(t *testing.T) {
	h := newHarness(t)
	w := &well{}
	h.tbl.open(3, w)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	h.none()
	w.add(5)
	if ev := h.one(3); ev.Data != 5 || ev.Flags&abi.EV_EOF != 0 {
		t.Fatalf("event %+v", ev)
	}
	h.one(3) // the level is still there
	w.take()
	h.none()
	w.eof = true
	w.add(0)
	if ev := h.one(3); ev.Flags&abi.EV_EOF == 0 {
		t.Fatalf("no EV_EOF: %+v", ev)
	}
}

func TestEdgeTriggered(t *testing.T) {
	h := newHarness(t)
	w := &well{level: 1}
	h.tbl.open(3, w)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_CLEAR, 0, 0)
	h.one(3)
	h.none() // delivered, though the level is there
	w.add(1)
	h.one(3)
	h.none()
}

func TestOneshotDispatchDisable(t *testing.T) {
	h := newHarness(t)
	w := &well{level: 1}
	h.tbl.open(3, w)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_ONESHOT, 0, 0)
	h.one(3)
	h.none()
	h.change(abi.ENOENT, 3, sys.EVFILT_READ, abi.EV_DELETE, 0, 0)

	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_DISPATCH, 0, 0)
	h.one(3)
	h.none()
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ENABLE, 0, 0)
	h.one(3)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_DELETE, 0, 0)

	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_DISABLE, 0, 0)
	w.add(1)
	h.none()
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ENABLE, 0, 0)
	h.one(3)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_DISABLE, 0, 0)
	h.none()
}

func TestErrorsAndReceipts(t *testing.T) {
	h := newHarness(t)
	h.change(abi.EBADF, 9, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	h.change(abi.EINVAL, 9, 3, abi.EV_ADD, 0, 0)
	h.change(abi.EINVAL, 9, -100, abi.EV_ADD, 0, 0)
	h.change(abi.EINVAL, 9, -32768, abi.EV_ADD, 0, 0)
	h.change(abi.ENOTSUP, 9, sys.EVFILT_AIO, abi.EV_ADD, 0, 0)
	h.change(abi.ENOENT, 9, sys.EVFILT_USER, 0, 0, 0)
	h.tbl.open(3, &well{})
	h.change(abi.EINVAL, 3, sys.EVFILT_EXCEPT, abi.EV_ADD, 0, 0)
	changes := []abi.Kevent{
		{Ident: 3, Filter: sys.EVFILT_READ, Flags: abi.EV_ADD | abi.EV_RECEIPT},
		{Ident: 4, Filter: sys.EVFILT_READ, Flags: abi.EV_ADD},
		{Ident: 3, Filter: sys.EVFILT_WRITE, Flags: abi.EV_ADD},
	}
	var out [4]abi.Kevent
	n, err := h.kq.Kevent(h.ctx, h.tbl, changes, out[:], sched.Forever)
	if n != 2 || err != 0 {
		t.Fatalf("n %d, %v", n, err)
	}
	if out[0].Flags&abi.EV_ERROR == 0 || out[0].Data != 0 || out[1].Flags&abi.EV_ERROR == 0 || abi.Errno(out[1].Data) != abi.EBADF {
		t.Fatalf("receipts %+v", out[:2])
	}
	if ev := h.events(Immediate); len(ev) != 1 || ev[0].Filter != sys.EVFILT_WRITE {
		t.Fatalf("the change after the error is lost: %+v", ev)
	}
}

func TestUser(t *testing.T) {
	h := newHarness(t)
	const F = sys.EVFILT_USER
	h.change(0, 1, F, abi.EV_ADD|abi.EV_CLEAR, 0xf0, 0)
	h.none()
	h.change(0, 1, F, 0, abi.NOTE_FFOR|0x0f, 0)
	h.none()
	h.change(0, 1, F, 0, abi.NOTE_FFAND|abi.NOTE_TRIGGER|0x3c, 42)
	if ev := h.one(1); ev.Fflags != 0x3c || ev.Data != 42 {
		t.Fatalf("%+v", ev)
	}
	h.none()
	h.change(0, 1, F, 0, abi.NOTE_FFCOPY|abi.NOTE_TRIGGER|7, 0)
	if ev := h.one(1); ev.Fflags != 7 {
		t.Fatalf("%+v", ev)
	}
	// Without EV_CLEAR it stays triggered.
	h.change(0, 2, F, abi.EV_ADD, abi.NOTE_TRIGGER, 0)
	h.one(2)
	h.one(2)
	// One registration for each udata.
	h.change(0, 2, F, abi.EV_DELETE, 0, 0)
	for u := uint64(1); u <= 2; u++ {
		kev := abi.Kevent{Ident: 5, Filter: F, Flags: abi.EV_ADD | abi.EV_UDATA_SPECIFIC | abi.EV_CLEAR, Fflags: abi.NOTE_TRIGGER, Udata: u}
		if _, err := h.kq.Change(h.ctx, h.tbl, []abi.Kevent{kev}, nil); err != 0 {
			t.Fatal(err)
		}
	}
	if ev := h.events(Immediate); len(ev) != 2 || ev[0].Udata == ev[1].Udata {
		t.Fatalf("%+v", ev)
	}
}

func TestDeferredDelete(t *testing.T) {
	h := newHarness(t)
	h.tbl.open(3, &well{level: 1})
	const f = abi.EV_DISPATCH2
	kev := abi.Kevent{Ident: 3, Filter: sys.EVFILT_READ, Udata: 9}
	do := func(flags uint16, want abi.Errno) {
		t.Helper()
		kev.Flags = flags | f
		if _, err := h.kq.Change(h.ctx, h.tbl, []abi.Kevent{kev}, nil); err != want {
			t.Fatalf("flags %#x: %d, want %d", flags, err, want)
		}
	}
	do(abi.EV_ADD|abi.EV_VANISHED, 0)
	if len(h.events(Immediate)) != 1 {
		t.Fatal("no event")
	}
	do(abi.EV_DELETE, abi.EINPROGRESS)
	h.none()
	do(abi.EV_ENABLE, 0)
	if ev := h.events(Immediate); len(ev) != 1 || ev[0].Flags&abi.EV_DELETE == 0 {
		t.Fatalf("%+v", ev)
	}
	do(abi.EV_ENABLE, abi.ENOENT)

	do(abi.EV_ADD|abi.EV_VANISHED, 0)
	h.tbl.close(h.ctx, 3)
	if ev := h.events(Immediate); len(ev) != 1 || ev[0].Flags&abi.EV_VANISHED == 0 {
		t.Fatalf("%+v", ev)
	}
	h.none()
}

func TestTimer(t *testing.T) {
	h := newHarness(t)
	const F = sys.EVFILT_TIMER
	start := time.Now()
	h.change(0, 1, F, abi.EV_ADD, abi.NOTE_NSECONDS, 2e6)
	if ev := h.events(sched.Forever); len(ev) != 1 || ev[0].Data < 1 || time.Since(start) < 2*time.Millisecond {
		t.Fatalf("%+v after %v", ev, time.Since(start))
	}
	time.Sleep(7 * time.Millisecond)
	if ev := h.events(sched.Forever); ev[0].Data < 3 {
		t.Fatalf("%d periods in 7 ms of 2", ev[0].Data)
	}
	h.change(0, 1, F, abi.EV_DELETE, 0, 0)
	h.change(0, 2, F, abi.EV_ADD|abi.EV_ONESHOT, abi.NOTE_USECONDS, 500)
	if ev := h.events(sched.Forever); len(ev) != 1 || ev[0].Data < 1 || ev[0].Ident != 2 {
		t.Fatalf("%+v", ev)
	}
	h.change(abi.ENOENT, 2, F, abi.EV_DELETE, 0, 0)
	// Absolute, in the past: at once, once.
	h.change(0, 3, F, abi.EV_ADD, abi.NOTE_ABSOLUTE|abi.NOTE_SECONDS, 1000)
	h.one(3)
	h.change(abi.ENOENT, 3, F, abi.EV_DELETE, 0, 0)
	at := time.Now().Add(3 * time.Millisecond)
	h.change(0, 3, F, abi.EV_ADD, abi.NOTE_ABSOLUTE|abi.NOTE_NSECONDS, at.UnixNano())
	if h.events(sched.Forever); time.Now().Before(at.Add(-time.Millisecond)) {
		t.Fatal("too early")
	}
	h.change(abi.ERANGE, 4, F, abi.EV_ADD, abi.NOTE_SECONDS, 1<<62)
	h.change(abi.EINVAL, 4, F, abi.EV_ADD, abi.NOTE_SECONDS|abi.NOTE_USECONDS, 1)
	h.change(0, 4, F, abi.EV_ADD, abi.NOTE_NSECONDS, 1<<62)
	h.none()
	// A touch restarts it, and what had fired is forgotten.
	h.change(0, 5, F, abi.EV_ADD, 0, 0)
	h.change(0, 5, F, abi.EV_ADD, abi.NOTE_SECONDS, 1000)
	h.none()
	h.change(0, 6, F, abi.EV_ADD, 0, -1)
	h.one(6)
	h.none()
}

func TestScanTimeoutInterruptClose(t *testing.T) {
	h := newHarness(t)
	var buf [1]abi.Kevent
	if n, err := h.kq.Scan(h.ctx, buf[:], sched.After(2*time.Millisecond)); n != 0 || err != 0 {
		t.Fatal(n, err)
	}
	result := make(chan abi.Errno)
	scan := func() { _, err := h.kq.Scan(h.ctx, buf[:], sched.Forever); result <- err }
	go scan()
	for !h.ctx.Thread.Interrupt() {
		time.Sleep(100 * time.Microsecond)
	}
	if err := <-result; err != abi.EINTR {
		t.Fatal(err)
	}
	go scan()
	for !h.ctx.Thread.IsWaiting() {
		time.Sleep(100 * time.Microsecond)
	}
	h.kq.Drain()
	if err := <-result; err != abi.EBADF {
		t.Fatal(err)
	}
}

type procs struct {
	mu    sync.Mutex
	klist map[int32]*sys.Klist
}

func (p *procs) Klist(_ *sys.Context, pid int32, status bool) (*sys.Klist, abi.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if status && pid == 1 {
		return nil, abi.EACCES
	}
	if l := p.klist[pid]; l != nil {
		return l, 0
	}
	return nil, abi.ESRCH
}

func TestProcAndSignal(t *testing.T) {
	h := newHarness(t)
	p := &procs{klist: map[int32]*sys.Klist{1: {}, 7: {}, 8: {}}}
	Procs = p
	defer func() { Procs = nil }()
	const F = sys.EVFILT_PROC
	h.change(abi.ESRCH, 99, F, abi.EV_ADD, abi.NOTE_EXIT, 0)
	h.change(abi.EACCES, 1, F, abi.EV_ADD, abi.NOTE_EXIT|abi.NOTE_EXITSTATUS, 0)
	h.change(abi.ENOTSUP, 8, F, abi.EV_ADD, abi.NOTE_TRACK, 0)
	h.change(0, 8, F, abi.EV_ADD, abi.NOTE_FORK|abi.NOTE_EXIT|abi.NOTE_EXITSTATUS, 0)
	p.klist[8].Notify(abi.NOTE_EXEC)
	h.none()
	p.klist[8].Notify(abi.NOTE_FORK | 12)
	if ev := h.one(8); ev.Fflags != abi.NOTE_FORK || ev.Data != 0 {
		t.Fatalf("%+v", ev)
	}
	h.none()
	p.klist[8].Notify(abi.NOTE_EXIT | 3<<8)
	if ev := h.one(8); ev.Fflags != abi.NOTE_EXIT|abi.NOTE_EXITSTATUS || ev.Data != 3<<8 || ev.Flags&abi.EV_EOF == 0 {
		t.Fatalf("%+v", ev)
	}
	h.change(abi.ENOENT, 8, F, abi.EV_DELETE, 0, 0)
	if !p.klist[8].Empty() {
		t.Fatal("the knote is still on the process")
	}

	h.change(abi.EINVAL, 32, sys.EVFILT_SIGNAL, abi.EV_ADD, 0, 0)
	h.change(0, uint64(abi.SIGUSR1), sys.EVFILT_SIGNAL, abi.EV_ADD, 0, 0)
	p.klist[7].Notify(abi.NOTE_SIGNAL | uint32(abi.SIGUSR2))
	h.none()
	p.klist[7].Notify(abi.NOTE_SIGNAL | uint32(abi.SIGUSR1))
	p.klist[7].Notify(abi.NOTE_SIGNAL | uint32(abi.SIGUSR1))
	if ev := h.one(uint64(abi.SIGUSR1)); ev.Data != 2 {
		t.Fatalf("%+v", ev)
	}
	h.none()
}

func TestVnode(t *testing.T) {
	h := newHarness(t)
	w := &well{}
	h.tbl.open(3, w)
	h.change(0, 3, sys.EVFILT_VNODE, abi.EV_ADD|abi.EV_CLEAR, abi.NOTE_WRITE|abi.NOTE_RENAME, 0)
	w.vnodes.Notify(abi.NOTE_ATTRIB)
	h.none()
	w.vnodes.Notify(abi.NOTE_WRITE | abi.NOTE_EXTEND)
	w.vnodes.Notify(abi.NOTE_RENAME)
	if ev := h.one(3); ev.Fflags != abi.NOTE_WRITE|abi.NOTE_RENAME {
		t.Fatalf("%+v", ev)
	}
	h.none()
}

func TestFdClose(t *testing.T) {
	h := newHarness(t)
	w := &well{level: 1}
	h.tbl.open(3, w)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	h.change(0, 3, sys.EVFILT_WRITE, abi.EV_ADD, 0, 0)
	h.tbl.close(h.ctx, 3)
	h.none()
	if !w.klist.Empty() || len(h.kq.knotes) != 0 || len(h.tbl.knotes.fd) != 0 || h.tbl.knotes.n.Load() != 0 {
		t.Fatal("something is left of the registrations")
	}
	// Closing the kqueue leaves nothing on the object either.
	h.tbl.open(3, w)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	h.kq.Close(h.ctx)
	if !w.klist.Empty() || h.tbl.knotes.n.Load() != 0 {
		t.Fatal("something is left of the kqueue")
	}
}

// TestDescriptorReused: a number is another file's before the one that had it is closed for good.
func TestDescriptorReused(t *testing.T) {
	h := newHarness(t)
	a, b := &well{}, &well{}
	old := h.tbl.open(3, a)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_CLEAR, 0, 0)
	h.tbl.open(3, b) // who closes has taken the entry out, and is not further
	h.change(abi.ENOENT, 3, sys.EVFILT_READ, abi.EV_DELETE, 0, 0)
	h.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_CLEAR, 0, 0)
	h.change(0, 3, sys.EVFILT_VNODE, abi.EV_ADD, abi.NOTE_WRITE, 0)
	h.tbl.knotes.FdClose(3, old)
	if !a.klist.Empty() || b.klist.Empty() || b.vnodes.Empty() || len(h.kq.knotes) != 2 || h.tbl.knotes.n.Load() != 2 {
		t.Fatal("the registrations are not those of the file that is open")
	}
	a.add(1)
	h.none()
	b.add(1)
	h.one(3)
	h.tbl.close(h.ctx, 3)
	if !b.klist.Empty() || !b.vnodes.Empty() || len(h.kq.knotes) != 0 || h.tbl.knotes.n.Load() != 0 {
		t.Fatal("something is left of the registrations")
	}
}

func TestNested(t *testing.T) {
	h := newHarness(t)
	inner := New()
	w := &well{}
	h.tbl.open(3, w)
	h.tbl.open(4, inner)
	h.tbl.open(5, h.kq)
	h.change(0, 4, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	h.change(abi.EINVAL, 5, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	h.change(abi.EINVAL, 4, sys.EVFILT_WRITE, abi.EV_ADD, 0, 0)
	in := &harness{t, h.ctx, h.tbl, inner}
	in.change(abi.EINVAL, 5, sys.EVFILT_READ, abi.EV_ADD, 0, 0)
	in.change(0, 3, sys.EVFILT_READ, abi.EV_ADD|abi.EV_CLEAR, 0, 0)
	h.none()
	w.add(1)
	if ev := h.one(4); ev.Data != 1 {
		t.Fatalf("%+v", ev)
	}
	in.one(3)
	h.none()
	// Without the first nesting the other way round is allowed.
	h.change(0, 4, sys.EVFILT_READ, abi.EV_DELETE, 0, 0)
	in.change(0, 5, sys.EVFILT_READ, abi.EV_ADD, 0, 0)

	// Depth is bounded.
	last, refused := New(), 0
	for i := range int32(40) {
		h.tbl.open(100+i, last)
		outer := New()
		ho := &harness{t, h.ctx, h.tbl, outer}
		kev := abi.Kevent{Ident: uint64(100 + i), Filter: sys.EVFILT_READ, Flags: abi.EV_ADD}
		if _, err := ho.kq.Change(h.ctx, h.tbl, []abi.Kevent{kev}, nil); err == abi.EINVAL {
			refused++
		} else {
			last = outer
		}
	}
	if refused != 40-(maxNest-1) {
		t.Fatalf("%d refused", refused)
	}
}

// TestNoLostEdge is what a network poller does: one waiter with EV_CLEAR, many
// objects that become readable, readers that drain them when told. If an edge
// is lost, somebody waits for ever.
func TestNoLostEdge(t *testing.T) {
	const objects, rounds = 8, 2000
	h := newHarness(t)
	wells := [objects]*well{}
	var total [objects]atomic.Int64
	for i := range wells {
		wells[i] = &well{}
		h.tbl.open(int32(i), wells[i])
	}
	var wg sync.WaitGroup
	for i := range wells {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx := testContext("writer")
			// Registered while it becomes ready.
			go wells[i].add(1)
			kev := abi.Kevent{Ident: uint64(i), Filter: sys.EVFILT_READ, Flags: abi.EV_ADD | abi.EV_CLEAR}
			if _, err := h.kq.Change(ctx, h.tbl, []abi.Kevent{kev}, nil); err != 0 {
				t.Error(err)
			}
			for range rounds - 1 {
				wells[i].add(1)
			}
		}()
	}
	done := 0
	var buf [3]abi.Kevent
	for done < objects {
		n, err := h.kq.Scan(h.ctx, buf[:], sched.After(10*time.Second))
		if err != 0 || n == 0 {
			t.Fatalf("an edge was lost: %d events, %v", n, err)
		}
		for _, ev := range buf[:n] {
			i := ev.Ident
			if total[i].Add(wells[i].take()) == rounds {
				done++
			}
		}
	}
	wg.Wait()
}

// TestChaos has registration, closing, firing and scanning meet; it is for the
// race detector, and the end state must be empty.
func TestChaos(t *testing.T) {
	h := newHarness(t)
	var wg, scans sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		scans.Go(func() {
			ctx := testContext("scanner")
			var buf [4]abi.Kevent
			for {
				select {
				case <-stop:
					return
				default:
					h.kq.Scan(ctx, buf[:], sched.After(time.Millisecond))
				}
			}
		})
	}
	wells := [4]*well{}
	for i := range wells {
		wg.Go(func() {
			ctx := testContext("opener")
			for range 300 {
				w := &well{}
				h.tbl.open(int32(i), w)
				var fire sync.WaitGroup
				fire.Go(func() { w.add(1) })
				fire.Go(func() {
					kev := []abi.Kevent{
						{Ident: uint64(i), Filter: sys.EVFILT_READ, Flags: abi.EV_ADD | abi.EV_CLEAR},
						{Ident: uint64(i), Filter: sys.EVFILT_TIMER, Flags: abi.EV_ADD, Fflags: abi.NOTE_NSECONDS, Data: 1000},
						{Ident: uint64(i), Filter: sys.EVFILT_WRITE, Flags: abi.EV_ADD | abi.EV_ONESHOT},
					}
					var out [4]abi.Kevent
					h.kq.Change(testContext("adder"), h.tbl, kev, out[:])
				})
				w.add(1)
				h.tbl.close(ctx, int32(i))
				fire.Wait()
				if !w.klist.Empty() {
					t.Error("a registration outlived its descriptor")
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	scans.Wait()
	h.kq.Close(h.ctx)
	if n := h.tbl.knotes.n.Load(); n != 0 || len(h.kq.knotes) != 0 {
		t.Fatalf("%d, %d left", n, len(h.kq.knotes))
	}
}

func TestLayouts(t *testing.T) {
	k := abi.Kevent{Ident: 1, Filter: -2, Flags: 3, Qos: 4, Udata: 5, Fflags: 6, Xflags: 7, Data: -8, Ext: [4]uint64{9, 10, 11, 12}}
	var q [abi.KeventQosSize]byte
	var back abi.Kevent
	k.MarshalQos(&q)
	if back.UnmarshalQos(&q); back != k {
		t.Fatalf("qos %+v", back)
	}
	var s [abi.Kevent64Size]byte
	k.Marshal64(&s)
	want := k
	want.Qos, want.Xflags, want.Ext[2], want.Ext[3] = 0, 0, 0, 0
	if back.Unmarshal64(&s); back != want {
		t.Fatalf("64 %+v", back)
	}
	// struct kevent: ident 0, filter 8, flags 10, fflags 12, data 16, udata 24.
	if s[0] != 1 || s[8] != 0xfe || s[10] != 3 || s[12] != 6 || s[16] != 0xf8 || s[24] != 5 || s[32] != 9 {
		t.Fatalf("bytes % x", s)
	}
}

// exiting is a process that announces its exit while a registration is hung on
// it, and is gone when it is looked for again.
type exiting struct {
	klist sys.Klist
	calls int
}

func (e *exiting) Klist(*sys.Context, int32, bool) (*sys.Klist, abi.Errno) {
	if e.calls++; e.calls == 1 {
		return &e.klist, 0
	}
	e.klist.Notify(abi.NOTE_EXIT)
	return nil, abi.ESRCH
}

func TestProcExitsWhileAttached(t *testing.T) {
	h := newHarness(t)
	Procs = &exiting{}
	defer func() { Procs = nil }()
	h.change(abi.ESRCH, 8, sys.EVFILT_PROC, abi.EV_ADD, abi.NOTE_EXIT, 0)
	h.none()
}
