package net

import (
	"encoding/binary"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// optKey names an option.
type optKey struct{ level, name int }

// option is one row of the table of options: how to set and to get it. A nil
// function answers ENOPROTOOPT. get may give its value in fewer bytes than an
// int where Darwin does.
type option struct {
	set func(p *inpcb, v []byte) abi.Errno
	get func(p *inpcb) ([]byte, abi.Errno)
	// short: who asks for one byte gets one.
	short bool
}

// intOf reads an option that programs give as an int or as one byte.
func intOf(v []byte) (int, abi.Errno) {
	switch {
	case len(v) >= 4:
		return int(int32(binary.LittleEndian.Uint32(v))), 0
	case len(v) >= 1:
		return int(v[0]), 0
	}
	return 0, abi.EINVAL
}

func i32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(int32(v))) }

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// flag is an option that is a boolean of the stack's socket options.
func flag(set func(*tcpip.SocketOptions, bool), get func(*tcpip.SocketOptions) bool) option {
	return option{
		set: func(p *inpcb, v []byte) abi.Errno {
			n, e := intOf(v)
			if e == 0 {
				set(p.ep.SocketOptions(), n != 0)
			}
			return e
		},
		get: func(p *inpcb) ([]byte, abi.Errno) {
			return i32(boolInt(get(p.ep.SocketOptions()))), 0
		},
	}
}

// number is an option that is an integer of the stack's within [lo, hi].
func number(o tcpip.SockOptInt, lo, hi int) option {
	return option{
		set: func(p *inpcb, v []byte) abi.Errno {
			n, e := intOf(v)
			if e != 0 {
				return e
			}
			if n < lo || n > hi {
				return abi.EINVAL
			}
			return errno(p.ep.SetSockOptInt(o, n))
		},
		get: func(p *inpcb) ([]byte, abi.Errno) {
			n, err := p.ep.GetSockOptInt(o)
			return i32(n), errno(err)
		},
	}
}

// seconds is an option that is a duration in the stack and seconds outside.
func seconds(set func(p *inpcb, d time.Duration) tcpip.Error, get func(p *inpcb) (time.Duration, tcpip.Error)) option {
	return option{
		set: func(p *inpcb, v []byte) abi.Errno {
			n, e := intOf(v)
			if e != 0 {
				return e
			}
			if n < 0 || n > 32767*3600 {
				return abi.EINVAL
			}
			return errno(set(p, time.Duration(n)*time.Second))
		},
		get: func(p *inpcb) ([]byte, abi.Errno) {
			d, err := get(p)
			return i32(int(d / time.Second)), errno(err)
		},
	}
}

// recvFlag is a boolean of recvOptions, and perhaps one of the stack's with it.
func recvFlag(field func(*recvOptions) *bool, stack func(*tcpip.SocketOptions, bool)) option {
	return option{
		set: func(p *inpcb, v []byte) abi.Errno {
			n, e := intOf(v)
			if e != 0 {
				return e
			}
			p.mu.Lock()
			*field(&p.recv) = n != 0
			p.mu.Unlock()
			if stack != nil {
				stack(p.ep.SocketOptions(), n != 0)
			}
			return 0
		},
		get: func(p *inpcb) ([]byte, abi.Errno) {
			p.mu.Lock()
			defer p.mu.Unlock()
			return i32(boolInt(*field(&p.recv))), 0
		},
	}
}

type so = tcpip.SocketOptions

// A socket of IPv6 hears of both families what it asks of its own.
func pktinfoBoth(o *so, on bool) { o.SetIPv6ReceivePacketInfo(on); o.SetReceivePacketInfo(on) }
func tclassBoth(o *so, on bool)  { o.SetReceiveTClass(on); o.SetReceiveTOS(on) }

// dontFragment is IP_DONTFRAG and IPV6_DONTFRAG: a datagram that is too long for
// the way gives EMSGSIZE instead of fragments.
var dontFragment = option{
	set: func(p *inpcb, v []byte) abi.Errno {
		n, e := intOf(v)
		if e != 0 {
			return e
		}
		strategy := tcpip.PMTUDiscoveryWant
		if n != 0 {
			strategy = tcpip.PMTUDiscoveryDo
		}
		if err := p.ep.SetSockOptInt(tcpip.MTUDiscoverOption, int(strategy)); err != nil {
			return errno(err)
		}
		p.whole.Store(n != 0)
		return 0
	},
	get: func(p *inpcb) ([]byte, abi.Errno) { return i32(boolInt(p.whole.Load())), 0 },
}

