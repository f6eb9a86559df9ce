package net

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

func rootCtx() *sys.Context {
	ctx := newCtx()
	ctx.Cred = &sys.Cred{}
	return ctx
}

// openTun makes an interface, as programs do: by the control's name.
func openTun(t *testing.T, ds *socket.Domains, unit uint32) (so *socket.Socket, name string) {
	t.Helper()
	so, e := ds.New(newCtx(), abi.AF_SYSTEM, abi.SOCK_DGRAM, 2)
	must(t, e)
	t.Cleanup(func() { so.Close(newCtx()) })
	must(t, so.Connect(rootCtx(), abi.SockaddrCtl(controlID(t, so), unit), false))
	b, e := so.Getsockopt(newCtx(), 2, 2, 16)
	must(t, e)
	return so, string(b[:len(b)-1])
}

func controlID(t *testing.T, so *socket.Socket) uint32 {
	t.Helper()
	info := make([]byte, 100)
	copy(info[4:], "com.apple.net.utun_control")
	must(t, so.Ioctl(newCtx(), 0xc0644e03, info))
	return binary.LittleEndian.Uint32(info)
}

// ifreq is a request about an interface: name, then arg.
func ifreq(so *socket.Socket, uid uint32, cmd uint64, size int, name string, arg ...[]byte) ([]byte, abi.Errno) {
	ctx := newCtx()
	ctx.Cred = &sys.Cred{UID: uid}
	b := make([]byte, 16, size)
	copy(b, name)
	for _, a := range arg {
		b = append(b, a...)
	}
	b = b[:size]
	return b, so.Ioctl(ctx, cmd, b)
}

func TestKernelControl(t *testing.T) {
	ds, n := newNet(t, Config{})
	so, e := ds.New(newCtx(), abi.AF_SYSTEM, abi.SOCK_DGRAM, 2)
	must(t, e)
	id := controlID(t, so)
	info := make([]byte, 100)
	want(t, so.Ioctl(newCtx(), abi.CTLIOCGINFO, info), abi.EINVAL)
	copy(info[4:], "com.example.nobody")
	want(t, so.Ioctl(newCtx(), abi.CTLIOCGINFO, info), abi.ENOENT)
	for i := range 96 {
		info[4+i] = 'x'
	}
	want(t, so.Ioctl(newCtx(), abi.CTLIOCGINFO, info), abi.EINVAL)
	_, e = so.Getsockopt(newCtx(), 2, 2, 16)
	want(t, e, abi.EINVAL)
	want(t, write(so, "\x00\x00\x00\x02"), abi.ENOTCONN)
	_, e = read(so, 10, abi.O_NONBLOCK)
	want(t, e, abi.ENOTCONN)
	want(t, so.Connect(rootCtx(), abi.SockaddrCtl(id, 0)[:16], false), abi.EINVAL)
	want(t, so.Connect(rootCtx(), abi.SockaddrCtl(id+7, 0), false), abi.ENOENT)
	want(t, so.Connect(newCtx(), abi.SockaddrCtl(id, 0), false), abi.EPERM)
	must(t, so.Connect(rootCtx(), abi.SockaddrCtl(id, 6), false))
	want(t, so.Connect(rootCtx(), abi.SockaddrCtl(id, 7), false), abi.EISCONN)
	peer, e := so.PeerName()
	must(t, e)
	if string(peer) != string(abi.SockaddrCtl(id, 6)) {
		t.Errorf("the peer is % x", peer)
	}
	other, e := ds.New(newCtx(), abi.AF_SYSTEM, abi.SOCK_DGRAM, 2)
	must(t, e)
	defer other.Close(newCtx())
	want(t, other.Connect(rootCtx(), abi.SockaddrCtl(id, 6), false), abi.EBUSY)
	if n.ifByName("utun5") == nil {
		t.Error("unit 6 is not utun5")
	}
	_, name := openTun(t, ds, 0)
	if name != "utun0" {
		t.Errorf("any unit is %q", name)
	}
	so.Close(newCtx())
	if n.ifByName("utun5") != nil {
		t.Error("the interface outlives its socket")
	}
	must(t, other.Connect(rootCtx(), abi.SockaddrCtl(id, 6), false))
	_, e = ds.New(newCtx(), abi.AF_SYSTEM, abi.SOCK_DGRAM, 3)
	want(t, e, abi.EPROTONOSUPPORT)

	made := 0
	for range maxUtuns + 5 {
		so, e := ds.New(newCtx(), abi.AF_SYSTEM, abi.SOCK_DGRAM, 2)
		must(t, e)
		defer so.Close(newCtx())
		if e := so.Connect(rootCtx(), abi.SockaddrCtl(id, 0), false); e == 0 {
			made++
		} else {
			want(t, e, abi.EBUSY)
		}
	}
	if made != maxUtuns-2 {
		t.Errorf("%d more were made", made)
	}
}

