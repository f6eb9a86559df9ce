package socket

import (
	"slices"

	"puggle/abi"
	"puggle/bsd/sys"
)

// How a filter comes to a socket. Until it has said whether it wants to, and while a connection
// is being accepted, what has come for the socket is held.

// attach puts f on so.
func (so *Socket) attach(ctx *sys.Context, f *SocketFilter) abi.Errno {
	x := &so.domain.layer.filters
	a := &Attached{Filter: f, Socket: so, users: 1}
	x.mu.Lock()
	if f.gone {
		x.mu.Unlock()
		return abi.ENOENT
	}
	if so.unfiltered {
		x.mu.Unlock()
		return abi.EINVAL
	}
	q := so.filt.Load()
	if q == nil {
		q = newFiltered(so)
	}
	of := func(b *Attached) bool { return b.Filter == f }
	if slices.ContainsFunc(q.list, of) || slices.ContainsFunc(q.coming, of) {
		x.mu.Unlock()
		return abi.EEXIST
	}
	q.coming = append(q.coming, a)
	f.attached[a] = struct{}{}
	a.dead = true // nothing is asked before it has answered
	so.filt.Store(q)
	x.mu.Unlock()
	if _, e := so.pcb.PeerName(); e == 0 {
		q.mu.Lock()
		q.stage = EvtConnected
		q.mu.Unlock()
	}
	e := f.Ops.Attach(ctx, a)
	x.mu.Lock()
	q.coming = slices.DeleteFunc(q.coming, of)
	if e == 0 && !f.gone && !so.unfiltered { // else Detach comes at once
		a.dead = false
		q.list = append([]*Attached{a}, q.list...)
	}
	a.quiet = e != 0
	x.mu.Unlock()
	a.leave(ctx)
	so.Wakeup(Read | Write) // what is there already goes through the queues now
	return e
}

// attachGlobal puts the global filters on a new socket.
func (so *Socket) attachGlobal(ctx *sys.Context) {
	x := &so.domain.layer.filters
	x.mu.Lock()
	list := x.list
	x.mu.Unlock()
	for _, f := range list {
		if f.Flags&SfltGlobal != 0 && f.proto == so.proto {
			so.attach(ctx, f)
		}
	}
}

// holdFiltered keeps data that has come from the filters and the reader, and lets it go on.
func (so *Socket) holdFiltered(held bool) {
	x := &so.domain.layer.filters
	x.mu.Lock()
	so.held = held
	x.mu.Unlock()
	if !held && so.filt.Load() != nil {
		so.Wakeup(Read)
	}
}

// held says that what has come is not to be looked at yet: a filter has not answered whether it
// wants to see it. Wakeup comes when it has.
func (q *filtered) held() bool {
	x := &q.so.domain.layer.filters
	x.mu.Lock()
	defer x.mu.Unlock()
	return q.so.held || len(q.coming) > 0
}
