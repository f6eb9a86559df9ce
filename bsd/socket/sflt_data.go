package socket

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// filtered is the queues of a socket with filters.
type filtered struct {
	so     *Socket
	list   []*Attached // under filters.mu; replaced, never changed
	coming []*Attached // that have not said yet whether they want to; under filters.mu

	mu      sync.Mutex
	in      []Packet // let in, not read
	incc    int      // the sizes of those
	bytes   int      // that can be read
	eof     bool     // no more will come in
	err     abi.Errno
	out     []Packet // let out, not taken by the protocol
	outcc   int
	charged int64 // of the total (total.go)
	stage   Event // of the connection, as the filters were told
	running bool
	again   bool
	shut    bool // the protocol's sending side is to be shut when out is empty
	closing bool // the protocol is to be closed when out is empty
	closed  bool // it is

	outMu sync.Mutex // held while the protocol takes from out
}

const (
	filterChunk    = 64 << 10 // the most bytes of a stream that filters see at once
	maxFilteredOut = 1 << 20  // the size of the queue to the protocol, above which nothing is added
)

func newFiltered(so *Socket) *filtered { return &filtered{so: so} }

// stream says that packets have no borders.
func (q *filtered) stream() bool { return q.so.typ == abi.SOCK_STREAM }

// kick has a thread of the kernel look after the queues. Protocols' locks may be held.
func (q *filtered) kick() {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
	case q.running:
		q.again = true
	default:
		q.running = true
		go q.run()
	}
}

func (q *filtered) run() {
	ctx := &sys.Context{Thread: sched.NewThread("socket filters"), Cred: &sys.Cred{}}
	for {
		q.settle(ctx)
		q.flush(ctx)
		q.take(ctx)
		q.mu.Lock()
		if q.closing && len(q.out) == 0 {
			q.closing, q.running, q.closed = false, false, true
			q.mu.Unlock()
			q.so.closePCB(ctx)
			return
		}
		if !q.again {
			q.running = false
			q.mu.Unlock()
			return
		}
		q.again = false
		q.mu.Unlock()
	}
}

// settle tells the filters how connecting has gone on.
func (q *filtered) settle(ctx *sys.Context) {
	q.mu.Lock()
	stage := q.stage
	q.mu.Unlock()
	if stage != EvtConnecting {
		return
	}
	next := EvtConnected
	if _, e := q.so.pcb.PeerName(); e != 0 {
		if q.so.connecting() {
			return
		}
		next = EvtDisconnected
	}
	q.reach(ctx, EvtConnecting, next)
}

// reach tells of the next stage, once.
func (q *filtered) reach(ctx *sys.Context, from, to Event) {
	q.mu.Lock()
	if q.stage != from {
		q.mu.Unlock()
		return
	}
	q.stage = to
	q.mu.Unlock()
	q.so.notify(ctx, to, 0)
}

// take moves what has come from the protocol through the filters.
func (q *filtered) take(ctx *sys.Context) {
	so := q.so
	if so.Option(abi.SO_ACCEPTCONN) || q.unconnected() {
		return // why connecting failed is for who connects to hear
	}
	_, hiwat := so.Hiwat()
	var buf []byte
	failed := false
	for {
		q.mu.Lock()
		full := q.eof || q.closed || q.closing || q.incc >= squeeze(hiwat)
		q.mu.Unlock()
		if full || q.held() {
			return
		}
		if buf == nil {
			buf = make([]byte, filterChunk)
		}
		m := Msg{Uio: sys.NewUio(buf), ControlMax: 2048, Flags: abi.MSG_DONTWAIT}
		e := so.pcb.Receive(ctx, &m)
		n := len(buf) - int(m.Uio.Resid)
		switch {
		case e == abi.EAGAIN, e == abi.ENOTCONN:
			return
		case e != 0 && !q.stream():
			// What became of a datagram that was sent; others may come. The second in a row may be
			// this one again: the next who reads has it looked at.
			so.SetError(e)
			so.wake(Read | Write)
			if failed {
				return
			}
			failed = true
			continue
		case e != 0, n == 0 && q.stream():
			q.end(ctx, e)
			return
		case n == 0 && m.Name == nil:
			if so.pcb.Ready(sys.EVFILT_READ).EOF {
				q.end(ctx, 0)
			}
			return
		}
		failed = false
		p := Packet{Data: append([]byte(nil), buf[:n]...), Control: m.Control}
		if !q.stream() {
			p.Name = m.Name
		}
		if e := q.letIn(ctx, p); e != 0 && q.stream() {
			q.end(ctx, e) // what follows would come without what is lost
			return
		}
	}
}

// end notes that no more comes in.
func (q *filtered) end(ctx *sys.Context, e abi.Errno) {
	q.mu.Lock()
	was := q.eof
	q.eof, q.err = true, e
	q.mu.Unlock()
	if !was {
		q.so.notify(ctx, EvtCantRecvMore, 0)
		q.so.wake(Read)
	}
}

