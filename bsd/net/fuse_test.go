package net

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// connection makes one over the loopback: the socket that connected and the one
// that was accepted. before runs between the two.
func connection(t *testing.T, ds *socket.Domains, before func(c *socket.Socket)) (c, s *socket.Socket) {
	t.Helper()
	l, port := listener(t, ds, loop4(0))
	c = open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	if before != nil {
		before(c)
	}
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	t.Cleanup(func() { s.Close(newCtx()) })
	must(t, l.Close(newCtx()))
	return c, s
}

func pcb(so *socket.Socket) *inpcb { return so.PCB().(*inpcb) }

// stackSent is how many bytes the stack has carried from so.
func stackSent(so *socket.Socket) uint64 {
	p := pcb(so)
	f := p.fus.Load()
	if f == nil {
		return p.sent.Load()
	}
	h := f.out(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.through
}

// What was sent before the connection was accepted comes before what was sent
// later, and only the former went through the stack.
func TestFusionOrder(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c, s := connection(t, ds, func(c *socket.Socket) { must(t, write(c, "by the stack ")) })
	must(t, write(c, "by memory"))
	must(t, write(s, "answer"))
	if got := stackSent(c); got != 13 {
		t.Errorf("the stack carried %d bytes from the client, want 13", got)
	}
	if got := stackSent(s); got != 0 {
		t.Errorf("the stack carried %d bytes from the server", got)
	}
	const all = "by the stack by memory"
	eventually(t, "all is readable", func() bool {
		return s.Filter(sys.EVFILT_READ).Ready(nil).Data == int64(len(all))
	})
	if got, e := read(s, 100, 0); e != 0 || got != all {
		t.Errorf("%q %s", got, e.Name())
	}
	if got, e := read(c, 3, 0); e != 0 || got != "ans" {
		t.Errorf("%q %s", got, e.Name())
	}
	b := make([]byte, 100)
	m := socket.Msg{Uio: sys.NewUio(b), Flags: abi.MSG_PEEK}
	must(t, c.Recvmsg(newCtx(), &m, true))
	if got := string(b[:100-m.Uio.Resid]); got != "wer" {
		t.Errorf("peeked %q", got)
	}
	if got, e := read(c, 3, 0); e != 0 || got != "wer" {
		t.Errorf("%q %s", got, e.Name())
	}
}

// A connection to the world, or from it, is not fused; one by IPv6 or by the
// machine's other address is.
func TestFusionWho(t *testing.T) {
	ds, _ := newNet(t, Config{Outside: true})
	for _, name := range [][]byte{
		abi.SockaddrIn([4]byte{127, 0, 0, 9}, 0), abi.SockaddrIn([4]byte{10, 0, 2, 15}, 0),
		abi.SockaddrIn6([16]byte{15: 1}, 0, 0),
	} {
		l, port := listener(t, ds, name)
		name[2], name[3] = byte(port>>8), byte(port)
		c := open(t, ds, int(name[1]), abi.SOCK_STREAM)
		must(t, c.Connect(newCtx(), name, false))
		s, _, e := l.Accept(newCtx(), false)
		must(t, e)
		must(t, write(c, "x"))
		if n := stackSent(c); n != 0 {
			t.Errorf("% x: %d bytes went through the stack", name, n)
		}
		if got, e := read(s, 9, 0); got != "x" || e != 0 {
			t.Errorf("% x: %q %s", name, got, e.Name())
		}
		s.Close(newCtx())
		l.Close(newCtx())
	}
	// A listener of both families, and a client of the older.
	l, port := listener(t, ds, abi.SockaddrIn6([16]byte{}, 0, 0))
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	defer s.Close(newCtx())
	must(t, write(s, "y"))
	if got, e := read(c, 9, 0); got != "y" || e != 0 || stackSent(s) != 0 {
		t.Errorf("%q %s, %d bytes through the stack", got, e.Name(), stackSent(s))
	}
}

// As much fits as the two buffers hold; then the sender waits for the receiver.
func TestFusionBackPressure(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c, s := connection(t, ds, nil)
	const snd, rcv = 10000, 20000
	must(t, c.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_SNDBUF, i32(snd)))
	must(t, s.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_RCVBUF, i32(rcv)))
	u := sys.NewUio(make([]byte, 100000))
	must(t, c.Write(newCtx(), u, abi.O_NONBLOCK))
	if sent := 100000 - u.Resid; sent != snd+rcv {
		t.Errorf("%d bytes were taken, want %d", sent, snd+rcv)
	}
	want(t, c.Write(newCtx(), u, abi.O_NONBLOCK), abi.EAGAIN)
	if r := c.Filter(sys.EVFILT_WRITE).Ready(nil); r.Ready {
		t.Errorf("a full socket is writable: %+v", r)
	}
	if r := s.Filter(sys.EVFILT_READ).Ready(nil); !r.Ready || r.Data != rcv {
		t.Errorf("%d bytes to read, want %d", r.Data, rcv)
	}
	for _, o := range []struct {
		so         *socket.Socket
		name, want int
	}{{s, abi.SO_NREAD, rcv}, {c, abi.SO_NWRITE, snd}} {
		b, e := o.so.Getsockopt(newCtx(), abi.SOL_SOCKET, o.name, 4)
		must(t, e)
		if n, _ := intOf(b); n != o.want {
			t.Errorf("option %#x: %d, want %d", o.name, n, o.want)
		}
	}
	activated := make(chan bool, 100)
	kn := &sys.Knote{Filter: sys.EVFILT_WRITE, Activate: func(uint32) { activated <- true }}
	c.Filter(sys.EVFILT_WRITE).Attach(kn)
	defer c.Filter(sys.EVFILT_WRITE).Detach(kn)
	done := make(chan abi.Errno)
	go func() { done <- c.Write(newCtx(), u, 0) }()
	left := 100000
	for left > 0 {
		got, e := read(s, 4096, 0)
		must(t, e)
		left -= len(got)
	}
	must(t, <-done)
	<-activated
	if r := c.Filter(sys.EVFILT_WRITE).Ready(nil); !r.Ready || r.Data != snd {
		t.Errorf("%+v", r)
	}
}

