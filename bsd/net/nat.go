package net

import (
	"context"
	"errors"
	"io"
	hostnet "net"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/pipe"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"puggle/abi"
)

// Limits of the gateway.
const (
	natDialTimeout = 75 * time.Second // as long as Darwin tries a connection
	natUDPIdle     = 60 * time.Second
	natInFlight    = 512
	natUDPFlows    = 1024
)

type wire struct{ guest, gateway *filteredLink }

func newWire() wire {
	a, b := pipe.New(tcpip.LinkAddress(defaultEther), tcpip.LinkAddress(gatewayEther), 1500)
	return wire{&filteredLink{a}, &filteredLink{b}}
}

// defaultEther is the machine's address on the wire.
var defaultEther = []byte{0x02, 0, 10, 0, 2, 15}

// filteredLink keeps from the gateway what it must not answer itself: an echo
// request to the world would get a reply that the world never sent.
type filteredLink struct{ *pipe.Endpoint }

func (l *filteredLink) WritePackets(pkts stack.PacketBufferList) (int, tcpip.Error) {
	var keep stack.PacketBufferList
	for _, pkt := range pkts.AsSlice() {
		if !forWorld(pkt) {
			keep.PushBack(pkt)
		}
	}
	if keep.Len() > 0 {
		if _, err := l.Endpoint.WritePackets(keep); err != nil {
			return 0, err
		}
	}
	return pkts.Len(), nil
}

func forWorld(pkt *stack.PacketBuffer) bool {
	if pkt.NetworkProtocolNumber != header.IPv4ProtocolNumber {
		return false
	}
	if pkt.NetworkHeader().View() == nil {
		return echoesWorld(flat(pkt)) // it has passed filters
	}
	h := header.IPv4(pkt.NetworkHeader().Slice())
	if len(h) < header.IPv4MinimumSize || h.TransportProtocol() != header.ICMPv4ProtocolNumber {
		return false
	}
	t := header.ICMPv4(pkt.TransportHeader().Slice())
	return len(t) > 0 && t.Type() == header.ICMPv4Echo && !guestAddr.Contains(fromAddr(h.DestinationAddress()))
}

// gateway is the far end of en0.
type gateway struct {
	n     *Net
	stack *stack.Stack
	link  stack.LinkEndpoint

	mu    sync.Mutex
	flows int
}

func newGateway(n *Net, link stack.LinkEndpoint) *gateway {
	g := &gateway{n: n, stack: newStack(false), link: link}
	check(g.stack.CreateNIC(1, link))
	check(g.stack.AddProtocolAddress(1, tcpip.ProtocolAddress{
		Protocol:          header.IPv4ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: toAddr(gatewayAddr), PrefixLen: guestAddr.Bits()},
	}, stack.AddressProperties{}))
	check(g.stack.SetPromiscuousMode(1, true))
	check(g.stack.SetSpoofing(1, true))
	g.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: 1}})
	g.stack.SetTransportProtocolHandler(tcp.ProtocolNumber, tcp.NewForwarder(g.stack, 0, natInFlight, g.tcp).HandlePacket)
	g.stack.SetTransportProtocolHandler(udp.ProtocolNumber, udp.NewForwarder(g.stack, g.udp).HandlePacket)
	return g
}

// hostAddr is the host's address for one that the guest sent to.
func (g *gateway) hostAddr(a tcpip.Address, port uint16) (string, bool) {
	ip := fromAddr(a)
	if ip == gatewayAddr {
		if !g.n.cfg.HostLoopback {
			return "", false
		}
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	} else if guestAddr.Contains(ip) || ip.IsMulticast() || ip.IsLoopback() {
		return "", false
	}
	return hostnet.JoinHostPort(ip.String(), strconv.Itoa(int(port))), true
}

// tcp carries one connection out. It runs on a goroutine of its own.
func (g *gateway) tcp(r *tcp.ForwarderRequest) {
	id := r.ID()
	to, ok := g.hostAddr(id.LocalAddress, id.LocalPort)
	if !ok {
		r.Complete(true)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), natDialTimeout)
	defer cancel()
	var d hostnet.Dialer
	out, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		// The guest hears what the host heard; when that was nothing, nothing,
		// and its own time runs out.
		code, ok := unreachCode(err)
		if ok && code != header.ICMPv4PortUnreachable {
			g.unreachable(tcp.ProtocolNumber, id, code)
		}
		r.Complete(code == header.ICMPv4PortUnreachable)
		return
	}
	wq := new(waiter.Queue)
	ep, terr := r.CreateEndpoint(wq)
	if terr != nil {
		r.Complete(true)
		out.Close()
		return
	}
	r.Complete(false)
	go splice(gonet.NewTCPConn(wq, ep), out.(*hostnet.TCPConn))
}

