package socket

import (
	"bytes"

	"puggle/abi"
	"puggle/bsd/sys"
)

func (p *unixPCB) Send(ctx *sys.Context, m *Msg) abi.Errno {
	if m.Flags&abi.MSG_OOB != 0 {
		return abi.EOPNOTSUPP
	}
	if p.dgram {
		return p.sendDgram(ctx, m)
	}
	return p.sendStream(m)
}

func (p *unixPCB) sendStream(m *Msg) abi.Errno {
	q := p.peer.Load()
	p.l.mu.Lock()
	was, shut := p.was, p.sndShut
	p.l.mu.Unlock()
	switch {
	case shut || q == nil && was:
		return abi.EPIPE
	case m.Name != nil && q != nil:
		return abi.EISCONN
	case q == nil:
		return abi.ENOTCONN
	}
	if m.Uio.Resid == 0 {
		if len(m.files) > 0 {
			return abi.EINVAL // rights go with a byte
		}
		return 0
	}
	hiwat, _ := p.so.Hiwat()
	if len(m.files) > 0 {
		p.l.rights.gate.RLock()
		defer p.l.rights.gate.RUnlock()
	}
	b := &q.rcv
	b.mu.Lock()
	if b.broken {
		b.mu.Unlock()
		return abi.EPIPE
	}
	space := hiwat - b.cc
	if space <= 0 {
		b.mu.Unlock()
		return abi.EAGAIN
	}
	if len(m.files) > 0 || len(m.ctl) > 0 {
		p.l.rights.launch(m.files)
		b.marks = append(b.marks, mark{b.pos + uint64(b.cc), m.files, m.ctl})
		m.files, m.ctl = nil, nil
	}
	b.Append(m.Uio, int(min(int64(space), m.Uio.Resid)))
	b.mu.Unlock()
	q.so.Wakeup(Read)
	return 0
}

func (p *unixPCB) sendDgram(ctx *sys.Context, m *Msg) abi.Errno {
	p.l.mu.Lock()
	shut := p.sndShut
	from := p.name
	p.l.mu.Unlock()
	if shut {
		return abi.EPIPE
	}
	q := p.peer.Load()
	if m.Name != nil {
		if q != nil {
			return abi.EISCONN
		}
		var e abi.Errno
		if q, e = p.lookup(ctx, m.Name); e != 0 {
			return e
		}
	} else if q == nil {
		return abi.EDESTADDRREQ
	}
	if m.Uio.Resid > int64(p.so.largest()) {
		return abi.EMSGSIZE
	}
	if from == nil {
		from = noname
	}
	_, space := q.so.Hiwat()
	if len(m.files) > 0 {
		p.l.rights.gate.RLock()
		defer p.l.rights.gate.RUnlock()
	}
	b := &q.rcv
	b.mu.Lock()
	if b.broken {
		b.mu.Unlock()
		if p.peer.Load() == q {
			return abi.ECONNRESET
		}
		return abi.ECONNREFUSED
	}
	// Addresses take room, too, so empty datagrams are bounded.
	if b.cc+b.names+int(m.Uio.Resid)+len(from) > space {
		b.mu.Unlock()
		return abi.ENOBUFS
	}
	r := record{data: make([]byte, m.Uio.Resid), from: from, files: m.files, ctl: m.ctl}
	p.l.rights.launch(m.files)
	m.files, m.ctl = nil, nil
	m.Uio.CopyOut(r.data)
	b.records = append(b.records, r)
	b.cc += len(r.data)
	total.Add(recordSize(r))
	b.names += len(from)
	b.mu.Unlock()
	q.so.Wakeup(Read)
	return 0
}

func (p *unixPCB) Receive(ctx *sys.Context, m *Msg) abi.Errno {
	if m.Flags&abi.MSG_OOB != 0 {
		return abi.EOPNOTSUPP
	}
	if p.dgram {
		return p.receiveDgram(ctx, m)
	}
	return p.receiveStream(ctx, m)
}

