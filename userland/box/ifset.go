//go:build darwin

package main

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What ifconfig changes of an interface (<sys/sockio.h>, <netinet6/in6_var.h>).

// ifchange is one command line taken apart.
type ifchange struct {
	addr, peer netip.Addr
	bits       int // -1: not given
	alias      bool
	remove     bool
	mtu        uint32
	flags      map[bool]bool // IFF_UP to be set, to be cleared
}

// parseIfchange reads the parameters; bad is the first that is none.
func parseIfchange(args []string) (q ifchange, bad string) {
	q.bits, q.flags = -1, map[bool]bool{}
	for i := 0; i < len(args); i++ {
		a := args[i]
		value := ""
		switch a {
		case "netmask", "prefixlen", "broadcast", "mtu":
			if i++; i == len(args) {
				return q, a
			}
			value = args[i]
		}
		switch a {
		case "inet", "inet6":
		case "up", "down":
			q.flags[a == "up"] = true
		case "alias", "add":
			q.alias = true
		case "-alias", "delete", "remove":
			q.remove = true
		case "netmask":
			if n, err := strconv.ParseUint(value, 0, 32); err == nil && strings.HasPrefix(value, "0x") {
				value = netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n)))).String()
			}
			m, err := netip.ParseAddr(value)
			if err != nil || !m.Is4() {
				return q, value
			}
			q.bits = bitsOf(sockaddrOf(m), true)
		case "prefixlen", "mtu":
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil || a == "prefixlen" && n > 128 {
				return q, value
			}
			if a == "mtu" {
				q.mtu = uint32(n)
			} else {
				q.bits = int(n)
			}
		case "broadcast": // the kernel knows it
			if _, err := netip.ParseAddr(value); err != nil {
				return q, value
			}
		default:
			host, slash, hasBits := strings.Cut(a, "/")
			to, err := netip.ParseAddr(host)
			if err != nil || q.peer.IsValid() || q.addr.IsValid() && (hasBits || to.Is4() != q.addr.Is4()) {
				return q, a
			}
			if q.addr.IsValid() {
				q.peer = to
				continue
			}
			q.addr = to
			if hasBits {
				if q.bits, err = strconv.Atoi(slash); err != nil || q.bits < 0 || q.bits > to.BitLen() {
					return q, a
				}
			}
		}
	}
	if q.addr.IsValid() && q.bits > q.addr.BitLen() {
		return q, strconv.Itoa(q.bits)
	}
	return q, ""
}

// ifset changes an interface: an address first, as ifconfig has it, which takes the
// place of the first unless it is an alias.
func (c *cmd) ifset(name string, args []string) int {
	q, bad := parseIfchange(args)
	if bad != "" {
		return c.fail("%s: bad value", bad)
	}
	family := unix.AF_INET
	if q.addr.Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
	if err != nil {
		c.warn("socket", err)
		return 1
	}
	defer unix.Close(fd)
	call := func(what string, cmd uintptr, size int, arg ...[]byte) bool {
		req := make([]byte, 16, 288)
		copy(req[:15], name)
		for _, a := range arg {
			req = append(req, a...)
		}
		req = req[:size]
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), cmd, uintptr(unsafe.Pointer(&req[0]))); e != 0 {
			c.warn("ioctl ("+what+")", e)
			return false
		}
		return true
	}
	if q.addr.IsValid() {
		ok := false
		switch v4 := q.addr.Is4(); {
		case q.remove && v4:
			ok = call("SIOCDIFADDR", 0x80206919, 32, sockaddrOf(q.addr))
		case q.remove:
			ok = call("SIOCDIFADDR_IN6", 0x81206919, 288, sockaddrOf(q.addr))
		case v4:
			if old := firstAddr4(name); !q.alias && old.IsValid() {
				call("SIOCDIFADDR", 0x80206919, 32, sockaddrOf(old))
			}
			peer, mask := make([]byte, 16), make([]byte, 16)
			if q.peer.IsValid() {
				peer = sockaddrOf(q.peer)
			}
			if q.bits >= 0 {
				mask = maskOf(q.bits, 32)
			}
			ok = call("SIOCAIFADDR", 0x8040691a, 64, sockaddrOf(q.addr), peer, mask)
		default:
			peer, bits := make([]byte, 28), 64
			if q.peer.IsValid() {
				peer, bits = sockaddrOf(q.peer), 128
			}
			if q.bits >= 0 {
				bits = q.bits
			}
			life := make([]byte, 4+24)
			binary.LittleEndian.PutUint64(life[4+16:], ^uint64(0)) // both are for ever
			ok = call("SIOCAIFADDR_IN6", 0x8080691a, 128, sockaddrOf(q.addr), peer, maskOf(bits, 128), life)
		}
		if !ok {
			return 1
		}
		if !q.remove && !q.flags[false] {
			q.flags[true] = true // an address brings an interface up
		}
	}
	if q.mtu != 0 && !call("SIOCSIFMTU", 0x80206934, 32, binary.LittleEndian.AppendUint32(nil, q.mtu)) {
		return 1
	}
	if len(q.flags) > 0 {
		flags := uint16(ifFlagsOf(name))
		if q.flags[true] {
			flags |= unix.IFF_UP
		} else {
			flags &^= unix.IFF_UP
		}
		if !call("SIOCSIFFLAGS", 0x80206910, 32, binary.LittleEndian.AppendUint16(nil, flags)) {
			return 1
		}
	}
	return 0
}

// maskOf is a mask of bits in a sockaddr of the family that has size bits.
func maskOf(bits, size int) []byte {
	b := make([]byte, size/8)
	for i := range bits {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return sockaddrOf(a)
}

func firstAddr4(name string) netip.Addr {
	l, _ := interfaces()
	for _, f := range l {
		for _, a := range f.addrs {
			if f.name == name && a.addr.Is4() {
				return a.addr
			}
		}
	}
	return netip.Addr{}
}

func ifFlagsOf(name string) uint32 {
	l, _ := interfaces()
	for _, f := range l {
		if f.name == name {
			return f.flags
		}
	}
	return 0
}
