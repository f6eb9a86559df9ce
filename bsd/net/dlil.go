package net

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// The data link interface layer: what stands between the protocols and the interfaces, and where
// filters of extensions are, of one interface (<net/kpi_interfacefilter.h>) and of all packets of IP
// (<netinet/kpi_ipfilter.h>). Filters are code that may take its time, and the stack may not wait for
// them: once there is one, packets stand in one queue, in both directions, from which a thread of the
// kernel takes them. Without filters a packet pays the load of two pointers.

// Frame is a packet at the link.
type Frame struct {
	Index  int    // the interface's
	Family uint32 // PF_INET or PF_INET6
	Header []byte // the link's: Ethernet's, or the family in 4 bytes
	Data   []byte // from the header of IP on
	Tags   any    // those of mbufs
}

// FrameFilter is a filter of an interface, or of IP. It may block; no lock is held. 0 passes what
// the frame then is, EJUSTRETURN says that the packet is the filter's, another errno drops it.
type FrameFilter interface {
	Frame(ctx *sys.Context, f *Frame, out bool) abi.Errno
	// Ioctl is asked about ioctls of the interface: EOPNOTSUPP and 0 let the next answer,
	// EJUSTRETURN is success, another errno refuses. Filters of IP are not asked.
	Ioctl(ctx *sys.Context, cmd uint64, arg []byte) abi.Errno
	// Event is an event of the interface: what a kernel event's socket reads.
	Event(ctx *sys.Context, index int, msg []byte)
	// Detached says that nothing more will come.
	Detached(ctx *sys.Context, index int)
}

// Attachment is a filter at its place.
type Attachment struct {
	n      *Net
	index  int // of the interface; 0: IP
	family uint32
	ops    FrameFilter
	on     bool // under dlil.mu
}

// Index is the interface's, 0 for a filter of IP.
func (a *Attachment) Index() int { return a.index }

const maxFrameFilters = 256

// filterList is never changed, but replaced.
type filterList = atomic.Pointer[[]*Attachment]

// dlil is the layer of one machine.
type dlil struct {
	mu    sync.Mutex // guards the lists' replacement
	run   Runner
	count int
	ip    filterList
	nics  sync.Map // interface index to *nicLink
}

func filters(l *filterList) []*Attachment {
	if p := l.Load(); p != nil {
		return *p
	}
	return nil
}

// nicLink is an interface's link as the stack sees it.
type nicLink struct {
	stack.LinkEndpoint
	n       *Net
	index   int
	filters filterList
	up      atomic.Pointer[stack.NetworkDispatcher]
}

// filtered puts the layer before a link.
func (n *Net) filtered(index int, l stack.LinkEndpoint) stack.LinkEndpoint {
	x := &nicLink{LinkEndpoint: l, n: n, index: index}
	n.dlil.nics.Store(index, x)
	return x
}

func (l *nicLink) Attach(d stack.NetworkDispatcher) {
	if d == nil {
		l.up.Store(nil)
		l.LinkEndpoint.Attach(nil)
		return
	}
	l.up.Store(&d)
	l.LinkEndpoint.Attach(l)
}

// idle says that nobody wants this interface's packets.
func (l *nicLink) idle() bool { return l.filters.Load() == nil && l.n.dlil.ip.Load() == nil }

func (l *nicLink) DeliverNetworkPacket(proto tcpip.NetworkProtocolNumber, pkt *stack.PacketBuffer) {
	if l.idle() {
		l.deliver(proto, pkt)
		return
	}
	l.enqueue(flat(pkt), proto, false, nil)
}

func (l *nicLink) DeliverLinkPacket(proto tcpip.NetworkProtocolNumber, pkt *stack.PacketBuffer) {
	if up := l.up.Load(); up != nil {
		(*up).DeliverLinkPacket(proto, pkt)
	}
}

func (l *nicLink) deliver(proto tcpip.NetworkProtocolNumber, pkt *stack.PacketBuffer) {
	if up := l.up.Load(); up != nil {
		(*up).DeliverNetworkPacket(proto, pkt)
	}
}

func (l *nicLink) WritePackets(pkts stack.PacketBufferList) (int, tcpip.Error) {
	if l.idle() {
		return l.LinkEndpoint.WritePackets(pkts)
	}
	for _, pkt := range pkts.AsSlice() {
		route := pkt.EgressRoute
		l.enqueue(flat(pkt), pkt.NetworkProtocolNumber, true, &route)
	}
	return pkts.Len(), nil
}

func familyOf(proto tcpip.NetworkProtocolNumber) uint32 {
	if proto == header.IPv6ProtocolNumber {
		return abi.AF_INET6
	}
	return abi.AF_INET
}

// enqueue has the filters asked later; a packet that finds the queue full is lost.
func (l *nicLink) enqueue(b []byte, proto tcpip.NetworkProtocolNumber, out bool, route *stack.RouteInfo) {
	l.n.dlil.run(false, func(ctx *sys.Context) {
		l.filter(ctx, &Frame{Index: l.index, Family: familyOf(proto), Data: b}, out, nil, route)
	})
}

