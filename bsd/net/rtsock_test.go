package net

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// rtmsg makes a request by the rules of <net/route.h>.
func rtmsg(typ byte, flags, addrs uint32, sas ...[]byte) []byte {
	le := binary.LittleEndian
	b := make([]byte, 92)
	for _, sa := range sas {
		b = append(b, sa...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	le.PutUint16(b, uint16(len(b)))
	b[2], b[3] = 5, typ
	le.PutUint32(b[8:], flags)
	le.PutUint32(b[12:], addrs)
	le.PutUint32(b[20:], 77) // rtm_seq
	return b
}

func in4(s string) []byte { return abi.SockaddrIn(netip.MustParseAddr(s).As4(), 0) }

func routeSocket(t *testing.T, ds *socket.Domains, proto int) *socket.Socket {
	t.Helper()
	so, e := ds.New(newCtx(), abi.AF_ROUTE, abi.SOCK_RAW, proto)
	must(t, e)
	t.Cleanup(func() { so.Close(newCtx()) })
	return so
}

func rtWrite(so *socket.Socket, uid uint32, b []byte) abi.Errno {
	ctx := newCtx()
	ctx.Cred = &sys.Cred{UID: uid}
	u := sys.NewUio(b)
	e := so.Write(ctx, u, 0)
	if e != 0 && u.Resid != int64(len(b)) {
		return abi.EDOM // a call that moved something gives no error
	}
	return e
}

// rtRead takes one message that is there already; nil if there is none.
func rtRead(t *testing.T, so *socket.Socket) []byte {
	t.Helper()
	s, e := read(so, 2048, abi.O_NONBLOCK)
	if e == abi.EAGAIN {
		return nil
	}
	must(t, e)
	return []byte(s)
}

func TestRouteGet(t *testing.T) {
	ds, n := newNet(t, Config{Outside: true})
	so, other := routeSocket(t, ds, 0), routeSocket(t, ds, 0)
	six := routeSocket(t, ds, abi.AF_INET6)
	for _, c := range []struct {
		dst, gw, ifa string
		index        uint16
		host         bool
	}{
		{"127.0.0.1", "127.0.0.1", "127.0.0.1", 1, true},
		{"127.0.0.9", "127.0.0.1", "127.0.0.1", 1, false},
		{"10.0.2.77", "", "10.0.2.15", 2, false},
		{"192.0.2.1", "10.0.2.2", "10.0.2.15", 2, false},
	} {
		must(t, rtWrite(so, 501, rtmsg(abi.RTM_GET, 0, abi.RTA_DST|abi.RTA_IFP|abi.RTA_IFA, in4(c.dst))))
		b := rtRead(t, so)
		if !bytes.Equal(rtRead(t, other), b) {
			t.Errorf("%s: another routing socket got something else", c.dst)
		}
		le := binary.LittleEndian
		if pid, seq, errno := le.Uint32(b[16:]), le.Uint32(b[20:]), le.Uint32(b[24:]); pid != 7 || seq != 77 || errno != 0 {
			t.Errorf("%s: pid %d, seq %d, errno %d", c.dst, pid, seq, errno)
		}
		if flags := le.Uint32(b[8:]); flags&abi.RTF_DONE == 0 || flags&abi.RTF_UP == 0 || (flags&abi.RTF_HOST != 0) != c.host {
			t.Errorf("%s: flags %#x", c.dst, flags)
		}
		m := parseRIB(t, b)[0]
		if m.index != c.index || m.sas[4][1] != abi.AF_LINK || !bytes.Equal(m.sas[5], in4(c.ifa)) {
			t.Errorf("%s: interface %d, ifp % x, ifa % x", c.dst, m.index, m.sas[4], m.sas[5])
		}
		if c.gw == "" && m.sas[1][1] != abi.AF_LINK || c.gw != "" && !bytes.Equal(m.sas[1], in4(c.gw)) {
			t.Errorf("%s: gateway % x", c.dst, m.sas[1])
		}
	}
	if b := rtRead(t, six); b != nil {
		t.Errorf("a socket for IPv6 got % x", b)
	}
	// The network's own row is asked for with its mask, shortened as it may be.
	must(t, rtWrite(so, 501, rtmsg(abi.RTM_GET, 0, abi.RTA_DST|abi.RTA_NETMASK, in4("0.0.0.0"), []byte{0, 0, 0, 0})))
	if m := parseRIB(t, rtRead(t, so))[0]; !bytes.Equal(m.sas[1], in4("10.0.2.2")) {
		t.Errorf("default: gateway % x", m.sas[1])
	}
	must(t, rtWrite(so, 501, rtmsg(abi.RTM_GET_SILENT, 0, abi.RTA_DST, in4("127.0.0.1"))))
	for rtRead(t, other) != nil {
	}
	must(t, rtWrite(so, 501, rtmsg(abi.RTM_GET_SILENT, 0, abi.RTA_DST, in4("127.0.0.1"))))
	if rtRead(t, so) == nil || rtRead(t, other) != nil {
		t.Error("a silent answer goes to who asked, and to nobody else")
	}
	if n.Started() {
		t.Error("routing sockets start the stack")
	}
}

func TestRouteErrors(t *testing.T) {
	ds, _ := newNet(t, Config{Outside: true})
	so := routeSocket(t, ds, 0)
	get := rtmsg(abi.RTM_GET, 0, abi.RTA_DST, in4("10.0.2.9"))
	mod := func(f func(b []byte)) []byte { b := bytes.Clone(get); f(b); return b }
	for _, c := range []struct {
		name string
		uid  uint32
		b    []byte
		want abi.Errno
	}{
		{"nothing", 0, nil, abi.ENOBUFS},
		{"a piece", 0, get[:20], abi.EINVAL},
		{"a length that lies", 0, mod(func(b []byte) { b[0]++ }), abi.EINVAL},
		{"another version", 0, mod(func(b []byte) { b[2] = 4 }), abi.EPROTONOSUPPORT},
		{"a user who adds", 501, rtmsg(abi.RTM_ADD, 0, abi.RTA_DST, in4("10.9.0.1")), abi.EPERM},
		{"another type", 0, mod(func(b []byte) { b[3] = 99 }), abi.EOPNOTSUPP},
		{"no destination", 0, rtmsg(abi.RTM_GET, 0, 0), abi.EINVAL},
		{"an address beyond the end", 0, mod(func(b []byte) { b[92] = 40 }), abi.EINVAL},
		{"an address of one byte", 0, mod(func(b []byte) { b[92] = 1 }), abi.EINVAL},
		{"another family", 0, mod(func(b []byte) { b[93] = abi.AF_UNIX }), abi.EAFNOSUPPORT},
		{"a mask with holes", 0, rtmsg(abi.RTM_GET, 0, abi.RTA_DST|abi.RTA_NETMASK, in4("10.0.2.0"), in4("255.0.255.0")), abi.EINVAL},
		{"no such network", 0, rtmsg(abi.RTM_GET, 0, abi.RTA_DST|abi.RTA_NETMASK, in4("10.0.0.0"), in4("255.0.0.0")), abi.ESRCH},
		{"a gateway out of reach", 0, rtmsg(abi.RTM_ADD, 0, abi.RTA_DST|abi.RTA_GATEWAY, in4("10.9.0.1"), in4("172.16.0.1")), abi.ENETUNREACH},
		{"a row that is there", 0, rtmsg(abi.RTM_ADD, 0, abi.RTA_DST|abi.RTA_GATEWAY|abi.RTA_NETMASK,
			in4("0.0.0.0"), in4("10.0.2.2"), []byte{0, 0, 0, 0}), abi.EEXIST},
		{"a row that is not there", 0, rtmsg(abi.RTM_DELETE, 0, abi.RTA_DST, in4("10.9.0.1")), abi.ESRCH},
		{"a route that rejects", 0, rtmsg(abi.RTM_ADD, abi.RTF_REJECT, abi.RTA_DST|abi.RTA_GATEWAY, in4("10.9.0.1"), in4("127.0.0.1")), abi.EOPNOTSUPP},
	} {
		if e := rtWrite(so, c.uid, c.b); e != c.want {
			t.Errorf("%s: %s, want %s", c.name, e.Name(), c.want.Name())
		}
		if b := rtRead(t, so); b != nil && binary.LittleEndian.Uint32(b[24:]) != uint32(c.want) {
			t.Errorf("%s: the answer says errno %d", c.name, b[24])
		}
	}
	want(t, so.Bind(newCtx(), in4("127.0.0.1")), abi.EINVAL)
	want(t, so.Connect(newCtx(), in4("127.0.0.1"), false), abi.EINVAL)
}

// TestRouteChanges is root's side of it, and what it does to packets.
func TestRouteChanges(t *testing.T) {
	ds, n := newNet(t, Config{Outside: true})
	so := routeSocket(t, ds, 0)
	n.Start()
	nic := func(dst string) int {
		r, err := n.stack.FindRoute(0, toAddr(guestAddr.Addr()), toAddr(netip.MustParseAddr(dst)), protocolOf(guestAddr.Addr()), false)
		if err != nil {
			return 0
		}
		defer r.Release()
		return int(r.OutgoingNIC())
	}
	if nic("192.0.2.1") != en0 {
		t.Fatal("no default route")
	}
	all := abi.RTA_DST | abi.RTA_GATEWAY | abi.RTA_NETMASK
	must(t, rtWrite(so, 0, rtmsg(abi.RTM_DELETE, 0, uint32(abi.RTA_DST|abi.RTA_NETMASK), in4("0.0.0.0"), []byte{0, 0, 0, 0})))
	if b := rtRead(t, so); !bytes.Equal(parseGone(t, b), in4("10.0.2.2")) {
		t.Errorf("what was deleted: % x", b)
	}
	if nic("192.0.2.1") != 0 {
		t.Error("the default route is gone, and packets go")
	}
	must(t, rtWrite(so, 0, rtmsg(abi.RTM_ADD, abi.RTF_STATIC, uint32(all), in4("192.0.2.0"), in4("10.0.2.9"), in4("255.255.255.0"))))
	if nic("192.0.2.1") != en0 || nic("198.51.100.1") != 0 {
		t.Error("packets don't go by the route that was added")
	}
	must(t, rtWrite(so, 0, rtmsg(abi.RTM_CHANGE, 0, uint32(all), in4("192.0.2.0"), in4("10.0.2.8"), in4("255.255.255.0"))))
	r, ok := n.lookupRoute(netip.MustParseAddr("192.0.2.200"), nil, 0)
	if !ok || r.gw != netip.MustParseAddr("10.0.2.8") {
		t.Errorf("after the change: %v", r)
	}
	must(t, rtWrite(so, 0, rtmsg(abi.RTM_ADD, 0, uint32(all), in4("0.0.0.0"), in4("10.0.2.2"), []byte{0, 0, 0, 0})))
	if nic("198.51.100.1") != en0 {
		t.Error("the default route is not back")
	}
}

// parseGone gives the gateway of a report of RTM_DELETE.
func parseGone(t *testing.T, b []byte) []byte {
	t.Helper()
	b[3] = abi.RTM_GET // of the same form
	return parseRIB(t, b)[0].sas[1]
}

// TestRouteMonitor: who listens is told when a group is joined first and left
// last, the queue is bounded, and the end of the socket wakes its reader.
func TestRouteMonitor(t *testing.T) {
	ds, _ := newNet(t, Config{})
	mon := routeSocket(t, ds, 0)
	group := append([]byte{224, 0, 0, 251}, 127, 0, 0, 1)
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	for _, so := range []*socket.Socket{a, b} {
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, group))
	}
	m := rtRead(t, mon)
	if len(m) < 16 || m[3] != abi.RTM_NEWMADDR || m[12] != 1 || !bytes.Contains(m, group[:4]) {
		t.Fatalf("joined: % x", m)
	}
	a.Close(newCtx())
	if m := rtRead(t, mon); m != nil {
		t.Fatalf("one of two has left: % x", m)
	}
	must(t, b.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_DROP_MEMBERSHIP, group))
	if m := rtRead(t, mon); len(m) < 16 || m[3] != abi.RTM_DELMADDR {
		t.Fatalf("left: % x", m)
	}
	quiet := routeSocket(t, ds, 0)
	must(t, quiet.Setsockopt(newCtx(), abi.SOL_SOCKET, abi.SO_USELOOPBACK, i32(0)))
	for range 1000 {
		must(t, rtWrite(quiet, 501, rtmsg(abi.RTM_GET, 0, abi.RTA_DST, in4("127.0.0.1"))))
	}
	if rtRead(t, quiet) != nil {
		t.Error("a socket that does not want its own messages got one")
	}
	got := 0
	for b := rtRead(t, mon); b != nil; b = rtRead(t, mon) {
		got += len(b)
	}
	if got == 0 || got > rtSpace {
		t.Errorf("%d bytes were queued", got)
	}
	done := make(chan abi.Errno)
	go func() {
		_, e := read(mon, 100, 0)
		done <- e
	}()
	must(t, mon.Shutdown(newCtx(), abi.SHUT_RDWR))
	if e := <-done; e != 0 {
		t.Errorf("the reader of a socket that was shut down: %s", e.Name())
	}
}

func FuzzRouteRequest(f *testing.F) {
	f.Add(rtmsg(abi.RTM_GET, 0, 0x37, in4("10.0.2.9"), in4("10.0.2.2"), in4("255.0.0.0")))
	f.Add(rtmsg(abi.RTM_ADD, abi.RTF_IFSCOPE, 7, abi.SockaddrIn6([16]byte{0xfe, 0x80}, 0, 1), abi.SockaddrDl(1, 6, "en0", nil)))
	ds := socket.NewDomains()
	n, e := New(ds, Config{Outside: true})
	if e != 0 {
		f.Fatal(e)
	}
	so, e := ds.New(newCtx(), abi.AF_ROUTE, abi.SOCK_RAW, 0)
	if e != 0 {
		f.Fatal(e)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rtWrite(so, 0, b)
		for rtRead(t, so) != nil {
		}
		if got := len(n.table()); got > maxRoutes {
			t.Fatalf("%d rows", got)
		}
	})
}