// A sender that waits hears of a larger buffer, its own or the receiver's.
func TestFusionBufferGrows(t *testing.T) {
	ds, _ := newNet(t, Config{})
	for _, name := range []int{abi.SO_SNDBUF, abi.SO_RCVBUF} {
		c, s := connection(t, ds, nil)
		done := make(chan abi.Errno)
		const size = 1 << 20
		go func() { done <- c.Write(newCtx(), sys.NewUio(make([]byte, size)), 0) }()
		eventually(t, "the buffers are full", func() bool { return !c.Filter(sys.EVFILT_WRITE).Ready(nil).Ready })
		so := c
		if name == abi.SO_RCVBUF {
			so = s
		}
		must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, name, i32(size)))
		must(t, <-done)
	}
}

// The end of the stream comes after its bytes, and the other direction lives on.
func TestFusionEnd(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c, s := connection(t, ds, nil)
	must(t, write(c, "last words"))
	must(t, c.Shutdown(newCtx(), abi.SHUT_WR))
	want(t, write(c, "x"), abi.EPIPE)
	eventually(t, "end of file is announced", func() bool { return s.Filter(sys.EVFILT_READ).Ready(nil).EOF })
	if r := s.Filter(sys.EVFILT_READ).Ready(nil); r.Data != 10 {
		t.Errorf("%+v", r)
	}
	for _, w := range []string{"last", " words", ""} {
		if got, e := read(s, max(1, len(w)), 0); e != 0 || got != w {
			t.Errorf("%q %s, want %q", got, e.Name(), w)
		}
	}
	must(t, write(s, "heard"))
	must(t, s.Close(newCtx()))
	for _, w := range []string{"heard", ""} {
		if got, e := read(c, 9, 0); e != 0 || got != w {
			t.Errorf("%q %s, want %q", got, e.Name(), w)
		}
	}
}