// TestUtun gives a tunnel addresses, and is the far end: it reads what the machine sends
// there, and answers.
func TestUtun(t *testing.T) {
	for _, outside := range []bool{false, true} {
		ds, n := newNet(t, Config{Outside: outside})
		mon := routeSocket(t, ds, 0)
		tun, name := openTun(t, ds, 0)
		if m := parseRIB(t, rtRead(t, mon)); m[0].typ != abi.RTM_IFINFO {
			t.Errorf("told: %+v", m[0])
		}
		ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
		alias := [][]byte{in4("10.9.0.1"), in4("10.9.0.2"), in4("255.255.255.0")}
		_, e := ifreq(ctl, 501, abi.SIOCAIFADDR, 64, name, alias...)
		want(t, e, abi.EPERM)
		_, e = ifreq(ctl, 0, abi.SIOCAIFADDR, 64, "utun9", alias...)
		want(t, e, abi.ENXIO)
		_, e = ifreq(ctl, 0, abi.SIOCAIFADDR, 64, name, in4("10.9.0.1"))
		want(t, e, abi.EDESTADDRREQ)
		_, e = ifreq(ctl, 0, abi.SIOCAIFADDR, 64, name, in4("224.0.0.9"), in4("10.9.0.2"))
		want(t, e, abi.EINVAL)
		_, e = ifreq(ctl, 0, abi.SIOCAIFADDR, 64, name, alias...)
		must(t, e)
		if m := parseRIB(t, rtRead(t, mon)); m[0].typ != abi.RTM_ADD {
			t.Errorf("told of the route: %+v", m[0])
		}
		if m := parseRIB(t, rtRead(t, mon)); m[0].typ != abi.RTM_NEWADDR {
			t.Errorf("told of the address: %+v", m[0])
		}
		b, e := ifreq(ctl, 501, abi.SIOCGIFDSTADDR, 32, name)
		must(t, e)
		if string(b[16:]) != string(in4("10.9.0.2")) {
			t.Errorf("the far end is % x", b[16:])
		}
		b, e = ifreq(ctl, 501, abi.SIOCGIFFLAGS, 32, name)
		must(t, e)
		if f := binary.LittleEndian.Uint16(b[16:]); f != abi.IFF_UP|abi.IFF_POINTOPOINT|abi.IFF_RUNNING|abi.IFF_MULTICAST {
			t.Errorf("flags %#x", f)
		}

		udp := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
		far := in4("10.9.0.2")
		binary.BigEndian.PutUint16(far[2:], 53)
		must(t, udp.Connect(newCtx(), far, false))
		must(t, write(udp, "query"))
		p, e := read(tun, 2000, 0)
		must(t, e)
		ip := header.IPv4(p[4:])
		if p[:4] != "\x00\x00\x00\x02" || ip.SourceAddress().String() != "10.9.0.1" || ip.DestinationAddress().String() != "10.9.0.2" ||
			string(header.UDP(ip.Payload()).Payload()) != "query" {
			t.Fatalf("the tunnel has % x", p)
		}
		// The answer, with the ends changed: their sum stays.
		r := []byte(p)
		copy(r[16:20], p[20:24])
		copy(r[20:24], p[16:20])
		copy(r[24:26], p[26:28])
		copy(r[26:28], p[24:26])
		must(t, write(tun, string(r)))
		s, e := read(udp, 100, 0)
		must(t, e)
		if s != "query" {
			t.Errorf("the answer is %q", s)
		}
		// Nonsense is dropped.
		for _, junk := range []string{"", "\x00", "\x00\x00\x00\x02", "\x00\x00\x00\x02\x45", "\x00\x00\x00\x63" + p[4:], "\x00\x00\x00\x1e" + p[4:]} {
			must(t, write(tun, junk))
		}
		// A ping from the far end is answered.
		must(t, write(tun, ping4("10.9.0.2", "10.9.0.1")))
		p, e = read(tun, 2000, 0)
		must(t, e)
		if h := header.IPv4(p[4:]); h.DestinationAddress().String() != "10.9.0.2" || header.ICMPv4(h.Payload()).Type() != header.ICMPv4EchoReply {
			t.Errorf("a ping's answer is % x", p)
		}
		// A network behind it.
		must(t, rtWrite(routeSocket(t, ds, 0), 0, rtmsg(abi.RTM_ADD, abi.RTF_UP, abi.RTA_DST|abi.RTA_GATEWAY|abi.RTA_NETMASK,
			in4("192.0.2.0"), abi.SockaddrDl(n.ifByName(name).Index, abi.IFT_OTHER, "", nil), in4("255.255.255.0"))))
		behind := in4("192.0.2.77")
		binary.BigEndian.PutUint16(behind[2:], 53)
		udp2 := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
		must(t, udp2.Connect(newCtx(), behind, false))
		must(t, write(udp2, "far"))
		p, e = read(tun, 2000, 0)
		must(t, e)
		if h := header.IPv4(p[4:]); h.SourceAddress().String() != "10.9.0.1" || h.DestinationAddress().String() != "192.0.2.77" {
			t.Errorf("to the network behind: % x", p)
		}
		// Down, nothing goes there.
		_, e = ifreq(ctl, 0, abi.SIOCSIFFLAGS, 32, name, []byte{0, 0})
		must(t, e)
		if write(udp2, "lost") == 0 {
			t.Error("sent by an interface that is down")
		}
		if _, e := read(tun, 2000, abi.O_NONBLOCK); e != abi.EAGAIN {
			t.Errorf("an interface that is down: %s", e.Name())
		}
		_, e = ifreq(ctl, 0, abi.SIOCSIFFLAGS, 32, name, []byte{1, 0})
		must(t, e)
		eventually(t, "up again", func() bool { return write(udp2, "back") == 0 })
		if _, e := read(tun, 2000, 0); e != 0 {
			t.Errorf("up again: %s", e.Name())
		}

		tun.Close(newCtx())
		for _, r := range n.table() {
			if r.ifp.Name == name {
				t.Errorf("a route stayed: %v", r.dst)
			}
		}
		if n.ifByName(name) != nil {
			t.Error("it stayed")
		}
	}
}