// unconnected says that there is no connection, yet or any more, from which data could come.
func (q *filtered) unconnected() bool {
	if !q.stream() {
		return false
	}
	_, e := q.so.pcb.PeerName()
	return e == abi.ENOTCONN
}

// letIn asks the filters about a packet, and queues it for the reader. The error is why they could
// not be asked: the packet is not queued.
func (q *filtered) letIn(ctx *sys.Context, p Packet) abi.Errno {
	e := q.so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.Data(ctx, a, false, &p) })
	switch {
	case e != 0 && p.Failed:
		return e
	case e != 0, q.stream() && len(p.Data) == 0:
		return 0
	}
	q.mu.Lock()
	if !q.closed && !q.closing {
		q.pushIn(p)
	}
	q.mu.Unlock()
	q.so.wake(Read)
	return 0
}

// Inject puts a packet into one of the queues, by way of the filters (sock_inject_data_in, and
// _out): ENOBUFS when there is too much in it, or why the filters could not be asked.
func (so *Socket) Inject(ctx *sys.Context, out bool, p Packet) abi.Errno {
	q := so.filt.Load()
	if q == nil {
		return abi.EINVAL
	}
	_, hiwat := so.Hiwat()
	q.mu.Lock()
	full := !out && q.incc+p.size() > squeeze(hiwat)+filterChunk ||
		out && q.outcc+p.size() > squeeze(maxFilteredOut)
	q.mu.Unlock()
	if full {
		return abi.ENOBUFS
	}
	if !out {
		return q.letIn(ctx, p)
	}
	return just(q.letOut(ctx, p))
}

// letOut asks the filters about a packet, and gives it to the protocol, now or later.
func (q *filtered) letOut(ctx *sys.Context, p Packet) abi.Errno {
	e := q.so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.Data(ctx, a, true, &p) })
	if e != 0 {
		return e
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return abi.EPIPE
	}
	q.pushOut(p)
	q.mu.Unlock()
	return q.flush(ctx)
}

// flush gives the protocol what it takes. The error is that of the last packet that it refused,
// which is lost. When all is gone that was let out before shutdown(2), it shuts the protocol's
// sending side.
func (q *filtered) flush(ctx *sys.Context) (e abi.Errno) {
	q.outMu.Lock()
	defer q.outMu.Unlock()
	for {
		q.mu.Lock()
		if len(q.out) == 0 {
			shut, closing := q.shut, q.closing
			q.mu.Unlock()
			if closing {
				q.kick() // it may have been another thread that waited for this
			}
			if shut {
				q.so.pcb.Shutdown(ctx, abi.SHUT_WR)
				q.mu.Lock()
				q.shut = false
				q.mu.Unlock()
			}
			return e
		}
		p := q.out[0]
		q.mu.Unlock()
		m := Msg{Name: p.Name, Uio: sys.NewUio(p.Data), Flags: abi.MSG_DONTWAIT}
		m.ctl, _ = abi.ParseCmsgs(p.Control) // who sent it has seen to that
		was := m.Uio.Resid
		err := q.so.pcb.Send(ctx, &m)
		moved := int(was - m.Uio.Resid)
		q.mu.Lock()
		switch {
		case err == abi.EAGAIN:
			q.mu.Unlock()
			return e
		case err != 0:
			e = err
			moved = len(p.Data)
		}
		switch {
		case len(q.out) == 0: // closed meanwhile
		case moved < len(p.Data) && q.stream():
			q.out[0].Data = p.Data[moved:]
			q.outcc -= moved
			q.charge()
		default:
			q.popOut()
		}
		empty := len(q.out) == 0
		q.mu.Unlock()
		if empty {
			q.so.wake(Write)
		}
	}
}

// flushed says that the protocol has taken all that was let out.
func (q *filtered) flushed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.out) == 0
}

// send is Sendmsg for a socket with filters.
func (q *filtered) send(ctx *sys.Context, m *Msg, nonblock bool) abi.Errno {
	so := q.so
	sndt, _ := so.timeouts()
	start := m.Uio.Resid
	for first := true; first || m.Uio.Resid > 0; first = false {
		n, pass := m.Uio.Resid, false
		if q.stream() {
			// As much as the protocol takes now; what it refuses it refuses itself.
			e := so.retry(ctx, &so.snd.wait, nonblock, sndt, func() abi.Errno {
				if e := so.TakeError(); e != 0 {
					return e
				}
				_, e := so.pcb.PeerName()
				r := so.pcb.Ready(sys.EVFILT_WRITE)
				if pass = r.EOF || e != 0 && !so.connecting(); pass {
					return 0
				}
				q.mu.Lock()
				defer q.mu.Unlock()
				switch {
				case q.shut:
					return abi.EPIPE
				case !r.Ready || len(q.out) > 0:
					return abi.EAGAIN
				}
				n = min(m.Uio.Resid, max(r.Data, 1), filterChunk)
				return 0
			})
			if e != 0 {
				if m.Uio.Resid < start && (e == abi.EAGAIN || e == abi.EINTR) {
					return 0
				}
				return e
			}
		}
		if pass || q.stream() && n == 0 {
			return so.pcb.Send(ctx, m)
		}
		if hiwat, _ := so.Sizes(); !q.stream() && n > int64(hiwat) {
			return abi.EMSGSIZE
		}
		q.mu.Lock()
		much, shut := q.outcc > squeeze(maxFilteredOut), q.shut
		q.mu.Unlock()
		if shut {
			return abi.EPIPE
		}
		if much {
			return abi.ENOBUFS
		}
		if !q.stream() {
			if e := so.TakeError(); e != 0 {
				return e
			}
		}
		p := Packet{Name: m.Name, Data: bytesOf(m.Uio, int(n)), Control: m.Control}
		if e := just(q.letOut(ctx, p)); e != 0 {
			return e
		}
		m.Uio.Advance(int(n))
		if !q.stream() {
			break
		}
	}
	return 0
}

