//go:build darwin

package main

import (
	"encoding/binary"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// What ifconfig, netstat and route know: routing messages taken apart
// (<net/route.h>, <net/if.h>).

// rtm is one routing message.
type rtm struct {
	typ   byte
	index int
	flags uint32
	body  []byte // the header
	sa    [8][]byte
}

// rtmHeaders gives the size of each message's header, and where its addresses'
// bits, its flags and its interface are.
var rtmHeaders = map[byte]struct{ size, addrs, flags, index int }{
	unix.RTM_GET: {92, 12, 8, 4}, unix.RTM_GET2: {92, 12, 8, 4}, unix.RTM_ADD: {92, 12, 8, 4},
	unix.RTM_DELETE: {92, 12, 8, 4}, unix.RTM_CHANGE: {92, 12, 8, 4},
	unix.RTM_IFINFO2: {160, 4, 8, 12}, unix.RTM_NEWADDR: {20, 4, 8, 12},
}

func parseRTM(b []byte) (l []rtm) {
	le := binary.LittleEndian
	for len(b) >= 4 {
		n := int(le.Uint16(b))
		if n < 4 || n > len(b) {
			break
		}
		h, ok := rtmHeaders[b[3]]
		if ok && n >= h.size {
			m := rtm{typ: b[3], body: b[:h.size], flags: le.Uint32(b[h.flags:]), index: int(le.Uint16(b[h.index:]))}
			rest := b[h.size:n]
			for i := range m.sa {
				if le.Uint32(b[h.addrs:])&(1<<i) == 0 || len(rest) == 0 {
					continue
				}
				size := int(rest[0])
				m.sa[i] = rest[:min(size, len(rest))]
				rest = rest[min(max((size+3)&^3, 4), len(rest)):]
			}
			l = append(l, m)
		}
		b = b[n:]
	}
	return l
}

// addrOf is the address in a sockaddr, with its interface where it has one.
func addrOf(sa []byte) netip.Addr {
	switch {
	case len(sa) >= 8 && sa[1] == unix.AF_INET:
		return netip.AddrFrom4([4]byte(sa[4:8]))
	case len(sa) >= 24 && sa[1] == unix.AF_INET6:
		a := [16]byte(sa[8:24])
		if netip.AddrFrom16(a).IsLinkLocalUnicast() || netip.AddrFrom16(a).IsLinkLocalMulticast() {
			zone := int(a[2])<<8 | int(a[3])
			a[2], a[3] = 0, 0
			if zone != 0 {
				return netip.AddrFrom16(a).WithZone(ifName(zone))
			}
		}
		return netip.AddrFrom16(a)
	}
	return netip.Addr{}
}

// bitsOf is the length of a mask.
func bitsOf(sa []byte, v4 bool) (n int) {
	at := 8
	if v4 {
		at = 4
	}
	for _, b := range sa[min(at, len(sa)):] {
		for ; b&0x80 != 0; b <<= 1 {
			n++
		}
	}
	return min(n, map[bool]int{true: 32, false: 128}[v4])
}

// linkOf gives the name and the address of a sockaddr_dl.
func linkOf(sa []byte) (name string, addr []byte) {
	if len(sa) < 8 || sa[1] != unix.AF_LINK || len(sa) < 8+int(sa[5])+int(sa[6]) {
		return "", nil
	}
	return string(sa[8 : 8+sa[5]]), sa[8+sa[5]:][:sa[6]]
}

// iface is an interface and its addresses.
type iface struct {
	name  string
	index int
	flags uint32
	mtu   uint32
	ether []byte
	data  []byte // struct if_data64
	addrs []ifaddr
}

type ifaddr struct {
	addr, brd netip.Addr
	bits      int
}

// counter is a 64-bit field of struct if_data64.
func (f *iface) counter(off int) uint64 { return binary.LittleEndian.Uint64(f.data[off:]) }

var ifaces []*iface

func interfaces() ([]*iface, error) {
	if ifaces != nil {
		return ifaces, nil
	}
	raw, err := syscall.RouteRIB(syscall.NET_RT_IFLIST2, 0)
	if err != nil {
		return nil, err
	}
	var l []*iface
	for _, m := range parseRTM(raw) {
		if m.typ == unix.RTM_IFINFO2 {
			f := &iface{index: m.index, flags: m.flags, data: m.body[32:]}
			f.name, f.ether = linkOf(m.sa[unix.RTAX_IFP])
			f.mtu = binary.LittleEndian.Uint32(f.data[8:])
			l = append(l, f)
			ifaces = l
		}
	}
	for _, m := range parseRTM(raw) {
		if m.typ != unix.RTM_NEWADDR {
			continue
		}
		for _, f := range l {
			if a := addrOf(m.sa[unix.RTAX_IFA]); f.index == m.index && a.IsValid() {
				f.addrs = append(f.addrs, ifaddr{a, addrOf(m.sa[unix.RTAX_BRD]), bitsOf(m.sa[unix.RTAX_NETMASK], a.Is4())})
			}
		}
	}
	return l, nil
}

func ifName(index int) string {
	l, _ := interfaces()
	for _, f := range l {
		if f.index == index {
			return f.name
		}
	}
	return ""
}