func ping4(src, dst string) string {
	b := make([]byte, 4+20+8)
	b[3] = abi.AF_INET
	ip := header.IPv4(b[4:])
	ip.Encode(&header.IPv4Fields{TotalLength: 28, TTL: 64, Protocol: uint8(header.ICMPv4ProtocolNumber),
		SrcAddr: toAddr(netip.MustParseAddr(src)), DstAddr: toAddr(netip.MustParseAddr(dst))})
	ip.SetChecksum(^ip.CalculateChecksum())
	icmp := header.ICMPv4(ip[20:])
	icmp.SetType(header.ICMPv4Echo)
	icmp.SetChecksum(^checksum.Checksum(icmp, 0))
	return string(b)
}

// TestUtunFull: what nobody reads is bounded, and lost.
func TestUtunFull(t *testing.T) {
	ds, _ := newNet(t, Config{})
	tun, name := openTun(t, ds, 0)
	ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	_, e := ifreq(ctl, 0, abi.SIOCAIFADDR, 64, name, in4("10.9.0.1"), in4("10.9.0.2"))
	must(t, e)
	_, e = ifreq(ctl, 0, abi.SIOCSIFMTU, 32, name, i32(71))
	want(t, e, abi.EINVAL)
	_, e = ifreq(ctl, 0, abi.SIOCSIFMTU, 32, "lo0", i32(1500))
	want(t, e, abi.EOPNOTSUPP)
	_, e = ifreq(ctl, 0, abi.SIOCSIFMTU, 32, name, i32(9000))
	must(t, e)
	b, e := ifreq(ctl, 0, abi.SIOCGIFMTU, 32, name)
	must(t, e)
	if mtu := binary.LittleEndian.Uint32(b[16:]); mtu != 9000 {
		t.Errorf("mtu %d", mtu)
	}
	udp := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	far := in4("10.9.0.2")
	binary.BigEndian.PutUint16(far[2:], 9)
	must(t, udp.Connect(newCtx(), far, false))
	big := string(make([]byte, 8000))
	for range 200 {
		write(udp, big)
	}
	total, most := 0, 0
	for {
		p, e := read(tun, 10000, abi.O_NONBLOCK)
		if e == abi.EAGAIN {
			break
		}
		must(t, e)
		total += len(p)
		most = max(most, len(p))
	}
	if total == 0 || total > utunSpace || most != 4+20+8+8000 {
		t.Errorf("%d bytes waited, the longest packet had %d", total, most)
	}
}

