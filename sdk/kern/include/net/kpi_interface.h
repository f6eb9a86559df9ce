/* Network interfaces in the hands of kernel code. */
#ifndef __KPI_INTERFACE__
#define __KPI_INTERFACE__

#include <sys/kernel_types.h>
#include <sys/kpi_mbuf.h>
#include <sys/socket.h>

typedef uint32_t protocol_family_t; /* PF_INET, PF_INET6; 0: all */
typedef uint32_t ifnet_family_t;

enum {
	IFNET_FAMILY_ANY = 0,
	IFNET_FAMILY_LOOPBACK = 1,
	IFNET_FAMILY_ETHERNET = 2,
	IFNET_FAMILY_SLIP = 3,
	IFNET_FAMILY_TUN = 4,
	IFNET_FAMILY_VLAN = 5,
	IFNET_FAMILY_PPP = 6,
	IFNET_FAMILY_UTUN = 17
};

#define IFF_UP 0x1
#define IFF_BROADCAST 0x2
#define IFF_LOOPBACK 0x8
#define IFF_POINTOPOINT 0x10
#define IFF_RUNNING 0x40
#define IFF_MULTICAST 0x8000

__BEGIN_DECLS
/* ENXIO: there is none. An ifnet_t stays valid; of an interface that has gone it tells 0. */
errno_t ifnet_find_by_name(const char *ifname, ifnet_t *interface);
errno_t ifnet_reference(ifnet_t interface);
errno_t ifnet_release(ifnet_t interface);
const char *ifnet_name(ifnet_t interface); /* without the unit */
uint32_t ifnet_unit(ifnet_t interface);
uint32_t ifnet_index(ifnet_t interface);
ifnet_family_t ifnet_family(ifnet_t interface);
uint8_t ifnet_type(ifnet_t interface);
uint16_t ifnet_flags(ifnet_t interface);
uint32_t ifnet_mtu(ifnet_t interface);
uint8_t ifnet_hdrlen(ifnet_t interface);
uint8_t ifnet_addrlen(ifnet_t interface);
/* EMSGSIZE for another length than the address has. */
errno_t ifnet_lladdr_copy_bytes(ifnet_t interface, void *lladdr, size_t length);
__END_DECLS

#endif