type halfCloser interface {
	hostnet.Conn
	CloseWrite() error
}

// splice carries both directions of a connection until both have ended.
func splice(a, b halfCloser) {
	var wg sync.WaitGroup
	one := func(dst, src halfCloser) {
		defer wg.Done()
		_, err := io.Copy(dst, src)
		dst.CloseWrite()
		if err != nil { // broken, not ended: end both ways
			dst.Close()
			src.Close()
		}
	}
	wg.Add(2)
	go one(a, b)
	go one(b, a)
	wg.Wait()
	a.Close()
	b.Close()
}

// udp carries the datagrams of one flow, until it has been idle for long.
func (g *gateway) udp(r *udp.ForwarderRequest) bool {
	id := r.ID()
	to, ok := g.hostAddr(id.LocalAddress, id.LocalPort)
	if !ok {
		return false // the stack answers with port unreachable
	}
	g.mu.Lock()
	if g.flows >= natUDPFlows {
		g.mu.Unlock()
		return true // dropped, as a full queue drops
	}
	g.flows++
	g.mu.Unlock()
	wq := new(waiter.Queue)
	ep, terr := r.CreateEndpoint(wq)
	if terr != nil {
		g.flowDone()
		return true
	}
	go func() {
		defer g.flowDone()
		in := gonet.NewUDPConn(wq, ep)
		defer in.Close()
		out, err := hostnet.Dial("udp", to)
		if err == nil {
			err = carry(in, out)
		}
		if code, ok := unreachCode(err); ok {
			g.unreachable(udp.ProtocolNumber, id, code)
		}
	}()
	return true
}

func (g *gateway) flowDone() {
	g.mu.Lock()
	g.flows--
	g.mu.Unlock()
}

// carry moves datagrams both ways until one side fails, closes both, and gives why
// the host's did, if it did.
func carry(in, out hostnet.Conn) error {
	ends := make(chan error, 2)
	go func() { ends <- udpCopy(out, in) }()
	go func() { ends <- udpCopy(in, out) }()
	err := <-ends
	in.Close() // a deadline is not enough: the other side may be about to set its own
	out.Close()
	<-ends
	return err
}

func udpCopy(dst, src hostnet.Conn) error {
	buf := make([]byte, maxPayload)
	for {
		src.SetReadDeadline(time.Now().Add(natUDPIdle))
		n, err := src.Read(buf)
		if err != nil {
			return err
		}
		if _, err := dst.Write(buf[:n]); err != nil && !errors.Is(err, syscall.EAGAIN) {
			return err
		}
	}
}

// routeProbe remembers, for a second, whether the host has a route to an
// address.
type routeProbe struct {
	mu   sync.Mutex
	seen map[netip.Addr]probed
}

type probed struct {
	e     abi.Errno
	until time.Time
}

const probeEntries = 256

// reachable asks whether an outside address can be reached: ENETUNREACH without
// en0 or when the host has no route.
func (n *Net) reachable(a netip.Addr) abi.Errno {
	if !n.cfg.Outside || a.Is6() {
		if a.Is6() {
			return abi.EHOSTUNREACH
		}
		return abi.ENETUNREACH
	}
	r, now := &n.routes, time.Now()
	r.mu.Lock()
	if p, ok := r.seen[a]; ok && now.Before(p.until) {
		r.mu.Unlock()
		return p.e
	}
	r.mu.Unlock()
	p := probed{probeHost(a), now.Add(time.Second)}
	r.mu.Lock()
	if r.seen == nil || len(r.seen) >= probeEntries {
		r.seen = map[netip.Addr]probed{}
	}
	r.seen[a] = p
	r.mu.Unlock()
	return p.e
}

// probeHost connects a datagram socket of the host, which sends nothing.
func probeHost(a netip.Addr) abi.Errno {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return abi.ENETUNREACH
	}
	defer unix.Close(fd)
	switch err := unix.Connect(fd, &unix.SockaddrInet4{Addr: a.As4(), Port: 9}); err {
	case nil:
		return 0
	case unix.EACCES, unix.EPERM: // a broadcast address of the host's
		return abi.EACCES
	case unix.EHOSTUNREACH:
		return abi.EHOSTUNREACH
	}
	return abi.ENETUNREACH
}
