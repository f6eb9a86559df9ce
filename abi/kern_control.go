package abi

// The system family (<sys/sys_domain.h>): kernel controls (<sys/kern_control.h>) and kernel
// events (<sys/kern_event.h>, <net/net_kev.h>).
const (
	SYSPROTO_EVENT   = 1
	SYSPROTO_CONTROL = 2
	AF_SYS_CONTROL   = 2

	SockaddrCtlLen = 32
	MAX_KCTL_NAME  = 96
	CtlInfoSize    = 4 + MAX_KCTL_NAME // struct ctl_info
	CTLIOCGCOUNT   = 0x40044e02
	CTLIOCGINFO    = 0xc0644e03

	KevHeaderSize  = 24 // struct kern_event_msg without its data
	SIOCGKEVID     = 0x40046501
	SIOCSKEVFILT   = 0x800c6502
	SIOCGKEVFILT   = 0x400c6503
	SIOCGKEVVENDOR = 0xc0cc6504

	KEV_VENDOR_APPLE   = 1
	KEV_NETWORK_CLASS  = 1
	KEV_INET_SUBCLASS  = 1
	KEV_DL_SUBCLASS    = 2
	KEV_INET6_SUBCLASS = 6

	KEV_INET_NEW_ADDR       = 1
	KEV_INET_ADDR_DELETED   = 3
	KEV_INET6_NEW_USER_ADDR = 1
	KEV_INET6_ADDR_DELETED  = 3
	KEV_DL_SIFFLAGS         = 1
	KEV_DL_SIFMTU           = 3
	KEV_DL_IF_ATTACHED      = 9
	KEV_DL_IF_DETACHED      = 11
)

// The control of packet tunnels (<net/if_utun.h>).
const (
	UTUN_CONTROL_NAME            = "com.apple.net.utun_control"
	UTUN_OPT_FLAGS               = 1
	UTUN_OPT_IFNAME              = 2
	UTUN_OPT_MAX_PENDING_PACKETS = 16
)

// SockaddrCtl is a struct sockaddr_ctl.
func SockaddrCtl(id, unit uint32) []byte {
	b := make([]byte, SockaddrCtlLen)
	b[0], b[1], b[2] = SockaddrCtlLen, AF_SYSTEM, AF_SYS_CONTROL
	for i := range 4 {
		b[4+i], b[8+i] = byte(id>>(8*i)), byte(unit>>(8*i))
	}
	return b
}
