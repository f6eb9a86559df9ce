package net

import (
	"bytes"
	"io"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// payload reads a Uio for the stack without moving it: how much the stack took
// is known only afterwards.
type payload struct {
	iov  [][]byte
	left int
}

func (r *payload) Len() int { return r.left }

func (r *payload) Read(b []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	total := 0
	for len(b) > 0 && r.left > 0 {
		seg := r.iov[0]
		n := copy(b, seg[:min(len(seg), r.left)])
		b, r.left, total = b[n:], r.left-n, total+n
		if n == len(seg) {
			r.iov = r.iov[1:]
		} else {
			r.iov = append([][]byte{seg[n:]}, r.iov[1:]...)
		}
	}
	return total, nil
}

// sink is the other way.
type sink struct{ u *sys.Uio }

func (w sink) Write(b []byte) (int, error) {
	n := w.u.CopyIn(b)
	if n < len(b) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// maxPayload bounds one datagram, in bytes.
const maxPayload = 65535

func (p *inpcb) Send(ctx *sys.Context, m *socket.Msg) abi.Errno {
	var opts tcpip.WriteOptions
	tos := -1
	p.mu.Lock()
	p.settle()
	state, shut := p.state, p.sndShut
	p.mu.Unlock()
	if shut {
		return abi.EPIPE
	}
	if p.tcp {
		if m.Name != nil && state == connected {
			return abi.EISCONN
		}
		switch state {
		case idle:
			return abi.ENOTCONN
		case failed:
			return abi.EPIPE
		}
		if m.Uio.Resid == 0 {
			return 0
		}
		if f := p.fus.Load(); f != nil {
			return f.send(p, m)
		}
	} else {
		hiwat, _ := p.so.Sizes()
		if m.Uio.Resid > int64(hiwat) || m.Uio.Resid > maxPayload {
			return abi.EMSGSIZE
		}
		if m.Name != nil {
			if state == connected {
				return abi.EISCONN
			}
			a, e := p.parseName(m.Name)
			if e != 0 {
				return e
			}
			if e = p.destination(&a); e != 0 {
				return e
			}
			opts.To = &a
		} else if state != connected {
			return abi.EDESTADDRREQ
		}
		var e abi.Errno
		if tos, e = p.sendControl(m, &opts); e != 0 {
			return e
		}
		opts.Atomic = true
		if p.udp && p.whole.Load() && m.Uio.Resid > int64(p.pathRoom(opts.To)) {
			return abi.EMSGSIZE
		}
	}
	if p.raw4 {
		b, e := p.sendRaw(m)
		if e != 0 {
			return e
		}
		if _, err := p.ep.Write(bytes.NewReader(b), opts); err != nil {
			return errno(err)
		}
		m.Uio.Advance(int(m.Uio.Resid))
		return 0
	}
	var n int64
	var err tcpip.Error
	if b := (&payload{m.Uio.Iov, int(min(m.Uio.Resid, 1<<30))}); tos < 0 {
		n, err = p.ep.Write(b, opts)
	} else {
		n, err = p.writeTOS(b, opts, tos)
	}
	if n > 0 {
		p.sent.Add(uint64(n))
		m.Uio.Advance(int(n))
		return 0
	}
	e := errno(err)
	if e == abi.EHOSTUNREACH && opts.To != nil && fromAddr(opts.To.Addr).Unmap().Is4() {
		e = abi.ENETUNREACH // the stack has no route
	}
	return e
}

func (p *inpcb) Receive(ctx *sys.Context, m *socket.Msg) abi.Errno {
	p.mu.Lock()
	p.settle()
	state, shut, want := p.state, p.rcvShut, p.recv
	p.mu.Unlock()
	if p.tcp {
		switch state {
		case idle:
			return abi.ENOTCONN
		case connecting:
			return abi.EAGAIN
		case failed:
			if e := p.so.TakeError(); e != 0 {
				return e
			}
			return 0
		}
		if m.Flags&abi.MSG_OOB != 0 {
			return abi.EINVAL // none is ever marked
		}
		if shut {
			return 0
		}
	}
	opts := tcpip.ReadOptions{Peek: m.Flags&abi.MSG_PEEK != 0, NeedRemoteAddr: !p.tcp}
	var res tcpip.ReadResult
	var err tcpip.Error
	if p.raw4 {
		res, err = p.receiveRaw(m, opts)
	} else if f := p.fus.Load(); f != nil {
		err = f.receive(p, m)
	} else {
		res, err = p.ep.Read(sink{m.Uio}, opts)
		if !opts.Peek {
			p.received.Add(uint64(res.Count))
		}
	}
	switch err.(type) {
	case nil:
	case *tcpip.ErrClosedForReceive:
		return p.so.TakeError() // a reset that somebody has asked about already, or the end
	case *tcpip.ErrBadBuffer: // a datagram into no room at all; who sent it is told
		m.OutFlags |= abi.MSG_TRUNC
	case *tcpip.ErrNotConnected:
		if p.tcp {
			return p.so.TakeError() // it was, and is no more
		}
		return abi.EAGAIN
	default:
		return errno(err)
	}
	if p.tcp {
		return 0
	}
	if res.Count < res.Total {
		m.OutFlags |= abi.MSG_TRUNC
	}
	m.Name = p.sockaddr(res.RemoteAddr)
	p.receiveControl(m, want, &res.ControlMessages)
	return 0
}

// noteError moves an asynchronous error of the stack into the socket.
func (p *inpcb) noteError() {
	if e := errno(p.ep.SocketOptions().GetLastError()); e != 0 && e != abi.EPIPE {
		p.so.SetError(e)
	}
}

func (p *inpcb) intOpt(o tcpip.SockOptInt) int64 {
	v, err := p.ep.GetSockOptInt(o)
	if err != nil {
		return 0
	}
	return int64(v)
}

func (p *inpcb) Ready(filter int16) sys.Readiness {
	p.mu.Lock()
	if p.listening {
		defer p.mu.Unlock()
		if filter != sys.EVFILT_READ {
			return sys.Readiness{}
		}
		p.pull()
		return sys.Readiness{Ready: len(p.accepted) > 0, Data: int64(len(p.accepted))}
	}
	p.settle()
	state, sndShut, rcvShut := p.state, p.sndShut, p.rcvShut
	p.mu.Unlock()
	if p.raw4 && filter == sys.EVFILT_READ {
		p.rawMu.Lock()
		p.skipAnswered()
		p.rawMu.Unlock()
	}
	mask := p.ep.Readiness(waiter.AllEvents)
	if p.tcp {
		return p.tcpReady(filter, state, sndShut, rcvShut, mask)
	}
	if mask&waiter.EventErr != 0 {
		p.noteError()
	}
	switch filter {
	case sys.EVFILT_READ:
		return sys.Readiness{
			Ready: mask&waiter.ReadableEvents != 0,
			Data:  p.intOpt(tcpip.ReceiveQueueSizeOption),
			EOF:   rcvShut,
		}
	case sys.EVFILT_WRITE:
		hiwat, _ := p.so.Hiwat()
		return sys.Readiness{Ready: mask&waiter.WritableEvents != 0, Data: int64(hiwat), EOF: sndShut}
	}
	return sys.Readiness{}
}

func (p *inpcb) tcpReady(filter int16, state tcpState, sndShut, rcvShut bool, mask waiter.EventMask) sys.Readiness {
	if state == idle || state == connecting {
		return sys.Readiness{}
	}
	dead := state == failed
	switch tcp.EndpointState(p.ep.State()) {
	case tcp.StateError:
		p.noteError()
		dead = true
	case tcp.StateClose, tcp.StateTimeWait:
		dead = true
	}
	switch filter {
	case sys.EVFILT_READ:
		n := p.intOpt(tcpip.ReceiveQueueSizeOption)
		// Readable without a byte is the end of the stream.
		eof := dead || rcvShut || mask&waiter.EventRdHUp != 0 ||
			n == 0 && mask&waiter.ReadableEvents != 0 && p.intOpt(tcpip.ReceiveQueueSizeOption) == 0
		if f := p.fus.Load(); f != nil && !rcvShut {
			n += f.buffered(p, n)
		}
		return sys.Readiness{Ready: n > 0, Data: n, EOF: eof}
	case sys.EVFILT_WRITE:
		if dead || sndShut {
			return sys.Readiness{Ready: true, EOF: true}
		}
		if f := p.fus.Load(); f != nil {
			if r, ok := f.writable(p); ok {
				return r
			}
		}
		room := p.ep.SocketOptions().GetSendBufferSize() - p.intOpt(tcpip.SendQueueSizeOption)
		return sys.Readiness{Ready: mask&waiter.WritableEvents != 0, Data: max(room, 0)}
	}
	return sys.Readiness{}
}

// unread and unsent are how many bytes a connection has for its socket to receive,
// and how many its peer has not taken yet.
func (p *inpcb) unread() int64 {
	n := p.intOpt(tcpip.ReceiveQueueSizeOption)
	if f := p.fus.Load(); f != nil {
		n += f.buffered(p, n)
	}
	return n
}

func (p *inpcb) unsent() int64 {
	n := p.intOpt(tcpip.SendQueueSizeOption)
	if f := p.fus.Load(); f != nil {
		n += int64(f.unsent(p))
	}
	return n
}

func addrOf(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}
