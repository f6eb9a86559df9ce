package net

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// TestInterfaceClone makes interfaces and unmakes them, as ifconfig does, with
// somebody who listens.
func TestInterfaceClone(t *testing.T) {
	ds, n := newNet(t, Config{Outside: true})
	so, mon := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), routeSocket(t, ds, 0)
	call := func(uid uint32, cmd uint64, name string) (string, abi.Errno) {
		ctx := newCtx()
		ctx.Cred = &sys.Cred{UID: uid}
		b := make([]byte, abi.IfreqSize)
		copy(b, name)
		e := so.Ioctl(ctx, cmd, b)
		for i, c := range b {
			if c == 0 {
				return string(b[:i]), e
			}
		}
		return "", e
	}
	name, e := call(0, abi.SIOCIFCREATE, "vlan1002")
	if e != 0 || name != "vlan1002" {
		t.Fatalf("%q %s", name, e.Name())
	}
	m := parseRIB(t, rtRead(t, mon))
	if m[0].typ != abi.RTM_IFINFO || m[0].index != 3 {
		t.Errorf("told: %+v", m[0])
	}
	if name, e = call(0, abi.SIOCIFCREATE, "vlan"); e != 0 || name != "vlan0" {
		t.Errorf("any: %q %s", name, e.Name())
	}
	rtRead(t, mon)
	for _, c := range []struct {
		uid  uint32
		cmd  uint64
		name string
		want abi.Errno
	}{
		{501, abi.SIOCIFCREATE, "vlan7", abi.EPERM},
		{501, abi.SIOCIFDESTROY, "vlan0", abi.EPERM},
		{0, abi.SIOCIFCREATE, "vlan1002", abi.EEXIST},
		{0, abi.SIOCIFCREATE, "gif0", abi.EINVAL},
		{0, abi.SIOCIFCREATE, "vlan-1", abi.EINVAL},
		{0, abi.SIOCIFCREATE, "vlan01", abi.EINVAL},
		{0, abi.SIOCIFCREATE, "vlan99999999999", abi.EINVAL},
		{0, abi.SIOCIFDESTROY, "vlan3", abi.ENXIO},
		{0, abi.SIOCIFDESTROY, "en0", abi.EOPNOTSUPP},
	} {
		if _, e := call(c.uid, c.cmd, c.name); e != c.want {
			t.Errorf("%#x %s: %s, want %s", c.cmd, c.name, e.Name(), c.want.Name())
		}
	}
	b, e := n.RouteSysctl([]int32{0, 0, abi.NET_RT_IFLIST2, 0})
	must(t, e)
	ifs := 0
	for _, m := range parseRIB(t, b) {
		if m.typ == abi.RTM_IFINFO2 {
			ifs++
		}
	}
	if ifs != 4 {
		t.Errorf("%d interfaces in the list", ifs)
	}
	// A route by an interface goes with it, and packets never went that way.
	must(t, rtWrite(mon, 0, rtmsg(abi.RTM_ADD, 0, abi.RTA_DST|abi.RTA_GATEWAY|abi.RTA_NETMASK,
		in4("192.0.2.0"), abi.SockaddrDl(3, abi.IFT_L2VLAN, "", nil), in4("255.255.255.0"))))
	n.Start()
	for _, name := range []string{"vlan1002", "vlan0"} {
		if _, e := call(0, abi.SIOCIFDESTROY, name); e != 0 {
			t.Errorf("%s: %s", name, e.Name())
		}
	}
	for _, r := range n.table() {
		if r.ifp.Clone {
			t.Errorf("a route stayed: %v", r.dst)
		}
	}
	if len(n.Interfaces()) != 2 {
		t.Errorf("%d interfaces are left", len(n.Interfaces()))
	}
	// They are bounded.
	made := 0
	for range maxClones + 10 {
		if _, e := call(0, abi.SIOCIFCREATE, "vlan"); e == 0 {
			made++
		} else if e != abi.ENOSPC {
			t.Fatal(e.Name())
		}
	}
	if made != maxClones {
		t.Errorf("%d were made", made)
	}
}
