package net

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"puggle/abi"
	"puggle/bsd/sys"
)

// ifGet is the table of ioctls that read an interface into a struct ifreq: 16
// bytes of name, then what get writes into the other 16. EADDRNOTAVAIL where
// the interface has no such address.
var ifGet = map[uint64]func(f *Ifnet, v6 bool, out []byte) abi.Errno{
	abi.SIOCGIFFLAGS: func(f *Ifnet, _ bool, out []byte) abi.Errno {
		binary.LittleEndian.PutUint16(out, uint16(f.Flags))
		return 0
	},
	abi.SIOCGIFMTU: func(f *Ifnet, _ bool, out []byte) abi.Errno {
		binary.LittleEndian.PutUint32(out, f.MTU)
		return 0
	},
	abi.SIOCGIFMETRIC: func(f *Ifnet, _ bool, out []byte) abi.Errno {
		binary.LittleEndian.PutUint32(out, 0)
		return 0
	},
	abi.SIOCGIFADDR: ifAddress(func(f *Ifnet, p netip.Prefix) (netip.Addr, abi.Errno) { return p.Addr(), 0 }),
	abi.SIOCGIFNETMASK: ifAddress(func(f *Ifnet, p netip.Prefix) (netip.Addr, abi.Errno) {
		return maskOf(p), 0
	}),
	abi.SIOCGIFBRDADDR: ifAddress(func(f *Ifnet, p netip.Prefix) (netip.Addr, abi.Errno) {
		if f.Flags&abi.IFF_BROADCAST == 0 {
			return netip.Addr{}, abi.EINVAL
		}
		return broadcast(p), 0
	}),
	abi.SIOCGIFDSTADDR: ifAddress(func(f *Ifnet, p netip.Prefix) (netip.Addr, abi.Errno) {
		switch peer := f.Peers[p.Addr()]; {
		case f.Flags&abi.IFF_POINTOPOINT == 0:
			return netip.Addr{}, abi.EINVAL
		case !peer.IsValid():
			return netip.IPv4Unspecified(), 0
		default:
			return peer, 0
		}
	}),
}

func maskOf(p netip.Prefix) netip.Addr {
	ones := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	if p.Addr().Is6() {
		var b [16]byte
		for i := range b {
			b[i] = 0xff
		}
		ones = netip.AddrFrom16(b)
	}
	m, _ := ones.Prefix(p.Bits())
	return m.Addr()
}

func ifAddress(of func(*Ifnet, netip.Prefix) (netip.Addr, abi.Errno)) func(*Ifnet, bool, []byte) abi.Errno {
	return func(f *Ifnet, v6 bool, out []byte) abi.Errno {
		p, ok := f.addr4()
		if v6 || !ok {
			return abi.EADDRNOTAVAIL
		}
		a, e := of(f, p)
		if e == 0 {
			copy(out, abi.SockaddrIn(a.As4(), 0))
		}
		return e
	}
}

// ifIoctl is ifioctl. ENXIO for an unknown interface, ENOTTY for what it does not know; what
// changes an interface is in ifset.go. SIOCGIFCONF needs memory of the caller: see IfConf.
func (n *Net) ifIoctl(ctx *sys.Context, p *inpcb, cmd uint64, data []byte) abi.Errno {
	if cmd == abi.SIOCATMARK {
		if len(data) < 4 {
			return abi.EINVAL
		}
		binary.LittleEndian.PutUint32(data, 0) // nothing is ever marked
		return 0
	}
	if cmd == abi.SIOCIFCREATE || cmd == abi.SIOCIFDESTROY {
		if len(data) < abi.IfreqSize {
			return abi.EINVAL
		}
		name, _, _ := bytes.Cut(data[:abi.IFNAMSIZ], []byte{0})
		if cmd == abi.SIOCIFDESTROY {
			return n.cloneDestroy(ctx, string(name))
		}
		return n.cloneCreate(ctx, string(name), data[:abi.IFNAMSIZ])
	}
	if ifSet[cmd].set != nil {
		return n.ifChange(ctx, cmd, data)
	}
	get := ifGet[cmd]
	if get == nil && len(data) < abi.IFNAMSIZ {
		return abi.ENOTTY
	}
	if get != nil && len(data) < abi.IfreqSize {
		return abi.EINVAL
	}
	name, _, _ := bytes.Cut(data[:abi.IFNAMSIZ], []byte{0})
	f := n.ifByName(string(name))
	if f != nil {
		if e, done := n.askIoctl(ctx, f.Index, cmd, data[abi.IFNAMSIZ:]); done {
			return e
		}
	}
	switch {
	case get == nil:
		return abi.ENOTTY
	case f == nil:
		return abi.ENXIO
	}
	return get(f, p.v6, data[abi.IFNAMSIZ:abi.IfreqSize])
}

// IfConf gives what SIOCGIFCONF puts into the caller's buffer: one struct ifreq
// for each address, long ones longer.
func (n *Net) IfConf() []byte {
	var out []byte
	add := func(name string, sa []byte) {
		var b [abi.IFNAMSIZ]byte
		copy(b[:], name)
		out = append(out, b[:]...)
		out = append(out, sa...)
		for pad := 16 - len(sa); pad > 0; pad-- {
			out = append(out, 0)
		}
	}
	for _, f := range n.interfaces() {
		add(f.Name, f.sockaddrDl())
		for _, p := range f.Addrs {
			add(f.Name, ifSockaddr(f, p.Addr()))
		}
	}
	return out
}
