//go:build darwin

package main

import (
	"fmt"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"ifconfig": ifconfig}) }

var ifFlags = []bitName{{1, "UP"}, {2, "BROADCAST"}, {4, "DEBUG"}, {8, "LOOPBACK"}, {0x10, "POINTOPOINT"}, {0x20, "SMART"},
	{0x40, "RUNNING"}, {0x80, "NOARP"}, {0x100, "PROMISC"}, {0x200, "ALLMULTI"}, {0x400, "OACTIVE"}, {0x800, "SIMPLEX"},
	{0x8000, "MULTICAST"}}

// ifconfig shows interfaces, makes and unmakes them, and changes them (ifset.go).
func ifconfig(args []string) int {
	const use = "[-a | -l] [interface [create | destroy | parameters]]"
	c := &cmd{name: "ifconfig"}
	o, ok := getopt(args, "al", use)
	if !ok {
		return 1
	}
	if len(o.args) == 2 && (o.args[1] == "create" || o.args[1] == "destroy") {
		return c.clone(o.args[0], o.args[1])
	}
	if len(o.args) > 1 {
		return c.ifset(o.args[0], o.args[1:])
	}
	l, err := interfaces()
	if err != nil {
		c.warn("", err)
		return 1
	}
	if o.has('l') {
		var names []string
		for _, f := range l {
			names = append(names, f.name)
		}
		fmt.Fprintln(out, strings.Join(names, " "))
		return 0
	}
	found := false
	for _, f := range l {
		if len(o.args) == 1 && o.args[0] != f.name {
			continue
		}
		found = true
		fmt.Fprintf(out, "%s: flags=%x<%s> mtu %d\n", f.name, f.flags, bitNames(f.flags, ifFlags), f.mtu)
		if len(f.ether) == 6 {
			fmt.Fprintf(out, "\tether %s\n", etherText(f.ether))
		}
		for _, a := range f.addrs {
			if a.addr.Is4() {
				fmt.Fprintf(out, "\tinet %v", a.addr)
				if a.brd.IsValid() && f.flags&unix.IFF_POINTOPOINT != 0 {
					fmt.Fprintf(out, " --> %v", a.brd)
				}
				fmt.Fprintf(out, " netmask 0x%08x", ^uint32(0)<<(32-a.bits))
				if a.brd.IsValid() && f.flags&unix.IFF_BROADCAST != 0 {
					fmt.Fprintf(out, " broadcast %v", a.brd)
				}
			} else {
				fmt.Fprintf(out, "\tinet6 %v", a.addr)
				if a.brd.IsValid() {
					fmt.Fprintf(out, " --> %v", a.brd)
				}
				fmt.Fprintf(out, " prefixlen %d", a.bits)
				if a.addr.Zone() != "" {
					fmt.Fprintf(out, " scopeid %#x", f.index)
				}
			}
			fmt.Fprintln(out)
		}
		if len(f.ether) == 6 {
			fmt.Fprintln(out, "\tstatus: active")
		}
	}
	if !found {
		return c.fail("interface %s does not exist", o.args[0])
	}
	return 0
}

// clone is SIOCIFCREATE or SIOCIFDESTROY.
func (c *cmd) clone(name, verb string) int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		c.warn("socket", err)
		return 1
	}
	defer unix.Close(fd)
	var req [32]byte
	copy(req[:15], name)
	call := map[string]uintptr{"create": 0xc0206978, "destroy": 0x80206979}[verb]
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), call, uintptr(unsafe.Pointer(&req))); e != 0 {
		c.warn(map[string]string{"create": "SIOCIFCREATE", "destroy": "SIOCIFDESTROY"}[verb], e)
		return 1
	}
	if made := unix.ByteSliceToString(req[:16]); verb == "create" && made != name {
		fmt.Fprintln(out, made)
	}
	return 0
}
