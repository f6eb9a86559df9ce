package socket

import (
	"bytes"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// TestTotal: sockets that nobody reads hold no more than all of them may together, and
// those that are read get on meanwhile, a sleeping writer too.
func TestTotal(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	before := Total()
	defer func(n int64) { totalMax.Store(n); pressed.Store(false) }(totalMax.Load())
	totalMax.Store(before + 1<<20)
	const pairs = 100
	var all []*Socket
	full := make([]byte, 1<<20)
	for range pairs {
		a, b, e := ds.Pair(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
		must(t, e)
		all = append(all, a, b)
		must(t, a.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_SNDBUF, i32(256<<10)))
		for {
			if e := a.Write(ctx, sys.NewUio(full), abi.O_NONBLOCK); e != 0 {
				want(t, e, abi.EAGAIN)
				break
			}
		}
	}
	// The last one above the limit may still have had room for one write.
	if n, most := Total()-before, int64(1<<20+512<<10+2*pairs*tight); n > most {
		t.Errorf("%d bytes are held, more than %d", n, most)
	}
	if !pressed.Load() {
		t.Error("the limit was never reached")
	}
	// A new pair carries a megabyte, though its writer has to wait often.
	a, b := streamPair(t, ds, ctx)
	all = append(all, a, b)
	sent := bytes.Repeat([]byte("puggle"), 200_000)
	done := make(chan abi.Errno, 1)
	go func() {
		c := newCtx()
		u := sys.NewUio(sent)
		for u.Resid > 0 {
			if e := a.Write(c, u, 0); e != 0 {
				done <- e
				return
			}
		}
		done <- 0
	}()
	var got []byte
	for len(got) < len(sent) {
		p, e := recv(t, b, ctx, 10_000, 0)
		must(t, e)
		got = append(got, p...)
		if len(got) > len(sent)/2 {
			totalMax.Store(1 << 30) // the others are read, and it is over
		}
	}
	must(t, <-done)
	if !bytes.Equal(got, sent) {
		t.Error("other bytes came")
	}
	// Datagrams.
	totalMax.Store(before + 1<<20)
	x, y, e := ds.Pair(ctx, abi.AF_UNIX, abi.SOCK_DGRAM, 0)
	must(t, e)
	all = append(all, x, y)
	must(t, send(x, ctx, make([]byte, 1000)))
	for range 100 {
		if e = send(x, ctx, make([]byte, 1000)); e != 0 {
			break
		}
	}
	want(t, e, abi.ENOBUFS)
	for _, so := range all {
		so.Close(ctx)
	}
	if n := Total(); n != before {
		t.Errorf("%d bytes are held when all are closed, before %d", n, before)
	}
}

// TestReserved: sizes are refused when all sockets together have asked for too much, and
// are free again when those are closed.
func TestReserved(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	before, n := reserved.Load(), sockets.Load()
	for range 2 {
		var all []*Socket
		var e abi.Errno
		for range reservedMax/MaxSockbuf + 10 {
			so, e2 := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
			must(t, e2)
			all = append(all, so)
			for range 3 { // the same again costs nothing
				if e = so.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_RCVBUF, i32(MaxSockbuf)); e != 0 {
					break
				}
			}
			if e != 0 {
				break
			}
		}
		want(t, e, abi.ENOBUFS)
		must(t, all[0].Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_RCVBUF, i32(freeSpace)))
		must(t, all[len(all)-1].Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_RCVBUF, i32(MaxSockbuf)))
		for _, so := range all {
			so.Close(ctx)
		}
		if reserved.Load() != before || sockets.Load() != n {
			t.Fatalf("%d bytes are reserved for %d sockets when all are closed", reserved.Load()-before, sockets.Load()-n)
		}
	}
}

// TestBegin: what is asked for beyond the sizes that a socket began with is reserved, and
// who is accepted has its listener's sizes as long as there is room for them.
func TestBegin(t *testing.T) {
	ds, ctx := newLayer(), newCtx()
	before := reserved.Load()
	const began, asked = 4 << 10, freeSpace
	var all []*Socket
	var e abi.Errno
	for range reservedMax/(asked-began) + 10 {
		so, e2 := ds.New(ctx, abi.AF_UNIX, abi.SOCK_STREAM, 0)
		must(t, e2)
		all = append(all, so)
		so.sndHiwat, so.rcvHiwat = 0, 0 // as a protocol of the stack's finds it
		so.Begin(began, began)
		if e = so.Setsockopt(ctx, abi.SOL_SOCKET, abi.SO_RCVBUF, i32(asked)); e != 0 {
			break
		}
	}
	want(t, e, abi.ENOBUFS)
	child := func(l *Socket) (snd, rcv int) {
		n := l.Adopt(func(*Socket) PCB { return l.pcb })
		n.Begin(began, began)
		all = append(all, n)
		return n.Sizes()
	}
	if _, rcv := child(all[0]); rcv != began {
		t.Errorf("accepted when there is no room: %d bytes, want %d", rcv, began)
	}
	for range 2 {
		all[1].Close(ctx)
		all = append(all[:1], all[2:]...)
	}
	if _, rcv := child(all[0]); rcv != asked {
		t.Errorf("accepted: %d bytes, its listener has %d", rcv, asked)
	}
	for _, so := range all {
		so.Close(ctx)
	}
	if n := reserved.Load(); n != before {
		t.Errorf("%d bytes are reserved when all are closed", n-before)
	}
}
