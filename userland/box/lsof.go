//go:build darwin

package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"lsof": lsof}) }

// openFile is a descriptor of a process, or its current directory.
type openFile struct {
	p        *process
	fd       string // "cwd", "3"
	mode     string // r, w, u
	typ      string // REG, IPv4, unix, PIPE, ...
	device   string
	size     string
	node     string
	name     string
	proto    string // TCP, UDP
	v4       bool
	local    netip.AddrPort
	remote   netip.AddrPort
	state    string
	handle   uint64
	rcv, snd uint32
}

// procInfo is proc_info: how many bytes came, 0 when the kernel refuses.
func procInfo(call, pid, flavor int, arg uintptr, b []byte) int {
	var p unsafe.Pointer
	if len(b) > 0 {
		p = unsafe.Pointer(&b[0])
	}
	n, _, e := syscall.Syscall6(336, uintptr(call), uintptr(pid), uintptr(flavor), arg, uintptr(p), uintptr(len(b)))
	if e != 0 {
		return 0
	}
	return int(n)
}

var tcpStateNames = []string{"CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1", "CLOSING",
	"LAST_ACK", "FIN_WAIT_2", "TIME_WAIT"}

// openFiles are what a process has open.
func (p *process) openFiles() (l []openFile) {
	le := binary.LittleEndian
	cwd := make([]byte, 2352)
	if procInfo(2, p.pid(), 9, 0, cwd) == len(cwd) {
		f := openFile{p: p, fd: "cwd"}
		f.vnode(cwd)
		l = append(l, f)
	}
	b := make([]byte, procInfo(2, p.pid(), 1, 0, nil))
	b = b[:procInfo(2, p.pid(), 1, 0, b)]
	for ; len(b) >= 8; b = b[8:] {
		fd := le.Uint32(b)
		f := openFile{p: p, fd: fmt.Sprint(fd)}
		info := make([]byte, 1200)
		ask := func(flavor, size int) bool { return procInfo(3, p.pid(), flavor, uintptr(fd), info[:size]) == size }
		ok := false
		switch le.Uint32(b[4:]) {
		case 1:
			if ok = ask(2, 1200); ok {
				f.vnode(info[24:])
			}
		case 2:
			if ok = ask(3, 792); ok {
				f.socket(info[24:792])
			}
		case 5:
			f.typ, f.name, ok = "KQUEUE", "count=0, state=0", ask(7, 168)
		case 6:
			if ok = ask(6, 184); ok {
				f.typ, f.size = "PIPE", fmt.Sprint(le.Uint64(info[24+88:]))
				f.device, f.name = fmt.Sprintf("%#x", le.Uint64(info[160:])), fmt.Sprintf("->%#x", le.Uint64(info[168:]))
			}
		case 3:
			f.typ, ok = "PSXSHM", ask(5, 1192)
			f.name = unix.ByteSliceToString(info[168:1192])
		case 4:
			f.typ, ok = "PSXSEM", ask(4, 1184)
			f.name = unix.ByteSliceToString(info[160:1184])
		}
		if ok {
			f.mode = []string{"", "r", "w", "u"}[le.Uint32(info)&3]
			l = append(l, f)
		}
	}
	return l
}

// vnode reads a struct vnode_info_path.
func (f *openFile) vnode(b []byte) {
	le := binary.LittleEndian
	kinds := map[uint16]string{unix.S_IFREG: "REG", unix.S_IFDIR: "DIR", unix.S_IFCHR: "CHR", unix.S_IFBLK: "BLK", unix.S_IFIFO: "FIFO", unix.S_IFLNK: "LINK"}
	dev, mode := le.Uint32(b), le.Uint16(b[4:])
	if mode&unix.S_IFMT == unix.S_IFCHR {
		dev = le.Uint32(b[116:])
	}
	f.typ, f.device = kinds[mode&unix.S_IFMT], fmt.Sprintf("%d,%d", dev>>24, dev&0xffffff)
	f.size, f.node = fmt.Sprint(le.Uint64(b[88:])), fmt.Sprint(le.Uint64(b[8:]))
	f.name = unix.ByteSliceToString(b[152 : 152+1024])
}