// receive is Receive for a socket with filters.
func (q *filtered) receive(ctx *sys.Context, m *Msg) abi.Errno {
	if m.Flags&abi.MSG_OOB != 0 {
		return q.so.pcb.Receive(ctx, m)
	}
	peek := m.Flags&abi.MSG_PEEK != 0
	q.mu.Lock()
	if len(q.in) == 0 {
		eof, e := q.eof, q.err
		if !peek {
			q.err = 0
		}
		q.mu.Unlock()
		if eof {
			return e
		}
		if q.unconnected() && !q.so.connecting() {
			if e := q.so.TakeError(); e != 0 {
				return e
			}
			return abi.ENOTCONN
		}
		q.kick()
		return abi.EAGAIN
	}
	if q.stream() {
		q.readStream(m, peek)
	} else {
		p := q.in[0]
		if m.Uio.CopyIn(p.Data) < len(p.Data) {
			m.OutFlags |= abi.MSG_TRUNC
		}
		m.Name = append([]byte(nil), p.Name...)
		if m.ControlMax > 0 {
			m.Control = p.Control
			if len(m.Control) > m.ControlMax {
				m.Control = m.Control[:m.ControlMax]
				m.OutFlags |= abi.MSG_CTRUNC
			}
		}
		if !peek {
			q.popIn()
		}
	}
	q.mu.Unlock()
	if !peek {
		q.kick()
	}
	return 0
}

// readStream moves bytes to the reader; q.mu is held.
func (q *filtered) readStream(m *Msg, peek bool) {
	for i := 0; i < len(q.in) && m.Uio.Resid > 0; {
		n := m.Uio.CopyIn(q.in[i].Data)
		if peek {
			i++
			continue
		}
		q.in[0].Data = q.in[0].Data[n:]
		q.incc -= n
		q.bytes -= n
		if len(q.in[0].Data) == 0 {
			q.popIn()
		}
	}
	q.charge()
}

// ready is Ready for a socket with filters.
func (q *filtered) ready(filter int16) sys.Readiness {
	r := q.so.pcb.Ready(filter)
	if q.so.Option(abi.SO_ACCEPTCONN) || q.unconnected() {
		return r
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch filter {
	case sys.EVFILT_READ:
		return sys.Readiness{Ready: len(q.in) > 0, Data: int64(q.bytes), EOF: q.eof, Fflags: r.Fflags}
	case sys.EVFILT_WRITE:
		r.EOF = r.EOF || q.shut
		r.Ready = r.Ready && len(q.out) == 0 || r.EOF
	}
	return r
}

// shutdown is Shutdown for a socket with filters. What they have let out goes before the end; the
// caller does not wait for that.
func (q *filtered) shutdown(ctx *sys.Context, how int) abi.Errno {
	so := q.so
	so.notify(ctx, EvtShutdown, how)
	now := how
	if _, e := so.pcb.PeerName(); how != abi.SHUT_RD && e == 0 {
		q.flush(ctx)
		q.mu.Lock()
		if q.shut = q.shut || len(q.out) > 0; q.shut {
			now = abi.SHUT_RD
		}
		q.mu.Unlock()
	}
	if now == how || how != abi.SHUT_WR {
		if e := so.pcb.Shutdown(ctx, now); e != 0 {
			return e
		}
	}
	if now != how {
		q.kick() // there may be room by now
		so.wake(Write)
	}
	if how != abi.SHUT_WR {
		so.notify(ctx, EvtFlushRead, 0)
		q.mu.Lock()
		q.flushIn()
		q.mu.Unlock()
		q.end(ctx, 0)
	}
	if how != abi.SHUT_RD {
		so.notify(ctx, EvtCantSendMore, 0)
	}
	return 0
}

// closes tells the filters that the socket is closed; true if the protocol's side is closed later,
// when it has taken what they have let out.
func (q *filtered) closes(ctx *sys.Context) bool {
	q.so.notify(ctx, EvtClosing, 0)
	q.reach(ctx, EvtConnected, EvtDisconnecting)
	q.flush(ctx)
	q.mu.Lock()
	q.flushIn()
	later := len(q.out) > 0
	q.closing, q.closed = later, !later
	q.mu.Unlock()
	if later {
		q.kick()
	}
	return later
}