// TestAliases: addresses of the loopback and of IPv6, and who hears of them.
func TestAliases(t *testing.T) {
	for _, late := range []bool{false, true} { // before the stack runs, or after
		ds, n := newNet(t, Config{})
		ev, e := ds.New(newCtx(), abi.AF_SYSTEM, abi.SOCK_RAW, 1)
		must(t, e)
		defer ev.Close(newCtx())
		if late {
			n.Start()
		}
		ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
		bindTo := func(family int, sa []byte) abi.Errno {
			so := open(t, ds, family, abi.SOCK_DGRAM)
			defer so.Close(newCtx())
			return so.Bind(newCtx(), sa)
		}
		want(t, bindTo(abi.AF_INET, in4("192.168.99.1")), abi.EADDRNOTAVAIL)
		_, e = ifreq(ctl, 0, abi.SIOCAIFADDR, 64, "lo0", in4("192.168.99.1"), make([]byte, 16), in4("255.255.255.0"))
		must(t, e)
		if s, e := read(ev, 200, abi.O_NONBLOCK); e != abi.EAGAIN {
			t.Errorf("an event that nobody asked for: %q %s", s, e.Name())
		}
		must(t, bindTo(abi.AF_INET, in4("192.168.99.1")))
		want(t, bindTo(abi.AF_INET, in4("192.168.99.2")), abi.EADDRNOTAVAIL)
		must(t, bindTo(abi.AF_INET, in4("127.0.0.1")))
		r, ok := n.lookupRoute(netip.MustParseAddr("192.168.99.1"), nil, 0)
		if !ok || r.ifp.Name != "lo0" || r.flags&abi.RTF_HOST == 0 {
			t.Errorf("its route is %+v", r)
		}

		filter := make([]byte, 12)
		copy(filter, "\x01\x00\x00\x00\x01\x00\x00\x00") // Apple, the network, any
		must(t, ev.Ioctl(newCtx(), abi.SIOCSKEVFILT, filter))
		v6 := func(s string) []byte { return abi.SockaddrIn6(netip.MustParseAddr(s).As16(), 0, 0) }
		life := make([]byte, 4+24)
		_, e = ifreq(ctl, 0, abi.SIOCAIFADDR_IN6, 128, "lo0", v6("fd00::1"), make([]byte, 28), v6("ffff:ffff:ffff:ffff::"), life)
		must(t, e)
		must(t, bindTo(abi.AF_INET6, v6("fd00::1")))
		s, e := read(ev, 200, abi.O_NONBLOCK)
		must(t, e)
		msg := []byte(s)
		le := binary.LittleEndian
		if int(le.Uint32(msg)) != len(msg) || le.Uint32(msg[12:]) != abi.KEV_INET6_SUBCLASS || le.Uint32(msg[20:]) != abi.KEV_INET6_NEW_USER_ADDR ||
			string(msg[24+8:24+11]) != "lo\x00" || le.Uint32(msg[24+4:]) != 0 || string(msg[48:76]) != string(v6("fd00::1")) {
			t.Errorf("the event is % x", msg)
		}
		var id [4]byte
		must(t, ev.Ioctl(newCtx(), abi.SIOCGKEVID, id[:]))
		if string(id[:]) != s[16:20] {
			t.Errorf("the last event is % x, not % x", id, s[16:20])
		}
		_, e = ifreq(ctl, 0, abi.SIOCDIFADDR_IN6, 288, "lo0", v6("fd00::1"))
		must(t, e)
		want(t, bindTo(abi.AF_INET6, v6("fd00::1")), abi.EADDRNOTAVAIL)
		_, e = ifreq(ctl, 0, abi.SIOCDIFADDR, 32, "lo0", in4("192.168.99.1"))
		must(t, e)
		want(t, bindTo(abi.AF_INET, in4("192.168.99.1")), abi.EADDRNOTAVAIL)
		_, e = ifreq(ctl, 0, abi.SIOCDIFADDR, 32, "lo0", in4("192.168.99.1"))
		want(t, e, abi.EADDRNOTAVAIL)

		// They are bounded.
		made := 0
		for i := range maxAddrs + 10 {
			a := netip.AddrFrom4([4]byte{172, 16, byte(i >> 8), byte(i)})
			if _, e := ifreq(ctl, 0, abi.SIOCAIFADDR, 64, "lo0", abi.SockaddrIn(a.As4(), 0)); e == 0 {
				made++
			} else {
				want(t, e, abi.ENOBUFS)
			}
		}
		if made != maxAddrs-3 {
			t.Errorf("%d addresses were given", made)
		}
	}
}

