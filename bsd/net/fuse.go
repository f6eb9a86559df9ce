package net

import (
	"net/netip"
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// fuseKey names a connection by the side that began it.
type fuseKey struct{ local, remote netip.AddrPort }

// fuseTable knows the connections that were begun towards an address of the
// machine and not yet accepted. An endpoint of the stack sends its SYN with mu
// held, so whoever accepts a connection finds the other end here.
type fuseTable struct {
	mu      sync.Mutex
	waiting map[fuseKey]*fusion
}

// fusion is a TCP connection between two sockets of this machine. See the
// package comment.
type fusion struct {
	key    fuseKey
	ends   [2]*inpcb   // who connected, who accepted; the latter is set before paired
	paired atomic.Bool // both ends are known
	half   [2]half     // half[i] is what ends[i] sends
}

// half is one direction of a fused connection.
type half struct {
	mu      sync.Mutex
	on      bool        // what is sent from now on goes into ring
	through uint64      // bytes that were sent through the stack
	taken   uint64      // of those, how many were received
	ring    socket.Ring // what follows them
	closed  bool        // the sender has ended
	deaf    bool        // the receiver wants no more (SHUT_RD)
	gone    bool        // the receiver is closed: the stack answers for it
	starved bool        // the sender is to be told of room
}

// connect is ep.Connect for a connection to the machine itself.
func (t *fuseTable) connect(p *inpcb, to tcpip.FullAddress) tcpip.Error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := p.ep.Connect(to)
	switch err.(type) {
	case nil, *tcpip.ErrConnectStarted:
	default:
		return err
	}
	local, e := p.ep.GetLocalAddress()
	if e != nil {
		return err
	}
	f := &fusion{key: fuseKey{addrPort(local), addrPort(to)}, ends: [2]*inpcb{p}}
	if f.key.local == f.key.remote || p.n.filtersInside() {
		return err // both ends are one socket, or the packets are wanted
	}
	if t.waiting == nil {
		t.waiting = map[fuseKey]*fusion{}
	}
	t.waiting[f.key] = f
	p.fus.Store(f)
	return err
}

// accept looks for the other end of the connection that q, accepted from peer, is,
// before anybody else can know q.
//
// Of two endpoints that are established with each other's addresses at one moment
// each is the other's peer. q's state is asked before and after p's, since it
// never comes back to these states.
func (t *fuseTable) accept(q *inpcb, peer tcpip.FullAddress) {
	local, err := q.ep.GetLocalAddress()
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := fuseKey{addrPort(peer), addrPort(local)}
	f := t.waiting[key]
	if f == nil || !q.established() || !f.ends[0].established() || !q.established() {
		return
	}
	delete(t.waiting, key)
	q.side = 1
	f.ends[1] = q
	f.paired.Store(true)
	q.fus.Store(f)
}

// forget is for a connection whose first end is closed.
func (t *fuseTable) forget(f *fusion) {
	t.mu.Lock()
	if t.waiting[f.key] == f {
		delete(t.waiting, f.key)
	}
	t.mu.Unlock()
}

func addrPort(a tcpip.FullAddress) netip.AddrPort {
	return netip.AddrPortFrom(fromAddr(a.Addr).Unmap(), a.Port)
}

// established says whether a connection is there, which may be half closed.
func (p *inpcb) established() bool {
	switch tcp.EndpointState(p.ep.State()) {
	case tcp.StateEstablished, tcp.StateCloseWait, tcp.StateFinWait1, tcp.StateFinWait2:
		return true
	}
	return false
}

// out and in are the directions in which p sends and receives; other is the
// socket at the other end, when that is known.
func (f *fusion) out(p *inpcb) *half { return &f.half[p.side] }
func (f *fusion) in(p *inpcb) *half  { return &f.half[1-p.side] }

func (f *fusion) other(p *inpcb) *inpcb {
	if !f.paired.Load() {
		return nil
	}
	return f.ends[1-p.side]
}

// unread is how many bytes have been sent and not been received, with h.mu held.
func (h *half) unread() int {
	if h.deaf {
		return 0
	}
	return int(h.through-h.taken) + h.ring.Len()
}

// room is how many bytes p may send, and the mark that it has to reach for p to
// be writable, with h.mu held: what does not fit into the receiver's buffer is in
// the sender's.
func (f *fusion) room(h *half, p *inpcb) (room, lowat int) {
	snd, _ := p.so.Hiwat()
	_, rcv := f.ends[1-p.side].so.Hiwat()
	lowat, _ = p.so.Lowat()
	return max(0, snd-max(0, h.unread()-rcv)), min(lowat, snd)
}

// feed says, with h.mu held, whether the sender p is to be woken since bytes have
// gone from h.
func (f *fusion) feed(h *half, p *inpcb) bool {
	if !h.starved || p == nil {
		return false
	}
	if room, lowat := f.room(h, p); room < lowat {
		return false
	}
	h.starved = false
	return true
}

