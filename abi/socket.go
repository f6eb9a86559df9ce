package abi

import "encoding/binary"

// Address and protocol families (<sys/socket.h>).
const (
	AF_UNSPEC = 0
	AF_UNIX   = 1
	AF_INET   = 2
	AF_ROUTE  = 17
	AF_LINK   = 18
	AF_NDRV   = 27
	AF_INET6  = 30
	AF_SYSTEM = 32
	AF_VSOCK  = 40
	AF_MAX    = 41
)

// Socket types.
const (
	SOCK_STREAM    = 1
	SOCK_DGRAM     = 2
	SOCK_RAW       = 3
	SOCK_RDM       = 4
	SOCK_SEQPACKET = 5
)

// SOMAXCONN is the default limit of a listen queue (kern.ipc.somaxconn).
const SOMAXCONN = 128

// SOCK_MAXADDRLEN is the longest address that a call may name.
const SOCK_MAXADDRLEN = 255

// SOL_SOCKET is the level of the socket layer's own options.
const SOL_SOCKET = 0xffff

// Options at SOL_SOCKET.
const (
	SO_DEBUG               = 0x0001
	SO_ACCEPTCONN          = 0x0002
	SO_REUSEADDR           = 0x0004
	SO_KEEPALIVE           = 0x0008
	SO_DONTROUTE           = 0x0010
	SO_BROADCAST           = 0x0020
	SO_USELOOPBACK         = 0x0040
	SO_LINGER              = 0x0080 // in ticks
	SO_OOBINLINE           = 0x0100
	SO_REUSEPORT           = 0x0200
	SO_TIMESTAMP           = 0x0400
	SO_TIMESTAMP_MONOTONIC = 0x0800
	SO_DONTTRUNC           = 0x2000
	SO_WANTMORE            = 0x4000
	SO_WANTOOBFLAG         = 0x8000
	SO_SNDBUF              = 0x1001
	SO_RCVBUF              = 0x1002
	SO_SNDLOWAT            = 0x1003
	SO_RCVLOWAT            = 0x1004
	SO_SNDTIMEO            = 0x1005
	SO_RCVTIMEO            = 0x1006
	SO_ERROR               = 0x1007
	SO_TYPE                = 0x1008
	SO_LABEL               = 0x1010
	SO_PEERLABEL           = 0x1011
	SO_NREAD               = 0x1020
	SO_NKE                 = 0x1021
	SO_NOSIGPIPE           = 0x1022
	SO_NOADDRERR           = 0x1023
	SO_NWRITE              = 0x1024
	SO_REUSESHAREUID       = 0x1025
	SO_NOTIFYCONFLICT      = 0x1026
	SO_UPCALLCLOSEWAIT     = 0x1027
	SO_LINGER_SEC          = 0x1080
	SO_RANDOMPORT          = 0x1082
	SO_NP_EXTENSIONS       = 0x1083
	SO_NUMRCVPKT           = 0x1112
	SO_NET_SERVICE_TYPE    = 0x1116
	SO_NETSVC_MARKING_LVL  = 0x1119
)

// Flags of send and receive.
const (
	MSG_OOB        = 0x1
	MSG_PEEK       = 0x2
	MSG_DONTROUTE  = 0x4
	MSG_EOR        = 0x8
	MSG_TRUNC      = 0x10
	MSG_CTRUNC     = 0x20
	MSG_WAITALL    = 0x40
	MSG_DONTWAIT   = 0x80
	MSG_EOF        = 0x100
	MSG_WAITSTREAM = 0x200
	MSG_FLUSH      = 0x400
	MSG_HOLD       = 0x800
	MSG_SEND       = 0x1000
	MSG_HAVEMORE   = 0x2000
	MSG_RCVMORE    = 0x4000
	MSG_NEEDSA     = 0x10000
	MSG_NOSIGNAL   = 0x80000
)

// What shutdown takes.
const (
	SHUT_RD   = 0
	SHUT_WR   = 1
	SHUT_RDWR = 2
)

// Control messages at SOL_SOCKET.
const (
	SCM_RIGHTS              = 1
	SCM_TIMESTAMP           = 2
	SCM_CREDS               = 3
	SCM_TIMESTAMP_MONOTONIC = 4
)

// Options of AF_UNIX sockets (<sys/un.h>), at level SOL_LOCAL.
const (
	SOL_LOCAL       = 0
	LOCAL_PEERCRED  = 1
	LOCAL_PEERPID   = 2
	LOCAL_PEEREPID  = 3
	LOCAL_PEERUUID  = 4
	LOCAL_PEEREUUID = 5
	LOCAL_PEERTOKEN = 6
)

// SockaddrUnLen is sizeof(struct sockaddr_un): two bytes and a path of 104.
const SockaddrUnLen = 106

// XucredSize is sizeof(struct xucred), what LOCAL_PEERCRED gives.
const XucredSize = 76

// CmsghdrSize is sizeof(struct cmsghdr): length, level, type. Control messages
// are aligned to CmsgAlign bytes.
const (
	CmsghdrSize = 12
	CmsgAlign   = 4
)

// CmsgSpace is CMSG_SPACE(n): what a control message with n bytes of data
// takes.
func CmsgSpace(n int) int { return CmsghdrSize + (n+CmsgAlign-1)&^(CmsgAlign-1) }

// AppendCmsg appends one control message.
func AppendCmsg(b []byte, level, typ int, data []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(CmsghdrSize+len(data)))
	b = binary.LittleEndian.AppendUint32(b, uint32(level))
	b = binary.LittleEndian.AppendUint32(b, uint32(typ))
	b = append(b, data...)
	for len(b)%CmsgAlign != 0 {
		b = append(b, 0)
	}
	return b
}

// Cmsg is one control message.
type Cmsg struct {
	Level, Type int
	Data        []byte
}

// ParseCmsgs takes a control buffer apart. EINVAL when a length lies.
func ParseCmsgs(b []byte) ([]Cmsg, Errno) {
	var out []Cmsg
	for len(b) >= CmsghdrSize {
		n := int(binary.LittleEndian.Uint32(b))
		if n < CmsghdrSize || n > len(b) {
			return nil, EINVAL
		}
		out = append(out, Cmsg{
			Level: int(int32(binary.LittleEndian.Uint32(b[4:]))),
			Type:  int(int32(binary.LittleEndian.Uint32(b[8:]))),
			Data:  b[CmsghdrSize:n],
		})
		n = (n + CmsgAlign - 1) &^ (CmsgAlign - 1)
		if n >= len(b) {
			break
		}
		b = b[n:]
	}
	return out, 0
}

// Socket ioctls (<sys/sockio.h>, <sys/filio.h>).
const (
	FIONREAD  = 0x4004667f
	FIONBIO   = 0x8004667e
	FIOASYNC  = 0x8004667d
	FIOSETOWN = 0x8004667c
	FIOGETOWN = 0x4004667b

	SIOCSPGRP  = 0x80047308
	SIOCGPGRP  = 0x40047309
	SIOCATMARK = 0x40047307
)
