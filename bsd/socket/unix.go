package socket

import (
	"bytes"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Namespace is the file system's side of local sockets.
type Namespace interface {
	// BindSocket makes a socket file at path that stands for so until unbind is
	// called. EEXIST, EACCES, ENOENT and the like.
	BindSocket(ctx *sys.Context, path string, so *Socket) (unbind func(), e abi.Errno)
	// LookupSocket finds the socket that the file at path stands for. ENOENT,
	// ENOTSOCK when the file is something else, ECONNREFUSED when its socket
	// is gone, EACCES.
	LookupSocket(ctx *sys.Context, path string) (*Socket, abi.Errno)
}

// Sizes of local sockets' buffers (net.local.*), in bytes.
const (
	localStreamSpace = 8192
	localDgramMax    = 2048
	localDgramSpace  = 4096
)

// local is the local family of one machine.
type local struct {
	layer *Domains

	// mu guards who is bound, listens, and is connected to whom.
	mu sync.Mutex

	rights rightsTable
}

func newLocal(ds *Domains) *local {
	l := &local{layer: ds}
	l.rights.init()
	return l
}

func (l *local) domain() *Domain {
	return &Domain{Family: abi.AF_UNIX, Name: "unix", pairable: true, protosw: []*Protosw{
		{Type: abi.SOCK_STREAM, Attach: l.attach},
		{Type: abi.SOCK_DGRAM, Attach: l.attach},
	}}
}

// noname is the address of a local socket without a name.
var noname = append([]byte{16, abi.AF_UNIX}, make([]byte, 14)...)

// unixPCB is a struct unpcb.
type unixPCB struct {
	l     *local
	so    *Socket
	dgram bool
	rcv   sockbuf

	peer atomic.Pointer[unixPCB]

	// The rest is under l.mu.
	name      []byte // as bound, nil if not
	unbind    func() // ends that
	listening bool
	backlog   int
	queue     []*unixPCB        // connections not yet accepted
	queued    *unixPCB          // the listener in whose queue this one is
	refs      map[*unixPCB]bool // datagram sockets connected to this one
	was       bool              // connected once
	closed    bool
	sndShut   bool
	cred      peerCred // of this side
	peerCred  peerCred
}

type peerCred struct {
	cred *sys.Cred
	pid  int32
}

func (l *local) attach(ctx *sys.Context, so *Socket) (PCB, abi.Errno) {
	if so.protocol != 0 {
		return nil, abi.EPROTONOSUPPORT
	}
	p := &unixPCB{l: l, so: so, dgram: so.typ == abi.SOCK_DGRAM}
	p.cred = peerCred{ctx.Cred, ctx.PID}
	if p.dgram {
		so.Reserve(localDgramMax, localDgramSpace)
	} else {
		so.Reserve(localStreamSpace, localStreamSpace)
	}
	l.rights.add(p)
	return p, 0
}

// pathOf takes the path out of a sockaddr_un.
func pathOf(name []byte) (string, abi.Errno) {
	if len(name) < 3 || len(name) > abi.SOCK_MAXADDRLEN {
		return "", abi.EINVAL
	}
	if name[1] != abi.AF_UNIX {
		return "", abi.EAFNOSUPPORT
	}
	p := name[2:]
	if i := bytes.IndexByte(p, 0); i >= 0 {
		p = p[:i]
	}
	return string(p), 0
}

func (p *unixPCB) Bind(ctx *sys.Context, name []byte) abi.Errno {
	path, e := pathOf(name)
	if e != 0 {
		return e
	}
	if path == "" {
		return abi.EINVAL
	}
	if p.l.layer.Names == nil {
		return abi.EAFNOSUPPORT
	}
	kept := bytes.Clone(name)
	kept[0] = byte(len(kept))
	p.l.mu.Lock()
	if p.name != nil || p.closed {
		p.l.mu.Unlock()
		return abi.EINVAL
	}
	p.name = kept
	p.l.mu.Unlock()
	unbind, e := p.l.layer.Names.BindSocket(ctx, path, p.so)
	p.l.mu.Lock()
	switch {
	case e != 0:
		p.name = nil
	case !p.closed:
		p.unbind, unbind = unbind, nil
	}
	p.l.mu.Unlock()
	if e == 0 {
		if unbind != nil { // closed meanwhile
			unbind()
		}
		return 0
	}
	if e == abi.EEXIST {
		return abi.EADDRINUSE
	}
	return e
}

func (p *unixPCB) lookup(ctx *sys.Context, name []byte) (*unixPCB, abi.Errno) {
	path, e := pathOf(name)
	if e != 0 {
		return nil, e
	}
	if p.l.layer.Names == nil {
		return nil, abi.EAFNOSUPPORT
	}
	if path == "" {
		return nil, abi.ENOENT
	}
	so, e := p.l.layer.Names.LookupSocket(ctx, path)
	if e != 0 {
		return nil, e
	}
	q, ok := so.pcb.(*unixPCB)
	if !ok || q.l != p.l {
		return nil, abi.ECONNREFUSED
	}
	if q.dgram != p.dgram {
		return nil, abi.EPROTOTYPE
	}
	return q, 0
}

func (p *unixPCB) Listen(ctx *sys.Context, backlog int) abi.Errno {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if p.peer.Load() != nil || p.was {
		return abi.EINVAL
	}
	if p.name == nil {
		return abi.EDESTADDRREQ
	}
	p.listening, p.backlog = true, backlog
	p.cred = peerCred{ctx.Cred, ctx.PID}
	return 0
}

func (p *unixPCB) Connect(ctx *sys.Context, name []byte) abi.Errno {
	if !p.dgram {
		p.l.mu.Lock()
		busy := p.peer.Load() != nil
		was := p.was
		p.l.mu.Unlock()
		if busy {
			return abi.EISCONN
		}
		if was {
			return abi.EINVAL
		}
	}
	q, e := p.lookup(ctx, name)
	if e != 0 {
		return e
	}
	if p.dgram {
		return p.connectDgram(q)
	}
	return p.connectStream(ctx, q)
}

func (p *unixPCB) connectStream(ctx *sys.Context, q *unixPCB) abi.Errno {
	l := p.l
	l.mu.Lock()
	switch {
	case q.closed || !q.listening || len(q.queue) >= q.backlog:
		l.mu.Unlock()
		return abi.ECONNREFUSED
	case p.peer.Load() != nil || p.was:
		l.mu.Unlock()
		return abi.EISCONN
	case p.listening || p.closed:
		l.mu.Unlock()
		return abi.EINVAL
	}
	var n *unixPCB
	q.so.Adopt(func(so *Socket) PCB {
		n = &unixPCB{l: l, so: so, name: q.name, cred: q.cred}
		return n
	})
	p.cred = peerCred{ctx.Cred, ctx.PID}
	n.peerCred, p.peerCred = p.cred, q.cred
	n.was, p.was = true, true
	n.queued = q
	n.peer.Store(p)
	p.peer.Store(n)
	q.queue = append(q.queue, n)
	l.rights.add(n)
	l.mu.Unlock()
	q.so.Wakeup(Read)
	p.so.Wakeup(Write)
	return 0
}

func (p *unixPCB) connectDgram(q *unixPCB) abi.Errno {
	l := p.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.closed {
		return abi.ECONNREFUSED
	}
	if old := p.peer.Load(); old != nil {
		delete(old.refs, p)
	}
	if q.refs == nil {
		q.refs = map[*unixPCB]bool{}
	}
	q.refs[p] = true
	p.peer.Store(q)
	p.peerCred = q.cred
	return 0
}

// pair connects two new sockets.
func (l *local) pair(a, b *unixPCB) abi.Errno {
	if a.dgram {
		if e := a.connectDgram(b); e != 0 {
			return e
		}
		return b.connectDgram(a)
	}
	l.mu.Lock()
	a.peer.Store(b)
	b.peer.Store(a)
	a.was, b.was = true, true
	a.peerCred, b.peerCred = b.cred, a.cred
	l.mu.Unlock()
	return 0
}

func (p *unixPCB) Connecting() (bool, abi.Errno) { return false, 0 }

func (p *unixPCB) Accept(ctx *sys.Context) (*Socket, []byte, abi.Errno) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if !p.listening {
		return nil, nil, abi.EINVAL
	}
	if len(p.queue) == 0 {
		return nil, nil, abi.EAGAIN
	}
	n := p.queue[0]
	p.queue[0] = nil
	p.queue = p.queue[1:]
	n.queued = nil
	name := noname
	if c := n.peer.Load(); c != nil && c.name != nil {
		name = c.name
	}
	return n.so, bytes.Clone(name), 0
}

