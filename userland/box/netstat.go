//go:build darwin

package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func init() {
	register(map[string]tool{"netstat": netstat, "route": route})
}

// bitNames writes the names of the bits that are set, with commas.
func bitNames(v uint32, names []bitName) string {
	var l []string
	for _, n := range names {
		if v&n.bit != 0 {
			l = append(l, n.name)
		}
	}
	return strings.Join(l, ",")
}

type bitName struct {
	bit  uint32
	name string
}

func etherText(b []byte) string {
	var l []string
	for _, x := range b {
		l = append(l, fmt.Sprintf("%02x", x))
	}
	return strings.Join(l, ":")
}

// netstat shows connections (no option), interfaces (-i) or routes (-r). Addresses
// are numbers, with -n and without; connections are those of processes that the
// user may look at.
func netstat(args []string) int {
	const use = "[-adn] [-f family] [-p protocol] | -i [-bdnW] [-I interface] | -r [-n] [-f family]"
	c := &cmd{name: "netstat"}
	o, ok := getopt(args, "abdf:iI:lnp:rvW", use)
	if !ok {
		return 1
	}
	if len(o.args) > 0 {
		return usage("netstat", use)
	}
	want := func(v4 bool) bool {
		switch o.value['f'] {
		case "inet":
			return v4
		case "inet6":
			return !v4
		}
		return o.value['f'] == ""
	}
	var err error
	switch {
	case o.has('r'):
		err = netstatRoutes(want)
	case o.has('i') || o.has('I'):
		err = netstatInterfaces(o)
	default:
		err = netstatSockets(o, want)
	}
	if err != nil {
		c.warn("", err)
	}
	return c.status
}

var routeFlags = []bitName{{1, "U"}, {2, "G"}, {4, "H"}, {8, "R"}, {0x10, "D"}, {0x20, "M"}, {0x100, "C"}, {0x200, "X"},
	{0x400, "L"}, {0x800, "S"}, {0x1000, "B"}, {0x10000, "c"}, {0x20000, "W"}, {0x200000, "l"}, {0x400000, "b"}, {0x800000, "m"},
	{0x1000000, "I"}, {0x4000000, "i"}, {0x10000000, "r"}, {0x40000000, "g"}}

