package net

import (
	"encoding/binary"
	"net/netip"
	"sync"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// Routing sockets (route(4)). What is written is a message with a request; the
// answer, which is the request with what was found and an errno, goes to every
// routing socket whose protocol is 0 or the address's family, the writer's among
// them unless it has turned SO_USELOOPBACK off. Changes of the table and of group
// memberships come by themselves, and RTM_IFINFO for interfaces that are made and
// unmade. Addresses never change, so RTM_NEWADDR and RTM_DELADDR don't come.
//
// Anyone may ask (RTM_GET, RTM_GET_SILENT); only root may change (EPERM).

// rtSpace is the size of a routing socket's buffers, in bytes (raw_recvspace).
const rtSpace = 8192

// rtSockets are a machine's routing sockets.
type rtSockets struct {
	mu  sync.Mutex
	all map[*rtPCB]bool
}

// rtPCB is the protocol's side of a routing socket, a struct rawcb.
type rtPCB struct {
	unusable
	messages
	n *Net
}

var routeSrc = []byte{2, abi.AF_ROUTE}

// attachRoute is rts_attach.
func (n *Net) attachRoute(_ *sys.Context, so *socket.Socket) (socket.PCB, abi.Errno) {
	p := &rtPCB{n: n, messages: messages{so: so, src: routeSrc}}
	so.Reserve(rtSpace, rtSpace)
	so.Enable(abi.SO_USELOOPBACK)
	n.rts.mu.Lock()
	defer n.rts.mu.Unlock()
	if n.rts.all == nil {
		n.rts.all = map[*rtPCB]bool{}
	}
	n.rts.all[p] = true
	return p, 0
}

func (p *rtPCB) Close(*sys.Context) {
	p.n.rts.mu.Lock()
	delete(p.n.rts.all, p)
	p.n.rts.mu.Unlock()
}

func (p *rtPCB) PeerName() ([]byte, abi.Errno) { return routeSrc, 0 }

// rtInput is raw_input: b goes to the sockets that want family, but for one.
func (n *Net) rtInput(b []byte, family int, but *rtPCB) {
	n.rts.mu.Lock()
	var to []*rtPCB
	for p := range n.rts.all {
		if want := p.so.Protocol(); p != but && (want == 0 || want == family) {
			to = append(to, p)
		}
	}
	n.rts.mu.Unlock()
	for _, p := range to {
		p.deliver(b)
	}
}

// Send is route_output. EINVAL for a message that is none, EPROTONOSUPPORT for
// another version, EPERM for who may only ask, ESRCH for no such route, EEXIST,
// ENETUNREACH for a gateway on none of our networks; EOPNOTSUPP for metrics and
// routes that reject.
func (p *rtPCB) Send(ctx *sys.Context, m *socket.Msg) abi.Errno {
	switch {
	case p.cantSend():
		return abi.EPIPE
	case m.Flags&abi.MSG_OOB != 0, len(m.Control) > 0:
		return abi.EOPNOTSUPP
	case m.Name != nil:
		return abi.EISCONN
	case m.Uio.Resid > rtSpace:
		return abi.EMSGSIZE
	}
	b := wholeMessage(m)
	n := len(b)
	e := p.output(ctx, b)
	if e == 0 {
		m.Uio.CopyOut(make([]byte, n))
	}
	return e
}

// output is the rest of route_output; it keeps b.
func (p *rtPCB) output(ctx *sys.Context, b []byte) abi.Errno {
	le := binary.LittleEndian
	if len(b) < 8 {
		return abi.ENOBUFS
	}
	if len(b) < abi.RtMsghdrSize || len(b) != int(le.Uint16(b)) {
		return abi.EINVAL
	}
	le.PutUint32(b[16:], uint32(ctx.PID))
	self, family, silent := p.so.Option(abi.SO_USELOOPBACK), 0, false
	var out []byte
	e := abi.Errno(abi.EPROTONOSUPPORT)
	if b[2] == abi.RTM_VERSION {
		if b[3] == abi.RTM_GET_SILENT {
			if !self {
				return abi.EINVAL
			}
			silent, b[3] = true, abi.RTM_GET
		}
		e = abi.EPERM
		if b[3] == abi.RTM_GET || ctx.Cred != nil && ctx.Cred.IsSuser() {
			out, family, e = p.n.routeRequest(b)
		}
	}
	if out == nil {
		out = b
	}
	if e != 0 {
		le.PutUint32(out[24:], uint32(e))
	} else {
		le.PutUint32(out[8:], le.Uint32(out[8:])|abi.RTF_DONE)
	}
	switch {
	case silent:
		p.deliver(out)
	case self:
		p.n.rtInput(out, family, nil)
	default:
		p.n.rtInput(out, family, p)
	}
	return e
}

// rtRequest is a request taken apart.
type rtRequest struct {
	dst    netip.Prefix // /32 or /128 where no mask came
	masked bool
	gw     netip.Addr
	link   int // index of a gateway that is an interface
	hasGw  bool
	scope  int
	flags  uint32
	addrs  uint32
	inits  uint32
}

// routeRequest does what b asks for. The answer is b itself where it is nil;
// family is the destination's, when that was understood.
func (n *Net) routeRequest(b []byte) (out []byte, family int, e abi.Errno) {
	q, family, e := n.parseRequest(b)
	if e != 0 {
		return nil, family, e
	}
	switch b[3] {
	case abi.RTM_GET:
		var exact *netip.Prefix
		if q.masked {
			exact = &q.dst
		}
		r, ok := n.lookupRoute(q.dst.Addr(), exact, q.scope)
		if !ok {
			return nil, family, abi.ESRCH
		}
		return r.report(b, q.addrs), family, 0
	case abi.RTM_DELETE:
		r, e := n.changeRoute(q.dst, q.scope, nil)
		if e != 0 {
			return nil, family, e
		}
		return r.report(b, q.addrs), family, 0
	case abi.RTM_ADD, abi.RTM_CHANGE:
		if q.inits != 0 || q.flags&(abi.RTF_REJECT|abi.RTF_BLACKHOLE) != 0 {
			return nil, family, abi.EOPNOTSUPP
		}
		if !q.hasGw {
			return nil, family, abi.EINVAL
		}
		r := route{dst: q.dst, gw: q.gw, flags: abi.RTF_UP | q.flags&(abi.RTF_STATIC|abi.RTF_IFSCOPE|abi.RTF_CLONING)}
		if q.dst.IsSingleIP() {
			r.flags |= abi.RTF_HOST
		}
		if q.gw.IsValid() {
			r.flags |= abi.RTF_GATEWAY
			r.ifp = n.outgoing(q.gw)
		} else {
			r.ifp = n.ifByIndex(q.link)
		}
		if r.ifp == nil || q.scope != 0 && r.ifp.Index != q.scope {
			return nil, family, abi.ENETUNREACH
		}
		if b[3] == abi.RTM_ADD {
			return nil, family, n.addRoute(r)
		}
		_, e := n.changeRoute(q.dst, q.scope, func(x *route) { x.gw, x.ifp, x.flags = r.gw, r.ifp, r.flags })
		return nil, family, e
	}
	return nil, family, abi.EOPNOTSUPP
}

// parseRequest is rt_xaddrs and the checks after it.
func (n *Net) parseRequest(b []byte) (q rtRequest, family int, e abi.Errno) {
	le := binary.LittleEndian
	q.flags, q.addrs, q.inits = le.Uint32(b[8:]), le.Uint32(b[12:]), le.Uint32(b[32:])
	var sa [abi.RTAX_MAX][]byte
	rest := b[abi.RtMsghdrSize:]
	for i := range sa {
		if q.addrs&(1<<i) == 0 || len(rest) == 0 {
			continue
		}
		l := int(rest[0])
		if l == 0 { // an address of nothing but zeros, and the last
			sa[i] = []byte{0, 0}
			break
		}
		if l < 2 || l > 128 || l > len(rest) {
			return q, 0, abi.EINVAL
		}
		sa[i] = rest[:l]
		rest = rest[min((l+3)&^3, len(rest)):]
	}
	dst, gw, mask := sa[0], sa[1], sa[2]
	if dst == nil {
		return q, 0, abi.EINVAL
	}
	a, scope, e := rtAddr(dst)
	if e != 0 {
		return q, 0, e
	}
	family = int(dst[1])
	q.dst = netip.PrefixFrom(a, a.BitLen())
	if mask != nil && q.flags&abi.RTF_HOST == 0 {
		bits, ok := rtMask(mask, a.BitLen())
		if !ok {
			return q, family, abi.EINVAL
		}
		q.dst, q.masked = netip.PrefixFrom(a, bits).Masked(), true
	}
	if q.flags&abi.RTF_IFSCOPE != 0 {
		scope = int(le.Uint16(b[4:]))
	}
	q.scope = scope
	if gw == nil {
		return q, family, 0
	}
	q.hasGw = true
	if gw[1] == abi.AF_LINK && len(gw) >= 4 {
		q.link = int(le.Uint16(gw[2:]))
		return q, family, 0
	}
	if q.gw, _, e = rtAddr(gw); e == 0 && q.gw.Is4() != a.Is4() {
		e = abi.EINVAL
	}
	if e == abi.EAFNOSUPPORT {
		e = abi.EINVAL
	}
	return q, family, e
}

// rtAddr reads an address of a message: of IPv4 its port and padding may be left
// out. A link-local one may name its interface in either of the two ways.
func rtAddr(b []byte) (a netip.Addr, scope int, e abi.Errno) {
	switch {
	case b[1] == abi.AF_INET && len(b) >= 8:
		return netip.AddrFrom4([4]byte(b[4:8])), 0, 0
	case b[1] == abi.AF_INET6 && len(b) >= abi.SockaddrIn6Len:
		x := [16]byte(b[8:24])
		scope = int(binary.LittleEndian.Uint32(b[24:]) & 0xffff)
		if a = netip.AddrFrom16(x); a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast() {
			if in := int(binary.BigEndian.Uint16(x[2:])); in != 0 && scope == 0 {
				x[2], x[3] = 0, 0
				a, scope = netip.AddrFrom16(x), in
			}
			return a, scope, 0
		}
		return a, 0, 0
	case b[1] == abi.AF_INET, b[1] == abi.AF_INET6:
		return a, 0, abi.EINVAL
	}
	return a, 0, abi.EAFNOSUPPORT
}

// rtMask is the length of a mask, whose zero bytes at the end may be left out. No
// for one with holes.
func rtMask(b []byte, size int) (bits int, ok bool) {
	at := 4
	if size == 128 {
		at = 8
	}
	for i := 0; i < size; i++ {
		if at+i/8 < len(b) && b[at+i/8]&(0x80>>(i%8)) != 0 {
			if bits != i {
				return 0, false
			}
			bits = i + 1
		}
	}
	return bits, true
}

// report is the answer that shows a route: the request's header with the route's
// flags, addresses and metrics; asked says whether the interface is wanted too.
func (r route) report(b []byte, asked uint32) []byte {
	bits, sas := r.addresses()
	if asked&(abi.RTA_IFP|abi.RTA_IFA) != 0 {
		bits |= abi.RTA_IFP
		sas = append(sas, r.ifp.sockaddrDl())
		if a, ok := r.ifp.sourceFor(r.dst.Addr()); ok {
			bits |= abi.RTA_IFA
			sas = append(sas, ifSockaddr(r.ifp, a))
		}
	}
	return rtMessage(b[3], abi.RtMsghdrSize, func(h []byte) {
		copy(h[4:], b[4:abi.RtMsghdrSize])
		r.header(h, bits)
	}, sas...)
}

// sourceFor is the interface's address of dst's family, one for the world before
// a link-local one unless dst is that.
func (f *Ifnet) sourceFor(dst netip.Addr) (netip.Addr, bool) {
	var found netip.Addr
	for _, p := range f.Addrs {
		a := p.Addr()
		if a.Is4() == dst.Is4() && (!found.IsValid() || a.IsLinkLocalUnicast() == dst.IsLinkLocalUnicast()) {
			found = a
		}
	}
	return found, found.IsValid()
}

// groupChanged is rt_newmaddrmsg: a group was joined first, or left last.
func (n *Net) groupChanged(typ byte, m membership) {
	f := n.ifByIndex(m.index)
	if f == nil {
		return
	}
	family := abi.AF_INET6
	if m.group.Is4() {
		family = abi.AF_INET
	}
	n.rtInput(rtMessage(typ, abi.IfmaMsghdrSize, func(h []byte) {
		binary.LittleEndian.PutUint32(h[4:], abi.RTA_IFP|abi.RTA_IFA)
		binary.LittleEndian.PutUint16(h[12:], uint16(f.Index))
	}, f.sockaddrDl(), ifSockaddr(f, m.group)), family, nil)
}

// unusable is what raw sockets of no network answer to the calls that name
// addresses.
type unusable struct{}

func (unusable) Bind(*sys.Context, []byte) abi.Errno    { return abi.EINVAL }
func (unusable) Listen(*sys.Context, int) abi.Errno     { return abi.EOPNOTSUPP }
func (unusable) Connect(*sys.Context, []byte) abi.Errno { return abi.EINVAL }
func (unusable) Connecting() (bool, abi.Errno)          { return false, 0 }
func (unusable) Disconnect(*sys.Context) abi.Errno      { return abi.EINVAL }
func (unusable) SockName() ([]byte, abi.Errno)          { return nil, abi.EINVAL }
func (unusable) Accept(*sys.Context) (*socket.Socket, []byte, abi.Errno) {
	return nil, nil, abi.EOPNOTSUPP
}
func (unusable) Getopt(*sys.Context, int, int, int) ([]byte, abi.Errno) {
	return nil, abi.ENOPROTOOPT
}
func (unusable) Setopt(*sys.Context, int, int, []byte) abi.Errno { return abi.ENOPROTOOPT }
func (unusable) Ioctl(*sys.Context, uint64, []byte) abi.Errno    { return abi.EOPNOTSUPP }