// filter asks the filters and sends a packet on its way. A packet that was injected is above the
// interface, and behind the filter of IP after.
func (l *nicLink) filter(ctx *sys.Context, f *Frame, out bool, after *Attachment, route *stack.RouteInfo) {
	if !out && after == nil && !l.passLink(ctx, f, false) {
		return
	}
	if (out || l.n.forUs(f.Data)) && !l.passIP(ctx, f, out, after) {
		return
	}
	if out && !l.passLink(ctx, f, true) {
		return
	}
	proto, ok := protocolOfPacket(f.Data)
	if !ok {
		return
	}
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(f.Data)})
	defer pkt.DecRef()
	if !out {
		l.deliver(proto, pkt)
		return
	}
	pkt.NetworkProtocolNumber = proto
	if route != nil {
		pkt.EgressRoute = *route
	}
	var list stack.PacketBufferList
	list.PushBack(pkt)
	l.LinkEndpoint.WritePackets(list)
}

// passLink asks the interface's filters, in the order in which they were attached.
func (l *nicLink) passLink(ctx *sys.Context, f *Frame, out bool) bool {
	f.Header = l.header(f.Family, out)
	for _, a := range filters(&l.filters) {
		if (a.family == 0 || a.family == f.Family) && a.ops.Frame(ctx, f, out) != 0 {
			return false
		}
	}
	f.Header = nil
	return true
}

// passIP asks those of IP, behind after if that is one of them.
func (l *nicLink) passIP(ctx *sys.Context, f *Frame, out bool, after *Attachment) bool {
	list := filters(&l.n.dlil.ip)
	for _, a := range list[slices.Index(list, after)+1:] {
		if a.family == f.Family && a.ops.Frame(ctx, f, out) != 0 {
			return false
		}
	}
	return true
}

// header is what a frame of this interface begins with.
func (l *nicLink) header(family uint32, out bool) []byte {
	if f := l.n.ifByIndex(l.index); f == nil || f.Type != abi.IFT_ETHER {
		return binary.LittleEndian.AppendUint32(nil, family)
	}
	proto := header.IPv4ProtocolNumber
	if family == abi.AF_INET6 {
		proto = header.IPv6ProtocolNumber
	}
	h := etherFrame(proto)
	if out {
		copy(h, gatewayEther)
		copy(h[6:], defaultEther)
	}
	return h
}

