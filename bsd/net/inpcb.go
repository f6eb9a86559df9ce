package net

import (
	"net/netip"
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

type tcpState uint8

const (
	idle tcpState = iota
	connecting
	connected
	failed // connecting ended with an error
)

// inpcb is a struct inpcb: an Internet socket over an endpoint of the stack.
type inpcb struct {
	n     *Net
	so    *socket.Socket
	ep    tcpip.Endpoint
	wq    *waiter.Queue
	entry waiter.Entry
	v6    bool
	tcp   bool
	udp   bool
	raw4  bool // packets come and go with BSD's view of the IP header
	ping  bool // raw4, but only to ask

	whole atomic.Bool // IP_DONTFRAG
	strip atomic.Bool // IP_STRIPHDR
	rawMu sync.Mutex  // held while a packet of raw4 is looked at and taken
	tosMu sync.Mutex  // held while a datagram has another type of service than the socket

	fus            atomic.Pointer[fusion] // of a connection that may be fused
	side           int                    // which end of it this is
	sent, received atomic.Uint64          // a connection's bytes

	mu        sync.Mutex
	state     tcpState
	listening bool
	backlog   int
	accepted  []accepted // taken from the stack, not yet by the guest
	sndShut   bool
	rcvShut   bool
	peer      []byte // a datagram socket's
	recv      recvOptions
	keepOpts  map[int]int // options that we can only remember
	joined    []membership
}

type accepted struct {
	so   *socket.Socket
	name []byte
}

func newInpcb(n *Net, so *socket.Socket, ep tcpip.Endpoint, wq *waiter.Queue) *inpcb {
	p := &inpcb{n: n, so: so, ep: ep, wq: wq, v6: so.Family() == abi.AF_INET6}
	p.tcp = so.Kind() == abi.SOCK_STREAM
	p.udp = so.Kind() == abi.SOCK_DGRAM && so.Protocol() == abi.IPPROTO_UDP
	if p.tcp {
		so.Begin(socket.Beginning(tcpSpace), socket.Beginning(tcpSpace))
	} else {
		so.Begin(udpMaxDgram, socket.Beginning(udpRecvSpace))
	}
	if snd, rcv := so.Sizes(); p.tcp && (rcv != tcpSpace || snd != tcpSpace) || !p.tcp && rcv != udpRecvSpace {
		// There are many sockets, or the listener had other sizes.
		ep.SocketOptions().SetReceiveBufferSize(int64(rcv), true)
		if p.tcp {
			ep.SocketOptions().SetSendBufferSize(int64(snd), true)
		}
	}
	p.entry.Init(p, waiter.AllEvents)
	wq.EventRegister(&p.entry)
	return p
}

// NotifyEvent is how the stack says that something changed.
func (p *inpcb) NotifyEvent(mask waiter.EventMask) {
	var ev socket.Events
	if mask&(waiter.ReadableEvents|waiter.EventErr|waiter.EventHUp|waiter.EventRdHUp|waiter.EventPri) != 0 {
		ev |= socket.Read
	}
	if mask&(waiter.WritableEvents|waiter.EventErr|waiter.EventHUp) != 0 {
		ev |= socket.Write
	}
	p.so.Wakeup(ev)
}

func (p *inpcb) Bind(ctx *sys.Context, name []byte) abi.Errno {
	a, e := p.parseName(name)
	if e != 0 {
		return e
	}
	ip := fromAddr(a.Addr)
	if a.Port != 0 && a.Port < 1024 && !ip.IsUnspecified() && ctx.Cred != nil && !ctx.Cred.IsSuser() {
		return abi.EACCES
	}
	if ip.IsUnspecified() { // the stack's way to say any address
		a.Addr = tcpip.Address{}
	}
	return errno(p.ep.Bind(a))
}

// stackBacklog is how many connections the stack itself keeps for a listener.
// It is more than programs ask for, because the stack forgets a connection that
// finds its queue full although the client believes in it; Darwin would have
// left the client waiting for its answer.
const stackBacklog = 4096

func (p *inpcb) Listen(ctx *sys.Context, backlog int) abi.Errno {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != idle {
		return abi.EINVAL
	}
	if e := errno(p.ep.Listen(max(backlog, stackBacklog))); e != 0 {
		return e
	}
	p.listening, p.backlog = true, backlog
	return 0
}

// destination checks an address to connect or send to.
func (p *inpcb) destination(a *tcpip.FullAddress) abi.Errno {
	ip := fromAddr(a.Addr)
	if a.Port == 0 && (p.tcp || p.udp) {
		return abi.EADDRNOTAVAIL
	}
	switch {
	case ip.Unmap().IsUnspecified() && ip.Is4():
		a.Addr = header.IPv4Loopback // this host
	case ip.IsUnspecified():
		a.Addr = header.IPv6Loopback
	case ip.Is4In6() && ip.Unmap().IsUnspecified():
		a.Addr = tcpip.AddrFrom16(netip.MustParseAddr("::ffff:127.0.0.1").As16())
	case isOutside(ip) && !p.n.insideRoute(ip.Unmap()):
		return p.n.reachable(ip.Unmap())
	}
	return 0
}

func (p *inpcb) Connect(ctx *sys.Context, name []byte) abi.Errno {
	if len(name) >= 2 && name[1] == abi.AF_UNSPEC && !p.tcp {
		return p.Disconnect(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tcp {
		p.settle()
		switch p.state {
		case connecting:
			return abi.EALREADY
		case connected:
			return abi.EISCONN
		case failed:
			return abi.EINVAL
		}
	} else if p.state == connected {
		return abi.EISCONN
	}
	a, e := p.parseName(name)
	if e != 0 {
		return e
	}
	if e = p.destination(&a); e != 0 {
		return e
	}
	if p.tcp && fromAddr(a.Addr).Unmap().IsMulticast() {
		return abi.EAFNOSUPPORT
	}
	if p.tcp && p.n.isHere(fromAddr(a.Addr).Unmap()) {
		e = errno(p.n.fuse.connect(p, a))
	} else {
		e = errno(p.ep.Connect(a))
	}
	switch e {
	case 0:
		p.state = connected
	case abi.EINPROGRESS:
		p.state = connecting
	}
	if !p.tcp && e == 0 {
		p.peer = p.sockaddr(a)
	}
	return e
}

// settle notes, with p.mu held, that connecting has ended, and says how.
func (p *inpcb) settle() abi.Errno {
	if p.state != connecting {
		return 0
	}
	switch st := tcp.EndpointState(p.ep.State()); st {
	case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv:
		return 0
	case tcp.StateError, tcp.StateClose, tcp.StateInitial, tcp.StateBound:
		p.state = failed
		e := errno(p.ep.SocketOptions().GetLastError())
		if e == 0 || e == abi.EPIPE {
			e = abi.ECONNREFUSED
		}
		p.ep.SocketOptions().GetLastError() // the same, as ICMP left it
		p.so.SetError(e)
		return e
	}
	p.state = connected
	return 0
}

func (p *inpcb) Connecting() (bool, abi.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != connecting {
		return false, p.so.TakeError()
	}
	p.settle()
	if p.state == connecting {
		return true, 0
	}
	return false, p.so.TakeError()
}

func (p *inpcb) Disconnect(ctx *sys.Context) abi.Errno {
	if p.tcp {
		return abi.EOPNOTSUPP
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != connected {
		return abi.ENOTCONN
	}
	if err := p.ep.Disconnect(); err != nil {
		return errno(err)
	}
	p.state, p.peer = idle, nil
	return 0
}

// pull takes complete connections out of the stack, with p.mu held, as many as
// the backlog allows.
func (p *inpcb) pull() abi.Errno {
	for len(p.accepted) < p.backlog {
		var peer tcpip.FullAddress
		ep, wq, err := p.ep.Accept(&peer)
		if err != nil {
			return errno(err)
		}
		so := p.so.Adopt(func(so *socket.Socket) socket.PCB {
			q := newInpcb(p.n, so, ep, wq)
			q.state = connected
			if p.n.isHere(fromAddr(peer.Addr).Unmap()) {
				p.n.fuse.accept(q, peer)
			}
			return q
		})
		p.accepted = append(p.accepted, accepted{so, p.sockaddr(peer)})
	}
	return 0
}

func (p *inpcb) Accept(ctx *sys.Context) (*socket.Socket, []byte, abi.Errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.pull(); len(p.accepted) == 0 {
		if e == 0 {
			e = abi.ECONNABORTED // the listener is closed
		}
		return nil, nil, e
	}
	a := p.accepted[0]
	p.accepted[0] = accepted{}
	p.accepted = p.accepted[1:]
	return a.so, a.name, 0
}

func (p *inpcb) SockName() ([]byte, abi.Errno) {
	a, err := p.ep.GetLocalAddress()
	if err != nil {
		return nil, errno(err)
	}
	return p.sockaddr(a), 0
}

func (p *inpcb) PeerName() ([]byte, abi.Errno) {
	p.mu.Lock()
	p.settle()
	state, shut := p.state, p.sndShut && p.rcvShut
	p.mu.Unlock()
	if state != connected {
		return nil, abi.ENOTCONN
	}
	if shut {
		return nil, abi.EINVAL
	}
	a, err := p.ep.GetRemoteAddress()
	if err != nil {
		return nil, abi.EINVAL // it was connected
	}
	return p.sockaddr(a), 0
}

func (p *inpcb) Shutdown(ctx *sys.Context, how int) abi.Errno {
	p.mu.Lock()
	p.settle()
	if p.state != connected || p.listening {
		p.mu.Unlock()
		return abi.ENOTCONN
	}
	var f tcpip.ShutdownFlags
	if how != abi.SHUT_WR {
		f |= tcpip.ShutdownRead
		p.rcvShut = true
	}
	if how != abi.SHUT_RD {
		f |= tcpip.ShutdownWrite
		p.sndShut = true
	}
	p.mu.Unlock()
	if f := p.fus.Load(); f != nil {
		f.shut(p, how)
	}
	e := errno(p.ep.Shutdown(f))
	p.so.Wakeup(socket.Read | socket.Write)
	return e
}

// Drained says that nothing is left to send: what SO_LINGER waits for.
func (p *inpcb) Drained() bool {
	if f := p.fus.Load(); f != nil && f.unsent(p) > 0 {
		return false
	}
	switch tcp.EndpointState(p.ep.State()) {
	case tcp.StateClose, tcp.StateError, tcp.StateTimeWait, tcp.StateFinWait2, tcp.StateInitial, tcp.StateBound, tcp.StateListen:
		return true
	}
	return !p.tcp
}

func (p *inpcb) Close(ctx *sys.Context) {
	p.mu.Lock()
	rest := p.accepted
	p.accepted, p.backlog = nil, 0
	joined := p.joined
	p.joined = nil
	p.mu.Unlock()
	for _, a := range rest {
		a.so.Close(ctx)
	}
	p.n.leave(joined)
	p.wq.EventUnregister(&p.entry)
	if f := p.fus.Load(); f != nil && f.close(p) {
		p.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true}) // reset
	}
	p.ep.Close()
}

func (p *inpcb) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	return p.n.ifIoctl(ctx, p, cmd, data)
}