// way is the interface by which a comes to its destination.
func (p *inpcb) way(a netip.Addr) *Ifnet {
	if a.Unmap().IsLoopback() {
		return p.n.ifByIndex(lo0)
	}
	return p.n.wayOut()
}

// pathRoom is how many bytes a datagram to (or to the peer, for nil) may have that
// is not to be cut: the stack cuts what it sends itself whatever it is told.
func (p *inpcb) pathRoom(to *tcpip.FullAddress) int {
	const ip4, ip6, udp = 20, 40, 8
	if to == nil {
		peer, err := p.ep.GetRemoteAddress()
		if err != nil {
			return maxPayload
		}
		to = &peer
	}
	a := fromAddr(to.Addr)
	if a.Unmap().Is4() {
		return int(p.way(a).MTU) - ip4 - udp
	}
	return int(p.way(a).MTU) - ip6 - udp
}

// pathMTU is IPV6_PATHMTU, a struct ip6_mtuinfo: the peer's address and the MTU of
// the way to it, which is that of the interface. ENOTCONN without a peer.
func (p *inpcb) pathMTU() ([]byte, abi.Errno) {
	to, err := p.ep.GetRemoteAddress()
	if err != nil {
		return nil, abi.ENOTCONN
	}
	b := make([]byte, 32)
	copy(b[:28], p.sockaddr(to))
	binary.LittleEndian.PutUint32(b[28:], p.way(fromAddr(to.Addr)).MTU)
	return b, 0
}

