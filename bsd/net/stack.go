package net

import (
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/log"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/link/loopback"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/raw"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"puggle/abi"
	"puggle/bsd/socket"
)

// Config says how a machine's network is wired.
type Config struct {
	// Outside gives the machine en0 and a way out through the host.
	Outside bool
	// HostLoopback lets the gateway's address stand for the host's own
	// loopback.
	HostLoopback bool
	// Resolvers are the host's name servers on its loopback addresses
	// (127.0.0.53 and the like): port 53 there is carried to the host.
	Resolvers []netip.Addr
	// Publish are host addresses ("127.0.0.1:8080") whose TCP connections are
	// carried to a port of en0.
	Publish []Publication
}

// Publication carries TCP from a host address to a port of the guest.
type Publication struct {
	Host  string
	Guest uint16
}

// Addresses of en0's network, and the loopback's.
var (
	guestAddr   = netip.MustParsePrefix("10.0.2.15/24")
	gatewayAddr = netip.MustParseAddr("10.0.2.2")
	lo0Net      = netip.MustParsePrefix("127.0.0.1/8")
)

const (
	lo0 = 1 // interface indices
	en0 = 2
)

// Net is the network of one machine.
type Net struct {
	cfg Config
	ifs atomic.Pointer[[]*Ifnet]

	once    sync.Once
	running atomic.Bool
	stack   *stack.Stack
	gateway *gateway
	tap     *tap // between en0's wire and the stack

	fuse   fuseTable
	dlil   dlil
	groups groupTable
	routes routeProbe
	rt     rtable
	rts    rtSockets
	kev    kevSockets

	cloneMu sync.Mutex // held while ifs is replaced; before rt.mu

	mu      sync.Mutex
	closers []io.Closer
	closed  bool
}

// New adds the Internet families, and those that answer that they are not
// there yet, to ds. It starts nothing.
func New(ds *socket.Domains, cfg Config) (*Net, abi.Errno) {
	n := &Net{cfg: cfg}
	ifs := defaultInterfaces(cfg)
	n.ifs.Store(&ifs)
	n.groups.init(ifs)
	n.initRoutes()
	for _, d := range n.domains() {
		if e := ds.Add(d); e != 0 {
			return nil, e
		}
	}
	ds.Controls.AddProtocol(&socket.Protosw{Type: abi.SOCK_RAW, Protocol: abi.SYSPROTO_EVENT, Attach: n.attachEvent})
	return n, n.registerUtun(ds.Controls)
}

// Start starts the stack if it does not run, opening what Publish asks for; the
// first Internet socket does it otherwise. Errors of publications are for
// the caller of Publish; here they are dropped.
func (n *Net) Start() { n.get() }

// Started says whether the stack runs.
func (n *Net) Started() bool { return n.running.Load() }

// Close ends the network: publications, connections, the stacks. Sockets that
// are left give errors. It is for the end of a machine.
func (n *Net) Close() {
	n.once.Do(func() {}) // not any more
	n.mu.Lock()
	closers := n.closers
	n.closers, n.closed = nil, true
	n.mu.Unlock()
	for _, c := range closers {
		c.Close()
	}
	if n.stack != nil {
		n.stack.Close()
	}
	if n.gateway != nil {
		n.gateway.stack.Close()
	}
}

// atClose has c closed with the network; it says no when that has happened.
func (n *Net) atClose(c io.Closer) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	n.closers = append(n.closers, c)
	return true
}

func (n *Net) get() *stack.Stack {
	n.once.Do(n.start)
	return n.stack
}

func (n *Net) start() {
	s := newStack(true)
	check(s.CreateNICWithOptions(lo0, n.filtered(lo0, loopback.New()), stack.NICOptions{Name: "lo0", DeliverLinkPackets: true}))
	if n.cfg.Outside {
		wire := newWire()
		n.tap = &tap{filteredLink: wire.guest}
		check(s.CreateNICWithOptions(en0, n.filtered(en0, n.tap), stack.NICOptions{Name: "en0", DeliverLinkPackets: true}))
		n.gateway = newGateway(n, wire.gateway)
	}
	n.cloneMu.Lock()
	for _, ifp := range n.interfaces() {
		if ifp.Clone {
			continue // nothing is behind it
		}
		for _, a := range ifp.Addrs {
			check(s.AddProtocolAddress(tcpip.NICID(ifp.Index), ifp.stackAddress(a), stack.AddressProperties{}))
		}
		if ifp.Flags&abi.IFF_UP == 0 {
			check(s.DisableNIC(tcpip.NICID(ifp.Index)))
		}
	}
	s.SetRouteTable(n.stackRoutes())
	n.stack = s
	n.running.Store(true)
	n.cloneMu.Unlock()
	n.updateStack() // what changed meanwhile
	n.startResolvers()
	for _, p := range n.cfg.Publish {
		n.Publish(p.Host, p.Guest)
	}
}

// quiet drops the stack's log lines: the terminal belongs to the guest, and
// what goes wrong reaches it as an errno.
type quiet struct{}

func (quiet) Emit(int, log.Level, time.Time, string, ...any) {}

// newStack makes a stack with Darwin's parameters.
func newStack(local bool) *stack.Stack {
	log.SetTarget(quiet{})
	s := stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
		HandleLocal: local,
		RawFactory:  raw.EndpointFactory{},
	})
	snd := tcpip.TCPSendBufferSizeRangeOption{Min: 1, Default: tcpSpace, Max: 8 << 20}
	rcv := tcpip.TCPReceiveBufferSizeRangeOption{Min: 1, Default: tcpSpace, Max: 8 << 20}
	sack, wait := tcpip.TCPSACKEnabled(true), tcpip.TCPTimeWaitTimeoutOption(2*msl)
	moderate, delay := tcpip.TCPModerateReceiveBufferOption(true), tcpip.TCPDelayEnabled(true)
	for _, o := range []tcpip.SettableTransportProtocolOption{&snd, &rcv, &sack, &wait, &moderate, &delay} {
		check(s.SetTransportProtocolOption(tcp.ProtocolNumber, o))
	}
	check(s.SetOption(tcpip.SendBufferSizeOption{Min: stack.MinBufferSize, Default: udpSendSpace, Max: 8 << 20}))
	check(s.SetOption(tcpip.ReceiveBufferSizeOption{Min: stack.MinBufferSize, Default: udpRecvSpace, Max: 8 << 20}))
	check(s.SetPortRange(49152, 65535))
	return s
}

// Darwin's sizes (net.inet.tcp.sendspace and so on), in bytes, and its maximum
// segment lifetime.
const (
	tcpSpace     = 131072
	udpMaxDgram  = 9216
	udpSendSpace = 256 << 10 // the stack's; the socket's is udpMaxDgram
	udpRecvSpace = 786896
	msl          = 15 * time.Second
)

// check is for calls that fail only if this file is wrong.
func check(err tcpip.Error) {
	if err != nil {
		panic("net: " + err.String())
	}
}