// socket reads a struct socket_info.
func (f *openFile) socket(b []byte) {
	le, be := binary.LittleEndian, binary.BigEndian
	f.handle, f.rcv, f.snd = le.Uint64(b[136:]), le.Uint32(b[184:]), le.Uint32(b[208:])
	f.device, f.size = fmt.Sprintf("%#x", f.handle), "0t0"
	pr := b[240:]
	switch kind := le.Uint32(b[232:]); kind {
	case 1, 2:
		f.v4 = pr[24] == 1
		end := func(port, addr []byte) netip.AddrPort {
			if f.v4 {
				return netip.AddrPortFrom(netip.AddrFrom4([4]byte(addr[12:16])), be.Uint16(port))
			}
			return netip.AddrPortFrom(netip.AddrFrom16([16]byte(addr[:16])), be.Uint16(port))
		}
		f.local, f.remote = end(pr[4:], pr[48:]), end(pr[0:], pr[32:])
		f.typ = map[bool]string{true: "IPv4", false: "IPv6"}[f.v4]
		f.proto = map[uint32]string{unix.IPPROTO_TCP: "TCP", unix.IPPROTO_UDP: "UDP", unix.IPPROTO_ICMP: "ICMP", unix.IPPROTO_ICMPV6: "ICMPV6"}[le.Uint32(b[156:])]
		f.node, f.name = f.proto, lsofEnd(f.local)
		if f.remote.Port() != 0 {
			f.name += "->" + lsofEnd(f.remote)
		}
		if s := le.Uint32(pr[80:]); kind == 2 && int(s) < len(tcpStateNames) {
			f.state = tcpStateNames[s]
			f.name += " (" + f.state + ")"
		}
	case 3:
		f.typ = "unix"
		f.name = unix.ByteSliceToString(pr[18 : 16+255])
		if f.name == "" {
			f.name = fmt.Sprintf("->%#x", le.Uint64(pr))
		}
	default:
		f.typ = map[uint32]string{unix.AF_ROUTE: "rte", unix.AF_SYSTEM: "systm"}[le.Uint32(b[160:])]
	}
}

// lsofEnd is one end of a connection, in numbers.
func lsofEnd(a netip.AddrPort) string {
	host, port := "*", "*"
	if a.Addr().IsValid() && !a.Addr().IsUnspecified() {
		host = a.Addr().String()
		if a.Addr().Is6() {
			host = "[" + host + "]"
		}
	}
	if a.Port() != 0 {
		port = fmt.Sprint(a.Port())
	}
	return host + ":" + port
}

// allSockets are the sockets of all processes.
func allSockets() (l []openFile, err error) {
	ps, err := processes()
	for _, p := range ps {
		for _, f := range p.openFiles() {
			if f.handle != 0 {
				l = append(l, f)
			}
		}
	}
	return l, err
}

// inetFilter is the argument of lsof -i: [46][protocol][@host][:port,...].
type inetFilter struct {
	v       byte
	proto   string
	host    netip.Addr
	ports   []uint16
	invalid bool
}

func parseInetFilter(s string) (q inetFilter) {
	if s != "" && (s[0] == '4' || s[0] == '6') {
		q.v, s = s[0], s[1:]
	}
	s, ports, hasPorts := cutPorts(s)
	proto, host, hasHost := strings.Cut(s, "@")
	q.proto = strings.ToUpper(proto)
	if q.proto != "" && q.proto != "TCP" && q.proto != "UDP" {
		q.invalid = true
	}
	if hasHost {
		a, err := netip.ParseAddr(strings.Trim(host, "[]"))
		q.host, q.invalid = a, q.invalid || err != nil
	}
	if !hasPorts {
		return q
	}
	for p := range strings.SplitSeq(ports, ",") {
		lo, hi, ranged := strings.Cut(p, "-")
		if !ranged {
			hi = lo
		}
		a, e1 := strconv.ParseUint(lo, 10, 16)
		b, e2 := strconv.ParseUint(hi, 10, 16)
		if e1 != nil || e2 != nil || a > b {
			q.invalid = true
			return q
		}
		for ; a <= b; a++ {
			q.ports = append(q.ports, uint16(a))
		}
	}
	return q
}

