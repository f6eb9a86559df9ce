/* Internet addresses. */
#ifndef _NETINET_IN_H_
#define _NETINET_IN_H_
#include <sys/types.h>
#include <sys/socket.h>
struct in_addr { in_addr_t s_addr; };
struct sockaddr_in { uint8_t sin_len; sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; char sin_zero[8]; };
struct in6_addr {
	union { uint8_t __u6_addr8[16]; uint16_t __u6_addr16[8]; uint32_t __u6_addr32[4]; } __u6_addr;
};
#define s6_addr __u6_addr.__u6_addr8
struct sockaddr_in6 {
	uint8_t sin6_len; sa_family_t sin6_family; in_port_t sin6_port;
	uint32_t sin6_flowinfo; struct in6_addr sin6_addr; uint32_t sin6_scope_id;
};
struct ip_mreqn { struct in_addr imr_multiaddr, imr_address; int imr_ifindex; };
struct ip_mreq_source { struct in_addr imr_multiaddr, imr_sourceaddr, imr_interface; };
struct group_req { uint32_t gr_interface; struct sockaddr_storage gr_group; } __attribute__((packed, aligned(4)));
struct group_source_req { uint32_t gsr_interface; struct sockaddr_storage gsr_group, gsr_source; } __attribute__((packed, aligned(4)));
struct in_pktinfo { unsigned ipi_ifindex; struct in_addr ipi_spec_dst, ipi_addr; };
struct in6_pktinfo { struct in6_addr ipi6_addr; unsigned ipi6_ifindex; };
struct ip_mreq { struct in_addr imr_multiaddr, imr_interface; };
struct ipv6_mreq { struct in6_addr ipv6mr_multiaddr; unsigned ipv6mr_interface; };
#define INADDR_ANY ((in_addr_t)0)
#define INADDR_LOOPBACK ((in_addr_t)0x7f000001)
#define INADDR_BROADCAST ((in_addr_t)0xffffffff)
#define INADDR_NONE ((in_addr_t)0xffffffff)
#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46
#define IN6ADDR_ANY_INIT {{{0}}}
#define IN6ADDR_LOOPBACK_INIT {{{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1}}}
#define IN6_IS_ADDR_UNSPECIFIED(a) (!((a)->__u6_addr.__u6_addr32[0] | (a)->__u6_addr.__u6_addr32[1] | (a)->__u6_addr.__u6_addr32[2] | (a)->__u6_addr.__u6_addr32[3]))
#define IN6_IS_ADDR_LOOPBACK(a) (!((a)->__u6_addr.__u6_addr32[0] | (a)->__u6_addr.__u6_addr32[1] | (a)->__u6_addr.__u6_addr32[2]) && (a)->__u6_addr.__u6_addr32[3] == 0x01000000u)
#define IN6_IS_ADDR_V4COMPAT(a) (!((a)->__u6_addr.__u6_addr32[0] | (a)->__u6_addr.__u6_addr32[1] | (a)->__u6_addr.__u6_addr32[2]) && __builtin_bswap32((a)->__u6_addr.__u6_addr32[3]) > 1)
#define IN6_IS_ADDR_SITELOCAL(a) ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0xc0)
#define IN6_ARE_ADDR_EQUAL(a, b) (__builtin_memcmp((a), (b), sizeof(struct in6_addr)) == 0)
#define IN6_IS_ADDR_V4MAPPED(a) ((a)->__u6_addr.__u6_addr32[0] == 0 && (a)->__u6_addr.__u6_addr32[1] == 0 && (a)->__u6_addr.__u6_addr32[2] == 0xffff0000u)
#define IN6_IS_ADDR_LINKLOCAL(a) ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)
#define IN6_IS_ADDR_MULTICAST(a) ((a)->s6_addr[0] == 0xff)
extern const struct in6_addr in6addr_any, in6addr_loopback;
#define IN_CLASSA(i) (((uint32_t)(i) & 0x80000000) == 0)
#define IN_CLASSB(i) (((uint32_t)(i) & 0xc0000000) == 0x80000000)
#define IN_CLASSC(i) (((uint32_t)(i) & 0xe0000000) == 0xc0000000)
#define IN_CLASSD(i) (((uint32_t)(i) & 0xf0000000) == 0xe0000000)
#define IN_MULTICAST(i) IN_CLASSD(i)
#define IN_LOOPBACKNET 127
#define INADDR_UNSPEC_GROUP ((in_addr_t)0xe0000000)
#define INADDR_ALLHOSTS_GROUP ((in_addr_t)0xe0000001)
#define INADDR_MAX_LOCAL_GROUP ((in_addr_t)0xe00000ff)
#define IPPORT_RESERVED 1024
#define IPPORT_USERRESERVED 5000
#define IPV6_ADD_MEMBERSHIP IPV6_JOIN_GROUP
#define IPV6_DROP_MEMBERSHIP IPV6_LEAVE_GROUP
#define IPV6_HOPLIMIT 0x2f
#define MCAST_JOIN_GROUP 80
#define MCAST_LEAVE_GROUP 81
#define MCAST_JOIN_SOURCE_GROUP 82
#define MCAST_LEAVE_SOURCE_GROUP 83
#define IP_MAX_MEMBERSHIPS 4095
#define IPPROTO_SCTP 132
#define IPPROTO_MAX 256
#define IPPROTO_AH               0x33
#define IPPROTO_DSTOPTS          0x3c
#define IPPROTO_ESP              0x32
#define IPPROTO_FRAGMENT         0x2c
#define IPPROTO_HOPOPTS          0x0
#define IPPROTO_ICMP             0x1
#define IPPROTO_ICMPV6           0x3a
#define IPPROTO_IGMP             0x2
#define IPPROTO_IP               0x0
#define IPPROTO_IPV4             0x4
#define IPPROTO_IPV6             0x29
#define IPPROTO_NONE             0x3b
#define IPPROTO_RAW              0xff
#define IPPROTO_ROUTING          0x2b
#define IPPROTO_TCP              0x6
#define IPPROTO_UDP              0x11
#define IPV6_BOUND_IF            0x7d
#define IPV6_DONTFRAG            0x3e
#define IPV6_JOIN_GROUP          0xc
#define IPV6_LEAVE_GROUP         0xd
#define IPV6_MULTICAST_HOPS      0xa
#define IPV6_MULTICAST_IF        0x9
#define IPV6_MULTICAST_LOOP      0xb
#define IPV6_PKTINFO             0x2e
#define IPV6_RECVDSTOPTS         0x28
#define IPV6_RECVHOPLIMIT        0x25
#define IPV6_RECVHOPOPTS         0x27
#define IPV6_RECVPATHMTU         0x2b
#define IPV6_RECVPKTINFO         0x3d
#define IPV6_RECVRTHDR           0x26
#define IPV6_RECVTCLASS          0x23
#define IPV6_TCLASS              0x24
#define IPV6_UNICAST_HOPS        0x4
#define IPV6_V6ONLY              0x1b
#define IP_ADD_MEMBERSHIP        0xc
#define IP_ADD_SOURCE_MEMBERSHIP 0x46
#define IP_BOUND_IF              0x19
#define IP_DONTFRAG              0x1c
#define IP_DROP_MEMBERSHIP       0xd
#define IP_DROP_SOURCE_MEMBERSHIP 0x47
#define IP_HDRINCL               0x2
#define IP_MULTICAST_IF          0x9
#define IP_MULTICAST_IFINDEX     0x42
#define IP_MULTICAST_LOOP        0xb
#define IP_MULTICAST_TTL         0xa
#define IP_MULTICAST_VIF         0xe
#define IP_OPTIONS               0x1
#define IP_PKTINFO               0x1a
#define IP_PORTRANGE             0x13
#define IP_RECVDSTADDR           0x7
#define IP_RECVIF                0x14
#define IP_RECVOPTS              0x5
#define IP_RECVPKTINFO           0x1a
#define IP_RECVRETOPTS           0x6
#define IP_RECVTOS               0x1b
#define IP_RECVTTL               0x18
#define IP_TOS                   0x3
#define IP_TTL                   0x4
#endif
