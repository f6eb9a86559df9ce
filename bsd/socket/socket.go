package socket

import (
	"sync"
	"sync/atomic"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// PCB is a protocol's side of one socket (struct pr_usrreqs). Its methods do
// not sleep and may be called concurrently. EAGAIN means: wait for Wakeup and
// try again.
type PCB interface {
	Bind(ctx *sys.Context, name []byte) abi.Errno
	// Listen may be called again, to change the backlog.
	Listen(ctx *sys.Context, backlog int) abi.Errno
	// Connect gives 0 when connected, EINPROGRESS when that will be later (then
	// Wakeup(Write) announces the end and Connecting tells it).
	Connect(ctx *sys.Context, name []byte) abi.Errno
	// Connecting says whether a Connect is on its way; if not, the error it
	// ended with, taken away by the telling.
	Connecting() (bool, abi.Errno)
	Disconnect(ctx *sys.Context) abi.Errno
	// Accept gives the next complete connection and the peer's name.
	Accept(ctx *sys.Context) (*Socket, []byte, abi.Errno)
	// Send moves as much of m.Uio as fits now; a datagram goes whole. EAGAIN
	// only when nothing moved.
	Send(ctx *sys.Context, m *Msg) abi.Errno
	// Receive moves what is there into m; end of file is success with nothing
	// moved. It sets m.Name, m.OutFlags and m.Control.
	Receive(ctx *sys.Context, m *Msg) abi.Errno
	Shutdown(ctx *sys.Context, how int) abi.Errno
	SockName() ([]byte, abi.Errno)
	PeerName() ([]byte, abi.Errno)
	// Getopt and Setopt are for all levels; for SOL_SOCKET Setopt comes after
	// the socket layer has noted the option, and ENOPROTOOPT there means that
	// the protocol does not care.
	Getopt(ctx *sys.Context, level, name, max int) ([]byte, abi.Errno)
	Setopt(ctx *sys.Context, level, name int, val []byte) abi.Errno
	// Ioctl gives ENOTTY for what it does not know.
	Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno
	// Ready is the level of one EVFILT_READ, WRITE or EXCEPT.
	Ready(filter int16) sys.Readiness
	// Close lets go of everything. It is called once.
	Close(ctx *sys.Context)
}

// Events for Wakeup.
type Events uint8

const (
	Read  Events = 1 << iota // data, end of file, a connection to accept
	Write                    // room, connected, or cannot send any more
)

// Socket is a struct socket. It implements sys.FileOps.
type Socket struct {
	domain   *Domain
	proto    *Protosw
	typ      int
	protocol int
	pcb      PCB
	ino      uint64

	rcv, snd struct {
		wait   sched.WaitQueue
		knotes sys.Klist
	}
	nbio   atomic.Bool            // as FIONBIO last said; for close alone, calls bring theirs
	async  atomic.Bool            // FIOASYNC
	upcall atomic.Pointer[func()] // of kernel code that has the socket

	mu          sync.Mutex
	options     int
	noSigpipe   bool
	err         abi.Errno // so_error
	lingerTicks int       // of 10 ms
	sndTimeo    time.Duration
	rcvTimeo    time.Duration
	sndLowat    int
	rcvLowat    int
	sndHiwat    int
	rcvHiwat    int
	sndAsked    int // what was asked for, and reserved as far as it is above sndFree
	rcvAsked    int
	sndFree     int // what costs nothing
	rcvFree     int
	creatorPID  int32
	creator     *sys.Cred
	pgrp        int32
	closed      bool
	draining    atomic.Bool

	filt       atomic.Pointer[filtered] // once it has had a filter
	unfiltered bool                     // it is closed: no filter comes any more; under filters.mu
	held       bool                     // it is being accepted: filters hear of that before data; under filters.mu
}

var _ sys.FileOps = (*Socket)(nil)

func newSocket(d *Domain, p *Protosw, typ, proto int) *Socket {
	so := &Socket{domain: d, proto: p, typ: typ, protocol: proto,
		sndLowat: 2048, rcvLowat: 1}
	if so.protocol == 0 {
		so.protocol = p.Protocol
	}
	so.ino = d.layer.ino.Add(1)
	sockets.Add(1)
	return so
}

func (so *Socket) setCreator(ctx *sys.Context) {
	so.creatorPID, so.creator = ctx.PID, ctx.Cred
}

// Family is the socket's address family, Kind its SOCK_* type, and Protocol its
// protocol number.
func (so *Socket) Family() int   { return so.domain.Family }
func (so *Socket) Kind() int     { return so.typ }
func (so *Socket) Protocol() int { return so.protocol }

// PCB is the protocol's side, for the protocol.
func (so *Socket) PCB() PCB { return so.pcb }

// Option says whether one of the boolean SO_* options is set.
func (so *Socket) Option(bit int) bool {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.options&bit != 0
}

// Enable sets one of the boolean SO_* options, for a protocol whose sockets begin
// with it.
func (so *Socket) Enable(bit int) {
	so.mu.Lock()
	so.options |= bit
	so.mu.Unlock()
}

// NoSigpipe says that EPIPE comes without SIGPIPE here (SO_NOSIGPIPE). The
// caller of the room posts the signal.
func (so *Socket) NoSigpipe() bool {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.noSigpipe
}

// Reserve sets the sizes of the buffers, in bytes, of a socket that counts what it holds
// (soreserve).
func (so *Socket) Reserve(snd, rcv int) {
	so.mu.Lock()
	so.sndHiwat, so.rcvHiwat = snd, rcv
	so.sndFree, so.rcvFree = max(snd, freeSpace), max(rcv, freeSpace)
	so.sndLowat = min(so.sndLowat, snd)
	so.mu.Unlock()
}

// Begin is Reserve for a socket whose bytes the protocol stack holds, which is bounded
// by sizes: more than these must be reserved. A socket that was accepted keeps its listener's
// sizes if they can be.
func (so *Socket) Begin(snd, rcv int) {
	so.mu.Lock()
	so.sndFree, so.rcvFree = snd, rcv
	so.sndHiwat, so.sndAsked = begin(so.sndHiwat, snd)
	so.rcvHiwat, so.rcvAsked = begin(so.rcvHiwat, rcv)
	so.sndLowat = min(so.sndLowat, so.sndHiwat)
	so.mu.Unlock()
}

func begin(inherited, n int) (size, asked int) {
	if inherited == 0 || reserve(0, inherited, n) != 0 {
		return n, 0
	}
	return inherited, inherited
}

// Hiwat gives the sizes of the socket's buffers, in bytes, as they count now: less than
// what was asked for when all sockets together hold too much.
func (so *Socket) Hiwat() (snd, rcv int) {
	so.mu.Lock()
	defer so.mu.Unlock()
	return squeeze(so.sndHiwat), squeeze(so.rcvHiwat)
}

// largest is the most that one datagram may have, in bytes.
func (so *Socket) largest() int {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.sndHiwat
}

// Sizes are those of the buffers that were asked for, in bytes, for the protocol stack.
func (so *Socket) Sizes() (snd, rcv int) {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.sndHiwat, so.rcvHiwat
}

// Lowat gives the low-water marks, in bytes.
func (so *Socket) Lowat() (snd, rcv int) {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.sndLowat, so.rcvLowat
}

// SetError leaves an error for the next operation or SO_ERROR to find.
func (so *Socket) SetError(e abi.Errno) {
	so.mu.Lock()
	so.err = e
	so.mu.Unlock()
}

// TakeError gives the pending error and clears it.
func (so *Socket) TakeError() abi.Errno {
	so.mu.Lock()
	defer so.mu.Unlock()
	e := so.err
	so.err = 0
	return e
}

// PeekError gives the pending error and leaves it.
func (so *Socket) PeekError() abi.Errno {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.err
}

// SetUpcall has f called whenever sleepers would be woken; nil ends that. It must not block, nor call the socket.
func (so *Socket) SetUpcall(f func()) {
	if f == nil {
		so.upcall.Store(nil)
		return
	}
	so.upcall.Store(&f)
}

// Wakeup is sorwakeup and sowwakeup: it tells sleepers and knotes to look
// again. Protocols call it, with or without locks of their own.
func (so *Socket) Wakeup(ev Events) {
	if q := so.filt.Load(); q != nil {
		q.kick()
	}
	so.wake(ev)
}

// wake is Wakeup for what the filters know of.
func (so *Socket) wake(ev Events) {
	if ev&Read != 0 {
		so.rcv.wait.WakeupAll(sched.Awakened)
		so.rcv.knotes.Notify(0)
	}
	if ev&Write != 0 {
		so.snd.wait.WakeupAll(sched.Awakened)
		so.snd.knotes.Notify(0)
	}
	if so.async.Load() {
		so.sigio()
	}
	if f := so.upcall.Load(); f != nil {
		(*f)()
	}
}

// sigio posts SIGIO to whom SIOCSPGRP or F_SETOWN named.
func (so *Socket) sigio() {
	so.mu.Lock()
	pgrp := so.pgrp
	so.mu.Unlock()
	if post := so.domain.layer.SIGIO; post != nil && pgrp != 0 {
		post(pgrp)
	}
}

// retry is the one loop in which sockets sleep: it calls try until it gives
// something other than EAGAIN, or the deadline comes (then EAGAIN), or a signal
// (EINTR).
func (so *Socket) retry(ctx *sys.Context, q *sched.WaitQueue, nonblock bool, timeo time.Duration, try func() abi.Errno) abi.Errno {
	e := try()
	if e != abi.EAGAIN || nonblock || ctx.Thread == nil {
		return e
	}
	if so.draining.Load() {
		return abi.EBADF
	}
	until := sched.Forever
	if timeo > 0 {
		until = sched.After(timeo)
	}
	for {
		q.AssertWait(ctx.Thread, sched.Interruptible, until)
		if e = try(); e != abi.EAGAIN {
			ctx.Thread.ClearWait(sched.Awakened)
			ctx.Thread.Block()
			return e
		}
		if so.draining.Load() {
			ctx.Thread.ClearWait(sched.Awakened)
		}
		switch ctx.Thread.Block() {
		case sched.Awakened:
			if so.draining.Load() {
				return abi.EBADF
			}
			if e = try(); e != abi.EAGAIN {
				return e
			}
		case sched.TimedOut:
			return try()
		default:
			return abi.EINTR
		}
	}
}

// Bind is bind(2). EINVAL when the socket has a name, EADDRINUSE,
// EADDRNOTAVAIL, EAFNOSUPPORT; and for the local family the errors of making a
// file.
func (so *Socket) Bind(ctx *sys.Context, name []byte) abi.Errno {
	if e := so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.Bind(ctx, a, name) }); e != 0 {
		return just(e)
	}
	e := so.pcb.Bind(ctx, name)
	if e == 0 {
		so.notify(ctx, EvtBound, 0)
	}
	return e
}