// cutPorts takes ":ports" off; colons in brackets are an address's.
func cutPorts(s string) (rest, ports string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.IndexByte(s[i:], ']') >= 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (q inetFilter) match(f openFile) bool {
	if f.typ != "IPv4" && f.typ != "IPv6" || q.v == '4' && !f.v4 || q.v == '6' && f.v4 || q.proto != "" && q.proto != f.proto {
		return false
	}
	if q.host.IsValid() && q.host != f.local.Addr() && q.host != f.remote.Addr() {
		return false
	}
	return q.ports == nil || slices.Contains(q.ports, f.local.Port()) || slices.Contains(q.ports, f.remote.Port())
}

// lsof lists open files of the processes that the user may look at. Addresses are
// always numbers. Conditions are joined by or, -a joins them by and; several -i are one.
func lsof(args []string) int {
	const use = "[-aFlnPtUw] [-c command] [-d fd,...] [-F fields] [-i [46][protocol][@host][:port]] [-p pid,...] [-u user] [file ...]"
	c := &cmd{name: "lsof"}
	var inet []inetFilter
	var rest []string
	for i := 0; i < len(args); i++ { // -i's argument may be left out
		a := args[i]
		k := strings.IndexByte(a, 'i')
		if i == 0 || k < 1 || a[0] != '-' || strings.Trim(a[1:k], "alnPtUwV") != "" {
			rest = append(rest, a)
			if i > 0 && len(a) == 2 && strings.ContainsRune("cdFpsu", rune(a[1])) && a[0] == '-' && i+1 < len(args) && a != "-F" {
				i++
				rest = append(rest, args[i])
			}
			continue
		}
		if k > 1 {
			rest = append(rest, a[:k])
		}
		v := a[k+1:]
		if v == "" && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
			v = args[i]
		}
		q := parseInetFilter(v)
		if q.invalid {
			return c.fail("unacceptable address: -i %s", v)
		}
		inet = append(inet, q)
	}
	fields := ""
	for i, a := range rest { // so may -F's
		if f, ok := strings.CutPrefix(a, "-F"); ok && i > 0 {
			fields = "pf" + f
			if f == "" {
				fields = "pcuftn"
			}
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	o, ok := getopt(rest, "ac:d:lnPp:s:tTUu:VwX", use)
	if !ok {
		return 1
	}
	var tests []func(openFile) bool
	if inet != nil {
		tests = append(tests, func(f openFile) bool {
			return slices.ContainsFunc(inet, func(q inetFilter) bool { return q.match(f) })
		})
	}
	in := func(list, s string) bool { return slices.Contains(strings.Split(list, ","), s) }
	if o.has('p') {
		tests = append(tests, func(f openFile) bool { return in(o.value['p'], fmt.Sprint(f.p.pid())) })
	}
	if o.has('c') {
		tests = append(tests, func(f openFile) bool { return strings.HasPrefix(f.p.name(), o.value['c']) })
	}
	if o.has('u') {
		tests = append(tests, func(f openFile) bool {
			uid := fmt.Sprint(f.p.Eproc.Ucred.Uid)
			return in(o.value['u'], uid) || in(o.value['u'], userName(uid))
		})
	}
	if o.has('U') {
		tests = append(tests, func(f openFile) bool { return f.typ == "unix" })
	}
	if o.has('d') {
		tests = append(tests, func(f openFile) bool { return in(o.value['d'], f.fd) })
	}
	for _, name := range o.args {
		var st unix.Stat_t
		if err := unix.Stat(name, &st); err != nil {
			c.warn(name, err)
			continue
		}
		tests = append(tests, func(f openFile) bool {
			return f.node == fmt.Sprint(st.Ino) && f.handle == 0 && f.name != ""
		})
	}
	if len(tests) == 0 && c.status != 0 {
		return 1
	}
	match := func(f openFile) bool {
		n := 0
		for _, t := range tests {
			if t(f) {
				n++
			}
		}
		return n > 0 && !o.has('a') || n == len(tests)
	}
	ps, err := processes()
	if err != nil {
		c.warn("", err)
	}
	var found []openFile
	for _, p := range ps {
		for _, f := range p.openFiles() {
			if match(f) {
				found = append(found, f)
			}
		}
	}
	if len(found) == 0 {
		return 1
	}
	switch {
	case o.has('t'):
		last := -1
		for _, f := range found {
			if f.p.pid() != last {
				last = f.p.pid()
				fmt.Fprintln(out, last)
			}
		}
	case fields != "":
		lsofFields(found, fields)
	default:
		lsofTable(found)
	}
	return c.status
}

func lsofFields(found []openFile, fields string) {
	var last *process
	for _, f := range found {
		uid := fmt.Sprint(f.p.Eproc.Ucred.Uid)
		if f.p != last {
			last = f.p
			for _, x := range []struct {
				c byte
				v string
			}{{'p', fmt.Sprint(f.p.pid())}, {'c', f.p.name()}, {'u', uid}, {'L', userName(uid)}} {
				if strings.IndexByte(fields, x.c) >= 0 {
					fmt.Fprintf(out, "%c%s\n", x.c, x.v)
				}
			}
		}
		for _, x := range []struct {
			c byte
			v string
		}{{'f', f.fd}, {'a', f.mode}, {'t', f.typ}, {'d', f.device}, {'P', f.proto}, {'n', strings.Split(f.name, " (")[0]}} {
			if strings.IndexByte(fields, x.c) >= 0 && x.v != "" {
				fmt.Fprintf(out, "%c%s\n", x.c, x.v)
			}
		}
		if f.state != "" && strings.IndexByte(fields, 'T') >= 0 {
			fmt.Fprintf(out, "TST=%s\n", f.state)
		}
	}
}

func lsofTable(found []openFile) {
	rows := [][9]string{{"COMMAND", "PID", "USER", "FD", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME"}}
	for _, f := range found {
		name := f.p.name()
		rows = append(rows, [9]string{name[:min(9, len(name))], fmt.Sprint(f.p.pid()), userName(fmt.Sprint(f.p.Eproc.Ucred.Uid)),
			f.fd + f.mode, f.typ, f.device, f.size, f.node, f.name})
	}
	var w [9]int
	for _, r := range rows {
		for i, s := range r {
			w[i] = max(w[i], len(s))
		}
	}
	for _, r := range rows {
		for i, s := range r {
			switch {
			case i == 8:
				fmt.Fprintln(out, s)
			case i == 0 || i == 2:
				fmt.Fprintf(out, "%-*s ", w[i], s)
			default:
				fmt.Fprintf(out, "%*s ", w[i], s)
			}
		}
	}
}
