package socket

import (
	"slices"
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Socket filters (<sys/kpi_socketfilter.h>): code between the socket layer and a protocol. A global
// one is attached to every socket that is made after it; another to those that ask for it
// (SO_NKE) or that an extension picks. Which has come last is asked first.
//
// A socket with filters has two queues of its own (sflt_data.go): of what the filters have let
// in and nobody has read yet, and of what they have let out and the protocol has not taken.
// A thread of the kernel moves data into the one and out of the other when the protocol
// says that something has changed, so filters see data when it comes, not when it is read.

// EJUSTRETURN is a filter's answer that it has done, or will do, what was asked.
const EJUSTRETURN abi.Errno = -2

// SFLT_GLOBAL and SFLT_PROG.
const (
	SfltGlobal = 1
	SfltProg   = 2
)

// Event is what filters are told of (sock_evt_*).
type Event uint32

const (
	EvtConnecting    Event = 1
	EvtConnected     Event = 2
	EvtDisconnecting Event = 3
	EvtDisconnected  Event = 4
	EvtFlushRead     Event = 5
	EvtShutdown      Event = 6 // with how
	EvtCantRecvMore  Event = 7
	EvtCantSendMore  Event = 8
	EvtClosing       Event = 9
	EvtBound         Event = 10
)

// Packet is data on its way through filters: a datagram, or bytes of a stream.
type Packet struct {
	Name    []byte // from whom or to whom, nil for a connection
	Data    []byte
	Control []byte // what came with it, as recvmsg gives it
	Tags    any    // the filters' own notes
	// Failed says that the error which Data gives is no filter's verdict: it could not be asked,
	// or what it has left could not be taken.
	Failed bool
}

// FilterOps is a filter's code. Methods are called without locks and may sleep. An error ends
// what was asked, with that error; EJUSTRETURN ends it with success. Those that do nothing
// return 0.
type FilterOps interface {
	// Attach comes first; an error means that the socket goes on without the filter. Detach
	// comes last, after all else has come back.
	Attach(ctx *sys.Context, a *Attached) abi.Errno
	Detach(ctx *sys.Context, a *Attached)
	// Unregistered says that nothing will be called any more.
	Unregistered(ctx *sys.Context)
	Notify(ctx *sys.Context, a *Attached, ev Event, how int)
	Bind(ctx *sys.Context, a *Attached, name []byte) abi.Errno
	Listen(ctx *sys.Context, a *Attached) abi.Errno
	ConnectOut(ctx *sys.Context, a *Attached, to []byte) abi.Errno
	// ConnectIn is asked about each connection of a listener.
	ConnectIn(ctx *sys.Context, a *Attached, from []byte) abi.Errno
	// Name may give another name, of the socket's own or its peer's.
	Name(ctx *sys.Context, a *Attached, peer bool, name []byte) ([]byte, abi.Errno)
	// Data may change the packet. EJUSTRETURN swallows it, another error drops it. With p.Failed
	// set the error is the kernel's (no memory, too much given back): bytes of a stream that have
	// come are lost then, so the stream's reading side ends with the error; a datagram is dropped,
	// and who sends gets the error in any case.
	Data(ctx *sys.Context, a *Attached, out bool, p *Packet) abi.Errno
	// Option is asked about setsockopt, and, with set false, getsockopt, where val has the room
	// that there is; it gives the value.
	Option(ctx *sys.Context, a *Attached, set bool, level, name int, val []byte) ([]byte, abi.Errno)
	Ioctl(ctx *sys.Context, a *Attached, cmd uint64, data []byte) abi.Errno
}

// SocketFilter is a struct sflt_filter: one filter.
type SocketFilter struct {
	Handle                 uint32
	Name                   string
	Flags                  int
	Family, Type, Protocol int
	Ops                    FilterOps

	proto    *Protosw
	attached map[*Attached]struct{} // until Detach has come back; under filters.mu, as the rest
	gone     bool
	told     bool // Unregistered has been called, or is about to be
}

// Attached is a filter on a socket.
type Attached struct {
	Filter *SocketFilter
	Socket *Socket
	Cookie any // the filter's

	users int  // under filters.mu
	dead  bool // it is not to be called any more, but for Detach
	quiet bool // nor for that
	left  bool // Detach is being called
}

// filters is the machine's socket filters. mu is a leaf.
type filters struct {
	mu   sync.Mutex
	list []*SocketFilter
}

const maxFilters = 256

// RegisterFilter adds a filter. EINVAL without a handle, ENOTSUP for a family other than the
// Internet's, ENOENT for no such protocol, EEXIST, ENOMEM for too many.
func (ds *Domains) RegisterFilter(f *SocketFilter) abi.Errno {
	if f.Family != abi.AF_INET && f.Family != abi.AF_INET6 {
		return abi.ENOTSUP
	}
	d := ds.Lookup(f.Family)
	if d == nil {
		return abi.ENOENT
	}
	p, e := d.find(f.Type, f.Protocol)
	if e != 0 {
		return abi.ENOENT
	}
	if f.Handle == 0 {
		return abi.EINVAL
	}
	x := &ds.filters
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.find(f.Handle) != nil {
		return abi.EEXIST
	}
	if len(x.list) >= maxFilters {
		return abi.ENOMEM
	}
	f.proto, f.attached = p, map[*Attached]struct{}{}
	x.list = append(x.list[:len(x.list):len(x.list)], f)
	return 0
}

func (x *filters) find(handle uint32) *SocketFilter {
	for _, f := range x.list {
		if f.Handle == handle {
			return f
		}
	}
	return nil
}

// UnregisterFilter takes a filter off all sockets. ENOENT. When the last call of it has come back
// Unregistered is called: here, or on the thread that was inside.
func (ds *Domains) UnregisterFilter(ctx *sys.Context, handle uint32) abi.Errno {
	x := &ds.filters
	x.mu.Lock()
	f := x.find(handle)
	if f == nil {
		x.mu.Unlock()
		return abi.ENOENT
	}
	x.list = slices.DeleteFunc(slices.Clone(x.list), func(g *SocketFilter) bool { return g == f })
	var all []*Attached
	for a := range f.attached {
		all = append(all, a)
		a.users++ // so that it stays until leave
	}
	f.gone = true
	x.mu.Unlock()
	for _, a := range all {
		a.end(ctx, false)
		a.leave(ctx)
	}
	x.mu.Lock()
	last := f.last()
	x.mu.Unlock()
	if last {
		f.Ops.Unregistered(ctx)
	}
	return 0
}

// last says, once, that Unregistered is to be called. filters.mu is held.
func (f *SocketFilter) last() bool {
	if !f.gone || f.told || len(f.attached) > 0 {
		return false
	}
	f.told = true
	return true
}

// AttachFilter puts a filter on a socket (sflt_attach, SO_NKE). EINVAL for none of that handle,
// ENOTSUP, EEXIST, or what it says. EINVAL also for a socket that is closed.
func (so *Socket) AttachFilter(ctx *sys.Context, handle uint32) abi.Errno {
	x := &so.domain.layer.filters
	x.mu.Lock()
	f := x.find(handle)
	x.mu.Unlock()
	if f == nil {
		return abi.EINVAL
	}
	if so.Family() != abi.AF_INET && so.Family() != abi.AF_INET6 {
		return abi.ENOTSUP
	}
	return so.attach(ctx, f)
}

// DetachFilter takes one off. ENOENT.
func (so *Socket) DetachFilter(ctx *sys.Context, handle uint32) abi.Errno {
	for _, a := range so.attachedFilters() {
		if a.Filter.Handle == handle && a.enter() {
			a.end(ctx, false)
			a.leave(ctx)
			return 0
		}
	}
	return abi.ENOENT
}

// attachedFilters are those of a socket, the last first.
func (so *Socket) attachedFilters() []*Attached {
	q := so.filt.Load()
	if q == nil {
		return nil
	}
	x := &so.domain.layer.filters
	x.mu.Lock()
	defer x.mu.Unlock()
	return q.list
}

// enter begins a call of a filter; false if it is to be called no more. leave ends it.
func (a *Attached) enter() bool {
	x := &a.Socket.domain.layer.filters
	x.mu.Lock()
	defer x.mu.Unlock()
	if a.dead {
		return false
	}
	a.users++
	return true
}

func (a *Attached) leave(ctx *sys.Context) {
	x, f := &a.Socket.domain.layer.filters, a.Filter
	x.mu.Lock()
	a.users--
	if a.users > 0 || !a.dead || a.left {
		x.mu.Unlock()
		return
	}
	a.left = true
	quiet := a.quiet
	x.mu.Unlock()
	if !quiet {
		f.Ops.Detach(ctx, a)
	}
	x.mu.Lock()
	delete(f.attached, a)
	last := f.last()
	x.mu.Unlock()
	if last {
		f.Ops.Unregistered(ctx)
	}
}

// end takes the filter off its socket. The caller has entered.
func (a *Attached) end(ctx *sys.Context, quiet bool) {
	x := &a.Socket.domain.layer.filters
	x.mu.Lock()
	a.dead, a.quiet = true, a.quiet || quiet
	if q := a.Socket.filt.Load(); q != nil {
		q.list = slices.DeleteFunc(slices.Clone(q.list), func(b *Attached) bool { return b == a })
	}
	x.mu.Unlock()
}

// ask asks the filters of a socket until one has an answer.
func (so *Socket) ask(ctx *sys.Context, question func(ops FilterOps, a *Attached) abi.Errno) abi.Errno {
	if so.filt.Load() == nil {
		return 0
	}
	for _, a := range so.attachedFilters() {
		if !a.enter() {
			continue
		}
		e := question(a.Filter.Ops, a)
		a.leave(ctx)
		if e != 0 {
			return e
		}
	}
	return 0
}

// notify tells the filters of a socket.
func (so *Socket) notify(ctx *sys.Context, ev Event, how int) {
	so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno {
		ops.Notify(ctx, a, ev, how)
		return 0
	})
}

// just is the end of what filters were asked about.
func just(e abi.Errno) abi.Errno {
	if e == EJUSTRETURN {
		return 0
	}
	return e
}

// detachAll takes all filters off a socket that is closed; one that is being attached meanwhile
// goes at once.
func (so *Socket) detachAll(ctx *sys.Context) {
	x := &so.domain.layer.filters
	x.mu.Lock()
	so.unfiltered = true
	x.mu.Unlock()
	for _, a := range so.attachedFilters() {
		if a.enter() {
			a.end(ctx, false)
			a.leave(ctx)
		}
	}
}