// lockBuf locks the receive buffer, and the rights' gate before it if the next
// thing to read carries rights. unlock undoes both.
func (p *unixPCB) lockBuf() (unlock func()) {
	b := &p.rcv
	b.mu.Lock()
	if !b.rightsNext() {
		return b.mu.Unlock
	}
	b.mu.Unlock()
	p.l.rights.gate.RLock()
	b.mu.Lock()
	return func() {
		b.mu.Unlock()
		p.l.rights.gate.RUnlock()
	}
}

func (p *unixPCB) receiveStream(ctx *sys.Context, m *Msg) abi.Errno {
	peek := m.Flags&abi.MSG_PEEK != 0
	b := &p.rcv
	unlock := p.lockBuf()
	if b.cc == 0 {
		eof := b.eof
		unlock()
		if eof {
			return 0
		}
		if p.peer.Load() == nil {
			p.l.mu.Lock()
			was := p.was
			p.l.mu.Unlock()
			if !was {
				return abi.ENOTCONN
			}
			// The peer goes away this moment: eof is about to be set.
		}
		return abi.EAGAIN
	}
	marks := b.marks
	var got mark
	if len(marks) > 0 && marks[0].pos == b.pos {
		got, b.marks = marks[0], marks[1:]
	}
	was := b.cc
	b.read(m.Uio, peek)
	now := b.cc
	if peek { // rights are not shown before they are taken
		got, b.marks = mark{}, marks
	}
	p.l.rights.land(got.files)
	unlock()
	if q := p.peer.Load(); q != nil && now < was {
		hiwat, _ := q.so.Hiwat()
		lowat, _ := q.so.Lowat()
		if hiwat-was < lowat || pressed.Load() {
			q.so.Wakeup(Write)
		}
	}
	p.l.deliver(ctx, m, got.files, got.ctl)
	return 0
}

func (p *unixPCB) receiveDgram(ctx *sys.Context, m *Msg) abi.Errno {
	peek := m.Flags&abi.MSG_PEEK != 0
	b := &p.rcv
	unlock := p.lockBuf()
	if len(b.records) == 0 {
		eof := b.eof
		unlock()
		if eof {
			return 0
		}
		return abi.EAGAIN
	}
	r := b.records[0]
	if !peek {
		b.records[0] = record{}
		b.records = b.records[1:]
		b.cc -= len(r.data)
		total.Add(-recordSize(r))
		b.names -= len(r.from)
		p.l.rights.land(r.files)
	}
	unlock()
	if m.Uio.CopyIn(r.data) < len(r.data) {
		m.OutFlags |= abi.MSG_TRUNC
	}
	m.Name = bytes.Clone(r.from)
	if !peek {
		p.l.deliver(ctx, m, r.files, r.ctl)
	}
	return 0
}

func (p *unixPCB) Ready(filter int16) sys.Readiness {
	switch filter {
	case sys.EVFILT_READ:
		p.l.mu.Lock()
		listening, n := p.listening, len(p.queue)
		p.l.mu.Unlock()
		if listening {
			return sys.Readiness{Ready: n > 0, Data: int64(n)}
		}
		p.rcv.mu.Lock()
		defer p.rcv.mu.Unlock()
		return sys.Readiness{
			Ready: p.rcv.cc > 0 || len(p.rcv.records) > 0,
			Data:  int64(p.rcv.cc),
			EOF:   p.rcv.eof,
		}
	case sys.EVFILT_WRITE:
		hiwat, _ := p.so.Hiwat()
		p.l.mu.Lock()
		was, shut, listening := p.was, p.sndShut, p.listening
		p.l.mu.Unlock()
		if listening {
			return sys.Readiness{}
		}
		if p.dgram {
			return sys.Readiness{Ready: !shut, Data: int64(hiwat), EOF: shut}
		}
		q := p.peer.Load()
		if q == nil {
			return sys.Readiness{EOF: was}
		}
		q.rcv.mu.Lock()
		space, broken := hiwat-q.rcv.cc, q.rcv.broken
		q.rcv.mu.Unlock()
		lowat, _ := p.so.Lowat()
		return sys.Readiness{
			Ready: space >= lowat, Data: int64(max(space, 0)), EOF: shut || broken,
		}
	}
	return sys.Readiness{}
}
