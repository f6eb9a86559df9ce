package net

import (
	"net/netip"
	"slices"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"puggle/abi"
)

// route is one row of the routing table, a struct rtentry.
type route struct {
	dst   netip.Prefix
	gw    netip.Addr // not valid: the interface itself
	ifp   *Ifnet     // of the list, in a row of the table
	flags uint32
	added bool // by a routing socket, so the stack has to be told

	ifa netip.Addr // the interface's address that has brought it (rt_ifa), if one has
}

// rtable is the routing table. The stack has a table of its own that is made from
// this one at each change (stackRoutes).
type rtable struct {
	mu   sync.Mutex
	rows []route
	gone map[hop]bool // rows of the beginning that were deleted

	update sync.Mutex // held while the stack's table is made and set; before mu
}

// hop is where the stack sends a network's packets.
type hop struct {
	dst netip.Prefix
	nic int
}

// maxRoutes bounds the table. XNU's is bounded by memory.
const maxRoutes = 4096

func (n *Net) initRoutes() {
	pfx, ip := netip.MustParsePrefix, netip.MustParseAddr
	var out []route
	lo := n.ifByIndex(lo0)
	if en := n.ifByIndex(en0); en != nil {
		out = append(out,
			route{dst: pfx("0.0.0.0/0"), gw: gatewayAddr, ifp: en,
				flags: abi.RTF_UP | abi.RTF_GATEWAY | abi.RTF_STATIC | abi.RTF_PRCLONING},
			route{dst: guestAddr.Masked(), ifp: en, flags: abi.RTF_UP | abi.RTF_CLONING},
			route{dst: pfx("fe80::/64"), ifp: en, flags: abi.RTF_UP | abi.RTF_CLONING})
	}
	n.rt.rows = append(out,
		route{dst: pfx("127.0.0.0/8"), gw: ip("127.0.0.1"), ifp: lo, flags: abi.RTF_UP | abi.RTF_GATEWAY | abi.RTF_STATIC},
		route{dst: pfx("127.0.0.1/32"), gw: ip("127.0.0.1"), ifp: lo, flags: abi.RTF_UP | abi.RTF_HOST | abi.RTF_LOCAL},
		route{dst: pfx("::1/128"), gw: ip("::1"), ifp: lo, flags: abi.RTF_UP | abi.RTF_HOST | abi.RTF_LOCAL},
		route{dst: pfx("fe80::/64"), gw: ip("fe80::1"), ifp: lo, flags: abi.RTF_UP | abi.RTF_CLONING},
		route{dst: pfx("ff02::/16"), gw: ip("::1"), ifp: lo, flags: abi.RTF_UP | abi.RTF_CLONING | abi.RTF_MULTICAST})
	n.rt.gone = map[hop]bool{}
	for i := range n.rt.rows {
		row := &n.rt.rows[i]
		for _, p := range row.ifp.Addrs {
			if r, ok := row.ifp.addrRoute(p); ok && r.dst == row.dst {
				row.ifa = p.Addr()
			}
		}
	}
}

// table is a copy of the routing table.
func (n *Net) table() []route {
	n.rt.mu.Lock()
	defer n.rt.mu.Unlock()
	return slices.Clone(n.rt.rows)
}

// stackRoutes is the stack's table: it takes the first row that fits, so what
// was added comes first, the longest prefix before the others.
func (n *Net) stackRoutes() []tcpip.Route {
	n.rt.mu.Lock()
	defer n.rt.mu.Unlock()
	var out []tcpip.Route
	rows := slices.Clone(n.rt.rows)
	slices.SortStableFunc(rows, func(a, b route) int { return b.dst.Bits() - a.dst.Bits() })
	for _, r := range rows {
		if !r.added {
			continue
		}
		t := tcpip.Route{Destination: subnet(r.dst), NIC: tcpip.NICID(r.ifp.Index)}
		if r.gw.IsValid() && r.flags&abi.RTF_GATEWAY != 0 && r.ifp.Index != lo0 {
			t.Gateway = toAddr(r.gw)
		}
		out = append(out, t)
	}
	base := func(nic int, gw tcpip.Address, nets ...string) {
		for _, s := range nets {
			dst := netip.MustParsePrefix(s)
			if n.rt.gone[hop{dst, nic}] {
				continue
			}
			to := subnet(dst)
			if dst.Bits() == 0 {
				to = header.IPv4EmptySubnet
			}
			out = append(out, tcpip.Route{Destination: to, Gateway: gw, NIC: tcpip.NICID(nic)})
		}
	}
	none := tcpip.Address{}
	if n.cfg.Outside {
		base(en0, none, guestAddr.Masked().String())
		base(en0, toAddr(gatewayAddr), "0.0.0.0/0")
	}
	base(lo0, none, "127.0.0.0/8", "::1/128", "fe80::/64", "ff01::/16", "ff02::/16")
	if n.cfg.Outside {
		base(en0, none, "fe80::/64", "ff02::/16")
	} else {
		base(lo0, none, "224.0.0.0/4")
	}
	return out
}