var options = map[optKey]option{
	{abi.IPPROTO_TCP, abi.TCP_NODELAY}: {
		set: func(p *inpcb, v []byte) abi.Errno {
			n, e := intOf(v)
			if e == 0 {
				p.ep.SocketOptions().SetDelayOption(n == 0)
			}
			return e
		},
		get: func(p *inpcb) ([]byte, abi.Errno) {
			return i32(boolInt(!p.ep.SocketOptions().GetDelayOption())), 0
		},
	},
	{abi.IPPROTO_TCP, abi.TCP_NOPUSH}: flag((*so).SetCorkOption, (*so).GetCorkOption),
	{abi.IPPROTO_TCP, abi.TCP_MAXSEG}: number(tcpip.MaxSegOption, 1, 65535),
	{abi.IPPROTO_TCP, abi.TCP_KEEPALIVE}: seconds(
		func(p *inpcb, d time.Duration) tcpip.Error {
			o := tcpip.KeepaliveIdleOption(d)
			return p.ep.SetSockOpt(&o)
		},
		func(p *inpcb) (time.Duration, tcpip.Error) {
			var o tcpip.KeepaliveIdleOption
			err := p.ep.GetSockOpt(&o)
			return time.Duration(o), err
		}),
	{abi.IPPROTO_TCP, abi.TCP_KEEPINTVL}: seconds(
		func(p *inpcb, d time.Duration) tcpip.Error {
			o := tcpip.KeepaliveIntervalOption(d)
			return p.ep.SetSockOpt(&o)
		},
		func(p *inpcb) (time.Duration, tcpip.Error) {
			var o tcpip.KeepaliveIntervalOption
			err := p.ep.GetSockOpt(&o)
			return time.Duration(o), err
		}),
	{abi.IPPROTO_TCP, abi.TCP_KEEPCNT}: number(tcpip.KeepaliveCountOption, 0, 1<<15),
	{abi.IPPROTO_TCP, abi.TCP_RXT_CONNDROPTIME}: seconds(
		func(p *inpcb, d time.Duration) tcpip.Error {
			o := tcpip.TCPUserTimeoutOption(d)
			return p.ep.SetSockOpt(&o)
		},
		func(p *inpcb) (time.Duration, tcpip.Error) {
			var o tcpip.TCPUserTimeoutOption
			err := p.ep.GetSockOpt(&o)
			return time.Duration(o), err
		}),
	{abi.IPPROTO_TCP, abi.TCP_CONNECTION_INFO}: {get: (*inpcb).connectionInfo},

	{abi.IPPROTO_IP, abi.IP_TOS}:      number(tcpip.IPv4TOSOption, 0, 255),
	{abi.IPPROTO_IP, abi.IP_TTL}:      number(tcpip.IPv4TTLOption, 0, 255),
	{abi.IPPROTO_IP, abi.IP_HDRINCL}:  flag((*so).SetHeaderIncluded, (*so).GetHeaderIncluded),
	{abi.IPPROTO_IP, abi.IP_STRIPHDR}: stripHdr,
	{abi.IPPROTO_IP, abi.IP_RECVDSTADDR}: recvFlag(func(r *recvOptions) *bool { return &r.dstAddr },
		(*so).SetReceivePacketInfo),
	{abi.IPPROTO_IP, abi.IP_RECVIF}: recvFlag(func(r *recvOptions) *bool { return &r.iface },
		(*so).SetReceivePacketInfo),
	{abi.IPPROTO_IP, abi.IP_PKTINFO}: recvFlag(func(r *recvOptions) *bool { return &r.pktinfo },
		(*so).SetReceivePacketInfo),
	{abi.IPPROTO_IP, abi.IP_RECVTTL}: recvFlag(func(r *recvOptions) *bool { return &r.ttl },
		(*so).SetReceiveTTL),
	{abi.IPPROTO_IP, abi.IP_RECVTOS}: recvFlag(func(r *recvOptions) *bool { return &r.tos },
		(*so).SetReceiveTOS),
	{abi.IPPROTO_IP, abi.IP_MULTICAST_TTL}:      asByte(number(tcpip.MulticastTTLOption, 0, 255)),
	{abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP}:     asByte(flag((*so).SetMulticastLoop, (*so).GetMulticastLoop)),
	{abi.IPPROTO_IP, abi.IP_MULTICAST_IF}:       {set: (*inpcb).setMulticastIf4, get: (*inpcb).multicastIf4},
	{abi.IPPROTO_IP, abi.IP_MULTICAST_IFINDEX}:  {set: (*inpcb).setMulticastIndex, get: (*inpcb).multicastIndex},
	{abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP}:     {set: func(p *inpcb, v []byte) abi.Errno { return p.membership4(v, true) }},
	{abi.IPPROTO_IP, abi.IP_DROP_MEMBERSHIP}:    {set: func(p *inpcb, v []byte) abi.Errno { return p.membership4(v, false) }},
	{abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP}:      {set: func(p *inpcb, v []byte) abi.Errno { return p.groupReq(v, true) }},
	{abi.IPPROTO_IP, abi.MCAST_LEAVE_GROUP}:     {set: func(p *inpcb, v []byte) abi.Errno { return p.groupReq(v, false) }},
	{abi.IPPROTO_IPV6, abi.MCAST_JOIN_GROUP}:    {set: func(p *inpcb, v []byte) abi.Errno { return p.groupReq(v, true) }},
	{abi.IPPROTO_IPV6, abi.MCAST_LEAVE_GROUP}:   {set: func(p *inpcb, v []byte) abi.Errno { return p.groupReq(v, false) }},
	{abi.IPPROTO_IP, abi.IP_DONTFRAG}:           dontFragment,
	{abi.IPPROTO_IPV6, abi.IPV6_DONTFRAG}:       dontFragment,
	{abi.IPPROTO_IPV6, abi.IPV6_PATHMTU}:        {get: (*inpcb).pathMTU},
	{abi.IPPROTO_IP, abi.IP_BOUND_IF}:           {set: (*inpcb).setBoundIf, get: (*inpcb).boundIf},
	{abi.IPPROTO_IPV6, abi.IPV6_BOUND_IF}:       {set: (*inpcb).setBoundIf, get: (*inpcb).boundIf},
	{abi.IPPROTO_IP, abi.IP_PORTRANGE}:          {set: setPortRange, get: zeroOption},
	{abi.IPPROTO_IPV6, abi.IPV6_PORTRANGE}:      {set: setPortRange, get: zeroOption},
	{abi.IPPROTO_IPV6, abi.IPV6_V6ONLY}:         flag((*so).SetV6Only, (*so).GetV6Only),
	{abi.IPPROTO_IPV6, abi.IPV6_UNICAST_HOPS}:   number(tcpip.IPv6HopLimitOption, -1, 255),
	{abi.IPPROTO_IPV6, abi.IPV6_TCLASS}:         number(tcpip.IPv6TrafficClassOption, -1, 255),
	{abi.IPPROTO_IPV6, abi.IPV6_CHECKSUM}:       number(tcpip.IPv6Checksum, -1, 65534),
	{abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_HOPS}: number(tcpip.MulticastTTLOption, -1, 255),
	{abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_LOOP}: flag((*so).SetMulticastLoop, (*so).GetMulticastLoop),
	{abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_IF}:   {set: (*inpcb).setMulticastIndex, get: (*inpcb).multicastIndex},
	{abi.IPPROTO_IPV6, abi.IPV6_JOIN_GROUP}:     {set: func(p *inpcb, v []byte) abi.Errno { return p.membership6(v, true) }},
	{abi.IPPROTO_IPV6, abi.IPV6_LEAVE_GROUP}:    {set: func(p *inpcb, v []byte) abi.Errno { return p.membership6(v, false) }},
	{abi.IPPROTO_IPV6, abi.IPV6_RECVPKTINFO}:    recvFlag(func(r *recvOptions) *bool { return &r.pktinfo6 }, pktinfoBoth),
	{abi.IPPROTO_IPV6, abi.IPV6_2292PKTINFO}:    recvFlag(func(r *recvOptions) *bool { return &r.pktinfo2292 }, pktinfoBoth),
	{abi.IPPROTO_IPV6, abi.IPV6_RECVHOPLIMIT}:   recvFlag(func(r *recvOptions) *bool { return &r.hops }, (*so).SetReceiveHopLimit),
	{abi.IPPROTO_IPV6, abi.IPV6_2292HOPLIMIT}:   recvFlag(func(r *recvOptions) *bool { return &r.hops2292 }, (*so).SetReceiveHopLimit),
	{abi.IPPROTO_IPV6, abi.IPV6_RECVTCLASS}:     recvFlag(func(r *recvOptions) *bool { return &r.tclass }, tclassBoth),
	{abi.IPPROTO_ICMPV6, abi.ICMP6_FILTER}:      {set: (*inpcb).setIcmp6Filter},
	{abi.SOL_SOCKET, abi.SO_REUSEADDR}:          flag((*so).SetReuseAddress, (*so).GetReuseAddress),
	{abi.SOL_SOCKET, abi.SO_REUSEPORT}:          flag((*so).SetReusePort, (*so).GetReusePort),
	{abi.SOL_SOCKET, abi.SO_KEEPALIVE}:          flag((*so).SetKeepAlive, (*so).GetKeepAlive),
	{abi.SOL_SOCKET, abi.SO_BROADCAST}:          flag((*so).SetBroadcast, (*so).GetBroadcast),
	{abi.SOL_SOCKET, abi.SO_SNDBUF}:             {set: setSndbuf},
	{abi.SOL_SOCKET, abi.SO_RCVBUF}:             {set: setRcvbuf},
	{abi.SOL_SOCKET, abi.SO_LINGER}:             {set: (*inpcb).setLinger},
	{abi.SOL_SOCKET, abi.SO_LINGER_SEC}:         {set: (*inpcb).setLinger},
	{abi.SOL_SOCKET, abi.SO_NREAD}:              {get: func(p *inpcb) ([]byte, abi.Errno) { return i32(int(p.unread())), 0 }},
	{abi.SOL_SOCKET, abi.SO_NWRITE}:             {get: func(p *inpcb) ([]byte, abi.Errno) { return i32(int(p.unsent())), 0 }},
}

