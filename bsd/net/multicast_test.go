package net

import (
	"net/netip"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

func TestMulticast(t *testing.T) {
	ds, n := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	mreq := []byte{224, 0, 0, 254, 127, 0, 0, 1}
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, mreq))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, mreq), abi.EADDRINUSE)
	has := func() bool {
		_, ok := n.groups.groups(lo0)[netip.MustParseAddr("224.0.0.254")]
		return ok
	}
	if !has() {
		t.Error("the group is not listed")
	}
	so.Close(newCtx())
	if has() {
		t.Error("the group outlives its socket")
	}
}

// TestMulticastListener does what a program does that listens to a group on the
// loopback, twice, and what it sends to the group arrives.
func TestMulticastListener(t *testing.T) {
	ds, _ := newNet(t, Config{Outside: true})
	group := netip.MustParseAddr("224.0.0.254")
	listen := func() *socket.Socket {
		so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
		for _, name := range []int{abi.SO_BROADCAST, abi.SO_REUSEADDR, abi.SO_REUSEPORT} {
			must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, name, i32(1)))
		}
		must(t, so.Bind(newCtx(), abi.SockaddrIn([4]byte{}, 12345)))
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_IF, []byte{127, 0, 0, 1}))
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, []byte{1}))
		must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, []byte{224, 0, 0, 254, 127, 0, 0, 1}))
		return so
	}
	a, b := listen(), listen()
	must(t, a.Sendmsg(newCtx(), &socket.Msg{Name: abi.SockaddrIn(group.As4(), 12345), Uio: sys.NewUio([]byte("all"))}, false))
	for _, so := range []*socket.Socket{a, b} {
		if got, e := read(so, 9, 0); e != 0 || got != "all" {
			t.Errorf("%q %s", got, e.Name())
		}
	}
	for _, g := range []string{"ff01::114", "ff02::114", "ff05::114", "ff0e::114"} {
		for range 2 {
			so := open(t, ds, abi.AF_INET6, abi.SOCK_DGRAM)
			for _, name := range []int{abi.SO_BROADCAST, abi.SO_REUSEADDR, abi.SO_REUSEPORT} {
				must(t, so.Setsockopt(newCtx(), abi.SOL_SOCKET, name, i32(1)))
			}
			must(t, so.Bind(newCtx(), abi.SockaddrIn6([16]byte{}, 12345, 0)))
			must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_IF, i32(lo0)))
			must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_MULTICAST_LOOP, i32(0)))
			x := netip.MustParseAddr(g).As16()
			must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_JOIN_GROUP, append(x[:], i32(lo0)...)))
		}
	}
}

// TestGroupReq joins by MCAST_JOIN_GROUP, as x/net does, and what is sent to the
// group arrives; then it leaves, and nothing does.
func TestGroupReq(t *testing.T) {
	ds, _ := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, so.Bind(newCtx(), abi.SockaddrIn([4]byte{}, 12346)))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_IF, []byte{127, 0, 0, 1}))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, []byte{1}))
	req := make([]byte, 132)
	copy(req, i32(lo0))
	copy(req[4:], abi.SockaddrIn([4]byte{224, 0, 0, 253}, 0))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP, req[:131]), abi.EINVAL)
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP, req))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_JOIN_GROUP, req), abi.EADDRINUSE)
	send := func() {
		must(t, so.Sendmsg(newCtx(), &socket.Msg{Name: abi.SockaddrIn([4]byte{224, 0, 0, 253}, 12346), Uio: sys.NewUio([]byte("all"))}, false))
	}
	send()
	if got, e := read(so, 9, 0); e != 0 || got != "all" {
		t.Errorf("%q %s", got, e.Name())
	}
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_LEAVE_GROUP, req))
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.MCAST_LEAVE_GROUP, req), abi.EADDRNOTAVAIL)
	if b, e := so.Getsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, 1); e != 0 || len(b) != 1 || b[0] != 1 {
		t.Errorf("as a byte: %v %s", b, e.Name())
	}
	if b, e := so.Getsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, 4); e != 0 || len(b) != 4 {
		t.Errorf("as an int: %v %s", b, e.Name())
	}
}

// TestMulticastIfIndex sends to a group by an interface that is named by its number in a
// struct ip_mreqn, where the way out is another.
func TestMulticastIfIndex(t *testing.T) {
	ds, _ := newNet(t, Config{Outside: true})
	so := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, so.Bind(newCtx(), abi.SockaddrIn([4]byte{}, 12347)))
	must(t, so.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_ADD_MEMBERSHIP, []byte{224, 0, 0, 252, 127, 0, 0, 1}))
	out := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	by := func(index int) abi.Errno {
		return out.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_IF, append(make([]byte, 8), i32(index)...))
	}
	want(t, by(-1), abi.EINVAL)
	want(t, by(99), abi.EINVAL)
	must(t, by(0))
	must(t, by(lo0))
	must(t, out.Setsockopt(newCtx(), abi.IPPROTO_IP, abi.IP_MULTICAST_LOOP, i32(1)))
	must(t, out.Sendmsg(newCtx(), &socket.Msg{Name: abi.SockaddrIn([4]byte{224, 0, 0, 252}, 12347), Uio: sys.NewUio([]byte("all"))}, false))
	eventually(t, "the datagram", func() bool {
		got, e := read(so, 9, abi.O_NONBLOCK)
		return e == 0 && got == "all"
	})
}