func (p *unixPCB) SockName() ([]byte, abi.Errno) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if p.name == nil {
		return bytes.Clone(noname), 0
	}
	return bytes.Clone(p.name), 0
}

func (p *unixPCB) PeerName() ([]byte, abi.Errno) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	q := p.peer.Load()
	if q == nil {
		if p.was {
			return nil, abi.EINVAL // it has been shut down
		}
		return nil, abi.ENOTCONN
	}
	if q.name == nil {
		return bytes.Clone(noname), 0
	}
	return bytes.Clone(q.name), 0
}

func (p *unixPCB) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno { return abi.ENOTTY }

// Disconnect ends a datagram socket's connection.
func (p *unixPCB) Disconnect(ctx *sys.Context) abi.Errno {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	q := p.peer.Load()
	if q == nil {
		return abi.ENOTCONN
	}
	if !p.dgram {
		return abi.EOPNOTSUPP
	}
	delete(q.refs, p)
	p.peer.Store(nil)
	return 0
}

func (p *unixPCB) Shutdown(ctx *sys.Context, how int) abi.Errno {
	l := p.l
	l.mu.Lock()
	q := p.peer.Load()
	if q == nil && !p.was {
		l.mu.Unlock()
		return abi.ENOTCONN
	}
	if how != abi.SHUT_RD {
		p.sndShut = true
	}
	l.mu.Unlock()
	if how != abi.SHUT_RD && q != nil && !p.dgram {
		q.rcv.mu.Lock()
		q.rcv.eof = true
		q.rcv.mu.Unlock()
		q.so.Wakeup(Read)
	}
	if how != abi.SHUT_WR {
		p.rcv.mu.Lock()
		p.rcv.eof, p.rcv.broken = true, true
		files := p.rcv.flush()
		p.rcv.mu.Unlock()
		l.rights.drop(ctx, files)
		if q != nil {
			q.so.Wakeup(Write)
		}
	}
	p.so.Wakeup(Read | Write)
	return 0
}

