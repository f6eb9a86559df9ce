package socket

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// The way in: from the protocol through the filters to the reader.

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
