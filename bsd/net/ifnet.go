package net

import (
	"maps"
	"net/netip"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"

	"puggle/abi"
)

// Ifnet is a struct ifnet: a network interface. It is never changed once it is in the list,
// but replaced (ifchange.go): hold it no longer than a call, and keep its index.
type Ifnet struct {
	Name   string // "lo0"
	Index  int    // from 1
	Type   byte   // IFT_*
	Flags  uint32 // IFF_*
	MTU    uint32 // bytes
	Lladdr []byte // the link-level address, if any
	Addrs  []netip.Prefix
	// Peers are the far ends of a point-to-point interface's addresses.
	Peers map[netip.Addr]netip.Addr
	Clone bool  // made by SIOCIFCREATE
	utun  *utun // what is behind a tunnel
	link  *LinkIf
}

// Interfaces gives the machine's interfaces; what it gives must not be changed.
func (n *Net) Interfaces() []*Ifnet { return n.interfaces() }

func defaultInterfaces(cfg Config) []*Ifnet {
	ifs := []*Ifnet{{
		Name: "lo0", Index: lo0, Type: abi.IFT_LOOP, MTU: 16384,
		Flags: abi.IFF_UP | abi.IFF_LOOPBACK | abi.IFF_RUNNING | abi.IFF_MULTICAST,
		Addrs: []netip.Prefix{lo0Net,
			netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fe80::1/64")},
	}}
	if cfg.Outside {
		ifs = append(ifs, &Ifnet{
			Name: "en0", Index: en0, Type: abi.IFT_ETHER, MTU: 1500,
			Flags: abi.IFF_UP | abi.IFF_BROADCAST | abi.IFF_RUNNING |
				abi.IFF_SIMPLEX | abi.IFF_MULTICAST,
			Lladdr: defaultEther,
			Addrs:  []netip.Prefix{netip.MustParsePrefix("fe80::aff:fe00:20f/64"), guestAddr},
		})
	}
	return ifs
}

// ByIndex finds an interface, nil if there is none.
func (n *Net) ByIndex(i int) *Ifnet { return n.ifByIndex(i) }

// NameOf is an interface's name, or "".
func (n *Net) NameOf(i int) string {
	if f := n.ifByIndex(i); f != nil {
		return f.Name
	}
	return ""
}

// SplitName is the name in its two parts, "lo" and 0.
func (f *Ifnet) SplitName() (name string, unit uint32) {
	return splitUnit(f.Name)
}

func (n *Net) ifByIndex(i int) *Ifnet {
	for _, f := range n.interfaces() {
		if f.Index == i {
			return f
		}
	}
	return nil
}

// lastIndex is the highest index of an interface.
func (n *Net) lastIndex() (last int) {
	for _, f := range n.interfaces() {
		last = max(last, f.Index)
	}
	return last
}

func (n *Net) ifByName(name string) *Ifnet {
	for _, f := range n.interfaces() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (n *Net) ifByAddr(a netip.Addr) *Ifnet {
	for _, f := range n.interfaces() {
		for _, p := range f.Addrs {
			if p.Addr() == a {
				return f
			}
		}
	}
	return nil
}

// isHere says whether a is an address of the machine itself.
func (n *Net) isHere(a netip.Addr) bool { return a.IsLoopback() || n.ifByAddr(a) != nil }

// addr4 is the interface's first IPv4 address.
func (f *Ifnet) addr4() (netip.Prefix, bool) {
	for _, p := range f.Addrs {
		if p.Addr().Is4() {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

func (f *Ifnet) sockaddrDl() []byte { return abi.SockaddrDl(f.Index, f.Type, f.Name, f.Lladdr) }

// broadcast is an IPv4 network's broadcast address.
func broadcast(p netip.Prefix) netip.Addr {
	a, bits := p.Addr().As4(), p.Bits()
	for i := range a {
		for b := 0; b < 8; b++ {
			if i*8+b >= bits {
				a[i] |= 0x80 >> b
			}
		}
	}
	return netip.AddrFrom4(a)
}

// membership is a group that a socket has joined on an interface.
type membership struct {
	index int
	group netip.Addr
}

// groupTable counts who has joined what, for the interface lists.
type groupTable struct {
	mu    sync.Mutex
	count map[membership]int
}

func (t *groupTable) init(ifs []*Ifnet) {
	t.count = map[membership]int{}
	for _, f := range ifs {
		t.attach(f)
	}
}

// attach counts the groups that every interface of many has.
func (t *groupTable) attach(f *Ifnet) {
	if f.Clone {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range []string{"224.0.0.1", "ff01::1", "ff02::1"} {
		t.count[membership{f.Index, netip.MustParseAddr(a)}] = 1
	}
}

// detach forgets an interface.
func (t *groupTable) detach(f *Ifnet) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.count, func(m membership, _ int) bool { return m.index == f.Index })
}

// join counts one more member; it says whether that is the first.
func (t *groupTable) join(m membership) (first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count[m]++
	return t.count[m] == 1
}

// leaveAll counts one less for each; it gives the groups that have none any more.
func (t *groupTable) leaveAll(ms []membership) (last []membership) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range ms {
		if t.count[m]--; t.count[m] <= 0 {
			delete(t.count, m)
			last = append(last, m)
		}
	}
	return last
}

// leave takes the members out and tells routing sockets of groups that end.
func (n *Net) leave(ms []membership) {
	for _, m := range n.groups.leaveAll(ms) {
		n.groupChanged(abi.RTM_DELMADDR, m)
	}
}

// groups gives the groups of an interface and how often each is joined.
func (t *groupTable) groups(index int) map[netip.Addr]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[netip.Addr]int{}
	for m, c := range t.count {
		if m.index == index {
			out[m.group] = c
		}
	}
	return out
}

// membership4 takes a struct ip_mreq (8 bytes) or ip_mreqn (12).
func (p *inpcb) membership4(v []byte, join bool) abi.Errno {
	if len(v) < 8 {
		return abi.EINVAL
	}
	group, local := netip.AddrFrom4([4]byte(v[:4])), netip.AddrFrom4([4]byte(v[4:8]))
	if !group.IsMulticast() {
		return abi.EINVAL
	}
	index := 0
	if len(v) >= 12 {
		index, _ = intOf(v[8:12])
	}
	if index == 0 && !local.IsUnspecified() {
		ifp := p.n.ifByAddr(local)
		if ifp == nil {
			return abi.EADDRNOTAVAIL
		}
		index = ifp.Index
	}
	return p.membership(membership{index, group}, join)
}

// membership6 takes a struct ipv6_mreq.
func (p *inpcb) membership6(v []byte, join bool) abi.Errno {
	if len(v) < 20 {
		return abi.EINVAL
	}
	group := netip.AddrFrom16([16]byte(v[:16]))
	if !group.IsMulticast() {
		return abi.EINVAL
	}
	index, _ := intOf(v[16:])
	return p.membership(membership{index, group}, join)
}

// groupReq takes a struct group_req: an interface's number, then a sockaddr.
func (p *inpcb) groupReq(v []byte, join bool) abi.Errno {
	if len(v) < 132 {
		return abi.EINVAL
	}
	index, _ := intOf(v[:4])
	var group netip.Addr
	switch v[5] {
	case abi.AF_INET:
		group = netip.AddrFrom4([4]byte(v[8:12]))
	case abi.AF_INET6:
		group = netip.AddrFrom16([16]byte(v[12:28]))
	}
	if !group.IsMulticast() || group.Is4() == p.v6 {
		return abi.EINVAL
	}
	return p.membership(membership{index, group}, join)
}

// maxMemberships bounds what one socket may join (IP_MAX_MEMBERSHIPS).
const maxMemberships = abi.IP_MAX_MEMBERSHIPS

func (p *inpcb) membership(m membership, join bool) abi.Errno {
	if m.index == 0 { // the way out, or the loopback where there is none
		m.index = p.n.wayOut().Index
	}
	if p.n.ifByIndex(m.index) == nil {
		return abi.ENXIO
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o := tcpip.MembershipOption{NIC: tcpip.NICID(m.index), MulticastAddr: toAddr(m.group)}
	at := -1
	for i, x := range p.joined {
		if x == m {
			at = i
		}
	}
	if join {
		if at >= 0 {
			return abi.EADDRINUSE
		}
		if len(p.joined) >= maxMemberships {
			return abi.ETOOMANYREFS
		}
		add := tcpip.AddMembershipOption(o)
		if e := errno(p.ep.SetSockOpt(&add)); e != 0 {
			return e
		}
		p.joined = append(p.joined, m)
		if p.n.groups.join(m) {
			p.n.groupChanged(abi.RTM_NEWMADDR, m)
		}
		return 0
	}
	if at < 0 {
		return abi.EADDRNOTAVAIL
	}
	rm := tcpip.RemoveMembershipOption(o)
	if e := errno(p.ep.SetSockOpt(&rm)); e != 0 {
		return e
	}
	p.joined = append(p.joined[:at:at], p.joined[at+1:]...)
	p.n.leave([]membership{m})
	return 0
}
