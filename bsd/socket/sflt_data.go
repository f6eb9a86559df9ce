package socket

import (
	"sync"
	"time"

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
	charged int64         // of the total (total.go)
	stage   Event         // of the connection, as the filters were told, or are being told
	teller  *sched.Thread // who tells them, or nil
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
	q.stage, q.teller = to, ctx.Thread
	q.mu.Unlock()
	q.so.notify(ctx, to, 0)
	q.mu.Lock()
	q.teller = nil
	q.mu.Unlock()
	q.so.snd.wait.WakeupAll(sched.Awakened)
}

// telling says whether a thread other than ctx's own tells the filters of a stage.
func (q *filtered) telling(ctx *sys.Context) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.teller != nil && q.teller != ctx.Thread
}

// maxTelling is how long a close waits for that.
const maxTelling = 10 * time.Second

// waitTold waits until nobody else tells the filters anything; a signal, or maxTelling, ends that.
func (q *filtered) waitTold(ctx *sys.Context) {
	until := sched.After(maxTelling)
	for ctx.Thread != nil && q.telling(ctx) {
		q.so.snd.wait.AssertWait(ctx.Thread, sched.Interruptible, until)
		if !q.telling(ctx) {
			ctx.Thread.ClearWait(sched.Awakened)
		}
		if ctx.Thread.Block() != sched.Awakened {
			return
		}
	}
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
	// They hear first of a connection that was made, while it is still there to be looked at.
	q.settle(ctx)
	q.waitTold(ctx)
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