// forUs says whether a packet ends here; filters of IP see no others.
func (n *Net) forUs(b []byte) bool {
	var dst netip.Addr
	switch h4, h6 := header.IPv4(b), header.IPv6(b); {
	case header.IPVersion(b) == header.IPv4Version && len(b) >= header.IPv4MinimumSize:
		dst = fromAddr(h4.DestinationAddress())
	case header.IPVersion(b) == header.IPv6Version && len(b) >= header.IPv6MinimumSize:
		dst = fromAddr(h6.DestinationAddress())
	default:
		return false
	}
	return n.isHere(dst) || dst.IsMulticast() || dst == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// Runner takes work for a thread of the kernel, in order, and never blocks. It refuses work when too much
// waits, unless that must be done.
type Runner func(must bool, work func(ctx *sys.Context)) bool

// StartDLIL says who runs what filters do. Only the first call counts.
func (n *Net) StartDLIL(run Runner) {
	n.dlil.mu.Lock()
	defer n.dlil.mu.Unlock()
	if n.dlil.run == nil {
		n.dlil.run = run
	}
}

// NewAttachment is a filter that is not attached yet: of an interface's index, or, for index 0, of IP. family is
// 0 for all.
func (n *Net) NewAttachment(index int, family uint32, ops FrameFilter) *Attachment {
	return &Attachment{n: n, index: index, family: family, ops: ops}
}

// Attach is iflt_attach, and ipf_addv4 or ipf_addv6. ENXIO without such an interface or layer, ENOBUFS for
// too many.
func (a *Attachment) Attach() abi.Errno {
	n, index := a.n, a.index
	n.get()
	d := &n.dlil
	list := &d.ip
	d.mu.Lock()
	defer d.mu.Unlock()
	if index != 0 {
		// detachFilters takes the interface out before the lock: it sees us, or we don't see that.
		x, ok := d.nics.Load(index)
		if !ok || n.ifByIndex(index) == nil {
			return abi.ENXIO
		}
		list = &x.(*nicLink).filters
	}
	switch {
	case d.run == nil:
		return abi.ENXIO
	case d.count >= maxFrameFilters:
		return abi.ENOBUFS
	}
	d.count++
	a.on = true
	l := append(slices.Clone(filters(list)), a)
	list.Store(&l)
	return 0
}

// Detach is iflt_detach and ipf_remove. Detached is called later, when no packet is with the filter.
// ENOENT for one that is not attached, or not any more.
func (a *Attachment) Detach() abi.Errno {
	d := &a.n.dlil
	list := &d.ip
	if a.index != 0 {
		x, ok := d.nics.Load(a.index)
		if !ok {
			return abi.ENOENT
		}
		list = &x.(*nicLink).filters
	}
	d.mu.Lock()
	if !a.on {
		d.mu.Unlock()
		return abi.ENOENT
	}
	a.on = false
	d.count--
	l := slices.DeleteFunc(slices.Clone(filters(list)), func(x *Attachment) bool { return x == a })
	list.Store(&l)
	if len(l) == 0 {
		list.Store(nil)
	}
	d.mu.Unlock()
	a.end()
	return 0
}

// end has Detached called behind what waits.
func (a *Attachment) end() {
	a.n.dlil.run(true, func(ctx *sys.Context) { a.ops.Detached(ctx, a.index) })
}

// detachFilters is for an interface that goes.
func (n *Net) detachFilters(index int) {
	x, ok := n.dlil.nics.LoadAndDelete(index)
	if !ok {
		return
	}
	l := &x.(*nicLink).filters
	n.dlil.mu.Lock()
	gone := filters(l)
	for _, a := range gone {
		a.on = false
		n.dlil.count--
	}
	l.Store(nil)
	n.dlil.mu.Unlock()
	for _, a := range gone {
		a.end()
	}
}

// filtersOf are an interface's.
func (n *Net) filtersOf(index int) []*Attachment {
	if x, ok := n.dlil.nics.Load(index); ok {
		return filters(&x.(*nicLink).filters)
	}
	return nil
}

// askIoctl asks an interface's filters about an ioctl, whose argument they may change; done says that one of them has
// answered.
func (n *Net) askIoctl(ctx *sys.Context, index int, cmd uint64, arg []byte) (e abi.Errno, done bool) {
	for _, a := range n.filtersOf(index) {
		switch e := a.ops.Ioctl(ctx, cmd, arg); e {
		case abi.EOPNOTSUPP, 0:
		case socket.EJUSTRETURN:
			return 0, true
		default:
			return e, true
		}
	}
	return 0, false
}

// tellFilters has filters hear of an interface's event.
func (n *Net) tellFilters(index int, msg []byte) {
	if l := n.filtersOf(index); len(l) > 0 {
		n.dlil.run(true, func(ctx *sys.Context) {
			for _, a := range l {
				a.ops.Event(ctx, index, msg)
			}
		})
	}
}

// InjectInput is ipf_inject_input: a packet goes on behind the filter after, or at the first if that is nil,
// as if it had come by the interface. EINVAL for what is no packet, ENOBUFS when too much waits.
func (n *Net) InjectInput(b []byte, index int, after *Attachment) abi.Errno {
	proto, ok := protocolOfPacket(b)
	if !ok {
		return abi.EINVAL
	}
	n.get()
	x, ok := n.dlil.nics.Load(index)
	if !ok {
		x, ok = n.dlil.nics.Load(lo0)
	}
	if !ok {
		return abi.ENETDOWN
	}
	l := x.(*nicLink)
	if !n.dlil.run(false, func(ctx *sys.Context) {
		l.filter(ctx, &Frame{Index: l.index, Family: familyOf(proto), Data: b}, false, orNone(after), nil)
	}) {
		return abi.ENOBUFS
	}
	return 0
}

// none stands for a packet that is injected before the first filter of IP.
var none = &Attachment{}

func orNone(a *Attachment) *Attachment {
	if a == nil {
		return none
	}
	return a
}

// InjectOutput is ipf_inject_output: the packet is routed, and goes on behind the filter after.
func (n *Net) InjectOutput(b []byte, after *Attachment) abi.Errno {
	proto, ok := protocolOfPacket(b)
	s := n.get()
	switch {
	case !ok || len(b) < header.IPv4MinimumSize || proto == header.IPv6ProtocolNumber && len(b) < header.IPv6MinimumSize:
		return abi.EINVAL
	case s == nil:
		return abi.ENETDOWN
	}
	dst := header.IPv4(b).DestinationAddress()
	if proto == header.IPv6ProtocolNumber {
		dst = header.IPv6(b).DestinationAddress()
	}
	r, err := s.FindRoute(0, tcpip.Address{}, dst, proto, false)
	if err != nil {
		return errno(err)
	}
	defer r.Release()
	index := int(r.NICID())
	if n.isHere(fromAddr(dst)) {
		index = lo0
	}
	x, ok := n.dlil.nics.Load(index)
	if !ok {
		return abi.ENXIO
	}
	l, route := x.(*nicLink), r.Fields()
	if !n.dlil.run(false, func(ctx *sys.Context) {
		l.filter(ctx, &Frame{Index: l.index, Family: familyOf(proto), Data: b}, true, orNone(after), &route)
	}) {
		return abi.ENOBUFS
	}
	return 0
}

// filtersIP says that packets inside the machine are wanted too: connections are not fused then.
func (n *Net) filtersInside() bool { return n.dlil.ip.Load() != nil || len(n.filtersOf(lo0)) > 0 }
