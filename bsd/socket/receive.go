package socket

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Recvmsg is recvmsg(2), recvfrom(2) and recv(2). How much came is what left
// m.Uio; nothing and no error is the end of file, or an empty datagram.
//
// Without room for a byte it does not wait: a datagram that is there is taken, and tells its
// sender.
//
// ENOTCONN on a stream that never was connected, EAGAIN, EINTR, or the
// socket's pending error.
func (so *Socket) Recvmsg(ctx *sys.Context, m *Msg, nonblock bool) abi.Errno {
	if so.Option(abi.SO_ACCEPTCONN) {
		return abi.ENOTCONN
	}
	m.Name, m.Control, m.OutFlags = nil, nil, 0
	nonblock = nonblock || m.Flags&abi.MSG_DONTWAIT != 0
	stream := so.typ == abi.SOCK_STREAM
	if stream && m.Uio.Resid == 0 {
		return 0
	}
	_, rcvt := so.timeouts()
	_, lowat := so.Lowat()
	start := m.Uio.Resid
	for {
		had := m.Uio.Resid
		e := so.retry(ctx, &so.rcv.wait, nonblock, rcvt, func() abi.Errno {
			// SO_RCVLOWAT: wait for so much, unless the end is there.
			if stream && lowat > 1 && !nonblock && had == start {
				if r := so.pcb.Ready(sys.EVFILT_READ); !r.EOF && r.Data < min(int64(lowat), had) && so.PeekError() == 0 {
					return abi.EAGAIN
				}
			}
			e := so.pcb.Receive(ctx, m)
			if e == abi.EAGAIN {
				if pending := so.takeForRead(m.Flags); pending != 0 {
					return pending
				}
				if start == 0 {
					return 0 // soreceive waits for nothing when there is no room for it
				}
			}
			return e
		})
		if e != 0 {
			if m.Uio.Resid < start {
				return 0
			}
			return e
		}
		if !stream || m.Flags&abi.MSG_WAITALL == 0 || m.Flags&abi.MSG_PEEK != 0 ||
			m.Uio.Resid == 0 || m.Uio.Resid == had || len(m.Control) > 0 {
			return 0
		}
	}
}

// takeForRead gives the pending error, leaving it for a peek.
func (so *Socket) takeForRead(flags int) abi.Errno {
	if flags&abi.MSG_PEEK != 0 {
		return so.PeekError()
	}
	return so.TakeError()
}

// Read is soo_read.
func (so *Socket) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if u.HasOffset {
		return abi.ESPIPE
	}
	m := Msg{Uio: u}
	return so.Recvmsg(ctx, &m, flags&abi.O_NONBLOCK != 0)
}