func netstatRoutes(want func(bool) bool) error {
	raw, err := syscall.RouteRIB(syscall.NET_RT_DUMP, 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Routing tables")
	for _, v4 := range []bool{true, false} {
		if !want(v4) {
			continue
		}
		title, w := "Internet6:", 39
		if v4 {
			title, w = "Internet:", 18
		}
		fmt.Fprintf(out, "\n%s\n%-*s %-*s %-15s %6s %6s\n", title, w, "Destination", w, "Gateway", "Flags", "Netif", "Expire")
		for _, m := range parseRTM(raw) {
			if dst := addrOf(m.sa[0]); dst.IsValid() && dst.Is4() == v4 {
				fmt.Fprintf(out, "%-*s %-*s %-15s %6s\n", w, routeName(m), w, gatewayName(m.sa[1]),
					strings.ReplaceAll(bitNames(m.flags, routeFlags), ",", ""), ifName(m.index))
			}
		}
	}
	return nil
}

// routeName is the destination of a route as netstat writes it.
func routeName(m rtm) string {
	dst := addrOf(m.sa[0])
	if m.sa[2] == nil {
		return dst.String()
	}
	bits := bitsOf(m.sa[2], dst.Is4())
	if bits == 0 {
		return "default"
	}
	s := dst.String()
	if dst.Is4() && bits%8 == 0 {
		return strings.Join(strings.Split(s, ".")[:bits/8], ".") // 10.0.2
	}
	return fmt.Sprintf("%s/%d", s, bits)
}

func gatewayName(sa []byte) string {
	if len(sa) >= 4 && sa[1] == unix.AF_LINK {
		return fmt.Sprintf("link#%d", binary.LittleEndian.Uint16(sa[2:]))
	}
	return addrOf(sa).String()
}

func netstatInterfaces(o options) error {
	l, err := interfaces()
	if err != nil {
		return err
	}
	ib, ob, drop := o.has('b'), o.has('b'), o.has('d')
	col := func(on bool, w int, v any) {
		if on {
			fmt.Fprintf(out, " %*v", w, v)
		}
	}
	row := func(name, mtu, network, addr string, v [8]any) {
		fmt.Fprintf(out, "%-10s %-5s %-13s %-17s", name, mtu, network, addr)
		for i, c := range []struct {
			on bool
			w  int
		}{{true, 8}, {true, 5}, {ib, 10}, {true, 8}, {true, 5}, {ob, 10}, {true, 5}, {drop, 4}} {
			col(c.on, c.w, v[i])
		}
		fmt.Fprintln(out)
	}
	row("Name", "Mtu", "Network", "Address", [8]any{"Ipkts", "Ierrs", "Ibytes", "Opkts", "Oerrs", "Obytes", "Coll", "Drop"})
	for _, f := range l {
		if n := o.value['I']; n != "" && n != f.name {
			continue
		}
		v := [8]any{f.counter(24), f.counter(32), f.counter(64), f.counter(40), f.counter(48), f.counter(72), f.counter(56), f.counter(96)}
		mtu := fmt.Sprint(f.mtu)
		row(f.name, mtu, fmt.Sprintf("<Link#%d>", f.index), etherText(f.ether), v)
		v[1], v[4], v[6], v[7] = "-", "-", "-", "-"
		for _, a := range f.addrs {
			p, _ := a.addr.WithZone("").Prefix(a.bits)
			row(f.name, mtu, p.Addr().String(), a.addr.WithZone("").String(), v)
		}
	}
	return nil
}

func netstatSockets(o options, want func(bool) bool) error {
	l, err := allSockets()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Active Internet connections%s\n%-5s %6s %6s  %-22s %-22s %s\n", map[bool]string{true: " (including servers)"}[o.has('a')],
		"Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "(state)")
	dotted := func(a netip.AddrPort) string {
		return strings.Replace(lsofEnd(a), ":", ".", strings.Count(lsofEnd(a), ":"))
	}
	seen := map[uint64]bool{}
	for _, s := range l {
		if s.proto == "" || !want(s.v4) || seen[s.handle] || o.value['p'] != "" && !strings.EqualFold(o.value['p'], s.proto) {
			continue
		}
		seen[s.handle] = true
		if !o.has('a') && (s.state == "LISTEN" || s.proto == "UDP" && s.remote.Port() == 0) {
			continue
		}
		local, remote := dotted(s.local), dotted(s.remote)
		if !s.v4 { // the colons of an address are its own
			local, remote = v6Dotted(s.local), v6Dotted(s.remote)
		}
		fmt.Fprintf(out, "%-5s %6d %6d  %-22s %-22s %s\n", strings.ToLower(s.proto)+map[bool]string{true: "4", false: "6"}[s.v4],
			s.rcv, s.snd, local, remote, s.state)
	}
	return nil
}

func v6Dotted(a netip.AddrPort) string {
	host, port := "*", "*"
	if a.Addr().IsValid() && !a.Addr().IsUnspecified() {
		host = a.Addr().String()
	}
	if a.Port() != 0 {
		port = fmt.Sprint(a.Port())
	}
	return host + "." + port
}

var rtmFlagNames = []bitName{{1, "UP"}, {2, "GATEWAY"}, {4, "HOST"}, {8, "REJECT"}, {0x40, "DONE"}, {0x100, "CLONING"}, {0x400, "LLINFO"},
	{0x800, "STATIC"}, {0x1000, "BLACKHOLE"}, {0x10000, "PRCLONING"}, {0x200000, "LOCAL"}, {0x800000, "MULTICAST"}, {0x1000000, "IFSCOPE"}}

// route asks for a route, or adds, deletes or changes one.
func route(args []string) int {
	const use = "[-nqtv] get | add | delete | change [-inet | -inet6] [-net | -host] destination [gateway] [-interface name] [-netmask mask]"
	c := &cmd{name: "route"}
	args = args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if strings.Trim(args[0][1:], "nqtv") != "" {
			return usage("route", use)
		}
		args = args[1:]
	}
	types := map[string]byte{"get": unix.RTM_GET, "add": unix.RTM_ADD, "delete": unix.RTM_DELETE, "change": unix.RTM_CHANGE}
	if len(args) < 2 || types[args[0]] == 0 {
		return usage("route", use)
	}
	verb := args[0]
	var words []string
	var link, mask string
	net := false
	for i := 1; i < len(args); i++ {
		switch a := args[i]; a {
		case "-net":
			net = true
		case "-host", "-inet", "-inet6":
		case "-interface", "-netmask":
			if i++; i == len(args) {
				return usage("route", use)
			}
			*map[string]*string{"-interface": &link, "-netmask": &mask}[a] = args[i]
		default:
			if strings.HasPrefix(a, "-") {
				return usage("route", use)
			}
			words = append(words, a)
		}
	}
	if len(words) == 0 || len(words) > 2 {
		return usage("route", use)
	}
	name := words[0]
	if name == "default" {
		name = "0.0.0.0/0"
	}
	host, slash, hasBits := strings.Cut(name, "/")
	dst, err := netip.ParseAddr(host)
	if err != nil {
		return c.fail("bad address: %s", words[0])
	}
	bits := dst.BitLen()
	if hasBits {
		if _, err := fmt.Sscan(slash, &bits); err != nil || bits < 0 || bits > dst.BitLen() {
			return c.fail("bad address: %s", words[0])
		}
	}
	var masked []byte
	if mask != "" {
		m, err := netip.ParseAddr(mask)
		if err != nil || m.Is4() != dst.Is4() {
			return c.fail("bad address: %s", mask)
		}
		bits = bitsOf(sockaddrOf(m), dst.Is4())
	} else if net && !hasBits && dst.Is4() { // the class of old
		switch a := dst.As4(); {
		case dst.IsUnspecified():
			bits = 0
		case a[0] < 128:
			bits = 8
		case a[0] < 192:
			bits = 16
		case a[0] < 224:
			bits = 24
		}
	}
	if bits < dst.BitLen() {
		all := make([]byte, dst.BitLen()/8)
		for i := range bits {
			all[i/8] |= 0x80 >> (i % 8)
		}
		m, _ := netip.AddrFromSlice(all)
		masked = sockaddrOf(m)
	}
	var gw []byte
	if len(words) == 2 {
		a, err := netip.ParseAddr(words[1])
		if err != nil {
			return c.fail("bad address: %s", words[1])
		}
		gw = sockaddrOf(a)
	}
	if link != "" {
		l, err := interfaces()
		if err != nil {
			c.warn("", err)
			return 1
		}
		for _, f := range l {
			if f.name == link {
				gw = make([]byte, 20)
				gw[0], gw[1], gw[2] = 20, unix.AF_LINK, byte(f.index)
			}
		}
		if gw == nil {
			return c.fail("bad interface name: %s", link)
		}
	}
	if verb == "get" && gw != nil || (verb == "add" || verb == "change") && gw == nil {
		return usage("route", use)
	}
	flags := uint32(unix.RTF_UP | unix.RTF_STATIC)
	if masked == nil {
		flags |= unix.RTF_HOST
	}
	answer, err := routeRequest(types[verb], flags, sockaddrOf(dst), gw, masked)
	what := words[0]
	if err != nil {
		out.Flush()
		fmt.Fprintf(os.Stderr, "route: writing to routing socket: %s\n", routeReason(err))
		return 1
	}
	if verb != "get" {
		fmt.Fprintf(out, "%s %s %s", verb, map[bool]string{true: "host", false: "net"}[masked == nil], what)
		if len(words) == 2 {
			fmt.Fprintf(out, ": gateway %s", words[1])
		}
		fmt.Fprintln(out)
		return 0
	}
	fmt.Fprintf(out, "   route to: %s\ndestination: %s\n", what, strings.Split(routeFull(answer), "/")[0])
	if answer.sa[2] != nil {
		fmt.Fprintf(out, "       mask: %s\n", maskName(answer))
	}
	if a := addrOf(answer.sa[1]); a.IsValid() {
		fmt.Fprintf(out, "    gateway: %v\n", a)
	}
	fmt.Fprintf(out, "  interface: %s\n      flags: <%s>\n", ifName(answer.index), bitNames(answer.flags, rtmFlagNames))
	fmt.Fprintln(out, " recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire")
	fmt.Fprintf(out, "%8d  %8d  %8d  %8d  %8d  %8d  %8d  %8d \n", 0, 0, 0, 0, 0, 0, binary.LittleEndian.Uint32(answer.body[40:]), 0)
	return 0
}