// Who closes without having read resets: the other side hears ECONNRESET, also
// when it waits for room. Sending to one who has closed ends with an error, too.
func TestFusionReset(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c, s := connection(t, ds, nil)
	must(t, write(c, "unread"))
	must(t, s.Close(newCtx()))
	if _, e := read(c, 1, 0); e != abi.ECONNRESET {
		t.Errorf("read from one who did not read: %s", e.Name())
	}

	c, s = connection(t, ds, nil)
	done := make(chan abi.Errno)
	go func() { done <- c.Write(newCtx(), sys.NewUio(make([]byte, 4<<20)), 0) }()
	eventually(t, "the buffers are full", func() bool { return !c.Filter(sys.EVFILT_WRITE).Ready(nil).Ready })
	must(t, s.Close(newCtx()))
	if e := <-done; e != abi.EPIPE && e != abi.ECONNRESET {
		t.Errorf("a waiting sender: %s", e.Name())
	}

	c, s = connection(t, ds, nil)
	must(t, write(c, "x"))
	read(s, 1, 0)
	must(t, s.Close(newCtx()))
	eventually(t, "sending to nobody fails", func() bool {
		e := write(c, "x")
		return e == abi.EPIPE || e == abi.ECONNRESET
	})
}

// What arrives after SHUT_RD is thrown away and the sender never waits.
func TestFusionDeaf(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c, s := connection(t, ds, nil)
	must(t, write(c, "x"))
	must(t, s.Shutdown(newCtx(), abi.SHUT_RD))
	must(t, c.Write(newCtx(), sys.NewUio(make([]byte, 4<<20)), abi.O_NONBLOCK))
	if got, e := read(s, 1, 0); got != "" || e != 0 {
		t.Errorf("%q %s", got, e.Name())
	}
	must(t, write(s, "still"))
	if got, _ := read(c, 9, 0); got != "still" {
		t.Errorf("%q", got)
	}
}

// SO_LINGER waits until the receiver's buffer has the rest.
func TestFusionLinger(t *testing.T) {
	ds, _ := newNet(t, Config{})
	c, s := connection(t, ds, nil)
	must(t, c.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_LINGER, append(i32(1), i32(6000)...)))
	u := sys.NewUio(make([]byte, 4*tcpSpace))
	must(t, c.Write(newCtx(), u, abi.O_NONBLOCK))
	sent := 4*tcpSpace - int(u.Resid)
	if sent <= tcpSpace {
		t.Fatalf("only %d bytes were taken", sent)
	}
	closed := make(chan bool)
	go func() { c.Close(newCtx()); close(closed) }()
	eventually(t, "closing has begun", func() bool { return s.Filter(sys.EVFILT_READ).Ready(nil).EOF })
	select {
	case <-closed:
		t.Error("close did not wait")
	default:
	}
	got := 0
	for {
		b, e := read(s, 1<<16, 0)
		must(t, e)
		if len(b) == 0 {
			break
		}
		got += len(b)
	}
	if got != sent {
		t.Errorf("%d bytes arrived of %d", got, sent)
	}
	s.Close(newCtx())
	<-closed
}

// The byte at each place of a direction's stream.
func streamByte(dir int, pos int64) byte { return byte(pos*7 + pos>>8 + int64(dir)*101) }

func streamBytes(dir int, pos int64, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = streamByte(dir, pos+int64(i))
	}
	return b
}

// modelEnd is what must hold for one end, in terms of bytes.
type modelEnd struct {
	so       *socket.Socket
	sent     int64 // into the stream that begins here
	received int64 // of the other's
	shut     bool
	closed   bool
}

