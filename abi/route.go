package abi

// The routing messages and the sysctl that shows the routing table
// (<net/route.h>, <net/if.h>, <sys/socket.h>): MIB CTL_NET, PF_ROUTE, 0,
// family, NET_RT_*, flags or index.
const (
	NET_RT_DUMP    = 1
	NET_RT_FLAGS   = 2
	NET_RT_IFLIST  = 3
	NET_RT_STAT    = 4
	NET_RT_TRASH   = 5
	NET_RT_IFLIST2 = 6
	NET_RT_DUMP2   = 7

	RTM_VERSION   = 5
	RTM_ADD       = 1
	RTM_DELETE    = 2
	RTM_CHANGE    = 3
	RTM_GET       = 4
	RTM_LOCK      = 8
	RTM_NEWADDR   = 12
	RTM_DELADDR   = 13
	RTM_IFINFO    = 14
	RTM_NEWMADDR  = 15
	RTM_DELMADDR  = 16
	RTM_IFINFO2   = 18
	RTM_NEWMADDR2 = 19
	RTM_GET2      = 20

	RTM_GET_SILENT = 0x11 // the answer goes to who asked alone

	RTA_DST     = 0x1
	RTA_GATEWAY = 0x2
	RTA_NETMASK = 0x4
	RTA_IFP     = 0x10
	RTA_IFA     = 0x20
	RTA_BRD     = 0x80
	RTAX_MAX    = 8 // how many kinds of address there are

	RTF_UP        = 0x1
	RTF_GATEWAY   = 0x2
	RTF_HOST      = 0x4
	RTF_REJECT    = 0x8
	RTF_DONE      = 0x40
	RTF_CLONING   = 0x100
	RTF_LLINFO    = 0x400
	RTF_STATIC    = 0x800
	RTF_BLACKHOLE = 0x1000
	RTF_PRCLONING = 0x10000
	RTF_LOCAL     = 0x200000
	RTF_MULTICAST = 0x800000
	RTF_IFSCOPE   = 0x1000000
	RTF_GLOBAL    = 0x40000000
)

// Sizes of the messages' headers.
const (
	RtMsghdrSize    = 92
	RtMsghdr2Size   = 92
	IfMsghdrSize    = 112
	IfMsghdr2Size   = 160
	IfaMsghdrSize   = 20
	IfmaMsghdrSize  = 16
	IfmaMsghdr2Size = 20
)

// Interface flags and types.
const (
	IFF_UP          = 0x1
	IFF_BROADCAST   = 0x2
	IFF_LOOPBACK    = 0x8
	IFF_POINTOPOINT = 0x10
	IFF_RUNNING     = 0x40
	IFF_PROMISC     = 0x100
	IFF_SIMPLEX     = 0x800
	IFF_MULTICAST   = 0x8000

	IFT_OTHER  = 1
	IFT_ETHER  = 6
	IFT_LOOP   = 24
	IFT_L2VLAN = 0x87
)

// Interface ioctls (<sys/sockio.h>). IFNAMSIZ bytes of name come first.
const (
	IFNAMSIZ       = 16
	IfreqSize      = 32
	SIOCGIFCONF    = 0xc00c6924
	SIOCGIFCONF64  = 0xc0106924
	SIOCGIFFLAGS   = 0xc0206911
	SIOCGIFADDR    = 0xc0206921
	SIOCGIFDSTADDR = 0xc0206922
	SIOCGIFBRDADDR = 0xc0206923
	SIOCGIFNETMASK = 0xc0206925
	SIOCGIFMETRIC  = 0xc0206917
	SIOCGIFMTU     = 0xc0206933
	SIOCGIFINDEX   = 0xc0206920
	SIOCIFCREATE   = 0xc0206978
	SIOCIFDESTROY  = 0x80206979

	SIOCSIFADDR     = 0x8020690c
	SIOCSIFDSTADDR  = 0x8020690e
	SIOCSIFFLAGS    = 0x80206910
	SIOCSIFNETMASK  = 0x80206916
	SIOCSIFMTU      = 0x80206934
	SIOCAIFADDR     = 0x8040691a // struct ifaliasreq
	SIOCDIFADDR     = 0x80206919
	SIOCAIFADDR_IN6 = 0x8080691a // struct in6_aliasreq
	SIOCDIFADDR_IN6 = 0x81206919 // struct in6_ifreq
	IfaliasreqSize  = 64
	In6AliasreqSize = 128
	In6IfreqSize    = 288
	IF_MINMTU       = 72
	IF_MAXMTU       = 65535
)