// routeReason is how route(8) says why: no such route is no such process there.
func routeReason(err error) string {
	if err == unix.ESRCH {
		return "not in table"
	}
	return reason(err)
}

func routeFull(m rtm) string {
	if dst := addrOf(m.sa[0]); m.sa[2] == nil || bitsOf(m.sa[2], dst.Is4()) != 0 {
		return dst.String()
	}
	return "default"
}

func maskName(m rtm) string {
	dst := addrOf(m.sa[0])
	bits := bitsOf(m.sa[2], dst.Is4())
	if bits == 0 {
		return "default"
	}
	p, _ := netip.AddrFromSlice(append([]byte(nil), m.sa[2][map[bool]int{true: 4, false: 8}[dst.Is4()]:][:dst.BitLen()/8]...))
	return p.String()
}

func sockaddrOf(a netip.Addr) []byte {
	if a.Is4() {
		b := make([]byte, 16)
		b[0], b[1] = 16, unix.AF_INET
		copy(b[4:], a.AsSlice())
		return b
	}
	b := make([]byte, 28)
	b[0], b[1] = 28, unix.AF_INET6
	copy(b[8:], a.AsSlice())
	return b
}

// routeRequest sends one request, and gives the answer to it.
func routeRequest(typ byte, flags uint32, dst, gw, mask []byte) (rtm, error) {
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW, 0)
	if err != nil {
		return rtm{}, err
	}
	defer unix.Close(fd)
	le := binary.LittleEndian
	b := make([]byte, 92)
	b[2], b[3] = unix.RTM_VERSION, typ
	addrs := uint32(0)
	for i, sa := range [][]byte{dst, gw, mask} {
		if sa != nil {
			addrs |= 1 << i
			b = append(b, sa...)
		}
	}
	le.PutUint16(b, uint16(len(b)))
	le.PutUint32(b[8:], flags)
	le.PutUint32(b[12:], addrs)
	le.PutUint32(b[20:], 1)
	if _, err := unix.Write(fd, b); err != nil {
		return rtm{}, err
	}
	for {
		buf := make([]byte, 2048)
		n, err := unix.Read(fd, buf)
		if err != nil {
			return rtm{}, err
		}
		if n >= 92 && int(le.Uint32(buf[16:])) == os.Getpid() && le.Uint32(buf[20:]) == 1 {
			if l := parseRTM(buf[:n]); len(l) == 1 {
				return l[0], nil
			}
		}
	}
}