// A random schedule of sends, receives, peeks, shutdowns and closes, against a
// model that knows streams of bytes only.
func TestFusionModel(t *testing.T) {
	ds, _ := newNet(t, Config{})
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for round := range 60 {
		var end [2]modelEnd
		early := rng.IntN(3) * rng.IntN(5000)
		end[0].so, end[1].so = connection(t, ds, func(c *socket.Socket) {
			must(t, c.Write(newCtx(), sys.NewUio(streamBytes(0, 0, early)), 0))
			end[0].sent = int64(early)
		})
		where := func(i, step int) string { return fmt.Sprintf("seed %d round %d step %d end %d", seed, round, step, i) }
		for step := range 200 {
			i := rng.IntN(2)
			me, other := &end[i], &end[1-i]
			if me.closed || other.closed {
				break
			}
			switch op := rng.IntN(100); {
			case op < 45:
				n := 1 + rng.IntN(1<<rng.IntN(18))
				u := sys.NewUio(streamBytes(i, me.sent, n))
				e := me.so.Write(newCtx(), u, abi.O_NONBLOCK)
				k := int64(n) - u.Resid
				me.sent += k
				switch {
				case me.shut && (e != abi.EPIPE || k != 0):
					t.Fatalf("%s: sent %d after shutdown, %s", where(i, step), k, e.Name())
				case me.shut:
				case e == abi.EAGAIN && me.sent-other.received < tcpSpace:
					t.Fatalf("%s: no room with %d bytes under way", where(i, step), me.sent-other.received)
				case e != 0 && e != abi.EAGAIN:
					t.Fatalf("%s: send: %s", where(i, step), e.Name())
				case me.sent-other.received > 2*tcpSpace+int64(early):
					t.Fatalf("%s: %d bytes under way", where(i, step), me.sent-other.received)
				}
			case op < 90:
				n := 1 + rng.IntN(1<<rng.IntN(18))
				peek := rng.IntN(4) == 0
				b := make([]byte, n)
				m := socket.Msg{Uio: sys.NewUio(b)}
				if peek {
					m.Flags = abi.MSG_PEEK
				}
				e := me.so.Recvmsg(newCtx(), &m, true)
				got := b[:n-int(m.Uio.Resid)]
				checkStream(t, where(i, step), 1-i, me.received, got)
				if me.received+int64(len(got)) > other.sent {
					t.Fatalf("%s: received more than was sent", where(i, step))
				}
				left := other.sent - me.received
				switch {
				case e == abi.EAGAIN && left > 0 && me.received >= int64(early):
					t.Fatalf("%s: nothing to receive of %d bytes", where(i, step), left)
				case e == 0 && len(got) == 0 && (left > 0 || !other.shut):
					t.Fatalf("%s: end of file with %d bytes left, shut %v", where(i, step), left, other.shut)
				case e != 0 && e != abi.EAGAIN:
					t.Fatalf("%s: receive: %s", where(i, step), e.Name())
				}
				if !peek {
					me.received += int64(len(got))
				}
			case op < 96:
				if left := other.sent - me.received; me.received >= int64(early) {
					if r := me.so.Filter(sys.EVFILT_READ).Ready(nil); r.Data != min(left, tcpSpace) {
						t.Fatalf("%s: %d bytes announced of %d", where(i, step), r.Data, left)
					}
				}
			case op < 98 && step > 100 && !me.shut:
				me.shut = true
				must(t, me.so.Shutdown(newCtx(), abi.SHUT_WR))
			case op == 99 && step > 150:
				me.closed = true
				must(t, me.so.Close(newCtx()))
				if other.sent > me.received && !me.shut { // the other hears of it (no end came before)
					for {
						got, e := read(other.so, 1<<16, 0)
						if e == abi.ECONNRESET {
							break
						}
						must(t, e)
						if len(got) == 0 {
							t.Fatalf("%s: %d unread bytes, and no reset", where(i, step), other.sent-me.received)
						}
						checkStream(t, where(i, step), i, other.received, []byte(got))
						other.received += int64(len(got))
					}
				}
			}
		}
		// Who is left receives all, and the end.
		for i := range end {
			me, other := &end[i], &end[1-i]
			if me.closed || other.closed && me.sent > other.received {
				continue // nobody is there, or there was a reset
			}
			if !other.shut && !other.closed {
				other.shut = true
				must(t, other.so.Shutdown(newCtx(), abi.SHUT_WR))
			}
			for {
				got, e := read(me.so, 1<<16, 0)
				must(t, e)
				if len(got) == 0 {
					break
				}
				checkStream(t, where(i, -1), 1-i, me.received, []byte(got))
				me.received += int64(len(got))
			}
			if me.received != other.sent {
				t.Fatalf("%s: %d of %d bytes at the end", where(i, -1), me.received, other.sent)
			}
		}
		end[0].so.Close(newCtx())
		end[1].so.Close(newCtx())
	}
}

