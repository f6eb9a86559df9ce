package kqueue

import (
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func TestPoll(t *testing.T) {
	h := newHarness(t)
	w := &well{}
	h.tbl.open(3, w)
	poll := func(deadline sched.Deadline, fds ...abi.Pollfd) (int, []abi.Pollfd) {
		t.Helper()
		n, err := Poll(h.ctx, h.tbl, fds, deadline)
		if err != 0 {
			t.Fatal(err)
		}
		return n, fds
	}
	in := abi.Pollfd{Fd: 3, Events: abi.POLLIN}
	if n, _ := poll(Immediate, in); n != 0 {
		t.Fatal("ready without data")
	}
	if n, _ := poll(sched.After(time.Millisecond), in, abi.Pollfd{Fd: -1, Events: abi.POLLIN, Revents: 5}); n != 0 {
		t.Fatal("ready without data")
	}
	if n, f := poll(sched.Forever, in, abi.Pollfd{Fd: 77, Events: abi.POLLIN}); n != 1 || f[1].Revents != abi.POLLNVAL {
		t.Fatalf("%d %+v", n, f)
	}
	if n, f := poll(sched.Forever, abi.Pollfd{Fd: 3, Events: abi.POLLIN | abi.POLLOUT}); n != 1 || f[0].Revents != abi.POLLOUT {
		t.Fatalf("%d %+v", n, f)
	}
	time.AfterFunc(2*time.Millisecond, func() { w.add(1) })
	if n, f := poll(sched.Forever, in); n != 1 || f[0].Revents != abi.POLLIN {
		t.Fatalf("%d %+v", n, f)
	}
	// Data does not make POLLHUP.
	if n, f := poll(sched.After(time.Millisecond), abi.Pollfd{Fd: 3, Events: abi.POLLHUP}); n != 0 || f[0].Revents != 0 {
		t.Fatalf("%d %+v", n, f)
	}
	w.eof = true
	if n, f := poll(sched.Forever, abi.Pollfd{Fd: 3, Events: abi.POLLIN | abi.POLLOUT}); n != 1 || f[0].Revents != abi.POLLIN|abi.POLLHUP {
		t.Fatalf("%d %+v", n, f)
	}
	time.AfterFunc(2*time.Millisecond, func() { w.vnodes.Notify(abi.NOTE_WRITE) })
	if n, f := poll(sched.Forever, abi.Pollfd{Fd: 3, Events: abi.POLLWRITE}); n != 1 || f[0].Revents != abi.POLLWRITE {
		t.Fatalf("%d %+v", n, f)
	}
	if !w.klist.Empty() || !w.vnodes.Empty() || h.tbl.files[3].Refs() != 1 {
		t.Fatal("something is left of a poll")
	}
}

func TestSelect(t *testing.T) {
	h := newHarness(t)
	lo, hi := &well{}, &well{}
	h.tbl.open(2, lo)
	h.tbl.open(1100, hi) // beyond FD_SETSIZE
	const nfds = 1101
	set := func(fds ...int) []uint64 {
		s := make([]uint64, FdSetWords(nfds))
		for _, fd := range fds {
			s[fd/64] |= 1 << (fd % 64)
		}
		return s
	}
	r, w := set(2, 1100), set(2)
	if n, err := Select(h.ctx, h.tbl, nfds, r, w, nil, sched.Forever); n != 1 || err != 0 || r[0] != 0 || w[0] != 4 {
		t.Fatal(n, err, r, w)
	}
	time.AfterFunc(2*time.Millisecond, func() { hi.add(1) })
	r = set(2, 1100)
	if n, err := Select(h.ctx, h.tbl, nfds, r, nil, nil, sched.Forever); n != 1 || err != 0 || r[0] != 0 || r[1100/64] != 1<<(1100%64) {
		t.Fatal(n, err, r)
	}
	if n, err := Select(h.ctx, h.tbl, 3, set(2), nil, set(2), sched.After(time.Millisecond)); n != 0 || err != 0 {
		t.Fatal(n, err)
	}
	r = set(2, 5)
	if n, err := Select(h.ctx, h.tbl, nfds, r, nil, nil, Immediate); n != 0 || err != abi.EBADF || r[0] != 1<<2|1<<5 {
		t.Fatal(n, err)
	}
	// Bits beyond nfds are not looked at.
	if n, err := Select(h.ctx, h.tbl, 3, set(5)[:1], nil, nil, Immediate); n != 0 || err != 0 {
		t.Fatal(n, err)
	}
	// No descriptors: a sleep.
	start := time.Now()
	if n, err := Select(h.ctx, h.tbl, 0, nil, nil, nil, sched.After(2*time.Millisecond)); n != 0 || err != 0 || time.Since(start) < 2*time.Millisecond {
		t.Fatal(n, err)
	}
	if !lo.klist.Empty() || !hi.klist.Empty() || h.tbl.files[2].Refs() != 1 {
		t.Fatal("something is left of a select")
	}
}

func BenchmarkUserTrigger(b *testing.B) {
	ctx, tbl, kq := testContext("bench"), newTable(), New()
	add := []abi.Kevent{{Ident: 1, Filter: sys.EVFILT_USER, Flags: abi.EV_ADD | abi.EV_CLEAR}}
	kq.Change(ctx, tbl, add, nil)
	fire := []abi.Kevent{{Ident: 1, Filter: sys.EVFILT_USER, Fflags: abi.NOTE_TRIGGER}}
	var out [4]abi.Kevent
	b.ReportAllocs()
	for b.Loop() {
		kq.Change(ctx, tbl, fire, nil)
		if n, _ := kq.Scan(ctx, out[:], Immediate); n != 1 {
			b.Fatal("no event")
		}
	}
}