// Somaxconn is the longest backlog (sysctl kern.ipc.somaxconn), in all machines of this
// Go process.
var Somaxconn atomic.Int32

func init() { Somaxconn.Store(abi.SOMAXCONN) }

// Listen is listen(2). EINVAL when connected, EOPNOTSUPP for datagrams,
// EDESTADDRREQ for a local socket without a name. The backlog is kept within 1
// and Somaxconn.
func (so *Socket) Listen(ctx *sys.Context, backlog int) abi.Errno {
	if so.typ != abi.SOCK_STREAM && so.typ != abi.SOCK_SEQPACKET {
		return abi.EOPNOTSUPP
	}
	if most := int(Somaxconn.Load()); backlog <= 0 || backlog > most {
		backlog = most
	}
	if e := so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.Listen(ctx, a) }); e != 0 {
		return just(e)
	}
	e := so.pcb.Listen(ctx, backlog)
	if e == 0 {
		so.mu.Lock()
		so.options |= abi.SO_ACCEPTCONN
		so.mu.Unlock()
	}
	return e
}

// Accept is accept(2) without the descriptor; the caller passes O_NONBLOCK of
// the listener, and on BSD the new descriptor inherits it. EINVAL when the
// socket does not listen.
func (so *Socket) Accept(ctx *sys.Context, nonblock bool) (n *Socket, peer []byte, e abi.Errno) {
	if !so.Option(abi.SO_ACCEPTCONN) {
		return nil, nil, abi.EINVAL
	}
	_, rcvt := so.timeouts()
	for {
		e = so.retry(ctx, &so.rcv.wait, nonblock, rcvt, func() (e abi.Errno) {
			if e := so.TakeError(); e != 0 {
				return e
			}
			n, peer, e = so.pcb.Accept(ctx)
			return e
		})
		if e != 0 {
			return nil, nil, e
		}
		if so.letConnect(ctx, n, peer) {
			return n, peer, 0
		}
		n.Close(ctx) // as if it had never come
	}
}

