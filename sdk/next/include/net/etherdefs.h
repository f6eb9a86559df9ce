/* 10-megabit Ethernet. The address of a driver's output function is six bytes. */
#ifndef _NET_ETHERDEFS_H
#define _NET_ETHERDEFS_H

#define IFTYPE_ETHERNET "10MB Ethernet"

#define ETHERHDRSIZE 14
#define ETHERMTU 1500
#define ETHERTYPE_IP 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_TRAIL 0x1000
#define ETHERTYPE_NTRAILER 16

struct ether_header {
	unsigned char ether_dhost[6], ether_shost[6];
	unsigned short ether_type; /* in the network's order */
};

#endif