// send is inpcb.Send.
func (f *fusion) send(p *inpcb, m *socket.Msg) abi.Errno {
	h, q := f.out(p), f.other(p)
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return abi.EPIPE
	}
	if q == nil || h.gone {
		defer h.mu.Unlock()
		n, err := p.ep.Write(&payload{m.Uio.Iov, int(min(m.Uio.Resid, 1<<30))}, tcpip.WriteOptions{})
		if n > 0 {
			h.through += uint64(n)
			p.sent.Add(uint64(n))
			m.Uio.Advance(int(n))
			return 0
		}
		return errno(err)
	}
	h.on = true
	if h.deaf {
		p.sent.Add(uint64(m.Uio.Resid))
		m.Uio.Advance(int(m.Uio.Resid))
		h.mu.Unlock()
		return 0
	}
	room, lowat := f.room(h, p)
	if int64(room) < min(m.Uio.Resid, int64(lowat)) {
		h.starved = true
		h.mu.Unlock()
		return abi.EAGAIN
	}
	n := int(min(m.Uio.Resid, int64(room)))
	h.ring.Append(m.Uio, n)
	h.starved = h.starved || m.Uio.Resid > 0
	h.mu.Unlock()
	p.sent.Add(uint64(n))
	q.so.Wakeup(socket.Read)
	return 0
}

// receive is inpcb.Receive: what came through the stack first, then the ring. An
// empty ring is the stack's to explain: it knows the end of the stream, and
// resets. mu is held meanwhile, so nothing can be sent between the look at the ring
// and the stack's answer.
func (f *fusion) receive(p *inpcb, m *socket.Msg) tcpip.Error {
	peek := m.Flags&abi.MSG_PEEK != 0
	h := f.in(p)
	start := m.Uio.Resid
	h.mu.Lock()
	at := h.taken
	if at < h.through || h.ring.Len() == 0 {
		res, err := p.ep.Read(sink{m.Uio}, tcpip.ReadOptions{Peek: peek})
		if err != nil {
			h.mu.Unlock()
			return err
		}
		at += uint64(res.Count)
		if !peek {
			h.taken = at
		}
	}
	if at == h.through {
		h.ring.Read(m.Uio, h.ring.Len(), peek)
	}
	q := f.other(p)
	wake := !peek && f.feed(h, q)
	h.mu.Unlock()
	if !peek {
		p.received.Add(uint64(start - m.Uio.Resid))
	}
	if wake {
		q.so.Wakeup(socket.Write)
	}
	return nil
}

// buffered is how many bytes beyond the queued ones, which the stack has, are in p's
// receive buffer.
func (f *fusion) buffered(p *inpcb, queued int64) int64 {
	_, rcv := p.so.Hiwat()
	h := f.in(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.taken+uint64(queued) < h.through {
		return 0 // some are still on their way
	}
	return max(0, min(int64(h.ring.Len()), int64(rcv)-queued))
}

// writable is the readiness of p to send; ok is false when that is the stack's to
// say.
func (f *fusion) writable(p *inpcb) (r sys.Readiness, ok bool) {
	h := f.out(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.on || h.gone {
		return r, false
	}
	room, lowat := f.room(h, p)
	snd, _ := p.so.Hiwat()
	h.starved = h.starved || room < snd
	return sys.Readiness{Ready: room >= lowat, Data: int64(room)}, true
}

// unsent is how many bytes of p's are beyond the receiver's buffer. Who asks is
// woken when that may have changed.
func (f *fusion) unsent(p *inpcb) int {
	h := f.out(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.on || h.gone || h.deaf {
		return 0
	}
	_, rcv := f.ends[1-p.side].so.Hiwat()
	n := max(0, h.ring.Len()-rcv)
	h.starved = h.starved || n > 0
	return n
}

// shut notes the end of p's sending or receiving before the stack hears of it.
func (f *fusion) shut(p *inpcb, how int) {
	if how != abi.SHUT_RD {
		h := f.out(p)
		h.mu.Lock()
		h.closed = true
		h.mu.Unlock()
	}
	if how != abi.SHUT_WR {
		f.drop(p, false)
	}
}

// close does so for good; it says whether p leaves bytes unread, which the sender
// has to hear of by a reset.
func (f *fusion) close(p *inpcb) bool {
	p.n.fuse.forget(f)
	f.shut(p, abi.SHUT_WR)
	return f.drop(p, true)
}

// drop throws away what p has not read and will not. It says whether there was
// something.
func (f *fusion) drop(p *inpcb, gone bool) bool {
	q := f.other(p)
	h := f.in(p)
	h.mu.Lock()
	unread := h.ring.Len() > 0
	h.deaf, h.gone = true, h.gone || gone
	h.ring.Flush()
	h.starved = false
	h.mu.Unlock()
	if q != nil {
		q.so.Wakeup(socket.Write)
	}
	return unread
}