// asByte lets get answer with one byte to those who have room for one, as
// 4.4BSD did.
func asByte(o option) option {
	o.short = true
	return o
}

func (p *inpcb) Setopt(ctx *sys.Context, level, name int, val []byte) abi.Errno {
	if e := p.levelOK(level); e != 0 {
		return e
	}
	o := options[optKey{level, name}]
	if o.set == nil {
		return abi.ENOPROTOOPT
	}
	return o.set(p, val)
}

func (p *inpcb) Getopt(ctx *sys.Context, level, name, max int) ([]byte, abi.Errno) {
	if e := p.levelOK(level); e != 0 {
		return nil, e
	}
	o := options[optKey{level, name}]
	if o.get == nil {
		return nil, abi.ENOPROTOOPT
	}
	b, e := o.get(p)
	if e == 0 && o.short && max == 1 {
		b = b[:1]
	}
	return b, e
}

// levelOK refuses options of another family or protocol: EINVAL, as Darwin.
func (p *inpcb) levelOK(level int) abi.Errno {
	switch level {
	case abi.SOL_SOCKET:
		return 0
	case abi.IPPROTO_IP:
		if !p.v6 {
			return 0
		}
	case abi.IPPROTO_IPV6:
		if p.v6 {
			return 0
		}
	case abi.IPPROTO_TCP:
		if p.tcp {
			return 0
		}
		return abi.ENOPROTOOPT
	case abi.IPPROTO_ICMPV6:
		if p.v6 && !p.tcp && !p.udp {
			return 0
		}
	}
	return abi.EINVAL
}

func zeroOption(*inpcb) ([]byte, abi.Errno) { return i32(0), 0 }

