package net

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// messages is what sockets have that the kernel writes to: whole messages in a queue
// that is as long as the socket's receive buffer. Where there is no room a message is
// lost, for who writes must not wait.
type messages struct {
	so  *socket.Socket
	src []byte // the name that they come from, nil for none

	mu      sync.Mutex
	queue   [][]byte
	size    int // bytes in queue
	sndShut bool
	rcvShut bool
}

func (q *messages) Shutdown(_ *sys.Context, how int) abi.Errno {
	q.shut(how != abi.SHUT_WR, how != abi.SHUT_RD)
	return 0
}

func (q *messages) shut(rcv, snd bool) {
	q.mu.Lock()
	q.sndShut = q.sndShut || snd
	q.rcvShut = q.rcvShut || rcv
	if q.rcvShut {
		q.queue, q.size = nil, 0
	}
	q.mu.Unlock()
	q.so.Wakeup(socket.Read | socket.Write)
}

func (q *messages) cantSend() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sndShut
}

func (q *messages) Ready(filter int16) sys.Readiness {
	space, _ := q.so.Hiwat()
	q.mu.Lock()
	defer q.mu.Unlock()
	switch filter {
	case sys.EVFILT_READ:
		return sys.Readiness{Ready: len(q.queue) > 0, Data: int64(q.size), EOF: q.rcvShut}
	case sys.EVFILT_WRITE:
		return sys.Readiness{Ready: true, Data: int64(space), EOF: q.sndShut}
	}
	return sys.Readiness{}
}

// Receive gives one message; what does not fit is lost.
func (q *messages) Receive(_ *sys.Context, m *socket.Msg) abi.Errno {
	if m.Flags&abi.MSG_OOB != 0 {
		return abi.EOPNOTSUPP
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		if q.rcvShut {
			return 0
		}
		return abi.EAGAIN
	}
	b := q.queue[0]
	if m.Uio.CopyIn(b) < len(b) {
		m.OutFlags |= abi.MSG_TRUNC
	}
	m.Name = q.src
	if m.Flags&abi.MSG_PEEK == 0 {
		q.queue[0] = nil
		q.queue = q.queue[1:]
		q.size -= len(b)
	}
	return 0
}

// deliver queues a message, which it keeps; it says no when there is no room. It may be
// called with the stack's locks held.
func (q *messages) deliver(b []byte) bool {
	_, space := q.so.Hiwat()
	q.mu.Lock()
	fits := !q.rcvShut && q.size+len(b) <= space
	if fits {
		q.queue = append(q.queue, b)
		q.size += len(b)
	}
	q.mu.Unlock()
	if fits {
		q.so.Wakeup(socket.Read)
	}
	return fits
}

// wholeMessage reads all that m has to send; m does not move.
func wholeMessage(m *socket.Msg) []byte {
	b := make([]byte, m.Uio.Resid)
	whole := payload{m.Uio.Iov, len(b)}
	n, _ := whole.Read(b)
	return b[:n]
}
