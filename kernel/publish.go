package kernel

import (
	"fmt"
	hostnet "net"
	"strconv"
	"strings"

	"puggle/bsd/net"
)

// ParsePublish reads [[HOST:]PORT:]GUESTPORT[,...], as in PUGGLE_PUBLISH: connections to
// PORT of the host lead to GUESTPORT of the machine. HOST is 127.0.0.1 if not given, and
// PORT is GUESTPORT. "" is none.
func ParsePublish(list string) ([]net.Publication, error) {
	var l []net.Publication
	for _, s := range strings.Split(list, ",") {
		if s == "" {
			continue
		}
		host, rest := "127.0.0.1", s
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			if j := strings.LastIndexByte(s[:i], ':'); j >= 0 {
				host, rest = strings.Trim(s[:j], "[]"), s[j+1:]
			}
		}
		port, guest, two := strings.Cut(rest, ":")
		if !two {
			guest = port
		}
		g, err := strconv.ParseUint(guest, 10, 16)
		h, err2 := strconv.ParseUint(port, 10, 16)
		if err != nil || err2 != nil || g == 0 || h == 0 {
			return nil, fmt.Errorf("publish %q: must be PORT, PORT:GUESTPORT or HOST:PORT:GUESTPORT", s)
		}
		l = append(l, net.Publication{Host: hostnet.JoinHostPort(host, port), Guest: uint16(g)})
	}
	return l, nil
}