// setPortRange accepts the default range: low and high make no difference to
// the ports that a machine of its own has.
func setPortRange(p *inpcb, v []byte) abi.Errno {
	n, e := intOf(v)
	if e == 0 && (n < 0 || n > 2) {
		e = abi.EINVAL
	}
	if e == 0 && n == 2 {
		e = abi.ENOPROTOOPT
	}
	return e
}

func setSndbuf(p *inpcb, v []byte) abi.Errno {
	snd, _ := p.so.Sizes()
	p.ep.SocketOptions().SetSendBufferSize(int64(snd), true)
	p.so.Wakeup(socket.Write)
	return 0
}

func setRcvbuf(p *inpcb, v []byte) abi.Errno {
	_, rcv := p.so.Sizes()
	p.ep.SocketOptions().SetReceiveBufferSize(int64(rcv), true)
	if f := p.fus.Load(); f != nil {
		if q := f.other(p); q != nil {
			q.so.Wakeup(socket.Write)
		}
	}
	return 0
}

// setLinger tells the stack only of a linger time of 0, which resets; other
// times are waited for by the socket layer.
func (p *inpcb) setLinger(v []byte) abi.Errno {
	on := binary.LittleEndian.Uint32(v) != 0
	zero := binary.LittleEndian.Uint32(v[4:]) == 0
	p.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: on && zero})
	return 0
}

func (p *inpcb) setBoundIf(v []byte) abi.Errno {
	n, e := intOf(v)
	if e != 0 {
		return e
	}
	if n != 0 && p.n.ifByIndex(n) == nil {
		return abi.ENXIO
	}
	return errno(p.ep.SocketOptions().SetBindToDevice(int32(n)))
}

func (p *inpcb) boundIf() ([]byte, abi.Errno) {
	return i32(int(p.ep.SocketOptions().GetBindToDevice())), 0
}

func (p *inpcb) setIcmp6Filter(v []byte) abi.Errno {
	if len(v) != 32 {
		return abi.EINVAL
	}
	var f tcpip.ICMPv6Filter
	for i := range f.DenyType { // a set bit passes on Darwin
		f.DenyType[i] = ^binary.LittleEndian.Uint32(v[4*i:])
	}
	return errno(p.ep.SetSockOpt(&f))
}

func (p *inpcb) setMulticastIf4(v []byte) abi.Errno {
	if len(v) < 4 {
		return abi.EINVAL
	}
	a := netip.AddrFrom4([4]byte(v[:4]))
	o := tcpip.MulticastInterfaceOption{}
	if len(v) == 12 { // a struct ip_mreqn, of which only the index is looked at
		index, _ := intOf(v[8:])
		switch {
		case index < 0 || index > p.n.lastIndex():
			return abi.EINVAL
		case index != 0 && p.n.ifByIndex(index) == nil:
			return abi.EADDRNOTAVAIL
		}
		o.NIC = tcpip.NICID(index)
	} else if !a.IsUnspecified() {
		ifp := p.n.ifByAddr(a)
		if ifp == nil {
			return abi.EADDRNOTAVAIL
		}
		o.InterfaceAddr, o.NIC = toAddr(a), tcpip.NICID(ifp.Index)
	}
	return errno(p.ep.SetSockOpt(&o))
}

func (p *inpcb) multicastIf4() ([]byte, abi.Errno) {
	var o tcpip.MulticastInterfaceOption
	if err := p.ep.GetSockOpt(&o); err != nil {
		return nil, errno(err)
	}
	b := make([]byte, 4)
	if ifp := p.n.ifByIndex(int(o.NIC)); ifp != nil {
		if a, ok := ifp.addr4(); ok {
			x := a.Addr().As4()
			copy(b, x[:])
		}
	}
	return b, 0
}

func (p *inpcb) setMulticastIndex(v []byte) abi.Errno {
	n, e := intOf(v)
	if e != 0 {
		return e
	}
	if n != 0 && p.n.ifByIndex(n) == nil {
		return abi.ENXIO
	}
	if p.v6 {
		return errno(p.ep.SetSockOptInt(tcpip.IPv6MulticastInterfaceOption, n))
	}
	return errno(p.ep.SetSockOpt(&tcpip.MulticastInterfaceOption{NIC: tcpip.NICID(n)}))
}

func (p *inpcb) multicastIndex() ([]byte, abi.Errno) {
	if p.v6 {
		n, err := p.ep.GetSockOptInt(tcpip.IPv6MulticastInterfaceOption)
		return i32(n), errno(err)
	}
	var o tcpip.MulticastInterfaceOption
	err := p.ep.GetSockOpt(&o)
	return i32(int(o.NIC)), errno(err)
}
