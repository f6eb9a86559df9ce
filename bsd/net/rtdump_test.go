package net

import (
	"encoding/binary"
	"testing"

	"puggle/abi"
)

// message is a routing message taken apart by the rules of <net/route.h>.
type message struct {
	typ   byte
	index uint16
	sas   map[int][]byte // by RTAX_*
}

func parseRIB(t *testing.T, b []byte) []message {
	t.Helper()
	le := binary.LittleEndian
	var out []message
	for len(b) > 0 {
		n := int(le.Uint16(b))
		if n < 16 || n > len(b) || n%4 != 0 || b[2] != abi.RTM_VERSION {
			t.Fatalf("bad message: % x", b[:min(len(b), 32)])
		}
		m := message{typ: b[3], sas: map[int][]byte{}}
		size := map[byte]int{abi.RTM_IFINFO: 112, abi.RTM_IFINFO2: 160, abi.RTM_NEWADDR: 20, abi.RTM_ADD: 92,
			abi.RTM_NEWMADDR2: 20, abi.RTM_GET: 92, abi.RTM_GET2: 92}[m.typ]
		if size == 0 {
			t.Fatalf("type %d", m.typ)
		}
		addrs := le.Uint32(b[4:])
		m.index = le.Uint16(b[12:])
		if m.typ == abi.RTM_GET || m.typ == abi.RTM_GET2 || m.typ == abi.RTM_ADD {
			addrs, m.index = le.Uint32(b[12:]), le.Uint16(b[4:])
		}
		rest := b[size:n]
		for i := 0; i < 8; i++ {
			if addrs&(1<<i) == 0 {
				continue
			}
			l := int(rest[0])
			m.sas[i] = rest[:l]
			rest = rest[(l+3)&^3:]
		}
		if len(rest) != 0 {
			t.Fatalf("%d bytes left in a message of type %d", len(rest), m.typ)
		}
		out = append(out, m)
		b = b[n:]
	}
	return out
}

func TestInterfaceList(t *testing.T) {
	_, n := newNet(t, Config{Outside: true})
	for _, c := range []struct {
		op, arg                      int32
		ifs, addrs, groups, addrsOf2 int
	}{
		{abi.NET_RT_IFLIST, 0, 2, 5, 0, 2},
		{abi.NET_RT_IFLIST2, 0, 2, 5, 6, 2},
		{abi.NET_RT_IFLIST, 2, 1, 2, 0, 2},
		{abi.NET_RT_IFLIST, 9, 0, 0, 0, 0},
	} {
		b, e := n.RouteSysctl([]int32{0, 0, c.op, c.arg})
		must(t, e)
		var ifs, addrs, groups, of2 int
		for _, m := range parseRIB(t, b) {
			switch m.typ {
			case abi.RTM_IFINFO, abi.RTM_IFINFO2:
				ifs++
				dl := m.sas[4]
				if dl[1] != abi.AF_LINK || string(dl[8:8+dl[5]]) != n.ifByIndex(int(m.index)).Name {
					t.Errorf("link address % x", dl)
				}
			case abi.RTM_NEWADDR:
				addrs++
				if m.index == 2 {
					of2++
				}
			case abi.RTM_NEWMADDR2:
				groups++
			}
		}
		if ifs != c.ifs || addrs != c.addrs || groups != c.groups || of2 != c.addrsOf2 {
			t.Errorf("%+v: %d interfaces, %d addresses, %d groups, %d of en0", c, ifs, addrs, groups, of2)
		}
	}
	if n.Started() {
		t.Error("a list has started the stack")
	}
}

func TestRouteDump(t *testing.T) {
	_, n := newNet(t, Config{Outside: true})
	b, e := n.RouteSysctl([]int32{0, abi.AF_INET, abi.NET_RT_DUMP, 0})
	must(t, e)
	found := false
	for _, m := range parseRIB(t, b) {
		dst, gw := m.sas[0], m.sas[1]
		if dst[1] != abi.AF_INET {
			t.Errorf("family %d", dst[1])
		}
		if binary.BigEndian.Uint32(dst[4:]) == 0 {
			found = gw[4] == 10 && gw[7] == 2
		}
	}
	if !found {
		t.Error("no default route by 10.0.2.2")
	}
	for _, mib := range [][]int32{nil, {0}, {1, 0, 1, 0}, {0, 0, 99, 0}, {0, 0, 1, 0, 0}} {
		if _, e := n.RouteSysctl(mib); e == 0 {
			t.Errorf("%v answered", mib)
		}
	}
}

func TestClose(t *testing.T) {
	ds, n := newNet(t, Config{Outside: true})
	l, _ := listener(t, ds, loop4(0))
	if _, err := n.Publish("127.0.0.1:0", 80); err != nil {
		t.Fatal(err)
	}
	n.Close()
	n.Close()
	l.Filter(-1).Ready(nil)
	if _, err := n.Publish("127.0.0.1:0", 80); err == nil {
		t.Error("published on a dead network")
	}
	_, never := newNet(t, Config{})
	never.Close()
}