// letConnect asks the filters about a connection that has come, and puts global ones on its socket.
func (so *Socket) letConnect(ctx *sys.Context, n *Socket, peer []byte) bool {
	if so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.ConnectIn(ctx, a, peer) }) != 0 {
		return false
	}
	n.holdFiltered(true) // data may have come with the connection
	n.attachGlobal(ctx)
	n.notify(ctx, EvtConnected, 0)
	n.holdFiltered(false)
	return true
}

func (so *Socket) timeouts() (snd, rcv time.Duration) {
	so.mu.Lock()
	defer so.mu.Unlock()
	return so.sndTimeo, so.rcvTimeo
}

// Connect is connect(2). EISCONN, EALREADY, EINPROGRESS, EOPNOTSUPP on a
// listener, EINTR when a signal ended the wait (the connecting goes on), or how
// the connecting ended.
func (so *Socket) Connect(ctx *sys.Context, name []byte, nonblock bool) abi.Errno {
	if so.Option(abi.SO_ACCEPTCONN) {
		return abi.EOPNOTSUPP
	}
	so.TakeError()
	if e := so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.ConnectOut(ctx, a, name) }); e != 0 {
		return just(e)
	}
	e := so.pcb.Connect(ctx, name)
	if q := so.filt.Load(); q != nil && (e == 0 || e == abi.EINPROGRESS) {
		q.reach(ctx, 0, EvtConnecting)
		q.settle(ctx)
		defer q.settle(ctx)
	}
	if e != abi.EINPROGRESS || nonblock {
		return e
	}
	sndt, _ := so.timeouts()
	e = so.retry(ctx, &so.snd.wait, false, sndt, func() abi.Errno {
		busy, e := so.pcb.Connecting()
		if busy {
			return abi.EAGAIN
		}
		return e
	})
	if e == abi.EAGAIN { // SO_SNDTIMEO
		return abi.EINPROGRESS
	}
	return e
}