// Close detaches: the peer sees the end, connected datagram sockets ECONNRESET,
// connections that nobody accepted are closed.
func (p *unixPCB) Close(ctx *sys.Context) {
	l := p.l
	l.mu.Lock()
	p.closed, p.listening = true, false
	q := p.peer.Swap(nil)
	queue := p.queue
	p.queue = nil
	if q != nil && p.dgram {
		delete(q.refs, p)
	}
	if q != nil && !p.dgram {
		q.peer.Store(nil)
	}
	refs := p.refs
	p.refs = nil
	for r := range refs {
		r.peer.Store(nil)
	}
	unbind := p.unbind
	p.unbind = nil
	l.mu.Unlock()

	if unbind != nil {
		unbind()
	}

	for r := range refs {
		r.so.SetError(abi.ECONNRESET)
		r.so.Wakeup(Read | Write)
	}
	if q != nil && !p.dgram {
		q.rcv.mu.Lock()
		q.rcv.eof = true
		q.rcv.mu.Unlock()
		q.so.Wakeup(Read | Write)
	}
	for _, n := range queue {
		n.so.Close(ctx)
	}
	p.rcv.mu.Lock()
	p.rcv.eof, p.rcv.broken = true, true
	files := p.rcv.flush()
	p.rcv.mu.Unlock()
	l.rights.remove(p)
	l.rights.drop(ctx, files)
	l.collect(ctx)
}
