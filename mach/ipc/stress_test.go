package ipc

import (
	"math/rand/v2"
	"sync"
	"testing"

	"puggle/abi"
)

// TestStress: several senders and receivers, timeouts and interruptions,
// membership that changes all the time. Every message arrives exactly once,
// and those of one sender in the order of their sequence numbers.
func TestStress(t *testing.T) {
	leakCheck(t)
	const senders, receivers, ports = 4, 3, 3
	perSender := 3000
	if testing.Short() {
		perSender = 300
	}
	a := newTask()
	set, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	set2, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	var p [ports]abi.PortName
	for i := range p {
		p[i], _ = a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
		a.InsertMember(p[i], set)
	}
	var send, recv sync.WaitGroup
	stop := make(chan struct{})
	type got struct{ port, seqno, sender, n uint32 }
	results := make([][]got, receivers)
	var threads []*task
	for i := range senders {
		th := a.thread()
		threads = append(threads, th)
		send.Add(1)
		go func() {
			defer send.Done()
			rng := rand.New(rand.NewPCG(uint64(i), 2))
			for n := 0; n < perSender; {
				m := msg{bits: hbits(copySend, 0), remote: p[rng.IntN(ports)], data: make([]byte, 8)}
				put32(m.data, 0, uint32(i))
				put32(m.data, 4, uint32(n))
				opt, ms := abi.MsgOption(0), uint32(0)
				if rng.IntN(4) == 0 {
					opt, ms = abi.MACH_SEND_TIMEOUT, uint32(rng.IntN(2))
				}
				switch kr := th.send(m, opt, ms); kr {
				case 0:
					n++
				case abi.MACH_SEND_TIMED_OUT, abi.MACH_SEND_INTERRUPTED:
					// The copied right came back moved: one reference too many.
					a.ModRefs(m.remote, abi.MACH_PORT_RIGHT_SEND, -1)
				default:
					t.Errorf("send %#x", uint32(kr))
					return
				}
			}
		}()
	}
	for i := range receivers {
		th := a.thread()
		threads = append(threads, th)
		recv.Add(1)
		go func() {
			defer recv.Done()
			rng := rand.New(rand.NewPCG(uint64(i), 3))
			for last := false; ; {
				from := set
				if k := rng.IntN(2 + ports); k < ports {
					from = p[k]
				} else if k == ports {
					from = set2
				}
				b, kr := th.recv(from, abi.MACH_RCV_TIMEOUT|abi.MACH_RCV_TRAILER_SEQNO<<24, uint32(rng.IntN(2)), 128)
				switch kr {
				case 0:
					results[i] = append(results[i], got{get32(b, 12), get32(b, 40), get32(b, 24), get32(b, 28)})
					last = false
				case abi.MACH_RCV_TIMED_OUT, abi.MACH_RCV_INTERRUPTED:
					select {
					case <-stop:
						empty := true
						for _, n := range p {
							st, _ := a.Status(n)
							empty = empty && st.Msgcount == 0
						}
						if empty && last {
							return
						}
						last = empty
					default:
					}
				default:
					t.Errorf("receive %#x", uint32(kr))
					return
				}
			}
		}()
	}
	quit := make(chan struct{})
	var meddle sync.WaitGroup
	meddle.Add(1)
	go func() {
		defer meddle.Done()
		rng := rand.New(rand.NewPCG(9, 9))
		for {
			select {
			case <-quit:
				return
			default:
			}
			n := p[rng.IntN(ports)]
			switch rng.IntN(6) {
			case 0:
				a.MoveMember(n, set)
			case 1:
				a.MoveMember(n, set2)
			case 2:
				a.InsertMember(n, set)
			case 3:
				a.ExtractMember(n, set2)
			case 4:
				a.SetAttributes(n, abi.MACH_PORT_LIMITS_INFO, []uint32{1 + rng.Uint32N(6)})
			case 5:
				threads[rng.IntN(len(threads))].th.Interrupt()
			}
		}
	}()
	send.Wait()
	close(stop)
	recv.Wait()
	close(quit)
	meddle.Wait()

	seen := map[[2]uint32]bool{}
	order := map[uint32]map[uint32]got{} // port -> seqno
	for _, r := range results {
		for _, g := range r {
			if seen[[2]uint32{g.sender, g.n}] {
				t.Fatalf("message %v arrived twice", g)
			}
			seen[[2]uint32{g.sender, g.n}] = true
			if order[g.port] == nil {
				order[g.port] = map[uint32]got{}
			}
			if _, twice := order[g.port][g.seqno]; twice {
				t.Fatalf("sequence number of %v used twice", g)
			}
			order[g.port][g.seqno] = g
		}
	}
	if len(seen) != senders*perSender {
		t.Errorf("%d messages arrived of %d", len(seen), senders*perSender)
	}
	for port, msgs := range order {
		var last [senders]int
		for i := range uint32(len(msgs)) {
			g, ok := msgs[i]
			if !ok {
				t.Fatalf("port %#x: no message %d of %d", port, i, len(msgs))
			}
			if int(g.n)+1 <= last[g.sender] {
				t.Fatalf("port %#x: sender %d: %d after %d", port, g.sender, g.n, last[g.sender]-1)
			}
			last[g.sender] = int(g.n) + 1
		}
	}
	for _, n := range p {
		if r, _ := a.GetRefs(n, abi.MACH_PORT_RIGHT_SEND); r != 1 {
			t.Errorf("%d send references", r)
		}
	}
	a.Terminate()
}

// TestMoveUnderFire: a receive right that travels between two tasks while
// messages come in; none is lost.
func TestMoveUnderFire(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	boxA, boxB := a.newPort(t), b.newPort(t)
	toB, toA := give(t, b, boxB, a, makeSend), give(t, a, boxA, b, makeSend)
	p := a.newPort(t)
	c := newTask()
	s := give(t, a, p, c, makeSend)
	const n = 2000
	done := make(chan abi.KernReturn, 1)
	go func() {
		for i := range n {
			if kr := c.send(msg{bits: hbits(copySend, 0), remote: s, id: int32(i)}, 0, 0); kr != 0 {
				done <- kr
				return
			}
		}
		done <- 0
	}()
	next := int32(0)
	from, to, box, port := a, b, toB, p
	inbox := boxB
	for next < n {
		for range 3 {
			m, kr := from.recv(port, abi.MACH_RCV_TIMEOUT, 1, 64)
			if kr == 0 {
				if int32(get32(m, 20)) != next {
					t.Fatalf("message %d, want %d", get32(m, 20), next)
				}
				next++
			}
		}
		want(t, "move", from.send(msg{bits: hbits(copySend, 0), remote: box, descs: [][]byte{portDesc(port, moveRecv)}}, 0, 0), 0)
		m, kr := to.poll(inbox)
		want(t, "arrive", kr, 0)
		port = abi.PortName(get32(m, 28))
		from, to = to, from
		if from == b {
			box, inbox = toA, boxA
		} else {
			box, inbox = toB, boxB
		}
	}
	want(t, "sender", <-done, 0)
	for _, x := range []*task{a, b, c} {
		x.Terminate()
	}
}