// TestAliasRoutes: the route to a net stays until the last address in it goes, and one that somebody
// else has made stays.
func TestAliasRoutes(t *testing.T) {
	ds, n := newNet(t, Config{Outside: true})
	ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	alias := func(cmd uint64, size int, a string) {
		t.Helper()
		_, e := ifreq(ctl, 0, cmd, size, "en0", in4(a), make([]byte, 16), in4("255.255.255.0"))
		must(t, e)
	}
	add := func(a string) { t.Helper(); alias(abi.SIOCAIFADDR, 64, a) }
	del := func(a string) { t.Helper(); alias(abi.SIOCDIFADDR, 32, a) }
	dst := netip.MustParsePrefix("192.168.99.0/24")
	there := func() bool {
		_, ok := n.lookupRoute(dst.Addr(), &dst, 0)
		return ok
	}
	for _, first := range []string{"192.168.99.1", "192.168.99.2"} {
		add("192.168.99.1")
		add("192.168.99.2")
		second := map[string]string{"192.168.99.1": "192.168.99.2", "192.168.99.2": "192.168.99.1"}[first]
		if del(first); !there() {
			t.Errorf("%s has taken the other's route", first)
		}
		if del(second); there() {
			t.Errorf("%s has left its route", second)
		}
	}
	must(t, n.addRoute(route{dst: dst, ifp: n.ifByName("en0"), flags: abi.RTF_UP}))
	add("192.168.99.1")
	if del("192.168.99.1"); !there() {
		t.Error("another's route is gone")
	}
}

