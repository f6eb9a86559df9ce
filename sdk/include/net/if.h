/* Interfaces. */
#ifndef _NET_IF_H_
#define _NET_IF_H_
#include <sys/types.h>
#include <sys/socket.h>
#define IF_NAMESIZE 16
#define IFNAMSIZ 16
struct if_nameindex { unsigned if_index; char *if_name; };
#define IFF_UP 0x1
#define IFF_BROADCAST 0x2
#define IFF_LOOPBACK 0x8
#define IFF_POINTOPOINT 0x10
#define IFF_RUNNING 0x40
#define IFF_DEBUG 0x4
#define IFF_NOTRAILERS 0x20
#define IFF_NOARP 0x80
#define IFF_PROMISC 0x100
#define IFF_ALLMULTI 0x200
#define IFF_MULTICAST 0x8000
struct ifreq {
	char ifr_name[IFNAMSIZ];
	union {
		struct sockaddr ifru_addr, ifru_dstaddr, ifru_broadaddr;
		short ifru_flags;
		int ifru_metric, ifru_mtu, ifru_phys, ifru_media, ifru_intval;
		caddr_t ifru_data;
	} ifr_ifru;
};
#define ifr_addr ifr_ifru.ifru_addr
#define ifr_dstaddr ifr_ifru.ifru_dstaddr
#define ifr_broadaddr ifr_ifru.ifru_broadaddr
#define ifr_flags ifr_ifru.ifru_flags
#define ifr_metric ifr_ifru.ifru_metric
#define ifr_mtu ifr_ifru.ifru_mtu
#define ifr_data ifr_ifru.ifru_data
#pragma pack(4)
struct ifconf {
	int ifc_len;
	union { caddr_t ifcu_buf; struct ifreq *ifcu_req; } ifc_ifcu;
};
#pragma pack()
#define ifc_buf ifc_ifcu.ifcu_buf
#define ifc_req ifc_ifcu.ifcu_req
__BEGIN_DECLS
unsigned if_nametoindex(const char *);
char *if_indextoname(unsigned, char *);
struct if_nameindex *if_nameindex(void);
void if_freenameindex(struct if_nameindex *);
__END_DECLS
#endif