// updateStack gives the stack the table as it is, if it runs.
func (n *Net) updateStack() {
	n.rt.update.Lock()
	defer n.rt.update.Unlock()
	if n.running.Load() {
		n.stack.SetRouteTable(n.stackRoutes())
	}
}

// lookupRoute is rt_lookup: the row with the longest prefix that has a in it, or
// with mask the very row. scope, if not 0, is the only interface to look at.
func (n *Net) lookupRoute(a netip.Addr, mask *netip.Prefix, scope int) (route, bool) {
	n.rt.mu.Lock()
	defer n.rt.mu.Unlock()
	best := -1
	for i, r := range n.rt.rows {
		switch {
		case scope != 0 && r.ifp.Index != scope:
		case mask != nil && r.dst != *mask:
		case r.dst.Contains(a) && (best < 0 || r.dst.Bits() > n.rt.rows[best].dst.Bits()):
			best = i
		}
	}
	if best < 0 {
		return route{}, false
	}
	return n.rt.rows[best], true
}

// addRoute is rtrequest(RTM_ADD): EEXIST for a network that has a row, ENOBUFS.
func (n *Net) addRoute(r route) abi.Errno {
	n.rt.mu.Lock()
	for _, x := range n.rt.rows {
		if x.dst == r.dst && (x.ifp == r.ifp || (x.flags|r.flags)&abi.RTF_IFSCOPE == 0) {
			n.rt.mu.Unlock()
			return abi.EEXIST
		}
	}
	if len(n.rt.rows) >= maxRoutes {
		n.rt.mu.Unlock()
		return abi.ENOBUFS
	}
	if r.ifp = n.ifByIndex(r.ifp.Index); r.ifp == nil { // gone, or replaced meanwhile
		n.rt.mu.Unlock()
		return abi.ENETUNREACH
	}
	r.added = true
	n.rt.rows = append(n.rt.rows, r)
	n.rt.mu.Unlock()
	n.updateStack()
	return 0
}

// changeRoute is RTM_DELETE, and RTM_CHANGE where to says how. ESRCH.
func (n *Net) changeRoute(dst netip.Prefix, scope int, to func(*route)) (route, abi.Errno) {
	return n.changeRow(to, func(r route) bool { return r.dst == dst && (scope == 0 || r.ifp.Index == scope) })
}

// changeRow is changeRoute for the first row that fits.
func (n *Net) changeRow(to func(*route), fits func(route) bool) (route, abi.Errno) {
	n.rt.mu.Lock()
	i := slices.IndexFunc(n.rt.rows, fits)
	if i < 0 {
		n.rt.mu.Unlock()
		return route{}, abi.ESRCH
	}
	r := &n.rt.rows[i]
	if !r.added {
		n.rt.gone[hop{r.dst, r.ifp.Index}] = true
	}
	if to != nil {
		r.added = true
		was := r.ifp
		if to(r); n.ifByIndex(r.ifp.Index) == nil {
			r.ifp = was
		}
		r.ifp = n.ifByIndex(r.ifp.Index)
	}
	was := *r
	if to == nil {
		n.rt.rows = slices.Delete(n.rt.rows, i, i+1)
	}
	n.rt.mu.Unlock()
	n.updateStack()
	return was, 0
}

// insideRoute says that an address is reached by another interface than en0, so that
// the host need not be asked for a way.
func (n *Net) insideRoute(a netip.Addr) bool {
	if n.ifByAddr(a) != nil {
		return true
	}
	r, ok := n.lookupRoute(a, nil, 0)
	return ok && r.ifp.Index != en0
}
