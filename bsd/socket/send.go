package socket

import (
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
)

// maxControl is the most control data that one send may carry.
const maxControl = 64 << 10

// sosender is a PCB that sends all by itself (pru_sosend), and may sleep in that: it calls code that
// is not the kernel's.
type sosender interface {
	Sosend(ctx *sys.Context, m *Msg) abi.Errno
}

// Sendmsg is sendmsg(2), sendto(2) and send(2). How much went is what left
// m.Uio; an error with something gone is success.
//
// EPIPE when the socket cannot send any more (post SIGPIPE unless NoSigpipe or
// MSG_NOSIGNAL), ENOTCONN, EDESTADDRREQ, EMSGSIZE for a datagram beyond the
// buffer, ENOBUFS, EAGAIN, EINTR, EISCONN; EINVAL for bad control data.
func (so *Socket) Sendmsg(ctx *sys.Context, m *Msg, nonblock bool) abi.Errno {
	if so.Option(abi.SO_ACCEPTCONN) {
		return abi.ENOTCONN
	}
	if len(m.Control) > maxControl {
		return abi.EMSGSIZE
	}
	if len(m.Control) > 0 {
		if e := m.internalize(ctx, so); e != 0 {
			return e
		}
		defer m.unref(ctx) // what was not handed over
	}
	nonblock = nonblock || m.Flags&abi.MSG_DONTWAIT != 0
	atomic := so.typ != abi.SOCK_STREAM
	if p, ok := so.pcb.(sosender); ok {
		return p.Sosend(ctx, m)
	}
	sndt, _ := so.timeouts()
	start := m.Uio.Resid
	for first := true; first || m.Uio.Resid > 0; first = false {
		e := so.retrySend(ctx, m, nonblock, sndt)
		if e != 0 {
			if m.Uio.Resid < start && !atomic && (e == abi.EAGAIN || e == abi.EINTR) {
				return 0
			}
			return e
		}
		if atomic {
			break
		}
	}
	if m.Flags&abi.MSG_EOF != 0 && !atomic {
		return so.pcb.Shutdown(ctx, abi.SHUT_WR)
	}
	return 0
}

func (so *Socket) retrySend(ctx *sys.Context, m *Msg, nonblock bool, timeo time.Duration) abi.Errno {
	return so.retry(ctx, &so.snd.wait, nonblock, timeo, func() abi.Errno {
		if so.PeekError() != 0 {
			if e := so.TakeError(); e != 0 {
				return e
			}
		}
		return so.pcb.Send(ctx, m)
	})
}

// Write is soo_write.
func (so *Socket) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if u.HasOffset {
		return abi.ESPIPE
	}
	m := Msg{Uio: u}
	return so.Sendmsg(ctx, &m, flags&abi.O_NONBLOCK != 0)
}