func checkStream(t *testing.T, where string, dir int, pos int64, got []byte) {
	t.Helper()
	for k, c := range got {
		if w := streamByte(dir, pos+int64(k)); c != w {
			t.Fatalf("%s: byte %d is %#x, want %#x", where, pos+int64(k), c, w)
		}
	}
}

// Both directions at once, with threads that sleep.
func TestFusionThreads(t *testing.T) {
	ds, _ := newNet(t, Config{})
	const total = 3 << 20
	for range 3 {
		l, port := listener(t, ds, loop4(0))
		var wg sync.WaitGroup
		send := func(dir int, so *socket.Socket) {
			rng := rand.New(rand.NewPCG(rand.Uint64(), 2))
			for pos := int64(0); pos < total; {
				n := min(1+rng.IntN(1<<rng.IntN(18)), int(total-pos))
				if e := so.Write(newCtx(), sys.NewUio(streamBytes(dir, pos, n)), 0); e != 0 {
					t.Errorf("send: %s", e.Name())
					return
				}
				pos += int64(n)
			}
			so.Shutdown(newCtx(), abi.SHUT_WR)
		}
		receive := func(dir int, so *socket.Socket) {
			rng := rand.New(rand.NewPCG(rand.Uint64(), 3))
			pos := int64(0)
			for {
				b := make([]byte, 1+rng.IntN(1<<rng.IntN(18)))
				m := socket.Msg{Uio: sys.NewUio(b), Flags: []int{0, 0, abi.MSG_WAITALL, abi.MSG_PEEK}[rng.IntN(4)]}
				e := so.Recvmsg(newCtx(), &m, false)
				got := b[:len(b)-int(m.Uio.Resid)]
				if e != 0 {
					t.Errorf("receive: %s", e.Name())
					return
				}
				if len(got) == 0 {
					break
				}
				for k, c := range got {
					if c != streamByte(dir, pos+int64(k)) {
						t.Errorf("byte %d is wrong", pos+int64(k))
						return
					}
				}
				if m.Flags == abi.MSG_WAITALL && len(got) < len(b) && pos+int64(len(got)) < total {
					t.Errorf("MSG_WAITALL gave %d of %d bytes", len(got), len(b))
				}
				if m.Flags&abi.MSG_PEEK == 0 {
					pos += int64(len(got))
				}
			}
			if pos != total {
				t.Errorf("%d of %d bytes", pos, total)
			}
		}
		c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
		must(t, c.Connect(newCtx(), loop4(port), false))
		wg.Go(func() { send(0, c) })
		wg.Go(func() { receive(1, c) })
		s, _, e := l.Accept(newCtx(), false)
		must(t, e)
		wg.Go(func() { send(1, s) })
		wg.Go(func() { receive(0, s) })
		wg.Wait()
		must(t, s.Close(newCtx()))
		must(t, l.Close(newCtx()))
	}
}