// Shutdown is shutdown(2). EINVAL for a bad how, ENOTCONN.
func (so *Socket) Shutdown(ctx *sys.Context, how int) abi.Errno {
	if how < abi.SHUT_RD || how > abi.SHUT_RDWR {
		return abi.EINVAL
	}
	if q := so.filt.Load(); q != nil {
		return q.shutdown(ctx, how)
	}
	return so.pcb.Shutdown(ctx, how)
}

// SockName is the socket's name, and PeerName its peer's (ENOTCONN), as the protocol has them.
func (so *Socket) SockName() ([]byte, abi.Errno) { return so.pcb.SockName() }
func (so *Socket) PeerName() ([]byte, abi.Errno) { return so.pcb.PeerName() }

// Name is getsockname(2) or getpeername(2): filters may put another name in the place of the
// protocol's.
func (so *Socket) Name(ctx *sys.Context, peer bool) (b []byte, e abi.Errno) {
	if peer {
		b, e = so.pcb.PeerName()
	} else {
		b, e = so.pcb.SockName()
	}
	if e != 0 {
		return nil, e
	}
	e = so.ask(ctx, func(ops FilterOps, a *Attached) (e abi.Errno) {
		b, e = ops.Name(ctx, a, peer, b)
		return e
	})
	return b, just(e)
}

