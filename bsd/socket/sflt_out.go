package socket

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// The way out: from the writer through the filters to the protocol.

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
