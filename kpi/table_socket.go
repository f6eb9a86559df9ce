package kpi

import (
	"net/netip"

	"puggle/abi"
	"puggle/bsd/socket"
)

func init() {
	register("sys/kpi_socket.h", "2006", "bsd", []Row{
		{Name: "sock_gettype", Proto: "errno_t sock_gettype(socket_t so, int *domain, int *type, int *protocol)", Handler: ofSocket(sockGettype)},
		{Name: "sock_getsockname", Proto: "errno_t sock_getsockname(socket_t so, struct sockaddr *name, int len)", Handler: ofSocket(sockName((*socket.Socket).SockName))},
		{Name: "sock_getpeername", Proto: "errno_t sock_getpeername(socket_t so, struct sockaddr *name, int len)", Handler: ofSocket(sockName((*socket.Socket).PeerName))},
		{Name: "sock_isconnected", Proto: "int sock_isconnected(socket_t so)", Handler: ofSocket(func(_ *Call, so *socket.Socket) uint64 {
			_, e := so.PeerName()
			return boolean(e == 0)
		})},
		{Name: "sock_getsockopt", Proto: "errno_t sock_getsockopt(socket_t so, int level, int name, void *val, int *len)", Handler: ofSocket(sockGetsockopt)},
		{Name: "sock_setsockopt", Proto: "errno_t sock_setsockopt(socket_t so, int level, int name, const void *val, int len)", Handler: ofSocket(sockSetsockopt)},
		{Name: "sock_shutdown", Proto: "errno_t sock_shutdown(socket_t so, int how)", Handler: ofSocket(func(c *Call, so *socket.Socket) uint64 {
			if !c.maySleep() {
				return 0
			}
			return uint64(so.Shutdown(c.T.context(), int(c.I32(1))))
		})},
	})
	register("netinet/in.h", "2006", "bsd", []Row{
		{Name: "inet_ntop", Proto: "const char *inet_ntop(int af, const void *from, char *to, socklen_t size)", Handler: inetNtop},
	})
}

func sockGettype(c *Call, so *socket.Socket) uint64 {
	for i, v := range []int{so.Family(), so.Kind(), so.Protocol()} {
		if a := c.Addr(1 + i); a != 0 && !c.Put32(a, uint32(v)) {
			break
		}
	}
	return 0
}

// sockName stores as much of an address as there is room for.
func sockName(get func(*socket.Socket) ([]byte, abi.Errno)) func(*Call, *socket.Socket) uint64 {
	return func(c *Call, so *socket.Socket) uint64 {
		a, n := c.Addr(1), c.I32(2)
		if a == 0 || n <= 0 {
			return uint64(abi.EINVAL)
		}
		b, e := get(so)
		if e != 0 {
			return uint64(e)
		}
		if !c.K.Write(a, b[:min(len(b), int(n))]) {
			return c.Panic("an address can't be stored at " + hex(a))
		}
		return 0
	}
}

func sockGetsockopt(c *Call, so *socket.Socket) uint64 {
	if !c.maySleep() {
		return 0
	}
	n, ok := c.K.U32(c.Addr(4))
	if !ok {
		return uint64(abi.EINVAL)
	}
	b, e := so.Getsockopt(c.T.context(), int(c.I32(1)), int(c.I32(2)), int(min(n, 4096)))
	if e != 0 {
		return uint64(e)
	}
	if !c.K.Write(c.Addr(3), b) {
		return c.Panic("sock_getsockopt: the value can't be stored at " + hex(c.Addr(3)))
	}
	c.Put32(c.Addr(4), uint32(len(b)))
	return 0
}

func sockSetsockopt(c *Call, so *socket.Socket) uint64 {
	if !c.maySleep() {
		return 0
	}
	n := c.I32(4)
	if n < 0 || n > 4096 {
		return uint64(abi.EINVAL)
	}
	b := make([]byte, n)
	if !c.K.Read(b, c.Addr(3)) {
		return c.Panic("sock_setsockopt: the value at " + hex(c.Addr(3)) + " can't be read")
	}
	return uint64(so.Setsockopt(c.T.context(), int(c.I32(1)), int(c.I32(2)), b))
}

// inetNtop writes an address as text: NULL for another family, and when there is no room.
func inetNtop(c *Call) uint64 {
	var ip netip.Addr
	switch c.I32(0) {
	case abi.AF_INET:
		var b [4]byte
		if !c.K.Read(b[:], c.Addr(1)) {
			return c.Panic("inet_ntop: the address can't be read")
		}
		ip = netip.AddrFrom4(b)
	case abi.AF_INET6:
		var b [16]byte
		if !c.K.Read(b[:], c.Addr(1)) {
			return c.Panic("inet_ntop: the address can't be read")
		}
		ip = netip.AddrFrom16(b)
	default:
		return 0
	}
	s := append([]byte(ip.String()), 0)
	if uint64(len(s)) > uint64(c.U32(3)) {
		return 0
	}
	if !c.K.Write(c.Addr(2), s) {
		return c.Panic("inet_ntop: the text can't be stored")
	}
	return c.Arg(2)
}
