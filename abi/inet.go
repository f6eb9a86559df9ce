package abi

import (
	"encoding/binary"
	"net/netip"
)

// Protocols (<netinet/in.h>).
const (
	IPPROTO_IP     = 0
	IPPROTO_ICMP   = 1
	IPPROTO_IGMP   = 2
	IPPROTO_TCP    = 6
	IPPROTO_UDP    = 17
	IPPROTO_IPV6   = 41
	IPPROTO_ICMPV6 = 58
	IPPROTO_RAW    = 255
)

// Options at IPPROTO_IP.
const (
	IP_OPTIONS                = 1
	IP_HDRINCL                = 2
	IP_TOS                    = 3
	IP_TTL                    = 4
	IP_RECVOPTS               = 5
	IP_RECVRETOPTS            = 6
	IP_RECVDSTADDR            = 7
	IP_MULTICAST_IF           = 9
	IP_MULTICAST_TTL          = 10
	IP_MULTICAST_LOOP         = 11
	IP_ADD_MEMBERSHIP         = 12
	IP_DROP_MEMBERSHIP        = 13
	IP_PORTRANGE              = 19
	IP_RECVIF                 = 20
	IP_STRIPHDR               = 23
	IP_RECVTTL                = 24
	IP_BOUND_IF               = 25
	IP_PKTINFO                = 26
	IP_RECVTOS                = 27
	IP_DONTFRAG               = 28
	IP_MULTICAST_IFINDEX      = 66
	IP_ADD_SOURCE_MEMBERSHIP  = 70
	IP_DROP_SOURCE_MEMBERSHIP = 71
	IP_BLOCK_SOURCE           = 72
	IP_UNBLOCK_SOURCE         = 73
)

// Options at IPPROTO_IPV6.
const (
	IPV6_UNICAST_HOPS   = 4
	IPV6_MULTICAST_IF   = 9
	IPV6_MULTICAST_HOPS = 10
	IPV6_MULTICAST_LOOP = 11
	IPV6_JOIN_GROUP     = 12
	IPV6_LEAVE_GROUP    = 13
	IPV6_PORTRANGE      = 14
	IPV6_2292PKTINFO    = 19
	IPV6_2292HOPLIMIT   = 20
	IPV6_CHECKSUM       = 26
	IPV6_V6ONLY         = 27
	IPV6_RECVTCLASS     = 35
	IPV6_TCLASS         = 36
	IPV6_RECVHOPLIMIT   = 37
	IPV6_PKTINFO        = 46
	IPV6_HOPLIMIT       = 47
	IPV6_RECVPKTINFO    = 61
	IPV6_DONTFRAG       = 62
	IPV6_BOUND_IF       = 125
	ICMP6_FILTER        = 18
	MCAST_JOIN_GROUP    = 80
	MCAST_LEAVE_GROUP   = 81
	IPV6_PATHMTU        = 44
	IPV6_RECVPATHMTU    = 43
	IPV6_USE_MIN_MTU    = 42
	IP_MAX_MEMBERSHIPS  = 4095
)

// Options at IPPROTO_TCP (<netinet/tcp.h>).
const (
	TCP_NODELAY             = 0x01
	TCP_MAXSEG              = 0x02
	TCP_NOPUSH              = 0x04
	TCP_NOOPT               = 0x08
	TCP_KEEPALIVE           = 0x10 // seconds of idleness
	TCP_CONNECTIONTIMEOUT   = 0x20
	PERSIST_TIMEOUT         = 0x40
	TCP_RXT_CONNDROPTIME    = 0x80
	TCP_RXT_FINDROP         = 0x100
	TCP_KEEPINTVL           = 0x101
	TCP_KEEPCNT             = 0x102
	TCP_SENDMOREACKS        = 0x103
	TCP_ENABLE_ECN          = 0x104
	TCP_FASTOPEN            = 0x105
	TCP_CONNECTION_INFO     = 0x106
	TCP_NOTSENT_LOWAT       = 0x201
	TCPConnectionInfoSize   = 112
	TCPCI_OPT_TIMESTAMPS    = 0x1
	TCPCI_OPT_SACK          = 0x2
	TCPCI_OPT_WSCALE        = 0x4
	TCPS_CLOSED             = 0
	TCPS_LISTEN             = 1
	TCPS_SYN_SENT           = 2
	TCPS_SYN_RECEIVED       = 3
	TCPS_ESTABLISHED        = 4
	TCPS_CLOSE_WAIT         = 5
	TCPS_FIN_WAIT_1         = 6
	TCPS_CLOSING            = 7
	TCPS_LAST_ACK           = 8
	TCPS_FIN_WAIT_2         = 9
	TCPS_TIME_WAIT          = 10
	DefaultTCPKeepIdleSecs  = 7200
	DefaultTCPKeepIntvlSecs = 75
	DefaultTCPKeepCount     = 8
)

// Sizes of struct sockaddr_in, sockaddr_in6 and sockaddr_dl.
const (
	SockaddrInLen  = 16
	SockaddrIn6Len = 28
	SockaddrDlLen  = 20
)

// SockaddrIn makes a struct sockaddr_in.
func SockaddrIn(addr [4]byte, port uint16) []byte {
	b := make([]byte, SockaddrInLen)
	b[0], b[1] = SockaddrInLen, AF_INET
	binary.BigEndian.PutUint16(b[2:], port)
	copy(b[4:], addr[:])
	return b
}

// SockaddrIn6 makes a struct sockaddr_in6; scope is an interface index.
func SockaddrIn6(addr [16]byte, port uint16, scope uint32) []byte {
	b := make([]byte, SockaddrIn6Len)
	b[0], b[1] = SockaddrIn6Len, AF_INET6
	binary.BigEndian.PutUint16(b[2:], port)
	copy(b[8:], addr[:])
	binary.LittleEndian.PutUint32(b[24:], scope)
	return b
}

// ParseSockaddrIn reads an AF_INET or AF_INET6 address, not looking at sa_len
// (as the kernel takes the length from the call). EINVAL when it is too short,
// EAFNOSUPPORT for another family.
func ParseSockaddrIn(b []byte) (addr netip.Addr, port uint16, scope uint32, e Errno) {
	if len(b) < 2 {
		return addr, 0, 0, EINVAL
	}
	switch b[1] {
	case AF_INET:
		if len(b) < SockaddrInLen {
			return addr, 0, 0, EINVAL
		}
		return netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[2:]), 0, 0
	case AF_INET6:
		if len(b) < SockaddrIn6Len {
			return addr, 0, 0, EINVAL
		}
		return netip.AddrFrom16([16]byte(b[8:24])), binary.BigEndian.Uint16(b[2:]),
			binary.LittleEndian.Uint32(b[24:]), 0
	}
	return addr, 0, 0, EAFNOSUPPORT
}

// SockaddrDl makes a struct sockaddr_dl for an interface.
func SockaddrDl(index int, typ byte, name string, lladdr []byte) []byte {
	n := 8 + len(name) + len(lladdr)
	if n < SockaddrDlLen {
		n = SockaddrDlLen
	}
	b := make([]byte, n)
	b[0], b[1] = byte(n), AF_LINK
	binary.LittleEndian.PutUint16(b[2:], uint16(index))
	b[4], b[5], b[6] = typ, byte(len(name)), byte(len(lladdr))
	copy(b[8:], name)
	copy(b[8+len(name):], lladdr)
	return b
}