// TestFirstAddress: the older ioctls mean the interface's first address, also beside an alias when
// it has been replaced, and its far end stays.
func TestFirstAddress(t *testing.T) {
	ds, n := newNet(t, Config{})
	_, name := openTun(t, ds, 0)
	ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	set := func(cmd uint64, size int, arg ...[]byte) {
		t.Helper()
		_, e := ifreq(ctl, 0, cmd, size, name, arg...)
		must(t, e)
	}
	set(abi.SIOCAIFADDR, 64, in4("10.9.0.1"), in4("10.9.0.2"), in4("255.255.255.0"))
	set(abi.SIOCAIFADDR, 64, in4("10.8.0.1"), in4("10.8.0.2"), in4("255.255.255.0"))
	set(abi.SIOCSIFADDR, 32, in4("172.16.0.1"))
	set(abi.SIOCSIFNETMASK, 32, in4("255.255.255.252"))
	f := n.ifByName(name)
	if got, want := fmt.Sprint(f.Addrs), "[172.16.0.1/30 10.8.0.1/24]"; got != want {
		t.Errorf("addresses %s, want %s", got, want)
	}
	for a, want := range map[string]string{"172.16.0.1": "10.9.0.2", "10.8.0.1": "10.8.0.2"} {
		if got := f.Peers[netip.MustParseAddr(a)].String(); got != want {
			t.Errorf("the far end of %s is %s, want %s", a, got, want)
		}
	}
}

// TestFirstAddressOwn: an address that the interface has already, the first or an alias, stays as it is.
func TestFirstAddressOwn(t *testing.T) {
	ds, n := newNet(t, Config{})
	_, name := openTun(t, ds, 0)
	ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	for _, a := range []string{"10.9.0", "10.8.0", "10.7.0"} {
		_, e := ifreq(ctl, 0, abi.SIOCAIFADDR, 64, name, in4(a+".1"), in4(a+".2"), in4("255.255.255.0"))
		must(t, e)
	}
	was := n.ifByName(name)
	for _, a := range []string{"10.7.0.1", "10.8.0.1", "10.9.0.1"} {
		_, e := ifreq(ctl, 0, abi.SIOCSIFADDR, 32, name, in4(a))
		must(t, e)
		f := n.ifByName(name)
		if fmt.Sprint(f.Addrs, f.Peers) != fmt.Sprint(was.Addrs, was.Peers) {
			t.Errorf("%s: %v %v, were %v %v", a, f.Addrs, f.Peers, was.Addrs, was.Peers)
		}
	}
}

// TestDetachRoute: the route of an interface that goes comes again by another's address.
func TestDetachRoute(t *testing.T) {
	ds, n := newNet(t, Config{})
	ctl := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	var tuns [2]*socket.Socket
	var names [2]string
	for i, own := range []string{"10.9.0.1", "10.8.0.1"} {
		tuns[i], names[i] = openTun(t, ds, 0)
		_, e := ifreq(ctl, 0, abi.SIOCAIFADDR, 64, names[i], in4(own), in4("10.9.0.2"), in4("255.255.255.0"))
		must(t, e)
	}
	by := func() (ifs []string) {
		for _, r := range n.table() {
			if r.dst == netip.MustParsePrefix("10.9.0.2/32") {
				ifs = append(ifs, r.ifp.Name)
			}
		}
		return ifs
	}
	if got := by(); !slices.Equal(got, names[:1]) {
		t.Fatalf("the route is by %v, want %v", got, names[:1])
	}
	tuns[0].Close(newCtx())
	if got := by(); !slices.Equal(got, names[1:]) {
		t.Errorf("the route is by %v, want %v", got, names[1:])
	}
}