// Drain is sodrain: a descriptor of the socket is being closed while threads
// sleep in it. They wake with EBADF; when other descriptors are left, the caller
// ends it with Undrain after they have gone.
func (so *Socket) Drain() {
	so.draining.Store(true)
	so.Wakeup(Read | Write)
}

// Undrain lets threads sleep in the socket again.
func (so *Socket) Undrain() { so.draining.Store(false) }

// Type is DTYPE_SOCKET.
func (so *Socket) Type() sys.DType { return sys.DTypeSocket }

// Close is soclose: it disconnects and lets go. With SO_LINGER and a time it
// waits that long for what is unsent.
func (so *Socket) Close(ctx *sys.Context) abi.Errno {
	so.mu.Lock()
	if so.closed {
		so.mu.Unlock()
		return 0
	}
	so.closed = true
	linger := so.options&abi.SO_LINGER != 0
	ticks := so.lingerTicks
	reserve(so.sndAsked, 0, so.sndFree)
	reserve(so.rcvAsked, 0, so.rcvFree)
	so.sndAsked, so.rcvAsked = 0, 0
	so.mu.Unlock()
	sockets.Add(-1)
	if d, ok := so.pcb.(interface{ Drained() bool }); ok && linger && ticks > 0 && !so.nbio.Load() {
		so.linger(ctx, time.Duration(ticks)*10*time.Millisecond, d.Drained)
	}
	if q := so.filt.Load(); q == nil || !q.closes(ctx) {
		so.closePCB(ctx)
	}
	return 0
}

// linger waits until all that is unsent has gone. What filters have let out goes before the end, or,
// when the time is over, after close(2) has come back.
func (so *Socket) linger(ctx *sys.Context, timeo time.Duration, drained func() bool) {
	until := time.Now().Add(timeo)
	wait := func(done func() bool) bool {
		return so.retry(ctx, &so.snd.wait, false, max(time.Until(until), 1), func() abi.Errno {
			if done() {
				return 0
			}
			return abi.EAGAIN
		}) == 0
	}
	if q := so.filt.Load(); q != nil {
		q.flush(ctx)
		if !wait(q.flushed) {
			return
		}
	}
	if so.pcb.Shutdown(ctx, abi.SHUT_RDWR) == 0 {
		wait(drained)
	}
}

// closePCB ends the protocol's side.
func (so *Socket) closePCB(ctx *sys.Context) {
	so.pcb.Close(ctx)
	if q := so.filt.Load(); q != nil {
		q.reach(ctx, EvtDisconnecting, EvtDisconnected)
		q.gone()
	}
	so.detachAll(ctx)
	so.domain.refs.Add(-1)
	so.Wakeup(Read | Write)
}

// ready is the level of one filter of kevent, from the filters' queues if there are some.
func (so *Socket) ready(filter int16) sys.Readiness {
	if q := so.filt.Load(); q != nil {
		return q.ready(filter)
	}
	return so.pcb.Ready(filter)
}

// Stat is soo_stat: a socket of its buffer's block size, with the owner that
// made it.
func (so *Socket) Stat(ctx *sys.Context, st *abi.Stat) abi.Errno {
	*st = abi.Stat{Mode: abi.S_IFSOCK, Ino: so.ino}
	r := so.ready(sys.EVFILT_READ) // asks for the buffers' sizes itself: without so.mu
	so.mu.Lock()
	defer so.mu.Unlock()
	st.Blksize = int32(so.rcvHiwat)
	if r.Ready && so.options&abi.SO_ACCEPTCONN == 0 {
		st.Size = r.Data
	}
	st.Mode |= 0o666
	if so.creator != nil {
		st.UID, st.GID = so.creator.UID, so.creator.GID
	}
	return 0
}
