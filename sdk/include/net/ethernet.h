/* The header of Ethernet. */
#ifndef _NET_ETHERNET_H_
#define _NET_ETHERNET_H_
#include <sys/types.h>
#define ETHER_ADDR_LEN 6
#define ETHER_TYPE_LEN 2
#define ETHER_CRC_LEN 4
#define ETHER_HDR_LEN 14
#define ETHER_MIN_LEN 64
#define ETHER_MAX_LEN 1518
#define ETHERMTU 1500
#define ETHERTYPE_IP 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
typedef struct ether_header { uint8_t ether_dhost[6], ether_shost[6]; uint16_t ether_type; } ether_header_t;
typedef struct ether_addr { uint8_t octet[6]; } ether_addr_t;
#define ether_addr_octet octet
#endif
